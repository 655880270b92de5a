"""Each patch of a series before and after, file by file.

git applies the patches, in a private folder that holds nothing but copies of the
files they touch; the user's worktree, index, refs and objects are only ever read.
What cannot be applied is named with its reason, and the rest is applied all the
same.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from types import TracebackType

from reviewer import git, private
from reviewer.errors import InputError, TreeError
from reviewer.limits import DEFAULT, Limits
from reviewer.models import Change, FileDiff, Patch, Series, TreeInfo
from reviewer.patch.diff import Part, decode, parse_parts
from reviewer.tree import Tree
from reviewer.tree.paths import refusal
from reviewer.tree.place import changed_lines, explain, place
from reviewer.tree.view import View
from reviewer.tree.views import read_regular

NO_TREE = "no kernel tree"
_SPECIAL_MODES = {"120000": "symbolic link", "160000": "submodule"}


@dataclass(frozen=True, slots=True)
class AppliedPatch:
    """One patch of the series and what it does to the tree.

    ``applied`` is false if any part of it could have been applied and was not; a
    binary file or a symbolic link is left out (its Change says so) and no failure.
    ``why`` is set where the whole diff cannot be read.
    """

    patch: Patch
    applied: bool
    changes: tuple[Change, ...]
    pre_view: View | None
    post_view: View | None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """A series on top of its base."""

    base: View | None
    info: TreeInfo
    patches: tuple[AppliedPatch, ...]

    def __enter__(self) -> Applied:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Nothing is held: the private folder is gone when this object is there."""


@dataclass(frozen=True, slots=True)
class _Parsed:
    """A patch and the files of its diff, or why it has none."""

    patch: Patch
    parts: tuple[Part, ...] = ()
    error: InputError | None = None


def apply_series(
    series: Series, tree: Tree | None, *, base: str | None, limits: Limits = DEFAULT
) -> Applied:
    """Apply the patches of a series one after the other.

    Args:
        series: the patches, in order.
        tree: the kernel tree, None for none: nothing is applied then.
        base: the revision asked for, None to find the one that fits.
        limits: how large a diff may be.

    Raises:
        InputError: not one patch of the series can be read.
        TreeError: the base asked for is unknown, or git cannot read the tree.
    """
    parsed = [_parse(patch, limits) for patch in series.patches]
    errors = [one.error for one in parsed if one.error is not None]
    if errors and len(errors) == len(parsed):
        raise errors[0]
    if tree is None:
        info = TreeInfo("none", None, "none", None)
        return Applied(None, info, tuple(_without_tree(one) for one in parsed))
    from reviewer.tree.base import candidates

    wanted = _first_blobs(parsed)
    best: Applied | None = None
    for revision, how in candidates(tree, base, series.base_commit, wanted):
        tried = _apply_to(tree, revision, how, parsed)
        if best is None or _failures(tried) < _failures(best):
            best = tried
        if not _failures(best):
            break
    assert best is not None
    return best


def _parse(patch: Patch, limits: Limits) -> _Parsed:
    try:
        return _Parsed(patch, parse_parts(patch.diff, limits))
    except InputError as error:
        return _Parsed(patch, error=error)


def _without_tree(parsed: _Parsed) -> AppliedPatch:
    patch, error = parsed.patch, parsed.error
    changes = tuple(
        Change(patch, part.diff, None, None, False, NO_TREE) for part in parsed.parts
    )
    return AppliedPatch(
        patch, False, changes, None, None, str(error) if error else None
    )


def _first_blobs(parsed: Sequence[_Parsed]) -> dict[str, str]:
    """For each file the series finds there, the blob id its first diff names."""
    wanted: dict[str, str] = {}
    seen: set[str] = set()
    for diff in (part.diff for one in parsed for part in one.parts):
        path, blob = diff.old_path, diff.old_blob
        if path and blob and path not in seen and refusal(path) is None:
            wanted[path] = blob
        seen.update(name for name in (diff.old_path, diff.new_path) if name)
    return wanted


def _failures(applied: Applied) -> int:
    return sum(not step.applied for step in applied.patches)


def _apply_to(
    tree: Tree, revision: str | None, how: str, parsed: Sequence[_Parsed]
) -> Applied:
    base: View = tree.view(revision)
    steps: list[AppliedPatch] = []
    view = base
    try:
        with private.folder("apply") as folder:
            copies = _Copies(folder)
            for one in parsed:
                step = _apply_patch(one, view, copies)
                steps.append(step)
                view = step.post_view or view
    except OSError as error:
        where = tempfile.gettempdir()
        raise TreeError(f"cannot apply in {where}: {error.strerror}") from error
    return Applied(base, tree.info_at(revision, how), tuple(steps))


# --- one patch ------------------------------------------------------------------


