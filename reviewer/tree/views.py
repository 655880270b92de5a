# SPDX-License-Identifier: GPL-2.0-or-later
"""The states of a tree that a review reads: a commit, files on disk, and edits.

Every view answers ``read``, ``exists``, ``files`` and ``grep`` (see ``view.View``)
from one and the same state, and remembers what it read.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from reviewer import git
from reviewer.errors import TreeError
from reviewer.tree import grep_memory
from reviewer.tree.files_read import Memory
from reviewer.tree.folders import AskGit, Folders
from reviewer.tree.grep import git_grep, is_below, is_wanted, matches
from reviewer.tree.objects import Objects
from reviewer.tree.on_disk import is_regular, read_regular, walk
from reviewer.tree.paths import is_safe
from reviewer.tree.view import Hit, View
from reviewer.tree.word_index import MANY_FILES, NONE, Finder, WordIndex
from reviewer.utf8 import decode

C_FILES = (".c", ".h")
_SEARCHES_KEPT = 500
_Search = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], bool]


class _Base:
    """What the two kinds of unedited view share: memory, listing and grep."""

    def __init__(self) -> None:
        self._memory = Memory()
        self._listed: dict[str, list[str]] = {}
        self._searches: dict[_Search, tuple[Hit, ...]] = {}
        self.words: WordIndex | None = None

    def read(self, path: str) -> bytes | None:
        if path in self._memory:
            return self._memory.get(path)
        data = self._read(path) if is_safe(path) else None
        return self._memory.keep(path, data)

    def exists(self, path: str) -> bool:
        return self.read(path) is not None

    def files(self, under: str = "") -> Sequence[str]:
        folder = under.strip("/")
        if folder and not is_safe(folder):
            return ()
        if "" in self._listed:
            return paths_below(self._listed[""], folder)
        if folder not in self._listed:
            self._listed[folder] = sorted(self._list(folder))
        return self._listed[folder]

    def grep(
        self,
        words: Sequence[str],
        under: Sequence[str] = (),
        *,
        suffixes: Sequence[str] = C_FILES,
        whole_words: bool = True,
        limit: int = 20_000,
    ) -> Iterator[Hit]:
        search = (tuple(words), tuple(under), tuple(suffixes), whole_words)
        hits = self._searches.get(search)
        if hits is None:
            hits = tuple(islice(self._indexed(search), limit + 1))
            if len(hits) > limit:
                return iter(hits[:limit])
            self._searches[search] = hits
            if len(self._searches) > _SEARCHES_KEPT:
                del self._searches[next(iter(self._searches))]
        return islice(hits, limit)

    def will_be_scanned(self, files: int, finders: Mapping[str, Finder] = NONE) -> None:
        """Prepare for the searches of a scan of so many files."""
        if self.words is None:
            self.words = WordIndex(self.files, self._read, finders)
        if files >= MANY_FILES:
            self.words.add("")

    def _indexed(self, search: _Search) -> Iterator[Hit]:
        """What a search finds, by the words that are known of the files, or by git."""
        words, under, suffixes, whole_words = search
        index = self.words if whole_words else None
        if index is None or not index.answers(under, suffixes):
            yield from self._grep(search)
            return
        for path in index.files_with(words, under, suffixes):
            yield from matches(path, self.read(path) or b"", words, whole_words=True)

    def overlay(self, edits: Mapping[str, bytes | None]) -> View:
        return OverlayView(self, edits)

    @property
    def label(self) -> str:
        raise NotImplementedError

    def _read(self, path: str) -> bytes | None:
        raise NotImplementedError

    def _list(self, folder: str) -> Iterator[str]:
        raise NotImplementedError

    def _grep(self, search: _Search) -> Iterator[Hit]:
        raise NotImplementedError


class GitView(_Base):
    """A commit of a repository.

    Args:
        folder: the repository.
        objects: its objects.
        commit: the full id of the commit.
    """

    def __init__(self, folder: Path, objects: Objects, commit: str) -> None:
        super().__init__()
        self._folder = folder
        self._objects = objects
        self.commit = commit
        self._folders = Folders(objects, commit)
        self._blobs: dict[str, str] = {}
        self._ids: dict[str, str] = {}  # of what was listed
        self._lacks_files = False

    @property
    def label(self) -> str:
        return self.commit

    def exists(self, path: str) -> bool:
        if path not in self._memory and is_safe(path):
            try:
                return self._folders.blob(path) is not None
            except AskGit:
                pass
        return super().exists(path)

    def blob(self, path: str) -> str | None:
        """Returns the id of a file's blob."""
        self.read(path)
        return self._blobs.get(path)

    def _read(self, path: str) -> bytes | None:
        try:
            question = self._folders.blob(path)
        except AskGit:
            return self._asked(f"{self.commit}:{path}", path)
        found = None if question is None else self._asked(question, path)
        self._lacks_files = self._lacks_files or (
            question is not None and found is None
        )
        return found

    @property
    def lacks_objects(self) -> bool:
        """Whether the repository was found not to have all that the commit lists: what
        is read of it is not what another run will read."""
        return self._lacks_files or self._folders.lacks_some

    def _asked(self, question: str, path: str) -> bytes | None:
        found = self._objects.get(question)
        if found is None or found[1] != "blob":
            return None
        self._blobs[path] = found[0]
        return found[2]

    def _list(self, folder: str) -> Iterator[str]:
        arguments = ["ls-tree", "-r", "-z", "--full-tree", self.commit, "--"]
        arguments += [folder] if folder else []
        for record in git.stream(arguments, cwd=self._folder, separator=b"\0"):
            kind, _, name = record.partition(b"\t")
            if kind.startswith(b"100"):
                path = decode(name)
                self._ids[path] = kind.rpartition(b" ")[2].decode("ascii")
                yield path

    def blobs(self, under: str = "") -> dict[str, str]:
        """Returns the ids of all files below a folder by their paths."""
        return {path: self._ids[path] for path in self.files(under)}

    def _grep(self, search: _Search) -> Iterator[Hit]:
        words, under, suffixes, whole_words = search
        return grep_memory.kept(
            self._key_of(search),
            lambda: git_grep(
                self._folder,
                self.commit,
                words,
                under,
                suffixes,
                whole_words=whole_words,
            ),
        )

    def _key_of(self, search: _Search) -> str | None:
        """What a search looks for, and in which objects; None where only git knows."""
        under = [path.strip("/") for path in search[1] or ("",)]
        try:
            objects = [self._folders.identity(path) for path in under]
        except AskGit:
            return None
        return grep_memory.key(*search, objects)


