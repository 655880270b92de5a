# SPDX-License-Identifier: GPL-2.0-or-later
"""Judging the mail of a new version: prefix, changelog, authorship, sign-offs.

Documentation/process/submitting-patches.rst: "The canonical patch format",
"Sign your work", "When to use Acked-by:, Cc:, and Co-developed-by:".
"""

from __future__ import annotations

import re

from reviewer.errors import InputError
from reviewer.learn.judgement import Judgement, judged_right, judged_wrong
from reviewer.models import Patch, Series
from reviewer.patterns import regex
from reviewer.utf8 import encode

SENDER = "nadia@example.org"
HELPER = "mina@example.org"
_VERSIONS = regex(
    r"(?im)^\s*(?:changes (?:since|in|from) )?v\d+\b[^\n]*:?|v3\s*->\s*v4"
)
_INVENTED = ("reviewed-by", "acked-by", "tested-by")


def judge_v4(answer: str) -> Judgement:
    """Says whether the mail could be sent as it is."""
    from reviewer.mail import series_from_messages

    try:
        series = series_from_messages([encode(answer)])
    except InputError as error:
        return judged_wrong(f"git am cannot read it as a patch: {error}")
    says = list(_faults(series, series.patches[0]))
    return judged_wrong(*says) if says else judged_right()


def _faults(series: Series, patch: Patch):  # type: ignore[no-untyped-def]
    if series.version != 4:
        yield f"The subject says version {series.version}: [PATCH v4] is wanted."
    if patch.headers.in_reply_to:
        yield (
            "It answers the old thread: a new version starts a thread of its own, with"
            " a link to the old one below the '---'."
        )
    body = patch.message
    trailer_names = {t.name.lower() for t in patch.trailers}
    prose = [
        line
        for line in body.split("\n")
        if line.strip() and not re.match(r"[A-Z][\w-]+-by: ", line)
    ]
    if not prose:
        yield (
            "git am keeps nothing of your text: all of it is below a '---' line, and"
            " the commit has no message."
        )
    elif _VERSIONS.search(body):
        yield (
            "The history of the versions is in the commit message, where it stays for"
            " ever: it belongs below the '---' line."
        )
    if not re.search(r"\bv3\b|\bv4\b", patch.notes):
        yield "Below the '---' nothing says what changed since v3."
    for name in _INVENTED:
        if name in trailer_names:
            yield f"Nobody gave a {name.capitalize()}: only they can give it."
    yield from _sign_offs(patch)


def _sign_offs(patch: Patch):  # type: ignore[no-untyped-def]
    trailers = [(t.name.lower(), t.value) for t in patch.trailers]
    signed = [value for name, value in trailers if name == "signed-off-by"]
    if not signed or SENDER not in signed[-1]:
        yield "The last Signed-off-by must be of the one who sends it, Nadia."
    if HELPER not in " ".join(signed):
        yield (
            "Most of this code is Mina's, and her Signed-off-by, which stood under her"
            " diff, is gone: it says that she may give it, and Nadia may pass it on."
        )
        return
    if patch.author.email == HELPER:
        if HELPER not in signed[0]:
            yield "The author's Signed-off-by comes first."
        return
    for place, (name, value) in enumerate(trailers):
        if name == "co-developed-by" and HELPER in value:
            following = trailers[place + 1 : place + 2]
            if not following or following[0][0] != "signed-off-by" or (
                HELPER not in following[0][1]
            ):  # fmt: skip
                yield "Co-developed-by is followed at once by that person's sign-off."
            return
    yield (
        "As it stands git takes Nadia for the only author of Mina's code. Either the"
        " text begins with 'From: Mina Maintainer <mina@example.org>', or a"
        " Co-developed-by names her."
    )
