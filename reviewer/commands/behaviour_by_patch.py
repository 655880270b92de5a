# SPDX-License-Identifier: GPL-2.0-or-later
"""What each patch of a series does to a function that several of them change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reviewer.c.source import Source
from reviewer.facts import Facts
from reviewer.prover import FunctionVerdict
from reviewer.tree.step import AppliedPatch

Verdicts = dict[str, "tuple[FunctionVerdict, ...]"]


@dataclass(frozen=True, slots=True)
class PatchedFile:
    """A file before and after one patch, and the functions that it is asked about."""

    patch: int
    pre: Source
    post: Source
    facts: tuple[Facts, Facts]
    names: tuple[str, ...]


def with_steps(
    verdicts: Verdicts,
    steps: Sequence[PatchedFile],
    answers: Sequence[tuple[FunctionVerdict, ...]],
) -> Verdicts:
    """Returns the verdicts on a whole series, each with those on the patches
    (``answers``, one for each of ``steps``); one that is at last as it was is added."""
    told: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for step, answer in zip(steps, answers, strict=True):
        for one in answer:
            of_it = told.setdefault((step.post.path, one.name), [])
            of_it.append((step.patch, str(one.verdict)))
    found = dict(verdicts)
    for (path, name), by_patch in told.items():
        every = found.get(path, ())
        if any(one.name == name for one in every):
            every = tuple(
                one.with_steps(by_patch) if one.name == name else one for one in every
            )
        else:
            every = (*every, _as_it_was(path, name, by_patch))
        found[path] = every
    return found


def _as_it_was(path: str, name: str, told: list[tuple[int, str]]) -> FunctionVerdict:
    from reviewer.prover.verdict import FunctionVerdict, Verdict

    return FunctionVerdict(
        name, name, Verdict.EQUAL, (), file=path, by_patch=tuple(told)
    )


def states_of(patches: tuple[AppliedPatch, ...]) -> list[PatchedFile]:
    """Returns what is asked of single patches: the functions that more than one of them
    changes."""
    from reviewer.facts import Facts

    changed = list(_changed(patches))
    counts: dict[tuple[str, str], int] = {}
    for _step, _pre, post, names in changed:
        for name in names:
            counts[post.path, name] = counts.get((post.path, name), 0) + 1
    found = []
    for step, pre, post, names in changed:
        wanted = tuple(name for name in names if counts[post.path, name] > 1)
        if not wanted or step.pre_view is None or step.post_view is None:
            continue
        both = Facts(step.pre_view), Facts(step.post_view)
        found.append(PatchedFile(step.patch.index, pre, post, both, wanted))
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
