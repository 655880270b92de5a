# SPDX-License-Identifier: GPL-2.0-or-later
"""Remarks that a person has read and does not want to see again.

A line of JSON each, under $XDG_DATA_HOME/kpf-review and, where ``kpf.dismissed`` names
one, in a file of the repository.  A dismissal holds a fingerprint and a reason, and no
code: a remark whose statement changes has another fingerprint, and is made again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from msgspec import Struct

from reviewer.errors import OutputError, UsageError
from reviewer.files import xdg
from reviewer.files.plain_files import open_plain
from reviewer.patterns import regex
from reviewer.visible_text import one_line

FILE = "dismissed.jsonl"
LARGEST = 4 << 20  # bytes of one file
MOST = 20_000  # dismissals of one file
LONGEST_WHY = 500  # characters
YOU = "you"
REPOSITORY = "the repository"
_FINGERPRINT = regex(r"[0-9a-f]{16}\Z")
_DAY = regex(r"\d{4}-\d\d-\d\d\Z")


class Dismissal(Struct, frozen=True):
    """A remark that is not to be made, and who said so when and why."""

    fingerprint: str
    why: str
    when: str  # YYYY-MM-DD
    by: str = YOU  # or REPOSITORY, by the file that it stands in


class Dismissals(Struct, frozen=True):
    """What is dismissed, by fingerprint; and what could not be read of the files."""

    known: Mapping[str, Dismissal]
    unread: tuple[str, ...] = ()  # a line each


def place(environ: Mapping[str, str] | None = None) -> Path:
    """Returns the user's own file.  Raises RuntimeError where there is no home."""
    return xdg.folder("DATA", environ) / FILE


def fingerprint(text: str) -> str:
    """Returns a fingerprint as the JSON writes it; raises UsageError for other text."""
    found = text.strip().lower()
    if _FINGERPRINT.match(found) is None:
        raise UsageError(
            f"{one_line(text)[:60]!r} is no fingerprint: 16 hexadecimal digits, which "
            "--fingerprints, --format json and the page of 'report' show"
        )
    return found


def reason(text: str) -> str:
    """Returns a reason in one line; raises UsageError for none and for a long one."""
    found = " ".join(one_line(text).split())
    if not found:
        raise UsageError("--why is empty: a reason is what the next reader needs")
    if len(found) > LONGEST_WHY:
        raise UsageError(f"--why is longer than {LONGEST_WHY} characters")
    return found


def read(own: Path, shared: Path | None) -> Dismissals:
    """Returns what stands in the user's file and in the repository's.

    The user's goes first where both name a remark.  A file that cannot be read, and a
    line that is no dismissal, dismisses nothing and is named in ``unread``.
    """
    known: dict[str, Dismissal] = {}
    unread: list[str] = []
    for file, by in ((shared, REPOSITORY), (own, YOU)):
        if file is not None:
            entries, troubles = read_file(file, by)
            known.update((one.fingerprint, one) for one in entries)
            unread += troubles
    return Dismissals(known, tuple(unread))


def read_file(file: Path, by: str) -> tuple[list[Dismissal], list[str]]:
    """Returns the dismissals of a file, and a line on each thing that is none."""
    try:
        data = _bytes_of(file)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        return [], [f"{one_line(str(file))}: {why}"]
    found: list[Dismissal] = []
    wrong: list[int] = []
    for number, line in enumerate(data.split(b"\n"), 1):
        entry = _entry(line, by) if line.strip() else None
        if entry is not None:
            found.append(entry)
        elif line.strip():
            wrong.append(number)
    return _within_bounds(file, found, wrong)


def _within_bounds(
    file: Path, found: list[Dismissal], wrong: list[int]
) -> tuple[list[Dismissal], list[str]]:
    name = one_line(str(file))
    troubles = []
    if wrong:
        more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        troubles.append(f"{name}: line {wrong[0]}{more}: no dismissal")
    if len(found) > MOST:
        troubles.append(f"{name}: more than {MOST} dismissals: the first are read")
    return found[:MOST], troubles


def _bytes_of(file: Path) -> bytes:
    """The content of a plain file, none where there is no file.  Raises OSError."""
    try:
        with open_plain(file) as opened:
            data = opened.read(LARGEST + 1)
    except FileNotFoundError:
        return b""
    if len(data) > LARGEST:
        raise ValueError(f"larger than {LARGEST} bytes")
    return data


def _entry(line: bytes, by: str) -> Dismissal | None:
    import json

    try:
        data = json.loads(line)
        code, why, when = (data[name] for name in ("fingerprint", "why", "when"))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if not all(isinstance(value, str) for value in (code, why, when)):
        return None
    if _FINGERPRINT.match(code) is None or _DAY.match(when) is None:
        return None
    return Dismissal(code, " ".join(one_line(why).split())[:LONGEST_WHY], when, by)


def keep(file: Path, codes: Iterable[str], why: str) -> tuple[str, ...]:
    """Write dismissals into a file; returns the fingerprints that are new in it.

    One that is there gets the new reason.  Lines that are no dismissal stay as they
    are.  Raises OutputError; then the file is as it was.
    """
    new = {code: Dismissal(code, why, date.today().isoformat()) for code in codes}
    there = _change(file, new)
    return tuple(code for code in new if code not in there)


def forget(file: Path, codes: Iterable[str]) -> tuple[str, ...]:
    """Take dismissals out of a file; returns the fingerprints that were in it.

    Raises OutputError; then the file is as it was.
    """
    wanted = dict.fromkeys(codes, None)
    there = _change(file, wanted)
    return tuple(code for code in wanted if code in there)


def _change(file: Path, changes: Mapping[str, Dismissal | None]) -> set[str]:
    """Put in, replace or (None) take out, one run at a time; what was there of them."""
    from reviewer.files import exchange, new_files

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with exchange.one_run_at_a_time(file.parent):
            before = _bytes_of(file)
            lines, there = _lines(before, changes)
            after = b"".join(line + b"\n" for line in lines)
            if len(after) > LARGEST:
                raise OutputError(f"{file}: larger than {LARGEST} bytes")
            if after != before:
                new_files.write({file: after}, force=True)
    except ValueError as error:
        raise OutputError(f"{one_line(str(file))}: {error}") from error
    except OSError as error:
        name = one_line(str(file))
        raise OutputError(f"cannot write {name}: {error.strerror}") from error
    return there


def _lines(
    before: bytes, changes: Mapping[str, Dismissal | None]
) -> tuple[list[bytes], set[str]]:
    """The lines of the file after the changes, and what was in it of them."""
    left = dict(changes)
    there: set[str] = set()
    lines = []
    for line in before.split(b"\n"):
        known = _entry(line, YOU)
        if known is None or known.fingerprint not in changes:
            lines += [line] if line.strip() else []
            continue
        there.add(known.fingerprint)
        entry = left.pop(known.fingerprint, None)
        lines += [_line(entry)] if entry is not None else []
    lines += [_line(entry) for entry in left.values() if entry is not None]
    return lines, there


def _line(entry: Dismissal) -> bytes:
    import json

    values = {"fingerprint": entry.fingerprint, "when": entry.when, "why": entry.why}
    return json.dumps(values).encode("ascii")
