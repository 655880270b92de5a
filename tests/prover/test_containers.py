# SPDX-License-Identifier: GPL-2.0-or-later
"""What container_of() of a struct that grew gives is one object on both sides."""

from __future__ import annotations

import pytest

from reviewer.c.source import parse
from reviewer.prover.judge.compare import compare_functions
from reviewer.prover.verdict import Verdict

FILE = """
struct pool {{ int one; {pool} }};
struct item {{ struct pool *pool; int count; {kind} events; }};
struct queue {{ int pt; {queue} struct item *item; }};
void first(int *pt);
void second(int *pt);
void f(int *pt)
{{
	struct queue *queue = container_of(pt, struct queue, pt);

	if ({test})
		first(pt);
	else
		second(pt);
}}
"""


@pytest.mark.parametrize("grown", ["pool", "queue"])
@pytest.mark.parametrize("kind", ["unsigned int", "unknown_t"])
@pytest.mark.parametrize("test", ["queue->item->count", "queue->item->events & 16"])
def test_a_struct_that_grew_is_no_difference(grown: str, kind: str, test: str) -> None:
    parts = {"pool": "", "queue": "", "kind": kind, "test": test}
    before = FILE.format(**parts)
    after = FILE.format(**{**parts, grown: "long more;"})
    sides = (parse("mm/x.c", text.encode()) for text in (before, after))
    (found,) = compare_functions(*sides, None, None, "f")
    assert found.verdict in (Verdict.EQUAL, Verdict.NOT_DECIDED), found.differing


def test_what_both_sides_are_asked_still_differs() -> None:
    parts = {"pool": "", "queue": "", "kind": "int", "test": "queue->item->count"}
    before = FILE.format(**parts)
    after = before.replace("first(pt);\n\telse", "second(pt);\n\telse")
    sides = (parse("mm/x.c", text.encode()) for text in (before, after))
    (found,) = compare_functions(*sides, None, None, "f")
    assert found.verdict is Verdict.DIFFERS
