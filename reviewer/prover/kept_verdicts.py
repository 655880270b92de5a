# SPDX-License-Identifier: GPL-2.0-or-later
"""Verdicts on the functions of a file, kept for the next run of the same question.

They hang on both states of the tree, each a commit with its edits, so that a header
that changes makes another question of it; on what is asked; and on the program and the
solver, whose files have their part in the key (``facts.kept_proofs``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from weakref import WeakKeyDictionary

from reviewer import disk_cache
from reviewer.c.source import Source
from reviewer.facts import Facts
from reviewer.facts.kept_proofs import digest_of, is_whole, key_of
from reviewer.prover.verdict import FunctionVerdict
from reviewer.tree.view import View
from reviewer.tree.views import edits_of
from reviewer.utf8 import encode

_KIND = "verdicts"
_VERSION = 1
_LARGEST_EDITS = 16 << 20  # bytes: to name more costs more than an answer spares

Verdicts = tuple[FunctionVerdict, ...]
_contents: WeakKeyDictionary[View, str | None] = WeakKeyDictionary()


def kept_verdicts(
    sources: Sequence[Source],
    facts: tuple[Facts | None, Facts | None],
    question: Sequence[str],
    prove: Callable[[list[str]], Verdicts],
) -> Verdicts:
    """Returns what ``prove`` does, or did in an earlier run of the same question.

    ``sources``: the texts that are asked about.  ``question``: all else that the answer
    hangs on, beside both trees.  ``prove`` is handed a list, to which it adds what
    time ended: such an answer is not kept.
    """
    key = _key(sources, facts, question)
    known: Verdicts | None = None
    if key is not None:
        known = disk_cache.recall(_KIND, _VERSION, key, Verdicts)
    if known is not None:
        return known
    ended: list[str] = []
    found = prove(ended)
    final = not ended and all(one.is_final for one in found)
    if key is not None and final and all(map(_is_whole, facts)):
        disk_cache.keep(_KIND, _VERSION, key, found)
    return found


def _is_whole(facts: Facts | None) -> bool:
    return facts is not None and is_whole(edits_of(facts.view)[0])


def _key(
    sources: Sequence[Source],
    facts: tuple[Facts | None, Facts | None],
    question: Sequence[str],
) -> str | None:
    """What names a question; None where a tree is no commit of git."""
    parts = []
    for one in facts:
        content = None if one is None else _content(one.view)
        if content is None:
            return None
        parts.append(content)
    for source in sources:
        parts += [source.path, digest_of(source.data)]
    return digest_of(encode("\0".join([*parts, *question])))


def _content(view: View) -> str | None:
    """What names a state of a tree and the program, None for one that has no name."""
    if view not in _contents:
        base, edits = edits_of(view)
        size = sum(len(data or b"") for data in edits.values())
        _contents[view] = key_of(base, edits, []) if size <= _LARGEST_EDITS else None
    return _contents[view]
