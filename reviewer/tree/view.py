# SPDX-License-Identifier: GPL-2.0-or-later
"""A kernel tree as it is at one moment: read-only, never a checkout.

Facts are read through a view, so that a patch that changes a header is judged
by the header it leaves behind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from msgspec import Struct


class Hit(Struct, frozen=True):
    """One line that grep found."""

    path: str
    line: int  # from 1
    text: str


class View(Protocol):
    """The files of a tree at one revision, with the edits of patches on top.

    A view never changes, so what was found in one may be remembered under it.
    """

    def __hash__(self) -> int: ...

    @property
    def label(self) -> str:
        """What it is, for people: a commit, "worktree", a folder."""

    def read(self, path: str) -> bytes | None:
        """Returns the bytes of a regular file, None if there is none.

        Never follows a link out of the tree, never reads outside it.
        """

    def exists(self, path: str) -> bool:
        """Says whether ``path`` is a regular file of this view."""

    def files(self, under: str = "") -> Sequence[str]:
        """Returns all paths below a folder ("" for the whole tree), sorted."""

    def grep(
        self,
        words: Sequence[str],
        under: Sequence[str] = (),
        *,
        suffixes: Sequence[str] = (".c", ".h"),
        whole_words: bool = True,
        limit: int = 20_000,
    ) -> Iterator[Hit]:
        """Yields lines that hold one of the fixed strings, in files below ``under``.

        The words are data, never patterns.  At most ``limit`` hits.
        """

    def overlay(self, edits: Mapping[str, bytes | None]) -> View:
        """Returns this view with some files replaced (None: deleted)."""


class EmptyView:
    """No tree at all: every file is absent."""

    label = "no tree"

    def read(self, path: str) -> bytes | None:
        return None

    def exists(self, path: str) -> bool:
        return False

    def files(self, under: str = "") -> Sequence[str]:
        return ()

    def grep(
        self,
        words: Sequence[str],
        under: Sequence[str] = (),
        *,
        suffixes: Sequence[str] = (".c", ".h"),
        whole_words: bool = True,
        limit: int = 20_000,
    ) -> Iterator[Hit]:
        return iter(())

    def overlay(self, edits: Mapping[str, bytes | None]) -> View:
        raise NotImplementedError("nothing can be applied without a tree")
