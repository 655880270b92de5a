"""Running git so that nothing in a repository or a mail can make it do more.

Arguments are lists, never a shell line; what comes from mail goes in on stdin or
after ``--``.  Hooks, fsmonitor, textconv, external diff, pagers, prompts and every
network protocol are off; no command here writes to a repository.
"""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from reviewer.errors import TreeError

HARDENED = tuple(
    word
    for setting in (
        "core.hooksPath=/dev/null",
        "core.fsmonitor=false",
        "core.attributesFile=/dev/null",
        "core.pager=cat",
        "core.quotePath=false",
        "core.commitGraph=true",
        "protocol.allow=never",
        "diff.external=",
        "log.showSignature=false",
        "submodule.recurse=false",
    )
    for word in ("-c", setting)
)
LARGEST_FILE = 64 * 1024 * 1024  # bytes; the largest in a kernel tree has about 25 MB


def environment(*, configured: bool = True) -> dict[str, str]:
    """The environment git runs in.

    Args:
        configured: whether the user's configuration is read; ``safe.directory``
            stands there, so it is needed wherever a repository is opened.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith("GIT_CONFIG")
    }
    kept |= {
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        # protocol.ext.allow of a repository would go before protocol.allow above
        "GIT_ALLOW_PROTOCOL": "",
        "GIT_ASKPASS": "true",
        "SSH_ASKPASS": "true",
        "GIT_PAGER": "cat",
    }
    if not configured:
        kept = {k: v for k, v in kept.items() if not k.startswith("GIT_CONFIG")}
        kept |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    return kept


def run(
    arguments: Sequence[str],
    *,
    cwd: Path | str,
    stdin: bytes = b"",
    configured: bool = True,
    extra: Mapping[str, str] | None = None,
    timeout: float = 60,
) -> subprocess.CompletedProcess[bytes]:
    """Run one git command to its end.

    Raises TreeError if git is missing or takes longer than ``timeout`` seconds.
    """
    try:
        return subprocess.run(
            ["git", *HARDENED, *arguments],
            input=stdin,
            capture_output=True,
            cwd=cwd,
            env=environment(configured=configured) | dict(extra or {}),
            timeout=timeout,
            check=False,
        )
    except FileNotFoundError:
        raise TreeError("git is not installed") from None
    except subprocess.TimeoutExpired:
        raise TreeError(f"git {arguments[0]} took over {timeout:.0f} s") from None


def stream(
    arguments: Sequence[str],
    *,
    cwd: Path | str,
    separator: bytes = b"\n",
    extra: Mapping[str, str] | None = None,
    seconds: float | None = None,
) -> Iterator[bytes]:
    """The records of a git command's output as they come.

    The process is ended when the iterator is closed early, or after ``seconds``.

    Raises TreeError if git fails; status 1, a ``git grep`` without a hit, is none.
    """
    errors = os.memfd_create("git-errors")
    try:
        process = subprocess.Popen(
            ["git", *HARDENED, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=cwd,
            env=environment() | dict(extra or {}),
        )
    except FileNotFoundError:
        os.close(errors)
        raise TreeError("git is not installed") from None
    output = process.stdout
    assert output is not None
    try:
        rest = b""
        for chunk in _chunks(output, seconds):
            *records, rest = (rest + chunk).split(separator)
            yield from records
        if rest:
            yield rest
        if seconds is None and process.wait() not in (0, 1):
            message = last_line(os.pread(errors, 4096, 0))
            raise TreeError(f"{cwd}: git {arguments[0]}: {message}")
    finally:
        output.close()
        process.kill()
        process.wait()
        os.close(errors)


def _chunks(pipe: IO[bytes], seconds: float | None) -> Iterator[bytes]:
    """What comes through a pipe, until its end or for so many seconds."""
    end = None if seconds is None else time.monotonic() + seconds
    while True:
        if end is not None:
            left = end - time.monotonic()
            if left <= 0 or not select.select([pipe], [], [], left)[0]:
                return
        chunk = os.read(pipe.fileno(), 1 << 16)
        if not chunk:
            return
        yield chunk


def last_line(stderr: bytes) -> str:
    """git's last message, fit for one line."""
    lines = stderr.decode("utf-8", "replace").strip().splitlines()
    text = lines[-1] if lines else "failed without a message"
    return text.removeprefix("fatal: ").removeprefix("error: ")


def identity() -> str | None:
    """The user's ``Name <email>`` as git would write it, None if not configured."""
    done = run(["var", "GIT_AUTHOR_IDENT"], cwd="/", timeout=10)
    if done.returncode != 0:
        return None
    text = done.stdout.decode("utf-8", "replace")
    return text[: text.rfind(">") + 1] or None


class Objects:
    """The objects of one repository through one ``git cat-file --batch``.

    Started at the first question, ended by ``close`` or with the object.  A copy of
    this process (os.fork) starts one of its own.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._end: weakref.finalize[..., Objects] | None = None
        self._owner = 0  # the process that started it

    def get(self, name: str) -> tuple[str, str, bytes] | None:
        """An object as (id, type, content), None if there is none of that name.

        Args:
            name: a revision or ``REVISION:path``.  It is data on git's stdin and can
                be no option.  A symbolic link on the way is followed inside the
                revision only.

        Raises TreeError if the repository is broken, or git refuses to open it.
        """
        question = name.encode("utf-8", "surrogateescape")
        if b"\n" in question or b"\0" in question or not question:
            return None
        stdin, stdout = self._pipes()
        try:
            stdin.write(question + b"\n")
            stdin.flush()
        except BrokenPipeError:
            raise self._broken() from None
        header = stdout.readline()
        if not header.endswith(b"\n"):
            raise self._broken()
        if header.endswith((b" missing\n", b" ambiguous\n")):
            return None
        first, kind, size = (
            header.split()[-3:] if header.count(b" ") == 2 else (b"",) * 3
        )
        if not size:
            # "dangling 3", "symlink 7", "loop 4", "notdir 5": text of that length
            # follows, and there is no file
            self._skip(stdout, int(header.split()[1]) + 1)
            return None
        length = int(size)
        if length > LARGEST_FILE:
            self._skip(stdout, length + 1)
            return None
        content = stdout.read(length)
        if len(content) != length or stdout.read(1) != b"\n":
            raise self._broken()
        return first.decode(), kind.decode(), content

    def close(self) -> None:
        """End the process."""
        if self._end is not None:
            self._end()
        self._process = self._end = None

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._owner != os.getpid() and self._end is not None:
            self._end.detach()  # the one that started it will end it
            self._process = None
        if self._process is None:
            self._owner = os.getpid()
            self._errors = os.memfd_create("git-errors")
            try:
                self._process = subprocess.Popen(
                    ["git", *HARDENED, "cat-file", "--batch", "--follow-symlinks"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=self._errors,
                    cwd=self._folder,
                    env=environment(),
                )
            except FileNotFoundError:
                os.close(self._errors)
                raise TreeError("git is not installed") from None
            self._end = weakref.finalize(self, _end, self._process, self._errors)
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        return stdin, stdout

    def _skip(self, stdout: IO[bytes], length: int) -> None:
        while length > 0 and (piece := stdout.read(min(length, 1 << 20))):
            length -= len(piece)

    def _broken(self) -> TreeError:
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        message = os.pread(self._errors, 4096, 0)
        self.close()
        return TreeError(f"{self._folder}: git: {last_line(message)}")


def _end(process: subprocess.Popen[bytes], errors: int) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
    try:
        process.wait(timeout=1)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    os.close(errors)
