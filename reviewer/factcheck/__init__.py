# SPDX-License-Identifier: GPL-2.0-or-later
"""The remarks of robots and people in a thread, checked against tree and series.

``check_remarks`` is the door.  Each remark is anchored to the code it quotes; where
the tree or the series decides something about it, that is a mark, with file and
line.  What they do not decide gets no mark.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reviewer.factcheck.records import Checked, Kind, Mark, Remark

if TYPE_CHECKING:
    from reviewer.models import Series
    from reviewer.tree.apply import Applied

__all__ = ["Checked", "Kind", "Mark", "Remark", "check_remarks"]


def check_remarks(
    series: Series, applied: Applied, *, newer: Sequence[Series] = ()
) -> tuple[Checked, ...]:
    """Returns every remark in the replies to a series, in order, with its marks.

    ``applied`` is the series on its tree, as ``apply_series`` gives it; ``newer`` are
    later postings of the same series, oldest first.  The replies of the sender are no
    remarks.  Nothing fails: what cannot be read or decided gets no mark.
    """
    from reviewer.factcheck.remarks import remarks

    return tuple(Checked(remark) for remark in remarks(series))
