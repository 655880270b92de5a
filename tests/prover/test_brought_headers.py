# SPDX-License-Identifier: GPL-2.0-or-later
"""Which names a header that comes or goes makes others of."""

from __future__ import annotations

import pytest

from reviewer.c.source import parse
from reviewer.facts import Facts
from reviewer.prover.changes.changed_names import ChangedNames, changed_names
from reviewer.tree.view import EmptyView
from reviewer.tree.views import OverlayView

A, B = "include/linux/a.h", "include/linux/b.h"
OWN = "\nint f(int x) { return x; }\n"


def brought(a: str, b: str, own: str = OWN) -> ChangedNames:
    """What changes where the file includes b.h, too."""
    sides = []
    for includes in (
        "#include <linux/a.h>",
        "#include <linux/a.h>\n#include <linux/b.h>",
    ):
        text = (includes + own).encode()
        files = {"kernel/x.c": text, A: a.encode(), B: b.encode()}
        sides.append(
            (parse("kernel/x.c", text), Facts(OverlayView(EmptyView(), files)))
        )
    (one, facts), (two, others) = sides
    return changed_names(one, two, facts, others)


IN_THE_KERNEL = "#ifndef MODULE\n#define start(f) early(f)\n#endif\n"
AS_A_MODULE = "#ifdef MODULE\n#define start(f) late(f)\n#endif\n"
NOTHING = [
    (IN_THE_KERNEL, AS_A_MODULE),  # either way only one of the two
    (IN_THE_KERNEL, "#if 0\n#define start(f) never(f)\n#endif\n"),
    ("typedef struct { int n; } atomic_t;\n", "extern atomic_t __online;\n"),
    ("extern unsigned long a;\n", "extern unsigned long __b;\n"),
    ("#define PLACED __attribute__((x))\n", "struct s { int a; } PLACED;\n"),
]


@pytest.mark.parametrize(("a", "b"), NOTHING)
def test_a_header_that_makes_others_of_no_names(a: str, b: str) -> None:
    names = brought(a, b)
    assert not names.changed
    assert not names.dark


SOMETHING = [
    (IN_THE_KERNEL, AS_A_MODULE.replace("ifdef", "ifndef"), "start"),
    (IN_THE_KERNEL, "#undef start\n" + AS_A_MODULE, "start"),
    ("extern int a;\n", "static int a = 3;\n", "a"),
    ("#define PLACED PLACED\nextern int PLACED;\n", "static int PLACED;\n", "PLACED"),
    ("typedef int t;\n", "#define t long\n", "t"),
]


@pytest.mark.parametrize(("a", "b", "name"), SOMETHING)
def test_a_header_that_makes_another_of_a_name(a: str, b: str, name: str) -> None:
    assert name in brought(a, b).changed


def test_a_macro_that_has_the_name_of_a_member() -> None:
    uses = "\nint f(struct s *p) { return p->a; }\n"
    members = "struct s { int a, b; };\n"
    assert "a" in brought(members, "#define a b\n", uses).changed
    assert "c" not in brought(members, "#define c b\n", uses).changed


def test_macros_that_become_an_enum_hide_nothing_else() -> None:
    old, new = "#define ONE 1\n", "enum { ONE = 1 };\n"
    sides = [parse("a.c", (text + OWN).encode()) for text in (old, new)]
    names = changed_names(*sides, None, None)
    assert "ONE" in names.changed
    assert not names.dark
    within = [
        parse("a.c", (text + "enum { ONE };\n" + OWN).encode())
        for text in (old, "#define ONE 2\n")
    ]
    assert changed_names(*within, None, None).dark
