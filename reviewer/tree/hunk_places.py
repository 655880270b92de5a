# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the hunks of a patch went, and why one could not go anywhere.

The numbers in a hunk header are what the sender's tree had.  git says at which line
a hunk was applied; everything that speaks of a line of a file uses that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from reviewer.models import DiffLine, FileDiff, Hunk
from reviewer.utf8 import decode, encode

_MOST_PLACES = 200  # of one line that are considered when a hunk does not fit
_MOST_HUNKS = 5  # that are told about one by one
_OF_NONE = 2  # the same where not one of many fits: it is another file by now
HAS_IT = "the file has it already"
_MOST_SHOWN = 60  # characters of a line in a message


def split_lines(data: bytes | None) -> list[bytes]:
    """Returns the lines of a file without their newlines."""
    if not data:
        return []
    lines = data.split(b"\n")
    if not lines[-1]:
        lines.pop()
    return lines


def place(
    diff: FileDiff, went: Mapping[int, int], pre: bytes | None, post: bytes | None
) -> FileDiff | None:
    """Returns the diff with its lines numbered as in ``pre`` and ``post``.

    Args:
        diff: what was applied.
        went: for a hunk (from 0) that git applied at an offset, the line (from 1) it
            said, in the state that the hunks before it had left.
        pre: the file before, None if it was not there.
        post: the file after.

    Returns None if the numbers do not fit the files, which means that git placed
    the hunks otherwise than it said.
    """
    placed: list[tuple[int, int]] = []  # new start from 0, growth; per hunk so far
    for number, hunk in enumerate(diff.hunks):
        start = went.get(number, hunk.new_start) - 1
        growth = sum((line.kind == "+") - (line.kind == "-") for line in hunk.lines)
        placed = [(at + growth if at > start else at, g) for at, g in placed]
        placed.append((max(start, 0), growth))
    hunks = []
    for (start, _), hunk in zip(placed, diff.hunks, strict=True):
        before = start - sum(growth for at, growth in placed if at < start)
        hunks.append(_renumbered(hunk, before, start))
    found = replace(diff, hunks=tuple(hunks))
    return found if _fits(found, split_lines(pre), split_lines(post)) else None


def _renumbered(hunk: Hunk, old: int, new: int) -> Hunk:
    lines = []
    for line in hunk.lines:
        in_old, in_new = line.kind in " -", line.kind in " +"
        old += in_old
        new += in_new
        lines.append(
            DiffLine(
                line.kind,
                line.text,
                old if in_old else None,
                new if in_new else None,
                line.at,
            )
        )
    return replace(hunk, lines=tuple(lines))


def _fits(diff: FileDiff, pre: list[bytes], post: list[bytes]) -> bool:
    for hunk in diff.hunks:
        for line in hunk.lines:
            text = encode(line.text)
            if line.old is not None and not _has(pre, line.old, text):
                return False
            if line.new is not None and not _has(post, line.new, text):
                return False
    return True


def _has(lines: list[bytes], number: int, text: bytes) -> bool:
    return 1 <= number <= len(lines) and lines[number - 1] == text


def changed_lines(diff: FileDiff) -> tuple[frozenset[int], frozenset[int]]:
    """Returns the lines of the post-image that are added, those of the pre-image
    removed."""
    lines = [line for hunk in diff.hunks for line in hunk.lines]
    added = frozenset(x.new for x in lines if x.kind == "+" and x.new is not None)
    removed = frozenset(x.old for x in lines if x.kind == "-" and x.old is not None)
    return added, removed


def added_text(diff: FileDiff) -> list[bytes]:
    """Returns the lines that a patch adds to a file, in order, without newlines."""
    lines = (line for hunk in diff.hunks for line in hunk.lines)
    return [encode(line.text) for line in lines if line.kind == "+"]


# --- why a hunk does not apply --------------------------------------------------