def _apply_patch(parsed: _Parsed, view: View, copies: _Copies) -> AppliedPatch:
    patch = parsed.patch
    if parsed.error is not None:
        return AppliedPatch(patch, False, (), view, view, str(parsed.error))
    work = _Work(view, copies)
    results = work.apply(parsed.parts)
    changes = []
    applied = True
    for part, result in zip(parsed.parts, results, strict=True):
        changes.append(_change(patch, part.diff, result))
        applied = applied and (result.applied or result.left_out)
    post = view.overlay(work.edits) if work.edits else view
    return AppliedPatch(patch, applied, tuple(changes), view, post)


@dataclass(frozen=True, slots=True)
class _Result:
    """How one file fared."""

    pre: bytes | None = None
    post: bytes | None = None
    why: str | None = None
    left_out: bool = False  # not applied, and nothing that is missed
    went: Mapping[int, int] = field(default_factory=dict)

    @property
    def applied(self) -> bool:
        return self.why is None


def _change(patch: Patch, diff: FileDiff, result: _Result) -> Change:
    if not result.applied:
        return Change(patch, diff, None, None, False, result.why)
    placed = place(diff, result.went, result.pre, result.post)
    if placed is None:
        why = "git applied it elsewhere than it says"
        return Change(patch, diff, None, None, False, why)
    added, removed = changed_lines(placed)
    return Change(patch, placed, result.pre, result.post, True, None, added, removed)


def _set_aside(diff: FileDiff) -> _Result | None:
    """The result for a file that git is not shown, None for all others."""
    for path in (diff.old_path, diff.new_path):
        why = refusal(path) if path is not None else None
        if why is not None:
            return _Result(why=f"refused: {why}")
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

    def __init__(self, view: View, copies: _Copies) -> None:
        self.edits: dict[str, bytes | None] = {}
        self._view = view
        self._copies = copies

    def apply(self, parts: Sequence[Part]) -> list[_Result]:
        results = [_set_aside(part.diff) for part in parts]
        numbers = [n for n, result in enumerate(results) if result is None]
        paths = Counter(parts[n].diff.path for n in numbers)
        strips = {parts[n].strip for n in numbers}
        if len(strips) > 1 or any(count > 1 for count in paths.values()):
            groups = [[n] for n in numbers]  # one after the other
        else:
            groups = [numbers] if numbers else []
        for group in groups:
            fared = self._apply_group([parts[n] for n in group])
            for number, result in zip(group, fared, strict=True):
                results[number] = result
        return [result for result in results if result is not None]

    def _apply_group(self, parts: Sequence[Part]) -> list[_Result]:
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
        if diff.old_path is None and diff.new_path is not None:
            for parent in list(PurePosixPath(diff.new_path).parents)[:-1]:
                if self._read(str(parent)) is not None:
                    return _Result(why=f"{parent} is a file in the tree")
        if diff.old_path is not None and self._read(diff.old_path) is None:
            return _Result(why=f"{diff.old_path} is not in the tree")
        return None

    def _read(self, path: str) -> bytes | None:
        return self.edits[path] if path in self.edits else self._view.read(path)

    def _apply_together(self, parts: Sequence[Part]) -> list[_Result] | None:
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
                return _Result(why=_reason(diff, blamed[path], self._before(diff)))
        return None

    def _apply_alone(self, part: Part) -> _Result:
        before = self._before(part.diff)
        status, said = self._copies.git_apply([part])
        if status != 0:
            return _Result(why=_reason(part.diff, said, before))
        return self._results([part], [before], said)[0]

    def _before(self, diff: FileDiff) -> bytes | None:
        return self._read(diff.old_path) if diff.old_path is not None else None

    def _results(
        self, parts: Sequence[Part], before: Sequence[bytes | None], said: str
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


_OFFSET = re.compile(r"Hunk #(\d+) succeeded at (\d+) \(offset -?\d+ lines?\)\.")
_FAILED_AT = re.compile(r"error: patch failed: .*:(\d+)")


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


# --- the private folder ---------------------------------------------------------


class _Copies:
    """Copies of the files that the series touches, in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._there: set[str] = set()

    def put(self, path: str, data: bytes | None) -> str | None:
        """Write a file the first time it is asked for; returns why it cannot be."""
        if path in self._there:
            return None
        if data is not None:
            place = self._folder / path
            try:
                place.parent.mkdir(parents=True, exist_ok=True)
            except (FileExistsError, NotADirectoryError):
                return "a file stands where its folder should be"
            except ValueError:
                return "impossible file name"
            if place.is_dir():
                return "a folder stands where the file should be"
            place.write_bytes(data)
        self._there.add(path)
        return None

    def get(self, path: str) -> bytes | None:
        return read_regular(os.fspath(self._folder / path))

    def git_apply(
        self, parts: Sequence[Part], *, quiet: bool = False
    ) -> tuple[int, str]:
        """Let git apply parts of a diff; its status and what it said.

        ``quiet`` leaves out offsets and the lines that git looked for.
        """
        done = git.run(
            [
                "apply",
                "--no-verbose" if quiet else "--verbose",
                "--whitespace=nowarn",
                f"-p{parts[0].strip}",
                "-",
            ],
            cwd=self._folder,
            stdin=b"".join(part.text for part in parts),
            configured=False,
        )
        return done.returncode, decode(done.stderr)
