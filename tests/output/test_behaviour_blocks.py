# SPDX-License-Identifier: GPL-2.0-or-later
"""A block of a function: what is told of the conditions, and what is left out."""

from __future__ import annotations

import pytest

from reviewer.output.behaviour import text
from reviewer.prover.verdict import (
    Caller,
    Callers,
    DifferingPart,
    FunctionVerdict,
    OutputVerdict,
    Verdict,
    Witness,
)


def block(*when: str, otherwise: str, unknown: tuple[str, ...] = ()) -> str:
    """The text of a function with one part."""
    verdict = FunctionVerdict(
        "f", "f", Verdict.UNLESS, (), file="fs/x.c", line=7,
        unknown=unknown, parts=(DifferingPart(when, ("`g()` is new",), 9),),
        otherwise=otherwise,
    )  # fmt: skip
    return text((verdict,))


def test_a_condition_of_both_sides_is_told_once() -> None:
    told = block(
        "when `r` (before, fs/x.c:8)", "when `r` (fs/x.c:9)", otherwise="the same"
    )
    assert "  `g()` is new\n    when `r` (fs/x.c:9)\n" in told
    assert "before" not in told
    assert "otherwise: the same" in told


@pytest.mark.parametrize("other", ["when not `r` (fs/x.c:9)", "always"])
def test_whether_or_not_is_always(other: str) -> None:
    when = ("always",) if other == "always" else ("when `r` (fs/x.c:9)", other)
    told = block(*when, otherwise="")
    assert "  always: `g()` is new\n" in told
    assert "otherwise" not in told


def test_of_several_steps_not_each_is_done_always() -> None:
    """A call, and a return where it fails: one of them is done on every way."""
    part = DifferingPart(
        ("when `r` (fs/x.c:9)", "when not `r` (fs/x.c:9)"),
        ("returns `r`", "calls `g()`"),
        8,
    )
    found = FunctionVerdict(
        "f", "f", Verdict.UNLESS, (), file="fs/x.c", line=7, parts=(part,)
    )
    told = text((found,))
    assert "  returns `r`; calls `g()` (fs/x.c:8)\n" in told
    assert "always" not in told


def test_a_long_row_of_functions_is_cut() -> None:
    names = tuple(f"f{number}()" for number in range(12))
    assert "f7() and 4 more\n" in block("always", otherwise="", unknown=names)
    assert "not followed" not in block("always", otherwise="the same", unknown=names)


def test_what_is_asked_twice_is_not_always() -> None:
    told = block("when `r` (fs/x.c:9)", "when not `r` (fs/x.c:12)", otherwise="")
    assert "when `r` (fs/x.c:9) or when not `r` (fs/x.c:12)" in told


@pytest.mark.parametrize("when", ["in `while (p)` (fs/x.c:9)", "at `f` (fs/x.c:9)"])
def test_a_way_that_is_no_condition_is_not_always(when: str) -> None:
    assert f"  `g()` is new\n    {when}\n" in block(when, otherwise="the same")


def test_a_step_is_told_with_its_line() -> None:
    told = block("in this step (fs/x.c:9)", otherwise="the same")
    assert "  `g()` is new (fs/x.c:9)\n" in told


def callers_line(*sees: str, others: tuple[str, ...] = ()) -> str:
    found = tuple(
        Caller(f"g{n}", "fs/x.c", n, one, "result: 0 -> 1" if one == "yes" else "")
        for n, one in enumerate(sees)
    )
    verdict = FunctionVerdict(
        "f", "f", Verdict.UNLESS, (), callers=Callers("this file", found, others)
    )
    return " ".join(text((verdict,)).partition("  callers: ")[2].split())


def test_who_cannot_see_it_is_told() -> None:
    assert callers_line("no") == (
        "1 in this file; 1 does not see it (proved): g0() (fs/x.c:0)"
    )


def test_of_who_is_not_known_only_the_places_are_told() -> None:
    assert callers_line("", "", "", "") == (
        "4 in this file: g0() (fs/x.c:0), g1() (fs/x.c:1), g2() (fs/x.c:2)"
    )


