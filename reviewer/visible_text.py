# SPDX-License-Identifier: GPL-2.0-or-later
"""Text of strangers with everything spelt out that a reader would not see.

Terminal escapes, links that lie (OSC 8), bidi overrides, characters that show
nothing, letters that look like others, bytes that are no UTF-8, line breaks where a
header ends: they come out as ``^[`` or ``⟨U+202E⟩``; everything else stays.  A leaf
module, as ``models``: mail headers and ``output/escaping.py`` build on it.
"""

from __future__ import annotations

import re

from reviewer.patterns import regex

# What is spelt out, in this order in the class: C0 but tab and newline, DEL and C1;
# soft hyphen, grapheme joiner, Arabic letter mark; Hangul and Khmer fillers;
# Mongolian selectors; zero width, bidi and line separators; bidi isolates; Braille
# blank; Hangul fillers; surrogates (bytes that are no UTF-8) and private use;
# variation selectors; byte order mark, halfwidth filler, annotations; tags and
# selectors of plane 14; spaces that are not U+0020.
_UNSEEN = regex(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ud800-\udfff"
    "\ue000-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff\U000f0000-\U0010ffff"
    "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]"
)
# Letters that pass for Latin ones: Cyrillic, Armenian, Cherokee, the Greek that look
# so (not mu, pi, omega: units), full width, mathematical alphabets, roman numerals.
_LOOKALIKE = (
    "\u0370-\u037f\u0391\u0392\u0395-\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4"
    "\u03a5\u03a7\u03b1\u03b9\u03bd\u03bf\u03c1\u03c5\u03c7\u0400-\u052f\u0531-\u0587"
    "\u13a0-\u13ff\u2160-\u217f\uff21-\uff5a\U0001d400-\U0001d7ff"
)
_LOOKALIKES = regex(f"[{_LOOKALIKE}]")
_LATIN = regex("[A-Za-z_]")
_WORD = regex(r"\w+")


def spelt_out(text: str) -> str:
    """Returns the text with everything that cannot be seen
    spelt out; tab and newline stay.

    In a word that mixes Latin letters with others that look like them, the others
    are spelt out too; a word that is all Cyrillic stays as it is.
    """
    if text.isascii():
        return text if text.isprintable() else _UNSEEN.sub(_spell, text)
    return _WORD.sub(_spell_lookalikes, _UNSEEN.sub(_spell, text))


def _spell(match: re.Match[str]) -> str:
    number = ord(match.group())
    if number < 0x20 or number == 0x7F:
        return "^" + chr(number ^ 0x40)
    if 0xDC80 <= number <= 0xDCFF:  # surrogateescape: a byte
        return f"⟨0x{number - 0xDC00:02X}⟩"
    return f"⟨U+{number:04X}⟩"


def _spell_lookalikes(match: re.Match[str]) -> str:
    word = match.group()
    if word.isascii() or not _LATIN.search(word):
        return word
    return _LOOKALIKES.sub(_spell, word)


def is_plain(text: str) -> bool:
    """Says whether the text shows everything that it holds."""
    return spelt_out(text) == text


def one_line(text: str) -> str:
    """Returns text for a place that takes one line: spelt out, breaks and tabs become
    spaces."""
    return spelt_out(text.replace("\r\n", "\n").replace("\n", " ").replace("\t", " "))


def mail_text(text: str) -> str:
    """Returns text for the body of a draft: lines as they are, CRLF becomes LF."""
    return spelt_out(text.replace("\r\n", "\n"))


def header(text: str) -> str:
    """Returns text for the value of a mail header: one line, no way to begin another
    one."""
    return " ".join(one_line(text).split())


def address(text: str) -> str | None:
    """Returns an address that can stand in a header as it is; None where it cannot."""
    plain = re.fullmatch(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+", text)
    return text if plain and len(text) <= 254 else None


def message_id(text: str | None) -> str | None:
    """Returns a message-id without brackets that can stand in a header; else None."""
    if text is None or len(text) > 900:
        return None
    return text if re.fullmatch(r"[!-;=?-~]+", text) else None
