# SPDX-License-Identifier: GPL-2.0-or-later
"""The patches that a series says must be there before it, out of the archive.

``git format-patch --base`` names them by their ``git patch-id --stable``
(Documentation/process/submitting-patches.rst, "Providing base tree information").
They are fetched only where somebody asks for it.
"""

from __future__ import annotations

from reviewer import git
from reviewer.errors import FetchError, InputError
from reviewer.limits import DEFAULT, Limits
from reviewer.mail.fetch import with_patch_id
from reviewer.mail.message import Message
from reviewer.mail.parse import read_patch
from reviewer.models import NotChecked, Patch, Series
from reviewer.utf8 import encode


def prerequisites(
    series: Series, *, limits: Limits = DEFAULT
) -> tuple[tuple[Patch, ...], tuple[NotChecked, ...]]:
    """Returns the prerequisites of a series, in its order, and those that cannot be
    had."""
    found: list[Patch] = []
    missing: list[NotChecked] = []
    for patch_id in series.prerequisites:
        try:
            mails = with_patch_id(patch_id, bounds=limits)
        except FetchError as error:
            missing.append(NotChecked(f"prerequisite {patch_id[:12]}", str(error)))
            continue
        patch = _of_that_id(mails, patch_id, len(found) + 1, limits)
        if patch is None:
            why = "the archive has no patch of that id"
            missing.append(NotChecked(f"prerequisite {patch_id[:12]}", why))
        else:
            found.append(patch)
    return tuple(found), tuple(missing)


def _of_that_id(
    mails: list[bytes], patch_id: str, index: int, limits: Limits
) -> Patch | None:
    """The first patch that has the id: an archive's answer is a stranger's."""
    for raw in mails:
        try:
            patch = read_patch(Message(raw, limits), index=index).patch
        except InputError:
            continue
        done = git.run(["patch-id", "--stable"], cwd=None, stdin=encode(patch.diff))
        if done.stdout.split()[:1] == [patch_id.encode("ascii")]:
            return patch
    return None
