# SPDX-License-Identifier: GPL-2.0-or-later
"""Two names of one member: ``union { int (*xfer)(..); int (*master_xfer)(..); };``.

Where a change takes the other name, the state before it is written with that one: both
lie at one place and are declared in the same words.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.c.source import Source
from reviewer.c.text import IDENTIFIER, declarations, normalised
from reviewer.facts import Facts
from reviewer.facts.header import header
from reviewer.patterns import regex
from reviewer.prover.changes.renamed_members import RenamedMember
from reviewer.prover.names.visible_headers import visible_headers

_USED = regex(r"(?:->|(?<![\w.])\.)\s*+([A-Za-z_]\w*)")
_UNION = regex(r"\bunion\s*+\{([^{}#]*+)\}\s*+;")
_BEHIND = regex(r"(?:->|\.)\s*+\Z")
_BEFORE = 24  # bytes in which that stands


def twin_members(
    pre: Source, post: Source, facts_pre: Facts, facts_post: Facts
) -> tuple[RenamedMember, ...]:
    """Returns the members that a file used by one name before a change and uses by the
    other one after it.

    Source: the unions without a name in what the file sees, which have to be the same
    on both sides.
    """
    before, after = (
        set(_USED.findall(header(side.path, side.data).code)) for side in (pre, post)
    )
    found = []
    for old in sorted(before - after):
        news = [
            _twin(old, side, facts)
            for side, facts in ((pre, facts_pre), (post, facts_post))
        ]
        if news[0] and news[0] == news[1] and news[0] in after:
            found.append(RenamedMember(old, news[0], frozenset(), True))
    return tuple(found)


def _twin(old: str, source: Source, facts: Facts) -> str:
    """The other name of a member, "" where it has none, or the name is something else
    anywhere in what the file sees."""
    others = visible_headers(facts.view, source.path, source.data)
    twins = set[str]()
    word = regex(rf"(?<!\w){old}(?!\w)")
    for path, data in [(source.path, source.data), *others]:
        if old.encode() not in data:
            continue
        one = header(path, data)
        if one.macros.keys() & {old} or any(
            old in IDENTIFIER.findall(define.body) for define in one.defines
        ):
            return ""
        inside = list(_unions(one.code, one.clean, old))
        twins.update(twin for _start, _end, twin in inside)
        for match in word.finditer(one.code):
            start = match.start()
            if not _BEHIND.search(one.code, max(0, start - _BEFORE), start) and not any(
                first <= start < last for first, last, _twin_ in inside
            ):
                return ""
    return twins.pop() if len(twins) == 1 else ""


def _unions(code: str, clean: str, old: str) -> Iterator[tuple[int, int, str]]:
    """(from, to, the other name) of each union without a name that has a member under
    two names alone, none of them under an option: ``clean`` is the code with its
    directives."""
    for match in _UNION.finditer(code):
        members = [normalised(one).rstrip("; ") for one in declarations(match[1])[0]]
        whole = clean[match.start() : match.end()] == match[0]
        if len(members) != 2 or not whole:
            continue
        for one, two in (members, reversed(members)):
            words, more = IDENTIFIER.findall(one), IDENTIFIER.findall(two)
            if words.count(old) != 1 or len(words) != len(more):
                continue
            new = more[words.index(old)]
            if regex(rf"\b{old}\b").sub(new, one) == two and words.count(new) == 0:
                yield match.start(), match.end(), new
