# SPDX-License-Identifier: GPL-2.0-or-later
"""Flags and fields that are taken from the wrong page of a folio."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from reviewer.facts import Facts
from reviewer.facts.accesses import PageRole
from reviewer.facts.helper_records import Helper
from reviewer.kit import paths
from reviewer.kit.expressions import call, is_binary, without_casts
from reviewer.kit.flagplaces import Lives, flag_place
from reviewer.kit.pageword import FlagRead, FunctionScope, Word
from reviewer.patterns import regex
from reviewer.rules.missed_per_page_flag.frame_numbers import (
    HUGETLB,
    frame_behind,
    is_about_hugetlb,
)
from reviewer.rules.missed_per_page_flag.page_reads import (
    Form,
    Miss,
    Reads,
    assignment_to,
    missed_flag,
    of_whole_folio,
    page_behind,
    pages_of,
)
from reviewer.utf8 import decode

_FIRST_PAGE = regex(r"idx\b|(->|\.)page\b|\bPage(Head|Tail|Compound)\b|\bhead\b")
_LARGE = regex(
    r"\b(folio_test_large|folio_order|folio_nr_pages|compound_order|compound_nr|PageHead"
    r"|PageTransHuge|PageTransCompound|PageCompound|PageHuge|folio_test_hugetlb"
    r"|folio_test_pmd_mappable|thp_nr_pages|thp_order|PG_head|prep_\w+|\w*split_\w+"
    r"|folio_alloc\w*|\w+_is_thp)\b(?!_)"
)
# include/linux/memory_hotplug.h, asm-generic/memory_model.h
_OF_FRAME = regex(r"(pfn_to_page|pfn_to_online_page)\(")
_FLAG_HELPER = regex(
    r"folio_(?:test_set|test_clear|test|set|clear)_|(?:Set|Clear)?Page[A-Z]"
)
_PREFIXES = {
    "set": "Set",
    "clear": "Clear",
    "test_and_set": "TestSet",
    "test_and_clear": "TestClear",
}
_TAIL_FIELDS = ("mapping", "index")


def wrong_page_reads(facts: Facts, scope: FunctionScope) -> Iterator[Miss]:
    """Yields everything that one function takes from the wrong page."""
    reads = [
        (read, flag_place(facts, flag))
        for read in scope.flag_reads()
        for flag in read.flags
    ]
    both = {id(read): None for read, _ in reads if _mixes(read)}
    yield from _of_both(scope, reads, both)
    rest = [(r, p) for r, p in reads if id(r) not in both]
    yield from _of_each(scope, rest)
    yield from _of_arch(scope, rest)
    yield from _of_head(scope, rest)
    yield from _by_helper(facts, scope)
    yield from _of_second(facts, scope, rest)
    yield from _fields(scope)


def _mixes(read: FlagRead) -> bool:
    return {PageRole.HEAD, PageRole.OWN} <= pages_of(read)


_MOST_ADDED = 20  # readings of one flag that one more is held against
_BOTH = frozenset((PageRole.HEAD, PageRole.OWN))
# what was read before, of a flag that is now read from the one or the other
_OTHERS = {
    frozenset((PageRole.HEAD,)): (frozenset((PageRole.OWN,)), _BOTH),
    frozenset((PageRole.OWN,)): (frozenset((PageRole.HEAD,)), _BOTH),
}


# --- both words ---------------------------------------------------------------------


def _of_both(
    scope: FunctionScope, reads: Reads, both: dict[int, None]
) -> Iterator[Miss]:
    said: set[str | None] = set()
    for read, place in reads:
        if id(read) in both and read.variable not in said:
            said.add(read.variable)
            yield missed_flag(scope, Form.BOTH, read, read.flags, place.evidence)
    earlier: dict[tuple[str, frozenset[PageRole]], list[FlagRead]] = {}
    for read, place in reads:
        text = scope.source.anchor(read.node)
        if "|" not in text or "||" in text:
            continue  # it is not added to another
        asks = place.lives in (Lives.EACH, Lives.HEAD) and id(read) not in both
        for pages in _OTHERS.get(frozenset(pages_of(read)), ()) if asks else ():
            for other in earlier.get((place.flag, pages), [])[:_MOST_ADDED]:
                if paths.in_different_arms(other.node, read.node):
                    continue
                both[id(read)] = both[id(other)] = None
                yield missed_flag(
                    scope,
                    Form.BOTH,
                    read,
                    (place.flag,),
                    place.evidence,
                    others=(other.node,),
                )
        earlier.setdefault((place.flag, frozenset(pages_of(read))), []).append(read)


# --- from the head's word -----------------------------------------------------------


def _of_each(scope: FunctionScope, reads: Reads) -> Iterator[Miss]:
    for read, place in reads:
        if pages_of(read) != {PageRole.HEAD} or place.lives not in (
            Lives.EACH,
            Lives.FIRST,
        ):
            continue
        if not all(of_whole_folio(scope, word) for word in read.words):
            continue
        guard = HUGETLB if place.lives is Lives.EACH else _FIRST_PAGE
        if _guarded(scope, read.node, guard, place.lives is Lives.EACH):
            continue
        form = Form.EACH if place.lives is Lives.EACH else Form.FIRST
        yield missed_flag(
            scope,
            form,
            read,
            (place.flag,),
            place.evidence,
            right=_own_word(scope, read),
        )


def _guarded(
    scope: FunctionScope, node: Node, test: re.Pattern[str], holds: bool
) -> bool:
    """Whether a condition on the way asks what makes it right."""
    return any(
        test.search(scope.source.text(condition.node)) is not None
        and (condition.holds or not holds)
        for condition in paths.conditions_on_the_way(scope.source, node)
    )


def _own_word(scope: FunctionScope, read: FlagRead) -> str | None:
    """The page's own word, as this function can write it."""
    (word,) = read.words
    assignment = assignment_to(scope, read)
    text = scope.source.norm(
        without_casts(assignment.value)
        if assignment and assignment.value
        else without_casts(read.word)
    )
    suffix = "flags.f" if text.endswith("flags.f") else "flags"
    if word.copied:
        return f"{word.base}.page_snapshot.{suffix}"
    page = page_behind(scope, word)
    return f"{page}->{suffix}" if page else None


