# SPDX-License-Identifier: GPL-2.0-or-later
"""What is done by another way is not told as gone."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from judged_pairs import HEAD, judged

from reviewer.prover.verdict import FunctionVerdict, Verdict

MORE = f"{HEAD}void set(struct s *p, int n);\nvoid put(struct s *p);\n"
LOOP = "int r = 0;\n\nwhile (p->m) {\n\tr += ask(p);\n\tp = p->next;\n}\n"
KINDS = {  # before, after, what is told, what is not
    "a tail with a condition before it": (
        "if (a) {\n\tput(p);\n\treturn 0;\n}\nif (p->n)\n\tset(p, 1);\nput(p);"
        "\nreturn r;",
        "if (p->n)\n\tset(p, 1);\nput(p);\nreturn r;",
        ("goes on where it returned `0`",),
    ),
    "a tail that returns the same": (
        "if (a) {\n\tput(p);\n\treturn r;\n}\nif (p->n)\n\tset(p, 1);\nput(p);"
        "\nreturn r;",
        "if (p->n)\n\tset(p, 1);\nput(p);\nreturn r;",
        ("goes on before it returns `r`",),
    ),
    "a tail that does it under a condition": (
        "if (a) {\n\tput(p);\n\treturn 0;\n}\nif (p->n)\n\tput(p);\nreturn r;",
        "if (p->n)\n\tput(p);\nreturn r;",
        ("goes on where it returned `0`", "calls `put(p)` only when `p->n`"),
    ),
    "the rest of a round": (
        "for (; a < 8; a++) {\n\tif (p->n) {\n\t\tput(p);\n\t\tcontinue;\n\t}"
        "\n\tset(p, 1);\n\tput(p);\n}\nreturn r;",
        "for (; a < 8; a++) {\n\tset(p, 1);\n\tput(p);\n}\nreturn r;",
        ("goes on where it skipped the rest of the round",),
    ),
    "a label that does more": (
        "if (a) {\n\tput(p);\n\treturn -5;\n}\nset(p, 1);\nout:\nif (p->n)"
        "\n\tlock(p);\nput(p);\nreturn r;",
        "if (a) {\n\tr = -5;\n\tgoto out;\n}\nset(p, 1);\nout:\nif (p->n)"
        "\n\tlock(p);\nput(p);\nreturn r;",
        ("goes to `out` with `r = -5` where it returned `-5`",),
    ),
    "another one is done there": (
        "if (a) {\n\tput(p);\n\treturn 0;\n}\nset(p, 1);\np = p->next;\nput(p);"
        "\nreturn r;",
        "set(p, 1);\np = p->next;\nput(p);\nreturn r;",
        ("goes on where it returned `0`", "no longer calls `put(p)`"),
    ),
    "both do it behind": (
        "if (a)\n\tput(p);\nset(p, 1);\nput(p);\nreturn r;",
        "set(p, 1);\nput(p);\nreturn r;",
        ("no longer calls `put(p)`",),
    ),
    "the end of a loop": (
        "while (a) {\n\tif (ask(p))\n\t\tbreak;\n\tset(p, a--);\n}\nput(p);\nreturn r;",
        "while (a) {\n\tif (ask(p)) {\n\t\tput(p);\n\t\treturn a;\n\t}"
        "\n\tset(p, a--);\n}\nput(p);\nreturn r;",
        ("returns `a` where it left the loop or switch",),
    ),
    "another test leaves first": (
        "if (a)\n\treturn 1;\nif (p->n)\n\treturn 2;\nset(p, 1);\nreturn r;",
        "if (p->n > r)\n\treturn 1;\nset(p, 1);\nreturn r;",
        None,
    ),
    "other ways out": (
        "if (a == 1)\n\treturn 1;\nif (ask(p))\n\tset(p, 1);\nreturn r;",
        "if (a == 1 || a == 4)\n\treturn 3;\nset(p, 1);\nreturn r;",
        None,
    ),
}


def told(old: str, new: str, head: str = MORE, new_head: str = "") -> FunctionVerdict:
    return judged(LOOP + old, LOOP + new, head, new_head)


@pytest.mark.parametrize("title", KINDS)
def test_what_is_told(title: str) -> None:
    old, new, wanted = KINDS[title]
    events = [part.then for part in told(old, new).parts]
    if wanted is None:
        assert not any("goes on" in one for then in events for one in then)
    else:
        assert events == [wanted]


def test_what_moved_behind_both_branches() -> None:
    old = "if (a) {\n\tset(p, 1);\n\tput(p);\n} else {\n\tlock(p);\n\tput(p);\n}"
    new = "if (a) {\n\tset(p, 1);\n} else {\n\tset(p, 2);\n}\nput(p);"
    events = [one for part in told(old, new).parts for one in part.then]
    assert not any("no longer calls `put" in one for one in events)
    assert "no longer calls `lock(p)`" in events


INNER = "int *q = get(4);\n\nif (!q)\n\treturn -12;\nset(p, a);\nput(p);\nreturn r;"
PART = f"static int part(struct s *p, int a, int r)\n{{\n{INNER}\n}}\n"


def test_a_body_that_went_into_another_function() -> None:
    new = "r = part(p, a, r);\nif (r)\n\tlock(p);\nreturn r;"
    found = told(INNER, new, MORE, MORE + PART)
    events = [one for part in found.parts for one in part.then]
    assert not any("no longer" in one and "-12" in one for one in events)
    assert not any("returned `-12`" in one for one in events)
    assert any("part() (new, a.c:" in one for one in events)


FREES = """#define __free(x) __attribute__((__cleanup__(x##_end)))
#define DEFINE_FREE(name, type, free) \\
	static inline void name##_end(void *p) { type _T = *(type *)p; free; }
