# SPDX-License-Identifier: GPL-2.0-or-later
"""The history of the tree under review, as far as trailers speak of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec import Struct

from reviewer.api import SeriesView
from reviewer.c.file_memory import once_per_subject
from reviewer.patterns import regex

if TYPE_CHECKING:
    from reviewer.tree import Tree

FEW = 1000  # commits: less is no history, but an import or a shallow clone
CHECKPATCH = "scripts/checkpatch.pl"


class History(Struct, frozen=True):
    """A repository whose history is all there."""

    tree: Tree
    base: str  # the commit that the series applies to

    def what_is_wrong_with(self, commit: str) -> str | None:
        """Returns "unknown", "no-ancestor", or None for an ancestor of the base."""
        from reviewer import git

        full = self.tree.commit(commit)
        if full is None:
            return "unknown"
        words = ["merge-base", "--is-ancestor", full, self.base]
        done = git.run(words, cwd=self.tree.path)
        return "no-ancestor" if done.returncode == 1 else None

    def touched(self, commit: str, paths: Iterable[str]) -> bool:
        """Says whether a commit changed one of the files, or one of the same name
        elsewhere, which may have moved. True where git cannot say."""
        from reviewer import git

        full = self.tree.commit(commit)
        if full is None:
            return True
        names = {path.rpartition("/")[2] for path in paths}
        wanted = [f":(glob)**/{_SPECIAL.sub(_escaped, name)}" for name in sorted(names)]
        words = ["diff-tree", "--root", "-m", "-r", "--name-only", "--no-commit-id"]
        done = git.run([*words, "-z", full, "--", *wanted], cwd=self.tree.path)
        return done.returncode != 0 or bool(done.stdout.strip(b"\0"))


_SPECIAL = regex(r"[\\*?\[\]]")  # in a glob


def _escaped(match: re.Match[str]) -> str:
    return f"\\{match[0]}"


def history_of(view: SeriesView) -> History | None:
    """Returns the commits up to the base that a series applies to; None for a plain
    folder, or a clone without the old commits."""
    tree: Tree | None = view.context.get("tree")
    if tree is None or not tree.is_git or view.before is None:
        return None
    base = tree.commit(view.context.get("base") or "HEAD")
    if base is None or not _is_deep(tree):
        return None
    return History(tree, base)


@once_per_subject
def _is_deep(tree: Tree) -> bool:
    from reviewer import git

    shallow = git.run(["rev-parse", "--is-shallow-repository"], cwd=tree.path)
    if shallow.stdout.strip() != b"false":
        return False
    words = ["rev-list", "--count", f"--max-count={FEW}", "HEAD"]
    counted = git.run(words, cwd=tree.path).stdout.strip()
    return counted.isdigit() and int(counted) >= FEW


def checkpatch_knows(view: SeriesView) -> bool:
    """Says whether the tree's own checkpatch looks at Fixes: it is not repeated here.

    Without a tree it is taken to have it.
    """
    if view.before is None:
        return True
    script = view.before.view.read(CHECKPATCH)
    return script is None or b"BAD_FIXES_TAG" in script
