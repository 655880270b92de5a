# SPDX-License-Identifier: GPL-2.0-or-later
"""How git reads file names out of the header lines of a diff.

Every function works on bytes and follows apply.c of git by behaviour: what ends a
name, which leading components are stripped, and when a name is believed at all.
A carriage return ends a name, which is why mail that travelled with CRLF line ends
names the right files.
"""

from __future__ import annotations

import re

from reviewer.patterns import regex

DEV_NULL = b"/dev/null"
_WHITE = b" \t\r\n"  # what git's own isspace() takes for white space

_ESCAPES = {
    ord("a"): 7,
    ord("b"): 8,
    ord("f"): 12,
    ord("n"): 10,
    ord("r"): 13,
    ord("t"): 9,
    ord("v"): 11,
    ord("\\"): 92,
    ord('"'): 34,
}
_QUOTED_PIECE = regex(rb'[^"\\]+|\\[0-3][0-7]{2}|\\[abfnrtv\\"]')

# "\t2010-07-05 19:41:17.620000023 -0500", and the same after white-space damage
_TIMESTAMP = regex(
    rb"(?:\t| +)(?:\d{4}|\d{2})-\d{2}-\d{2}"
    rb" \d{2}:\d{2}:\d{2}(?:\.\d*)?"
    rb"(?: [-+]\d{4}| [-+]\d{2}:\d{2})?$"
)
_EPOCH = regex(
    rb"(1969-12-31|1970-01-01) ([0-2][0-9]):([0-5][0-9]):00(?:\.0+)?"
    rb" ([-+])([0-2][0-9]):?([0-5][0-9])\n"
)


def unquote(line: bytes) -> tuple[bytes, int] | None:
    """Returns a name in C quotes at the start of ``line``, and where the quotes end.

    None if there is no well-formed quoted string.
    """
    if not line.startswith(b'"'):
        return None
    name = bytearray()
    at = 1
    while piece := _QUOTED_PIECE.match(line, at):
        text = piece[0]
        if not text.startswith(b"\\"):
            name += text
        elif len(text) == 4:
            name.append(int(text[1:], 8))
        else:
            name.append(_ESCAPES[text[1]])
        at = piece.end()
    if line[at : at + 1] != b'"':
        return None
    return bytes(name), at + 1


def strip_components(name: bytes, strip: int) -> bytes | None:
    """Returns ``name`` without its first ``strip`` folders, None if it has fewer.

    Nor is a name believed whose stripped part would be empty.
    """
    if not strip:
        return None if name.startswith(b"/") else name
    at = -1
    for _ in range(strip):
        at = name.find(b"/", at + 1)
        if at < 0:
            return None
    return None if at == 0 else name[at + 1 :]


def _squash_slashes(name: bytes) -> bytes:
    return re.sub(rb"/+", b"/", name)


def _quoted_name(line: bytes, strip: int) -> bytes | None:
    quoted = unquote(line)
    if quoted is None:
        return None
    name = quoted[0]
    for _ in range(strip):
        _, slash, name = name.partition(b"/")
        if not slash:
            return None
    return _squash_slashes(name)


def _plain_name(text: bytes, strip: int, default: bytes | None) -> bytes | None:
    """``text`` holds the name and nothing after it."""
    for _ in range(strip):
        _, slash, text = text.partition(b"/")
        if not slash:
            text = b""
            break
    if not text:
        return default
    # "file.orig" against "file": the shorter name is the one that is meant
    if default is not None and len(default) < len(text) and text.startswith(default):
        return default
    return _squash_slashes(text)


def _until(line: bytes, ends: bytes) -> bytes:
    for index, byte in enumerate(line):
        if byte in ends:
            return line[:index]
    return line


def find_name(line: bytes, strip: int, *, tab_ends: bool = True) -> bytes | None:
    """Returns the name at the start of ``line``, ``strip`` leading folders removed.

    Args:
        line: what follows ``--- ``, ``rename from `` and the like, newline included.
        strip: how many folders to take off.
        tab_ends: whether a tab ends the name (a time stamp may follow it).
    """
    quoted = _quoted_name(line, strip)
    if quoted is not None:
        return quoted
    ends = b"\t\r\n" if tab_ends else b"\r\n"
    return _plain_name(_until(line, ends), strip, None)


