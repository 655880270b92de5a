# SPDX-License-Identifier: GPL-2.0-or-later
"""Encoded fields: which names are values, which states there are, who tests them."""

from __future__ import annotations

import pytest

from reviewer.facts.fields import Role

PAGE_C = "fs/proc/page.c"


def states(field):
    return [(state.value, state.label) for state in field.states]


@pytest.fixture(params=["facts_6_1", "facts_6_12"])
def facts(request):
    return request.getfixturevalue(request.param)


def test_the_four_states_of_mapping(facts):
    field = facts.field_of("PAGE_MAPPING_KSM", PAGE_C)
    assert states(field) == [(0, "file"), (1, "anon"), (2, "movable"), (3, "ksm")]
    assert (field.mask, field.mask_name) == (3, "PAGE_MAPPING_FLAGS")
    assert field.lives_in == ("mapping",)
    assert [field.bits(state.value) for state in field.states] == [
        "00",
        "01",
        "10",
        "11",
    ]


def test_roles_of_mapping_names(facts):
    field = facts.field_of("PAGE_MAPPING_KSM", PAGE_C)
    assert field.role("PAGE_MAPPING_KSM") == Role.VALUE
    assert field.role("PAGE_MAPPING_MOVABLE") == Role.VALUE
    assert field.role("PAGE_MAPPING_ANON") == Role.BIT  # KSM pages are anon too
    assert field.role("PAGE_MAPPING_FLAGS") == Role.MASK  # though it has KSM's number
    assert field.role("PAGE_MAPPING_DAX_COW") is None
    assert field.role("PAGE_MAPPING_DAX_SHARED") is None


def test_what_ksm_is_made_of(facts):
    ksm = facts.field_of("PAGE_MAPPING_KSM", PAGE_C).get("PAGE_MAPPING_KSM")
    assert ksm.parts == ("PAGE_MAPPING_ANON", "PAGE_MAPPING_MOVABLE")
    assert ksm.evidence.file == "include/linux/page-flags.h"
    assert ksm.evidence.text.startswith("#define PAGE_MAPPING_KSM")


def test_the_tree_has_a_helper_for_the_very_test(facts):
    field = facts.field_of("PAGE_MAPPING_KSM", PAGE_C)
    tests = {test.name: (test.takes, str(test.condition)) for test in field.tests_of(3)}
    assert tests == {
        "folio_test_ksm": ("folio", "CONFIG_KSM"),
        "PageKsm": ("page", "CONFIG_KSM"),
    }
    assert field.tests_of(1) == ()


def test_since_6_17_bit_2_alone_is_no_state(new_facts):
    field = new_facts.field_of("FOLIO_MAPPING_KSM", PAGE_C)
    assert states(field) == [(0, "file"), (1, "anon"), (3, "ksm")]
    assert field.role("FOLIO_MAPPING_KSM") == Role.VALUE
    assert field.role("FOLIO_MAPPING_ANON") == Role.BIT
    assert field.role("FOLIO_MAPPING_ANON_KSM") == Role.BIT
    assert [test.name for test in field.tests_of(3)] == ["folio_test_ksm"]
    assert new_facts.field_of("PAGE_MAPPING_KSM", PAGE_C) is None


def test_page_types_are_values_of_one_byte(facts_6_1, facts_6_12):
    field = facts_6_12.field_of("PGTY_slab", PAGE_C)
    assert (field.mask, field.shift) == (0xFF, 24)
    assert field.role("PGTY_slab") == Role.VALUE
    assert field.state(0xF5).label == "slab"
    assert facts_6_1.field_of("PG_buddy", PAGE_C) is None


def test_file_types_are_values(facts):
    field = facts.field_of("S_IFDIR", "fs/namei.c")
    assert field.mask_name == "S_IFMT"
    assert field.role("S_IFDIR") == Role.VALUE
    assert field.state(0o060000).names == ("S_IFBLK",)
    assert "S_ISDIR" in [test.name for test in field.tests_of(0o040000)]
    assert all("S_IF" in evidence.text for evidence in field.evidence)


