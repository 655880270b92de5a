# SPDX-License-Identifier: GPL-2.0-or-later
"""What a remark is checked against: the tree, and the lines of the series."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import cached_property
from posixpath import dirname

from msgspec import Struct

from reviewer.c.text import IDENTIFIER
from reviewer.errors import KpfError
from reviewer.factcheck.remark_text import squeezed
from reviewer.followup.comments import files_of
from reviewer.models import DiffLine, Evidence, FileDiff, Hunk, Patch, Series
from reviewer.patterns import regex
from reviewer.tree.apply import Applied
from reviewer.tree.step import AppliedPatch
from reviewer.tree.view import View
from reviewer.utf8 import decode

ALIKE = 0.6  # a line that was made from another one
MOST_SEARCHES = 4  # of the whole tree, in one thread
# Where functions that many call are defined: small beside drivers/ and arch/
OFTEN = ("kernel", "lib", "mm", "drivers/base", "block", "fs/sysfs", "net/core")
MOST_HITS = 400  # of a name, among which its definition is looked for
MOST_LINES = 20_000  # of a series that are compared
STUB = regex(r"\{\s*(?:return\b[^;{}]*;)?\s*\}")


class PatchLine(Struct, frozen=True):
    """A line of a patch of the series."""

    patch: Patch
    file: FileDiff
    hunk: Hunk
    line: DiffLine
    text: str  # squeezed

    @property
    def evidence(self) -> Evidence:
        """Its place: in the file before for a line that was there, else after."""
        number = self.line.old if self.line.kind == "-" else self.line.new
        old = self.line.kind != "+" and self.line.old is not None
        path = (self.file.old_path if old else None) or self.file.path
        number = self.line.old if old else number
        return Evidence(path, number or 0, self.line.text.strip())


class Ground:
    """A series with its tree, and later postings of it; read when asked."""

    def __init__(
        self, series: Series, applied: Applied, newer: Sequence[Series] = ()
    ) -> None:
        self.series = series
        self.applied = applied
        self.newer = tuple(newer)
        self._files: dict[str, tuple[FileDiff, ...]] = {}
        self._texts: dict[tuple[int, str], tuple[str, list[int], list[str]]] = {}
        self._defined: dict[tuple[int, str], Evidence | None] = {}
        self._new: dict[int, frozenset[str]] = {}
        self._searches = 0

    # --- the series -----------------------------------------------------------------

    def files(self, patch: Patch) -> tuple[FileDiff, ...]:
        """Returns the files of a patch's diff."""
        if patch.diff not in self._files:
            self._files[patch.diff] = files_of(patch)
        return self._files[patch.diff]

    @cached_property
    def lines(self) -> tuple[PatchLine, ...]:
        """Every line of every patch, in order."""
        found: list[PatchLine] = []
        for patch in self.series.patches:
            for file in self.files(patch):
                for hunk in file.hunks:
                    found += (
                        PatchLine(patch, file, hunk, line, "".join(line.text.split()))
                        for line in hunk.lines
                    )
        return tuple(found[:MOST_LINES])

    def lines_until(self, patch: Patch) -> Iterator[PatchLine]:
        """Yields the lines of a patch's diff, those of the patches before it first."""
        return (line for line in self.lines if line.patch.index <= patch.index)

    def lines_after(self, patch: Patch) -> Iterator[PatchLine]:
        """Yields the diff lines of all patches that come after one."""
        return (line for line in self.lines if line.patch.index > patch.index)

    def new_code(self, patch: Patch) -> frozenset[str]:
        """Returns the lines, without their white space, that a patch and those before
        it have added.

        A line that was moved, or made from one that it replaces, is not.
        """
        if patch.index not in self._new:
            lines = list(self.lines_until(patch))
            gone = {one.text for one in lines if one.line.kind == "-"}
            added = [one for one in lines if one.line.kind == "+"]
            self._new[patch.index] = frozenset(
                one.text
                for one in added
                if one.text and one.text not in gone and not _is_rewritten(one)
            )
        return self._new[patch.index]

    def old_line(self, code: str, patch: Patch) -> Evidence | None:
        """Returns the place of an old line that the patches up to one show and do not
        bring; ``code`` is the line without white space."""
        new = self.new_code(patch)
        for one in self.lines_until(patch):
            if one.line.kind in " -" and code in one.text and one.text not in new:
                return one.evidence
        return None

    def defines_new(self, name: str, patch: Patch) -> bool:
        """Says whether the patches up to one bring a function or macro of a name."""
        looks = regex(rf"^(?!\s)[^;=]*\b{re.escape(name)}\s*\(")
        added = removed = False
        for one in self.lines_until(patch):
            text = one.line.text
            if name not in text or one.line.kind == " " or not looks.match(text):
                continue
            if text.rstrip().endswith(";"):
                continue
            added = added or one.line.kind == "+"
            removed = removed or one.line.kind == "-"
        return added and not removed

    def names_file(self, path: str) -> bool:
        """Says whether a patch of the series has a file of that path."""
        files = (file for p in self.series.patches for file in self.files(p))
        return any(path in (file.old_path, file.new_path) for file in files)

    def mentions(self, name: str) -> bool:
        """Says whether a line of the series holds the word."""
        return any(
            name in one.line.text
            and re.search(rf"\b{re.escape(name)}\b", one.line.text)
            for one in self.lines
        )

    # --- the tree -------------------------------------------------------------------

    def step(self, patch: Patch) -> AppliedPatch | None:
        """Returns a patch as it was applied, None where it was not reviewed."""
        found = (s for s in self.applied.patches if s.patch.index == patch.index)
        return next(found, None)

    def view_after(self, patch: Patch | None) -> View | None:
        """Returns the tree with the patches up to one, that without any where it is
        not known."""
        step = self.step(patch) if patch is not None else None
        return (step.post_view if step is not None else None) or self.base

    def function_at(self, patch: Patch, path: str, line: int) -> str | None:
        """Returns the function of a file, as the patch leaves it, that has a line."""
        step = self.step(patch)
        changes = step.changes if step is not None else ()
        post = next((c.post for c in changes if c.path == path), None)
        return function_of(path, post, line)

    @property
    def base(self) -> View | None:
        """The tree before the series."""
        return self.applied.base

    @property
    def tree_name(self) -> str:
        """How a sentence calls the tree: by its kernel's version."""
        version = self.applied.info.kernel
        return version or "this tree"

    def place_of_code(self, view: View, path: str, code: str) -> Evidence | None:
        """Returns the first line of a file of the tree on which a piece of code stands,
        compared without white space; None where the file has no such code."""
        text, starts, lines = self._squeezed_file(view, path)
        at = text.find(code) if code else -1
        if at < 0:
            return None
        import bisect

        line = bisect.bisect_right(starts, at)
        return Evidence(path, line, lines[line - 1].strip())

    def _squeezed_file(self, view: View, path: str) -> tuple[str, list[int], list[str]]:
        key = (id(view), path)
        if key not in self._texts:
            data = view.read(path) or b""
            lines = decode(data).split("\n")
            parts, starts, length = [], [], 0
            for line in lines:
                starts.append(length)
                parts.append("".join(line.split()))
                length += len(parts[-1])
            if len(self._texts) > 200:
                self._texts.clear()
            self._texts[key] = "".join(parts), starts, lines
        return self._texts[key]

    def defined(self, view: View, name: str, near: str = "") -> Evidence | None:
        """Returns where a view defines a function or macro; of several that in
        ``near``."""
        key = (id(view), f"{near}:{name}")
        if key not in self._defined:
            self._defined[key] = self._find_definition(view, name, near)
        return self._defined[key]

    def is_nowhere(self, view: View, name: str) -> bool:
        """Says whether no C file of a view holds the word; False where not looked."""
        if self._searches >= MOST_SEARCHES or not IDENTIFIER.fullmatch(name):
            return False
        self._searches += 1
        return next(iter(view.grep([name], limit=1)), None) is None

    def defined_in(self, view: View, name: str, path: str) -> Evidence | None:
        """Returns where one file of a view defines a function or macro."""
        key = (id(view), f"{path}={name}")
        if key not in self._defined:
            found = definitions_in(view, path, name) if view.exists(path) else []
            self._defined[key] = found[0] if found else None
        return self._defined[key]

    def _find_definition(self, view: View, name: str, near: str) -> Evidence | None:
        """In the file itself, beside it, in include/, then anywhere: the costly one."""
        if not IDENTIFIER.fullmatch(name):
            return None
        own = self.defined_in(view, name, near) if near else None
        if own is not None:
            return own
        beside = [[dirname(near)]] if dirname(near) else []
        for under in (*beside, ["include"], list(OFTEN), []):
            if not under:  # all of it: seconds, and only for what the tree may have
                if self._searches >= MOST_SEARCHES or not view.exists(near):
                    return None
                self._searches += 1
            found = _searched(view, name, under)
            if found:
                return found[0] if len(found) == 1 else None
        return None