def _of_arch(scope: FunctionScope, reads: Reads) -> Iterator[Miss]:
    """All flags of the architecture together: one question."""
    found = [
        (read, place)
        for read, place in reads
        if place.lives is Lives.ARCH
        and pages_of(read) == {PageRole.HEAD}
        and all(of_whole_folio(scope, word) for word in read.words)
    ]
    if not found:
        return
    read = found[0][0]
    flags = tuple(dict.fromkeys(place.flag for _, place in found))
    # a place that sets it on a page tells most: arm64's PG_arch_2 before PG_arch_1
    evidence = [one for _, place in reversed(found) for one in place.evidence]
    evidence.sort(key=lambda one: "folio" in one.text)
    yield missed_flag(
        scope,
        Form.ARCH,
        read,
        flags,
        tuple(dict.fromkeys(evidence)),
        right=_own_word(scope, read),
        others=tuple(r.node for r, _ in found[1:]),
    )


# --- from the page's own word -------------------------------------------------------


def _of_head(scope: FunctionScope, reads: Reads) -> Iterator[Miss]:
    """The flags that a tail does not have, one finding for each word."""
    if not reads or not scope.may_be_tail:
        return
    groups: dict[str, Reads] = {}
    for read, place in reads:
        if place.lives is not Lives.HEAD or pages_of(read) != {PageRole.OWN}:
            continue
        if _guarded(scope, read.node, _FIRST_PAGE, False):
            continue
        groups.setdefault(scope.source.norm(without_casts(read.word)), []).append(
            (read, place)
        )
    for group in groups.values():
        read, place = group[0]
        assignment = assignment_to(scope, read)
        yield missed_flag(
            scope,
            Form.HEAD,
            read,
            tuple(dict.fromkeys(p.flag for _, p in group)),
            place.evidence,
            node=assignment.node if assignment else read.node,
            others=tuple(r.node for r, _ in group),
        )


# --- by a helper --------------------------------------------------------------------


