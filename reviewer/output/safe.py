"""Nothing that a stranger wrote reaches a reader as it stands.

Mail can hold terminal escapes, links that lie (OSC 8), bidi overrides, characters
that show nothing, letters that look like others, bytes that are no UTF-8, and line
breaks where a header ends.  Every sink has its function here; all of them spell such
characters out, as ``^[`` or ``⟨U+202E⟩``, and keep everything else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# What is spelt out, in this order in the class: C0 but tab and newline, DEL and C1;
# soft hyphen, grapheme joiner, Arabic letter mark; Hangul and Khmer fillers;
# Mongolian selectors; zero width, bidi and line separators; bidi isolates; Braille
# blank; Hangul fillers; surrogates (bytes that are no UTF-8) and private use;
# variation selectors; byte order mark, halfwidth filler, annotations; tags and
# selectors of plane 14; spaces that are not U+0020.
_UNSEEN = re.compile(
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
_MIXED = re.compile(rf"[A-Za-z_][\w]*[{_LOOKALIKE}]\w*|[{_LOOKALIKE}]\w*[A-Za-z_]\w*")
_ONE_LOOKALIKE = re.compile(f"[{_LOOKALIKE}]")


def spelt(text: str) -> str:
    """The text with everything that cannot be seen spelt out; tab and newline stay.

    In a word that mixes Latin letters with others that look like them, the others
    are spelt out too; a word that is all Cyrillic stays as it is.
    """
    if text.isascii():
        return text if text.isprintable() else _UNSEEN.sub(_spell, text)
    return _MIXED.sub(_spell_lookalikes, _UNSEEN.sub(_spell, text))


def _spell(match: re.Match[str]) -> str:
    number = ord(match.group())
    if number < 0x20 or number == 0x7F:
        return "^" + chr(number ^ 0x40)
    if 0xDC80 <= number <= 0xDCFF:  # surrogateescape: a byte
        return f"⟨0x{number - 0xDC00:02X}⟩"
    return f"⟨U+{number:04X}⟩"


def _spell_lookalikes(match: re.Match[str]) -> str:
    return _ONE_LOOKALIKE.sub(_spell, match.group())


def is_plain(text: str) -> bool:
    """Whether the text shows everything that it holds."""
    return spelt(text) == text


def one_line(text: str) -> str:
    """For a place that takes one line: spelt out, breaks and tabs become spaces."""
    return spelt(text.replace("\r\n", "\n").replace("\n", " ").replace("\t", " "))


def terminal_line(text: str) -> str:
    """One line for a terminal or a log."""
    return one_line(text).rstrip()


def terminal_text(text: str) -> str:
    """Several lines for a terminal; a final CR of a line is spelt out too."""
    return spelt(text)


def code_line(text: str) -> str:
    """One line of code: tabs are kept, a line break is spelt out."""
    return spelt(text.replace("\n", "\u2028"))


def mail_text(text: str) -> str:
    """For the body of a draft: lines as they are, CRLF becomes LF."""
    return spelt(text.replace("\r\n", "\n"))


def header(text: str) -> str:
    """For the value of a mail header: one line, no way to begin another one."""
    return " ".join(one_line(text).split())


def address(text: str) -> str | None:
    """An address that can stand in a header as it is; None where it cannot."""
    plain = re.fullmatch(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+", text)
    return text if plain and len(text) <= 254 else None


def message_id(text: str | None) -> str | None:
    """A message-id without brackets that can stand in a header; else None."""
    if text is None or len(text) > 900:
        return None
    return text if re.fullmatch(r"[!-;=?-~]+", text) else None


def data(value: Any) -> Any:
    """A value for JSON or SARIF: strings spelt out, all else plain JSON data."""
    if isinstance(value, str):
        return spelt(str(value))
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, bytes):
        return spelt(value.decode("utf-8", "surrogateescape"))
    if isinstance(value, Mapping):
        return {spelt(str(key)): data(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        items = sorted(value) if isinstance(value, (set, frozenset)) else value
        return [data(item) for item in items]
    return spelt(str(value))


def html(text: str) -> str:
    """For HTML, in text and in quoted attributes."""
    from html import escape

    return escape(spelt(text), quote=True)


def github_message(text: str) -> str:
    """For the message of a workflow command."""
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return spelt(escaped)


def github_property(text: str) -> str:
    """For a property (file, title) of a workflow command."""
    return github_message(text).replace(":", "%3A").replace(",", "%2C")
