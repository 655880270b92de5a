# SPDX-License-Identifier: GPL-2.0-or-later
"""Finds and loads the rules that are to run.

What a rule declares is read from ``rules/index.json``, so that a rule is imported only
when a patch wakes it: most patches wake few.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache, cached_property
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import asdict, fields

from reviewer.api import Rule, Scope, Status
from reviewer.errors import UsageError
from reviewer.models import Finding
from reviewer.patterns import regex
from reviewer.utf8 import decode, encode

if TYPE_CHECKING:
    from reviewer.c.bare_code import BareCode

FOLDER = Path(__file__).parent / "rules"
Check = Callable[[Any], Iterator[Finding]]


class WholeFile:
    """The text of a file, and what of it rules have asked: many need the same."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._holds: dict[bytes, bool] = {}

    def holds(self, needed: bytes) -> bool:
        """Says whether a regular expression matches anywhere in it."""
        if needed not in self._holds:
            self._holds[needed] = self._is_found(needed)
        return self._holds[needed]

    def _is_found(self, needed: bytes) -> bool:
        if any(word in self.data for word in _plain_words(needed)):
            return True
        begin = _beginnings(needed)
        if begin and not any(word in self.data for word in begin):
            return False
        return _pattern(needed).search(self.data) is not None

    def may_hold(self, shapes: tuple[bytes, ...]) -> bool:
        """Says whether one of the shapes of a rule may be in its code."""
        found = (_pattern(one).search(self._bare.text) for one in shapes)
        return self._bare.is_cut or any(found)

    @cached_property
    def _bare(self) -> BareCode:
        from reviewer.c.bare_code import bare_code

        return bare_code(self.data)


@cache
def _pattern(text: bytes) -> re.Pattern[bytes]:
    return regex(text)


@cache
def _ways(text: bytes) -> tuple[bytes, ...]:
    """The ways to match a regular expression, which it has between its outer bars."""
    ways, depth = [b""], 0
    for part in _PARTS.findall(text):
        depth += (part == b"(") - (part == b")")
        if part == b"|" and depth == 0:
            ways.append(b"")
        else:
            ways[-1] += part
    return tuple(ways)


@cache
def _plain_words(text: bytes) -> tuple[bytes, ...]:
    """Those of the ways that are plain text: such a text is found much faster, in a
    long file that has it at its end."""
    return tuple(way for way in _ways(text) if _PLAIN.fullmatch(way))


@cache
def _beginnings(text: bytes) -> tuple[bytes, ...]:
    """Plain text that each way begins with; () where one does not."""
    found = [_PLAIN_START.match(way) for way in _ways(text)]
    return tuple(one[1] for one in found if one) if all(found) else ()


# a backslash with what it escapes, or a set of characters, is one part
_PARTS = regex(rb"\\.|\[(?:\\.|[^\]\\])+\]|.", re.DOTALL)
_PLAIN = regex(rb"[\w &<>=!~/-]+")
_PLAIN_START = regex(rb"(?:\\b)?([\w &<>=!~/-]+)(?![?*{+])")


class LoadedRule:
    """A rule and the folder that it lives in; its module is imported when used."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.folder = FOLDER / rule.name.replace("-", "_")

    @property
    def name(self) -> str:
        return self.rule.name

    @cached_property
    def _module(self) -> ModuleType:
        return importlib.import_module(f"reviewer.rules.{self.folder.name}.rule")

    @property
    def check(self) -> Check:
        """What looks at the rule's scope."""
        found: Check = self._module.check
        return found

    @property
    def check_step(self) -> Check:
        """What compares the two sides of a step, of a FILE rule with ``steps_too``."""
        found: Check = self._module.check_step
        return found

    @cached_property
    def _trigger(self) -> re.Pattern[bytes] | None:
        return regex(self.rule.trigger) if self.rule.trigger else None

    def wants(self, path: str, text: bytes) -> bool:
        """Says whether the rule may have something to say about this text."""
        if not self._reads(path):
            return False
        return self._trigger is None or self._trigger.search(text) is not None

    def wants_all_of(self, path: str, file: WholeFile) -> bool:
        """Says whether the rule may have something to say about a whole file."""
        looks_for = (
            *self.rule.needs,
            *((self.rule.trigger,) if self.rule.trigger else ()),
        )
        return self._reads(path) and all(map(file.holds, looks_for))

    def _reads(self, path: str) -> bool:
        kind = path.rpartition("/")[2].partition(".")[0]  # of Kconfig.debug
        return path.endswith(self.rule.languages) or kind in self.rule.languages

    @property
    def for_steps(self) -> Check | None:
        """The check that takes a step; None if the rule looks at none."""
        if self.rule.scope is Scope.STEP:
            return self.check
        return self.check_step if self.rule.steps_too else None

    @property
    def takes_steps(self) -> bool:
        return self.rule.scope is Scope.STEP or self.rule.steps_too

    @property
    def lesson(self) -> str:
        """The lesson, Markdown."""
        return (self.folder / "lesson.md").read_text(encoding="utf-8")


