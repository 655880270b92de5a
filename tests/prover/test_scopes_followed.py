# SPDX-License-Identifier: GPL-2.0-or-later
"""guard(), scoped_guard() and __free() are run at each way out of their scope.

Whether that is what a compiler makes of them is shown with gcc, by the pairs of
tests/prover/pairs/scopes.py; here is what must be told, and what must not.
"""

from __future__ import annotations

import pytest
from pairs.scopes import CLASSES

from reviewer.c.source import parse
from reviewer.prover.judge.compare import compare_functions
from reviewer.prover.verdict import Verdict

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
