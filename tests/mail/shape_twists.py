# SPDX-License-Identifier: GPL-2.0-or-later
"""What can be odd about a mail: one function each, named in the tables of the bench."""
# ruff: noqa: E501 - tables of text

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from shape_text import (
    BELOW_MARKER,
    BODY_HEADS,
    DIFFS,
    FOOTERS,
    MARKERS,
    MESSAGES,
    NAMES,
    PREFIXES,
    SCISSORS,
    TITLES,
)


@dataclass
class Shape:
    """A mail while it is made; the twists change it."""

    rng: random.Random
    headers: list[tuple[str, str]] = field(default_factory=list)
    name: str = NAMES["ascii"]
    subject: str = ""
    head: str = ""
    message: str = MESSAGES[0]
    marker: str = "---\n"
    notes: str = ""
    diff: str = DIFFS["plain"]
    footer: str = FOOTERS[0]
    charset: str = "us-ascii"
    declared: str | None = None  # another charset than the one it is written in
    header_charset: str = "utf-8"
    words: str = "none"  # q, b, raw or none: how the header's text is written
    cte: str = "8bit"
    cte_name: str | None = None
    flowed: str = ""  # parameters that Content-Type gets
    multipart: str = ""
    top: bytes = b""  # in front of everything
    eol: bytes = b"\n"
    twists: list[str] = field(default_factory=list)

    def pick(self, choices):
        """One of them, at random."""
        return self.rng.choice(list(choices))

    @property
    def text(self) -> str:
        return (
            self.head
            + self.message
            + self.marker
            + self.notes
            + self.diff
            + self.footer
        )


def a_name(shape: Shape) -> None:
    shape.name = shape.pick(NAMES.values())
    shape.words = shape.pick(("q", "b", "raw"))
    if not shape.name.isascii() and shape.charset == "us-ascii":
        shape.charset = "utf-8"


def a_charset(shape: Shape) -> None:
    """Text that needs it, in a charset that mail uses."""
    charset, text = shape.pick(
        (
            ("utf-8", "Grüße — мир 世界"), ("iso-8859-1", "Grüße"), ("iso-8859-15", "€ Œ"),
            ("iso-8859-2", "žluťoučký"), ("windows-1252", "“quoted” – dash"),
            ("windows-1251", "привет"), ("koi8-r", "привет"), ("gb2312", "你好"),
            ("gb18030", "你好€"), ("gbk", "你好"), ("big5", "你好"), ("iso-2022-jp", "今日は"),
            ("shift_jis", "今日は"), ("euc-jp", "今日は"), ("euc-kr", "안녕"), ("utf-7", "Grüße + -"),
            ("us-ascii", "plain"), ("utf-16", "Grüße"), ("iso-8859-9", "ışık"),
        )
    )  # fmt: skip
    shape.charset = shape.header_charset = charset
    shape.message = f"{text}\n\n{shape.message}"
    shape.subject += " " + text
    if shape.rng.random() < 0.3:
        shape.diff = shape.diff.replace("+\tif", f"+\t/* {text} */ if")
    shape.words = shape.pick(("q", "b", "raw"))


def a_wrong_charset(shape: Shape) -> None:
    if shape.charset == "us-ascii":
        shape.charset = "utf-8"
        shape.message = "Grüße — мир\n\n" + shape.message
    shape.declared = shape.pick(
        ("us-ascii", "iso-8859-1", "utf-8", "unknown-8bit", "x-unknown", "ansi_x3.4-1968",
         "", "UTF8", "cp1252", "utf-8mb4", "ISO_8859-1", "gb2312", "8bit", "default_charset",
         "\"utf-8", "koi8-r", "iso-2022-jp", "utf-7", "binary")
    )  # fmt: skip


def a_transfer_encoding(shape: Shape) -> None:
    shape.cte = shape.pick(
        ("base64", "base64-one-line", "base64-short", "base64-crlf", "base64-junk", "qp",
         "qp-soft", "qp-lower", "qp-spaces", "qp-crlf", "qp-raw", "7bit", "uu", "base64-cut",
         "base64-two")
    )  # fmt: skip
    kind = cte_kind(shape.cte)
    shape.cte_name = shape.pick((kind, kind, kind, kind.upper(), kind.title(), f" {kind} ",
                                 f"{kind}; x=y", "8bit", None, f'"{kind}"', f"{kind} (c)"))  # fmt: skip


def cte_kind(cte: str) -> str:
    if cte.startswith("base64"):
        return "base64"
    return "quoted-printable" if cte.startswith("qp") else cte


