# SPDX-License-Identifier: GPL-2.0-or-later
"""What a file defines and includes, and macro expansion.

Everything is read as text and with the condition under which it holds; nothing is
included and no compiler is run.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from reviewer.c.conditions import Condition, conditionals
from reviewer.c.directives import directives
from reviewer.c.text import (
    blank_comments,
    closing_brace,
    commas,
    escaped_literals,
    without_comments_and_strings,
)
from reviewer.patterns import regex

_DEFINE = regex(r"([A-Za-z_$][\w$]*)(\(([^()]*)\))?", re.ASCII)
_PARAMETER = regex(r"[A-Za-z_$][\w$]*(\s*\.\.\.)?\Z|\.\.\.\Z", re.ASCII)
_INCLUDE = regex(r"<([^>]+)>|\"([^\"]+)\"")


@dataclass(frozen=True, slots=True)
class Define:
    """One #define.  ``params`` is None for an object-like macro.

    A variadic macro keeps its last parameter as written, ``...`` or ``args...``.
    """

    name: str
    params: tuple[str, ...] | None
    body: str  # comments out, continuation lines joined, white space single
    line: int
    end_line: int
    condition: Condition


@dataclass(frozen=True, slots=True)
class Undef:
    """One #undef."""

    name: str
    line: int
    condition: Condition


@dataclass(frozen=True, slots=True)
class Include:
    """One #include; ``path`` as written, a macro's name where ``kind`` is macro."""

    path: str
    kind: str  # "<", '"' or "macro"
    line: int
    condition: Condition


@dataclass(frozen=True, slots=True)
class Enumerator:
    """A member of an enum; ``name`` is "" where a macro generates members."""

    enum: str  # the tag, "" for an anonymous enum
    name: str
    value: str | None  # text of the initialiser
    index: int  # place among the enum's members as written, from 0
    line: int
    condition: Condition
    enum_line: int  # tells two anonymous enums apart


@lru_cache(maxsize=128)
def defines(data: bytes) -> tuple[Define, ...]:
    """All #define of a file, in order; malformed ones are left out."""
    found = []
    stack = conditionals(data)
    for directive in directives(data):
        if directive.name != "define":
            continue
        match = _DEFINE.match(directive.text)
        if match is None:
            continue
        params: tuple[str, ...] | None = None
        body = directive.text[match.end() :]
        if match[2] is not None:
            params = _parameters(match[3])
            if params is None:
                continue
        elif body[:1] == "(":
            continue  # a parameter list that is no list of names
        condition = stack.at(directive.line)
        body = " ".join(body.split())
        found.append(
            Define(
                match[1], params, body, directive.line, directive.end_line, condition
            )
        )
    return tuple(found)


def _parameters(text: str) -> tuple[str, ...] | None:
    if not text.strip():
        return ()
    names = tuple("".join(part.split()) for part in text.split(","))
    return names if all(_PARAMETER.match(name) for name in names) else None


def undefs(data: bytes) -> tuple[Undef, ...]:
    """All #undef of a file."""
    stack = conditionals(data)
    return tuple(
        Undef(directive.text.split()[0], directive.line, stack.at(directive.line))
        for directive in directives(data)
        if directive.name == "undef" and directive.text
    )


def includes(data: bytes) -> tuple[Include, ...]:
    """All #include and #include_next of a file."""
    stack = conditionals(data)
    found = []
    for directive in directives(data):
        if directive.name not in ("include", "include_next") or not directive.text:
            continue
        match = _INCLUDE.match(directive.text)
        path = (match[1] or match[2]) if match else directive.text
        kind = directive.text[0] if match else "macro"
        found.append(Include(path, kind, directive.line, stack.at(directive.line)))
    return tuple(found)


# --- enums ------------------------------------------------------------------------

_ENUM = regex(rb"\benum\b\s*(?:__packed\s+)?([A-Za-z_]\w*)?[^;{}()=]*\{")
_BLANKS = regex(rb"[^\r\n]")
_MEMBER = regex(rb"\s*([A-Za-z_]\w*)\s*([^=]*?)(?:=(.*))?\Z", re.DOTALL)
_ATTRIBUTE = regex(rb"(?:__\w+|DEPRECATED)?\s*(?:\(.*\))?\s*\Z", re.DOTALL)


@lru_cache(maxsize=128)
def enumerators(data: bytes) -> tuple[Enumerator, ...]:
    """The members of all enums of a file, in order.

    A member that a macro generates (``FOO(a, b)``) has no name and no value: what
    follows it without an initialiser has no known value either.
    """
    if b"enum" not in data:
        return ()
    text = _code_only(data)
    found: list[Enumerator] = []
    for match in _ENUM.finditer(text):
        end = closing_brace(text, match.end() - 1)
        end -= text[end - 1 : end] == b"}"
        tag = (match[1] or b"").decode()
        found += _members(data, text, match.end(), end, tag)
    return tuple(found)


