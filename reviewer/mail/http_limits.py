# SPDX-License-Identifier: GPL-2.0-or-later
"""HTTP answers that are measured as they come.

requests reads an answer to its end, and unpacks it where HTTP says that it is packed,
before anybody can look at its size.  An adapter of its own is what it offers for that.
"""

from __future__ import annotations

import zlib
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, ProtocolError, ReadTimeoutError

from reviewer import limits
from reviewer.mail.gunzip import gunzip

PIECE = 1 << 16  # bytes
_PLAIN = ("", "identity")


class Bounded(HTTPAdapter):
    """Sends requests, and gives up on an answer that is larger than ``most`` bytes."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def send(self, request: Any, *arguments: Any, **options: Any) -> Any:
        """Returns the response with its content read and unpacked.

        Raises LimitExceeded, and what requests raises where a transfer breaks off.
        """
        response = super().send(request, *arguments, **{**options, "stream": True})
        try:
            content = self._unpacked(response, self._read(response))
        except BaseException:
            response.close()
            raise
        response._content = content
        response._content_consumed = True
        return response

    def _read(self, response: Any) -> bytes:
        pieces: list[bytes] = []
        size = 0
        try:
            for piece in response.raw.stream(PIECE, decode_content=False):
                pieces.append(piece)
                size += len(piece)
                self._check(size)
        except ProtocolError as error:
            raise requests.exceptions.ChunkedEncodingError(error) from None
        except ReadTimeoutError as error:
            raise requests.ConnectionError(error) from None
        except HTTPError as error:
            raise requests.ConnectionError(error) from None
        return b"".join(pieces)

    def _unpacked(self, response: Any, data: bytes) -> bytes:
        """What the data is behind its content-encoding."""
        named = response.headers.get("Content-Encoding", "").lower().split(",")
        encodings = [one.strip() for one in named if one.strip() not in _PLAIN]
        try:
            for encoding in reversed(encodings):
                data = self._one(encoding, data)
                self._check(len(data))
        except (zlib.error, EOFError, ValueError) as error:
            text = f"content-encoding {encodings}: {error}"
            raise requests.exceptions.ContentDecodingError(text) from None
        return data

    def _one(self, encoding: str, data: bytes) -> bytes:
        if encoding in ("gzip", "x-gzip"):
            return gunzip(data, self._most) if data else data
        if encoding == "deflate":
            bare = -zlib.MAX_WBITS if data[:1] and data[0] & 15 != 8 else zlib.MAX_WBITS
            return zlib.decompressobj(bare).decompress(data, self._most + 1)
        raise ValueError("not asked for")

    def _check(self, size: int) -> None:
        limits.check("mailbox_bytes", size, self._most, "the thread")


def session(most: int, user_agent: str) -> requests.Session:
    """Returns a session whose answers are bounded."""
    made = requests.Session()
    for scheme in ("http://", "https://"):
        made.mount(scheme, Bounded(most))
    made.headers.update({"User-Agent": user_agent, "Accept-Encoding": "gzip, deflate"})
    return made
