# SPDX-License-Identifier: GPL-2.0-or-later
"""Helpers: expanded from the generator macros of each tree, and hand-written ones."""

from __future__ import annotations

import pytest

from reviewer.facts.accesses import Access, PageRole
from reviewer.facts.helper_definitions import definitions_in


def definitions(helper):
    """condition -> stub value or "real"."""
    return {str(d.condition): d.value if d.stub else "real" for d in helper.definitions}


@pytest.fixture(params=["facts_6_1", "facts_6_12"])
def facts(request):
    return request.getfixturevalue(request.param)


def test_page_ksm_is_0_without_config_ksm(facts):
    assert definitions(facts.helpers["PageKsm"]) == {
        "CONFIG_KSM": "real",
        "!CONFIG_KSM": "0",
    }
    assert definitions(facts.helpers["folio_test_ksm"])["!CONFIG_KSM"] == "false"
    stub = facts.helpers["PageKsm"].stubs[0]
    assert stub.evidence.text == "TESTPAGEFLAG_FALSE(Ksm, ksm)"
    assert stub.generator == "TESTPAGEFLAG_FALSE"


def test_page_ksm_reads_the_mapping_of_the_head(facts):
    assert facts.helpers["PageKsm"].reads == {Access("mapping", PageRole.HEAD)}


def test_folio_test_idle_has_three_definitions_that_cover_everything(facts):
    helper = facts.helpers["folio_test_idle"]
    assert {(str(d.condition), d.stub) for d in helper.definitions} == {
        ("CONFIG_PAGE_IDLE_FLAG && CONFIG_64BIT", False),
        ("CONFIG_PAGE_IDLE_FLAG && !CONFIG_64BIT", False),
        ("!CONFIG_PAGE_IDLE_FLAG", True),
    }
    files = {str(d.condition): d.evidence.file for d in helper.definitions}
    in_page_ext = "CONFIG_PAGE_IDLE_FLAG && !CONFIG_64BIT"
    assert files[in_page_ext] == "include/linux/page_idle.h"
    assert not (~helper.exists).satisfiable()


def test_a_second_page_flag_is_read_from_the_second_page(facts):
    helper = facts.helpers["folio_test_has_hwpoisoned"]
    gate = "CONFIG_MEMORY_FAILURE && CONFIG_TRANSPARENT_HUGEPAGE"
    assert str(helper.gate) == gate
    assert helper.pages() == {PageRole.SECOND}
    assert facts.helpers["PageHasHWPoisoned"].pages() == {PageRole.SECOND}
    assert facts.helpers["PageHasHWPoisoned"].policy.asserts == ("!PageHead(page)",)


def test_policies_say_whose_word_it_is(facts):
    helpers = facts.helpers
    assert helpers["PageHWPoison"].pages() == {PageRole.OWN}
    assert helpers["PageHWPoison"].policy.name == "PF_ANY"
    assert helpers["PageDirty"].pages() == {PageRole.HEAD}
    assert helpers["PageReserved"].pages() == {PageRole.OWN}
    locked = helpers["PageLocked"].policy
    assert locked.pages == {PageRole.HEAD}
    assert locked.asserts == ("enforce && PageTail(page)",)
    assert locked.evidence.text.startswith("#define PF_NO_TAIL(page, enforce)")


def test_private_2_became_a_head_flag(facts_6_1, facts_6_12):
    assert facts_6_1.helpers["PagePrivate2"].policy.name == "PF_ANY"
    assert facts_6_1.helpers["PagePrivate2"].pages() == {PageRole.OWN}
    assert "PagePrivate2" not in facts_6_12.helpers
    now = facts_6_12.helpers["folio_test_private_2"]
    assert now.policy.name == "FOLIO_HEAD_PAGE"
    assert facts_6_12.helpers["folio_test_owner_2"].policy.name == "FOLIO_HEAD_PAGE"


def test_which_writes_are_atomic(facts):
    helpers = facts.helpers
    assert helpers["SetPageDirty"].atomic is True
    assert helpers["__SetPageLocked"].atomic is False
    assert helpers["__folio_set_swapbacked"].atomic is False
    assert helpers["__ClearPageReported"].kind == "clear"
    assert helpers["TestSetPageDirty"].kind == "test_and_set"
    assert helpers["PageDirty"].atomic is None


def test_uptodate_is_hand_written_and_followed_to_its_bit(facts):
    helper = facts.helpers["SetPageUptodate"]
    assert (helper.flag, helper.kind, helper.atomic) == ("PG_uptodate", "set", True)
    assert facts.helpers["__SetPageUptodate"].atomic is False
    assert facts.helpers["PageUptodate"].flag == "PG_uptodate"


def test_swapcache_needs_swapbacked_and_config_swap(facts):
    helper = facts.helpers["folio_test_swapcache"]
    assert definitions(helper) == {"CONFIG_SWAP": "real", "!CONFIG_SWAP": "false"}
    assert helper.flag == "PG_swapcache"
    assert "folio_test_swapbacked" in helper.real[0].body


