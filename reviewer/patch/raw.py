# SPDX-License-Identifier: GPL-2.0-or-later
"""What the scanner of a diff hands on: files and hunks as they stand there."""

from __future__ import annotations

from msgspec import Struct, field

from reviewer.errors import InputError
from reviewer.patterns import regex


class RawHunk(Struct):
    """Where a hunk stands: lines[first:end], header line included."""

    first: int
    end: int
    numbers: tuple[int, int, int, int]  # old start, length, new start, length


class RawFile(Struct):
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
    hunks: list[RawHunk] = field(default_factory=list)
    added: int = 0
    deleted: int = 0

    @property
    def name(self) -> bytes:
        """The name git prints for the file."""
        return self.new_name or self.old_name or b""


HUNK_HEADER = regex(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
MODE = regex(rb"\s*[-+]?([0-7]+)(?=[ \t\r\n])")
BINARY_LENGTH = {
    **{c: c - 64 for c in range(65, 91)},
    **{c: c - 70 for c in range(97, 123)},
}
WRAPPED = " (was a long line wrapped on its way?)"
SHORTEST = 6  # bytes of a line that git looks at between the files
ULONG_MAX = 2**64 - 1
OID_LENGTH = 40  # of SHA-1, which the kernel's repositories use


class Corrupt(InputError):
    """The diff cannot be read; git refuses it as well."""


def shown(text: bytes, most: int = 60) -> str:
    """Returns a piece of a diff for a message: no control characters, not too long."""
    clipped = text[:most].decode("utf-8", "replace").rstrip("\r\n")
    return ascii(clipped)[1:-1] + ("..." if len(text) > most else "")
