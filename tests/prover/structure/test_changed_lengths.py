# SPDX-License-Identifier: GPL-2.0-or-later
"""An array that is longer now moves the members behind it, and no more than that."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from judged_pairs import HEAD, judged

from reviewer.prover.structure.compared import BY_INDEX
from reviewer.prover.verdict import Verdict

ARRAYS = (
    "#define MOST 4\n"
    + HEAD
    + """struct part { int number; struct whole *w; };
struct whole { int used; struct part parts[MOST]; int last; };
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define all(a) (&(a)[0])
int see(struct part *part);
int take(void *to, unsigned long size);
"""
)
START = "\tvoid *v = get(a);\n\tstruct whole *w = v;\n\tstruct part *part = v;\n\t"
SAME = [
    "return w->last;",
    "return w->parts[a].number;",
    "w->parts[3].number = a;\n\treturn 0;",
    "part = &w->parts[a];\n\treturn see(part);",
    "return ((struct whole *)v)->last;",
    "part->w->last = part->number;\n\treturn 0;",
]
OTHER = [
    "return w->parts[4].number;",
    "return ARRAY_SIZE(w->parts);",
    "return see(all(w->parts));",
    "return take(w, sizeof(*w));",
    "return take(w->parts, sizeof(w->parts));",
    "a = a < MOST;\n\treturn a;",
]


def _longer(body: str, old: str = "MOST 4", new: str = "MOST 6"):
    body = f"{START}while (a--)\n\t\task(p);\n\t{body}"
    return judged(body, body, ARRAYS, ARRAYS.replace(old, new))


@pytest.mark.parametrize("body", SAME)
def test_who_does_not_see_the_length(body: str) -> None:
    verdict = _longer(body)
    assert verdict.verdict is Verdict.EQUAL
    assert (BY_INDEX in verdict.assumptions) == ("parts" in body)


@pytest.mark.parametrize("body", OTHER)
def test_who_sees_the_length(body: str) -> None:
    assert _longer(body).verdict is not Verdict.EQUAL


HIDDEN = [
    ("int used;", "int used: MOST;"),
    ("int last;", "int last;\n#if MOST > 4\nint more;\n#endif\n"),
]


@pytest.mark.parametrize(("old", "new"), HIDDEN)
def test_a_number_that_says_more_than_a_length(old: str, new: str) -> None:
    head = ARRAYS.replace(old, new)
    assert head != ARRAYS
    body = f"{START}while (a--)\n\t\task(p);\n\treturn w->used;"
    verdict = judged(body, body, head, head.replace("MOST 4", "MOST 6"))
    assert verdict.verdict is not Verdict.EQUAL
