# SPDX-License-Identifier: GPL-2.0-or-later
"""Every subcommand and option, in a tree whose settings name a program at every key.

What is started, connected to and written is heard by an audit hook of Python, by
canaries in every setting and in PATH, and by a look at the file system.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import archive
import every_command
import kill_states as states
import pytest
from every_command import Call

from reviewer.commands.surface import commands

HERE = Path(__file__).parent
SENDERS = (
    *("sendmail", "msmtp", "mail", "mailx", "mutt", "neomutt", "b4", "git-send-email"),
    *("git-imap-send", "ssh", "curl", "wget", "nc", "xdg-open", "gpg", "perl"),
    *("python", "sh"),
)
# of git's commands, those that talk to somebody
TALKING = {"send-email", "imap-send", "push", "fetch", "pull", "clone", "ls-remote"}
CALLS = list(every_command.calls())


def test_no_subcommand_and_no_option_is_forgotten() -> None:
    for command in commands():
        assert command.name in every_command.CALLS, f"add {command.name!r} to CALLS"
        used = {word for one in every_command.CALLS[command.name] for word in one.words}
        used |= every_command.FOR_ALL
        used |= every_command.OF_THE_CHECKOUT.get(command.name, set())
        left = [o.names for o in command.options if not used.intersection(o.names)]
        assert not left, f"{command.name or 'review'}: call it with {left} in CALLS"


@pytest.fixture
def armed(world):
    """A kernel, a patch on top and a review of it; every key and sender a canary."""
    doors = states.made_in(world)
    doors.patch()
    (world.top / "out").mkdir()
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
    assert doors.arm(attributes=False) > 600
    return doors


def watched(doors, words: tuple[str, ...], stdin: bytes = b"") -> tuple[int, str, str]:
    """Exit status, what it said, and what was started and connected to."""
    log = doors.world.top / "log"
    done = subprocess.run(
        [sys.executable, str(HERE / "watching.py"), str(log), *words],
        cwd=doors.top,
        env=doors.world.environment,
        input=stdin,
        capture_output=True,
        timeout=120,
        check=False,
    )
    heard = log.read_text()
    log.unlink()
    return done.returncode, done.stderr.decode(), heard


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


def changed(before: dict[str, str], after: dict[str, str], cwd: Path) -> set[str]:
    """Names of what came, went or changed, seen from the folder of the run."""
    names = {n for n in before | after if before.get(n) != after.get(n)}
    return {os.path.relpath(name, cwd) for name in names if after.get(name) != "folder"}


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_nothing_runs_is_sent_or_written_elsewhere(call: Call, armed) -> None:
    stdin = armed.patch().read_bytes() if call.stdin else b""
    before = armed.world.files()
    status, said, heard = watched(armed, call.words, stdin)
    assert "internal error" not in said
    assert "Traceback" not in said
    assert status == call.status, said
    lines = heard.splitlines()
    assert not [line for line in lines if line.startswith("network ")]
    assert not [x for x in lines if x.startswith("start ") and not is_ours(x)]
    assert not armed.ran.exists(), armed.ran.read_text()
    found = changed(before, armed.world.files(), armed.top)
    # what is kept of a tree (.github/SECURITY.md), and what b4-check said
    kept = ("../home/.cache/kpf-review/", f"../tmp/kpf-review-{os.getuid()}/")
    allowed = (*call.writes, *kept)
    assert not [name for name in found if not name.startswith(allowed)]
    if not call.writes:
        assert call.swept == ""
    else:
        assert call.swept, "what writes is ended wherever it writes: say by which test"


# Ended in tests of their own.
APART = {
    "batch": "hostile/test_batch_kills.py",
    "inbox": "hostile/test_inbox_kills.py",
    "cache": "hostile/test_kept_between_runs.py",  # a name goes in one step
}


def test_what_writes_is_ended_wherever_it_writes() -> None:
    named = {one.swept for one in CALLS if one.swept}
    assert named == set(states.COMMANDS) | set(APART)
    assert all((HERE.parent / place).is_file() for place in APART.values())


def test_a_program_that_is_started_is_heard(armed) -> None:
    """So that the silence above means something."""
    log = armed.world.top / "log"
    code = "import subprocess; subprocess.run(['sendmail', '-t'])"
    script = (HERE / "watching.py").read_text()
    script = script.partition("sys.argv[:] = ")[0] + code
    command = [sys.executable, "-c", script, str(log)]
    subprocess.run(command, env=armed.world.environment, check=True)
    assert not is_ours(log.read_text())
    assert armed.ran.exists()


def test_a_fetch_connects_to_the_archive_and_to_nobody_else(armed) -> None:
    """So that the silence above means something: this one is heard."""
    del armed.world.environment["http_proxy"]
    answer = archive.saying(archive.response(archive.mbox()))
    with archive.Archive(answer) as server:
        armed.world.fetches_from(server.url)
        _, _, log = watched(armed, (archive.COVER, "--tree", "."))
    heard = [line for line in log.splitlines() if line.startswith("network ")]
    assert heard
    port = str(urlsplit(server.url).port)
    where = [line for line in heard if "getaddrinfo" not in line]
    assert all(port in line for line in where), heard
    assert not armed.ran.exists()
