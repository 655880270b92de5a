# SPDX-License-Identifier: GPL-2.0-or-later
"""Which value a constant has in the tree under review, and which file says so.

There are two look-ups of names, which read the same files (``facts.header``) by the
same way from file to file (``facts.includes``), and owe different things:

``Lookup`` is for rules, which show what they found.  It answers "what is this macro or
enumerator, and where does it say so": the nearest file that defines the name counts,
with every branch of its #if as a value of its own, also in a header of the one
architecture that the file is of.  It reads no further than the name needs, as a scan
asks about ten thousands of files.

``prover.names.definitions`` is for proofs, which must not overlook anything.  It gives
the texts of all kinds of names as one line of the file sees them, with the headers that
the build puts before every file and without those of one architecture; a name that is
defined twice under one condition, or taken away by another header, has no text there,
while ``Lookup`` may show one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from functools import cache
from itertools import chain, islice
from typing import TYPE_CHECKING

from msgspec import Struct

from reviewer.c.conditions import Condition
from reviewer.c.constants import (
    ConstantDefinition,
    CValue,
    Evaluator,
    as_enumerator,
    enumerator_definitions,
)
from reviewer.c.file_memory import once_per_subject
from reviewer.c.known_macros import stands_alone
from reviewer.c.preprocessor import Define, Enumerator
from reviewer.facts.header import Header, HeaderFunction, header
from reviewer.facts.includes import File, IncludedLevels, forget_oldest, meant_in
from reviewer.models import Evidence
from reviewer.patterns import regex
from reviewer.tree.view import View
from reviewer.utf8 import encode

if TYPE_CHECKING:
    from reviewer.facts.names_seen import NamesSeen

# User space shares only what it includes: its own KPF_THP may be a mask.
USER_SPACE = ("tools/", "samples/", "scripts/", "usr/")
# Where names of this home ground are defined: spares reading what lies on the way.
_HOMES = (
    (regex(r"PG_|PGTY_|(?:PAGE|FOLIO)_MAPPING_"), "include/linux/page-flags.h"),
    (regex(r"KPF_"), "include/uapi/linux/kernel-page-flags.h"),
    (regex(r"KPF_"), "include/linux/kernel-page-flags.h"),
)
_NAME = regex(r"[A-Za-z_]\w*\Z")
# What is kept of the files asked about: a scan asks about tens of thousands
_FILES_KEPT = 1500
_EVALUATORS_KEPT = 1500
_WORDS_KEPT = 500
_CONSTANTS_KEPT = 20_000
_FOUND_KEPT = 50_000
_WHOEVER_ASKS = ""  # no file has this name
_ASKED_OFTEN = 50
_WORD = regex(rb"[A-Za-z_]\w*")
_WORDS = regex(r"\w+")


class Constant(Struct, frozen=True):
    """A value that a name has, and when."""

    name: str
    value: CValue
    condition: Condition
    evidence: Evidence
    definition: str  # what stands behind the name; "3" or "(X) + 2" where counted
    kind: str  # macro, enumerator


_SeenFunction = tuple[Header, HeaderFunction]
# By content: how often a header was asked for a word, then all its words.
_words: dict[bytes, int | frozenset[bytes]] = {}


def holds(data: bytes, word: bytes) -> bool:
    """Says whether a name stands in a file, of which the words are listed once it was
    asked for many: a scan, or a batch, asks a common header for thousands."""
    known = _words.get(data, 0)
    if isinstance(known, int):
        if known < _ASKED_OFTEN:
            _words[data] = known + 1
            forget_oldest(_words, _FILES_KEPT)
            return word in data
        known = _words[data] = frozenset(_WORD.findall(data))
    return word in known


def _keep_longer(level: list[tuple[str, bytes]]) -> None:
    """What is known of these headers goes last: nearly every file includes some."""
    for _, data in level:
        known = _words.pop(data, None)
        if known is not None:
            _words[data] = known


class Lookup:
    """Finds names in a view as a C file sees them: what it defines itself, then what
    it includes, the nearest headers first."""

    def __init__(self, view: View, patched: Collection[str] = ()) -> None:
        """``patched``: files whose headers' answers are kept for the next run."""
        self._view = view
        self._patched = patched
        self._headers: dict[str, Header | None] = {}
        self._found: dict[tuple[str, str | None], tuple[str, ...]] = {}
        self._evaluators: dict[tuple[str, str | None], Evaluator] = {}
        self._constants: dict[tuple[str, str, str | None], tuple[Constant, ...]] = {}
        self._typedefs: dict[str, Callable[[str], str | None]] = {}
        self._levels = IncludedLevels(view.read, _keep_longer, meant_in(view))
        self._naming: dict[tuple[str, str], tuple[tuple[str, bytes], ...]] = {}
        self._seen: dict[str, NamesSeen | None] = {}
        self._includes_only: dict[str, bool] = {}

    def header(self, path: str) -> Header | None:
        """Returns the file as text with what stands in it, None if there is none."""
        if path not in self._headers:
            data = self._view.read(path)
            self._headers[path] = None if data is None else header(path, data)
            forget_oldest(self._headers, _FILES_KEPT)
        return self._headers[path]

    def keep(self) -> None:
        """Write what was learnt of the patched files' headers, where that can be."""
        if any(self._seen.values()):
            from reviewer.facts import names_seen

            names_seen.keep(self._view)

    def _names_seen(self, near: str) -> NamesSeen | None:
        """What is known of the headers of a file, if that is kept."""
        if near not in self._patched:
            return None
        if near not in self._seen:
            from reviewer.facts.names_seen import names_seen

            self._seen[near] = names_seen(self._view, near)
        return self._seen[near]

    # --- what a file includes -----------------------------------------------------

    def included(self, near: str, arch: str = "") -> Iterator[File]:
        """Yields the headers that a file includes, those of headers too, nearest first.

        Every branch of every #if counts.  asm/ is that of ``arch``, or of the
        architecture that the file is of, else asm-generic.
        """
        for level in self._levels.of(near, arch):
            yield from level

    def includes_only(self, near: str, known: Callable[[str], bool]) -> bool:
        """Says whether a file, and each header that it includes, is ``known``; asked
        once a file, by one who always knows the same."""
        if near not in self._includes_only:
            every = chain([near], (path for path, _ in self.included(near)))
            self._includes_only[near] = all(map(known, every))
            forget_oldest(self._includes_only, _WORDS_KEPT)
        return self._includes_only[near]

    def naming(self, near: str, name: str) -> Iterator[tuple[str, bytes]]:
        """Yields those of the headers that ``included`` does that hold a name.

        Whoever asks to the end has it remembered: all of the headers are megabytes.
        """
        known = self._naming.get((near, name))
        if known is not None:
            yield from known
            return
        found = []
        for one in self._that_hold(near, name):
            found.append(one)
            yield one
        self._naming[near, name] = tuple(found)
        forget_oldest(self._naming, _WORDS_KEPT)

    def _that_hold(self, near: str, name: str) -> Iterator[tuple[str, bytes]]:
        """The headers of a file that hold a name, known of old or looked for."""
        seen, that_hold = self._names_seen(near), self._searched(near, encode(name))
        return (
            that_hold if seen is None else seen.that_hold(name, that_hold, self._view)
        )

    def _searched(self, near: str, word: bytes) -> Iterator[tuple[str, bytes]]:
        """The headers of a file that hold a word: hundreds are asked for each name."""
        for level in self._levels.of(near):
            for one in level:
                known = _words.get(one[1], 0)
                if holds(one[1], word) if isinstance(known, int) else word in known:
                    yield one

    def functions(self, near: str, name: str) -> Iterator[_SeenFunction]:
        """Yields the declarations and bodies of a function in the headers of a file."""
        seen = self._names_seen(near)
        if seen is not None and name in seen.functions:
            known = ((self.header(path), one) for path, one in seen.functions[name])
            yield from ((of_path, one) for of_path, one in known if of_path)
            return
        found = []
        for path, _ in self.naming(near, name):
            of_path = self.header(path)
            for function in of_path.functions_named(name) if of_path else ():
                assert of_path is not None
                found.append((path, function))
                yield of_path, function
        if seen is not None:
            seen.functions[name] = tuple(found)

    # --- where ------------------------------------------------------------------

    def files_defining(self, name: str, near: str | None) -> tuple[str, ...]:
        """Returns the files that define a name: ``near`` itself, else the first of the
        headers that it includes; without ``near`` all of include/, which costs a
        search."""
        key = (name, near)
        if key not in self._found:
            known = _NAME.match(name) is not None
            self._found[key] = self._search(name, near) if known else ()
            forget_oldest(self._found, _FOUND_KEPT)
        return self._found[key]

    def _search(self, name: str, near: str | None) -> tuple[str, ...]:
        if near is None:
            return self._in_include(name)
        if self._is_in(near, name):
            return (near,)
        if not near.startswith(USER_SPACE):
            for names, home in _HOMES:
                if names.match(name) and self._is_in(home, name):
                    return (home,)
        seen = self._names_seen(near)
        if seen is not None and name in seen.defining:
            return seen.defining[name]
        naming = (path for path, _ in self.naming(near, name))
        found = tuple(islice((path for path in naming if self._is_in(path, name)), 1))
        if seen is not None:
            seen.defining[name] = found
        return found

    def _in_include(self, name: str) -> tuple[str, ...]:
        hits = self._view.grep([name], ["include"], suffixes=(".h",))
        paths = dict.fromkeys(
            hit.path for hit in hits if _may_have_value(hit.text, name)
        )
        return tuple(path for path in paths if self._is_in(path, name))

    def _is_in(self, path: str, name: str) -> bool:
        found = self.header(path)
        return found is not None and _defines(found, name)

    def defines(self, name: str, near: str | None) -> tuple[tuple[Header, Define], ...]:
        """Returns the #defines of a name, with the header of each."""
        found = []
        for path in self.files_defining(name, near):
            of_path = self.header(path)
            if of_path is not None:
                found += [(of_path, define) for define in of_path.macros.get(name, ())]
        return tuple(found)

    # --- which value ------------------------------------------------------------

    def constants(self, name: str, near: str | None) -> tuple[Constant, ...]:
        """Returns every value of a name; () where none is known."""
        return tuple(
            constant
            for path in self.files_defining(name, near)
            for constant in self.constants_in(path, name, near)
        )

    def constants_in(
        self, path: str, name: str, near: str | None = None
    ) -> tuple[Constant, ...]:
        """Returns the values that one file gives a name.

        Names in its definition are looked up as ``near`` sees them, which is where the
        macro is used, or as the file itself does.
        """
        known = self._constants.get((path, name, _WHOEVER_ASKS))
        if known is None:
            known = self._constants.get((path, name, near))
        if known is None:
            found = self.header(path)
            ways = definitions_in(found, name) if found is not None else ()
            values = self._values(found, name, near) if found is not None else ()
            same = all(stands_alone(way.text) for way in ways)
            known = tuple(values)
            self._constants[path, name, _WHOEVER_ASKS if same else near] = known
            forget_oldest(self._constants, _CONSTANTS_KEPT)
        return known

    def _values(self, found: Header, name: str, near: str | None) -> Iterator[Constant]:
        evaluator = self._evaluator(found.path, near)
        for definition in definitions_in(found, name):
            if definition.params is not None or not definition.text:
                continue
            if _mentions(definition.text, name) or definition.condition.is_false:
                continue
            for value, condition in evaluator.of_text(definition.text):
                if value is None:
                    continue
                if definition.enumerator:
                    value = as_enumerator(value)
                line = definition.location
                assert isinstance(line, int)
                yield Constant(
                    name,
                    value,
                    definition.condition & condition,
                    found.evidence(line),
                    definition.text,
                    "enumerator" if definition.enumerator else "macro",
                )

    def _evaluator(self, path: str, near: str | None) -> Evaluator:
        key = (path, near)
        if key not in self._evaluators:

            def resolve(name: str) -> tuple[ConstantDefinition, ...]:
                files = self.files_defining(name, path)
                if not files and near is not None and near != path:
                    files = self.files_defining(name, near)
                headers = [self.header(file) for file in files]
                return tuple(d for h in headers if h for d in definitions_in(h, name))

            self._evaluators[key] = Evaluator(resolve, self.typedefs(path))
            forget_oldest(self._evaluators, _EVALUATORS_KEPT)
        return self._evaluators[key]

    def typedefs(self, path: str) -> Callable[[str], str | None]:
        """Returns what a typedef stands for, as a file and what it includes have it."""
        if path not in self._typedefs:
            self._typedefs[path] = self._typedefs_seen_from(path)
            forget_oldest(self._typedefs, _EVALUATORS_KEPT)
        return self._typedefs[path]

    def _typedefs_seen_from(self, path: str) -> Callable[[str], str | None]:
        @cache
        def typedef(name: str) -> str | None:
            own = self._view.read(path)
            word = encode(name)
            files = ((path, own),) if own is not None and word in own else ()
            # most headers that hold a word only use it: those need not be read as C
            ends = re.compile(rb"\b%s\s*(?:;|/[/*])" % re.escape(word))
            for file, data in chain(files, self.naming(path, name)):
                if b"typedef" not in data or ends.search(data) is None:
                    continue
                of_file = self.header(file)
                if of_file is not None and name in of_file.typedefs:
                    return of_file.typedefs[name][0]
            return None

        return typedef


