# SPDX-License-Identifier: GPL-2.0-or-later
"""Snapshots of a flags word, and what a function reads beside them.

``k = folio->flags`` is one moment.  A helper on the live folio after it reads another
one, so that the two may contradict each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct
from tree_sitter import Node

from reviewer.c.source import Source
from reviewer.facts import Facts
from reviewer.facts.accesses import PageRole
from reviewer.kit import paths
from reviewer.kit.expressions import call, literal, operands, operator, without_casts
from reviewer.kit.pageword import HEADS, FunctionScope, Word
from reviewer.models import Evidence
from reviewer.patterns import regex

_TEST_NAME = regex(r"(folio_test_|Page[A-Z]|page_is_|page_test_)")
_RETRIES = regex(r"cmpxchg")  # old = flags; do .. while (!try_cmpxchg(..))
_REFERENCE = regex(
    r"\b\w*(get_page|folio_get|folio_try_get|try_get\w*|get_page_unless_zero|trylock"
    r"|lock_page|folio_lock|folio_put|put_page|get_hwpoison_page|isolate_lru\w*"
    r"|ref_freeze)\b"
)
_LOCKS = regex(
    r"\b\w*(lock|lockdep_assert_\w+|rcu_dereference\w*)\s*\(|Locked\s*\(|_locked\s*\("
)
_ASSERTION = regex(r"\b(VM_)?(BUG|WARN)_ON")
_ASKS_SIZE = regex(r"\b(folio_test_large|folio_order|folio_nr_pages)\s*\(")
_POINTERS = ("mapping",)  # truncation clears it: mm/truncate.c


class Kind(StrEnum):
    """What is read twice."""

    FLAGS = "flags"  # the word of which there is a snapshot
    FOLIO = "folio"  # page_folio(page), which a split may change
    POINTER = "pointer"  # a pointer that is tested and then loaded again
    ASSERTS = "asserts"  # that it is large: a split after the test makes it fire


class Again(Struct, frozen=True):
    """A read of what has been read before."""

    kind: Kind
    node: Node
    text: str  # the read as written: "PageLRU(page)"
    first: Node  # the read before it
    first_text: str  # "k = folio->flags"
    what: str  # the name of the snapshot, of the page, of the pointer
    certain: bool = True  # False: a lock of the caller may make it right
    evidence: tuple[Evidence, ...] = ()


def read_again(facts: Facts, scope: FunctionScope) -> list[Again]:
    """Returns the reads of a function that read again what its snapshot of the flags
    already has, in file order."""
    snapshots = list(_snapshots(scope))
    found = [*_flags(facts, scope, snapshots), *_pointers(scope)]
    if snapshots or _by_number(scope):
        found += [*_folios(scope), *_asserting(facts, scope)]
    return sorted(found, key=lambda one: one.node.start_byte)


def of_function(
    source: Source, scope: FunctionScope, before: dict[str, list[Again]]
) -> list[Again]:
    """Returns what a function read again before a patch; ``before`` is by function.

    One that was renamed is the one that is gone from the file.
    """
    name = scope.function.name
    if name in before:
        return before[name]
    gone = [some for old, some in before.items() if not source.functions_named(old)]
    return max(gone, key=len, default=[])


# --- snapshots ----------------------------------------------------------------------


class _Snapshot(Struct, frozen=True):
    name: str
    words: frozenset[Word]
    node: Node


def _snapshots(scope: FunctionScope) -> Iterator[_Snapshot]:
    """The first place where each local takes a flags word whose bits are then read."""
    if _RETRIES.search(scope.text):
        return
    used = {read.variable for read in scope.flag_reads()}
    for name, assignments in scope.assignments.items():
        if name not in used:
            continue
        for assignment in assignments:
            words = (
                scope.flags_words(assignment.value) if assignment.value else frozenset()
            )
            live = frozenset(word for word in words if not word.copied)
            if live:
                yield _Snapshot(name, live, assignment.node)
                break
    for node, name, arguments in scope.calls:
        if name == "snapshot_page" and len(arguments) == 2:  # mm/util.c, 6.17
            page = scope.pointer(arguments[1])
            if page is not None:
                both = {Word(PageRole.OWN, page), Word(PageRole.HEAD, page)}
                target = scope.source.norm(arguments[0]).lstrip("&")
                yield _Snapshot(target, frozenset(both), node)


def _same(scope: FunctionScope, snapshot: _Snapshot, live: Word) -> bool:
    """Whether a live word is that of a snapshot.

    The head's word beside ``k = page->flags`` is, for all pages but tails; the page's
    own beside ``k = folio->flags`` is there for the flags that each page has.
    """
    root = scope.derived_from(live.base)
    return any(
        scope.derived_from(word.base) == root
        and (word.page == live.page or live.page is PageRole.HEAD)
        for word in snapshot.words
    )


# --- the word again -----------------------------------------------------------------


def _flags(
    facts: Facts, scope: FunctionScope, snapshots: list[_Snapshot]
) -> Iterator[Again]:
    if not snapshots:
        return
    seen: set[int] = set()
    for node, live in _live_reads(facts, scope):
        for snapshot in snapshots:
            behind = snapshot.node.end_byte <= node.start_byte
            if not behind or node.id in seen or not _same(scope, snapshot, live):
                continue
            if paths.in_different_arms(snapshot.node, node):
                continue
            if scope.changed_between(live.base, snapshot.node, node):
                continue
            seen.add(node.id)
            source = scope.source
            yield Again(
                Kind.FLAGS,
                node,
                source.norm(node),
                snapshot.node,
                source.norm(snapshot.node),
                snapshot.name,
            )


def _live_reads(facts: Facts, scope: FunctionScope) -> Iterator[tuple[Node, Word]]:
    """Reads of a live flags word: by a helper, by a named flag, as a whole."""
    for node, name, arguments in scope.calls:
        if len(arguments) == 1 and _TEST_NAME.match(name):
            word = _word_of_helper(facts, scope, name, arguments[0])
            if word is not None:
                yield node, word
    for read in scope.flag_reads():
        if read.variable is None and len(read.words) == 1:
            (word,) = read.words
            if not word.copied:
                yield read.node, word
    for assignments in scope.assignments.values():
        for assignment in assignments:
            value = assignment.value
            words = scope.flags_words(value) if value is not None else frozenset()
            if value is None or without_casts(value).type == "identifier":
                continue
            for word in words:
                if not word.copied:
                    yield assignment.node, word


def _word_of_helper(
    facts: Facts, scope: FunctionScope, name: str, argument: Node
) -> Word | None:
    """The flags word that a helper reads of a live page or folio.

    What asks for the shape of the folio (PG_head) or looks elsewhere as well (page_ext)
    is no read of a flag.
    """
    word = scope.page_of(argument)
    if word is None or word.copied:
        return None
    helper = facts.helpers.get(name)
    if helper is None or helper.kind != "test" or helper.flag in (None, "PG_head"):
        return None
    pages = helper.pages()
    if not pages or "compound_head" in helper.fields:
        return None
    if PageRole.HEAD in pages and pages <= {PageRole.HEAD, PageRole.OWN}:
        return Word(PageRole.HEAD, word.base)
    if pages == {PageRole.OWN}:
        return word
    own_or_ext = pages == {PageRole.HEAD, PageRole.OTHER} and "idle" not in name
    return (
        Word(PageRole.HEAD, word.base) if own_or_ext and "young" not in name else None
    )


# --- the folio again ----------------------------------------------------------------


def _by_number(scope: FunctionScope) -> bool:
    """Whether pages are found by their frame number, so without a reference."""
    return re.search(r"\bpfn_to_(online_)?page\s*\(", scope.text) is not None


def _folios(scope: FunctionScope) -> Iterator[Again]:
    """``page_folio(page)`` where it was computed before, and nothing holds the page."""
    if _REFERENCE.search(scope.text):
        return
    first: dict[str, Node] = {}
    for node, name, arguments in scope.calls:
        if name not in HEADS or len(arguments) != 1:
            continue
        page = scope.pointer(arguments[0])
        if page is None or scope.type_of(page) != "page" or _is_checked(scope, node):
            continue
        before = first.setdefault(page, node)
        if before.id == node.id:
            continue
        if scope.changed_between(page, before, node):
            first[page] = node
        elif not paths.in_different_arms(before, node):
            text = scope.source.norm
            yield Again(Kind.FOLIO, node, text(node), before, text(before), page)


def _asserting(facts: Facts, scope: FunctionScope) -> Iterator[Again]:
    """Helpers of the second page's flags on a folio that nothing holds.

    folio_flags(folio, 1) has a VM_BUG_ON for a folio that is not large: a test before
    it does not help where a split may come between.
    """
    if _REFERENCE.search(scope.text) or _LOCKS.search(scope.text):
        return
    if _ASKS_SIZE.search(scope.text) is None:
        return  # a test comes first: missed-per-page-flag asks for that
    for node, name, arguments in scope.calls:
        if not name.startswith("folio_test_") or len(arguments) != 1:
            continue
        word = scope.page_of(arguments[0])
        if word is None or word.copied:
            continue
        page = scope.derived_from(word.base)
        made = scope.assignments.get(word.base, ())
        if page == word.base or len(made) != 1 or not scope.is_any_page(page):
            continue
        helper = facts.helpers.get(name)
        if helper is None or helper.pages() != {PageRole.SECOND}:
            continue
        text, evidence = scope.source.norm, tuple(d.evidence for d in helper.real[:1])
        first = made[0].node
        yield Again(
            Kind.ASSERTS,
            node,
            text(node),
            first,
            text(first),
            word.base,
            evidence=evidence,
        )


def _is_checked(scope: FunctionScope, node: Node) -> bool:
    """``if (page_folio(page) != folio)``: the very test for a split; an assertion."""
    for up in scope.source.parents(node):
        if up.type == "binary_expression" and operator(up) in ("==", "!="):
            return True
        if up.type == "call_expression" and _ASSERTION.match(scope.source.text(up)):
            return True
        if up.type.endswith("statement"):
            return False
    return False


# --- a pointer again ----------------------------------------------------------------


def _pointers(scope: FunctionScope) -> Iterator[Again]:
    """``folio->mapping && folio->mapping->host``: two loads, and NULL between them."""
    if _LOCKS.search(scope.text):
        return
    for node in scope.source.walk(scope.body, "field_expression"):
        inner = node.child_by_field_name("argument")
        if inner is None or without_casts(inner).type != "field_expression":
            continue
        loaded = without_casts(inner)
        owner = loaded.child_by_field_name("argument")
        field = loaded.child_by_field_name("field")
        if owner is None or field is None:
            continue
        base = scope.pointer(owner)
        arrow = node.child_by_field_name("operator")
        if base is None or arrow is None or scope.source.text(arrow) != "->":
            continue
        if scope.source.text(field) not in _POINTERS:
            continue
        text = scope.source.norm(loaded)
        for condition in paths.conditions_on_the_way(scope.source, node):
            if condition.holds and _is_test_of(scope, condition.node, text):
                yield Again(
                    Kind.POINTER,
                    node,
                    scope.source.norm(node),
                    condition.node,
                    scope.source.norm(condition.node),
                    text,
                    certain=scope.is_any_page(scope.derived_from(base)),
                )
                break


def _is_test_of(scope: FunctionScope, node: Node, text: str) -> bool:
    """``x``, ``x != NULL``"""
    sides = operands(node)
    is_not = sides is not None and operator(node) == "!="
    if sides is not None and is_not and literal(scope.source, sides[1]) == 0:
        node = sides[0]
    node = without_casts(node)
    if node.type == "call_expression" and call(scope.source, node)[0] == "READ_ONCE":
        return False
    return scope.source.norm(node) == text
