# SPDX-License-Identifier: GPL-2.0-or-later
"""A header as text: the functions, enums and macros that stand in it, and under
which condition.

Facts are read from text and not from a syntax tree where macros write the code: a
generator line such as ``PAGEFLAG(Dirty, dirty, PF_HEAD)`` is no C before it is
expanded, and both branches of an #ifdef count.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import Any

from msgspec import Struct

from reviewer.c.conditionals import Conditionals, conditionals
from reviewer.c.conditions import Condition
from reviewer.c.neutralise_words import CALLED
from reviewer.c.preprocessor import Define, Enumerator, defines, enumerators
from reviewer.c.text import (
    ONLY_NEWLINES,
    blank_comments,
    blocks,
    comments,
    opening_of,
    spaces_for,
    without_comments,
)
from reviewer.models import Evidence
from reviewer.patterns import regex
from reviewer.utf8 import decode, encode

_DIRECTIVE_LINE = regex(r"(?:[^\n\\]|\\.|\\\Z)*+", re.DOTALL)
_LANGUAGE = regex(r'extern(?<!\wextern)\s+"C(?:\+\+)?"\s*\{')
_SPACES = regex(r"\s*")
_NEWLINE = regex(r"\n")
_TYPEDEF = regex(r"\btypedef\s++(\w++(?:\s++\w++)*?)\s++(\w++)\s*+;")
# What may stand between "define" and its name: blanks, continued lines
_BETWEEN = bytes(code for code in range(256) if not 0x20 < code < 0x80) + b"\\"
_WORTH_READING = 3_000  # places in a file, or as many times
_LIKE_A_PLACE = 4096  # bytes
_LAST_WORD = regex(r"([A-Za-z_]\w*)\s*$")


class HeaderFunction(Struct, frozen=True):
    """A function definition found in text."""

    name: str
    returns: str
    parameters: str  # between the parentheses
    body: str  # with its braces, white space as it stands
    start: int  # offset of the head in the text that was scanned
    end: int


class Enum(Struct, frozen=True):
    """An enum of a header, both branches of every #if included."""

    name: str  # "" for an anonymous one
    line: int
    enumerators: tuple[Enumerator, ...]

    @property
    def unread(self) -> Enumerator | None:
        """The first member that a macro makes: its names and values are not known."""
        return next((member for member in self.enumerators if not member.name), None)


def words(text: str) -> str:
    """Returns ``text`` with every run of white space as one space."""
    return " ".join(text.split())


def scan_functions(code: str, prototypes: bool = False) -> Iterator[HeaderFunction]:
    """Yields the function definitions of ``code``:
    comments and directives blanked before.

    With ``prototypes`` the declarations too, with an empty body.
    """
    for start, opened, end in blocks(code, prototypes):
        function = _function_in(code, start, opened, end)
        if function is not None:
            yield function


def _function_in(code: str, start: int, opened: int, end: int) -> HeaderFunction | None:
    head = _function_head(code, start, opened)
    if head is None:
        return None
    name, returns, parameters, begins = head
    return HeaderFunction(name, returns, parameters, code[opened:end], begins, end)


_NO_FUNCTION = frozenset(
    {"enum", "struct", "union", "if", "for", "while", "switch", "do", "else"}
)
_IN_PARENTHESES = regex(r"\(\s*([A-Za-z_]\w*)\s*\)\s*$")  # int (f)(int x)
_LINKAGE = regex(r"(?:(?:static|extern|inline|__\w++|asmlinkage)\b|\s++)*+\Z")
_TYPEOF = frozenset({"typeof", "__typeof__", "__typeof"})
_ATTRIBUTES = frozenset({"__attribute__", "__attribute"})
_IS_TYPEOF = regex(r"\b(?:__)?typeof(?:__)?\s*\(")
_LONGEST_NAME = 512


