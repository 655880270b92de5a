# SPDX-License-Identifier: GPL-2.0-or-later
"""Which state of which tree a series was made for.

In this order: what the user asked for; the base-commit that the mail names, with the
prerequisites on top where they are there; the state whose files have the blob ids of
the diff's ``index`` lines; what the subject names (``[PATCH net-next]``, ``6.6.y``);
HEAD and the newest tag before the mail's date, first the later one of what the author
could have had; the files as they lie there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from reviewer import git
from reviewer.errors import TreeError
from reviewer.models import Series, TreeInfo
from reviewer.patterns import regex
from reviewer.tree import Tree
from reviewer.tree.objects import is_blob
from reviewer.tree.view import View
from reviewer.tree.views import GitView
from reviewer.utf8 import decode

if TYPE_CHECKING:
    from reviewer.tree.repository_names import Dated

_MOST_PATHS = 50  # the history search looks at
_MOST_COMMITS = 500  # that touch those paths
_MOST_TRIED = 60  # states compared with the diff
_MOST_CANDIDATES = 12  # states that the series is applied to
_SECONDS = 4.0
_COMMIT_ID = regex(r"[0-9a-f]{7,64}", re.I)
_RAW_LINE = regex(r":\d+ \d+ ([0-9a-f]+) ([0-9a-f]+) [A-Z]\d*\t(.*)")


class Candidate(Struct, frozen=True):
    """A state of a tree.

    ``how`` it was found: option, base-commit, prerequisites, blobs, subject, tag, head,
    worktree; or files, where the files of the series are the blobs that its diffs name
    and only the rest is this state's.  ``why`` says it in words where there is more to
    say than ``how`` does.
    """

    tree: Tree
    revision: str | None  # None: the files as they lie there
    how: str
    why: str | None = None
    name: str | None = None  # of the tree, where there are several
    files: Mapping[str, bytes | None] | None = None  # None: not there

    @property
    def view(self) -> View:
        """The tree in that state."""
        view: View = self.tree.view(self.revision)
        return view.overlay(self.files) if self.files else view

    @property
    def info(self) -> TreeInfo:
        """Returns what a report says of the state: its commit and how it was found."""
        info = self.tree.info_at(self.revision, self.how)
        return replace(info, why=self.why, name=self.name)


class Bases:
    """Where the base of a series is looked for.

    Args:
        trees: the kernel trees, one or more, the first one first.
        series: the series.
        wanted: for each file that it changes the id, maybe abbreviated, of the blob its
            first diff was made from.
    """

    def __init__(
        self, trees: Sequence[Tree], series: Series, wanted: Mapping[str, str]
    ) -> None:
        self._trees = trees
        self._repositories = [tree for tree in trees if tree.is_git]
        self._heads = {tree: tree.commit("HEAD") for tree in self._repositories}
        self._series = series
        self._wanted = wanted

    def candidates(self, base: str | None) -> Iterator[Candidate]:
        """Yields states to try, best first, none of them twice.

        ``base`` is the revision the user asked for: then there is no other candidate.

        Raises TreeError if that revision is in none of the trees.
        """
        if base is not None:
            yield self._asked(base)
            return
        seen: set[tuple[Tree, str | None]] = set()
        for found in self._all():
            if (found.tree, found.revision) not in seen:
                seen.add((found.tree, found.revision))
                yield found
            if len(seen) >= _MOST_CANDIDATES:
                return

    def blob(self, name: str) -> bytes | None:
        """Returns the content of a blob of any of the trees, by its id or the start of
        it."""
        if not _COMMIT_ID.fullmatch(name):
            return None
        for tree in self._repositories:
            found = tree.objects.get(f"{name}^{{blob}}")
            if found is not None and found[1] == "blob":
                return found[2]
        return None

    def composed(self, nearest: Candidate) -> Candidate | None:
        """Returns the very files that the diffs were made
        from, in the state that is nearest.

        None unless the blob of every one of them is there.
        """
        if not self._wanted or len(self._wanted) > _MOST_PATHS:
            return None
        files: dict[str, bytes | None] = {}
        for path, name in self._wanted.items():
            data = self.blob(name)
            if data is None:
                return None
            files[path] = data
        why = "no commit here has all the files that the patches name"
        return replace(nearest, how="files", why=why, files=files)

    def _found(
        self, tree: Tree, revision: str | None, how: str, why: str | None = None
    ) -> Candidate:
        name = tree.path.name if len(self._trees) > 1 else None
        return Candidate(tree, revision, how, why, name)

    def _asked(self, base: str) -> Candidate:
        error: TreeError | None = None
        for tree in self._trees:
            try:
                tree.view(base)
            except TreeError as unknown:
                error = error or unknown
            else:
                return self._found(tree, base, "option")
        assert error is not None
        raise error

    def _all(self) -> Iterator[Candidate]:
        yield from self._by_commit()
        yield from self._by_blobs()
        from reviewer.tree.repository_names import date_of

        date = date_of(self._series)
        yield from self._by_subject(date)
        yield from self._by_date(date)

    def _by_commit(self) -> Iterator[Candidate]:
        named = self._series.base_commit
        if not named or not _COMMIT_ID.fullmatch(named):
            return
        for tree in self._repositories:
            commit = tree.commit(named)
            if commit is None:
                continue
            from reviewer.tree.prerequisites import with_prerequisites

            above = with_prerequisites(tree, commit, self._series.prerequisites)
            if above is not None:
                why = "it has the patches that the series names as prerequisites"
                yield self._found(tree, above, "prerequisites", why)
            yield self._found(tree, commit, "base-commit")

    def _by_blobs(self) -> Iterator[Candidate]:
        for tree in self._trees:
            head = self._heads.get(tree)
            if head is not None and _has_blobs(tree.view(head), self._wanted):
                yield self._found(tree, head, "blobs")
            elif tree.has_files and _has_blobs(tree.view(None), self._wanted):
                yield self._found(tree, None, "blobs")
            elif head is not None:
                found = _in_history(tree, self._wanted)
                if found is not None:
                    yield self._found(tree, found, "blobs")

    def _by_subject(self, date: int | None) -> Iterator[Candidate]:
        from reviewer.tree.repository_names import SubjectWord, in_words

        for word in in_words(self._series):
            subject = SubjectWord(word)
            for tree in self._repositories:
                for revision, what in subject.revisions(tree, date):
                    commit = tree.commit(revision)
                    if commit is not None:
                        why = f"the subject says {word}: {what}"
                        yield self._found(tree, commit, "subject", why)

    def _by_date(self, date: int | None) -> Iterator[Candidate]:
        """HEAD, the tags next to the mail's date, and the files."""
        from reviewer.tree.repository_names import tags

        near = {tree: tags(tree, date) for tree in self._repositories}
        for tree in self._trees:
            head, close = self._heads.get(tree), near.get(tree, [])
            if head is None:
                yield self._found(tree, None, "worktree")
                continue
            for tag in close[:1]:
                if not tag.is_older_than_head(tree, date):
                    yield self._by_tag(tree, tag)
            yield self._found(tree, head, "head")
            for tag in close:
                yield self._by_tag(tree, tag)
        for tree in self._repositories:
            if tree.has_files:
                yield self._found(tree, None, "worktree")

    def _by_tag(self, tree: Tree, tag: Dated) -> Candidate:
        return self._found(tree, tree.commit(tag.revision), "tag", tag.why)