def function_of(path: str, data: bytes | None, line: int) -> str | None:
    """Returns the name of the function that has a line of a C file; None where none
    has, and where there is no file or it does not parse."""
    from reviewer.c.source import parse

    if data is None or not path.endswith((".c", ".h")):
        return None
    try:
        found = parse(path, data).function_at(line)
    except KpfError:
        return None
    return found.name if found is not None else None


def begins_definition(text: str, name: str) -> bool:
    """Says whether a line begins the definition of a function, or is a macro's."""
    if text.rstrip().endswith(";") or text[:1].isspace():
        return False
    return bool(
        re.match(rf"#\s*define\s+{re.escape(name)}\b", text)
        or re.match(rf"(?:[\w*]+[\s*]+)*{re.escape(name)}\s*\(", text)
    )


def _searched(view: View, name: str, under: list[str]) -> list[Evidence]:
    """The definitions of a name in the files below some folders."""
    paths = dict.fromkeys(
        hit.path
        for hit in view.grep([name], under, limit=MOST_HITS)
        if begins_definition(hit.text, name)
    )
    return [one for path in paths for one in definitions_in(view, path, name)]


def definitions_in(view: View, path: str, name: str) -> list[Evidence]:
    """Returns where a file defines functions or macros of a name.

    A header's stub for a configuration without the function is none.
    """
    data = view.read(path) or b""
    lines = decode(data).split("\n")
    return [
        Evidence(path, number, text.strip())
        for number, text in enumerate(lines, start=1)
        if name in text
        and begins_definition(text, name)
        and _has_body(lines, number, path)
    ]


def _has_body(lines: Sequence[str], number: int, path: str) -> bool:
    """Whether what begins on a line is more than a prototype, and no header's stub."""
    text = "\n".join(lines[number - 1 : number + 12])
    if text.startswith("#"):
        return True
    opened, ended = text.find("{"), text.find(";")
    if opened < 0 or 0 <= ended < opened:
        return False
    return not (path.endswith(".h") and STUB.match(text, opened))


def _is_rewritten(one: PatchLine) -> bool:
    """Whether an added line was made from a removed one of its hunk."""
    for other in one.hunk.lines:
        if other.kind == "-" and abs(other.at - one.line.at) < 60:
            text = "".join(other.text.split())
            short = min(len(text), len(one.text))
            if short < 6:
                continue
            match = SequenceMatcher(None, text, one.text, autojunk=False)
            if match.real_quick_ratio() > ALIKE and match.ratio() > ALIKE:
                return True
    return False


__all__ = ["Ground", "PatchLine", "begins_definition", "squeezed"]
