# SPDX-License-Identifier: GPL-2.0-or-later
"""guard(), scoped_guard() and __free() are run at each way out of their scope.

Whether that is what a compiler makes of them is shown with gcc, by the pairs of
tests/prover/pairs/scopes.py; here is what must be told, and what must not.
"""

from __future__ import annotations

import pytest
from pairs.scopes import CLASSES

from reviewer.c.source import parse
from reviewer.facts import Facts
from reviewer.prover.judge.compare import compare_files, compare_functions
from reviewer.prover.verdict import Verdict
from reviewer.tree.view import EmptyView
from reviewer.tree.views import OverlayView

HEAD = "extern int ext(int);\nextern void sink(long);\nextern void touch(void);\n"
HEAD += CLASSES.replace("@", "").replace("KK", "7")
GUARDED = "guard(hold)(&p->m); if (x) return 1; return ext(2);"
BY_HAND = "int r = 1; ext(p->m.a); if (!x) r = ext(2); sink(p->m.b); return r;"


def verdict(old: str, new: str, head: str = HEAD) -> Verdict:
    texts = (f"{head}int f(struct w *p, int x) {{ {body} }}\n" for body in (old, new))
    one, two = (parse("a.c", text.encode()) for text in texts)
    (found,) = compare_functions(one, two, None, None, "f")
    return found.verdict


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (GUARDED, BY_HAND),
        ("guard(all)(); return ext(x);", "touch(); x = ext(x); sink(7); return x;"),
        (
            "\n scoped_guard(all) {\n  if (x) break;\n  ext(3);\n }\n return 0;",
            "touch(); if (!x) ext(3); sink(7); return 0;",
        ),
        (
            "struct t *q __free(drop) = x ? &p->m : 0; return ext(x);",
            "struct t *q = x ? &p->m : 0; x = ext(x); if (q) sink(q->a); return x;",
        ),
        (
            "while (ext(x)) { guard(all)(); if (ext(1)) return 2; } return 0;",
            "while (ext(x)) { guard(all)(); if (ext(1)) return 2; } return (0);",
        ),
        (
            "guard(all)(); while (ext(x)) if (ext(1)) return 2; return 0;",
            "guard(all)(); while (ext(x)) if (ext(1)) return 2; return (0);",
        ),
    ],
)
def test_what_is_written_out_by_hand_is_the_same(old: str, new: str) -> None:
    assert verdict(old, new) is Verdict.EQUAL


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (GUARDED, BY_HAND.replace("if (!x) r = ext(2);", "")),
        (GUARDED, "ext(p->m.a); if (x) return 1; x = ext(2); sink(p->m.b); return x;"),
        ("guard(all)(); return ext(x);", "touch(); sink(7); return ext(x);"),
        ("guard(all)(); guard(hold)(&p->m); return 0;",
         "touch(); ext(p->m.a); sink(7); sink(p->m.b); return 0;"),
        ("struct t *q __free(drop) = &p->m; return ext(x);", "return ext(x);"),
        ("{ guard(all)(); } return ext(x);", "guard(all)(); return ext(x);"),
        ("for (; ext(x); ext(3)) { guard(all)(); ext(1); } return 0;",
         "while (ext(x)) { guard(all)(); ext(1); ext(3); } return 0;"),
    ],
)  # fmt: skip
def test_what_is_done_elsewhere_is_not_the_same(old: str, new: str) -> None:
    assert verdict(old, new) is not Verdict.EQUAL


@pytest.mark.parametrize(
    "body",
    [
        "if (x) guard(all)(); return ext(x);",
        "guard(all)(); if (x) goto out; ext(1); out: return 0;",
        "if (x) goto out; guard(all)(); ext(1); out: return 0;",
        "int y = ({ guard(all)(); ext(x); }); return y;",
        "switch (x) { case 1: guard(all)(); ext(1); } return ext(x);",
        "struct t *q __free(drop) = &p->m, *r = &p->m; return ext(x);",
        "struct t *q __free(unknown) = &p->m; return ext(x);",
        "CLASS(all, c)(); return ext(x);",
    ],
)
def test_one_that_is_not_followed_is_not_left_out(body: str) -> None:
    plain = "return ext(x);"
    assert verdict(plain, body) is not Verdict.EQUAL
    assert verdict(body, plain) is not Verdict.EQUAL


def test_a_class_that_there_are_two_of_is_not_taken_for_one() -> None:
    again = f"{HEAD}#ifdef A\nDEFINE_LOCK_GUARD_0(all, touch(), sink(8))\n#endif\n"
    old, new = "guard(all)(); return x;", "touch(); sink(7); return x;"
    assert verdict(old, new) is Verdict.EQUAL
    assert verdict(old, new, again) is Verdict.NOT_DECIDED


def test_a_scope_that_is_skipped_without_a_lock_is_not_run_always() -> None:
    """As in the kernels that ask for the lock's pointer: 6.8 to 6.11."""
    old = "\n\tscoped_guard(hold, &p->m)\n\t\text(3);\n\treturn 0;"
    new = "ext(p->m.a); ext(3); sink(p->m.b); return 0;"
    asked = HEAD.replace("; !once;", "; class_##n##_lock_ptr(&scope) && !once;")
    assert verdict(old, new) is Verdict.EQUAL
    assert verdict(old, new, asked) is Verdict.NOT_DECIDED


