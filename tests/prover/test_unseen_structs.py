# SPDX-License-Identifier: GPL-2.0-or-later
"""A struct that changes in a header which only a Makefile's -I finds."""

from __future__ import annotations

import pytest

from reviewer.c.source import parse
from reviewer.facts import Facts
from reviewer.prover import Verdict, compare_functions
from reviewer.tree.view import EmptyView
from reviewer.tree.views import OverlayView

HEADER = "drivers/odd/include/odd.h"
FILE = (
    "#include <odd.h>\nint f(int x)\n{\n\tstruct odd v;\n\n\tv.a = x;\n\treturn @;\n}\n"
)
STRUCT = "struct odd { unsigned a : 3; };\n"


@pytest.mark.parametrize("conditions", [False, True])
@pytest.mark.parametrize(
    ("struct", "equal"), [(STRUCT.replace("3", "4"), False), (STRUCT, True)]
)
def test_its_members_are_not_known(struct: str, equal: bool, conditions: bool) -> None:
    base = OverlayView(EmptyView(), {HEADER: STRUCT.encode()})
    texts = [FILE.replace("@", value).encode() for value in ("v.a", "(v.a)")]
    views = [
        base.overlay({HEADER: header.encode(), "kernel/x.c": text})
        for header, text in zip((STRUCT, struct), texts, strict=True)
    ]
    sources = [parse("kernel/x.c", text) for text in texts]
    (found,) = compare_functions(
        *sources, Facts(views[0]), Facts(views[1]), "f", conditions=conditions
    )
    assert (found.verdict is Verdict.EQUAL) == equal
