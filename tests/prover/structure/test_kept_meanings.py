# SPDX-License-Identifier: GPL-2.0-or-later
"""Names that a change touches and that mean the same to a function all the same."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from judged_pairs import HEAD, judged

from reviewer.facts.header import header
from reviewer.prover.changes.file_meanings import meanings_of
from reviewer.prover.verdict import FunctionVerdict, Verdict

READS = "\twhile (a--)\n\t\task(p + t[a]);\n\treturn ask(p) + t[1];"
TABLE = HEAD + "%s t[4]%s = { 1, 2, 3, 4 };\n"
SAYS_NOTHING = [
    ("static const int", "", " __maybe_unused"),
    ("static const int", " __used", ""),
    ("static int", "", " __read_mostly"),
    ("static int", " __always_unused", " __ro_after_init"),
]


@pytest.mark.parametrize(("type_", "one", "two"), SAYS_NOTHING)
def test_an_attribute_that_says_nothing_of_the_rows(
    type_: str, one: str, two: str
) -> None:
    assert judged(READS, READS, TABLE % (type_, one), TABLE % (type_, two)).verdict is (
        Verdict.EQUAL
    )


SAYS_SOMETHING = [
    ("", " __weak"),
    ("", " __packed"),
    ("", ' __section(".mine")'),
    ("", " __aligned(64)"),
    ("", " __initdata"),
    ("", ' __attribute__((alias("u")))'),
    (" __maybe_unused", " __percpu"),
]


@pytest.mark.parametrize(("one", "two"), SAYS_SOMETHING)
def test_an_attribute_that_counts(one: str, two: str) -> None:
    heads = TABLE % ("static int", one), TABLE % ("static int", two)
    assert judged(READS, READS, *heads).verdict is not Verdict.EQUAL


def test_an_attribute_that_the_file_makes_another() -> None:
    own = "#define __maybe_unused __aligned(64)\n"
    heads = TABLE % ("static int", ""), TABLE % ("static int", " __maybe_unused")
    told = judged(READS, READS, own + heads[0], own + heads[1])
    assert told.verdict is not Verdict.EQUAL


WRITERS = ["t[0] = 1;", "t[n].x++;", "ask(&t[1]);", "get2(t, 2);", "n = *(t + 1) = n;"]


@pytest.mark.parametrize("writes", WRITERS)
def test_what_is_written_late_cannot_be_fixed_after_init(writes: str) -> None:
    late = f"static void late(int n)\n{{\n\t{writes}\n}}\n"
    heads = (
        TABLE % ("static int", "") + late,
        TABLE % ("static int", " __ro_after_init") + late,
    )
    assert judged(READS, READS, *heads).verdict is not Verdict.EQUAL
    early = [
        head.replace("static void late", "static void __init late") for head in heads
    ]
    assert judged(READS, READS, *early).verdict is Verdict.EQUAL


SIZES = (
    HEAD
    + """struct o { int number; };
