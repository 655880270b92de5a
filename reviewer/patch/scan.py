# SPDX-License-Identifier: GPL-2.0-or-later
"""Finding the files and hunks of a diff exactly where git finds them.

A mail holds text around and between the diffs; what git does not take for a header
or a hunk is no part of the patch.  The rules are those of git's apply.c (2.39),
followed by behaviour; a diff that git calls corrupt raises ``InputError`` with
git's reason.  Line numbers in messages are those of the text given.
"""

from __future__ import annotations

import io

from reviewer.limits import Limits, check
from reviewer.patch.githeader import GitHeader
from reviewer.patch.names import (
    find_name_traditional,
    guess_strip,
    has_epoch_timestamp,
    header_name,
    is_dev_null,
)
from reviewer.patch.prefix import lacks_prefix
from reviewer.patch.raw import (
    BINARY_LENGTH,
    HUNK_HEADER,
    SHORTEST,
    ULONG_MAX,
    WRAPPED,
    Corrupt,
    RawFile,
    RawHunk,
    shown,
)


def hunk_numbers(line: bytes) -> tuple[int, int, int, int] | None:
    """Returns the numbers of a hunk header line: (old start, old length, new start, new
    length), None if it is none.

    A length that is not written is 1; a number that does not fit in 64 bits makes
    the line no hunk header.
    """
    match = HUNK_HEADER.match(line) if line.endswith(b"\n") else None
    if match is None or any(len(digits or b"") > 40 for digits in match.groups()):
        return None
    old, old_length, new, new_length = (int(d or b"1") for d in match.groups())
    numbers = (old, old_length, new, new_length)
    return None if max(numbers) > ULONG_MAX else numbers


def scan(data: bytes, limits: Limits) -> tuple[list[bytes], list[RawFile]]:
    """Returns the lines of a diff (newline kept) and the files found in them.

    One that was made with --no-prefix is read as ``git apply -p0`` does.

    Raises:
        Corrupt: git would refuse the diff, for the same reason.
        LimitExceeded: it is larger than ``limits``.
    """
    check("diff_lines", data.count(b"\n"), limits.diff_lines, "lines of a diff")
    lines = io.BytesIO(data).readlines()
    longest = max(map(len, lines), default=0)
    check("diff_line_bytes", longest, limits.diff_line_bytes, "a line of a diff")
    return lines, _Scanner(lines, limits, 0 if lacks_prefix(lines) else 1).files()


