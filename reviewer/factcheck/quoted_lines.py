# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether the lines that a remark quotes as the patch's are in the patch."""

from __future__ import annotations

from functools import lru_cache

from reviewer.factcheck.records import Decision, Mark, Remark
from reviewer.factcheck.tree_and_series import Ground
from reviewer.models import Patch

NEAR = 3  # signed lines right above the remark
LEAST = 16  # letters and digits of a line that stands in few places


def not_in_the_patch(remark: Remark, ground: Ground) -> Mark | None:
    """Returns the mark that quoted "+" or "-" lines are not in the patch.

    None where one of them is, with a mailer's white space and line ends aside, or
    where they say too little.
    """
    patch = remark.patch
    if patch is None or remark.anchor is not None or not ground.files(patch):
        return None
    signed = [one for one in remark.quoted if one[:1] in ("+", "-") and one[:1]]
    signed = [one for one in signed if one[:4] not in ("+++ ", "--- ")][-NEAR:]
    texts = ["".join(one[1:].split()) for one in signed]
    told = [text for text in texts if sum(map(str.isalnum, text)) >= LEAST]
    if not told or len(told) < len(texts):
        return None
    if any(text in _squeezed(patch) for text in told):
        return None
    statement = signed[-1].strip()
    others = [one for one in ground.series.patches if told[-1] in _squeezed(one)]
    total = ground.series.expected
    if others:
        fact = (
            f"the quoted line is not in this patch; it is in {others[0].index}/{total}"
        )
    else:
        fact = "the quoted line is in no patch of the series"
    return Mark(Decision.NOT_IN_PATCH, statement, fact, refutes=not others)


def _squeezed(patch: Patch) -> str:
    """The diff without white space and signs, so that a wrapped line is found."""
    return _without_space(patch.diff)


@lru_cache(maxsize=1024)  # each remark asks each patch
def _without_space(diff: str) -> str:
    return "".join("".join(line[1:].split()) for line in diff.split("\n"))
