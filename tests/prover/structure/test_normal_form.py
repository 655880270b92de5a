# SPDX-License-Identifier: GPL-2.0-or-later
"""Two texts that do the same have one normal form; what is nearly the same has not."""

from __future__ import annotations

import pytest
from pairs.scopes import CLASSES

from reviewer.c.source import parse
from reviewer.facts import Facts
from reviewer.prover.changes.changed_names import changed_names
from reviewer.prover.names.definitions import definitions_of
from reviewer.prover.structure.compared import Compared, compared
from reviewer.tree.view import EmptyView
from reviewer.tree.views import OverlayView

CLEANUP_H = CLASSES.partition("struct t@")[0]
LOCKS_H = """#include <linux/cleanup.h>
struct mutex { int held; };
typedef struct { int word; } spinlock_t;
void mutex_lock(struct mutex *m);
void mutex_unlock(struct mutex *m);
void spin_lock_saved(spinlock_t *lock, unsigned long *flags);
void spin_unlock_irqrestore(spinlock_t *lock, unsigned long flags);
#define spin_lock_irqsave(lock, flags) do { flags = saved(lock); } while (0)
unsigned long saved(spinlock_t *lock);
void rcu_read_lock(void);
void rcu_read_unlock(void);
void odd_lock(struct mutex *m);
void odd_unlock(struct mutex *m);
DEFINE_GUARD(mutex, struct mutex *, mutex_lock(_T), mutex_unlock(_T))
DEFINE_GUARD(odd, struct mutex *, odd_lock(_T), odd_unlock(_T))
DEFINE_LOCK_GUARD_1(irqs, spinlock_t, spin_lock_irqsave(_T->lock, _T->flags),
                    spin_unlock_irqrestore(_T->lock, _T->flags), unsigned long flags)
DEFINE_LOCK_GUARD_0(rcu, rcu_read_lock(), rcu_read_unlock())
"""
FILE = """#include <linux/locks.h>
enum mode { OFF, ON, FULL = 7 };
typedef void take_fn(int *p);
struct d { struct d *up; struct mutex m; spinlock_t l; int n; };
int ext(int a);
int sink(int *p);
void handler(int *p);
void other(int *p);
int set(take_fn *f, int mode);
struct h { struct d d; struct h *next; void *data; };
#define to_h(p) container_of(p, struct h, d)
#define n_of(p) ((p)->n)
#define twice(p) p->n + p->n
static inline void *data_of(struct h *h) { return h->data; }
static inline struct d *up_of(struct d *p) { return ext_up(p->up); }
static inline unsigned char low(struct d *p) { return p->n; }
static inline bool is_up(struct d *p) { return p->up; }
static inline int put(struct d *p) { return ext_put(p, 1); }
static inline int put_now(struct d *p) { return ext_put(p, 1); }
static inline int put_later(struct d *p) { return ext_put(p, 2); }
static inline int named(int v) { return sizeof(__func__) + v; }
static inline int named_too(int v) { return sizeof(__func__) + v; }
#define told_once(x) ({ static int done; if (!done) done = ext(x); done; })
static inline int once(int v) { return told_once(v); }
static inline int once_too(int v) { return told_once(v); }
static inline int first(unsigned char *s) { return *s; }
#if defined(CONFIG_A)
static inline int odd(struct d *p) { return p->n; }
#else
static inline int odd(struct d *p) { return 0; }
#endif
void *ext_up(struct d *p);
unsigned char ext_put(struct d *p, int how);
void take(void *p, unsigned long n);
#define say(x) say_text(#x)
#define set_by_macro(f, mode) set(f, sizeof(mode))
int f(struct d *p, int x)
{
@
}
"""
LOOP = "while (ext(2)) { x += ext(3); }"  # that no solver has an answer for


def told(old: str, new: str, file: str = FILE) -> Compared:
    view = OverlayView(
        EmptyView(),
        {"include/linux/cleanup.h": CLEANUP_H.encode(),
         "include/linux/locks.h": LOCKS_H.encode()},
    )  # fmt: skip
    facts = Facts(view)
    texts = [file.replace("@", f"\t{body}") for body in (old, new)]
    one, two = (parse("drivers/x.c", text.encode()) for text in texts)
    known = tuple(definitions_of(facts, "drivers/x.c", s.data) for s in (one, two))
    names = changed_names(one, two, facts, facts)
    (before,), (after,) = one.functions_named("f"), two.functions_named("f")
    found = compared((one, two), (before, after), (known[0], known[1]), names)
    assert found is not None
    return found


