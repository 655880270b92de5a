# SPDX-License-Identifier: GPL-2.0-or-later
"""Patch mails in the shapes that mail takes on its way.

``make(seed)`` gives a mail of our own text with a few twists, the same one for the
same seed; ``shape_git.py`` compares what git and we say of it, and
``tests/bench/mail_shapes.py`` does so by the thousand.
"""

from __future__ import annotations

import base64
import io
import quopri
import random
import re

from shape_text import TITLES
from shape_twists import TWISTS, Shape, cte_kind


def make(seed: int) -> tuple[bytes, list[str]]:
    """The mail of that number, and the names of what is odd about it."""
    rng = random.Random(seed)
    shape = Shape(rng)
    shape.subject = "[PATCH] " + rng.choice(TITLES)
    for twist in rng.sample(TWISTS, rng.choice((1, 2, 2, 3, 4))):
        twist(shape)
        shape.twists.append(twist.__name__)
    return written(shape), shape.twists


def written(shape: Shape) -> bytes:
    body_type, body = body_of(shape)
    fields = [
        ("From", sender(shape)),
        ("Subject", words(shape, shape.subject)),
        ("Message-ID", "<shape@example.org>"),
        ("To", "linux-mm@example.org"),
    ]
    if not any(name == "Date" for name, _ in shape.headers):
        fields.append(("Date", "Mon, 2 Mar 2026 10:00:00 +0100"))
    fields += body_type
    at = shape.rng.randrange(len(fields) + 1)
    fields[at:at] = shape.headers
    if shape.rng.random() < 0.2:
        shape.rng.shuffle(fields)
    separator = ":" if shape.rng.random() < 0.05 else ": "
    glued = ("X-No-Blank", "!") in fields
    head = "".join(
        f"{name}{separator}{value}".rstrip() + "\n" for name, value in fields
    )
    raw = shape.top + encoded(head, shape.header_charset)
    raw += (b"" if glued else b"\n") + body
    if shape.eol != b"\n":
        raw = raw.replace(b"\n", shape.eol)
    return raw


def sender(shape: Shape) -> str:
    if shape.name.startswith("@"):
        return shape.name[1:]
    return f"{words(shape, shape.name)} <nora@example.org>".strip()


def words(shape: Shape, text: str) -> str:
    """Header text as the mail program of the sender writes it."""
    if text.isascii() or shape.words in ("raw", "none"):
        return text
    charset = shape.header_charset
    data = encoded(text, charset)
    if shape.words == "b":
        return f"=?{charset}?B?{base64.b64encode(data).decode()}?="
    quoted = "".join(
        chr(b) if chr(b).isalnum() and b < 128 else "_" if b == 32 else f"={b:02X}"
        for b in data
    )
    return f"=?{charset}?Q?{quoted}?="


def encoded(text: str, charset: str) -> bytes:
    """In the charset where it can be, else in UTF-8."""
    for name in (charset, "utf-8"):
        try:
            return text.encode(name)
        except (UnicodeEncodeError, LookupError):
            continue
    return text.encode("utf-8", "surrogatepass")


def transfer(shape: Shape, data: bytes) -> bytes:
    cte = shape.cte
    if cte.startswith("base64"):
        if cte == "base64-crlf":
            data = data.replace(b"\n", b"\r\n")
        flat = base64.b64encode(data)
        width = {"base64-one-line": len(flat), "base64-short": 7}.get(cte, 76)
        lines = [flat[i : i + width] for i in range(0, len(flat), width or 1)]
        if cte == "base64-junk":
            lines.insert(1, b"!- not base64 -!")
        if cte == "base64-cut":
            lines = [*lines[:-1], lines[-1][:-3]] if lines else lines
        if cte == "base64-two":
            lines += [b"", base64.b64encode(b"footer of the list\n")]
        return b"\n".join(lines) + b"\n"
    if cte.startswith("qp"):
        if cte == "qp-crlf":
            return data.replace(b"=", b"=3D").replace(b"\n", b"=0D=0A=\n")
        if cte == "qp-raw":
            return data  # says so, and is not
        out = io.BytesIO()
        quopri.encode(io.BytesIO(data), out, quotetabs=cte == "qp-spaces")
        text = out.getvalue()
        if cte == "qp-lower":
            text = re.sub(rb"=[0-9A-F]{2}", lambda m: m[0].lower(), text)
        if cte == "qp-soft":
            text = re.sub(rb"(?m)^([^=\n]{30})", b"\\1=\n", text)
        return text
    return data


def body_of(shape: Shape) -> tuple[list[tuple[str, str]], bytes]:
    """Content fields and the body as it travels."""
    if shape.multipart:
        return multipart(shape)
    fields = part_fields(shape)
    return fields, transfer(shape, encoded(shape.text, shape.charset))


