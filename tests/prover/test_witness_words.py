# SPDX-License-Identifier: GPL-2.0-or-later
"""A witness is a state that can be, told so that it can be set up as it is told."""

from __future__ import annotations

from reviewer.c.source import parse
from reviewer.prover.judge.compare import compare_functions
from reviewer.prover.limits import ProverLimits
from reviewer.prover.verdict import OutputVerdict

PATIENCE = ProverLimits(solver=20.0, seconds=60.0)


def difference(prelude: str, before: str, after: str) -> OutputVerdict:
    """The first output of f() that differs."""
    sides = (parse("mm/x.c", f"{prelude}\n{s}\n".encode()) for s in (before, after))
    verdict = compare_functions(*sides, None, None, "f", limits=PATIENCE)[0]
    return verdict.differing[0]


def test_one_bit_of_a_word_is_told_as_that_bit() -> None:
    found = difference(
        "struct s { unsigned long flags; };",
        "int f(struct s *s) { return s->flags & 16 ? 2 : 1; }",
        "int f(struct s *s) { return 1; }",
    )
    assert str(found.witness) == "bit 4 of ->flags = 1"


def test_an_option_is_built_in_where_that_is_enough() -> None:
    found = difference(
        "",
        "int f(int x) { return IS_ENABLED(CONFIG_X) ? 0 : x; }",
        "int f(int x) { return x; }",
    )
    assert str(found.witness).startswith("CONFIG_X=y, x = -")
    assert found.after.startswith("-")
    one, two, three = (f"IS_ENABLED(CONFIG_{name})" for name in "XYZ")
    found = difference(
        "int a(void);",
        f"int f(void) {{ return a() || {one} || {two}; }}",
        f"int f(void) {{ return a() || {one} || {two} || {three}; }}",
    )
    assert "CONFIG_Z=y" in str(found.witness)


def test_a_number_is_told_as_its_type_has_it() -> None:
    found = difference(
        "",
        "int f(int x) { return x < -5000 ? 1 : 0; }",
        "int f(int x) { return 0; }",
    )
    assert str(found.witness).startswith("x = -")


def test_the_value_that_one_side_has_is_told_where_the_other_has_none() -> None:
    """A shift of an int by 32 or more may give anything, but not one bit alone."""
    found = difference(
        "typedef unsigned long long u64;",
        "int f(u64 m, int i) { if (i < 32) return 0; return (m & 1ULL << i) >> i; }",
        "int f(u64 m, int i) { if (i < 32) return 0; return (m & 1 << i) >> i; }",
    )
    assert (found.before, found.after) == ("1", "another value")


def test_a_side_that_goes_through_null_has_no_value() -> None:
    found = difference(
        "struct s { int a; };",
        "int f(struct s *p) { if (!p) return 0; return p->a; }",
        "int f(struct s *p) { return p->a; }",
    )
    assert (found.before, found.after) == ("0", "an oops")
    assert str(found.witness).startswith("p = 0")


def test_a_bool_is_0_or_1() -> None:
    prelude = "typedef _Bool bool;\nstruct s { int x; bool on; };\nbool ext(int);"
    for read in ("p->on", "*q", "ext(p->x)"):
        found = difference(
            prelude,
            f"int f(struct s *p, bool *q) {{ if ({read}) return 1; return p->x; }}",
            "int f(struct s *p, bool *q) { return p->x; }".replace(
                "return", f"(void)({read}); return", 1
            ),
        )
        values = [int(value) for text, value in found.witness.values if "x" not in text]
        assert values in ([1], []), (read, found.witness)
        assert " = 1" in str(found.witness) or " is 1" in str(found.witness)
