# SPDX-License-Identifier: GPL-2.0-or-later
"""Verdicts on the functions of a file, kept for the next run of the same question.

They hang on both states of the tree, each a commit with its edits, so that a header
that changes makes another question of it; on what is asked; and on the program and the
solver, whose files have their part in the key (``facts.kept_proofs``).
"""

from __future__ import annotations

from collections.abc import Sequence
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


class KeptVerdicts:
    """The place for the verdicts that answer one question.

    Args:
        sources: the texts that are asked about.
        facts: both trees.
        question: all else that the answer hangs on.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        facts: tuple[Facts | None, Facts | None],
        question: Sequence[str],
    ) -> None:
        self._facts = facts
        self._key = _key(sources, facts, question)

    def recalled(self) -> Verdicts | None:
        """Returns what an earlier run kept, None for nothing."""
        if self._key is None:
            return None
        known: Verdicts | None
        known = disk_cache.recall(_KIND, _VERSION, self._key, Verdicts)
        return known

    def keep(self, found: Verdicts) -> None:
        """Keep the verdicts for the next run, unless that may find more: time ended
        one, or an object was missing in the repository."""
        final = all(one.is_final for one in found)
        if self._key is not None and final and all(map(_is_whole, self._facts)):
            disk_cache.keep(_KIND, _VERSION, self._key, found)


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
