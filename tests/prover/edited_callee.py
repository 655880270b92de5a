# SPDX-License-Identifier: GPL-2.0-or-later
"""A function f() that differs where it is handed 0, and who is said to see it."""

from __future__ import annotations

from reviewer.c.source import parse
from reviewer.prover.callers.who_sees import with_callers
from reviewer.prover.judge.compare import compare_functions
from reviewer.prover.verdict import Callers

F = """struct dev;
int foo(struct dev *);
void bar(int);
extern int glob;
static int f(struct dev *d, int x)
{
	if (x == 0)
		return -1;
	bar(x);
	return foo(d);
}
"""


def callers(rest: str, text: str = F, edit: tuple[str, str] = ("-1", "-22")) -> Callers:
    """Who calls f() in a file whose text is edited in its first function alone."""
    pre = parse("mm/x.c", f"{text}{rest}\n".encode())
    post = parse("mm/x.c", f"{text.replace(*edit)}{rest}\n".encode())
    found = compare_functions(pre, post, None, None, ("f",), conditions=True)
    (told,) = with_callers(pre, post, None, None, found)
    assert told.callers is not None
    return told.callers