GUARDS = {
    "a goto to the unlock": (
        "int r; mutex_lock(&p->m); r = ext(x); if (r) goto out; r = ext(1);"
        " out: mutex_unlock(&p->m); return r;",
        "int r; guard(mutex)(&p->m); r = ext(x); if (r) return r; return ext(1);",
    ),
    "flags that are kept": (
        f"unsigned long flags; spin_lock_irqsave(&p->l, flags); {LOOP}"
        " spin_unlock_irqrestore(&p->l, flags); return 0;",
        f"guard(irqs)(&p->l); {LOOP} return 0;",
    ),
    "a number at each way out": (
        "int r = -5; mutex_lock(&p->m); if (ext(x)) goto out; if (ext(1)) { r = -6;"
        " goto out; } p->n = x; r = 0; out: mutex_unlock(&p->m); return r;",
        "guard(mutex)(&p->m); if (ext(x)) return -5; if (ext(1)) return -6;"
        " p->n = x; return 0;",
    ),
    "what is read under the lock": (
        "int r; mutex_lock(&p->m); r = p->n; mutex_unlock(&p->m); return r;",
        "guard(mutex)(&p->m); return p->n;",
    ),
    "two of them": (
        "mutex_lock(&p->m); rcu_read_lock(); x = ext(x); rcu_read_unlock();"
        " mutex_unlock(&p->m); return x;",
        "guard(mutex)(&p->m); guard(rcu)(); x = ext(x); return x;",
    ),
    "of a part of it": (
        f"{LOOP} mutex_lock(&p->m); p->n = x; mutex_unlock(&p->m); return ext(x);",
        f"{LOOP}\n\tscoped_guard(mutex, &p->m)\n\t\tp->n = x;\n\treturn ext(x);",
    ),
    "of a block that is left": (
        f"{LOOP} mutex_lock(&p->m); if (p->n) {{ mutex_unlock(&p->m); return 1; }}"
        " mutex_unlock(&p->m); return ext(x);",
        f"{LOOP}\n\tscoped_guard(mutex, &p->m) {{\n\t\tif (p->n)\n\t\t\treturn 1;\n\t}}"
        "\n\treturn ext(x);",
    ),
    "in a loop": (
        "while (ext(x)) { mutex_lock(&p->m); if (p->n) { mutex_unlock(&p->m); break; }"
        " x++; mutex_unlock(&p->m); } return x;",
        "while (ext(x)) { guard(mutex)(&p->m); if (p->n) break; x++; } return x;",
    ),
}  # fmt: skip
NO_GUARDS = {
    "read behind the unlock": (
        "mutex_lock(&p->m); ext(x); mutex_unlock(&p->m); return p->n;",
        "guard(mutex)(&p->m); ext(x); return p->n;",
    ),
    "called behind the unlock": (
        "mutex_lock(&p->m); p->n = x; mutex_unlock(&p->m); return ext(x);",
        "guard(mutex)(&p->m); p->n = x; return ext(x);",
    ),
    "a way out without it": (
        "mutex_lock(&p->m); if (ext(x)) return -5; mutex_unlock(&p->m); return 0;",
        "guard(mutex)(&p->m); if (ext(x)) return -5; return 0;",
    ),
    "another number": (
        "int r = -5; mutex_lock(&p->m); if (ext(x)) goto out; r = 0;"
        " out: mutex_unlock(&p->m); return r;",
        "guard(mutex)(&p->m); if (ext(x)) return -6; return 0;",
    ),
    "the other order": (
        "mutex_lock(&p->m); rcu_read_lock(); x = ext(x); mutex_unlock(&p->m);"
        " rcu_read_unlock(); return x;",
        "guard(mutex)(&p->m); guard(rcu)(); x = ext(x); return x;",
    ),
    "a lock that is another meanwhile": (
        "mutex_lock(&p->m); p = p->up; mutex_unlock(&p->m); return 0;",
        "guard(mutex)(&p->m); p = p->up; return 0;",
    ),
    "a lock that is found in memory": (
        "mutex_lock(&p->up->m); ext(x); mutex_unlock(&p->up->m); return 0;",
        "guard(mutex)(&p->up->m); ext(x); return 0;",
    ),
    "a lock that may be NULL": (
        "odd_lock(&p->m); ext(x); odd_unlock(&p->m); return 0;",
        "guard(odd)(&p->m); ext(x); return 0;",
    ),
    "another lock": (
        "mutex_lock(&p->m); ext(x); mutex_unlock(&p->m); return 0;",
        "guard(mutex)(&p->up->m); ext(x); return 0;",
    ),
    "more under the lock": (
        "mutex_lock(&p->m); ext(x); mutex_unlock(&p->m); ext(1); return 0;",
        "guard(mutex)(&p->m); ext(x); ext(1); return 0;",
    ),
    "a break that leaves the scope only": (
        f"{LOOP} mutex_lock(&p->m); if (p->n) return 1; mutex_unlock(&p->m); return 0;",
        f"{LOOP}\n\tscoped_guard(mutex, &p->m) {{\n\t\tif (p->n)\n\t\t\tbreak;\n\t}}"
        "\n\treturn 0;",
    ),
    "an end before the unlock": (
        "struct d *q __free(drop) = p; mutex_lock(&p->m); x = ext(x);"
        " mutex_unlock(&p->m); return x;",
        "guard(mutex)(&p->m); struct d *q __free(drop) = p; x = ext(x); return x;",
    ),
}  # fmt: skip
WAYS = {
    "a goto": (
        f"int r; {LOOP} r = ext(x); if (r) goto out; p->n = 1; out: ext(7); return r;",
        f"int r; {LOOP} r = ext(x); if (r) {{ ext(7); return r; }} p->n = 1; ext(7);"
        " return r;",
    ),
    "an if in an if": (
        f"{LOOP} if (x) {{ if (p->n == 2) ext(1); }} return 0;",
        f"{LOOP} if (x && p->n == 2) ext(1); return 0;",
    ),
    "of two questions": (
        f"{LOOP} if (x || p) {{ if (p->n & 2) ext(1); }} return 0;",
        f"{LOOP} if ((x || p) && (p->n & 2)) ext(1); return 0;",
    ),
    "an else behind a return": (
        f"{LOOP} if (x) {{ ext(1); return 1; }} else {{ ext(2); }} return 0;",
        f"{LOOP} if (x) {{ ext(1); return 1; }} ext(2); return 0;",
    ),
    "a result that is kept": (
        f"int r; {LOOP} r = ext(x); return r;", f"{LOOP} return ext(x);",
    ),
    "a result of its own": (
        f"{LOOP} int r = ext(x); return r;", f"{LOOP} return ext(x);",
    ),
    "0 behind a check": (
        f"int r; {LOOP} r = ext(x); if (r) return r; p->n = 1; return r;",
        f"int r; {LOOP} r = ext(x); if (r) return r; p->n = 1; return 0;",
    ),
    "0 where it is not": (
        f"int r; {LOOP} r = ext(x); if (!r) return r; p->n = 1; return r;",
        f"int r; {LOOP} r = ext(x); if (!r) return 0; p->n = 1; return r;",
    ),
}  # fmt: skip
NO_WAYS = {
    "a goto past a step": (
        f"int r; {LOOP} r = ext(x); if (r) goto out; p->n = 1; out: ext(7); return r;",
        f"int r; {LOOP} r = ext(x); if (r) return r; p->n = 1; ext(7); return r;",
    ),
    "with an else": (
        f"{LOOP} if (x) {{ if (p->n == 2) ext(1); else ext(2); }} return 0;",
        f"{LOOP} if (x && p->n == 2) ext(1); else ext(2); return 0;",
    ),
    "of or": (
        f"{LOOP} if (x) {{ if (p->n || p) ext(1); }} return 0;",
        f"{LOOP} if (x && p->n || p) ext(1); return 0;",
    ),
    "more in the if": (
        f"{LOOP} if (x) {{ ext(2); if (p->n == 2) ext(1); }} return 0;",
        f"{LOOP} if (x && p->n == 2) ext(1); return 0;",
    ),
    "an else behind a branch that goes on": (
        f"{LOOP} if (x) {{ ext(1); }} else {{ ext(2); }} return 0;",
        f"{LOOP} if (x) {{ ext(1); }} ext(2); return 0;",
    ),
    "a narrow result": (
        f"unsigned char r; {LOOP} r = ext(x); return r;", f"{LOOP} return ext(x);",
    ),
    "a result whose address is known": (
        f"int r; sink(&r); {LOOP} r = ext(x); ext(1); return r;",
        f"int r; sink(&r); {LOOP} r = 0; ext(1); return 0;",
    ),
    "not 0 behind a check": (
        f"int r; {LOOP} r = ext(x); if (r < 0) return r; p->n = 1; return r;",
        f"int r; {LOOP} r = ext(x); if (r < 0) return r; p->n = 1; return 0;",
    ),
    "0 that a loop changes": (
        "int r = 0; while (ext(x)) { r = ext(1); } return r;",
        "int r = 0; while (ext(x)) { r = ext(1); } return 0;",
    ),
    "0 on one way only": (
        f"int r = 0; {LOOP} if (x) r = ext(1); return r;",
        f"int r = 0; {LOOP} if (x) r = ext(1); return 0;",
    ),
    "0 that a macro sets": (
        f"unsigned long r = 0; {LOOP} spin_lock_irqsave(&p->l, r); return r;",
        f"unsigned long r = 0; {LOOP} spin_lock_irqsave(&p->l, r); return 0;",
    ),
    "a loop that is left": (
        "int r = 1; while (ext(x)) { if (ext(1)) { r = 0; break; } } return r;",
        "int r = 1; while (ext(x)) { if (ext(1)) { r = 0; break; } } return 1;",
    ),
}  # fmt: skip
ARGUMENTS = {
    "a cast of a function": (f"{LOOP} return set((take_fn *)handler, 1);",
                             f"{LOOP} return set(handler, 1);"),
    "an enumerator": (f"{LOOP} return set(handler, true);",
                      f"{LOOP} return set(handler, ON);"),
    "that is said": (f"{LOOP} return set(handler, 7);",
                     f"{LOOP} return set(handler, FULL);"),
    "a cast of a pointer": (f"int *q = &p->n; {LOOP} return sink((void *)q);",
                            f"int *q = &p->n; {LOOP} return sink(q);"),
}  # fmt: skip
NO_ARGUMENTS = {
    "another function": (f"{LOOP} return set((take_fn *)handler, 1);",
                         f"{LOOP} return set(other, 1);"),
    "another enumerator": (f"{LOOP} return set(handler, true);",
                           f"{LOOP} return set(handler, OFF);"),
    "of a macro": (f"{LOOP} return set_by_macro(handler, true);",
                   f"{LOOP} return set_by_macro(handler, ON);"),
    "a variable of that name": (f"int ON = 5; {LOOP} return set(handler, true);",
                                f"int ON = 5; {LOOP} return set(handler, ON);"),
    "a cast of a struct": (f"{LOOP} return sink((int *)p);", f"{LOOP} return sink(p);"),
    "a cast of a number": (f"{LOOP} return set(handler, (unsigned char)x);",
                           f"{LOOP} return set(handler, x);"),
}  # fmt: skip


