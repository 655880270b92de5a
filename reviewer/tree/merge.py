# SPDX-License-Identifier: GPL-2.0-or-later
"""What ``git am -3`` makes of a patch: merged by way of the file that it was made from.

The file is the blob that the diff's ``index`` line names.  git merges it, outside of
any repository, in a private folder.
"""

from __future__ import annotations

import re
import subprocess
from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from reviewer import git
from reviewer.models import DiffLine, FileDiff, Hunk
from reviewer.patterns import regex
from reviewer.tree.hunk_places import split_lines

_HUNK = regex(rb"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", re.M)
_SECONDS = 10.0


class Merged(Struct, frozen=True):
    """The merged file, and the diff with its lines numbered as in the two files."""

    diff: FileDiff
    post: bytes


def merge_three_ways(
    folder: Path, ours: bytes, base: bytes, theirs: bytes, diff: FileDiff
) -> Merged | None:
    """Merge what a patch does to its own file into another version of that file.

    Args:
        folder: a folder of our own in which the three may lie.
        ours: the file in the tree.
        base: the file that the patch was made from.
        theirs: that file after the patch.
        diff: the patch, its lines numbered as in ``base`` and ``theirs``.

    Returns None for a conflict, and where the tree has the change already.
    """
    names = ("ours", "base", "theirs", "merged")
    for name, data in zip(names, (ours, base, theirs), strict=False):
        (folder / name).write_bytes(data)
    done = _git(folder, "merge-file", "-p", "--quiet", *names[:3])
    if done.returncode != 0 or done.stdout == ours:
        return None
    (folder / "merged").write_bytes(done.stdout)
    before, after = _Moved(folder, "base", "ours"), _Moved(folder, "theirs", "merged")
    hunks = tuple(_numbered(hunk, before, after) for hunk in diff.hunks)
    found = replace(diff, hunks=hunks)
    if not _is_whole(found, split_lines(ours), split_lines(done.stdout)):
        return None
    return Merged(found, done.stdout)


def _git(folder: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    return git.run(
        words,
        cwd=folder,
        configured=False,
        timeout=_SECONDS,
    )


class _Moved:
    """Where the lines of one file stand in another one."""

    def __init__(self, folder: Path, old: str, new: str) -> None:
        options = ["--no-index", "--text", "-U0", "--no-color", "--no-ext-diff"]
        done = _git(folder, "diff", *options, "--", old, new)
        self._starts: list[int] = []
        self._runs: list[tuple[int, int]] = []  # one past the changed lines; the shift
        for match in _HUNK.finditer(done.stdout):
            first, length, other, other_length = (
                1 if number is None else int(number) for number in match.groups()
            )
            # an insertion names the line before it
            end = first + length + (length == 0)
            other_end = other + other_length + (other_length == 0)
            self._starts.append(first + (length == 0))
            self._runs.append((end, other_end - end))

    def line(self, number: int | None) -> int | None:
        """The line in the other file, None if it is not there."""
        if number is None:
            return None
        at = bisect_right(self._starts, number) - 1
        if at < 0:
            return number
        end, shift = self._runs[at]
        return number + shift if number >= end else None


def _numbered(hunk: Hunk, before: _Moved, after: _Moved) -> Hunk:
    lines = []
    for line in hunk.lines:
        old, new = before.line(line.old), after.line(line.new)
        if line.kind == " " and (old is None or new is None):
            old = new = None
        lines.append(replace(line, old=old, new=new))
    return replace(hunk, lines=tuple(lines))


def _is_whole(diff: FileDiff, pre: Sequence[bytes], post: Sequence[bytes]) -> bool:
    """Whether all that the patch takes out and puts in has its place."""
    from reviewer.utf8 import encode

    def fits(line: DiffLine) -> bool:
        if line.kind not in "+-":
            return True
        number, lines = (line.new, post) if line.kind == "+" else (line.old, pre)
        if number is None or not 1 <= number <= len(lines):
            return False
        return lines[number - 1] == encode(line.text)

    return all(fits(line) for hunk in diff.hunks for line in hunk.lines)
