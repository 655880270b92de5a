# SPDX-License-Identifier: GPL-2.0-or-later
"""Quoting a patch under which something is to be said.

The quotes are the lines of the mail, verbatim and in order: the header lines of a
file once, each commented hunk's ``@@`` once, at most five lines above a comment,
``> [...]`` where lines of the hunk are left out, nothing below the last comment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from reviewer.models import Change, DiffLine, FileDiff, Judged, Patch
from reviewer.visible_text import mail_text

CONTEXT = 5  # lines above a comment, as in b4's replies
LONGEST = 900  # bytes of a quoted line: RFC 5322 allows 998 octets on the wire
GAP = "> [...]"
FURTHER = 4  # lines at most that a statement goes on below its finding


class DiffRow(Struct, frozen=True):
    """One line of the diff part of a mail."""

    text: str  # verbatim
    at: int  # its line in Patch.diff, from 0
    file: int  # which file of the patch, from 0
    hunk: int | None  # which hunk of the file, from 0; None for the file's header
    line: DiffLine | None  # None for headers and @@ lines


class Spot(Struct, frozen=True):
    """Where a comment stands: under a row of the diff or a line of the message."""

    row: int | None  # index into rows(); None: the commit message
    message_line: int = 0  # from 1; 0: the subject
    exact: bool = True  # False: the line itself is not in the diff, this is near it

    @property
    def order(self) -> tuple[bool, int]:
        """Sorts places as they follow each other in the mail."""
        if self.row is None:
            return (False, self.message_line)
        return (True, self.row)


def rows(diff: str, files: Sequence[FileDiff]) -> tuple[DiffRow, ...]:
    """Returns the lines of ``files`` as they stand in the diff that they were read
    from."""
    return tuple(_rows(diff.split("\n"), files))


def _rows(lines: list[str], files: Sequence[FileDiff]) -> Iterator[DiffRow]:
    for number, file in enumerate(files):
        for at in range(file.at, file.at + len(file.header)):
            yield DiffRow(lines[at], at, number, None, None)
        for order, hunk in enumerate(file.hunks):
            yield DiffRow(lines[hunk.at], hunk.at, number, order, None)
            for line in hunk.lines:
                yield DiffRow(lines[line.at], line.at, number, order, line)


# --- finding the place ------------------------------------------------------------


def place(
    finding: Judged,
    patch: Patch,
    changes: Sequence[Change],
    all_rows: Sequence[DiffRow],
) -> Spot | None:
    """Says where in the mail a finding of this patch belongs; None if nowhere.

    A finding with an empty ``file`` is about the commit message, ``line`` counts its
    lines (0: the subject).  A line that the diff does not show is placed at the
    nearest line of the same file, with ``exact`` false.
    """
    if not finding.file:
        last = len(patch.message.rstrip("\n").splitlines())
        return Spot(None, max(0, min(finding.line, last)))
    now = [n for n, c in enumerate(changes) if c.diff.new_path == finding.file]
    before = [n for n, c in enumerate(changes) if c.diff.old_path == finding.file]
    found: list[Spot | None] = []
    for number in before + now if finding.removed_line else now + before:
        found.append(_nearest(finding, number, all_rows))
    return min(filter(None, found), key=lambda where: not where.exact, default=None)


def _nearest(finding: Judged, file: int, all_rows: Sequence[DiffRow]) -> Spot | None:
    """The row of the finding's line, or the one that is nearest to it."""
    best: tuple[int, int] | None = None
    for index, row in enumerate(all_rows):
        if row.file != file or row.line is None:
            continue
        number = row.line.old if finding.removed_line else row.line.new
        if number is None:
            continue
        distance = abs(number - finding.line)
        if best is None or distance < best[0]:
            best = (distance, index)
    if best is None or best[0] != 0:
        return None if best is None else Spot(best[1], exact=False)
    return Spot(_end_of_statement(finding, best[1], all_rows))


def _end_of_statement(finding: Judged, index: int, all_rows: Sequence[DiffRow]) -> int:
    """The row on which the statement of a finding ends; the finding's own where the
    statement is long or goes on outside of the hunk.

    What is said may be about an argument on the next line.
    """
    other_side = "+" if finding.removed_line else "-"
    own = all_rows[index]
    words: list[str] = []
    for at, row in enumerate(all_rows[index : index + 1 + FURTHER], index):
        if (row.file, row.hunk) != (own.file, own.hunk) or row.line is None:
            break
        if row.line.kind == other_side:
            continue
        words += row.line.text.split()
        text = " ".join(words).rstrip(" {")
        if finding.anchor.endswith(text):
            return at
        if text not in finding.anchor:
            break
    return index


# --- the body ---------------------------------------------------------------------


def quoted(
    patch: Patch, all_rows: Sequence[DiffRow], comments: Iterable[tuple[Spot, str]]
) -> str:
    """Returns the body of a reply: quotes, and each comment under the line it
    is about."""
    under: dict[tuple[bool, int], list[str]] = {}
    for where, text in comments:
        under.setdefault(where.order, []).append(text)
    on_message = {n: texts for (in_diff, n), texts in under.items() if not in_diff}
    on_diff = {n: texts for (in_diff, n), texts in under.items() if in_diff}
    body = [*_quoted_message(patch, on_message), *_quoted_diff(all_rows, on_diff)]
    return "\n".join(body).strip("\n") + "\n"


def _quoted_message(patch: Patch, under: dict[int, list[str]]) -> Iterator[str]:
    if 0 in under:
        yield quote_line(f"Subject: {patch.headers.subject}")
        yield from _comment(under[0])
    lines = patch.message.rstrip("\n").split("\n")
    done = 0
    for number in sorted(n for n in under if n):
        first = max(done + 1, number - CONTEXT)
        if first > done + 1:
            yield GAP
        for text in lines[first - 1 : number]:
            yield quote_line(text)
        yield from _comment(under[number])
        done = number


def _quoted_diff(
    all_rows: Sequence[DiffRow], under: dict[int, list[str]]
) -> Iterator[str]:
    file: int | None = None
    hunk: tuple[int, int | None] | None = None
    done = 0
    for index in sorted(under):
        row = all_rows[index]
        if row.file != file:
            file = row.file
            for header in all_rows:
                if header.file == file and header.hunk is None:
                    yield quote_line(header.text)
        if (row.file, row.hunk) != hunk:
            hunk = (row.file, row.hunk)
            done = next(n for n, r in enumerate(all_rows) if (r.file, r.hunk) == hunk)
            yield quote_line(all_rows[done].text)
            done += 1
        first = max(done, index - CONTEXT)
        if first > done:
            yield GAP
        for shown in all_rows[first : index + 1]:
            yield quote_line(shown.text)
        yield from _comment(under[index])
        done = index + 1


def quote_line(text: str) -> str:
    """Returns ``> `` and the line as it is; only what no mail can carry is cut off."""
    line = mail_text(text.rstrip("\r")).replace("\n", "^J")
    if len(line) * 4 > LONGEST and len(line.encode()) > LONGEST:
        line = line.encode()[:LONGEST].decode("utf-8", "ignore") + " [...]"
    return f"> {line}"


def _comment(texts: list[str]) -> Iterator[str]:
    """Comments on one line, an empty line before, between and after."""
    yield ""
    for text in texts:
        for line in mail_text(text).strip("\n").split("\n"):
            # Not to be taken for a quote, the signature or a new mail of a mailbox.
            fake = line.startswith((">", "From ")) or line.rstrip() == "--"
            yield f" {line}" if fake else line
        yield ""
