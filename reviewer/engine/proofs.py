# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether a replacement changes nothing, kept for the next run.

The answer hangs on both texts of the file, on the tree, and on the program itself,
which is why its files are part of the key: whoever works on the prover asks it anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path

from reviewer import limits
from reviewer import remembered as memory
from reviewer.api import FileImage
from reviewer.c.source import Source
from reviewer.tree.view import View
from reviewer.tree.views import GitView, edits_of

_KIND = "idle replacement"
_VERSION = 1
_READERS = ("prover", "c", "facts", "tree")  # whose answers a proof is made of


def remembered(
    image: FileImage, fixed: Source, asked: str, prove: Callable[[], bool]
) -> bool:
    """Returns what ``prove`` does, or did in an earlier run of the same question."""
    tree = _content_id(image.facts.view)
    if tree is None:
        return prove()
    bounds = repr(limits.in_force())
    parts = [code_version(), bounds, tree, image.source.path, asked]
    texts = (image.source.data, fixed.data)
    parts += [sha256(text).hexdigest() for text in texts]
    key = sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()
    known = memory.recall(_KIND, _VERSION, key, bool)
    if known is None:
        known = prove()
        memory.keep(_KIND, _VERSION, key, known)
    return bool(known)


def _content_id(view: View) -> str | None:
    """Returns what names all the content of a view, None where files on disk do."""
    base, edits = edits_of(view)
    if not isinstance(base, GitView):
        return None
    named = sha256(base.commit.encode())
    for path, data in sorted(edits.items()):
        told = b"-" if data is None else sha256(data).digest()
        named.update(path.encode("utf-8", "surrogateescape") + b"\0" + told)
    return named.hexdigest()


@cache
def code_version() -> str:
    """Returns what names the code that proofs are made by: its files, as they are."""
    top = Path(__file__).parent.parent
    named = sha256()
    for reader in _READERS:
        for folder, folders, files in os.walk(top / reader):
            folders.sort()
            for name in sorted(files):
                if name.endswith(".py"):
                    held = os.stat(os.path.join(folder, name))
                    told = f"{folder}/{name} {held.st_size} {held.st_mtime_ns}\n"
                    named.update(told.encode("utf-8", "surrogateescape"))
    return named.hexdigest()
