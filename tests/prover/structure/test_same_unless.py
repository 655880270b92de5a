# SPDX-License-Identifier: GPL-2.0-or-later
"""The same unless ...: each kind of edit, its condition, and what must not be said."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from judged_pairs import BASE, HEAD, judged

from reviewer.c.source import parse
from reviewer.prover.judge import compare
from reviewer.prover.judge.compare import compare_functions
from reviewer.prover.limits import EndedByClock
from reviewer.prover.verdict import Verdict

SOME = (Verdict.UNLESS, Verdict.DIFFERS)  # with a state that shows it
CONDITIONS = [
    ("\t\tgoto out;", "\t\treturn r;", "when `r`, what ask() gave"),
    ("\t\tp = p->next;", "\t\tlock(p);\n\t\tp = p->next;", "in `while (p)`"),
    ("\tr = ask(p);", "\tr = ask(p);\n\tif (a > 3)\n\t\treturn -22;", "when `a > 3`"),
    ("\twhile (p)", "\tif (!p)\n\t\tlock(p);\n\twhile (p)", "when `!p`"),
    ("if (r)", "if (r && a)", "when `r` and not `a`"),
    ("if (r)", "if (r || a)", "when `a` and not `r`"),
    ("if (r)", "if (a)", "when `r` and `a` differ"),
    ("\tr = ask(p);", "\tif (a)\n\t\tr = ask(p);", "when not `a`"),
]


@pytest.mark.parametrize(("old", "new", "when"), CONDITIONS)
def test_an_edit_has_its_condition(old: str, new: str, when: str) -> None:
    assert BASE.count(old) == 1
    there = judged(BASE, BASE.replace(old, new))
    assert there.verdict in SOME, there
    assert any(told.startswith(when) for part in there.parts for told in part.when)
    assert there.otherwise == "the same (proved)"
    back = judged(BASE.replace(old, new), BASE)
    assert back.verdict in SOME, back
    assert back.otherwise == "the same (proved)"


def test_what_is_done_then_is_told() -> None:
    new = BASE.replace("\t\tgoto out;", "\t\tgoto out;\n\tlock(p->next);")
    verdict = judged(BASE, new)
    (part,) = verdict.parts
    assert part.then == ("calls `lock(p->next)`",)
    assert part.when == ("when not `r`, what ask() gave (a.c:14)",)
    assert verdict.as_dict()["same_unless"] == list(part.when)


def test_a_call_that_is_always_new_differs() -> None:
    verdict = judged(BASE, BASE.replace("\tlock(p);", "\tlock(p);\n\tlock(p->next);"))
    assert verdict.verdict is Verdict.DIFFERS
    assert verdict.parts[0].when == ("always",)


def test_whether_a_step_shows_is_asked_of_the_solver() -> None:
    """A few steps without a condition are no answer where there may be one."""
    old = "\task(p);\n\tlock(p);\n\treturn 0;"
    new = "\tint r = ask(p);\n\n\tif (r)\n\t\treturn r;\n\tlock(p);\n\treturn 0;"
    assert judged(old, new).verdict is Verdict.DIFFERS


@pytest.mark.parametrize("call", ["nothing(p);", "log_it(p);"])
def test_of_a_call_that_may_do_nothing_it_is_not_said(call: str) -> None:
    verdict = judged(BASE, BASE.replace("\tlock(p);", f"\tlock(p);\n\t{call}"))
    assert verdict.verdict is not Verdict.DIFFERS


SAME = [
    ("\tint r;", "\tint r; /* the result */"),
    ("\tint r;", "\tint unused, r;"),
    ("\t\tgoto out;", "\t{\n\t\tgoto out;\n\t}"),
    ("out:", "out:\nnever_gone_to:"),
]


@pytest.mark.parametrize(("old", "new"), SAME)
def test_what_says_the_same_is_equal(old: str, new: str) -> None:
    assert judged(BASE, BASE.replace(old, new)).verdict is Verdict.EQUAL


MESSAGES = [
    ('pr_err("no %d\\n", a);', 'pr_err("none %d\\n", a);'),
    ("", 'pr_err("none %d\\n", a);'),
    ('pr_err("no\\n");', 'pr_warn("no %d\\n", p->m);'),
]


@pytest.mark.parametrize(("old", "new"), MESSAGES)
def test_only_a_message(old: str, new: str) -> None:
    one, two = (BASE.replace("\tlock(p);", f"\tlock(p);\n\t{m}") for m in (old, new))
    assert judged(one, two).verdict is Verdict.MESSAGE
    told = judged(one, BASE.replace("\tlock(p);", '\tpr_err("%d\\n", ask(p));'))
    assert told.verdict is not Verdict.MESSAGE


def test_the_same_message_written_otherwise_is_the_same() -> None:
    old = '\tpr_err("a %d\\n", a + a);\n\treturn 0;'
    assert judged(old, old.replace("a + a", "2 * a")).verdict is Verdict.EQUAL
    assert judged(old, old.replace("a + a", "3 * a")).verdict is Verdict.MESSAGE


# Each of these changes what code does whose text both sides have.
TRAPS = {
    "a label moves": (
        "\tif (a)\n\t\tgoto out;\n\tlock(p);\nout:\n\tunlock(p);\n\treturn 0;",
        "\tif (a)\n\t\tgoto out;\n\tlock(p);\n\tunlock(p);\nout:\n\treturn 0;",
    ),
    "a local hides a global": (
        "\tlock(p);\n\tcount = a;\n\treturn 0;",
        "\tint count;\n\tlock(p);\n\tcount = a;\n\treturn 0;",
    ),
    "a local is narrower": (
        "\tint r;\n\tr = ask(p);\n\treturn r;",
        "\tunsigned char r;\n\tr = ask(p);\n\treturn r;",
    ),
    "a block has its own variable": (
        "\tint r = 1;\n\tif (a) {\n\t\tint r;\n\t\tr = ask(p);\n\t}\n\treturn r;",
        "\tint r = 1;\n\tif (a) {\n\t\tr = ask(p);\n\t}\n\treturn r;",
    ),
    "a value is set in each round": (
        "\tint i, r = 0;\n\tfor (i = 0; i < a; i++) {\n\t\tr += ask(p);\n\t}\n"
        "\treturn r;",
        "\tint i;\n\tfor (i = 0; i < a; i++) {\n\t\tint r = 0;\n\t\tr += ask(p);\n\t}\n"
        "\treturn 0;",
    ),
    "the first value of a static": (
        "\tstatic int r = 1;\n\treturn r;",
        "\tstatic int r = 2;\n\treturn r;",
    ),
    "a guard in a block": (
        "\tif (a) {\n\t\tguard(s)(p);\n\t\task(p);\n\t}\n\tlock(p);\n\treturn 0;",
        "\tguard(s)(p);\n\task(p);\n\tlock(p);\n\treturn 0;",
    ),
    "a macro without braces": (
        "\tif (a)\n\t\tTWICE(p);\n\treturn 0;",
        "\tif (a) {\n\t\tTWICE(p);\n\t}\n\treturn 0;",
    ),
    "a macro is another one now": (
        "#define WAY ask(p)\n\treturn WAY;",
        "#define WAY 0\n\treturn WAY;",
    ),
    "the line counts": ("\treturn __LINE__;", "\n\treturn __LINE__;"),
}
TRAP_HEAD = f"{HEAD}int count;\n#define TWICE(x) lock(x); unlock(x)\n"


@pytest.mark.parametrize("trap", TRAPS)
def test_a_trap_is_not_equal(trap: str) -> None:
    old, new = TRAPS[trap]
    for one, two in ((old, new), (new, old)):
        assert judged(one, two, TRAP_HEAD).verdict is not Verdict.EQUAL


@pytest.mark.parametrize(
    "jumps",
    [
        "#define CHECK(x) if (x) goto out\n",
        "#define AWAY goto out\n#define CHECK(x) if (x) AWAY\n",
        "#define AWAY() goto out\n#define TEST(x) if (x) AWAY()\n#define CHECK TEST\n",
    ],
)
def test_a_macro_that_goes_to_a_label_is_seen(jumps: str) -> None:
    head = f"{HEAD}{jumps}"
    old = "\tCHECK(a);\n\tlock(p);\nout:\n\tunlock(p);\n\treturn 0;"
    verdict = judged(old, old.replace("out:\n", "out:\n\tlock(p->next);\n"), head)
    assert not verdict.otherwise


@pytest.mark.parametrize("away", ["goto out", "break"])
def test_a_jump_in_a_macro_of_a_macro_is_a_way_too(away: str) -> None:
    """It was told to differ when ``a > 5`` only, whatever CHECK() does."""
    head = f"{HEAD}#define AWAY() {away}\n#define CHECK(x) if (x) AWAY()\n"
    old = (
        "\twhile (ask(p)) {\n\t\tif (a > 5)\n\t\t\tgoto out;\n\t\tCHECK(p->n);\n"
        "\t\tlock(p);\n\t}\n\treturn 0;\nout:\n\tunlock(p);\n\treturn 1;"
    )
    new = old.replace("unlock(p)", "unlock(p->next)")
    assert judged(old, new, head).parts == ()


LAYOUT = [  # what is asked of a struct that gains a member
    ("\treturn p->m;", Verdict.EQUAL),
    ("\tp->next->n = a;\n\treturn 0;", Verdict.EQUAL),
    ("\tp = get(sizeof(*p));\n\treturn 0;", Verdict.BUT_FOR),
    ("\treturn a & p->next->m;", Verdict.EQUAL),
    ("\treturn (long)a * 2;", Verdict.EQUAL),
    ("\treturn max(a, 1);", Verdict.EQUAL),
    ("\tstruct s t = { 1, 2 };\n\treturn t.n;", Verdict.DIFFERS),
]


@pytest.mark.parametrize(("body", "verdict"), LAYOUT)
def test_a_struct_that_gains_a_member(body: str, verdict: Verdict) -> None:
    head = f"{HEAD}#define max(a, b) ({{ sizeof(a) == sizeof(b); a > b ? a : b; }})\n"
    wider = head.replace("{ int m, n;", "{ int more; int m, n;")
    assert judged(body, body, head, wider).verdict is verdict


def test_a_member_of_another_type_is_another_one() -> None:
    narrower = HEAD.replace("{ int m, n;", "{ unsigned char m, n;")
    body = "\tp->m = a;\n\treturn ask(p);"
    assert judged(body, body, HEAD, narrower).verdict is not Verdict.EQUAL


OTHERS = """struct o { int m; };
struct w { struct s in; };
int see(struct o *o);
int got(struct s *p, struct o *o, struct w *w)
{
	%s
	return see(o);
}
"""
MEMBERS = [  # of structs, where m of struct s has another type now
    ("o->m = 1;", Verdict.EQUAL),
    ("struct o t;\n\tt.m = see(&t);", Verdict.EQUAL),
    ("p->m = 1;", Verdict.BUT_FOR),
    ("w->in.m = 1;", Verdict.BUT_FOR),
    ("struct s *o = p;\n\tif (p) {\n\t\to->m = 1;\n\t}", Verdict.BUT_FOR),
    ("(o + 1)->m = 1;", Verdict.BUT_FOR),  # of which the type is not looked for
]


@pytest.mark.parametrize(("body", "verdict"), MEMBERS)
def test_a_member_of_another_struct_is_no_other_one(
    body: str, verdict: Verdict
) -> None:
    one, two = (
        parse(
            "a.c", (head + OTHERS % f"while (p)\n\t\tp = p->next;\n\t{body}").encode()
        )
        for head in (HEAD, HEAD.replace("{ int m, n;", "{ char m; int n;"))
    )
    (found,) = compare_functions(one, two, None, None, "got", conditions=True)
    assert (found.verdict is Verdict.EQUAL) == (verdict is Verdict.EQUAL)


def test_a_callee_that_changes_is_named() -> None:
    head = f"{HEAD}static int mine(struct s *p)\n{{\n\treturn ask(p);\n}}\n"
    other = head.replace("return ask(p);", "lock(p);\n\treturn ask(p);")
    body = "\tlock(p);\n\tif (a)\n\t\tlock(p);\n\treturn mine(p);"
    new = body.replace("\t\tlock(p);", "\t\tunlock(p);")
    verdict = judged(body, new, head, other)
    assert "but for what mine() does, which changes itself" in verdict.otherwise
    # one that calls it has the text that it had
    outer = "static int outer(struct s *p)\n{\n\treturn mine(p) + 1;\n}\n"
    body, new = (text.replace("mine(p)", "outer(p)") for text in (body, new))
    verdict = judged(body, new, head + outer, other + outer)
    assert "but for what outer() does, which uses what changes" in verdict.otherwise


def test_what_the_texts_say_does_not_hang_on_the_clock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def ended(*_given: object) -> None:
        raise EndedByClock

    monkeypatch.setattr(compare, "_compare", ended)
    verdict = judged(BASE, BASE.replace("if (r)", "if (r || a)"))
    assert verdict.verdict is Verdict.UNLESS
    assert verdict.by_clock
    assert verdict.otherwise == "the same (proved)"


LOCAL = "\tstruct {\n\t\tint m, n;\n\t} t = { %s };\n\twhile (p)\n\t\tp = get(t.m);\n"
LOCAL += "\treturn ask(&t);"


def test_a_struct_without_a_name_keeps_its_members() -> None:
    there = judged(LOCAL % "a", LOCAL % "a + 1")
    assert there.verdict is Verdict.UNLESS
    assert there.parts[0].then == ("takes `a + 1`, not `a`",)
    other = judged(LOCAL % "a", (LOCAL % "a").replace("m, n", "n, m"))
    assert other.verdict is not Verdict.EQUAL
    assert any("use `t`" in event for part in other.parts for event in part.then)
