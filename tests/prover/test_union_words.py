# SPDX-License-Identifier: GPL-2.0-or-later
"""What a store to one member of a union leaves of another is no free choice."""

from __future__ import annotations

import pytest

from reviewer.c.source import parse
from reviewer.prover.judge.compare import compare_functions
from reviewer.prover.verdict import Verdict

HEAD = """union u { u32 w; u8 c[4]; struct { u16 low, high; }; };
struct s { int n; union { u32 word; struct { u16 first, second; } halves; }; };
"""
# The same on a machine whose low half comes first, as gcc finds on x86.
PAIRS = [
    (
        "union u *p, int x",
        "p->w = x; return (u32)x >> 16;",
        "p->w = x; return p->high;",
    ),
    ("union u *p, int x", "p->w = x; return (u16)x;", "p->w = x; return p->low;"),
    ("union u *p, int x", "p->w = x; return (u8)x;", "p->w = x; return p->c[0];"),
    (
        "struct s *p, int x",
        "p->word = x; return (u32)x >> 16;",
        "p->word = x; return p->halves.second;",
    ),
    (
        "struct s *p, int x",
        "p->word = x; p->n = 0; return (u16)x;",
        "p->word = x; p->n = 0; return p->halves.first;",
    ),
]


@pytest.mark.parametrize(("given", "old", "new"), PAIRS)
def test_a_half_is_what_was_stored(given: str, old: str, new: str) -> None:
    for one, two in ((old, new), (new, old)):
        sides = [
            parse("mm/x.c", f"{HEAD}int f({given}) {{ {body} }}\n".encode())
            for body in (one, two)
        ]
        (found,) = compare_functions(*sides, None, None, "f")
        assert found.verdict is not Verdict.DIFFERS, found.outputs
