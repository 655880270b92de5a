# SPDX-License-Identifier: GPL-2.0-or-later
"""From the text of a diff to its files and hunks.

git decides where headers and hunks are, and what the files are called (``scan``,
``names``).  unidiff reads the hunks of each file into lines with their numbers; it gets
one file at a time, with placeholder names, so that no name, no text between the diffs
and no translated marker can lead it elsewhere than git.  Where the two disagree the
diff is called corrupt.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from reviewer.limits import DEFAULT, Limits
from reviewer.models import DiffLine, FileDiff, Hunk
from reviewer.patch.raw import Corrupt, RawFile, RawHunk, shown
from reviewer.patch.scan import scan
from reviewer.patterns import regex
from reviewer.utf8 import decode, encode

if TYPE_CHECKING:
    from unidiff.patch import Hunk as UnidiffHunk
    from unidiff.patch import Line as UnidiffLine

NO_NEWLINE = " No newline at end of file"
_SECTION = regex(r"@@ [^@]* @@ ?")
_PLACEHOLDER_NAMES = ("--- a\n", "+++ b\n")
_HEX = regex(rb"[0-9a-f]{4,64}")


class FilePart(Struct, frozen=True):
    """One file of a diff, with the text that git apply needs for it alone."""

    diff: FileDiff
    text: bytes
    strip: int  # how many leading folders git takes off its names (-p)


def parse_diff(text: str, limits: Limits = DEFAULT) -> tuple[FileDiff, ...]:
    """Returns the files that a diff changes, as ``git
    apply --numstat --summary`` tells.

    Args:
        text: a diff, or the text of a mail that holds one; what git does not take
            for a part of a diff is passed over.
        limits: how large the diff may be.

    Returns:
        One record a file, in order; empty if there is no diff in the text.

    Raises:
        InputError: git calls the diff corrupt; the message gives git's reason.
        LimitExceeded: the diff is larger than the limits.
    """
    return tuple(part.diff for part in parse_parts(text, limits))


def parse_parts(text: str, limits: Limits = DEFAULT) -> tuple[FilePart, ...]:
    """Parses as ``parse_diff`` does, each file with its own piece of the text."""
    lines, files = scan(encode(text), limits)
    return tuple(
        FilePart(
            _file_diff(lines, file),
            b"".join(lines[file.first : file.end]),
            file.strip,
        )
        for file in files
    )


def _file_diff(lines: list[bytes], file: RawFile) -> FileDiff:
    status = _status(file)
    header = tuple(
        decode(line).rstrip("\n") for line in lines[file.first : file.header_end]
    )
    old_mode, new_mode = _octal(file.old_mode), _octal(file.new_mode)
    if new_mode is None and status != "deleted":
        new_mode = old_mode
    return FileDiff(
        old_path=None if status == "added" else _text(file.old_name),
        new_path=None if status == "deleted" else _text(file.new_name),
        status=status,
        header=header,
        hunks=_hunks(lines, file),
        old_blob=_blob(file.old_blob),
        new_blob=_blob(file.new_blob),
        old_mode=old_mode,
        new_mode=new_mode,
        binary=file.is_binary,
        at=file.first,
    )


def _status(file: RawFile) -> str:
    if file.is_new or (file.is_new is None and _starts_at_zero(file, old=True)):
        return "added"
    if file.is_delete or (file.is_delete is None and _starts_at_zero(file, old=False)):
        return "deleted"
    if file.is_rename:
        return "renamed"
    if file.is_copy:
        return "copied"
    changes_mode = file.new_mode and file.new_mode != file.old_mode
    if changes_mode and not file.hunks and not file.is_binary:
        return "mode"
    return "modified"


def _starts_at_zero(file: RawFile, *, old: bool) -> bool:
    """Whether a diff that does not say so creates (or deletes) the file.

    A side without lines starts at line 0 only if the file is empty there; a pure
    insertion made with ``--unified=0`` starts where it inserts.
    """
    numbers = file.hunks[0].numbers
    start, length = numbers[:2] if old else numbers[2:]
    return start == 0 and length == 0


def _text(name: bytes | None) -> str | None:
    return None if name is None else decode(name)


def _octal(mode: int) -> str | None:
    return f"{mode:06o}" if mode else None


def _blob(prefix: bytes | None) -> str | None:
    if prefix is None or not _HEX.fullmatch(prefix):
        return None
    return prefix.decode("ascii")


def _hunks(lines: list[bytes], file: RawFile) -> tuple[Hunk, ...]:
    """The hunks of a file as unidiff reads them.

    Raises Corrupt where unidiff finds other hunks than ``scan`` did.
    """
    if not file.hunks:
        return ()
    from unidiff.errors import UnidiffParseError
    from unidiff.patch import PatchSet

    first = file.hunks[0].first
    try:
        found = PatchSet(_alone(lines[first : file.hunks[-1].end]))
    except UnidiffParseError as error:
        raise _disagreement(file, str(error)) from error
    if [len(one) for one in found] != [len(file.hunks)]:
        raise _disagreement(file, "another number of hunks")
    shift = first - len(_PLACEHOLDER_NAMES)
    pairs = zip(file.hunks, found[0], strict=True)
    return tuple(_hunk(lines, file, raw, hunk, shift) for raw, hunk in pairs)


def _alone(lines: list[bytes]) -> Iterator[str]:
    """The lines of a file's hunks as a diff of its own, for unidiff."""
    yield from _PLACEHOLDER_NAMES
    for line in lines:
        # in whatever language it says that there is no newline
        yield f"\\{NO_NEWLINE}\n" if line.startswith(b"\\") else decode(line)


def _hunk(
    lines: list[bytes], file: RawFile, raw: RawHunk, hunk: UnidiffHunk, shift: int
) -> Hunk:
    """One hunk with the places of its lines in the diff.

    Args:
        shift: what is to be added to unidiff's number of a line (from 1) for its
            place in ``lines`` (from 1).
    """
    old, old_length, new, new_length = raw.numbers
    numbers = (hunk.source_start, hunk.source_length)
    if (*numbers, hunk.target_start, hunk.target_length) != raw.numbers:
        raise _disagreement(file, "other numbers in a hunk header")
    found = tuple(_line(line, shift, raw.end - 1) for line in _taken_from(hunk))
    if [line.at for line in found] != list(range(raw.first + 1, raw.end)):
        raise _disagreement(file, "a hunk of another length")
    section = _SECTION.sub("", decode(lines[raw.first]).rstrip("\r\n"), count=1)
    return Hunk(old, old_length, new, new_length, section, found, raw.first)


def _taken_from(hunk: UnidiffHunk) -> Iterator[UnidiffLine]:
    """The lines in order; each goes as it is taken: a diff may have millions."""
    hunk.reverse()
    while hunk:
        yield hunk.pop()


def _line(line: UnidiffLine, shift: int, last: int) -> DiffLine:
    """A line as our model holds it.

    unidiff does not number a marker below the last line of a hunk: that is ``last``.
    """
    number = line.diff_line_no
    return DiffLine(
        kind=line.line_type,
        text=line.value.removesuffix("\n"),
        old=line.source_line_no,
        new=line.target_line_no,
        at=last if number is None else number - 1 + shift,
    )


def _disagreement(file: RawFile, why: str) -> Corrupt:
    return Corrupt(f"corrupt patch in {shown(file.name)}: {shown(why.encode())}")
