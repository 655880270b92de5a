# SPDX-License-Identifier: GPL-2.0-or-later
"""What a patch does to files."""

from __future__ import annotations

from functools import cached_property

from msgspec import Struct

from reviewer.models.mail import Patch


class DiffLine(Struct, frozen=True):
    """A line of a hunk."""

    kind: str  # " ", "+", "-"; "\\" for "No newline at end of file"
    text: str  # without the marker and the newline
    old: int | None  # its line in the pre-image
    new: int | None  # its line in the post-image
    at: int  # its line in Patch.diff, from 0


class Hunk(Struct, frozen=True):
    """A hunk, line numbers as the patch states them."""

    old_start: int
    old_length: int
    new_start: int
    new_length: int
    section: str  # what git writes after the second @@
    lines: tuple[DiffLine, ...]
    at: int  # the line of its @@ in Patch.diff, from 0


class FileDiff(Struct, frozen=True, dict=True):
    """What a patch does to one file."""

    old_path: str | None  # None: the file is new
    new_path: str | None  # None: the file is deleted
    status: str  # added, deleted, modified, renamed, copied, mode
    header: tuple[str, ...]  # the lines from "diff --git" to "+++", verbatim
    hunks: tuple[Hunk, ...]
    at: int  # the first line of the header in Patch.diff, from 0
    old_blob: str | None = None  # from the index line, may be abbreviated
    new_blob: str | None = None
    old_mode: str | None = None
    new_mode: str | None = None
    binary: bool = False

    @property
    def path(self) -> str:
        """The post-image path, or the pre-image's for a deleted file."""
        path = self.new_path or self.old_path
        assert path is not None
        return path

    @cached_property
    def plain(self) -> tuple[tuple[str, ...], ...]:
        """The lines of each hunk with their sign, white space as one blank."""
        return tuple(
            tuple(" ".join((line.kind + line.text).split()) for line in hunk.lines)
            for hunk in self.hunks
        )

    @cached_property
    def squeezed(self) -> tuple[tuple[str, ...], ...]:
        """The lines of each hunk with no white space between the sign and the text."""
        return tuple(
            tuple(line.kind + " ".join(line.text.split()) for line in hunk.lines)
            for hunk in self.hunks
        )


class Change(Struct, frozen=True):
    """One file before and after one patch.

    ``pre`` and ``post`` are whole files, each patch on top of those before it;
    None where the file is not there on that side, or where ``applied`` is false.
    In ``diff`` the hunks keep the numbers that the patch states; their lines carry
    those of ``pre`` and ``post``, also where the patch applied at an offset.  A line of
    context that a nearly applied file has otherwise carries none.
    """

    patch: Patch
    diff: FileDiff
    pre: bytes | None
    post: bytes | None
    applied: bool
    why: str | None = None  # why it did not apply as it is, one line
    added: frozenset[int] = frozenset()  # lines of post that the patch adds
    removed: frozenset[int] = frozenset()  # lines of pre that it removes
    # exact; three-way or fuzz: the tree's file is another version, and the patch was
    # fitted to it; where ``applied`` is false there are only the hunks
    how: str = "exact"
    left_out: bool = False  # a binary file, a link: not applied, and none misses it

    @property
    def is_exact(self) -> bool:
        """Whether the file is what the author had before and after the patch."""
        return self.applied and self.how == "exact"

    @property
    def path(self) -> str:
        """Where the file is in the post-image (pre-image if deleted)."""
        return self.diff.path


def is_missed(change: Change) -> bool:
    """Says whether a change could have been applied and was not, not even nearly."""
    return not change.applied and not change.left_out
