# SPDX-License-Identifier: GPL-2.0-or-later
"""Members of enums that some configurations leave out, or give in both branches."""

from __future__ import annotations

import pytest

from reviewer.c.source import parse
from reviewer.facts import Facts
from reviewer.prover import Verdict, compare_files
from reviewer.tree.view import EmptyView

FILE = """int ext(int a);
void on(int cpu, void *p);
enum {
	A = 1,
#ifdef CONFIG_X
	B = 4,
	SHIFT = 5,
#else
	SHIFT = 4,
#endif
	C = 1 << SHIFT,
#ifdef CONFIG_X
	S = 1 << B,
#endif
	LAST = 9,
};
enum {
	P,
#ifdef CONFIG_Y
	Q = 10,
#endif
	R
};
static inline void queue(void *p)
{
	on(LAST, p);
}
int f(void *p, int x)
{
@
}
"""
QUEUE = "\tqueue(p);\n\treturn 0;"
BY_Y = "#ifdef CONFIG_Y\n\treturn 11;\n#else\n\treturn @;\n#endif"
DIFFER = {
    # each member of the enum is there somewhere, and no configuration has all of them
    "a call that is not always made": (
        f"\text(x);\n{QUEUE}",
        f"\tif (ext(x))\n\t\treturn 0;\n{QUEUE}",
    ),
    "one of two values": ("\treturn C;", "\treturn 16;"),
    "a value that is left out": (BY_Y.replace("@", "10"), "\treturn R;"),
}


def verdict(old: str, new: str) -> Verdict:
    """The verdict on the last function, its body replaced."""
    facts = Facts(EmptyView())
    sources = [parse("mm/x.c", FILE.replace("@", b).encode()) for b in (old, new)]
    (found,) = compare_files(*sources, facts, facts)
    return found.verdict


@pytest.mark.parametrize(("old", "new"), DIFFER.values(), ids=DIFFER)
def test_what_is_not_the_same(old: str, new: str) -> None:
    assert verdict(old, new) is not Verdict.EQUAL


def test_a_member_behind_one_that_may_be_left_out() -> None:
    assert verdict(BY_Y.replace("@", "1"), "\treturn R;") is Verdict.EQUAL
