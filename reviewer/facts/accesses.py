# SPDX-License-Identifier: GPL-2.0-or-later
"""Which word of which page a helper reads or writes.

``PageDirty(page)`` reads the flags word of the head, ``PageHWPoison(page)`` that of
the page itself, ``PageKsm(page)`` the mapping of the head: computed from the bodies
and the policies of the tree (``PF_HEAD``, ``folio_flags()``), followed through the
functions and macros of the same header.  Only two names have a meaning of their own
here: ``compound_head()`` and ``page_folio()`` give the head.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from enum import StrEnum

from msgspec import Struct, field

from reviewer.c.text import CALLED, closing_bracket, opening_of, split_arguments
from reviewer.facts.expansion import substitute
from reviewer.facts.header import Header, words
from reviewer.patterns import regex


class PageRole(StrEnum):
    """Whose word it is, seen from the argument of the helper."""

    OWN = "own"  # of the page given, which may be a tail
    HEAD = "head"  # of the folio's first page (a small page is its own head)
    SECOND = "second"  # of the folio's second page
    OTHER = "other"  # something else: page_ext, another page, not known


class Access(Struct, frozen=True, order=True):
    """A field of struct page (or of another structure) that a helper reads."""

    field: str  # flags, mapping, page_type, _mapcount, compound_head, ...
    page: PageRole


_HEAD_OF = frozenset({"compound_head", "_compound_head", "page_folio"})
_ASSERTION = regex(r"\b(?:VM_)?(?:BUG|WARN)_ON\w*\s*\(|\bBUILD_BUG\w*\s*\(")
_ASSIGNED = regex(r"\b([A-Za-z_]\w*)\s*=(?!=)\s*([^;{}]+);")
_MEMBER = regex(r"(->|\.)\s*([A-Za-z_]\w*)")
_WORD_END = regex(r"[A-Za-z_]\w*\Z")
_CAST = regex(r"\(\s*(?:const\s+|struct\s+|unsigned\s+|long|typeof)[^()]*\)")
_EMBEDDED = frozenset({"page", "f"})  # folio->page.x, flags.f: no field of its own
_DEEPEST = 8

_Pages = frozenset[PageRole]
_UNKNOWN: _Pages = frozenset({PageRole.OTHER})


class _Scope(Struct):
    """What the names of one function stand for."""

    pages: dict[str, _Pages] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)  # parameter: its argument


class AccessReader:
    """Reads bodies with the functions and macros of one header (and its friends)."""

    def __init__(
        self,
        header: Header,
        function: Callable[[str], tuple[str, str] | None],
        number: Callable[[str], int | None],
    ) -> None:
        """``function(name)`` gives (parameters, body); ``number(text)`` evaluates."""
        self._header = header
        self._function = function
        self._number = number

    def accesses(self, parameters: str, body: str) -> frozenset[Access]:
        """Returns what a function reads or writes, assertions left out."""
        scope = _Scope()
        for name, is_folio in pointers(parameters):
            scope.pages[name] = frozenset({PageRole.HEAD if is_folio else PageRole.OWN})
        return frozenset(self._body(body, scope, 0))

    def page_of(self, expression: str) -> frozenset[PageRole]:
        """Says whose page an expression in ``page`` (a struct page) points to."""
        scope = _Scope({"page": frozenset({PageRole.OWN})})
        return self._page_of(expression, scope, 0)

    # --- bodies -----------------------------------------------------------------

    def _body(self, body: str, scope: _Scope, depth: int) -> Iterator[Access]:
        if depth > _DEEPEST:
            return
        body = without_assertions(body)
        self._bind_locals(body, scope, depth)
        yield from self._members(body, scope, depth)
        yield from self._calls(body, scope, depth)

    def _bind_locals(self, body: str, scope: _Scope, depth: int) -> None:
        for name, value in _ASSIGNED.findall(body):
            if name == "flags":
                continue
            pages = self._page_of(value, scope, depth)
            if pages == _UNKNOWN and name not in scope.pages:
                continue
            # under an "if" both may hold: the union
            scope.pages[name] = scope.pages.get(name, frozenset()) | pages

    def _members(self, body: str, scope: _Scope, depth: int) -> Iterator[Access]:
        for match in _MEMBER.finditer(body):
            if match[2] in _EMBEDDED:
                continue
            base = _base_before(body, match.start())
            if not base or base[0].isdigit():
                continue
            for page in self._page_of(base, scope, depth):
                yield Access(match[2], page)

    def _calls(self, body: str, scope: _Scope, depth: int) -> Iterator[Access]:
        for match in CALLED.finditer(body):
            name = match[1]
            closing = closing_bracket(body, match.end() - 1)
            if closing < 0:
                continue
            arguments = split_arguments(body[match.end() : closing])
            if name in _HEAD_OF:
                continue
            callee = self._function(name)
            if callee is not None:
                inner = self._bound(callee[0], arguments, scope, depth)
                yield from self._body(callee[1], inner, depth + 1)
                continue
            expanded = self._expanded(name, tuple(arguments))
            if expanded is not None:
                inner = _Scope(dict(scope.pages), dict(scope.numbers))
                yield from self._body(expanded, inner, depth + 1)

    def _bound(
        self, parameters: str, arguments: list[str], scope: _Scope, depth: int
    ) -> _Scope:
        inner = _Scope()
        names = parameter_names(parameters)
        folios = dict(pointers(parameters))
        for name, argument in zip(names, arguments, strict=False):
            if name in folios:
                pages = self._page_of(argument, scope, depth)
                inner.pages[name] = pages
            else:
                inner.numbers[name] = scope.numbers.get(argument, argument)
        return inner

    def _expanded(self, name: str, arguments: tuple[str, ...]) -> str | None:
        for define in self._header.macros.get(name, ()):
            if define.params is not None:
                return substitute(define, arguments)
        return None

    # --- expressions that point to a page ---------------------------------------

    def _page_of(self, expression: str, scope: _Scope, depth: int) -> _Pages:
        text = _unwrapped(expression)
        if depth > _DEEPEST or not text:
            return _UNKNOWN
        if text in scope.pages:
            return scope.pages[text]
        if text.startswith("{"):
            last = words(text.strip("{} ")).rstrip("; ").rpartition(";")[2]
            return self._page_of(last, scope, depth + 1)
        if text.startswith("&"):
            return self._address(text[1:].strip(), scope, depth)
        subscript = re.fullmatch(r"(\w+)\s*\+\s*(\w+)", text)
        if subscript:
            return self._nth(subscript[1], subscript[2], scope, depth)
        call = CALLED.match(text)
        if call is None or closing_bracket(text, call.end() - 1) != len(text) - 1:
            return _UNKNOWN
        arguments = split_arguments(text[call.end() : -1])
        if call[1] in _HEAD_OF:
            inside = self._page_of(arguments[0], scope, depth + 1)
            return frozenset({PageRole.HEAD}) if inside != _UNKNOWN else _UNKNOWN
        if call[1] in ("folio_page", "nth_page") and len(arguments) == 2:
            return self._nth(arguments[0], arguments[1], scope, depth)
        expanded = self._expanded(call[1], tuple(arguments))
        if expanded is None:
            return _UNKNOWN
        return self._page_of(expanded, scope, depth + 1)

    def _address(self, text: str, scope: _Scope, depth: int) -> _Pages:
        """``&folio->page``, ``&page[1]``, ``&(folio)->page``."""
        subscript = re.fullmatch(r"(.+?)\s*\[([^\[\]]+)\]", text)
        if subscript:
            return self._nth(subscript[1], subscript[2], scope, depth)
        member = re.fullmatch(r"(.+?)\s*->\s*page", text)
        if member:
            return self._page_of(member[1], scope, depth + 1)
        return self._page_of(text, scope, depth + 1)

    def _nth(self, base: str, place: str, scope: _Scope, depth: int) -> _Pages:
        pages = self._page_of(base, scope, depth + 1)
        number = self._number(scope.numbers.get(place.strip(), place.strip()))
        if number == 0:
            return pages
        if number == 1 and pages <= {PageRole.OWN, PageRole.HEAD}:
            # page[1] of what was asserted to be a head, or of a folio
            return frozenset({PageRole.SECOND})
        return _UNKNOWN


def without_assertions(body: str) -> str:
    """Returns the body without BUG_ON(), WARN_ON() and their like."""
    while match := _ASSERTION.search(body):
        closing = closing_bracket(body, match.end() - 1)
        if closing < 0:
            break
        body = f"{body[: match.start()]} 0 {body[closing + 1 :]}"
    return body


def assertions(body: str) -> tuple[str, ...]:
    """Returns the conditions of the BUG_ON() family in a body, as written."""
    found = []
    for match in _ASSERTION.finditer(body):
        closing = closing_bracket(body, match.end() - 1)
        if closing >= 0:
            found.append(words(split_arguments(body[match.end() : closing])[0]))
    return tuple(found)


def parameter_names(parameters: str) -> list[str]:
    """Returns the names of a parameter list, in order."""
    names = []
    for part in split_arguments(parameters):
        found = re.search(r"\b([A-Za-z_]\w*)\s*(?:\[[^\]]*\])?\s*$", part)
        names.append(found[1] if found else "")
    return names


def pointers(parameters: str) -> list[tuple[str, bool]]:
    """Returns (name, is a folio) of the parameters that point to a page or folio."""
    found = []
    for part in split_arguments(parameters):
        match = re.search(
            r"\bstruct\s+(page|folio)\s*\*\s*(?:const\s+)?(\w+)\s*$", part
        )
        if match:
            found.append((match[2], match[1] == "folio"))
    return found


def _unwrapped(expression: str) -> str:
    """Without casts, READ_ONCE() and parentheses around it."""
    text = expression.strip()
    while True:
        cast = _CAST.match(text)
        if cast and text[cast.end() :].strip():
            text = text[cast.end() :].strip()
        elif text.startswith("(") and closing_bracket(text, 0) == len(text) - 1:
            text = text[1:-1].strip()
        elif text.startswith("READ_ONCE(") and text.endswith(")"):
            text = text[len("READ_ONCE(") : -1].strip()
        else:
            return text


def _base_before(body: str, end: int) -> str:
    """The expression that a ``->`` or ``.`` at ``end`` is applied to."""
    at = len(body[:end].rstrip())
    start = at
    while start > 0:
        last = body[start - 1]
        if last in ")]":
            opening = opening_of(body, start - 1)
            if opening < 0:
                return ""
            start = opening
            name = _WORD_END.search(body[:start])
            if name:
                start = name.start()
        elif last.isalnum() or last == "_":
            name = _WORD_END.search(body[:start])
            if name is None:
                return ""
            start = name.start()
        before = body[:start].rstrip()
        if before.endswith("->"):
            start = len(before) - 2
        elif before.endswith("."):
            start = len(before) - 1
        else:
            break
        start = len(body[:start].rstrip())
    base = body[start:at].strip()
    # folio->page.page_type: the base is the folio's first page
    embedded = re.fullmatch(r"(.+?)\s*(?:->|\.)\s*page", base)
    if embedded:
        return f"&{base}" if "->" in base else embedded[1]
    subscript = re.fullmatch(r".+\[[^\[\]]+\]", base)
    return f"&{base}" if subscript else base
