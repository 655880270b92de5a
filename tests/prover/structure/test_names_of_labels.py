# SPDX-License-Identifier: GPL-2.0-or-later
"""Labels that are called as a variable or a function is: a macro goes to one only if
there is a goto in its text."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from entered_pairs import F, told

from reviewer.prover.structure.compared import Compared

MACROS = """
#define twice_of(x) ((x) + (x))
#define or_go(x, to) do { if (x) goto to; } while (0)
#define by_way(x, to) or_go(x, to)
#define gone(x) do { if (x) goto out; } while (0)
"""
BODY = "{ int v = ext(x); if (v) goto %(label)s; %(step)s; %(label)s: %(end)s }"


def told_of(step: str, new: str, label: str, end: str) -> Compared:
    texts = [
        MACROS + F + BODY % {"step": one, "label": label, "end": end}
        for one in (step, new)
    ]
    return told(texts[0], texts[1])


@pytest.mark.parametrize(
    ("label", "end"),
    [
        ("v", "return v;"),
        ("unlock", "unlock(p); return v;"),
        ("v", "return twice_of(v);"),
    ],
)
def test_a_label_may_have_the_name_of_something_else(label: str, end: str) -> None:
    found = told_of("say(v)", "say(v + 1)", label, end)
    assert [part.then for part in found.parts] == [("hands say() `v + 1`, not `v`",)]


@pytest.mark.parametrize("step", ["or_go(x, v)", "by_way(x, v)"])
def test_a_macro_that_goes_to_it_is_not_read(step: str) -> None:
    with pytest.raises(AssertionError):
        told_of(f"{step}; say(1)", f"{step}; say(2)", "v", "return v;")


def test_a_macro_that_goes_somewhere_by_itself_is_not_read() -> None:
    with pytest.raises(AssertionError):
        told_of("gone(x); say(1)", "gone(x); say(2)", "out", "return v;")
