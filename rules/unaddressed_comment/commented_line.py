# SPDX-License-Identifier: GPL-2.0-or-later
"""The line of a comment in the new version of the patch."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from reviewer.followup.comments import Anchor, files_of
from reviewer.models import FileDiff, Patch, Series


class StillThere(Struct, frozen=True):
    """Where the commented line stands now."""

    patch: Patch
    path: str
    line: int  # of the file after the patch
    text: str


def still_there(anchor: Anchor, new: Series) -> StillThere | None:
    """Returns the place of the line that a comment is about, in the new version.

    None where it is not there, or more than once: then nobody knows which one it is.
    """
    wanted = [" ".join(line.split()) for line in anchor.lines[-2:]]
    files = [
        (patch, file)
        for patch in new.patches
        for file in files_of(patch)
        if file.path == anchor.file
    ]
    for lines in (wanted, wanted[-1:]):
        found = [
            StillThere(patch, file.path, *place)
            for patch, file in files
            for place in _places(file, lines)
        ]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _places(file: FileDiff, wanted: list[str]) -> Iterator[tuple[int, str]]:
    """The lines that end those wanted, which are one or two in a row."""
    for hunk, plain in zip(file.hunks, file.plain, strict=True):
        for at, line in enumerate(hunk.lines):
            here = plain[max(0, at + 1 - len(wanted)) : at + 1]
            if line.kind == "+" and line.new is not None and [*here] == wanted:
                yield line.new, line.text
