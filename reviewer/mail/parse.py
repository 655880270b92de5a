# SPDX-License-Identifier: GPL-2.0-or-later
"""A mail as the patch that ``git am`` would make of it."""

from __future__ import annotations

import re
from typing import NamedTuple

from reviewer.errors import NotAPatch
from reviewer.mail.git import MailInfo, mailinfo
from reviewer.mail.message import OWN_DIFF, Message
from reviewer.mail.trailers import commit_trailers
from reviewer.models import Address, Patch
from reviewer.patch.prefix import lacks_prefix
from reviewer.patterns import regex
from reviewer.utf8 import decode, encode

DIFF_START = regex(
    r"^(?:diff --git |diff -\S* |Index: \S"
    r"|--- \S[^\n]*\n\+\+\+ \S[^\n]*\n@@ -\d|@@ -\d+(?:,\d+)? \+\d+)",
    re.MULTILINE,
)
HUNK = regex(r"@@ -\d{1,9}(?:,(\d{1,9}))? \+\d{1,9}(?:,(\d{1,9}))? @@")
STRUCTURE = regex(
    r"^(?:diff --|--- \S|\+\+\+ \S|@@ |index [0-9a-f]|old mode |new mode |rename "
    r"|copy |new file mode |deleted file mode |(?:dis)?similarity index "
    r"|GIT binary patch|Binary files |literal \d|delta \d)",
    re.MULTILINE,
)
MARKER = regex(r"^---[ \t]*$", re.MULTILINE)
TRAILER_LINE = regex(r"^((?:Signed-off|Reviewed|Acked)-by|Fixes): ", re.MULTILINE)
SIGNATURE = regex(r"^-- ?\n", re.MULTILINE)
SCISSORS = regex(
    r"^[ \t]*(?:-[- \t]*(?:8<|>8|8%|%8)|(?:8<|>8|8%|%8)[ \t]*-).*$", re.MULTILINE
)
PASTED_FROM = regex(r"^From [0-9a-f]{7,64} .*\n", re.MULTILINE)
# "From: .." and its like in the middle of a reply: the header of a pasted patch
PASTED_HEADER = regex(
    r"(?:\A|(?<=\n\n))(?:(?:From|Subject|Date): [^\n]*\n(?:[ \t][^\n]*\n)*)+(?=\n)"
)
QUOTE = regex(r"^(?:>(?!From ).*|.{0,300} wrote:\s*)$", re.MULTILINE)
CUT = "what stands above the patch is left out: git am would make it its message"
PASTED_AT_MOST = 64 * 1024  # characters above a diff where its header is looked for


class ReadPatch(NamedTuple):
    """A patch and what its reader should be told about the reading."""

    patch: Patch
    notes: tuple[str, ...] = ()
    lost: str = ""  # why git am would not have the whole message


def read_patch(mail: Message, *, index: int = 1) -> ReadPatch:
    """Returns the patch in a mail.

    Raises NotAPatch where the mail has no diff, InputError where git cannot read it.
    """
    info = mailinfo(mail.raw)
    return _read(mail, info, index)


def read_counter_patch(mail: Message) -> ReadPatch:
    """Returns the patch in a reply: what stands above it is remarks, not its message.

    The header lines pasted above the diff (``From:``, ``Subject:``) count as an
    in-body header; a scissors line cuts; without both, the message is the text
    between the last quoted line and the diff.

    Raises NotAPatch where the reply has no diff of its own.
    """
    whole = mailinfo(mail.raw, headers_in_body=False)
    text = decode(whole.message + whole.patch)
    start = OWN_DIFF.search(text)
    if start is None:
        raise NotAPatch(f"{mail.message_id or 'the mail'}: no diff in it")
    kept = cut_above(text[: start.start()]) + text[start.start() :]
    info = mailinfo(plain_mail(mail, kept))
    read = _read(mail, info._replace(quoted_cr=whole.quoted_cr), 1)
    cut = (CUT,) if len(kept) < len(text) else ()
    return read._replace(notes=(*cut, *read.notes))


def cut_above(above: str) -> str:
    """Returns the part above a diff that belongs to the patch."""
    window = above[-PASTED_AT_MOST:]
    for pattern in (SCISSORS, PASTED_FROM):
        cuts = list(pattern.finditer(window))
        if cuts:
            return window[cuts[-1].end() :].lstrip("\n")
    headers = list(PASTED_HEADER.finditer(window))
    if headers:
        return window[headers[-1].start() :]
    quotes = list(QUOTE.finditer(window))
    return window[quotes[-1].end() :].lstrip("\n") if quotes else window


