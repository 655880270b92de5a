# SPDX-License-Identifier: GPL-2.0-or-later
"""A struct with the name of a function that changes is the struct that it was."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from judged_pairs import HEAD, judged

from reviewer.prover.verdict import Verdict

HEADS = (
    HEAD
    + """struct deep { int z; };
struct own { int nr; struct deep d; struct s *next; };
struct row { struct own o; int m; };
struct row *the_row(int n);
int take(void *p, unsigned long n);
#define row_size sizeof(struct own)
#define calls(x) own(x)
static int own(struct s *p)
{
	while (ask(p))
		p = p->next;
	return ask(p);
}
"""
)
OTHER = HEADS.replace("return ask(p);\n}", "return ask(p) + 1;\n}")
LOOP = "while (a--)\n\t\task(p);\n\t"
USES = {
    "a member": "struct row *r = the_row(a);\n\t" + LOOP + "return r->o.nr + r->m;",
    "its size": "struct row *r = the_row(a);\n\t" + LOOP
    + "return take(r, sizeof(*r)) + take(r, row_size);",
}  # fmt: skip


@pytest.mark.parametrize("body", USES.values(), ids=USES.keys())
def test_a_function_of_the_same_name_changes(body: str) -> None:
    assert judged(body, body, HEADS, OTHER).verdict is Verdict.EQUAL


@pytest.mark.parametrize("body", [LOOP + "return own(p);", LOOP + "return calls(p);"])
def test_who_calls_it_is_another(body: str) -> None:
    assert judged(body, body, HEADS, OTHER).verdict is not Verdict.EQUAL


def test_a_struct_that_is_another_with_it() -> None:
    deeper = OTHER.replace("int z;", "long z, more;")
    for body, other in (
        (USES["a member"], OTHER.replace("{ int nr;", "{ long nr;")),
        (USES["its size"], OTHER.replace("{ int nr;", "{ long nr;")),
        (USES["its size"], deeper),
    ):
        assert judged(body, body, HEADS, other).verdict is not Verdict.EQUAL
    assert judged(*[USES["a member"]] * 2, HEADS, deeper).verdict is Verdict.EQUAL
