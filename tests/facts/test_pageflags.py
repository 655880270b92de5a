# SPDX-License-Identifier: GPL-2.0-or-later
"""enum pageflags: bits in their order, aliases, gates; and page types."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from reviewer.c.conditions import TRUE, parse_condition

ALL_ON_6_12 = {
    "CONFIG_MMU": True,
    "CONFIG_MEMORY_FAILURE": True,
    "CONFIG_PAGE_IDLE_FLAG": True,
    "CONFIG_64BIT": True,
    "CONFIG_ARCH_USES_PG_ARCH_2": True,
    "CONFIG_ARCH_USES_PG_ARCH_3": True,
}


def gate(facts, name):
    return str(facts.page_flags.gate(name))


def test_6_12_has_26_enumerators_up_to_the_count_and_16_aliases(facts_6_12):
    flags = facts_6_12.page_flags
    # __NR_PAGEFLAGS is the 26th enumerator: 25 bits are before it
    assert len(flags.real) + 1 == 26
    assert len(flags.aliases) == 16
    assert flags.end.text == "__NR_PAGEFLAGS,"


def test_6_1_has_29_enumerators_up_to_the_count_and_15_aliases(facts_6_1):
    flags = facts_6_1.page_flags
    assert len(flags.real) + 1 == 29
    assert len(flags.aliases) == 15


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("PG_locked", "1"),
        ("PG_mlocked", "CONFIG_MMU"),
        ("PG_hwpoison", "CONFIG_MEMORY_FAILURE"),
        ("PG_idle", "CONFIG_PAGE_IDLE_FLAG && CONFIG_64BIT"),
        ("PG_arch_2", "CONFIG_ARCH_USES_PG_ARCH_2"),
        ("PG_arch_3", "CONFIG_ARCH_USES_PG_ARCH_3"),
        ("PG_vmemmap_self_hosted", "CONFIG_MEMORY_HOTPLUG"),
        ("PG_has_hwpoisoned", "1"),  # its helpers are gated, the name is not
    ],
)
def test_gates_of_6_12(facts_6_12, name, expected):
    assert gate(facts_6_12, name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("PG_uncached", "CONFIG_ARCH_USES_PG_UNCACHED"),
        ("PG_arch_2", "CONFIG_64BIT"),
        ("PG_skip_kasan_poison", "CONFIG_KASAN_HW_TAGS"),
        ("PG_has_hwpoisoned", "CONFIG_MEMORY_FAILURE"),
    ],
)
def test_gates_of_6_1(facts_6_1, name, expected):
    assert gate(facts_6_1, name) == expected


def test_an_alias_leads_to_its_bit(facts_6_1, facts_6_12):
    assert facts_6_12.page_flags.root("PG_swapcache").name == "PG_owner_priv_1"
    assert facts_6_12.page_flags.root("PG_anon_exclusive").name == "PG_owner_2"
    # in 6.1 PG_has_hwpoisoned shares the bit of PG_error, in 6.12 that of PG_active
    assert facts_6_1.page_flags.root("PG_has_hwpoisoned").name == "PG_error"
    assert facts_6_12.page_flags.root("PG_has_hwpoisoned").name == "PG_active"


def test_who_shares_a_bit(facts_6_12):
    flags = facts_6_12.page_flags
    names = {flag.name for flag in flags.sharing("PG_anon_exclusive")}
    assert names == {"PG_owner_2", "PG_mappedtodisk"}


def test_a_bit_number_depends_on_the_gates_before_it(facts_6_12):
    flags = facts_6_12.page_flags
    assert flags.bounds("PG_lru") == (5, 5)
    assert flags.bounds("PG_hwpoison") == (19, 20)
    assert flags.bit("PG_hwpoison", {"CONFIG_MEMORY_FAILURE": True}) == 19
    assert flags.bit("PG_hwpoison", {}) is None
    numbers = dict(flags.bits("PG_hwpoison"))
    with_mmu = parse_condition("defined(CONFIG_MEMORY_FAILURE) && defined(CONFIG_MMU)")
    assert numbers[20].equivalent(with_mmu)


def test_all_numbers_of_a_bit_cover_its_gate_once(facts_6_1):
    flags = facts_6_1.page_flags
    for flag in flags.real:
        numbers = flags.bits(flag.name)
        whole = numbers[0][1]
        for _, condition in numbers[1:]:
            assert not (whole & condition).satisfiable()
            whole = whole | condition
        assert whole.equivalent(flags.gate(flag.name))


@pytest.mark.kernel
def test_a_compiler_counts_the_same(facts_6_12, linux_6_12, tmp_path, need):
    """gcc on the enum alone, each configuration, every enumerator."""
    compiler = need("gcc", "gcc")
    header = (linux_6_12 / "include/linux/page-flags.h").read_text()
    start = header.index("enum pageflags {")
    enum = header[start : header.index("};", start) + 2]
    flags = facts_6_12.page_flags
    for on in (set(ALL_ON_6_12), set(), {"CONFIG_MMU", "CONFIG_64BIT"}):
        configuration = {name: name in on for name in ALL_ON_6_12}
        names = [f for f in flags if flags.bit(f.name, configuration) is not None]
        there = [f for f in names if _holds(flags.gate(f.name), configuration)]
        tests = "\n".join(
            f'_Static_assert({f.name} == {flags.bit(f.name, configuration)}, "");'
            for f in there
        )
        defines = "".join(f"#define {name} 1\n" for name in sorted(on))
        program = tmp_path / "enum.c"
        program.write_text(f"{defines}{enum}\n{tests}\n")
        subprocess.run([compiler, "-fsyntax-only", program], check=True)
    shutil.rmtree(tmp_path)


def _holds(condition, configuration):
    known = {atom: configuration.get(atom, False) for atom in condition.atoms}
    return condition.assign(known) == TRUE


def test_the_line_is_the_evidence(facts_6_12):
    evidence = facts_6_12.page_flags["PG_idle"].evidence
    assert evidence.file == "include/linux/page-flags.h"
    assert evidence.text == "PG_idle,"


def test_page_types_are_values_in_6_12_and_cleared_bits_in_6_1(facts_6_1, facts_6_12):
    new, old = facts_6_12.page_types, facts_6_1.page_types
    assert (new.style, new.shift) == ("value", 24)
    assert new.get("PGTY_slab").value == 0xF5
    assert old.style == "cleared-bit"
    assert {t.name: t.value for t in old.types} == {
        "PG_buddy": 0x80,
        "PG_offline": 0x100,
        "PG_table": 0x200,
        "PG_guard": 0x400,
    }


def test_a_header_of_4_4(old_facts):
    flags = old_facts.page_flags
    assert [flag.name for flag in flags.real] == [
        "PG_locked",
        "PG_error",
        "PG_head",
        "PG_tail",
        "PG_compound",
        "PG_swapcache",
    ]
    assert str(flags.gate("PG_compound")) == "!CONFIG_PAGEFLAGS_EXTENDED"
    # PG_head and PG_tail, or PG_compound: the next bit is 4 or 3
    assert flags.bounds("PG_swapcache") == (3, 4)
    assert flags.bit("PG_swapcache", {"CONFIG_PAGEFLAGS_EXTENDED": True}) == 4


def test_a_header_of_tomorrow(new_facts):
    flags = new_facts.page_flags
    assert flags.root("PG_nested").name == "PG_active"
    assert flags.bounds("PG_new") == (3, 6)
    assert str(flags.gate("PG_young")) == "CONFIG_PAGE_IDLE_FLAG && CONFIG_64BIT"