def _code_only(data: bytes) -> bytes:
    """Comments, strings and directives as blanks, at the same length."""
    text = without_comments_and_strings(data)
    lines = text.split(b"\n")
    for directive in directives(data):
        for number in range(directive.line - 1, min(directive.end_line, len(lines))):
            lines[number] = _BLANKS.sub(b" ", lines[number])
    return b"\n".join(lines)


def _members(
    data: bytes, text: bytes, start: int, end: int, tag: str
) -> Iterator[Enumerator]:
    stack = conditionals(data)
    enum_line = text.count(b"\n", 0, start) + 1
    line, counted = enum_line, start
    for index, (first, last) in enumerate(_pieces(text, start, end)):
        match = _MEMBER.match(text, first, last)
        name, value = "", None
        if match and _ATTRIBUTE.match(match[2]) and not _is_call(match):
            name = match[1].decode()
            value = _original(data, match) if match[3] is not None else None
        begin = match.start(1) if match else first
        line += text.count(b"\n", counted, begin)
        counted = begin
        yield Enumerator(tag, name, value, index, line, stack.at(line), enum_line)


def _is_call(match: re.Match[bytes]) -> bool:
    """``FOO(a, b)``: members that a macro makes, not a member with an attribute."""
    return match[2][:1] == b"("


def _original(data: bytes, match: re.Match[bytes]) -> str:
    text = blank_comments(data[match.start(3) : match.end(3)])
    kept = (line for line in text.split(b"\n") if line.lstrip()[:1] != b"#")
    return " ".join(b" ".join(kept).decode("utf-8", "surrogateescape").split())


