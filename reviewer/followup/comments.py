# SPDX-License-Identifier: GPL-2.0-or-later
"""The inline comments of a thread, each with the quoted lines that it stands under."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache

from msgspec import Struct

from reviewer.mail.earlier_posting import answered_patch, human_replies
from reviewer.models import Address, FileDiff, Patch, Reply, Series
from reviewer.patterns import regex

QUOTE = regex(r"((?:> ?)*>)[ ]?(.*)")
ATTRIBUTION = regex(
    r"(?:^|\n)(?:On [^\n]{0,80}\d[^\n]{0,40}\n)?[^\n]{0,120}"
    r"\b(?:wrote|writes|said|schrieb|a écrit)\s*:?\s*$"
)
SIGNATURE = regex(r"^-- ?$")
CUT = regex(
    r"^\s*[\[<(]?\s*(?:\.{2,}|…|snip\w*|cut|trim\w*|skip\w*)[^\n]{0,40}[\])>]?\s*$",
    re.I,
)
GREETING = regex(
    r"^\s*(?:hi|hello|hey|dear|good (?:morning|day|evening))\b[^\n]{0,60}$", re.I
)
CLOSING = regex(
    r"^\s*(?:thanks?|thank you|thx|cheers|regards|best|best regards|kind regards|br"
    r"|with kind regards|sincerely|hth|many thanks|ta)\b[^\n]{0,40}$",
    re.IGNORECASE,
)
TAG = regex(r"^\s*[A-Z][a-z]+(?:-[A-Za-z]+)*-[Bb]y\s*:.*$|^\s*(?:Fixes|Link):.*$")
# "- Ann", and "Only a few nits inline.": neither asks for anything
SIGNED = regex(r"^\s*(?:-{1,2}|[–—~/])\s*[A-Z][\w.]*(?: [A-Z][\w.]*)?\s*$")
OVERVIEW = regex(
    r"^[^?]{0,60}\b(?:comments?|nits?|nitpicks?|remarks?|questions?|suggestions?|things?"
    r"|notes?|points?)\b[^?.!]{0,60}\b(?:inline|in-line|below|from me|follow)\b"
    r"[^?.!]{0,40}[.!:]?(?:\s+\w+)?\s*$",
    re.IGNORECASE,
)
PRAISE = regex(
    r"^\W*(?:lgtm|looks? (?:good|fine|great|ok\w*)(?: to me)?|nice\w*(?: one| catch"
    r"| work)?|ok(?:ay)?|agreed?|ack(?:ed)?|great|yes|yep|right|same here|ditto|\+1"
    r"|makes sense|good (?:point|catch|idea)|sounds good|perfect|cool)\W*$",
    re.IGNORECASE,
)
SHORTEST = 4  # letters of a line that says something
LONGEST = 1000  # characters of a line that are kept
KEPT_LINES = 12  # quoted lines above a comment that are looked at
MOST = 500  # comments on one posting


QuotePlace = tuple[int, int, int]  # file, hunk and line of a diff, from 0


class Anchor(Struct, frozen=True):
    """The lines of a diff, or of a message, that a comment is about."""

    patch: Patch
    file: str  # "": the commit message
    lines: tuple[str, ...]  # of the diff with their sign, or of the message
    hunk: int  # of the file, from 0
    last: int  # the line in the hunk, or in the message, from 0


class Comment(Struct, frozen=True):
    """What one person said under one place."""

    author: Address
    reply: Reply
    text: str
    anchor: Anchor


class Block(Struct, frozen=True):
    """Own text of a reply and the quote that it stands under."""

    quoted: tuple[tuple[int, str], ...]  # depth and text, the nearest last
    text: str


def comments(series: Series) -> tuple[Comment, ...]:
    """Returns all inline comments on a posting by people other than its sender.

    Tags alone, greetings, closings, signatures and praise without a remark are no
    comments, nor is text that answers another person's text and no line of a patch.
    Of more than ``MOST`` they are the first.
    """
    found: list[Comment] = []
    for reply in human_replies(series):
        last: QuotePlace = (-1, -1, -1)
        patch = answered_patch(reply, series)
        if patch is None:
            continue
        for block in blocks(reply.body):
            anchor, last = find_anchor(quoted_above(block), patch, last)
            if anchor is not None:
                found.append(Comment(reply.headers.sender, reply, block.text, anchor))
            if len(found) == MOST:
                return tuple(found)
    return tuple(found)


# --- the text of a reply ----------------------------------------------------------


def blocks(body: str, *, every: bool = False) -> Iterator[Block]:
    """Yields the pieces of a reply that its sender wrote, in order.

    Only those that are remarks, unless ``every`` is set: "OK." answers a question.
    """
    quoted: list[tuple[int, str]] = []
    own: list[str] = []
    for line in [*_until_signature(body), "> "]:
        match = QUOTE.fullmatch(line)
        if match is None:
            own.append(line)
            continue
        text = "\n".join(own).strip() if every else _said("\n".join(own))
        if text:
            yield Block(tuple(quoted[-KEPT_LINES:]), text)
        if any(one.strip() for one in own):
            quoted = []
        own = []
        quoted.append((match[1].count(">"), match[2]))


def _until_signature(body: str) -> Iterator[str]:
    for line in body.split("\n"):
        if SIGNATURE.match(line):
            return
        yield line.rstrip("\r")


def _said(text: str) -> str:
    """The remark in a piece of text; "" where it is only form."""
    text = ATTRIBUTION.sub("", text)
    lines = [
        line
        for line in (one[:LONGEST] for one in text.split("\n"))
        if not any(form.match(line) for form in (CUT, GREETING, TAG, SIGNED))
    ]
    telling = [number for number, line in enumerate(lines) if line.strip()]
    closing = [number for number in telling[-3:] if CLOSING.match(lines[number])]
    if closing:
        lines = lines[: closing[0]]
    said = "\n".join(lines).strip("\n ")
    if sum(map(str.isalpha, said)) < SHORTEST or PRAISE.match(said):
        return ""
    if OVERVIEW.match(" ".join(said.split())):
        return ""
    return said


# --- the lines it is about --------------------------------------------------------


def quoted_above(block: Block) -> list[str]:
    """Returns the quoted lines right above a piece of text, of the nearest person."""
    quoted = list(block.quoted)
    while quoted and not quoted[-1][1].strip():
        quoted.pop()
    above: list[str] = []
    for level, text in reversed(quoted):
        if level != quoted[-1][0]:
            break
        above.insert(0, text)
    return above


def find_anchor(
    above: Sequence[str], patch: Patch, last: QuotePlace
) -> tuple[Anchor | None, QuotePlace]:
    """Returns the place of quoted lines in a patch, and where to look for the next.

    ``last`` is that place of the piece before; (-1, -1, -1) for the first one.
    """
    if not above:
        return None, last
    found = _in_diff(above, patch, last)
    return found if found[0] else (_in_message(above, patch), last)


def files_of(patch: Patch) -> tuple[FileDiff, ...]:
    """Returns the files of a patch's diff; none where it cannot be read."""
    return _files_of(patch.diff)


