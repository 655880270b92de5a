"""What a name means in the tree under review: functions, macros, structs, enums.

A name is looked for in the file itself, then in the headers that it includes.  Every
definition comes with the condition under which it is compiled; where none is left,
or two contradict each other, the name stays unknown.  Definitions of one
architecture are never taken for all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from reviewer.behaviour.index import Words, visible, words_defined
from reviewer.c.formula import Condition, any_of
from reviewer.facts.header import Header, header, matching

if TYPE_CHECKING:
    from reviewer.facts import Facts

# What the compiler of a kernel file defines or not: Makefile (KBUILD_CPPFLAGS),
# Kbuild (bounds.h is generated with __GENERATING_BOUNDS_H).
FIXED = {
    "defined(__KERNEL__)": True,
    "defined(__ASSEMBLY__)": False,
    "defined(__ASSEMBLER__)": False,
    "defined(__GENERATING_BOUNDS_H)": False,
    "defined(__CHECKER__)": False,
    "defined(__cplusplus)": False,
    "defined(MODULE)": False,
}
_TYPEDEF = r"typedef\b[^;{{}}]*?\b{name}\s*(?:;|\)\s*\()"


@dataclass(frozen=True, slots=True)
class FunctionText:
    """A function definition, as text, under a condition."""

    name: str
    returns: str
    parameters: str
    body: str
    condition: Condition
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class MacroText:
    """A #define under a condition; ``parameters`` is None for a plain name."""

    name: str
    parameters: tuple[str, ...] | None
    body: str
    condition: Condition
    path: str


@dataclass(frozen=True, slots=True)
class EnumText:
    """An enum that has the name, with the file it stands in."""

    source: Header
    members: tuple[tuple[str, str | None, Condition], ...]


def _has_body(data: bytes, name: str) -> bool:
    """Whether a file may define a function: ``name(...)`` and a brace.

    Comments between the two are stepped over, strings are not.
    """
    word = name.encode("utf-8", "surrogateescape")
    place = data.find(word)
    while place >= 0:
        end = place + len(word)
        inside = place > 0 and _IN_WORD.match(data, place - 1)
        if not inside and _HEAD.match(data, end):
            return True
        place = data.find(word, end)
    return False


_HEAD = re.compile(
    rb"\s*\((?:[^;{}/]++|/\*[^*]*+(?:\*++[^*/][^*]*+)*+\*++/|//[^\n]*+|/)*+\{"
)
_IN_WORD = re.compile(rb"\w")
_TO_BRACE = rb"(?:\s|__\w+|/\*.*?\*/|//[^\n]*)*\{"


def _always(texts: tuple[MacroText | FunctionText, ...]) -> bool:
    """Whether every configuration has one of the definitions."""
    return not (~any_of(text.condition for text in texts)).satisfiable()


def _unambiguous(macros: tuple[MacroText, ...]) -> tuple[MacroText, ...]:
    """A name that is defined twice in one configuration has no text to go by."""
    bodies: dict[str, set[str]] = {}
    for macro in macros:
        bodies.setdefault(str(macro.condition), set()).add(macro.body)
    if all(len(texts) == 1 for texts in bodies.values()):
        return macros
    return tuple(replace(macro, body="#twice") for macro in macros)


def _line_starts(code: str, name: str) -> set[int]:
    """Where the lines with a name begin, and the lines before them."""
    found: set[int] = set()
    place = code.find(name)
    while place >= 0:
        start = code.rfind("\n", 0, place) + 1
        found |= {start, code.rfind("\n", 0, max(start - 1, 0)) + 1}
        place = code.find(name, place + 1)
    return found