def test_who_sees_it_comes_first_and_three_places_are_told() -> None:
    assert callers_line("no", "", "yes", "no", "changes") == (
        "5 in this file; 1 differs, too: g2() (fs/x.c:2: result: 0 -> 1); "
        "1 changes itself: g4() (fs/x.c:4); 1 may see it: g1() (fs/x.c:1); "
        "2 do not see it (proved)"
    )


def test_where_others_may_call_it_that_is_told() -> None:
    places = ("`.probe = f,` (fs/x.c:9)", "`h(f);` (fs/x.c:12)")
    assert callers_line(others=places) == (
        "whoever has it from `.probe = f,` (fs/x.c:9) and from 1 more"
    )


def test_rows_that_nobody_can_look_up_are_left_out_beside_steps() -> None:
    rows = tuple(
        OutputVerdict(
            name, Verdict.DIFFERS, witness=Witness(when), before="0", after="1"
        )
        for name, when in (
            ("return value", ("x = 3", "y is 4")),
            ("call", ("truth of unknown is 1",)),
            ("argument", ("z is 2", "z is 0x7f")),
        )
    )
    part = DifferingPart(("when `r` (fs/x.c:9)",), ("calls `g()`",), 9)

    def shown(parts: tuple[DifferingPart, ...], otherwise: str) -> str:
        found = FunctionVerdict(
            "f", "f", Verdict.DIFFERS, rows, file="fs/x.c", line=7, parts=parts,
            otherwise=otherwise,
        )  # fmt: skip
        return text((found,))

    told = shown((part,), "the same (proved)")
    assert "x = 3" in told
    assert "truth of unknown" not in told
    assert "z is 2" not in told
    assert "truth of unknown" in shown((), "")
    assert "z is 2" in shown((), "")


def test_a_state_that_nobody_can_look_up_is_not_told_of_a_caller() -> None:
    how = "volatile read of v: not made -> made when truth of unknown is 1"
    callers = Callers("this file", (Caller("g", "fs/x.c", 2, "yes", how),))
    told = text((FunctionVerdict("f", "f", Verdict.DIFFERS, (), callers=callers),))
    assert "callers: 1 in this file; 1 differs, too: g() (fs/x.c:2)\n" in told


def test_a_part_that_is_told_does_not_stand_under_also() -> None:
    parts = (
        DifferingPart(("in this step (fs/x.c:8)",), ("`a` uses `s`, which is new",), 8,
                      other_meaning=True),
        DifferingPart(("in this step (fs/x.c:9)",), ("calls `g()`",), 9),
    )  # fmt: skip
    found = FunctionVerdict(
        "f", "f", Verdict.BUT_FOR, (), file="fs/x.c", line=7, parts=parts,
        otherwise="the same (proved)",
    )  # fmt: skip
    told = text((found,))
    assert told.count("calls `g()`") == 1
    assert "also: uses `s`, which is new (line 8)" in told


def test_of_a_state_the_first_facts_are_told() -> None:
    def row(count: int) -> str:
        facts = tuple(f"a{number} is 0" for number in range(count))
        told = OutputVerdict(
            "call of g()", Verdict.DIFFERS, witness=Witness(facts, ("h",))
        )
        verdict = FunctionVerdict("f", "f", Verdict.DIFFERS, (told,))
        return text((verdict,))

    assert "a4 is 0, a5 is 0 (as h answers)" in row(6)
    assert "a4 is 0 and 7 more (as h answers)" in row(12)


def test_what_is_equal_stands_last_and_tells_its_assumptions_once() -> None:
    """Of twenty functions the three that differ are what a reader looks for."""
    taken = ("who is handed a struct that changes uses its members",)
    same = [
        FunctionVerdict(name, name, Verdict.EQUAL, (), file="fs/x.c", line=line,
                        assumptions=assumptions)
        for name, line, assumptions in (("f", 3, taken), ("g", 5, ()), ("h", 7, taken))
    ]  # fmt: skip
    other = FunctionVerdict(
        "i", "i", Verdict.DIFFERS, (OutputVerdict("return value", Verdict.DIFFERS,
        "0", "1", witness=Witness(("x is 1",))),), file="fs/x.c", line=9,
    )  # fmt: skip
    told = text((*same, other))
    assert told.index("i(): differs") < told.index("f(): equal")
    assert told.endswith(
        "fs/x.c:3: f(): equal\nfs/x.c:7: h(): equal\n"
        f"  each assuming: {taken[0]}\n\nfs/x.c:5: g(): equal\n"
    )


