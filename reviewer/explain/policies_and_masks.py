# SPDX-License-Identifier: GPL-2.0-or-later
"""Names beside the flags: policies, masks made of flags, page-types' own bits."""

from __future__ import annotations

import re

from reviewer.explain.model import Explanation, Line, Part, condition_words, part
from reviewer.explain.pages import policy_line, where_it_lives
from reviewer.facts import Facts
from reviewer.facts.helper_records import Policy
from reviewer.facts.kpf import KpfBit
from reviewer.facts.missing_fact import FactsMissing
from reviewer.facts.pageflags import PAGE_FLAGS_H
from reviewer.patterns import regex

_MASK = regex(r"_*PG_\w+|PAGE_FLAGS\w*|PAGE_TYPE\w*")


def explain_policy_or_constant(facts: Facts, name: str) -> Explanation | None:
    """Returns a policy, a bit of page-types alone, or a constant; None for nothing of
    these."""
    try:
        policy = facts.helpers.policy(name)
        if policy is not None and policy in facts.helpers.policies:
            return _policy(facts, policy)
    except FactsMissing:
        pass
    for bit in _tool_bits(facts):
        if bit.name == name:
            return _tool_bit(facts, bit)
    return _constant(facts, name)


def masks(facts: Facts) -> list[str]:
    """Returns the macros of page-flags.h that are named like flags."""
    header = facts.header(PAGE_FLAGS_H)
    if header is None:
        return []
    return [
        define.name
        for define in header.defines
        if define.params is None and define.body and _MASK.fullmatch(define.name)
    ]


def _policy(facts: Facts, policy: Policy) -> Explanation:
    users = [
        f"{helper.name}()"
        for helper in facts.helpers
        if any(definition.policy == policy.name for definition in helper.definitions)
    ]
    small = any("PageCompound" in text for text in policy.asserts)
    return Explanation(
        policy.name,
        "policy",
        f"{policy.name} says which page's word a generated helper looks at",
        (
            Part("Meaning", (policy_line(policy),)),
            where_it_lives("flags", policy.pages, bug_if_compound=small),
            part(
                "A bug if",
                [Line(text, policy.evidence) for text in policy.asserts],
                "it asserts nothing about the page",
            ),
            part(
                "Helpers",
                [Line(", ".join(users))] if users else [],
                "no helper uses it",
            ),
        ),
    )


def _tool_bits(facts: Facts) -> tuple[KpfBit, ...]:
    try:
        return facts.kpf.tool_bits
    except FactsMissing:
        return ()


def _tool_bit(facts: Facts, bit: KpfBit) -> Explanation:
    """A bit that only page-types knows: it makes it up from others."""
    file = bit.evidence.file
    names = [
        Line(f"{name.letter!r} and {name.long_name!r}", name.evidence)
        for name in facts.kpf.tool_names
        if name.kpf == bit.name
    ]
    return Explanation(
        bit.name,
        "bit of page-types",
        f"{bit.name} is a bit that {file} has for itself, not the kernel",
        (
            Part("Number", (Line(f"number {bit.number}", bit.evidence),)),
            Part("Promise", (Line("none: no part of the ABI of /proc/kpageflags"),)),
            Part(
                "Set by", (Line(f"not the kernel; {file} works it out, or not at all"),)
            ),
            part("page-types prints", names, f"no name for it in {file}: a number"),
        ),
    )


def _constant(facts: Facts, name: str) -> Explanation | None:
    """A macro of page-flags.h with its values, such as __PG_HWPOISON."""
    header = facts.header(PAGE_FLAGS_H)
    if header is None or name not in masks(facts):
        return None
    defines = header.macros.get(name, ())
    values = facts.constant(name, near=PAGE_FLAGS_H)
    known = [
        Line(
            f"{value.value.value:#x}, {condition_words(value.condition)}",
            value.evidence,
        )
        for value in values[:6]
    ]
    if len(values) > 6:
        known.append(Line(f"and {len(values) - 6} more, by configuration"))
    flags = {word for d in defines for word in re.findall(r"\b_*PG_\w+", d.body)}
    return Explanation(
        name,
        "mask",
        f"{name} is a mask of {PAGE_FLAGS_H}, no bit number",
        (
            Part(
                "Definition",
                tuple(
                    Line(f"{' '.join(d.body.split())}, {condition_words(d.condition)}",
                         header.evidence(d.line))
                    for d in defines
                ),
            ),
            part("Value", known, "not a constant that is known without a compiler"),
            part("Made of", [Line(name) for name in sorted(flags)], "no flag"),
            Part("Use", (Line(f"word & {name}: true for any bit of it"),)),
        ),
    )  # fmt: skip
