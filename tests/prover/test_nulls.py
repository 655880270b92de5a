# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls that do nothing with NULL: the check before them changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from one_pair import verdict_on

from reviewer.c.source import parse
from reviewer.facts import Facts
from reviewer.prover.judge.compare import compare_functions
from reviewer.prover.verdict import FunctionVerdict, Verdict
from reviewer.tree import open_tree

PRELUDE = """struct s { int x; struct s *next; };
void other(struct s *p);
static void put(struct s *p)
{
	struct s *q = p;
	if (!p)
		return;
	other(q);
}
static void drop(struct s *p)
{
	if (p != NULL) {
		other(p);
	}
}
static void bad(struct s *p)
{
	int x = p->x;
	if (!p)
		return;
	other(p);
}
"""
HEAD = "void f(struct s *p, struct s *q, int c) { "
SAME = {
    "a return at once": ("if (p) put(p);", "put(p);"),
    "all of it behind a check": ("if (p) drop(p);", "drop(p);"),
    "what is stored before stays": (
        "q->x = 1; if (p) drop(p); if (!p) q->x = 2;",
        "q->x = 1; drop(p); if (!p) q->x = 2;",
    ),
}
OTHER = {
    "the call is gone": ("put(p);", ""),
    "another condition": ("if (c) other(p);", "other(p);"),
    "with NULL alone": ("other(NULL);", ""),
}


def compare(case: tuple[str, str], facts: Facts | None = None) -> FunctionVerdict:
    return verdict_on((f"{PRELUDE}{HEAD}{text} }}" for text in case), facts)


@pytest.mark.parametrize("title", SAME)
def test_the_check_is_not_needed(title: str) -> None:
    assert compare(SAME[title]).verdict is Verdict.EQUAL


@pytest.mark.parametrize("title", OTHER)
def test_the_call_counts(title: str) -> None:
    assert compare(OTHER[title]).verdict is Verdict.DIFFERS


def test_a_function_that_reads_through_the_pointer_needs_the_check() -> None:
    """They differ for NULL alone, where one of them stops: that is no state to show."""
    verdict = compare(("if (p) bad(p);", "bad(p);"))
    assert verdict.verdict is Verdict.NOT_DECIDED


def test_what_is_not_seen_is_not_claimed() -> None:
    verdict = compare(("if (p) other(p);", "other(p);"))
    assert verdict.verdict is Verdict.NOT_DECIDED
    assert "with NULL is not seen" in verdict.why


@pytest.mark.parametrize("call", ["vfree", "debugfs_remove", "kmem_cache_destroy"])
def test_the_tree_names_them(linux_6_12: Path, call: str) -> None:
    facts = Facts(open_tree(linux_6_12).view(None))
    heads = "#include <linux/slab.h>\n#include <linux/vmalloc.h>\n"
    heads += "#include <linux/debugfs.h>\n"
    one, two = (
        parse("lib/x.c", f"{heads}void f(void *p) {{ {text} }}\n".encode())
        for text in (f"if (p) {call}(p);", f"{call}(p);")
    )
    verdict = compare_functions(one, two, facts, facts, "f")[0]
    assert verdict.verdict is Verdict.EQUAL, verdict.why
