# SPDX-License-Identifier: GPL-2.0-or-later
"""Macro expansion as a compiler does it: the only expander."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable

from msgspec import Struct

from reviewer.c.preprocessor import Define
from reviewer.c.text import escaped_literals
from reviewer.patterns import regex

MacroLookup = Callable[[str], Define | None]
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


class _Token(Struct, frozen=True):
    text: str
    space: bool  # white space comes before it
    hidden: frozenset[str] = frozenset()  # macros that it no longer invokes


def expand(text: str, lookup: MacroLookup) -> str:
    """Returns ``text`` with all macros expanded that
    ``lookup`` knows, as a compiler does it.

    Parameters are expanded before they are put in, except beside ``#`` and ``##``;
    a macro does not expand in its own expansion; ``, ## args`` drops the comma of
    an empty variadic argument.  Text whose expansion grows beyond all measure, and
    invocations with a wrong number of arguments, come back as they are.
    """
    try:
        return _join(_Expander(lookup).expand(_tokens(text), 0))
    except _TooLarge:
        return text


def with_arguments(macro: Define, arguments: str) -> str | None:
    """Returns a function-like macro's body with its
    arguments put in, not expanded before.

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


def spelled_tokens(text: str) -> list[str]:
    """Returns the preprocessing tokens of a text that has no comments, as they are
    spelled."""
    return [match[2] for match in _TOKEN.finditer(text.rstrip())]


def _tokens(text: str) -> list[_Token]:
    return [
        _Token(match[2], bool(match[1])) for match in _TOKEN.finditer(text.rstrip())
    ]


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

    def __init__(self, lookup: MacroLookup) -> None:
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
