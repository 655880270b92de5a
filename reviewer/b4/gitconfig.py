# SPDX-License-Identifier: GPL-2.0-or-later
"""The git configuration that wires kpf-review into b4.

b4 uses its own checkpatch only while a key has no value at all: with our command
there it has to be named beside it.  What a person has configured is never dropped,
only an older line of ours is replaced.
"""

from __future__ import annotations

import hashlib
import os
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from reviewer import __version__, git, repository
from reviewer.b4 import branches, starters
from reviewer.errors import OutputError, UsageError
from reviewer.files import exchange, private

PACKAGE = Path(__file__).parent.parent
PROMPT = Path(__file__).with_name("prompt.md")
# As b4 runs it where nothing is configured (b4 0.16: LoreSeries.get_am_ready,
# ez.get_check_cmds).
CHECKPATCH = "scripts/checkpatch.pl -q --terse --no-summary --mailback"
SCOPES = {"user": "--global", "local": "--local"}


class B4Setting(Struct, frozen=True):
    """A setting of b4 and what we want it to hold."""

    name: str
    ours: str  # our command
    builtin: str | None = None  # what b4 does without any value
    several: bool = True  # whether b4 takes more than one value


class ConfigChange(Struct, frozen=True):
    """One change of the configuration."""

    key: str
    value: str
    old: str | None = None  # the value of ours that it replaces
    why: str = ""

    def command(self, scope: str) -> list[str]:
        """Returns the git command that makes it."""
        return ["git", "config", SCOPES[scope], *self.change()]

    def change(self) -> list[str]:
        """Returns the words of the change, which stand behind ``git config --file
        FILE``."""
        if self.old is not None:
            return ["--fixed-value", "--replace-all", self.key, self.value, self.old]
        return ["--add", self.key, self.value]


class Plan(Struct, frozen=True):
    """What is to be set, and what a person has to decide."""

    steps: tuple[ConfigChange, ...]
    told: tuple[str, ...]


def rules_version() -> str:
    """Returns the version of all that decides on a
    result: the package and a hash of it.

    b4 keeps results by the command line, for 30 to 180 days.
    """
    digest = hashlib.sha256()
    for path in sorted(PACKAGE.resolve().rglob("*")):
        if path.suffix in (".py", ".j2") and "demo" not in path.parts:
            digest.update(path.read_bytes())
    for folder in ("rules", "templates"):  # links in a checkout, folders in a wheel
        for path in sorted((PACKAGE / folder).resolve().rglob("*")):
            if path.suffix in (".py", ".j2"):
                digest.update(path.read_bytes())
    return f"{__version__}+{digest.hexdigest()[:8]}"


def keys(version: str) -> tuple[B4Setting, ...]:
    """Returns all settings, in the order in which they are shown."""
    ours = shlex.quote(str(starters.folder() / starters.MAIN))
    check = f"{ours} b4-check"
    ending = f"--rules-version {version}"
    lines = f"{check} --format checkpatch {ending}"
    return (
        B4Setting(
            "b4.review-perpatch-check-cmd", f"{check} {ending}", "_builtin_checkpatch"
        ),
        B4Setting("b4.review-series-check-cmd", f"{check} --series {ending}"),
        B4Setting("b4.am-perpatch-check-cmd", lines, CHECKPATCH),
        B4Setting("b4.prep-perpatch-check-cmd", lines, f"{CHECKPATCH} --showfile"),
        B4Setting("b4.review-agent-command", f"{ours} agent", several=False),
        B4Setting("b4.review-agent-prompt-path", str(PROMPT), several=False),
    )


def plan(folder: Path, version: str, scope: str) -> Plan:
    """Returns what has to change in the configuration that holds in ``folder``.

    ``scope`` is one of ``SCOPES``: where new values will stand.
    """
    steps: list[ConfigChange] = []
    conflicts: list[str] = []
    asked: list[str] = []
    agent_is_ours = True
    for key in keys(version):
        present = values(folder, key.name)
        old = [value for value in present if is_ours(value)]
        if key.several:
            if not present:
                steps += _kept(key, scope)
                asked += _asked(folder, key)
            steps += _named(key, present)
            steps += _updated(key, present, old)
        elif key.name == "b4.review-agent-command":
            agent_is_ours = not present or bool(old)
            if agent_is_ours:
                steps += _updated(key, present, old)
            else:
                conflicts.append(
                    f"{key.name} is {present[-1]!r} and b4 takes one: left as it is. "
                    "'kpf-review agent' works by hand all the same"
                )
        elif agent_is_ours and not present:
            steps.append(ConfigChange(key.name, key.ours))
    return Plan(tuple(steps), (*conflicts, *asked))


def _kept(key: B4Setting, scope: str) -> Iterator[ConfigChange]:
    """What b4 would no longer run once the key has a value."""
    if key.builtin is None:
        return
    command = key.builtin
    if command.startswith("scripts/") and scope == "user":
        command = checkpatch_command(command)
    yield ConfigChange(key.name, command, why="keeps b4's own checkpatch")


def checkpatch_command(command: str) -> str:
    """Returns a call of the tree's checkpatch that also holds in repositories without
    one."""
    starter = shlex.quote(str(starters.folder() / starters.CHECKPATCH))
    return f"{starter} {command.partition(' ')[2]}"


