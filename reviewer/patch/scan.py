"""Finding the files and hunks of a diff exactly where git finds them.

A mail holds text around and between the diffs; what git does not take for a header
or a hunk is no part of the patch.  The rules are those of git's apply.c (2.39),
followed by behaviour; a diff that git calls corrupt raises ``InputError`` with
git's reason.  Line numbers in messages are those of the text given.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field

from reviewer.errors import InputError
from reviewer.limits import Limits, check
from reviewer.patch.names import (
    find_name,
    find_name_traditional,
    guess_strip,
    has_epoch_timestamp,
    header_name,
    is_dev_null,
)


@dataclass(slots=True)
class RawHunk:
    """Where a hunk stands: lines[first:end], header line included."""

    first: int
    end: int
    numbers: tuple[int, int, int, int]  # old start, length, new start, length


@dataclass(slots=True)
class RawFile:
    """One file of the diff as git reads it.

    ``is_new`` and ``is_delete`` are None where git does not know before it looks
    at the tree.
    """

    first: int  # lines[first:header_end] is the header, lines[first:end] all of it
    header_end: int = 0
    end: int = 0
    old_name: bytes | None = None
    new_name: bytes | None = None
    is_new: bool | None = None
    is_delete: bool | None = None
    is_rename: bool = False
    is_copy: bool = False
    is_binary: bool = False
    old_mode: int = 0
    new_mode: int = 0
    old_blob: bytes | None = None
    new_blob: bytes | None = None
    strip: int = 1
    score: int = 0
    hunks: list[RawHunk] = field(default_factory=list)
    added: int = 0
    deleted: int = 0

    @property
    def name(self) -> bytes:
        """The name git prints for the file."""
        return self.new_name or self.old_name or b""


_HUNK_HEADER = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_MODE = re.compile(rb"[ \t\r\f\v]*[-+]?([0-7]+)(?=[ \t\r\n\f\v])")
_SCORE = re.compile(rb"[ \t\r\f\v]*\+?(\d{1,3})(?!\d)")
_BINARY_LENGTH = {
    **{c: c - 64 for c in range(65, 91)},
    **{c: c - 70 for c in range(97, 123)},
}
_ULONG_MAX = 2**64 - 1
_OID_LENGTH = 64


class Corrupt(InputError):
    """The diff cannot be read; git refuses it as well."""


def shown(text: bytes, most: int = 60) -> str:
    """A piece of a diff for a message: no control characters, not too long."""
    clipped = text[:most].decode("utf-8", "replace").rstrip("\r\n")
    return ascii(clipped)[1:-1] + ("..." if len(text) > most else "")


def hunk_numbers(line: bytes) -> tuple[int, int, int, int] | None:
    """Start and length on both sides of a hunk header line, None if it is none.

    A length that is not written is 1; a number that does not fit in 64 bits makes
    the line no hunk header.
    """
    match = _HUNK_HEADER.match(line) if line.endswith(b"\n") else None
    if match is None or any(len(digits or b"") > 40 for digits in match.groups()):
        return None
    old, old_length, new, new_length = (int(d or b"1") for d in match.groups())
    numbers = (old, old_length, new, new_length)
    return None if max(numbers) > _ULONG_MAX else numbers


def scan(data: bytes, limits: Limits) -> tuple[list[bytes], list[RawFile]]:
    """The lines of a diff (newline kept) and the files found in them.

    Raises:
        Corrupt: git would refuse the diff, for the same reason.
        LimitExceeded: it is larger than ``limits``.
    """
    check("diff_lines", data.count(b"\n"), limits.diff_lines, "lines of a diff")
    lines = io.BytesIO(data).readlines()
    longest = max(map(len, lines), default=0)
    check("diff_line_bytes", longest, limits.diff_line_bytes, "a line of a diff")
    return lines, _Scanner(lines, limits).files()


class _Scanner:
    """A cursor over the lines; ``strip`` may become 0 once, as git's -p does."""

    def __init__(self, lines: list[bytes], limits: Limits) -> None:
        self.lines = lines
        self.limits = limits
        self.strip: int = 1
        self.strip_known = False
        self.hunk_count = 0

    def files(self) -> list[RawFile]:
        found: list[RawFile] = []
        at = 0
        while True:
            file = self._find_header(at)
            if file is None:
                return found
            file.strip = self.strip
            at = self._hunks(file)
            if not file.hunks:
                at = self._binary(file, at)
            file.end = at
            self._settle(file)
            found.append(file)
            check("diff_files", len(found), self.limits.diff_files, "files of a diff")
            file.old_name = file.new_name = self.default
        if (file.new_name is None and not file.is_delete) or (
            file.old_name is None and not file.is_new
        ):
            raise Corrupt(f"git diff header lacks filename information (line {number})")

    def _check(self, number: int) -> None:
        file = self.file
        kinds = (file.is_delete, file.is_new, file.is_rename, file.is_copy)
        if sum(map(bool, kinds)) > 1:
            raise Corrupt(
                f"inconsistent header lines {self.first_extension} and {number}"
            )
        if any(kinds) and not self.first_extension:
            self.first_extension = number

    def old_name(self, rest: bytes, number: int, strip: int) -> None:
        file = self.file
        file.old_name = self._verified(
            file.old_name, bool(file.is_new), rest, number, strip, "old"
        )

    def new_name(self, rest: bytes, number: int, strip: int) -> None:
        file = self.file
        file.new_name = self._verified(
            file.new_name, bool(file.is_delete), rest, number, strip, "new"
        )

    @staticmethod
    def _verified(
        name: bytes | None, null: bool, rest: bytes, number: int, strip: int, side: str
    ) -> bytes | None:
        if name is None and not null:
            return find_name(rest, strip)
        if name is None:
            if not is_dev_null(rest):
                raise Corrupt(f"bad git-diff - expected /dev/null on line {number}")
            return None
        if null:
            raise Corrupt(
                f"bad git-diff - expected /dev/null, got {shown(name)} on line {number}"
            )
        if find_name(rest, strip) != name:
            raise Corrupt(
                f"bad git-diff - inconsistent {side} filename on line {number}"
            )
        return name

    def old_mode(self, rest: bytes, number: int, strip: int) -> None:
        self.file.old_mode = _mode(rest, number)

    def new_mode(self, rest: bytes, number: int, strip: int) -> None:
        self.file.new_mode = _mode(rest, number)

    def deleted(self, rest: bytes, number: int, strip: int) -> None:
        self.file.is_delete = True
        self.file.old_name = self.default
        self.old_mode(rest, number, strip)

    def created(self, rest: bytes, number: int, strip: int) -> None:
        self.file.is_new = True
        self.file.new_name = self.default
        self.new_mode(rest, number, strip)

    def copy_from(self, rest: bytes, number: int, strip: int) -> None:
        self.file.is_copy = True
        self._moved_from(rest, strip)

    def copy_to(self, rest: bytes, number: int, strip: int) -> None:
        self.file.is_copy = True
        self._moved_to(rest, strip)

    def rename_from(self, rest: bytes, number: int, strip: int) -> None:
        self.file.is_rename = True
        self._moved_from(rest, strip)

    def rename_to(self, rest: bytes, number: int, strip: int) -> None:
        self.file.is_rename = True
        self._moved_to(rest, strip)

    def _moved_from(self, rest: bytes, strip: int) -> None:
        self.file.old_name = find_name(rest, max(strip - 1, 0), tab_ends=False)

    def _moved_to(self, rest: bytes, strip: int) -> None:
        self.file.new_name = find_name(rest, max(strip - 1, 0), tab_ends=False)

    def similarity(self, rest: bytes, number: int, strip: int) -> None:
        match = _SCORE.match(rest)
        if match is not None and int(match[1]) <= 100:
            self.file.score = int(match[1])

    def index(self, rest: bytes, number: int, strip: int) -> None:
        old, dots, after = rest.partition(b"..")
        if not dots or b"." in old or len(old) > _OID_LENGTH:
            return
        new, space, mode = after.rstrip(b"\n").partition(b" ")
        if len(new) > _OID_LENGTH:
            return
        self.file.old_blob, self.file.new_blob = old, new
        if space:
            self.old_mode(mode + b"\n", number, strip)


def _mode(rest: bytes, number: int) -> int:
    match = _MODE.match(rest)
    if match is None or len(match[1]) > 20:
        raise Corrupt(f"invalid mode on line {number}: {shown(rest)}")
    return int(match[1], 8)


_HEADER_LINES = (
    (b"--- ", _GitHeader.old_name),
    (b"+++ ", _GitHeader.new_name),
    (b"old mode ", _GitHeader.old_mode),
    (b"new mode ", _GitHeader.new_mode),
    (b"deleted file mode ", _GitHeader.deleted),
    (b"new file mode ", _GitHeader.created),
    (b"copy from ", _GitHeader.copy_from),
    (b"copy to ", _GitHeader.copy_to),
    (b"rename old ", _GitHeader.rename_from),
    (b"rename new ", _GitHeader.rename_to),
    (b"rename from ", _GitHeader.rename_from),
    (b"rename to ", _GitHeader.rename_to),
    (b"similarity index ", _GitHeader.similarity),
    (b"dissimilarity index ", _GitHeader.similarity),
    (b"index ", _GitHeader.index),
)
