# SPDX-License-Identifier: GPL-2.0-or-later
"""The ``F:`` lines of MAINTAINERS, read as scripts/get_maintainer.pl reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.api import SeriesView
from reviewer.patterns import regex
from reviewer.rules.stale_reference.moved_files import MovedFiles, Reference
from reviewer.tree.view import View

PATH = "MAINTAINERS"
_FILES = regex(r"F:\s*(\S+)\s*\Z")
_WILD = regex(r"[*?\[]")
_STARS = regex(r"\*+")
LONGEST = 200  # characters of a pattern


def left_behind(view: SeriesView, moved: MovedFiles) -> Iterator[Reference]:
    """Yields the ``F:`` lines whose last file the series takes away."""
    assert view.after is not None
    text = view.after.view.read(PATH) if moved.gone else None
    if text is None:
        return
    for number, line in enumerate(text.decode("utf-8", "replace").split("\n"), 1):
        match = _FILES.match(line)
        if match is None or len(match[1]) > LONGEST:
            continue
        gone = next(
            (path for path in moved.gone if pattern_covers(match[1], path)), None
        )
        if gone is not None and not has_files(match[1], view.after.view):
            patch = moved.gone[gone]
            yield Reference("gone", PATH, number, line, patch, gone, match[1])


def without_a_file(view: SeriesView) -> Iterator[Reference]:
    """Yields the ``F:`` lines that the series adds and that no file is named by."""
    assert view.before is not None
    assert view.after is not None
    changes = [change for change in view.changes if change.path == PATH]
    if not changes:
        return
    was = _lines(view.before.view)
    now = _lines(view.after.view)
    for change in changes:
        for hunk in change.diff.hunks:
            for line in hunk.lines:
                match = _FILES.match(line.text) if line.kind == "+" else None
                if match is None or line.new is None or len(match[1]) > LONGEST:
                    continue
                if line.text in was or line.text not in now:
                    continue  # moved, or taken out again
                if not has_files(match[1], view.after.view):
                    at = change.patch.index
                    yield Reference(
                        "no-match", PATH, line.new, line.text, at, "", match[1]
                    )


def _lines(view: View) -> set[str]:
    return set((view.read(PATH) or b"").decode("utf-8", "replace").split("\n"))


def pattern_covers(pattern: str, path: str) -> bool:
    """Says whether an ``F:`` pattern stands for a file.

    A folder stands for all below it; ``*`` and ``?`` do not reach into folders that the
    pattern does not have (get_maintainer.pl: file_match_pattern()).
    """
    head = pattern[: _first_wild(pattern)]
    if not path.startswith(head.rstrip("/")):
        return False
    if pattern.endswith("/"):
        return _matches(pattern, path)
    if head == pattern:
        return path == pattern or path.startswith(f"{pattern}/")
    same_depth = pattern.count("/") == path.count("/")
    return same_depth and _matches(pattern, path)


def has_files(pattern: str, view: View) -> bool:
    """Says whether an ``F:`` pattern stands for any file of a tree."""
    wild = _first_wild(pattern)
    if wild == len(pattern):
        plain = pattern.rstrip("/")
        return view.exists(plain) or bool(view.files(plain))
    folder = pattern[:wild].rpartition("/")[0]
    # a link of the tree, or a folder by a pattern without its slash, is beyond this
    return any(
        pattern_covers(pattern, path) or pattern_covers(f"{pattern}/", path)
        for path in view.files(folder)
    )


def _first_wild(pattern: str) -> int:
    found = _WILD.search(pattern)
    return found.start() if found else len(pattern)


def _matches(pattern: str, path: str) -> bool:
    """Whether a path begins as a pattern says; also where the pattern is none, such as
    ``lib/[x``: of what cannot be read nothing is claimed."""
    try:
        return re.match(_expression(pattern), path) is not None
    except re.error:
        return True


def _expression(pattern: str) -> str:
    """The pattern as a regular expression, with what ``*`` is to get_maintainer.pl.

    What a ``*`` stands for is not tried again (``(?>``): of ten there would be no end.
    """
    text = re.escape(_STARS.sub("*", pattern)).replace(r"\?", "[^/]")
    text = text.replace(r"\[", "[").replace(r"\]", "]")
    first, *rest = text.split(r"\*")
    return first + "".join(f"(?>[^/]*?{part})" if part else "[^/]*+" for part in rest)
