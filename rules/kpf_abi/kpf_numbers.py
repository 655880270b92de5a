# SPDX-License-Identifier: GPL-2.0-or-later
"""What a patch does to the numbers of the KPF_ bits, and who has to follow.

The numbers below 32 are ABI (include/uapi/linux/kernel-page-flags.h): they are never
changed, reused or taken away; a bit that nobody sets any more stays as "unused".  Those
from 32 on are "subject to change" (include/linux/kernel-page-flags.h).
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from reviewer.api import Skipped, Step
from reviewer.facts import Facts
from reviewer.facts.header import header
from reviewer.facts.kpf import (
    FIRST_INTERNAL,
    INTERNAL_H,
    PAGE_TYPES_C,
    PAGEMAP_RST,
    UAPI_H,
    KpfBit,
    kpf_defines,
)
from reviewer.facts.missing_fact import FactsMissing
from reviewer.kit.missing_facts import skipped_for
from reviewer.models import Confidence, Evidence, Severity

HEADERS = (UAPI_H, INTERNAL_H)


class Breach(Struct, frozen=True):
    """One thing that is wrong with a bit."""

    kind: str
    bit: KpfBit
    other: KpfBit | None  # the bit as it was, or the one it collides with
    severity: Severity
    missing: tuple[str, ...] = ()
    file: str | None = None  # that has to follow
    evidence: tuple[Evidence, ...] = ()
    confidence: Confidence = Confidence.PROVED

    @property
    def removed(self) -> bool:
        """Whether the bit stands in the pre-image only."""
        return self.kind in ("removed", "renamed", "left-in-tool")


def abi_breaches(step: Step) -> Iterator[Breach]:
    """Yields what one patch does to one of the two headers.

    Raises Skipped where its macros have a form that is not read.
    """
    path = step.change.path
    if path not in HEADERS or step.post is None:
        return
    old = _by_name(step.change.diff.old_path or path, step.change.pre)
    new = _by_name(path, step.change.post)
    after = step.post.facts
    elsewhere = _elsewhere(after, path)
    for name, bit in new.items():
        if name not in old:
            yield from _new_bit(step, bit, old, {**elsewhere, **new})
        elif old[name].number != bit.number:
            severity = Severity.HIGH if old[name].uapi else Severity.LOW
            if bit.uapi:
                yield Breach("changed", bit, old[name], severity)
    for name, bit in old.items():
        if name not in new and name not in elsewhere:
            yield from _gone(step, bit, old, new)
    if new.keys() - old.keys() and path == UAPI_H:
        _look_for_companions(after)


def _look_for_companions(facts: Facts) -> None:
    """Raise Skipped where the tree does not have the files that must follow."""
    for known, path in (
        (facts.kpf.documentation, PAGEMAP_RST[0]),
        (facts.kpf.tool, PAGE_TYPES_C[0]),
    ):
        if known is None:
            raise Skipped("companions of a KPF_ bit", "the tree has no such file", path)


def _by_name(path: str, data: bytes | None) -> dict[str, KpfBit]:
    if not data:
        return {}
    return {bit.name: bit for bit in kpf_defines(header(path, data))}


def _elsewhere(facts: Facts, path: str) -> dict[str, KpfBit]:
    """The bits of the other header."""
    try:
        return {b.name: b for b in facts.kpf.bits if b.evidence.file != path}
    except FactsMissing as missing:
        raise skipped_for(missing) from None


def _new_bit(
    step: Step, bit: KpfBit, old: dict[str, KpfBit], known: dict[str, KpfBit]
) -> Iterator[Breach]:
    internal = bit.number >= FIRST_INTERNAL
    if internal is bit.uapi:
        other = INTERNAL_H if internal else UAPI_H
        yield Breach("header", bit, None, Severity.MEDIUM, file=other)
    same = [b for b in known.values() if b.number == bit.number and b is not bit]
    retired = [b for b in old.values() if b.number == bit.number]
    if same:
        severity = Severity.HIGH
        kind = "reused" if same[0].unused else "collides"
        yield Breach(kind, bit, same[0], severity, evidence=(same[0].evidence,))
    elif retired and retired[0].unused and bit.uapi:
        yield Breach("reused", bit, retired[0], Severity.HIGH)
    elif bit.uapi and not internal and not retired:
        yield from _companions(step, bit)


def _companions(step: Step, bit: KpfBit) -> Iterator[Breach]:
    """What a new bit of the ABI needs, looked for in the tree after the series."""
    facts = step.series.after or (step.post.facts if step.post else None)
    if facts is None:
        return
    kpf, short = facts.kpf, bit.name.removeprefix("KPF_")
    documentation, tool = kpf.documentation, kpf.tool
    missing = []
    if documentation is not None:
        if not any(e.number == bit.number and e.name == short for e in kpf.listed):
            missing.append("list")
        if kpf.description(bit.name) is None:
            missing.append("description")
        if missing:
            yield Breach(
                "documentation",
                bit,
                None,
                Severity.MEDIUM,
                tuple(missing),
                documentation.path,
            )
    if tool is not None and not any(n.kpf == bit.name for n in kpf.tool_names):
        yield Breach("tool", bit, None, Severity.LOW, file=tool.path)
    try:
        if not kpf.setters_of(bit.name):
            yield Breach("setter", bit, None, Severity.INFO, file="fs/proc/page.c")
    except FactsMissing:
        return


def _gone(
    step: Step, bit: KpfBit, old: dict[str, KpfBit], new: dict[str, KpfBit]
) -> Iterator[Breach]:
    same = (b for b in new.values() if b.number == bit.number and b.name not in old)
    successor = next(same, None)
    if bit.uapi and bit.number < FIRST_INTERNAL:
        kind = "renamed" if successor is not None else "removed"
        yield Breach(kind, bit, successor, Severity.HIGH)
        return
    facts = step.series.after
    if facts is None or facts.kpf.tool is None:
        return
    names = [n for n in facts.kpf.tool_names if n.kpf == bit.name]
    own = [b for b in facts.kpf.tool_bits if b.name == bit.name]
    if names and own:
        yield Breach(
            "left-in-tool",
            bit,
            successor,
            Severity.LOW,
            file=facts.kpf.tool.path,
            evidence=(names[0].evidence,),
        )
