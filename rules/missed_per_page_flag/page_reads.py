# SPDX-License-Identifier: GPL-2.0-or-later
"""Places that read a page's word through its folio: what is told of each."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct
from tree_sitter import Node

from reviewer.c.vocabulary import TRANSPARENT
from reviewer.facts.accesses import PageRole
from reviewer.kit.expressions import call, operator, without_casts
from reviewer.kit.flagplaces import FlagPlace
from reviewer.kit.pageword import Assignment, FlagRead, FunctionScope, Word
from reviewer.models import Evidence


class Form(StrEnum):
    """How a flag is missed."""

    EACH = "each"  # a flag of each page, from the folio's word
    FIRST = "first"  # PG_head, from the folio's word, for whatever page
    ARCH = "arch"  # flags of the architecture, from the folio's word
    HEAD = "head"  # flags of the folio, from the word of a page that may be a tail
    BOTH = "both"  # from both words
    SECOND = "second"  # a flag of the second page, from another word
    SMALL = "small"  # a flag of the second page, of a folio that may have no such
    EARLY = "early"  # a flag of the second page, set before there is one
    FIELD = "field"  # page->mapping, page->index of what may be a tail


class Miss(Struct, frozen=True):
    """One finding, with the places it can be shown at."""

    form: Form
    node: Node  # the statement in question: recognises the finding
    others: tuple[Node, ...]  # where the word was read, or further copies
    flags: tuple[str, ...]
    taken_from: str  # the word as written: "k", "page->flags"
    word: str  # what it holds: "folio->flags"
    right: str | None  # what should stand there
    evidence: tuple[Evidence, ...]
    sure: bool = True


Reads = list[tuple[FlagRead, FlagPlace]]


def pages_of(read: FlagRead) -> set[PageRole]:
    """Returns whose words a flag is read from."""
    return {word.page for word in read.words}


def of_whole_folio(scope: FunctionScope, word: Word) -> bool:
    """Says whether a head's word stands for some page of the folio: the function made
    the folio of a page, or holds a snapshot of both."""
    return word.copied or page_behind(scope, word) is not None


def page_behind(scope: FunctionScope, word: Word) -> str | None:
    """Returns the page that a word's folio or head was made of, None for none."""
    if word.copied:
        return None
    page = scope.derived_from(word.base)
    if page != word.base:
        return page
    is_page = scope.type_of(page) == "page" and not scope.is_head(page)
    return page if is_page else None


def assignment_to(scope: FunctionScope, read: FlagRead) -> Assignment | None:
    """Says where the local that a read uses got its word."""
    for assignment in scope.assignments.get(read.variable or "", ()):
        if assignment.value is not None and scope.flags_words(assignment.value):
            return assignment
    return None


def missed_flag(
    scope: FunctionScope,
    form: Form,
    read: FlagRead,
    flags: tuple[str, ...],
    evidence: tuple[Evidence, ...],
    right: str | None = None,
    node: Node | None = None,
    others: tuple[Node, ...] = (),
) -> Miss:
    """Makes the record of a flag that is read from the wrong page."""
    assignment = assignment_to(scope, read)
    word = held = _shown(scope, read.word)
    if assignment is not None and assignment.value is not None:
        held = _shown(scope, assignment.value)
        others = (assignment.node, *others)
    return Miss(form, node or read.node, others, flags, word, held, right, evidence)


def _shown(scope: FunctionScope, node: Node) -> str:
    """A word as people name it: without casts, READ_ONCE() and &."""
    node = without_casts(node)
    if node.type == "call_expression":
        name, arguments = call(scope.source, node)
        if name in TRANSPARENT and len(arguments) == 1:
            return _shown(scope, arguments[0])
    if node.type == "pointer_expression" and operator(node) == "&":
        return _shown(scope, node.child_by_field_name("argument") or node)
    return scope.source.norm(node)