def _by_helper(facts: Facts, scope: FunctionScope) -> Iterator[Miss]:
    """``if (folio_test_hwpoison(folio)) u |= 1 << KPF_HWPOISON;``

    Elsewhere too, where the page was looked up by its frame number: that one page is
    meant, as in unpoison_memory() of mm/memory-failure.c.  And where the folio is made
    for this one question: folio_test_hwpoison(page_folio(page)) names the page.
    """
    for node, name, arguments in scope.calls:
        if not _FLAG_HELPER.match(name) or len(arguments) != 1:
            continue
        word = scope.page_of(arguments[0])
        frame = frame_behind(scope, arguments[0]) or _counted(scope, arguments[0])
        of_whole = word is not None and word.page is PageRole.HEAD
        of_whole = of_whole and word is not None and of_whole_folio(scope, word)
        if frame is None and not of_whole:
            continue
        helper = facts.helpers.get(name)
        if helper is None or helper.flag is None:
            continue
        reported = helper.kind == "test" and _reports(scope, node)
        if frame is not None:
            of_one = not is_about_hugetlb(scope, node)
        else:
            of_one = word is not None and (
                _is_of_one_page(scope, word, node)
                or _is_made_for_it(scope, arguments[0], node)
            )
        if not reported and not of_one:
            continue
        place = flag_place(facts, helper.flag)
        if place.lives is not Lives.EACH:
            continue
        if _guarded(scope, node, HUGETLB, True):
            continue
        text = scope.source.norm(node)
        copied = frame is None and word is not None and word.copied
        page = "page_snapshot" if copied else frame
        if page is None and word is not None:
            page = page_behind(scope, word)
        right = None
        if page and not copied:
            own = list(_page_helpers(facts, helper))
            right = f"{own[0]}({page})" if own else None
        flags, evidence = (helper.flag,), place.evidence
        yield Miss(Form.EACH, node, (), flags, text, text, right, evidence, reported)


def _page_helpers(facts: Facts, helper: Helper) -> Iterator[str]:
    """The helpers that do the same to the page itself."""
    from reviewer.kit.flagplaces import helpers_of

    assert helper.flag is not None
    prefix = _PREFIXES.get(helper.kind, "")
    for found in helpers_of(facts, helper.flag, f"{prefix}Page{{u}}"):
        yield found.name


def _is_of_one_page(scope: FunctionScope, word: Word, node: Node) -> bool:
    """Whether the page behind a folio is that of a frame number, and no hugetlb's."""
    page = page_behind(scope, word)
    if page is None or is_about_hugetlb(scope, node):
        return False
    given = [a.value for a in scope.assignments.get(page, ()) if a.value is not None]
    return bool(given) and all(
        _OF_FRAME.match(scope.source.norm(without_casts(value))) for value in given
    )


def _is_made_for_it(scope: FunctionScope, argument: Node, node: Node) -> bool:
    """Whether the folio is that of a page, in the call's own argument."""
    made = call(scope.source, without_casts(argument))[0] == "page_folio"
    return made and not is_about_hugetlb(scope, node)


def _counted(scope: FunctionScope, argument: Node) -> str | None:
    """The page of ``page_folio(page + n)``: one of many, so no folio's first."""
    name, arguments = call(scope.source, without_casts(argument))
    if name != "page_folio" or len(arguments) != 1:
        return None
    page = without_casts(arguments[0])
    is_sum = is_binary(page, "+") and not scope.source.norm(page).startswith("&")
    found = is_sum or call(scope.source, page)[0] == "nth_page"
    return scope.source.norm(page) if found else None


def _reports(scope: FunctionScope, node: Node) -> bool:
    """Whether a test decides about a KPF_ bit."""
    statement = scope.source.statement_of(node)
    if statement.type == "if_statement":
        then = statement.child_by_field_name("consequence")
        return then is not None and "KPF_" in scope.source.text(then)
    return "KPF_" in scope.source.text(statement)


# --- the second page ----------------------------------------------------------------


