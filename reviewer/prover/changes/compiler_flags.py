# SPDX-License-Identifier: GPL-2.0-or-later
"""What a series changes in the flags with which a file is compiled.

``ccflags-y += -DFAST`` in a Makefile is a #define in each file of the folder
(Documentation/kbuild/makefiles.rst); another flag may change any code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from reviewer.patterns import regex

_FILES = frozenset(["Makefile", "Kbuild"])
_GOES_ON = regex(r"\\\n")
_COMMENT = regex(r"(?<!\\)#.*")
_SETS = regex(
    r"^[ \t]*(?:export[ \t]+|override[ \t]+)?((?:subdir-)?ccflags-\S*?|CFLAGS_\S+?"
    r"|KBUILD_C(?:PP)?FLAGS\w*|(?:EXTRA|KCOV|KASAN|NOSTDINC)_\w*FLAGS\w*"
    r"|LINUXINCLUDE)[ \t]*[:+?]*=(.*)$"
)
_NAME = regex(r"-[DU]\s*([A-Za-z_]\w*)")
_IDLE = regex(r"-(?:W|g|O[0-9s]?\b|pg\b|fno-stack-protector|fno-omit-frame)")
_OF_ONE = regex(r"CFLAGS_(?:REMOVE_)?(.+)\.o\Z")
_DATA = regex(r"-(?:f(?:un)?signed-|fpack-|fshort-|m)")  # gcc: what types are
ANYTHING = ""  # what a flag does that is not known
DATA = "-f"  # what a flag does to all data


def changed_flags(path: str, edited: Mapping[str, tuple[bytes, bytes]]) -> set[str]:
    """Returns the names that a file is handed otherwise by the flags of its compiler,
    DATA among them for one that makes other types, ANYTHING for any other flag.

    ``edited``: what a series changes, with both texts.
    """
    found: set[str] = set()
    for makefile, sides in edited.items():
        folder, _, name = makefile.rpartition("/")
        if name not in _FILES or (folder and not path.startswith(f"{folder}/")):
            continue
        one, two = (Counter(_flags(side, path)) for side in sides)
        for flag in (one - two) + (two - one):
            macro = _NAME.match(flag)
            if macro is not None:
                found.add(macro[1])
            elif _DATA.match(flag):
                found.add(DATA)
            elif not _IDLE.match(flag):
                found.add(ANYTHING)
    return found


def _flags(data: bytes, path: str) -> list[str]:
    """The flags of a Makefile that may be meant for a file, one by one."""
    text = _GOES_ON.sub(" ", data.decode("utf-8", "replace"))
    found = []
    for line in text.split("\n"):
        sets = _SETS.match(_COMMENT.sub("", line))
        if sets is None:
            continue
        one = _OF_ONE.match(sets[1])
        stem = path.removesuffix(".c")
        if one is not None and stem.rpartition("/")[2] != one[1].rpartition("/")[2]:
            continue
        found += [word for word in sets[2].split() if word.startswith(("-", "$"))]
    return found
