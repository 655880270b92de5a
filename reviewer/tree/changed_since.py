# SPDX-License-Identifier: GPL-2.0-or-later
"""Which files are not what they were at an older commit."""

from __future__ import annotations

from collections.abc import Sequence

from reviewer.tree.objects import is_blob
from reviewer.tree.views import FolderView, GitView


def changed(paths: Sequence[str], old: GitView, new: FolderView | GitView) -> list[str]:
    """Returns those of the paths that ``old`` has not, or has with another content.

    Files on disk are read, and not asked of git's index, which may be out of date.
    """
    before = old.blobs()
    if isinstance(new, GitView):
        now = new.blobs()
        return [path for path in paths if now.get(path) != before.get(path)]
    return [path for path in paths if not is_blob(new.read(path), before.get(path))]
