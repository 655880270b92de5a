# SPDX-License-Identifier: GPL-2.0-or-later
"""Every mail of a folder through the whole command line, in every format.

    python tests/bench/hostile_run.py CORPUS TREE [--seconds 10] [--ways text,json]

The program is loaded once and forked for each run; --fresh starts it anew.
A way is a format, ``pty`` (text on a terminal, in colours), ``drafts`` (--output DIR),
``report`` (the web page) or ``behaviour``.  A breach is a traceback, an exit status
that is not documented, a run that needs more processor time (children included, so
that a busy machine does not matter) or ten times as long by the clock, anything on
stdout, on stderr or in a file that a terminal would act on or a reader would not
see, a result that is no JSON, a socket (with --strace, which is --fresh), or a file
that is there afterwards and was not before.
Prints a table; ends with 1 if there was a breach.
"""

from __future__ import annotations

import argparse
import collections
import hashlib
import importlib
import json
import os
import pkgutil
import pty
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import reviewer
from reviewer import cli
from reviewer.output import FORMATS

HERE = Path(__file__).resolve()
WAYS = (*FORMATS, "pty", "drafts", "report", "behaviour")
DOCUMENTED = (0, 1, 2, 3)
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)
COLOURS = re.compile(rb"\x1b\[[\d;]*m|\r(?=\n)|\r\x1b\[K")
SOCKET = re.compile(r"socket\(AF_(?:INET6?|NETLINK|PACKET)")


class Done(NamedTuple):
    """What a run left behind."""

    status: int
    out: bytes
    said: bytes