#define __aligned(x) __attribute__((aligned(x)))
struct held { unsigned char buf[4] __aligned(8); struct s one; struct o *o; };
struct own { struct held *h; struct o o; int more[3]; unsigned char buf[2]; };
struct all { struct own *o; struct held held[2]; };
#define DEFINE_MINE(type, name) type name
#define by_size(x) do { if (sizeof(x) == 4) ask2(x); } while (0)
static DEFINE_MINE(int, mine);
static DEFINE_MINE(struct held, theirs);
int take(void *to, unsigned long size);
"""
)
SAME_SIZE = [
    "struct own *w = get(1);\n\treturn take(w->buf, sizeof(w->buf));",
    "struct held *h = get(1);\n\treturn take(h->buf, sizeof(h->buf));",
    "return take(p, sizeof(struct o));",
    "return take(p, sizeof(struct own));",  # which only points to what is larger
    "by_size(mine);\n\treturn a;",
    "by_size(a);\n\treturn a;",
    "void *v = get(a);\n\tstruct o *o = (struct o *)v;\n\treturn o->number;",
    "struct own *w = get(1);\n\tstruct o *q = &w->h->o[a];\n\treturn q->number;",
    "struct own w;\n\tstruct o *q = &w.o;\n\tq->number = a;\n\treturn q->number;",
]
OTHER_SIZE = [
    "struct held *h = get(1);\n\treturn take(h, sizeof(*h));",
    "struct held *h = get(1);\n\treturn take(&h->one, sizeof(h->one));",
    "return take(p, sizeof(struct all));",
    "struct own *w = get(1);\n\treturn take(w->h, sizeof(*w->h));",
    "struct own *w = get(1);\n\tunsigned char *q = &w->h->buf[a];\n\treturn q[40];",
    "struct own *w = get(1);\n\tlong q = (long)&w->h->one;\n\treturn q;",
    "by_size(theirs);\n\treturn a;",
    "by_size(*p);\n\treturn a;",
    "struct o *o = (struct o *)p;\n\treturn o->number;",
    "void *v = get(a);\n\tstruct held *h = v;\n\treturn take(v, sizeof(h[0]));",
]


def _gains(body: str) -> Verdict:
    """A loop around a body, where struct s gains a member."""
    wider = SIZES.replace("{ int m, n;", "{ int more; int m, n;")
    body = f"\twhile (a--)\n\t\task(p);\n\t{body}"
    return judged(body, body, SIZES, wider).verdict


@pytest.mark.parametrize("body", SAME_SIZE)
def test_the_size_of_what_does_not_change(body: str) -> None:
    assert _gains(body) is Verdict.EQUAL


@pytest.mark.parametrize("body", OTHER_SIZE)
def test_the_size_of_what_changes(body: str) -> None:
    assert _gains(body) is not Verdict.EQUAL


CHAIN = (
    HEAD
    + """struct row { int a; int (*ops)(struct s *p); };