def plain_mail(mail: Message, text: str) -> bytes:
    """Returns the mail with another text: same subject, sender and date, plain
    UTF-8."""
    fields = b"".join(
        name + b": " + value + b"\n"
        for name in (b"From", b"Subject", b"Date")
        for value in mail.fields.get(name.decode().lower(), [])[:1]
    )
    plain = b"Content-Type: text/plain; charset=utf-8\n\n"
    return fields + plain + encode(text)


def _read(mail: Message, info: MailInfo, index: int) -> ReadPatch:
    below = decode(info.patch)
    notes, diff = split_notes(below)
    if not diff:
        raise NotAPatch(f"{mail.message_id or 'the mail'}: no diff in it")
    message = decode(info.message)
    body = _body(mail, message, below, diff)
    patch = Patch(
        index=index,
        headers=mail.headers,
        author=Address(decode(info.author), decode(info.email)),
        title=decode(info.subject),
        message=message,
        trailers=commit_trailers(message),
        notes=notes,
        body=body,
        diff=diff,
        subject_prefix=mail.subject.prefix,
        date=decode(info.date).strip(),
        body_line=mail.body_line,
        diff_line=body.count("\n", 0, body.index(diff)),
    )
    lost = _lost_message(info, diff)
    return ReadPatch(
        patch, (*_remarks(info, message, notes, diff), *lost), "".join(lost)
    )


def _body(mail: Message, message: str, below: str, diff: str) -> str:
    """The text of the mail, such that the diff's lines are found in it as they are."""
    if mail.is_multipart:
        return message + below
    text = mail.text
    return text if diff in text else message + below


def _remarks(info: MailInfo, message: str, notes: str, diff: str) -> tuple[str, ...]:
    remarks = []
    if lacks_prefix(encode(diff).splitlines(keepends=True)):
        remarks.append("made with --no-prefix: git am takes it with -p0 only")
    if info.quoted_cr:
        remarks.append("quoted CRLF in the mail, read as git am --quoted-cr=strip does")
    if not message.strip() and notes.strip():
        remarks.append("the text begins with a '---' line: git am makes it no message")
    return tuple(remarks)


def _lost_message(info: MailInfo, diff: str) -> list[str]:
    """That git takes a line of the message for the first one of the diff.

    What stands between that line and the mail's own ``---`` is lost, most of all the
    sign-off: git mailinfo ends the message there.
    """
    if info.patch.startswith(b"---"):
        return []
    marker = MARKER.search(diff)
    lost = TRAILER_LINE.search(diff, 0, marker.start() if marker else len(diff))
    if marker is None and lost is None:
        return []
    first = diff.partition("\n")[0][:60]
    tags = f", {lost[1]} with it" if lost else ""
    return [
        f"the line '{first}' of the message begins a diff for git am, which loses the "
        f"message from there on{tags}: indent it by a blank"
    ]


def split_notes(below: str) -> tuple[str, str]:
    """Returns what git puts into the patch file, as notes (``---`` left out)
    and diff."""
    start = DIFF_START.search(below)
    if start is None:
        return _without_marker(below), ""
    diff = below[start.start() :]
    return _without_marker(below[: start.start()]), diff[: diff_end(diff)]


def _without_marker(notes: str) -> str:
    first, _, rest = notes.partition("\n")
    return rest if first.strip() == "---" else notes


def diff_end(diff: str) -> int:
    """Says where the diff ends: after its last hunk, else before the mail's
    signature."""
    end = last_hunk_end(diff)
    if end is not None and not STRUCTURE.search(diff, end):
        return end
    signatures = list(SIGNATURE.finditer(diff, end or 0))
    if signatures and not STRUCTURE.search(diff, signatures[-1].end()):
        return signatures[-1].start()
    return len(diff)


def last_hunk_end(diff: str) -> int | None:
    """Returns the offset after the last hunk, None where a hunk is not as long as it
    says."""
    end = None
    position = 0
    while (start := diff.find("@@ -", position)) != -1:
        hunk = HUNK.match(diff, start)
        if hunk is None or (start and diff[start - 1] != "\n"):
            position = start + 4
            continue
        after = _skip_hunk(diff, start, int(hunk[1] or 1), int(hunk[2] or 1))
        if after is None:
            return None
        end = position = after
    return end


def _skip_hunk(diff: str, start: int, old: int, new: int) -> int | None:
    position = diff.find("\n", start) + 1
    while (old > 0 or new > 0) and 0 < position < len(diff):
        kind = diff[position]
        if kind in " \n\t":
            old, new = old - 1, new - 1
        elif kind == "-":
            old -= 1
        elif kind == "+":
            new -= 1
        elif kind != "\\":
            return None
        position = _next_line(diff, position)
    if old or new:
        return None
    while diff.startswith("\\", position):
        position = _next_line(diff, position)
    return position


def _next_line(text: str, position: int) -> int:
    newline = text.find("\n", position)
    return len(text) if newline == -1 else newline + 1
