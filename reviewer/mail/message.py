# SPDX-License-Identifier: GPL-2.0-or-later
"""One raw mail: its header fields and its text.

The header is split here and only decoding is left to the ``email`` package, whose
full parser costs more start-up time than the rest of a review; a multipart mail,
which is rare among patches, takes that parser.
"""

from __future__ import annotations

import re
from functools import cached_property

from reviewer import limits
from reviewer.errors import InputError
from reviewer.limits import Limits
from reviewer.mail.git import mailinfo
from reviewer.mail.subject import Subject, read_subject
from reviewer.models import Address, Headers
from reviewer.patterns import regex
from reviewer.utf8 import decode, encode

FIELD = regex(rb"^([!-9;-~]+):[ \t]*(.*)\Z", re.DOTALL)
# the header ends, as for git and Python's email package, at the first line that is
# none of it, a blank one or not
HEADER_LINE = regex(rb"(?:[!-9;-~]+:|>?From |[ \t])[^\n]*(?:\n|\Z)")
BLANK_LINE = regex(rb"[ \t\r\f\v]*\n")
BOUNDARY = regex(rb"boundary\s*=\s*\"?([^\"\s;]{1,70})", re.I)
MULTIPART = regex(rb"^content-type[ \t]*:\s*multipart/", re.I | re.MULTILINE)
MESSAGE_ID = regex(r"<([^<>\s\x00-\x1f\x7f]+)>")
# Python codecs that no mail uses and that can be made to run for long
NOT_FOR_MAIL = {"idna", "punycode", "unicode_escape", "raw_unicode_escape"}
NOT_BASE64 = bytes(
    set(range(256))
    - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
)
CONTROL = regex(r"[\x00-\x1f\x7f]+")
# addresses without quotes, comments, groups and encoded words: most of them, and
# not worth the import of email.utils, which takes a tenth of a small review
_MAILBOX = (
    r"(?:(\w[\w.'-]*+(?: [\w.'-]++)*+) )?<([\w.+-]++@[\w.-]++)>"
    r"|([\w.+-]++@[\w.-]++)"
)
PLAIN_ADDRESS = regex(_MAILBOX, re.ASCII)
PLAIN_ADDRESSES = regex(rf"(?:{_MAILBOX})(?:,\s+(?:{_MAILBOX}))*", re.ASCII)
OWN_DIFF = regex(
    r"^(?:diff --git \S+ \S+"
    r"|--- \S.*\n\+\+\+ \S.*\n@@ -\d"
    r"|GIT binary patch$)",
    re.MULTILINE,
)
# the same in a part that is not decoded yet, or the name of an attached one
PATCH_INSIDE = regex(
    rb"^diff --git |^--- \S[^\n]*\n\+\+\+ |name[^\n]{0,200}\.(?:patch|diff|eml|mbox)\b",
    re.I | re.MULTILINE,
)
DIFFSTAT = regex(
    r"^ \d+ files? changed(?:, \d+ insertions?\(\+\))?(?:, \d+ deletions?\(-\))?",
    re.MULTILINE,
)


def header_end(raw: bytes, most: int = limits.DEFAULT.header_bytes) -> int:
    """Says where the header ends: at the first line that is no part of one.

    Above ``most`` bytes it is not looked for any further.
    """
    end = 0
    while end <= most and (line := HEADER_LINE.match(raw, end)):
        end = line.end()
    return end


