# SPDX-License-Identifier: GPL-2.0-or-later
"""What Kconfig files say, read and never run."""

from __future__ import annotations

import pytest
from view_of_texts import Files

from reviewer.c.conditions import parse_condition
from reviewer.facts.kconfig import Kconfig
from reviewer.facts.kconfigfile import expression, read_kconfig
from reviewer.tree import open_tree

TREE = {
    "Kconfig": 'mainmenu "x"\nsource "fs/Kconfig"\nsource "arch/$(SRCARCH)/Kconfig"\n',
    "arch/x86/Kconfig": "config X86\n\tdef_bool y\n\tselect ARCH_HAS_THING\n"
    "config MMU\n\tdef_bool y\n",
    "arch/arm/Kconfig": 'config ARM\n\tbool\n\tdefault y\nconfig MMU\n\tbool "MMU"\n',
    "fs/Kconfig": """
menu "File systems"
	depends on !UML

if BLOCK
source "fs/ext/Kconfig"
endif # BLOCK

config BLOCK
	bool "Block" if EXPERT
	default y
	select HELPER if MMU
	help
		Words about it.

		config NOT_AN_OPTION
		depends on NOTHING

config PROC_PAGE_MONITOR
	default y
	depends on PROC_FS && \\
		MMU
	bool "Enable /proc page monitoring" if EXPERT

config PROC_FS
	bool "proc"

config HELPER
	tristate

config THING
	bool "thing"
	depends on ARCH_HAS_THING

config ARCH_HAS_THING
	bool

endmenu
choice
	prompt "one of"
	depends on THING
config ONE
	bool "1"
endchoice
config NR
	int "number"
	depends on $(shell,touch ran) && HELPER = m
""",
    "fs/ext/Kconfig": 'config EXT\n\ttristate "ext"\n\tdepends on CRYPTO\n'
    'config EXT_ACL\n\tbool "acl"\n\tdepends on EXT\n'
    'config CRYPTO\n\ttristate "crypto"\n',
}


@pytest.fixture
def kconfig():
    return Kconfig(Files(TREE))


def refuted(kconfig, given, wanted):
    return kconfig.refute(parse_condition(given), parse_condition(wanted))


def test_options_and_help_texts_are_told_apart(kconfig):
    assert kconfig.defines("CONFIG_BLOCK")
    assert kconfig.defines("EXT")
    assert kconfig.defines("CONFIG_EXT_MODULE")
    assert not kconfig.defines("CONFIG_NOTHING")
    assert kconfig.definitions("NOT_AN_OPTION") == ()


def test_the_nearest_option_for_a_misspelling(kconfig):
    assert kconfig.nearest("CONFIG_PROC_PAGE_MONITR") == "PROC_PAGE_MONITOR"
    assert kconfig.nearest("CONFIG_QUITE_ELSE") is None


def test_dependencies_have_menus_and_ifs_around_them(kconfig):
    assert str(kconfig.depends("PROC_PAGE_MONITOR")) == (
        "!CONFIG_UML && CONFIG_PROC_FS && CONFIG_MMU"
    )
    ext = kconfig.depends("EXT")
    assert ext.equivalent(
        parse_condition("!CONFIG_UML && CONFIG_BLOCK && IS_ENABLED(CONFIG_CRYPTO)")
    )
    assert str(kconfig.depends("ONE")) == "CONFIG_THING"
    assert kconfig.depends("UNKNOWN").is_true


def test_only_a_tristate_can_be_a_module(kconfig):
    assert str(kconfig.narrow(parse_condition("IS_ENABLED(CONFIG_BLOCK)"))) == (
        "CONFIG_BLOCK"
    )
    assert str(kconfig.narrow(parse_condition("IS_ENABLED(CONFIG_EXT)"))) == (
        "IS_ENABLED(CONFIG_EXT)"
    )


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("CONFIG_PROC_PAGE_MONITOR", "CONFIG_MMU"),
        ("IS_ENABLED(CONFIG_EXT)", "CONFIG_BLOCK"),
        ("CONFIG_EXT", "CONFIG_CRYPTO"),
        ("CONFIG_BLOCK && CONFIG_MMU", "CONFIG_HELPER"),
        ("CONFIG_X86", "CONFIG_MMU"),
        ("CONFIG_THING", "CONFIG_X86"),
        ("CONFIG_X86", "CONFIG_ARCH_HAS_THING"),
        ("CONFIG_UML", "CONFIG_MMU"),
    ],
)
def test_what_kconfig_makes_certain(kconfig, given, wanted):
    assert refuted(kconfig, given, wanted) is None


