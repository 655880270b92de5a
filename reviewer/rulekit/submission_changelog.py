"""Changelogs of versions in mails: what looks like one, and which it speaks of."""

from __future__ import annotations

import re

# Anything that may be meant as "what changed since the last version".
MENTION = re.compile(
    r"\bv\d{1,3}\b|\bchange(?:s|d|log| log)\b|\bdiff(?:erence)?s?\b|\bversion\b"
    r"|\bprevious|\bsince\b|\blast (?:posting|time|round)\b|\brebase|\bresend\b"
    r"|\bresent\b|\brespin\b|\bupdate[sd]?\b|\bhistory\b|\bno(?:w| longer)\b|\bfixed\b"
    r"|\bper \w+'s\b|\bsuggest|\bcomments?\b|\breview|->|=>|\badd(?:ed)?\b|\bdrop",
    re.IGNORECASE,
)
# A line that heads the entry of a version: "Changes since v2:", "v2 -> v3:", "v3:".
HEADING = re.compile(
    r"^\s*(?:[-*+=#\[(]\s*)*(?:"
    r"(?:changes?|changed|changelog|change log|diff(?:erence)?s?|delta|updates?)\b"
    r"[^\n]{0,30}?\b(?:rfc\s*)?v(?P<a>\d{1,3})\b"
    r"|(?:since|from|in|on)?\s*(?:\[?(?:rfc|patch)\s*)?v(?P<b>\d{1,3})\b"
    r"(?=\s*(?:[:\])=]|[-=~]+>|-+\s|to\b|→|\.\.|\(|changes\b|\s*$))"
    r"|(?:version|ver|revision|rev)\s+(?P<c>\d{1,3})\b(?=\s*[:\])]|\s*$)"
    r")(?P<rest>[^\n]*)$",
    re.IGNORECASE | re.MULTILINE,
)
NUMBER = re.compile(r"\bv(\d{1,3})\b", re.IGNORECASE)
# In a commit message the form has to leave no doubt.
IN_MESSAGE = re.compile(
    r"^\s*(?:[-*]\s*)?(?:"
    r"(?:changes?|changelog|change log|differences?)(?:\s+(?:since|from|in|between|"
    r"for|of|to|vs\.?))?\s+(?:the\s+)?(?:\[?(?:rfc|patch)\s+)?v(?P<a>\d{1,2})\b"
    r"|(?:since\s+|from\s+|in\s+)?v(?P<b>\d{1,2})\s*(?:(?:-+>|=+>|→|to)\s*v\d{1,2}\b"
    r"[^\n]{0,20}|:[ \t]*[^\n]*)"
    r"|v(?P<c>\d{1,2})\s+changes\b[^\n]{0,10})",
    re.IGNORECASE,
)


def mentions_changes(text: str) -> bool:
    """Whether a text could be a changelog of versions, in whatever form."""
    return bool(MENTION.search(text))


def versions_in(text: str) -> tuple[int, ...]:
    """The versions that headings of a changelog name; empty where it has none."""
    found = []
    for match in HEADING.finditer(text):
        first = match["a"] or match["b"] or match["c"]
        found.append(int(first))
        found += [int(number) for number in NUMBER.findall(match["rest"])]
    return tuple(found)


def line_in_message(message: str, version: int) -> int:
    """The line of a commit message that heads a changelog of versions, 0 for none.

    ``version`` is the patch's own: an entry about a later one speaks of something
    else, as does any entry in a first version.
    """
    if version < 2:
        return 0
    for number, line in enumerate(message.split("\n"), 1):
        match = IN_MESSAGE.match(line)
        if match is None:
            continue
        named = int(match["a"] or match["b"] or match["c"])
        if 1 <= named <= version:
            return number
    return 0