def _function_head(
    code: str, start: int, brace: int
) -> tuple[str, str, str, int] | None:
    """(name, return type, parameters, offset) of what the brace at ``brace`` opens."""
    end = _without_words(code, start, brace)
    name, opening = _called_before(code, start, end)
    while name is not None and _is_attribute(code, start, name):
        end = _without_words(code, start, name.start())
        name, opening = _called_before(code, start, end)
    if name is None or name[1] in _NO_FUNCTION | _TYPEOF | _ATTRIBUTES:
        return None
    begins = _after_macro_calls(code, start, name.start())
    if begins == name.start() and _IS_TYPEOF.search(code, start, begins):
        begins = start
    returns = words(code[begins : name.start()])
    if not returns or returns.split()[-1] in _NO_FUNCTION:
        return None  # struct __aligned(8) foo
    if "=" in returns or returns == "return":
        return None  # a call, in what a TRACE_EVENT() is handed
    return name[1], returns, words(code[opening + 1 : end - 1]), begins


def _without_words(code: str, start: int, end: int) -> int:
    """Where a head ends without the attributes that are single words."""
    while True:
        while end > start and code[end - 1].isspace():
            begins = max(start, end - _LONGEST_NAME)
            end = begins + len(code[begins:end].rstrip())
        if end == start or code[end - 1] == ")":
            return end
        word = _LAST_WORD.search(code, max(start, end - _LONGEST_NAME), end)
        if word is None or word[1] in _NO_FUNCTION:
            return start
        end = word.start()


def _called_before(code: str, start: int, end: int) -> tuple[re.Match[str] | None, int]:
    """The name in front of the parentheses that end at ``end``, and where these
    begin."""
    opening = opening_of(code, end - 1, start) if end > start else start
    begins = max(start, opening - _LONGEST_NAME)
    opening = max(begins, opening)
    name = _LAST_WORD.search(code, begins, opening)
    return name or _IN_PARENTHESES.search(code, begins, opening), opening


def _is_attribute(code: str, start: int, name: re.Match[str]) -> bool:
    """Whether a name is that of an attribute behind the parameters: ``int f(int x)
    __must_hold(x)``, and not that of a function behind one: ``__printf(1, 2) __f(x)``.
    """
    before = _without_words(code, start, name.start())
    earlier, _opening = _called_before(code, start, before)
    if earlier is None or earlier[1] in _TYPEOF:
        return False
    if name[1].encode() in CALLED:
        return True
    begins = _after_macro_calls(code, start, earlier.start())
    has_type = not _LINKAGE.match(code, begins, earlier.start())
    return has_type and earlier[1].encode() not in CALLED


def _after_macro_calls(code: str, start: int, end: int) -> int:
    """Where a declaration begins that macro calls without ``;`` may stand before."""
    begins = max(start, code.rfind(")", start, end) + 1)
    spaces = _SPACES.match(code, begins, end)
    return spaces.end() if spaces else begins


