# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes of a flags word that are no atomic operation, where others write it too.

``__set_bit()`` reads the word and writes it back: a bit that somebody else sets between
the two is lost, whatever lock covers "one's own" bit.  That is fine as long as nobody
else has the page, so only what a function shows to be visible is told of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from msgspec import Struct
from tree_sitter import Node

from reviewer.c.source import Source
from reviewer.facts import Facts
from reviewer.facts.accesses import PageRole
from reviewer.facts.expansion import Generators, Invocation
from reviewer.facts.helper_records import Helper
from reviewer.facts.pageflags import PAGE_FLAGS_H
from reviewer.kit import paths
from reviewer.kit.expressions import call, literal, operands, operator, without_casts
from reviewer.kit.flagplaces import Lives, flag_place
from reviewer.kit.pageword import HEADS, FunctionScope
from reviewer.models import Evidence
from reviewer.patterns import regex
from reviewer.utf8 import decode

# They give a page or folio that is in use elsewhere: include/linux/pagemap.h, mm.h,
# memory_hotplug.h, mm_inline.h.
_LOOKS_UP = regex(
    r"(__)?(filemap_(get|lock)_(incore_)?folio|filemap_get_entry|find_(get|lock)_page"
    r"|find_get_(entry|incore_page)|find_lock_(entry|head)|vm_normal_(page|folio)(_pmd)?"
    r"|(page|pfn)_to_online_page|pfn_to_online_page|pfn_swap_entry_(to_page|folio)"
    r"|lru_to_(page|folio)|read_(mapping|cache)_(page|folio)|follow_page|pte_page|pmd_page"
    r"|phys_to_online_page|pfn_folio)\Z"
)
# They make a new page known to others: mm/filemap.c, swap.c, rmap.c, swap_state.c
_PUBLISHES = regex(
    r"(filemap_add_folio|add_to_page_cache_lru|folio_add_lru(_vma)?|lru_cache_add\w*"
    r"|folio_add_new_anon_rmap|page_add_new_anon_rmap|folio_add_file_rmap_\w+"
    r"|add_to_swap_cache|shmem_add_to_page_cache|hugetlb_add_to_page_cache)\Z"
)
# Who locks a page, or takes a reference, is not alone with it: others wait for the lock
# (PG_waiters) or hold it.  include/linux/pagemap.h, mm.h, page_ref.h
_HOLDS = regex(
    r"(folio_(lock|trylock|lock_killable|get|try_get)|(try)?lock_page(_killable)?"
    r"|get_page|try_get_page|get_page_unless_zero)\Z"
)
# Calls, by their names, of what makes a page or ends it
_ALONE = regex(
    r"free|release|destroy|split|freeze|testzero|alloc|dequeue|init|prep|order"
)
_ON_LIST = regex(r"(folio_test_lru|PageLRU|folio_mapped|page_mapped)\Z")
# Where the second page of a folio is made, or belongs to nobody else yet
_MAKES = regex(r"\b(\w*alloc\w*|\w*prep\w*|\w*init\w*|\w*order\w*)\s*\(")
# Where a page is on its way out, or frozen, nobody else has it
_OWNED = regex(
    r"free|release|destroy|split|\b(folio|page)_ref_freeze|put_page_testzero"
    r"|folio_put_testzero|\bslab\b|_slab\("
)
# Methods that get a folio of the page cache: struct address_space_operations
_METHODS = regex(
    r"\.(dirty_folio|release_folio|invalidate_folio|launder_folio|read_folio"
    r"|is_partially_uptodate)\s*=\s*(\w+)"
)
_WRITERS = regex(r"__(SetPage|ClearPage|folio_set_|folio_clear_|folio_mark_)\w+\Z")
_BITS = ("__set_bit", "__clear_bit", "__change_bit", "___set_bit", "___clear_bit")
_NON_ATOMIC = regex(r"__\w*FLAG\Z")