@pytest.mark.parametrize(
    ("given", "wanted", "lines"),
    [
        ("CONFIG_PROC_FS", "CONFIG_THING", "# CONFIG_THING is not set"),
        ("CONFIG_EXT_MODULE", "CONFIG_CRYPTO", "CONFIG_CRYPTO=m"),
        ("CONFIG_BLOCK", "CONFIG_HELPER", "# CONFIG_MMU is not set"),
    ],
)  # fmt: skip
def test_what_it_leaves_open_has_a_configuration(kconfig, given, wanted, lines):
    from reviewer.c.conditions import config_fragment

    found = refuted(kconfig, given, wanted)
    assert found is not None
    assert lines in config_fragment(found.configuration)


CHOICES = """
config WIDE
	bool "wide"
config NONE
	bool "none"
choice
	prompt "model"
	depends on !NONE
	default FLAT
config FLAT
	bool "flat"
	depends on !WIDE
config SPARSE
	bool "sparse"
endchoice
choice
	prompt "at most one"
	optional
config FIRST
	bool "1"
config SECOND
	bool "2"
endchoice
choice
	prompt "of modules"
config DRIVER_A
	tristate "a"
config DRIVER_B
	tristate "b"
endchoice
choice
	prompt "of one architecture" if NONE
config BIG
	bool "big"
endchoice
"""


@pytest.mark.parametrize(
    ("given", "wanted", "certain"),
    [
        ("CONFIG_WIDE && !CONFIG_NONE", "CONFIG_SPARSE", True),
        ("CONFIG_FLAT", "!CONFIG_SPARSE", True),
        ("CONFIG_FIRST", "!CONFIG_SECOND", True),
        ("CONFIG_NONE", "CONFIG_BIG", True),
        ("CONFIG_WIDE", "CONFIG_SPARSE", False),
        ("!CONFIG_NONE && !CONFIG_WIDE", "CONFIG_SPARSE", False),
        ("!CONFIG_FIRST", "CONFIG_SECOND", False),
        ("!CONFIG_NONE", "CONFIG_BIG", False),
        (
            "IS_ENABLED(CONFIG_DRIVER_A)",
            "!IS_ENABLED(CONFIG_DRIVER_B)",
            False,
        ),
    ],
)
def test_of_a_choice_that_is_shown_one_is_on(given, wanted, certain):
    kconfig = Kconfig(Files({"Kconfig": CHOICES}))
    assert (refuted(kconfig, given, wanted) is None) == certain


SELECTS = """
config TOP
	bool "top"
	select MIDDLE
config MIDDLE
	bool "middle"
	select BOTTOM
config BOTTOM
	bool "bottom"
config START
	bool "start"
	select WAY
config WAY
	bool "way"
	select HUB
config APART
	bool "apart"
config HUB
	bool
""" + "".join(f'config S{n}\n\tbool "{n}"\n\tselect HUB\n' for n in range(40))


def test_what_is_off_is_not_selected_by_what_is_on():
    """TRANSPARENT_HUGEPAGE selects COMPACTION, which selects MIGRATION."""
    kconfig = Kconfig(Files({"Kconfig": SELECTS}))
    assert refuted(kconfig, "CONFIG_TOP", "CONFIG_BOTTOM") is None
    leads_there = refuted(kconfig, "CONFIG_START", "CONFIG_HUB")
    assert leads_there is None or not leads_there.complete
    apart = refuted(kconfig, "CONFIG_APART", "CONFIG_HUB")
    assert apart is not None
    assert apart.complete
    on_for_no_reason = refuted(kconfig, "CONFIG_HUB && !CONFIG_S1", "CONFIG_S2")
    assert on_for_no_reason is not None
    assert not on_for_no_reason.complete


