# SPDX-License-Identifier: GPL-2.0-or-later
"""A message-id on the command line, and an archive that is slow, broken or hostile."""

from __future__ import annotations

import gzip
import json
import signal
import socket
import threading
import time
from pathlib import Path

import archive
import pytest

OTHER = (
    b"From mboxrd@z Thu Jan  1 00:00:00 1970\nFrom: a <a@b>\nMessage-Id: <x@y>\n"
    b"Subject: hi\n\nho\n"
)
MBOX = archive.mbox()
OVER = "is over the limit kpf.mailboxBytes = 1048576"
ANSWERS = {
    "html": (
        archive.response(b"<html>Are you a robot?</html>"),
        "not send a mail arch",
    ),
    "cut gzip": (archive.response(MBOX[:-30]), "did not send a mail archive"),
    "damaged gzip": (
        archive.response(MBOX[:300] + b"x" * 12 + MBOX[312:]),
        "did not send a mail archive",
    ),
    "bomb": (archive.response(gzip.compress(b"\0" * (20 << 20))), OVER),
    "short": (archive.response(MBOX[:500], length=5000), "archive broke off"),
    "bad chunk": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc",
        "archive broke off",
    ),
    "nothing": (b"", "the connection to the archive broke off"),
    "not HTTP": (b"SSH-2.0-OpenSSH\r\n", "no mail archive (not HTTP)"),
    "long header": (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 99_999, "(not HTTP)"),
    "no gzip inside": (
        archive.response(b"\xff\xff", extra="Content-Encoding: gzip\r\n"),
        "cannot be unpacked",
    ),
    "escape": (archive.response(b"", "500 \x1b[2J"), "has a problem (HTTP 500)"),
    "gone": (archive.response(b"", "404 Not Found"), "unknown to the archive (404)"),
    "not now": (
        archive.response(b"", "429 No", extra="Retry-After: 9999\r\n"),
        "asks to come back later (429)",
    ),
    "closed": (archive.response(b"no", "403 Forbidden"), "has a problem (HTTP 403)"),
    "other mail": (archive.response(gzip.compress(OTHER)), "sent no such message"),
    "no mail": (archive.response(gzip.compress(b"hello\n")), "sent no such message"),
    "to a file": (
        archive.response(b"", "302 F", extra="Location: file:///etc/passwd\r\n"),
        "No connection adapters were found",
    ),
    "to nobody": (
        archive.response(b"", "302 F", extra="Location: http://127.0.0.1:9/\r\n"),
        "no connection to the archive (refused)",
    ),
    "to nowhere": (archive.response(b"", "302 Found"), "has a problem (HTTP 302)"),
}
BEHAVIOURS = {
    "hangs": (archive.hang, "was not done after 6 s (kpf.fetchTime)"),
    "hangs inside": (archive.hang_inside, "was not done after 6 s (kpf.fetchTime)"),
    "reset": (archive.reset, "the connection to the archive broke off"),
    "redirects to itself": (archive.to_itself, "redirects for ever"),
}


def arguments(world, *more: str) -> tuple[str, ...]:
    return (archive.COVER, "--tree", str(world.tree), *more)


@pytest.mark.parametrize("name", [*ANSWERS, *BEHAVIOURS])
def test_one_line_says_what_is_wrong(name: str, world) -> None:
    """Status 3, nothing on stdout, no file, and then a good answer is reviewed."""
    if name in ANSWERS:
        answer, wanted = archive.saying(ANSWERS[name][0]), ANSWERS[name][1]
    else:
        answer, wanted = BEHAVIOURS[name]
    output = ("--output", str(world.top / "out"))
    seconds = "6" if "hangs" in name else "60"
    with archive.Archive(answer) as bad:
        world.fetches_from(bad.url, fetchTime=seconds, mailboxBytes="1m")
        before = world.files(without="home/.cache")
        status, shown, said = world.run(*arguments(world, *output))
        assert bad.asked
    assert (status, shown) == (3, b""), said
    (line,) = said.splitlines()
    assert wanted in line
    assert archive.COVER in line or "the thread" in line
    assert line.isprintable()
    assert "Error(" not in line
    assert world.files(without="home/.cache") == before
    if name in ("cut gzip", "other mail", *BEHAVIOURS):
        with archive.Archive(archive.saying(archive.response(MBOX))) as good:
            world.fetches_from(good.url)
            status, shown, said = world.run(*arguments(world, *output))
        assert status == 1, said
        assert b"bit-number-as-mask" in shown
        assert list((world.top / "out").glob("*.eml"))


def test_nobody_listens(world) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    world.fetches_from(f"http://127.0.0.1:{port}/all")
    status, shown, said = world.run(*arguments(world))
    assert (status, shown) == (3, b"")
    assert said.endswith(": no connection to the archive (refused)\n")


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)],
)
@pytest.mark.parametrize("answer", [archive.hang, archive.hang_inside])
def test_a_signal_while_the_archive_is_silent(number, status, answer, world) -> None:
    with archive.Archive(answer) as bad:
        world.fetches_from(bad.url)
        before = world.files(without="home/.cache")
        process = world.start(*arguments(world, "--output", str(world.top / "out")))
        wait_for(lambda: bad.asked)
        time.sleep(0.2)
        process.send_signal(number)
        shown, said = process.communicate(timeout=60)
    assert (process.returncode, shown) == (status, b"")
    words = {130: b"interrupted", 143: b"terminated"}
    ours = b"kpf-review: " + words[status] + b"\n" if status > 0 else b""
    assert said == ours
    assert world.files(without="home/.cache") == before
    with archive.Archive(archive.saying(archive.response(MBOX))) as good:
        world.fetches_from(good.url)
        assert world.run(*arguments(world))[0] == 1


