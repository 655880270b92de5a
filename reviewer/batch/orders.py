# SPDX-License-Identifier: GPL-2.0-or-later
"""What a worker on another machine is told before the jobs.

An order names trees by the ids of commits: each machine looks for a tree of its own
that has them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from reviewer import __version__, limits
from reviewer.batch.files import Files, scanned_by
from reviewer.batch.jobs import Job
from reviewer.batch.reviewing import reviewer
from reviewer.errors import TreeError, UsageError
from reviewer.limits import Limits
from reviewer.tree import Tree

Work = Callable[[Any], dict[str, Any]]


class Order(Struct, frozen=True):
    """What is to be done with every job: ``scan`` of files or ``review`` of mails."""

    kind: str
    rules: tuple[str, ...]
    commits: tuple[str, ...]  # that the trees have; of a scan the one that is read
    base: str | None = None
    preexisting: bool = False
    offline: bool = False
    megabytes: int = 400
    seconds: float = 600
    limits: Limits = limits.DEFAULT
    version: str = __version__

    def start(self) -> Work:
        """Opens the trees, and returns what does a job.

        Raises TreeError where no tree has one of the commits, UsageError where this is
        another kpf-review.
        """
        from reviewer import rulebook
        from reviewer.engine import Scanner
        from reviewer.library import Opened

        if self.version != __version__:
            raise UsageError(f"kpf-review {__version__}, and not {self.version}")
        limits.set_limits(self.limits)
        rules = tuple(rulebook.load(name) for name in self.rules)
        trees = tuple(_with(commit) for commit in self.commits)
        if self.kind == "scan":
            return scanned_by(Scanner(trees[0].view(self.commits[0]), rules))
        ready = Opened(trees, rules, self.base, self.preexisting, self.limits)
        return reviewer(ready, offline=self.offline, is_range=lambda _ref: False)


def commits_of(trees: Iterable[Tree], revision: str = "HEAD") -> tuple[str, ...]:
    """Returns the commits by which other machines know these trees.

    Raises TreeError for a folder that is no repository, or has no such commit.
    """
    found = []
    for tree in trees:
        commit = tree.commit(revision)
        if commit is None:
            raise TreeError(f"{tree.path}: no commit {revision!r} here")
        found.append(commit)
    return tuple(found)


def _with(commit: str) -> Tree:
    """The tree of this machine that has a commit: around here, or of kpf.tree."""
    from reviewer import config, tree

    around = tree.tree_around(Path.cwd())
    places = [Path(one.value).expanduser() for one in config.read().trees]
    for found in [around, *(tree.open_tree(place) for place in places)]:
        if found is not None and found.is_git and found.commit(commit) is not None:
            return found
    looked = ", ".join(map(str, places)) or "no kpf.tree is configured"
    raise TreeError(f"no tree here has commit {commit} ({looked})")


def text_of(one: Struct) -> str:
    """Returns an order or a job as JSON."""
    return json.dumps(msgspec.to_builtins(one))


def order_of(text: str) -> Order:
    """Returns the order that ``text_of`` made this of; raises ValidationError."""
    return msgspec.convert(json.loads(text), Order)


def job_of(order: Order, text: str) -> Files | Job:
    """Returns a job of an order; raises ValidationError."""
    kind: type[Files] | type[Job] = Files if order.kind == "scan" else Job
    return msgspec.convert(json.loads(text), kind)
