# SPDX-License-Identifier: GPL-2.0-or-later
"""A KPF_ bit: its number, whose promise it is, who sets it, where it is described."""

from __future__ import annotations

from reviewer.explain.model import Explanation, Line, Part, part
from reviewer.explain.pages import policy_line
from reviewer.explain.pictures import neighbours
from reviewer.explain.userspace import export_line, exports
from reviewer.facts import Facts
from reviewer.facts.kpf import FIRST_INTERNAL, KpfBit
from reviewer.facts.missing_fact import FactsMissing


def explain_kpf(facts: Facts, bit: KpfBit) -> Explanation:
    """Returns everything the tree says about a bit of /proc/kpageflags."""
    if bit.unused:
        summary = f"{bit.name} is a retired bit of /proc/kpageflags: always 0 today"
    else:
        summary = f"{bit.name} is bit {bit.number} of each word of /proc/kpageflags"
    return Explanation(
        bit.name,
        "KPF bit",
        summary,
        (
            _number(facts, bit),
            _promise(bit),
            _setters(facts, bit),
            _flags(facts, bit),
            _documentation(facts, bit),
            _tool(facts, bit),
        ),
    )


def _number(facts: Facts, bit: KpfBit) -> Part:
    lines = [Line(f"number {bit.number}, mask 1ULL << {bit.name}", bit.evidence)]
    if bit.number >= 31:
        lines.append(
            Line(f"1 << {bit.number} is no int: shift a u64, or use kpf_copy_bit()")
        )
    for other in facts.kpf.by_number(bit.number):
        if other.name != bit.name:
            lines.append(Line(f"{other.name} has the same number", other.evidence))
    top = max(one.number for one in facts.kpf.bits)
    names = {one.number: one.name.removeprefix("KPF_") for one in facts.kpf.bits}
    shown = [(str(n), names.get(n, "-")) for n in range(top + 1)]
    return Part("Number", tuple(lines), neighbours(shown, bit.number))


def _promise(bit: KpfBit) -> Part:
    if bit.uapi:
        text = "ABI: the number is never changed and never used again"
        if bit.unused:
            text += ", which is why the retired name stays"
    else:
        text = f"for kernel hackers, from {FIRST_INTERNAL} up: may change"
    return Part("Promise", (Line(text, bit.evidence),))


def _setters(facts: Facts, bit: KpfBit) -> Part:
    title = "Set by"
    try:
        found = [e for e in exports(facts) if e.setter.kpf == bit.name]
    except FactsMissing as missing:
        return Part(title, (Line(f"cannot be told: {missing}"),))
    reason = "no statement of fs/proc/page.c sets it"
    if bit.unused:
        reason += ", as the header's comment says"
    return part(title, [export_line(facts.kpf, one) for one in found], reason)


def _flags(facts: Facts, bit: KpfBit) -> Part:
    """The flags it is copied from, and whose word each flag is in."""
    title = "Comes from"
    lines = []
    try:
        setters = facts.kpf.setters_of(bit.name)
        for name in dict.fromkeys(s.flag for s in setters if s.flag):
            flag = facts.page_flags.get(name)
            where = flag.evidence if flag else None
            lines.append(Line(f"{name} ('kpf-review explain {name}')", where))
            for helper in facts.helpers.of_flag(name):
                if helper.policy is not None and helper.kind == "test":
                    lines.append(policy_line(helper.policy))
    except FactsMissing as missing:
        return Part(title, (Line(f"cannot be told: {missing}"),))
    computed = any(setter.flag is None for setter in setters)
    reason = (
        "no single page flag: it is computed from the conditions above"
        if computed
        else "no page flag: nothing sets it"
    )
    return part(title, lines, reason)


def _documentation(facts: Facts, bit: KpfBit) -> Part:
    title = "Documented"
    page = facts.kpf.documentation
    if page is None:
        return Part(title, (Line("the tree has no pagemap.rst"),))
    short = bit.name.removeprefix("KPF_")
    lines = [
        Line(f"in the list, as {entry.number}", entry.evidence)
        for entry in facts.kpf.listed
        if entry.name == short
    ]
    described = facts.kpf.description(bit.name)
    if described is not None:
        text = " ".join(described.text.split())
        lines.append(Line(f'"{text}"' if text else "described", described.evidence))
    reason = f"not in {page.path}"
    if not bit.uapi:
        reason += f": bits from {FIRST_INTERNAL} up are not promised to anybody"
    return part(title, lines, reason)


def _tool(facts: Facts, bit: KpfBit) -> Part:
    title = "page-types prints"
    if facts.kpf.tool is None:
        return Part(title, (Line("the tree has no page-types.c"),))
    lines = [
        Line(f"{name.letter!r} and {name.long_name!r}", name.evidence)
        for name in facts.kpf.tool_names
        if name.kpf == bit.name
    ]
    return part(title, lines, f"no name for it in {facts.kpf.tool.path}: a number")
