# SPDX-License-Identifier: GPL-2.0-or-later
"""``kpf_copy_bit(k, KPF_ARCH_2, PG_arch_3)``: a bit fed from another flag's."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.api import FileImage, Finding, Rule, Scope, Severity
from reviewer.kit import places
from reviewer.kit.kpfcopies import Copy, copies, flags_of, kpf_of
from reviewer.models import Evidence

RULE = Rule(
    name="flag-pair-mismatch",
    summary="a KPF_ bit copied from the page flag of another one",
    severity=Severity.HIGH,
    scope=Scope.FILE,
    precedent=("<87leslxmf1.wl-maz@kernel.org>",),
    trigger=rb"PG_",
    needs=(rb"KPF_",),
)


def check(image: FileImage) -> Iterator[Finding]:
    """Yields every copy whose bit, or whose flag, has a partner of its own name
    elsewhere."""
    found = copies(image)
    for copy in found:
        if image.in_focus(copy.line, copy.line) and copy.stem != copy.flag_stem:
            yield from _mismatch(image, copy, found)


def _mismatch(
    image: FileImage, copy: Copy, others: tuple[Copy, ...]
) -> Iterator[Finding]:
    """A pair of two stems is right only where neither has a namesake, as in
    KPF_ARCH and PG_arch_1, and no other flag feeds the bit."""
    namesake = flags_of(image.facts).get("PG_" + copy.stem)
    owner = kpf_of(image.facts).get("KPF_" + copy.flag_stem.upper())
    feeds = [o for o in others if o.kpf == copy.kpf and o.flag != copy.flag]
    if namesake is not None:
        yield _finding(image, copy, "flag", namesake.name, namesake.evidence)
    elif owner is not None and owner.name != copy.kpf:
        yield _finding(image, copy, "bit", owner.name, owner.evidence)
    elif feeds and feeds[0].line < copy.line:
        yield _finding(image, copy, "two", feeds[0].flag, feeds[0].evidence)


def _finding(
    image: FileImage, copy: Copy, form: str, partner: str, evidence: Evidence
) -> Finding:
    edits = places.replacing_edit(copy.flag_node, partner) if form == "flag" else ()
    fields = {
        "form": form,
        "bit": copy.kpf,
        "flag": copy.flag,
        "partner": partner,
        "suggestion": partner if form == "flag" else None,
    }
    return places.finding(
        image,
        RULE,
        copy.source,
        copy.node,
        fields=fields,
        edits=edits,
        evidence=(evidence,),
    )