@once_per_subject
def definitions_in(found: Header, name: str) -> tuple[ConstantDefinition, ...]:
    """The definitions of a name in one file, each with its line as location."""
    macros = [
        ConstantDefinition(define.condition, define.body, define.line, define.params)
        for define in found.macros.get(name, ())
    ]
    members = [
        ConstantDefinition(way.condition, way.text, way.location.line, None, True)
        for way in _members(found).get(name, ())
        if isinstance(way.location, Enumerator)
    ]
    return (*macros, *members)


@once_per_subject
def _members(found: Header) -> dict[str, list[ConstantDefinition]]:
    """What the members of all enums of a file are defined as, by name."""
    ways: dict[str, list[ConstantDefinition]] = {}
    for enum in found.enums:
        for name, defined in enumerator_definitions(enum.enumerators).items():
            ways.setdefault(name, []).extend(defined)
    return ways


def _mentions(text: str, name: str) -> bool:
    """``#define X X``: says that there is an X, not what it is."""
    return name in text and name in _WORDS.findall(text)


def _defines(found: Header, name: str) -> bool:
    if not found.may_give_value(name):
        return False
    return name in found.macros or name in found.enum_of


def _may_have_value(line: str, name: str) -> bool:
    """Whether a line that grep found may define the name: spares reading the rest."""
    text = line.strip()
    if text.startswith("#"):
        return re.match(rf"#\s*define\s+{name}\b", text) is not None
    member = rf"(?:enum\b.*[{{,]\s*)?{name}\s*(?:[,=/}}]|$)"
    return re.match(member, text) is not None or ("{" in text and "enum" in text)
