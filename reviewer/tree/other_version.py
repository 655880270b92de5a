# SPDX-License-Identifier: GPL-2.0-or-later
"""Fits a patch to a file that is another version than the one it was made for.

As ``git am -3`` does where the blob that the patch was made from is at hand, else as
GNU patch does (``near``).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from reviewer.files import private
from reviewer.limits import Limits
from reviewer.models import FileDiff
from reviewer.patch.diff import FilePart
from reviewer.tree.copies import Copies
from reviewer.tree.hunk_places import place
from reviewer.tree.merge import merge_three_ways
from reviewer.tree.near_hunks import Budget, Unplaced, with_hunks_placed
from reviewer.tree.objects import is_blob

FITTABLE = ("modified", "renamed", "copied")
MOST_MERGES = 300  # of one series: each starts git four times


class Fitted(Struct, frozen=True):
    """What a patch makes of a file that it does not apply to.

    ``diff`` is numbered as in the two files, ``how`` is three-way or fuzz, and ``note``
    says it in words.
    """

    diff: FileDiff
    post: bytes
    how: str
    note: str


class Fitter:
    """Fits the files of one series, within bounds.

    Args:
        blob: the content of a blob, by its id or the beginning of it, None for none.
        limits: ``fuzz_lines`` bounds the search for places.
    """

    def __init__(self, blob: Callable[[str], bytes | None], limits: Limits) -> None:
        # what an earlier patch has left otherwise than its author had it, and how
        self.unlike: dict[str, str] = {}
        self._blob = blob
        self._budget = Budget(limits.fuzz_lines)
        self._merges = MOST_MERGES

    def fit(self, part: FilePart, pre: bytes) -> Fitted | str:
        """Returns the file after a part of a diff that git does not apply; or
        why not."""
        diff = part.diff
        base = self._blob(diff.old_blob) if diff.old_blob and self._merges else None
        if base is not None and diff.old_path not in self.unlike:
            self._merges -= 1
            found = _three_way(part, pre, base)
            if found is not None:
                return found
        try:
            near = with_hunks_placed(diff, pre, self._budget)
        except Unplaced as reason:
            return str(reason)
        how = "change by change" if near.fuzz is None else f"with fuzz {near.fuzz}"
        return Fitted(near.diff, near.post, "fuzz", f"fitted in {how}")


def _three_way(part: FilePart, ours: bytes, base: bytes) -> Fitted | None:
    diff = part.diff
    with private.folder("merge") as folder:
        theirs = _after(part, base, folder / "patched")
        if theirs is None:
            return None
        exact = place(diff, {}, base, theirs)
        if exact is None or not is_blob(theirs, diff.new_blob):
            return None
        found = merge_three_ways(folder, ours, base, theirs, exact)
    if found is None:
        return None
    return Fitted(found.diff, found.post, "three-way", "merged as git am -3 merges it")


def _after(part: FilePart, base: bytes, folder: Path) -> bytes | None:
    """The file that the patch makes of the one that it was made from."""
    diff = part.diff
    assert diff.old_path is not None
    assert diff.new_path is not None
    folder.mkdir()
    copies = Copies(folder)
    if copies.put(diff.old_path, base) is not None:
        return None
    if copies.git_apply([part])[0] != 0:
        return None
    return copies.get(diff.new_path)
