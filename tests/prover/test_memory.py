# SPDX-License-Identifier: GPL-2.0-or-later
"""What was read for one function is given back before the next one is asked about."""

from __future__ import annotations

import gc
import os
import weakref
from collections.abc import Iterator

import pytest

from reviewer.facts import Facts
from reviewer.prover.names.definition_texts import places_in
from reviewer.prover.names.definitions import Definitions, definitions_of
from reviewer.prover.names.macro_states import way_through
from reviewer.prover.two_processes import in_two_processes
from reviewer.prover.values.solver_terms import new_context
from reviewer.tree.view import EmptyView

FILE = b"#define A 1\n#if A\nstatic int f(int x) { return x + A; }\n#endif\n"
HEADERS = (
    ("include/linux/a.h", b"#define B 1\nint f(int x);\n"),
    ("include/linux/b.h", b"#ifndef B\n#define B 2\n#endif\nextern int v;\n"),
)


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collector")
def test_meanings_are_gone_with_the_file_that_they_are_of() -> None:
    read = Definitions(None, "mm/x.c", FILE)
    assert read.reads_only("f")
    alive = weakref.ref(read)
    del read
    assert alive() is None  # they are megabytes, and the collector may come late


def test_meanings_are_kept_until_the_facts_are_read_anew() -> None:
    facts = Facts(EmptyView())
    read = definitions_of(facts, "mm/x.c", FILE)
    assert definitions_of(facts, "mm/x.c", FILE) is read
    assert definitions_of(facts, "mm/x.c", FILE + b"\n") is not read
    facts.read_anew()
    assert definitions_of(facts, "mm/x.c", FILE) is not read


@pytest.mark.usefixtures("no_collector")
def test_what_holds_itself_is_gone_when_the_next_function_begins() -> None:
    class Holder:
        def __init__(self) -> None:
            self.itself = self

    alive = weakref.ref(Holder())
    assert alive() is not None
    new_context()
    assert alive() is None


def test_two_at_work_are_joined_by_no_third() -> None:
    def work(_item: int) -> tuple[int, list[int]]:
        return os.getpid(), in_two_processes(lambda _: os.getpid(), range(3), 2)

    found = in_two_processes(work, range(2), 2)
    assert len({process for process, _ in found}) == 2
    assert all(set(inner) == {process} for process, inner in found)
    after = in_two_processes(lambda _: os.getpid(), range(2), 2)
    assert len(set(after)) == 2  # and then there may be two again


def test_where_words_stand_is_looked_for_one_by_one() -> None:
    macros, others = places_in(HEADERS)
    assert macros.of(b"B") == (0, 1)
    assert others.of(b"v") == (1,)
    assert others.of(b"nowhere") == ()
    assert others.some_of(frozenset([b"f", b"v", b"nowhere"])) == {b"f", b"v"}


def test_a_way_that_asks_no_if_knows_who_defines() -> None:
    way = way_through(HEADERS, ("include/linux/a.h", "include/linux/b.h", "x.c"), FILE)
    assert way is not None
    assert way.first_definer("B") == "include/linux/a.h"
    assert way.is_sure("include/linux/b.h")
    assert not way.asked
