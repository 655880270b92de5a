# SPDX-License-Identifier: GPL-2.0-or-later
"""The header lines that git writes above the hunks of a file."""

from __future__ import annotations

from collections.abc import Sequence

from reviewer.patch.names import find_name, is_dev_null
from reviewer.patch.raw import (
    MODE,
    OID_LENGTH,
    ULONG_MAX,
    WRAPPED,
    Corrupt,
    RawFile,
    shown,
)


class GitHeader:
    """The extended header lines after ``diff --git``, one ``take`` each."""

    def __init__(
        self, file: RawFile, default: bytes | None, lines: Sequence[bytes]
    ) -> None:
        self.file = file
        self.lines = lines  # of the whole text
        self.default = default
        self.first_extension = 0

    def take(self, line: bytes, number: int, strip: int) -> bool:
        """Read one line; False if it does not belong to the header."""
        for prefix, reader in _HEADER_LINES:
            if line.startswith(prefix):
                reader(self, line[len(prefix) :], number, strip)
                self._check(number)
                return True
        return False

    def finish(self, number: int, strip: int, *, wrapped: bool) -> None:
        """Fills in the default name; raises Corrupt for a header that names no file."""
        file = self.file
        if file.old_name is None and file.new_name is None:
            if self.default is None:
                raise Corrupt(
                    "git diff header lacks filename information when removing"
                    f" {strip} leading pathname component{'s'[: strip != 1]}"
                    f" (line {number}){WRAPPED if wrapped else ''}"
                )
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
        """Reads ``--- NAME``; raises Corrupt where it differs from the line above."""
        file = self.file
        file.old_name = self._verified(
            file.old_name, bool(file.is_new), rest, number, strip, "old"
        )

    def new_name(self, rest: bytes, number: int, strip: int) -> None:
        """Reads ``+++ NAME``; raises Corrupt where it differs from the line above."""
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
        """Reads ``old mode``; raises Corrupt where it is no mode."""
        self.file.old_mode = self._mode(rest, number)

    def new_mode(self, rest: bytes, number: int, strip: int) -> None:
        """Reads ``new mode``; raises Corrupt where it is no mode."""
        self.file.new_mode = self._mode(rest, number)

    def deleted(self, rest: bytes, number: int, strip: int) -> None:
        """Reads ``deleted file mode``."""
        self.file.is_delete = True
        self.file.old_name = self.default
        self.old_mode(rest, number, strip)

    def created(self, rest: bytes, number: int, strip: int) -> None:
        """Reads ``new file mode``."""
        self.file.is_new = True
        self.file.new_name = self.default
        self.new_mode(rest, number, strip)

    def copy_from(self, rest: bytes, number: int, strip: int) -> None:
        """Reads ``copy from NAME``."""
        self.file.is_copy = True
        self._moved_from(rest, strip)

    def copy_to(self, rest: bytes, number: int, strip: int) -> None:
        """Reads ``copy to NAME``."""
        self.file.is_copy = True
        self._moved_to(rest, strip)

    def rename_from(self, rest: bytes, number: int, strip: int) -> None:
        """Reads ``rename from NAME``, or ``rename old``."""
        self.file.is_rename = True
        self._moved_from(rest, strip)

    def rename_to(self, rest: bytes, number: int, strip: int) -> None:
        """Reads ``rename to NAME``, or ``rename new``."""
        self.file.is_rename = True
        self._moved_to(rest, strip)

    def _moved_from(self, rest: bytes, strip: int) -> None:
        self.file.old_name = find_name(rest, max(strip - 1, 0), tab_ends=False)

    def _moved_to(self, rest: bytes, strip: int) -> None:
        self.file.new_name = find_name(rest, max(strip - 1, 0), tab_ends=False)

    def similarity(self, rest: bytes, number: int, strip: int) -> None:
        """Passes over ``similarity index``, which says nothing that is asked for."""

    def index(self, rest: bytes, number: int, strip: int) -> None:
        """Reads ``index OLD..NEW MODE``; what is not so is passed over, as git does."""
        if b"." not in rest:  # git looks for the dots in what follows, then
            rest += b"".join(self.lines[number : number + OID_LENGTH])
        old, dots, after = rest.partition(b"..")
        if not dots or b"." in old or len(old) > OID_LENGTH:
            return
        new, space, mode = after.partition(b"\n")[0].partition(b" ")
        if len(new) > OID_LENGTH:
            return
        self.file.old_blob, self.file.new_blob = old, new
        if space:
            self.old_mode(mode + b"\n", number, strip)

    def _mode(self, rest: bytes, number: int) -> int:
        """A mode as strtoul(3) reads it: what a mail has wrapped before it as well."""
        after = number
        while after < len(self.lines) and not self.lines[after].strip():
            after += 1
        text = (
            rest if rest.strip() else b"".join((rest, *self.lines[number : after + 1]))
        )
        match = MODE.match(text)
        if match is None:
            raise Corrupt(f"invalid mode on line {number}: {shown(rest)}")
        return min(int(match[1], 8), ULONG_MAX)


_HEADER_LINES = (
    (b"--- ", GitHeader.old_name),
    (b"+++ ", GitHeader.new_name),
    (b"old mode ", GitHeader.old_mode),
    (b"new mode ", GitHeader.new_mode),
    (b"deleted file mode ", GitHeader.deleted),
    (b"new file mode ", GitHeader.created),
    (b"copy from ", GitHeader.copy_from),
    (b"copy to ", GitHeader.copy_to),
    (b"rename old ", GitHeader.rename_from),
    (b"rename new ", GitHeader.rename_to),
    (b"rename from ", GitHeader.rename_from),
    (b"rename to ", GitHeader.rename_to),
    (b"similarity index ", GitHeader.similarity),
    (b"dissimilarity index ", GitHeader.similarity),
    (b"index ", GitHeader.index),
)