class FolderView(_Base):
    """The files of a folder on disk: an unpacked tree, or a git worktree.

    Args:
        folder: the top of the tree.
        objects: those of the git worktree that it is, None for a plain folder.  Of a
            worktree what git tracks is listed and searched, so that what a build
            leaves behind is no part of the kernel; what a sparse checkout leaves out
            is read from git.
    """

    def __init__(self, folder: Path, objects: Objects | None = None) -> None:
        super().__init__()
        self._folder = folder
        self._top = os.path.realpath(folder)
        self._objects = objects
        self._tracked = objects is not None
        self._left_out: dict[str, str] | None = None
        self._folders: dict[str, str | None] = {}  # where each folder really is

    @property
    def label(self) -> str:
        return "worktree" if self._tracked else str(self._folder)

    def _read(self, path: str) -> bytes | None:
        data = self._on_disk(path)
        if data is not None or self._objects is None:
            return data
        blob = self._not_checked_out().get(path)
        if blob is None:
            return None
        try:
            found = self._objects.get(blob)
        except TreeError:  # git will not fetch it
            found = None
        if found is None:  # absent is not the same as unknown
            raise TreeError(
                f"{path}: the sparse checkout leaves it out, and the repository (a "
                "partial clone) lacks it: git sparse-checkout disable"
            )
        return found[2]

    def _not_checked_out(self) -> dict[str, str]:
        """The files that a sparse checkout leaves out, with their blobs."""
        if self._left_out is None:
            self._left_out = {}
            wanted = ["config", "--type=bool", "--get", "core.sparseCheckout"]
            if git.run(wanted, cwd=self._folder).stdout.strip() == b"true":
                self._left_out = self._with_skip_bit()
        return self._left_out

    def _with_skip_bit(self) -> dict[str, str]:
        arguments = ["ls-files", "-z", "-t", "--stage"]
        found: dict[str, str] = {}
        for record in git.stream(arguments, cwd=self._folder, separator=b"\0"):
            entry, _, name = record.partition(b"\t")
            path = decode(name)
            if entry.startswith(b"S 100") and is_safe(path):
                found[path] = entry.split(b" ")[2].decode("ascii")
        return found

    def _on_disk(self, path: str) -> bytes | None:
        folder, _, name = path.rpartition("/")
        if folder not in self._folders:
            self._folders[folder] = self._inside(folder) if folder else self._top
        there = self._folders[folder]
        if there is None or not is_safe(name):
            return None
        place = os.path.join(there, name)
        data = read_regular(place)
        if data is None and os.path.islink(place):
            target = self._inside(os.path.relpath(place, self._top))
            data = None if target is None else read_regular(target)
        return data

    def _inside(self, path: str) -> str | None:
        """Where a path leads to by its links, None if that is outside of the tree."""
        try:
            place = os.path.realpath(os.path.join(self._top, path))
        except (OSError, ValueError):
            return None
        safe = is_safe(os.path.relpath(place, self._top))
        return place if safe and place.startswith(self._top + os.sep) else None

    def _list(self, folder: str) -> Iterator[str]:
        if not self._tracked:
            yield from walk(self._top, folder)
            return
        yield from self._that_are_files(f":(top,literal){folder}")

    def named(self, beginning: str) -> list[str]:
        """Returns the files, in any folder, whose names begin so; sorted.

        ``beginning`` is a word: no character of it means more than itself.
        """
        if self._tracked:
            return sorted(self._that_are_files(f":(top,glob)**/{beginning}*"))
        every = walk(self._top, "")
        return sorted(p for p in every if os.path.basename(p).startswith(beginning))

    def _that_are_files(self, pathspec: str) -> Iterator[str]:
        """What the index names and is a regular file, on disk or left out of it."""
        arguments = ["ls-files", "-z", "--cached", "--", pathspec]
        names = set(git.stream(arguments, cwd=self._folder, separator=b"\0"))
        left_out = self._not_checked_out()
        for name in names:
            path = decode(name)
            if not is_safe(path):
                continue
            if path in left_out or is_regular(os.path.join(self._top, path)):
                yield path

    def _grep(self, search: _Search) -> Iterator[Hit]:
        words, under, suffixes, whole_words = search
        hits = git_grep(
            self._folder,
            None,
            words,
            under,
            suffixes,
            whole_words=whole_words,
            in_repository=self._tracked,
        )
        found = (hit for hit in hits if is_safe(hit.path))
        left_out = self._not_checked_out() if self._tracked else {}
        if not left_out:
            return found
        more = git_grep(
            self._folder,
            None,
            words,
            under,
            suffixes,
            whole_words=whole_words,
            flags=["--cached"],
        )
        both = dict.fromkeys(found)
        for hit in more:
            if hit.path in left_out and not os.path.lexists(
                os.path.join(self._top, hit.path)
            ):
                both[hit] = None
        return iter(sorted(both, key=lambda hit: (hit.path, hit.line)))


