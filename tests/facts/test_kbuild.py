# SPDX-License-Identifier: GPL-2.0-or-later
"""When the build compiles a file, from the makefiles."""

from __future__ import annotations

import pytest
from view_of_texts import Files

from reviewer.c.conditions import atom, parse_condition
from reviewer.facts.kbuild import build_gate
from reviewer.tree import open_tree

TREE = {
    "Kbuild": "obj-y += fs/\nobj-y += mm/\nobj-$(CONFIG_NET) += net/\n"
    "obj-y += arch/$(SRCARCH)/\n",
    "Makefile": "ifeq ($(KBUILD_EXTMOD),)\nlibs-y := lib/\nendif\n",
    "arch/x86/Kbuild": "obj-y += mm/\n",
    "arch/x86/Makefile": "drivers-$(CONFIG_PCI) += arch/x86/pci/\n",
    "arch/x86/mm/Makefile": "obj-y := init.o\n",
    "arch/x86/pci/Makefile": "obj-y := common.o\n",
    "lib/Makefile": "lib-y := ctype.o\nlib-$(CONFIG_X) += x.o\n",
    "fs/Makefile": "obj-y := open.o \\\n\tread.o # obj-y += no.o\n"
    "obj-$(CONFIG_PROC_FS) += proc/\nobj-$(CONFIG_EXT) += ext/\n"
    "ifeq ($(CONFIG_BLOCK),y)\nobj-y += buffer.o\nelse\nobj-y += no-block.o\nendif\n"
    "ifdef CONFIG_A\nifneq ($(CONFIG_B)$(CONFIG_C),)\nobj-y += abc.o\nendif\nendif\n"
    "ifneq ($(shell uname),Linux)\nobj-y += strange.o\nendif\n"
    "obj-y += $(wildcard w*.o)\nobj-$(subst m,y,$(CONFIG_S)) += s.o\n",
    "fs/proc/Makefile": "obj-y += proc.o\nproc-y := nommu.o\n"
    "proc-$(CONFIG_MMU) := task_mmu.o\nproc-y += inode.o\n"
    "proc-$(CONFIG_PROC_PAGE_MONITOR)\t+= page.o\n",
    "fs/ext/Makefile": "obj-$(CONFIG_EXT) += ext.o\next-y := super.o "
    "$(addprefix lib/, tree.o)\next-$(CONFIG_EXT_ACL) += acl.o\n"
    "ext-objs += old.o\n",
    "mm/Makefile": "mmu-y := nommu.o\nmmu-$(CONFIG_MMU) := memory.o\n"
    "obj-y := $(mmu-y) slab.o\nobj-m := always.o\n",
    "mm/Kbuild.txt": "",
    "net/Makefile": "",
    "net/Kbuild": "obj-$(CONFIG_INET) += ipv4/tcp.o\nobj-y += loop/\n",
    "net/loop/Makefile": "loop-y := a.o\na-y := loop.o\n",
}


@pytest.mark.parametrize(
    ("path", "gate"),
    [
        ("fs/open.c", "1"),
        ("fs/read.c", "1"),
        ("fs/buffer.c", "CONFIG_BLOCK"),
        ("fs/no-block.c", "!CONFIG_BLOCK"),
        ("fs/s.c", "IS_ENABLED(CONFIG_S)"),
        ("fs/proc/page.c", "CONFIG_PROC_PAGE_MONITOR && CONFIG_PROC_FS"),
        ("fs/proc/nommu.c", "!CONFIG_MMU && CONFIG_PROC_FS"),
        ("fs/proc/task_mmu.c", "CONFIG_MMU && CONFIG_PROC_FS"),
        ("fs/proc/inode.c", "CONFIG_PROC_FS"),
        ("fs/ext/super.c", "IS_ENABLED(CONFIG_EXT)"),
        ("fs/ext/old.c", "IS_ENABLED(CONFIG_EXT)"),
        ("fs/ext/lib/tree.c", "IS_ENABLED(CONFIG_EXT)"),
        ("mm/memory.c", "CONFIG_MMU"),
        ("mm/nommu.c", "!CONFIG_MMU"),
        ("mm/slab.c", "1"),
        ("mm/always.c", "1"),
        ("net/ipv4/tcp.c", "CONFIG_INET && CONFIG_NET || "
         "CONFIG_INET_MODULE && IS_ENABLED(CONFIG_NET)"),
        ("lib/ctype.c", "1"),
        ("lib/x.c", "IS_ENABLED(CONFIG_X)"),
        ("arch/x86/mm/init.c", "SRCARCH == x86"),
        ("arch/x86/pci/common.c", "IS_ENABLED(CONFIG_PCI) && SRCARCH == x86"),
    ],
)  # fmt: skip
def test_the_gate_of_a_file(path, gate):

    found = build_gate(path, Files(TREE))
    assert found.known
    assert found.condition.equivalent(parse_condition(gate)) or str(
        found.condition
    ) == (gate), str(found.condition)