class Definitions:
    """Looks names up for one file of one tree; everything is remembered."""

    def __init__(self, facts: Facts | None, path: str, data: bytes) -> None:
        self.facts = facts
        self.path = path
        self.here = header(path, data)
        self._functions: dict[str, tuple[FunctionText, ...]] = {}
        self._macros: dict[str, tuple[MacroText, ...]] = {}
        self._reads_only: dict[str, bool] = {}
        self._others: dict[str, Definitions] = {}
        self._structs: dict[tuple[str, str], tuple[tuple[str, Header, int], ...]] = {}
        self.macro_words: dict[str, tuple[frozenset[str] | None, str]] = {}  # hidden.py

    @cached_property
    def folder(self) -> str:
        """The folder of the file."""
        return self.path.rpartition("/")[0]

    @cached_property
    def _headers(self) -> tuple[tuple[str, bytes], ...]:
        if self.facts is None:
            return ()
        return visible(self.facts.view, self.path, self.here.data)

    @cached_property
    def _words(self) -> list[Words]:
        return [words_defined(data) for _path, data in self._headers]

    def files(self, name: str) -> Iterator[Header]:
        """The files that may define the name: this one, then what it includes."""
        word = name.encode("utf-8", "surrogateescape")
        yield self.here
        for place, words in enumerate(self._words):
            if word in words.others:
                yield header(*self._headers[place])

    def _files_with_macro(self, name: str) -> Iterator[Header]:
        word = name.encode("utf-8", "surrogateescape")
        yield self.here
        for place, words in enumerate(self._words):
            if word in words.macros:
                yield header(*self._headers[place])

    def _read(self, path: str) -> Header | None:
        if self.facts is None:
            return None
        data = self.facts.view.read(path)
        return None if data is None else header(path, data)

    def functions(self, name: str) -> tuple[FunctionText, ...]:
        """The definitions of a function, each under its condition, () if unknown."""
        if name not in self._functions:
            self._functions[name] = self._find_functions(name)
        return self._functions[name]

    def _find_functions(self, name: str) -> tuple[FunctionText, ...]:
        for source in self.files(name):
            if not _has_body(source.data, name):
                continue  # only declared or called: no need to read all of the file
            here = [
                FunctionText(
                    name,
                    found.returns,
                    found.parameters,
                    source.clean[found.end - len(found.body) : found.end],
                    compiled_when(source, source.line_of(found.start)),
                    source.path,
                    source.line_of(found.start),
                )
                for found in source.bodies.get(name, ())
            ]
            if here and (source is self.here or self._is_ours(source.path)):
                return tuple(here) + self._generated(name, here)
        return self._generated(name, [])

    def _generated(
        self, name: str, written: list[FunctionText]
    ) -> tuple[FunctionText, ...]:
        """What PAGEFLAG() and its like make, as the facts expanded them."""
        if self.facts is None or not _HELPER.match(name):
            return ()
        helper = self.facts.helpers.get(name)
        if helper is None:
            return ()
        return tuple(
            FunctionText(
                name,
                made.returns,
                made.parameters,
                made.body,
                made.condition.assign(FIXED),
                made.evidence.file,
                made.evidence.line,
            )
            for made in helper.definitions
            if made.generator is not None and not made.is_prototype
        )

    def _is_ours(self, path: str) -> bool:
        return (
            not path.startswith("arch/")
            or path.split("/")[:2] == (self.path.split("/")[:2])
        )

    def macros(self, name: str) -> tuple[MacroText, ...]:
        """The definitions of a macro, each under its condition."""
        if name not in self._macros:
            self._macros[name] = self._find_macros(name)
        return self._macros[name]

    def _find_macros(self, name: str) -> tuple[MacroText, ...]:
        for source in self._files_with_macro(name):
            here = tuple(
                MacroText(
                    name,
                    define.params if define.params is None else tuple(define.params),
                    define.body,
                    compiled_when(source, define.line),
                    source.path,
                )
                for define in source.macros.get(name, ())
            )
            if here:
                return _unambiguous(here)
        return ()

    def is_macro(self, name: str) -> bool:
        """Whether the name is a macro anywhere that we can see."""
        return bool(self.macros(name))

    def enum(self, name: str) -> EnumText | None:
        """The enum that has ``name`` among its members."""
        for source in self.files(name):
            for enum in source.enum_of.get(name, ()):
                if enum.unread is None:
                    return EnumText(
                        source,
                        tuple(
                            (m.name, m.value, compiled_when(source, m.line))
                            for m in enum.enumerators
                        ),
                    )
        return None

    def structs(self, kind: str, tag: str) -> tuple[tuple[str, Header, int], ...]:
        """Texts ``struct tag { ... }``, each with its file and offset."""
        if (kind, tag) not in self._structs:
            self._structs[kind, tag] = self._find_structs(kind, tag)
        return self._structs[kind, tag]

    def _find_structs(self, kind: str, tag: str) -> tuple[tuple[str, Header, int], ...]:
        name = rf"\b{kind}\s+{re.escape(tag)}\b"
        pattern = re.compile(rf"{name}\s*(?:__\w+\s*)*\{{")
        unread = re.compile(
            name.encode("utf-8", "surrogateescape") + _TO_BRACE, re.DOTALL
        )
        for source in self.files(tag):
            if unread.search(source.data) is None:
                continue  # only used: no need to read all of the file
            found = []
            for match in pattern.finditer(source.clean):
                end = matching(source.clean, match.end() - 1)
                if end > 0:
                    text = source.clean[match.start() : end + 1]
                    found.append((text, source, match.start()))
            if found:
                return tuple(found)
        return ()

    def typedefs(self, name: str) -> tuple[tuple[str, Condition], ...]:
        """The texts ``typedef ... name;``, each under its condition."""
        pattern = re.compile(_TYPEDEF.format(name=re.escape(name)))
        for source in self.files(name):
            found = [
                (match[0], compiled_when(source, source.line_of(match.start())))
                for match in pattern.finditer(source.code)
            ]
            if found:
                return tuple(found)
        return ()

    def prototypes(self, name: str) -> tuple[tuple[str, str], ...]:
        """(return type, parameters) of the declarations of a function."""
        pattern = re.compile(
            rf"^(?!#|\s*return\b)([A-Za-z_][\w \t*]*?[\s*]){re.escape(name)}"
            r"\s*\(([^(){};]*)\)[^;{}()]*;",
            re.MULTILINE,
        )
        for source in self.files(name):
            found = {
                (match[1].strip(), match[2])
                for start in _line_starts(source.code, name)
                if (match := pattern.match(source.code, start))
            }
            if found:
                return tuple(sorted(found))
        return ()

    def variable(self, name: str) -> str | None:
        """The declaration of a global variable, None if none is found."""
        pattern = re.compile(
            rf"^(?!typedef\b|return\b|goto\b|else\b)[A-Za-z_][\w \t*]*?[\s*]"
            rf"{re.escape(name)}\b(?:\[[^\]\n]*\])*[ \t]*(?:=|;|__\w+)",
            re.MULTILINE,
        )
        for source in self.files(name):
            match = pattern.search(source.code)
            if match is not None:
                return (
                    match[0].rstrip("=; \t").split("__")[0].rstrip() + ";"
                    if ("__" in match[0] and not name.startswith("__"))
                    else match[0].rstrip("=; \t") + ";"
                )
        return None

    def reads_only(self, name: str) -> bool:
        """Whether a function only looks: no store, no call that could make one."""
        return self._looks_only(name, 0)

    def _looks_only(self, name: str, depth: int) -> bool:
        if _READERS.match(name):
            return True
        if name not in self._reads_only:
            self._reads_only[name] = False  # of a recursion
            self._reads_only[name] = self._text_looks_only(name, depth)
        return self._reads_only[name]

    def _text_looks_only(self, name: str, depth: int) -> bool:
        if depth > DEEPEST:
            return False
        macros = self.macros(name)
        if not all(self._macro_looks_only(macro, depth) for macro in macros):
            return False
        texts = self.functions(name)
        if not _always((*macros, *texts)):
            there = self.elsewhere(name)
            if not there and self.prototypes(name):
                return False  # a stub says half of it
            texts = (*texts, *there)
        return bool(macros or texts) and all(
            self._body_looks_only(text.body, depth, text.parameters, text.path)
            for text in texts
        )

    def _macro_looks_only(self, macro: MacroText, depth: int) -> bool:
        if macro.parameters is None and _NAME.match(macro.body):
            return self._looks_only(macro.body, depth + 1)
        for parameter in macro.parameters or ():
            word = re.escape(parameter)
            if re.search(rf"\b{word}\b\s*\)*\s*[-+*/|&^]?=(?!=)", macro.body):
                return False
        return self._body_looks_only(macro.body, depth)

    def _body_looks_only(
        self, body: str, depth: int, parameters: str = "", path: str = ""
    ) -> bool:
        if _STORE.search(body) or _INDIRECT.search(body):
            return False
        if "asm" in body or "goto" in body:
            return False
        lists = _OWN.findall(f"({parameters}){body}")
        own = {name.strip(" *\t\n") for found in lists for name in found.split(",")}
        if any(name not in own for pair in _SET.findall(body) for name in pair if name):
            return False  # a global, as far as one can see here
        for callee in dict.fromkeys(_CALLED.findall(body)):
            if callee in _WORDS_OF_C or self._looks_only(callee, depth + 1):
                continue
            there = self._of_file(path)
            if there is None or not there._looks_only(callee, depth + 1):
                return False
        return True

    def _of_file(self, path: str) -> Definitions | None:
        """What another .c file sees."""
        if path == self.path or not path.endswith(".c") or self.facts is None:
            return None
        if path not in self._others:
            data = self.facts.view.read(path) or b""
            self._others[path] = Definitions(self.facts, path, data)
        return self._others[path]

    def elsewhere(self, name: str) -> tuple[FunctionText, ...]:
        """Definitions in .c files beside the file and in mm/: for what they do."""
        found = []
        for path in self._places.get(name, ()):
            source = self._read(path)
            for text in () if source is None else source.bodies.get(name, ()):
                if source is None or "static" in text.returns:
                    continue
                line = source.line_of(text.start)
                found.append(
                    FunctionText(
                        name,
                        text.returns,
                        text.parameters,
                        text.body,
                        compiled_when(source, line),
                        source.path,
                        line,
                    )
                )
        return tuple(dict.fromkeys(found))

    @cached_property
    def _places(self) -> dict[str, list[str]]:
        """The .c files beside the file and in mm/ by what they may define."""
        found: dict[str, list[str]] = {}
        if self.facts is None:
            return found
        for folder in dict.fromkeys((self.folder, "mm")):
            for path in self.facts.view.files(folder) if folder else ():
                if path.endswith(".c") and path.rpartition("/")[0] == folder:
                    for name in functions_defined(self.facts.view.read(path) or b""):
                        found.setdefault(name, []).append(path)
        return found