@cache
def _index() -> dict[str, Rule]:
    rows = msgspec.json.decode((FOLDER / "index.json").read_bytes())
    for row in rows.values():
        row["trigger"] = encode(row["trigger"]) if "trigger" in row else None
        for words in ("needs", "shapes"):
            row[words] = tuple(encode(one) for one in row.get(words, ()))
    return msgspec.convert(rows, dict[str, Rule], builtin_types=(bytes,))


def names() -> tuple[str, ...]:
    """Returns the names of all rules, sorted."""
    return tuple(_index())


@cache
def load(name: str) -> LoadedRule:
    """Returns one rule by its name.

    Raises UsageError, with the nearest name, if there is no such rule.
    """
    if name not in _index():
        raise UsageError(f"no rule named {name!r}{_suggestion(name)}")
    return LoadedRule(_index()[name])


def declared(name: str) -> Rule:
    """Returns the ``RULE`` of the rule's own module, which the index repeats."""
    folder = name.replace("-", "_")
    rule: Rule = importlib.import_module(f"reviewer.rules.{folder}.rule").RULE
    return rule


def folders() -> tuple[str, ...]:
    """Returns the names of all rules that have a folder, those too that do not stand in
    the index yet, sorted."""
    found = FOLDER.glob("*/rule.py")
    return tuple(sorted(path.parent.name.replace("_", "-") for path in found))


def index_source() -> str:
    """Returns the text of ``rules/index.json``: the declarations of all rules, without
    what is the default; patterns stand in it as text."""
    import json

    rows = {name: _row(declared(name)) for name in folders()}
    return json.dumps(rows, indent=1, default=decode) + "\n"


def _row(rule: Rule) -> dict[str, object]:
    usual = {one.name: one.default for one in fields(Rule)}
    row = asdict(rule)
    return {key: value for key, value in row.items() if value != usual[key]}


def choose(
    select: Iterable[str] = (), ignore: Iterable[str] = (), *, preview: bool = False
) -> tuple[LoadedRule, ...]:
    """Returns the rules to run: all stable ones, or those selected, less those ignored.

    A name that ends in ``*`` stands for all names that begin so.  Raises
    UsageError for a name that matches no rule.
    """
    wanted = _expand(select)
    unwanted = _expand(ignore)
    chosen = []
    for name in names():
        if name in unwanted or (wanted and name not in wanted):
            continue
        loaded = load(name)
        if loaded.rule.status is Status.STABLE or preview or name in wanted:
            chosen.append(loaded)
    return tuple(chosen)


def _expand(patterns: Iterable[str]) -> frozenset[str]:
    found: set[str] = set()
    for pattern in patterns:
        if pattern.endswith("*"):
            matches = {name for name in names() if name.startswith(pattern[:-1])}
        else:
            matches = {pattern} & set(names())
        if not matches:
            raise UsageError(f"no rule named {pattern!r}{_suggestion(pattern)}")
        found |= matches
    return frozenset(found)


def _suggestion(name: str) -> str:
    import difflib

    near = difflib.get_close_matches(name, names(), n=1)
    return f"; did you mean {near[0]!r}?" if near else "; see 'kpf-review rules'"
