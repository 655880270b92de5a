# SPDX-License-Identifier: GPL-2.0-or-later
"""C as it is and not as it looks: both verdicts right for every trap of the table."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from reviewer.c.source import parse
from reviewer.prover.judge import other_cpus
from reviewer.prover.judge.compare import compare_functions
from reviewer.prover.limits import ProverLimits
from reviewer.prover.verdict import FunctionVerdict, Verdict


def _table(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TABLES = [_table(path) for path in sorted(Path(__file__).parent.glob("traps*.py"))]

PATIENCE = ProverLimits(solver=20.0, seconds=60.0)  # the machine that tests may be busy


def compare(case: tuple[str, ...], mode: str) -> FunctionVerdict:
    prelude, before, after, other = case if len(case) == 4 else (*case, case[0])
    sides = (
        parse("mm/x.c", f"{start}\n{text}\n".encode())
        for start, text in ((prelude, before), (other, after))
    )
    return compare_functions(*sides, None, None, "f", mode=mode, limits=PATIENCE)[0]


def _titles(table: str) -> list[tuple[str, tuple[str, ...]]]:
    return [
        pytest.param(title, case, id=title)
        for module in TABLES
        for title, case in getattr(module, table, {}).items()
    ]


# each with what keeps it from being decided
UNDECIDED = {title: why for module in TABLES for title, why in module.UNDECIDED.items()}
ONE_CPU = {title for module in TABLES for title in getattr(module, "ONE_CPU", ())}


def check(title: str, case: tuple[str, ...], mode: str, decided: Verdict) -> None:
    verdict = compare(case, mode)
    wanted = Verdict.NOT_DECIDED if title in UNDECIDED else decided
    if title in ONE_CPU:
        assert verdict.why.startswith("the same for one CPU; ")
        assert all(o.output == other_cpus.OUTPUT for o in verdict.differing)
        wanted = Verdict.DIFFERS if verdict.differing else Verdict.ONE_CPU
    assert verdict.verdict is wanted, (verdict.why, verdict.differing)


@pytest.mark.parametrize(("title", "case"), _titles("SAME"))
def test_what_is_the_same_is_never_refuted(title: str, case: tuple[str, ...]) -> None:
    check(title, case, "quiescent", Verdict.EQUAL)


@pytest.mark.parametrize(("title", "case"), _titles("CONCURRENT_SAME"))
def test_what_is_the_same_while_others_write(title: str, case: tuple[str, ...]) -> None:
    check(title, case, "concurrent", Verdict.EQUAL)


@pytest.mark.parametrize(("title", "case"), _titles("OTHER"))
def test_what_differs_is_never_proved_equal(title: str, case: tuple[str, ...]) -> None:
    check(title, case, "quiescent", Verdict.DIFFERS)


@pytest.mark.parametrize(("title", "case"), _titles("CONCURRENT_OTHER"))
def test_what_differs_while_others_write(title: str, case: tuple[str, ...]) -> None:
    check(title, case, "concurrent", Verdict.DIFFERS)


def test_what_is_left_open_is_in_the_tables() -> None:
    tables = ("SAME", "OTHER", "CONCURRENT_SAME", "CONCURRENT_OTHER")
    known = {title for m in TABLES for t in tables for title in getattr(m, t, {})}
    assert known >= UNDECIDED.keys() | ONE_CPU
    assert all(UNDECIDED.values())
