# SPDX-License-Identifier: GPL-2.0-or-later
"""A real b4 on a small kernel tree of ours, an archive on loopback, a terminal.

b4 is the one of this Python environment.  The series is the one of ``kpf-review
demo``: 1/2 has two mistakes, 2/2 has none.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from reviewer.mail.local import read_local

TOP = Path(__file__).parent.parent.parent
DEMO = TOP / "reviewer/demo"


@pytest.fixture(scope="session")
def b4_program(need, need_module):
    """The b4 beside this Python, with its terminal interface."""
    need_module("textual", "pip install 'b4[tui]'")
    beside = Path(sys.executable).with_name("b4")
    return str(beside) if beside.is_file() else need("b4", "b4")


@pytest.fixture(scope="session")
def mails():
    """Cover letter, 1/2 and 2/2."""
    return read_local(DEMO / "series.mbox")


class Lab:
    """A repository, an environment for its programs, and ways to run them."""

    def __init__(self, folder: Path, env: dict[str, str], b4: str) -> None:
        self.repo = folder / "linux"
        self.b4_program = b4
        home = folder / "home"
        home.mkdir(parents=True)
        search = f"{Path(b4).parent}{os.pathsep}{env['PATH']}"
        self.env = env | {
            "HOME": str(home),
            "XDG_CACHE_HOME": str(home / "cache"),
            "XDG_DATA_HOME": str(home / "data"),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_RUNTIME_DIR": str(home),
            "PYTHONPATH": str(TOP),
            "PATH": search,
            "LC_ALL": "C.UTF-8",
        }
        self.env.pop("NO_COLOR", None)
        settings = Path(env["HOME"]) / ".gitconfig"
        if settings.is_file():
            shutil.copy(settings, home / ".gitconfig")
        shutil.copytree(DEMO / "tree", self.repo)
        checkpatch = self.repo / "scripts/checkpatch.pl"
        checkpatch.parent.mkdir(exist_ok=True)
        checkpatch.write_text("#!/bin/sh\ncat >/dev/null\n")  # finds nothing
        checkpatch.chmod(0o755)
        self.git("init", "-q", "-b", "main")
        # What other rules see in the series is no matter of b4.
        rules = "mask-vs-equality, bit-number-as-mask"
        self.git("config", "--global", "kpf.select", rules)
        self.git("add", "-Af")
        self.git("commit", "-q", "-m", "a tree")

    def run(self, *command, status=0, stdin=b"", **options):
        """A program in the repository; its output as text."""
        done = subprocess.run(
            [str(word) for word in command],
            cwd=options.pop("cwd", self.repo),
            env=self.env | options.pop("env", {}),
            input=stdin,
            capture_output=True,
            timeout=120,
            check=False,
        )
        said = (done.stdout + done.stderr).decode("utf-8", "replace")
        assert status is None or done.returncode == status, f"{command}: {said}"
        self.stderr = done.stderr.decode("utf-8", "replace")
        return done.stdout.decode("utf-8", "replace")

    def git(self, *words, **options):
        return self.run("git", *words, **options)

    def kpf(self, *words, **options):
        return self.run(sys.executable, "-m", "reviewer.cli", *words, **options)

    def b4(self, *words, **options):
        """b4 logs to stderr."""
        out = self.run(self.b4_program, *words, **options)
        return out + self.stderr

    def commit(self, path: str, old: str, new: str, message: str) -> None:
        """Replace a text that is there once, and commit."""
        place = self.repo / path
        text = place.read_text()
        assert text.count(old) == 1
        place.write_text(text.replace(old, new))
        self.git("commit", "-q", "-am", message)


@pytest.fixture(scope="session")
def new_lab(tmp_path_factory, inbox, b4_program):
    """new_lab(): a Lab of its own, with the archive and wired into b4."""

    def make(*, wired=True) -> Lab:
        lab = Lab(tmp_path_factory.mktemp("lab"), inbox.env, b4_program)
        if wired:
            lab.kpf("setup", "b4", "--write", "--local")
        return lab

    return make


@pytest.fixture(scope="session")
def posted(inbox, mails):
    """The archive with the series in it."""
    inbox.add(mails)
    return inbox


class Screen:
    """A terminal: keys in, text out."""

    def __init__(self, lab: Lab, tmux: str) -> None:
        self.lab = lab
        name = f"kpf-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._tmux = [tmux, "-u", "-L", name, "-f", os.devnull]

    def start(self, *command: str) -> None:
        """Run a program; when it ends the terminal stays for a while."""
        # A busy machine shows the program the size that the terminal had before.
        sized = "until stty size | grep -q ' 150$'; do sleep 0.1; done"
        line = f"{sized}; {shlex.join(command)}; echo; echo THE-END; sleep 60"
        self._run("new-session", "-d", "-x", "150", "-y", "50", "sh", "-c", line)

    def keys(self, *keys: str) -> None:
        self._run("send-keys", *keys)

    def text(self, *, history: bool = False) -> str:
        words = ["-S", "-"] if history else []
        return self._run("capture-pane", "-p", "-J", *words)

    def wait(self, *texts: str) -> None:
        """Wait until the screen shows all of the texts."""
        self.wait_for(
            lambda screen: all(text in screen for text in texts), what=str(texts)
        )

    def wait_for(
        self, shown: Callable[[str], bool], *, what: str = "", pressing: str = ""
    ) -> None:
        """Wait until the screen is as asked: it is drawn in parts, and may lag.

        A key that comes while it is drawn anew may be lost: ``pressing`` is pressed
        again and again.
        """
        end = time.monotonic() + 90
        pressed = 0.0
        while not shown(screen := self.text()):
            if time.monotonic() > end:
                pytest.fail(f"not on the screen: {what}\n{screen}")
            if pressing and time.monotonic() > pressed + 2:
                self.keys(pressing)
                pressed = time.monotonic()
            time.sleep(0.1)

    def stop(self) -> None:
        subprocess.run([*self._tmux, "kill-server"], capture_output=True, check=False)

    def _run(self, *words: str) -> str:
        done = subprocess.run(
            [*self._tmux, *words],
            cwd=self.lab.repo,
            env=self.lab.env,
            capture_output=True,
            timeout=60,
            check=True,
        )
        return done.stdout.decode("utf-8", "replace")


@pytest.fixture
def screen(need):
    """screen(lab): a Screen that is closed with the test."""
    tmux = need("tmux", "tmux")
    opened = []

    def open_screen(lab: Lab) -> Screen:
        opened.append(Screen(lab, tmux))
        return opened[-1]

    yield open_screen
    for one in opened:
        one.stop()
