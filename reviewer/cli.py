# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line: the only place that prints or exits, and hands out settings of
the environment."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from reviewer import __version__, process_setup

if TYPE_CHECKING:
    import argparse
    from types import FrameType

    from reviewer.commands import Result, Session

USAGE = 2
INTERRUPTED = 130
LONGEST_LINE = 1600  # characters on stderr: more than that is an attack, or no help
TERMINATED = 143
_before: dict[int, Any] = {}  # signals, and their handlers before ours


class _Terminated(KeyboardInterrupt):
    """SIGTERM ends a run as cleanly as Ctrl-C does."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status (see the README's table)."""
    process_setup.have_streams()
    process_setup.have_home()
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        status = _main(arguments)
        sys.stdout.flush()  # not at exit, where Python would print a traceback
    except BrokenPipeError:
        # The reader has gone (head, less): no message, and none at shutdown either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
        return _not_written(error)
    return status


def _main(arguments: list[str]) -> int:
    if _asks_for_the_version(arguments):
        _print_version(with_parts=len(arguments) > 1)
        return 0
    # A review makes many small objects and hardly a cycle: collecting at the usual
    # pace costs a fifth of a run and finds nothing.
    gc.set_threshold(100_000, 20, 20)
    # Nor is there one at the end that the system would not take back anyway.
    atexit.register(gc.freeze)
    try:
        _heed_termination()
        status = _run(arguments)
        _heed_no_more()
        return status
    except KeyboardInterrupt as signalled:
        return _leave_nothing(isinstance(signalled, _Terminated))
    finally:
        repository = sys.modules.get("reviewer.repository")
        if repository is not None and hasattr(repository, "forget"):
            repository.forget()


def _asks_for_the_version(arguments: Sequence[str]) -> bool:
    """Whether nothing but the version is wanted; with -d, also that of the parts."""
    known = {"--version", "-V", "-d", "--debug"}
    return bool({"--version", "-V"}.intersection(arguments)) and known.issuperset(
        arguments
    )


PARTS = (
    "b4", "unidiff", "msgspec", "tree-sitter", "tree-sitter-c", "jinja2",
    "markdown-it-py", "z3-solver",
)  # fmt: skip


def _print_version(*, with_parts: bool) -> None:
    """Print our version, and what a report of a bug should name beside it."""
    print(f"kpf-review {__version__}")
    if not with_parts:
        return
    import platform
    from importlib import metadata

    print(f"python {platform.python_version()}")
    for part in PARTS:
        print(f"{part} {metadata.version(part)}")


def _heed_termination() -> None:
    """Let SIGINT and SIGTERM end the run where an exception gets through."""
    import signal

    from reviewer.deadline import loses_exceptions

    waiting: list[int] = []

    def end(number: int, frame: FrameType | None) -> None:
        if number != signal.SIGVTALRM:
            waiting[:] = [number]
        if loses_exceptions(frame):
            signal.setitimer(signal.ITIMER_VIRTUAL, 0.005, 0.05)  # once more, soon
            return
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        raise _Terminated if waiting == [signal.SIGTERM] else KeyboardInterrupt

    ours = {
        signal.SIGTERM: signal.SIG_DFL,
        signal.SIGINT: signal.default_int_handler,
        signal.SIGVTALRM: signal.SIG_DFL,
    }
    for number, usual in ours.items():
        if signal.getsignal(number) is usual:  # else somebody wants it otherwise
            _before[number] = signal.signal(number, end)


def _heed_no_more() -> None:
    """As before: the interpreter's own end is no place for our handler."""
    import signal

    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    for number, handler in _before.items():
        signal.signal(number, handler)
    _before.clear()


def _leave_nothing(terminated: bool) -> int:
    """The end after a signal; further ones cannot disturb it."""
    import signal

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGVTALRM):
        signal.signal(number, signal.SIG_IGN)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    private = sys.modules.get("reviewer.files.private")
    if private is not None and hasattr(private, "remove_folders_of"):
        private.remove_folders_of(os.getpid())
    _say("kpf-review: terminated" if terminated else "kpf-review: interrupted")
    return TERMINATED if terminated else INTERRUPTED


