# SPDX-License-Identifier: GPL-2.0-or-later
"""What an edit is told as, and which differences are sure to be seen."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from judged_pairs import BASE, HEAD, judged

from reviewer.prover.verdict import Verdict

SEEN = (
    f"{HEAD}void set(struct s *p, int n);\nvoid put(struct s *p, int n);\n#define E 5\n"
)
LOOPS = """	int r = 0;

	while (p) {
		r += ask(p);
		p = p->next;
	}
%s"""

TOLD = [  # an edit of one statement behind a loop, what is told, the verdict
    ("set(p, 1);", "set(p, 2);", "hands set() `2`, not `1`", Verdict.DIFFERS),
    ("set(p, 4);", "set(p, E);", "hands set() `E`, not `4`", Verdict.DIFFERS),
    ("set(p, a);", "set(p, r);", "hands set() `r`, not `a`", Verdict.UNLESS),
    ("set(p, a);", "put(p, a);", "calls `put(p, a)`, not `set(p, a)`", Verdict.DIFFERS),
    ("set(p, a);", "p->m = a;", "does `p->m = a`, not `set(p, a)`", Verdict.BUT_FOR),
    ("return 0;", "return -5;", "returns `-5`, not `0`", Verdict.DIFFERS),
    ("return -4;", "return -E;", "returns `-E`, not `-4`", Verdict.DIFFERS),
    ("p->m = a;", "p->m = ask(p);", "sets `p->m` to `ask(p)`, not `a`",
     Verdict.BUT_FOR),
    ("if (a && ask(p))\n\t\treturn 1;", "if (ask(p))\n\t\treturn 1;", "returns `1`",
     Verdict.UNLESS),
    ("if (ask(p))\n\t\treturn 1;", "if (ask(p) && a)\n\t\treturn 1;",
     "before, it returned `1`", Verdict.UNLESS),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "told", "verdict"), TOLD)
def test_one_step(old: str, new: str, told: str, verdict: Verdict) -> None:
    one, two = (
        LOOPS % (f"\t{text}" + ("" if "return" in text[:6] else "\n\treturn r;"))
        for text in (old, new)
    )
    found = judged(one, two, SEEN)
    assert [part.then for part in found.parts] == [(told,)]
    assert found.verdict in (verdict, Verdict.DIFFERS)
    if verdict is not Verdict.DIFFERS:
        assert found.otherwise == "the same (proved)"


NOT_SURE = {  # of these it is not said that they differ
    "a bool": ("return 1;", "return 2;", SEEN.replace("int f(", "bool f(")),
    "a wrapper": ("put(p, 1);", "set(p, 1);",
                  SEEN.replace("void put(struct s *p, int n);",
                               "static inline void put(struct s *p, int n)"
                               " { set(p, n); }")),
    "a macro": ("set(p, 1);", "set(p, 2);", SEEN + "#define set(p, n) ask((p) + n)\n"),
    "pure": ("look(p, 1);", "look(p, 2);", SEEN + "int __pure look(void *, int);\n"),
    "a name that changes": ("set(p, X + 1);", "set(p, X + a);",
                            SEEN + "#define X 1\n"),
}  # fmt: skip


@pytest.mark.parametrize("trap", NOT_SURE)
def test_what_is_not_sure_is_not_said(trap: str) -> None:
    old, new, head = NOT_SURE[trap]
    other = head.replace("#define X 1", "#define X a") if "X" in head else head
    one, two = (LOOPS % f"\t{text}\n\treturn r;" for text in (old, new))
    found = judged(one, two, head, other)
    # what the wrapper does is what was called before: the solver knows
    assert (found.verdict is Verdict.EQUAL) == (trap == "a wrapper")
    if trap != "a bool":
        assert all(part.when != ("always",) for part in found.parts)
    if trap == "a name that changes":
        assert found.verdict is not Verdict.UNLESS


def test_nothing_is_reached_for_sure_behind_what_never_returns() -> None:
    old = "\tif (a)\n\t\tlock(p);\n\tpanic();\n\tlock(p);\n\treturn 0;"
    found = judged(old, old.replace("return 0;", "return 1;"), HEAD)
    assert found.verdict is not Verdict.DIFFERS or found.parts[0].when != ("always",)


ERRORS = """	int err;

	err = ask(p);
	if (err)
		goto out;
	if (get(a))
		goto out;
	err = ask(p->next);
	if (err < 0)
		goto out;
	lock(p);
	return 0;
