# SPDX-License-Identifier: GPL-2.0-or-later
"""What a file defines, as text: functions, macros, types, tables, enums."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from reviewer.c.preprocessor import undefs
from reviewer.c.text import (
    IDENTIFIER,
    closing_bracket,
    in_braces,
    normalised,
    without_strings,
)
from reviewer.facts.header import Enum, Header, HeaderFunction
from reviewer.prover.changes.attribute_words import (
    in_parentheses,
    is_attribute,
    without_address_spaces,
)
from reviewer.prover.changes.declared_otherwise import declared_otherwise
from reviewer.prover.changes.enumerator_texts import members_with_texts
from reviewer.prover.changes.linker_names import linker_names
from reviewer.prover.changes.pragmas import packing_pragmas, said_by_pragmas
from reviewer.prover.changes.repeated_declarations import says_no_more
from reviewer.prover.changes.trace_events import (
    is_in_an_event,
    made_by_event,
    trace_events,
)

_IN_PARENTHESES = in_parentheses(5)
_ATTRIBUTE = rf"__\w++(?:\s*{_IN_PARENTHESES})?\s*+"
_STRUCT = re.compile(
    rf"\b(?:struct|union)\s++(?:{_ATTRIBUTE})*(\w++)\s*+(?:{_ATTRIBUTE})*\{{"
)
_ATTRIBUTES = re.compile(rf"\b(?:__packed\b|(?:__\w++|_Alignas)\s*{_IN_PARENTHESES})")
_UP_TO_THE_END = re.compile(r"[^;={}]*+")
_TAG = re.compile(r"\b(?:struct|union|enum)\s+(\w+)")
_OTHER_DIRECTIVE = re.compile(
    r"^[ \t]*#[ \t]*(?!if|el|endif)(?:[^\\\n]|\\(?:.|\n))*", re.MULTILINE
)
# struct { ... } name = { ... }; at file level, with or without a tag
_WITH_BODY = re.compile(
    r"^(?!typedef\b)(?:\w++[ \t]++){0,8}?(?:struct|union|enum)\b[^;{}()=]*\{",
    re.MULTILINE,
)
# A number of 64 bits: 1LL << 40, BIT_ULL(40), 0x100000000
_LONG = re.compile(r"(?i:0x[0-9a-f]{9}|\d[uU]?[lL]|\d{10})|\w+_ULL\b|<<\s*[3-6]\d")
_POINTERS = re.compile(  # to functions: int (*const a[])(int) = { ... };
    r"^(?!typedef\b)[A-Za-z_][\w \t*]*\([ \t]*\*[^(){};=]*?(\w+)[ \t]*"
    r"(?:\[[^\]\n]*\][ \t]*)*\)[ \t]*\([^{};=]*\)[^;{}=(]*[=;]",
    re.MULTILINE,
)
_TYPEDEF = re.compile(r"^typedef\b", re.MULTILINE)
_TYPE_NAME = re.compile(r"(?:\(\s*\*\s*(\w+)\s*\)|\b(\w+)\s*(?:\[[^\]]*\])?\s*;)")
# Where a string may have the name of something in it
_SPOKEN = re.compile(r"\b_*(?:asm|alias|ifunc|weakref|symver|section|pragma)")
# Which lock a variable needs, told to the analysis alone:
# include/linux/compiler-context-analysis.h
_GUARDED = r"__(?:pt_)?guarded_by\s*\((?:[^();]|\([^();]*\))*\)"
_GUARD = re.compile(rf"\s*\b{_GUARDED}")
# A declaration has a type: ``extern atomic_t __n;`` declares no atomic_t
_VARIABLE = re.compile(
    r"^(?!typedef\b|return\b|goto\b|else\b|case\b)"
    r"(?:(?:static|extern|const|volatile|register)\s++)*+[A-Za-z_][\w \t*]*?[\s*]"
    r"(?<!\bstruct\s)(?<!\bunion\s)(?<!\benum\s)"
    r"(?!(?:int|char|short|long|unsigned|signed|bool|void|const|volatile)\b)"
    rf"(\w+)[ \t]*((?:\[[^\]\n]*\])*)\s*(?:{_GUARDED}\s*|__\w++\s*+)*(=|;)",
    re.MULTILINE,
)
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*[<"]([^>"\n]+)[>"]', re.MULTILINE)
_INVOCATION = re.compile(
    r"^(?:(?:static|extern)[ \t]+)?([A-Za-z_]\w*)[ \t]*"
    r"(\((?:[^(){};]|\((?:[^(){};]|\([^(){};]*\))*\))*\))\s*(?:__\w+\s*)*;?[ \t]*$"
    r"|^[A-Z]\w*[ \t]*;?[ \t]*$",
    re.MULTILINE,
)
# A declaration that begins behind another one, or behind blanks
_FOLLOWS = re.compile(r"(?<=[;}])\s*[ \t](?=[A-Za-z_])")


@dataclass(frozen=True, slots=True)
class Meanings:
    """``texts``: name -> normalised text (and condition); ``uses``: the words in it.

    ``functions``: the names that are functions; ``own``: names that no other file
    sees; ``made``: calls of macros at file level, which may define anything;
    ``within``: files that are included in the middle of something.
    """

    texts: dict[str, str]
    uses: dict[str, frozenset[str]]
    functions: frozenset[str]
    own: frozenset[str]
    made: frozenset[str] = field(default=frozenset())
    within: frozenset[str] = field(default=frozenset())
    variables: frozenset[str] = field(default=frozenset())
    first: dict[str, str] = field(default_factory=dict)
    tables: frozenset[str] = field(default=frozenset())
    members: frozenset[str] = field(default=frozenset())  # of enums
    macros: frozenset[str] = field(default=frozenset())


def included_word(path: str) -> str:
    """Returns a word that stands for an included file among those that a text uses."""
    return "__included_" + re.sub(r"\W", "_", path.rpartition("/")[2])


@lru_cache(maxsize=16)
def _by_lines(source: Header) -> str:
    """The code of a file, its declarations at the beginning of lines; same offsets."""
    code = source.code
    ends = [match.end() - 1 for match in _FOLLOWS.finditer(code)]
    parts, last = [], 0
    for end, inside in zip(ends, in_braces(code, ends), strict=True):
        if not inside:
            parts += [code[last:end], "\n"]
            last = end + 1
    return "".join([*parts, code[last:]])


@lru_cache(maxsize=2048)
def meanings_of(source: Header) -> Meanings:
    """Says what a file defines, with the words that each definition uses."""
    within = tuple(_within(source))
    texts = _texts(source, within)
    hidden = _own_words(source)
    code = _by_lines(source)
    first = {name: normalised(text) for name, text in _first_values(source)}
    with_body = {n for names, *_ in _variables_with_a_body(source) for n in names}
    uses = {n: _named(text) - hidden.get(n, set()) for n, text in texts.items()}
    for name, text in first.items():
        uses[name] |= _named(text)
    return Meanings(
        texts,
        uses,
        frozenset(_functions(source)),
        _own(source),
        frozenset(_made(source, code)),
        frozenset(path for _at, path in within),
        frozenset(match[1] for match in _VARIABLE.finditer(code)) | with_body,
        first,
        frozenset(m[1] for m in _VARIABLE.finditer(code) if m[3] == "=") | with_body,
        frozenset(m.name for enum in source.enums for m in enum.enumerators),
        frozenset(source.macros),
    )


_TYPE = (
    r"(?:(?:const|volatile|static|register|struct|union|enum|unsigned)\s+)*"
    r"(?!(?:return|goto|else|case|sizeof|do|const|volatile|struct|union|enum)\b)"
    r"[A-Za-z_]\w*"
)
# Where a product could be meant, only what is given a value is a declaration.
_LOCAL = re.compile(
    rf"(?<=[;{{}}])\s*{_TYPE}\s+([A-Za-z_]\w*)\s*(?=[=;,\[])"
    rf"|(?<=[;{{}}(])\s*{_TYPE}(?:\s+|\s*\*[\s*]*)([A-Za-z_]\w*)\s*(?==(?!=))"
    rf"|(?<=[;{{}}])\s*{_TYPE}\s*\*[\s*]*([A-Za-z_]\w*)\s*(?=;)"
)


def _words(text: str) -> frozenset[str]:
    return frozenset(IDENTIFIER.findall(text))


def _named(text: str) -> frozenset[str]:
    """The words of a text, those in strings only where these may be names."""
    text = without_address_spaces(text)
    return _words(text if _SPOKEN.search(text) else without_strings(text))


def _made(source: Header, code: str) -> Iterator[str]:
    """The calls of macros at file level; the head of a function is none, whose type
    stands on the line before."""
    for found in _INVOCATION.finditer(code):
        if found[1] not in _functions(source) or found[1] in source.macros:
            yield normalised(found[0])
    for start, end in trace_events(source):
        yield made_by_event(source, start, end)


def _functions(source: Header) -> dict[str, tuple[HeaderFunction, ...]]:
    """The functions of a file, but ``static DEFINE_FOO(x);``, which declares x, and
    what trace events are handed."""
    return {
        name: texts
        for name, texts in source.functions.items()
        if any(one.body or one.returns not in ("static", "extern") for one in texts)
        and not any(is_in_an_event(source, one.start, one.end) for one in texts)
    }


def _own_words(source: Header) -> dict[str, set[str]]:
    """The parameters and locals of what is defined once: no names of the file."""
    found: dict[str, set[str]] = {}
    for name, texts in _functions(source).items():
        if len(texts) != 1:
            continue
        text = source.code[texts[0].start : texts[0].end]
        parameters = (
            part.split("[")[0].split() for part in texts[0].parameters.split(",")
        )
        found[name] = {words[-1].lstrip("*") for words in parameters if len(words) > 1}
        found[name] |= {word for words in _LOCAL.findall(text) for word in words}
        found[name] -= set(_TAG.findall(text))  # struct page *page
    for name, defines in source.macros.items():
        if len(defines) == 1 and name not in found:
            given = defines[0].params or ()
            found[name] = {parameter.rstrip(". ") for parameter in given}
    return found


def _within(source: Header) -> Iterator[tuple[int, str]]:
    """(offset, path) of what is included inside of braces."""
    found = list(_INCLUDE.finditer(source.clean))
    inside = in_braces(source.code, (match.start() for match in found)) if found else ()
    for match, within in zip(found, inside, strict=True):
        if within:
            yield match.start(), match[1]


def _own(source: Header) -> frozenset[str]:
    """The functions and variables that no other file sees."""
    found = {
        name
        for name, texts in _functions(source).items()
        if any(re.search(r"\bstatic\b", text.returns) for text in texts)
    }
    found |= {
        match[1]
        for match in _VARIABLE.finditer(_by_lines(source))
        if re.match(r"static\b", match[0])
    }
    return frozenset(found)


Within = tuple[tuple[int, str], ...]


def _with_includes(text: str, within: Within, start: int, end: int) -> str:
    """A text with words for the files that are included in the middle of it."""
    words = (included_word(path) for at, path in within if start <= at < end)
    return " ".join([text, *words])


def _texts(source: Header, within: Within) -> dict[str, str]:
    """What a file defines, name -> normalised text (and condition)."""
    found: dict[str, list[str]] = {}

    def add(name: str, text: str, line: int) -> None:
        condition = str(source.condition(line))
        told = normalised(text.replace("\\\n", ""))  # which may cut a name in two
        found.setdefault(name, []).append(f"{condition}: {told}")

    for name, texts in _functions(source).items():
        for function in texts:
            if says_no_more(source, function, texts):
                continue
            whole = source.clean[function.start : function.end]
            whole = _with_includes(whole, within, function.start, function.end)
            if "__LINE__" in whole:
                whole += f" {source.line_of(function.start)}"
            add(name, whole, source.line_of(function.start))
    for define in source.defines:
        add(define.name, f"{define.params} {define.body}", define.line)
    for name, order in _taken_away(source):
        add(name, order, 1)
    for enum in source.enums:
        if enum.name:  # its type is a signed one if a member is negative
            add(enum.name, _enum_type(source, enum), enum.line)
        more = ""
        lists = any(member.name in source.macros for member in enum.enumerators)
        if lists or enum.unread is not None:  # its names are another macro's to tell
            start, end = _span(source, enum.line)
            more = source.clean[start:end]
        if within:
            more = _with_includes(more, within, *_span(source, enum.line))
        for member, told in members_with_texts(source, enum):
            name = "" if member.name in source.macros else member.name
            add(name, f"{told} {more}", member.line)
    code = _by_lines(source)
    for name, text, line in linker_names(source):
        add(name, text, line)
    for word, text in said_by_pragmas(source):
        add(word, text, 1)
    packed = list(packing_pragmas(source))
    for names, start, end in _variables_with_a_body(source):
        for name in names:
            add(name, _conditional(source, start, end), source.line_of(start))
    for match in _STRUCT.finditer(code):
        end = closing_bracket(code, match.end() - 1)
        end = _behind_attributes(code, end + 1) if end > 0 else match.end()
        before = "".join(text for at, text in packed if at < match.start())
        add(
            match[1],
            before + _conditional(source, match.start(), end),
            source.line_of(match.start()),
        )
    for match in _TYPEDEF.finditer(code):
        end = _end_of(code, match.start())
        text = _conditional(source, match.start(), end)
        text = "".join(told for at, told in packed if at < match.start()) + text
        for name in _names_of_a_typedef(code[match.start() : end]):
            add(name, text, source.line_of(match.start()))
    for match in _VARIABLE.finditer(code):
        text = match[0]
        if match[3] == "=" and not _is_scalar(code, match):
            end = _end_of(code, match.start())
            text = _with_includes(code[match.start() : end], within, match.start(), end)
        text = _GUARD.sub("", text).rstrip("=; \t\n")
        add(match[1], text, source.line_of(match.start()))
    begins = [start for _names, start, _end in _variables_with_a_body(source)]
    for pattern in (_STRUCT, _TYPEDEF, _VARIABLE, _INVOCATION):
        begins += [match.start() for match in pattern.finditer(code)]
    for names, text, line in declared_otherwise(source, begins):
        for name in names:
            add(name, text, line)
    return {
        name: " | ".join(sorted(texts))
        for name, texts in found.items()
        if name not in _NO_NAMES or name in source.macros  # no declaration of that
    }


def _enum_type(source: Header, enum: Enum) -> str:
    """What decides which type an enum is: gcc's manual, "Structures, unions,
    enumerations, and bit-fields"."""
    values = [str(member.value) for member in enum.enumerators]
    negative = any("-" in value for value in values)
    wide = [value for value in values if _LONG.search(value)]
    end = _span(source, enum.line)[1] + 1
    told = source.code[end : _behind_attributes(source.code, end)]
    return f"negative: {negative} {wide} {told}"


