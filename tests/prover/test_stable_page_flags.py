# SPDX-License-Identifier: GPL-2.0-or-later
# ruff: noqa: E501
"""The questions of the story, answered by proof."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewer.c.source import parse
from reviewer.facts import Facts
from reviewer.prover.assume.pages import DEFAULT
from reviewer.prover.judge.compare import compare_functions
from reviewer.prover.judge.predicates import predicate_equivalent
from reviewer.prover.limits import ProverLimits
from reviewer.prover.verdict import FunctionVerdict, OutputVerdict, Verdict, rows
from reviewer.tree import open_tree

PAGE = "fs/proc/page.c"
PATIENCE = ProverLimits(solver=1.5, seconds=60.0)


@pytest.fixture(scope="module")
def facts(linux_6_12: Path) -> Facts:
    return Facts(open_tree(linux_6_12).view(None))


def ask(facts: Facts, one: str, two: str, **more: object) -> OutputVerdict:
    return predicate_equivalent(one, two, facts, limits=PATIENCE, **more)  # type: ignore[arg-type]


WRONG_KSM = {
    "mapping & PAGE_MAPPING_KSM": "movable",
    "mapping & PAGE_MAPPING_KSM == PAGE_MAPPING_KSM": "anon",
    "(mapping & PAGE_MAPPING_ANON) && (mapping & PAGE_MAPPING_KSM)": "anon",
    "mapping & PAGE_MAPPING_MOVABLE": "movable",
}
RIGHT_KSM = [
    "(mapping & PAGE_MAPPING_FLAGS) == PAGE_MAPPING_KSM",
    "(mapping & PAGE_MAPPING_ANON) && (mapping & PAGE_MAPPING_MOVABLE)",
]


@pytest.mark.parametrize("helper", ["PageKsm(page)", "folio_test_ksm(folio)"])
@pytest.mark.parametrize("form", WRONG_KSM)
def test_a_wrong_ksm_test_has_a_page_that_shows_it(
    form: str, helper: str, facts: Facts
) -> None:
    verdict = ask(facts, form, helper)
    assert verdict.verdict is Verdict.DIFFERS
    assert (verdict.before, verdict.after) == ("1", "0")
    assert verdict.witness is not None
    assert "order-0 page" in verdict.witness.when
    assert f"mapping says {WRONG_KSM[form]}" in str(verdict.witness)
    assert len(verdict.witness.when) <= 3  # the page, its mapping, an option


@pytest.mark.parametrize("helper", ["PageKsm(page)", "folio_test_ksm(folio)"])
@pytest.mark.parametrize("form", RIGHT_KSM)
def test_both_fixes_are_right_and_the_assumption_is_named(
    form: str, helper: str, facts: Facts
) -> None:
    verdict = ask(facts, form, helper)
    assert verdict.verdict is Verdict.EQUAL
    assert "no-ksm-page-without-config-ksm" in verdict.assumptions
    without = tuple(n for n in DEFAULT if n != "no-ksm-page-without-config-ksm")
    verdict = ask(facts, form, helper, assumptions=without)
    assert verdict.verdict is Verdict.DIFFERS
    assert "CONFIG_KSM=n" in str(verdict.witness)


def test_an_order_0_page_is_neither_head_nor_tail(facts: Facts) -> None:
    verdict = ask(
        facts, "PageHead(page) || PageTail(page)", "0", given="!PageCompound(page)"
    )
    assert verdict.verdict is Verdict.EQUAL
    verdict = ask(facts, "page == &folio->page", "PageHead(page)")
    assert verdict.verdict is Verdict.DIFFERS
    assert "order-0 page" in str(verdict.witness)


def test_hwpoison_is_of_the_page_and_not_of_the_folio(facts: Facts) -> None:
    verdict = ask(facts, "(k >> PG_hwpoison) & 1", "PageHWPoison(page)")
    assert verdict.verdict is Verdict.DIFFERS
    assert "tail page" in str(verdict.witness)
    assert "PG_hwpoison" in str(verdict.witness)


def test_a_bit_number_is_no_mask(facts: Facts) -> None:
    verdict = ask(facts, "k & PG_lru", "PageLRU(page)")
    assert verdict.verdict is Verdict.DIFFERS
    assert ask(facts, "k & (1UL << PG_lru)", "PageLRU(page)").verdict is Verdict.EQUAL


@pytest.fixture(scope="module")
def upgrade(linux_6_1: Path, facts: Facts) -> FunctionVerdict:
    old = Facts(open_tree(linux_6_1).view(None))
    sides = [parse(PAGE, f.view.read(PAGE) or b"") for f in (old, facts)]
    verdict = compare_functions(
        *sides, old, facts, "stable_page_flags", limits=PATIENCE
    )[0]
    return verdict


EQUAL = {"KPF_ANON", "KPF_NOPAGE", "KPF_COMPOUND_HEAD", "KPF_COMPOUND_TAIL", "KPF_SOFTDIRTY",
         "KPF_BUDDY", "KPF_OFFLINE", "KPF_PGTABLE", "KPF_IDLE"}  # fmt: skip
SHOWN_ON_TAILS = {"KPF_LOCKED", "KPF_REFERENCED", "KPF_UPTODATE", "KPF_DIRTY", "KPF_LRU",
                  "KPF_ACTIVE", "KPF_WRITEBACK", "KPF_RECLAIM", "KPF_SWAPBACKED",
                  "KPF_UNEVICTABLE", "KPF_MLOCKED"}  # fmt: skip
GONE = {"KPF_ERROR", "KPF_UNCACHED"}


def test_every_bit_of_6_1_and_6_12_is_classified(upgrade: FunctionVerdict) -> None:
    bits = {output.output: output for output in upgrade.outputs}
    assert upgrade.verdict is Verdict.DIFFERS
    assert {n for n in EQUAL if bits[n].verdict is Verdict.EQUAL} == EQUAL
    for name in SHOWN_ON_TAILS:
        assert bits[name].verdict is Verdict.DIFFERS
        assert (bits[name].before, bits[name].after) == ("0", "1")
        assert "tail page" in str(bits[name].witness)
    for name in GONE:
        assert (bits[name].before, bits[name].after) == ("1", "0")
    ksm = bits["KPF_KSM"]
    assert (ksm.before, ksm.after) == ("0", "1")
    assert "mapping says anon (01)" in str(ksm.witness)
    thp = bits["KPF_THP"]  # 6.1 asks the LRU and the mapping, 6.12 the second page
    assert (thp.before, thp.after) == ("0", "1")
    assert "page's second page: PG_large_rmappable" in str(thp.witness)
    assert "no PG_lru" in str(thp.witness)
    hwpoison = bits["KPF_HWPOISON"]
    assert "hugetlb" in str(hwpoison.witness)
    undecided = {n for n, o in bits.items() if o.verdict is Verdict.NOT_DECIDED}
    assert undecided <= {"KPF_HUGE", "KPF_ZERO_PAGE"}
    assert all(bits[name].why for name in undecided)


def test_the_table_and_the_json_are_plain(upgrade: FunctionVerdict) -> None:
    import json

    assert json.loads(json.dumps(upgrade.as_dict()))["verdict"] == "differs"
    table = {row.output: row for row in rows((upgrade,))}
    assert "KPF_ANON" not in table
    assert table["KPF_KSM"].after == "1"


def test_a_second_read_is_another_value_when_others_write(facts: Facts) -> None:
    snapshot = "({ unsigned long v = folio->flags; (v & 1) == (v & 1); })"
    twice = "(folio->flags & 1) == (folio->flags & 1)"
    assert ask(facts, twice, snapshot).verdict is Verdict.EQUAL
    verdict = ask(facts, twice, snapshot, mode="concurrent")
    assert verdict.verdict is Verdict.DIFFERS
