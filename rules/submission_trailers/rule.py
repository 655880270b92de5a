"""What checkpatch does not see of the trailers: who signed last, what Fixes: names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.api import Confidence, Finding, Rule, Scope, SeriesView, Severity
from reviewer.kit import submission
from reviewer.kit.submission_people import is_relayed, person_of, same, shown
from reviewer.models import Patch
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
LAST = (
    "Signed-off-by: must always be that of the developer submitting the patch",
    "Any further SoBs",
)
FIXES = ("please use the 'Fixes:' tag with the first 12 characters", "'Fixes:' tag")
FORM = r"[0-9a-f]{12,40} \(\".+\"\)\s*\Z"
COMMIT = r"(?:commit\s+)?([0-9a-fA-F]{7,40})\b"


def check(view: SeriesView) -> Iterator[Finding]:
    """The chain of sign-offs, and every Fixes: trailer, of each patch."""
    for patch in submission.own_patches(view):
        yield from _signed_off(view, patch)
        yield from _fixes(view, patch)


def _signed_off(view: SeriesView, patch: Patch) -> Iterator[Finding]:
    """The last sign-off has to be the sender's.

    That the author's own is missing is told by checkpatch (NO_AUTHOR_SIGN_OFF).
    """
    sender = patch.headers.sender
    if is_relayed(sender) or not sender.email:
        return
    signers = [
        person_of(trailer.value)
        for trailer in patch.trailers
        if trailer.name.lower() == "signed-off-by"
    ]
    if not signers or same(signers[-1], sender):
        return
    has_signed = any(same(one, sender) for one in signers)
    if not has_signed and same(patch.author, sender):
        return
    last = [t.value for t in patch.trailers if t.name.lower() == "signed-off-by"][-1]
    yield submission.on_message(
        RULE,
        patch,
        line=submission.line_of(patch.message, last),
        fields={
            "kind": "order" if has_signed else "sender",
            "sender": shown(sender),
            "last": shown(signers[-1]),
            "commit": "",
        },
        evidence=submission.cited(view, *LAST),
    )


def _fixes(view: SeriesView, patch: Patch) -> Iterator[Finding]:
    trailers = [one for one in patch.trailers if one.name.lower() == "fixes"]
    history = tree_history.of(view) if trailers else None
    for trailer in trailers:
        match = re.match(COMMIT, trailer.value)
        kind = None
        if history is not None and match is not None:
            kind = history.what_is_wrong_with(match[1].lower())
        told = tree_history.checkpatch_knows(view, b"BAD_FIXES_TAG")
        if kind is None and not told and match and not re.match(FORM, trailer.value):
            kind = "form"
        if kind:
            unsure = kind == "unknown"
            yield submission.on_message(
                RULE,
                patch,
                line=submission.line_of(patch.message, trailer.value[:40]),
                fields={"kind": kind, "commit": match[1] if match else ""}
                | {"sender": "", "last": ""},
                evidence=submission.cited(view, *FIXES),
                severity=Severity.INFO if unsure else None,
                confidence=Confidence.QUESTION if unsure else Confidence.PROVED,
            )
