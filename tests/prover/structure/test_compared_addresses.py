# SPDX-License-Identifier: GPL-2.0-or-later
"""A table of which the address is compared may lead to what changes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from judged_pairs import BASE, HEAD, judged

from reviewer.prover.verdict import Verdict

TABLE = f"""{HEAD}struct ops {{ int (*get)(struct s *p, int a); int n; }};
void use(const struct ops *o);
const struct ops *ops_of(struct s *p);
int f(struct s *p, int a);
static const struct ops own = {{ .get = f, .n = 3 }};
#define IS_OWN(p) (ops_of(p) == &own)
#define IS_LARGE(p) (ops_of(p) == &own && (p)->m > own.n)
"""
CODE = "\tif (%s)\n\t\tunlock(p);\n\tif (a)\n\t\t%s(p);\n\treturn 0;"


@pytest.mark.parametrize(
    ("test", "told"),
    [
        ("IS_OWN(p)", False),
        ("ops_of(p) != &own", False),
        ("&own == ops_of(p)", True),
        ("IS_LARGE(p)", True),
        ("own.n == a", True),
        ("ops_of(p) == &own && own.n == a", True),
        ("&ops_of(p)->n == &own.n", True),
        ("ops_of(p) == &own + 1", True),
    ],
)
def test_what_a_table_leads_to_is_no_matter(test: str, told: bool) -> None:
    old, new = (
        BASE.replace("\treturn r;", CODE % (test, word)) for word in ("lock", "unlock")
    )
    found = judged(old, new, TABLE)
    assert any("leads to `f`" in t for p in found.parts for t in p.then) is told


def test_a_table_that_is_another_is_told() -> None:
    code = BASE.replace("\treturn r;", CODE % ("IS_OWN(p)", "lock"))
    found = judged(code, code, TABLE, TABLE.replace(".n = 3", ".n = 4"))
    assert found.verdict is not Verdict.EQUAL