class Header:
    """One file's text and what stands in it; everything is read when asked for."""

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self.data = data
        self.found_once: dict[object, Any] = {}  # see ``c.file_memory``
        self._gives_value: dict[str, bool] = {}
        self._looked_at = 0  # places where a name that is looked for may be defined
        self._heads_read = 0  # of functions, for the sake of one name each

    @cached_property
    def text(self) -> str:
        """The file as it stands."""
        return decode(self.data)

    @cached_property
    def clean(self) -> str:
        """The text without comments, offsets as in ``text``."""
        if self.data.isascii():
            return blank_comments(self.data, ONLY_NEWLINES).decode("ascii")
        return without_comments(self.text)

    @cached_property
    def code(self) -> str:
        """The text without comments, directives and extern "C" {, which encloses what
        stands at file level; offsets as in ``text``."""
        code = _without_directives(self.clean, self.text)
        if '"C' not in code:  # which is found faster than all of the pattern
            return code
        return _LANGUAGE.sub(lambda part: spaces_for(part[0]), code)

    @cached_property
    def _line_starts(self) -> array[int]:
        """Where the lines begin; thousands of headers are kept, so as bare numbers."""
        return array("I", [0, *(match.end() for match in _NEWLINE.finditer(self.text))])

    def line_of(self, offset: int) -> int:
        """Returns the line, from 1, of an offset into ``text``, ``clean`` or
        ``code``."""
        return bisect_right(self._line_starts, offset)

    def start_of(self, line: int) -> int:
        """Returns the offset at which a line begins, from 1; behind the last one the
        end of the text."""
        starts = self._line_starts
        return starts[line - 1] if line <= len(starts) else len(self.text)

    def line_text(self, line: int) -> str:
        """Returns a line, stripped."""
        if line < 1:
            return ""
        return self.text[self.start_of(line) : self.start_of(line + 1)].strip()

    def evidence(self, line: int) -> Evidence:
        """Returns the line as evidence."""
        return Evidence(self.path, line, self.line_text(line))

    @cached_property
    def conditionals(self) -> Conditionals:
        """The #if structure."""
        return conditionals(self.data)

    def condition(self, line: int) -> Condition:
        """Returns under which configurations the line is compiled."""
        return self.conditionals.at(line)

    @cached_property
    def defines(self) -> tuple[Define, ...]:
        """Every #define, in order."""
        return defines(self.data)

    @cached_property
    def macros(self) -> dict[str, tuple[Define, ...]]:
        """The #defines by name."""
        found: dict[str, list[Define]] = {}
        for define in self.defines:
            found.setdefault(define.name, []).append(define)
        return {name: tuple(of_name) for name, of_name in found.items()}

    def may_give_value(self, name: str) -> bool:
        """Says whether a name stands where a #define has its name, or an enum a member.

        Most headers that hold a word call or declare it: those need not be read as C
        until it costs less to read them.  What a comment or a continued line may hide
        counts as a place.
        """
        if name not in self._gives_value and self._looked_at <= _WORTH_READING:
            self._gives_value[name] = self._is_at_a_place(name)
        return self._gives_value.get(name, True)

    def _is_at_a_place(self, name: str) -> bool:
        data, word = self.data, encode(name)
        self._looked_at += 1 + len(data) // _LIKE_A_PLACE
        enums = b"enum" in data
        place = data.find(word)
        while place >= 0:
            self._looked_at += 1
            end = place + len(word)
            if not (data[end : end + 1].isalnum() or data[end : end + 1] == b"_"):
                if data[max(place - 7, 0) : place - 1].endswith(b"define"):
                    return True
                if enums and data[end : end + 16].lstrip()[:1] != b"(":
                    return True  # what is called is no member
                before = data[max(place - 100, 0) : place].replace(b"\r\n", b"\n")
                before = before.replace(b"\\\n", b"").rstrip(_BETWEEN)
                if not before or before.endswith((b"define", b"*/")):
                    return True
            place = data.find(word, end)
        return False

    def macros_named(self, name: str) -> tuple[Define, ...]:
        """Returns the #defines of a name."""
        return self.macros.get(name, ()) if self.may_give_value(name) else ()

    def enums_with(self, name: str) -> tuple[Enum, ...]:
        """Returns the enums that have a name."""
        return self.enum_of.get(name, ()) if self.may_give_value(name) else ()

    @cached_property
    def typedefs(self) -> dict[str, list[str]]:
        """What the typedefs of plain types stand for, by name, attributes and all."""
        found: dict[str, list[str]] = {}
        for kind, name in _TYPEDEF.findall(self.code):
            found.setdefault(name, []).append(kind)
        return found

    @cached_property
    def functions(self) -> dict[str, tuple[HeaderFunction, ...]]:
        """The functions by name, every branch of every #if; prototypes without body."""
        found: dict[str, list[HeaderFunction]] = {}
        for function in scan_functions(self.code, prototypes=True):
            found.setdefault(function.name, []).append(function)
        return {name: tuple(of_name) for name, of_name in found.items()}

    @cached_property
    def _blocks(self) -> tuple[list[int], list[tuple[int, int, int]]]:
        """Where each block and prototype at the top begins, and these."""
        found = list(blocks(self.code, prototypes=True))
        return [start for start, _, _ in found], found

    def is_inside(self, offset: int) -> bool:
        """Says whether an offset into ``code`` lies in braces, those of an enum too."""
        starts, found = self._blocks
        at = bisect_right(starts, offset) - 1
        return at >= 0 and found[at][1] < offset < found[at][2] - 1

    def functions_named(self, name: str) -> tuple[HeaderFunction, ...]:
        """Returns what ``functions`` has of a name; heads without the name are not
        read, until it would cost less to read them all."""
        if "functions" not in self.__dict__:
            starts, found = self._blocks
            heads: dict[int, None] = {}
            place = self.code.find(name)
            while name and place >= 0:
                at = bisect_right(starts, place) - 1
                if at >= 0 and place < found[at][1]:
                    heads[at] = None
                place = self.code.find(name, place + len(name))
            self._heads_read += len(heads)
            if self._heads_read <= len(found):
                functions = (_function_in(self.code, *found[at]) for at in heads)
                return tuple(f for f in functions if f is not None and f.name == name)
        return self.functions.get(name, ())

    def bodies_of(self, name: str) -> tuple[HeaderFunction, ...]:
        """Returns the definitions of a function."""
        from reviewer.facts.function_names import may_have_body

        found = may_have_body(self.data, encode(name)) and self.functions_named(name)
        return tuple(one for one in found or () if one.body)

    @cached_property
    def enums(self) -> tuple[Enum, ...]:
        """The enums, in order."""
        found: dict[tuple[str, int], list[Enumerator]] = {}
        for member in enumerators(self.data):
            found.setdefault((member.enum, member.enum_line), []).append(member)
        return tuple(
            Enum(name, line, tuple(members)) for (name, line), members in found.items()
        )

    @cached_property
    def enum_of(self) -> dict[str, tuple[Enum, ...]]:
        """The enums that each name is a member of."""
        found: dict[str, list[Enum]] = {}
        for enum in self.enums:
            for name in dict.fromkeys(member.name for member in enum.enumerators):
                found.setdefault(name, []).append(enum)
        return {name: tuple(enums) for name, enums in found.items()}

    def comment_on(self, line: int) -> str:
        """Returns the text of the first comment that begins on a line, or ""."""
        found = decode(next(comments(encode(self.line_text(line))), b""))
        return found.lstrip("/*").removesuffix("*/").strip()


