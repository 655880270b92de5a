# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the hunks of a patch go that git does not apply: as GNU patch does, with care.

A hunk may lose up to two lines of context at each end (fuzz 1 and 2) and may stand
elsewhere than it says.  Where lines between its changes differ too, each change is
looked for by itself, with three lines around it.  Nothing goes to a place that is not
the only good one: two that fit alike are none.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from reviewer.models import DiffLine, FileDiff, Hunk
from reviewer.patterns import regex
from reviewer.tree.hunk_places import places_of, split_lines
from reviewer.utf8 import encode

FUZZ = 2  # lines of context that may differ at each end, as for GNU patch
CONTEXT = 3  # lines around a change that is looked for by itself
MOST_PLACES = 100  # of one change: more of them tell nothing
APART = 100  # lines by which the changes of one hunk may have moved from each other
CLEAR = 2  # lines of context more than elsewhere that make a place the better one
_MEANING = regex(rb"\w\W*\w\W*\w")  # a brace or an empty line places nothing


class Placed(Struct, frozen=True):
    """A file as a patch that nearly applies leaves it.

    ``diff`` has its lines numbered as in the two files; a line of context that the
    tree has otherwise carries no number.  ``fuzz`` is the largest that was needed, or
    None where changes of a hunk had to be looked for one by one.
    """

    diff: FileDiff
    post: bytes
    fuzz: int | None


class Unplaced(Exception):
    """Why a hunk can go nowhere, as one line; "" where it just fits nowhere."""


class _Piece(Struct, frozen=True):
    """Lines of the old side that are replaced together, and those around them."""

    hunk: int  # from 0
    lines: tuple[bytes, ...]  # of the old side, context included
    before: int  # how many of them are context above
    after: int  # and below
    first: int  # where they begin in the hunk's old side, from 0
    stated: int  # where the hunk says that they begin, from 0

    @property
    def length(self) -> int:
        """The lines of the file that are replaced, or kept between changes."""
        return len(self.lines) - self.before - self.after


class _Spot(Struct, frozen=True):
    """A place that fits a piece."""

    at: int  # the line, from 0, of the piece's first line (it may be one that differs)
    score: int  # how many lines of context agree
    fuzz: int


class Budget:
    """How many lines may be compared for one series: hostile mail has many alike."""

    def __init__(self, lines: int) -> None:
        self._left = lines

    def spend(self, lines: int) -> None:
        """Takes lines from what may be looked at.

        Raises Unplaced when it is used up.
        """
        self._left -= lines
        if self._left < 0:
            raise Unplaced("too many lines are alike to look for its place")