class PlainWrite(Struct, frozen=True):
    """A write that is not atomic, and why others may write the word as well."""

    node: Node
    text: str
    page: str  # the page or folio
    how: str  # "looked-up", "published", "on-list", "method", "second-page", "held"
    because: str  # the expression that shows it
    shown_by: Node | None
    right: str | None  # the atomic form
    evidence: tuple[Evidence, ...]


def plain_writes(facts: Facts, scope: FunctionScope) -> Iterator[PlainWrite]:
    """Yields the writes of one function to a flags word that others see."""
    around = _Around(facts, scope)
    for node, page, right, evidence in _writes(facts, scope):
        if _OWNED.search(scope.function.name):
            return
        seen = _visible(around, node, page) or _second(around, node)
        seen = seen or _held(around, node, page)
        if seen is not None:
            how, because, shown_by = seen
            text = scope.source.norm(node)
            yield PlainWrite(node, text, page, how, because, shown_by, right, evidence)


def _writes(
    facts: Facts, scope: FunctionScope
) -> Iterator[tuple[Node, str, str | None, tuple[Evidence, ...]]]:
    source = scope.source
    for node, name, arguments in scope.calls:
        if _WRITERS.match(name) and arguments:
            page = scope.pointer(arguments[0])
            helper = facts.helpers.get(name) if page else None
            if page and helper is not None and helper.atomic is False:
                evidence = tuple(d.evidence for d in helper.definitions[:1])
                yield (
                    node,
                    page,
                    _atomic_form(facts, helper, source.norm(node)),
                    evidence,
                )
        elif name in _BITS and len(arguments) == 2:
            words = [w for w in scope.flags_words(arguments[1]) if not w.copied]
            if words and without_casts(arguments[1]).type == "pointer_expression":
                right = source.norm(node).replace(name, name.lstrip("_"), 1)
                yield node, words[0].base, right, ()
    for node in source.below(scope.body, "assignment_expression"):
        target = node.child_by_field_name("left")
        if target is not None and _changes_bits(source, node, target):
            words = [w for w in scope.flags_words(target) if not w.copied]
            if words and without_casts(target).type == "field_expression":
                yield node, words[0].base, None, ()


def _changes_bits(source: Source, node: Node, target: Node) -> bool:
    """``x |= y``, ``x = x | y``"""
    value = node.child_by_field_name("right")
    sides = operands(value) if value is not None else None
    if operator(node) != "=":
        return operator(node) in ("|=", "&=", "^=")
    if (
        value is None
        or sides is None
        or operator(without_casts(value)) not in ("|", "&", "^")
    ):
        return False
    return source.norm(target) in (source.norm(without_casts(side)) for side in sides)


def _atomic_form(facts: Facts, helper: Helper, text: str) -> str | None:
    """The same call with the atomic helper, where the tree has one."""
    name = helper.name.lstrip("_")
    found = facts.helpers.get(name)
    if found is None or found.atomic is False:
        return None
    return text.replace(helper.name, name, 1)


# --- who else has the page ----------------------------------------------------------


