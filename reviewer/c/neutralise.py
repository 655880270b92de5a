# SPDX-License-Identifier: GPL-2.0-or-later
"""Kernel C made readable for tree-sitter-c, every byte and line in its place.

The kernel's C is written for its own macros: unaided, the grammar fails in four of
five files of mm/.  ``neutralise`` replaces what the grammar cannot read by something
of the same length that it can, so that an offset in the tree is an offset in the file.
Forms come first, names second, so that a fragment without a tree can be read too.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Iterator
from zlib import crc32

from msgspec import Struct

from reviewer.c import neutralise_arguments as arguments
from reviewer.c import neutralise_macros as macros
from reviewer.c.file_memory import forgotten_with_texts
from reviewer.c.neutralise_branches import (
    DirectiveGroup,
    decide_groups,
    groups,
    in_lists,
    take_out_branches,
)
from reviewer.c.neutralise_structs import (
    enumerators_from_macros,
    members_from_macros,
    unnamed_bits,
)
from reviewer.c.neutralise_text import (
    DirectiveSpan,
    directives,
    readable,
    with_joined_lines,
    with_plain_strings,
    without_directives,
)
from reviewer.c.neutralise_toplevel import lone_words, top_level
from reviewer.c.neutralise_words import ALONE, CALLED, annotations_of_file
from reviewer.c.parts import GLUED, last_mark, next_non_space
from reviewer.c.text import closing_parenthesis, spaces_for
from reviewer.patterns import regex


class OutOfTime(Exception):
    """The processor time that was given is used up."""


class Neutral(Struct):
    """A file in the form that is parsed, and what that form leaves out."""

    text: bytes  # same length as the file, newlines in the same places
    code: bytearray  # the text without any directive
    plain: bytes  # the file without comments
    directives: list[DirectiveSpan]
    groups: list[DirectiveGroup]
    stray: set[int]  # starts of conditionals without a partner
    blanked: list[tuple[int, int]]  # byte ranges of code that is not in the text
    labelled: set[int]  # starts of #if lines right behind a label
    own: frozenset[bytes]  # annotations that the file defines
    rare: bool = False  # whether the rare passes have run

    def assemble(self) -> bytes:
        """Put the directives that stay back into the code."""
        text = bytearray(self.code)
        flat = {
            line.start for group in self.groups if group.flat for line in group.lines
        }
        dropped = _Ranges(self.blanked)
        listed = in_lists(
            self.code,
            [line.start for line in self.directives if line.keyword in _LISTED],
        )
        for line in self.directives:
            if line.start in flat or line.start in self.stray or line.start in dropped:
                continue
            if line.start in listed:
                continue
            directive = readable(self.plain[line.start : line.end], line.keyword)
            if line.start in self.labelled and len(directive) > 6:
                directive = b";#if 1" + spaces_for(directive[6:])
            text[line.start : line.end] = directive
        self.text = bytes(text)
        return self.text

    def snapshot(self) -> tuple[bytes, int]:
        """Returns what ``restore`` needs to take back a repair."""
        return self.text, len(self.blanked)

    def restore(self, before: tuple[bytes, int]) -> None:
        """Take back what was left out since ``snapshot``."""
        self.text = before[0]
        del self.blanked[before[1] :]

    def repair(self, errors: list[tuple[int, int]], ends: float = math.inf) -> bool:
        """Try harder at the byte ranges of the errors; False: nothing left to try.

        Raises OutOfTime when the processor time is above ``ends``.

        First the passes that most files do not need, then the #if groups that touch
        an error lose their directives.
        """
        if not self.rare:
            self.rare = True
            before = bytes(self.code)
            rewrite(self.code, self.own, rare=True, ends=ends)
            if self.code != before:
                self.assemble()
                return True
        changed = False
        wide = [self._with_space(start, end) for start, end in errors]
        for group in self.groups:
            first, last = group.lines[0].start, group.lines[-1].end
            if not group.flat and any(
                (start <= first and last <= end)
                or any(start < line.end and line.start < end for line in group.lines)
                or (group.never and start < last and first < end)
                for start, end in wide
            ):
                take_out_branches(self.code, group, self.blanked)
                changed = True
        if changed:
            self.assemble()
        return changed

    def _with_space(self, start: int, end: int) -> tuple[int, int]:
        """A byte range with the white space on both sides, and one byte more."""
        text = self.text
        while start > 0 and text[start - 1] in b" \t\n":
            start -= 1
        return max(0, start - 1), next_non_space(text, end) + 1


_LISTED = (b"define", b"undef", b"include")


class _Ranges:
    def __init__(self, ranges: list[tuple[int, int]]) -> None:
        self.ranges = ranges

    def __contains__(self, at: int) -> bool:
        return any(start <= at < end for start, end in self.ranges)


def neutralise(data: bytes, ends: float = math.inf) -> Neutral:
    """Neutralises a C file.

    Raises OutOfTime when the processor time is above ``ends``; what one pass takes
    grows with the length of the text only.
    """
    plain = with_plain_strings(data)
    lines = directives(plain)
    joined = with_joined_lines(data, plain, lines)
    if joined != plain:
        plain, lines = joined, directives(joined)
    code = without_directives(plain, lines)
    own = annotations_of_file(
        plain[line.start : line.end] for line in lines if line.keyword == b"define"
    )
    _rewrite_parts(code, own, ends)
    found, stray = groups(lines)
    blanked = decide_groups(code, plain, found)
    neutral = Neutral(
        text=b"",
        code=code,
        plain=plain,
        directives=lines,
        groups=found,
        stray={line.start for line in stray},
        blanked=blanked,
        own=own,
        labelled={
            group.lines[0].start
            for group in found
            if not group.flat and last_mark(code, group.lines[0].start) == b":"
        },
    )
    neutral.assemble()
    assert len(neutral.text) == len(data)
    return neutral


def _rewrite_parts(code: bytearray, own: frozenset[bytes], ends: float) -> None:
    """Rewrites code part by part, for a patch leaves most parts of a file as they are.

    No pass looks further than to the next mark or the closing bracket, so that a part
    that begins behind the end of a function is the same alone.  What a bracket that
    stays open spoils ends with the part.
    """
    start = 0
    for end in [*_ends_of_parts(code), len(code)]:
        code[start:end] = _rewritten(bytes(code[start:end]), own, ends)
        start = end


def _ends_of_parts(code: bytearray) -> Iterator[int]:
    """Where parts end: behind some functions, told by the line that follows, so that an
    edit moves no other end."""
    last = 0
    for match in _NEXT_FUNCTION.finditer(code):
        if crc32(match[1]) % _PART == 0 and match.start(1) - last > _SMALL:
            last = match.start(1)
            yield last


_NEXT_FUNCTION = regex(
    rb"\n\}\n\n((?:static|int|void|struct|unsigned|bool)\b[^\n{]*\n)"
)
_PART = 4  # functions in a part, about
_SMALL = 512  # bytes
_PARTS_KEPT = 1024


def _rewritten(part: bytes, own: frozenset[bytes], ends: float) -> bytes:
    key = part, own
    if key not in _parts:
        text = bytearray(part)
        rewrite(text, own, ends=ends)
        if len(_parts) >= _PARTS_KEPT:
            del _parts[next(iter(_parts))]
        _parts[key] = bytes(text)
    return _parts[key]


_parts: dict[tuple[bytes, frozenset[bytes]], bytes] = {}
forgotten_with_texts(_parts.clear)


def rewrite(
    code: bytearray,
    own: frozenset[bytes],
    *,
    rare: bool = False,
    ends: float = math.inf,
) -> None:
    """Makes all passes over code without comments and directives, in place.

    ``rare``: also those that most files do not need.  Raises OutOfTime.
    """
    before: list[Callable[[bytearray], object]] = [
        macros.empty_assembler,
        lambda text: known_annotations(text, own),
        words_before_keywords,
    ]
    if rare:
        before += [
            unknown_annotations,
            lone_words,
            macros.names_like_numbers,
            enumerators_from_macros,
            unnamed_bits,
            macros.pasted_words,
        ]
    after: list[Callable[[bytearray], object]] = [
        top_level,
        macros.string_pasting,
        members_from_macros,
        macros.iterators_as_loops,
        arguments.one_word_types,
    ]
    if rare:
        after += [arguments.arguments, arguments.pointer_types]
    for one_pass in (*before, *after, macros.gnu_c):
        if time.process_time() > ends:
            raise OutOfTime
        one_pass(code)


def macro_body(body: bytes) -> bytes:
    """Returns the body of a #define, neutralised, without ``#`` and ``##``.

    ``a ## _b`` becomes ``a ___b``: no name of any constant, but of the same length.
    """
    plain = with_plain_strings(body).replace(b"\\\n", b" \n")
    plain = _PASTED.sub(lambda paste: re.sub(rb"[^\n\w]", b"_", paste[0]), plain)
    code = bytearray(plain.replace(b"#", b" "))
    if _ONE_CALL.fullmatch(plain):
        return bytes(code)  # GENMASK(4, 2) is an expression, and no definition
    rewrite(code, frozenset(), rare=True)
    return bytes(code)


_ONE_CALL = regex(rb"\s*[A-Z_][A-Z_0-9]*\([\w \t,+*-]*\)\s*")
_PASTED = regex(rb"[ \t]*##[ \t]*")


# ---
# Annotations: words about a declaration that have no value, by name and by form


_ANNOTATION = regex(rb"__\w+")
_NO_WORD = regex(rb"no(?:inline|trace|kprobe|instr)\w*")
_LINKAGE = regex(rb"asmlinkage\w*")
_OTHERS = tuple(
    name for name in sorted(ALONE) if not name.startswith((b"__", b"no", b"asmlinkage"))
)
_SHORTEST_OTHERS = tuple(
    name for name in _OTHERS if not any(one in name for one in _OTHERS if one != name)
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
    if any(name in text for name in _SHORTEST_OTHERS):
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
                after = next_non_space(text, end)
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
# what most of these words stand behind, told without a search
_USUAL = tuple(
    mark + word
    for word in (b"unsigned", b"static", b"const", b"inline", b"else")
    for mark in (b" ", b"\n", b"\t", b"(")
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
        if text.endswith(_USUAL, 0, at):
            continue
        word = _WORD_BEFORE.search(text, max(0, at - 64), at)
        if word is not None and word[0] not in _MAY_PRECEDE:
            code[word.start() : at] = spaces_for(word[0])
