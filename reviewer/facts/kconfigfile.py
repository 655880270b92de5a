# SPDX-License-Identifier: GPL-2.0-or-later
"""One Kconfig file, read as text: what it defines, selects and sources.

Nothing is evaluated and no macro is expanded: ``$(shell,...)`` in a Kconfig file of
a patch would run what it says.  An expression that needs a macro is an opaque atom.
Not kconfiglib: that runs the shell, reads files on disk, and one architecture only.
Syntax: Documentation/kbuild/kconfig-language.rst.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property, lru_cache
from posixpath import basename
from typing import Any

from msgspec import Struct, field

from reviewer.c.conditions import FALSE, TRUE, Condition, atom, number_test
from reviewer.c.formula import enabled, symbol
from reviewer.c.precedence import Climber, Unreadable
from reviewer.patterns import regex

_TYPES = {"bool", "boolean", "tristate", "int", "hex", "string"}
_DEFAULTS = {"def_bool": "bool", "def_tristate": "tristate"}
_TOKEN = regex(
    r"\s*(&&|\|\||!=|<=|>=|[!=<>()]|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|[\w./-]+|\$|\S)"
)
_IF = regex(r"\s+if\s+")
_WORD = regex(r"[\w-]+")
_WAYS = ("select", "imply")


class Level(Struct, frozen=True):
    """The two thresholds of a tristate value: it is y, it is at least m."""

    yes: Condition
    some: Condition

    def __and__(self, other: Level) -> Level:
        return Level(self.yes & other.yes, self.some & other.some)

    def __or__(self, other: Level) -> Level:
        return Level(self.yes | other.yes, self.some | other.some)

    def __invert__(self) -> Level:
        return Level(~self.some, ~self.yes)


ALWAYS = Level(TRUE, TRUE)
NEVER = Level(FALSE, FALSE)


class Choice(Struct):
    """One ``choice`` block: where it is shown, one of its members is y."""

    around: Level
    prompt: Level = NEVER
    optional: bool = False
    members: list[ConfigEntry] = field(default_factory=list)


class _Said(Struct):
    """What one ``config`` block says."""

    type: str | None = None
    prompt: Level = NEVER
    depends: Level = ALWAYS
    defaults: list[tuple[Level, Level]] = field(default_factory=list)
    selects: list[tuple[str, Level]] = field(default_factory=list)
    implies: list[tuple[str, Level]] = field(default_factory=list)
    text: str = ""


class ConfigEntry:
    """One ``config`` block; everything in it is under ``around``.

    A file has hundreds, and most are asked for their name only: what one says is read
    at the first question.
    """

    type: str | None
    prompt: Level  # when it can be set by hand
    depends: Level
    defaults: list[tuple[Level, Level]]  # value, if
    selects: list[tuple[str, Level]]
    implies: list[tuple[str, Level]]
    text: str  # "depends on" as written, for people

    def __init__(
        self, name: str, line: int, around: Level, choice: Choice | None = None
    ) -> None:
        self.name = name
        self.line = line
        self.around = around
        self.choice = choice
        self._lines: list[tuple[str, str]] = []

    def add(self, word: str, rest: str) -> None:
        """Take one more line of the block."""
        self._lines.append((word, rest))

    def may_lead_to(self, name: str) -> bool:
        """Says whether a line of the block may select or imply an option."""
        return any(
            word in _WAYS and rest.startswith(name) for word, rest in self._lines
        )

    @cached_property
    def _said(self) -> _Said:
        said = _Said()
        for word, rest in self._lines:
            _property(said, word, rest)
        return said

    def __getattr__(self, name: str) -> Any:
        if name not in ConfigEntry.__annotations__:
            raise AttributeError(name)
        return getattr(self._said, name)


class KconfigFile(Struct, frozen=True):
    """What one file says, each under the ``if`` and ``menu`` blocks around it."""

    entries: tuple[ConfigEntry, ...]
    sources: tuple[tuple[str, Level], ...]


def is_kconfig(path: str) -> bool:
    """Says whether a path is that of a Kconfig file: Kconfig, Kconfig.debug."""
    return basename(path).split(".")[0] == "Kconfig"


@lru_cache(maxsize=8192)
def read_kconfig(data: bytes) -> KconfigFile:
    """Read one file; what cannot be read is skipped."""
    return _File().read(data)


class _File:
    """Walks the statements and keeps the stack of blocks."""

    def __init__(self) -> None:
        self.entries: list[ConfigEntry] = []
        self.sources: list[tuple[str, Level]] = []
        self.stack: list[Level] = [ALWAYS]
        self.entry: ConfigEntry | None = None
        self.in_block = False  # right after menu/choice: its own depends on
        self.choice: Choice | None = None

    def read(self, data: bytes) -> KconfigFile:
        for line, text in statements(data):
            word, _, rest = text.partition(" ")
            self.statement(line, word, rest.strip())
        return KconfigFile(tuple(self.entries), tuple(self.sources))

    def statement(self, line: int, word: str, rest: str) -> None:
        if word in ("config", "menuconfig"):
            name = rest.split()[0] if rest else ""
            self.entry = ConfigEntry(name, line, self.stack[-1], self.choice)
            self.in_block = False
            if _WORD.fullmatch(name):
                self.entries.append(self.entry)
                if self.choice is not None:
                    self.choice.members.append(self.entry)
        elif word in ("menu", "choice", "if"):
            around = self.stack[-1]
            if word == "if":
                around = around & expression(rest)
            if len(self.stack) < 200:
                self.stack.append(around)
            self.entry, self.in_block = None, word != "if"
            if word == "choice":
                self.choice = Choice(around)
        elif word in ("endmenu", "endchoice", "endif"):
            if len(self.stack) > 1:
                self.stack.pop()
            self.entry, self.in_block = None, False
            if word == "endchoice":
                self.choice = None
        elif word in ("source", "rsource", "osource", "orsource"):
            self.sources.append((rest.strip("\"' "), self.stack[-1]))
            self.entry, self.in_block = None, False
        elif word == "comment":
            self.entry, self.in_block = None, False
        elif self.entry is not None:
            self.entry.add(word, rest)
        elif self.in_block and word == "depends":
            self.stack[-1] = self.stack[-1] & expression(_after_on(rest))
            if self.choice is not None:
                self.choice.around = self.stack[-1]
        elif self.in_block and self.choice is not None:
            if word == "optional":
                self.choice.optional = True
            elif word in ("prompt", "bool", "tristate") and rest:
                self.choice.prompt = self.choice.prompt | _condition(rest)[1]


def _property(entry: _Said, word: str, rest: str) -> None:
    if word == "depends":
        text = _after_on(rest)
        entry.depends = entry.depends & expression(text)
        entry.text = f"{entry.text} && {text}" if entry.text else text
    elif word in _TYPES:
        entry.type = "bool" if word == "boolean" else word
        if rest:
            entry.prompt = entry.prompt | _condition(rest)[1]
    elif word in _DEFAULTS or word == "default":
        entry.type = _DEFAULTS.get(word, entry.type)
        value, condition = _condition(rest)
        entry.defaults.append((expression(value), condition))
    elif word == "prompt":
        entry.prompt = entry.prompt | _condition(rest)[1]
    elif word in _WAYS:
        ways = entry.selects if word == "select" else entry.implies
        ways.append(_condition(rest))


def _after_on(rest: str) -> str:
    return rest[2:].strip() if rest.startswith("on") else rest


def _condition(text: str) -> tuple[str, Level]:
    """``VALUE if CONDITION``, quotes respected."""
    quoted = re.match(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'", text)
    start = quoted.end() if quoted else 0
    match = _IF.search(text, start)
    if match is None:
        return text.strip(), ALWAYS
    return text[: match.start()].strip(), expression(text[match.end() :])


def statements(data: bytes) -> Iterator[tuple[int, str]]:
    """Yields lines with comments and help texts out, continuations joined."""
    lines = data.decode("utf-8", "replace").split("\n")
    place = 0
    while place < len(lines):
        number = place + 1
        text = lines[place].rstrip("\r")
        while text.endswith("\\") and place + 1 < len(lines):
            place += 1
            text = text[:-1] + " " + lines[place].rstrip("\r")
        place += 1
        text = " ".join(_uncommented(text).split())
        if text in ("help", "---help---"):
            place = _after_help(lines, place)
        elif text:
            yield number, text


def _uncommented(text: str) -> str:
    if "#" not in text:
        return text
    match = re.match(r"(?:\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|[^#])*", text)
    return match[0] if match else ""


def _after_help(lines: list[str], place: int) -> int:
    """The help text ends at the first line that is less indented than its first."""
    indent = None
    while place < len(lines):
        line = lines[place].expandtabs(8)
        if line.strip():
            depth = len(line) - len(line.lstrip())
            if indent is None:
                indent = depth
            if depth < indent or depth == 0:
                break
        place += 1
    return place


# --- expressions ------------------------------------------------------------------


@lru_cache(maxsize=16_384)
def expression(text: str) -> Level:
    """Returns a Kconfig expression; what cannot be read is an opaque atom."""
    tokens = _TOKEN.findall(text.rstrip())
    try:
        if "$" in text:
            raise Unreadable
        return _Expression(tokens).whole_expression()
    except Unreadable:
        opaque = atom(f"Kconfig says {' '.join(tokens)}")
        return Level(opaque, opaque)


class _Expression(Climber[Level]):
    """``A && (B = y || !C)``; a comparison is an operand, for its sides are words."""

    longest = 400
    deepest = 60

    def operand(self) -> Level:
        token = self.take()
        if token == "!":
            return ~self.unary()
        if token == "(":
            level = self.ternary()
            self.take(")")
            return level
        if token in _SIGNS:
            raise Unreadable
        if self.peek() in _COMPARING:
            return _compared(token, self.take(), self.take())
        return _value(token)

    def joined(self, operator: str, left: Level, right: Level, start: int) -> Level:
        if operator == "||":
            return left | right
        if operator == "&&":
            return left & right
        raise Unreadable

    def chosen(self, test: Level, yes: Level | None, no: Level, start: int) -> Level:
        raise Unreadable


_COMPARING = ("=", "!=", "<", ">", "<=", ">=")
_SIGNS = ("&&", "||", ")", *_COMPARING)


def _value(token: str) -> Level:
    word = token.strip("\"'")
    if word in ("y", "n"):
        return ALWAYS if word == "y" else NEVER
    if word == "m":  # without loadable modules the constant m is n
        return Level(FALSE, symbol("CONFIG_MODULES"))
    if not re.fullmatch(r"\w+", token):
        raise Unreadable
    return Level(symbol(f"CONFIG_{token}"), enabled(f"CONFIG_{token}"))


def _compared(left: str, operator: str, right: str) -> Level:
    word = right.strip("\"'")
    if operator in ("=", "!=") and word in ("y", "m", "n") and left.isidentifier():
        level = _value(left)
        match = {"y": level.yes, "m": level.some & ~level.yes, "n": ~level.some}[word]
        holds = match if operator == "=" else ~match
    elif re.fullmatch(r"-?\d{1,18}", right) and re.fullmatch(r"[A-Z]\w*", left):
        holds = number_test(f"CONFIG_{left}", operator, int(right))
    else:
        holds = atom(f"Kconfig says {left} {operator} {right}")
    return Level(holds, holds)
