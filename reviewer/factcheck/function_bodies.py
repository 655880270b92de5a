# SPDX-License-Identifier: GPL-2.0-or-later
"""The functions that a remark names, parsed, and what every way through one does.

A body is that of the tree with the patches up to the one that is remarked on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from reviewer.c.source import Function, Source, parse
from reviewer.errors import KpfError
from reviewer.factcheck.records import Remark
from reviewer.factcheck.tree_and_series import Ground

C_FILES = (".c", ".h")


class Bodies:
    """Finds and parses the functions that a remark names."""

    def __init__(self, remark: Remark, ground: Ground) -> None:
        self._remark = remark
        self._ground = ground
        self.view = ground.view_after(remark.patch)

    def function(self, name: str) -> tuple[Source, Function] | None:
        """Returns the one function of a name that parses; None where there is none."""
        if self.view is None:
            return None
        anchor = self._remark.anchor
        near = anchor.file if anchor is not None else ""
        place = self._ground.defined(self.view, name, near)
        source = None if place is None else self.source(place.file)
        found = source.function_named(name) if source is not None else None
        return (source, found) if source is not None and found is not None else None

    def around(self) -> tuple[Source, Function, int] | None:
        """Returns the function that the quoted line stands in, as the patch leaves it,
        and the number of that line; None where it is in none, or does not parse."""
        anchor = self._remark.anchor
        step = self._ground.step(anchor.patch) if anchor is not None else None
        if anchor is None or step is None:
            return None
        change = next((one for one in step.changes if one.path == anchor.file), None)
        if change is None or change.post is None or not change.path.endswith(C_FILES):
            return None
        lines = change.diff.hunks[anchor.hunk].lines[: anchor.last + 1]
        number = next((line.new for line in reversed(lines) if line.new), None)
        try:
            source = parse(change.path, change.post)
        except KpfError:
            return None
        function = source.function_at(number) if number is not None else None
        if number is None or function is None or function.broken:
            return None
        return source, function, number

    def has_stub(self, name: str) -> bool:
        """Says whether a header has the function too, for another configuration."""
        if self.view is None:
            return True
        hits = self.view.grep([name], ["include"], suffixes=(".h",), limit=100)
        return any(
            re.search(rf"(?:inline\b.*|define\s+)\b{re.escape(name)}\s*\(", hit.text)
            for hit in hits
        )

    def source(self, path: str) -> Source | None:
        """Returns a file of the view parsed."""
        assert self.view is not None
        data = self.view.read(path)
        try:
            return None if data is None else parse(path, data)
        except KpfError:
            return None


def always_called(source: Source, function: Function) -> Iterator[Node]:
    """Yields the calls that every way through a function makes, before it may leave.

    Those are the calls that are statements of its own block, or whose value one of
    these takes, up to the first return or goto.
    """
    assert function.body is not None
    for statement in function.body.named_children:
        if statement.type in ("expression_statement", "declaration"):
            yield from source.walk(statement, "call_expression")
        elif statement.type in ("if_statement", "while_statement", "switch_statement"):
            condition = statement.child_by_field_name("condition")
            if condition is not None and "&&" not in source.text(condition):
                yield from source.walk(condition, "call_expression")
        if any(
            True for _ in source.walk(statement, "return_statement", "goto_statement")
        ):
            if statement.type == "return_statement":
                yield from source.walk(statement, "call_expression")
            return
