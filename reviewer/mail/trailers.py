# SPDX-License-Identifier: GPL-2.0-or-later
"""Trailers: of a commit message, and of a reply."""

from __future__ import annotations

import re

from reviewer.models import Trailer
from reviewer.patterns import regex

TRAILER = regex(r"([A-Za-z0-9][A-Za-z0-9-]*)[ \t]*:[ \t]*(\S.*)")
# what git itself writes: one of these makes a paragraph of trailers of a mixed one
GIT_GENERATED = regex(r"Signed-off-by: |\(cherry picked from commit ")
REMARK = regex(r"\[.*|#.*|\(cherry picked from commit .*")
# as people give them in replies: with an address, else it is a sentence
GIVEN = regex(
    r"^([A-Z][a-z]+(?:-[A-Za-z]+)*-[Bb]y)[ \t]*:[ \t]*(\S.*@.*)$", re.MULTILINE
)


def commit_trailers(message: str) -> tuple[Trailer, ...]:
    """Returns the trailers at the end of a commit message.

    The last paragraph counts by git's own rule (all of its lines are trailers, or
    one is a Signed-off-by and a quarter of them are); paragraphs above it count as
    long as they hold nothing else.  Where the last paragraph is none ("Regards, .."),
    the last one that is all trailers and signed off takes its place.
    """
    found: list[Trailer] = []
    for number, paragraph in enumerate(reversed(paragraphs_of(message))):
        trailers = _of_paragraph(paragraph, strict=number > 0)
        if found and not trailers:
            break
        if found or number == 0 or any(t.name == "Signed-off-by" for t in trailers):
            found[:0] = trailers
    return tuple(found)


def reply_trailers(text: str, *, signed: bool = True) -> tuple[Trailer, ...]:
    """Returns the trailers that a reply gives: ``Reviewed-by: A <a@b>``, not quoted.

    ``signed`` false leaves out Signed-off-by, which in a reply with a patch belongs
    to that patch.
    """
    return tuple(
        Trailer(name, value.strip())
        for name, value in GIVEN.findall(text)
        if signed or name.lower() != "signed-off-by"
    )


def paragraphs_of(text: str) -> list[list[str]]:
    """Returns the lines between empty ones, their ends stripped of blanks."""
    paragraphs: list[list[str]] = [[]]
    for line in text.split("\n"):
        if line.strip():
            paragraphs[-1].append(line.rstrip())
        elif paragraphs[-1]:
            paragraphs.append([])
    return [paragraph for paragraph in paragraphs if paragraph]


def _of_paragraph(lines: list[str], *, strict: bool) -> list[Trailer]:
    trailers: list[Trailer] = []
    others = 0
    generated = False
    in_trailer = False  # what an indented line goes on with
    for line in lines:
        if line[0] in " \t":
            if in_trailer:
                last = trailers.pop()
                trailers.append(Trailer(last.name, f"{last.value} {line.strip()}"))
            else:
                others += 1
            continue
        match = TRAILER.fullmatch(line)
        if match:
            trailers.append(Trailer(match[1], match[2]))
            generated = generated or bool(GIT_GENERATED.match(line))
        elif REMARK.fullmatch(line):
            generated = generated or bool(GIT_GENERATED.match(line))
        else:
            others += 1
        in_trailer = bool(match)
    if others == 0:
        return trailers
    if strict or not generated or len(trailers) * 3 < others:
        return []
    return trailers
