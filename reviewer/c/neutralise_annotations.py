# SPDX-License-Identifier: GPL-2.0-or-later
"""Annotations: words about a declaration that have no value, by name and by form."""

from __future__ import annotations

import re

from reviewer.c.neutralise_scan import GLUED, next_mark
from reviewer.c.neutralise_words import ALONE, CALLED
from reviewer.c.text import closing_parenthesis, spaces_for
from reviewer.patterns import regex

_ANNOTATION = regex(rb"__\w+")
_NO_WORD = regex(rb"no(?:inline|trace|kprobe|instr)\w*")
_LINKAGE = regex(rb"asmlinkage\w*")
_OTHERS = tuple(
    name for name in sorted(ALONE) if not name.startswith((b"__", b"no", b"asmlinkage"))
)
_BRACKETED = regex(rb"(?<![\w)\]])\[\[[a-z_][^\[\]]*\]\]")
_GATED_SECTION = regex(rb"__(?:mem|net_)?(?:init|exit)(?:data|const)?_or_\w+\Z")
# By form: a word that the tree defines somewhere out of sight.
_LAST_WORD = regex(rb"__[a-z]\w*(?=\s*[;={])")
_BEFORE_LAST_WORD = regex(
    rb"(?:(?<![\w.])(?!(?:struct|union|enum|const|volatile|static|extern|unsigned|signed"
    rb"|long|short|register|return|goto|case|else|typedef|inline|sizeof)\b)"
    rb"[A-Za-z_]\w*[ \t*]+[A-Za-z_]\w*(?:\[[^\]\n]*\])*|\])\s+\Z"
)
_FIRST_WORD = regex(
    rb"^(?:(?:static|extern|inline|const)[ \t]+)+"
    rb"(?!__[usbl]e?\d|__wsum|__sum16|__poll_t|__kernel_|\w+_t\b)(__[a-z]\w*)"
    rb"(?=\s+(?:(?:struct|union|enum|unsigned)\s+)?[A-Za-z_]\w*[ \t\n*]+\w+\s*\()",
    re.MULTILINE,
)


def known_annotations(code: bytearray, own: frozenset[bytes]) -> None:
    """Blank attributes: ``__init``, ``__printf(1, 2)``, ``[[fallthrough]]``.

    ``own``: the names that the file itself defines as annotations.
    """
    text = bytes(code)
    finders = [_ANNOTATION, _NO_WORD, _LINKAGE]
    odd = [name for name in own if not name.startswith(b"__")]
    odd += [name for name in _OTHERS if name in text]
    if odd:
        words = b"|".join(re.escape(name) for name in odd)
        finders.append(re.compile(rb"\b(?:" + words + rb")\b"))
    for finder in finders:
        for match in finder.finditer(text):
            name, (start, end) = match[0], match.span()
            if name in ALONE:
                pass
            elif name in CALLED or name in own:
                after = next_mark(text, end)
                if text[after : after + 1] == b"(":
                    end = closing_parenthesis(text, after) or end
                elif name not in own:
                    continue
            elif not _GATED_SECTION.match(name):
                continue
            if start == 0 or text[start - 1] not in GLUED:
                code[start:end] = spaces_for(text[start:end])
    if b"[[" in text:
        for match in _BRACKETED.finditer(text):
            code[match.start() : match.end()] = spaces_for(match[0])


def unknown_annotations(code: bytearray) -> None:
    """Blank words that only an annotation can be, by where they stand."""
    text = bytes(code)
    for match in _LAST_WORD.finditer(text):
        start = match.start()
        if _BEFORE_LAST_WORD.search(text, max(0, start - 200), start):
            code[start : match.end()] = spaces_for(match[0])
    for match in _FIRST_WORD.finditer(text):
        code[match.start(1) : match.end(1)] = spaces_for(match[1])


_KEYWORD = regex(
    rb"[ \t\n](?<=\w[ \t\n])[ \t\n]*"  # a set first: looked for fastest
    rb"(?:unsigned|signed|int|long|short|char|void|struct|union|enum"
    rb"|static|inline|extern|typedef|if|while|for|switch|return|goto|break|continue|case"
    rb"|default|(?:bool|u8|u16|u32|u64|s32|s64|size_t|ssize_t)(?=[ \t\n*]+[A-Za-z_]))\b"
)
_WORD_BEFORE = regex(rb"(?<![\w#.>])[A-Za-z_]\w*\Z")
_MAY_PRECEDE = frozenset(
    b"unsigned signed int long short char void struct union enum static inline extern "
    b"typedef const volatile register else do return sizeof case goto __inline "
    b"__signed__ _Thread_local auto double float restrict typeof __typeof__ default "
    b"__extension__ _Noreturn __inline__ bool _Bool".split()
)


def words_before_keywords(code: bytearray) -> None:
    """Blank a word that stands before a keyword: C has no place for a name there."""
    text = bytes(code)
    for match in _KEYWORD.finditer(text):
        at = match.start()
        word = _WORD_BEFORE.search(text, max(0, at - 64), at)
        if word is not None and word[0] not in _MAY_PRECEDE:
            code[word.start() : at] = spaces_for(word[0])
