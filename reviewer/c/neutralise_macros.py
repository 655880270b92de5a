# SPDX-License-Identifier: GPL-2.0-or-later
"""Macros and GNU C inside functions, made into C of the same length.

Each pass takes the code (comments and directives already spaces) and changes it in
place, every byte outside the construct untouched.
"""

from __future__ import annotations

import re

from reviewer.c.parts import (
    FAR,
    GLUED,
    KEYWORDS,
    NAME_BEFORE,
    SPACE,
    last_mark,
    next_non_space,
)
from reviewer.c.text import closing_parenthesis, opening_of, spaces_for
from reviewer.patterns import regex

# --- assembler --------------------------------------------------------------------

_ASM_WORD = regex(rb"asm")
_ASM = regex(
    rb"(?:__asm__|__asm|asm_inline|asm_volatile_goto|asm_goto_output|asm)\b"
    rb"(?:\s+(?:__volatile__|__volatile|volatile|goto|inline|__inline__|__inline))*"
    rb"\s*(?=\()"
)
_DECLARED_IN = regex(rb"[\w)\]]")


def empty_assembler(code: bytearray) -> None:
    """Leave ``asm ("")`` of an asm statement; a register or symbol name vanishes."""
    text = bytes(code)
    for word in _ASM_WORD.finditer(text):
        start = word.start()
        if text[start - 2 : start] == b"__":
            start -= 2
        match = _ASM.match(text, start)
        if match is None or (start and text[start - 1] in GLUED):
            continue
        end = closing_parenthesis(text, match.end())
        if not end:
            continue
        whole = text[match.start() : end]
        before = last_mark(text, match.start())
        if _DECLARED_IN.match(before) and not _follows_condition(text, match.start()):
            code[match.start() : end] = spaces_for(whole)
            continue
        words, inner = (
            text[match.start() : match.end()],
            text[match.end() + 1 : end - 1],
        )
        code[match.start() : end] = (
            b"asm" + spaces_for(words[3:]) + b"(" + _empty_string(inner) + b")"
        )


def _follows_condition(text: bytes, at: int) -> bool:
    before = text[max(0, at - 400) : at].rstrip(SPACE)
    if before.endswith((b"else", b"do")):
        return True
    line = before.rpartition(b"\n")[2].lstrip()
    return before.endswith(b")") and bool(
        re.match(rb"(?:\}?\s*else\s+)?(?:if|while|for)\b|\w*for_each", line)
    )


def _empty_string(inner: bytes) -> bytes:
    if len(inner) < 2 or b"\n" in inner[:2]:
        at = re.search(rb"[^\n]{2}", inner)
        if at is None:
            return inner
        return spaces_for(inner[: at.start()]) + b'""' + spaces_for(inner[at.end() :])
    return b'""' + spaces_for(inner[2:])


# --- iterators ----------------------------------------------------------------------

_ITERATOR = regex(
    rb"(?!\w{256})(?:\w*for_each\w*|scoped_guard|scoped_cond_guard|scoped_\w+"
    rb"|\w*_iterate_\w+|\w*foreach\w*|with_\w+)\Z"
)
_STARTS_STATEMENT = regex(rb"[A-Za-z_{}*(]|\+\+|--")


def iterators_as_loops(code: bytearray) -> None:
    """Writes ``list_for_each_entry(...)`` and ``macro(...) {`` as ``while (...)``.

    A call that stands alone on its line, without a semicolon, is one too if the next
    line is its body by the indentation; else it holds statements of its own and goes.
    """
    text = bytes(code)
    for match in _CALL_LINE.finditer(text):
        name = match[2]
        if name in KEYWORDS:
            continue
        opening = match.end() - 1
        end = closing_parenthesis(text, opening)
        if not end:
            continue
        after = next_non_space(text, end)
        if text[after : after + 1] == b";":
            continue
        if text[after : after + 1] != b"{":
            if not _STARTS_STATEMENT.match(text, after) or b"\n" not in text[end:after]:
                continue
            if not _ITERATOR.match(name) and not _indented(text, match, after):
                before = last_mark(code, match.start(2))
                if before and before in b"{};,:":
                    code[match.start(2) : end] = spaces_for(text[match.start(2) : end])
                continue
        before = last_mark(code, match.start(2))
        if not before or before not in b";{}):":
            words = text[max(0, match.start(2) - 200) : match.start(2)].rstrip()
            if not words.endswith((b"else", b"do")):
                continue
        _iterate(code, match.start(2), match.end(2), opening, end)
    if b"_each" not in text:
        return
    for match in _IN_A_LINE.finditer(text):
        end = closing_parenthesis(text, match.end())
        if end and _STARTS_STATEMENT.match(text, next_non_space(text, end)):
            _iterate(code, match.start(1), match.end(1), match.end(), end)
    for match in _DO_ITERATOR.finditer(text):
        end = closing_parenthesis(text, match.end())
        if text[end : end + 1] == b";":
            _iterate(code, match.start(1), match.end(1), match.end(), end)


def _iterate(code: bytearray, start: int, stop: int, opening: int, end: int) -> None:
    word = b"while" if stop - start > 4 else b"if"
    code[start:stop] = word.ljust(stop - start)
    if end - opening > 2 and not code[opening + 1 : end - 1].strip():
        code[opening + 1] = ord("1")
    elif end - opening == 2 and stop - start > 6:
        # for_each_x(): while  x(), a call in the condition's place
        code[start:end] = b"while (1)".ljust(end - start)


