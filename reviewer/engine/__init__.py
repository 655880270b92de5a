# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the rules over a series and judges what is new.

A rule that looks at files runs on the post-image and, where it found something, on
the pre-image: a finding that was there before is preexisting, also when the code
was moved, renamed or re-indented.  The tip of the series is looked at again, so
that what 2/7 brings in and 5/7 takes out is a bisection note only.

    patches      a series, patch by patch: the door ``review``
    existing     code as it stands: the door ``scan``
    run          one rule called within its bounds, and what came of it
    images       a file as rules are given it, and the lines that a patch touches
    fragments    the bare hunks of a file that a patch could not be applied to
    old_or_new   what was there before, and what a later patch takes out again
    describe     what follows from a finding's place; how sure it may be
    fixes, trial what a finding proposes is tried before it is told
    missed       what was not looked at, and why
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.engine.patches import review
from reviewer.engine.run import Outcome

if TYPE_CHECKING:
    from reviewer.engine.existing import Scanner, joined, scan

__all__ = ["Outcome", "Scanner", "joined", "review", "scan"]


def __getattr__(name: str) -> object:
    """What only ``scan`` needs is loaded when it is asked for."""
    if name in __all__:
        from reviewer.engine import existing

        return getattr(existing, name)
    raise AttributeError(name)