def test_a_module_part_is_not_in_a_built_in_object():
    gate = build_gate("fs/ext/acl.c", Files(TREE)).condition
    built_in = {"CONFIG_EXT": True, "CONFIG_EXT_MODULE": False}
    assert str(gate.assign(built_in)) == "CONFIG_EXT_ACL"
    as_module = {"CONFIG_EXT": False, "CONFIG_EXT_MODULE": True}
    assert str(gate.assign(as_module)) == "IS_ENABLED(CONFIG_EXT_ACL)"


def test_several_options_in_one_test():
    gate = build_gate("fs/abc.c", Files(TREE)).condition
    assert gate.symbols == {"CONFIG_A", "CONFIG_B", "CONFIG_C"}
    assert not gate.opaque


def test_what_only_make_knows_is_opaque():
    assert build_gate("fs/strange.c", Files(TREE)).condition.opaque


@pytest.mark.parametrize(
    "path",
    ["include/linux/mm.h", "fs/no.c", "fs/wild.c", "tools/mm/page-types.c",
     "net/loop/a.c", "other/x.c", "Makefile", "../../etc/passwd.c", ""],
)  # fmt: skip
def test_what_cannot_be_read_is_unknown_and_says_why(path):
    gate = build_gate(path, Files(TREE))
    assert not gate.known
    assert gate.reason
    assert gate.condition.is_true


def test_the_evidence_names_the_lines():
    gate = build_gate("fs/proc/page.c", Files(TREE))
    places = [(e.file, e.line) for e in gate.evidence]
    assert places == [
        ("fs/proc/Makefile", 5),
        ("fs/proc/Makefile", 1),
        ("fs/Makefile", 3),
        ("Kbuild", 1),
    ]


@pytest.mark.kernel
@pytest.mark.parametrize("tree", ["linux_6_1", "linux_6_12"])
def test_gates_of_real_files(tree, request):
    with open_tree(request.getfixturevalue(tree)) as opened:
        view = opened.view(None)
        page = build_gate("fs/proc/page.c", view)
        assert str(page.condition) == "CONFIG_PROC_PAGE_MONITOR && CONFIG_PROC_FS"
        assert page.evidence[0].file == "fs/proc/Makefile"
        assert str(build_gate("mm/memory.c", view).condition) == "CONFIG_MMU"
        assert build_gate("lib/ctype.c", view).condition.is_true
        assert build_gate("kernel/sched/core.c", view).condition.is_true
        assert not build_gate("kernel/bounds.c", view).known


def test_a_folder_below_one_that_is_entered_for_modules():
    """obj-$(CONFIG_CAN) += can/, in it obj-y += dev/: with CAN=m dev/ has modules."""
    files = {
        "Kbuild": "obj-$(CONFIG_CAN) += can/\n",
        "can/Makefile": "obj-y += dev/ plain.o\n",
        "can/dev/Makefile": "obj-$(CONFIG_DEV) += dev.o\n",
    }
    gate = build_gate("can/dev/dev.c", Files(files))
    both = atom("CONFIG_CAN_MODULE") & atom("CONFIG_DEV_MODULE")
    assert both.implies(gate.condition)
    assert not both.implies(gate.inside)
    alone = build_gate(
        "can/plain.c", Files(files)
    )  # obj-y of a module's folder: unbuilt
    assert not atom("CONFIG_CAN_MODULE").implies(alone.condition)
