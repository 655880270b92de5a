# SPDX-License-Identifier: GPL-2.0-or-later
"""Nothing is ever sent: what the whole of the command line starts and connects to.

An audit hook of Python tells every program that is started and every socket; whatever
could send a mail is a canary, in PATH and in the user's own settings.
"""

from __future__ import annotations

import importlib.util
import os
import shlex
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import reviewer
from reviewer.commands import COMMANDS

HERE = Path(__file__).parent


def _beside(name: str):
    spec = importlib.util.spec_from_file_location(f"sent_{name}", HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


made = _beside("doors")
archive = _beside("archive")
DEMO = str(Path(reviewer.__file__).parent / "demo" / "series.mbox")
SENDERS = (
    *("sendmail", "msmtp", "mail", "mailx", "mutt", "neomutt", "b4", "git-send-email"),
    *(
        "git-imap-send",
        "ssh",
        "curl",
        "wget",
        "nc",
        "xdg-open",
        "gpg",
        "perl",
        "python",
    ),
)
# what only shows or writes; every subcommand is in here
SURFACE: dict[str, tuple[tuple[str, ...], ...]] = {
    "review": (
        (DEMO, "--tree", ".", "--output", "../out"),
        (DEMO, "--tree", ".", "--output", "../out", "--mbox"),
        (DEMO, "--format", "mail"),
        (DEMO, "--format", "json", "--recipients"),
        ("nobody@example.org", "--offline"),
    ),
    "check": (("check", "--fix"), ("check", "--format", "mail", "base..main")),
    "scan": (("scan", "lib"), ("scan", "--base", "HEAD", "lib")),
    "behaviour": (("behaviour", "base..main"), ("behaviour", DEMO)),
    "followup": (("followup", DEMO), ("followup", "nobody@example.org", "--offline")),
    "factcheck": (
        ("factcheck", DEMO, "--tree", "."),
        ("factcheck", "nobody@example.org", "--offline"),
    ),
    "report": (("report", DEMO, "--html", "../page.html"),),
    "setup": (
        ("setup", "b4", "--write"),
        ("setup", "b4", "--check"),
        ("setup", "hooks"),
        ("setup", "b4", "--remove", "--write"),
    ),
    "agent": (("agent",),),
    "b4-check": (("b4-check",),),
    "learn": (("learn", "--list"), ("learn", "1", "--answer", "x")),
    "facts": (("facts", "flags"),),
    "explain": (("explain", "mask-vs-equality"),),
    "rules": (("rules",),),
    "config": (("config",),),
    "demo": (("demo",),),
    "inbox": (
        ("inbox", DEMO, "--tree", ".", "--html", "../evening"),
        ("inbox", "--branches", "--agent", "--all"),
    ),
    "batch": (("batch", DEMO, "--tree", "."),),
    "cache": (("cache",),),
    "dismiss": (
        ("dismiss", "0123456789abcdef", "--why", "x"),
        ("dismiss", "0123456789abcdef", "--why", "x", "--repository"),
        ("dismiss", "--list"),
    ),
    "help": (("help",), ("help", "b4")),
    "completion": (("completion", "bash"),),
}
# of git's commands, those that talk to somebody
TALKING = {"send-email", "imap-send", "push", "fetch", "pull", "clone", "ls-remote"}


@pytest.fixture
def armed(world):
    """A kernel with a patch on top, and everything that could send is a canary."""
    doors = made.Doors(world)
    doors.make()
    folder = world.top / "senders"
    folder.mkdir()
    for name in SENDERS:
        (folder / name).write_text(doors.canary.read_text())
        (folder / name).chmod(0o755)
    world.environment["PATH"] = f"{folder}{os.pathsep}{world.environment['PATH']}"
    world.environment |= {"http_proxy": "http://127.0.0.1:9", "MAILER": "sendmail"}
    config = world.top / "home/.gitconfig"
    config.write_text(
        f"{config.read_text()}[sendemail]\n\tsmtpServer = {doors.canary}\n"
        "\tto = list@example.org\n[b4]\n\tsend-endpoint-web = http://127.0.0.1:9/x\n"
        f"\tsend-auto-to-cmd = {doors.canary}\n[sendpack]\n\tx = {doors.canary}\n"
    )
    return doors


def watched(doors, words: tuple[str, ...], stdin: bytes = b"") -> tuple[int, list[str]]:
    log = doors.world.top / "log"
    log.unlink(missing_ok=True)
    done = subprocess.run(
        [sys.executable, str(HERE / "watching.py"), str(log), *words],
        cwd=doors.top,
        env=doors.world.environment,
        input=stdin,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert b"internal error" not in done.stderr, done.stderr
    return done.returncode, log.read_text().splitlines()


def is_ours(line: str) -> bool:
    """Whether a program is ours, or git in a command that talks to nobody."""
    words = shlex.split(
        line.removeprefix("start ").translate(str.maketrans("[],", "   "))
    )
    if words and Path(words[0]).name == "kpf-review":  # setup b4 --check tries it
        return True
    if not words or Path(words[0]).name != "git":
        return False
    return not TALKING.intersection(words)


@pytest.mark.parametrize("name", SURFACE)
def test_no_command_sends_or_connects(name: str, armed) -> None:
    for words in SURFACE[name]:
        stdin = armed.patch().read_bytes() if name == "b4-check" else b""
        status, lines = watched(armed, words, stdin)
        assert status in (0, 1, 2, 3), words
        assert not [line for line in lines if line.startswith("network ")], words
        others = [line for line in lines if line.startswith("start ")]
        assert not [line for line in others if not is_ours(line)], words
        assert not armed.ran.exists(), armed.ran.read_text()


def test_every_subcommand_is_tried() -> None:
    left = set(COMMANDS) - set(SURFACE)
    assert not left, f"add to SURFACE: {left}"


def test_a_fetch_connects_to_the_archive_and_to_nobody_else(armed) -> None:
    """So that the silence above means something: this one is heard."""
    del armed.world.environment["http_proxy"]
    answer = archive.saying(archive.response(archive.mbox()))
    with archive.Archive(answer) as server:
        armed.world.fetches_from(server.url)
        _, lines = watched(armed, (archive.COVER, "--tree", "."))
    heard = [line for line in lines if line.startswith("network ")]
    assert heard
    port = str(urlsplit(server.url).port)
    where = [line for line in heard if "getaddrinfo" not in line]
    assert all(port in line for line in where), heard
    assert not armed.ran.exists()


def test_a_program_that_is_started_is_heard(armed) -> None:
    log = armed.world.top / "log"
    code = "import subprocess; subprocess.run(['sendmail', '-t'])"
    script = (HERE / "watching.py").read_text()
    script = script.partition("sys.argv[:] = ")[0] + code
    command = [sys.executable, "-c", script, str(log)]
    subprocess.run(command, env=armed.world.environment, check=True)
    assert not is_ours(log.read_text())
    assert armed.ran.exists()
