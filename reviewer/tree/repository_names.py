# SPDX-License-Identifier: GPL-2.0-or-later
"""What the names of a repository say about the base: tags, branches, remotes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from msgspec import Struct

from reviewer import git
from reviewer.models import Series
from reviewer.patterns import regex
from reviewer.tree import Tree
from reviewer.utf8 import decode

_SECONDS = 4.0
_MOST_WORDS = 4  # of a subject's brackets
_MAINLINE = regex(r"v\d+\.\d+(?:-rc\d+)?")
_STABLE = regex(r"v?(\d+\.\d+)(?:\.y)?(?:-stable)?|linux-(\d+\.\d+)\.y")
# what a subject's brackets say besides a tree
_NO_TREE = regex(r"\[?(?:patch|rfc|rft|resend|repost|v?\d+|\d+/\d+|rebase\w*)", re.I)
_WORD = regex(r"[A-Za-z0-9][\w-]*(?:[./][\w-]+)*", re.A)


class Dated(Struct, frozen=True):
    """A tag that is near the mail's date."""

    revision: str
    date: int  # seconds since 1970
    why: str

    def is_older_than_head(self, tree: Tree, date: int | None) -> bool:
        """Says whether HEAD is later than the tag and still no later than the mail."""
        head = _head_date(tree)
        return head is not None and date is not None and self.date <= head <= date


def date_of(series: Series) -> int | None:
    """Returns when the series was sent, in seconds since
    1970; None if no date says it.
    """
    for patch in series.patches[:1]:
        for text in (patch.headers.date, patch.date):
            try:
                from email.utils import parsedate_to_datetime

                return int(parsedate_to_datetime(text).timestamp())
            except (ValueError, TypeError, IndexError, OverflowError, OSError):
                continue
    return None


def tags(tree: Tree, date: int | None) -> list[Dated]:
    """Returns the tags of mainline kernels that are nearest to a date, best first.

    The newest one before it, the newest release before that one, the first one after.
    """
    if date is None:
        return []
    every = [one for one in _dates(tree, "refs/tags/v*") if _MAINLINE.fullmatch(one[0])]
    every.sort(key=lambda one: one[1])
    before = [one for one in every if one[1] <= date]
    found = []
    if before:
        name, when = before.pop()
        found.append(Dated(name, when, f"{name} is the newest tag before {_day(date)}"))
        releases = [one for one in before if "-rc" not in one[0]]
        for name, when in releases[-1:]:
            found.append(Dated(name, when, f"{name} is a release before {_day(date)}"))
    for name, when in [one for one in every if one[1] > date][:1]:
        found.append(Dated(name, when, f"{name} is the first tag after {_day(date)}"))
    return found


def _day(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
    except (ValueError, OverflowError, OSError):
        return "the mail"


def _dates(tree: Tree, *patterns: str) -> list[tuple[str, int]]:
    """Names and dates of references, as they were when the tree was first asked."""
    if patterns not in tree.dates:
        tree.dates[patterns] = _read_dates(tree, patterns)
    return tree.dates[patterns]


def _read_dates(tree: Tree, patterns: tuple[str, ...]) -> list[tuple[str, int]]:
    arguments = ["for-each-ref", "--format=%(refname:strip=2) %(creatordate:unix)"]
    found = []
    records = git.stream([*arguments, *patterns], cwd=tree.path, seconds=_SECONDS)
    for record in records:
        name, _, when = decode(record).rpartition(" ")
        if name and when.isdigit():
            found.append((name, int(when)))
    return found


def _head_date(tree: Tree) -> int | None:
    commit = tree.objects.get("HEAD^{commit}")
    if commit is None:
        return None
    match = re.search(rb"^committer .* (\d+) [+-]\d+$", commit[2], re.M)
    return int(match[1]) if match else None


# --- what the subject says --------------------------------------------------------


def in_words(series: Series) -> list[str]:
    """Returns the words of the subject's brackets that may name a tree, as they stand
    there."""
    prefixes = [patch.subject_prefix for patch in series.patches[:1]]
    words = re.split(r"[\s,;:\[\]]+", " ".join(prefixes)[:400])
    found = [w for w in words if _WORD.fullmatch(w) and not _NO_TREE.match(w)]
    found += [w for w in words if _STABLE.fullmatch(w) and "." in w]
    return list(dict.fromkeys(found))[:_MOST_WORDS]


class SubjectWord:
    """A word of the brackets: ``net-next``, ``6.6.y``, ``iio/togreg``."""

    def __init__(self, word: str) -> None:
        self._word = word.lower()
        stable = _STABLE.fullmatch(self._word)
        self._stable = (stable[1] or stable[2]) if stable else None

    def revisions(self, tree: Tree, date: int | None) -> Iterator[tuple[str, str]]:
        """Yields revisions of a tree that go by this name, and what each one is."""
        if _plain(tree.path.name) in self._names():
            yield "HEAD", f"the tree {tree.path.name}"
        if self._stable:
            yield from self._of_stable(tree, date)
        for name in self._references(tree):
            yield name, name.removeprefix("refs/").partition("/")[2]

    def _names(self) -> set[str]:
        stable = f"{self._stable}.y" if self._stable else self._word
        return {_plain(self._word), stable, self._stable or stable}

    def _of_stable(self, tree: Tree, date: int | None) -> Iterator[tuple[str, str]]:
        """The newest release of a stable line before the mail's date."""
        line = f"refs/tags/v{self._stable}"
        every = _dates(tree, line, f"{line}.*")
        before = [one for one in every if date is None or one[1] <= date]
        if before:
            name = max(before, key=lambda one: one[1])[0]
            yield f"refs/tags/{name}", f"the tag {name}"

    def _references(self, tree: Tree) -> list[str]:
        """Branches of that name, and the main branch of a remote of that name."""
        arguments = [
            "for-each-ref",
            "--format=%(refname)",
            "refs/heads",
            "refs/remotes",
        ]
        records = git.stream(arguments, cwd=tree.path, seconds=_SECONDS)
        found = []
        for record in records:
            reference = decode(record)
            if self._is(reference):
                found.append(reference)
        return sorted(found, key=lambda name: (name.startswith("refs/remotes"), name))[
            :4
        ]

    def _is(self, reference: str) -> bool:
        kind, _, name = reference.removeprefix("refs/").partition("/")
        name = name.lower()
        if kind == "heads":
            return _plain(name) in self._names()
        remote, _, branch = name.partition("/")
        if name == self._word:
            return True
        if branch in ("master", "main") and _plain(remote) in self._names():
            return True
        return branch != "head" and _plain(branch) in self._names()


def _plain(name: str) -> str:
    return name.lower().removesuffix(".git").removeprefix("linux-")
