# SPDX-License-Identifier: GPL-2.0-or-later
"""One ``git grep`` for many words, over a revision or over files on disk.

The words are fixed strings, each behind its own ``-e``; a path stands behind ``--``
with git's own quoting of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from reviewer import git
from reviewer.tree.view import Hit
from reviewer.utf8 import decode, encode

_LONGEST = 4096  # characters of a line that are kept


def git_grep(
    folder: Path,
    revision: str | None,
    words: Sequence[str],
    under: Sequence[str],
    suffixes: Sequence[str],
    *,
    whole_words: bool,
    flags: Sequence[str] = (),
    in_repository: bool = True,
) -> Iterator[Hit]:
    """Yields hits in the order of git, that is by path and line.

    A folder that is not ``in_repository`` is searched as it lies there, whatever
    repository is around it: the demo's tree stands in that of the program.
    """
    usable = [word for word in words if word and "\n" not in word and "\0" not in word]
    if not usable:
        return
    if not in_repository:
        flags = [*flags, "--no-index"]
    arguments = ["grep", *flags, "-F", "-n", "-z", "--no-color", "--no-column"]
    arguments += ["--no-heading", "--no-break", "--no-textconv", "--full-name"]
    # In a worktree -I would read .gitattributes, which may hide files, or be a pipe.
    arguments.append("-I" if revision is not None else "-a")
    if whole_words:
        arguments.append("-w")
    for word in usable:
        arguments += ["-e", word]
    if revision is not None:
        arguments.append(revision)
    arguments += ["--", *_pathspecs(under, suffixes)]
    prefix = len(revision) + 1 if revision is not None else 0
    for record in git.stream(
        arguments,
        cwd=folder,
        configured=in_repository,
        work_tree=in_repository and revision is None,
    ):
        path, zero, rest = record.partition(b"\0")
        number, zero, text = rest.partition(b"\0")
        if zero and number.isdigit():
            yield Hit(
                decode(path[prefix:]),
                int(number),
                decode(text[:_LONGEST]),
            )


def _pathspecs(under: Sequence[str], suffixes: Sequence[str]) -> list[str]:
    specs = []
    for path in under or ("",):
        folder = _literal(path.strip("/"))
        inside = f"{folder}/" if folder else ""
        specs += [f":(top,glob){inside}**/*{_literal(end)}" for end in suffixes]
        if not suffixes and not folder:
            specs.append(":(top)")
        elif folder and (not suffixes or path.endswith(tuple(suffixes))):
            specs.append(f":(top,literal){path.strip('/')}")
    return specs


def _literal(text: str) -> str:
    return re.sub(r"([*?\[\]\\])", r"\\\1", text)


def matches(
    path: str,
    data: bytes,
    words: Sequence[str],
    *,
    whole_words: bool,
) -> Iterator[Hit]:
    """Yields the hits of a file that is in memory, as git grep would find them."""
    usable = [encode(w) for w in words if w]
    usable = [w for w in usable if w in data and b"\n" not in w]
    if not usable or b"\0" in data[:8000]:
        return
    number, counted, end = 1, 0, -1
    for place in sorted({at for w in usable for at in _places(data, w, whole_words)}):
        if place < end:
            continue
        number += data.count(b"\n", counted, place)
        counted = place
        start = data.rfind(b"\n", 0, place) + 1
        end = data.find(b"\n", place)
        end = end if end >= 0 else len(data)
        text = data[start : min(end, start + _LONGEST)]
        yield Hit(path, number, decode(text))


def _places(data: bytes, word: bytes, whole_words: bool) -> Iterator[int]:
    """Where a word stands, or what is a part of one."""
    place = data.find(word)
    while place >= 0:
        end = place + len(word)
        around = data[max(place - 1, 0) : place], data[end : end + 1]
        if not whole_words or not any(c.isalnum() or c == b"_" for c in around):
            yield place
        place = data.find(word, place + 1)


def is_wanted(path: str, under: Sequence[str], suffixes: Sequence[str]) -> bool:
    """Says whether grep over ``under`` and ``suffixes`` would look at the file."""
    if suffixes and not path.endswith(tuple(suffixes)):
        return False
    return not under or any(is_below(path, folder) for folder in under)


def is_below(path: str, folder: str) -> bool:
    """Says whether a path is a folder's own or lies below it ("" is the whole tree)."""
    folder = folder.strip("/")
    return not folder or path == folder or path.startswith(f"{folder}/")