def find_name_traditional(
    line: bytes, strip: int, default: bytes | None = None
) -> bytes | None:
    """Returns the name in a ``---`` or ``+++`` line that no ``diff --git`` line
    precedes."""
    quoted = _quoted_name(line, strip)
    if quoted is not None:
        return quoted
    text = line.rstrip(b"\n")
    stamp = _timestamp_at(text)
    if stamp is None:
        return _plain_name(_until(line, b"\t\r\n"), strip, default)
    return _plain_name(text[:stamp], strip, default)


def _timestamp_at(text: bytes) -> int | None:
    # the stamp is at most some fifty bytes: looked for at the end only, so that a
    # line of a megabyte costs nothing
    start = max(0, len(text) - 80)
    found = _TIMESTAMP.search(text, start)
    if found is None or found.start() == 0:
        return None
    at = found.start()
    while at > 0 and text[found.start()] == ord(" ") and text[at - 1] == ord(" "):
        at -= 1
    return at


def is_dev_null(line: bytes) -> bool:
    """Says whether the name in a header line is /dev/null."""
    return line.startswith(DEV_NULL) and line[9:10] != b"" and line[9] in _WHITE


def has_epoch_timestamp(line: bytes) -> bool:
    """Says whether the name carries the time 0, diff's way to say "not there"."""
    _, tab, stamp = line.rpartition(b"\t")
    match = _EPOCH.match(stamp) if tab else None
    if match is None:
        return False
    day, hour, minute, sign, zone_hours, zone_minutes = match.groups()
    zone = int(zone_hours) * 60 + int(zone_minutes)
    if sign == b"-":
        zone = -zone
    midnight = 24 * 60 if day == b"1969-12-31" else 0
    return int(hour) * 60 + int(minute) - zone == midnight


def guess_strip(line: bytes) -> int | None:
    """Returns 0 for a traditional header line whose name has no folder, else None."""
    if is_dev_null(line):
        return None
    name = find_name_traditional(line, 0)
    return 0 if name is not None and b"/" not in name else None


def header_name(line: bytes, strip: int) -> bytes | None:
    """Returns the name in ``diff --git a/NAME b/NAME`` if both are the same.

    Args:
        line: what follows ``diff --git ``, newline included.
        strip: how many folders to take off either name.
    """
    quoted = unquote(line)
    if line.startswith(b'"'):
        return _both_quoted(line, strip, quoted)
    name = strip_components(line, strip)
    if name is None:
        return None
    quote = name.find(b'"')
    if quote >= 0:
        return _second_quoted(name, quote, strip)
    return _neither_quoted(name, strip)


def _both_quoted(
    line: bytes, strip: int, quoted: tuple[bytes, int] | None
) -> bytes | None:
    if quoted is None:
        return None
    first = strip_components(quoted[0], strip)
    # git compares an unquoted second name together with its newline, so that only
    # a quoted one can ever be the same
    second = unquote(line[quoted[1] :].lstrip(_WHITE))
    if first is None or second is None:
        return None
    return first if strip_components(second[0], strip) == first else None


def _second_quoted(name: bytes, quote: int, strip: int) -> bytes | None:
    second = unquote(name[quote:])
    stripped = None if second is None else strip_components(second[0], strip)
    if stripped is None or len(stripped) >= quote:
        return None
    same = name.startswith(stripped) and name[len(stripped)] in _WHITE
    return stripped if same else None


def _neither_quoted(name: bytes, strip: int) -> bytes | None:
    if not name.endswith(b"\n"):
        return None
    end = len(name) - 1
    for separator in re.finditer(rb"[\t ]", name):
        at = separator.start()
        second = _stripped_at(name, at + 1, strip)
        if second is None:
            return None
        # lengths first: only one separator can have equal names at its sides
        if end - second == at and name.startswith(name[second:end]):
            return name[:at]
    return None


def _stripped_at(text: bytes, start: int, strip: int) -> int | None:
    """Where the name at ``start`` begins without its first folders; no copying."""
    if not strip:
        return None if text.startswith(b"/", start) else start
    at = start - 1
    for _ in range(strip):
        at = text.find(b"/", at + 1)
        if at < 0:
            return None
    return None if at == start else at + 1
