# SPDX-License-Identifier: GPL-2.0-or-later
"""Only a tristate can be a module; of what Kconfig does not define nothing is told."""

from __future__ import annotations

import pytest

from reviewer.c.source import parse
from reviewer.facts import Facts
from reviewer.prover.judge.compare import compare_files
from reviewer.prover.limits import ProverLimits
from reviewer.prover.verdict import FunctionVerdict
from reviewer.tree.view import EmptyView
from reviewer.tree.views import OverlayView

PATIENCE = ProverLimits(solver=20.0, seconds=60.0)  # the machine that tests may be busy
KCONFIG = """config MODULES
	bool "m"
config B
	bool "b"
config D
	def_bool y
config N
	int "n"
	default 3
config M
	tristate "m"
config EITHER
	bool "in one place"
config EITHER
	tristate "in another"
config M_MODULE
	bool "an option with such a name"
config LIST_MODULE
	bool "another"
"""
ENABLED = "return IS_ENABLED(CONFIG_%s) ? x : 7;"
BUILT_IN = "#ifdef CONFIG_%s\n\treturn x;\n#else\n\treturn 7;\n#endif"


def verdict(before: str, after: str, kconfig: str | None = KCONFIG) -> FunctionVerdict:
    sides = []
    for body in (before, after):
        text = f"int f(int x)\n{{\n{body}\n}}\n".encode()
        files = {"kernel/x.c": text}
        if kconfig is not None:
            files["Kconfig"] = kconfig.encode()
        sides.append(
            (parse("kernel/x.c", text), Facts(OverlayView(EmptyView(), files)))
        )
    (pre, facts_pre), (post, facts_post) = sides
    (found,) = compare_files(pre, post, facts_pre, facts_post, limits=PATIENCE)
    return found


@pytest.mark.parametrize("option", ["B", "D", "N"])
def test_what_is_no_tristate_is_never_a_module(option: str) -> None:
    assert str(verdict(ENABLED % option, BUILT_IN % option).verdict) == "equal"
    module = f"return IS_MODULE(CONFIG_{option}) ? x : 7;"
    assert str(verdict(module, "return 7;").verdict) == "equal"
    named = f"#ifdef CONFIG_{option}_MODULE\n\treturn x;\n#endif\n\treturn 7;"
    assert str(verdict(named, "return 7;").verdict) == "equal"


@pytest.mark.parametrize("option", ["M", "EITHER"])
def test_a_tristate_may_be_a_module(option: str) -> None:
    found = verdict(ENABLED % option, BUILT_IN % option)
    assert str(found.verdict) == "differs"
    assert f"CONFIG_{option}_MODULE" in str(found.outputs)


def test_an_option_may_be_named_like_a_module() -> None:
    named = "#ifdef CONFIG_LIST_MODULE\n\treturn x;\n#endif\n\treturn 7;"
    assert str(verdict(named, "return 7;").verdict) == "differs"


@pytest.mark.parametrize("kconfig", [KCONFIG, None])
def test_of_an_unknown_option_no_module_is_made_up(kconfig: str | None) -> None:
    found = verdict(ENABLED % "OTHER", BUILT_IN % "OTHER", kconfig)
    assert str(found.verdict) == "not decided"
    assert "Kconfig" in found.why


def test_an_unknown_option_that_is_on_is_a_state() -> None:
    found = verdict(ENABLED % "OTHER", "return 7;")
    assert str(found.verdict) == "differs"
    assert "_MODULE=y" not in str(found.outputs)


def test_a_function_is_compiled_where_it_was() -> None:
    """The #if around a function is asked about in configurations that there are."""

    def both(option: str) -> FunctionVerdict:
        ends = "int f(int x)\n{\n\treturn %s;\n}\n#endif\n"
        sides = [
            f"#if IS_ENABLED(CONFIG_{option})\n{ends % 'x'}".encode(),
            f"#ifdef CONFIG_{option}\n{ends % '(x)'}".encode(),
        ]
        views = [
            OverlayView(EmptyView(), {"kernel/x.c": text, "Kconfig": KCONFIG.encode()})
            for text in sides
        ]
        pre, post = (parse("kernel/x.c", text) for text in sides)
        (found,) = compare_files(pre, post, *map(Facts, views), limits=PATIENCE)
        return found

    assert str(both("B").verdict) == "equal"
    assert str(both("M").verdict) == "differs"
    assert str(both("OTHER").verdict) == "not decided"


NAMED = "#ifdef %s\n\treturn x;\n#endif\n\treturn 7;"


def test_a_name_that_nothing_defines_is_not_defined_by_a_witness() -> None:
    found = verdict(NAMED % "NOBODYS", "return 7;")
    assert str(found.verdict) == "not decided"
    assert "a name that nothing we see defines" in found.why
    both = NAMED.replace("return x", "return 2 * x")
    assert str(verdict(NAMED % "NOBODYS", both % "NOBODYS").verdict) == "not decided"


def test_where_a_name_is_not_defined_a_difference_is_one() -> None:
    assert str(verdict(NAMED % "NOBODYS", "return 8;").verdict) == "differs"


@pytest.mark.parametrize("name", ["MODULE", "DEBUG"])
def test_what_the_build_defines_may_be_defined(name: str) -> None:
    assert str(verdict(NAMED % name, "return 7;").verdict) == "differs"


def test_what_the_file_defines_somewhere_may_be_defined() -> None:
    given = "#ifdef CONFIG_B\n#define SOMEBODYS\n#endif\n"
    found = verdict(f"{given}{NAMED % 'SOMEBODYS'}", f"{given}return 7;")
    assert str(found.verdict) == "differs"


