# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether a diff was made with --no-prefix: then git am loses the first folder.

git applies with -p1, whatever the diff says.  With a prefix the two names of a file
differ in their first letter; two equal ones, of which the first folder is no usual
prefix, are the whole names.
"""

from __future__ import annotations

from collections.abc import Sequence

from reviewer.patch.names import find_name_traditional, header_name, is_dev_null
from reviewer.patterns import regex

_GIT = b"diff --git "
# diff.mnemonicPrefix, git diff --no-index, interdiff; quilt and old diffs
_PREFIX = regex(rb"(?:|[a-ciow12]|linux[^/]*|[^/]*\.orig|[^/]*\.new|old|new)/")
_MOST = 20_000  # header lines that are looked at


def lacks_prefix(lines: Sequence[bytes]) -> bool:
    """Says whether the names in the headers of a diff have no ``a/`` and ``b/``.

    ``lines``: all of the diff, newlines kept.
    """
    headers = [n for n, line in enumerate(lines) if line.startswith(_GIT)][:_MOST]
    if headers:
        told = [_of_git_header(lines, number) for number in headers]
    else:
        told = [
            _of_names(lines[n][4:], lines[n + 1][4:])
            for n in range(len(lines) - 2)
            if lines[n].startswith(b"--- ")
            and lines[n + 1].startswith(b"+++ ")
            and lines[n + 2].startswith(b"@@ -")
        ][:_MOST]
    return True in told and False not in told


def _of_git_header(lines: Sequence[bytes], number: int) -> bool | None:
    """True: whole names.  False: names with a prefix.  None: it cannot be told."""
    # mail may have made CRLF of its ends: git then reads the names further below
    rest = _unended(lines[number])[len(_GIT) :] + b"\n"
    name = header_name(rest, 0)
    if name is not None:
        return not _PREFIX.match(name) if name else None
    for line in lines[number + 1 : number + 6]:  # a rename's names have no prefix
        if line.startswith((b"rename from ", b"copy from ")):
            return rest.startswith(_unended(line).split(b" ", 2)[2] + b" ")
    return False


def _unended(line: bytes) -> bytes:
    return line.removesuffix(b"\n").removesuffix(b"\r")


def _of_names(old: bytes, new: bytes) -> bool | None:
    if is_dev_null(old) or is_dev_null(new):
        return None
    name = find_name_traditional(old, 0)
    if name is None or b"/" not in name:
        return None  # git guesses -p0 itself
    return name == find_name_traditional(new, 0) and not _PREFIX.match(name)
