# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tree says of a class of guards: its constructor and its destructor.

``DEFINE_GUARD(name, ...)`` and its kin make them, with the macros of
include/linux/cleanup.h; what a configuration or another text may change is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

from reviewer.c.conditions import TRUE
from reviewer.c.expander import expand
from reviewer.c.preprocessor import Define
from reviewer.c.text import closing_bracket, normalised
from reviewer.facts.header import header
from reviewer.prover.interpret.guard_places import WHY
from reviewer.prover.limits import Unsupported
from reviewer.prover.names.macro_words import words_with_macros
from reviewer.prover.names.visible_headers import is_for_all, visible_headers
from reviewer.prover.syntax import block_of, snippet

if TYPE_CHECKING:
    from reviewer.c.source import Function, Source
    from reviewer.prover.names.definitions import Definitions

_MAKES = re.compile(r"_*(?:DEFINE_\w+|(?:scoped_)?guard(?:_ptr)?|CLASS|is_cond_ptr)\Z")
# a variable with an end, as cleanup.h and compiler_attributes.h write it
_BEGINS = re.compile(r"(?:__free|__cleanup|guard|CLASS)\Z")
_ENDED = re.compile(
    r"(?:class_(\w+?)_t [\w ,()]*?)?"
    r"(?:__attribute__ ?\( ?\( ?__cleanup__ ?\( ?(\w+) ?\) ?\) ?\)"
    r"|__cleanup ?\( ?(\w+) ?\))(?: ?= ?(\w+))?"
)


class ReadsClasses(Protocol):
    """Who asks: what names mean in a file, and the classes that were read."""

    @property
    def definitions(self) -> Definitions:
        """What names mean in the file."""

    @property
    def classes(self) -> dict[tuple[str, str], str]:
        """The texts of classes that were read, by kinds and name."""


def class_text(run: ReadsClasses, kinds: str, name: str) -> Source:
    """Returns what ``DEFINE_GUARD(name, ...)`` or its like stands for; raises
    Unsupported where there are none, or several."""
    definitions = run.definitions
    key = kinds, name
    if key not in run.classes:
        found = list(calls_at_file_level(definitions, rf"DEFINE_(?:{kinds})", name))
        text = expanded(run, found[0]) if len(found) == 1 else ""
        if definitions.redefined and _moves(definitions, text):
            raise Unsupported(WHY)  # it stands for what it did where the class is made
        run.classes[key] = text
    if not run.classes[key]:
        raise Unsupported(WHY)
    return snippet(run.classes[key])


def _moves(definitions: Definitions, text: str) -> bool:
    """Whether a text has a macro in it that stands for several things in the file."""

    def bodies_of(word: str) -> Iterator[str]:
        return (macro.body for macro in definitions.macros(word))

    words = words_with_macros(text, bodies_of)
    return any(word in definitions.redefined for word in words)


def calls_at_file_level(
    definitions: Definitions, macros: str, name: str
) -> Iterator[str]:
    """The calls at the beginning of a line of macros that a pattern matches and that
    are handed a name first, in the file and in what it includes; raises Unsupported
    for one that is not there in each configuration of the function."""
    here, facts = definitions.here, definitions.facts
    pattern = re.compile(rf"^({macros})\s*\(\s*{re.escape(name)}\s*[,)]", re.M)
    seen = () if facts is None else visible_headers(facts.view, here.path, here.data)
    for path, data in ((here.path, here.data), *seen):
        if name.encode() not in data or not re.search(macros.encode(), data):
            continue
        file = header(path, data)
        clean = file.clean
        for found in pattern.finditer(clean):
            condition = file.condition(file.line_of(found.start()))
            own = path == here.path and file.condition(definitions.at or 1)
            if condition not in (TRUE, own):
                raise Unsupported(WHY)
            end = closing_bracket(clean, clean.index("(", found.start()))
            yield clean[found.start() : end + 1]


def expanded(run: ReadsClasses, text: str, which: re.Pattern[str] = _MAKES) -> str:
    """Returns a text with the macros of cleanup.h put in, by default those that make
    classes."""

    def lookup(word: str) -> Define | None:
        if not which.match(word):
            return None
        macros = run.definitions.macros(word)
        if len(macros) != 1 or macros[0].condition != TRUE:
            return None
        if macros[0].body == "#twice":
            return None
        return Define(word, macros[0].parameters, macros[0].body, 0, 0, TRUE)

    return expand(text, lookup)


def check_begins(
    run: ReadsClasses, text: str, means: tuple[str | None, str, str | None]
) -> None:
    """Raises Unsupported where what begins an object is no variable with the cleanup
    attribute; ``means``: its class, what is run at its end, what is run for it."""
    found = _ENDED.fullmatch(normalised(expanded(run, text, _BEGINS)).strip())
    if found is None or (found[1], found[2] or found[3], found[4]) != means:
        raise Unsupported(WHY)
    macros = run.definitions.macros("__cleanup")
    if found[3] and not (macros and all(is_for_all(macro.path) for macro in macros)):
        raise Unsupported(WHY)  # that of the kernel is another one for each compiler


def function_of(
    run: ReadsClasses, source: Source, name: str
) -> tuple[Source, Function]:
    """Returns a function of a class with its source; raises Unsupported where there is
    another one of its name."""
    found = source.functions_named(name)
    if len(found) != 1 or found[0].broken:
        raise Unsupported(WHY)
    if run.definitions.functions(name) or run.definitions.is_macro(name):
        raise Unsupported(WHY)  # another one, in another configuration
    return source, found[0]


def body_of(source: Source, function: Function) -> str:
    """Returns the body of a function, normalised."""
    return normalised(source.text(block_of(function)))
