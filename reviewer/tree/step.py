# SPDX-License-Identifier: GPL-2.0-or-later
"""One patch on top of what stands: every file of it before and after.

git applies it, in a private folder; what it does not apply is fitted in where that is
wanted and can be, else it is named with its reason, and the rest is applied.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from reviewer.errors import InputError
from reviewer.limits import Limits
from reviewer.models import Change, FileDiff, Patch, is_missed
from reviewer.patch.diff import FilePart, parse_parts
from reviewer.patterns import regex
from reviewer.tree.copies import Copies
from reviewer.tree.hunk_places import (
    HAS_IT,
    added_text,
    changed_lines,
    explain,
    place,
    split_lines,
)
from reviewer.tree.paths import refusal
from reviewer.tree.view import View

if TYPE_CHECKING:
    from reviewer.tree.other_version import Fitter

NO_TREE = "no kernel tree"
UNLIKE = "an earlier patch of the series was not applied to it as it is"
MOST_IN_TURN = 500  # pieces of a patch, where a file comes twice: each is a git
REFUSED = "refused: "  # so begins why no other base would help
_SPECIAL_MODES = {"120000": "symbolic link", "160000": "submodule"}


class AppliedPatch(Struct, frozen=True):
    """One patch of the series and what it does to the tree.

    ``applied`` is false if any part of it could have been applied as it is and was
    not; a binary file or a symbolic link is left out (its Change says so) and no
    failure.  ``why`` is set where the whole diff cannot be read.
    """

    patch: Patch
    applied: bool
    changes: tuple[Change, ...]
    pre_view: View | None
    post_view: View | None
    why: str | None = None

    @property
    def nearly(self) -> bool:
        """Whether all that does not apply as it is was fitted in."""
        if self.applied or not self.changes:
            return False
        return not any(is_missed(change) for change in self.changes)


class Parsed(Struct, frozen=True):
    """A patch and the files of its diff, or why it has none."""

    patch: Patch
    parts: tuple[FilePart, ...] = ()
    error: InputError | None = None


def parsed(patch: Patch, limits: Limits) -> Parsed:
    """Returns the files of a patch's diff; ``error`` is set where it cannot be read."""
    try:
        return Parsed(patch, parse_parts(patch.diff, limits))
    except InputError as error:
        return Parsed(patch, error=error)


def not_applied(parsed: Parsed) -> AppliedPatch:
    """Returns a patch as not applied, for want of a tree to apply it to."""
    patch, error = parsed.patch, parsed.error
    changes = tuple(
        Change(patch, part.diff, None, None, False, NO_TREE) for part in parsed.parts
    )
    return AppliedPatch(
        patch, False, changes, None, None, str(error) if error else None
    )


def apply_patch(
    parsed: Parsed,
    view: View,
    copies: Copies,
    fitter: Fitter | None,
    *,
    told: bool = True,
) -> AppliedPatch:
    """Apply one patch.

    Args:
        parsed: the patch.
        view: the tree that it is to go on top of.
        copies: the private folder; the patches before it have been applied there.
        fitter: fits in what git does not apply; None: nothing is fitted.
        told: whether somebody will read why a part does not apply.
    """
    patch = parsed.patch
    if parsed.error is not None:
        return AppliedPatch(patch, False, (), view, view, str(parsed.error))
    work = _Work(view, copies, told=told)
    results = work.apply(parsed.parts)
    if fitter is not None:
        results = work.fitted(parsed.parts, results, fitter)
    changes = tuple(
        _change(patch, part.diff, result)
        for part, result in zip(parsed.parts, results, strict=True)
    )
    applied = all(change.is_exact or change.left_out for change in changes)
    post = view.overlay(work.edits) if work.edits else view
    return AppliedPatch(patch, applied, changes, view, post)


class _Result(Struct, frozen=True):
    """How one file fared."""

    pre: bytes | None = None
    post: bytes | None = None
    why: str | None = None
    left_out: bool = False  # not applied, and nothing that is missed
    went: Mapping[int, int] = field(default_factory=dict)
    how: str = "exact"
    note: str | None = None  # about what was fitted in
    placed: FileDiff | None = None  # the same, numbered

    @property
    def applied(self) -> bool:
        return self.why is None


def _change(patch: Patch, diff: FileDiff, result: _Result) -> Change:
    if not result.applied:
        return Change(
            patch, diff, None, None, False, result.why, how="hunks",
            left_out=result.left_out,
        )  # fmt: skip
    placed = result.placed or place(diff, result.went, result.pre, result.post)
    if placed is None:
        why = "git applied it elsewhere than it says"
        return Change(patch, diff, None, None, False, why, how="hunks")
    added, removed = changed_lines(placed)
    return Change(
        patch, placed, result.pre, result.post, True, result.note, added, removed,
        result.how,
    )  # fmt: skip


