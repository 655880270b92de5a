# SPDX-License-Identifier: GPL-2.0-or-later
"""Diffs that we write ourselves: the fixes that we suggest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from reviewer.utf8 import decode

NO_NEWLINE = "\\ No newline at end of file"
Opcode = tuple[str, int, int, int, int]


def unified_diff(path: str, before: bytes, after: bytes, context: int = 3) -> str:
    """Returns a diff that git apply takes, ``a/`` and ``b/`` in front of the path.

    Returns "" where nothing changes.  Bytes that are no UTF-8 come out as
    surrogates, as everywhere in the models.
    """
    if before == after:
        return ""
    old, new = _lines(before), _lines(after)
    lines = [f"--- a/{path}", f"+++ b/{path}"]
    for group in _compare(old, new).get_grouped_opcodes(context):
        lines += _hunk(old, new, group)
    return "".join(f"{line}\n" for line in lines)


def _compare(old: Sequence[str], new: Sequence[str]) -> SequenceMatcher[str]:
    """A matcher that knows all opcodes, and compared only what lies between."""
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    old_end, new_end = len(old) - tail, len(new) - tail
    middle = SequenceMatcher(None, old[head:old_end], new[head:new_end], autojunk=False)
    matcher: SequenceMatcher[str] = SequenceMatcher()
    matcher.opcodes = [  # type: ignore[attr-defined]  # what get_opcodes() memoises
        ("equal", 0, head, 0, head),
        *(
            (k, a + head, b + head, c + head, d + head)
            for k, a, b, c, d in middle.get_opcodes()
        ),
        ("equal", old_end, len(old), new_end, len(new)),
    ]
    return matcher


def _lines(data: bytes) -> list[str]:
    """The lines with their newlines: a last one without its own is another line."""
    lines = decode(data).split("\n")
    last = lines.pop()
    return [f"{line}\n" for line in lines] + ([last] if last else [])


def _common(old: Sequence[str], new: Sequence[str]) -> int:
    """How many lines at the start are the same."""
    same = 0
    for one, two in zip(old, new, strict=False):
        if one != two:
            break
        same += 1
    return same


def _hunk(
    old: Sequence[str], new: Sequence[str], group: Sequence[Opcode]
) -> Iterator[str]:
    first, last = group[0], group[-1]
    removed = _range(first[1], last[2])
    added = _range(first[3], last[4])
    yield f"@@ -{removed} +{added} @@"
    for kind, old_from, old_to, new_from, new_to in group:
        if kind == "equal":
            yield from _marked(" ", old[old_from:old_to])
            continue
        yield from _marked("-", old[old_from:old_to])
        yield from _marked("+", new[new_from:new_to])


def _marked(mark: str, lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        yield mark + line.removesuffix("\n")
        if not line.endswith("\n"):
            yield NO_NEWLINE


def _range(start: int, end: int) -> str:
    """A hunk's line number and length; an empty range names the line before it."""
    length = end - start
    return f"{start + 1 if length else start},{length}"