NO_MODULES = """
config MODULES
	bool "modules"
config BUS
	tristate
	default m if CORE=m
	default DEVICE
config DEVICE
	tristate "device"
config CORE
	tristate "core"
	select DEVICE
"""


def test_without_modules_nothing_is_one():
    """PHYLIB, MDIO_DEVICE and MDIO_BUS: "default m" is n where there are no modules,
    and then CORE is no module either."""
    kconfig = Kconfig(Files({"Kconfig": NO_MODULES}))
    assert refuted(kconfig, "IS_ENABLED(CONFIG_CORE)", "IS_ENABLED(CONFIG_BUS)") is None
    assert refuted(kconfig, "CONFIG_CORE", "CONFIG_MODULES") is not None


WITHOUT_PROMPTS = """mainmenu "x"
config MODULES
	bool "modules"
config BUS
	tristate "bus"
config BOARD
	tristate "board"
	depends on BUS
	select PART
	select GLUE if BUS
config PART
	tristate
config GLUE
	tristate
config CODEC
	tristate "codec"
config OTHER
	tristate "other"
config SHARED
	tristate
	default y if CODEC=y
	default m if OTHER=m
config LIKE
	tristate
	default CODEC
config ALWAYS_IF
	tristate
	default y if CODEC
config FLAG
	bool
	default y if CODEC
config LIMITED
	bool "limited"
	depends on CODEC
	select HELD
config HELD
	tristate
config FIRST
	tristate
	default m if OTHER=m
	default CODEC
"""


@pytest.mark.parametrize(
    ("given", "wanted", "certain"),
    [
        # what is y without a prompt has a way that is y
        ("CONFIG_PART", "CONFIG_BOARD", True),
        ("CONFIG_PART", "CONFIG_BUS", True),
        ("CONFIG_GLUE", "CONFIG_BUS", True),
        ("IS_ENABLED(CONFIG_PART)", "CONFIG_BUS", False),
        # the first default that applies counts
        ("CONFIG_CODEC", "CONFIG_SHARED", True),
        ("IS_ENABLED(CONFIG_CODEC)", "CONFIG_SHARED", False),
        ("CONFIG_SHARED", "CONFIG_CODEC", True),
        ("CONFIG_CODEC", "CONFIG_LIKE", True),
        ("CONFIG_LIKE", "CONFIG_CODEC", True),
        ("CONFIG_ALWAYS_IF", "CONFIG_CODEC", True),
        ("IS_ENABLED(CONFIG_CODEC)", "IS_ENABLED(CONFIG_ALWAYS_IF)", True),
        ("IS_ENABLED(CONFIG_CODEC)", "CONFIG_ALWAYS_IF", False),
        # a bool knows no m
        ("IS_ENABLED(CONFIG_CODEC)", "CONFIG_FLAG", True),
        ("CONFIG_FLAG", "CONFIG_CODEC", False),
        # a bool below an m selects to m: menu_finalize() in scripts/kconfig/menu.c
        ("CONFIG_HELD", "CONFIG_CODEC", True),
        ("CONFIG_LIMITED", "CONFIG_HELD", False),
        ("CONFIG_LIMITED && CONFIG_CODEC", "CONFIG_HELD", True),
        ("CONFIG_FIRST", "!CONFIG_OTHER_MODULE", True),
    ],
)
def test_how_far_an_option_without_a_prompt_is_on(given, wanted, certain):
    kconfig = Kconfig(Files({"Kconfig": WITHOUT_PROMPTS}))
    assert (refuted(kconfig, given, wanted) is None) == certain


