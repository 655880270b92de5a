# SPDX-License-Identifier: GPL-2.0-or-later
"""What tells most is told first, whole and once: the way out, the call, the store."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from judged_pairs import HEAD, judged

from reviewer.output.behaviour import text
from reviewer.prover.verdict import FunctionVerdict

MORE = f"""{HEAD}void set(struct s *p, int n);
int ask2(struct s *p, int n);
int dev_err(void *d, const char *f, ...);
"""
BODY = """	int r = 0;

	while (p) {
		r += ask(p);
		p = p->next;
	}
%s
	return r;"""


def told(old: str, new: str, head: str = MORE, new_head: str = "") -> FunctionVerdict:
    return judged(BODY % _indented(old), BODY % _indented(new), head, new_head)


def _indented(text_: str) -> str:
    return "\n".join(
        line if line.startswith("#") else f"\t{line}" for line in text_.split("\n")
    )


def events(found: FunctionVerdict) -> list[tuple[str, ...]]:
    return [part.then for part in found.parts]


LONG = "ask2(p, 1111111111) || (ask2(p, 1222222222) && ask2(p->next->next, 1333333333))"
KINDS = {  # what is old and new, what is told
    "a way out behind a long condition": (
        "set(p, 1);", f"if ({LONG})\n\treturn -19;\nset(p, 1);",
        [(f"returns `-19` if `{LONG[:86].rstrip()}{' ...' * (len(LONG) > 90)}`",)],
    ),
    "what an #if holds": (
        "set(p, 1);\nset(p, 2);",
        "set(p, 1);\n#ifdef CONFIG_X\nif (a)\n\tp->m &= ~4;\n#endif\nset(p, 2);",
        [("does `p->m &= ~4`",)],
    ),
    "what a loop does": (
        "set(p, 1);", "set(p, 1);\nfor (r = 0; r < 3; r++)\n\tlock(p);",
        [("calls `lock(p)` in `for (r = 0; r < 3; r++)`",)],
    ),
    "a case of its own": (
        "switch (a) {\ncase 1:\n\tlock(p);\n\tbreak;\n"
        "case 5:\n\tset(p, 2);\n\tbreak;\n}",
        "switch (a) {\ncase 1:\n\tlock(p);\n\tbreak;\ncase 2:\n\tset(p, 9);\n\tbreak;\n"
        "case 5:\n\tset(p, 2);\n\tbreak;\n}",
        [("calls `set(p, 9)`",)],
    ),
    "each way out by itself": (
        "set(p, 1);",
        "if (a > 3)\n\treturn -5;\nif (p->m)\n\treturn -6;\nset(p, 1);",
        [("returns `-5`",), ("returns `-6`",)],
    ),
    "what is left behind": (
        "set(p, 1);",
        "if (a) {\n\tif (p->m)\n\t\treturn -4;\n\tunlock(p);\n}\nset(p, 1);",
        [("returns `-4` if `p->m`", "calls `unlock(p)` if not `p->m`")],
    ),
    "the way out before the message": (
        "if (a)\n\tset(p, 1);",
        'if (a) {\n\tset(p, 1);\n\tdev_err(p, "x");\n\treturn -5;\n}',
        [("returns `-5`", 'prints `dev_err(p, "x")`')],
    ),
    "a goto with its value": (
        "set(p, 1);\nout:\nunlock(p);",
        "if (a) {\n\tr = -12;\n\tgoto out;\n}\nset(p, 1);\nout:\nunlock(p);",
        [("goes to `out` with `r = -12`",)],
    ),
    "a way out that is gone": (
        "r = ask(p);\nif (r < 0)\n\treturn r;\nset(p, 1);",
        "r = ask(p);\nif (r < 0)\n\tlock(p);\nset(p, 1);",
        [("goes on before it returns `r`", "calls `lock(p)`")],
    ),
    "what another goto passes by": (
        "if (a)\n\tgoto x;\nset(p, 1);\nx:\nunlock(p);\ny:\nif (r)\n\treturn 2;",
        "if (a)\n\tgoto y;\nset(p, 1);\nunlock(p);\ny:\nif (r)\n\treturn 2;",
        [("no longer calls `unlock(p)`", "goes to `y`, not `x`")],
    ),
    "an else of which the condition calls": (
        "if (a)\n\tr = 1;\nelse\n\tr = 2;",
        "if (a)\n\tr = 1;\nelse if (ask(p))\n\tr = 7;\nelse\n\tr = 2;",
        [("sets `r` to `7`, not `2` if `ask(p)`",)],
    ),
    "an argument less": (
        "r = ask2(p, a);", "r = ask2(p);", [("no longer hands ask2() `a`",)],
    ),
    "an argument more": (
        "r = ask2(p);", "r = ask2(p, a);", [("hands ask2() `a`, too",)],
    ),
    "in the place of another": (
        "set(p, 1);\nlock(p);\np->m = 2;\nunlock(p);",
        "if (ask(p))\n\treturn -5;\np->m = 3;\nunlock(p);",
        [("returns `-5` if `ask(p)`", "no longer calls `set(p, 1)`",
          "no longer calls `lock(p)`", "sets `p->m` to `3`, not `2`")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("title", KINDS)
def test_what_is_told_of_a_place(title: str) -> None:
    old, new, wanted = KINDS[title]
    found = told(old, new)
    assert sorted(events(found)) == sorted(wanted)
    assert found.otherwise == "the same (proved)" or title == "a goto with its value"


def test_of_a_long_row_of_conditions_the_nearest_is_told() -> None:
    tests = [f"ask2(p, {n}0000000{n}) > {n}1111111" for n in range(1, 7)]
    new = "".join(f"if ({test})\n" for test in tests) + "\treturn -5;\nset(p, 1);"
    (part,) = told("set(p, 1);", new).parts
    assert part.then[0].startswith("returns `-5` if ... and `ask2(p, ")
    assert part.then[0].endswith(f"and `{tests[-1]}`")


def test_ways_out_and_calls_come_before_stores_and_messages() -> None:
    found = told(
        "set(p, 1);\nlock(p);\nset(p, 2);\nunlock(p);",
        'if (a)\n\tdev_err(p, "x");\nset(p, 1);\nif (a)\n\tp->m = 1;\nlock(p);\n'
        "if (a > 1)\n\tset(p, 7);\nset(p, 2);\nif (a > 2)\n\treturn -5;\nunlock(p);",
    )
    assert events(found) == [
        ("returns `-5`",),
        ("calls `set(p, 7)`",),
        ("does `p->m = 1`",),
        ('prints `dev_err(p, "x")`',),
    ]


def test_the_same_at_several_places_is_told_once() -> None:
    old = "if (a > 1)\n\tlock(p);\nset(p, 1);\nif (a > 7)\n\tlock(p);"
    (part,) = told(old, old.replace("lock", "unlock")).parts
    assert part.then == ("calls `unlock(p)`, not `lock(p)`",)
    whens = [when.partition(" (")[0] for when in part.when if "before" not in when]
    assert whens == ["when `a > 1`", "when `a > 7`"]


def test_a_call_that_is_done_on_every_way_now() -> None:
    old = "if (a) {\n\tset(p, 1);\n\tlock(p);\n}"
    new = "if (a)\n\tset(p, 1);\nlock(p);"
    (part,) = told(old, new).parts
    assert part.then[0].startswith(
        "calls `lock(p)` on every way, before only when `a` (before, a.c:"
    )
    (back,) = told(new, old).parts
    assert back.then[0].startswith("calls `lock(p)` only when `a` (a.c:")
    assert back.then[0].endswith("before on every way")
    assert part.when[0].startswith("in this step")


def test_an_if_that_moves_is_no_new_way_out() -> None:
    check = "r = ask(p);\nif (r < 0)\n\treturn r;"
    rest = "lock(p);\nset(p, 4);\np->m = 3;\np->n = 4;\nset(p, 7);"
    assert events(told(f"{check}\n{rest}", f"{rest}\n{check}")) == [
        ("does `r = ask(p)` behind `set(p, 7)`, not before `lock(p)`",),
        ("does `if (r < 0) return r` behind `set(p, 7)`, not before `lock(p)`",),
    ]


def test_where_a_long_row_of_a_table_differs_is_told() -> None:
    rows = " ".join(f"A({n + 1000000})" for n in range(9))
    head = f"{MORE}#define A(n) n,\nstatic const int t[] = {{ [2] = {rows} A(%s) }};\n"
    body = "set(p, t[a]);"
    found = told(body, body, head % "1", head % "2")
    (said,) = events(found)
    assert "A(2)`, not `... A(1000007) A(1000008) A(1)`" in said[0]


def test_members_of_a_struct_that_changes_are_told_once() -> None:
    head = MORE.replace("int m, n;", "int m; int n;")
    wider = head.replace("int n;", "int n; int more;", 1)
    wider = wider.replace("int m;", "int first; int m;")
    body = "memset(p, 0, sizeof(*p));\nset(p, sizeof(*p));"
    found = told(body, body, head, wider)
    said = [event for then in events(found) for event in then]
    assert len(said) == 1
    assert "and 1 more use `s`, which now has `int first`, `int more`" in said[0]


def test_what_stands_at_the_other_places_is_said() -> None:
    old = "set(p, 1);\nlock(p);\nset(p, 2);\nunlock(p);\nset(p, 3);"
    new = (
        "if (a)\n\treturn -1;\nset(p, 1);\nif (a > 1)\n\treturn -2;\nlock(p);\n"
        "if (a > 2)\n\treturn -3;\nset(p, 2);\nif (a > 3)\n\treturn -4;\nunlock(p);\n"
        "if (a > 4)\n\treturn -5;\nset(p, 3);\nif (a > 5)\n\treturn -6;"
    )
    shown = " ".join(text((told(old, new),)).split())
    assert "returns `-1` when `a` (a.c:" in shown
    assert "also: returns `-3` when `a > 2` (line 26);" in shown
    assert "; returns `-4` when `a > 3` (line 29);" in shown
    assert "and 1 more (line 35) otherwise: the same (proved)" in shown


def test_each_way_out_says_whose_answer_it_looks_at() -> None:
    """A variable that is set again is another one: no condition of it is kept."""
    new = (
        "if (a) {\n\tr = ask(p);\n\tif (r < 0)\n\t\treturn r;\n\tp->m = r;\n"
        "\tr = ask2(p, a);\n\tif (r < 0)\n\t\treturn r;\n\tp->n = r;\n}\nset(p, 1);"
    )
    (part,) = told("set(p, 1);", new).parts
    assert part.then == (
        "returns `r` if `r < 0` (from ask())",
        "returns `r` if `r < 0` (from ask2())",
        "does `r = ask(p)`",
        "does `r = ask2(p, a)` if not `r < 0`",
        "does `p->m = r` if not `r < 0`",
        "does `p->n = r` if not `r < 0`",
    )
    shown = " ".join(text((told("set(p, 1);", new),)).split())
    assert "does `r = ask2(p, a)` if not `r < 0`; and 2 more steps when `a`" in shown


def test_a_name_that_means_something_else_comes_behind_what_is_done() -> None:
    head = MORE.replace("int m, n;", "int m; int n;")
    wider = head.replace("int n;", "int n; int more;", 1)
    old = "memset(p, 0, sizeof(*p));\nset(p, 1);"
    found = told(old, f"if (a)\n\treturn -5;\n{old}", head, wider)
    shown = " ".join(text((found,)).split())
    assert "returns `-5` when `a` (a.c:" in shown
    assert "also: uses `s`, which now has `int more` (line 21) otherwise:" in shown
    assert [part.other_meaning for part in found.parts] == [False, True]


def test_of_two_long_macros_it_is_told_where_they_differ() -> None:
    body = " + ".join(f"ask(p + {n}000000)" for n in range(1, 8))
    head = f"{MORE}#define LONG (%s)\n"
    found = told("set(p, LONG);", "set(p, LONG);", head % body, head % f"{body} + 1")
    ((said,),) = events(found)
    assert "ask(p + 7000000) + 1)`" in said


def test_four_cases_of_both_sides_are_two_conditions() -> None:
    old = "switch (a) {\ncase 4:\ncase 7:\n\tlock(p);\n\tset(p, 1);\n}\nset(p, 4);"
    (part,) = told(old, old.replace("lock", "unlock")).parts
    whens = [when.partition(" (")[0] for when in part.when if "before" not in when]
    assert whens == ["when `a` is `4`", "when `a` is `7`"]


def test_of_a_loop_with_another_head_what_is_done_in_it_is_not_all_told() -> None:
    old = (
        'while (ask2(p, "ab")) {\n\tswitch (a) {\n\tcase 1:\n\t\tlock(p);\n\t\tbreak;\n'
        "\tcase 2:\n\t\tset(p, 2);\n\t\tbreak;\n\t}\n}"
    )
    new = old.replace('"ab"', '"abn"').replace("set(p, 2)", "set(p, 5)")
    (part,) = told(old, new).parts
    assert part.then == (
        'does `while (ask2(p, "abn"))`, not `while (ask2(p, "ab"))`',
        "hands set() `5`, not `2` in `switch (a)` in `case 2`",
    )


def test_of_steps_that_are_cut_the_functions_are_told() -> None:
    new = (
        "if (a) {\n\tset(p, 1);\n\tset(p, 2);\n\tset(p, 3);\n\tset(p, 4);\n"
        "\tp->m = ask(p);\n\tlock(p);\n\ta |= 4;\n}\nset(p, 5);"
    )
    found = told("set(p, 5);", new)
    (part,) = found.parts
    assert part.then[4:] == ("calls `lock(p)`", "does `p->m = ask(p)`", "does `a |= 4`")
    shown = " ".join(text((found,)).split())
    assert "calls `set(p, 4)`; and 3 more steps (calls lock(), ask()) when" in shown


def test_a_call_is_told_before_a_way_out_of_another_kind() -> None:
    """What is returned stays: a label that is gone is told behind what it did."""
    old = (
        "if (ask(p)) {\n\ta = -1;\n\tgoto out;\n}\nset(p, 1);\nif (a)\n\tgoto out;\n"
        "return 0;\nout:\n\tunlock(p);\n\treturn a;"
    )
    new = "if (ask(p))\n\treturn -1;\nset(p, 1);\nif (a)\n\treturn a;\nreturn 0;"
    said = [event for part in told(old, new).parts for event in part.then]
    assert said.index("no longer calls `unlock(p)`") < said.index(
        "returns `-1` where it went to `out` with `a = -1`"
    )
