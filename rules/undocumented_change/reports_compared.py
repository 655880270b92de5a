# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether a bit of /proc/kpageflags is really reported for other pages than before."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from types import ModuleType

from msgspec import Struct

from reviewer.api import Finding, Skipped, Step
from reviewer.facts import Facts
from reviewer.facts.accesses import PageRole
from reviewer.facts.kpf import PAGE_C
from reviewer.rules.undocumented_change.kpf_bit_conditions import (
    FUNCTION,
    SECONDS,
    Reports,
    flag_of_other_page,
)

MASKS = ("mask-vs-equality", "bit-number-as-mask")


class ReportChange(Struct, frozen=True):
    """A bit that is reported for other pages than before."""

    bit: str
    proved: bool
    witness: str | None  # a page that shows it, in words


def changed_reports(
    step: Step, old: Reports, new: Reports, bits: Sequence[str]
) -> tuple[ReportChange, ...]:
    """Returns the KPF_ bits that are reported for other pages than before.

    A bit whose flag is kept on heads only, and that is copied from the folio's word
    instead of the page's own (or back), changes for tails.  Where no bit is as plain as
    that, both states of the function are compared; what that cannot decide counts as
    likely, for its condition or its source was rewritten.
    """
    if not bits or step.post is None:
        return ()
    plain = [bit for bit in bits if _for_tails(step.post.facts, old, new, bit)]
    if plain:
        return tuple(ReportChange(bit, True, "a tail page") for bit in plain)
    return _compared(step, old, new, bits)


def _for_tails(facts: Facts, old: Reports, new: Reports, bit: str) -> bool:
    flag = flag_of_other_page(old, new, bit)
    if flag is None:
        return False
    helpers = [h for h in facts.helpers.of_flag(flag) if h.real]
    pages = [helper.pages() for helper in helpers if helper.kind == "test"]
    return bool(pages) and all(found == {PageRole.HEAD} for found in pages)


def _compared(
    step: Step, old: Reports, new: Reports, bits: Sequence[str]
) -> tuple[ReportChange, ...]:
    """By the behaviour of the function; heavy, so imported only here."""
    try:
        from reviewer.prover import ProverLimits, Verdict, compare_functions
    except ImportError as error:
        raise Skipped("undocumented-change", str(error), PAGE_C) from None

    pre, post = step.pre, step.post
    assert pre is not None
    assert post is not None
    if old.exits == new.exits:
        forms = _forms(post.facts)
        bits = [b for b in bits if _of_pages(forms, old, b) != _of_pages(forms, new, b)]
    if not bits:
        return ()
    verdicts = compare_functions(
        pre.source,
        post.source,
        pre.facts,
        post.facts,
        FUNCTION,
        limits=ProverLimits(seconds=SECONDS),
        outputs=tuple(bits),
    )
    if not verdicts or verdicts[0].verdict is Verdict.EQUAL:
        return ()
    if verdicts[0].by_clock:
        raise Skipped("undocumented-change", verdicts[0].why, PAGE_C)
    outputs = {output.output: output for output in verdicts[0].outputs}
    found = []
    for bit in bits:
        output = outputs.get(bit)
        if output is None or output.verdict is Verdict.NOT_DECIDED:
            if old.spelled(bit) != new.spelled(bit):
                found.append(ReportChange(bit, proved=False, witness=None))
        elif output.verdict is Verdict.DIFFERS:
            found.append(ReportChange(bit, True, str(output.witness or "") or None))
    proved = [change for change in found if change.proved]
    return tuple(proved or found)


def _forms(facts: Facts) -> dict[str, str]:
    """Folio helpers and the page helpers that ask the same, both not to be looked into.

    ``TESTPAGEFLAG_FALSE(Huge, hugetlb)`` makes the stubs of both, so PageHuge(page),
    which only has a prototype in 6.1, is folio_test_hugetlb(page_folio(page)).
    """
    made: dict[tuple[str, int], set[str]] = {}
    for helper in facts.helpers:
        for one in helper.stubs:
            if one.generator is not None and helper.kind == "test":
                place = one.evidence.file, one.evidence.line
                made.setdefault(place, set()).add(helper.name)
    found = {}
    for names in made.values():
        pages = [name for name in names if name.startswith("Page")]
        folios = [name for name in names if name.startswith("folio_test_")]
        if len(pages) == len(folios) == 1:
            real = facts.helpers[pages[0]].real
            if real and all(one.is_prototype for one in real):
                found[folios[0]] = pages[0]
    return found


def _of_pages(forms: dict[str, str], states: Reports, bit: str) -> tuple[str, ...]:
    """How a bit is set, folio helpers as the page helpers that ask the same."""

    def of_page(text: str) -> str:
        for folio, page in forms.items():
            text = text.replace(f"{folio}(page_folio(page))", f"{page}(page)")
        return text

    return tuple(of_page(text) for text in states.spelled(bit))


def mended_reports(step: Step, old: Reports, bits: Sequence[str]) -> frozenset[str]:
    """Returns the bits set by a wrong test that the patch takes out: what they should
    report stands in the documentation already."""
    after = {finding.anchor for finding in _faults(step, pre=False)}
    gone = {f.line for f in _faults(step, pre=True) if f.anchor not in after}
    return frozenset(
        bit
        for bit in bits
        if any(gone.intersection(setting.lines) for setting in old.bits.get(bit, ()))
    )


def _faults(step: Step, *, pre: bool) -> tuple[Finding, ...]:
    """What the rules about masks say of one side."""
    from msgspec.structs import replace

    image = step.pre if pre else step.post
    if image is None:
        return ()
    whole = replace(image, focus=None)
    found: list[Finding] = []
    for name in MASKS:
        try:
            found += _rule(name).check(whole)
        except (
            ArithmeticError,
            AssertionError,
            AttributeError,
            LookupError,
            RuntimeError,
            TypeError,
            ValueError,
        ) as error:
            why = f"{name.replace('_', '-')} failed: {type(error).__name__}"
            raise Skipped("undocumented-change", why) from error
    return tuple(found)


def _rule(name: str) -> ModuleType:
    """Another rule's module."""
    return import_module(f"reviewer.rules.{name.replace('-', '_')}.rule")