def with_hunks_placed(diff: FileDiff, pre: bytes, budget: Budget) -> Placed:
    """Returns the file after a patch whose context differs a little from it.

    Args:
        diff: hunks that git does not apply to the file.
        pre: the file.
        budget: what may still be compared; it is spent here.

    Raises Unplaced, with the reason, where a hunk has no place or more than one.
    """
    if any(line.kind == "\\" for hunk in diff.hunks for line in hunk.lines):
        raise Unplaced("it changes the end of the file")
    file = split_lines(pre)
    budget.spend(len(file) // 4)
    where = places_of(
        (encode(line.text) for hunk in diff.hunks for line in hunk.lines), file
    )
    pieces: list[_Piece] = []
    spots: list[list[_Spot]] = []
    split = False
    for number, hunk in enumerate(diff.hunks):
        whole = _whole(number, hunk)
        found = _spots(whole, file, where, budget)
        if found:
            pieces.append(whole)
            spots.append(found)
            continue
        parts = _parts(number, hunk)
        of_parts = [_spots(part, file, where, budget) for part in parts]
        if not all(of_parts):
            raise Unplaced("")  # what git says of it is more than this
        split = True
        pieces += parts
        spots += of_parts
    chosen = _chosen(diff, pieces, spots)
    _check_distances(diff, pieces, chosen)
    fuzz = None if split else max(spot.fuzz for spot in chosen)
    return _result(diff, pre, file, pieces, chosen, fuzz)


def _name(diff: FileDiff, number: int) -> str:
    return f"hunk {number + 1} of {len(diff.hunks)}"


# --- pieces -----------------------------------------------------------------------


def _whole(number: int, hunk: Hunk) -> _Piece:
    old = [line for line in hunk.lines if line.kind in " -"]
    before = _leading(hunk.lines)
    after = 0 if before == len(hunk.lines) else _leading(hunk.lines[::-1])
    lines = tuple(encode(line.text) for line in old)
    return _Piece(number, lines, before, after, 0, max(0, hunk.old_start - 1))


def _leading(lines: Sequence[DiffLine]) -> int:
    """How many lines of context stand in front."""
    for number, line in enumerate(lines):
        if line.kind != " ":
            return number
    return len(lines)


def _parts(number: int, hunk: Hunk) -> list[_Piece]:
    """The hunk's changes one by one, each with the old lines around it."""
    old = tuple(encode(line.text) for line in hunk.lines if line.kind in " -")
    runs: list[tuple[int, int]] = []  # of the old side, first and one past the last
    at = 0
    open_run = False
    for line in hunk.lines:
        if line.kind == " ":
            open_run = False
            at += 1
            continue
        if not open_run:
            runs.append((at, at))
            open_run = True
        at += line.kind == "-"
        runs[-1] = (runs[-1][0], at)
    parts = []
    for start, end in runs:
        first, last = max(0, start - CONTEXT), min(len(old), end + CONTEXT)
        stated = max(0, hunk.old_start - 1 + first)
        around = (start - first, last - end)
        parts.append(_Piece(number, old[first:last], *around, first, stated))
    return parts


# --- places -----------------------------------------------------------------------


def _spots(
    piece: _Piece, file: list[bytes], where: dict[bytes, list[int]], budget: Budget
) -> list[_Spot]:
    """All places that fit with fuzz 2 or less; none where there are too many."""
    top, core = _core(piece)
    if not core:
        return []
    rarest = min(range(len(core)), key=lambda n: len(where.get(core[n], ())))
    places = where.get(core[rarest], [])
    if len(places) > MOST_PLACES:
        return []
    found = []
    for place in places:
        at = place - rarest - top
        budget.spend(1)
        if at + top < 0 or at + top + len(core) > len(file):
            continue
        if _agrees(core, file, at + top, budget):
            found.append(_spot(piece, file, at, budget))
    return found


def _core(piece: _Piece) -> tuple[int, Sequence[bytes]]:
    """What must be found of a piece, and which line of it that begins with.

    As little as fuzz 2 asks for, and enough to tell one place from another: two lines,
    and a word in them.
    """
    for fuzz in range(FUZZ, -1, -1):
        top, bottom = _trimmed(piece, fuzz)
        core = piece.lines[top : len(piece.lines) - bottom]
        if len(core) > 1 and any(_MEANING.search(line) for line in core):
            return top, core
    return 0, ()


def _trimmed(piece: _Piece, fuzz: int) -> tuple[int, int]:
    """How many lines of context GNU patch passes over at each end."""
    context = max(piece.before, piece.after)
    top = max(0, min(piece.before, fuzz + piece.before - context))
    bottom = max(0, min(piece.after, fuzz + piece.after - context))
    return top, bottom


def _agrees(core: Sequence[bytes], file: list[bytes], at: int, budget: Budget) -> bool:
    for number, line in enumerate(core):
        if file[at + number] != line:
            budget.spend(number)
            return False
    budget.spend(len(core))
    return True


def _spot(piece: _Piece, file: list[bytes], at: int, budget: Budget) -> _Spot:
    budget.spend(2 * (piece.before + piece.after))
    same = [
        0 <= at + number < len(file) and file[at + number] == line
        for number, line in enumerate(piece.lines)
    ]
    above = same[: piece.before]
    below = same[len(same) - piece.after :] if piece.after else []
    for fuzz in range(FUZZ + 1):
        top, bottom = _trimmed(piece, fuzz)
        if all(above[top:]) and all(below[: len(below) - bottom]):
            return _Spot(at, sum(above) + sum(below), fuzz)
    return _Spot(at, sum(above) + sum(below), FUZZ)


# --- choosing ---------------------------------------------------------------------


def _chosen(
    diff: FileDiff, pieces: list[_Piece], spots: list[list[_Spot]]
) -> list[_Spot]:
    """One place a piece, in order, each the only one that is clearly the best."""
    left = _in_order(diff, pieces, spots)
    sure = {n: found[0] for n, found in enumerate(left) if len(found) == 1}
    chosen = []
    for number, (piece, found) in enumerate(zip(pieces, left, strict=True)):
        if number not in sure:
            best = _best(found, _expected(piece, pieces, sure))
            if best is None:
                lines = " and ".join(str(s.at + piece.before + 1) for s in found[:3])
                name = _name(diff, piece.hunk)
                raise Unplaced(f"{name} fits more than one place: lines {lines}")
            found = [best]
        chosen.append(found[0])
    again = _in_order(diff, pieces, [[spot] for spot in chosen])
    return [found[0] for found in again]


def _in_order(
    diff: FileDiff, pieces: list[_Piece], spots: list[list[_Spot]]
) -> list[list[_Spot]]:
    """Without the places that stand above those of an earlier piece, or below a later
    one's."""
    left = []
    lowest = 0
    for piece, found in zip(pieces, spots, strict=True):
        kept = [spot for spot in found if spot.at + piece.before >= lowest]
        if not kept:
            raise Unplaced(f"{_name(diff, piece.hunk)} fits only out of order")
        lowest = min(spot.at for spot in kept) + piece.before + piece.length
        left.append(kept)
    highest: int | None = None
    for number in reversed(range(len(pieces))):
        piece = pieces[number]
        end = piece.before + piece.length
        kept = [s for s in left[number] if highest is None or s.at + end <= highest]
        if not kept:
            raise Unplaced(f"{_name(diff, piece.hunk)} fits only out of order")
        highest = max(spot.at for spot in kept) + piece.before
        left[number] = kept
    return left


def _expected(piece: _Piece, pieces: list[_Piece], sure: dict[int, _Spot]) -> int:
    """Where a piece should be, going by the nearest one whose place is sure."""
    if not sure:
        return piece.stated
    near = min(sure, key=lambda n: abs(pieces[n].stated - piece.stated))
    return piece.stated + sure[near].at - pieces[near].stated


def _best(found: list[_Spot], expected: int) -> _Spot | None:
    """The place that is clearly better than every other one, None for none.

    One that stands exactly where it is expected and fits whole is taken, as git does.
    """
    exact = [spot for spot in found if spot.at == expected and spot.fuzz == 0]
    if exact:
        return exact[0]
    first, *others = sorted(found, key=lambda spot: -spot.score)
    for other in others:
        if first.score < other.score + CLEAR and (
            first.score == other.score
            or abs(first.at - expected) >= abs(other.at - expected)
        ):
            return None
    return first


def _check_distances(diff: FileDiff, pieces: list[_Piece], chosen: list[_Spot]) -> None:
    """The changes of one hunk stand near each other in the tree as well."""
    for number in range(1, len(pieces)):
        one, two = pieces[number - 1], pieces[number]
        if one.hunk != two.hunk:
            continue
        moved = chosen[number].at - chosen[number - 1].at - (two.stated - one.stated)
        if abs(moved) > APART:
            raise Unplaced(f"{_name(diff, one.hunk)} fits only far apart")


# --- the result -------------------------------------------------------------------


def _result(
    diff: FileDiff,
    pre: bytes,
    file: list[bytes],
    pieces: list[_Piece],
    chosen: list[_Spot],
    fuzz: int | None,
) -> Placed:
    post: list[bytes] = []
    hunks = []
    done = 0  # lines of the file that are in post, or taken out
    queue = list(zip(pieces, chosen, strict=True))
    for number, hunk in enumerate(diff.hunks):
        lines: list[DiffLine] = []
        old = -1
        of_hunk = [pair for pair in queue if pair[0].hunk == number]
        queue = queue[len(of_hunk) :]
        for line in hunk.lines:
            old += line.kind in " -"
            at = _line_of(of_hunk, old + (line.kind == "+"))
            if line.kind == "+":
                post += file[done:at]
                done = max(done, at)
                post.append(encode(line.text))
                lines.append(replace(line, old=None, new=len(post)))
            elif line.kind == "-":
                post += file[done:at]
                done = at + 1
                lines.append(replace(line, old=at + 1, new=None))
            elif 0 <= at < len(file) and at >= done and file[at] == encode(line.text):
                new = len(post) + at - done + 1
                lines.append(replace(line, old=at + 1, new=new))
            else:
                lines.append(replace(line, old=None, new=None))
        hunks.append(replace(hunk, lines=tuple(lines)))
    post += file[done:]
    text = b"\n".join(post)
    if post and (pre.endswith(b"\n") or not pre):
        text += b"\n"
    return Placed(replace(diff, hunks=tuple(hunks)), text, fuzz)


def _line_of(of_hunk: list[tuple[_Piece, _Spot]], old: int) -> int:
    """The line of the file, from 0, of a line of a hunk's old side.

    A line between two pieces is counted from the one whose context it is.
    """
    best = of_hunk[0]
    for piece, spot in of_hunk:
        core = piece.first + piece.before
        is_next = core - old <= CONTEXT and old >= _end(best[0]) + CONTEXT
        if core <= old or is_next:
            best = (piece, spot)
    piece, spot = best
    return spot.at + old - piece.first


def _end(piece: _Piece) -> int:
    return piece.first + piece.before + piece.length
