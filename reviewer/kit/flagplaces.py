# SPDX-License-Identifier: GPL-2.0-or-later
"""Where each flag lives: on every page, on the head, on the second page of a folio.

What the helpers of the tree read says most of it.  That a flag has a helper for any
page (PF_ANY) does not say that tails ever have it: PG_private is PF_ANY and never set
on one.  So a flag counts as one of each page only where the tree is seen to set it on a
page that may be any: ``SetPageX(page + i)``, or on what ``pfn_to_page()`` gave.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct

from reviewer.facts import Facts
from reviewer.facts.accesses import PageRole
from reviewer.facts.helper_records import Helper
from reviewer.facts.pageflags import PAGE_FLAGS_H
from reviewer.models import Evidence
from reviewer.patterns import regex

CALLERS = ("mm",)  # where generic code sets flags
_ARCH = regex(r"PG_arch_\d+\Z")
_INDEXED = regex(r"\+|&\s*\w+\[|\b(?:nth_page|folio_page|pfn_to_\w*page)\s*\(")
_MOST_EVIDENCE = 3


class Lives(StrEnum):
    """On which page of a folio a flag is kept."""

    EACH = "each"  # every page has its own
    FIRST = "first"  # PG_head: tells the first page from the others
    HEAD = "head"  # the first page's word speaks for the folio
    SECOND = "second"  # in the word of the second page
    ARCH = "arch"  # as the architecture likes
    UNKNOWN = "unknown"


class FlagPlace(Struct, frozen=True):
    """Where a flag lives, and what in the tree says so."""

    flag: str
    lives: Lives
    evidence: tuple[Evidence, ...]


@lru_cache(maxsize=256)
def flag_place(facts: Facts, flag: str) -> FlagPlace:
    """Says where a flag lives by the helpers and their callers; raises FactsMissing."""
    known = facts.page_flags.get(flag)
    if known is None:
        return FlagPlace(flag, Lives.UNKNOWN, ())
    if _ARCH.match(flag):
        return FlagPlace(flag, Lives.ARCH, _arch_uses(facts, flag))
    tests = list(helpers_of(facts, flag, "Page{u}", "folio_test_{l}"))
    if not tests:
        return FlagPlace(flag, Lives.UNKNOWN, (known.evidence,))
    shown = tuple(t.definitions[0].evidence for t in tests[:1])
    if flag == "PG_head":
        return FlagPlace(flag, Lives.FIRST, shown)
    if any(test.pages() == {PageRole.SECOND} for test in tests):
        return FlagPlace(flag, Lives.SECOND, shown)
    of_pages = [test for test in tests if test.takes == "page"]
    if not of_pages:
        heads = all(t.policy and t.policy.pages == {PageRole.HEAD} for t in tests)
        return FlagPlace(flag, Lives.HEAD if heads else Lives.UNKNOWN, shown)
    if all(test.pages() == {PageRole.HEAD} or _head_only(test) for test in of_pages):
        return FlagPlace(flag, Lives.HEAD, shown)
    if any(PageRole.OWN in test.pages() for test in of_pages):
        setters = tuple(_set_on_any_page(facts, flag))
        if setters:
            return FlagPlace(flag, Lives.EACH, (*shown, *setters[:_MOST_EVIDENCE]))
    return FlagPlace(flag, Lives.UNKNOWN, shown)


def _head_only(test: Helper) -> bool:
    """PF_ONLY_HEAD: the page's own word, where a tail is a bug."""
    policy = test.policy
    return policy is not None and "PageTail(page)" in policy.asserts


def helpers_of(facts: Facts, flag: str, *forms: str) -> Iterator[Helper]:
    """Yields the helpers of a flag by the naming scheme: ``{u}`` is HWPoison, ``{l}``
    hwpoison. Only those whose bit operation has the flag."""
    lname = flag.removeprefix("PG_")
    for form in forms:
        unames = _unames(facts, lname) if "{u}" in form else ("",)
        for uname in unames:
            helper = facts.helpers.get(form.format(u=uname, l=lname))
            if helper is not None and helper.flag == flag:
                yield helper


def _unames(facts: Facts, lname: str) -> tuple[str, ...]:
    """How helpers of pages spell a flag, as the generator lines pair the two."""
    text = facts.text(PAGE_FLAGS_H) or ""
    pairs = re.findall(rf"\(\s*([A-Z]\w*)\s*,\s*{re.escape(lname)}\s*[,)]", text)
    return tuple(dict.fromkeys([*pairs, lname.title().replace("_", "")]))


# --- who sets it --------------------------------------------------------------------


def _set_on_any_page(facts: Facts, flag: str) -> Iterator[Evidence]:
    """Calls that set the flag on a page of any index."""
    forms = ("SetPage{u}", "TestSetPage{u}")
    names = [h.name for h in helpers_of(facts, flag, *forms) if h.takes == "page"]
    if not names:
        return
    call = re.compile(rf"\b(?:{'|'.join(names)})\s*\((.*)")
    # what all such names have in them: one search for all flags
    hits = facts.view.grep(["SetPage"], CALLERS, suffixes=(".c",), whole_words=False)
    for hit in hits:
        match = call.search(hit.text)
        if match is None:
            continue
        argument = match[1].partition(")")[0]
        here = Evidence(hit.path, hit.line, hit.text.strip())
        if _INDEXED.search(argument) and "&folio->page" not in argument:
            yield here
        elif re.fullmatch(r"\w+", argument):
            text = facts.text(hit.path) or ""
            if _came_from_pfn(text, hit.line, argument):
                yield here


def _came_from_pfn(text: str, line: int, name: str) -> bool:
    """Whether a local was read from a page frame number in the same function."""
    before = text.split("\n")[: line - 1]
    given = re.compile(rf"\b{name}\s*=\s*pfn_to_\w*page\(")
    for earlier in reversed(before):
        if earlier.startswith("}"):
            return False
        if given.search(earlier):
            return True
    return False


def _arch_uses(facts: Facts, flag: str) -> tuple[Evidence, ...]:
    """Where architectures set the flag: one place for a page, one for a folio.

    One search for all such flags; a name that a header gives the flag
    (``#define PG_mte_tagged PG_arch_2``) is followed in that header.
    """
    all_flags = sorted({f.name for f in facts.page_flags if _ARCH.match(f.name)})
    found = []
    for hit in facts.view.grep(all_flags, ["arch"]):
        alias = re.match(rf"\s*#\s*define\s+(PG_\w+)\s+{flag}\b", hit.text)
        if alias:
            lines = (facts.text(hit.path) or "").split("\n")
            for number, line in enumerate(lines, 1):
                if _sets(alias[1], line):
                    found.append(Evidence(hit.path, number, line.strip()))
        elif _sets(flag, hit.text):
            found.append(Evidence(hit.path, hit.line, hit.text.strip()))
    on_page = [one for one in found if "folio" not in one.text]
    on_folio = [one for one in found if "folio" in one.text]
    return (*on_page[:1], *on_folio[:1])


def _sets(name: str, line: str) -> bool:
    """``set_bit(NAME, &page->flags)``, ``test_and_set_bit(NAME, folio_flags(..))``"""
    call = rf"set_bit\(\s*{name}\s*,\s*(?:&|\w*folio_flags)"
    return re.search(call, line) is not None