out:
	unlock(p);
	return err;"""


def test_the_ways_out_are_told_by_the_calls_that_fail() -> None:
    found = judged(ERRORS, ERRORS.replace("out:\n", "out:\n\tlock(p);\n"))
    (part,) = found.parts
    assert part.when == (
        "when ask() or get() does not give 0, or ask() fails (a.c:13, 15, 18)",
    )
    assert part.then == ("calls `lock(p)`",)
    assert part.same == "its result and the calls behind it are"


READS_ON = [
    ("unlock(p);", "unlock(p->next);"),
    ("return err;", "return p->m;"),
    ("err = ask(p);", "err = ask(p);\n\tget(&err);"),
    ("unlock(p);", "if (ask(p))\n\t\tunlock(p);"),
    ("unlock(p);", "unlock(p);\n\terr = ask(p);"),
    ("unlock(p);", "ALL(p);"),
]


@pytest.mark.parametrize(("old", "new"), READS_ON)
def test_what_a_call_may_change_is_not_called_the_same(old: str, new: str) -> None:
    head = f"{HEAD}#define ALL(x) unlock(x->next)\n"
    base = ERRORS.replace(old, new)
    found = judged(base, base.replace("out:\n", "out:\n\tlock(p);\n"), head)
    assert [part.same for part in found.parts] == [""]


def test_a_loop_is_told() -> None:
    old = LOOPS % "\treturn r;"
    new = old.replace("\t\tp = p->next;", "\t\tif (r)\n\t\t\tbreak;\n\t\tp = p->next;")
    (part,) = judged(old, new).parts
    assert part.when[0].startswith("when `r` in `while (p)` (a.c:")
    assert part.then == ("leaves the loop or switch",)


def test_what_changes_of_a_name_is_told() -> None:
    body = LOOPS % "\tset(p, E);\n\tp = get(sizeof(*p));\n\treturn r;"
    wider = SEEN.replace("int m, n;", "int more; int m, n;").replace("E 5", "E 6")
    then = [
        event for part in judged(body, body, SEEN, wider).parts for event in part.then
    ]
    assert then == [
        "`set(p, E)` uses `E`, which was `5` and is `6`",
        "`p = get(sizeof(*p))` uses `s`, which now has `int more`",
    ]


def test_an_else_if_goes_with_one_whose_else_is_gone() -> None:
    head = f"{HEAD}#define SAY(x) lock(x)\n"
    old = "\tif (a)\n\t\treturn 1;\n\telse if (p->m)\n\t\tSAY(p);\n\treturn 0;"
    new = "\tif (a)\n\t\treturn 1;\n\tSAY(p);\n\treturn 0;"
    found = judged(
        BASE.replace("\treturn r;", old), BASE.replace("\treturn r;", new), head
    )
    assert all("if (a)" not in event for part in found.parts for event in part.then)


def test_an_if_in_front_of_another_is_told_by_what_it_does() -> None:
    old = "\tif (a) {\n\t\tset(p, 1);\n\t\treturn -E;\n\t}\n"
    new = f"\tif (ask(p)) {{\n\t\tset(p, 2);\n\t\treturn -E;\n\t}} else {old.lstrip()}"
    found = judged(f"{old}\treturn 0;", f"{new}\treturn 0;", SEEN)
    (part,) = found.parts
    assert part.then == ("returns `-E` if `ask(p)`", "calls `set(p, 2)` if `ask(p)`")
    found = judged(f"{new}\treturn 0;", f"{old}\treturn 0;", SEEN)
    told = [said for part in found.parts for said in part.then]
    assert "no longer calls `set(p, 2)` if `ask(p)`" in told
    assert not any("hands set()" in said for said in told)


WAY = """	int err = 0;

	if (ask(p))
		return -5;
	while (p) {
		err = ask(p);
		if (err)
			return err;
		p = p->next;
	}
