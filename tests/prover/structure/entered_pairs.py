# SPDX-License-Identifier: GPL-2.0-or-later
"""Two states of a file, of which one function is compared."""

from __future__ import annotations

from reviewer.c.source import parse
from reviewer.facts import Facts
from reviewer.prover.changes.changed_names import changed_names
from reviewer.prover.names.definitions import definitions_of
from reviewer.prover.structure.compared import Compared, compared
from reviewer.tree.view import EmptyView
from reviewer.tree.views import OverlayView

HEAD = """#include <linux/compiler.h>
typedef unsigned char u8;
typedef unsigned int u32;
typedef _Bool bool;
struct e { int pad; int more; int m, n; };
struct d {
	struct d *up; void *priv; struct e in; int n, m; unsigned int u; u8 c; int row[8];
};
int ext(int a);
int two(int a, int b);
int ask(struct d *p);
void lock(struct d *p);
void unlock(struct d *p);
void say(int x);
int fill(int *v);
void take(struct d *p, struct d *q);
void named(const char *s);
struct d *find(struct d *p);
void *any(struct d *p);
int total;
#define NULL ((void *)0)
#define EIO 5
#define ENOMEM 12
#define show(x) named(#x)
#define swap(a, b) do { int t_ = (a); (a) = (b); (b) = t_; } while (0)
#define leave_if(x) if (x) return -EIO
#define set_ret() (ret = 7)
#define for_each(p, h) for (p = (h); p; p = p->up)
#define least(a, b) ({ int m_ = (a); if (m_ > (b)) m_ = (b); m_; })
#define once() ({ static int done; done++; })
"""
COMPILER_H = b"""#ifdef CONFIG_PROFILE_ALL_BRANCHES
#define if(cond, ...) if ( __trace_if_var( !!(cond , ## __VA_ARGS__) ) )
#endif
"""
F = "int f(struct d *p, int x) "


def told(old: str, new: str) -> Compared:
    one, two = (parse("drivers/x.c", (HEAD + text).encode()) for text in (old, new))
    view = OverlayView(EmptyView(), {"include/linux/compiler.h": COMPILER_H})
    facts = Facts(view)
    known = tuple(definitions_of(facts, "drivers/x.c", s.data) for s in (one, two))
    names = changed_names(one, two, facts, facts)
    (before,), (after,) = one.functions_named("f"), two.functions_named("f")
    found = compared((one, two), (before, after), (known[0], known[1]), names)
    assert found is not None
    return found
