# SPDX-License-Identifier: GPL-2.0-or-later
"""What a name means in the tree under review: functions, macros, structs, enums.

A name is looked for in the file itself, then in the headers that it includes.  Every
definition comes with the condition under which it is compiled; where none is left,
or two contradict each other, the name stays unknown.  Definitions of one
architecture are never taken for all.  ``facts.lookup`` says why rules, which ask for
values and the places to show, have a look-up of their own.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from dataclasses import replace
from functools import cached_property, lru_cache

from reviewer.c.formula import TRUE, Condition
from reviewer.c.preprocessor import includes
from reviewer.c.text import IDENTIFIER, closing_bracket, normalised
from reviewer.facts import Facts
from reviewer.facts.header import Header, header
from reviewer.prover.names.definition_texts import (
    ENDS_TYPEDEF,
    ENDS_VARIABLE,
    FIXED,
    TO_BRACE,
    UP_TO_ITS_END,
    EnumText,
    FunctionText,
    MacroText,
    WordPlaces,
    defined_once,
    enum_text,
    functions_in,
    has_body,
    line_starts_of,
    macros_in,
    may_define,
    parameters_of,
    pattern_of,
    places_in,
    structs_in,
    taken_away_elsewhere,
    typedefs_in,
    undefined_in,
    variable_pattern,
    volatile_in,
)
from reviewer.prover.names.macro_at_line import (
    definitions_at_line,
    macros_by_place,
    redefined_macros,
    undefined_at,
)
from reviewer.prover.names.only_looking import Readers
from reviewer.prover.names.own_files import files_beside, own_files
from reviewer.prover.names.remembered import remembered
from reviewer.prover.names.several_definers import Definers
from reviewer.prover.names.visible_headers import (
    pushed_macros,
    visible_headers,
    volatile_names,
)
from reviewer.utf8 import decode, encode

_TYPEDEF = r"typedef\b[^;{{}}]*?\b{name}\s*(?:;|\)\s*\()"


class Definitions:
    """Looks names up for one file of one tree; everything is remembered."""

    def __init__(self, facts: Facts | None, path: str, data: bytes) -> None:
        self.facts = facts
        self.path = path
        self.here = header(path, data)
        self.answers: dict[Hashable, object] = {}
        self._macros: dict[tuple[str, int | None], tuple[MacroText, ...]] = {}
        self._at: int | None = None
        self._others: dict[str, Definitions] = {}
        self.own_types: dict[str, bool] = {}  # own_types
        self.other_keywords: frozenset[str] | None = None  # taken_out
        # hidden_effects, both
        self.macro_words: dict[str, tuple[frozenset[str] | None, str]] = {}
        self.called_before: dict[tuple[str, int, str], str | None] = {}
        self.null_ignored: dict[str, bool] = {}  # null_calls
        self.pieces: dict[str, tuple[frozenset[str], bool]] = {}  # pasted_names
        # pasted_uses
        self.texts_of: dict[
            tuple[str, bool], tuple[tuple[str, ...], frozenset[str]]
        ] = {}
        self.left_alone: dict[tuple[object, ...], bool] = {}  # untouched_locals

    @cached_property
    def headers(self) -> tuple[tuple[str, bytes], ...]:
        """What the file includes, with the paths, those included first coming first."""
        if self.facts is None:
            return ()
        return visible_headers(self.facts.view, self.path, self.here.data)

    @cached_property
    def _definers(self) -> Definers:
        return Definers(self.facts, self.path, self.here.data, self.headers)

    @cached_property
    def _words(self) -> WordPlaces:
        """In which headers a word may be a macro, and in which another name."""
        return places_in(self.headers)

    def files(self, name: str) -> Iterator[Header]:
        """Returns the files that may define the name: this one, then what it
        includes."""
        yield self.here
        for place in self._words.others.of(encode(name)):
            yield header(*self.headers[place])

    def is_in_headers(self, name: str) -> bool:
        """Says whether a header that it sees defines the name, but as a macro."""
        return bool(self._words.others.of(encode(name)))

    def _files_with_macro(self, name: str) -> Iterator[Header]:
        yield self.here
        for place in self._words.macros.of(encode(name)):
            yield header(*self.headers[place])

    @remembered
    def functions(self, name: str) -> tuple[FunctionText, ...]:
        """Returns the definitions of a function, each under its condition."""
        found = self._definers.pick(self._functions_of_files(name)) or ()
        return found + self._generated(name)

    def _functions_of_files(
        self, name: str
    ) -> Iterator[tuple[str, Hashable, tuple[FunctionText, ...]]]:
        for source in self.files(name):
            if not has_body(source.data, name):
                continue  # only declared or called: no need to read all of the file
            if source is self.here or self._is_ours(source.path):
                here = functions_in(source, name)
                if here:
                    said = tuple((one.body, one.condition) for one in here)
                    yield source.path, said, here

    def _generated(self, name: str) -> tuple[FunctionText, ...]:
        """What PAGEFLAG() and its like make, as the facts expanded them."""
        if self.facts is None or not _HELPER.match(name):
            return ()
        helper = self.facts.helpers.get(name)
        if helper is None:
            return ()
        return tuple(
            FunctionText(
                name, made.returns, made.parameters, made.body,
                made.condition.assign(FIXED), made.evidence.file, made.evidence.line,
            )
            for made in helper.definitions
            if made.generator is not None and not made.is_prototype
        )  # fmt: skip

    def _is_ours(self, path: str) -> bool:
        return (
            not path.startswith("arch/")
            or path.split("/")[:2] == (self.path.split("/")[:2])
        )

    @property
    def at(self) -> int | None:
        """The line of the file from which macros are seen; None: its end."""
        return self._at

    @at.setter
    def at(self, line: int | None) -> None:
        if line != self._at and self.placed:
            self.macro_words.clear()
            self.left_alone.clear()
            self.__dict__.pop("readers", None)
        self._at = line

    @cached_property
    def placed(self) -> frozenset[str]:
        """The file's own macros that are not the same at each place, or in headers."""
        later = [d.name for d in self.here.defines if d.line >= self.behind_includes]
        again = self._words.others.some_of(frozenset(map(encode, later)))
        return macros_by_place(self.here) | frozenset(map(decode, again))

    @cached_property
    def redefined(self) -> frozenset[str]:
        """The file's own macros that are defined, undefined and defined again."""
        return redefined_macros(self.here)

    @cached_property
    def behind_includes(self) -> int:
        """The line behind the last #include at the top: headers see no more."""
        lines = [one.line for one in includes(self.here.data)]
        return max(lines, default=0) + 1

    def macros(self, name: str) -> tuple[MacroText, ...]:
        """Returns the definitions of a macro here, each under its condition."""
        key = name, self._at if name in self.placed else None
        if key not in self._macros:
            self._macros[key] = self._find_macros(name)
        return self._macros[key]

    def _of_the_file(self, name: str) -> tuple[MacroText, ...] | None:
        """The file's own definitions; () where it took the name away, None: none."""
        at = self._at if name in self.placed else None
        found = tuple(
            MacroText(name, parameters_of(define), define.body, condition, self.path)
            for define, condition in definitions_at_line(self.here, name, at, FIXED)
        )
        if found:
            return found
        return () if undefined_at(self.here, name, at) else None

    @cached_property
    def taken_away(self) -> frozenset[bytes]:
        """The names that one of the headers undefines."""
        return undefined_in(self.headers)

    def _find_macros(self, name: str) -> tuple[MacroText, ...]:
        own = self._of_the_file(name)
        if own is not None:
            word = encode(name)
            if word in self.taken_away or word in pushed_macros(self.here.data):
                own = tuple(replace(macro, body="#twice") for macro in own)
            return own
        return self._of_headers(name)

    def _of_headers(self, name: str) -> tuple[MacroText, ...]:
        found = {
            source.path: macros_in(source, name)
            for source in self._files_with_macro(name)
            if source is not self.here and name in source.macros
        }
        if not found:
            return ()
        path = next(iter(found))
        said = {tuple((m.parameters, m.body) for m in one) for one in found.values()}
        sure = True
        if len(said) > 1:
            first = self._definers.first_macro(name)
            sure, path = first in found, first if first in found else path
        elif self.is_in_headers(name):  # a function, where the macro is none
            sure = self._definers.is_sure(path)
        if not sure or taken_away_elsewhere(self.headers, name, path):
            return tuple(replace(macro, body="#twice") for macro in found[path])
        return defined_once(found[path])

    def is_macro(self, name: str) -> bool:
        """Says whether the name is a macro anywhere that we can see."""
        return bool(self.macros(name))

    def may_be_defined(self, name: str) -> bool:
        """Says whether any file that we see defines such a macro, at any place."""
        return any(name in source.macros for source in self._files_with_macro(name))

    @remembered
    def is_local(self, name: str) -> bool:
        """Says whether the file, or a header of its own, defines macro or function."""
        return any(
            name in one.macros or any(f.body for f in one.functions_named(name))
            for one in own_files(self.here, self.headers, name)
        )

    @remembered
    def enum(self, name: str) -> EnumText | None:
        """Returns the enum that has ``name`` as a member, None if there are several."""
        found = self._definers.pick(self._enums(name))
        return None if found is None or len(found) > 1 else found[0]

    def _enums(self, name: str) -> Iterator[tuple[str, Hashable, list[EnumText]]]:
        for source in self.files(name):
            found = source.enum_of.get(name, ())
            if len(found) > 1 or (found and found[0].unread is None):
                texts = [enum_text(source, one) for one in found]
                yield source.path, tuple(one.members for one in texts), texts

    def enum_tagged(self, tag: str) -> EnumText | None:
        """Returns ``enum tag``, None if it is not found, or read, or packed."""
        text, after = self._tagged(tag)
        return None if any(map(self.is_macro, after)) else text

    @remembered
    def _tagged(self, tag: str) -> tuple[EnumText | None, tuple[str, ...]]:
        """``enum tag``, and the words behind it that may be macros."""
        for source in self.files(tag):
            found = [enum for enum in source.enums if enum.name == tag]
            head = rf"\benum\s+(?:__packed\s+)?{re.escape(tag)}\s*(?:__\w+\s*)*[{{:]"
            packed = re.search(head, source.clean) if found else None
            if packed is None:
                continue
            end = closing_bracket(source.clean, packed.end() - 1)
            after = source.clean[end + 1 : source.clean.find(";", end)]
            if len(found) > 1 or found[0].unread is not None or end < 0:
                break
            if "__" in packed[0] + after or packed[0].endswith(":"):
                break
            return enum_text(source, found[0]), tuple(IDENTIFIER.findall(after))
        return None, ()

    @remembered
    def structs(self, kind: str, tag: str) -> tuple[tuple[str, Header, int], ...]:
        """Returns the texts ``struct tag { ... }``, each with its file and offset."""
        if not kind.isidentifier():
            return ()  # the name of a type that is no such thing
        # A pattern that begins with a plain word is looked for fastest.
        name = rf"{kind}(?<!\w{kind})\s+{re.escape(tag)}\b"
        pattern = re.compile(rf"{name}\s*(?:__\w+\s*)*\{{")
        unread = re.compile(encode(name) + TO_BRACE, re.DOTALL)
        return self._definers.pick(self._texts(tag, unread, pattern)) or ()

    def _texts(
        self, tag: str, unread: re.Pattern[bytes], pattern: re.Pattern[str]
    ) -> Iterator[tuple[str, Hashable, tuple[tuple[str, Header, int], ...]]]:
        for source in self.files(tag):
            if unread.search(source.data) is None:
                continue  # only used: no need to read all of the file
            found = structs_in(source, pattern)
            if found:
                yield source.path, tuple(normalised(one[0]) for one in found), found

    @remembered
    def typedefs(self, name: str) -> tuple[tuple[str, Condition], ...]:
        """Returns the texts ``typedef ... name;``, each under its condition."""
        pattern = re.compile(_TYPEDEF.format(name=re.escape(name)))
        unread = pattern_of(name, ENDS_TYPEDEF)
        texts = (
            (source.path, found, found)
            for source in self.files(name)
            if b"typedef" in source.data and unread.search(source.data) is not None
            if (found := typedefs_in(source, pattern))  # else only used
        )
        return self._definers.pick(texts) or ()

    @remembered
    def prototypes(self, name: str) -> tuple[tuple[str, str], ...]:
        """Returns (return type, parameters) of each declaration of a function."""
        pattern = re.compile(
            rf"^(?!#|\s*return\b)([A-Za-z_][\w \t*]*?[\s*]){re.escape(name)}"
            r"\s*\(([^(){};]*)\)[^;{}()]*;",
            re.MULTILINE,
        )
        for source in self.files(name):
            found = {
                (match[1].strip(), match[2])
                for start in line_starts_of(source.code, name)
                if (match := pattern.match(source.code, start))
            }
            if found:
                return tuple(sorted(found))
        return ()

    @remembered
    def variable(self, name: str) -> str | None:
        """Returns the declaration of a global variable, None if none is found."""
        pattern = variable_pattern(name)
        unread = pattern_of(name, ENDS_VARIABLE)
        for source in self.files(name):
            if unread.search(source.data) is None:
                continue
            match = pattern.search(source.code)
            if match is not None:
                behind = source.clean[match.end() :]
                return f"{match[0]}{UP_TO_ITS_END.split(behind, 1)[0]}".rstrip() + ";"
        return None

    @cached_property
    def volatile(self) -> frozenset[str]:
        """The names that are declared with ``volatile`` where the file sees it."""
        found = volatile_names(self.here.data) | volatile_in(self.headers)
        return frozenset(decode(name) for name in found)

    @cached_property
    def readers(self) -> Readers:
        """Which functions only look."""
        return Readers(self)

    def reads_only(self, name: str) -> bool:
        """Says whether a function only looks: no store, no call that could make one."""
        return self.readers.looks_only(name)

    def of_file(self, path: str) -> Definitions | None:
        """Returns what another .c file sees."""
        if path == self.path or not path.endswith(".c") or self.facts is None:
            return None
        if path not in self._others:
            data = self.facts.view.read(path) or b""
            self._others[path] = Definitions(self.facts, path, data)
        return self._others[path]

    @remembered
    def is_declared_apart(self, name: str, texts: tuple[FunctionText, ...]) -> bool:
        """Says whether a function is declared in other places than these texts."""
        head = re.compile(rf"[A-Za-z_][^\n;{{}}=]*\b{re.escape(name)}\s*\(")
        known = {(text.path, text.line) for text in texts}
        for source in self.files(name):
            for start in line_starts_of(source.code, name):
                match = head.match(source.code, start)
                if match is None:
                    continue
                lines = (source.line_of(start), source.line_of(match.end()))
                near = range(lines[0] - 2, lines[1] + 1)
                if not any((source.path, line) in known for line in near):
                    return True
        return False

    @remembered
    def elsewhere(self, name: str) -> tuple[FunctionText, ...]:
        """Returns definitions in .c files beside the file and in mm/, for what they do;
        when each is compiled is the whole file's to tell."""
        return tuple(dict.fromkeys(self._find_elsewhere(name)))

    def _find_elsewhere(self, name: str) -> Iterator[FunctionText]:
        for path, data in self._nearby:
            for start, end in may_define(data, name):
                # Of thousands of lines, only what may be the function is read.
                piece = Header(path, data[start:end])
                before = data.count(b"\n", 0, start)
                for text in piece.bodies_of(name):
                    if "static" in text.returns:
                        continue
                    line = before + piece.line_of(text.start)
                    yield FunctionText(
                        name, text.returns, text.parameters, text.body, TRUE, path, line
                    )

    @cached_property
    def _nearby(self) -> tuple[tuple[str, bytes], ...]:
        """The .c files beside the file and in mm/: (path, bytes)."""
        return () if self.facts is None else files_beside(self.facts.view, self.path)


def definitions_of(facts: Facts | None, path: str, data: bytes) -> Definitions:
    """Returns what names mean in a file, and remembers what was looked up for two."""
    found = _kept(facts, None if facts is None else facts.reading, path, data)
    found.at = None
    return found


@lru_cache(maxsize=2)
def _kept(facts: Facts | None, _read: object, path: str, data: bytes) -> Definitions:
    return Definitions(facts, path, data)


_HELPER = re.compile(r"_*(?:Test)?(?:Set|Clear)?Page[A-Z]\w*\Z|_*folio_\w+\Z")
