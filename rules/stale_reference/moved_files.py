# SPDX-License-Identifier: GPL-2.0-or-later
"""Which files a series brings and takes away, and by which patch."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from reviewer.api import SeriesView


class MovedFiles(Struct, frozen=True):
    """Paths, each with the patch that brought it or took it away."""

    gone: Mapping[str, int]
    come: Mapping[str, int]


class Reference(Struct, frozen=True):
    """A place that names a file which is not there, or a file that no place names."""

    kind: str  # gone, no-match, object, not-built, not-sourced, document
    file: str
    line: int
    code: str
    patch: int
    path: str  # the file that came or went; "" where there is none
    named: str = ""  # as it stands there


def moved_files(view: SeriesView) -> MovedFiles:
    """Returns what is in one of the two states only, before and after the series."""
    assert view.before is not None
    assert view.after is not None
    gone: dict[str, int] = {}
    come: dict[str, int] = {}
    for change in view.changes:
        old, new = change.diff.old_path, change.diff.new_path
        if change.left_out or not change.applied or old == new:
            continue
        if old is not None and change.diff.status != "copied":
            gone[old] = change.patch.index
        if new is not None:
            come[new] = change.patch.index
    was, now = view.before.view, view.after.view
    return MovedFiles(
        {p: n for p, n in gone.items() if was.exists(p) and not now.exists(p)},
        {p: n for p, n in come.items() if now.exists(p) and not was.exists(p)},
    )
