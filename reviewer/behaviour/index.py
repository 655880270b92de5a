"""Which headers a file sees, and which of them may say what a name means.

The headers are those that the file includes, directly or not, where the kernel's
build looks for them (``facts.header``); those of one architecture are left out, so
that nothing is taken for true that only one architecture says.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from reviewer.facts.header import _include_paths

if TYPE_CHECKING:
    from reviewer.tree.view import View

MAX_HEADERS = 1500
# Headers that every architecture includes by itself (arch/*/include/asm/page.h).
BY_ARCHITECTURE = ("include/asm-generic/memory_model.h",)
_INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)
# Lines on which a definition can name what it defines: a #define, anything at
# column 0, and what looks like a member of an enum.
_HEADS = re.compile(
    rb"^(?:[ \t]*#[ \t]*define[ \t]+(\w+)|([A-Za-z_}][^\n]*)"
    rb"|[ \t]+([A-Za-z_]\w*)[ \t]*(?:=[^;\n]*|,[^\n]*|/\*[^\n]*|//[^\n]*)?$)",
    re.MULTILINE,
)
_WORD = re.compile(rb"[A-Za-z_]\w+")


@lru_cache(maxsize=8192)
def included(path: str, data: bytes) -> tuple[tuple[str, ...], ...]:
    """For each #include of a file, the paths it may mean, best guess first."""
    return tuple(
        _include_paths(path, kind.decode(), name.decode("utf-8", "replace"))
        for kind, name in _INCLUDE.findall(data)
    )


@lru_cache(maxsize=8192)
def words_defined(data: bytes) -> frozenset[bytes]:
    """The words that a header may define (and some that it does not)."""
    found: set[bytes] = set()
    for macro, line, member in _HEADS.findall(data):
        if macro:
            found.add(macro)
        elif line:
            found.update(_WORD.findall(line))
        else:
            found.add(member)
    return frozenset(found)


def visible(view: View, path: str, data: bytes) -> list[tuple[str, bytes]]:
    """The file's headers, those included first coming first: (path, bytes)."""
    seen: dict[str, None] = {path: None}
    found: list[tuple[str, bytes]] = []
    waiting = [(path, data)]
    while waiting and len(found) < MAX_HEADERS:
        following: list[tuple[str, bytes]] = []
        for at, content in waiting:
            for choices in included(at, content):
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
    return found
