# SPDX-License-Identifier: GPL-2.0-or-later
"""A function that a change gives another name, in all that it edits.

The state before the change is written with the new name: who calls it calls the same
function.  It is done where the new name is free, where nothing but the function is
meant by the old one, and where neither name is made a string of.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from tree_sitter import Node

from reviewer.c.source import Function, Source, parse
from reviewer.c.text import HIDDEN
from reviewer.facts import Facts
from reviewer.patterns import regex
from reviewer.prover.changes.renamed_functions import changed_functions
from reviewer.prover.changes.renamed_members import edited_sources, with_edits
from reviewer.prover.names.definitions import Definitions, definitions_of
from reviewer.prover.names.macro_words import words_with_macros
from reviewer.prover.names.visible_headers import visible_headers
from reviewer.utf8 import encode

MOST = 20  # of one change
_OWN_NAMES = frozenset(["__func__", "__FUNCTION__", "__PRETTY_FUNCTION__"])
_SAYS_TEXT = regex(r"(?<!#)#(?!#)|##")


@dataclass(frozen=True, slots=True)
class RenamedFunction:
    """A function, and what it is called now."""

    old: str
    new: str

    @property
    def told(self) -> str:
        """The sentence about it."""
        return f"{self.old}() is called {self.new}() now"


Renamed = tuple[RenamedFunction, ...]


@lru_cache(maxsize=4)
def renamed_callees(one: Facts, two: Facts) -> tuple[Renamed, dict[str, bytes]]:
    """Returns the functions that a change gives another name, and the text before it
    with the new names, of each file that has one.

    ``one``, ``two``: the facts of the states before and after the change.
    """
    wanted = edited_sources(one, two)
    before = {path: source for path in wanted if (source := one.source(path))}
    found: list[RenamedFunction] = []
    texts: dict[str, bytes] = {}
    for path in list(before):
        after = two.source(path)
        for name in () if after is None else changed_functions(before[path], after):
            old, _, new = name.partition(">")
            own = before[path].functions_named(old)
            if not new or len(own) != 1 or len(found) >= MOST:
                continue
            seen = [path] if _is_own(path, own[0]) else list(before)
            edits = {other: _renamed(one, before[other], old, new) for other in seen}
            if None in edits.values() or _tells_its_name(one, before[path], own[0]):
                continue
            found.append(RenamedFunction(old, new))
            for other, data in edits.items():
                if data is not None and data != before[other].data:
                    texts[other] = data
                    before[other] = parse(other, data)
    return tuple(found), texts


def _is_own(path: str, function: Function) -> bool:
    """Whether no other file can have the function."""
    return path.endswith(".c") and "static" in function.signature.split()


def _renamed(facts: Facts, source: Source, old: str, new: str) -> bytes | None:
    """A file with the new name, None where that may be something else there."""
    words = encode(old), encode(new)
    headers = visible_headers(facts.view, source.path, source.data)
    texts = [source.data, *(data for _path, data in headers)]
    if any(_has(data, words[1]) for data in texts):
        return None
    if words[0] not in source.data:
        return source.data
    names = [n for n in source.everywhere("identifier") if source.text(n) == old]
    members = [n for n in source.everywhere("field_identifier")
               if source.text(n) == old]  # fmt: skip
    code = HIDDEN.sub(b" ", source.data)
    if len(regex(rb"(?<!\w)" + words[0] + rb"(?!\w)").findall(code)) != len(
        names
    ) + len(members):
        return None  # in a macro, or as a label
    known = definitions_of(facts, source.path, source.data)
    if any(is_made_text(known, source, node) for node in names):
        return None
    edits = [(node.start_byte, node.end_byte, words[1]) for node in names]
    return with_edits(source.data, edits)


def _has(data: bytes, word: bytes) -> bool:
    return word in data and bool(
        regex(rb"(?<!\w)" + word + rb"(?!\w)").search(HIDDEN.sub(b" ", data))
    )


def is_made_text(known: Definitions, source: Source, node: Node) -> bool:
    """Says whether a macro that a name is handed to may make a string or a name
    of it."""
    return any(
        known.may_be_defined(name)
        and (
            not known.is_macro(name)
            or any(_SAYS_TEXT.search(body) for body in _bodies(known, name))
        )
        for name in _around(source, node)
    )


def _around(source: Source, node: Node) -> Iterator[str]:
    """What a name is handed to: each call that it is an argument of."""
    inner, above = node, node.parent
    while above is not None:
        if above.type == "call_expression":
            callee = above.child_by_field_name("function")
            if callee is not None and callee != inner and callee.type == "identifier":
                yield source.text(callee)
        inner, above = above, above.parent


def _bodies(known: Definitions, name: str) -> Iterator[str]:
    """The texts of a macro and of those in it."""
    for word in words_with_macros(
        name, lambda one: (m.body for m in known.macros(one))
    ):
        yield from (macro.body for macro in known.macros(word))


def _tells_its_name(facts: Facts, source: Source, function: Function) -> bool:
    """Whether a function, or a macro of its file in it, has its name as a string."""
    known = definitions_of(facts, source.path, source.data)
    words = words_with_macros(
        source.text(function.node),
        lambda word: (
            (m.body for m in known.macros(word)) if known.is_local(word) else ()
        ),
    )
    return not _OWN_NAMES.isdisjoint(words)