def test_hugetlb_is_a_page_type_since_6_10(facts_6_1, facts_6_12):
    old = facts_6_1.helpers["PageHuge"]
    assert old.real[0].is_prototype
    assert definitions(old) == {
        "CONFIG_HUGETLB_PAGE": "real",
        "!CONFIG_HUGETLB_PAGE": "0",
    }
    new = facts_6_12.helpers["folio_test_hugetlb"]
    assert new.reads == {Access("page_type", PageRole.HEAD)}
    assert facts_6_12.helpers["PageBuddy"].reads == {Access("page_type", PageRole.OWN)}
    assert facts_6_12.helpers["PageSlab"].reads == {Access("page_type", PageRole.HEAD)}


def test_slab_was_a_flag_in_6_1(facts_6_1):
    assert facts_6_1.helpers["PageSlab"].flag == "PG_slab"
    assert facts_6_1.helpers["PageSlab"].pages() == {PageRole.HEAD}


def test_anon_exclusive_looks_at_the_head_for_hugetlb(facts_6_1, facts_6_12):
    assert facts_6_1.helpers["PageAnonExclusive"].pages() == {PageRole.OWN}
    assert facts_6_12.helpers["PageAnonExclusive"].pages() == {
        PageRole.OWN,
        PageRole.HEAD,
    }


def test_a_macro_may_be_a_helper(facts_6_12):
    helper = facts_6_12.helpers["PageHighMem"]
    assert str(helper.gate) == "CONFIG_HIGHMEM"
    assert helper.real[0].is_macro


def test_helpers_of_other_headers(facts):
    thp = definitions(facts.helpers["folio_test_pmd_mappable"])
    assert thp["!CONFIG_TRANSPARENT_HUGEPAGE"] == "false"
    movable = facts.helpers["PageMovable"]
    assert str(movable.stub_gate) == "!CONFIG_COMPACTION"
    assert movable.real[0].is_prototype


def test_every_generator_call_is_expanded(facts):
    assert facts.helpers.unread == ()
    names = [helper.name for helper in facts.helpers]
    assert len(names) == len(set(names)) > 250
    assert all(d.body for helper in facts.helpers for d in helper.real if d.generator)


def test_asking_for_one_helper_gives_what_reading_all_gives(facts):
    from reviewer.facts.helpers import Helpers

    everything = {helper.name: helper.definitions for helper in facts.helpers}
    again = Helpers(facts.helpers._header, facts.helpers._beside)
    for name, definitions in everything.items():
        assert again[name].definitions == definitions


def test_stubs_of_any_helper(facts):
    header = facts.header("include/linux/memcontrol.h")
    found = definitions_in(header, "mem_cgroup_disabled")
    assert {(str(d.condition), d.stub, d.value) for d in found} == {
        ("CONFIG_MEMCG", False, None),
        ("!CONFIG_MEMCG", True, "true"),
    }
    assert definitions_in(header, "no_such_function_anywhere") == []


def test_a_prototype_is_no_stub(facts):
    header = facts.header("include/linux/memcontrol.h")
    found = definitions_in(header, "page_cgroup_ino")[0]
    assert found.is_prototype
    assert not found.stub


def test_macros_of_4_4_have_two_arguments_and_no_policy(old_facts):
    helpers = old_facts.helpers
    assert helpers["PageLocked"].flag == "PG_locked"
    assert helpers["PageLocked"].policy is None
    assert helpers["PageLocked"].pages() == {PageRole.OWN}
    assert helpers["__ClearPageLocked"].atomic is False
    assert definitions(helpers["PageSwapCache"]) == {
        "CONFIG_SWAP": "real",
        "!CONFIG_SWAP": "0",
    }
    assert "folio_test_locked" not in helpers


def test_macros_of_tomorrow(new_facts):
    helpers = new_facts.helpers
    assert helpers["folio_test_has_hwpoisoned"].pages() == {PageRole.SECOND}
    assert helpers["folio_set_dirty"].reads == {Access("flags", PageRole.HEAD)}
    assert definitions(helpers["folio_test_ksm"]) == {
        "CONFIG_KSM": "real",
        "!CONFIG_KSM": "false",
    }


def test_the_body_decides_what_a_stub_is(facts_of):
    facts = facts_of(
        {
            "include/linux/x.h": """
static inline int answer(struct page *page) { return -EINVAL; }
static inline struct folio *none(void) { return NULL; }
static inline void nothing(struct page *page) { }
static inline int warns(struct page *page) { WARN_ON_ONCE(1); return 0; }
static inline struct page *same(struct page *page) { return page; }
static inline int works(struct page *page) { return page->x; }
static inline int counts(void) { return counter; }
"""
        }
    )
    stubs = {
        name: definitions_in(facts.header("include/linux/x.h"), name)[0]
        for name in ("answer", "none", "nothing", "warns", "same", "works", "counts")
    }
    assert {n: d.value for n, d in stubs.items() if d.stub} == {
        "answer": "-EINVAL",
        "none": "NULL",
        "nothing": None,
        "warns": "0",
    }
