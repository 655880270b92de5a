# SPDX-License-Identifier: GPL-2.0-or-later
"""Headers that are absent, broken or of a form never seen: no fact, and the reason."""

from __future__ import annotations

import pytest

from reviewer.facts import FactsMissing

HEADER = "include/linux/page-flags.h"
ENUM = (
    "enum pageflags {\n\tPG_locked,\n\tPG_lru,\n\t__NR_PAGEFLAGS,\n"
    "\tPG_a = PG_lru,\n};\n"
)


def test_an_empty_tree_has_no_facts(facts_of):
    facts = facts_of({"Makefile": ""})
    for read in (
        lambda: facts.page_flags,
        lambda: facts.page_types,
        lambda: facts.helpers,
        lambda: facts.mapping_field,
        lambda: facts.trace_names,
        lambda: facts.kpf.bits,
        lambda: facts.kpf.setters,
    ):
        with pytest.raises(FactsMissing, match="no such file") as raised:
            read()
        assert raised.value.not_checked.file is not None
    assert facts.constant("PG_lru") == ()
    assert facts.define("PG_lru") == ()
    assert facts.field_of("PAGE_MAPPING_KSM", "fs/proc/page.c") is None
    assert facts.is_bit_number("PG_lru", "fs/proc/page.c") is None
    assert facts.is_bit_number("KPF_THP", "fs/proc/page.c") is None
    assert facts.source("fs/proc/page.c") is None
    assert facts.text("fs/proc/page.c") is None


@pytest.mark.parametrize(
    ("enum", "why"),
    [
        ("struct pageflags { int a; };\n", "no enum pageflags"),
        (ENUM.replace("\t__NR_PAGEFLAGS,\n", ""), "no __NR_PAGEFLAGS"),
        (ENUM.replace("PG_lru,\n", "ALL_FLAGS(PG_),\n"), "cannot read line 3"),
        (ENUM.replace("PG_a = PG_lru", "PG_a = PG_lru + 1"), "PG_a = PG_lru \\+ 1"),
        (ENUM.replace("PG_a = PG_lru", "PG_a"), "PG_a = None"),
        (ENUM.replace("PG_a = PG_lru", "PG_a = PG_gone"), "PG_gone is no flag"),
        (ENUM.replace("PG_a = PG_lru", "PG_a = PG_a"), "PG_a is no flag"),
        (ENUM.replace("PG_locked", "PG_locked = 4"), "PG_locked = 4"),
        (ENUM.replace("PG_lru,\n", "lru,\n"), "lru in enum pageflags"),
        ("", "no enum pageflags"),
        ("\0\xff" * 300, "no enum pageflags"),
    ],
)
def test_an_enum_of_another_form_is_not_read(facts_of, enum, why):
    with pytest.raises(FactsMissing, match=why):
        _ = facts_of({HEADER: enum}).page_flags


def test_the_enum_cut_off_in_the_middle(facts_of):
    facts = facts_of({HEADER: ENUM[:40]})
    with pytest.raises(FactsMissing):
        _ = facts.page_flags
    assert facts.is_bit_number("PG_locked", "mm/x.c") is None


def test_mapping_bits_without_a_mask(facts_of):
    facts = facts_of({HEADER: ENUM + "#define PAGE_MAPPING_KSM 3\n"})
    with pytest.raises(FactsMissing, match="MAPPING_FLAGS"):
        _ = facts.mapping_field
    assert facts.field_of("PAGE_MAPPING_KSM", "mm/x.c") is None


def test_a_mask_without_a_value(facts_of):
    text = "#define PAGE_MAPPING_KSM 3\n#define PAGE_MAPPING_FLAGS UNKNOWN\n"
    with pytest.raises(FactsMissing, match="MAPPING_FLAGS"):
        _ = facts_of({HEADER: ENUM + text}).mapping_field


def test_page_types_of_another_form(facts_of):
    with pytest.raises(FactsMissing, match="neither enum pagetype"):
        _ = facts_of({HEADER: ENUM}).page_types
    with pytest.raises(FactsMissing, match="new form"):
        _ = facts_of({HEADER: ENUM + "enum pagetype { PGTY_a = 1 };\n"}).page_types


def test_a_generator_that_takes_any_number_of_arguments_is_expanded(facts_of):
    text = (
        "#define PAGEFLAG(name, args...) \\\n"
        "static inline int Page##name(struct page *page) { return 1; }\n"
        "PAGEFLAG(Odd, PF_ANY)\n"
    )
    helpers = facts_of({HEADER: ENUM + text}).helpers
    assert "PageOdd" in helpers
    assert not helpers.unread


def test_a_generator_that_cannot_be_expanded_is_told(facts_of):
    text = (
        "#define PAGEFLAG(name, policy) \\\n"
        "static inline int Page##name(struct page *page) { return 1; }\n"
        "PAGEFLAG(Odd, PF_ANY, 3)\n"
    )
    helpers = facts_of({HEADER: ENUM + text}).helpers
    assert "PageOdd" not in helpers
    told = ["PAGEFLAG(Odd, PF_ANY, 3)"]
    assert [evidence.text for evidence in helpers.unread] == told


def test_a_call_with_too_few_arguments_is_told(facts_of):
    text = (
        "#define PAGEFLAG(uname, lname) \\\n"
        "static inline int Page##uname(struct page *page) "
        "{ return test_bit(PG_##lname, &page->flags); }\n"
        "PAGEFLAG(Odd)\n"
    )
    helpers = facts_of({HEADER: ENUM + text}).helpers
    assert list(helpers) == []
    assert len(helpers.unread) == 1


def test_generators_that_call_each_other_end(facts_of):
    text = (
        "#define A(n) B(n) static inline int PageA##n(struct page *p) { return 0; }\n"
        "#define B(n) A(n) static inline int PageB##n(struct page *p) { return 0; }\n"
        "A(x)\n"
    )
    helpers = facts_of({HEADER: ENUM + text}).helpers
    assert {helper.name for helper in helpers} == {"PageAx", "PageBx"}


def test_helpers_that_call_each_other_end(facts_of):
    text = (
        "static inline int PageA(struct page *page) { return PageB(page); }\n"
        "static inline int PageB(struct page *page) { return PageA(page); }\n"
    )
    helpers = facts_of({HEADER: ENUM + text}).helpers
    assert helpers["PageA"].reads == frozenset()
    assert helpers["PageA"].flag is None


def test_an_unbalanced_header_is_read_as_far_as_it_goes(facts_of):
    text = "static inline int PageA(struct page *page) { return (((; }\n#if 1\n"
    facts = facts_of({HEADER: ENUM + text})
    assert len(facts.page_flags.real) == 2
    assert facts.helpers["PageA"].reads == frozenset()


def test_kpf_headers_without_numbers(facts_of):
    facts = facts_of(
        {"include/uapi/linux/kernel-page-flags.h": "#define KPF_X BIT(1)\n"}
    )
    with pytest.raises(FactsMissing, match="no #define KPF_x"):
        _ = facts.kpf.bits


def test_the_reason_is_one_line():
    missing = FactsMissing("page flags", "the tree has no such file", HEADER)
    assert str(missing) == f"page flags: the tree has no such file ({HEADER})"
    assert missing.not_checked.why == missing.why
