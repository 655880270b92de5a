# SPDX-License-Identifier: GPL-2.0-or-later
"""Which file names of a patch may be used at all.

Names come from mail.  One that is absolute, leaves the tree, enters ``.git`` or
holds control characters is refused before anything is opened.
"""

from __future__ import annotations

import re

from reviewer.patterns import regex
from reviewer.utf8 import encode

LONGEST = 4096  # bytes, PATH_MAX on Linux
LONGEST_NAME = 255  # bytes, NAME_MAX
DEEPEST = 64  # folders: removing what git made of a thousand ends in no good way

# Nearly all paths of a kernel: no part of it begins with a dot
_PLAIN = regex(r"[A-Za-z0-9_+,@=-][\w+,@=.-]*(?:/[A-Za-z0-9_+,@=-][\w+,@=.-]*)*", re.A)


def refusal(path: str) -> str | None:
    """Says why a path must not be used, None if it may."""
    if _PLAIN.fullmatch(path) and len(path) < LONGEST_NAME and path.count("/") < 32:
        return None
    if not path:
        return "empty file name"
    if path.startswith("/"):
        return "absolute path"
    if any(ord(char) < 32 or 127 <= ord(char) < 160 for char in path):
        return "control characters in the file name"
    parts = path.split("/")
    if ".." in parts:
        return "path leaves the tree"
    if "" in parts or "." in parts:
        return "malformed path"
    if any(_is_dot_git(part) for part in parts):
        return "path inside .git"
    if len(parts) > DEEPEST:
        return "too many folders inside each other"
    return _too_long(path, parts)


def is_safe(path: str) -> bool:
    """Says whether a path may be looked up in a tree."""
    return refusal(path) is None


def _is_dot_git(part: str) -> bool:
    # "git~1" is .git's short name on Windows, and HFS+ ignores some characters; git
    # refuses them as well
    plain = "".join(char for char in part if char not in _IGNORED_BY_HFS)
    return plain.lower().rstrip(" .") in (".git", "git~1")


_IGNORED_BY_HFS = frozenset(
    chr(code)
    for codes in ((0x200C, 0x200F), (0x202A, 0x202E), (0x206A, 0x206F), (0xFEFF,) * 2)
    for code in range(codes[0], codes[1] + 1)
)


def _too_long(path: str, parts: list[str]) -> str | None:
    def size(text: str) -> int:
        return len(encode(text))

    try:
        if size(path) > LONGEST or any(size(part) > LONGEST_NAME for part in parts):
            return "file name too long"
    except UnicodeEncodeError:
        return "file name is not text"
    return None
