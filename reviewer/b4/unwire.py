# SPDX-License-Identifier: GPL-2.0-or-later
"""Undoing ``setup b4 --write``: our lines go, and what stood there for their sake."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from reviewer import git, repository
from reviewer.b4 import gitconfig, starters
from reviewer.errors import OutputError
from reviewer.files import exchange, private

PROMPT_END = "reviewer/b4/prompt.md"
NOTHING_TO_UNSET = 5  # git-config(1): somebody else has taken it out meanwhile


class Removal(Struct, frozen=True):
    """A value that goes, and from which of ``gitconfig.SCOPES``."""

    scope: str
    key: str
    value: str

    def change(self) -> list[str]:
        """Returns the words of the change, which stand behind ``git config --file
        FILE``."""
        pattern = ["--fixed-value", "--unset-all"]
        return [*pattern, self.key, self.value]

    def command(self) -> list[str]:
        """Returns the git command that takes the value away."""
        return ["git", "config", gitconfig.SCOPES[self.scope], *self.change()]


def removals(folder: Path) -> tuple[Removal, ...]:
    """Returns all lines of ours in the user's and this repository's configuration.

    A line for b4's own checkpatch goes where nothing else is left beside it: without
    any value b4 runs it by itself.
    """
    return tuple(
        Removal(scope, key.name, value)
        for key in gitconfig.keys("")
        for scope in (("user", "local") if repository.around(folder) else ("user",))
        for value in _going(key, _values(folder, scope, key.name))
    )


def _going(key: gitconfig.B4Setting, present: list[str]) -> Iterator[str]:
    ours = [value for value in present if _is_ours(value)]
    others = [value for value in present if value not in ours]
    yield from dict.fromkeys(ours)
    if ours and key.builtin and all(_is_builtin(key.builtin, one) for one in others):
        yield from dict.fromkeys(others)


def _is_ours(value: str) -> bool:
    return gitconfig.is_ours(value) or value.endswith(PROMPT_END)


def _is_builtin(builtin: str, value: str) -> bool:
    """Whether b4 does by itself, or did before us, what a line says."""
    by_shell = value.startswith("sh -c ") and builtin in value
    return by_shell or value in (builtin, gitconfig.checkpatch_command(builtin))


def _values(folder: Path, scope: str, name: str) -> list[str]:
    data = exchange.read(gitconfig.file_of(scope, folder)) or b""
    words = ["config", "--null", "--file", "-", "--no-includes", "--get-all", name]
    done = git.run(words, cwd=None, stdin=data, configured=False)
    return done.stdout.decode("utf-8", "replace").split("\0")[:-1]


def remove(folder: Path) -> tuple[Removal, ...]:
    """Takes our lines out of the configuration, those of one file at once, and returns
    them.

    Raises OutputError where git or the file system refuses it, Changed where somebody
    else has changed the file meanwhile.
    """
    found = removals(folder)
    contents = [
        (gitconfig.file_of(scope, folder), *_without(found, scope, folder))
        for scope in dict.fromkeys(one.scope for one in found)
    ]
    with exchange.signals_held():  # no lines that are gone beside programs that are not
        for place, before, after in contents:
            exchange.exchange(place, before, after)
        if not starters.still_used():
            starters.remove()
    return found


def _without(
    found: tuple[Removal, ...], scope: str, folder: Path
) -> tuple[bytes | None, bytes]:
    """A file of the configuration as it is, and without our lines."""
    before = exchange.read(gitconfig.file_of(scope, folder))
    with private.folder("config") as private_folder:
        copy = private_folder / "config"
        copy.write_bytes(before or b"")
        for one in (one for one in found if one.scope == scope):
            words = ["config", "--file", str(copy), *one.change()]
            done = git.run(words, cwd=None, configured=False)
            if done.returncode not in (0, NOTHING_TO_UNSET):
                why = git.last_line(done.stderr)
                raise OutputError(f"git config {one.key}: {why}")
        return before, copy.read_bytes()


def shown(found: tuple[Removal, ...], folder: Path) -> str:
    """Returns the removals as lines for a shell."""
    lines = [shlex.join(one.command()) for one in found]
    going = {str(gitconfig.file_of(one.scope, folder)) for one in found}
    if starters.are_there() and going.issuperset(starters.still_used()):
        lines.append(f"rm -r {shlex.quote(str(starters.folder()))}")
    return "".join(f"{line}\n" for line in lines)
