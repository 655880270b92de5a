# SPDX-License-Identifier: GPL-2.0-or-later
"""Two bodies of one function, judged."""

from __future__ import annotations

from reviewer.c.source import parse
from reviewer.prover.judge.compare import compare_functions
from reviewer.prover.verdict import FunctionVerdict

HEAD = """struct s { int m, n; struct s *next; };
int ask(struct s *p);
void lock(struct s *p);
void unlock(struct s *p);
void *get(int n);
static inline void nothing(struct s *p) { }
#define log_it(x) do { } while (0)
"""


def judged(
    old: str, new: str, head: str = HEAD, new_head: str = "", name: str = "f"
) -> FunctionVerdict:
    """Judges one function, ``f`` with these bodies or another one of the heads."""
    one = parse("a.c", f"{head}int f(struct s *p, int a)\n{{\n{old}\n}}\n".encode())
    text = f"{new_head or head}int f(struct s *p, int a)\n{{\n{new}\n}}\n"
    two = parse("a.c", text.encode())
    return compare_functions(one, two, None, None, name, conditions=True)[0]


BASE = """	int r;

	lock(p);
	r = ask(p);
	if (r)
		goto out;
	while (p) {
		r += ask(p);
		p = p->next;
	}
out:
	unlock(p);
	return r;"""
