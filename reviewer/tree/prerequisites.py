# SPDX-License-Identifier: GPL-2.0-or-later
"""The patches that a series says must be there before it, found among local commits.

``git format-patch --base`` writes their ``git patch-id --stable`` below the base-commit
(Documentation/process/submitting-patches.rst, "Providing base tree information").
Nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Sequence

from reviewer import git
from reviewer.tree import Tree

_MOST_COMMITS = 300
_MOST_BYTES = 32 * 1024 * 1024
_SECONDS = 5.0


def with_prerequisites(tree: Tree, base: str, wanted: Sequence[str]) -> str | None:
    """Returns the first commit above a base that has all the wanted patches behind it.

    Args:
        tree: a repository.
        base: the full id of the base-commit.
        wanted: stable patch ids.

    Returns None where any of them is not there, or nothing is wanted.
    """
    if not wanted:
        return None
    known = _patch_ids(tree, base)
    commits = [known[one] for one in wanted if one in known]
    if len(commits) < len(set(wanted)):
        return None
    order = list(known.values())  # the newest first, as git log tells
    return min(commits, key=order.index)


def _patch_ids(tree: Tree, base: str) -> dict[str, str]:
    """Patch id -> commit of what the branches have above a commit."""
    arguments = ["log", "-p", "--no-merges", f"--max-count={_MOST_COMMITS}"]
    arguments += ["--topo-order", "--full-index", "--no-color", "--no-ext-diff"]
    arguments += ["--no-textconv", "--exclude=refs/stash", "--all", "HEAD", f"^{base}"]
    data = bytearray()
    for line in git.stream([*arguments, "--"], cwd=tree.path, seconds=_SECONDS):
        data += line + b"\n"
        if len(data) > _MOST_BYTES:
            break
    done = git.run(["patch-id", "--stable"], cwd=tree.path, stdin=bytes(data))
    pairs = [
        line.split() for line in done.stdout.decode("ascii", "replace").splitlines()
    ]
    return {pair[0]: pair[1] for pair in pairs if len(pair) == 2}