WRITTEN_OUT = {
    "a macro": (f"{LOOP} return n_of(p);", f"{LOOP} return p->n;"),
    "container_of()": (f"struct h *h = to_h(p); {LOOP} take(h, 1); return x;",
                       f"struct h *h = container_of(p, struct h, d); {LOOP}"
                       " take(h, 1); return x;"),
    "a function": (f"struct d *u = up_of(p); {LOOP} return u->n;",
                   f"struct d *u = ext_up(p->up); {LOOP} return u->n;"),
    "another name of it": (f"{LOOP} put(p); return 0;",
                           f"{LOOP} put_now(p); return 0;"),
    "that is asked": (f"{LOOP} if (is_up(p)) return 1; return 0;",
                      f"{LOOP} if (p->up) return 1; return 0;"),
    "no NULL": (f"{LOOP} if (p->up == NULL) return 1; return 0;",
                f"{LOOP} if (!p->up) return 1; return 0;"),
    "not 0": (f"{LOOP} if (ext(x) != 0 && p) return 1; return 0;",
              f"{LOOP} if (ext(x) && p) return 1; return 0;"),
    "a size": (f"{LOOP} take(p, sizeof(*p)); return 0;",
               f"{LOOP} take(p, sizeof(struct d)); return 0;"),
    "parentheses": (f"{LOOP} x = (p->n + 1); return (x);",
                    f"{LOOP} x = p->n + 1; return x;"),
    "a cast": (f"void *q = ext_up(p); struct d *u; {LOOP} u = (struct d *)q;"
               " return u->n;",
               f"void *q = ext_up(p); struct d *u; {LOOP} u = q; return u->n;"),
}  # fmt: skip
NOT_WRITTEN_OUT = {
    "another member": (f"{LOOP} return n_of(p);", f"{LOOP} return p->up->n;"),
    "a macro without parentheses": (f"{LOOP} return 2 * twice(p);",
                                    f"{LOOP} return 2 * (p->n + p->n);"),
    "a narrower result": (f"{LOOP} return low(p);", f"{LOOP} return p->n;"),
    "a number that is asked as a truth": (f"{LOOP} return ext(is_up(p));",
                                          f"{LOOP} return ext(p->up);"),
    "a pointer of another type": (f"char *s = (char *)p; {LOOP} return first(s);",
                                  f"char *s = (char *)p; {LOOP} return *s;"),
    "a name of another": (f"{LOOP} put(p); return 0;",
                          f"{LOOP} put_later(p); return 0;"),
    "the name of the function": (f"{LOOP} return named(x);",
                                 f"{LOOP} return named_too(x);"),
    "a variable of its own": (f"{LOOP} return once(x);", f"{LOOP} return once_too(x);"),
    "what is done once for all": (
        f"int r; {LOOP} r = ext(x); if (r) goto out; p->n = 1; out: told_once(7);"
        " return r;",
        f"int r; {LOOP} r = ext(x); if (r) {{ told_once(7); return r; }} p->n = 1;"
        " told_once(7); return r;"),
    "two of them": (f"{LOOP} return odd(p);", f"{LOOP} return p->n;"),
    "0 that is a number": (f"{LOOP} return ext(x == 0);", f"{LOOP} return ext(!p->n);"),
    "another size": (f"{LOOP} take(p, sizeof(*p)); return 0;",
                     f"{LOOP} take(p, sizeof(struct h)); return 0;"),
    "the size of a pointer": (f"{LOOP} take(p, sizeof(p)); return 0;",
                              f"{LOOP} take(p, sizeof(struct d)); return 0;"),
    "the text of it": (f"{LOOP} say(p->up == NULL); return 0;",
                       f"{LOOP} say(!p->up); return 0;"),
    "parentheses that count": (f"{LOOP} return (x + 1) * 2;",
                               f"{LOOP} return x + 1 * 2;"),
    "a cast to bytes": (f"struct d *u = p; {LOOP} return *(char *)u;",
                        f"struct d *u = p; {LOOP} return *u;"),
}  # fmt: skip


