# SPDX-License-Identifier: GPL-2.0-or-later
"""The remarks in the replies to a series, of people and of robots, one by one.

A robot writes a list of what it found, the commit again, and then its remarks under
the lines of the patch, several under one place with a severity in brackets above each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from reviewer.factcheck.records import Remark
from reviewer.followup.comments import (
    Block,
    QuotePlace,
    blocks,
    find_anchor,
    quoted_above,
)
from reviewer.mail.earlier_posting import answered_patch, author_of
from reviewer.mail.people import are_same, is_robot
from reviewer.models import Reply, Series
from reviewer.patterns import regex

SEVERITY = regex(
    r"^[ \t]*\[(?:severity:[ \t]*)?(critical|high|medium|low|minor)\][ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
CONTENTS_END = regex(
    r"^--[ \t]*\n(?:[^>].*\n|\n){0,8}?commit [0-9a-f]{7,64}[ \t]*\n", re.MULTILINE
)
COMMIT_LINES = regex(r"\A(?:(?:Author|Date|Subject):.*\n)+")
ANOTHER = regex(
    r"(?<=\n\n)(?=(?:Additionally|Also|Finally|Furthermore|Lastly|Moreover|Separately|Second"
    r"|Secondly|Third|Thirdly|In addition|On a related note|Besides)\b,?[ ]"
    r"|(?:This|It) (?:is|was|isn't|wasn't|is not|was not) [^\n]{0,40}"
    r"(?:pre-?existing|introduced))",
)
FOOTER = regex(r"^---[ \t]*\n(?!.*^>)", re.MULTILINE | re.DOTALL)
CARETS = regex(r"^[ \t]*\^{2,}[ \t]*$\n?", re.MULTILINE)
NOTHING_FOUND = regex(
    r"(?i)\bfound no (?:issues?|problems?|regressions?)\b|\bno issues? (?:was|were)"
    r" found\b|^\s*(?:reviewed|tested|acked)-by: .*\Z"
)
MOST = 2000  # remarks of one thread
FIRST: QuotePlace = (-1, -1, -1)


def remarks(series: Series) -> tuple[Remark, ...]:
    """Returns what others than its sender remarked on a posting, in order.

    Tags alone, greetings, praise and a robot's table of contents are no remarks.
    """
    found: list[Remark] = []
    for reply in replies(series):
        found += islice(_of_reply(reply, series), MOST - len(found))
        if len(found) == MOST:
            break
    return tuple(found)


def replies(series: Series) -> Iterator[Reply]:
    """Yields the replies that others than the sender and the authors wrote."""
    own = [author_of(series), *(patch.author for patch in series.patches)]
    for reply in series.replies:
        if not any(are_same(reply.headers.sender, one) for one in own):
            yield reply


def _of_reply(reply: Reply, series: Series) -> Iterator[Remark]:
    patch = answered_patch(reply, series)
    robot = is_robot(reply.headers.sender)
    last, number = FIRST, 0
    found = list(blocks(_without_form(reply.body) if robot else reply.body))
    for block in found:
        above = quoted_above(block)
        anchor = None
        if patch is not None:
            anchor, last = find_anchor(above, patch, last)
        if not robot and anchor is None:
            continue  # it answers another person's text, or no line of the series
        for severity, text in _pieces(block, robot, alone=len(found) == 1):
            number += 1
            yield Remark(reply, number, text, patch, tuple(above), anchor, severity)


def _without_form(body: str) -> str:
    """A robot's mail without its list of contents above and its form below."""
    body = body.replace("\r\n", "\n")
    contents = CONTENTS_END.search(body)
    if contents is not None:
        body = COMMIT_LINES.sub("", body[contents.end() :], count=1)
    footer = FOOTER.search(body)
    return CARETS.sub("", body if footer is None else body[: footer.start()])


def _pieces(block: Block, robot: bool, *, alone: bool) -> Iterator[tuple[str, str]]:
    """The remarks in a piece of a mail, each with the severity that stands above it.

    What a robot writes above its first quote tells the commit again, unless it quotes
    nothing at all.
    """
    if not robot:
        yield "", block.text
        return
    parts = SEVERITY.split(block.text)
    before = parts[0].strip("\n ")
    is_remark = bool(block.quoted) or (alone and len(parts) == 1 and "?" in before)
    if before and is_remark and not NOTHING_FOUND.search(before):
        for text in _apart(before):
            yield "", text
    for severity, text in zip(parts[1::2], parts[2::2], strict=True):
        if text.strip():
            yield severity.lower(), text.strip("\n ")


def _apart(text: str) -> Iterator[str]:
    """The remarks in a text that no severities divide: a new one goes on to another
    matter, or to older code."""
    begins = [match.start() for match in ANOTHER.finditer(text)]
    for start, end in zip([0, *begins], [*begins, len(text)], strict=True):
        part = text[start:end].strip("\n ")
        if part:
            yield part