def _indented(text: bytes, call: re.Match[bytes], after: int) -> bool:
    """Whether what stands at ``after`` is indented more than the call's line."""
    line = text.rfind(b"\n", 0, after) + 1
    here = text[line:after].expandtabs(8)
    there = text[call.start(1) : call.end(1)]
    margin = there[: len(there) - len(there.lstrip(b" \t"))].expandtabs(8)
    return len(here) > len(margin)


_CALL_LINE = regex(
    rb"\n([ \t]++(?:\}?[ \t]*else[ \t]++|do[ \t]++"
    rb"|(?:if|while|for)[ \t]*\([^;{}\n]*\)[ \t]++)?)"
    rb"(?!(?:if|for|while|switch|return|sizeof)\b)"
    rb"([A-Za-z_]\w++)[ \t]*+\((?![^\n]*;[ \t]*\n)"
)
_IN_A_LINE = regex(
    rb"(?:;|\{|\}|else(?<!\welse)\b)"  # its letters first: looked for fastest
    rb"[ \t]*+((?!\w{256})\w*for_each\w*)[ \t]*(?=\()"
)
_DO_ITERATOR = regex(rb"\}[ \t]*(\w*(?:for|while)_each\w*)[ \t]*(?=\()")

# --- small things -------------------------------------------------------------------

_CASE_RANGE = regex(rb"case\b(?:(?!\.\.\.)[^;{}?:]){0,400}+(\.\.\.)[^;{}?:]{0,400}+:")
_COMPUTED_GOTO = regex(rb"goto([ \t]*)\*")
_LAST_COLON = regex(rb":(\s*)\}")
_BITMAP = regex(rb"DECLARE_BITMAP(?<!\wDECLARE_BITMAP)[ \t]*\(\s*([\w.]+)\s*,")
_CALLED_STRING = regex(rb"\"(\s*)([A-Za-z_]\w*)[ \t]*(?=\()")
_CALL_THEN_STRING = regex(rb"\)(?=\s*\")")


def gnu_c(code: bytearray) -> None:
    """Rewrites GNU C that the grammar lacks."""
    text = bytes(code)
    if b"..." in text:
        # case A ... B: is read as case A | B, both values stay visible
        for match in _CASE_RANGE.finditer(text):
            code[match.start(1) : match.end(1)] = b" | "
    if b"goto" in text and b"&&" in text:
        for match in _COMPUTED_GOTO.finditer(text):
            code[match.end() - 1] = 0x20
            target = next_non_space(text, match.end())
            semicolon = text.find(b";", target)
            if semicolon > 0:
                code[match.start() : semicolon] = _one_word_goto(
                    text[match.start() : semicolon]
                )
    for match in _LAST_COLON.finditer(text):
        room = re.search(rb"[ \t]", match[1])
        if room is not None:
            code[match.start(1) + room.start()] = 0x3B
    for match in _BITMAP.finditer(text):
        end = closing_parenthesis(text, text.index(b"(", match.start()))
        if end:
            name = match[1].ljust(len(match[1]))
            whole = text[match.start() : end]
            code[match.start() : end] = spaces_for(whole)
            code[match.start() : match.start() + 13] = b"unsigned long"
            code[match.start(1) : match.end(1)] = name


def _one_word_goto(text: bytes) -> bytes:
    return b"goto " + re.sub(rb"[^\n]", b"_", text[5:]) if b"\n" not in text else text


_TWO_WORDS = regex(rb"(?<![\w.])([A-Z][A-Z0-9_]+)(?=[ \t]+[A-Z][A-Z0-9_]+\s*\")")


def pasted_words(code: bytearray) -> None:
    """Rewrites ``KERN_ERR DRV_NAME ": text"``: one word before a string is enough."""
    for match in _TWO_WORDS.finditer(bytes(code)):
        code[match.start() : match.end()] = spaces_for(match[0])


def string_pasting(code: bytearray) -> None:
    """Blank ``MACRO(x)`` between strings that are pasted together."""
    text = bytes(code)
    if b'"' not in text:
        return
    for match in _CALLED_STRING.finditer(text):
        end = closing_parenthesis(text, match.end())
        if end:
            code[match.start(2) : end] = spaces_for(text[match.start(2) : end])
    for match in _CALL_THEN_STRING.finditer(text):
        opening = opening_of(text, match.start(), max(0, match.start() - FAR))
        name = NAME_BEFORE.search(text, max(0, opening - 80), opening)
        if name is not None and name[1] not in KEYWORDS:
            code[name.start() : match.end()] = spaces_for(
                text[name.start() : match.end()]
            )


# Digits that are no number (1k, 0_9): only macros that paste take them
_NUMBER_LIKE = regex(
    rb"(?<![\w.])(?!0[xXbB][0-9a-fA-F]+[uUlL]*\b)(?!\d[\d']*\.?\d*(?:[eE]\d+)?[uUlLfF]*\b)"
    rb"\d\w+"
)


def names_like_numbers(code: bytearray) -> None:
    """Makes a name of what begins as a number and is none: ``MACRO(1024, 1k)``."""
    for match in _NUMBER_LIKE.finditer(bytes(code)):
        if not re.fullmatch(rb"0[xX][0-9a-fA-F]*[uUlL]*", match[0]):
            code[match.start()] = ord("_")