def named(*tables: dict[str, tuple[str, str]]) -> list[object]:
    return [pytest.param(*two, id=name) for t in tables for name, two in t.items()]


@pytest.mark.parametrize(("old", "new"), named(GUARDS, WAYS, ARGUMENTS, WRITTEN_OUT))
def test_the_same_in_two_ways(old: str, new: str) -> None:
    assert told(old, new).proved
    assert told(new, old).proved


@pytest.mark.parametrize(
    ("old", "new"), named(NO_GUARDS, NO_WAYS, NO_ARGUMENTS, NOT_WRITTEN_OUT)
)
def test_what_is_nearly_the_same(old: str, new: str) -> None:
    assert not told(old, new).proved
    assert not told(new, old).proved


HEADERS = {
    "members in another order": (
        "struct in { int a, b; };", "struct in { int b, a; };",
        "#define m_of(n) n\nstatic inline int of(int v) { struct in s = { v, 2 };"
        " return s.m_of(a); }\n", "of(x)"),
    "a place": ("struct in { int a, b; };", "struct in { long a; int b; };",
                "struct out { struct in i[2]; int z; };\n"
                "#define PLACE __builtin_offsetof(struct out, z)\n", "PLACE + x"),
    "a width": ("struct in { unsigned a : 3; };", "struct in { unsigned a : 4; };", "",
                "({ struct in v; v.a = x; v.a; })"),
}  # fmt: skip


@pytest.mark.parametrize("returned", ["return ({});", "int r = {}; return r;"])
@pytest.mark.parametrize("form", HEADERS)
def test_a_form_says_nothing_of_names_that_are_others(form: str, returned: str) -> None:
    before, after, more, value = (f"{one}\n" for one in HEADERS[form])
    value = value.rstrip()
    text = f"#include <linux/in.h>\nint f(int x)\n{{\n\t{LOOP} @\n}}\n"
    one, two = (
        parse("drivers/x.c", text.replace("@", said.replace("{}", value)).encode())
        for said in ("return {};", returned)
    )
    view = OverlayView(EmptyView(), {"include/linux/in.h": (before + more).encode()})
    facts = (
        Facts(view),
        Facts(OverlayView(view, {"include/linux/in.h": (after + more).encode()})),
    )
    known = tuple(
        definitions_of(f, s.path, s.data)
        for f, s in zip(facts, (one, two), strict=True)
    )
    names = changed_names(one, two, *facts)
    functions = one.functions_named("f")[0], two.functions_named("f")[0]
    found = compared((one, two), functions, (known[0], known[1]), names)
    assert found is None or not found.proved
