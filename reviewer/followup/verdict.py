# SPDX-License-Identifier: GPL-2.0-or-later
"""What can become of the lines of a comment in the next version."""

from __future__ import annotations

from enum import StrEnum


class Fate(StrEnum):
    """What can be said for certain about the commented lines."""

    CHANGED = "changed"  # the lines themselves are others now, or gone
    NEARBY = "nearby"  # they stand as they were, other lines of the hunk changed
    ELSEWHERE = "elsewhere"  # the hunk stands as it was, something else changed
    DROPPED = "dropped"  # the next version does not touch the file any more
    UNTOUCHED = "untouched"  # the whole patch, its message included, is the same
    UNREAD = "unread"  # its place is too far down in the diff to be compared
    UNSEEN = "unseen"  # patches of the next version are not at hand, it may be in one
