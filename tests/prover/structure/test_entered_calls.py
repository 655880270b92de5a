# SPDX-License-Identifier: GPL-2.0-or-later
"""A block that became a function is what it was; one that changed on the way is not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from entered_pairs import F, told

# the whole file before and after, behind HEAD
SAME = {
    "a block that unlocks by its return": (
        F + "{ int r; lock(p); r = ask(p); if (r) goto out; while (x) { x--; r ="
        " ext(x);"
        " if (r) goto out; } p->n = x; out: unlock(p); return r; }",
        "static int g(struct d *q, int y) { int e; e = ask(q); if (e) return e;"
        " while (y) { y--; e = ext(y); if (e) return e; } q->n = y; return 0; }"
        + F + "{ int r; lock(p); r = g(p, x); unlock(p); return r; }",
    ),
    "a tail": (
        F + "{ if (ask(p)) return -EIO; while (x--) say(x); return ext(p->n); }",
        "static int g(struct d *p, int x) { while (x--) say(x); return ext(p->n); }"
        + F + "{ if (ask(p)) return -EIO; return g(p, x); }",
    ),
    "folded into its caller": (
        "static int g(struct d *q) { if (q->n) return -EIO; say(q->m); return 0; }"
        + F + "{ int r = g(p); if (r) return r; while (x--) say(x); return 0; }",
        F + "{ if (p->n) return -EIO; say(p->m); while (x--) say(x); return 0; }",
    ),
    "a void one in a loop": (
        F + "{ while (x--) { lock(p); p->n += x; unlock(p); } return 0; }",
        "static void g(struct d *q, int by) { lock(q); q->n += by; unlock(q); }"
        + F + "{ while (x--) g(p, x); return 0; }",
    ),
    "a test": (
        F + "{ while (x--) { if (p->n == x && p->m > 3) return x; say(x); } return"
        " 0; }",
        "static bool g(struct d *q, int v) { return q->n == v && q->m > 3; }"
        + F + "{ while (x--) { if (g(p, x)) return x; say(x); } return 0; }",
    ),
    "a test of its errors": (
        F + "{ int r; r = ask(p); if (r < 0) goto out; r = ext(x); if (r < 0) goto out;"
        " while (x--) say(x); r = 0; out: unlock(p); return r; }",
        "static int g(struct d *p, int x) { int r = ask(p); if (r < 0) return r;"
        " return ext(x); }"
        + F + "{ int r = g(p, x); if (r < 0) goto out; while (x--) say(x); r = 0;"
        " out: unlock(p); return r; }",
    ),
    "a flag that became a goto": (
        F + "{ int bad = 0; switch (x) { case 1: if (ask(p)) { bad = 1; break; }"
        " say(1);"
        " break; case 2: say(2); break; default: bad = 1; } if (bad) { lock(p);"
        " return -EIO; } while (x--) say(x); return 0; }",
        F + "{ switch (x) { case 1: if (ask(p)) goto bad; say(1); break; case 2:"
        " say(2);"
        " break; default: goto bad; } while (x--) say(x); return 0; bad: lock(p);"
        " return -EIO; }",
    ),
    "a number that is known": (
        F + "{ int r = 0; while (x--) { r = ext(x); if (r) return r; } return r; }",
        F + "{ int r; while (x--) { r = ext(x); if (r) return r; } return 0; }",
    ),
    "a loop of a macro": (
        F + "{ struct d *q; for_each(q, p) { if (ask(q)) continue; say(q->n); }"
        " return x;"
        " }",
        "static void g(struct d *one) { if (ask(one)) return; say(one->n); }"
        + F + "{ struct d *q; for_each(q, p) { g(q); } return x; }",
    ),
    "an address of a member": (
        F + "{ while (x--) say(p->in.n); return 0; }",
        "static void g(struct e *q, int x) { while (x--) say(q->n); }"
        + F + "{ g(&p->in, x); return 0; }",
    ),
    "a macro with a branch in it": (
        F + "{ int r = least(x, 7); if (ask(p)) return -EIO; while (x--) say(r);"
        " return 0; }",
        "static void g(int r, int x) { while (x--) say(r); }"
        + F + "{ int r = least(x, 7); if (ask(p)) return -EIO; g(r, x); return 0; }",
    ),
    "two in one another": (
        F + "{ while (x--) { if (p->n) { lock(p); say(p->m); unlock(p); } } return"
        " 0; }",
        "static void h(struct d *p) { lock(p); say(p->m); unlock(p); }"
        " static void g(struct d *p) { if (p->n) h(p); }"
        + F + "{ while (x--) g(p); return 0; }",
    ),
    "a value by an address": (
        F + "{ int v; if (fill(&v)) return -EIO; while (x--) say(v); return 0; }",
        "static int g(int x) { int v; if (fill(&v)) return -EIO; while (x--) say(v);"
        " return 0; }" + F + "{ return g(x); }",
    ),
    "a negation": (
        F + "{ if (!p->n) { while (x--) say(x); } else { lock(p); } return 0; }",
        F + "{ if (p->n) { lock(p); return 0; } while (x--) say(x); return 0; }",
    ),
    "variables of one name in two blocks": (
        F + "{ if (x) { int v = ext(1); say(v); } else { int v = ext(2); say(v + 1); }"
        " while (x--) say(x); return 0; }",
        F + "{ if (!x) { int w = ext(2); say(w + 1); } else { int u = ext(1); say(u); }"
        " while (x--) say(x); return 0; }",
    ),
}  # fmt: skip
BLOCK = "lock(p); while (x--) { say(x); } p->n = x; unlock(p);"
G = "static int g(struct d *q, int y) "
CALL = F + "{ int r; lock(p); r = g(p, x); unlock(p); return r; }"
OLD = (
    F + "{ int r; lock(p); r = ask(p); if (r) goto out; while (x) { x--; r = ext(x);"
    " if (r) goto out; } p->n = x; out: unlock(p); return r; }"
)
OTHER = {
    "another error": (OLD, G + "{ int e = ask(q); if (e) return -EIO; while (y) { y--;"
        " e = ext(y); if (e) return e; } q->n = y; return 0; }" + CALL),
    "an error that is lost": (OLD, G + "{ int e = ask(q); if (e) return e; while (y) {"
        " y--; e = ext(y); if (e) return 0; } q->n = y; return 0; }" + CALL),
    "a store that is gone": (OLD, G + "{ int e = ask(q); if (e) return e; while (y) {"
        " y--; e = ext(y); if (e) return e; } return 0; }" + CALL),
    "a store before the loop": (OLD, G + "{ int e = ask(q); if (e) return e; q->n = 0;"
        " while (y) { y--; e = ext(y); if (e) return e; } return 0; }" + CALL),
    "another value that is stored": (OLD, G + "{ int e = ask(q); if (e) return e;"
        " while (y) { y--; e = ext(y); if (e) return e; } q->n = y + 1; return 0; }"
        + CALL),
    "another member": (OLD, G + "{ int e = ask(q); if (e) return e; while (y) { y--;"
        " e = ext(y); if (e) return e; } q->m = y; return 0; }" + CALL),
    "a test the other way": (OLD, G + "{ int e = ask(q); if (!e) return e; while (y) {"
        " y--; e = ext(y); if (e) return e; } q->n = y; return 0; }" + CALL),
    "a test for less than 0": (OLD, G + "{ int e = ask(q); if (e < 0) return e;"
        " while (y) { y--; e = ext(y); if (e) return e; } q->n = y; return 0; }"
        + CALL),
    "one round more": (OLD, G + "{ int e = ask(q); if (e) return e; do { y--;"
        " e = ext(y); if (e) return e; } while (y); q->n = y; return 0; }" + CALL),
    "the count after the call": (OLD, G + "{ int e = ask(q); if (e) return e; while (y)"
        " { e = ext(y); y--; if (e) return e; } q->n = y; return 0; }" + CALL),
    "a return of another number": (OLD, G + "{ int e = ask(q); if (e) return e;"
        " while (y) { y--; e = ext(y); if (e) return e; } q->n = y; return 1; }"
        + CALL),
    "an unlock that is gone": (OLD, G + "{ int e = ask(q); if (e) return e; while (y) {"
        " y--; e = ext(y); if (e) return e; } q->n = y; return 0; }"
        + F + "{ int r; lock(p); r = g(p, x); if (r) return r; unlock(p); return r; }"),
    "an unlock twice": (OLD, G + "{ int e = ask(q); if (e) { unlock(q); return e; }"
        " while (y) { y--; e = ext(y); if (e) return e; } q->n = y; return 0; }"
        + CALL),
    "arguments the other way": (
        F + "{ while (x--) say(two(x, p->n)); return 0; }",
        "static void g(int a, int b) { say(two(a, b)); }"
        + F + "{ while (x--) g(p->n, x); return 0; }"),
    "a result that nobody has": (OLD, G + "{ int e = ask(q); if (e) return e;"
        " while (y) { y--; e = ext(y); if (e) return e; } q->n = y; return 0; }"
        + F + "{ lock(p); g(p, x); unlock(p); return 0; }"),
    "a variable that the block changed": (
        F + "{ " + BLOCK + " return x; }",
        "static void g(struct d *p, int x) { " + BLOCK + " }"
        + F + "{ g(p, x); return x; }"),
    "a pointer that the block moved": (
        F + "{ while (x--) { say(x); p = p->up; } return ask(p); }",
        "static void g(struct d *p, int x) { while (x--) { say(x); p = p->up; } }"
        + F + "{ g(p, x); return ask(p); }"),
    "a parameter that is narrower": (
        F + "{ while (x--) say(x); return ext(x); }",
        "static int g(u8 x) { while (x--) say(x); return ext(x); }"
        + F + "{ return g(x); }"),
    "a parameter without a sign": (
        F + "{ while (ext(x)) say(x >> 1); return x < 0; }",
        "static int g(u32 x) { while (ext(x)) say(x >> 1); return x < 0; }"
        + F + "{ return g(x); }"),
    "a result that is a truth": (
        F + "{ int r = ask(p); while (x--) say(r); return r; }",
        "static bool g(struct d *p) { return ask(p); }"
        + F + "{ int r = g(p); while (x--) say(r); return r; }"),
    "a result of one byte": (
        F + "{ int r = ask(p); while (x--) say(r); return r; }",
        "static u8 g(struct d *p) { return ask(p); }"
        + F + "{ int r = g(p); while (x--) say(r); return r; }"),
    "a result that is asked for its sign": (
        F + "{ int r = ask(p); if (r < 0) return r; while (x--) say(r); return 0; }",
        "static bool g(struct d *p) { return ask(p) < 0; }"
        + F + "{ int r = g(p); if (r) return r; while (x--) say(r); return 0; }"),
    "a variable of its own for each call": (
        F + "{ int s = 0; while (x--) { s += ext(x); say(s); } return 0; }",
        "static void g(int x) { int s = 0; s += ext(x); say(s); }"
        + F + "{ while (x--) g(x); return 0; }"),
    "an address with what was there": (
        F + "{ int v = 3; while (x--) { if (!fill(&v)) v++; say(v); } return 0; }",
        "static void g(void) { int v; if (!fill(&v)) v++; say(v); }"
        + F + "{ while (x--) g(); return 0; }"),
    "an address of a variable that stays": (
        F + "{ int v; while (x--) { fill(&v); say(v); } return 0; }",
        "static void g(void) { int v; fill(&v); say(v); }"
        + F + "{ while (x--) g(); return 0; }"),
    "a variable that is never set": (
        F + "{ int s = p->n; if (x) s |= 1; while (x--) say(s); return s; }",
        "static int g(int x) { int s; if (x) s |= 1; while (x--) say(s); return s; }"
        + F + "{ return g(x); }"),
    "a value that is read before": (
        F + "{ lock(p); while (x--) say(p->n); unlock(p); return 0; }",
        "static void g(struct d *p, int n, int x) { lock(p); while (x--) say(n);"
        " unlock(p); }" + F + "{ g(p, p->n, x); return 0; }"),
    "a value that is read behind the lock": (
        F + "{ int n = p->n; lock(p); while (x--) say(n); unlock(p); return 0; }",
        F + "{ int n; lock(p); n = p->n; while (x--) say(n); unlock(p); return 0; }"),
    "a read behind the unlock": (
        F + "{ int n; lock(p); n = p->n; while (x--) say(n); unlock(p); return n; }",
        F + "{ lock(p); while (x--) say(p->n); unlock(p); return p->n; }"),
    "a pointer that is followed before it is asked": (
        F + "{ struct d *q = find(p); if (!q) return -EIO; x = q->n; while (x--)"
        " say(x);"
        " return 0; }",
        F + "{ struct d *q = find(p); x = q->n; if (!q) return -EIO; while (x--)"
        " say(x);"
        " return 0; }"),
    "two reads for one": (
        F + "{ int n = p->n; if (n) x = n; while (ext(x)) say(x); return 0; }",
        F + "{ if (p->n) x = p->n; while (ext(x)) say(x); return 0; }"),
    "what is behind a return": (
        F + "{ if (ask(p)) { while (x--) say(x); } say(1); return 0; }",
        "static void g(struct d *p, int x) { if (!ask(p)) return; while (x--) say(x);"
        " say(1); }" + F + "{ g(p, x); return 0; }"),
    "a break that leaves a function": (
        F + "{ while (x--) { if (p->n) break; say(x); } return 0; }",
        "static void g(struct d *p, int x) { if (p->n) return; say(x); }"
        + F + "{ while (x--) g(p, x); return 0; }"),
    "a name in a text": (
        F + "{ int a = x; while (ext(a)) say(a); show(a); return 0; }",
        "static int g(int b) { while (ext(b)) say(b); show(b); return 0; }"
        + F + "{ return g(x); }"),
    "a macro that swaps one with itself": (
        F + "{ int a = x, b = x; while (ext(a)) say(b); swap(a, b); return ext(a); }",
        F + "{ int a = x; while (ext(a)) say(a); swap(a, a); return ext(x); }"),
    "a macro that returns": (
        F + "{ while (x--) say(x); leave_if(p->n); say(2); return 0; }",
        "static int g(struct d *p, int x) { while (x--) say(x); leave_if(p->n);"
        " return 0; }" + F + "{ g(p, x); say(2); return 0; }"),
    "a macro that sets a variable by its name": (
        F + "{ int ret = 0; while (x--) say(x); set_ret(); return ret; }",
        "static void g(int x) { int ret = 0; while (x--) say(x); set_ret(); }"
        + F + "{ int ret = 0; g(x); return ret; }"),
    "one flag for two places": (
        F + "{ while (x--) say(once()); say(once()); return 0; }",
        "static void g(void) { say(once()); }"
        + F + "{ while (x--) g(); g(); return 0; }"),
    "its own name": (
        F + "{ while (x--) say(x); named(__func__); return 0; }",
        "static int g(int x) { while (x--) say(x); named(__func__); return 0; }"
        + F + "{ return g(x); }"),
    "a variable that is kept": (
        F + "{ int n = 0; while (x--) say(n++); return n; }",
        "static int g(int x) { static int n = 0; while (x--) say(n++); return n; }"
        + F + "{ return g(x); }"),
    "it calls itself": (
        F + "{ while (x) { say(x); x--; } return 0; }",
        "static void g(int x) { if (!x) return; say(x); g(x - 2); }"
        + F + "{ g(x); return 0; }"),
    "a function that is not of the file alone": (
        F + "{ while (x--) say(x); return ext(1); }",
        "__attribute__((weak)) int g(int x) { while (x--) say(x); return ext(1); }"
        + F + "{ return g(x); }"),
    "another order of calls": (
        F + "{ lock(p); while (x--) say(x); take(p, p->up); unlock(p); return 0; }",
        "static void g(struct d *p, int x) { take(p, p->up); while (x--) say(x); }"
        + F + "{ lock(p); g(p, x); unlock(p); return 0; }"),
    "out of the lock": (
        F + "{ lock(p); while (x--) say(x); p->n = 1; unlock(p); return 0; }",
        "static void g(struct d *p) { p->n = 1; }"
        + F + "{ lock(p); while (x--) say(x); unlock(p); g(p); return 0; }"),
    "pointers the other way": (
        F + "{ struct d *q = find(p); while (x--) say(x); take(p, q); return 0; }",
        "static void g(struct d *p, struct d *q, int x) { while (x--) say(x);"
        " take(q, p); }" + F + "{ struct d *q = find(p); g(p, q, x); return 0; }"),
    "a case that falls through": (
        F + "{ switch (x) { case 1: say(1); break; case 2: say(2); break; }"
        " while (x--) say(x); return 0; }",
        F + "{ switch (x) { case 1: say(1); case 2: say(2); break; }"
        " while (x--) say(x); return 0; }"),
    "a case more": (
        F + "{ switch (x) { case 1: say(1); break; } while (x--) say(x); return 0; }",
        F + "{ switch (x) { case 1: case 2: say(1); break; } while (x--) say(x);"
        " return 0; }"),
    "a default that is gone": (
        F + "{ int r = 0; switch (x) { case 1: say(1); break; default: r = -EIO; }"
        " while (x--) say(x); return r; }",
        F + "{ int r = 0; switch (x) { case 1: say(1); break; case 2: r = -EIO; }"
        " while (x--) say(x); return r; }"),
    "a flag that is set once more": (
        F + "{ int bad = 0; while (x--) { if (ext(x)) bad = 1; } if (bad) return -EIO;"
        " return 0; }",
        F + "{ while (x--) { if (ext(x)) return -EIO; } return 0; }"),
    "a flag that is reset": (
        F + "{ int bad = 0; while (x--) { bad = ext(x); } return bad ? -EIO : 0; }",
        F + "{ int bad = 0; while (x--) { bad |= ext(x); } return bad ? -EIO : 0; }"),
    "what the last round gave": (
        F + "{ int r = 0; while (x--) { r = ext(x); if (r < 0) return r; } return r; }",
        F + "{ int r; while (x--) { r = ext(x); if (r < 0) return r; } return 0; }"),
    "a number that is not known": (
        F + "{ int r = ask(p); if (r == 5) goto out; while (x--) say(x); out: return r;"
        " }",
        F + "{ int r = ask(p); if (r == 5) goto out; while (x--) say(x); r = 0;"
        " out: return r; }"),
    "or for and": (
        F + "{ while (x--) { if (p->n == x && p->m > 3) return x; say(x); } return"
        " 0; }",
        "static bool g(struct d *q, int v) { return q->n == v || q->m > 3; }"
        + F + "{ while (x--) { if (g(p, x)) return x; say(x); } return 0; }"),
    "a bound that is another": (
        F + "{ while (x--) { if (p->n == x && p->m > 3) return x; say(x); } return"
        " 0; }",
        "static bool g(struct d *q, int v) { return q->n == v && q->m >= 3; }"
        + F + "{ while (x--) { if (g(p, x)) return x; say(x); } return 0; }"),
    "a call that is not always made": (
        F + "{ int r; lock(p); r = ask(p); r += ext(x); while (x--) say(r); return"
        " r; }",
        F + "{ int r; lock(p); r = ask(p); if (r) r += ext(x); while (x--) say(r);"
        " return r; }"),
    "a loop that never ends": (
        F + "{ while (x) { if (p->n) break; } return 0; }",
        F + "{ return 0; }"),
    "a loop that one side waits for": (
        F + "{ while (x) x = x; return ext(1); }",
        F + "{ return ext(1); }"),
    "a choice in a loop": (
        F + "{ while (p->n) { if (x) x = -x; } return ext(1); }",
        F + "{ return ext(1); }"),
    "a loop of a macro that ends": (
        F + "{ struct d *q; for_each(q, p) { if (ask(q)) continue; say(q->n); }"
        " return x; }",
        F + "{ struct d *q; for_each(q, p) { if (ask(q)) break; say(q->n); } return"
        " x; }"
    ),
    "a loop of a macro in another": (
        F + "{ struct d *q, *r; for_each(q, p) { for_each(r, q) { say(r->n); }"
        " say(1); }"
        " return x; }",
        F + "{ struct d *q, *r; for_each(q, p) { for_each(r, p) { say(r->n); }"
        " say(1); }"
        " return x; }"),
    "a row that is one longer": (
        F + "{ int row[2] = { 1, 2 }; while (x--) say(row[x]); return 0; }",
        "static int g(int x) { int row[2] = { 1, 3 }; while (x--) say(row[x]);"
        " return 0; }" + F + "{ return g(x); }"),
    "a length that is another": (
        F + "{ u8 row[2]; while (x--) fill((int *)row); return sizeof(row); }",
        "static int g(int x) { u8 row[4]; while (x--) fill((int *)row);"
        " return sizeof(row); }" + F + "{ return g(x); }"),
    "a global variable for its own": (
        F + "{ int total = x; while (ext(total)) total--; return total; }",
        "static int g(int x) { while (ext(total)) total--; return total; }"
        + F + "{ return g(x); }"),
    "an argument that changes what it reads": (
        F + "{ int a = x; while (a--) say(x); return ext(a); }",
        "static int g(int a, int x) { while (a--) say(x); return ext(a); }"
        + F + "{ return g(x--, x); }"),
    "an index that is a byte": (
        F + "{ int i; for (i = 0; i < x; i++) say(p->row[i]); return 0; }",
        "static void g(struct d *p, int x) { u8 i; for (i = 0; i < x; i++)"
        " say(p->row[i]); }" + F + "{ g(p, x); return 0; }"),
    "a pointer to another struct": (
        F + "{ struct d *q = p->priv; while (x--) say(q->n); return 0; }",
        F + "{ struct e *q = p->priv; while (x--) say(q->n); return 0; }"),
    "another struct of a call": (
        F + "{ struct d *q = any(p); while (x--) say(q->n); return 0; }",
        "static void g(struct e *q, int x) { while (x--) say(q->n); }"
        + F + "{ g(any(p), x); return 0; }"),
    "a step that is another": (
        F + "{ int i; for (i = 0; i < x; i++) say(p->row[i]); return 0; }",
        "static void g(struct d *p, int x) { int i; for (i = 0; i < x; i += 2)"
        " say(p->row[i]); }" + F + "{ g(p, x); return 0; }"),
    "a begin that is another": (
        F + "{ int i; for (i = 0; i < x; i++) say(p->row[i]); return 0; }",
        "static void g(struct d *p, int x) { int i; for (i = 1; i < x; i++)"
        " say(p->row[i]); }" + F + "{ g(p, x); return 0; }"),
    "a continue that steps": (
        F + "{ int i; for (i = 0; i < x; i++) { if (ext(i)) continue; say(i); }"
        " return 0; }",
        F + "{ int i = 0; while (i < x) { if (ext(i)) continue; say(i); i++; }"
        " return 0; }"),
    "a block variable that hides": (
        F + "{ int v = 1; if (x) { int v = ext(1); say(v); } while (x--) say(v);"
        " return v; }",
        F + "{ int v = 1; if (x) { v = ext(1); say(v); } while (x--) say(v);"
        " return v; }"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new"), SAME.values(), ids=SAME.keys())
def test_a_block_in_a_function_is_the_same(old: str, new: str) -> None:
    assert told(old, new).proved
    assert told(new, old).proved


@pytest.mark.parametrize(("old", "new"), OTHER.values(), ids=OTHER.keys())
def test_a_block_that_changed_is_not_the_same(old: str, new: str) -> None:
    assert not told(old, new).proved
    assert not told(new, old).proved


def test_an_address_that_outlives_the_function_is_told() -> None:
    old = F + "{ int v; if (fill(&v)) return -EIO; while (x--) say(v); return ext(1); }"
    new = (
        "static int g(int x) { int v; if (fill(&v)) return -EIO; while (x--) say(v);"
        " return 0; }" + F + "{ int r = g(x); if (r) return r; return ext(1); }"
    )
    found = told(old, new)
    assert found.proved
    assert found.of_entered == (
        "nobody keeps the address of `v` beyond the function that it is of",
    )


def test_a_function_of_the_same_configurations_is_entered() -> None:
    loop = "{ int i; for (i = 0; i < x; i++) say(p->row[i]); "
    gate = "#ifdef CONFIG_A\n%s\n#endif\n"
    old = gate % (F + loop + "return 0; }")
    callee = "static void g(struct d *p, int x) " + loop + "}"
    new = gate % (callee + F + "{ g(p, x); return 0; }")
    assert told(old, new).proved
    assert told(new, old).proved
