# SPDX-License-Identifier: GPL-2.0-or-later
"""Which names are numbers of bits: the tree says, not the prefix."""

from __future__ import annotations

import pytest

PAGE_C = "fs/proc/page.c"


@pytest.fixture(params=["facts_6_1", "facts_6_12"])
def facts(request):
    return request.getfixturevalue(request.param)


def test_a_page_flag_is_a_number(facts):
    number = facts.is_bit_number("PG_lru", PAGE_C)
    assert number.kind == "page-flag"
    assert number.evidence.text.startswith("PG_lru,")
    assert (number.low, number.high) == facts.page_flags.bounds("PG_lru")


def test_an_alias_is_the_number_of_its_bit(facts_6_12):
    number = facts_6_12.is_bit_number("PG_swapcache", PAGE_C)
    assert (number.low, number.high) == facts_6_12.page_flags.bounds("PG_owner_priv_1")


def test_page_types_are_no_bit_numbers(facts_6_1, facts_6_12):
    assert facts_6_1.is_bit_number("PG_buddy", PAGE_C) is None  # a mask, 0x80
    assert facts_6_12.is_bit_number("PG_slab", PAGE_C) is None  # gone
    assert facts_6_1.is_bit_number("PG_slab", PAGE_C).kind == "page-flag"
    assert facts_6_12.is_bit_number("PG_head_mask", PAGE_C) is None


def test_kpf_names_are_numbers(facts):
    number = facts.is_bit_number("KPF_THP", PAGE_C)
    assert (number.kind, number.low) == ("kpf", 22)
    assert number.evidence.file == "include/uapi/linux/kernel-page-flags.h"
    assert facts.is_bit_number("KPF_BYTES", PAGE_C) is None


def test_a_file_may_define_the_name_as_a_mask(facts):
    selftest = {
        "6.1": "tools/testing/selftests/vm/split_huge_page_test.c",
        "6.12": "tools/testing/selftests/mm/split_huge_page_test.c",
    }
    here = [p for p in selftest.values() if facts.text(p) is not None]
    assert len(here) == 1
    assert "#define KPF_THP      (1UL<<22)" in facts.text(here[0])
    assert facts.is_bit_number("KPF_THP", here[0]) is None


def test_flag_words_of_other_code_by_use(facts):
    assert facts.is_bit_number("AS_EIO", "mm/filemap.c").kind == "bit"
    number = facts.is_bit_number("BH_Uptodate", "fs/buffer.c")
    assert number.low == number.high == 0
    assert len(number.uses) == 3


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("GFP_KERNEL", "mm/slub.c"),
        ("VM_READ", "mm/mmap.c"),
        ("SB_RDONLY", "fs/super.c"),
        ("PAGE_MAPPING_KSM", PAGE_C),
        ("PAGE_SIZE", "mm/slub.c"),
        ("no_such_name", PAGE_C),
    ],
)
def test_masks_are_no_numbers(facts, name, near):
    assert facts.is_bit_number(name, near) is None


WIDGET = """
enum { WIDGET_BUSY, WIDGET_DEAD };
#define WIDGET_MODE	2
"""
USES = """
#include <linux/widget.h>
void f(struct widget *w)
{
	set_bit(WIDGET_DEAD, &w->flags);
	if (test_bit(WIDGET_DEAD, &w->flags))
		return;
}
int g(struct widget *w)
{
	return w->mode & WIDGET_MODE;
}
"""


def test_two_uses_as_a_number_and_none_as_a_mask(facts_of):
    facts = facts_of(
        {
            "include/linux/widget.h": WIDGET,
            "drivers/w/core.c": USES,
            "drivers/w/new.c": "#include <linux/widget.h>\nint h(struct widget *w)\n"
            "{\n\treturn w->flags & WIDGET_DEAD;\n}\n",
        }
    )
    assert facts.is_bit_number("WIDGET_DEAD", "drivers/w/new.c").low == 1
    assert facts.is_bit_number("WIDGET_MODE", "drivers/w/new.c") is None
    # never used as a number: no evidence
    assert facts.is_bit_number("WIDGET_BUSY", "drivers/w/new.c") is None


def test_a_use_as_a_mask_elsewhere_speaks_against_it(facts_of):
    facts = facts_of(
        {
            "include/linux/widget.h": WIDGET,
            "drivers/w/core.c": USES,
            "drivers/w/other.c": "int i(int f)\n{\n\treturn f & WIDGET_DEAD;\n}\n",
            "drivers/w/new.c": "#include <linux/widget.h>\n",
        }
    )
    assert facts.is_bit_number("WIDGET_DEAD", "drivers/w/new.c") is None
