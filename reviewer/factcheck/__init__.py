# SPDX-License-Identifier: GPL-2.0-or-later
"""The remarks of robots and people in a thread, checked against tree and series.

``check_remarks`` is the door.  Each remark is anchored to the code it quotes; where
the tree or the series decides something about it, that is a mark, with file and
line.  What they do not decide gets no mark.
"""

from __future__ import annotations

from collections.abc import Sequence

from reviewer.factcheck.records import Checked, Decision, Mark, Remark
from reviewer.models import Series
from reviewer.tree.apply import Applied

__all__ = ["Checked", "Decision", "Mark", "Remark", "check_remarks"]


def check_remarks(
    series: Series, applied: Applied, *, newer: Sequence[Series] = ()
) -> tuple[Checked, ...]:
    """Returns every remark in the replies to a series, in order, with its marks.

    ``applied`` is the series on its tree, as ``apply_series`` gives it; ``newer`` are
    later postings of the same series, oldest first.  The replies of the sender are no
    remarks.  Nothing fails: what cannot be read or decided gets no mark.
    """
    from reviewer.factcheck.announced_in_patch import told_by_the_patch
    from reviewer.factcheck.bindings import disputed_forms
    from reviewer.factcheck.build_settings import settings_decide
    from reviewer.factcheck.configs import impossible_configuration
    from reviewer.factcheck.earlier_code import old_code
    from reviewer.factcheck.functions import what_functions_do
    from reviewer.factcheck.held_locks import held_by_callers
    from reviewer.factcheck.mended_later import (
        changed_again,
        commits_of,
        gone_later,
        mended_later,
    )
    from reviewer.factcheck.missing_in_function import there_inside
    from reviewer.factcheck.names_in_tree import marks_of_absent, marks_of_present
    from reviewer.factcheck.not_new import not_new
    from reviewer.factcheck.proved_unchanged import Proofs
    from reviewer.factcheck.quoted_lines import not_in_the_patch
    from reviewer.factcheck.remarks import remarks, replies
    from reviewer.factcheck.tree_and_series import Ground
    from reviewer.mail.earlier_posting import answered_patch

    ground = Ground(series, applied, newer)
    proofs = Proofs(ground)
    answered = ((one.body, answered_patch(one, series)) for one in replies(series))
    commits = commits_of((body, patch) for body, patch in answered if patch)
    found = []
    for remark in remarks(series):
        marks = (
            old_code(remark, ground) or not_new(remark, ground),
            mended_later(remark, ground, commits) or changed_again(remark, ground),
            gone_later(remark, ground),
            not_in_the_patch(remark, ground),
            *marks_of_present(remark, ground),
            *marks_of_absent(remark, ground),
            *impossible_configuration(remark, ground),
            *what_functions_do(remark, ground),
            *there_inside(remark, ground),
            *disputed_forms(remark, ground),
            *settings_decide(remark, ground),
            *held_by_callers(remark, ground),
            told_by_the_patch(remark),
            proofs.same(remark),
        )
        found.append(Checked(remark, tuple(mark for mark in marks if mark)))
    return tuple(found)
