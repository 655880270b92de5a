# SPDX-License-Identifier: GPL-2.0-or-later
"""Answers that cost a proof, kept for the next run.

An answer hangs on the question, on the tree, and on the program itself, which is why
its files are part of the key: whoever works on the prover asks it anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

from reviewer import disk_cache as memory
from reviewer import limits
from reviewer.tree.view import View
from reviewer.tree.views import GitView
from reviewer.utf8 import encode

_VERSION = 1
_READERS = ("prover", "c", "facts", "tree")  # whose answers a proof is made of
_LIBRARIES = ("z3", "tree_sitter", "tree_sitter_c")  # theirs, too
_LARGEST_EDITS = 1 << 20  # bytes
_MOST_EDITS = 100
_Answer = TypeVar("_Answer")


def proved_once(
    kind: str,
    shape: type[_Answer],
    base: View,
    edits: Mapping[str, bytes | None],
    question: list[str],
    prove: Callable[[], _Answer],
) -> _Answer:
    """Returns what ``prove`` does, or did in an earlier run of the same question about
    the same content: a view without edits, and the edits that matter.

    ``shape`` is the type of the answer, which JSON can hold and is not None.
    """
    key = key_of(base, edits, question)
    if key is None:
        return prove()
    known: _Answer | None = memory.recall(kind, _VERSION, key, shape)
    if known is None:
        known = prove()
        if is_whole(base):
            memory.keep(kind, _VERSION, key, known)
    return known


def key_of(
    base: View, edits: Mapping[str, bytes | None], question: list[str]
) -> str | None:
    """Returns what names a question about some content to this program, within the
    limits in force; None where the content has no name: it is no commit of git."""
    if not isinstance(base, GitView):
        return None
    parts = [code_version(), repr(limits.in_force()), _content_id(base, edits)]
    return digest_of(encode("\0".join([*parts, *question])))


def is_whole(base: View) -> bool:
    """Says whether nothing that a commit lists was found to be missing in its
    repository, so that what was read of it may be kept under its name."""
    return isinstance(base, GitView) and not base.lacks_objects


def edits_beside(
    edits: Mapping[str, bytes | None], path: str
) -> Mapping[str, bytes | None] | None:
    """Returns the edits to other files than one; None where these are so large that
    to name them, patch by patch of a series, costs more than an answer spares."""
    others = {other: data for other, data in edits.items() if other != path}
    size = sum(len(data or b"") for data in others.values())
    return others if size <= _LARGEST_EDITS and len(others) <= _MOST_EDITS else None


def digest_of(data: bytes) -> str:
    """Returns what names some bytes, and no others."""
    return sha256(data).hexdigest()


def _content_id(base: GitView, edits: Mapping[str, bytes | None]) -> str:
    """What names all the content of a view."""
    parts = [base.commit]
    for path, data in sorted(edits.items()):
        parts += [path, "-" if data is None else digest_of(data)]
    return digest_of(encode("\0".join(parts)))


@cache
def code_version() -> str:
    """Returns what names the code that proofs are made by: its files, as they are, and
    the libraries that it asks, as they were installed."""
    top = Path(__file__).parent.parent
    told = []
    for reader in _READERS:
        for folder, folders, files in os.walk(top / reader):
            folders.sort()
            for name in sorted(files):
                if name.endswith(".py"):
                    held = os.stat(os.path.join(folder, name))
                    told.append(f"{folder}/{name} {held.st_size} {held.st_mtime_ns}")
    told += map(_library, _LIBRARIES)
    return digest_of(encode("\n".join(told)))


def _library(name: str) -> str:
    found = find_spec(name)
    if found is None or found.origin is None:
        return f"{name} is not there"
    held = os.stat(found.origin)
    return f"{found.origin} {held.st_size} {held.st_mtime_ns}"
