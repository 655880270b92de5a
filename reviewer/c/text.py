# SPDX-License-Identifier: GPL-2.0-or-later
"""C as text: comments, strings and brackets.  The only place that tells them apart.

A string or a character constant that is not closed on its (continued) line is none:
the quote stands in prose.  A comment without an end goes on to the end of the text.
What takes a closing bracket's offset counts brackets only; hand it text in which
comments and strings are blank.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial
from typing import AnyStr

from reviewer.c.file_memory import once_per_text
from reviewer.c.parts import by_parts
from reviewer.patterns import regex

Text = str | bytes | bytearray

# Possessive, so that nothing is tried twice: hostile text costs no more than its size.
COMMENT = (
    rb"/(?:\*[^*]*+(?:\*++[^*/][^*]*+)*+(?:\*++/|\**+\Z)"
    rb"|/[^\\\n]*+(?:\\(?:\r?\n)?[^\\\n]*+)*+)"
)
# A quote behind a backslash opens nothing: else each of many would be tried to the end.
STRING = rb'"(?<!\\")[^"\\\n]*+(?:\\(?:\r?\n|[^\n])[^"\\\n]*+)*+"'
CHARACTER = rb"'(?<!\\')[^'\\\n]*+(?:\\(?:\r?\n|[^\n])[^'\\\n]*+)*+'"
_HIDDEN = COMMENT + b"|" + STRING + b"|" + CHARACTER
HIDDEN = regex(_HIDDEN)  # each comment, string, character constant of a file
_HIDDEN_STR = regex(_HIDDEN.decode())
# white space, lines that a backslash continues, comments; or what is kept
_SPACE_OR_HIDDEN = regex(
    r"(?:\s|\\[ \t]*+\r?\n|" + COMMENT.decode() + ")++|" + _HIDDEN.decode()
)
STRINGS = regex("(?<!')" + STRING.decode())  # the quote of '"' opens none
IDENTIFIER = regex(r"[A-Za-z_]\w*")
CALLED = regex(r"\b([A-Za-z_]\w*)\s*\(")  # the name in front of a parenthesis
LITERAL = regex((STRING + b"|" + CHARACTER).decode())
_VISIBLE = regex(r"[^\n]+")
ONLY_NEWLINES = bytes(c if c == 0x0A else 0x20 for c in range(256))
_KEEPS_LINES = bytes(c if c in b"\r\n" else 0x20 for c in range(256))
_ZERO = bytes(c if c in b"\r\n" else 0x30 for c in range(256))

# Both as characters and as bytes: what is looked up may be either.
_OPENING = frozenset("([{") | frozenset(b"([{")
_CLOSING = frozenset(")]}") | frozenset(b")]}")
_BRACKETS = regex(r"[(){}\[\]]")
_SEPARATORS = regex(r"[(){}\[\],]")
_SEPARATORS_BYTES = regex(rb"[(){}\[\],]")
_BRACES = regex(r"[{};\"']")
_BRACE = regex(rb"[{}]")
_PARENTHESIS = regex(rb"[()]")
_LONGEST_CALL = 65_536  # bytes between ( and ): what is longer is left alone
_DEEPEST = 24
# Four levels deep in one match
_BALANCED = regex(
    rb"\([^()]*+(?:\([^()]*+(?:\([^()]*+(?:\([^()]*+\)[^()]*+)*+\)[^()]*+)*+\)[^()]*+)*+\)"
)


def common_start(one: AnyStr, two: AnyStr, most: int) -> int:
    """Returns how many characters, ``most`` or fewer, two texts begin with alike."""
    low, high = 0, min(most, len(one), len(two))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == two[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


# --- comments and strings -------------------------------------------------------------


def without_strings(code: str) -> str:
    """Returns code in which every string is empty: ``""``."""
    return STRINGS.sub('""', code)


def spaces_for(text: AnyStr) -> AnyStr:
    """Returns spaces of the same length; newlines stay."""
    if isinstance(text, str):
        return _VISIBLE.sub(lambda part: " " * len(part[0]), text)
    return text.translate(ONLY_NEWLINES)


def without_comments(text: str) -> str:
    """Returns comments as spaces of the same length; strings and line breaks stay."""
    return _HIDDEN_STR.sub(
        lambda part: spaces_for(part[0]) if part[0][0] == "/" else part[0], text
    )


def blank_comments(data: bytes, table: bytes = _KEEPS_LINES) -> bytes:
    """Returns a file with comments as blanks; strings, length and lines stay.

    ``table`` says what a byte of a comment becomes, as for bytes.translate().
    """
    return by_parts(data, _blanking(table))


@lru_cache(maxsize=8)
def _blanking(table: bytes) -> Callable[[bytes], bytes]:
    def shown(match: re.Match[bytes]) -> bytes:
        return match[0].translate(table) if match[0][:1] == b"/" else match[0]

    return partial(HIDDEN.sub, shown)


def comments(data: bytes) -> Iterator[bytes]:
    """Yields the comments of a file, with the characters that open and close them."""
    for match in HIDDEN.finditer(data):
        if match[0][:1] == b"/":
            yield match[0]


def without_comments_and_strings(data: bytes) -> bytes:
    """Returns a file of the same length and lines: comments blank, strings zeros."""
    return by_parts(data, _zeroed)


def _zeroed(data: bytes) -> bytes:
    def shown(match: re.Match[bytes]) -> bytes:
        text = match[0]
        return text.translate(_KEEPS_LINES if text[:1] == b"/" else _ZERO)

    return HIDDEN.sub(shown, data)


def without_literals(code: str) -> str:
    """Returns strings and character constants as spaces; comments have to be out."""
    return LITERAL.sub(lambda match: " " * len(match[0]), code)


def code_of(text: str) -> str:
    """Returns what is neither comment nor string, which are left out; lines may be
    joined."""
    return _HIDDEN_STR.sub("", text)


def code_of_line(line: str) -> str:
    """Returns one line without its comments, each string as ``""``.

    A line that begins within a comment is known by the end of it.
    """
    code = _HIDDEN_STR.sub(lambda part: " " if part[0][0] == "/" else '""', line)
    _, ends, rest = code.rpartition("*/")
    return f" {rest}" if ends else code


def normalised(text: str) -> str:
    """Returns code without comments, white space normalised; strings stay as
    they are."""
    return _SPACE_OR_HIDDEN.sub(
        lambda found: found[0] if found[0][0] in "\"'" else " ", text
    ).strip()


def escaped_literals(text: str) -> str:
    """Returns text as ``#`` spells it: quotes and backslashes of its literals are
    escaped."""

    def escaped(match: re.Match[str]) -> str:
        return match[0].replace("\\", "\\\\").replace('"', '\\"')

    return LITERAL.sub(escaped, text)


# --- brackets -------------------------------------------------------------------------


def closing_bracket(text: str, opening: int) -> int:
    """Returns the offset of the bracket that closes ``text[opening]``, -1 if
    none does."""
    depth = 0
    for match in _BRACKETS.finditer(text, opening):
        if match[0] in "([{":
            depth += 1
        else:
            depth -= 1
            if depth == 0:
                return match.start()
    return -1


def opening_of(text: Text, closing: int, start: int = 0) -> int:
    """Returns the offset of the bracket that
    ``text[closing]`` closes, -1 if it is not there.

    Nothing before ``start`` is looked at.
    """
    depth = 0
    for at in range(closing, start - 1, -1):
        if text[at] in _CLOSING:
            depth += 1
        elif text[at] in _OPENING:
            depth -= 1
            if depth == 0:
                return at
    return -1


def closing_parenthesis(code: bytes | bytearray, opening: int) -> int:
    """Returns the offset just behind the ``)`` that closes the ``(`` at ``opening``.

    0 if none does within reach: what is longer or deeper than the kernel's is left
    alone.
    """
    limit = opening + _LONGEST_CALL
    match = _BALANCED.match(code, opening, limit)
    if match is not None:
        return match.end()
    depth = 0
    for mark in _PARENTHESIS.finditer(code, opening, limit):
        depth += 1 if mark[0] == b"(" else -1
        if depth == 0:
            return mark.end()
        if depth > _DEEPEST:
            break
    return 0


def closing_brace(text: bytes, opening: int) -> int:
    """Returns the offset just behind the ``}`` that closes the ``{`` at ``opening``;
    else the end."""
    depth = 0
    for mark in _BRACE.finditer(text, opening):
        depth += 1 if mark[0] == b"{" else -1
        if depth == 0:
            return mark.end()
    return len(text)


def first_closing_brace(data: bytes, start: int) -> int:
    """Returns the offset just behind the first ``}`` that
    is in no comment; else the end.

    For text with its comments, of which most is never read: only what stands before
    a brace is looked at.
    """
    end = data.find(b"}", start)
    while end >= 0:
        line = max(data.rfind(b"\n", start, end), start)
        if data.rfind(b"/*", start, end) > data.rfind(b"*/", start, end):
            after = data.find(b"*/", end)
        elif data.find(b"//", line, end) >= 0:
            after = data.find(b"\n", end)
        else:
            return end + 1
        if after < 0:
            break
        end = data.find(b"}", after)
    return len(data)


def innermost_brace(code: bytes | bytearray, at: int) -> int:
    """Returns the offset of the innermost ``{`` that is
    open at ``at``, -1 if there is none.

    What is further away than the longest call is not looked at.
    """
    depth, end = 0, at
    while end > max(0, at - _LONGEST_CALL):
        start = max(0, at - _LONGEST_CALL, end - 1024)  # most are near
        for mark in reversed(list(_BRACE.finditer(code, start, end))):
            if mark[0] == b"}":
                depth += 1
            elif depth:
                depth -= 1
            else:
                return mark.start()
        end = start
    return -1


_FARTHEST = 2000  # characters back to the beginning of a statement


def open_parentheses(code: str, at: int) -> Iterator[int]:
    """Yields the offsets of the ``(`` open at ``at`` in its statement, the innermost
    first."""
    depth = 0
    for place in range(at - 1, max(-1, at - _FARTHEST), -1):
        mark = code[place]
        if mark == ")":
            depth += 1
        elif mark == "(":
            if depth == 0:
                yield place
            else:
                depth -= 1
        elif mark in ";{}" and depth == 0:
            return


def in_braces(code: str, places: Iterable[int]) -> Iterator[bool]:
    """Says whether each of these offsets, in order, stands inside of braces."""
    depth = last = 0
    for place in places:
        depth += code.count("{", last, place) - code.count("}", last, place)
        last = place
        yield depth > 0


def own_commas(text: Text, start: int = 0, end: int | None = None) -> Iterator[int]:
    """Yields the offsets of the commas that stand in no bracket of their own."""
    depth = 0
    last = len(text) if end is None else end
    marks: Iterator[re.Match[str]] | Iterator[re.Match[bytes]]
    if isinstance(text, str):
        marks = _SEPARATORS.finditer(text, start, last)
    else:
        marks = _SEPARATORS_BYTES.finditer(text, start, last)
    for match in marks:
        mark = match[0]
        if mark in (",", b","):
            if depth == 0:
                yield match.start()
        else:
            depth += 1 if mark[0] in _OPENING else -1


def split_arguments(text: str) -> list[str]:
    """Returns the arguments between a macro call's parentheses, split at its own
    commas."""
    parts, last = [], 0
    for comma in own_commas(text):
        parts.append(text[last:comma].strip())
        last = comma + 1
    parts.append(text[last:].strip())
    return parts


def declarations(text: str) -> tuple[list[str], str]:
    """Returns what stands between the semicolons of a struct's braces, those of structs
    inside left alone, and what stands behind the last."""
    found, last, depth = [], 0, 0
    for at, char in enumerate(text):
        depth += (char in _OPENING) - (char in ")]}")
        if char == ";" and depth == 0:
            found.append(text[last:at])
            last = at + 1
    return found, text[last:].strip()


def blocks(code: str, prototypes: bool = False) -> Iterator[tuple[int, int, int]]:
    """Yields what stands at the top of ``code``: (offset, that of its brace, end).

    With ``prototypes`` declarations with parentheses, too, which end where their
    brace would be.  A brace at column 0 closes what is open: an #else branch that
    opens a block a second time cannot hide the rest of the file.
    """
    depth, last, opened, behind = 0, 0, 0, 0
    for match in _BRACES.finditer(code):
        mark, at = match[0], match.start()
        if at < behind:
            continue  # in a string
        if mark in "\"'":
            literal = LITERAL.match(code, at)
            behind = literal.end() if literal else at
        elif mark == "{":
            if depth == 0:
                opened = at
            depth += 1
        elif mark == "}":
            column_0 = at == 0 or code[at - 1] == "\n"
            was, depth = depth, 0 if column_0 else max(0, depth - 1)
            if depth == 0:
                if was:
                    yield last, opened, at + 1
                last = at + 1
        elif depth == 0:
            if prototypes and code.find("(", last, at) >= 0:
                yield last, at, at
            last = at + 1


def missing_braces(code: str) -> tuple[int, int]:
    """Says how many braces are missing before a text, and how many behind it."""
    depth = lowest = 0
    for char in code_of(code):
        if char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
            lowest = min(lowest, depth)
    return -lowest, depth - lowest


# --- tokens ---------------------------------------------------------------------------


def closing_token(tokens: list[str], start: int) -> int:
    """Returns the place of the bracket that closes the one at ``start``, -1 if none
    does."""
    depth = 0
    for place in range(start, len(tokens)):
        if tokens[place] in _OPENING:
            depth += 1
        elif tokens[place] in _CLOSING:
            depth -= 1
            if depth == 0:
                return place
    return -1


def split_tokens(tokens: list[str]) -> list[list[str]]:
    """Returns the arguments of a call, from the tokens between its parentheses."""
    found: list[list[str]] = [[]]
    depth = 0
    for token in tokens:
        depth += (token == "(") - (token == ")")
        if token == "," and depth == 0:
            found.append([])
        else:
            found[-1].append(token)
    return found


_OF_A_WORD = regex(r"\w")


def places_of(name: str, code: str) -> Iterator[int]:
    """Yields where a name stands in code, and is no part of another."""
    at = code.find(name)  # which is much faster than a pattern
    while at >= 0:
        end = at + len(name)
        if not _OF_A_WORD.search(code[max(at - 1, 0) : at] + code[end : end + 1]):
            yield at
        at = code.find(name, end)


_DECLARED = regex(  # it begins with what is rare
    r"[\s*](?<=\w[\s*])(?<!\breturn[\s*])(?<!\belse[\s*])(?<!\bcase[\s*])"
    r"(?<!\bgoto[\s*])(?<!\bsizeof[\s*])[\s*]*+([A-Za-z_]\w*)\s*[=;,)\[:]"
)


def declares_itself(code: str, name: str) -> bool:
    """Says whether a file has a variable, parameter or type of that name."""
    return name in _declared_in(code)


@once_per_text(64)
def _declared_in(code: str) -> frozenset[str]:
    return frozenset(_DECLARED.findall(code))
