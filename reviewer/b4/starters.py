# SPDX-License-Identifier: GPL-2.0-or-later
"""The small programs that b4 is told to call, at a place that outlives an installation.

b4 0.16 ends in a traceback where a command of its configuration is gone, and shows a
check under the name of the file that it calls.  So its lines name two programs in the
user's data folder: ``kpf-review``, which says in one line where the real one was, and
``checkpatch.pl``, which runs that of the tree.
"""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from reviewer import repository
from reviewer.errors import OutputError
from reviewer.files import exchange, new_files, xdg

MAIN = "kpf-review"
CHECKPATCH = "checkpatch.pl"
BYTES = ("utf-8", "surrogateescape")
USERS = "used-by"  # the configurations that name the programs, one a line
_MAIN = r"""#!/bin/sh
# What b4 calls for kpf-review. 'kpf-review setup b4 --write' made it.
gone=@GONE@
if test -x @PROGRAM@ && test -x @PYTHON@
then
	exec @COMMAND@ "$@"
fi
case "$*" in
agent* | *"--format checkpatch"*)
	printf '%s\n' "$gone" >&2
	;;
*)
	printf '%s\n' @RESULT@
	;;
esac
exit 127
"""
_CHECKPATCH = r"""#!/bin/sh
# The checkpatch of the tree that b4 is in. 'kpf-review setup b4 --write' made it.
test -x scripts/checkpatch.pl && exec scripts/checkpatch.pl "$@"
echo "this tree has no scripts/checkpatch.pl: nothing was checked by it"
"""


def folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Returns $XDG_DATA_HOME/kpf-review/bin, ~/.local/share/kpf-review/bin
    without it."""
    return xdg.folder("DATA", environ) / "bin"


def program() -> list[str]:
    """Says how to call the kpf-review that is running, from any folder."""
    beside = Path(sys.executable).with_name("kpf-review")
    if beside.is_file():
        return [str(beside)]
    # b4 calls it in the tree under review, where Python would look for modules first
    return [sys.executable, "-P", "-m", "reviewer.cli"]


def texts() -> dict[str, str]:
    """Returns the text of each small program that b4 is to call, by its file name."""
    command = program()
    gone = (
        f"{command[0]} is gone: install kpf-review again and run 'kpf-review setup b4 "
        "--write', or delete its lines: git config --show-origin --get-regexp ^b4"
    )
    result = {"tool": MAIN, "status": "fail", "summary": gone}
    words = {
        "@GONE@": shlex.quote(gone),
        "@PROGRAM@": shlex.quote(command[0]),
        "@PYTHON@": shlex.quote(sys.executable),
        "@COMMAND@": shlex.join(command),
        "@RESULT@": shlex.quote(json.dumps(result)),
    }
    main = _MAIN
    for word, value in words.items():
        main = main.replace(word, value)
    return {MAIN: main, CHECKPATCH: _CHECKPATCH}


def are_made(users: Iterable[Path]) -> bool:
    """Says whether the programs are there as they should be, and know of these
    configuration files."""
    made = folder()
    with contextlib.suppress(OSError, UnicodeError):
        known = _users(made)
        return all(str(user) in known for user in users) and all(
            (made / name).read_text(encoding="utf-8", errors="surrogateescape") == text
            and os.access(made / name, os.X_OK)
            for name, text in texts().items()
        )
    return False


def make(users: Iterable[Path]) -> None:
    """Writes the programs that b4 calls, and notes the configuration files that name
    them.  Raises OutputError."""
    made = folder()
    programs = {made / name: text.encode(*BYTES) for name, text in texts().items()}
    new_files.write(programs, force=True, folders=True, mode=0o755)
    try:
        with exchange.one_run_at_a_time(made):
            known = dict.fromkeys([*_users(made), *map(str, users)])
            named = "".join(f"{one}\n" for one in known).encode(*BYTES)
            new_files.write({made / USERS: named}, force=True)
    except OSError as error:
        raise OutputError(f"{made}: {error.strerror or error}") from None


def shown(users: Iterable[Path]) -> str:
    """Returns what makes them, as lines for a shell."""
    made = folder()
    lines = [f"mkdir -p {shlex.quote(str(made))}\n"]
    for name, text in texts().items():
        place = shlex.quote(str(made / name))
        lines.append(f"cat >{place} <<'END'\n{text}END\nchmod 755 {place}\n")
    named = shlex.join(map(str, users))
    lines.append(f"printf '%s\\n' {named} >>{shlex.quote(str(made / USERS))}\n")
    return "".join(lines)


def still_used() -> tuple[str, ...]:
    """Returns the configuration files that name one of the programs."""
    made = folder()
    used = []
    for user in _users(made):
        text = repository.read_small(Path(user)) or b""
        if os.fsencode(str(made)) in text:
            used.append(user)
    return tuple(used)


def remove() -> None:
    """Take the programs away.  Raises OutputError."""
    made = folder()
    try:
        for name in (MAIN, CHECKPATCH, USERS):
            (made / name).unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # something of somebody else is in it
            made.rmdir()
            made.parent.rmdir()
    except OSError as error:
        raise OutputError(f"{made}: {error.strerror or error}") from None


def are_there() -> bool:
    """Says whether any program of ours, or the list of who uses them, is there to be
    removed."""
    return any((folder() / name).exists() for name in (MAIN, CHECKPATCH, USERS))


def _users(made: Path) -> list[str]:
    try:
        text = (made / USERS).read_text(encoding="utf-8", errors="surrogateescape")
    except FileNotFoundError:
        return []
    return text.splitlines()
