# SPDX-License-Identifier: GPL-2.0-or-later
"""What a person can do about a series that does not apply.

git's words say where a hunk fails; the next step is another base, another tree, or a
commit that has to be fetched first.
"""

from __future__ import annotations

import os
import re
import shlex

from reviewer import git
from reviewer.models import Series, TreeInfo
from reviewer.patterns import regex
from reviewer.tree import Tree

# Where a commit is most likely to be had, if the repository has no remote of its own.
MAINLINE = "https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git"
NEXT = "https://git.kernel.org/pub/scm/linux/kernel/git/next/linux-next.git"
NAME_A_TREE = (
    "run it in a kernel tree, name one with --tree DIR, or name one for good: "
    "`git config --global kpf.tree DIR`"
)
BEFORE_IT = (
    "the tree has the patch already: to review it, name a state before it with "
    "--base REV"
)
_FULL = regex(r"[0-9a-f]{40}|[0-9a-f]{64}")
_NO_TREE = regex(r"(?:patch|rfc|rft|resend|v\d+|\d+/\d+|\d+)[,:]?", re.I)


def what_to_do(series: Series, info: TreeInfo, tree: Tree | None) -> str:
    """Returns the next step for a series of which a patch does not apply, in one line.

    ``info`` says what it was applied to; ``tree`` is that tree, None for none.  A
    command stands between backticks.
    """
    if tree is None or info.kind == "none":
        return NAME_A_TREE
    if info.how == "option":
        return (
            "leave --base out, and the base is looked for; or name another one, or "
            "another tree with --tree DIR"
        )
    commit = series.base_commit
    if commit and info.how not in ("base-commit", "prerequisites"):
        return _get(commit, series, tree)
    if series.prerequisites and info.how == "base-commit":
        return (
            "the series needs patches that are not in its base-commit: "
            "--prerequisites fetches them"
        )
    return f"name {_meant(series)} with --base REV, or another tree with --tree DIR"


def _get(commit: str, series: Series, tree: Tree) -> str:
    """How to come by a base-commit that the mail names and the tree lacks."""
    if not tree.is_git:
        return (
            f"its base-commit is {commit[:12]}: name a repository that has it with "
            "--tree DIR"
        )
    if tree.commit(commit) is not None:
        return f"try --base {commit[:12]}, which is its base-commit"
    where = shlex.quote(os.fspath(tree.path))
    wanted = f"{_source(series, tree)} {commit}"
    what = wanted if _FULL.fullmatch(commit) else "--all"  # git fetches no short id
    return (
        f"the repository lacks its base-commit {commit[:12]}: run "
        f"`git -C {where} fetch {what}` and this again; or name another base with "
        "--base REV"
    )


def _source(series: Series, tree: Tree) -> str:
    """Where to fetch from, fit for a shell."""
    done = git.run(["remote"], cwd=tree.path)
    remotes = done.stdout.decode("utf-8", "replace").split()
    if remotes:
        chosen = "origin" if "origin" in remotes else remotes[0]
        return shlex.quote(chosen)
    return NEXT if "next" in _meant(series) else MAINLINE


def _meant(series: Series) -> str:
    """The state that the series is for, in the subject's words if it names one."""
    prefix = series.patches[0].subject_prefix if series.patches else ""
    words = [word for word in prefix.split() if not _NO_TREE.fullmatch(word)]
    if not words:
        return "the state that it was made for"
    return f"the state that it was made for (the subject says {' '.join(words)[:40]})"