def _variables_with_a_body(source: Header) -> Iterator[tuple[list[str], int, int]]:
    """(names, start, end) of variables whose type is written out where they are, and
    of pointers to functions; an attribute behind a struct is no variable."""
    code = _by_lines(source)
    for match in _POINTERS.finditer(code):
        yield [match[1]], match.start(), _end_of(code, match.start())
    for match in _WITH_BODY.finditer(code):
        closed = closing_bracket(code, match.end() - 1)
        end = _end_of(code, match.start())
        if closed < 0:
            continue
        declared = code[closed + 1 : end].partition("=")[0]
        if "(" in _ATTRIBUTES.sub("", declared):
            continue
        names = [
            name
            for name in _names_of_a_typedef("}" + declared)
            if not is_attribute(source, name)
        ]
        if names:
            yield names, match.start(), end


def _conditional(source: Header, start: int, end: int) -> str:
    """A piece of the file with the #if lines in it, without the other directives."""
    return _OTHER_DIRECTIVE.sub("", source.clean[start:end])


def _behind_attributes(code: str, end: int) -> int:
    """The end of a struct with what is said of it behind its members: __packed."""
    found = _UP_TO_THE_END.match(code, end)
    return found.end() if found else end


def _names_of_a_typedef(text: str) -> list[str]:
    """The types that a typedef declares: one, or more with a comma between them."""
    last = _ATTRIBUTES.sub("", text.rpartition("}")[2]).rstrip("; \t\n")
    if "(" in last:
        names = [one or two for one, two in _TYPE_NAME.findall(f"{last};")]
        return names[-1:]
    named = (
        part.partition("[")[0].replace("*", " ").split() for part in last.split(",")
    )
    return [name for words in named for name in _last_names(words)]


