# SPDX-License-Identifier: GPL-2.0-or-later
"""Changelogs of versions in mails: what looks like one, and which it speaks of."""

from __future__ import annotations

import re

# Strings, compiled when first used: a first version does not pay for them.
# Anything that may be meant as "what changed since the last version".
MENTION = (
    r"(?i)\bv\d{1,3}\b|\bchange(?:s|d|log| log)\b|\bdiff(?:erence)?s?\b|\bversion\b"
    r"|\bprevious|\bsince\b|\blast (?:posting|time|round)\b|\brebase|\bresend\b"
    r"|\bresent\b|\brespin\b|\bupdate[sd]?\b|\bhistory\b|\bno(?:w| longer)\b|\bfixed\b"
    r"|\bper \w+'s\b|\bsuggest|\bcomments?\b|\breview|->|=>|\badd(?:ed)?\b|\bdrop"
)
# A line that heads the entry of a version: "Changes since v2:", "v2 -> v3:", "v3:".
HEADING = (
    r"(?im)^[ \t]*(?:[-*+=#\[(][ \t]*)*(?:"
    r"(?:changes?|changed|changelog|change log|diff(?:erence)?s?|delta|updates?)\b"
    r"[^\n]{0,30}?\b(?:rfc[ \t]*)?v(?P<a>\d{1,3})\b"
    r"|(?:since|from|in|on)?[ \t]*(?:\[?(?:rfc|patch)[ \t]*)?v(?P<b>\d{1,3})\b"
    r"(?=[ \t]*(?:[:\])=]|[-=~]+>|-+\s|to\b|→|\.\.|\(|changes\b|[ \t]*$))"
    r"|(?:version|ver|revision|rev)[ \t]+(?P<c>\d{1,3})\b(?=[ \t]*[:\])]|[ \t]*$)"
    r")(?P<rest>[^\n]*)$"
)
LONGEST = 200  # characters of a line that are looked at
SPOKEN = (
    r"(?im)\bv\d{1,3}\b|\bversion \d|\b(?:previous|last|earlier|first|old) (?:version"
    r"|posting|patch|submission)\b|^\[[\w. ]{1,30}: [^\]]{3,}\]\s*$"
)
NUMBER = r"(?i)\bv(\d{1,3})\b"
# In a commit message the form has to leave no doubt; "v1: https://.." is told by
# checkpatch (COMMIT_LOG_VERSIONING).
IN_MESSAGE = (
    r"(?i)^\s*(?:[-*]\s*)?(?:"
    r"(?:changes?|changelog|change log|differences?)(?:\s+(?:since|from|in|between|"
    r"for|of|to|vs\.?))?\s+(?:the\s+)?(?:\[?(?:rfc|patch)\s+)?v(?P<a>\d{1,2})\b"
    r"|(?:since\s+|from\s+|in\s+)?v(?P<b>\d{1,2})\s*(?:(?:-+>|=+>|→|to)\s*v\d{1,2}\b"
    r"[^\n]{0,20}|:(?![ \t]*https?:)[^\n]*)"
    r"|v(?P<c>\d{1,2})\s+changes\b[^\n]{0,10})"
)


def _cut(text: str) -> str:
    """Long lines cut, so that no line takes long to match."""
    return "\n".join(line[:LONGEST] for line in text.split("\n"))


def mentions_changes(text: str) -> bool:
    """Says whether a text could be a changelog of versions, in whatever form."""
    return bool(re.search(MENTION, _cut(text)))


def names_a_version(text: str) -> bool:
    """Says whether a text speaks of a v2, v3, ... or an
    earlier version, or holds a note.

    A note is what somebody on the way of the patch changed: ``[EB: two shifts less]``.
    """
    return bool(re.search(SPOKEN, text))


def versions_in(text: str) -> tuple[int, ...]:
    """Returns the versions that headings of a changelog name; empty where it
    has none."""
    found = []
    for match in re.finditer(HEADING, _cut(text)):
        first = match["a"] or match["b"] or match["c"]
        found.append(int(first))
        found += [int(number) for number in re.findall(NUMBER, match["rest"])]
    return tuple(found)


def line_in_message(message: str, version: int) -> int:
    """Returns the line of a commit message that heads a
    changelog of versions, 0 for none.

    ``version`` is the patch's own: an entry about a later one speaks of something
    else, as does any entry in a first version.
    """
    if version < 2:
        return 0
    lines = message.rstrip().split("\n")
    for number, line in enumerate(lines, 1):
        match = re.match(IN_MESSAGE, line[:LONGEST])
        if match is None or (number == len(lines) and line.rstrip().endswith(":")):
            continue  # of a bare heading git am has cut off what stood under it
        named = int(match["a"] or match["b"] or match["c"])
        if 1 <= named <= version:
            return number
    return 0
