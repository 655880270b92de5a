# SPDX-License-Identifier: GPL-2.0-or-later
"""A solver that dies: what it was at has no answer, all else has."""

from __future__ import annotations

import faulthandler
import os
import signal
from collections.abc import Callable
from typing import Any

import pytest

from reviewer.c.source import parse
from reviewer.errors import InputError
from reviewer.prover import FileQuestion, FunctionVerdict, Verdict, judged_files
from reviewer.prover.judge import compare
from reviewer.prover.own_process import begin, in_own_process

NAMES = tuple("abc")
PRE = "".join(f"int {n}(int x) {{ return x + 2; }}\n" for n in NAMES)
POST = PRE.replace("x + 2", "2 + x")


def question(path: str) -> FileQuestion:
    sources = parse(path, PRE.encode()), parse(path, POST.encode())
    return FileQuestion(*sources, (None, None))


def told(found: tuple[FunctionVerdict, ...]) -> dict[str, str]:
    """What is not equal, and why."""
    return {one.name: one.why for one in found if one.verdict is not Verdict.EQUAL}


@pytest.mark.parametrize(("number", "processes"), [(11, 2), (9, 1)])
def test_one_function_has_no_answer(
    number: int, processes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each process that comes to it is killed; it lies in the half of the second."""
    compared = compare.versions

    def deadly(sources: Any, names: tuple[str, str], read: Any) -> Any:
        if names[0] == "b" and sources[0].path == "mm/y.c":
            faulthandler.disable()  # of pytest
            os.kill(os.getpid(), number)
        return compared(sources, names, read)

    monkeypatch.setattr(compare, "versions", deadly)
    module = "reviewer.prover.callers.judged_file.useful_processes"
    monkeypatch.setattr(module, lambda: processes)
    begun: list[str] = []
    paths = ["mm/x.c", "mm/y.c"]
    found = judged_files([question(path) for path in paths], begun.append)
    assert [*map(told, found)] == [{}, {"b": f"the solver ended by signal {number}"}]
    assert [len(one) for one in found] == [len(NAMES)] * 2
    assert begun == ["mm/x.c", "mm/y.c", "mm/y.c"]


def test_a_file_that_kills_it_outside_of_functions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = "reviewer.prover.changes.judging_order.touched_functions"

    def deadly(*_given: object) -> tuple[str, ...]:
        faulthandler.disable()
        os.kill(os.getpid(), signal.SIGABRT)
        return ()

    monkeypatch.setattr(module, deadly)
    (found,) = judged_files([question("mm/x.c")], lambda _path: None)
    why = f"the solver ended by signal {int(signal.SIGABRT)}"
    assert told(found) == dict.fromkeys(NAMES, why)


def answers(work: Callable[[int], object], count: int) -> list[object]:
    return in_own_process(work, range(count), lambda _item: None)


def test_what_is_raised_there_is_raised_here() -> None:
    def work(item: int) -> int:
        if item == 1:
            raise InputError("no such file")
        return item

    with pytest.raises(InputError, match="no such file"):
        answers(work, 3)
    assert answers(work, 1) == [0]
    assert answers(work, 0) == []


def test_processes_that_always_die_come_to_an_end() -> None:
    def work(item: int) -> str:
        for number in range(100):
            why = begin((f"{item}", f"{number}"))
            if why:
                return why
            if number == item:
                os.kill(os.getpid(), signal.SIGKILL)
        return ""

    found = answers(work, 12)
    assert set(found) == {"the solver ended by signal 9"}

    def without_a_part(_item: int) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(RuntimeError, match="died of signal 9"):
        answers(without_a_part, 2)