%s	return err;"""
WAYS = [  # behind the label, what is told of `return err;` made `goto out;`
    ("out:\n", None),
    ("\tlock(p);\nout:\n", None),
    ("out:\n\tunlock(p);\n", ("calls `unlock(p)`",)),
]


@pytest.mark.parametrize(("label", "told"), WAYS)
def test_a_return_that_became_a_goto(label: str, told: tuple[str, ...] | None) -> None:
    new = WAY.replace("return err;\n\t\tp", "goto out;\n\t\tp") % label
    old = WAY % label.replace("out:\n", "").replace("\tunlock(p);\n", "")
    if told and "unlock" in label:
        old = WAY % "" + "\n"
        new = new.replace("out:", "\treturn err;\nout:")
    found = judged(old, new)
    if told is None:
        assert found.verdict is Verdict.EQUAL
        return
    (part,) = found.parts
    assert part.then == told
    assert part.when[0].startswith("when `err`, what ask() gave in `while (p)`")
    assert part.shows == "unlock"


NOT_ONE_WAY = {
    "another variable": (
        "int err = 1;\n\t\treturn err;",
        "int err = 1;\n\t\tgoto out;",
    ),
    "a guard": ("guard(s)(p);\n\t\treturn ask(p);", "guard(s)(p);\n\t\tgoto end;"),
    "another value": ("err = 1;\n\t\treturn 2;", "err = 1;\n\t\tgoto out;"),
}


@pytest.mark.parametrize("trap", NOT_ONE_WAY)
def test_another_way_out_is_another_one(trap: str) -> None:
    old, new = (
        WAY.replace("return -5;", f"{{\n\t\t{text}\n\t}}")
        % "out:\n\treturn err;\nend:\n\treturn ask(p);\n"
        for text in NOT_ONE_WAY[trap]
    )
    assert judged(old, new).verdict is not Verdict.EQUAL


TEXT = "a text that is longer than what is quoted of it, and then more and more, to %d"
LONG = f'\tlog_it(say(p, "{TEXT}", '
BRACES = [
    ("\tif (a) {\n\t\tset(p, E);\n\t\treturn 0;\n\t}", "\tif (a)\n\t\tset(p, E);",
     ["before, it returned `0`"]),
    (f"{LONG}a, a));", f"{LONG}r, r));", ["does `... ", "r, r));`", "a, a));`"]),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "told"), BRACES)
def test_what_differs_is_shown(old: str, new: str, told: list[str]) -> None:
    one, two = (LOOPS % f"{text}\n\treturn r;" for text in (old, new))
    head = SEEN.replace("do { } while (0)", "if (x) lock(0)")
    (part,) = judged(one, two, head).parts
    assert all(piece in part.then[0] for piece in told)


def test_no_longer_is_not_said_where_it_still_is() -> None:
    """What both sides ask changes as well: when it is done is not seen."""
    head = HEAD + "#define FLAG %s\n"
    old = "\tif (a & FLAG)\n\t\treturn ask(p);\n\tlock(p);\n\treturn 0;"
    new = old.replace("a & FLAG", "(a & FLAG) && !ask(p->next)")
    (part,) = judged(old, new, head % "1", head % "4").parts
    assert not any("no longer" in event for event in part.then)
    assert "asks `(a & FLAG) && !ask(p->next)`, not `a & FLAG`" in part.then


def test_a_number_is_told_with_the_sum_that_it_is_in() -> None:
    found = judged("return ask(p) + a * 6;", "return ask(p) + a * 7;")
    said = [event for part in found.parts for event in part.then]
    assert said == ["returns `ask(p) + a * 7`, not `ask(p) + a * 6`"]
    found = judged("get(a * 10 + 6); return ask(p);", "get(a * 10 + 7); return ask(p);")
    said = [event for part in found.parts for event in part.then]
    assert said == ["hands get() `a * 10 + 7`, not `a * 10 + 6`"]


def test_of_a_long_value_that_is_returned_the_part_that_differs_is_told() -> None:
    calls = " || ".join(f"(ask(p) && get({n}11111111))" for n in range(1, 5))
    found = judged(f"return {calls};", f"return {calls} || (ask(p) && get(7));")
    said = [event for part in found.parts for event in part.then]
    assert said[0].startswith("returns `... ")
    assert ", not `... " in said[0]
    assert "|| (ask(p) && get(7))`" in said[0]
