# SPDX-License-Identifier: GPL-2.0-or-later
"""What must never be proved equal, and what a proof says that it takes for granted."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from reviewer.c.source import parse
from reviewer.facts import Facts
from reviewer.prover.assume.assumptions import ASSUMPTIONS, DEFAULT
from reviewer.prover.judge.compare import compare_functions
from reviewer.prover.limits import ProverLimits
from reviewer.prover.verdict import FunctionVerdict, Verdict
from reviewer.tree import open_tree

PATIENCE = ProverLimits(solver=5.0, seconds=40.0)
HEAD = "".join(
    f"#include <linux/{name}.h>\n"
    for name in ("kasan", "mm", "slab", "sched", "cacheflush", "cgroup", "memcontrol")
)


@pytest.fixture(scope="module")
def facts(linux_6_12: Path) -> Facts:
    return Facts(open_tree(linux_6_12).view(None))


def compare(
    facts: Facts, before: str, after: str, assumptions: tuple[str, ...] = DEFAULT
) -> FunctionVerdict:
    pre, post = (parse("mm/x.c", (HEAD + text).encode()) for text in (before, after))
    return compare_functions(
        pre, post, facts, facts, "f", assumptions=assumptions, limits=PATIENCE
    )[0]


@pytest.mark.parametrize(
    "call",
    ["kfree(p);", "wake_up_process(t);", "get_page(page);", "put_page(page);",
     "folio_wait_writeback(page_folio(page));", "count_vm_event(PGFAULT);",
     "kasan_non_canonical_hook(1);",  # a stub, and a function that prints
     # of these only a stub is easily seen
     "css_put(p);", "mem_cgroup_put(p);", "lock_release(p, 1);",
     "flush_cache_vunmap(0, 1);"],  # nothing in asm-generic, something on arm
)  # fmt: skip
def test_a_call_that_does_something_cannot_go(facts: Facts, call: str) -> None:
    text = "int f(void *p, struct task_struct *t, struct page *page) {{ {} return 0; }}"
    verdict = compare(facts, text.format(call), text.format(""))
    assert verdict.verdict is not Verdict.EQUAL


@pytest.mark.parametrize("call", ["page_mapped(page);", "folio_test_lru(folio);"])
def test_a_call_that_only_looks_can_go(facts: Facts, call: str) -> None:
    """It computes nothing; that READ_ONCE() is gone with it is told."""
    text = "int f(struct page *page, struct folio *folio) {{ {} return 0; }}"
    verdict = compare(facts, text.format(call), text.format(""))
    assert verdict.verdict is Verdict.ONE_CPU


@pytest.mark.parametrize(
    "body",
    ["seen = x;", "seen++;", "--seen;", "*where = x;", "table[x] = 1;", "hook->run(x);",
     "static int local; local = x;"],
)  # fmt: skip
def test_what_writes_is_no_reader(facts: Facts, body: str) -> None:
    from reviewer.prover.names.definitions import Definitions

    text = (
        "static int seen, table[9], *where; struct hook { void (*run)(int); } *hook;\n"
        f"int writes(int x)\n{{\n\t{body}\n\treturn 0;\n}}\n"
        "int reads(int x)\n{\n\tint i, sum;\n\tsum = 0;\n\tfor (i = 0; i < x; i++)\n"
        "\t\tsum += i;\n\treturn sum;\n}\n"
    )
    definitions = Definitions(facts, "mm/x.c", text.encode())
    assert definitions.reads_only("reads")
    assert not definitions.reads_only("writes")


def test_the_mapcount_is_the_page_type(facts: Facts) -> None:
    store = "int f(struct page *page) { page->page_type = 1; return %s; }"
    one = store % "atomic_read(&page->_mapcount)"
    verdict = compare(facts, one, store % "1")  # another CPU may write between
    assert verdict.why == "the same for one CPU; atomic_read() is gone"
    assert compare(facts, one, store % "2").verdict is not Verdict.EQUAL


STORE = "struct s { int a; int b; };\nint f(struct s *s) { "
BEFORE, AFTER = "s->a = 1; return s->b; }", "int b = s->b; s->a = 1; return b; }"


def test_that_fields_do_not_overlap_is_said_and_can_be_dropped(facts: Facts) -> None:
    verdict = compare(facts, STORE + BEFORE, STORE + AFTER)
    assert verdict.verdict is Verdict.EQUAL
    assert "fields-do-not-overlap" in verdict.assumptions
    without = tuple(name for name in DEFAULT if name != "fields-do-not-overlap")
    verdict = compare(facts, STORE + BEFORE, STORE + AFTER, without)
    assert verdict.verdict is not Verdict.EQUAL
    assert "fields-do-not-overlap" not in verdict.assumptions


def test_that_assertions_do_not_fire_is_said_and_can_be_dropped(facts: Facts) -> None:
    helper = "static inline int g(struct page *p) { VM_BUG_ON_PAGE(1, p); return 0; }\n"
    text = "int f(struct page *page) {{ return {}; }}"
    sides = helper + text.format("g(page)"), helper + text.format("0")
    verdict = compare(facts, *sides)
    assert verdict.verdict is Verdict.EQUAL
    assert "debug-assertions-do-not-fire" in verdict.assumptions
    without = tuple(n for n in DEFAULT if n != "debug-assertions-do-not-fire")
    assert compare(facts, *sides, without).verdict is not Verdict.EQUAL


@pytest.mark.parametrize(
    "assertion", ["VM_BUG_ON_PAGE(1, page);", "lockdep_assert_held(&page->lru);"]
)
def test_an_assertion_that_goes_is_no_proof(facts: Facts, assertion: str) -> None:
    """It is what somebody wrote to be told of; a BUILD_BUG_ON() is told at build."""
    text = "int f(struct page *page) {{ {} return 0; }}"
    verdict = compare(facts, text.format(assertion), text.format(""))
    assert verdict.verdict is Verdict.NOT_DECIDED
    assert verdict.why is not None
    assert "is on one side only" in verdict.why
    kept = compare(facts, text.format(assertion), text.format(f"{assertion} ;"))
    assert kept.verdict is Verdict.EQUAL
    built = compare(facts, text.format("BUILD_BUG_ON(0);"), text.format(""))
    assert built.verdict is Verdict.EQUAL


def test_every_assumption_says_what_it_is() -> None:
    assert all(len(text) > 20 for text in ASSUMPTIONS.values())
    assert set(DEFAULT) == set(ASSUMPTIONS)


def test_only_the_outputs_that_were_asked_for(facts: Facts) -> None:
    path = "fs/proc/page.c"
    data = facts.view.read(path) or b""
    edited = data.replace(b"1 << KPF_KSM", b"1 << KPF_THP")
    assert edited != data
    sides = parse(path, data), parse(path, edited)
    (verdict,) = compare_functions(
        *sides, facts, facts, "stable_page_flags", outputs=("KPF_KSM",), limits=PATIENCE
    )
    assert [output.output for output in verdict.outputs] == ["KPF_KSM"]
    assert verdict.verdict is Verdict.DIFFERS
    (other,) = compare_functions(
        *sides,
        facts,
        facts,
        "stable_page_flags",
        outputs=("KPF_ANON",),
        limits=PATIENCE,
    )
    assert other.verdict is Verdict.EQUAL


def test_a_cast_to_typeof_is_no_call(facts: Facts) -> None:
    text = "int f(unsigned int x) {{ return {}; }}"
    verdict = compare(
        facts, text.format("(typeof(BIT(0)))(x) >> 3"), text.format("(int)(x / 8)")
    )
    assert verdict.verdict is Verdict.EQUAL
    verdict = compare(facts, text.format("(typeof(x))(x) >> 3"), text.format("x / 4"))
    assert verdict.verdict is Verdict.DIFFERS


def test_an_answer_that_nobody_has_is_not_pinned_by_an_address(linux_6_1: Path) -> None:
    """PageHuge() is not followed: what stands where it would lead says nothing."""
    path = "fs/proc/page.c"
    view = open_tree(linux_6_1).view(None)
    old = view.read(path) or b""
    new = old.replace(
        b"if (PageHuge(page))", b"if (folio_test_hugetlb(page_folio(page)))"
    )
    assert old != new
    verdict = compare_functions(
        parse(path, old),
        parse(path, new),
        Facts(view),
        Facts(view.overlay({path: new})),
        "stable_page_flags",
        limits=PATIENCE,
    )[0]
    assert verdict.verdict is Verdict.NOT_DECIDED
    assert not verdict.differing


@pytest.mark.parametrize(
    ("after", "expected"),
    [("mm_one", "equal"), ("mm_two", "differs"), ("mm_renamed", "not decided")],
)
def test_a_variable_of_a_new_name_may_be_the_old_one(
    facts: Facts, after: str, expected: str
) -> None:
    # somebody writes them: what nobody writes is 0
    both = "static int mm_one;\nstatic int mm_two;\n"
    both += "void set(int one, int two) { mm_one = one; mm_two = two; }\n"
    before, now = (
        both + f"static int {name};\nint f(void) {{ return {name} > 3; }}\n"
        f"void put(int x) {{ {name} = x; }}"
        if name == "mm_renamed"
        else both + f"int f(void) {{ return {name} > 3; }}"
        for name in ("mm_one", after)
    )
    assert str(compare(facts, before, now).verdict) == expected


def test_a_large_function_is_given_up_in_time() -> None:
    """Reading it counts as much as asking the solver does."""
    lines = "".join(f"\tif (g{n}(a)) b{n}(a, a * {n});\n" for n in range(1500))
    pre, post = (
        parse("mm/x.c", f"void f(int a)\n{{\n{lines}\tlast({n});\n}}\n".encode())
        for n in (1, 2)
    )
    begun = time.process_time()
    bounds = ProverLimits(seconds=0.5, nodes=10**9)
    (verdict,) = compare_functions(pre, post, None, None, "f", limits=bounds)
    assert time.process_time() - begun < 10
    assert verdict.verdict is Verdict.NOT_DECIDED
    assert verdict.by_clock
