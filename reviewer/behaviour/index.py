"""Which headers a file sees, and which of them may say what a name means.

The headers are those that the file includes, directly or not, where the kernel's
build looks for them (``facts.header``); those of one architecture are left out, so
that nothing is taken for true that only one architecture says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from reviewer.facts.header import included_paths

if TYPE_CHECKING:
    from reviewer.tree.view import View

MAX_HEADERS = 1500
# Headers that every architecture includes by itself (arch/*/include/asm/page.h).
BY_ARCHITECTURE = ("include/asm-generic/memory_model.h",)
# Lines on which a definition can name what it defines: a #define, anything at
# column 0, and what looks like a member of an enum.
_HEADS = re.compile(
    rb"\n(?:[ \t]*#[ \t]*define[ \t]+(\w+)|([A-Za-z_}][^\n]*)"
    rb"|[ \t]+([A-Za-z_]\w*)[ \t]*(?:=[^;\n]*|,[^\n]*|/\*[^\n]*|//[^\n]*)?(?=\n))"
)
_WORDS_ONLY = bytes(
    code if chr(code).isascii() and (chr(code).isalnum() or code == 0x5F) else 0x20
    for code in range(256)
)


@dataclass(frozen=True, slots=True)
class Words:
    """The words that a header may define (and some that it does not)."""

    macros: frozenset[bytes]
    others: frozenset[bytes]


@lru_cache(maxsize=8192)
def words_defined(data: bytes) -> Words:
    """What stands where a header defines a name."""
    macros, lines, members = set(), [], []
    for macro, line, member in _HEADS.findall(b"\n" + data + b"\n"):
        if macro:
            macros.add(macro)
        elif line:
            lines.append(line)
        else:
            members.append(member)
    words = b"\n".join(lines).translate(_WORDS_ONLY).split()
    return Words(frozenset(macros), frozenset([*words, *members]))


@lru_cache(maxsize=16)
def visible(view: View, path: str, data: bytes) -> tuple[tuple[str, bytes], ...]:
    """The file's headers, those included first coming first: (path, bytes)."""
    seen: dict[str, None] = {path: None}
    found: list[tuple[str, bytes]] = []
    waiting = [(path, data)]
    while waiting and len(found) < MAX_HEADERS:
        following: list[tuple[str, bytes]] = []
        for at, content in waiting:
            for choices in included_paths(at, content):
                for choice in choices:
                    if choice in seen:
                        break
                    other = view.read(choice)
                    if other is not None:
                        seen[choice] = None
                        following.append((choice, other))
                        break
        found += following
        waiting = following
    for choice in BY_ARCHITECTURE:
        other = None if choice in seen else view.read(choice)
        if other is not None:
            found.append((choice, other))
    return tuple(found)
