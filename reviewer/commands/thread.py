# SPDX-License-Identifier: GPL-2.0-or-later
"""What a thread has beside a review: the last version's comments, remarks checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from reviewer.mail.people import is_robot

if TYPE_CHECKING:
    from reviewer.factcheck import Checked
    from reviewer.followup.follow import Followed
    from reviewer.limits import Limits
    from reviewer.models import Series
    from reviewer.tree import Tree
    from reviewer.tree.apply import Applied


class Thread(Struct, frozen=True):
    """What was said, and what became of it."""

    old: Series | None  # the version before
    told: tuple[Followed, ...]  # the comments on it, in the new version
    checked: tuple[Checked, ...]  # remarks on both, and what the tree says to them


def read(
    series: Series,
    earlier: Sequence[Series],
    applied: Applied,
    *,
    trees: Sequence[Tree],
    base: str | None,
    limits: Limits,
) -> Thread:
    """Returns what the mails of a series say, checked against the trees.

    ``earlier`` are its postings before, oldest first; ``applied`` is the series on the
    tree that it was judged on.
    """
    from reviewer import factcheck

    checked = factcheck.check_remarks(series, applied) if series.replies else ()
    if not earlier:
        return Thread(None, (), checked)
    from reviewer.followup.follow import follow
    from reviewer.mail.earlier_posting import sent_before

    old = sent_before(earlier[-1], series)
    before = _by_robots(earlier[-1], series, trees, base, limits)
    return Thread(earlier[-1], follow(old, series), (*checked, *before))


def _by_robots(
    old: Series,
    series: Series,
    trees: Sequence[Tree],
    base: str | None,
    limits: Limits,
) -> tuple[Checked, ...]:
    """What robots said of the version before, checked against that and this one."""
    if not any(is_robot(reply.headers.sender) for reply in old.replies):
        return ()
    from reviewer import factcheck
    from reviewer.tree.apply import apply_series

    applied = apply_series(
        old, trees[0] if trees else None, base=base, limits=limits, others=trees[1:]
    )
    every = factcheck.check_remarks(old, applied, newer=(series,))
    return tuple(one for one in every if is_robot(one.remark.author))
