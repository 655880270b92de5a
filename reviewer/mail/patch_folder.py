# SPDX-License-Identifier: GPL-2.0-or-later
"""The series around one patch file: the other files of its folder.

git send-email shows its hook one file at a time, and only one that asks for the rest
can know that 2/2 documents what 1/2 does.  The files lie together: in a temporary
folder that git has filled, or where format-patch has put them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from reviewer.errors import InputError
from reviewer.limits import Limits
from reviewer.mail.local import SUFFIXES, are_numbered, read_local
from reviewer.mail.series import posted_series, readable
from reviewer.mail.threads import Mailbox, Posting, is_cover
from reviewer.models import Series

MOST_FILES = 2000  # of a folder that are looked at


class Beside(Struct, frozen=True):
    """What a file is a part of; ``index`` is its number there, 0 of a cover letter."""

    mails: tuple[bytes, ...]  # of the series, the cover letter first if it has one
    index: int
    numbers: tuple[int, ...]  # of the patches that are there
    _box: Mailbox
    _posting: Posting
    _bounds: Limits

    def series(self) -> Series:
        """Returns the series. Raises NotAPatch where no patch of it can be read."""
        return posted_series(self._box, self._posting, None, self._bounds, [])


def series_beside(
    file: Path, bounds: Limits, *, total: int | None = None
) -> Beside | None:
    """Returns the series that a patch file or a cover letter belongs to.

    ``total`` is how many files are sent together, if that is known: then files whose
    subjects have no number are one series if there are just so many.  None for a
    file that is no part of a series of several.
    """
    own = read_local(file, bounds)
    if len(own) != 1:
        return None
    files = _files(file)
    raw = {path: _mail(path, bounds) for path in files}
    raw[file] = own[0]
    paths = [path for path in files if raw[path] is not None]
    sequence = are_numbered([str(path) for path in paths]) and total in (
        None,
        len(paths),
    )
    mails, _ = readable([data for path in paths if (data := raw[path])], bounds)
    box = Mailbox(mails, sequence=sequence)
    for posting in box.postings:
        if len(posting.patches) == 1 and posting.cover is None:
            continue  # alone here, whatever its number
        for mail in posting.mails():
            if mail.raw == own[0]:
                index = 0 if is_cover(mail) else _number(posting, mail.raw)
                every = tuple(one.raw for one in posting.mails())
                numbers = tuple(sorted(posting.patches))
                return Beside(every, index, numbers, box, posting, bounds)
    return None


def _number(posting: Posting, raw: bytes) -> int:
    return next(n for n, mail in posting.patches.items() if mail.raw == raw)


def _files(file: Path) -> Sequence[Path]:
    """The files around it that may be mails, in the order of their names."""
    try:
        names = sorted(entry.name for entry in file.parent.iterdir())
    except OSError:
        return [file]
    if len(names) > MOST_FILES:
        return [file]
    ends = (*SUFFIXES, file.suffix) if file.suffix else SUFFIXES
    wanted = {name for name in names if name.lower().endswith(ends)} | {file.name}
    return [file.with_name(name) for name in sorted(wanted)]


def _mail(path: Path, bounds: Limits) -> bytes | None:
    try:
        if not path.is_file():
            return None
        mails = read_local(path, bounds)
    except InputError:
        return None
    return mails[0] if len(mails) == 1 else None
