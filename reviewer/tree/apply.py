# SPDX-License-Identifier: GPL-2.0-or-later
"""Each patch of a series before and after, file by file.

git applies the patches, in a private folder that holds nothing but copies of the files
they touch; the user's worktree, index, refs and objects are only ever read. What cannot
be applied is named with its reason, and the rest is applied all the same.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from reviewer.errors import TreeError
from reviewer.files import private
from reviewer.limits import DEFAULT, Limits
from reviewer.models import Patch, Series, TreeInfo, is_missed
from reviewer.tree import Tree
from reviewer.tree.copies import Copies
from reviewer.tree.objects import is_blob
from reviewer.tree.paths import refusal
from reviewer.tree.step import AppliedPatch, Parsed, apply_patch, not_applied, parsed
from reviewer.tree.view import View

if TYPE_CHECKING:
    from reviewer.tree.base import Bases, Candidate
    from reviewer.tree.other_version import Fitter

MOST_COMPARED = 200  # files whose states are compared before any is tried
MOST_FITTED = 3  # states to which a series that applies nowhere is fitted
_GUESSES = ("head", "tag", "worktree")  # of nothing that the series itself says
_SECONDS = 20.0  # after which no further state is tried


class Applied(Struct, frozen=True):
    """A series on top of its base.

    ``composed`` says that its files are not those of the base but those that the
    patches name, so that the rest of the tree is another version than they are.
    ``guessed`` says that the patches name files, by their blobs, and no state at hand
    has them: it takes the series, but is another one than the author's.
    """

    base: View | None
    info: TreeInfo
    patches: tuple[AppliedPatch, ...]
    tree: Tree | None = None  # the one that the base is in
    composed: bool = False
    guessed: bool = False

    @property
    def is_exact(self) -> bool:
        """Whether every file of the series, and the tree around it, is as its author
        had it, as far as the patches can tell."""
        return not self.composed and all(step.applied for step in self.patches)

    def __enter__(self) -> Applied:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Nothing is held: the private folder is gone when this object is there."""


def apply_series(
    series: Series,
    tree: Tree | None,
    *,
    base: str | None,
    limits: Limits = DEFAULT,
    others: Sequence[Tree] = (),
    fit: bool = True,
    before: Sequence[Patch] = (),
) -> Applied:
    """Apply the patches of a series one after the other.

    Args:
        series: the patches, in order.
        tree: the kernel tree, None for none: nothing is applied then.
        base: the revision asked for, None to find the one that fits.
        limits: how large a diff may be.
        others: further trees in which the base may be.
        fit: whether what git does not apply is fitted in, by a three-way merge or with
            fuzz.
        before: patches that the series says must be there before it: each state is
            tried with them on top first.

    Raises:
        InputError: not one patch of the series can be read.
        TreeError: the base asked for is unknown, or git cannot read the tree.
    """
    read = [parsed(patch, limits) for patch in series.patches]
    errors = [one.error for one in read if one.error is not None]
    if errors and len(errors) == len(read):
        raise errors[0]
    if tree is None:
        info = TreeInfo("none", None, "none", None)
        return Applied(None, info, tuple(not_applied(one) for one in read))
    from reviewer.tree.base import Bases

    wanted = _first_blobs(read)
    bases = Bases((tree, *others), series, wanted)
    needed = [parsed(patch, limits) for patch in before]
    applied = _on_the_best(bases, read, needed, base, limits, fit)
    return replace(applied, guessed=bool(wanted) and applied.info.how in _GUESSES)


def _on_the_best(
    bases: Bases,
    read: Sequence[Parsed],
    needed: Sequence[Parsed],
    base: str | None,
    limits: Limits,
    fit: bool,
) -> Applied:
    """The series on the state of the trees that takes the most of it."""
    tried: list[tuple[Candidate, Applied]] = []
    end = _processor_time() + _SECONDS
    seen: set[tuple[int | None, ...]] = set()
    for candidate in _states(bases, needed, base):
        files = _files_of(candidate, read)
        if files and files in seen:
            continue  # the same files as in a state before: it fares no better
        seen.add(files)
        tried.append((candidate, _apply_to(candidate, read, told=not fit)))
        if not _failures(tried[-1][1]):
            return tried[-1][1]
        if _processor_time() > end:
            break
    tried.sort(key=lambda one: _failures(one[1]))
    return _without_exact_base(bases, read, tried, base, limits, fit)


def _processor_time() -> float:
    """Seconds that this process has used, and the git commands that have ended."""
    return sum(os.times()[:4])


