"""The git configuration that wires kpf-review into b4.

b4 uses its own checkpatch only while a key has no value at all: with our command
there it has to be named beside it.  What a person has configured is never dropped,
only an older line of ours is replaced.
"""

from __future__ import annotations

import hashlib
import shlex
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reviewer import __version__
from reviewer.b4 import branches
from reviewer.errors import OutputError
from reviewer.tree import git

PACKAGE = Path(__file__).parent.parent
PROMPT = Path(__file__).with_name("prompt.md")
# As b4 runs it where nothing is configured (b4 0.16: LoreSeries.get_am_ready,
# ez.get_check_cmds).
CHECKPATCH = "scripts/checkpatch.pl -q --terse --no-summary --mailback"
SCOPES = {"user": "--global", "local": "--local"}


@dataclass(frozen=True, slots=True)
class Key:
    """A setting of b4 and what we want it to hold."""

    name: str
    ours: str  # our command
    builtin: str | None = None  # what b4 does without any value
    several: bool = True  # whether b4 takes more than one value


@dataclass(frozen=True, slots=True)
class Step:
    """One change of the configuration."""

    key: str
    value: str
    old: str | None = None  # the value of ours that it replaces
    why: str = ""

    def command(self, scope: str) -> list[str]:
        """The git command that makes it."""
        words = ["git", "config", SCOPES[scope]]
        if self.old is not None:
            pattern = ["--fixed-value", "--replace-all", self.key, self.value, self.old]
            return [*words, *pattern]
        return [*words, "--add", self.key, self.value]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be set, and what a person has to decide."""

    steps: tuple[Step, ...]
    conflicts: tuple[str, ...]


def rules_version() -> str:
    """The version of all that decides on a result: the package and a hash of it.

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


def program() -> list[str]:
    """How to call kpf-review from any folder: the one that is running."""
    beside = Path(sys.executable).with_name("kpf-review")
    if beside.is_file():
        return [str(beside)]
    return [sys.executable, "-m", "reviewer.cli"]


def keys(version: str) -> tuple[Key, ...]:
    """All settings, in the order in which they are shown."""
    ours = shlex.join(program())
    check = f"{ours} b4-check"
    ending = f"--rules-version {version}"
    lines = f"{check} --format checkpatch {ending}"
    return (
        Key("b4.review-perpatch-check-cmd", f"{check} {ending}", "_builtin_checkpatch"),
        Key("b4.review-series-check-cmd", f"{check} --series {ending}"),
        Key("b4.am-perpatch-check-cmd", lines, CHECKPATCH),
        Key("b4.prep-perpatch-check-cmd", lines, f"{CHECKPATCH} --showfile"),
        Key("b4.review-agent-command", f"{ours} agent", several=False),
        Key("b4.review-agent-prompt-path", str(PROMPT), several=False),
    )


def plan(folder: Path, version: str, scope: str) -> Plan:
    """What has to change in the configuration that holds in ``folder``.

    ``scope`` is one of ``SCOPES``: where new values will stand.
    """
    steps: list[Step] = []
    conflicts: list[str] = []
    agent_is_ours = True
    for key in keys(version):
        present = values(folder, key.name)
        old = [value for value in present if is_ours(value)]
        if key.several:
            if not present:
                steps += _kept(folder, key, scope)
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
            steps.append(Step(key.name, key.ours))
    return Plan(tuple(steps), tuple(conflicts))


def _kept(folder: Path, key: Key, scope: str) -> Iterator[Step]:
    """What b4 would no longer run once the key has a value."""
    tree = _tree_values(folder, key.name)
    for value in tree:
        yield Step(key.name, value, why="keeps what .b4-config of the tree asks for")
    if key.builtin is None or tree:
        return
    command = key.builtin
    if command.startswith("scripts/") and scope == "user":
        # Also in the user's repositories that have none.
        command = f"sh -c 'test ! -x scripts/checkpatch.pl || exec {command}'"
    yield Step(key.name, command, why="keeps b4's own checkpatch")


def _updated(key: Key, present: Sequence[str], old: Sequence[str]) -> Iterator[Step]:
    if key.ours in present:
        return
    if old:
        yield Step(key.name, key.ours, old[0], why="replaces our older line")
    else:
        yield Step(key.name, key.ours)


def is_ours(value: str) -> bool:
    """Whether a command is one that this module wrote, of any version."""
    try:
        words = shlex.split(value)
    except ValueError:
        return False
    called = [Path(word).name for word in words[:3]]
    ours = "kpf-review" in called[:1] or "reviewer.cli" in called
    return ours and ("b4-check" in words or "agent" in words)


def values(folder: Path, name: str) -> list[str]:
    """All values of a key, of the user's and the repository's configuration."""
    done = git.run(["config", "--null", "--get-all", name], cwd=folder)
    return done.stdout.decode("utf-8", "replace").split("\0")[:-1]


def _tree_values(folder: Path, name: str) -> list[str]:
    """What a tree's own .b4-config asks for; b4 honours it for ``prep`` only."""
    if not name.startswith("b4.prep-"):
        return []
    top = branches.top_folder(folder)
    file = top / ".b4-config" if top else None
    if file is None or not file.is_file():
        return []
    done = git.run(
        ["config", "--null", "--file", str(file), "--get-all", name], cwd=folder
    )
    return done.stdout.decode("utf-8", "replace").split("\0")[:-1]


def write(steps: Sequence[Step], scope: str, folder: Path) -> None:
    """Make the changes.  Raises OutputError where git refuses one."""
    for step in steps:
        done = git.run(step.command(_scope_of(step, scope, folder))[1:], cwd=folder)
        if done.returncode != 0:
            raise OutputError(f"git config {step.key}: {git.last_line(done.stderr)}")


def _scope_of(step: Step, scope: str, folder: Path) -> str:
    """An older line is replaced where it stands."""
    if step.old is None:
        return scope
    for name, option in SCOPES.items():
        done = git.run(["config", "--null", option, "--get-all", step.key], cwd=folder)
        if step.old in done.stdout.decode("utf-8", "replace").split("\0"):
            return name
    return scope


def shown(plan: Plan, scope: str, folder: Path) -> str:
    """The changes as lines for a shell."""
    lines: list[str] = []
    for step in plan.steps:
        if step.why:
            lines.append(f"# {step.why}")
        lines.append(shlex.join(step.command(_scope_of(step, scope, folder))))
    return "".join(f"{line}\n" for line in lines)
