# SPDX-License-Identifier: GPL-2.0-or-later
"""Changed files that a file may include, though not from where we look for headers.

A Makefile says ``-I``, an architecture has its own ``asm/``, a generated header none
of it: such an include is taken for any changed file that its name fits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from reviewer.tree.view import View
from reviewer.tree.views import edited_paths
from reviewer.utf8 import decode, encode

_INCLUDED = re.compile(rb"\n[ \t]*#[ \t]*include(?:_next)?[ \t]*[<\"]([^>\"\n]+)[>\"]")


_BY_MACRO = re.compile(rb"\n[ \t]*#[ \t]*include(?:_next)?[ \t]+([A-Za-z_]\w*)")


def includes_by_macro(data: bytes) -> set[str]:
    """Returns the macros that an #include of a file names."""
    found = _BY_MACRO.findall(b"\n" + data) if b"include" in data else ()
    return {decode(word) for word in found}


def may_be_included(
    changed: Iterable[str],
    includers: Iterable[tuple[str, bytes]],
    sides: Mapping[str, tuple[bytes, bytes]],
) -> set[str]:
    """Returns those of the changed paths that an #include may mean.

    ``includers``: files with their bytes; ``sides``: the bytes of the changed files,
    which may include one another.
    """
    left = dict.fromkeys(changed)
    if not left:
        return set()
    waiting = [data for _path, data in includers]
    found: set[str] = set()
    last = (path.rpartition("/")[2] for path in left)
    names = {encode(name) for name in last}
    while waiting:
        data = waiting.pop()
        if includes_by_macro(data):
            return {*found, *left}
        if not any(name in data for name in names):
            continue
        for written in _INCLUDED.findall(b"\n" + data):
            wanted = decode(written).split("/")
            tail = "/".join(part for part in wanted if part not in (".", ".."))
            for path in list(left):
                if path == tail or path.endswith("/" + tail):
                    del left[path]
                    found.add(path)
                    waiting += sides[path]
    return found


def asking_for_headers(one: View, two: View) -> frozenset[str]:
    """Returns what an #if asks with for a header, where one comes or goes."""
    headers = (path for path in edited_paths(one, two) or () if path.endswith(".h"))
    if all(one.exists(path) == two.exists(path) for path in headers):
        return frozenset()
    return frozenset(["__has_include", "__has_include_next"])