def _of_second(facts: Facts, scope: FunctionScope, reads: Reads) -> Iterator[Miss]:
    for read, place in reads:
        if place.lives is Lives.SECOND and pages_of(read) <= {
            PageRole.HEAD,
            PageRole.OWN,
        }:
            yield missed_flag(scope, Form.SECOND, read, (place.flag,), place.evidence)
    prepared = [n for n, name, _ in scope.calls if name == "prep_compound_page"]
    for node, name, arguments in scope.calls:
        flag = _alias_named(facts, name)
        if flag is None or not arguments:
            continue
        helper = facts.helpers.get(name)
        if helper is None or helper.pages() != {PageRole.SECOND}:
            continue
        text = scope.source.norm(node)
        evidence = tuple(d.evidence for d in helper.real[:1])
        if helper.kind == "test":
            word = scope.page_of(arguments[0])
            page = page_behind(scope, word) if word is not None else None
            if page is None or not scope.is_any_page(page):
                continue
            if not _known_large(scope, node):
                yield Miss(Form.SMALL, node, (), (flag,), text, text, None, evidence)
        elif prepared and all(_comes_before(node, p) for p in prepared):
            others = (prepared[0],)
            yield Miss(Form.EARLY, node, others, (flag,), text, text, None, evidence)


def _comes_before(node: Node, other: Node) -> bool:
    return node.start_byte < other.start_byte and not paths.in_different_arms(
        node, other
    )


def _known_large(scope: FunctionScope, node: Node) -> bool:
    """Whether the function asks, anywhere before, how large the folio is."""
    start, end = scope.body.start_byte, node.start_byte
    before = decode(scope.source.data[start:end])
    return _LARGE.search(before) is not None


def _alias_named(facts: Facts, name: str) -> str | None:
    """The flag that a helper's name tells, where it is an alias: all flags of the
    second page are."""
    match = re.match(r"_*folio_(?:test_set_|test_clear_|test_|set_|clear_)(\w+)", name)
    if match is None:
        match = re.match(r"_*(?:TestSet|TestClear|Set|Clear)?Page([A-Z]\w*)", name)
        if match is None:
            return None
        for flag in facts.page_flags.aliases:
            plain = flag.name.removeprefix("PG_").replace("_", "")
            if plain == match[1].lower():
                return flag.name
        return None
    known = facts.page_flags.get(f"PG_{match[1]}")
    return known.name if known is not None and known.alias_of is not None else None


# --- fields -------------------------------------------------------------------------


def _fields(scope: FunctionScope) -> Iterator[Miss]:
    """``page->mapping`` where the function makes a folio of that page."""
    if not scope.may_be_tail:
        return
    for node in scope.source.walk(scope.body, "field_expression"):
        field = node.child_by_field_name("field")
        owner = node.child_by_field_name("argument")
        if field is None or owner is None:
            continue
        name = scope.source.text(field)
        page = scope.pointer(owner)
        if name not in _TAIL_FIELDS or page is None or scope.type_of(page) != "page":
            continue
        if not scope.is_any_page(page) or scope.is_head(page):
            continue
        folio = _folio_of(scope, page, node)
        if folio is None and "KPF_" in scope.text:
            folio = f"page_folio({page})"
        if folio is None or _is_written(node):
            continue
        if _guarded(scope, node, _FIRST_PAGE, False) or "TAIL_MAPPING" in scope.text:
            continue
        text = scope.source.norm(node)
        right = f"{folio}->{name}"
        yield Miss(Form.FIELD, node, (), (name,), text, text, right, ())


def _folio_of(scope: FunctionScope, page: str, node: Node) -> str | None:
    """The local that holds the folio of a page, where it was made before ``node``."""
    for name in scope.assignments:
        if scope.type_of(name) is None or scope.derived_from(name) != page:
            continue
        if name == page:
            continue
        made = scope.assignments[name][0].node
        if made.start_byte < node.start_byte and not scope.changed_between(
            page, made, node
        ):
            return name
    return None


def _is_written(node: Node) -> bool:
    up = node.parent
    if up is None:
        return False
    if up.type == "assignment_expression":
        return up.child_by_field_name("left") == node
    return up.type in ("pointer_expression", "update_expression")
