# SPDX-License-Identifier: GPL-2.0-or-later
"""Bytes as text and back, with no byte lost.

Mail and kernel files are UTF-8 for the most part.  A byte that is none becomes a
surrogate in the text (``surrogateescape``), and the same byte again on the way back.
"""

from __future__ import annotations

import re

_STANDS_FOR_NO_BYTE = "[\ud800-\udc7f\udd00-\udfff]"


def encode(text: str) -> bytes:
    """Returns the bytes of a text.

    A surrogate that stands for no byte becomes a question mark.
    """
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        text = re.sub(_STANDS_FOR_NO_BYTE, "?", text)
        return text.encode("utf-8", "surrogateescape")


def decode(data: bytes | bytearray) -> str:
    """Returns the text of bytes: the inverse of ``encode``."""
    return data.decode("utf-8", "surrogateescape")
