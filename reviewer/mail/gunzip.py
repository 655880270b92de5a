# SPDX-License-Identifier: GPL-2.0-or-later
"""Unpacking gzip without being made to fill the memory."""

from __future__ import annotations

import zlib

MAGIC = b"\x1f\x8b"


def gunzip(data: bytes, most: int) -> bytes:
    """Returns what ``data`` holds, all members of it;
    stops when it is more than ``most``.

    Zeros behind the last member are padding, anything else there is not looked at,
    as in gzip(1).

    Raises zlib.error where it is no gzip, EOFError where it was cut off.
    """
    pieces: list[bytes] = []
    room = most + 1
    rest = data
    while not pieces or rest.startswith(MAGIC):
        unpacker = zlib.decompressobj(wbits=31)
        pieces.append(unpacker.decompress(rest, room))
        room -= len(pieces[-1])
        if room <= 0:
            break
        if not unpacker.eof:
            raise EOFError("the compressed data was cut off")
        rest = unpacker.unused_data
    return b"".join(pieces)