def _has_blobs(view: View, wanted: Mapping[str, str]) -> bool:
    """Whether every file has the blob id that the diff names."""
    return bool(wanted) and all(
        (view.blob(path) or "").startswith(blob)
        if isinstance(view, GitView)
        else is_blob(view.read(path), blob)
        for path, blob in wanted.items()
    )


def _in_history(tree: Tree, wanted: Mapping[str, str]) -> str | None:
    """A commit whose files have the wanted blobs, among those that touch them."""
    blobs = list(wanted.values())[:_MOST_PATHS]
    if not wanted or any(tree.objects.get(blob) is None for blob in blobs):
        return None  # a blob that is not in the repository is in none of its commits
    tried: set[str] = set()
    for revision in _states_with(tree, wanted):
        if revision in tried or len(tried) >= _MOST_TRIED:
            continue
        tried.add(revision)
        commit = tree.commit(revision)
        if commit is not None and _has_blobs(tree.view(commit), wanted):
            return commit
    return None


def _states_with(tree: Tree, wanted: Mapping[str, str]) -> Iterator[str]:
    """Commits after which, or before which, some file has its wanted blob."""
    paths = [f":(top,literal){path}" for path in list(wanted)[:_MOST_PATHS]]
    arguments = ["log", "--format=commit %H", "--raw", "--no-abbrev", "--no-renames"]
    arguments += [f"--max-count={_MOST_COMMITS}", "--no-color", "--no-ext-diff"]
    arguments += ["--no-textconv", "--exclude=refs/stash", "--all", "HEAD", "--"]
    commit = ""
    records = git.stream([*arguments, *paths], cwd=tree.path, seconds=_SECONDS)
    for record in records:
        line = decode(record)
        if line.startswith("commit "):
            commit = line.removeprefix("commit ")
        elif match := _RAW_LINE.fullmatch(line):
            before, after, path = match.groups()
            blob = wanted.get(path)
            if blob and after.startswith(blob):
                yield commit
            elif blob and before.startswith(blob):
                yield f"{commit}^"