def main() -> int:
    """Run it; see the module's text."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("tree", type=Path)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--strace", action="store_true")
    args = parser.parse_args()
    ways = args.ways.split(",")
    mails = sorted(path for path in args.corpus.rglob("*") if path.is_file())
    breaches: list[str] = []
    statuses: collections.Counter[tuple[str, int]] = collections.Counter()
    slowest: dict[str, tuple[float, str]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        world = World(Path(scratch), args)
        for mail in mails:
            for way in ways:
                status, seconds, wrong = world.review(mail.resolve(), way)
                statuses[way, status] += 1
                slowest[way] = max(slowest.get(way, (0.0, "")), (seconds, mail.name))
                breaches += [f"{mail.name} [{way}]: {what}" for what in wrong]
    print(f"{len(mails)} mails of {args.corpus.name}")
    print(f"{'way':<10} " + " ".join(f"exit {s}" for s in DOCUMENTED) + "  slowest")
    for way in ways:
        row = " ".join(f"{statuses[way, status]:6}" for status in DOCUMENTED)
        seconds, name = slowest.get(way, (0.0, "-"))
        print(f"{way:<10} {row}  {seconds:.2f} s {name}")
    for breach in breaches:
        print(f"BREACH {breach}")
    print(f"breaches: {len(breaches)}")
    return 1 if breaches else 0


def _used() -> float:
    """Processor time of all processes that have ended, in seconds."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class World:
    """A home, a temporary folder and a current folder of our own, watched."""

    def __init__(self, top: Path, args: argparse.Namespace) -> None:
        self.top, self.tree, self.limit = top, args.tree.resolve(), args.seconds
        for name in ("home", "tmp", "cwd"):
            (top / name).mkdir()
        (top / "home/.gitconfig").write_text(
            "[user]\nname = Rita Reviewer\nemail = rita@example.org\n"
            "[safe]\ndirectory = *\n"
        )
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(top / "home"),
            "TMPDIR": str(top / "tmp"),
            "PYTHONPATH": str(HERE.parents[2]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "LC_ALL": "C.UTF-8",
            "TERM": "xterm-256color",
        }
        self.trace = top / "trace" if args.strace else None
        self.forks = not (args.strace or args.fresh)
        if self.forks:
            _load_everything()
        self.before = self._files()

    def review(self, mail: Path, way: str) -> tuple[int, float, list[str]]:
        """Exit status, seconds, and what was wrong."""
        begun = _used()
        command = self._command(mail, way)
        try:
            done = self._on_terminal(command) if way == "pty" else self._run(command)
        except subprocess.TimeoutExpired:
            return -1, self.limit * 10, [f"not done after {self.limit * 10:.0f} s"]
        seconds = _used() - begun
        wrong = list(self._wrong(done, way, seconds))
        shutil.rmtree(self.top / "out", ignore_errors=True)
        return done.status, seconds, wrong

    def _command(self, mail: Path, way: str) -> list[str]:
        command = [sys.executable, "-m", "reviewer.cli"]
        if self.trace:
            traced = ["strace", "-f", "-qq", "-e", "trace=%network", "-o"]
            command = [*traced, str(self.trace), *command]
        tree = ["--tree", str(self.tree)]
        if way == "report":
            place = str(self.top / "out/report.html")
            (self.top / "out").mkdir()
            return [*command, "report", str(mail), *tree, "--html", place]
        if way == "behaviour":
            return [*command, "behaviour", str(mail), *tree]
        command += [str(mail), *tree, "--preview"]
        if way == "pty":
            return [*command, "--color", "always"]
        if way == "drafts":
            return [*command, "--output", str(self.top / "out")]
        return [*command, "--format", way]

    def _run(self, command: list[str]) -> Done:
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as said:
            with open(os.devnull, "rb") as nothing:
                process = self._start(command, (nothing, out, said))
                status = self._end(process)
            out.seek(0)
            said.seek(0)
            return Done(status, out.read(), said.read())

    def _on_terminal(self, command: list[str]) -> Done:
        ours, theirs = pty.openpty()
        with open(theirs, "r+b", buffering=0) as terminal:
            process = self._start(command, (terminal,) * 3)
        shown = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # what a terminal says when nobody holds it any more
                break
            shown += piece
        os.close(ours)
        return Done(self._end(process), COLOURS.sub(b"", shown), b"")

    def _start(self, command: list[str], streams: tuple[BinaryIO, ...]) -> int:
        """The process: the program that is loaded, or another one."""
        process = os.fork()
        if process:
            return process
        try:
            for number, stream in enumerate(streams):
                os.dup2(stream.fileno(), number)
            os.setsid()
            os.chdir(self.top / "cwd")
            if not self.forks:
                os.execvpe(command[0], command, self.environment)
            os.environ.clear()
            os.environ.update(self.environment)
            tempfile.tempdir = None
            status = cli.main(command[3:])
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
        except Exception:  # noqa: BLE001 - reported, and a fork must not go on
            traceback.print_exc()
            sys.stderr.flush()
        os._exit(99)

    def _end(self, process: int) -> int:
        """Its exit status; TimeoutExpired after ten times the limit."""
        until = time.monotonic() + self.limit * 10
        while True:
            done, status = os.waitpid(process, os.WNOHANG)
            if done:
                return os.waitstatus_to_exitcode(status)
            if time.monotonic() > until:
                os.killpg(process, signal.SIGKILL)
                os.waitpid(process, 0)
                raise subprocess.TimeoutExpired("kpf-review", self.limit * 10)
            time.sleep(0.01)

    def _wrong(self, done: Done, way: str, seconds: float) -> Iterator[str]:
        if seconds > self.limit:
            yield f"{seconds:.1f} s"
        if done.status not in DOCUMENTED and (way, done.status) != ("nipa", 250):
            yield f"exit status {done.status}"
        said = (done.said or done.out).decode("utf-8", "surrogateescape")
        if "Traceback" in said or "internal error" in said:
            yield f"internal error: {said.strip().splitlines()[-1]}"
        texts = {"stdout": done.out, "stderr": done.said}
        if (self.top / "out").is_dir():
            files = (self.top / "out").rglob("*")
            texts |= {one.name: one.read_bytes() for one in files if one.is_file()}
        for name, data in texts.items():
            found = UNSEEN.search(data.decode("utf-8", "surrogateescape"))
            if found:
                yield f"{found[0]!a} on {name}"
        if way in ("json", "sarif") and done.out:
            yield from _no_json(done.out)
        if self.trace and SOCKET.search(self.trace.read_text(errors="replace")):
            yield "a socket"
        now = self._files()
        if now != self.before:
            yield f"files changed: {sorted(set(now) ^ set(self.before))}"
            self.before = now

    def _files(self) -> dict[str, str]:
        return {
            str(path.relative_to(self.top)): hashlib.sha256(
                path.read_bytes()
            ).hexdigest()
            if path.is_file()
            else ""
            for part in ("home", "tmp", "cwd")
            for path in (self.top / part).rglob("*")
        }


def _load_everything() -> None:
    """What a run imports: then a fork has it."""
    for module in pkgutil.walk_packages(reviewer.__path__, "reviewer."):
        if ".demo" not in module.name:
            importlib.import_module(module.name)


def _no_json(data: bytes) -> Iterator[str]:
    try:
        decoded = json.dumps(json.loads(data), ensure_ascii=False)
    except ValueError as error:
        yield f"not JSON: {error}"
    else:
        if found := UNSEEN.search(decoded):
            yield f"{found[0]!a} in the decoded JSON"


if __name__ == "__main__":
    sys.exit(main())
