# SPDX-License-Identifier: GPL-2.0-or-later
"""What a Kbuild makefile lists, and under which configuration.

Only assignments and conditionals are read; nothing is run.  A list element that
needs make to know it (functions, shell) is dropped and counted as unread.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct

from reviewer.c.conditions import TRUE, Condition, all_of, any_of, atom, enabled
from reviewer.c.formula import module, symbol
from reviewer.patterns import regex

_ASSIGNMENT = regex(r"\s*+([\w./$(), -]*?[\w./$(),-])\s*+(\+=|::?=|=|\?=)\s*(.*)\Z")
_CONFIG_SUFFIX = regex(r"(.*)-\$[({]CONFIG_(\w+)[)}]\Z")
_SUBST_SUFFIX = regex(r"(.*)-\$\(subst m,\s*y,\s*\$\(CONFIG_(\w+)\)\)\Z")
_ADD_PREFIX = regex(r"\$\(addprefix\s+([\w./-]+)\s*,([^()]*)\)")
_OWN_FOLDER = regex(r"\$[({](?:obj|src)[)}]/")
_REFERENCE = regex(r"\$[({]([\w.-]+)[)}]\Z")
_IF = regex(r"\s*(?:else\s+)?(ifeq|ifneq|ifdef|ifndef)\b\s*(.*)\Z")
_TWO_WORDS = regex(
    r"\((?=.*\)\s*\Z)(.*),(.*)\)\s*\Z|(['\"])((?:(?!\3).)*+)\3\s++(['\"])((?:(?!\5).)*+)\5\s*\Z"
)
_CONFIGS = regex(r"(?:\$[({]CONFIG_\w+[)}])+\Z")
_CONFIG = regex(r"\$[({]CONFIG_(\w+)[)}]")


class MakefileEntry(Struct, frozen=True):
    """One element of a list: ``page.o`` in ``proc-y``, a folder, or ``$(mmu-y)``."""

    variable: str
    element: str
    condition: Condition
    line: int
    text: str  # the assignment as written, its first line


@lru_cache(maxsize=256)
def read_makefile(data: bytes) -> tuple[MakefileEntry, ...]:
    """Returns all list elements of a makefile.

    An element that a later ``:=`` replaces carries the negation of what makes that
    assignment happen (``proc-y := nommu.o`` before ``proc-$(CONFIG_MMU) := ..``).
    """
    entries: list[MakefileEntry] = []
    for line, text, around in _conditional_lines(data):
        match = _ASSIGNMENT.match(text)
        if match is None:
            continue
        for variable, when in _variables(match[1]):
            condition = around & when
            if match[2] in (":=", "=", "::="):
                entries = _replaced(entries, variable, condition)
            entries += (
                MakefileEntry(variable, element, condition, line, text.strip())
                for element in _elements(match[3])
            )
    return tuple(entry for entry in entries if not entry.condition.is_false)


def variable_of(element: str) -> str | None:
    """Returns the variable that a ``$(variable)`` element stands for."""
    match = _REFERENCE.match(element)
    return match[1] if match else None


def _replaced(
    entries: list[MakefileEntry], variable: str, condition: Condition
) -> list[MakefileEntry]:
    return [
        MakefileEntry(e.variable, e.element, e.condition & ~condition, e.line, e.text)
        if e.variable == variable
        else e
        for e in entries
    ]


def _variables(name: str) -> Iterator[tuple[str, Condition]]:
    """The variables an assignment may be to, by configuration."""
    if match := _CONFIG_SUFFIX.match(name):
        yield f"{match[1]}-y", symbol(match[2])
        yield f"{match[1]}-m", module(match[2])
    elif match := _SUBST_SUFFIX.match(name):
        yield f"{match[1]}-y", enabled(match[2])
    elif re.fullmatch(r"[\w.-]+", name):
        yield name, TRUE
    elif re.fullmatch(r"[\w.-]+-\$.*", name):
        base = name.split("-$", 1)[0]
        yield f"{base}-y", atom(f"make says {name}")


def _elements(text: str) -> Iterator[str]:
    text = _OWN_FOLDER.sub("", text)
    for match in _ADD_PREFIX.finditer(text):
        yield from (match[1] + word for word in match[2].split())
    for word in _ADD_PREFIX.sub(" ", text).split():
        if "$" not in word or _REFERENCE.match(word):
            yield word


def _conditional_lines(data: bytes) -> Iterator[tuple[int, str, Condition]]:
    """Logical lines with the condition of the ifeq/ifdef blocks around them."""
    stack: list[tuple[Condition, Condition]] = []  # (this leg, no leg so far)
    in_define = False
    for line, text in logical_lines(data):
        word = text.split(None, 1)[0] if text.strip() else ""
        if word in ("define", "endef"):
            in_define = word == "define"
        elif in_define:
            continue
        elif word in ("ifeq", "ifneq", "ifdef", "ifndef"):
            test = _test(text)
            stack.append((test, ~test))
        elif word == "else" and stack:
            left = stack[-1][1]
            test = _test(text) if _IF.match(text) else TRUE
            stack[-1] = (left & test, left & ~test)
        elif word == "endif":
            del stack[-1:]
        else:
            yield line, text, all_of(leg for leg, _ in stack[:40])


def logical_lines(data: bytes) -> Iterator[tuple[int, str]]:
    """Yields each line that make reads with its number: joined, without comments."""
    pieces: list[str] = []
    start = 1
    lines = data.decode("utf-8", "replace").split("\n")
    for number, raw in enumerate(lines, 1):
        line = raw.rstrip("\r")
        if not pieces:
            start = number
        code = line.split("#", 1)[0] if "#" in line else line
        if code.endswith("\\"):
            pieces.append(code[:-1])
            continue
        yield start, " ".join([*pieces, code])
        pieces = []
    if pieces:
        yield start, " ".join(pieces)


def _test(text: str) -> Condition:
    """The formula of an ifeq/ifdef line; what make alone knows is an opaque atom."""
    match = _IF.match(text)
    assert match is not None
    kind, rest = match[1], match[2].strip()
    holds = _defined(rest) if kind in ("ifdef", "ifndef") else _equal(rest)
    if holds is None:
        positive = kind.replace("n", "", 1) if kind in ("ifneq", "ifndef") else kind
        holds = atom(f"make says {positive} {' '.join(rest.split())}")
    return ~holds if kind in ("ifneq", "ifndef") else holds


def _defined(name: str) -> Condition | None:
    return enabled(name) if re.fullmatch(r"CONFIG_\w+", name) else None


def _equal(rest: str) -> Condition | None:
    match = _TWO_WORDS.match(rest)
    if match is None:
        return None
    one = (match[1] if match[1] is not None else match[4]).strip()
    two = (match[2] if match[1] is not None else match[6]).strip()
    if _CONFIGS.match(two):
        one, two = two, one
    if not _CONFIGS.match(one):
        return None
    names = _CONFIG.findall(one)
    if not two:
        return ~any_of(enabled(name) for name in names)
    if len(two) != len(names) or set(two) - {"y", "m"}:
        return None
    if len(names) > 1 and len(set(two)) > 1:
        return None
    return all_of(
        symbol(name) if letter == "y" else module(name)
        for name, letter in zip(names, two, strict=True)
    )