struct desc { struct row *rows; int number; };
#define LAST 1
static int one(struct s *p) { return p->m; }
static int two(struct s *p) { return p->n; }
static struct row rows[] = { [0] = { .a = 1, .ops = one }, [LAST] = { .a = 2 } };
static struct row *some[2] = { &rows[0], &rows[1] };
static struct desc desc = { .rows = rows, .number = LAST };
int hand(struct desc *d);
"""
)
LEADS_TO = [
    ("{ .a = 2 }", "{ .a = 3 }", "`rows`, which has `[LAST].a` = `3`, not `2`"),
    (".ops = one", ".ops = two", "`rows`, which has `[0].ops` = `two`, not `one`"),
    (", [LAST] = { .a = 2 }", "", "`rows`, which no longer has `[LAST] = { .a = 2 }`"),
    ("LAST 1", "LAST 3", "`LAST`, which was `1` and is `3`"),
]


@pytest.mark.parametrize(("old", "new", "told"), LEADS_TO)
def test_what_a_table_leads_to_is_told(old: str, new: str, told: str) -> None:
    body = "\twhile (a--)\n\t\task(p);\n\treturn hand(&desc);"
    verdict = judged(body, body, CHAIN, CHAIN.replace(old, new))
    (part,) = verdict.parts
    (event,) = part.then
    assert event.startswith("`return hand(&desc)` uses `desc`, which leads to ")
    assert event.endswith(told)


STORES = [("some[1] = 0;", Verdict.EQUAL), ("desc.number = a;", Verdict.EQUAL)]
READS_ROWS = [
    "a = some[1]->a;",
    "some[1]->a = 2;",
    "desc.rows->a = a;",
    "rows[0].a -= 1;",
]


@pytest.mark.parametrize(("body", "verdict"), STORES)
def test_a_store_to_another_member(body: str, verdict: Verdict) -> None:
    told = f"\twhile (a--)\n\t\task(p);\n\t{body}\n\treturn a;"
    changed = CHAIN.replace(".ops = one", ".ops = two")
    assert judged(told, told, CHAIN, changed).verdict is verdict


@pytest.mark.parametrize("body", READS_ROWS)
def test_a_store_through_what_the_table_says(body: str) -> None:
    told = f"\twhile (a--)\n\t\task(p);\n\t{body}\n\treturn a;"
    changed = CHAIN.replace("{ .a = 2 }", "{ .a = 3 }")
    assert judged(told, told, CHAIN, changed).verdict is not Verdict.EQUAL


def test_a_store_behind_a_table_that_became_shorter() -> None:
    head = CHAIN + "#define LIST 1, 2, 3\nstatic int short_[] = { LIST };\n"
    body = "\twhile (a--)\n\t\task(p);\n\tshort_[2] = a;\n\treturn 0;"
    changed = head.replace("LIST 1, 2, 3", "LIST 1, 2")
    assert judged(body, body, head, changed).verdict is not Verdict.EQUAL


OWN = HEAD + "static int own(struct s *p, int);\n"
BODY = "static int own(struct s *p, int n) { return p->m + n; }\n"


def test_a_declaration_that_says_no_more_may_go() -> None:
    body = "\twhile (a--)\n\t\task(p);\n\treturn own(p, a);"
    assert judged(body, body, OWN + BODY, HEAD + BODY).verdict is Verdict.EQUAL


@pytest.mark.parametrize(
    "more", ["static __weak int own(struct s *p, int);", "int own(struct s *p, int);",
             "static int own(struct s *p, long);", "static int own(int, struct s *);"]
)  # fmt: skip
def test_a_declaration_that_says_more_may_not(more: str) -> None:
    sides = [header("a.c", (text + BODY).encode()) for text in (HEAD + more, HEAD)]
    one, two = (meanings_of(side).texts["own"] for side in sides)
    assert one != two


def test_a_body_that_a_declaration_makes_weak_is_not_taken_for_sure() -> None:
    body = "\twhile (a--)\n\t\task(p);\n\treturn own(p, a);"
    sides = [HEAD + f"{says}int own(struct s *p, int);\n" for says in ("__weak ", "")]
    own = BODY.replace("static ", "")
    verdict = judged(body, body, sides[0] + own, sides[1] + own).verdict
    assert verdict is not Verdict.EQUAL


BLOCK = """	if (a)
		lock(p);
	if (a > 3) {
%s		unlock(p->next);
	}
	return ask(p);"""
INNER = "\t\tstruct s *%s = get(a);\n\n\t\tunlock(%s);\n"


def test_a_variable_of_a_new_block_is_no_parameter_of_its_name() -> None:
    """p outside the block is what it was; within it, it is another one."""
    old = BLOCK.replace("\tif (a > 3) {\n%s\t\tunlock(p->next);\n\t}\n", "")
    new = BLOCK.replace("\t\tunlock(p->next);\n", "") % (INNER % ("p", "p"))
    for one, two in ((old, new), (new, old)):
        found = judged(one, two)
        assert found.verdict is Verdict.UNLESS
        assert not any("something else" in event for event in events(found))


def test_a_variable_that_a_block_gains_is_another_one_to_what_is_in_it() -> None:
    found = judged(BLOCK % "", BLOCK % (INNER % ("p", "p")))
    assert any("`p`, which may mean something else" in one for one in events(found))
    wrapped = "\tlock(p);\n\treturn ask(p);"
    within = wrapped.replace("\tlock", "\t{\n\t\tstruct s *p = get(a);\n\n\t\tlock")
    found = judged(wrapped, within.replace("(p);\n\tr", "(p);\n\t}\n\tr"))
    assert any("`p`, which may mean something else" in one for one in events(found))


def events(found: FunctionVerdict) -> list[str]:
    return [event for part in found.parts for event in part.then]
