# SPDX-License-Identifier: GPL-2.0-or-later
"""Parameters that a change gives another name, of the same type at the same place.

The state before the change is written with the new names, which are free in the
function: a parameter is a variable of its own.
"""

from __future__ import annotations

from functools import lru_cache

from tree_sitter import Node

from reviewer.c.source import Function, Source
from reviewer.c.text import HIDDEN, IDENTIFIER
from reviewer.c.trees import function_declarator
from reviewer.facts import Facts
from reviewer.patterns import regex
from reviewer.prover.changes.changed_parameters import parameters_of
from reviewer.prover.changes.renamed_callees import is_made_text
from reviewer.prover.changes.renamed_members import Edit, edited_sources, with_edits
from reviewer.prover.names.definitions import Definitions, definitions_of
from reviewer.prover.names.macro_words import words_with_macros
from reviewer.utf8 import decode, encode

Names = dict[str, str]


@lru_cache(maxsize=4)
def renamed_parameters(one: Facts, two: Facts) -> dict[str, bytes]:
    """Returns the text of each file before a change, the parameters of its functions
    with the names that they have after it, of those where that is another text.

    ``one``, ``two``: the facts of the states before and after the change.
    """
    texts: dict[str, bytes] = {}
    for path in edited_sources(one, two):
        before, after = one.source(path), two.source(path)
        if before is None or after is None:
            continue
        known = definitions_of(one, path, before.data)
        edits: list[Edit] = []
        for function in before.functions:
            others = after.functions_named(function.name)
            if len(others) == 1 == len(before.functions_named(function.name)):
                names = _new_names(before, function, after, others[0])
                edits += _edits(known, before, function, names)
        if edits:
            texts[path] = with_edits(before.data, edits)
    return texts


def _new_names(
    before: Source, function: Function, after: Source, other: Function
) -> Names:
    """The names that are others, nothing where more than names is."""
    if function.signature == other.signature or function.broken or other.broken:
        return {}
    one, two = parameters_of(before, function), parameters_of(after, other)
    texts = _given(before, function), _given(after, other)
    if not len(one) == len(two) == len(texts[0]) == len(texts[1]):
        return {}
    if len(set(one)) < len(one) or len(set(two)) < len(two):
        return {}
    found: Names = {}
    for old, new, text, changed in zip(one, two, *texts, strict=True):
        if old == new:
            continue
        word = regex(rf"\b{old}\b")
        if len(word.findall(text)) != 1 or word.sub(new, text) != changed:
            continue  # of another type
        found[old] = new
    return found if found.keys().isdisjoint(found.values()) else {}


def _given(source: Source, function: Function) -> list[str]:
    declarator = function_declarator(function.node)
    given = None if declarator is None else declarator.child_by_field_name("parameters")
    if given is None:
        return []
    return [source.norm(one) for one in given.named_children if one.type != "comment"]


def _edits(
    known: Definitions, source: Source, function: Function, names: Names
) -> list[Edit]:
    """Where the names stand, nothing where one of them may be something else."""
    if not names:
        return []
    text = source.text(function.node)
    spoken = [encode(one) for pair in names.items() for one in pair]
    for word in words_with_macros(text, lambda w: (m.body for m in known.macros(w))):
        for macro in known.macros(word):
            said = {*IDENTIFIER.findall(macro.body)} - {*(macro.parameters or ())}
            if macro.body == "#twice" or said & {decode(one) for one in spoken}:
                return []
    found: list[Edit] = []
    code = HIDDEN.sub(b" ", encode(text))
    for old, new in names.items():
        if known.may_be_defined(old) or known.may_be_defined(new):
            return []
        if any(source.text(n) == new for n in _words(source, function, False)):
            return []
        ones = [n for n in _words(source, function, False) if source.text(n) == old]
        members = [n for n in _words(source, function, True) if source.text(n) == old]
        uses = regex(rb"(?<!\w)" + encode(old) + rb"(?!\w)").findall(code)
        if len(uses) != len(ones) + len(members):
            return []
        if any(n.type != "identifier" or is_made_text(known, source, n) for n in ones):
            return []
        found += [(n.start_byte, n.end_byte, encode(new)) for n in ones]
    return found


_KINDS = ("identifier", "type_identifier", "statement_identifier")


def _words(source: Source, function: Function, members: bool) -> list[Node]:
    """The names in a function, those of members or all others."""
    kinds = ("field_identifier",) if members else _KINDS
    return list(source.walk(function.node, *kinds))