class _Around:
    """What is asked of a function for each of its writes, found once."""

    def __init__(self, facts: Facts, scope: FunctionScope) -> None:
        self.facts = facts
        self.scope = scope

    @cached_property
    def methods(self) -> dict[str, str]:
        """The method that each function of the file is, by its name."""
        text = decode(self.scope.source.data)
        return {name: method for method, name in _METHODS.findall(text)}

    @cached_property
    def publishing(self) -> list[tuple[Node, frozenset[str | None]]]:
        """The calls that hand a page out, with the pages that they are given."""
        return [
            (node, frozenset(self.scope.pointer(one) for one in arguments))
            for node, name, arguments in self.scope.calls
            if _PUBLISHES.match(name)
        ]

    @cached_property
    def alone(self) -> int:
        """Where a call ends behind which nobody else has it, by its name."""
        scope = self.scope
        if _ALONE.search(scope.function.name):
            return 0
        ends = (n.end_byte for n, name, _ in scope.calls if _ALONE.search(name))
        return min(ends, default=len(scope.source.data))

    @cached_property
    def holding(self) -> dict[str | None, list[Node]]:
        """The calls that take a lock or a reference, by the page they are given."""
        found: dict[str | None, list[Node]] = {}
        for node, name, arguments in self.scope.calls:
            if arguments and _HOLDS.match(name):
                found.setdefault(self.scope.pointer(arguments[0]), []).append(node)
        return found

    @cached_property
    def second_flags(self) -> list[str]:
        """The flags of the second page's word that have an atomic setter."""
        return _second_flags(self.facts)

    def owned_before(self, node: Node) -> bool:
        """Whether the function's text shows before ``node`` that nobody else has it."""
        return self._first_owned < node.start_byte

    def makes_before(self, node: Node) -> bool:
        """Whether the folio is made in this function before ``node``."""
        return self._first_made < node.start_byte

    @cached_property
    def _first_owned(self) -> int:
        return self._first(_OWNED, "")

    @cached_property
    def _first_made(self) -> int:
        return self._first(_MAKES, f"{self.scope.function.name}( ")

    def _first(self, pattern: re.Pattern[str], head: str) -> int:
        """The offset in the file behind the pattern's first match, else its end.

        ``head`` is read in front of the body, which is taken as Latin-1, so that
        characters count as bytes do.
        """
        source, body = self.scope.source, self.scope.body
        text = source.data[body.start_byte : body.end_byte].decode("latin-1")
        match = pattern.search(head + text)
        if match is None:
            return len(source.data)
        return body.start_byte + match.end() - len(head) - 1


def _visible(
    around: _Around, node: Node, page: str
) -> tuple[str, str, Node | None] | None:
    if around.owned_before(node):
        return None
    scope = around.scope
    return (
        _published(around, node, page)
        or _looked_up(scope, node, page, 0)
        or _on_list(scope, node, page)
        or _by_method(around, page)
    )


def _published(
    around: _Around, node: Node, page: str
) -> tuple[str, str, Node | None] | None:
    """A call before, in the same run of statements, that hands the page out."""
    scope = around.scope
    for place, pages in around.publishing:
        if place.end_byte > node.start_byte or page not in pages:
            continue
        if not _always_after(scope, place, node):
            continue
        if scope.changed_between(page, place, node):
            continue
        return "published", scope.source.norm(place), place
    return None


def _always_after(scope: FunctionScope, place: Node, node: Node) -> bool:
    """Whether ``node`` stands behind the statement of ``place``, in its block: not in
    a branch, which may be that of a failure."""
    statement = scope.source.statement_of(place)
    block = statement.parent
    own = scope.source.statement_of(node)
    return (
        statement.type in ("expression_statement", "declaration")
        and block is not None
        and own.parent == block
        and own.start_byte > statement.start_byte
    )


def _looked_up(
    scope: FunctionScope, node: Node, page: str, depth: int
) -> tuple[str, str, Node | None] | None:
    """Whether every value that the page is given before comes from a look-up."""
    given = [
        a
        for a in scope.assignments.get(page, ())
        if a.node.start_byte < node.start_byte
    ]
    values = [
        a.value for a in given if a.value is None or literal(scope.source, a.value) != 0
    ]
    if not values or depth > 2:
        return None
    found = None
    for value in values:
        found = _look_up(scope, value, node, depth) if value is not None else None
        if found is None:
            return None
    return found


def _look_up(
    scope: FunctionScope, value: Node, node: Node, depth: int
) -> tuple[str, str, Node | None] | None:
    value = without_casts(value)
    if value.type != "call_expression":
        return None
    name, arguments = call(scope.source, value)
    if _LOOKS_UP.match(name):
        return "looked-up", scope.source.norm(value), value
    if name in HEADS and len(arguments) == 1:
        inner = scope.pointer(arguments[0])
        if inner is not None:
            return _looked_up(scope, node, inner, depth + 1)
        return _look_up(scope, arguments[0], node, depth + 1)
    return None