def parts(*told: tuple[tuple[str, ...], tuple[str, ...]]) -> str:
    """The text of a function with some parts: when, and what is done then."""
    found = tuple(DifferingPart(when, then, 9) for when, then in told)
    return text((
        FunctionVerdict(
            "f", "f", Verdict.UNLESS, (), file="fs/x.c", line=7, parts=found
        ),
    ))  # fmt: skip


def test_a_condition_of_several_steps_is_told_once() -> None:
    then = (
        "returns if `len > MAX`",
        "does `err = -5` if `len > MAX`",
        "calls `g()` if not `len > MAX`",
        "calls `h()` with `r = 2` if `len > MAX`",
    )
    told = parts((("when `r` (fs/x.c:9)",), then))
    assert "  if `len > MAX`: returns, does `err = -5`, calls `h()` with `r = 2`; " in (
        told
    )
    assert "calls `g()` if not `len >\n    MAX`\n    when `r` (fs/x.c:9)\n" in told


def test_of_conditions_in_a_row_those_that_are_common_are_told_once() -> None:
    then = (
        "calls `g()` if not `r` (from a()) in `for (;;)` if `p`",
        "calls `h()` if not `r` (from a()) in `for (;;)`",
        "returns if not `r` (from a()) in `for (;;)` if not `p` and `q`",
        "calls `k()` if not `s` and `q`",
        "calls `l()` if not `s` and not `t`",
    )
    told = parts((("when `x` (fs/x.c:9)",), then[:3]))
    within = "if not `r` (from a()) in `for (;;)`"
    does = "calls `g()` if `p`, calls `h()`, returns if not `p` and `q`"
    assert f"  {within}: {does}\n" in told.replace("\n    if", " if")
    told = parts((("when `x` (fs/x.c:9)",), then[3:]))
    assert "  if not `s`: calls `k()` if `q`, calls `l()` if not `t`\n" in told


def test_what_is_said_behind_a_condition_stays_with_its_step() -> None:
    then = ("calls `g()` if `a`, before only if `b`", "calls `h()` if `a`")
    told = parts((("when `r` (fs/x.c:9)",), then))
    assert "  calls `g()` if `a`, before only if `b`; calls `h()` if `a`\n" in told


def test_one_condition_of_two_places_is_told_once() -> None:
    before, now = "when `r` (before, fs/x.c:8)", "when `r` (fs/x.c:9)"
    told = parts(((before, now), ("calls `g()`",)), ((before,), ("calls `h()`",)))
    assert f"  calls `g()`; calls `h()`\n    {now}\n" in told
    told = parts(((now,), ("calls `g()`",)), (("when `r` (fs/x.c:4)",), ("k()",)))
    assert told.count("when `r`") == 2  # r at another place


def test_that_two_values_differ_is_not_told_of_one_that_became_the_other() -> None:
    when = "when `a | 1` and `b` differ (fs/x.c:12)"
    told = parts(((when,), ("returns `b`, not `a | 1`",)))
    assert "  returns `b`, not `a | 1` (fs/x.c:12)\n" in told
    assert "when `a | 1`" in parts(((when,), ("calls `g()`",)))


@pytest.mark.parametrize("length", range(40, 90))
def test_a_path_stays_whole(length: int) -> None:
    words = f"when `{'a' * length}`"
    told = block(f"{words} (drivers/clk/clk-of-mine.c:9)", otherwise="")
    assert "(drivers/clk/clk-of-mine.c:9)" in told


def test_of_what_is_not_decided_the_other_steps_are_told() -> None:
    part = DifferingPart(("when `r` (fs/x.c:9)",), ("returns `r`",), 8)
    found = FunctionVerdict(
        "f", "f", Verdict.NOT_DECIDED, (), file="fs/x.c", line=7, parts=(part,),
        otherwise="the same (proved)",
    )  # fmt: skip
    told = text((found,))
    assert "  all other steps: the same (proved)\n" in told
    assert "otherwise" not in told
