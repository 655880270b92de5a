# SPDX-License-Identifier: GPL-2.0-or-later
"""The mail that b4 pipes into a check command.

b4 writes the header as it came and the body decoded (``LoreMessage.get_msg_as_bytes``):
``Content-Transfer-Encoding`` and a multipart ``Content-Type`` are still there and are
no longer true.  A MIME parser would turn ``=3D`` of the code into ``=``, and a body
that came as base64 into nothing.
"""

from __future__ import annotations

import re

from msgspec import Struct

from reviewer.errors import NotAPatch
from reviewer.limits import Limits
from reviewer.limits import check as check_limit
from reviewer.patterns import regex

FROM_LINE = regex(rb"\AFrom [^\n]*\n")
END_OF_HEADER = regex(rb"\r?\n\r?\n")
FOLDED = regex(rb"\r?\n(?=[ \t])")
NO_LONGER_TRUE = regex(
    rb"^(?:content-transfer-encoding|content-type|mime-version)[ \t]*:", re.I
)
CHARSET = regex(rb"^content-type[ \t]*:\s*text/.*charset=\"?([\w.:-]+)", re.I)
TRANSFER = regex(rb"^content-transfer-encoding[ \t]*:[ \t]*([\w-]+)", re.I | re.M)
BOUNDARY = regex(rb"^content-type[ \t]*:.*\bboundary=\"?([^\"\s;]+)", re.I | re.M)
NO_QUOTED_PRINTABLE = regex(rb"=(?![0-9A-Fa-f]{2}|[ \t]*\r?\n|\Z)")
BASE64 = regex(rb"[A-Za-z0-9+/=\s]*")


class PipedMail(Struct, frozen=True):
    """A mail whose header says what its body is."""

    raw: bytes
    body_line: int  # on which line of what was piped the body begins


def read(data: bytes, limits: Limits) -> PipedMail:
    """Returns the mail in what b4 piped: cut at the first
    empty line, the body is decoded.

    Raises NotAPatch if there is no header or no body, LimitExceeded.
    """
    check_limit("message_bytes", len(data), limits.message_bytes, "the mail piped in")
    header, body, line = _cut(data)
    fields = FOLDED.sub(b"", header).splitlines()
    charset = next((m[1] for field in fields if (m := CHARSET.match(field))), b"utf-8")
    if _is_utf8(body):
        charset = b"utf-8"
    kept = [field for field in fields if not NO_LONGER_TRUE.match(field)]
    kept += [
        b"MIME-Version: 1.0",
        b"Content-Type: text/plain; charset=" + charset,
        b"Content-Transfer-Encoding: 8bit",
    ]
    return PipedMail(b"\n".join(kept) + b"\n\n" + body, line)


def is_decoded(data: bytes) -> bool:
    """Says whether the body is not encoded as the header says that it is.

    Quoted-printable spells every ``=``, base64 has no other characters than its own,
    and a multipart body begins with its boundary: a body that breaks these rules
    has been decoded by somebody before us.
    """
    try:
        header, body, _ = _cut(data)
    except NotAPatch:
        return False
    header = FOLDED.sub(b"", header)
    boundary = BOUNDARY.search(header)
    if boundary is not None and b"--" + boundary[1] not in body:
        return True
    transfer = TRANSFER.search(header)
    encoding = transfer[1].lower() if transfer else b""
    if encoding == b"quoted-printable":
        return NO_QUOTED_PRINTABLE.search(body) is not None
    return encoding == b"base64" and BASE64.fullmatch(body) is None


def _cut(data: bytes) -> tuple[bytes, bytes, int]:
    """Header, body, and the line on which the body begins."""
    start = FROM_LINE.match(data)
    begin = start.end() if start else 0
    end = END_OF_HEADER.search(data, begin)
    if end is None:
        raise NotAPatch("what was piped in is no mail: no empty line below a header")
    line = data.count(b"\n", 0, end.end()) + 1
    return data[begin : end.start()], data[end.end() :], line


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
