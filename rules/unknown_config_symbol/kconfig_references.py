# SPDX-License-Identifier: GPL-2.0-or-later
"""The options that a Kconfig file names in its expressions, and the unknown ones."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from reviewer.api import Step
from reviewer.facts.kconfigfile import statements
from reviewer.kit.gates_symbols import OTHER_PROGRAMS, is_known, missing_for_sure
from reviewer.patterns import regex

_QUOTED = regex(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'")
_IF = regex(r"(?:^|\s)if\s+(.*)")
_COMPARED = regex(r"(?:!=|<=|>=|=|<|>)\s*[\w.-]+")
_NAME = regex(r"[\w.-]+")
_MACRO = regex(r"\$\([^()]*\)")
_TYPES = {"bool", "boolean", "tristate", "int", "hex", "string", "prompt"}
_DEFAULTS = {"default", "def_bool", "def_tristate"}
_REVERSED = {"select", "imply"}
# Values of tristates, which are no options: Documentation/kbuild/kconfig-language.rst
_VALUES = {"y", "m", "n"}
# "depends on DEPRECATED" (net/bluetooth/cmtp/Kconfig): meant to switch an option off
_SWITCHED_OFF = {"BROKEN", "DEPRECATED", "OBSOLETE", "DISABLED", "NEVER"}


class Reference(Struct, frozen=True):
    """A name in an expression of a Kconfig file, with the keyword that takes it."""

    name: str
    how: str  # depends on, select, imply, default, if, ...
    line: int  # of the name itself
    column: int  # bytes, from 0


def references(data: bytes) -> Iterator[Reference]:
    """Yields every option that the file names, in the order of its lines.

    What stands in quotes, behind an operator of comparison or in a macro is a value
    and is left out, and so is the default of a number or a string.
    """
    lines = data.decode("utf-8", "replace").split("\n")
    of_type = ""
    for first, text in statements(data):
        word, _, rest = text.partition(" ")
        if word in ("config", "menuconfig", "choice"):
            of_type = ""
        elif word in _TYPES or word in ("def_bool", "def_tristate"):
            of_type = of_type if word == "prompt" else word
        for how, expression in _expressions(word, rest, of_type):
            for name in _names(expression):
                yield _placed(lines, first, name, how)


def unknown_references(step: Step) -> Iterator[Reference]:
    """Yields the options that lines added to a Kconfig file name, and that no Kconfig
    file of the tree defines.

    A name that the file, or another that the series changes, had before is no news.
    """
    change, post = step.change, step.post
    if change.post is None or post is None or change.path.startswith(OTHER_PROGRAMS):
        return
    added = [
        one
        for one in references(change.post)
        if one.line in change.added and one.name not in _SWITCHED_OFF
    ]
    facts = post.facts
    lacking = {
        r.name for r in added if not is_known(facts, step.series, f"CONFIG_{r.name}")
    }
    if not lacking:
        return
    lacking -= {
        reference.name
        for change in step.series.changes
        if change.pre is not None and "Kconfig" in change.path
        for reference in references(change.pre)
    }
    lacking = missing_for_sure(facts, step.series, lacking)
    said: set[tuple[str, str]] = set()
    for one in added:
        if one.name in lacking and (one.name, one.how) not in said:
            said.add((one.name, one.how))
            yield one


def _expressions(word: str, rest: str, of_type: str) -> Iterator[tuple[str, str]]:
    """The keyword and text of each expression in one statement."""
    plain = _QUOTED.sub(" ", rest)
    condition = _IF.search(plain)
    value = plain[: condition.start()] if condition else plain
    if word == "depends":
        yield "depends on", plain.strip().removeprefix("on ")
        return
    if word == "if":
        yield "if", plain
        return
    if word in _REVERSED or (
        word in _DEFAULTS and of_type not in ("int", "hex", "string")
    ):
        yield word, value
    known = word in _REVERSED | _DEFAULTS | _TYPES | {"visible", "range"}
    if condition and known:
        yield f"{word} if" if word in _REVERSED else "if", condition[1]


def _names(expression: str) -> Iterator[str]:
    while _MACRO.search(expression):
        expression = _MACRO.sub(" ", expression)
    if "$" in expression:
        return
    for match in _NAME.finditer(_COMPARED.sub(" ", expression)):
        name = match[0]
        if name not in _VALUES and re.fullmatch(r"\w*[A-Za-z]\w*", name):
            yield name


def _placed(lines: list[str], first: int, name: str, how: str) -> Reference:
    """The reference with its line: a statement goes on behind a backslash."""
    word = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")
    for number in range(first, len(lines) + 1):
        text = lines[number - 1]
        match = word.search(text)
        if match is not None:
            column = len(text[: match.start()].encode("utf-8", "replace"))
            return Reference(name, how, number, column)
        if not text.rstrip("\r").endswith("\\"):
            break
    return Reference(name, how, first, 0)