class Message:
    """A raw mail with LF line ends and without an mbox ``From `` line.

    Everything is derived from ``raw`` when first asked for.
    """

    def __init__(self, raw: bytes, bounds: Limits = limits.DEFAULT) -> None:
        self.raw = raw
        self.limits = bounds
        self.change: bytes | None = None  # see threads.change_of

    @cached_property
    def _split(self) -> tuple[bytes, int]:
        """The header block, and where the body starts."""
        most = self.limits.header_bytes
        end = header_end(self.raw, most)
        limits.check("header_bytes", end, most, "header of a mail")
        blank = BLANK_LINE.match(self.raw, end)
        return self.raw[:end], blank.end() if blank else end

    @property
    def body_line(self) -> int:
        """The line of the file that it was read from, from 1, on which its body begins.

        The line of the mail itself where it comes from no file.
        """
        first: int = getattr(self.raw, "line", 1)
        return first + self.raw.count(b"\n", 0, self._split[1])

    @cached_property
    def fields(self) -> dict[str, list[bytes]]:
        """Header fields by lower-case name, unfolded and not decoded."""
        fields: dict[str, list[bytes]] = {}
        unfolded = re.sub(rb"\r?\n(?=[ \t])", b"", self._split[0])
        for line in unfolded.splitlines():
            match = FIELD.match(line)
            if match:
                name = match[1].decode("ascii").lower()
                fields.setdefault(name, []).append(match[2].strip())
        return fields

    def raw_field(self, name: str) -> bytes:
        """Returns the first field of that lower-case name, b"" if there is none."""
        return self.fields.get(name, [b""])[0]

    def has_header(self) -> bool:
        """Says whether this is a mail at all, not just some text."""
        return any(name in self.fields for name in ("from", "subject", "message-id"))

    @cached_property
    def message_id(self) -> str | None:
        """The mail's own id, without angle brackets; None where it has none."""
        return first_id(self.raw_field("message-id"))

    @cached_property
    def in_reply_to(self) -> str | None:
        """The id of the mail that it answers; None where the header names none."""
        return first_id(self.raw_field("in-reply-to"))

    @cached_property
    def references(self) -> tuple[str, ...]:
        """The ids in its References header, the top of the thread first."""
        return tuple(MESSAGE_ID.findall(decode(self.raw_field("references"))))

    @cached_property
    def parents(self) -> tuple[str, ...]:
        """The mails this one answers, the nearest first."""
        direct = (self.in_reply_to,) if self.in_reply_to else ()
        return direct + tuple(reversed(self.references))

    @cached_property
    def subject_line(self) -> str:
        """The Subject header, decoded and unfolded."""
        return decoded_words(self.raw_field("subject"))

    @cached_property
    def subject(self) -> Subject:
        return read_subject(self.subject_line)

    @cached_property
    def sender(self) -> Address:
        found = addresses(self.fields.get("from", []))
        return found[0] if found else Address("", "")

    @cached_property
    def content_type(self) -> str:
        """That of the parts where there are several: git, too, goes by the boundary."""
        types = [decode(one).lower() for one in self.fields.get("content-type", [])]
        parted = [one for one in types if one.startswith("multipart/")]
        return (parted or types or ["text/plain"])[0]

    @property
    def is_multipart(self) -> bool:
        return self.content_type.startswith("multipart/")

    @property
    def text(self) -> str:
        """The text of the mail, decoded, with LF line ends.

        Not kept: of a large mailbox only few texts are needed at once.
        """
        if self.is_multipart:
            return self._multipart_text()
        body = self.raw[self._split[1] :]
        encoding = decode(self.fields.get("content-transfer-encoding", [b""])[-1])
        body = undo_transfer(body, encoding.lower())
        return to_text(body, charset_of(self.content_type))

    def _multipart_text(self) -> str:
        depth = len(MULTIPART.findall(self.raw))
        limits.check("mime_depth", depth, self.limits.mime_depth, "depth of MIME parts")
        parts = part_count(self.raw)
        limits.check("mime_parts", parts, self.limits.mime_parts, "MIME parts")
        try:
            return "\n".join(text_parts(self.raw))
        # a broken structure: what there is of the text, as it stands
        except (RecursionError, ValueError, LookupError, TypeError, AttributeError):
            return to_text(self.raw[self._split[1] :], None)

    @cached_property
    def has_diff(self) -> bool:
        """Whether the mail carries a diff of its own, not one quoted with ``>``."""
        return bool(OWN_DIFF.search(self.text)) or self._has_diff_for_git()

    def _has_diff_for_git(self) -> bool:
        """git reads every part of a mail, whatever type it says it is."""
        if not self.is_multipart:
            return False
        if self.subject.reply and not PATCH_INSIDE.search(self.raw):
            return False  # most of them: not worth a process each
        try:
            return bool(OWN_DIFF.search(decode(mailinfo(self.raw).patch)))
        except InputError:
            return False

    @cached_property
    def has_diffstat(self) -> bool:
        return bool(DIFFSTAT.search(self.text))

    @cached_property
    def headers(self) -> Headers:
        """What a reply needs to know of this mail."""
        return Headers(
            message_id=self.message_id,
            subject=self.subject_line,
            date=CONTROL.sub(" ", decode(self.raw_field("date"))),
            sender=self.sender,
            reply_to=addresses(self.fields.get("reply-to", [])),
            to=addresses(self.fields.get("to", [])),
            cc=addresses(self.fields.get("cc", [])),
            in_reply_to=self.in_reply_to,
            references=self.references,
        )


