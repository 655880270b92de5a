# SPDX-License-Identifier: GPL-2.0-or-later
"""A mail archive on loopback that answers as badly as a test wants it to."""

from __future__ import annotations

import gzip
import socket
import struct
import threading
from collections.abc import Callable
from pathlib import Path

import reviewer

SERIES = Path(reviewer.__file__).parent / "demo" / "series.mbox"
COVER = "20240304100500.1-0-nadia@example.org"
Answer = Callable[["Archive", socket.socket, bytes], None]


class Archive:
    """Answers every connection with ``answer(archive, connection, request)``."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.stopped = threading.Event()
        self.asked: list[bytes] = []  # the first line of each request
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/all"
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stopped.set()
        self._server.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with connection:
            try:
                request = b""
                while b"\r\n\r\n" not in request:
                    piece = connection.recv(4096)
                    if not piece:
                        return
                    request += piece
                self.asked.append(request.partition(b"\r\n")[0])
                self.answer(self, connection, request)
            except OSError:
                return


def response(
    body: bytes, status: str = "200 OK", length: int | None = None, extra: str = ""
) -> bytes:
    """An HTTP response as bytes."""
    size = len(body) if length is None else length
    head = f"HTTP/1.1 {status}\r\nContent-Length: {size}\r\n{extra}"
    return f"{head}Connection: close\r\n\r\n".encode() + body


def mbox() -> bytes:
    """The demo's series as the archive sends it."""
    return gzip.compress(SERIES.read_bytes())


def saying(data: bytes) -> Answer:
    """Send this and close."""
    return lambda _archive, connection, _request: connection.sendall(data)


def hang(archive: Archive, connection: socket.socket, _request: bytes) -> None:
    """Say nothing."""
    archive.stopped.wait(60)


def hang_inside(archive: Archive, connection: socket.socket, _request: bytes) -> None:
    """Send half of the mails and then nothing more."""
    whole = response(mbox())
    connection.sendall(whole[: len(whole) // 2])
    archive.stopped.wait(60)


def reset(archive: Archive, connection: socket.socket, _request: bytes) -> None:
    """Send half of the mails, then a TCP reset."""
    whole = response(mbox())
    connection.sendall(whole[: len(whole) // 2])
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def to_itself(archive: Archive, connection: socket.socket, request: bytes) -> None:
    """Redirect for ever."""
    place = request.split()[1].decode()
    extra = f"Location: http://127.0.0.1:{archive.port}{place}\r\n"
    connection.sendall(response(b"", "302 Found", extra=extra))