def _pieces(text: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The spans between the commas that are not inside parentheses or braces."""
    first = start
    for comma in commas(text, start, end):
        yield first, comma
        first = comma + 1
    if text[first:end].strip():
        yield first, end


# --- expansion --------------------------------------------------------------------

Lookup = Callable[[str], Define | None]

_LONGEST = 20_000  # tokens that one expansion may touch
_DEEPEST = 40  # arguments in arguments
_TOKEN = regex(
    r"(\s*)([A-Za-z_$][\w$]*|\.?\d(?:[eEpP][-+]|[\w.])*|\"(?:\\.|[^\"\\])*\""
    r"|'(?:\\.|[^'\\])*'|##|\.\.\.|->|\+\+|--|<<=|>>=|<<|>>|&&|\|\||[-+*/%&|^<>=!]=|\S)",
    re.DOTALL,
)
_WORD = regex(r"[\w$]", re.ASCII)


class _TooLarge(Exception):
    """The expansion went over its bounds."""


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    space: bool  # white space comes before it
    hidden: frozenset[str] = frozenset()  # macros that it no longer invokes


def expand(text: str, lookup: Lookup) -> str:
    """``text`` with all macros expanded that ``lookup`` knows, as a compiler does it.

    Parameters are expanded before they are put in, except beside ``#`` and ``##``;
    a macro does not expand in its own expansion; ``, ## args`` drops the comma of
    an empty variadic argument.  Text whose expansion grows beyond all measure, and
    invocations with a wrong number of arguments, come back as they are.
    """
    try:
        return _join(_Expander(lookup).expand(_tokens(text), 0))
    except _TooLarge:
        return text


def substituted(macro: Define, arguments: str) -> str | None:
    """A function-like macro's body with its arguments put in, not expanded before.

    ``arguments`` is the text of a call from "(" to ")".  Returns None where their
    number is not the macro's, or the text is no list of arguments.
    """
    waiting = deque(_tokens(arguments))
    gathered = _arguments(waiting)
    if gathered is None or gathered[1] != len(waiting) or macro.params is None:
        return None
    bound = _bind(macro.params, gathered[0])
    if bound is None:
        return None
    try:
        expander = _Expander(lambda name: None)
        return _join(expander.substitute(macro, bound, frozenset(), False, 0))
    except _TooLarge:
        return None


def spelled(text: str) -> list[str]:
    """The preprocessing tokens of a text that has no comments, as they are spelled."""
    return [match[2] for match in _TOKEN.finditer(text)]


def _tokens(text: str) -> list[_Token]:
    return [_Token(match[2], bool(match[1])) for match in _TOKEN.finditer(text)]


def _join(tokens: list[_Token]) -> str:
    pieces: list[str] = []
    for token in tokens:
        glued = pieces and _WORD.match(pieces[-1][-1]) and _WORD.match(token.text)
        if pieces and (token.space or glued):
            pieces.append(" ")
        pieces.append(token.text)
    return "".join(pieces)


class _Expander:
    """Prosser's algorithm: every token carries the macros it must not invoke."""

    def __init__(self, lookup: Lookup) -> None:
        self.lookup = lookup
        self.touched = 0

    def expand(self, tokens: list[_Token], depth: int) -> list[_Token]:
        if depth > _DEEPEST:
            raise _TooLarge
        waiting = deque(tokens)
        done: list[_Token] = []
        while waiting:
            self.touched += 1
            if self.touched > _LONGEST:
                raise _TooLarge
            token = waiting.popleft()
            macro = self.macro(token)
            if macro is None:
                done.append(token)
                continue
            replacement = self.invoke(macro, token, waiting, depth)
            if replacement is None:
                done.append(token)
            else:
                self.touched += len(replacement)
                waiting.extendleft(reversed(replacement))
        return done

    def macro(self, token: _Token) -> Define | None:
        first = token.text[0]
        if not (first.isalpha() or first in "_$") or token.text in token.hidden:
            return None
        return self.lookup(token.text)

    def invoke(
        self, macro: Define, token: _Token, waiting: deque[_Token], depth: int
    ) -> list[_Token] | None:
        if macro.params is None:
            hidden = token.hidden | {macro.name}
            return self.substitute(macro, {}, hidden, token.space, depth)
        gathered = _arguments(waiting)
        if gathered is None:
            return None
        arguments, length, closing = gathered
        bound = _bind(macro.params, arguments)
        if bound is None:
            return None
        for _ in range(length):
            waiting.popleft()
        hidden = (token.hidden & closing.hidden) | {macro.name}
        return self.substitute(macro, bound, hidden, token.space, depth)

    def substitute(
        self,
        macro: Define,
        bound: dict[str, list[_Token]],
        hidden: frozenset[str],
        space: bool,
        depth: int,
    ) -> list[_Token]:
        body = _tokens(macro.body)
        result: list[_Token] = []
        place = 0
        while place < len(body):
            token = body[place]
            after = body[place + 1] if place + 1 < len(body) else None
            operand = bound.get(after.text) if after is not None else None
            if token.text == "#" and operand is not None:
                result.append(_Token(_stringified(operand), token.space))
                place += 2
                continue
            if token.text == "##" and after is not None:
                self.paste(result, after, bound, body[place - 1] if place else None)
                place += 2
                continue
            if token.text in bound:
                argument = bound[token.text]
                if after is None or after.text != "##":
                    argument = self.expand(argument, depth + 1)
                elif not argument:
                    argument = [_Token("", token.space)]
                result += _spaced(argument, token.space)
            else:
                result.append(token)
            self.touched += 1
            if len(result) > _LONGEST or self.touched > _LONGEST:
                raise _TooLarge
            place += 1
        kept = [part for part in result if part.text]
        final = [_Token(t.text, t.space, t.hidden | hidden) for t in kept]
        return _spaced(final, space)

    def paste(
        self,
        result: list[_Token],
        right: _Token,
        bound: dict[str, list[_Token]],
        left: _Token | None,
    ) -> None:
        """Glue ``right`` (or the argument it stands for) to the last token."""
        pieces = bound.get(right.text, [right])
        comma = left is not None and left.text == "," and right.text in bound
        if comma:  # GNU: ", ## args" is no paste, it drops the comma of nothing
            if not pieces:
                result.pop()
            else:
                result += pieces
            return
        if not pieces:
            return
        last = result.pop() if result else _Token("", False)
        result.append(_Token(last.text + pieces[0].text, last.space))
        result += pieces[1:]


def _arguments(
    waiting: deque[_Token],
) -> tuple[list[list[_Token]], int, _Token] | None:
    """The arguments that follow, how many tokens they are, and their ``)``."""
    arguments: list[list[_Token]] = [[]]
    depth = 0
    for place, token in enumerate(waiting):
        if place == 0:
            if token.text != "(":
                return None
            continue
        if token.text == ")" and depth == 0:
            return arguments, place + 1, token
        if token.text == "," and depth == 0:
            arguments.append([])
            continue
        depth += (token.text == "(") - (token.text == ")")
        arguments[-1].append(token)
    return None


def _bind(
    params: tuple[str, ...], arguments: list[list[_Token]]
) -> dict[str, list[_Token]] | None:
    if params and params[-1].endswith("..."):
        fixed = params[:-1]
        if len(arguments) < len(fixed):
            return None
        rest: list[_Token] = []
        for place, argument in enumerate(arguments[len(fixed) :]):
            rest += [_Token(",", False), *argument] if place else argument
        name = params[-1].removesuffix("...") or "__VA_ARGS__"
        return {**dict(zip(fixed, arguments, strict=False)), name: rest}
    if len(arguments) != len(params) and not (not params and arguments == [[]]):
        return None
    return dict(zip(params, arguments, strict=False))


def _stringified(argument: list[_Token]) -> str:
    text = _join([_Token(t.text, t.space and i > 0) for i, t in enumerate(argument)])

    return '"' + escaped_literals(text) + '"'


def _spaced(tokens: list[_Token], space: bool) -> list[_Token]:
    """The same tokens, the first with the white space of what it replaces."""
    if not tokens or tokens[0].space == space:
        return list(tokens)
    first = tokens[0]
    return [_Token(first.text, space, first.hidden), *tokens[1:]]
