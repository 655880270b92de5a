# SPDX-License-Identifier: GPL-2.0-or-later
"""A test that is gone, and that the one in front of it had answered already."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from entered_pairs import F, told

TEXT = F + "{ %s %s while (x--) lock(p); return ext(x); }"
GONE = "if (!p->n) return -EIO;"


@pytest.mark.parametrize(
    ("first", "gone"),
    [
        ("if (!p || !p->n) return -EIO;", GONE),
        ("if (x < 0 || !p->n || !p->m) { say(x); return 0; }", GONE),
        ("if (x < 0) return 0;", "if (x < 0) return -EIO;"),
    ],
)
def test_one_that_is_answered_asks_for_nothing(first: str, gone: str) -> None:
    found = told(TEXT % (first, gone), TEXT % (first, ""))
    assert found.proved
    assert bool(found.assumptions) == ("->" in gone)


@pytest.mark.parametrize(
    ("first", "gone"),
    [
        ("if (!p && !p->n) return -EIO;", GONE),
        ("if (!p || !p->n) say(x);", GONE),
        ("if (!p || !p->n) return -EIO; say(x);", GONE),
        ("if (!p->n || ask(p)) return -EIO;", GONE),
        ("if (!p->n || x++) return -EIO;", "if (!p->n) return x;"),
        ("if (!p || !p->n) return -EIO;", "if (!p->m) return -EIO;"),
        ("if (!ask(p)) return -EIO;", "if (!ask(p)) return -EIO;"),
        ("if (x) { if (!p || !p->n) return -EIO; }", GONE),
    ],
)
def test_one_that_is_not_is_told(first: str, gone: str) -> None:
    assert not told(TEXT % (first, gone), TEXT % (first, "")).proved
