# SPDX-License-Identifier: GPL-2.0-or-later
"""The draft in the hands of the programs that send it; nothing leaves the machine."""

from __future__ import annotations

import email
import email.policy
import os
import shlex
import subprocess
import time
from pathlib import Path

import pytest

from reviewer.output import worded
from reviewer.output.draft.draft import drafts, write_drafts


@pytest.fixture
def eml(story, make, tmp_path: Path) -> Path:
    made = drafts(worded(story), identity=make.identity, command="kpf-review x@y")
    (path,) = write_drafts(made, tmp_path / "drafts")
    return path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder of our own, with a sendmail that keeps what it is given."""
    folder = tmp_path / "home"
    (folder / "Mail").mkdir(parents=True)
    sendmail = folder / "sendmail"
    sent = shlex.quote(str(folder / "sent"))
    sendmail.write_text(f"#!/bin/sh\ncat > {sent}.part && mv {sent}.part {sent}\n")
    sendmail.chmod(0o755)
    return folder


def environment(home: Path) -> dict[str, str]:
    return {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "TERM": "screen",
    }


def test_git_send_email_takes_it(send_email, eml: Path, home: Path) -> None:
    git = send_email
    done = subprocess.run(
        [
            git,
            "send-email",
            "--dry-run",
            "--quiet",
            "--confirm=never",
            "--suppress-cc=self",
            "--from=Rita Reviewer <rita@example.org>",
            f"--sendmail-cmd={home}/sendmail",
            "--no-chain-reply-to",
            str(eml),
        ],
        env=environment(home),
        cwd=home,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    loud = subprocess.run(
        [
            git,
            "send-email",
            "--dry-run",
            "--confirm=never",
            "--from=Rita Reviewer <rita@example.org>",
            f"--sendmail-cmd={home}/sendmail",
            str(eml),
        ],
        env=environment(home),
        cwd=home,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=True,
    ).stdout
    assert "To: Nick Newcomer <nick@example.com>" in loud
    assert "mm@example.net" in loud
    assert "zoe@example.net" in loud
    assert "Subject: Re: [PATCH v2 1/2] fs/table: read the flags once" in loud
    assert "In-Reply-To: <20261122-table-v2-1@example.com>" in loud
    assert "References: <20261122-table-v2-0@example.com>" in loud
    assert "Result: OK" in loud
    assert not (home / "sent").exists()


def test_b4_reads_the_comments_at_their_lines(eml: Path) -> None:
    """b4 review imports what other reviewers sent; ours lands where it belongs."""
    from b4.review import _extract_comments_from_quoted_reply

    text = eml.read_text(encoding="utf-8").split("\n\n", 1)[1]
    found = _extract_comments_from_quoted_reply(text)
    assert [(c["path"], c["line"], c["content"]) for c in found] == [
        ("b/fs/table.c", 17, "+	if (mapping & PAGE_MAPPING_KSM)"),
        ("b/fs/table.c", 29, "+	if (k & PG_lru)"),
    ]
    assert found[0]["text"].startswith("PAGE_MAPPING_KSM is 3")


class Screen:
    """A terminal of our own in tmux."""

    def __init__(self, tmux: str, socket: Path, env: dict[str, str]) -> None:
        self.command = [tmux, "-S", str(socket), "-f", "/dev/null"]
        self.env = env

    def run(self, *arguments: str) -> str:
        return subprocess.run(
            [*self.command, *arguments],
            env=self.env,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout

    def shows(self, *texts: str) -> None:
        """Wait until the screen shows them all: it may be drawn in parts."""
        until = time.monotonic() + 90
        while time.monotonic() < until:
            screen = self.run("capture-pane", "-p", "-t", "main")
            if all(text in screen for text in texts):
                return
            time.sleep(0.1)
        pytest.fail(f"never shown: {texts}\n{screen}")


def test_mutt_shows_and_sends_it(need, eml: Path, home: Path, tmp_path: Path) -> None:
    mutt, tmux = need("mutt", "mutt"), need("tmux", "tmux")
    editor = home / "editor"  # shows the draft until a line is typed
    editor.write_text('#!/bin/sh\nhead -n 55 "$1"; read line\n')
    editor.chmod(0o755)
    (home / "muttrc").write_text(
        "set from='Rita Reviewer <rita@example.org>'\nset use_from=yes\n"
        f"set sendmail='{home}/sendmail'\nset editor='{home}/editor'\n"
        "set edit_headers=yes\nset autoedit=yes\nset fast_reply=yes\n"
        "set abort_unmodified=no\nset copy=no\nset record=''\nset charset=utf-8\n"
        "set sendmail_wait=20\nset send_charset=utf-8\n"
    )
    before = eml.read_bytes()
    screen = Screen(tmux, tmp_path / "tmux", environment(home))
    start = shlex.join([mutt, "-n", "-F", str(home / "muttrc"), "-H", str(eml)])
    screen.run("new-session", "-d", "-s", "main", "-x", "100", "-y", "60", start)
    try:
        screen.shows(
            "folio_test_ksm()?",
            "In-Reply-To: <20261122-table-v2-1@example.com>",
            "> +     if (mapping & PAGE_MAPPING_KSM)",
            "    01  anon           0          1  <--",
        )
        screen.run("send-keys", "-t", "main", "Enter")
        screen.shows(
            "y:Send",
            "To: Nick Newcomer <nick@example.com>",
            'Cc: linux-mm@lists.example, "Maintainer, M."',
            "Zoë Löw <zoe@example.net>",
            "Subject: Re: [PATCH v2 1/2] fs/table: read the flags once",
        )
        screen.run("send-keys", "-t", "main", "y")
        until = time.monotonic() + 90
        while not (home / "sent").exists() and time.monotonic() < until:
            time.sleep(0.1)
        sent = (home / "sent").read_bytes()
    finally:
        subprocess.run([*screen.command, "kill-server"], env=screen.env, check=False)
    ours, theirs = (
        email.message_from_bytes(raw, policy=email.policy.default)
        for raw in (before, sent)
    )
    for name in ("To", "Cc", "Subject", "In-Reply-To", "References"):
        assert " ".join(str(theirs[name]).split()) == " ".join(str(ours[name]).split())
    assert theirs.get_content() == ours.get_content()
    assert "flowed" not in theirs["Content-Type"]