def test_macros_are_not_run(kconfig, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert kconfig.depends("NR").opaque
    assert not list(tmp_path.iterdir())
    level = expression("$(shell,echo y)")
    assert level.yes.opaque


@pytest.mark.parametrize(
    ("text", "yes", "some"),
    [
        ("A", "CONFIG_A", "IS_ENABLED(CONFIG_A)"),
        ("!A", "!IS_ENABLED(CONFIG_A)", "!CONFIG_A"),
        ("A=y", "CONFIG_A", "CONFIG_A"),
        ("A = m", "CONFIG_A_MODULE", "CONFIG_A_MODULE"),
        ("A != n", "IS_ENABLED(CONFIG_A)", "IS_ENABLED(CONFIG_A)"),
        ("m && y", "0", "CONFIG_MODULES"),
        ("(A || n) && !(B)", "CONFIG_A && !IS_ENABLED(CONFIG_B)",
         "IS_ENABLED(CONFIG_A) && !CONFIG_B"),
        ("NR_CPUS > 4", "CONFIG_NR_CPUS > 4", "CONFIG_NR_CPUS > 4"),
    ],
)  # fmt: skip
def test_expressions_have_two_thresholds(text, yes, some):
    level = expression(text)
    assert (str(level.yes), str(level.some)) == (yes, some)


@pytest.mark.parametrize(
    "text",
    ["config", "config \n depends", "choice\noptional\nprompt", "endchoice\nchoice",
     "choice\nconfig A\n\tbool x\nchoice\nconfig A\n\tbool y\nendchoice",
     "if\n" * 400, "endif\n" * 9, "menu\nmenu",
     "help\n  x", "config A\n\tdepends on ((((", "config A\n depends on " + "(" * 9000,
     "source", "config A\n\thelp\n", "\x00\xff",
     "config A\n\tdefault " + "!" * 999 + "B"],
)  # fmt: skip
def test_hostile_files_are_read_without_an_error(text):
    kconfig = Kconfig(Files({"Kconfig": text + '\nsource "Kconfig"\n'}))
    read_kconfig(text.encode())
    kconfig.depends("A")
    refuted(kconfig, "CONFIG_A", "CONFIG_B")


@pytest.mark.kernel
@pytest.mark.parametrize("tree", ["linux_6_1", "linux_6_12"])
def test_options_of_real_trees(tree, request):
    with open_tree(request.getfixturevalue(tree)) as opened:
        kconfig = Kconfig(opened.view("HEAD"))
        assert len(kconfig.symbols) > 15_000
        assert (
            str(kconfig.depends("PROC_PAGE_MONITOR")) == "CONFIG_PROC_FS && CONFIG_MMU"
        )
        assert kconfig.type_of("EXT4_FS") == "tristate"
        assert kconfig.nearest("CONFIG_MEMORY_FAILUR") == "MEMORY_FAILURE"
        assert refuted(kconfig, "CONFIG_PROC_PAGE_MONITOR", "CONFIG_MMU") is None
        assert refuted(kconfig, "IS_ENABLED(CONFIG_EXT4_FS)", "CONFIG_BLOCK") is None
        assert refuted(kconfig, "CONFIG_KSM", "IS_ENABLED(CONFIG_XXHASH)") is None
        assert refuted(kconfig, "CONFIG_FLATMEM_MANUAL", "!CONFIG_SPARSEMEM") is None
        broken = refuted(kconfig, "CONFIG_PROC_PAGE_MONITOR", "CONFIG_MEMORY_FAILURE")
        assert broken is not None
        assert broken.complete


def test_only_the_files_on_the_way_to_an_option_are_read() -> None:
    """Of many that source a Kconfig of theirs, those that source this one."""
    files = {"Kconfig": "".join(f'source "d{n}/Kconfig"\n' for n in range(30))}
    for n in range(30):
        files[f"d{n}/Kconfig"] = f'if ON{n}\nsource "d{n}/sub/Kconfig"\nendif\n'
        files[f"d{n}/sub/Kconfig"] = f"config OPTION{n}\n\tbool\n"
        files[f"d{n}/Kconfig"] += 'rsource "more/Kconfig"\n'
        files[f"d{n}/more/Kconfig"] = f"config MORE{n}\n\tbool\n"
    view = Files(files)
    read: list[str] = []
    kconfig = Kconfig(view)
    assert kconfig.defines("OPTION7")
    of_view = view.read

    def counted(path):
        read.append(path)
        return of_view(path)

    view.read = counted
    (found,) = kconfig.definitions("OPTION7")
    assert found.depends.some == parse_condition("IS_ENABLED(CONFIG_ON7)")
    assert set(read) == {"d7/sub/Kconfig", "d7/Kconfig", "Kconfig"}
    (more,) = kconfig.definitions("MORE7")
    assert more.depends.some.is_true
    assert set(read) == {"d7/sub/Kconfig", "d7/Kconfig", "Kconfig", "d7/more/Kconfig"}
