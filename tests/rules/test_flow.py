# SPDX-License-Identifier: GPL-2.0-or-later
"""The values that guards leave: one table a function, columns 00 01 10 11.

A is 1, B is 2, K is both; a 1 stands where ``x & K`` is true and control gets there.
"""

from __future__ import annotations

import pytest

from reviewer.c.source import parse
from reviewer.rules.mask_vs_equality.field_values import StudiedField
from reviewer.rules.mask_vs_equality.value_flow import ValueFlow

CONSTANTS = {"A": 1, "B": 2, "K": 3, "M": 3, "~A": -2}


def tables(body: str, test: str, root: str) -> list[str | None]:
    """For each place where ``test`` stands: its table, None if never reached."""
    code = f"bool f(unsigned long x, struct folio *folio)\n{{\n{body}\n}}\n"
    source = parse("f.c", code.encode())
    function = source.functions[0]
    assert not function.broken
    assert function.body is not None
    places = [n for n in source.walk(function.body) if source.norm(n) == test]
    flow = ValueFlow(source, StudiedField(root, 3, (0, 1, 2, 3)), places, CONSTANTS.get)
    flow.walk(function.body)
    found = []
    for place in places:
        seen = flow.seen(place)
        if seen is None:
            found.append(None)
            continue
        cells = {True: "1", False: "0", None: "?"}
        found.append(
            "".join(
                cells[seen.truth(value)] if value in seen.possible else "0"
                for value in range(4)
            )
        )
    return found


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        # unguarded
        ("if (x & K) g();", ["0111"]),
        ("while (y) { x = next(x); if (x & K) g(); }", ["0111"]),
        # if and else
        ("if (x & A) { if (x & K) g(); }", ["0101"]),
        ("if (x & A) g(); else if (x & K) g();", ["0010"]),
        ("if (!(x & A)) g(); else if (x & K) g();", ["0101"]),
        # leaving early
        ("if (x & A) return 1; if (x & K) g();", ["0010"]),
        ("if (!(x & A)) goto out; if (x & K) g(); out: x & K;", ["0101", "0111"]),
        ("BUG_ON(!(x & A)); if (x & K) g();", ["0101"]),
        ("if (x & A) { panic(); } if (x & K) g();", ["0010"]),
        # operands
        ("if (x & A && x & K) g();", ["0101"]),
        ("if (x & A || x & K) g();", ["0010"]),
        ("if (!(x & A) || x & K) g();", ["0101"]),
        ("v = x & A ? x & K : 0;", ["0101"]),
        ("v = x & A ? 0 : x & K;", ["0010"]),
        # locals
        ("bool a = x & A; if (a && (x & K)) g();", ["0101"]),
        ("bool a; a = x & A; if (!a) return 0; if (x & K) g();", ["0101"]),
        ("m = x & M; if (m == K) return 1; if (x & K) g();", ["0110"]),
        ("m = x & M; if (m != A && (x & K)) g();", ["0011"]),
        ("bool a = y ? x & A : 1; if (a && x & K) g();", ["0111"]),
        # switch
        (
            "switch (x & M) { case A: case B: g(); break;"
            " case K: if (x & K) h(); break; default: if (x & K) h(); }",
            ["0001", "0000"],
        ),
        ("switch (x & M) { case A: g(); case B: x & K; }", ["0110"]),
        ("switch (x & M) { case A: return 1; } if (x & K) g();", ["0011"]),
        # loops
        ("if (!(x & A)) return 0; while (y) { if (x & K) g(); }", ["0101"]),
        ("if (!(x & A)) return 0; while (y) { x & K; x = y; }", ["0111"]),
        ("do { if (x & A) break; x & K; } while (1); x & K;", ["0010", "0101"]),
        ("for (;;) { if (x & A) break; } if (x & K) g();", ["0101"]),
        ("while (x & A) g(); if (x & K) g();", ["0010"]),
        # the object changes
        ("x |= B; if (x & K) g();", ["0011"]),
        ("x &= ~A; if (x & K) g();", ["0010"]),
        ("if (x & A) x = other(); if (x & K) g();", ["0111"]),
        ("if (!(x & A)) return 0; change(&x); if (x & K) g();", ["0111"]),
        # what cannot be known leaves everything possible
        ("\n#ifdef CONFIG_A\nif (x & A) return 1;\n#endif\nif (x & K) g();", ["0111"]),
        ("if (unknown(x)) return 1; if (x & K) g();", ["0111"]),
        ("if (x & A) return 1; return 0; x & K;", [None]),
    ],
)
def test_guards(body: str, wanted: list[str | None]) -> None:
    assert tables(body, "x & K", "x") == wanted


@pytest.mark.parametrize(
    ("test", "wanted"),
    [
        ("!(x & K)", ["1000"]),
        ("!!(x & K)", ["0111"]),
        ("(x & K) != 0", ["0111"]),
        ("(x & M) == K", ["0001"]),
        ("(x & K) == K", ["0001"]),
        ("!(~x & K)", ["0001"]),
        ("(x & M) != A && (x & A)", ["0001"]),
        ("(x >> 1) & 1", ["0011"]),
        ("(x & K) > 0", ["0111"]),
        ("x == K", ["000?"]),
        ("x & 4", ["????"]),
        ("x", ["?111"]),
    ],
)
def test_operators(test: str, wanted: list[str]) -> None:
    assert tables(f"if ({test}) g();", test, "x")[:1] == wanted


def test_a_local_stands_for_what_it_was_read_from() -> None:
    body = "m = (unsigned long)READ_ONCE(folio->mapping); if (m & A) m & K;"
    assert tables(body, "m & K", "folio->mapping") == ["0101"]


def test_another_folio_is_another_object() -> None:
    body = (
        "if (!(folio->mapping & A)) return 0; folio = next(folio); folio->mapping & K;"
    )
    assert tables(body, "folio->mapping & K", "folio->mapping") == ["0111"]