def _run(arguments: list[str]) -> int:
    from reviewer.errors import KpfError

    try:
        args, session, run = _prepare(arguments)
        if arguments[0] != "config":  # which shows a wrong setting too
            _use_limits(session)
        result = run(args, session)
    except KpfError as error:
        _say(f"kpf-review: {_visible(str(error))}")
        return error.exit_status
    except SystemExit as leaving:  # argparse, after its own message
        return leaving.code if isinstance(leaving.code, int) else USAGE
    except RecursionError:
        _say("kpf-review: the input is nested too deeply")
        return 3
    except MemoryError:
        _say("kpf-review: out of memory; the input is too large for this machine")
        return USAGE
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        _say(f"kpf-review: {_visible(_os_error(error))}")
        return USAGE
    except Exception as error:  # noqa: BLE001 - a person gets one line, not a traceback
        return _internal_error(error, arguments)
    return _show(result, getattr(args, "quiet", False))


def _use_limits(session: Session) -> None:
    from reviewer import limits

    limits.set_limits(session.settings.limits())


def _prepare(arguments: list[str]):  # type: ignore[no-untyped-def]
    import importlib

    from reviewer.commands import COMMANDS
    from reviewer.commands.parser import command_parser, name_first

    arguments = name_first(arguments)
    name = arguments[0] if arguments else ""
    if name in ("", "-h", "--help"):
        print(_help())
        raise SystemExit(0 if name else USAGE)
    known = name in COMMANDS
    if not known and _mistyped(name):
        raise SystemExit(USAGE)
    if not known and _is_range(name):
        return _prepare_range(arguments)
    module = importlib.import_module(
        f"reviewer.commands.{COMMANDS[name] if known else 'review'}"
    )
    parser = command_parser(name if known else None, module)
    args = parser.parse_args(arguments[1:] if known else arguments)
    return args, _session(args, arguments), module.run


def _is_range(name: str) -> bool:
    """Whether a word can be a range of commits only: a message-id has no ``@{``."""
    from reviewer.commands.review import is_range

    return not name.startswith("-") and is_range(name)


def _prepare_range(arguments: list[str]):  # type: ignore[no-untyped-def]
    """``kpf-review A..B`` is ``kpf-review check A..B``, and says so."""
    from msgspec.structs import replace

    args, session, run = _prepare(["check", *arguments])

    def told(args: argparse.Namespace, session: Session) -> Result:
        result = run(args, session)
        note = f"kpf-review: a range of commits: as 'kpf-review check {arguments[0]}'"
        return replace(result, notes=(note, *result.notes))  # type: ignore[no-any-return]

    return args, session, told