DEFINE_FREE(it, struct s *, if (_T) put(_T))
struct s *find(struct s *p);
"""


def test_what_is_left_to_the_end_of_a_scope() -> None:
    old = "if (a) {\n\tstruct s *q;\n\n\tq = find(p);\n\tset(q, 1);\n\tput(q);\n}"
    new = "if (a) {\n\tstruct s *q __free(it) = find(p);\n\n\tset(q, 1);\n}"
    found = told(f"{old}\nreturn r;", f"{new}\nreturn r;", MORE + FREES)
    events = [one for part in found.parts for one in part.then]
    assert events == [
        "leaves `put(q)` to `__free(it)`",
        "ends the scope of `q` with `__free(it)`",
    ]


def test_a_variable_that_has_something_done_where_its_scope_ends() -> None:
    plain = "if (a) {\n\tstruct s *q;\n\n\tq = find(p);\n\tset(q, 1);\n}"
    ends = "if (a) {\n\tstruct s *q __free(it) = find(p);\n\n\tset(q, 1);\n}"
    how = "ends the scope of `q` with `__free(it)`"
    for old, new, told_ in ((plain, ends, how), (ends, plain, f"no longer {how}")):
        found = told(f"{old}\nreturn r;", f"{new}\nreturn r;", MORE + FREES)
        assert [one for part in found.parts for one in part.then] == [told_]
        assert found.verdict is not Verdict.EQUAL
    other = ends.replace("find(p)", "find(p->next)")
    found = told(f"{plain}\nreturn r;", f"{other}\nreturn r;", MORE + FREES)
    assert any("find(p->next)" in one for part in found.parts for one in part.then)


def test_what_is_new_may_lead_to_the_way_out_that_is_gone() -> None:
    head = f"{HEAD}static int part(struct s *p)\n{{\n\tif (!p->n)\n\t\treturn -5;\n}}\n"
    old = "\tif (!p->n)\n\t\treturn -5;\n\tlock(p);\n\tunlock(p);\n\treturn 0;"
    new = "\tint err;\n\n\tlock(p);\n\terr = part(p);\n\tunlock(p);\n\treturn err;"
    found = judged(old, new, head)
    said = [event for part in found.parts for event in part.then]
    assert not any("goes on" in event or "no longer returns" in event for event in said)


def test_where_a_case_goes_the_default_takes_over() -> None:
    code = "\tswitch (a) {\n%s\tdefault:\n\t\treturn -5;\n\t}\n\treturn 0;"
    found = judged(code % "\tcase 3:\n\t\tbreak;\n", code % "", HEAD)
    said = [event for part in found.parts for event in part.then]
    assert not any("goes on" in event for event in said)


def test_a_call_that_a_new_function_of_the_file_does_is_not_gone() -> None:
    part = "static int part(struct s *p)\n{\n\tlock(p);\n\treturn p->n;\n}\n"
    old = "\tint err = 0;\n\n\tif (a)\n\t\tlock(p);\n\task(p);\n\treturn err;"
    new = "\tint err = 0;\n\n\task(p);\n\tif (a)\n\t\terr = part(p);\n\treturn err;"
    found = judged(old, new, HEAD, HEAD + part)
    said = [event for one in found.parts for event in one.then]
    assert not any("no longer calls `lock(p)`" in event for event in said)
    found = judged(old, new.replace("part(p)", "ask(p)"), HEAD, HEAD + part)
    said = [event for one in found.parts for event in one.then]
    assert any("no longer calls `lock(p)`" in event for event in said)


def test_a_step_that_a_jump_passes_now_has_not_only_moved() -> None:
    body = (
        "\tint r;\n\n\tr = ask(p);\n\tif (r)\n\t\tgoto e;\n\tr = ask(p->next);\n"
        "\tif (r)\n\t\tgoto %s;\n%s\te:\n\tlock(p->next);\n\treturn r;"
    )
    old = body % ("u", "\tunlock(p);\n\tu:\n\tlock(p);\n")
    new = body % ("e", "\tlock(p);\n\tunlock(p);\n")
    found = judged(old, new, HEAD)
    said = [event for one in found.parts for event in one.then]
    assert not any("before `unlock(p)`" in event for event in said)


def test_a_step_that_an_if_around_another_one_takes_in_is_told_beside_it() -> None:
    steps = "set(p, 1);\nunlock(p);\nset(p, 2);\nlock(p);"
    within = "if (!ask(p)) {\n\tset(p, 1);\n\tset(p, 2);\n}\nunlock(p);\nlock(p);"
    taken_in = [then for part in told(steps, within).parts for then in part.then]
    assert taken_in == [f"calls `set(p, {n})` only if `!ask(p)`" for n in (1, 2)]
    let_out = [then for part in told(within, steps).parts for then in part.then]
    assert let_out == [f"calls `set(p, {n})`, not only if `!ask(p)`" for n in (1, 2)]


RULED_OUT = "if (!p || (p->m == 4)) {\n\treturn -22;\n}\n%sset(p, 1);"


def without_the_second_test(first: str, between: str = "") -> str:
    again = "if (p->m == 4)\n\treturn -22;\n"
    old, new = first % f"{between}{again}", first % between
    found = told(old, new.replace("set(p, 1)", "set(p, 2)"))
    events = [then for part in found.parts for then in part.then]
    return next(one for one in events if not one.startswith("hands set()"))


def test_it_does_not_go_on_where_the_test_before_has_left() -> None:
    event = without_the_second_test(RULED_OUT)
    assert event == "no longer asks `p->m == 4`, which the test in line 18 rules out"
    event = without_the_second_test(RULED_OUT, "p->m = a;\n")
    assert event.startswith("before, it returned `-22`")
    event = without_the_second_test(RULED_OUT.replace("||", "&&"))
    assert event.startswith("before, it returned `-22`")


def test_what_was_kept_and_returned_is_returned_at_once() -> None:
    old = "p->m = 7;\nr = ask(p);\n\tunlock(p);\n\treturn r;"
    new = "p->m = 8;\nreturn ask(p);"
    events = [then for part in told(old, new).parts for then in part.then]
    assert "no longer calls `unlock(p)`" in events
    assert not any("ask(p)" in event for event in events)
    events = [
        then
        for part in told(old, new.replace("return", "unlock(p);\nreturn")).parts
        for then in part.then
    ]
    assert any("ask(p)" in event for event in events)  # behind unlock() now