class _Scanner:
    """A cursor over the lines; ``strip`` may become 0 once, as git's -p does."""

    def __init__(self, lines: list[bytes], limits: Limits, strip: int) -> None:
        self.lines = lines
        self.limits = limits
        self.strip = strip
        self.strip_known = not strip
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

    # --- headers --------------------------------------------------------------

    def _find_header(self, at: int) -> RawFile | None:
        lines = self.lines
        file = RawFile(at)
        for index in range(at, len(lines)):
            line = lines[index]
            if len(line) < SHORTEST:
                continue
            if line.startswith(b"@@ -"):
                if HUNK_HEADER.match(line) and line.endswith(b"\n"):
                    raise Corrupt(
                        f"patch fragment without header at line {index + 1}:"
                        f" {shown(line)}"
                    )
            elif line.startswith(b"diff --git "):
                if self._room_after(index) and self._git_header(file, index):
                    return file
            elif line.startswith(b"--- ") and self._is_traditional(index):
                self._traditional_header(file, index)
                return file
        return None

    def _room_after(self, index: int) -> bool:
        following = self.lines[index + 1 : index + 1 + SHORTEST]
        return sum(map(len, following)) >= SHORTEST

    def _is_traditional(self, index: int) -> bool:
        following = self.lines[index + 1 : index + 3]
        return (
            len(following) == 2
            and following[0].startswith(b"+++ ")
            and following[1].startswith(b"@@ -")
            and self._room_after(index)
        )

    def _git_header(self, file: RawFile, index: int) -> bool:
        """Read the header that starts here; False if no header line follows.

        Then the names stay known all the same, as in git: the next header has to
        agree with them.
        """
        _refuse_nul(self.lines, index, index + 1)
        file.first = index
        file.is_new = file.is_delete = False
        name = header_name(self.lines[index][11:], self.strip)
        header = GitHeader(file, name, self.lines)
        at = index + 1
        while at < len(self.lines):
            line = self.lines[at]
            if not line.endswith(b"\n") or not header.take(line, at + 1, self.strip):
                break
            at += 1
        wrapped = len(self.lines[index].split()) < 4
        header.finish(at + 1, self.strip, wrapped=wrapped)
        if at == index + 1:
            return False
        _refuse_nul(self.lines, index, at)
        file.header_end = at
        return True

    def _traditional_header(self, file: RawFile, index: int) -> None:
        _refuse_nul(self.lines, index, index + 2)
        first, second = self.lines[index][4:], self.lines[index + 1][4:]
        if not self.strip_known:
            guesses = guess_strip(first), guess_strip(second)
            if guesses in ((0, 0), (None, 0)):
                self.strip, self.strip_known = 0, True
        file.first, file.header_end = index, index + 2
        if is_dev_null(first):
            name = find_name_traditional(second, self.strip)
            file.new_name, file.is_new, file.is_delete = name, True, False
        elif is_dev_null(second):
            name = find_name_traditional(first, self.strip)
            file.old_name, file.is_new, file.is_delete = name, False, True
        else:
            name = find_name_traditional(first, self.strip)
            name = find_name_traditional(second, self.strip, name)
            if has_epoch_timestamp(first):
                file.new_name, file.is_new, file.is_delete = name, True, False
            elif has_epoch_timestamp(second):
                file.old_name, file.is_new, file.is_delete = name, False, True
            else:
                file.old_name = file.new_name = name
        if name is None:
            raise Corrupt(f"unable to find filename in patch at line {index + 1}")

    # --- hunks ----------------------------------------------------------------

    def _hunks(self, file: RawFile) -> int:
        at = file.header_end
        lines = self.lines
        while at < len(lines) and lines[at].startswith(b"@@ -") and self._room(at):
            numbers = hunk_numbers(lines[at])
            if numbers is None:
                raise Corrupt(f"corrupt patch at line {at + 1}: {shown(lines[at])}")
            end = self._hunk_end(file, at, numbers)
            file.hunks.append(RawHunk(at, end, numbers))
            self.hunk_count += 1
            most = self.limits.diff_hunks
            check("diff_hunks", self.hunk_count, most, "hunks of a diff")
            at = end
        return at

    def _room(self, at: int) -> bool:
        return len(self.lines[at]) > 4 or at + 1 < len(self.lines)

    def _hunk_end(
        self, file: RawFile, at: int, numbers: tuple[int, int, int, int]
    ) -> int:
        """The line after the hunk that starts at line ``at``; counts its lines."""
        lines = self.lines
        old, new = numbers[1], numbers[3]
        added = deleted = 0
        end = at + 1
        while old or new:
            line = lines[end] if end < len(lines) else b""
            kind = line[:1]
            if kind in (b" ", b"\n"):
                old -= 1
                new -= 1
            elif kind == b"-":
                old -= 1
                deleted += 1
            elif kind == b"+":
                new -= 1
                added += 1
            elif kind != b"\\" or not _is_no_newline(line):
                raise self._corrupt_hunk(file, end)
            if old < 0 or new < 0 or not line.endswith(b"\n"):
                raise self._corrupt_hunk(file, end)
            end += 1
        if not added and not deleted:
            raise self._corrupt_hunk(file, end)
        file.added += added
        file.deleted += deleted
        if end < len(lines) and _is_no_newline(lines[end]):
            end += 1
        return end

    def _corrupt_hunk(self, file: RawFile, index: int) -> Corrupt:
        where = f"corrupt patch at line {index + 1}, in {shown(file.name)}"
        if index >= len(self.lines):
            return Corrupt(f"{where}: the hunk ends before its last line")
        line = self.lines[index]
        # all lines of a hunk begin with one of these: here a mail program broke one
        wrapped = "" if line[:1] in b" +-\\\n" else WRAPPED
        if not line.strip():
            return Corrupt(f"{where}: an empty line, where the hunk has to go on")
        return Corrupt(f'{where}: "{shown(line)}"{wrapped}')

    def _settle(self, file: RawFile) -> None:
        """Decide new and deleted from what the hunks hold, or refuse the lie."""
        old = sum(hunk.numbers[1] for hunk in file.hunks)
        new = sum(hunk.numbers[3] for hunk in file.hunks)
        several = len(file.hunks) > 1
        if file.is_new is None and (old or several):
            file.is_new = False
        if file.is_delete is None and (new or several):
            file.is_delete = False
        if file.is_new and old:
            raise Corrupt(f"new file {shown(file.name)} depends on old contents")
        if file.is_delete and new:
            raise Corrupt(f"deleted file {shown(file.name)} still has contents")

    # --- binary ---------------------------------------------------------------

    def _binary(self, file: RawFile, at: int) -> int:
        if at >= len(self.lines):
            return at
        line = self.lines[at]
        if line == b"GIT binary patch\n":
            end = self._binary_hunk(at + 1)
            if end is None:
                raise Corrupt(f"unrecognized binary patch at line {at + 2}")
            file.is_binary = True
            return self._binary_hunk(end) or end
        if line.startswith((b"Binary files ", b"Files ")) and line.endswith(
            b" differ\n"
        ):
            file.is_binary = True
            return at + 1
        return at

    def _binary_hunk(self, at: int) -> int | None:
        """The line after the base-85 lines and the blank line that ends them.

        The data is not decoded: nothing here reads binary files.
        """
        lines = self.lines
        if at >= len(lines) or not lines[at].startswith((b"delta ", b"literal ")):
            return None
        for index in range(at + 1, len(lines)):
            line = lines[index]
            if line == b"\n":
                return index + 1
            room = (len(line) - 2) // 5 * 4
            length = BINARY_LENGTH.get(line[0], 0)
            if len(line) < 7 or (len(line) - 2) % 5 or not room - 4 < length <= room:
                raise Corrupt(f"corrupt binary patch at line {index + 1}")
        raise Corrupt(f"corrupt binary patch at line {len(lines)}")


def _refuse_nul(lines: list[bytes], first: int, end: int) -> None:
    # git takes a NUL for the end of the name and goes on with the part before it
    for index in range(first, end):
        if b"\0" in lines[index]:
            raise Corrupt(f"NUL byte in the diff header at line {index + 1}")


def _is_no_newline(line: bytes) -> bool:
    # any language: git believes a line that starts so and is long enough
    return line.startswith(b"\\ ") and len(line) >= 12