_TAGS = ("struct", "union", "enum")
_NO_NAMES = frozenset(["int", "char", "short", "long", "unsigned", "signed", "void",
                       "bool", "_Bool", "float", "double", "const", "volatile",
                       "typedef"])  # fmt: skip


def _last_names(words: list[str]) -> list[str]:
    """The name that ends a declaration, and the words behind it: macros, maybe."""
    at = len(words) - 1
    while at > 0 and words[at].startswith("__"):
        at -= 1
    is_name = at > 1 and words[at - 1] not in _TAGS and words[at] not in _NO_NAMES
    return words[at:] if is_name else words[-1:]


def _is_scalar(code: str, match: re.Match[str]) -> bool:
    """Whether a variable is a number that may be written later."""
    begun = code[match.end() : match.end() + 80].lstrip()[:1]
    constant = re.search(r"\bconst\b", match[0]) is not None
    return not (begun == "{" or constant or "[" in match[2])


def _first_values(source: Header) -> Iterator[tuple[str, str]]:
    for match in _VARIABLE.finditer(_by_lines(source)):
        if match[3] == "=" and _is_scalar(source.code, match):
            yield (
                match[1],
                source.code[match.end() : _end_of(source.code, match.start())],
            )


def _taken_away(source: Header) -> Iterator[tuple[str, str]]:
    """The names that are undefined, with the order of their #define and #undef."""
    if b"undef" not in source.data:
        return
    events = [
        (u.line, u.name, f"#undef {source.condition(u.line)}")
        for u in undefs(source.data)
    ]
    for name in dict.fromkeys(name for _line, name, _what in events):
        own = [event for event in events if event[1] == name]
        own += [(d.line, name, d.body) for d in source.macros.get(name, ())]
        yield name, " ; ".join(what for _line, _name, what in sorted(own))


def _span(source: Header, line: int) -> tuple[int, int]:
    """From where to where the first block behind a line goes."""
    start = source.start_of(line)
    brace = source.code.find("{", start)
    end = closing_bracket(source.code, brace) if brace >= 0 else -1
    return start, end if end > 0 else len(source.code)


def _end_of(code: str, start: int) -> int:
    """The offset behind the ; that ends a declaration."""
    at = start
    while True:
        semicolon, brace = code.find(";", at), code.find("{", at)
        if brace < 0 or (0 <= semicolon < brace):
            return len(code) if semicolon < 0 else semicolon + 1
        closed = closing_bracket(code, brace)
        if closed < 0:
            return len(code)
        at = closed + 1