def part_count(raw: bytes) -> int:
    """Returns at most how many parts a multipart mail has: each costs a kilobyte to
    read."""
    boundaries = set(BOUNDARY.findall(raw))
    return sum(raw.count(b"\n--" + boundary) for boundary in boundaries)


def text_parts(raw: bytes) -> list[str]:
    """Returns the text parts of a multipart mail, HTML left out."""
    from email import message_from_bytes

    texts = []
    for part in message_from_bytes(raw).walk():
        if part.get_content_maintype() != "text" or part.is_multipart():
            continue
        payload = part.get_payload(decode=True)
        if part.get_content_subtype() != "html" and isinstance(payload, bytes):
            texts.append(to_text(payload, part.get_param("charset")))
    return texts


def first_id(value: bytes) -> str | None:
    """Returns the first message-id of a header field, without its angle brackets."""
    match = MESSAGE_ID.search(decode(value))
    return match[1] if match else None


def decoded_words(value: bytes) -> str:
    """Returns a header value with its RFC 2047 words decoded, on one line."""
    text = decode(value)
    if "=?" in text:
        from email.errors import HeaderParseError
        from email.header import decode_header

        try:
            chunks = decode_header(text)
        except (HeaderParseError, ValueError):
            chunks = [(text, None)]
        text = "".join(
            chunk
            if isinstance(chunk, str)
            else to_text(chunk, charset or "utf-8", mail_lines=False)
            for chunk, charset in chunks
        )
    return CONTROL.sub(" ", text).strip()


def addresses(values: list[bytes]) -> tuple[Address, ...]:
    """Returns the mailboxes of address fields, names decoded, in order."""
    if not values:
        return ()
    texts = [decode(value) for value in values]
    if all(PLAIN_ADDRESSES.fullmatch(text) for text in texts):
        return tuple(
            Address(match[1] or "", match[2] or match[3])
            for text in texts
            for match in PLAIN_ADDRESS.finditer(text)
        )
    from email.utils import getaddresses

    try:
        pairs = getaddresses(texts)
    except (RecursionError, IndexError, ValueError):  # nested comments, made to hurt
        return ()
    return tuple(
        Address(decoded_words(encode(name)), email)
        for name, email in pairs
        if email and not CONTROL.search(email) and " " not in email
    )


def charset_of(content_type: str) -> str | None:
    """Returns the charset that a Content-Type names, None if it names none."""
    match = re.search(r"charset\s*=\s*\"?([\w.:-]+)", content_type)
    return match[1] if match else None


def undo_transfer(body: bytes, encoding: str) -> bytes:
    """Undo base64 and quoted-printable; what is broken is returned as it is.

    ``encoding`` is the header field in lower case; as for git, it need but hold the
    name: ``quoted-printable; x=y``.
    """
    import binascii

    try:
        if "base64" in encoding:
            return b"".join(map(_base64_line, body.split(b"\n")))
        if "quoted-printable" in encoding:
            return binascii.a2b_qp(body)
    except (binascii.Error, ValueError):
        return body
    return body


def _base64_line(line: bytes) -> bytes:
    """A line by itself, as git has it: junk and a list's footer cost no other line."""
    import binascii

    kept = line.translate(None, NOT_BASE64)
    kept = kept[: len(kept) - (len(kept) % 4 == 1)]
    return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))


def to_text(data: bytes, charset: object, *, mail_lines: bool = True) -> str:
    """Decodes as UTF-8 if it is that, else by the charset; else keeps the bytes."""
    if mail_lines:
        data = data.replace(b"\r\n", b"\n")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if str(charset).lower().replace("-", "_") in NOT_FOR_MAIL:
        return decode(data)
    try:
        text = data.decode(str(charset or "utf-8"))
        text.encode("utf-8")  # UTF-7 can spell lone surrogates
        return text
    except (LookupError, UnicodeError, ValueError):
        return decode(data)
