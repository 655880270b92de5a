# SPDX-License-Identifier: GPL-2.0-or-later
"""KPF_ bits: numbers, who sets them, who names and describes them; trace names."""

from __future__ import annotations

import pytest


@pytest.fixture(params=["facts_6_1", "facts_6_12"])
def facts(request):
    return request.getfixturevalue(request.param)


def test_the_abi_is_0_to_26(facts):
    abi = [bit for bit in facts.kpf if bit.uapi]
    assert [bit.number for bit in abi] == list(range(27))
    assert all(bit.number >= 32 for bit in facts.kpf if not bit.uapi)


def test_a_retired_number_keeps_its_name(facts_6_1, facts_6_12):
    assert not facts_6_1.kpf["KPF_ERROR"].unused
    assert facts_6_12.kpf["KPF_ERROR"].unused
    assert facts_6_12.kpf.setters_of("KPF_ERROR") == ()
    assert facts_6_12.kpf.by_number(39) == ()  # KPF_UNCACHED is gone


def test_who_sets_hwpoison(facts_6_1, facts_6_12):
    (old,) = facts_6_1.kpf.setters_of("KPF_HWPOISON")
    assert (old.how, old.flag, old.word) == ("copy", "PG_hwpoison", "k")
    assert str(old.condition) == "CONFIG_MEMORY_FAILURE"
    words = [setter.word for setter in facts_6_12.kpf.setters_of("KPF_HWPOISON")]
    assert words == ["k", "page->flags"]


def test_a_test_of_a_bit_is_no_setter(facts_6_12):
    (huge,) = facts_6_12.kpf.setters_of("KPF_HUGE")  # and not u & (1 << KPF_HUGE)
    assert (huge.how, huge.flag) == ("set", None)


def test_idle_is_copied_or_computed(facts_6_12):
    setters = facts_6_12.kpf.setters_of("KPF_IDLE")
    assert [(s.how, str(s.condition)) for s in setters] == [
        ("copy", "CONFIG_PAGE_IDLE_FLAG && CONFIG_64BIT"),
        ("set", "!CONFIG_PAGE_IDLE_FLAG || !CONFIG_64BIT"),
    ]


def test_every_copied_flag_exists(facts):
    for setter in facts.kpf.setters:
        if setter.flag is not None:
            assert setter.flag in facts.page_flags
            assert setter.condition.implies(
                facts.page_flags.gate(setter.flag)
            ) or setter.flag in {"PG_mlocked"}  # page.c is built with CONFIG_MMU only


def test_page_types_has_its_own_list(facts_6_1, facts_6_12):
    assert facts_6_1.kpf.tool.path == "tools/vm/page-types.c"
    assert facts_6_12.kpf.tool.path == "tools/mm/page-types.c"
    names = {name.kpf: name.long_name for name in facts_6_12.kpf.tool_names}
    assert names["KPF_THP"] == "thp"
    assert "KPF_ARCH_3" not in names
    own = {bit.name: bit for bit in facts_6_12.kpf.tool_bits}
    assert own["KPF_UNCACHED"].unused
    assert "KPF_HACKERS_BITS" not in own  # a mask


def test_pagemap_lists_and_describes_the_abi(facts):
    assert [(e.number, e.name) for e in facts.kpf.listed] == [
        (bit.number, bit.name.removeprefix("KPF_")) for bit in facts.kpf if bit.uapi
    ]
    assert {e.number for e in facts.kpf.described} == set(range(27))
    ksm = facts.kpf.description("KPF_KSM")
    assert ksm.text.startswith("Identical memory pages")
    assert ksm.evidence.text == "21 - KSM"


def test_trace_names_have_the_gates_of_the_enum(facts):
    flags = facts.page_flags
    names = {name.flag: name for name in facts.trace_names}
    assert set(names) == {flag.name for flag in flags.real}
    for name, entry in names.items():
        assert entry.condition.equivalent(flags.gate(name))
        assert name.removeprefix("PG_") in entry.evidence.text
