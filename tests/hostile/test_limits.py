# SPDX-License-Identifier: GPL-2.0-or-later
"""Each limit is a setting, has its own message and leaves a partial result."""

from __future__ import annotations

import base64
import gzip
import json
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import reviewer
from reviewer import rulebook
from reviewer.errors import FetchError
from reviewer.limits import Limits
from reviewer.mail.fetch import _deadline, b4_errors

DEMO = Path(reviewer.__file__).parent / "demo"
FROM = b"From mboxrd@z Thu Jan  1 00:00:00 1970\n"


@pytest.mark.parametrize(
    "name",
    [
        "mailboxBytes",
        "messageBytes",
        "headerBytes",
        "lineBytes",
        "messages",
        "diffFiles",
        "diffHunks",
        "diffLines",
        "diffLineBytes",
    ],
)
def test_a_limit_is_named_and_can_be_set(name: str, world, here) -> None:
    config = world.top / "home/.gitconfig"
    config.write_text(config.read_text() + f"[kpf]\n\t{name} = 0\n")
    status, out, said = here(str(DEMO / "series.mbox"), "--tree", str(world.tree))
    assert status == 3
    assert out == b""
    (line,) = said.splitlines()
    assert f"kpf.{name} = 0" in line


def test_one_mail_over_the_limit_leaves_the_others(world, here) -> None:
    good = (DEMO / "series.mbox").read_bytes()
    head = b"From: a <a@b>\nSubject: x\nMessage-Id: <f@b>\nX-Fat: "
    fat = FROM + head + b"y" * 200_000 + b"\n\ntext\n"
    mailbox = world.mail(good + fat + b"\n")
    config = world.top / "home/.gitconfig"
    config.write_text(config.read_text() + "[kpf]\n\theaderBytes = 100k\n")
    status, out, said = here(str(mailbox), "--tree", str(world.tree))
    assert status == 3  # what the mail holds is not known: it could be a patch
    assert b"bit-number-as-mask" in out
    assert "kpf.headerBytes" in said


def test_a_file_that_takes_too_long_to_parse_is_said(world, here, made) -> None:
    from reviewer.c import source

    source.forget()  # what other tests have parsed
    mail = world.mail(made.mails(world.tree)["parentheses"])
    config = world.top / "home/.gitconfig"
    config.write_text(config.read_text() + "[kpf]\n\tparseTime = 0\n")
    _, out, _ = here(str(mail), "--tree", str(world.tree), "--format", "json")
    (why,) = {
        one["why"]
        for one in json.loads(out)["not_checked"]
        if one["what"] == "fs/proc/page.c"
    }
    assert "kpf.parseTime" in why


def test_code_that_is_nested_too_deeply_is_said(world, here) -> None:
    code = ["int f(unsigned long flags)", "{", *["{"] * 2000]
    code += ["return flags & PG_lru;", *["}"] * 2001]
    added = "".join(f"+{line}\n" for line in code)
    diff = FILE + f"@@ -0,0 +1,{len(code)} @@\n{added}".encode()
    mail = world.mail(HEAD + b"\n" + BODY + diff)
    _, out, _ = here(str(mail), "--tree", str(world.tree), "--format", "json")
    whys = [one["why"] for one in json.loads(out)["not_checked"]]
    assert any("kpf.codeDepth = 1000" in why for why in whys)


def test_a_rule_that_cannot_follow_so_deep_says_so(world, here, monkeypatch) -> None:
    """Python's own limit: not a bug of the rule where the code is made to hurt."""
    from reviewer.rules.mask_vs_equality import rule

    def climb(_image):
        raise RecursionError

    monkeypatch.setattr(rule, "check", climb)
    rulebook.load.cache_clear()
    try:
        code = ["int f(unsigned long mapping)", *["{"] * 300]
        code += ["return !(mapping & PAGE_MAPPING_KSM);", *["}"] * 300]
        added = "".join(f"+{line}\n" for line in code)
        diff = FILE + f"@@ -0,0 +1,{len(code)} @@\n{added}".encode()
        mail = world.mail(HEAD + b"\n" + BODY + diff)
        status, out, said = here(
            str(mail), "--tree", str(world.tree), "--format", "json"
        )
    finally:
        rulebook.load.cache_clear()
    whys = {one["what"]: one["why"] for one in json.loads(out)["not_checked"]}
    assert whys["mask-vs-equality"] == "the code is nested too deeply for it"
    assert status == 0
    assert "internal error" not in said


