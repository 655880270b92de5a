# SPDX-License-Identifier: GPL-2.0-or-later
"""The bare hunks of a patch that does not apply, as C that can be parsed.

A hunk begins and ends anywhere: inside a comment, a function, a block.  What is open
is closed and what is closed without having been opened is opened, outside the hunk's
own lines, so that these keep their numbers.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from reviewer.c.source import Source, parse
from reviewer.c.text import missing_braces
from reviewer.errors import LimitExceeded
from reviewer.models import Change, Hunk
from reviewer.utf8 import encode

BARE = "hunk"  # the function that bare statements are put into
LAST_LINE = 1_000_000  # a hunk header may claim anything
MOST_LINES = 5_000_000  # above the hunks of one file, all together: each is parsed
STATEMENTS = frozenset(
    {
        "expression_statement", "if_statement", "for_statement", "while_statement",
        "do_statement", "switch_statement", "return_statement", "goto_statement",
    }
)  # fmt: skip


class Fragment(Struct, frozen=True):
    """The post-image side of one hunk, at its own line numbers."""

    path: str
    hunk: Hunk
    source: Source
    added: frozenset[int]

    def is_added(self, line: int, column: int) -> bool:
        """Says whether the statement at a place holds a line that the hunk adds; an if
        or a loop counts without its body."""
        point = (line - 1, column)
        node = self.source.root.descendant_for_point_range(point, point)
        if node is None:
            return line in self.added
        first, last = self.source.head_of_statement(node)
        return any(first <= number <= last for number in self.added)

    def before(self) -> Source | None:
        """Returns the pre-image side, None where the hunk has none."""
        lines = [line for line in self.hunk.lines if line.old is not None]
        first = lines[0].old if lines else None
        if first is None or not 0 < first <= LAST_LINE:
            return None
        return _parsed(self.path, [line.text for line in lines], first)


def fragments(change: Change) -> Iterator[Fragment]:
    """Yields one for each hunk that adds lines.

    Raises LimitExceeded as parsing does, and where there is too much above the hunks.
    """
    above = 0
    for hunk in change.diff.hunks:
        lines = [line for line in hunk.lines if line.new is not None]
        added = frozenset(line.new for line in lines if line.kind == "+" and line.new)
        first = lines[0].new if lines else None
        if added and first is not None and 0 < first <= LAST_LINE:
            above += first
            if above > MOST_LINES:
                raise LimitExceeded(f"hunks with over {MOST_LINES} lines above them")
            source = _parsed(change.path, [line.text for line in lines], first)
            yield Fragment(change.path, hunk, source, added)


def _parsed(path: str, lines: list[str], first: int) -> Source:
    """The parse with the fewest errors: as it is, or as the inside of a function."""
    text = _without_open_comment("\n".join(lines) + "\n")
    opened, closed = missing_braces(text)
    tail = "}" * closed + "\n"
    ways = ["\n" * (first - 1) + "{" * opened + text + tail] if first == 1 else []
    if first > 1:
        before = "\n" * (first - 2)
        ways = [
            before + "{" * opened + "\n" + text + tail,
            before + f"void {BARE}(void) {{" + "{" * max(0, opened - 1) + "\n" + text
            + ("}" if not opened else "") + tail,
        ]  # fmt: skip
    best: tuple[int, Source] | None = None
    for way in ways:
        source = parse(path, encode(way))
        errors = sum(1 for _ in source.walk(source.root, "ERROR"))
        errors += source.root.has_error
        if best is None or errors < best[0]:
            best = (errors, source)
        if not errors:
            break
    assert best is not None
    bare = best[1]
    if first > 1 and not best[0] and _is_inside(bare):
        wrapped = parse(path, encode(ways[1]))
        return bare if wrapped.root.has_error else wrapped
    return bare


def _is_inside(source: Source) -> bool:
    """Whether bare statements stand where only declarations can: they belong to a
    function, whose locals a rule asks for."""
    inside = any(node.type in STATEMENTS for node in source.root.named_children)
    return inside and not source.functions


def _without_open_comment(text: str) -> str:
    """Blank a comment that began above the hunk; its lines stay."""
    end = text.find("*/")
    start = text.find("/*")
    if end < 0 or (0 <= start < end):
        return text
    return "\n" * text.count("\n", 0, end) + text[end + 2 :]
