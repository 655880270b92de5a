# SPDX-License-Identifier: GPL-2.0-or-later
"""Which flags word of which page an expression reads.

``folio->flags`` is the word of the folio's first page, ``page->flags`` that of the page
itself, which may be a tail; ``k`` is what was read into it.  Types come from the
declarations of the function, so that ``head`` and ``p`` are what they were made from.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cached_property, lru_cache

from msgspec import Struct
from tree_sitter import Node

from reviewer.api import FileImage
from reviewer.c.source import Function, Source
from reviewer.c.text import without_comments
from reviewer.c.vocabulary import TRANSPARENT
from reviewer.facts.accesses import PageRole
from reviewer.kit import places
from reviewer.kit.assignments import assigned, sets_anew
from reviewer.kit.expressions import (
    call,
    literal,
    operands,
    operator,
    terms_of,
    without_casts,
)
from reviewer.kit.truth_values import type_of_local
from reviewer.patterns import regex

# include/linux/page-flags.h: both give the first page of the folio
HEADS = ("page_folio", "compound_head")
FLAG_WORDS = ("folio_flags", "const_folio_flags")  # include/linux/page-flags.h
_SNAPSHOTS = {
    "folio_snapshot": PageRole.HEAD,
    "page_snapshot": PageRole.OWN,
}  # mm.h, 6.17
_PAGE_TYPE = regex(r"struct (page|folio)\*\Z")
_FLAG = regex(r"\bPG_\w+")
_MAY_BE_TAIL = regex(
    r"\b(page_folio|compound_head|PageTail|PageCompound)\s*\(|\bKPF_COMPOUND_TAIL\b"
)
_NO_TAIL = regex(r"\b(?:VM_)?(?:BUG|WARN)_ON\w*\(\s*(?:PageTail|PageCompound)\(")
_HEAD_NAME = regex(r"(\w+_)?(head|hpage|head_page)\Z")
_FROM_PFN = regex(r"pfn_to_\w*page\Z")


class Word(Struct, frozen=True):
    """A flags word: whose, reached through which name, and whether it is a copy."""

    page: PageRole
    base: str  # the variable: "folio", "page", "ps"
    copied: bool = False  # of a snapshot structure, not of the live page


class Assignment(Struct, frozen=True):
    """A value that a local is given; ``node`` is the declarator or assignment."""

    node: Node
    value: Node | None  # None: changed in another way (+=, ++)


_POINTER = regex(r"\bstruct\s+\w+\s*\*+\s*(?:const\s+)?(\w+)")


class FlagRead(Struct, frozen=True):
    """One expression that takes flags from a word."""

    node: Node
    word: Node  # the part that denotes the word
    words: frozenset[Word]
    flags: tuple[str, ...]  # PG_ names
    variable: str | None  # the local that holds the word


class FunctionScope:
    """One function, with what its names stand for."""

    def __init__(self, source: Source, function: Function) -> None:
        assert function.body is not None
        self.source = source
        self.function = function
        self.body: Node = function.body
        self._words: dict[str, frozenset[Word]] = {}
        self._types: dict[str, str | None] = {}

    @cached_property
    def text(self) -> str:
        """The text of the whole function, comments out."""
        text = self.source.text(self.function.node)
        return without_comments(text)

    @cached_property
    def assignments(self) -> dict[str, list[Assignment]]:
        """By name, in file order."""
        found: dict[str, list[Assignment]] = {}
        kinds = ("init_declarator", "assignment_expression", "update_expression")
        for node in self.source.below(self.body, *kinds):
            target = node.child_by_field_name("argument")
            given = assigned(node)
            value = given[1] if given is not None and sets_anew(node) else None
            if given is not None:
                target = given[0]
            if target is not None and target.type == "identifier":
                name = self.source.text(target)
                found.setdefault(name, []).append(Assignment(node, value))
        return found

    def type_of(self, name: str) -> str | None:
        """Returns "page" or "folio" for a local or parameter that points to one."""
        if name not in self._types:
            kind = type_of_local(self.source, self.function, name)
            match = _PAGE_TYPE.match(kind) if kind else None
            self._types[name] = match[1] if match else None
        return self._types[name]

    def only_value(self, name: str) -> Node | None:
        """Returns the one value that a local is given, without casts; else None."""
        given = self.assignments.get(name, ())
        value = given[0].value if len(given) == 1 else None
        return None if value is None else without_casts(value)

    def declared_twice(self, name: str) -> bool:
        """Says whether a name stands for more than one object: a block has its own."""
        return self._declared[name] > 1

    @cached_property
    def _declared(self) -> Counter[str]:
        return Counter(_POINTER.findall(self.text))

    def pointer(self, node: Node) -> str | None:
        """Returns the name of a pointer to a page or folio, where ``node`` is just
        that."""
        node = without_casts(node)
        if node.type != "identifier":
            return None
        name = self.source.text(node)
        return name if self.type_of(name) else None

    def derived_from(self, name: str) -> str:
        """Returns the page that a folio (or head) was made from; else the name itself.

        ``folio = page_folio(page)``: "folio" is derived from "page".
        """
        found = {self._made_from(a.value) for a in self.assignments.get(name, ())}
        if len(found) == 1:
            (made_from,) = found
            if made_from is not None:
                return made_from
        return name

    def _made_from(self, value: Node | None) -> str | None:
        value = without_casts(value) if value is not None else None
        if value is None or value.type != "call_expression":
            return None
        name, arguments = call(self.source, value)
        if name in HEADS and len(arguments) == 1:
            return self.pointer(arguments[0])
        return None

    def changed_between(self, name: str, first: Node, second: Node) -> bool:
        """Says whether a name is given another value between two places."""
        return any(
            first.end_byte <= a.node.start_byte < second.start_byte
            for a in self.assignments.get(name, ())
        )

    # --- words ----------------------------------------------------------------------

    def flags_words(self, node: Node) -> frozenset[Word]:
        """Returns the words that an expression is made of; empty where it is no flags
        word."""
        node = without_casts(node)
        match node.type:
            case "identifier":
                return self._variable(self.source.text(node))
            case "field_expression":
                word = self._member(node)
                return frozenset({word}) if word else frozenset()
            case "pointer_expression":
                argument = node.child_by_field_name("argument")
                return (
                    self.flags_words(argument) if argument is not None else frozenset()
                )
            case "call_expression":
                return self._call(node)
            case "binary_expression" if operator(node) == "|":
                parts = [self.flags_words(term) for term in terms_of(node, "|")]
                return frozenset().union(*parts) if all(parts) else frozenset()
        return frozenset()

    def _call(self, node: Node) -> frozenset[Word]:
        name, arguments = call(self.source, node)
        if name in TRANSPARENT and len(arguments) == 1:
            return self.flags_words(arguments[0])
        if name in FLAG_WORDS and len(arguments) == 2:
            base = self.pointer(arguments[0])
            place = literal(self.source, arguments[1])
            if base is not None and place in (0, 1):
                return frozenset(
                    {Word(PageRole.SECOND if place else PageRole.HEAD, base)}
                )
        return frozenset()

    def _variable(self, name: str) -> frozenset[Word]:
        """The word a local holds: every value it is given must be the same one."""
        if name in self._words:
            return self._words[name]
        self._words[name] = frozenset()
        found = set()
        for assignment in self.assignments.get(name, ()):
            if assignment.value is None:
                return frozenset()
            if literal(self.source, assignment.value) == 0:
                continue
            found.add(self.flags_words(assignment.value))
        if len(found) == 1:
            self._words[name] = found.pop()
        return self._words[name]

    def _member(self, node: Node) -> Word | None:
        field = node.child_by_field_name("field")
        owner = node.child_by_field_name("argument")
        if field is None or owner is None:
            return None
        name = self.source.text(field)
        if name == "f":  # flags.f: memdesc_flags_t of 6.18
            inner = without_casts(owner)
            return self._member(inner) if inner.type == "field_expression" else None
        if name == "_flags_1":  # struct folio has a name for the second page's
            base = self.pointer(owner)
            return Word(PageRole.SECOND, base) if base else None
        return self.page_of(owner) if name == "flags" else None

    def page_of(self, owner: Node) -> Word | None:
        """Says whose word ``owner->flags`` is."""
        owner = without_casts(owner)
        match owner.type:
            case "identifier":
                name = self.source.text(owner)
                kind = self.type_of(name)
                if kind is None:
                    return None
                is_head = kind == "folio" or self.is_head(name)
                return Word(PageRole.HEAD if is_head else PageRole.OWN, name)
            case "pointer_expression":
                argument = owner.child_by_field_name("argument")
                return self.page_of(argument) if argument is not None else None
            case "call_expression":
                name, arguments = call(self.source, owner)
                if name in HEADS and len(arguments) == 1:
                    base = self.pointer(arguments[0])
                    return Word(PageRole.HEAD, base) if base else None
                if name == "folio_page" and len(arguments) == 2:
                    return self._second(*arguments)
            case "field_expression":
                return self._embedded(owner)
            case "subscript_expression":
                base_node = owner.child_by_field_name("argument")
                index = owner.child_by_field_name("index")
                if base_node is not None and index is not None:
                    return self._second(base_node, index)
        return None

    def _second(self, owner: Node, index: Node) -> Word | None:
        """``page[1]``, ``folio_page(folio, 1)``"""
        base = self.pointer(owner)
        is_second = base is not None and literal(self.source, index) == 1
        return Word(PageRole.SECOND, base) if is_second and base else None

    def _embedded(self, owner: Node) -> Word | None:
        """``folio->page``, ``ps.folio_snapshot``."""
        field = owner.child_by_field_name("field")
        argument = owner.child_by_field_name("argument")
        if field is None or argument is None:
            return None
        name = self.source.text(field)
        if name in _SNAPSHOTS:
            return Word(_SNAPSHOTS[name], self.source.norm(argument), copied=True)
        base = self.pointer(argument)
        if name == "page" and base is not None and self.type_of(base) == "folio":
            return Word(PageRole.HEAD, base)
        return None

    def is_head(self, name: str) -> bool:
        """Says whether a struct page pointer is only ever given the head of
        something."""
        given = [a.value for a in self.assignments.get(name, ())]
        if not given:
            return _HEAD_NAME.match(name) is not None
        return all(value is not None and self._is_head_value(value) for value in given)

    def _is_head_value(self, value: Node) -> bool:
        value = without_casts(value)
        if value.type == "call_expression":
            return call(self.source, value)[0] == "compound_head"
        if value.type == "pointer_expression" and operator(value) == "&":
            argument = value.child_by_field_name("argument")
            if argument is not None and argument.type == "field_expression":
                return self._embedded(argument) is not None
        return False

    @cached_property
    def may_be_tail(self) -> bool:
        """Whether the function itself shows that its page may be a tail."""
        if _NO_TAIL.search(self.text):
            return False
        return _MAY_BE_TAIL.search(self.text) is not None

    def is_any_page(self, name: str) -> bool:
        """Says whether a page is a tail as often as not: it is reported on by its frame
        number, or was found by it."""
        if not self.may_be_tail:
            return False
        if "KPF_" in self.text:
            return True
        return any(
            a.value is not None
            and without_casts(a.value).type == "call_expression"
            and _FROM_PFN.match(call(self.source, without_casts(a.value))[0])
            for a in self.assignments.get(name, ())
        )

    # --- reads ----------------------------------------------------------------------

    def flag_reads(self) -> Iterator[FlagRead]:
        """Yields the expressions that take named flags from a word: ``k & (1 <<
        PG_x)``, ``(k >> PG_x) & 1``, ``test_bit(PG_x, &k)``, ``kpf_copy_bit(k, ..,
        PG_x)``."""
        start, end = self.body.start_byte, self.body.end_byte
        if self.source.data.find(b"PG_", start, end) < 0:
            return
        for node in self.source.below(
            self.body, "binary_expression", "call_expression"
        ):
            if node.type == "call_expression":
                yield from self._flag_call(node)
            elif operator(node) in ("&", ">>"):
                left, right = operands(node) or (node, node)
                for word, mask in ((left, right), (right, left)):
                    flags = self._flags(mask)
                    if flags:
                        yield from self._read(node, word, flags)

    def _flag_call(self, node: Node) -> Iterator[FlagRead]:
        name, arguments = call(self.source, node)
        if re.search(r"set|clear|change|lock", name) or len(arguments) < 2:
            return
        flags = [n for a in arguments for n in self._bare_flag(a)]
        if not flags:
            return
        for argument in arguments:
            yield from self._read(node, argument, tuple(flags))

    def _read(
        self, node: Node, word: Node, flags: tuple[str, ...]
    ) -> Iterator[FlagRead]:
        words = self.flags_words(word)
        if words:
            inner = without_casts(word)
            if inner.type == "pointer_expression":
                inner = without_casts(inner.child_by_field_name("argument") or inner)
            named = inner.type == "identifier"
            variable = self.source.text(inner) if named else None
            yield FlagRead(node, word, words, flags, variable)

    def _flags(self, mask: Node) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_FLAG.findall(self.source.text(mask))))

    def _bare_flag(self, argument: Node) -> list[str]:
        argument = without_casts(argument)
        text = self.source.text(argument)
        return [text] if argument.type == "identifier" and _FLAG.fullmatch(text) else []

    @cached_property
    def calls(self) -> tuple[tuple[Node, str, tuple[Node, ...]], ...]:
        """Every call by name, in file order: node, name, arguments."""
        nodes = self.source.below(self.body, "call_expression")
        found = ((node, *call(self.source, node)) for node in nodes)
        return tuple(one for one in found if one[1])


def scopes(image: FileImage) -> Iterator[FunctionScope]:
    """Yields the functions in focus that could be parsed."""
    known = _scopes(image.source)
    for function in places.functions_in_focus(image):
        if function not in known:
            known[function] = FunctionScope(image.source, function)
        yield known[function]


@lru_cache(maxsize=1)
def _scopes(source: Source) -> dict[Function, FunctionScope]:
    """Those of the file that the rules are at: they ask the same of its functions."""
    return {}