def _states(
    bases: Bases, needed: Sequence[Parsed], base: str | None
) -> Iterator[Candidate]:
    """The states to try, each with what the series needs on top of it first."""
    for candidate in bases.candidates(base):
        if needed and candidate.how != "prerequisites":
            on_top = _on_top(candidate, needed)
            if on_top is not None:
                yield on_top
        yield candidate


def _on_top(candidate: Candidate, needed: Sequence[Parsed]) -> Candidate | None:
    """The state with the patches in it; None where they do not apply to it."""
    applied = _apply_to(candidate, needed, told=False)
    after = applied.patches[-1].post_view
    if _failures(applied) or after is None:
        return None
    diffs = [part.diff for one in needed for part in one.parts]
    names = {name for diff in diffs for name in (diff.old_path, diff.new_path) if name}
    files = {n: after.read(n) for n in sorted(names) if refusal(n) is None}
    count = f"{len(needed)} patch{'es' if len(needed) > 1 else ''}"
    why = f"with {count} that the series names as prerequisites, fetched, on top"
    return replace(candidate, how="prerequisites", why=why, files=files)


def _without_exact_base(
    bases: Bases,
    read: Sequence[Parsed],
    tried: Sequence[tuple[Candidate, Applied]],
    base: str | None,
    limits: Limits,
    fit: bool,
) -> Applied:
    """The best where no state of a tree takes the series: first on the very files that
    the patches name, then fitted in."""
    if base is None:
        composed = bases.composed(tried[0][0])
        found = _apply_to(composed, read) if composed is not None else None
        if found is not None and not _failures(found) and _is_named(found):
            return found
    if not fit:
        return tried[0][1]
    from reviewer.tree.other_version import Fitter

    fitted = []
    for candidate, _ in tried[:MOST_FITTED]:
        fitted.append(_apply_to(candidate, read, Fitter(bases.blob, limits)))
        if not _missed(fitted[-1])[0]:
            break
    return min(fitted, key=_missed)


def _files_of(candidate: Candidate, read: Sequence[Parsed]) -> tuple[int | None, ...]:
    """The files that a series touches as they are in a state, told by their hashes.

    Nothing for a series of very many files.
    """
    diffs = [part.diff for one in read for part in one.parts]
    names = {name for diff in diffs for name in (diff.old_path, diff.new_path) if name}
    if len(names) > MOST_COMPARED:
        return ()
    view = candidate.view
    found = (view.read(n) if refusal(n) is None else None for n in sorted(names))
    return tuple(None if data is None else hash(data) for data in found)


def _is_named(applied: Applied) -> bool:
    """Whether every file becomes the one that the diff names: then it was the one that
    the diff was made from, even where its id is abbreviated."""
    seen: set[str] = set()
    for change in (change for step in applied.patches for change in step.changes):
        path, diff = change.path, change.diff
        first = change.applied and path not in seen and diff.old_blob is not None
        if first and change.post and not is_blob(change.post, diff.new_blob):
            return False
        seen.update(name for name in (diff.old_path, diff.new_path) if name)
    return True


def _first_blobs(read: Sequence[Parsed]) -> dict[str, str]:
    """For each file the series finds there, the blob id its first diff names."""
    wanted: dict[str, str] = {}
    seen: set[str] = set()
    for diff in (part.diff for one in read for part in one.parts):
        path, blob = diff.old_path, diff.old_blob
        if path and blob and path not in seen and refusal(path) is None:
            wanted[path] = blob
        seen.update(name for name in (diff.old_path, diff.new_path) if name)
    return wanted


def _failures(applied: Applied) -> tuple[int, ...]:
    """How many patches and files do not apply as they are; () for none."""
    patches = sum(not step.applied for step in applied.patches)
    files = sum(not c.is_exact for step in applied.patches for c in step.changes)
    return (patches, files) if patches else ()


def _missed(applied: Applied) -> tuple[int, ...]:
    """How many patches and files have only their hunks, then ``_failures``."""
    steps = applied.patches
    hunks = [step for step in steps if not step.applied and not step.nearly]
    files = [c for step in steps for c in step.changes if is_missed(c)]
    return (len(hunks), len(files), *_failures(applied))


def _apply_to(
    candidate: Candidate,
    read: Sequence[Parsed],
    fitter: Fitter | None = None,
    *,
    told: bool = True,
) -> Applied:
    base = candidate.view
    steps: list[AppliedPatch] = []
    view = base
    try:
        with private.folder("apply") as folder:
            copies = Copies(folder)
            for one in read:
                step = apply_patch(one, view, copies, fitter, told=told)
                steps.append(step)
                view = step.post_view or view
    except OSError as error:
        where = tempfile.gettempdir()
        raise TreeError(f"cannot apply in {where}: {error.strerror}") from error
    return Applied(
        base, candidate.info, tuple(steps), candidate.tree, candidate.how == "files"
    )