def _set_aside(diff: FileDiff) -> _Result | None:
    """The result for a file that git is not shown, None for all others."""
    for path in (diff.old_path, diff.new_path):
        why = refusal(path) if path is not None else None
        if why is not None:
            return _Result(why=REFUSED + why)
    for mode in (diff.old_mode, diff.new_mode):
        if mode is not None and mode in _SPECIAL_MODES:
            return _Result(why=f"{_SPECIAL_MODES[mode]}: not followed", left_out=True)
    if diff.binary:
        return _Result(why="binary file: not looked at", left_out=True)
    if diff.status == "modified" and not diff.hunks and diff.old_mode == diff.new_mode:
        return _Result(why="the diff changes nothing", left_out=True)
    return None


class _Work:
    """Applying the files of one patch; ``edits`` are what it leaves behind."""

    def __init__(self, view: View, copies: Copies, *, told: bool) -> None:
        self._told = told
        self.edits: dict[str, bytes | None] = {}
        self._view = view
        self._copies = copies

    def apply(self, parts: Sequence[FilePart]) -> list[_Result]:
        results = [_set_aside(part.diff) for part in parts]
        numbers = [n for n, result in enumerate(results) if result is None]
        paths = Counter(parts[n].diff.path for n in numbers)
        strips = {parts[n].strip for n in numbers}
        if len(strips) > 1 or any(count > 1 for count in paths.values()):
            groups = [[n] for n in numbers]  # one after the other
        else:
            groups = [numbers] if numbers else []
        if len(groups) > MOST_IN_TURN:
            why = f"{REFUSED}over {MOST_IN_TURN} pieces, to be applied in turn"
            for number in numbers[MOST_IN_TURN:]:
                results[number] = _Result(why=why)
            groups = groups[:MOST_IN_TURN]
        for group in groups:
            fared = self._apply_group([parts[n] for n in group])
            for number, result in zip(group, fared, strict=True):
                results[number] = result
        return [result for result in results if result is not None]

    def fitted(
        self, parts: Sequence[FilePart], results: Sequence[_Result], fitter: Fitter
    ) -> list[_Result]:
        """The results, with what git does not apply fitted in where that can be."""
        once = Counter(part.diff.old_path for part in parts)
        found = []
        for part, result in zip(parts, results, strict=True):
            diff = part.diff
            if not result.applied and not result.left_out and once[diff.old_path] == 1:
                result = self._fitted(part, result, fitter)
            unlike = fitter.unlike.get(diff.old_path or diff.path)
            if result.applied and result.how == "exact" and unlike is not None:
                result = replace(result, how=unlike, note=UNLIKE)
            if not result.left_out and result.how != "exact":
                fitter.unlike[diff.path] = result.how
            elif not result.applied and not result.left_out:
                fitter.unlike[diff.path] = "fuzz"
            found.append(result)
        return found

    def _fitted(self, part: FilePart, result: _Result, fitter: Fitter) -> _Result:
        from reviewer.tree.other_version import FITTABLE

        diff, pre = part.diff, self._before(part.diff)
        if pre is None or diff.status not in FITTABLE or not diff.hunks:
            return result
        if _set_aside(diff) is not None or self._not_in_tree(diff) is not None:
            return result  # a name that is refused stays so
        assert diff.new_path is not None
        if diff.new_path != diff.old_path and self._read(diff.new_path) is not None:
            return result
        fitted = fitter.fit(part, pre)
        if isinstance(fitted, str):
            why = f"{result.why}; {fitted}" if fitted else result.why
            return replace(result, why=why)
        if not self._copies.write(diff.new_path, fitted.post):
            return result
        self.edits[diff.new_path] = fitted.post
        if diff.status == "renamed" and diff.old_path is not None:
            self._copies.write(diff.old_path, None)
            self.edits[diff.old_path] = None
        return _Result(
            pre, fitted.post, how=fitted.how, note=fitted.note, placed=fitted.diff
        )

    def _apply_group(self, parts: Sequence[FilePart]) -> list[_Result]:
        """All together if they go, else all those that go."""
        results = [self._not_in_tree(part.diff) for part in parts]
        rest = [n for n, result in enumerate(results) if result is None]
        done = self._apply_together([parts[n] for n in rest])
        if done is None and len(rest) > 1:
            said = self._copies.git_apply([parts[n] for n in rest], quiet=True)[1]
            blamed = _by_name(said)
            for number in rest:
                results[number] = self._blamed(parts[number].diff, blamed)
            rest = [n for n in rest if results[n] is None]
            done = self._apply_together([parts[n] for n in rest])
        if done is None:
            done = [self._apply_alone(parts[n]) for n in rest]
        for number, result in zip(rest, done, strict=True):
            results[number] = result
        return [result for result in results if result is not None]

    def _not_in_tree(self, diff: FileDiff) -> _Result | None:
        for path in (diff.old_path, diff.new_path):
            if path is not None:
                why = self._copies.put(path, self._read(path))
                if why is not None:
                    return _Result(why=why)
        if diff.new_path is not None and diff.new_path != diff.old_path:
            for parent in list(PurePosixPath(diff.new_path).parents)[:-1]:
                stays = str(parent) != diff.old_path or diff.status != "renamed"
                if stays and self._read(str(parent)) is not None:
                    return _Result(why=f"{parent} is a file in the tree")
        if diff.old_path is not None and self._read(diff.old_path) is None:
            return _Result(why=f"{diff.old_path} is not in the tree")
        return None

    def _read(self, path: str) -> bytes | None:
        return self.edits[path] if path in self.edits else self._view.read(path)

    def _apply_together(self, parts: Sequence[FilePart]) -> list[_Result] | None:
        if not parts:
            return []
        before = [self._before(part.diff) for part in parts]
        status, said = self._copies.git_apply(parts)
        if status != 0:
            return None
        return self._results(parts, before, said)

    def _blamed(self, diff: FileDiff, blamed: Mapping[str, str]) -> _Result | None:
        """The result for a file that git names in its errors."""
        for path in (diff.old_path, diff.new_path):
            if path is not None and path in blamed:
                return self._failed(diff, blamed[path], self._before(diff))
        return None

    def _apply_alone(self, part: FilePart) -> _Result:
        before = self._before(part.diff)
        status, said = self._copies.git_apply([part])
        if status != 0:
            return self._failed(part.diff, said, before)
        return self._results([part], [before], said)[0]

    def _failed(self, diff: FileDiff, said: str, before: bytes | None) -> _Result:
        if not self._told:
            return _Result(why=said)
        there = self._read(diff.path) if diff.old_path is None else None
        has_it = there is not None and split_lines(there) == added_text(diff)
        return _Result(why=HAS_IT if has_it else _reason(diff, said, before))

    def _before(self, diff: FileDiff) -> bytes | None:
        return self._read(diff.old_path) if diff.old_path is not None else None

    def _results(
        self, parts: Sequence[FilePart], before: Sequence[bytes | None], said: str
    ) -> list[_Result]:
        offsets = _offsets(said)
        results = []
        for number, (part, pre) in enumerate(zip(parts, before, strict=True)):
            diff = part.diff
            post = self._copies.get(diff.new_path) if diff.new_path else None
            results.append(_Result(pre, post, went=offsets.get(number, {})))
        for part in parts:
            if part.diff.status in ("deleted", "renamed") and part.diff.old_path:
                self.edits[part.diff.old_path] = None
        for part, result in zip(parts, results, strict=True):
            if part.diff.new_path is not None:
                self.edits[part.diff.new_path] = result.post
        return results