def a_multipart(shape: Shape) -> None:
    shape.multipart = shape.pick(
        ("mixed", "alternative", "html-first", "signed", "related", "nested", "attached",
         "attached-octet", "attached-x-patch", "inline", "two-texts", "attached-base64",
         "no-end", "digest", "preamble", "missing-header", "boundary-quoted", "html-only",
         "alternative-base64", "rfc822", "text-then-attached", "pgp-inline", "footer-part",
         "empty-text", "boundary-space", "boundary-prefix", "no-boundary")
    )  # fmt: skip


def a_flow(shape: Shape) -> None:
    shape.flowed = shape.pick(
        ("; format=flowed", "; format=flowed; delsp=yes", "; delsp=yes; format=flowed",
         '; format="flowed"', "; FORMAT=Flowed", "; format=flowed; delsp=no",
         ";format=flowed", "; format = flowed")
    )  # fmt: skip
    shape.message = shape.pick(
        (
            "A line that goes on \nand on \nto here.\n\nSigned-off-by: N <n@b.org>\n",
            " space-stuffed\n  twice\n>From x\n> quoted \n> more\n\nSigned-off-by: N <n@b.org>\n",
            "end \n\nSigned-off-by: N <n@b.org>\n-- \n",
            shape.message,
        )
    )
    if shape.rng.random() < 0.7:
        shape.diff = stuffed(shape.diff)


def stuffed(text: str) -> str:
    """As format=flowed sends it: another space before a space, From or >."""
    return re.sub(r"(?m)^(?=[ >]|From )", " ", text)


def a_line_end(shape: Shape) -> None:
    shape.eol = shape.pick((b"\r\n", b"\r\n", b"\n", b"\r\r\n"))


def a_prefix(shape: Shape) -> None:
    shape.subject = (
        shape.pick(PREFIXES) + shape.pick((" ", " ", "", "  ")) + shape.pick(TITLES)
    )


def a_subject_word(shape: Shape) -> None:
    """Subjects that are encoded by hand, well and badly."""
    shape.subject = shape.pick(
        (
            "=?utf-8?q?[PATCH]_mm:_J=C3=B6rg?=", "[PATCH] =?utf-8?B?SsO2cmc=?= =?utf-8?B?SsO2cmc=?=",
            "=?UTF-8?Q?[PATCH]_a?=\n =?UTF-8?Q?_b?=", "=?utf-8?q?broken", "=?utf-8?x?abc?=",
            "=?nope?q?abc?=", "=?utf-8?b?!!!?=", "[PATCH] =?utf-8?q?a?=b=?utf-8?q?c?=",
            "[PATCH] =?utf-8?q?a b?= c", "=?utf-8*en?q?abc?=", "[PATCH] =?iso-2022-jp?B?GyRCOiNGfBsoQg==?=",
            "[PATCH] =?utf-8?q?tab=09nl=0Ax?=", "[PATCH] =?utf-8?q??= empty", "=?utf-8?b??=",
            "[PATCH] =?gb2312?B?xOO6ww==?=\n =?gb2312?B?xOO6ww==?= end",
            "[PATCH]\n folded", "[PATCH]  two  spaces", "[PATCH] tab\tin it", "\n [PATCH] folded first",
            "[PATCH] =?utf-8?q?=E4=BD?= =?utf-8?q?=A0?=", "[PATCH] a\n\tb\n\tc", "[PATCH] x ",
            "[PATCH] =?us-ascii?Q?=5B?= x]", "[PATCH] =?utf-8?q?a=?= z", "=?utf-8?q?Re=3A?= [PATCH] x",
            "[PATCH] =?windows-1252?q?=93x=94?=", "[PATCH] =?UTF-8?B?W1BBVENI?=", "[PATCH]a",
            "[PATCH] =?utf-8?Q?=F0=9F=98=80?= ok", "=?utf-8?Q?=5BPATCH_v2_1/2=5D_x?=",
        )
    )  # fmt: skip
    shape.words = "none"


def a_body_head(shape: Shape) -> None:
    shape.head = shape.pick(BODY_HEADS)


def scissors(shape: Shape) -> None:
    shape.head = shape.pick(SCISSORS) + shape.head


def a_message(shape: Shape) -> None:
    shape.message = shape.pick(MESSAGES)


def a_marker(shape: Shape) -> None:
    shape.marker, shape.notes = shape.pick(MARKERS), shape.pick(BELOW_MARKER)


def a_leading_marker(shape: Shape) -> None:
    shape.head = shape.pick(
        ("---\n", "--- \n", "\n---\n", "---\n\n", "diff\n", "---\n---\n")
    )


