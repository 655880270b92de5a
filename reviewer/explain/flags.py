# SPDX-License-Identifier: GPL-2.0-or-later
"""A page flag: its bit, its names, its gate, its policy, its helpers, its exports."""

from __future__ import annotations

from reviewer.c.conditions import Condition
from reviewer.explain.model import Explanation, Line, Part, condition_words, part
from reviewer.explain.pages import policy_line, where_it_lives
from reviewer.explain.pictures import neighbours
from reviewer.explain.userspace import export_lines
from reviewer.facts import Facts
from reviewer.facts.accesses import PageRole
from reviewer.facts.helper_records import Helper
from reviewer.facts.missing_fact import FactsMissing
from reviewer.facts.pageflags import PageFlag
from reviewer.models import Evidence

_POLICY_ENDS_AT_SMALL = "PageCompound"


def explain_flag(facts: Facts, flag: PageFlag) -> Explanation:
    """Returns everything the tree says about an enumerator of ``enum pageflags``."""
    helpers = _helpers(facts, flag)
    if flag.alias_of:
        summary = f"{flag.name} is another name for the bit {flag.alias_of}"
    else:
        summary = f"{flag.name} is a bit of the flags word of struct page"
    if flag.comment:
        summary += f': "{" ".join(flag.comment.split())}"'
    return Explanation(
        flag.name,
        "page flag",
        summary,
        (
            _bit(facts, flag),
            _other_names(facts, flag),
            _gate(facts, flag),
            _policies(flag, helpers),
            _place(flag, helpers),
            part(
                "Helpers",
                _by_place(helpers),
                _no_helper(flag),
            ),
            part(
                "User space",
                export_lines(facts, {flag.name, *(helper.name for helper in helpers)}),
                "nothing in fs/proc/page.c reports it: not in /proc/kpageflags",
            ),
            _traces(facts, flag),
        ),
    )


def _helpers(facts: Facts, flag: PageFlag) -> tuple[Helper, ...]:
    try:
        return facts.helpers.of_flag(flag.name)
    except FactsMissing:
        return ()


def _bit(facts: Facts, flag: PageFlag) -> Part:
    flags = facts.page_flags
    numbers = flags.bits(flag.name)
    root = flags.root(flag.name)
    lines = []
    if len(numbers) == 1:
        lines.append(
            Line(f"bit {numbers[0][0]}, mask 1UL << {flag.name}", flag.evidence)
        )
    else:
        low, high = flags.bounds(flag.name)
        lines.append(
            Line(f"bit {low} to {high}, by configuration: use the name", flag.evidence)
        )
        if len(numbers) <= 4:
            lines += [
                Line(f"bit {n} {condition_words(condition)}")
                for n, condition in numbers
            ]
        else:
            lines.append(
                Line("each option that adds a bit before it moves it up by one")
            )
    shown = [
        (_range(flags.bounds(f.name)), f.name.removeprefix("PG_")) for f in flags.real
    ]
    return Part("Bit", tuple(lines), neighbours(shown, root.place))


def _range(bounds: tuple[int, int]) -> str:
    low, high = bounds
    return str(low) if low == high else f"{low}-{high}"


def _other_names(facts: Facts, flag: PageFlag) -> Part:
    sharing = facts.page_flags.sharing(flag.name)
    lines = [
        Line(
            f"{other.name}: the same bit on other kinds of pages"
            + (f' ("{" ".join(other.comment.split())}")' if other.comment else ""),
            other.evidence,
        )
        for other in sharing
    ]
    return part("Other names", lines, "no other name for this bit")


def _gate(facts: Facts, flag: PageFlag) -> Part:
    gate = facts.page_flags.gate(flag.name)
    if gate.is_true:
        return Part("Gate", (Line("none: it is declared in every configuration"),))
    lines = (
        Line(f"declared only {condition_words(gate)}", flag.evidence),
        Line("elsewhere the name does not exist: code that uses it does not build"),
    )
    return Part("Gate", lines)