class OverlayView:
    """Another view with some files replaced, added or deleted."""

    def __init__(self, base: View, edits: Mapping[str, bytes | None]) -> None:
        self._base = base
        self._edits = dict(edits)

    @property
    def label(self) -> str:
        return self._base.label

    def read(self, path: str) -> bytes | None:
        return self._edits[path] if path in self._edits else self._base.read(path)

    def exists(self, path: str) -> bool:
        if path in self._edits:
            return self._edits[path] is not None
        return self._base.exists(path)

    def files(self, under: str = "") -> Sequence[str]:
        kept = [path for path in self._base.files(under) if path not in self._edits]
        kept += [
            path
            for path, data in self._edits.items()
            if data is not None and is_below(path, under)
        ]
        return sorted(kept)

    def grep(
        self,
        words: Sequence[str],
        under: Sequence[str] = (),
        *,
        suffixes: Sequence[str] = C_FILES,
        whole_words: bool = True,
        limit: int = 20_000,
    ) -> Iterator[Hit]:
        below = self._base.grep(
            words, under, suffixes=suffixes, whole_words=whole_words, limit=limit
        )
        hits = [hit for hit in below if hit.path not in self._edits]
        for path, data in self._edits.items():
            if data is not None and is_wanted(path, under, suffixes):
                hits += matches(path, data, words, whole_words=whole_words)
        hits.sort(key=lambda hit: (hit.path, hit.line))
        return islice(hits, limit)

    def overlay(self, edits: Mapping[str, bytes | None]) -> View:
        return OverlayView(self._base, {**self._edits, **edits})


def edits_of(view: View) -> tuple[View, Mapping[str, bytes | None]]:
    """Returns the unedited view below a view, and what is replaced, added or deleted in
    it."""
    return (view._base, view._edits) if isinstance(view, OverlayView) else (view, {})


def edited_paths(one: View, two: View) -> tuple[str, ...] | None:
    """Returns the paths in which two states of one tree differ, None for two trees."""
    (base, edits), (other, others) = edits_of(one), edits_of(two)
    if base is not other and base != other:
        return None
    paths = dict.fromkeys([*edits, *others])
    return tuple(path for path in paths if one.read(path) != two.read(path))


def paths_below(paths: list[str], under: str) -> Sequence[str]:
    """Returns the part of a sorted list that lies below a folder."""
    under = under.strip("/")
    if not under:
        return paths
    first = bisect_left(paths, f"{under}/")
    last = bisect_left(paths, f"{under}0")  # "0" follows "/"
    own = [under] if _contains(paths, under) else []
    return own + paths[first:last]


def _contains(paths: list[str], path: str) -> bool:
    at = bisect_left(paths, path)
    return at < len(paths) and paths[at] == path