def wait_for(what, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.05)


# --- the cache ----------------------------------------------------------------------


@pytest.fixture
def cached(world):
    """A world whose cache holds the thread, and what the review of it says."""
    with archive.Archive(archive.saying(archive.response(MBOX))) as good:
        world.fetches_from(good.url)
        status, shown, said = world.run(*arguments(world))
        assert status == 1, said
        assert world.run(*arguments(world))[:2] == (1, shown)
        assert len(good.asked) == 1  # the second one came from the cache
        yield good, shown


def cache_files(world) -> list[Path]:
    found = list((world.top / "home/.cache/b4").rglob("*.lore.cache"))
    assert found
    return found


DAMAGE = {
    "garbage": lambda data: b"\0garbage" * 99,
    "empty": lambda data: b"",
    "cut": lambda data: data[: len(data) // 3],
    "another thread": lambda data: OTHER,
    "bit": lambda data: data.replace(b"Message-Id", b"Message-Jd"),
    "binary": lambda data: gzip.compress(data),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_cache(name: str, world, cached) -> None:
    """It is fetched again, or what can be reviewed is, and what lacks is said."""
    _, good = cached
    for file in cache_files(world):
        file.write_bytes(DAMAGE[name](file.read_bytes()))
    status, shown, said = world.run(*arguments(world, "--format", "json"))
    assert "Traceback" not in said
    assert "internal error" not in said
    if status == 1:
        assert {one["rule"] for one in json.loads(shown)["findings"]} >= {
            "bit-number-as-mask"
        }
    else:
        assert status == 3, said
        assert "missing: " in said or "not checked" in said or shown == b""
    for file in cache_files(world):
        file.unlink()
    assert world.run(*arguments(world))[:2] == (1, good)


def test_a_damaged_cache_offline(world, cached) -> None:
    for file in cache_files(world):
        file.write_bytes(b"\0garbage")
    status, shown, said = world.run(*arguments(world, "--offline"))
    assert (status, shown) == (3, b"")
    assert len(said.splitlines()) == 1


def test_folders_where_the_cache_has_files(world, cached) -> None:
    for file in cache_files(world):
        file.unlink()
        file.mkdir()
    status, shown, said = world.run(*arguments(world))
    assert (status, shown) == (3, b"")
    assert "b4 cannot use its files: Is a directory: " in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("where", [".cache", ".cache/b4"])
def test_a_file_where_the_cache_should_be(where: str, world) -> None:
    place = world.top / "home" / where
    place.parent.mkdir(exist_ok=True)
    place.write_text("mine")
    with archive.Archive(archive.saying(archive.response(MBOX))) as good:
        world.fetches_from(good.url)
        status, shown, said = world.run(*arguments(world))
    assert (status, shown) == (3, b"")
    assert "b4 cannot use its files" in said
    assert len(said.splitlines()) == 1
    assert place.read_text() == "mine"


def test_a_cache_that_cannot_be_written(world, cached) -> None:
    """What is there is used, what is new is fetched and not kept."""
    for file in cache_files(world):
        file.unlink()
        folder = file.parent
    folder.chmod(0o500)
    try:
        status, _, said = world.run(*arguments(world), preexec_fn=world.without_root)
    finally:
        folder.chmod(0o700)
    assert status == 1, said
    assert not list(folder.rglob("*.lore.cache"))


def test_a_full_cache_disk(world, small_disk) -> None:
    place = small_disk(world.top / "home/.cache/b4", "size=4k,nr_inodes=8")
    (place / "full").write_bytes(b"x" * 4096)
    with archive.Archive(archive.saying(archive.response(MBOX))) as good:
        world.fetches_from(good.url)
        status, _, said = world.run(*arguments(world))
    assert status == 1, said
    assert [path.name for path in place.rglob("*") if path.is_file()] == ["full"]


def test_a_read_only_cache_disk(world, small_disk) -> None:
    small_disk(world.top / "home/.cache/b4", "ro,size=64k")
    with archive.Archive(archive.saying(archive.response(MBOX))) as good:
        world.fetches_from(good.url)
        status, shown, said = world.run(*arguments(world))
    assert (status, shown) == (3, b"")
    assert "b4 cannot use its files: Read-only file system: " in said
    assert len(said.splitlines()) == 1


def test_two_fetch_side_by_side(world) -> None:
    """Both wait for the archive at once and share one cache."""
    waiting = threading.Semaphore(0)
    both = threading.Event()

    def when_both_ask(_archive, connection, _request) -> None:
        waiting.release()
        both.wait(60)
        connection.sendall(archive.response(MBOX))

    with archive.Archive(when_both_ask) as slow:
        world.fetches_from(slow.url)
        runs = [
            world.start(*arguments(world, "--output", str(world.top / f"out{n}")))
            for n in range(2)
        ]
        for _ in runs:
            assert waiting.acquire(timeout=60)
        both.set()
        results = [run.communicate(timeout=120) for run in runs]
    assert [run.returncode for run in runs] == [1, 1], results
    assert results[0][0] == results[1][0]
    assert list((world.top / "tmp").iterdir()) == []