def explain(diff: FileDiff, stated: int, pre: bytes) -> str:
    """Returns one line that says which hunks do not fit their file, where and why.

    Args:
        diff: the change that git refused.
        stated: the old start of the hunk at which git gave up.
        pre: the file as it is.
    """
    lines = split_lines(pre)
    where = places_of((encode(x.text) for h in diff.hunks for x in h.lines), lines)
    failing = [
        n
        for n, hunk in enumerate(diff.hunks)
        if hunk.old_start == stated or not _is_there(hunk, lines, where)
    ]
    if not any(diff.hunks[n].old_start == stated for n in failing):
        return f"does not apply at line {stated}"
    if all(_is_there(hunk, lines, where, " +") for hunk in diff.hunks):
        return HAS_IT
    none_fits = len(failing) == len(diff.hunks) > _OF_NONE + 1
    most = _OF_NONE if none_fits else _MOST_HUNKS
    told_of = [diff.hunks[n] for n in failing[:most]]
    whys = [_first_difference(hunk, lines, where) for hunk in told_of]
    if len(failing) == 1:
        number = failing[0] + 1
        return f"hunk {number} of {len(diff.hunks)} does not apply: {whys[0]}"
    told = [f"hunk {n + 1}: {why}" for n, why in zip(failing, whys, strict=False)]
    more = len(failing) - len(told)
    rest = [f"and {more} more"] if more else []
    count = f"{len(failing)} of {len(diff.hunks)} hunks do not apply"
    return f"{count}: {'; '.join([*told, *rest])}"


def places_of(wanted: Iterable[bytes], lines: list[bytes]) -> dict[bytes, list[int]]:
    """Says where each of the wanted lines stands in a file, from 0."""
    found: dict[bytes, list[int]] = {text: [] for text in wanted}
    for at, line in enumerate(lines):
        if line in found:
            found[line].append(at)
    return found


def _is_there(
    hunk: Hunk,
    lines: list[bytes],
    where: Mapping[bytes, list[int]],
    side: str = " -",
) -> bool:
    """Whether the lines that a hunk wants, or leaves, stand anywhere in the file.

    Of lines that stand there very often only the first places are looked at.
    """
    old = [encode(line.text) for line in hunk.lines if line.kind in side]
    if not old:
        return True
    rarest = min(range(len(old)), key=lambda n: len(where[old[n]]))
    return any(
        at >= rarest and lines[at - rarest : at - rarest + len(old)] == old
        for at in where[old[rarest]][:_MOST_PLACES]
    )


def _first_difference(
    hunk: Hunk, lines: list[bytes], where: Mapping[bytes, list[int]]
) -> str:
    old = [encode(line.text) for line in hunk.lines if line.kind in " -"]
    start = _best_start(old, where, hunk.old_start - 1)
    if start is None:
        damage = _damage(old, lines)
        return damage or f"no line of it is near line {hunk.old_start}"
    for index, text in enumerate(old):
        at = start + index
        if at < 0:
            return f"nothing stands before line 1, the patch expects {_quoted(text)}"
        if at >= len(lines):
            return f"the file has {len(lines)} lines, the hunk goes on to {at + 1}"
        if lines[at] != text:
            if lines[at].split() == text.split():
                how = _white_space(text, lines[at])
                return f"line {at + 1} differs in white space: {_quoted(text)}{how}"
            there = f"line {at + 1} is {_quoted(lines[at])}"
            return f"{there}, the patch expects {_quoted(text)}"
    return f"its lines are at line {start + 1}, where git does not take them"


def _damage(old: list[bytes], lines: list[bytes]) -> str | None:
    """What happened to the white space, where no line of a hunk is as it was."""
    known = {b"".join(line.split()): line for line in lines}
    for text in old:
        line = known.get(b"".join(text.split()))
        if text.strip() and line is not None:
            how = _white_space(text, line)
            return f"all its lines differ in white space: {_quoted(text)}{how}"
    return None


def _white_space(text: bytes, line: bytes) -> str:
    """In which way a line of the patch differs from the file's."""
    if text.endswith(b"\r") != line.endswith(b"\r"):
        who = "the patch" if text.endswith(b"\r") else "the file"
        return f" ({who} has CRLF line ends)"
    if b"\t" in line and b"\t" not in text:
        return " (tabs of the file are spaces in the mail, which has damaged it)"
    if text == line.rstrip():
        return " (the mail has lost blanks at the end of the line)"
    return ""


def _best_start(
    old: list[bytes], where: Mapping[bytes, list[int]], stated: int
) -> int | None:
    """Where most lines of the hunk are found, from 0; the nearest of equals."""
    votes: Counter[int] = Counter()
    for index, text in enumerate(old):
        weight = 4 if len(text.strip()) > 3 else 1
        for at in where[text][:_MOST_PLACES]:
            votes[at - index] += weight
    if not votes:
        return None
    return max(votes, key=lambda start: (votes[start], -abs(start - stated)))


def _quoted(line: bytes) -> str:
    text = " ".join(decode(line).split())
    return f'"{text[:_MOST_SHOWN]}..."' if len(text) > _MOST_SHOWN else f'"{text}"'