def test_a_bomb_is_not_unpacked(world, here) -> None:
    bomb = world.mail(gzip.compress(b"\0" * (101 << 20)))
    status, _, said = here(str(bomb))
    assert status == 3
    assert "kpf.mailboxBytes" in said


@pytest.mark.slow
def test_a_hundred_megabytes_of_mail_in_half_a_gigabyte(world) -> None:
    story = (DEMO / "series.mbox").read_bytes()
    filler = b"a line of an ordinary comment in a thread that went on and on\n" * 200
    with (world.top / "mails/big").open("wb") as file:
        file.write(story)
        number = 0
        while file.tell() < (99 << 20):
            number += 1
            head = b"From: a <a@b>\nSubject: Re: x\nMessage-Id: <%d@b>\n" % number
            parent = b"In-Reply-To: <20240304100500.1-1-nadia@example.org>\n\n"
            file.write(FROM + head + parent + filler + b"\n")
    arguments = (str(world.top / "mails/big"), "--tree", str(world.tree), "-q")
    status, kibibytes, _ = measured(world, *arguments, find="bit-number")
    assert status == 1
    assert kibibytes < 500 * 1024


def measured(world, *arguments: str, find: str = "") -> tuple[int, int, float]:
    """Exit status, most memory in KiB and processor time in seconds of a run.

    A process starts with the size of the one that forked it as its largest: a small
    one in between keeps that of the test's own process out.  ``find`` is in the output.
    """
    measure = (
        "import json, resource, subprocess, sys;"
        "done = subprocess.run(sys.argv[2:], stdout=subprocess.PIPE);"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN);"
        "print(json.dumps([done.returncode, used.ru_maxrss,"
        "used.ru_utime + used.ru_stime, sys.argv[1] in str(done.stdout)]))"
    )
    command = [sys.executable, "-m", "reviewer.cli", *arguments]
    out = subprocess.check_output(
        [sys.executable, "-c", measure, find, *command],
        cwd=world.top / "cwd",
        env=world.environment,
        stderr=subprocess.DEVNULL,
    )
    status, kibibytes, seconds, is_found = json.loads(out)
    assert is_found
    return status, kibibytes, seconds


def test_an_archive_that_drips_is_given_up(monkeypatch) -> None:
    """A byte now and then: no single read of it ever times out."""
    server = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def drip() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while not stop.wait(0.1):
                try:
                    connection.sendall(b"x")
                except OSError:
                    return

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    import requests

    url = f"http://127.0.0.1:{server.getsockname()[1]}/"
    session = requests.Session()
    session.trust_env = False
    begun = time.monotonic()
    with (
        pytest.raises(FetchError, match=r"not done after 1 s \(kpf\.fetchTime\)"),
        b4_errors("a@b"),
        _deadline("a@b", 1),
    ):
        session.get(url, timeout=30)
    stop.set()
    server.close()
    assert time.monotonic() - begun < 25


# --- never wrong by accident --------------------------------------------------------


def test_a_rule_that_fails_costs_its_own_findings_only(world, here, monkeypatch):
    from reviewer.rules.mask_vs_equality import rule

    def fail(_image):
        raise ZeroDivisionError

    monkeypatch.setattr(rule, "check", fail)
    rulebook.load.cache_clear()
    try:
        status, out, said = here(
            str(DEMO / "series.mbox"), "--tree", str(world.tree), "--format", "json"
        )
    finally:
        rulebook.load.cache_clear()
    assert status == 2
    report = json.loads(out)
    assert {f["rule"] for f in report["findings"]} >= {"bit-number-as-mask"}
    assert "mask-vs-equality" in {one["what"] for one in report["not_checked"]}
    assert "internal error in mask-vs-equality" in said
    assert "Traceback" not in said


def test_limits_in_force_are_those_of_the_configuration(world, here) -> None:
    from reviewer import limits

    config = world.top / "home/.gitconfig"
    config.write_text(config.read_text() + "[kpf]\n\tsolverTime = 77\n")
    try:
        here(str(DEMO / "series.mbox"), "--tree", str(world.tree))
        assert limits.in_force().solver_time == 77
    finally:
        limits.set_limits(Limits())


# --- memory: shapes that are large in one place ---------------------------------------

