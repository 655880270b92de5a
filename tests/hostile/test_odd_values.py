# SPDX-License-Identifier: GPL-2.0-or-later
"""Every option and argument of every subcommand with a value that nobody expects.

The parsers say which there are; nothing is special here but the value.
"""

from __future__ import annotations

import re
from pathlib import Path

import growing
import pytest

from reviewer.commands.surface import Argument, Command, commands

# What a template would make of {{ 7 * 191 }}, and not a part of a commit id.
MADE = re.compile(r"(?<![0-9a-f]{4})1337(?![0-9a-f]{4})")

UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)
LONG = {("learn", "--html"), ("demo", "--output")}
NUMBERS = ("N", "MB", "SECONDS")
VALUES = (
    *("", "\n", "\x1b[2J\u202e", "\udcff", "-x", "a" * 100_000, "{{7*191}}"),
    *("../../../etc/passwd", "/dev/full", "folder", "link"),
)
ODD_NUMBERS = ("", "x", "0", "-1", "9" * 30, "1e400", "nan", "inf", "\u0661")
MAIL = "a.patch"  # of a file that no rule looks at: what is odd is the value
# What a call needs besides the value, to come further than the parser.
REST = {
    "": (MAIL,),
    "report": (MAIL, "--html", "page.html", "--force"),
    "followup": (MAIL,),
    "factcheck": (MAIL,),
    "inbox": (MAIL,),
    "behaviour": (MAIL,),
    "batch": (MAIL,),
    "setup": ("b4",),
    "completion": ("bash",),
    "learn": ("1", "--answer", "x"),
    "explain": ("mask-vs-equality",),
    "dismiss": ("0" * 16, "--why", "x"),
}
TAKES = [
    (command, argument)
    for command in commands()
    for argument in (*command.options, *command.positionals)
    if argument.takes_value or not argument.names
]


def named(one: Command | Argument) -> str:
    if isinstance(one, Command):
        return one.name or "review"
    return one.names[-1] if one.names else one.metavar


@pytest.fixture
def odd(world, here, monkeypatch):
    """A folder with what is no file, and a run in it."""
    cwd = world.top / "cwd"
    (cwd / "folder").mkdir()
    (cwd / MAIL).write_bytes(growing.mail(growing.new_file("a.txt", ["x"])))
    (cwd / "link").symlink_to("/nowhere/at/all")
    return here


def words_of(command: Command, argument: Argument, value: str) -> list[str]:
    rest = [*REST.get(command.name, ())]
    head = [command.name] if command.name else []
    if not argument.names:
        return [*head, value, *rest[1:]]
    name = argument.names[-1]
    if name in rest:
        rest[rest.index(name) : rest.index(name) + 2] = []
    given = f"{name}={value}" if name.startswith("--") else f"{name}{value}"
    return [*head, *rest, given]


@pytest.mark.parametrize(("command", "argument"), TAKES, ids=named)
def test_a_value_that_nobody_expects(command, argument, odd, world) -> None:
    # the parser's own refusal, or a run that takes its time: some are enough
    closed = argument.values and argument.names
    closed = closed or (command.name, named(argument)) in LONG
    if command.name == "rules" and "--new" in argument.names:
        pytest.skip("writes into the checkout: tests/commands/test_new_rule.py")
    values = ODD_NUMBERS if argument.metavar in NUMBERS else VALUES
    for value in values[:4] if closed else values:
        words = words_of(command, argument, value)
        status, out, said = odd(*words)
        told = (words[:2], value[:40], said[-300:])
        assert "internal error" not in said, told
        assert "Traceback" not in said, told
        assert status in (0, 1, 2, 3), told
        assert status != 2 or out or len(said.splitlines()) == 1, told  # or the help
        assert not UNSEEN.search(said), told
        assert not UNSEEN.search(out.decode("utf-8")), told
        assert not MADE.search(out.decode("utf-8")), told
    assert not Path("/nowhere").exists()