def part_fields(shape: Shape, kind: str = "text/plain") -> list[tuple[str, str]]:
    charset = shape.charset if shape.declared is None else shape.declared
    parameter = f"; charset={charset}" if charset else ""
    if shape.rng.random() < 0.2:
        parameter = parameter.replace("=", '="', 1) + '"' if parameter else ""
    fields = [("MIME-Version", "1.0")]
    if charset != "us-ascii" or shape.flowed or shape.declared is not None:
        fields.append(("Content-Type", f"{kind}{parameter}{shape.flowed}"))
    if shape.cte_name or (shape.cte != "8bit" and shape.cte_name is None):
        name = shape.cte_name or cte_kind(shape.cte)
        fields.append(("Content-Transfer-Encoding", name))
    return fields


def multipart(shape: Shape) -> tuple[list[tuple[str, str]], bytes]:
    kind = shape.multipart
    mark = {"boundary-space": "a b", "boundary-prefix": "--x"}.get(kind, "q=1_2")
    quote = '"' if kind != "boundary-quoted" or " " in mark else ""
    text = shape.text
    parts: list[bytes] = []

    def part(data: str, *fields: tuple[str, str], plain: bool = False) -> bytes:
        lines = fields or part_fields(shape)
        head = "".join(f"{name}: {value}\n" for name, value in lines)
        raw = encoded(data, shape.charset)
        return head.encode() + b"\n" + (raw if plain else transfer(shape, raw))

    html = part(
        "<p>hello</p>\n", ("Content-Type", "text/html; charset=utf-8"), plain=True
    )
    letter = shape.head + shape.message
    split = shape.marker + shape.notes + shape.diff + shape.footer
    named = ("Content-Disposition", 'attachment; filename="0001-x.patch"')
    subtype = "mixed"
    if kind in ("alternative", "alternative-base64"):
        subtype, parts = "alternative", [part(text), html]
    elif kind == "html-first":
        subtype, parts = "alternative", [html, part(text)]
    elif kind == "html-only":
        parts = [html]
    elif kind == "signed":
        subtype = "signed"
        signature = ("Content-Type", "application/pgp-signature")
        parts = [part(text), part("-----BEGIN\n\nabc\n=x\n", signature, plain=True)]
    elif kind == "related":
        subtype, parts = "related", [part(text)]
    elif kind == "nested":
        inner = b"--inner\n" + part(text) + b"\n--inner\n" + html + b"\n--inner--\n"
        parts = [b"Content-Type: multipart/alternative; boundary=inner\n\n" + inner]
    elif kind in (
        "attached",
        "attached-octet",
        "attached-x-patch",
        "inline",
        "attached-base64",
    ):
        content = {
            "attached-octet": "application/octet-stream",
            "attached-x-patch": "text/x-patch",
        }
        place = (
            ("Content-Disposition", 'inline; filename="x.patch"')
            if kind == "inline"
            else named
        )
        fields = [
            ("Content-Type", content.get(kind, "text/plain; name=x.patch")),
            place,
        ]
        if kind == "attached-base64":
            attached = part(
                "", *fields, ("Content-Transfer-Encoding", "base64"), plain=True
            )
            attached += base64.encodebytes(encoded(split, shape.charset))
        else:
            attached = part(split, *fields, plain=True)
        parts = [part(letter), attached]
    elif kind == "text-then-attached":
        parts = [
            part("Please find it attached.\n"),
            part(text, ("Content-Type", "text/x-diff"), named, plain=True),
        ]
    elif kind == "two-texts":
        parts = [part(letter), part(split)]
    elif kind == "rfc822":
        inner = b"From: A <a@b.org>\nSubject: inner\n\n" + encoded(text, shape.charset)
        parts = [part("see below\n"), b"Content-Type: message/rfc822\n\n" + inner]
    elif kind == "pgp-inline":
        parts = [part("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n" + text)]
    elif kind == "footer-part":
        parts = [
            part(text),
            part(
                "__________\nlist footer\n", ("Content-Type", "text/plain"), plain=True
            ),
        ]
    elif kind == "empty-text":
        parts = [part(""), part(text)]
    elif kind == "missing-header":
        parts = [b"\n" + encoded(text, shape.charset)]
    else:
        parts = [part(text)]
    line = b"--" + mark.encode()
    preamble = (
        b"This is a multi-part message in MIME format.\n" if kind == "preamble" else b""
    )
    body = preamble + b"".join(line + b"\n" + one + b"\n" for one in parts)
    if kind != "no-end":
        body += line + b"--\n"
    if shape.rng.random() < 0.2:
        body += b"epilogue\n"
    boundary = "" if kind == "no-boundary" else f"; boundary={quote}{mark}{quote}"
    return [
        ("MIME-Version", "1.0"),
        ("Content-Type", f"multipart/{subtype}{boundary}"),
    ], body
