# SPDX-License-Identifier: GPL-2.0-or-later
"""Which headers a file sees, and which of them may say what a name means.

The headers are those that the file includes, directly or not, where the kernel's
build looks for them (``facts.header``); those of one architecture are left out, so
that nothing is taken for true that only one architecture says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from reviewer.c.text import first_closing_brace
from reviewer.facts.forced_headers import forced_headers
from reviewer.facts.includes import headers_included
from reviewer.tree.view import View

MAX_HEADERS = 1500
# Headers that every architecture includes by itself (arch/*/include/asm/page.h).
BY_ARCHITECTURE = ("include/asm-generic/memory_model.h",)
# Where a definition can name what it defines: in a #define, on a line that begins at
# column 0, and in an enum.  One pattern for each is several times as fast as one for
# all, as each begins with something plain.
_MACRO = re.compile(rb"#[ \t]*define[ \t]+(\w+)")
_UNDEFINED = re.compile(rb"#[ \t]*undef[ \t]+(\w+)")
_PUSHED = re.compile(rb'push_macro[ \t]*\([ \t]*"(\w+)"')
_AT_MARGIN = re.compile(rb"\n([A-Za-z_}][^\n]*)")
_ENUM = re.compile(rb"enum\b(?<!\wenum)[^;{}]{0,200}+\{")
_MEMBER = re.compile(rb"[{,\n/][ \t\r]*([A-Za-z_]\w*)(?=[ \t\r]*[=,}/\n#])")
WORDS_ONLY = bytes(
    code if chr(code).isascii() and (chr(code).isalnum() or code == 0x5F) else 0x20
    for code in range(256)
)


def is_for_all(path: str) -> bool:
    """Says whether a header is the whole kernel's, and no driver's own."""
    return path.startswith(("include/", "arch/", "tools/include/"))


@dataclass(frozen=True, slots=True)
class Words:
    """The words that a header may define (and some that it does not)."""

    macros: frozenset[bytes]
    others: frozenset[bytes]
    undefined: frozenset[bytes]


def pushed_macros(data: bytes) -> list[bytes]:
    """Returns the macros that are something else for a part of a file, and again what
    they were behind it (#pragma push_macro)."""
    return _PUSHED.findall(data) if b"push_macro" in data else []


@lru_cache(maxsize=8192)
def words_defined(data: bytes) -> Words:
    """Finds what stands where a header defines a name."""
    data = b"\n" + data
    lines = b"\n".join(_AT_MARGIN.findall(data))
    words = lines.translate(WORDS_ONLY).split()
    undefined = _UNDEFINED.findall(data) if b"undef" in data else []
    undefined += pushed_macros(data)
    return Words(
        frozenset(_MACRO.findall(data)),
        frozenset([*words, *_members(data)]),
        frozenset(undefined),
    )


_VOLATILE = re.compile(rb"\bvolatile\b([^;{}()=]*)[;=]")
_DECLARED = re.compile(rb"(\w+)\s*(?:\[[^\]]*\]\s*|:\s*\d+\s*)*\Z")


@lru_cache(maxsize=8192)
def volatile_names(data: bytes) -> frozenset[bytes]:
    """Returns the variables, members and types that a header declares with
    ``volatile``."""
    if b"volatile" not in data:
        return frozenset()
    parts = [part for text in _VOLATILE.findall(data) for part in text.split(b",")]
    return frozenset(name[1] for part in parts if (name := _DECLARED.search(part)))


def _members(data: bytes) -> Iterator[bytes]:
    """What looks like a member of an enum."""
    opening = _ENUM.search(data) if b"enum" in data else None
    while opening is not None:
        end = first_closing_brace(data, opening.end())
        for member in _MEMBER.finditer(data, opening.end() - 1, end):
            yield member[1]
        opening = _ENUM.search(data, end)


@lru_cache(maxsize=16)
def visible_headers(
    view: View, path: str, data: bytes
) -> tuple[tuple[str, bytes], ...]:
    """Returns (path, bytes) of each header that the file includes, those included
    first coming first.

    The last ones are those that the build includes in every file, and what they do.
    """
    seen = {path}
    found = _included(view, [(path, data)], seen)
    forced = [choice for choice in forced_headers(view) if choice not in seen]
    seen.update(forced)
    first = [(choice, view.read(choice) or b"") for choice in forced]
    found += [*first, *_included(view, first, seen)]
    for choice in BY_ARCHITECTURE:
        other = None if choice in seen else view.read(choice)
        if other is not None:
            found.append((choice, other))
    return tuple(found)


def _included(
    view: View, waiting: list[tuple[str, bytes]], seen: set[str]
) -> list[tuple[str, bytes]]:
    """What some files include, and what that does; ``seen`` is added to."""
    found: list[tuple[str, bytes]] = []
    while waiting and len(found) < MAX_HEADERS:
        waiting = headers_included(view.read, waiting, seen)
        found += waiting
    return found