def _policies(flag: PageFlag, helpers: tuple[Helper, ...]) -> Part:
    policies = []
    for helper in helpers:
        if helper.policy is not None:
            policies.append(policy_line(helper.policy))
    return part("Policy", policies, _no_policy(flag, helpers))


def _no_policy(flag: PageFlag, helpers: tuple[Helper, ...]) -> str:
    if not helpers:
        return _no_helper(flag)
    names = ", ".join(helper.name for helper in helpers)
    return f"no generator gives it one; its helpers are written by hand: {names}"


def _no_helper(flag: PageFlag) -> str:
    return (
        f"no helper of include/linux/page-flags.h tests or sets {flag.name} by itself"
    )


def _place(flag: PageFlag, helpers: tuple[Helper, ...]) -> Part:
    pages: set[PageRole] = set()
    by_page = [helper for helper in helpers if helper.takes == "page"]
    for helper in by_page or helpers:
        pages |= helper.pages("flags")
    small = any(
        _POLICY_ENDS_AT_SMALL in text
        for helper in by_page
        if helper.policy
        for text in helper.policy.asserts
    )
    if not pages - {PageRole.OTHER}:
        reason = _no_helper(flag) + ", so no policy says whose word it is in"
        return Part("Where it lives", (Line(reason, flag.evidence),))
    return where_it_lives("flags", pages, bug_if_compound=small)


def _by_place(helpers: tuple[Helper, ...]) -> list[Line]:
    """The helpers that one line of the header makes, together."""
    groups: dict[tuple[str, bool, Condition, Evidence], list[str]] = {}
    for helper in helpers:
        for made in helper.definitions:
            how = made.generator or "by hand"
            key = (how, made.stub, made.condition, made.evidence)
            note = " (not atomic)" if made.atomic is False else ""
            groups.setdefault(key, []).append(f"{helper.name}(){note}")
    lines = []
    for key, names in groups.items():
        how, stub, condition, evidence = key
        what = f"{how}{', stubs' if stub else ''}"
        if not condition.is_true:
            what += f", {condition_words(condition)}"
        lines.append(Line(f"{what}: {', '.join(names)}", evidence))
    return lines


def helper_lines(helper: Helper) -> list[Line]:
    """Returns each definition of a helper: who makes it, when, and whether it is a
    stub."""
    lines = []
    for definition in helper.definitions:
        made = f"from {definition.generator}" if definition.generator else "by hand"
        if definition.is_prototype:
            made = "declared, defined in a .c file"
        elif definition.is_macro:
            made = "a macro"
        if definition.stub:
            does = (
                "does nothing" if definition.value is None else f"is {definition.value}"
            )
            text = f"{helper.name}(): stub, {does}, {made}"
        else:
            atomic = {True: ", atomic", False: ", not atomic", None: ""}
            kind = definition.kind.replace("_", " ")
            text = f"{helper.name}(): {kind}{atomic[definition.atomic]}, {made}"
        if not definition.condition.is_true:
            text += f", {condition_words(definition.condition)}"
        lines.append(Line(text, definition.evidence))
    return lines


def _traces(facts: Facts, flag: PageFlag) -> Part:
    try:
        names = [name for name in facts.trace_names if name.flag == flag.name]
    except FactsMissing as missing:
        return Part("Traces and oopses", (Line(f"cannot be told: {missing}"),))
    lines = [
        Line(
            f"printed as {name.flag.removeprefix('PG_')!r}"
            + (
                "" if name.condition.is_true else f", {condition_words(name.condition)}"
            ),
            name.evidence,
        )
        for name in names
    ]
    if flag.alias_of:
        reason = f"an alias is printed under the name of its bit, {flag.alias_of}"
    else:
        reason = "no entry in include/trace/events/mmflags.h: printed as a number"
    return part("Traces and oopses", lines, reason)