def _named(key: B4Setting, present: Sequence[str]) -> Iterator[ConfigChange]:
    """The way of before, which b4 shows as a check of the name "sh"."""
    old = f"sh -c 'test ! -x scripts/checkpatch.pl || exec {key.builtin}'"
    if old in present and key.builtin:
        new = checkpatch_command(key.builtin)
        yield ConfigChange(key.name, new, old, why="has b4 show it by its name")


def _updated(
    key: B4Setting, present: Sequence[str], old: Sequence[str]
) -> Iterator[ConfigChange]:
    if key.ours in present:
        return
    if old:
        yield ConfigChange(key.name, key.ours, old[0], why="replaces our older line")
    else:
        yield ConfigChange(key.name, key.ours)


def is_ours(value: str) -> bool:
    """Says whether a command is one that this module wrote, of any version."""
    try:
        words = shlex.split(value)
    except ValueError:
        return False
    called = [Path(word).name for word in words[:4]]
    ours = "kpf-review" in called[:1] or "reviewer.cli" in called
    return ours and ("b4-check" in words or "agent" in words)


def values(folder: Path, name: str) -> list[str]:
    """Returns all values of a key, of the user's and the repository's configuration."""
    return [*_users(folder, name), *_repositorys(folder, name)]


def _users(folder: Path, name: str) -> list[str]:
    done = git.run(["config", "--null", "--get-all", name], cwd=folder)
    return done.stdout.decode("utf-8", "replace").split("\0")[:-1]


def _repositorys(folder: Path, name: str) -> list[str]:
    found = repository.around(folder)
    entries = found.entries() if found else ()
    return [value for key, value in entries if key == name]


def _asked(folder: Path, key: B4Setting) -> Iterator[str]:
    """What a tree's own .b4-config asks for: told, and never taken over.

    b4 honours it for ``prep`` only, while the key has no value.
    """
    top = branches.top_folder(folder)
    if top is None or not key.name.startswith("b4.prep-"):
        return
    data = repository.read_small(top / ".b4-config")
    if data is None:
        return
    words = ["config", "--null", "--file", "-", "--no-includes", "--get-all", key.name]
    done = git.run(words, cwd=None, stdin=data, configured=False)
    for value in done.stdout.decode("utf-8", "replace").split("\0")[:-1]:
        yield (
            f".b4-config of the tree asks for {key.name} = {value!r}: not taken over, "
            "and b4 does not run it once the key has a value"
        )


def write(planned: Plan, folder: Path, version: str, scope: str) -> None:
    """Make the changes that ``plan`` has found, all those of a file at once.

    Raises OutputError where git or the file system refuses one, Changed where somebody
    else has changed the file since it was read.
    """
    users = _changed_files(planned, scope, folder)
    by_file: dict[Path, list[ConfigChange]] = {}
    for step in planned.steps:
        place = file_of(_scope_of(step, scope, folder), folder)
        by_file.setdefault(place, []).append(step)
    before = {place: exchange.read(place) for place in by_file}
    if plan(folder, version, scope) != planned:
        raise exchange.Changed("the configuration was changed meanwhile: run it again")
    after = {place: _with(by_file[place], before[place] or b"") for place in by_file}
    with exchange.signals_held():
        made = not starters.are_made(users)
        if made:
            starters.make(users)
        try:
            for place, data in after.items():
                exchange.exchange(place, before[place], data)
        except BaseException:
            if made and not starters.still_used():
                starters.remove()
            raise


def _changed_files(planned: Plan, scope: str, folder: Path) -> list[Path]:
    """The configuration files that will name our programs, or do already."""
    scopes = [_scope_of(step, scope, folder) for step in planned.steps]
    return [file_of(one, folder) for one in dict.fromkeys(scopes or [scope])]


def _with(steps: Sequence[ConfigChange], before: bytes) -> bytes:
    """A configuration with the changes made."""
    with private.folder("config") as private_folder:
        copy = private_folder / "config"
        copy.write_bytes(before)
        for step in steps:
            words = ["config", "--file", str(copy), *step.change()]
            done = git.run(words, cwd=None, configured=False)
            if done.returncode != 0:
                raise OutputError(
                    f"git config {step.key}: {git.last_line(done.stderr)}"
                )
        return copy.read_bytes()


def file_of(scope: str, folder: Path) -> Path:
    """Says where git writes settings of that scope (git-config(1), FILES).

    Raises UsageError outside of a repository.
    """
    if scope == "local":
        found = repository.around(folder)
        if found is None:
            raise UsageError(f"{folder}: --local needs a repository")
        return found.config
    named = os.environ.get("GIT_CONFIG_GLOBAL")
    home = Path.home() / ".gitconfig"
    other = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    other = other / "git/config"
    return (
        Path(named)
        if named
        else other
        if not home.exists() and other.exists()
        else home
    )


def _scope_of(step: ConfigChange, scope: str, folder: Path) -> str:
    """An older line is replaced where it stands."""
    if step.old is None:
        return scope
    if step.old in _users(folder, step.key):
        return "user"
    return "local" if step.old in _repositorys(folder, step.key) else scope


def shown(plan: Plan, scope: str, folder: Path) -> str:
    """Returns the changes as lines for a shell."""
    users = _changed_files(plan, scope, folder)
    lines: list[str] = []
    if not starters.are_made(users):
        lines.append("# the programs that b4 will call")
        lines.append(starters.shown(users).rstrip("\n"))
    for step in plan.steps:
        if step.why:
            lines.append(f"# {step.why}")
        lines.append(shlex.join(step.command(_scope_of(step, scope, folder))))
    return "".join(f"{line}\n" for line in lines)
