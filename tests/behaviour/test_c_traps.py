"""C as it is and not as it looks: both verdicts right for every trap of the table."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from reviewer.behaviour.compare import compare_functions
from reviewer.behaviour.run import Limits
from reviewer.behaviour.verdict import FunctionVerdict, Verdict
from reviewer.c.source import parse

_spec = importlib.util.spec_from_file_location(
    "traps", Path(__file__).with_name("traps.py")
)
assert _spec is not None
assert _spec.loader is not None
traps = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(traps)

PATIENCE = Limits(solver=20.0, seconds=60.0)  # the machine that tests may be busy


def compare(case: tuple[str, ...], mode: str) -> FunctionVerdict:
    prelude, before, after, other = case if len(case) == 4 else (*case, case[0])
    sides = (
        parse("mm/x.c", f"{start}\n{text}\n".encode())
        for start, text in ((prelude, before), (other, after))
    )
    return compare_functions(*sides, None, None, "f", mode=mode, limits=PATIENCE)[0]


@pytest.mark.parametrize(
    ("mode", "table"),
    [("quiescent", "SAME"), ("concurrent", "CONCURRENT_SAME")],
)
def test_what_is_the_same_is_never_refuted(mode: str, table: str) -> None:
    for title, case in getattr(traps, table).items():
        verdict = compare(case, mode)
        wanted = Verdict.NOT_DECIDED if title in traps.UNDECIDED else Verdict.EQUAL
        assert verdict.verdict is wanted, (title, verdict.why, verdict.differing)


@pytest.mark.parametrize(
    ("mode", "table"),
    [("quiescent", "OTHER"), ("concurrent", "CONCURRENT_OTHER")],
)
def test_what_differs_is_never_proved_equal(mode: str, table: str) -> None:
    for title, case in getattr(traps, table).items():
        verdict = compare(case, mode)
        wanted = Verdict.NOT_DECIDED if title in traps.UNDECIDED else Verdict.DIFFERS
        assert verdict.verdict is wanted, (title, verdict.why)


def test_what_is_left_open_is_in_the_tables() -> None:
    tables = (traps.SAME, traps.OTHER, traps.CONCURRENT_SAME, traps.CONCURRENT_OTHER)
    known = {title for table in tables for title in table}
    assert known >= traps.UNDECIDED
