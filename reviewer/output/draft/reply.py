# SPDX-License-Identifier: GPL-2.0-or-later
"""The header of a reply: recipients, subject, threading.

Header values of the mail that is answered come back only in a form that cannot
begin another header, and every line fits on the wire.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from reviewer import __version__
from reviewer.models import Address, Headers, Patch
from reviewer.visible_text import address, header, message_id

if TYPE_CHECKING:
    from email.charset import Charset

WIDTH = 75  # of folded lines
LONGEST_NAME = 200  # characters of a display name or a date that are kept


def header_lines(patch: Patch, sender: Address) -> list[str]:
    """Returns the header of a reply to ``patch``, folded, MIME fields left to the
    caller."""
    from email.utils import formatdate
    from secrets import token_hex

    headers = patch.headers
    to, cc = recipients(patch, sender)
    parent = message_id(headers.message_id)
    host = sender.email.rpartition("@")[2]
    lines = [
        address_line("From", [sender]),
        address_line("To", to),
        address_line("Cc", cc),
        _subject(headers.subject or patch.title),
        f"Date: {formatdate(localtime=True)}",
        f"Message-Id: <kpf-{token_hex(16)}@{host}>",
        f"In-Reply-To: <{parent}>" if parent else "",
        _folded("References", _references(headers, parent), " "),
        f"X-Mailer: kpf-review {__version__}",
    ]
    return [line for line in lines if line]


def mime_lines(encoding: str) -> list[str]:
    """Returns the MIME fields of a plain text in UTF-8, a line each."""
    return [
        "MIME-Version: 1.0",
        'Content-Type: text/plain; charset="utf-8"',
        f"Content-Transfer-Encoding: {encoding}",
    ]


def recipients(patch: Patch, sender: Address) -> tuple[list[Address], list[Address]]:
    """Returns To (who wants the reply, and the author)
    and Cc (all others), us left out.

    Addresses count once, in whatever case they are written.  Where nobody is left
    for To, as in a review of one's own patch, the first of Cc moves there, and if
    there is none, the author stays.
    """
    headers = patch.headers
    answer = headers.reply_to or (headers.sender,)
    seen = {sender.email.lower()}
    to = _once([*answer, patch.author], seen)
    cc = _once([*headers.to, *headers.cc], seen)
    if not to:
        to = [cc.pop(0)] if cc else [sender]
    return to, cc


def _once(people: Iterable[Address], seen: set[str]) -> list[Address]:
    kept = []
    for person in people:
        email = address(person.email)
        if email is not None and email.lower() not in seen:
            seen.add(email.lower())
            kept.append(Address(header(person.name)[:LONGEST_NAME], email))
    return kept


def _references(headers: Headers, parent: str | None) -> list[str]:
    ids = list(headers.references)
    if not ids and headers.in_reply_to:
        ids = [headers.in_reply_to]
    known = [known for one in ids if (known := message_id(one))]
    if parent:
        known = [one for one in known if one != parent] + [parent]
    return [f"<{one}>" for one in dict.fromkeys(known)]


def _subject(subject: str) -> str:
    from email.header import Header

    bare = re.sub(r"\A(?:re\s*:\s*)+", "", header(subject), flags=re.IGNORECASE)
    text = f"Re: {bare}"
    # An encoded word can be folded where a plain one cannot.
    foldable = text.isascii() and max(map(len, text.split())) < 400
    charset = "us-ascii" if foldable else _utf8()
    value = Header(text, charset, maxlinelen=WIDTH, header_name="Subject").encode()
    return f"Subject: {value}"


def address_line(name: str, people: Sequence[Address]) -> str:
    """Returns a field of addresses, folded, names encoded (RFC 5322, RFC 2047)."""
    from email.utils import formataddr

    utf8 = _utf8()
    return _folded(name, [formataddr((p.name, p.email), utf8) for p in people], ", ")


def _utf8() -> Charset:
    """UTF-8 as encoded words: b4, once imported, makes the process write it raw."""
    from email.charset import SHORTEST, Charset

    charset = Charset("utf-8")
    charset.header_encoding = SHORTEST
    return charset


def _folded(name: str, items: Sequence[str], between: str) -> str:
    """A header that breaks between its items only; "" if there is none."""
    if not items:
        return ""
    lines = [f"{name}: {items[0]}"]
    for item in items[1:]:
        longer = f"{lines[-1]}{between}{item}"
        if len(longer) <= WIDTH:
            lines[-1] = longer
        else:
            lines[-1] += between.rstrip()
            lines.append(f" {item}")
    return "\n".join(lines)