def test_endpoint_types_are_values(facts):
    near = "drivers/usb/core/config.c"
    field = facts.field_of("USB_ENDPOINT_XFER_BULK", near)
    assert field.mask_name == "USB_ENDPOINT_XFERTYPE_MASK"
    assert {state.value for state in field.states} == {0, 1, 2, 3}
    assert [t.name for t in field.tests_of(2)] == ["usb_endpoint_xfer_bulk"]
    assert field.role("USB_ENDPOINT_XFER_ISOC") == Role.VALUE  # INT is no OR of it


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("IRQ_TYPE_EDGE_BOTH", "drivers/gpio/gpio-pl061.c"),  # any edge is meant
        ("IRQ_TYPE_LEVEL_MASK", "drivers/gpio/gpio-pl061.c"),
        ("GFP_KERNEL", "mm/slub.c"),  # a union of flags
        ("GFP_ATOMIC", "mm/slub.c"),
        ("VM_READ", "mm/mmap.c"),
        ("VM_FAULT_ERROR", "mm/memory.c"),  # an any-of mask
        ("FMODE_READ", "fs/open.c"),
        ("TASK_KILLABLE", "kernel/sched/core.c"),
        ("IORESOURCE_MEM", "kernel/resource.c"),
        ("PG_lru", PAGE_C),
        ("no_such_name", PAGE_C),
        ("not a name", PAGE_C),
    ],
)
def test_flags_and_unions_are_no_fields(facts, name, near):
    assert facts.field_of(name, near) is None


HEADER = """
#define WIDGET_RED	0x1
#define WIDGET_GREEN	0x2
#define WIDGET_BROWN	0x3
#define WIDGET_MASK	0x3
static inline bool widget_is_brown(unsigned int w)
{
	return (w & WIDGET_MASK) == WIDGET_BROWN;
}
static inline bool widget_is_red(unsigned int w)
{
	return (w & WIDGET_MASK) == WIDGET_RED;
}
"""


def test_a_field_of_a_driver_needs_comparisons_under_the_mask(facts_of):
    facts = facts_of(
        {
            "include/linux/widget.h": HEADER,
            "drivers/w/a.c": "#include <linux/widget.h>\nint f(int w)\n"
            "{\n\treturn w & WIDGET_BROWN;\n}\n",
        }
    )
    field = facts.field_of("WIDGET_BROWN", "drivers/w/a.c")
    assert field.role("WIDGET_BROWN") == Role.VALUE
    assert [test.name for test in field.tests_of(3)] == ["widget_is_brown"]
    assert field.role("WIDGET_RED") == Role.VALUE  # BROWN is not written as RED | x


def test_without_comparisons_there_is_no_field(facts_of):
    facts = facts_of({"include/linux/widget.h": HEADER.split("static")[0]})
    assert facts.field_of("WIDGET_BROWN", "include/linux/widget.h") is None


def test_names_tested_as_bits_all_over_are_flags(facts_of):
    tests = "\n".join(
        f"int f{n}(int w)\n{{\n\treturn w & WIDGET_RED || w & WIDGET_GREEN;\n}}"
        for n in range(6)
    )
    facts = facts_of(
        {
            "include/linux/widget.h": HEADER,
            "drivers/w/b.c": f"#include <linux/widget.h>\n{tests}\n",
            "drivers/w/a.c": "#include <linux/widget.h>\n",
        }
    )
    assert facts.field_of("WIDGET_BROWN", "drivers/w/a.c") is None


def test_a_value_by_configuration_is_not_known(facts_of):
    facts = facts_of(
        {
            "include/linux/widget.h": "#ifdef CONFIG_A\n"
            + HEADER
            + "#else\n#define WIDGET_BROWN 0x8\n#endif\n"
        }
    )
    assert facts.field_of("WIDGET_BROWN", "include/linux/widget.h") is None
    values = facts.constant("WIDGET_BROWN", near="include/linux/widget.h")
    assert {(c.value.value, str(c.condition)) for c in values} == {
        (3, "CONFIG_A"),
        (8, "!CONFIG_A"),
    }