def _without_directives(clean: str, text: str) -> str:
    """The text without comments with spaces for each line that begins with a #, and
    those that continue it; one that stands elsewhere is looked for by itself, which is
    fastest.  ``text``: with its comments."""
    kept, done, at = [], 0, clean.find("#")
    while at >= 0:
        end, start = at, clean.rfind("\n", 0, at) + 1
        if not clean[start:at].strip(" \t"):
            end = _end_of_directive(clean, text, at)
            kept += [clean[done:start], spaces_for(clean[start:end])]
            done = end
        end = clean.find("\n", end)
        at = clean.find("#", end) if end >= 0 else -1
    return "".join([*kept, clean[done:]])


def _end_of_directive(clean: str, text: str, at: int) -> int:
    """Where a directive ends: a comment that is open at the end of its line is a blank
    (C11 5.1.1.2), and what stands behind it is still the directive's."""
    end = at
    while True:
        line = _DIRECTIVE_LINE.match(clean, end)
        end = line.end() if line is not None else end
        opened = text.rfind("/*", at, end)
        if opened < 0 or clean[opened] != " " or "//" in text[at:opened]:
            return end
        closed = text.find("*/", opened + 2)
        if closed < end:
            return end
        end = closed + 2


class _Kept:
    """The headers asked for last, as long as there is room: each stands in memory some
    four times over, read and half read."""

    def __init__(self) -> None:
        self.room = 32 << 20  # bytes of the files
        self._used = 0
        self._headers: OrderedDict[tuple[str, bytes], Header] = OrderedDict()

    def header(self, path: str, data: bytes) -> Header:
        key = (path, data)
        known = self._headers.get(key)
        if known is not None:
            self._headers.move_to_end(key)
            return known
        self._used += len(data) + _LEAST
        self._headers[key] = known = Header(path, data)
        while self._used > self.room and len(self._headers) > 1:
            (_, gone), _header = self._headers.popitem(last=False)
            self._used -= len(gone) + _LEAST
        return known


_LEAST = 2048  # bytes that the smallest header takes
_kept = _Kept()


def header(path: str, data: bytes) -> Header:
    """Returns the header of this content; the same one for the same bytes and path, as
    long as it is kept."""
    return _kept.header(path, data) if path.endswith(".h") else _compiled(path, data)


def keep_at_most(room: int) -> None:
    """Keep headers of so many bytes together: less than in a process alone."""
    _kept.room = room


@lru_cache(maxsize=64)  # nobody else asks about a file that is not included
def _compiled(path: str, data: bytes) -> Header:
    return Header(path, data)