def a_diff(shape: Shape) -> None:
    shape.diff = shape.pick(DIFFS.values())


def more_diff(shape: Shape) -> None:
    shape.diff += shape.pick(DIFFS.values())


def a_footer(shape: Shape) -> None:
    shape.footer = shape.pick(FOOTERS)


def from_lines(shape: Shape) -> None:
    shape.message = (
        shape.pick(
            ("From the start\n", ">From the start\n", "From x\nSubject: y\n\n", ">>From x\n",
             "From a@b Mon Mar  2 10:00:00 2026\nFrom: X <x@y>\n\ntext\n")
        )
        + shape.message
    )  # fmt: skip


def a_top(shape: Shape) -> None:
    shape.top = shape.pick(
        (b"\xef\xbb\xbf", b"\n", b"\n\n\n", b"X-First: y\n", b"\0", b" \n", b"not a field\n",
         b">From a@b Mon Mar  2 10:00:00 2026\n", b"\t\n")
    )  # fmt: skip


def a_nul(shape: Shape) -> None:
    shape.message = shape.pick(("N\0L\n", "\0\n", "x\n\0")) + shape.message


def double_headers(shape: Shape) -> None:
    shape.headers += shape.pick(
        (
            [("From", "Other <other@example.org>")], [("Subject", "[PATCH] other")],
            [("Date", "Tue, 3 Mar 2026 10:00:00 +0100")],
            [("Content-Type", "text/plain; charset=koi8-r")], [("Content-Transfer-Encoding", "base64")],
            [("content-type", "text/html")], [("MIME-Version", "1.0")], [("From", "")], [("Subject", "")],
            [("Content-Transfer-Encoding", "7bit")],
        )
    )  # fmt: skip


def many_headers(shape: Shape) -> None:
    shape.headers += shape.pick(
        (
            [("X-Long", "y" * 70_000)], [("X-Spam", "a;\n\tb;\n c")], [("X-Odd Name", "v")],
            [("X-Empty", "")], [("Received", "from a\n by b")] * 200, [("X:Colon", "v")],
            [("X-Utf", "ü")], [("X-Blank", "a\n \n b")], [("References", "<a@b>\n " * 400)],
        )
    )  # fmt: skip


def a_from(shape: Shape) -> None:
    shape.name = "@" + shape.pick(
        (
            "nora@example.org", "<nora@example.org>", "nora@example.org (Nora Newcomer)",
            '"Nora" <nora@example.org>', "Nora <nora@example.org>, Max <max@example.net>",
            "Nora Newcomer", "Nora <nora at example.org>", '"Nora \\"N\\" New" <nora@example.org>',
            "Nora via List <list@example.org>", "Nora\n <nora@example.org>", "N <n@localhost>",
            "<nora@example.org> Nora", "Nora <>", "", "x@y <nora@example.org>", "Nora (a (b)) <n@b.org>",
            "=?utf-8?q?Nora?= =?utf-8?q?New?= <n@b.org>", "=?utf-8?q?a=2C_b?= <n@b.org>",
            "'Nora' <n@b.org>", "Nora<n@b.org>", "N <n@[127.0.0.1]>", "a" * 70 + " <n@b.org>", "No <n@b.org",
        )
    )  # fmt: skip


def a_date(shape: Shape) -> None:
    shape.headers.append(
        ("Date", shape.pick(("Mon, 2 Mar 2026 10:00:00 +0100 (CET)", "yesterday", "", "  x ",
                             "Mon, 2 Mar 2026\n 10:00:00 GMT", "=?utf-8?q?x?=")))
    )  # fmt: skip


def no_blank_line(shape: Shape) -> None:
    shape.headers.append(("X-No-Blank", "!"))


def odd_content_type(shape: Shape) -> None:
    shape.flowed += shape.pick(
        ("; x=y", ";", "; charset=utf-8", '; name="a b.patch"', "; charset*=utf-8''x", " (comment)",
         "; boundary=abc", "; x-mac-type=\"0\"", ";\n\tformat=fixed", "; charset=utf-8; charset=koi8-r")
    )  # fmt: skip


TWISTS: tuple[Callable[[Shape], None], ...] = (
    a_name, a_charset, a_wrong_charset, a_transfer_encoding, a_multipart, a_flow, a_line_end,
    a_prefix, a_subject_word, a_body_head, scissors, a_message, a_marker, a_leading_marker,
    a_diff, a_diff, more_diff, a_footer, from_lines, a_top, a_nul, double_headers, many_headers,
    a_from, a_date, no_blank_line, odd_content_type,
)  # fmt: skip
