# SPDX-License-Identifier: GPL-2.0-or-later
"""What decides is told first: the nearest condition, and the step that counts."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from judged_pairs import HEAD, judged

from reviewer.c.source import parse
from reviewer.facts import Facts
from reviewer.output.behaviour import text
from reviewer.prover.judge.compare import compare_functions
from reviewer.prover.verdict import FunctionVerdict, Verdict
from reviewer.tree.view import EmptyView
from reviewer.tree.views import OverlayView

MORE = f"""{HEAD}void set(struct s *p, int n);
int ask2(struct s *p, int n);
int dev_err(void *d, const char *f, ...);
int dev_err_probe(void *d, int e, const char *f, ...);
#define NO 22
#define SEEN(x) remember(&(x))
"""
BEFORE = """	int r = 0, err = 0;

	while (p) {
		r += ask(p);
		p = p->next;
	}
	if (p->n)
		return 2;
"""
BEHIND = "\n\tset(p, a);\n\treturn r;"


def told(old: str, new: str, behind: str = BEHIND) -> FunctionVerdict:
    one, two = (
        BEFORE + "\n".join(_indented(line) for line in body.split("\n")) + behind
        for body in (old, new)
    )
    return judged(one, two, MORE)


def _indented(line: str) -> str:
    return line if line.startswith("#") else f"\t{line}"


def said(found: FunctionVerdict) -> list[str]:
    """Each part on one line, without the places."""
    return [
        f"{' or '.join(dict.fromkeys(map(_without_place, part.when)))}: "
        f"{'; '.join(part.then)}"
        for part in found.parts
    ]


def _without_place(when: str) -> str:
    when = when.replace("(mm/a.c", "(a.c")
    return when.partition(" (before, a.c")[0].partition(" (a.c")[0]


TESTS = {  # two tests of one value, where they differ and what is done there
    "<": ("a < r", "a <= r", "when `a == r`: returns `7`"),
    ">=": ("a >= r", "a > r", "when `a == r`: goes on where it returned `7`"),
    "numbers": ("a > 10", "a > 12",
        "when `a` is 11 to 12: goes on where it returned `7`"),
    "from both ends": ("a < 4", "a <= 4", "when `a` is 4: returns `7`"),
    "a value": ("a == 3", "a == 5", "when `a` is 3 or 5: asks `a == 5`, not `a == 3`"),
    "above 0": ("r", "r > 0", "when `r < 0`: goes on where it returned `7`"),
    "below 0": ("r < 0", "r", "when `r > 0`: returns `7`"),
    "0 too": ("r > 0", "r >= 0", "when `r` is 0: returns `7`"),
    "a call": ("ask(p)", "ask(p) < 0",
        "when `ask(p) > 0`: goes on where it returned `7`"),
    "a hint": ("unlikely(r)", "r < 0", "when `r > 0`: goes on where it returned `7`"),
    "a not": ("!(a < r)", "a > r", "when `a == r`: goes on where it returned `7`"),
    "an operand": ("a && r", "a && r && p", "when not `p` and the rest holds: "
                   "goes on where it returned `7`"),
    "in the middle": ("a == 1 || a > 7", "a == 1 || r || a > 7",
        "when `r`: returns `7`"),
    "an operand less": ("a || r", "a",
        "when `r` and not `a`: goes on where it returned `7`"),
    "of two": ("a && r > 0", "a && r >= 0", "when `a` and `r` is 0: returns `7`"),
}  # fmt: skip


@pytest.mark.parametrize("title", TESTS)
def test_where_two_tests_differ(title: str) -> None:
    old, new, wanted = TESTS[title]
    one, two = (f"if ({test})\n\treturn 7;" for test in (old, new))
    found = told(one, two)
    assert said(found) == [wanted]
    assert found.otherwise == "the same (proved)"


ERR_H = """#define IS_ERR_VALUE(x) ((unsigned long)(void *)(x) >= (unsigned long)-4095)
static inline bool IS_ERR(const void *ptr)
{
	return IS_ERR_VALUE((unsigned long)ptr);
}
static inline bool IS_ERR_OR_NULL(const void *ptr)
{
	return (!ptr) || IS_ERR_VALUE((unsigned long)ptr);
}
"""
POINTERS = {
    "weaker": ("IS_ERR_OR_NULL(p)", "IS_ERR(p)",
               "when `p` is NULL: goes on where it returned `7`"),
    "stronger": ("!p", "IS_ERR_OR_NULL(p)", "when `p` is an error: returns `7`"),
    "another": ("p == NULL", "IS_ERR(p)",
                "when `p` is NULL or an error: asks `IS_ERR(p)`, not `p == NULL`"),
    "negated": ("p", "!IS_ERR_OR_NULL(p)",
                "when `p` is an error: goes on where it returned `7`"),
    "a member": ("IS_ERR(p->next) || a", "IS_ERR_OR_NULL(p->next) || a",
                 "when `p->next` is NULL: returns `7`"),
}  # fmt: skip


@pytest.mark.parametrize("title", POINTERS)
def test_what_tests_of_a_pointer_tell_apart(title: str) -> None:
    old, new, wanted = POINTERS[title]
    facts = Facts(OverlayView(EmptyView(), {"include/linux/err.h": ERR_H.encode()}))
    body = f"{BEFORE}\tif (%s)\n\t\treturn 7;{BEHIND}"
    head = f"#include <linux/err.h>\n{MORE}"
    one, two = (
        parse(
            "mm/a.c",
            f"{head}int f(struct s *p, int a)\n{{\n{body % test}\n}}\n".encode(),
        )
        for test in (old, new)
    )
    (found,) = compare_functions(one, two, facts, facts, "f", conditions=True)
    assert said(found) == [wanted]
    mine = f"{head}static inline bool IS_ERR(const void *p) {{ return p; }}\n"
    if title == "weaker":  # a function of that name that does something else
        found = judged(body % old, body % new, mine)
        assert "is NULL" not in said(found)[0]


NOT_SEEN = {  # where two tests differ is not told, for it is not known
    "another order": ("ask(p) && a", "a && ask(p)"),
    "a call more": ("a", "ask(p) && a"),
    "negative numbers": ("a < -3", "a < -1"),  # what these are hangs on the types
    "another value": ("a < r", "a < p->n"),
    "it is set": ("(r = ask(p)) < 0", "(r = ask(p)) <= 0"),
}


@pytest.mark.parametrize("title", NOT_SEEN)
def test_what_is_not_seen_of_tests_is_not_told(title: str) -> None:
    old, new = NOT_SEEN[title]
    one, two = (f"if ({test})\n\treturn 7;" for test in (old, new))
    (part,) = told(one, two).parts
    if title != "it is set":
        assert part.when[0].startswith("when not `p->n`")
        assert part.then == (f"asks `{new}`, not `{old}`",)


GUARDS = {  # what stopped, and is guarded now
    "a division": ("if (a / r > 3)\n\tlock(p);", "if (r && a / r > 3)\n\tlock(p);",
                   "when not `r`: no longer divides by it (`a / r`)"),
    "a rest": ("if (a % r)\n\tlock(p);", "if (r > 0 && a % r)\n\tlock(p);",
               "when `r <= 0`: no longer divides by it (`a % r`)"),
    "a pointer": ("if (p->m > 3)\n\tlock(p);", "if (p && p->m > 3)\n\tlock(p);",
                  "when not `p`: no longer follows it (`p->m`)"),
    "by ||": ("if (!p->m || ask(p))\n\treturn 5;",
              "if (!p || !p->m || ask(p))\n\treturn 5;",
              "when not `p`: no longer follows it (`p->m`)"),
    "a chosen value": ("r = a / r;", "r = r ? a / r : 0;",
                       "when not `r`: sets `r` to `0`, no longer divides by it "
                       "(`a / r`)"),
    "the other way round": ("set(p, a % p->m);", "set(p, !p->m ? 1 : a % p->m);",
                            "when not `p->m`: hands set() `1`, no longer divides by it "
                            "(`a % p->m`)"),
    "a member": ("set(p, p->next->m);", "set(p, p->next ? p->next->m : 0);",
                 "when not `p->next`: hands set() `0`, no longer follows it "
                 "(`p->next->m`)"),
    "an if around it": ("set(p, p->next->m);", "if (p->next)\n\tset(p, p->next->m);",
                        "when not `p->next`: no longer follows it (`p->next->m`)"),
    "no guard of it": ("if (a / r > 3)\n\tlock(p);", "if (a && a / r > 3)\n\tlock(p);",
                       "when not `a`: no longer calls `lock(p)`"),
    "not on every way": ("if (r > 3)\n\tset(p, a ? p->m : 0);",
                         "if (r > 3 && p)\n\tset(p, a ? p->m : 0);",
                         "when `r > 3` and not `p`: no longer calls "
                         "`set(p, a ? p->m : 0)`"),
}  # fmt: skip


@pytest.mark.parametrize("title", GUARDS)
def test_what_a_guard_keeps_from(title: str) -> None:
    old, new, wanted = GUARDS[title]
    found = told(old, new)
    assert said(found) == [wanted]
    assert found.otherwise == "the same (proved)"


RESULTS = {  # a call on both sides, of which one looks at the answer
    "returned": ("ask2(p, a);", "err = ask2(p, a);\nif (err)\n\treturn err;",
                 "when `err`, what ask2() gave: returns `err`"),
    "printed too": ("ask2(p, a);", "err = ask2(p, a);\nif (err < 0) {\n"
                    '\tdev_err(p, "x");\n\treturn err;\n}',
                    "when `err < 0`, what ask2() gave: returns `err`; prints "
                    "`dev_err(p, \"x\")`"),
    "void": ("(void)ask2(p, a);", "err = ask2(p, a);\nif (err)\n\tgoto out;",
             "when `err`, what ask2() gave: goes to `out`"),
    "declared": ("ask2(p, a);", "int e = ask2(p, a);\nif (e)\n\treturn e;",
                 "when `e`, what ask2() gave: returns `e`"),
    "asked at once": ("ask2(p, a);", "if (ask2(p, a))\n\treturn -NO;",
                      "when `ask2(p, a)`: returns `-NO`"),
    "a value before": ("ask2(p, a);", "err = -NO;\nif (!ask2(p, a))\n\tgoto out;",
                       "when `!ask2(p, a)`: goes to `out`"),
    "before a number": ("err = -5;\nask2(p, a);\nr = ask(p);\nif (r)\n\tgoto out;",
                        "err = -NO;\nif (!ask2(p, a))\n\tgoto out;\n"
                        "err = -5;\nr = ask(p);\nif (r)\n\tgoto out;",
                        "when `!ask2(p, a)`: goes to `out`"),
    "no longer": ("if (ask2(p, a) < 0)\n\treturn -NO;", "ask2(p, a);",
                  "when `ask2(p, a) < 0`: goes on where it returned `-NO`"),
}  # fmt: skip
OUT = "\n\tset(p, a);\n\treturn r;\nout:\n\tlock(p);\n\treturn err;"


@pytest.mark.parametrize("title", RESULTS)
def test_a_result_that_is_looked_at(title: str) -> None:
    old, new, wanted = RESULTS[title]
    found = told(old, new, OUT)
    assert said(found) == [wanted]
    assert found.otherwise == "the same (proved)"


READ = {  # what is kept is read by code of both sides
    "returned": "\n\tset(p, a);\n\treturn err;",
    "in a loop": "\n\twhile (ask(p))\n\t\ta += err;\n\treturn r;",
    "its address": "\n\tset(get(&err), a);\n\treturn r;",
    "a macro's": "\n\tSEEN(err);\n\treturn r;",
    "added to": "\n\terr += ask(p);\n\treturn r;",
    "of itself": "\n\terr = err + 1;\n\treturn r;",
}


@pytest.mark.parametrize("title", READ)
def test_a_result_that_is_read_later_is_told(title: str) -> None:
    new = "err = ask2(p, a);\nif (err > 5)\n\treturn 1;"
    found = told("ask2(p, a);", new, READ[title])
    assert "keeps in `err` what ask2(p, a) gives" in " ".join(said(found))
    back = told(new, "ask2(p, a);", READ[title])
    assert back.verdict is not Verdict.EQUAL
    assert "no longer keeps in `err`" in " ".join(said(back))


@pytest.mark.parametrize(
    "call", ["ask2(get(&err), a)", "ask2(p, err)", "ask2(p, SEEN(err))"]
)
def test_a_call_that_sees_the_number_stays_behind_it(call: str) -> None:
    new = f"if (!{call})\n\tgoto out;\nerr = -5;"
    found = told(f"err = -5;\n{call};", new, OUT)
    assert found.verdict is not Verdict.EQUAL
    assert said(found) != [f"when `!{call}`: goes to `out`"]


def test_what_is_set_again_makes_no_difference() -> None:
    behind = "\n\tif (a)\n\t\tlock(p);\n\terr = ask(p);\n\treturn err;"
    assert told("ask2(p, a);", "err = ask2(p, a);", behind).verdict is Verdict.EQUAL
    assert told("lock(p);", "err = a;\nlock(p);", behind).verdict is Verdict.EQUAL
    behind = behind.replace("lock(p);\n", "lock(p);\n\telse\n\t\tset(p, err);\n")
    assert told("ask2(p, a);", "err = ask2(p, a);", behind).parts


VARIANTS = {  # a #if is no step: its macro is the condition
    "one of two": ("#if OLD\nset(p, 1);\n#else\nlock(p);\n#endif", "lock(p);",
                   "under `#if OLD`: calls `lock(p)`; no longer calls `set(p, 1)`"),
    "around it": ("lock(p);", "#ifdef CONFIG_X\nlock(p);\n#endif",
                  "where `#ifdef CONFIG_X` does not hold: no longer calls `lock(p)`"),
    "an else": ("#ifdef CONFIG_X\nlock(p);\n#endif",
                "#ifdef CONFIG_X\nlock(p);\n#else\nunlock(p);\n#endif",
                "where `#ifdef CONFIG_X` does not hold: calls `unlock(p)`"),
    "another": ("#ifdef CONFIG_X\nlock(p);\n#endif",
                "#ifdef CONFIG_Y\nlock(p);\n#endif",
                "where `#ifdef CONFIG_X` and `#ifdef CONFIG_Y` differ: "
                "asks `#ifdef CONFIG_Y`, not `#ifdef CONFIG_X`"),
    "new": ("", "#ifdef CONFIG_X\nlock(p);\nset(p, 3);\n#endif",
            "under `#ifdef CONFIG_X`: calls `lock(p)`; calls `set(p, 3)`"),
}  # fmt: skip


@pytest.mark.parametrize("title", VARIANTS)
def test_a_configuration_is_a_condition(title: str) -> None:
    old, new, wanted = VARIANTS[title]
    found = told(old, new)
    assert said(found) == [wanted]
    assert found.otherwise == "the same (proved)"


INSIDE = {  # the body of an if or a loop is looked into
    "a return": ("if (a > 5)\n\tset(p, 1);",
                 "if (a > 5) {\n\tset(p, 1);\n\treturn 1;\n}",
                 ["when `a > 5`: returns `1`"]),
    "a macro": ("if (a > 5)\n\tlog_it(p);",
                "if (a > 5) {\n\tlog_it(p);\n\treturn 1;\n}",
                ["when `a > 5`: returns `1`"]),
    "an else": ("if (ask(p))\n\tset(p, 1);",
                "if (ask(p))\n\tset(p, 1);\nelse\n\treturn 3;",
                ["when not `ask(p)`: returns `3`"]),
    "its condition too": ("if (a > 5)\n\tset(p, 1);",
                          "if (a > 6) {\n\tset(p, 1);\n\treturn 3;\n}",
                          ["when `a` is 6: no longer calls `set(p, 1)`",
                           "when `a > 6`: returns `3`"]),
    "an else around": ("if (a < 0)\n\treturn -NO;\nr = a * 3;",
                       "if (a < 0)\n\treturn -NO;\nif (a)\n\tr = a * 3;\n"
                       "else\n\tr = 7;",
                       ["when not `a`: sets `r` to `7`, not `a * 3`"]),
    "one more question": ("if (a)\n\treturn 1;",
                          "if (a)\n\tif (ask2(p, a))\n\t\treturn 1;",
                          ["when `a`: asks `ask2(p, a)`; returns `1` only if that "
                           "holds"]),
    "one question less": ("if (a) {\n\tif (ask2(p, a))\n\t\treturn 1;\n}",
                          "if (a)\n\treturn 1;",
                          ["when `a`: no longer asks `ask2(p, a)`; returns `1` "
                           "whatever that gave"]),
    "a loop": ("while (a--) {\n\tset(p, 1);\n\tlock(p);\n}",
               "while (a-- > 0) {\n\tset(p, 1);\n}",
               ["when not `p->n`: does `while (a-- > 0)`, not `while (a--)`",
                "in `while (a--)`: no longer calls `lock(p)`"]),
}  # fmt: skip


@pytest.mark.parametrize("title", INSIDE)
def test_what_changes_inside_is_told(title: str) -> None:
    old, new, wanted = INSIDE[title]
    found = told(old, new)
    assert said(found) == wanted
    assert found.otherwise == "the same (proved)"


def test_what_leads_elsewhere_comes_before_what_is_printed() -> None:
    old = "\n".join(
        f"if ({test})\n\treturn -NO;" for test in ("!p", "!a", "ask(p)", "r > 4")
    )
    new = old
    for number, text_ in enumerate(("a\\n", "b\\n", "c\\n")):
        new = new.replace("return -NO;", f'return dev_err_probe(p, -NO, "{text_}");', 1)
        new = new.replace('-NO, "c', f'-{number}, "c')
    shown = text((told(old, new),))
    first, second = shown.index("when `ask(p)`"), shown.index("only a message changes")
    assert first < second
    assert "only a message changes in 2 more places: lines" in shown


def test_calls_come_before_the_first_value_of_a_variable() -> None:
    found = told("int i = 5;\nlock(p);", "int i = 7;", "\n\tset(p, i);\n\treturn r;")
    assert [part.then for part in found.parts] == [
        ("no longer calls `lock(p)`", "sets `i` to `7`, not `5`")
    ]


def test_the_callee_of_a_pointer_is_named() -> None:
    old = "if (p->next)\n\tr = p->next->m(a);"
    new = "if (p->next) {\n\tr = p->next->m(a);\n\tif (r)\n\t\tlock(p);\n}"
    assert "what p->next->m() gave" in said(told(old, new))[0]


def test_a_step_that_moves_is_told_once() -> None:
    old = "lock(p);\nr = ask(p);\nif (r)\n\treturn r;"
    new = "r = ask(p);\nif (r)\n\treturn r;\nlock(p);"
    assert said(told(old, new)) == [
        "when not `p->n` or when not `r`, what ask() gave: "
        "calls `lock(p)` behind `if (r) return r`, not before `r = ask(p)`, "
        "so no longer when `r`, what ask() gave",
    ]


def test_what_no_way_leads_to_is_no_difference() -> None:
    old = "while (ask(p)) {\n\tif (a)\n\t\tcontinue;\n\treturn 3;\n\tbreak;\n}"
    assert told(old, old.replace("\n\tbreak;", "")).verdict is Verdict.EQUAL
    other = old.replace("return 3;\n\tbreak;", "r++;\n\tbreak;")
    assert told(other, other.replace("\n\tbreak;", "")).parts


def test_a_first_value_that_nobody_reads_makes_no_difference() -> None:
    behind = "\n\tn = ask(p);\n\treturn n;"
    assert told("int n = a;", "int n;", behind).verdict is Verdict.EQUAL
    assert told("int n = a;", "int n;", "\n\treturn n;").verdict is not Verdict.EQUAL


BOOLEANS = {
    "another operand": ("a && r", "a && r && p", "when not `p` and the rest holds"),
    "a constant of a value": ("a > r", "true", "when `a <= r`"),
    "below": ("a < r", "a <= r", "when `a == r`"),
}


@pytest.mark.parametrize("title", BOOLEANS)
def test_a_bool_that_is_returned_is_a_test(title: str) -> None:
    old, new, when = BOOLEANS[title]
    one, two = (
        f"{MORE}bool g(struct s *p, int a)\n{{\n{BEFORE}\treturn {value};\n}}\n"
        for value in (old, new)
    )
    found = judged("\treturn 0;", "\treturn 0;", one, two, "g")
    assert said(found) == [f"{when}: returns `{new}`, not `{old}`"]


def test_another_constant_that_is_always_returned_differs() -> None:
    head = f"{MORE}bool g(struct s *p)\n{{\n\twhile (p)\n\t\tp = p->next;\n"
    one, two = (f"{head}\treturn {value};\n}}\n" for value in ("true", "false"))
    found = judged("\treturn 0;", "\treturn 0;", one, two, "g")
    assert said(found) == ["always: returns `false`, not `true`"]


def test_a_returned_call_that_is_kept_is_no_call_less() -> None:
    old = "if (a > 3)\n\treturn ask2(p, a);"
    new = "if (a > 3) {\n\terr = ask2(p, a);\n\tif (err)\n\t\treturn err;\n}"
    assert said(told(old, new)) == [
        "when `a > 3`: keeps in `err` what ask2(p, a) gives and goes on; "
        "returns `err` if `err` (from ask2())"
    ]


def test_a_switch_that_leads_into_an_else_is_a_way_to_it() -> None:
    old = "switch (a) {\ndefault:\n\tset(p, 1);\n}"
    new = old.replace(
        "set(p, 1);", "if (r)\n\tset(p, 1);\nelse {\ncase 3:\n\tlock(p);\n}"
    )
    (first,) = said(told(old, new))
    assert "when not `r`" in first
    assert "`a` is `3`" in first


def test_a_first_value_that_is_gone_is_told_beside_the_return_that_reads_it() -> None:
    body = "\tint r%s;\n\n\tif (p->n)\n\t\tr = -5;\n\tlock(p);\n\treturn %s;"
    found = judged(body % (" = a", "r"), body % ("", "r ? r : a"), HEAD)
    said = [event for part in found.parts for event in part.then]
    assert any("int r = a" in event for event in said)
    found = judged(body % (" = a", "r"), body % (" = a", "r ? r : a"), HEAD)
    assert not any("int r" in event for part in found.parts for event in part.then)