FORCED = "include/linux/compiler_types.h"


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("#define __force\n", "equal"),
        ("#ifdef CONFIG_B\n#define __force\n#endif\n", "differs"),
        ("\n", "differs"),
    ],
)
def test_what_every_file_is_given_is_defined(header: str, wanted: str) -> None:
    sides = []
    for text in (NAMED % "__force", "return x;"):
        data = f"int f(int x)\n{{\n{text}\n}}\n".encode()
        files = {"kernel/x.c": data, "Kconfig": KCONFIG.encode()}
        files[FORCED] = header.encode()
        view = OverlayView(EmptyView(), files)
        sides.append((parse("kernel/x.c", data), Facts(view)))
    (pre, facts_pre), (post, facts_post) = sides
    (found,) = compare_files(pre, post, facts_pre, facts_post, limits=PATIENCE)
    assert str(found.verdict) == wanted


GATED = KCONFIG + (
    'config KASAN\n\tbool "k"\nif KASAN\nconfig KASAN_VMALLOC\n\tbool "v"\nendif\n'
)
MADE = {"Makefile": "", "Kbuild": "obj-y += kernel/\n", "arch/x/Kbuild": "\n"}


def in_a_tree(
    before: str, after: str, makefile: str, kconfig: str = GATED
) -> FunctionVerdict:
    sides = []
    for body in (before, after):
        text = f"int f(int x)\n{{\n{body}\n}}\n".encode()
        files = {**MADE, "kernel/Makefile": makefile, "Kconfig": kconfig}
        whole = {path: part.encode() for path, part in files.items()}
        view = OverlayView(EmptyView(), {**whole, "kernel/x.c": text})
        sides.append((parse("kernel/x.c", text), Facts(view)))
    (pre, facts_pre), (post, facts_post) = sides
    (found,) = compare_files(pre, post, facts_pre, facts_post, limits=PATIENCE)
    return found


BOTH = (
    "#ifdef CONFIG_KASAN_VMALLOC\n\tif (!IS_ENABLED(CONFIG_KASAN))\n\t\treturn 3;\n"
    "#endif\n\treturn x;"
)
ONE = "#ifdef CONFIG_KASAN\n\treturn x;\n#else\n\treturn 7;\n#endif"


def test_no_witness_has_options_that_exclude_each_other() -> None:
    found = in_a_tree(BOTH, "return x;", "obj-y += x.o\n")
    assert str(found.verdict) == "not decided"
    assert "Kconfig" in found.why


@pytest.mark.parametrize(
    ("made", "wanted"), [("y", "differs"), ("$(CONFIG_KASAN)", "not decided")]
)
def test_no_witness_leaves_out_what_the_file_is_built_with(made, wanted) -> None:
    found = in_a_tree(ONE, "return x;", f"obj-{made} += x.o\n")
    assert str(found.verdict) == wanted


def test_another_state_is_shown_where_one_is_allowed() -> None:
    found = in_a_tree(BOTH, "return x == 5 ? 6 : x;", "obj-y += x.o\n")
    assert str(found.verdict) == "differs"
    assert "CONFIG_KASAN=n" not in str(found.differing[0].witness)


SELECTED = """config MODULES
	bool "m"
config SENSOR
	tristate "s"
	select MAP_WIRE
config MAP_WIRE
	tristate
config MAP
	bool
	default y if MAP_WIRE || MAP_OTHER
config MAP_OTHER
	tristate
config BUS
	tristate "b"
	select BUS_CORE
config BUS_CORE
	tristate
	select BUS_LIST
config BUS_LIST
	tristate
choice
	prompt "one of"
config LITTLE
	bool "little"
config BIG
	bool "big"
endchoice
config BYTES
	def_bool LITTLE
config LEFT
	def_bool !BYTES
""" + "".join(
    f'config D{n}\n\tbool "{n}"\n\tselect MAP_WIRE\n\tselect BUS_LIST\n'
    for n in range(40)
)


@pytest.mark.parametrize(
    ("made", "option"),
    [
        ("SENSOR", "MAP_WIRE"),  # which forty others select
        ("SENSOR", "MAP"),  # a default that hangs on what the driver selects
        ("BUS", "BUS_LIST"),  # by way of an option that nobody asks about
    ],
)
def test_what_the_driver_selects_is_on_in_every_witness(made: str, option: str) -> None:
    wanted = f"return IS_ENABLED(CONFIG_{option}) ? x : 7;"
    makefile = f"obj-$(CONFIG_{made}) += x.o\n"
    found = in_a_tree(wanted, "return x;", makefile, SELECTED)
    assert str(found.verdict) == "not decided"
    assert "Kconfig" in found.why
    other = in_a_tree(wanted, "return x == 5 ? 6 : x;", makefile, SELECTED)
    assert str(other.verdict) == "differs"
    assert f"CONFIG_{option}=n" not in str(other.differing[0].witness)
    free = in_a_tree(wanted, "return x;", "obj-y += x.o\n", SELECTED)
    assert str(free.verdict) == "differs"


@pytest.mark.parametrize("off", ["LEFT", "BIG"])
def test_no_witness_is_against_a_choice_or_a_default(off: str) -> None:
    """LITTLE makes BYTES, which unmakes LEFT: three rounds from what is asked."""
    gate = f"!defined(CONFIG_{off})" if off == "BIG" else f"defined(CONFIG_{off})"
    wanted = f"#if {gate}\n\tif (!IS_ENABLED(CONFIG_LITTLE) == {int(off == 'BIG')})"
    wanted += "\n\t\treturn 7;\n#endif\n\treturn x;"
    found = in_a_tree(wanted, "return x;", "obj-y += x.o\n", SELECTED)
    assert str(found.verdict) == "not decided"
    assert "Kconfig" in found.why
