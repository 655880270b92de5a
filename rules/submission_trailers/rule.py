# SPDX-License-Identifier: GPL-2.0-or-later
"""What checkpatch does not see of the trailers: who signed, what Fixes: names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from reviewer.api import Confidence, Finding, Rule, Scope, SeriesView, Severity
from reviewer.kit import submission
from reviewer.mail.people import is_relayed, may_be_same, name_in_a_sentence, person_of
from reviewer.models import Patch

if TYPE_CHECKING:
    from reviewer.rules.submission_trailers import tree_history

RULE = Rule(
    name="submission-trailers",
    summary="the sender did not sign off last, or Fixes: names no ancestor",
    severity=Severity.LOW,
    scope=Scope.SERIES,
    precedent=(
        "<20241018173632.277333-2-hbathini@linux.ibm.com>",
        "<93ca6c988e2d8a294ae0941747a6e654e6e8e8b8.1755170493.git.legion@kernel.org>",
    ),
    needs_tree=False,
)
# Documentation/process/submitting-patches.rst, "Sign your work", and the paragraph on
# Co-developed-by:, which speaks of the last sign-off for such patches only.
CHAIN = ("Any further SoBs", "Signed-off-by: this is a developer's certification")
LAST = "Signed-off-by: must always be that of the developer submitting the patch"
FIXES = ("please use the 'Fixes:' tag with the first 12 characters", "'Fixes:' tag")
FORM = r"[0-9a-f]{12,40} \(\".+\"\)\s*\Z"
NOBODY: dict[str, Any] = {"sender": "", "last": "", "written": "", "others": []}
COMMIT = r"(?:commit\s+)?([0-9a-fA-F]{7,40})\b"


# A line that looks like the tag, and is none: "Fix: commit 0123456789ab ("title")".
# What checkpatch looks at (BAD_FIXES_TAG) begins with "fixes".
LOOKALIKE = (
    r"(?i)\s*((?!fixes\b)[\w-]*(?:fix|fxi)[\w-]*)\s*:\s*(?:commit:?\s+)?"
    r"([0-9a-f]{8,40})\b\s*(?:\(.*|\Z)"
)


def check(view: SeriesView) -> Iterator[Finding]:
    """Yields the chain of sign-offs, once, and what looks like a Fixes: of
    each patch."""
    patches = submission.own_patches(view)
    unsigned = [(patch, kind) for patch in patches if (kind := _chain(patch))]
    for kind in ("sender", "order"):
        of_kind = [patch for patch, found in unsigned if found == kind]
        if of_kind:
            yield _signed_off(view, kind, of_kind)
    for patch in patches:
        yield from _fixes(view, patch)
        yield from _lookalikes(view, patch)


def _chain(patch: Patch) -> str | None:
    """What is wrong with the last sign-off, which has to be the sender's: "sender",
    where it looks as if there were none of the sender's; "order".

    That the author's own is missing is told by checkpatch (NO_AUTHOR_SIGN_OFF).
    """
    sender = patch.headers.sender
    if is_relayed(sender) or not sender.email or not sender.name:
        return None  # an address alone is most often somebody's second mailbox
    signers = [person_of(value) for value in _sign_offs(patch)]
    if not signers or may_be_same(signers[-1], sender):
        return None
    if any(may_be_same(one, sender) for one in signers):
        return "order"
    return None if may_be_same(patch.author, sender) else "sender"


def _sign_offs(patch: Patch) -> list[str]:
    return [t.value for t in patch.trailers if t.name.lower() == "signed-off-by"]


def _signed_off(view: SeriesView, kind: str, patches: list[Patch]) -> Finding:
    """One finding for all patches of a kind, at the first of them.

    Who somebody is cannot be proved: people have more than one mailbox.
    """
    patch = patches[0]
    last = _sign_offs(patch)[-1]
    together = any(t.name.lower() == "co-developed-by" for t in patch.trailers)
    return submission.on_message(
        RULE,
        patch,
        line=submission.line_of(patch.message, last),
        fields={
            "kind": kind,
            "sender": name_in_a_sentence(patch.headers.sender),
            "last": name_in_a_sentence(person_of(last)),
            "commit": "",
            "written": "",
            "others": [other.index for other in patches[1:]],
        },
        evidence=submission.sentence_of_the_tree(
            view, *((LAST,) if together else ()), *CHAIN
        ),
        severity=Severity.INFO if kind == "order" else None,
        confidence=Confidence.QUESTION,
    )


def _fixes(view: SeriesView, patch: Patch) -> Iterator[Finding]:
    trailers = [one for one in patch.trailers if one.name.lower() == "fixes"]
    if not trailers:
        return
    from reviewer.rules.submission_trailers import tree_history

    history = tree_history.history_of(view)
    for trailer in trailers:
        match = re.match(COMMIT, trailer.value)
        kind = None
        if history is not None and match is not None:
            kind = history.what_is_wrong_with(match[1].lower())
        told = tree_history.checkpatch_knows(view)
        if kind is None and not told and match and not re.match(FORM, trailer.value):
            kind = "form"
        if kind is None and history is not None and match is not None:
            kind = _elsewhere(view, patch, history, match[1].lower())
        if kind:
            unsure = kind in ("unknown", "elsewhere")
            yield submission.on_message(
                RULE,
                patch,
                line=submission.line_of(patch.message, trailer.value[:40]),
                fields={"kind": kind, "commit": match[1] if match else "", **NOBODY},
                evidence=submission.sentence_of_the_tree(view, *FIXES),
                severity=Severity.INFO if unsure else None,
                confidence=Confidence.QUESTION if unsure else Confidence.PROVED,
            )


def _elsewhere(
    view: SeriesView, patch: Patch, history: tree_history.History, commit: str
) -> str | None:
    """ "elsewhere" where a commit changed none of the files that the patch mends.

    A bug may well be mended in another file than it came with.
    """
    paths = [
        change.diff.old_path
        for change in view.changes
        if change.patch.index == patch.index and change.diff.old_path
    ]
    known = not paths or history.touched(commit, paths)
    return None if known else "elsewhere"


def _lookalikes(view: SeriesView, patch: Patch) -> Iterator[Finding]:
    """Tags that were meant as Fixes: and that no tool reads."""
    for number, line in enumerate(patch.message.split("\n"), 1):
        match = re.match(LOOKALIKE, line[: submission.LONGEST])
        if match is not None:
            fields = {"kind": "name", "commit": match[2], "written": match[1]}
            yield submission.on_message(
                RULE,
                patch,
                line=number,
                fields=NOBODY | fields,
                evidence=submission.sentence_of_the_tree(view, *FIXES),
            )
