# SPDX-License-Identifier: GPL-2.0-or-later
"""What each patch of a series does to a function that several of them change."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from reviewer.c.source import Source
from reviewer.facts import Facts
from reviewer.prover import FunctionVerdict
from reviewer.tree.step import AppliedPatch

Verdicts = dict[str, "tuple[FunctionVerdict, ...]"]
# (before, after, facts before, facts after, names)
Judge = Callable[
    ["Source", "Source", "Facts", "Facts", tuple[str, ...]],
    "tuple[FunctionVerdict, ...]",
]
Steps = dict[tuple[str, str], list[tuple[int, str]]]


def with_steps(
    verdicts: Verdicts, patches: tuple[AppliedPatch, ...], judge: Judge
) -> Verdicts:
    """Returns the verdicts on a whole series, each with those on the patches where more
    than one changes the function's text; one that is at last as it was is added."""
    found = dict(verdicts)
    for (path, name), told in _judged(patches, judge).items():
        every = found.get(path, ())
        if any(one.name == name for one in every):
            every = tuple(
                one.with_steps(told) if one.name == name else one for one in every
            )
        else:
            every = (*every, _as_it_was(path, name, told))
        found[path] = every
    return found


def _as_it_was(path: str, name: str, told: list[tuple[int, str]]) -> FunctionVerdict:
    from reviewer.prover.verdict import FunctionVerdict, Verdict

    return FunctionVerdict(
        name, name, Verdict.EQUAL, (), file=path, by_patch=tuple(told)
    )


def _judged(patches: tuple[AppliedPatch, ...], judge: Judge) -> Steps:
    from reviewer.facts import Facts

    changed = list(_changed(patches))
    counts: dict[tuple[str, str], int] = {}
    for _step, _pre, post, names in changed:
        for name in names:
            counts[post.path, name] = counts.get((post.path, name), 0) + 1
    found: Steps = {}
    for step, pre, post, names in changed:
        wanted = tuple(name for name in names if counts[post.path, name] > 1)
        if not wanted or step.pre_view is None or step.post_view is None:
            continue
        both = Facts(step.pre_view), Facts(step.post_view)
        for one in judge(pre, post, *both, wanted):
            told = found.setdefault((post.path, one.name), [])
            told.append((step.patch.index, str(one.verdict)))
    return found


def _changed(
    patches: tuple[AppliedPatch, ...],
) -> Iterator[tuple[AppliedPatch, Source, Source, list[str]]]:
    """The functions whose text each patch changes, file by file."""
    from reviewer.c.source import parse

    for step in patches:
        for change in step.changes:
            if change.pre is None or change.post is None:
                continue
            if not change.path.endswith((".c", ".h")):
                continue
            pre, post = parse(change.path, change.pre), parse(change.path, change.post)
            old = {one.name: pre.text(one.node) for one in pre.functions}
            names = [
                one.name
                for one in post.functions
                if one.name in old and old[one.name] != post.text(one.node)
            ]
            yield step, pre, post, names
