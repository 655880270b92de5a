# SPDX-License-Identifier: GPL-2.0-or-later
"""A parameter that a function did not use, and that a change takes away.

The state before the change is written without it, in the function and where it is
called: what was handed over was looked at by nobody.  It is done only where nothing but
calls uses the function, and where an argument that goes does nothing by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from tree_sitter import Node

from reviewer.c.source import Function, Source, parse
from reviewer.c.text import IDENTIFIER
from reviewer.facts import Facts
from reviewer.patterns import regex
from reviewer.prover.changes.changed_parameters import parameters_of
from reviewer.prover.changes.renamed_members import edited_sources
from reviewer.prover.names.definitions import definitions_of
from reviewer.prover.names.macro_words import words_with_macros
from reviewer.utf8 import encode

MOST_ROUNDS = 5
# An argument of these alone only looks at what is there
_ONLY_LOOKS = frozenset(
    ["identifier", "field_expression", "field_identifier", "number_literal", "null",
     "true", "false", "pointer_expression", "parenthesized_expression"]
)  # fmt: skip
_SIGNS = frozenset(["&", "*", "->", ".", "(", ")", "NULL"])

_TAG = regex(r"\b(?:struct|union|enum)\s++\w++")

Cut = tuple[int, int, bytes]  # from, to, what stands there


@dataclass(frozen=True, slots=True)
class UnusedParameters:
    """The places in the list of parameters of a function that are not used before a
    change, and not there after it."""

    function: str
    names: tuple[str, ...]
    places: frozenset[int]
    count: int
    is_static: bool

    @property
    def told(self) -> str:
        """The sentence about them."""
        what = ", ".join(f"`{name}`" for name in self.names)
        word = "parameter" if len(self.names) == 1 else "parameters"
        return f"{self.function}() did not use its {word} {what}"


@lru_cache(maxsize=4)
def without_unused_parameters(
    one: Facts, two: Facts
) -> tuple[tuple[UnusedParameters, ...], dict[str, bytes]]:
    """Returns the parameters that a change takes away and that nobody used, and the
    text before it, without them, of each file that has one.

    ``one``, ``two``: the facts of the states before and after the change.
    """
    wanted = edited_sources(one, two)
    before = {path: source for path in wanted if (source := one.source(path))}
    after = {path: source for path in wanted if (source := two.source(path))}
    found: list[UnusedParameters] = []
    texts: dict[str, bytes] = {}
    for _round in range(MOST_ROUNDS):
        more, cuts = _one_round(one, before, after)
        rest = {path: _without(before[path].data, cut) for path, cut in cuts.items()}
        if not more or None in rest.values():
            break
        found += more
        for path, data in rest.items():
            texts[path] = data or b""
            before[path] = parse(path, texts[path])
    return tuple(found), texts


def _one_round(
    facts: Facts, before: dict[str, Source], after: dict[str, Source]
) -> tuple[list[UnusedParameters], dict[str, list[Cut]]]:
    """What goes at once, and what is cut out of each file for it; a parameter that was
    only handed on to another one is unused in the next round."""
    found: list[UnusedParameters] = []
    cuts: dict[str, list[Cut]] = {}
    for path in (path for path in before if path in after):
        for gone in _gone(facts, before[path], after[path]):
            seen = [path] if gone.is_static else list(before)
            own = {other: _cuts(before[other], gone) for other in seen}
            if all(cut is not None for cut in own.values()):
                found.append(gone)
                for other, cut in own.items():
                    cuts.setdefault(other, []).extend(cut or ())
    return found, {path: cut for path, cut in cuts.items() if cut}


def _gone(facts: Facts, before: Source, after: Source) -> Iterator[UnusedParameters]:
    """The functions of a file that had parameters which they did not use."""
    known = {function.name: function for function in after.functions}
    several = len(before.functions) > len({f.name for f in before.functions})
    for one in before.functions:
        two = known.get(one.name)
        if two is None or two.signature == one.signature or several or one.broken:
            continue
        old, new = parameters_of(before, one), parameters_of(after, two)
        places = [at for at, name in enumerate(old) if name not in new]
        if not places or [name for name in old if name in new] != new:
            continue
        names = tuple(old[at] for at in places)
        if "..." not in one.signature and _is_unused(facts, before, one, set(names)):
            static = "static" in one.signature.split()
            yield UnusedParameters(one.name, names, frozenset(places), len(old), static)


def _is_unused(facts: Facts, source: Source, one: Function, names: set[str]) -> bool:
    """Whether neither a function nor a macro in it has one of these words."""
    if one.body is None:
        return False
    head = IDENTIFIER.findall(_TAG.sub("", one.signature))
    if any(head.count(name) > 1 for name in names):
        return False  # the bound of another one, or its type
    known = definitions_of(facts, source.path, source.data)
    words = words_with_macros(
        source.text(one.body), lambda word: (m.body for m in known.macros(word))
    )
    return names.isdisjoint(words)


def _cuts(source: Source, gone: UnusedParameters) -> list[Cut] | None:
    """What is cut out of a file, None where something but a call names the function, or
    what is handed over does something by itself."""
    found: list[Cut] = []
    if encode(gone.function) not in source.data:
        return found
    for node in source.walk(source.root, "preproc_arg"):
        if gone.function in IDENTIFIER.findall(source.text(node)):
            return None
    for node in source.everywhere("identifier"):
        if source.text(node) != gone.function:
            continue
        given = _list_of(node)
        if given is None:
            return None
        parts = [one for one in given.named_children if one.type != "comment"]
        is_call = given.type == "argument_list"
        if len(parts) != gone.count or (
            is_call and not all(_only_looks(parts[at]) for at in gone.places)
        ):
            return None
        found += _places(given, parts, gone.places, is_call)
    return found


def _list_of(name: Node) -> Node | None:
    """The parentheses behind the name of a function, None for any other use of it."""
    parent = name.parent
    if parent is None:
        return None
    if parent.type == "call_expression":
        called = parent.child_by_field_name("function")
        if called is not None and called.id == name.id:
            return parent.child_by_field_name("arguments")
    if parent.type == "function_declarator":
        return parent.child_by_field_name("parameters")
    return None


def _only_looks(node: Node) -> bool:
    if not node.children:
        return node.type in _ONLY_LOOKS | _SIGNS
    return node.type in _ONLY_LOOKS and all(map(_only_looks, node.children))


def _places(
    given: Node, parts: list[Node], places: frozenset[int], is_call: bool
) -> Iterator[Cut]:
    """The pieces of a list that go, each with its comma."""
    if len(places) == len(parts):
        empty = b"" if is_call else b"void"
        yield given.start_byte + 1, given.end_byte - 1, empty
        return
    last = max(at for at in range(len(parts)) if at not in places)
    for at in sorted(places):
        if at < last:
            yield parts[at].start_byte, parts[at + 1].start_byte, b""
    if last + 1 < len(parts):
        yield parts[last].end_byte, parts[-1].end_byte, b""


def _without(data: bytes, cuts: list[Cut]) -> bytes | None:
    """A text without some pieces, its lines with the numbers that they had; None where
    one piece is in another."""
    parts, at = [], 0
    for start, end, new in sorted(cuts):
        if start < at:
            return None
        parts += [data[at:start], new, b"\n" * data.count(b"\n", start, end)]
        at = end
    return b"".join([*parts, data[at:]])