@lru_cache(maxsize=16)  # each comment asks
def _files_of(diff: str) -> tuple[FileDiff, ...]:
    from reviewer.errors import KpfError
    from reviewer.patch.diff import parse_diff

    try:
        return parse_diff(diff)
    except KpfError:
        return ()


def _in_diff(
    above: Sequence[str], patch: Patch, last: QuotePlace
) -> tuple[Anchor | None, QuotePlace]:
    """The place of the quoted lines in the diff: where most of them are in a row.

    Of several that are equally good the first below the last comment of the same
    reply: people answer a patch from its top to its end.
    """
    files = files_of(patch)
    wanted = [_plain(line) for line in above]
    best: Sequence[QuotePlace] = _where(patch.diff).get(wanted[-1], ())
    if not best:
        return None, last
    most = 1
    while most < len(wanted):
        longer = [p for p in best if _line_above(files, p, most) == wanted[-1 - most]]
        if not longer:
            break
        best, most = longer, most + 1
    below = bisect_right(best, last)
    if below == len(best) > 1:
        return None, last
    file, hunk, at = chosen = best[below] if below < len(best) else best[0]
    lines = files[file].hunks[hunk].lines[at + 1 - most : at + 1]
    meant = tuple(one.kind + one.text for one in lines)
    if not any(sum(map(str.isalnum, line)) >= 2 for line in meant):
        return None, last
    return Anchor(patch, files[file].path, meant, hunk, at), chosen


@lru_cache(maxsize=16)
def _where(diff: str) -> dict[str, list[QuotePlace]]:
    """The places of each line of a diff that is not blank, in order."""
    found: dict[str, list[QuotePlace]] = {}
    for number, file in enumerate(_files_of(diff)):
        for order, plain in enumerate(file.plain):
            for at, text in enumerate(plain):
                if text:
                    found.setdefault(text, []).append((number, order, at))
    return found


def _line_above(files: Sequence[FileDiff], place: QuotePlace, count: int) -> str | None:
    """The line so many above a place, None where the hunk begins below it."""
    file, hunk, at = place
    return files[file].plain[hunk][at - count] if at >= count else None


def _in_a_row(texts: Sequence[str], wanted: Sequence[str]) -> int:
    """How many of the last lines are the same."""
    count = 0
    for text, want in zip(reversed(texts), reversed(wanted), strict=False):
        if text != want:
            break
        count += 1
    return count


def _in_message(above: Sequence[str], patch: Patch) -> Anchor | None:
    lines, plain, last_of = _message(patch.message)
    wanted = [_plain(line) for line in above if line.strip()]
    if not wanted or len(wanted[-1]) < SHORTEST or wanted[-1] not in last_of:
        return None
    at = last_of[wanted[-1]]
    score = _in_a_row(plain[max(0, at + 1 - len(wanted)) : at + 1], wanted)
    return Anchor(patch, "", tuple(lines[at + 1 - score : at + 1]), 0, at)


@lru_cache(maxsize=16)
def _message(text: str) -> tuple[list[str], list[str], dict[str, int]]:
    """The lines of a message, those without white space, and the last of each text."""
    lines = text.split("\n")
    plain = [_plain(line) for line in lines]
    return lines, plain, {line: number for number, line in enumerate(plain)}


def _plain(line: str) -> str:
    """A line without what mailers do to it: white space."""
    return " ".join(line.split())
