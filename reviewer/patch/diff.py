"""From the text of a diff to its files and hunks.

git decides where headers and hunks are (``scan``).  The lines are read here and not
by unidiff, whose objects take ten times the memory of the mail: a hunk that ``scan``
has found holds what its header says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reviewer.limits import DEFAULT, Limits
from reviewer.models import DiffLine, FileDiff, Hunk
from reviewer.patch.scan import RawFile, RawHunk, scan

NO_NEWLINE = " No newline at end of file"
_SECTION = re.compile(r"@@ [^@]* @@ ?")
_HEX = re.compile(rb"[0-9a-f]{4,64}")


def encode(text: str) -> bytes:
    """The bytes of text that came by mail (UTF-8 with surrogateescape).

    A surrogate that stands for no byte becomes a question mark.
    """
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        lone = re.compile("[\ud800-\udc7f\udd00-\udfff]")
        return lone.sub("?", text).encode("utf-8", "surrogateescape")


def decode(data: bytes) -> str:
    """The inverse of ``encode``."""
    return data.decode("utf-8", "surrogateescape")


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a diff, with the text that git apply needs for it alone."""

    diff: FileDiff
    text: bytes
    strip: int  # how many leading folders git takes off its names (-p)


def parse_diff(text: str, limits: Limits = DEFAULT) -> tuple[FileDiff, ...]:
    """The files that a diff changes, as ``git apply --numstat --summary`` tells.

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


def parse_parts(text: str, limits: Limits = DEFAULT) -> tuple[Part, ...]:
    """As ``parse_diff``, each file with its own piece of the text."""
    lines, files = scan(encode(text), limits)
    return tuple(
        Part(
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
        hunks=tuple(_hunk(lines, hunk) for hunk in file.hunks),
        old_blob=_blob(file.old_blob),
        new_blob=_blob(file.new_blob),
        old_mode=old_mode,
        new_mode=new_mode,
        binary=file.is_binary,
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


def _hunk(lines: list[bytes], raw: RawHunk) -> Hunk:
    """The lines of a hunk whose place and lengths are known to be right."""
    old, old_length, new, new_length = raw.numbers
    section = _SECTION.sub("", decode(lines[raw.first]).rstrip("\r\n"), count=1)
    return Hunk(
        old_start=old,
        old_length=old_length,
        new_start=new,
        new_length=new_length,
        section=section,
        lines=tuple(_lines(lines[raw.first + 1 : raw.end], old, new)),
    )


def _lines(lines: list[bytes], old: int, new: int) -> Iterator[DiffLine]:
    for line in lines:
        text = decode(line).removesuffix("\n")
        kind = text[:1]
        if kind == "+":
            yield DiffLine("+", text[1:], None, new)
            new += 1
        elif kind == "-":
            yield DiffLine("-", text[1:], old, None)
            old += 1
        elif kind == "\\":  # in whatever language it says so
            yield DiffLine("\\", NO_NEWLINE, None, None)
        else:  # an empty line is one of context that lost its space
            yield DiffLine(" ", text[1:], old, new)
            old, new = old + 1, new + 1