def _mistyped(name: str) -> bool:
    """A bare word that is no file and no message-id is a subcommand misspelt."""
    if name.startswith("-") or "@" in name or "/" in name or os.path.exists(name):
        return False
    if _is_range(name):
        return False
    import difflib

    from reviewer.commands import COMMANDS

    near = difflib.get_close_matches(name, COMMANDS, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    _say(f"kpf-review: {_visible(name)}: no such file, message-id or subcommand{hint}")
    return True


def _session(args: argparse.Namespace, arguments: list[str]) -> Session:
    import shlex

    from reviewer import config
    from reviewer.commands import Session

    if args.debug:
        import logging

        logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
    settings = config.read()
    return Session(
        settings=settings,
        stdin=sys.stdin.buffer,
        color=_wants_color(args.color or settings.text("color")),
        width=_width(),
        piped=not (sys.stdout.isatty() or os.environ.get("COLUMNS")),
        command="kpf-review " + shlex.join(arguments),
        progress=_progress(args.quiet),
        environ=os.environ,
        terminal=_Console(),
    )


class _Console:
    """The terminal, or the pipe in its place, for commands that talk."""

    def show(self, text: str) -> None:
        print(text, flush=True)

    def ask(self, prompt: str) -> str | None:
        try:
            return input(prompt)
        except (EOFError, UnicodeDecodeError):
            print()
            return None

    def edit(self, text: str, suffix: str) -> str | None:
        """Runs the user's own editor on a file of ours; nothing else is run."""
        import shlex
        import subprocess
        import tempfile
        from pathlib import Path

        editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
        with tempfile.TemporaryDirectory(prefix="kpf-review-") as folder:
            file = Path(folder) / f"answer{suffix}"
            file.write_text(text, encoding="utf-8", errors="surrogateescape")
            try:
                subprocess.run([*shlex.split(editor), str(file)], check=True)
                return file.read_text(encoding="utf-8", errors="surrogateescape")
            except (OSError, ValueError, subprocess.CalledProcessError):
                return None


def _wants_color(choice: str) -> bool:
    if choice in ("always", "never"):
        return choice == "always"
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return sys.stdout.isatty()


def _width() -> int:
    import shutil

    return max(40, min(shutil.get_terminal_size((100, 24)).columns, 200))


def _progress(quiet: bool):  # type: ignore[no-untyped-def]
    """Shows what is being looked at, on a terminal, once it takes over a second."""
    if quiet or not sys.stderr.isatty():
        return lambda _text: None
    import atexit
    import time

    begun = time.monotonic()
    shown = False

    def show(text: str) -> None:
        nonlocal shown
        if time.monotonic() - begun > 1:
            if not shown:
                atexit.register(lambda: print("\r\x1b[K", end="", file=sys.stderr))
            shown = True
            print(f"\r\x1b[K{_visible(text)[:78]}", end="", file=sys.stderr, flush=True)

    return show


def _show(result: Result, quiet: bool) -> int:
    if result.text:
        data = result.text.encode("utf-8", "replace")
        try:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            return _not_written(error)
    if not quiet:
        for note in result.notes:
            _say(_visible(note))
    return result.status


def _not_written(error: OSError) -> int:
    _say(f"kpf-review: cannot write the result: {_visible(_os_error(error))}")
    return USAGE


def _internal_error(error: Exception, arguments: list[str]) -> int:
    if "-d" in arguments or "--debug" in arguments:
        import traceback

        traceback.print_exc()
    name = type(error).__name__
    _say(
        f"kpf-review: internal error ({name}); this is a bug of kpf-review, "
        "-d shows where"
    )
    return USAGE


def _os_error(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}"


def _say(text: str) -> None:
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        return  # nobody is there to be told


def _visible(text: str) -> str:
    """Control and invisible characters spelt out: text may come from a stranger."""
    if len(text) > LONGEST_LINE:
        text = f"{text[: LONGEST_LINE // 2]} [...] {text[-LONGEST_LINE // 4 :]}"
    if text.isascii() and text.isprintable():
        return text
    from reviewer.output.escaping import terminal_line

    return terminal_line(text)


def _help() -> str:
    import importlib

    from reviewer.commands import COMMANDS

    lines = [
        "usage: kpf-review <message-id | lore URL | mbox | maildir | .patch | ->",
        "       kpf-review <subcommand> [...]",
        "",
        "Reviews a patch series against the kernel tree it is meant for and drafts",
        "the inline reply. Nothing is ever sent.",
        "",
        "subcommands:",
    ]
    for name, module in COMMANDS.items():
        about = importlib.import_module(f"reviewer.commands.{module}").HELP
        lines.append(f"  {name:<11} {about}")
    lines += [
        "",
        *_review_options(),
        "",
        "'kpf-review SUBCOMMAND --help' lists those of a subcommand,",
        "'kpf-review help' the guides.",
        "Exit status: 0 nothing to say, 1 findings, 2 usage or internal error,",
        "3 could not fetch, parse or apply, 130 interrupted.",
    ]
    return "\n".join(lines)


def _review_options() -> list[str]:
    """The options of the main command, as its own help has them."""
    from reviewer.commands import review
    from reviewer.commands.parser import command_parser

    text = command_parser(None, review).format_help()
    _, _, options = text.partition("\noptions:\n")
    return ["options of a review:", *options.rstrip("\n").split("\n")]


if __name__ == "__main__":
    sys.exit(main())