DEEPEST = 12  # calls in calls of what is asked whether it only reads
_HELPER = re.compile(r"_*(?:Test)?(?:Set|Clear)?Page[A-Z]\w*\Z|_*folio_\w+\Z")
_STORE = re.compile(
    r"(?:->\w+|\]|\.\w+|[;{)}]\s*\*\s*\w+)\s*(?:(?:[-+*/|&^%]|<<|>>)?=(?!=)|\+\+|--)"
    r"|(?:\+\+|--)\s*(?:\w+(?:->|\.|\[)|[(*])"
)
_SET = re.compile(  # a plain name that is assigned or counted
    r"(?<![\w.>])(\w+)\s*(?:(?:[-+*/|&^%]|<<|>>)?=(?!=)|\+\+|--)|(?:\+\+|--)\s*(\w+)"
)
_TYPED = (
    r"(?<!static )\b(?:(?:unsigned|signed|long|short|int|char|bool|void|pgoff_t|"
    r"(?:__)?[us]\d+|\w+_t|(?:struct|union|enum)\s+\w+)\b[\s*]*)+(?:const\s+)?"
)
# parameters and locals; a static one keeps what is written
_OWN = re.compile(rf"{_TYPED}(\w+(?:,[\s*]*\w+)*)")
_INDIRECT = re.compile(r"(?:->|\.)\s*\w+\s*\(")
_CALLED = re.compile(r"\b([A-Za-z_]\w*)\s*\(")
_WORDS_OF_C = frozenset(
    [
        "if",
        "while",
        "for",
        "switch",
        "return",
        "sizeof",
        "typeof",
        "__typeof__",
        "_Generic",
    ]
)
_READERS = re.compile(  # primitives: Documentation/atomic_t.txt, compiler.h, mmdebug.h
    r"(?:likely|unlikely|READ_ONCE|data_race|test_bit|(?:arch_)?atomic\w*_read"
    r"|VM_BUG_ON\w*|VM_WARN_ON\w*|static_branch_(?:un)?likely|IS_ENABLED|ULL?|UL|BIT|unsigned|smp_rmb)\Z"
)
_NAME = re.compile(r"[A-Za-z_]\w*\Z")
_AT_COLUMN_0 = re.compile(rb"^[a-z][^\n;{}()]*?\b([A-Za-z_]\w*)\(", re.MULTILINE)


@lru_cache(maxsize=4096)
def functions_defined(data: bytes) -> frozenset[str]:
    """The names of what a file may define as functions."""
    return frozenset(name.decode() for name in _AT_COLUMN_0.findall(data))


@lru_cache(maxsize=4096)
def compiled_when(source: Header, line: int) -> Condition:
    """The condition of a line, without the header's own include guard."""
    condition = source.condition(line)
    known = dict(FIXED)
    for name in condition.atoms:
        if name.startswith("defined(") and name[8:-1] in guards(source):
            known[name] = False
    return condition.assign(known)


@lru_cache(maxsize=512)
def guards(source: Header) -> frozenset[str]:
    """Names that a header defines under ``#ifndef`` of the name itself."""
    return frozenset(
        define.name
        for define in source.defines
        if define.params is None
        and not define.body
        and define.name.isupper()
        and f"defined({define.name})" in source.condition(define.line).atoms
    )
