# SPDX-License-Identifier: GPL-2.0-or-later
"""A home, a temporary folder, a current folder and a tree that are all watched."""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

import reviewer
from reviewer import cli

ROOT = Path(reviewer.__file__).parents[1]
DEMO = Path(reviewer.__file__).parent / "demo" / "tree"
# The modules beside the tests: with importmode=importlib no folder is in sys.path.
if (beside := str(Path(__file__).parent)) not in sys.path:
    sys.path.insert(0, beside)

SECRET = b"TOP-SECRET-OF-THE-REVIEWER"


class World:
    """Everything a run may write to lies below ``top``."""

    def __init__(self, top: Path) -> None:
        self.top = top
        for name in ("home", "tmp", "cwd", "mails"):
            (top / name).mkdir()
        shutil.copytree(DEMO, top / "tree")
        (top / "secret").write_bytes(b"old\n" + SECRET + b"\n")
        (top / "tree/fs/secret.c").symlink_to("../../secret")
        (top / "home/.gitconfig").write_text(
            "[user]\n\tname = Rita Reviewer\n\temail = rita@example.org\n"
            # what must never run
            f"[core]\n\tfsmonitor = touch {top}/ran\n\tpager = touch {top}/ran\n"
            f'[diff "x"]\n\ttextconv = touch {top}/ran\n'
            f'[filter "x"]\n\tsmudge = touch {top}/ran\n\tclean = touch {top}/ran\n'
            f"[diff]\n\texternal = touch {top}/ran\n"
        )
        self.tree = top / "tree"
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(top / "home"),
            "TMPDIR": str(top / "tmp"),
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "LC_ALL": "C.UTF-8",
        }

    def mail(self, data: bytes, name: str = "mail") -> Path:
        """Write a mail where it can be read."""
        place = self.top / "mails" / name
        place.write_bytes(data)
        return place

    def files(self, *, without: str = "") -> dict[str, str]:
        """What is there, with a sum of each file's content."""
        found = {}
        for folder, folders, names in os.walk(self.top):
            for name in (*folders, *names):
                place = Path(folder, name)
                if without and place.is_relative_to(self.top / without):
                    continue
                found[str(place)] = (
                    f"-> {place.readlink()}"
                    if place.is_symlink()
                    else hashlib.sha256(place.read_bytes()).hexdigest()
                    if place.is_file()
                    else "folder"
                )
        return found

    def start(self, *arguments: str, **options) -> subprocess.Popen[bytes]:
        """The program as a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "reviewer.cli", *arguments],
            cwd=options.pop("cwd", self.top / "cwd"),
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **options,
        )

    def run(self, *arguments: str, **options) -> tuple[int, bytes, str]:
        """Exit status, stdout and stderr of a process of its own."""
        process = self.start(*arguments, **options)
        out, said = process.communicate(timeout=300)
        return process.returncode, out, said.decode("utf-8", "surrogateescape")

    def living(self, seconds: float = 30) -> list[str]:
        """Processes of runs in here that have not ended after so many seconds."""
        mark = os.fsencode(f"TMPDIR={self.top / 'tmp'}") + b"\0"
        end = time.monotonic() + seconds
        while found := [
            str(place.parent)
            for place in Path("/proc").glob("[0-9]*/environ")
            if mark in _content(place)
        ]:
            if time.monotonic() > end:
                break
            time.sleep(0.05)
        return found

    def fetches_from(self, url: str, **settings: str) -> None:
        """Let b4 ask this archive, with settings of ``[kpf]``."""
        lines = [f"[b4]\n\tmidmask = {url}/%s\n\tattestation-check-dkim = no\n[kpf]"]
        lines += [f"\t{name} = {value}" for name, value in settings.items()]
        config = self.top / "home/.gitconfig"
        own = config.read_text().partition("[b4]")[0]
        config.write_text(own + "\n".join(lines) + "\n")

    def start_signalled(
        self, when: int, number: int, *arguments: str
    ) -> subprocess.Popen[bytes]:
        """The program in a process group of its own; see ``signalled.py``."""
        script = Path(__file__).with_name("signalled.py")
        words = [str(script), str(when), str(number), str(self.top / "calls")]
        return subprocess.Popen(
            [sys.executable, *words, *arguments],
            cwd=self.top / "cwd",
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    @staticmethod
    def without_root() -> None:
        """In a child: permissions hold for root as well once it runs a program."""
        if os.getuid() == 0:
            libc = ctypes.CDLL(None, use_errno=True)
            for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
                if libc.prctl(24, capability, 0, 0, 0):  # PR_CAPBSET_DROP
                    os._exit(99)

    def calls(self, *arguments: str) -> tuple[int, bytes]:
        """How many functions a whole run calls, and what it prints."""
        process = self.start_signalled(0, 0, *arguments)
        out, said = process.communicate(timeout=300)
        assert process.returncode in (0, 1), said
        count = int((self.top / "calls").read_text())
        (self.top / "calls").unlink()
        return count, out


def _content(place: Path) -> bytes:
    try:
        return place.read_bytes()
    except OSError:  # it has ended
        return b""


@pytest.fixture
def small_disk(tmp_path: Path):
    """small_disk(name, options): a tmpfs there, else the test is skipped."""
    mounted: list[Path] = []

    def mount(place: Path, options: str) -> Path:
        place.mkdir(parents=True, exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", options, "none", str(place)]
        done = subprocess.run(command, capture_output=True, check=False)
        if done.returncode:
            pytest.skip(f"cannot mount a tmpfs here: {done.stderr.decode().strip()}")
        mounted.append(place)
        return place

    yield mount
    for place in reversed(mounted):
        subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def here(world: World, monkeypatch: pytest.MonkeyPatch, capfdbinary):
    """here(arguments): as ``world.run``, in this process."""
    for name in list(os.environ):
        if name.startswith(("GIT_", "XDG_", "KPF_")):
            monkeypatch.delenv(name)
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(world.top / "cwd")
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(cli, "_heed_termination", lambda: None)

    def run(*arguments: str) -> tuple[int, bytes, str]:
        capfdbinary.readouterr()
        status = cli.main(arguments)
        out, said = capfdbinary.readouterr()
        return status, out, said.decode("utf-8", "surrogateescape")

    return run


@pytest.fixture(scope="session")
def made():
    """The module that makes hostile mails."""
    import make

    return make
