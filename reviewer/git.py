# SPDX-License-Identifier: GPL-2.0-or-later
"""Running git so that nothing in a repository or a mail can make it do more.

Every git command of the program goes through ``run``, ``stream`` or ``Objects``.
Arguments are lists, never a shell line; what comes from mail goes in on stdin or
after ``--``.  The settings of the repository are not shown to git at all, see
``repository``, and it reads no attributes of the tree: it runs as in a bare repository
unless the worktree is asked for.  Hooks, fsmonitor, textconv, external diff, pagers,
prompts and every network protocol are off, and what the user's own settings do to the
output of git is undone.
"""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from reviewer import repository
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
        "diff.orderFile=/dev/null",
        "log.showSignature=false",
        "log.follow=false",
        "log.mailmap=false",
        "color.ui=false",
        "submodule.recurse=false",
        "i18n.logOutputEncoding=UTF-8",
        "i18n.commitEncoding=UTF-8",
    )
    for word in ("-c", setting)
)
NOWHERE = {"GIT_DIR": os.devnull}  # in no repository, whatever lies around
TIMEOUT = 60.0  # seconds
LOOK = 1.0  # seconds until what has come is measured, and again
MOST = 256 << 20  # bytes that a command may say
MOST_RECORDS = 64 << 20  # bytes of a stream; a kernel's list of files has 8 million


