# SPDX-License-Identifier: GPL-2.0-or-later
"""What a commit message promises: that nothing changes; and what only moves."""

from __future__ import annotations

import re

from reviewer.api import Step
from reviewer.c.text import CALLED
from reviewer.patterns import regex

# The usual wordings, as a statement of their own: "no functional change for order-0
# pages" or "no functional change except ..." promise less, and are left alone.
# A "~" stands for any white space: messages are wrapped.
_WHAT = (
    r"(?:functional(?:ity)?|behaviou?r(?:al)?|semantic)"
    r"~(?:change|difference|impact|effect)s?"
)
_HERE = r"(?:here|(?:in|by|with)~this~(?:patch|commit|change)|to~the~code~?base)"
_END = (
    r"[ \t]*(?:[.!;)]|,?~(?:just|only|pure)~|:\s|\n\s*\n|\n(?-i:[A-Z])|\Z"
    r"|\s(?:--|\u2014)\s)"
    r"(?!\s*(?:except|but|other~than|apart|besides|only|also|however|in~addition"
    r"|additionally|furthermore|while~at)\b)"
)
CLAIM = regex(
    (
        r"\b(?:no|without(?:~any)?)~(?:intended~|intentional~|user[- ]visible~)?"
        rf"{_WHAT}(?:~is|~are)?(?:~intended|~expected|~{_HERE})*{_END}"
        r"|(?:\bnot|n't)~(?:cause|bring|introduce|make|contain|result~in|intend|imply)"
        rf"~(?:any~)?{_WHAT}(?:~{_HERE})?{_END}"
        r"|\bthis~(?:patch|commit|change)~(?:(?:does|should|will)~not|(?:does|should)n't)"
        rf"~(?:change|alter)~(?:any~|the~|existing~)*(?:behaviou?r|functionality){_END}"
        rf"|\bno~change~(?:in|of|to)~(?:behaviou?r|functionality){_END}"
        r"|(?-i:\(NFCI?\)|(?:\A|[\n,;:])[ \t]*NFCI?[.!]?[ \t]*(?:\n|\Z))"
    ).replace("~", r"\s"),
    re.IGNORECASE,
)


def promise_in(text: str) -> str | None:
    """Returns the words of a title and message which say that the patch changes no
    behaviour; None where none do."""
    claim = CLAIM.search(text)
    if claim is None:
        return None
    return " ".join(claim[0].split()).strip(" .,;:()-\u2014")


def moved_calls(step: Step) -> frozenset[str]:
    """Returns ``name()`` of what the patch calls on an added and on a removed line."""
    if step.pre is None or step.post is None:
        return frozenset()
    sides = (
        (step.pre.source, step.change.removed),
        (step.post.source, step.change.added),
    )
    gone, new = (
        {
            f"{name}()"
            for line in lines
            for name in CALLED.findall(source.line_text(line))
        }
        for source, lines in sides
    )
    return frozenset(gone & new)
