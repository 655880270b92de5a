# SPDX-License-Identifier: GPL-2.0-or-later
"""Work that has used up its time ends, and nothing else does."""

from __future__ import annotations

import contextlib
import signal
import threading

import pytest

from reviewer.deadline import ProcessorTime, TimeUsedUp


def spin(steps: int) -> int:
    return sum(i & 1 for i in range(steps))


def never_end() -> None:
    while True:
        spin(1000)


def test_work_that_never_ends_is_ended() -> None:
    with pytest.raises(TimeUsedUp), ProcessorTime(0.05):
        never_end()


def test_work_in_time_is_left_alone_and_so_are_the_signals() -> None:
    before = signal.getsignal(signal.SIGPROF)
    with ProcessorTime(30):
        assert spin(1000) == 500
    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGPROF) is before


def test_code_that_goes_on_after_any_failure_is_ended_too() -> None:
    def stubborn() -> None:
        while True:
            with contextlib.suppress(Exception):
                spin(1000)

    with pytest.raises(TimeUsedUp), ProcessorTime(0.05):
        stubborn()


def test_it_waits_where_an_exception_would_be_lost() -> None:
    finished = []

    class Careful:
        def __del__(self) -> None:
            spin(3_000_000)
            finished.append(True)

    def drop_one() -> None:
        Careful()
        never_end()

    with pytest.raises(TimeUsedUp), ProcessorTime(0.02):
        drop_one()
    assert finished == [True]


def test_the_outer_bound_holds_for_an_inner_block() -> None:
    with pytest.raises(TimeUsedUp), ProcessorTime(0.05), ProcessorTime(60):
        never_end()


def test_another_thread_is_not_bounded() -> None:
    done = []

    def work() -> None:
        with ProcessorTime(0.01):
            done.append(spin(2_000_000))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [1_000_000]