def _on_list(
    scope: FunctionScope, node: Node, page: str
) -> tuple[str, str, Node | None] | None:
    for condition in paths.conditions_on_the_way(scope.source, node):
        inner = without_casts(condition.node)
        if not condition.holds or inner.type != "call_expression":
            continue
        name, arguments = call(scope.source, inner)
        if _ON_LIST.match(name) and arguments and scope.pointer(arguments[0]) == page:
            return "on-list", scope.source.norm(inner), inner
    return None


def _held(
    around: _Around, node: Node, page: str
) -> tuple[str, str, Node | None] | None:
    """A lock or a reference that is taken before, of a page that is not made here."""
    scope = around.scope
    if around.alone <= node.start_byte:
        return None
    for place in around.holding.get(page, ()):
        if place.end_byte > node.start_byte:
            continue
        if not scope.changed_between(page, place, node):
            return "held", scope.source.norm(place), place
    return None


def _second(around: _Around, node: Node) -> tuple[str, str, Node | None] | None:
    """A flag of the second page, in a word with flags that are set atomically."""
    if around.makes_before(node):
        return None
    facts = around.facts
    text = around.scope.source.text(node)
    flags = [f for f in re.findall(r"\bPG_\w+", text) if _lives_second(facts, f)]
    others = [f for f in around.second_flags if f not in flags] if flags else []
    if not others or around.owned_before(node):
        return None
    return "second-page", others[0], None


def _lives_second(facts: Facts, flag: str) -> bool:
    return flag_place(facts, flag).lives is Lives.SECOND


def _second_flags(facts: Facts) -> list[str]:
    """The flags of the second page's word that have an atomic setter."""
    header = facts.header(PAGE_FLAGS_H)
    if header is None:
        return []
    invocations = Generators(header).invocations
    atomic = [i for i in invocations if _is_second(facts, i) and _sets_atomically(i)]
    return [flag for flag in (_flag_of(facts, i) for i in atomic) if flag]


def _by_method(around: _Around, page: str) -> tuple[str, str, Node | None] | None:
    scope = around.scope
    method = around.methods.get(scope.function.name)
    if method is None or page in scope.assignments:
        return None
    return "method", f".{method}", None


# --- generators ---------------------------------------------------------------------


class PlainGenerator(Struct, frozen=True):
    """A call in page-flags.h that makes helpers which are not atomic."""

    invocation: Invocation
    flag: str
    atomic: str  # another flag of the same word, which has an atomic setter
    evidence: Evidence


def plain_generators(facts: Facts, path: str) -> Iterator[PlainGenerator]:
    """Yields non-atomic helpers for the second page's word, where others are atomic.

    Nobody has a second page to himself before the folio is there to be used; the head's
    word has such helpers for new pages.
    """
    header = facts.header(path) if path == PAGE_FLAGS_H else None
    if header is None:
        return
    invocations = Generators(header).invocations
    atomic = [i for i in invocations if _is_second(facts, i) and _sets_atomically(i)]
    for invocation in invocations:
        if not _NON_ATOMIC.match(invocation.name) or not _is_second(facts, invocation):
            continue
        flag = _flag_of(facts, invocation)
        others = [i for i in atomic if _flag_of(facts, i) != flag]
        if flag is not None and others:
            other = _flag_of(facts, others[0]) or others[0].arguments[0]
            yield PlainGenerator(
                invocation, flag, other, header.evidence(others[0].line)
            )


def _is_second(facts: Facts, invocation: Invocation) -> bool:
    policy = facts.helpers.policy(invocation.arguments[-1])
    return policy is not None and policy.pages == {PageRole.SECOND}


def _sets_atomically(invocation: Invocation) -> bool:
    name = invocation.name
    return re.fullmatch(r"(FOLIO_|PAGE|SETPAGE|FOLIO_SET_)FLAG", name) is not None


def _flag_of(facts: Facts, invocation: Invocation) -> str | None:
    for argument in invocation.arguments[:-1]:
        if f"PG_{argument}" in facts.page_flags:
            return f"PG_{argument}"
    return None
