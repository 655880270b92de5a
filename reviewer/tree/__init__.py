# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel tree a series is reviewed against: a repository or a plain folder."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from reviewer.errors import TreeError
from reviewer.models import TreeInfo
from reviewer.patterns import regex
from reviewer.tree.objects import Objects
from reviewer.tree.view import View
from reviewer.tree.views import FolderView, GitView

_MAKEFILE = regex(
    rb"^(VERSION|PATCHLEVEL|SUBLEVEL|EXTRAVERSION)[ \t]*=[ \t]*([^\s#]{0,64})", re.M
)
_MAKEFILE_HEAD = 4096  # bytes: the version stands in the first lines

__all__ = ["Tree", "open_tree", "tree_around"]


def open_tree(path: Path | None) -> Tree:
    """Returns the kernel tree in ``path``, or around the current folder.

    ``path`` may be a git repository with the kernel at its top (bare and linked
    worktrees too) or an unpacked folder.

    Raises TreeError if there is no kernel.
    """
    if path is None:
        found = tree_around(Path.cwd())
        if found is None:
            raise TreeError(f"{Path.cwd()}: no kernel tree here or above")
        return found
    if not path.is_dir():
        raise TreeError(f"{path}: no such folder")
    tree = _tree_at(path)
    if tree is None:
        raise TreeError(f"{path}: not a kernel tree (no Makefile with a VERSION)")
    return tree


def tree_around(folder: Path) -> Tree | None:
    """Returns the tree whose top is ``folder`` or the nearest folder above it,
    or None."""
    folder = folder.absolute()
    for place in (folder, *folder.parents):
        tree = _tree_at(place)
        if tree is not None:
            return tree
    return None


def _tree_at(folder: Path) -> Tree | None:
    kind = _repository_kind(folder)
    if kind is None and not (folder / "Makefile").is_file():
        return None
    tree = Tree(folder, kind)
    if tree.is_kernel():
        return tree
    tree.close()
    return None


def _repository_kind(folder: Path) -> str | None:
    """ "worktree", "bare", or None where no repository has its top here."""
    if (folder / ".git").exists():
        return "worktree"
    inside = ("HEAD", "objects", "refs")
    return "bare" if all((folder / name).exists() for name in inside) else None


class Tree:
    """A kernel tree, read only.  ``close`` it after use, or use ``with``.

    Attributes:
        path: its top folder (a bare repository's own).
        is_git: whether it is a repository.
    """

    def __init__(self, path: Path, kind: str | None) -> None:
        self.path = path
        self.is_git = kind is not None
        self._bare = kind == "bare"
        self.objects = Objects(path)
        self._views: dict[str | None, FolderView | GitView] = {}
        # of references, by the patterns of their names, until ``close``
        self.dates: dict[tuple[str, ...], list[tuple[str, int]]] = {}
        self.found_once: dict[object, Any] = {}  # see ``c.file_memory``; the same

    def __enter__(self) -> Tree:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End git's process; the tree can be used again all the same."""
        self.objects.close()
        self.dates.clear()
        self.found_once.clear()

    @property
    def has_files(self) -> bool:
        """Whether files lie there: false for a bare repository."""
        return not self._bare

    @property
    def info(self) -> TreeInfo:
        """The tree as it lies there: worktree or folder, HEAD of a bare one."""
        return self.info_at(None)

    def info_at(self, revision: str | None, how: str | None = None) -> TreeInfo:
        """Returns what the tree is at a revision (None: as it lies there).

        Raises TreeError as ``view`` does.
        """
        view = self.view(revision)
        base = view.commit if isinstance(view, GitView) else None
        default = "option" if revision else "head" if base else "worktree"
        return TreeInfo(
            kind="git" if self.is_git else "folder",
            base=base,
            how=how or default,
            kernel=kernel_version(view),
            path=str(self.path),
        )

    def view(self, revision: str | None) -> FolderView | GitView:
        """Returns the files at a revision; None: the
        worktree, the folder, or a bare HEAD.

        Raises TreeError if the revision is unknown, or for a revision of a folder.
        """
        if revision is None and self._bare:
            revision = "HEAD"
        if revision not in self._views:
            self._views[revision] = self._open_view(revision)
        return self._views[revision]

    def _open_view(self, revision: str | None) -> FolderView | GitView:
        if revision is None:
            return FolderView(self.path, self.objects if self.is_git else None)
        commit = self.commit(revision)
        if commit is None:
            raise TreeError(f"{self.path}: no commit {revision!r} here")
        known = self._views.get(commit)
        if known is None:
            known = self._views[commit] = GitView(self.path, self.objects, commit)
        return known

    def commit(self, revision: str) -> str | None:
        """Returns the full id of the commit a revision names, None if it is not there.

        Raises TreeError for a plain folder.
        """
        if not self.is_git:
            raise TreeError(f"{self.path}: a plain folder has no revision {revision!r}")
        if revision.startswith("-") or not revision.isprintable():
            return None
        found = self.objects.get(f"{revision}^{{commit}}")
        return found[0] if found is not None else None

    def is_kernel(self) -> bool:
        """Says whether a kernel lies here: its Makefile, Kbuild and headers."""
        on_disk = not self._bare and os.path.isdir(self.path / "include" / "linux")
        if on_disk and (self.path / "Kbuild").is_file():
            return kernel_version(self.view(None)) is not None
        if not self.is_git or self.commit("HEAD") is None:
            return False
        head = self.view("HEAD")
        return head.exists("Kbuild") and kernel_version(head) is not None


def kernel_version(view: View) -> str | None:
    """Returns the version in the top Makefile, "6.12.117" or "6.13.0-rc1"."""
    makefile = view.read("Makefile")
    if makefile is None:
        return None
    parts: dict[bytes, str] = {}
    for name, value in _MAKEFILE.findall(makefile[:_MAKEFILE_HEAD]):
        parts.setdefault(name, value.decode("ascii", "replace"))
    numbers = [parts.get(name, "") for name in (b"VERSION", b"PATCHLEVEL")]
    if not all(number.isdigit() for number in numbers):
        return None
    if parts.get(b"SUBLEVEL", "").isdigit():
        numbers.append(parts[b"SUBLEVEL"])
    return ".".join(numbers) + parts.get(b"EXTRAVERSION", "")