def environment(*, configured: bool = True) -> dict[str, str]:
    """Returns the environment git runs in, apart from the repository.

    Args:
        configured: whether the user's configuration is read.
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
        "GIT_NO_REPLACE_OBJECTS": "1",  # an id names one content, whoever asks
        "GIT_ALLOW_PROTOCOL": "",
        "GIT_ASKPASS": "true",
        "SSH_ASKPASS": "true",
        "GIT_PAGER": "cat",
        "GIT_EDITOR": "false",
    }
    if not configured:
        kept = {k: v for k, v in kept.items() if not k.startswith("GIT_CONFIG")}
        kept |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    return kept


def _prepared(
    arguments: Sequence[str],
    cwd: Path | str | None,
    *,
    configured: bool = True,
    work_tree: bool = False,
    extra: Mapping[str, str] | None = None,
) -> tuple[list[str], dict[str, str]]:
    """The command line, and the environment with the repository around ``cwd``."""
    found = repository.around(cwd) if configured and cwd is not None else None
    seen = found.environment() if found else NOWHERE
    bare: tuple[str, ...] = ()
    if found and work_tree and found.top is not None:
        seen = {**seen, "GIT_WORK_TREE": os.fspath(found.top)}
    elif found:
        bare = ("--bare",)
    command = ["git", *bare, *HARDENED, *arguments]
    return command, environment(configured=configured) | seen | dict(extra or {})


def run(
    arguments: Sequence[str],
    *,
    cwd: Path | str | None,
    stdin: bytes = b"",
    configured: bool = True,
    work_tree: bool = False,
    extra: Mapping[str, str] | None = None,
    pass_fds: tuple[int, ...] = (),
    timeout: float = TIMEOUT,
) -> subprocess.CompletedProcess[bytes]:
    """Run one git command to its end.

    Args:
        arguments: the command and its words.
        cwd: where it runs, in the repository around it; None for nowhere.
        stdin: what it reads.
        configured: whether the user's settings hold; without them it runs in no
            repository either.
        work_tree: whether it needs the files of the worktree, and its attributes.
        extra: further variables of the environment.
        pass_fds: descriptors that it gets.
        timeout: after how many seconds it is ended.

    Raises TreeError if git is missing, refuses the repository, or takes too long.
    """
    command, variables = _prepared(
        arguments, cwd, configured=configured, work_tree=work_tree, extra=extra
    )
    return _run(command, cwd or "/", variables, stdin, pass_fds, timeout)


def run_on_any_repository(
    arguments: Sequence[str], *, cwd: Path
) -> subprocess.CompletedProcess[bytes]:
    """Let git itself find and judge a repository: only for whether it opens it."""
    return _run(["git", *HARDENED, *arguments], cwd, environment(), b"", (), 10)


def _run(
    command: list[str],
    cwd: Path | str,
    variables: Mapping[str, str],
    stdin: bytes,
    pass_fds: tuple[int, ...],
    timeout: float,
) -> subprocess.CompletedProcess[bytes]:
    given = _in_memory(stdin)
    try:
        process = subprocess.Popen(
            command,
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env=variables,
            pass_fds=pass_fds,
        )
    except FileNotFoundError as error:
        raise _not_started(error, cwd) from None
    finally:
        os.close(given)
    try:
        out, said = _said(process, timeout, command_as_shown(command))
    finally:  # subprocess.run() would not wait, and git write to a folder that goes
        process.kill()
        process.wait()
        _close(process)
    return subprocess.CompletedProcess(command, process.returncode, out, said)


def _in_memory(data: bytes) -> int:
    """A descriptor that a command reads from: a pipe is not filled any more by a
    communicate() that is called again."""
    descriptor = os.memfd_create("git-input")
    try:
        with open(descriptor, "wb", closefd=False) as file:
            file.write(data)
        os.lseek(descriptor, 0, os.SEEK_SET)
    except OSError as error:
        os.close(descriptor)
        why = f"no room in memory or on disk for what git reads: {error.strerror}"
        raise TreeError(why) from None
    return descriptor


def _said(
    process: subprocess.Popen[bytes], timeout: float, name: str
) -> tuple[bytes, bytes]:
    """What a command says to its end; raises TreeError for too long, or too much."""
    end = time.monotonic() + timeout
    while True:
        try:
            return process.communicate(timeout=min(timeout, LOOK))
        except subprocess.TimeoutExpired as so_far:
            if time.monotonic() > end:
                raise TreeError(f"{name} took over {timeout:.0f} s") from None
            _check_size(len(so_far.output or b""), MOST, name)


def _check_size(size: int, most: int, name: str) -> None:
    if size > most:
        raise TreeError(f"{name} says more than {most >> 20} MB")


def _close(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()


def command_as_shown(command: Sequence[str]) -> str:
    """Returns ``git log`` for a whole command line."""
    words = iter(command[1:])
    for word in words:
        if word == "-c":
            next(words)
        elif not word.startswith("-"):
            return f"git {word}"
    return "git"


def stream(
    arguments: Sequence[str],
    *,
    cwd: Path | str,
    separator: bytes = b"\n",
    configured: bool = True,
    work_tree: bool = False,
    seconds: float | None = None,
) -> Iterator[bytes]:
    """Yields the records of a git command's output as they come.

    ``configured``, ``work_tree``: as for ``run``.  The process is ended when the
    iterator is closed early, or after ``seconds``.

    Raises TreeError if git fails, says nothing for a minute or too much; status 1, a
    ``git grep`` without a hit, is no failure.
    """
    command, variables = _prepared(
        arguments, cwd, configured=configured, work_tree=work_tree
    )
    process, errors = start(command, cwd, variables, stdin=subprocess.DEVNULL)
    output = process.stdout
    assert output is not None
    try:
        rest = b""
        for chunk in _chunks(output, seconds, command_as_shown(command)):
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


def start(
    command: Sequence[str],
    cwd: Path | str,
    variables: Mapping[str, str],
    *,
    stdin: int = subprocess.PIPE,
    new_session: bool = False,
) -> tuple[subprocess.Popen[bytes], int]:
    """Returns a git process with a pipe, and the descriptor of what it says on stderr.

    Raises TreeError if git is missing.
    """
    errors = os.memfd_create("git-errors")
    try:
        process = subprocess.Popen(
            command,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=cwd,
            env=variables,
            start_new_session=new_session,
        )
    except FileNotFoundError as error:
        os.close(errors)
        raise _not_started(error, cwd) from None
    return process, errors


def _not_started(error: FileNotFoundError, cwd: Path | str) -> TreeError:
    """What is missing: Python says the same of a program and of the folder."""
    if error.filename == os.fspath(cwd):
        return TreeError(f"{cwd}: no such folder")
    return TreeError("git is not installed")


def start_in(
    arguments: Sequence[str],
    folder: Path,
    *,
    work_tree: bool = False,
    new_session: bool = False,
) -> tuple[subprocess.Popen[bytes], int]:
    """Starts as ``start`` does a command in the repository around a folder.

    In a session of its own it gets no signal that is sent to this process' group.

    Raises TreeError if git is missing or refuses the repository.
    """
    command, variables = _prepared(arguments, folder, work_tree=work_tree)
    return start(command, folder, variables, new_session=new_session)


def _chunks(pipe: IO[bytes], seconds: float | None, name: str) -> Iterator[bytes]:
    """What comes through a pipe, until its end or for so many seconds."""
    end = None if seconds is None else time.monotonic() + seconds
    size = 0
    while True:
        left = TIMEOUT if end is None else end - time.monotonic()
        if left <= 0 or not select.select([pipe], [], [], left)[0]:
            if end is None:
                raise TreeError(f"{name} said nothing for {TIMEOUT:.0f} s")
            return
        chunk = os.read(pipe.fileno(), 1 << 16)
        if not chunk:
            return
        size += len(chunk)
        _check_size(size, MOST_RECORDS, name)
        yield chunk


def commit_of(revision: str, cwd: Path) -> str | None:
    """Returns the full name of the commit that a revision names, None for none."""
    words = ["rev-parse", "--verify", "--quiet", "--end-of-options"]
    done = run([*words, f"{revision}^{{commit}}"], cwd=cwd)
    return done.stdout.decode("ascii", "replace").strip() or None


def last_line(stderr: bytes) -> str:
    """Returns git's last message, fit for one line."""
    lines = stderr.decode("utf-8", "replace").strip().splitlines()
    if len(lines) > 1 and "(null)" in lines[-1]:
        lines.pop()  # of git hash-object, which says why before that
    text = lines[-1] if lines else "failed without a message (is the disk full?)"
    for number, line in enumerate(lines[:-1]):
        if line.startswith("fatal: ") and line.endswith(
            ":"
        ):  # what, in the lines below
            text = " ".join(
                [line, *(one.strip() for one in lines[number + 1 :] if one)]
            )
    return text.removeprefix("fatal: ").removeprefix("error: ")


def identity() -> str | None:
    """Returns the user's ``Name <email>`` as git would write it, None if not
    configured."""
    done = run(["var", "GIT_AUTHOR_IDENT"], cwd=None, timeout=10)
    if done.returncode != 0:
        return None
    text = done.stdout.decode("utf-8", "replace")
    return text[: text.rfind(">") + 1] or None