FREED = "struct t *q __free(drop) = &p->m; return x;"
ENDED = "struct t *q = &p->m; if (q) sink(q->a); return x;"
LOCKED = "guard(hold)(&p->m); return x;"
BY_CALLS = "ext(p->m.a); sink(p->m.b); return x;"


def other(old: str, new: str) -> str:
    assert old in HEAD
    return HEAD.replace(old, new)


@pytest.mark.parametrize(
    ("old", "new", "head"),
    [
        (FREED, ENDED, other("__cleanup(__free_##n)", "__cleanup(__free_other)")),
        (FREED, ENDED, other("__cleanup(__free_##n)", "")),
        (FREED, ENDED, other("__attribute__((__cleanup__(f)))", "")),
        (LOCKED, BY_CALLS, other("#define guard(n) ", "#define guard(n) touch(); ")),
        (LOCKED, BY_CALLS, other(") = class_##n##_con", ") = class_x##n##_con")),
        (LOCKED, BY_CALLS, other("({ l; _T; })", "({ l; _T + 1; })")),
        (LOCKED, "sink(p->m.b); return x;", other("ext(_T->a), sink", "_T = 0, sink")),
        (
            LOCKED,
            BY_CALLS,
            f"#define ext2 ext\n{other('ext(_T->a)', 'ext2(_T->a)')}"
            "#undef ext2\n#define ext2 sink\n",
        ),
        (
            FREED,
            ENDED,
            other("DEFINE_FREE(drop", "#ifdef A\nDEFINE_FREE(drop")
            + "#else\nstatic void __free_drop(void *p) { touch(); }\n#endif\n",
        ),
        (FREED, ENDED, other("DEFINE_FREE(drop", "#ifdef A\nDEFINE_FREE(drop")
         + "#endif\n"),
        (
            "int scope = x;\n scoped_guard(all) {\n  ext(scope != 0);\n }\n return 0;",
            "int scope = x; touch(); ext(scope != 0); sink(7); return 0;",
            HEAD,
        ),
        (
            "int q[2] __free(one) = { x, x }; return x;",
            "int q[2] = { x, x }; sink((long)q); return x;",
            f"{HEAD}DEFINE_FREE(one, int, sink(_T))\n",
        ),
    ],
)  # fmt: skip
def test_what_is_not_that_of_cleanup_h_is_not_taken_for_it(
    old: str, new: str, head: str
) -> None:
    assert verdict(old, new, head) is not Verdict.EQUAL


def test_a_class_is_not_taken_from_behind_another_meaning() -> None:
    """gcc puts a macro in where the class is made: these two are the same."""
    sources = [
        f"#define ends sink(2)\n{HEAD}DEFINE_GUARD(k, struct t *, touch(), ends)\n"
        f"{again}int f(struct w *p, int x) {{ guard(k)(&p->m); return x; }}\n"
        for again in ("", "#undef ends\n#define ends sink(3)\n")
    ]
    one, two = (parse("a.c", text.encode()) for text in sources)
    (found,) = compare_functions(one, two, None, None, "f")
    assert found.verdict is Verdict.NOT_DECIDED


@pytest.mark.parametrize(
    ("body", "old", "new"),
    [
        (FREED, "if (_T) sink(_T->a)", "if (_T) sink(_T->b)"),
        (LOCKED, "ext(_T->a)", "ext(_T->b)"),
        ("guard(all)(); return x;", "sink(7)", "sink(8)"),
        ("\n scoped_guard(all)\n  ext(1);\n return x;", "sink(7)", "sink(8)"),
        ("guard(all)(); return x;", "if (_T->lock)", "if (!_T->lock)"),
    ],
)
def test_who_uses_a_class_that_changes_is_compared(
    body: str, old: str, new: str
) -> None:
    texts = (
        f"{head}int f(struct w *p, int x) {{ {body} }}\nint g(int x) {{ return x; }}\n"
        for head in (HEAD, other(old, new))
    )
    one, two = (parse("a.c", text.encode()) for text in texts)
    (found,) = compare_files(one, two, None, None)
    assert found.name == "f"
    assert found.verdict is not Verdict.EQUAL


MUTEX = "struct mutex { int o; };\nvoid mutex_lock(struct mutex *);\n"
HOLDS = """#include <linux/mutex.h>
struct d { int n; struct mutex m; };
static void hold(struct d *p) { touch(); }
static void drop(struct d *p) { sink(7); }
DEFINE_GUARD(held, struct d *, if (_T) hold(_T), if (_T) drop(_T))
"""


@pytest.mark.parametrize("before", ["", "mutex_lock(&p->m); "])
def test_both_sides_stop_at_a_mutex_in_nothing(before: str) -> None:
    """A guard that tests its pointer differs for NULL alone, where a lock was not
    taken of it before."""
    sides = []
    for body in ("hold(p); drop(p);", "guard(held)(p);"):
        text = f"{HEAD}{HOLDS}int f(struct d *p) {{ {before}{body} return 0; }}\n"
        files = {"include/linux/mutex.h": MUTEX.encode(), "a.c": text.encode()}
        sides.append(
            (parse("a.c", text.encode()), Facts(OverlayView(EmptyView(), files)))
        )
    (one, facts), (two, others) = sides
    (found,) = compare_functions(one, two, facts, others, "f")
    assert (found.verdict is Verdict.DIFFERS) == (not before)