HEAD = b"From: a <a@b.org>\nSubject: [PATCH] x: y\nMessage-Id: <big@b>\n"
BODY = b"Why.\n\nSigned-off-by: a <a@b.org>\n---\n"
FILE = (
    b"diff --git a/fs/x.c b/fs/x.c\nnew file mode 100644\n--- /dev/null\n+++ b/fs/x.c\n"
)
HUNK = FILE + b"@@ -0,0 +1 @@\n+x\n"


def wide(shape: str) -> bytes:
    """A mail or mailbox that is too much of one thing."""
    if shape == "line":
        return HEAD + b"\n" + BODY + FILE + b"@@ -0,0 +1 @@\n+" + b"x" * (30 << 20)
    if shape == "header":
        return HEAD + b"X: " + b"y" * (30 << 20) + b"\n\n" + BODY + HUNK
    if shape == "headers":
        return HEAD + b"X: y\n" * 5_000_000 + b"\n" + BODY + HUNK
    if shape == "hunks":
        hunks = b"".join(b"@@ -%d +%d @@\n-a\n+b\n" % (i, i) for i in range(1, 200_000))
        return HEAD + b"\n" + BODY + b"--- a/f.c\n+++ b/f.c\n" + hunks
    if shape == "files":
        names = (HUNK.replace(b"x.c", b"x%d.c" % i) for i in range(100_000))
        return HEAD + b"\n" + BODY + b"".join(names)
    if shape == "lines":
        code = b"".join(
            b"+int f%d(void) { return %d; }\n" % (i, i) for i in range(600_000)
        )
        return HEAD + b"\n" + BODY + FILE + b"@@ -0,0 +1,600000 @@\n" + code
    if shape == "parts":
        return (
            HEAD
            + b"Content-Type: multipart/mixed; boundary=q\n\n"
            + (b"--q\n\nx\n" * 3_000_000)
        )
    if shape == "depth":
        part = b"Content-Type: multipart/mixed; boundary=q\n\n--q\n"
        return HEAD + part * 100_000
    assert shape == "base64"
    body = base64.b64encode(BODY + HUNK + b"x" * (20 << 20))
    return HEAD + b"Content-Transfer-Encoding: base64\n\n" + body


@pytest.mark.slow
@pytest.mark.parametrize(
    "shape",
    [
        "line",
        "header",
        "headers",
        "hunks",
        "files",
        "lines",
        "parts",
        "depth",
        "base64",
    ],
)
def test_memory_is_bounded(shape: str, world) -> None:
    place = world.mail(wide(shape))
    status, kibibytes, _ = measured(world, str(place), "--tree", str(world.tree), "-q")
    assert status in (0, 1, 3)
    assert kibibytes < 500 * 1024


CODE = {
    "masks": "int f(unsigned long flags)\n{\n"
    + "{\n" * 100_000
    + "if (flags & PG_lru) x();\n"
    + "}\n" * 100_001,
    "braces": "int f(unsigned long flags)\n{\n"
    + "{\n" * 100_000
    + "}\n" * 100_000
    + "}\n",
    "function": "int f(unsigned long flags)\n{\n"
    + "\tif (flags & PG_lru)\n\t\tx = x + (y << 3) | page_flags(z);\n" * 3_000
    + "}\n",
    "conditions": "#if A\n" * 50_000 + "int x;\n" + "#endif\n" * 50_000,
    "macros": "#define A0 PG_lru | PG_lru\n"
    + "".join(f"#define A{i} (A{i - 1} | A{i - 1})\n" for i in range(1, 60))
    + "int f(unsigned long flags) { return flags & A59; }\n",
    "elses": "int f(int a)\n{\n" + "if (a) x(); else \n" * 50_000 + "y();\n}\n",
    "operators": "unsigned long f(unsigned long flags)\n{\nreturn flags"
    + " | flags & PG_lru\n" * 2_000
    + ";\n}\n",
}


@pytest.mark.slow
@pytest.mark.parametrize("shape", sorted(CODE))
def test_code_that_is_too_much_is_left_out(shape: str, world) -> None:
    lines = CODE[shape].splitlines()
    added = "".join(f"+{line}\n" for line in lines)
    diff = FILE + f"@@ -0,0 +1,{len(lines)} @@\n{added}".encode()
    place = world.mail(HEAD + b"\n" + BODY + diff)
    status, kibibytes, seconds = measured(
        world, str(place), "--tree", str(world.tree), "-q"
    )
    assert status in (0, 1)
    assert kibibytes < 500 * 1024
    assert seconds < 60
