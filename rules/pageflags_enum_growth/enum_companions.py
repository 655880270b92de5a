# SPDX-License-Identifier: GPL-2.0-or-later
"""What a new name in ``enum pageflags`` needs elsewhere in the tree.

Sources, each looked for in the tree after the series: include/trace/events/mmflags.h
(one entry for each real bit, mm/debug.c counts them), mm/filemap.c (the fixed bits),
mm/huge_memory.c and mm/migrate.c (which flags survive a split and a migration),
PAGE_FLAGS_SECOND of page-flags.h (what is cleared in a second page).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from reviewer.api import Skipped, Step
from reviewer.facts import Facts
from reviewer.facts.accesses import PageRole
from reviewer.facts.header import Header, header
from reviewer.facts.missing_fact import FactsMissing
from reviewer.facts.pageflags import PAGE_FLAGS_H, PageFlag, PageFlags, read_page_flags
from reviewer.facts.trace_names import MMFLAGS_H
from reviewer.kit.missing_facts import skipped_for
from reviewer.models import Confidence, Evidence, Severity

LAST_FIXED = "PG_waiters"
SECOND = "PAGE_FLAGS_SECOND"
# file, and what the function that holds the list is called in 6.1, 6.12 and later
SPLIT = ("mm/huge_memory.c", ("__split_huge_page_tail", "__split_folio_to_order"))
MIGRATE = ("mm/migrate.c", ("folio_migrate_flags",))


class Gap(Struct, frozen=True):
    """A companion of a new flag that is missing, or contradicts it."""

    kind: str
    flag: PageFlag
    severity: Severity
    confidence: Confidence = Confidence.PROVED
    file: str | None = None  # that has to follow
    detail: str | None = None
    evidence: tuple[Evidence, ...] = ()


def missing_companions(step: Step) -> Iterator[Gap]:
    """Yields what is missing for each name that a patch adds to the enum.

    Raises Skipped where the enum cannot be read after the patch.
    """
    change = step.change
    if change.path != PAGE_FLAGS_H or step.post is None or step.pre is None:
        return
    after = step.series.after or step.post.facts
    try:
        old = read_page_flags(header(PAGE_FLAGS_H, step.pre.source.data))
        new = read_page_flags(header(PAGE_FLAGS_H, step.post.source.data))
    except FactsMissing as missing:
        raise skipped_for(missing) from None
    known = {flag.name for flag in old}
    for flag in new:
        if flag.name in known:
            continue
        if flag.alias_of is None:
            yield from _fixed_bits(after, flag, new)
            yield from _named(after, flag)
            if not _replaces(flag, old, new):
                yield from _survives(after, flag, "split", *SPLIT)
                yield from _survives(after, flag, "migrate", *MIGRATE)
        else:
            yield from _alias(after, flag, new)
    if any(f.name not in known and f.alias_of is None for f in new):
        _look_for_lists(after)


def _look_for_lists(facts: Facts) -> None:
    """Raise Skipped where the functions that keep flags are not found."""
    for file, functions in (SPLIT, MIGRATE):
        found = facts.header(file)
        if found is None or not any(_body(found, name) for name in functions):
            why = f"no {functions[0]}() in it" if found else "the tree has no such file"
            raise Skipped("flags that are kept", why, file)


def _replaces(flag: PageFlag, old: PageFlags, new: PageFlags) -> bool:
    """Whether a flag is only renamed: its place was another's that is gone, or an old
    bit is an alias of it now."""
    for before in old.real:
        now = new.get(before.name)
        if now is not None and now.alias_of and new.root(now.name) == flag:
            return True
    if len(old.real) != len(new.real):
        return False
    names = {other.name for other in new.real}
    return old.real[flag.place].name not in names


# --- a real bit -----------------------------------------------------------------------


def _fixed_bits(facts: Facts, flag: PageFlag, flags: PageFlags) -> Iterator[Gap]:
    last = flags.get(LAST_FIXED)
    if last is None or last.alias_of is not None or flag.place > last.place:
        return
    checks = _lines(facts, "mm/filemap.c", rf"BUILD_BUG_ON\(.*\b{LAST_FIXED}\b")
    if checks:
        yield Gap("fixed-bits", flag, Severity.HIGH, evidence=checks, detail=last.name)


def _named(facts: Facts, flag: PageFlag) -> Iterator[Gap]:
    """One entry in mmflags.h under the very gate of the bit."""
    try:
        names = [name for name in facts.trace_names if name.flag == flag.name]
    except FactsMissing as missing:
        raise skipped_for(missing) from None
    counted = _lines(facts, "mm/debug.c", r"BUILD_BUG_ON\(.*pageflag_names")
    if not names:
        severity = Severity.HIGH if counted else Severity.MEDIUM
        yield Gap("trace", flag, severity, file=MMFLAGS_H, evidence=counted)
    elif not names[0].condition.equivalent(flag.gate):
        detail = None if names[0].condition.is_true else str(names[0].condition)
        evidence = (names[0].evidence, *counted)
        yield Gap(
            "trace-gate",
            flag,
            Severity.HIGH,
            file=MMFLAGS_H,
            detail=detail,
            evidence=evidence,
        )


def _survives(
    facts: Facts, flag: PageFlag, kind: str, file: str, functions: tuple[str, ...]
) -> Iterator[Gap]:
    """Whether the list of flags to keep names this one."""
    found = facts.header(file)
    if found is None:
        return
    for name in functions:
        body = _body(found, name)
        if body is None:
            continue
        text, line = body
        short = flag.name.removeprefix("PG_")
        if not re.search(rf"PG_{short}\b|_(test|set|clear|clear_)_?{short}\b", text):
            yield Gap(
                kind,
                flag,
                Severity.MEDIUM,
                Confidence.QUESTION,
                file,
                name,
                (found.evidence(line),),
            )
        return


def _body(found: Header, name: str) -> tuple[str, int] | None:
    for function in found.functions_named(name):
        if function.body:
            return function.body, found.line_of(function.start)
    return None


# --- an alias -------------------------------------------------------------------------


def _alias(facts: Facts, flag: PageFlag, flags: PageFlags) -> Iterator[Gap]:
    try:
        named = [name for name in facts.trace_names if name.flag == flag.name]
        helpers = facts.helpers.of_flag(flag.name)
    except FactsMissing as missing:
        raise skipped_for(missing) from None
    if named:
        evidence = (named[0].evidence,)
        yield Gap("alias-named", flag, Severity.HIGH, file=MMFLAGS_H, evidence=evidence)
    if any(helper.pages() == {PageRole.SECOND} for helper in helpers):
        yield from _second_page(facts, flag, flags)


def _second_page(facts: Facts, flag: PageFlag, flags: PageFlags) -> Iterator[Gap]:
    """A flag of the second page: not where the order lives, not on a bit that any
    page may have, and cleared with the others."""
    found = facts.header(PAGE_FLAGS_H)
    defines = found.macros.get(SECOND, ()) if found is not None else ()
    root = flags.root(flag.name)
    if found is not None and defines:
        define = defines[0]
        at = (found.evidence(define.line),)
        if not re.search(rf"\b{flag.name}\b", define.body):
            yield Gap("second-list", flag, Severity.MEDIUM, detail=SECOND, evidence=at)
        low, _ = flags.bounds(flag.name)
        order = re.search(r"\b0x[0-9a-fA-F]+", define.body)
        if order is not None and int(order[0], 16) >> low & 1:
            yield Gap(
                "second-order", flag, Severity.HIGH, detail=root.name, evidence=at
            )
    for other in facts.helpers.of_flag(root.name):
        policy = other.policy
        if policy is not None and policy.name == "PF_ANY":
            at = (other.definitions[0].evidence,)
            yield Gap("second-any", flag, Severity.HIGH, detail=root.name, evidence=at)
            return


def _lines(facts: Facts, file: str, pattern: str) -> tuple[Evidence, ...]:
    """The first line of a file that matches, as evidence; () if none does."""
    found = facts.header(file)
    match = re.search(pattern, found.code) if found is not None else None
    if found is None or match is None:
        return ()
    return (found.evidence(found.line_of(match.start())),)
