# SPDX-License-Identifier: GPL-2.0-or-later
"""A name of the mapping field, or a page type: one value of several, no flag."""

from __future__ import annotations

import re

from reviewer.explain.model import Explanation, Line, Part, condition_words, part
from reviewer.explain.pictures import low_field, top_byte
from reviewer.explain.userspace import export_lines
from reviewer.facts import Facts
from reviewer.facts.fields import EncodedField, FieldName, Role
from reviewer.facts.missing_fact import FactsMissing
from reviewer.facts.pageflags import PageType

_ROLES = {
    Role.VALUE: "one value of the field: compare the whole field with it",
    Role.BIT: "a bit that is tested by itself on purpose",
    Role.MASK: "the mask of the field: what to cut out before comparing",
    Role.ZERO: "the value without any bit: a test with & is never true",
}


def explain_value(facts: Facts, field: EncodedField, name: FieldName) -> Explanation:
    """Returns everything the tree says about PAGE_MAPPING_KSM and its like."""
    lives = " or ".join(f"->{word}" for word in field.lives_in) or "a word"
    summary = f"{name.name} is {field.bits(name.value)} in the low bits of {lives}"
    tests = field.tests_of(name.value) if name.role is not Role.MASK else ()
    return Explanation(
        name.name,
        "value of a field",
        summary,
        (
            _value(field, name),
            Part("Meant as", (Line(_ROLES[name.role], name.evidence),)),
            _states(field, name),
            part(
                "Tests",
                [
                    Line(
                        f"{test.name}(), {condition_words(test.condition)}",
                        test.evidence,
                    )
                    for test in tests
                ],
                _no_tests(name),
            ),
            part(
                "User space",
                export_lines(facts, {name.name, *(test.name for test in tests)}),
                "nothing in fs/proc/page.c reports it",
            ),
        ),
    )


def _no_tests(name: FieldName) -> str:
    if name.role is Role.MASK:
        return "a mask is no state: there is nothing to test for"
    return "no helper of the tree is nothing but this comparison"


def _value(field: EncodedField, name: FieldName) -> Part:
    lines = [Line(f"{name.value:#x}, {condition_words(name.condition)}", name.evidence)]
    if name.parts:
        lines.append(Line(f"made of {' | '.join(name.parts)}"))
    if field.mask_name and field.mask_name != name.name:
        lines.append(Line(f"within {field.mask_name}", field.evidence[0]))
    word = f"->{field.lives_in[0]}" if field.lives_in else ""
    return Part(
        "Value", tuple(lines), low_field(word, field.mask, field.bits(name.value))
    )


def _states(field: EncodedField, name: FieldName) -> Part:
    """All values side by side, and for which of them ``x & NAME`` is true."""
    rows = ["  bits  state     x == it  x & it"]
    for state in field.states:
        same = int(state.value == name.value)
        overlap = int(bool(state.value & name.value))
        mark = "  <--" if same != overlap and name.role is Role.VALUE else ""
        rows.append(
            f"  {field.bits(state.value):>4}  {state.label:<9}"
            f" {same:>6}  {overlap:>6}{mark}"
        )
    lines = [
        Line(f"{field.bits(state.value)} {state.label}", state.evidence)
        for state in field.states
        if state.evidence
    ]
    return Part("States", tuple(lines), tuple(rows))


def explain_type(facts: Facts, kind: PageType) -> Explanation:
    """Returns everything the tree says about PGTY_slab or, in older trees, PG_buddy."""
    types = facts.page_types
    valued = types.style == "value"
    if valued:
        how = f"the number {kind.value:#x} in the bits from {types.shift} of page_type"
        test = f"(page_type >> {types.shift}) == {kind.name}"
        picture = top_byte(f"{kind.value:#x}")
    else:
        how = f"the bit {kind.value:#x} of page_type, set when it is cleared"
        test = f"a cleared bit: page_type & {kind.value:#x} is 0"
        picture = (
            "  page_type is ~0 for a page without a type; each type clears its bit",
            f"  {0xFFFFFFFF & ~kind.value:032b}  {kind.name.removeprefix('PG_')}",
        )
    stem = kind.name.partition("_")[2]
    helpers = _type_helpers(facts, stem)
    return Explanation(
        kind.name,
        "page type",
        f"{kind.name} is {how}: no flag, and no bit number",
        (
            Part("Value", (Line(f"{kind.value:#x}", kind.evidence),), picture),
            Part("Test", (Line(test, types.test),)),
            part(
                "Helpers",
                helpers,
                f"no helper is named after {stem}: it is a limit or is used directly",
            ),
            part(
                "User space",
                export_lines(facts, {line.text.partition("(")[0] for line in helpers}),
                "nothing in fs/proc/page.c reports it",
            ),
            _type_word(facts),
        ),
    )


def _type_helpers(facts: Facts, stem: str) -> list[Line]:
    from reviewer.explain.flags import helper_lines

    try:
        helpers = list(facts.helpers)
    except FactsMissing:
        return []
    ends = (f"folio_test_{stem}", f"folio_set_{stem}", f"folio_clear_{stem}")
    found = []
    for helper in helpers:
        plain = helper.name.strip("_")
        page = plain.partition("Page")[2].lower().replace("_", "")
        if plain in ends or page == stem.replace("_", ""):
            found += helper_lines(helper)
    return found


def _type_word(facts: Facts) -> Part:
    """The word of struct page that holds the type, where the tree declares it."""
    header = facts.header("include/linux/mm_types.h")
    found = re.search(r"\bpage_type\s*;", header.code) if header is not None else None
    lines = []
    if header is not None and found is not None:
        place = header.evidence(header.line_of(found.start()))
        lines.append(Line("in page_type of struct page", place))
    return part("Where it lives", lines, "include/linux/mm_types.h has no page_type")
