# SPDX-License-Identifier: GPL-2.0-or-later
"""A helper: its definitions, stub, policy, which word it reads, who is told."""

from __future__ import annotations

from textwrap import wrap

from reviewer.explain.flags import helper_lines
from reviewer.explain.model import Explanation, Line, Part, condition_words, part
from reviewer.explain.pages import policy_line, where_it_lives
from reviewer.explain.userspace import export_lines
from reviewer.facts import Facts
from reviewer.facts.accesses import PageRole
from reviewer.facts.fields import Role
from reviewer.facts.helper_records import Helper, HelperDefinition
from reviewer.facts.kpf import PAGE_C
from reviewer.facts.missing_fact import FactsMissing

_WIDEST = 76  # columns of such a line: a terminal may have 80
_LONGEST = 30  # lines of a definition that are shown
_SUMMARIES = {
    "test": "asks",
    "set": "sets",
    "clear": "clears",
    "change": "changes",
    "test_and_set": "sets, and tells whether it was set,",
    "test_and_clear": "clears, and tells whether it was set,",
}


def explain_helper(facts: Facts, helper: Helper) -> Explanation:
    """Returns everything the tree says about a helper."""
    verb = _SUMMARIES.get(helper.kind)
    about = helper.flag or "; ".join(sorted(helper.fields))
    if verb and about:
        summary = f"{helper.name}() {verb} {about}, given a {helper.takes or 'value'}"
    else:
        summary = f"{helper.name}() takes a {helper.takes or 'value'}"
    return Explanation(
        helper.name,
        "helper",
        summary,
        (
            Part("Definitions", tuple(helper_lines(helper))),
            _gate(helper),
            _flag(facts, helper),
            _policy(helper),
            _place(helper),
            _text(helper),
            _users(facts, helper),
        ),
    )


def _gate(helper: Helper) -> Part:
    lines = [Line(f"does its work {condition_words(helper.gate)}")]
    if not helper.gate.is_true and helper.stubs:
        lines.append(
            Line(
                f"is a stub {condition_words(helper.stub_gate)}",
                helper.stubs[0].evidence,
            )
        )
    elif not helper.stubs:
        reason = "no stub: " + (
            "none is needed" if helper.exists.is_true else "elsewhere it does not exist"
        )
        lines.append(Line(reason))
    return Part("Gate and stub", tuple(lines))


def _flag(facts: Facts, helper: Helper) -> Part:
    flag = facts.page_flags.get(helper.flag) if helper.flag else None
    if flag is None:
        words = ", ".join(sorted(helper.fields))
        reason = (
            f"no bit operation on a page flag: it uses {words}"
            if words
            else "no bit operation on a page flag in its text"
        )
        return Part("Flag", (Line(reason),))
    low, high = facts.page_flags.bounds(flag.name)
    number = f"bit {low}" if low == high else f"bit {low} to {high}, by configuration"
    return Part("Flag", (Line(f"{flag.name}, {number}", flag.evidence),))


def _policy(helper: Helper) -> Part:
    if helper.policy is None:
        name = helper.real[0].policy if helper.real else None
        reason = (
            f"{name}, which the tree does not define"
            if name
            else "none: "
            + (
                "a stub everywhere"
                if not helper.real
                else "it is not generated with one"
            )
        )
        return Part("Policy", (Line(reason),))
    return Part("Policy", (policy_line(helper.policy),))


def _place(helper: Helper) -> Part:
    words = [
        field
        for field in sorted(helper.fields)
        if helper.pages(field) - {PageRole.OTHER}
    ]
    if not words:
        reason = "its text names no word of struct page that we can follow"
        if not helper.real:
            reason = "nowhere: it is a stub in every configuration"
        elif all(d.is_prototype for d in helper.real):
            reason = "it is defined in a .c file, which this does not read"
        return Part("Where it looks", (Line(reason, helper.definitions[0].evidence),))
    asserts = helper.policy.asserts if helper.policy else ()
    small = any("PageCompound" in text for text in asserts)
    lines: list[Line] = []
    picture: tuple[str, ...] = ()
    for word in words:
        place = where_it_lives(word, helper.pages(word), bug_if_compound=small)
        lines += place.lines
        picture = place.picture if len(words) == 1 else ()
    return Part("Where it looks", tuple(dict.fromkeys(lines)), picture)


def _text(helper: Helper) -> Part:
    """The text of the real definition, generators expanded."""
    definition = (helper.real or helper.definitions)[0]
    if definition.is_prototype:
        reason = "only declared here; its body is in a .c file"
        return Part("Text", (Line(reason, definition.evidence),))
    made = definition.generator_evidence
    note = f"as {definition.generator} makes it" if made else "as it is written"
    return Part(
        "Text", (Line(note, made or definition.evidence),), lines_of_c(definition)
    )


def lines_of_c(definition: HelperDefinition) -> tuple[str, ...]:
    """Returns the lines of a definition, without the backslashes of a macro."""
    if definition.is_macro:
        text = f"#define {definition.name}({definition.parameters})\t{definition.body}"
    else:
        text = definition.text
    lines = [line.rstrip(" \t\\").expandtabs(8) for line in text.split("\n")]
    lines = [row for line in lines if line.strip() for row in _rows(line)]
    if len(lines) > _LONGEST:
        lines = [*lines[:_LONGEST], "..."]
    return tuple(lines)


def _rows(line: str) -> list[str]:
    """A line as it is, unless it is a macro's body without its line breaks."""
    if len(line) <= _WIDEST:
        return [line]
    return wrap(line, _WIDEST, subsequent_indent=" " * 8, break_long_words=False)


def _users(facts: Facts, helper: Helper) -> Part:
    names = {helper.name}
    if helper.flag and helper.kind == "test":
        names.add(helper.flag)
    names |= _compared_values(facts, helper)
    reason = f"{PAGE_C} reports nothing that hangs on it"
    return part("User space", export_lines(facts, names), reason)


def _compared_values(facts: Facts, helper: Helper) -> set[str]:
    """The names of the value that the helper is nothing but the comparison with."""
    try:
        field = facts.mapping_field
    except FactsMissing:
        return set()
    values = {test.value for test in field.tests if test.name == helper.name}
    return {
        name.name
        for name in field.names
        if name.value in values and name.role is not Role.MASK
    }