def _offsets(said: str) -> dict[int, dict[int, int]]:
    """Per file, in order, the hunks that git applied at an offset."""
    found: dict[int, dict[int, int]] = {}
    file = -1
    for line in said.splitlines():
        if line.startswith("Checking patch "):
            file += 1
        elif match := _OFFSET.match(line):
            found.setdefault(file, {})[int(match[1]) - 1] = int(match[2])
    return found


def _by_name(said: str) -> dict[str, str]:
    """git's errors per file, from a run that shows nothing of the patch's text."""
    blamed: dict[str, str] = {}
    failed_at = ""
    for line in said.splitlines():
        if _FAILED_AT.fullmatch(line):
            failed_at = line
        elif line.startswith("error: "):
            name, colon, _ = line.removeprefix("error: ").rpartition(": ")
            if colon:
                blamed[name] = f"{failed_at}\n{line}" if failed_at else line
            failed_at = ""
    return blamed


_OFFSET = regex(r"Hunk #(\d+) succeeded at (\d+) \(offset -?\d+ lines?\)\.")
_FAILED_AT = regex(r"error: patch failed: .*:(\d+)")


def _reason(diff: FileDiff, said: str, pre: bytes | None) -> str:
    """git's message about one file as one line."""
    errors = [line for line in said.splitlines() if line.startswith("error: ")]
    failed = [match for line in errors if (match := _FAILED_AT.fullmatch(line))]
    if failed and pre is not None:
        return explain(diff, int(failed[-1][1]), pre)
    text = errors[-1].removeprefix("error: ") if errors else "git does not apply it"
    text = text.removeprefix(f"{diff.path}: ")
    text = text.replace("already exists in working directory", "already in the tree")
    return " ".join(text.split())
