# SPDX-License-Identifier: GPL-2.0-or-later
"""What the Makefile hands the compiler; whose variable it is in another file."""

from __future__ import annotations

import pytest

from reviewer.c.source import parse
from reviewer.facts import Facts
from reviewer.prover.changes.compiler_flags import ANYTHING, DATA, changed_flags
from reviewer.prover.judge.compare import compare_functions
from reviewer.prover.verdict import Verdict
from reviewer.tree.view import EmptyView
from reviewer.tree.views import OverlayView

PATH = "drivers/x/a.c"
BASE = EmptyView()


def verdict(
    before: dict[str, str], after: dict[str, str], paths: tuple[str, str] = (PATH, PATH)
) -> Verdict:
    sides = []
    for files, path in zip((before, after), paths, strict=True):
        view = OverlayView(BASE, {name: text.encode() for name, text in files.items()})
        sides.append((parse(path, files[path].encode()), Facts(view)))
    (one, facts_one), (two, facts_two) = sides
    (found,) = compare_functions(one, two, facts_one, facts_two, "f")
    return found.verdict


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        ("", "ccflags-y += -DFAST\n", {"FAST"}),
        ("ccflags-y := -DK=1 -DL\n", "ccflags-y := -DK=2 -DL\n", {"K"}),
        ("", "ccflags-$(CONFIG_X) += -DFAST -UDEBUG # -DNONE\n", {"FAST", "DEBUG"}),
        ("", "CFLAGS_a.o := \\\n\t-DFAST\n", {"FAST"}),
        ("", "CFLAGS_b.o := -DFAST\n", set()),
        ("", "CFLAGS_REMOVE_a.o := -DFAST\n", {"FAST"}),
        ("", "subdir-ccflags-y += -I$(src)/inc\n", {ANYTHING}),
        ("", "ccflags-y += -include $(src)/k.h\n", {ANYTHING}),
        ("", "ccflags-y += $(FLAGS)\n", {ANYTHING}),
        ("", "ccflags-y += -fsigned-char\n", {DATA}),
        ("", "ccflags-y += -Wno-unused -g -O2\n", set()),
        ("", "obj-y += a.o # ccflags-y += -DFAST\n", set()),
    ],
)
def test_which_names_a_flag_changes(old: str, new: str, names: set[str]) -> None:
    for folder in ("drivers/x/", "drivers/", ""):
        for name in ("Makefile", "Kbuild"):
            edited = {f"{folder}{name}": (old.encode(), new.encode())}
            assert changed_flags(PATH, edited) == names
    assert not changed_flags(PATH, {"drivers/y/Makefile": (b"", new.encode())})
    assert not changed_flags(PATH, {"drivers/x/Makefile.old": (b"", new.encode())})


FAST = "int f(int x)\n{\n#ifdef FAST\n\treturn 1;\n#endif\n\treturn %s;\n}\n"


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        (FAST, "-DFAST"),
        ("int f(int x) { char c = x; return %s - x - x + c; }\n", "-fsigned-char"),
        ("int f(int x) { return %s + K; }\n", "-DK=3"),
    ],
)
def test_another_flag_is_another_function(text: str, flags: str) -> None:
    before = {PATH: text % "x + x", "drivers/x/Makefile": "obj-y += a.o\n"}
    after = {**before, PATH: text % "2 * x"}
    assert verdict(before, after) is Verdict.EQUAL
    after["drivers/x/Makefile"] += f"ccflags-y += {flags}\n"
    assert verdict(before, after) is not Verdict.EQUAL


OWN = "static int n = 1;\nint g(int x) { n = x; return 0; }\n"
MOVED = "int f(int x) { return x + n; }\n"


def test_a_moved_function_finds_another_variable_of_the_same_name() -> None:
    paths = "drivers/x/a.c", "drivers/x/b.c"
    before = {paths[0]: OWN + MOVED, paths[1]: OWN}
    assert verdict(before, {paths[0]: OWN, paths[1]: OWN + MOVED}, paths) is not (
        Verdict.EQUAL
    )


def test_a_variable_may_move_with_its_functions() -> None:
    paths = "drivers/x/a.c", "drivers/x/b.c"
    before = {paths[0]: OWN + MOVED, paths[1]: ""}
    assert verdict(before, {paths[0]: "", paths[1]: OWN + MOVED}, paths) is (
        Verdict.EQUAL
    )


@pytest.mark.parametrize("form", ["$({}) ", "a$({})b "], ids=["whole", "a part"])
def test_variables_that_hold_each_other_many_times_end(form: str) -> None:
    """Twelve in each of seven make 35 million flags: any may be another then."""
    rows = [f"V{i} = {form.format(f'V{i + 1}') * 12}\n" for i in range(7)]
    old = "".join([*rows, "V7 = -DX\nccflags-y += -DZ$(V0) $(V0)\n"]).encode()
    sides = old, old + b"ccflags-y += -DY\n"
    found = changed_flags("mm/a.c", {"mm/Makefile": sides})
    assert found & {ANYTHING, "Y"}
