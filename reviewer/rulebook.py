"""Finds and loads the rules that are to run."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from reviewer.api import Rule, Status
from reviewer.errors import UsageError
from reviewer.models import Finding

FOLDER = Path(__file__).parent / "rules"


@dataclass(frozen=True)
class LoadedRule:
    """A rule with its check function and the folder that it lives in."""

    rule: Rule
    check: Callable[[Any], Iterator[Finding]]
    folder: Path
    # of a FILE rule that also compares the two sides of a step
    check_step: Callable[[Any], Iterator[Finding]] | None = None

    @property
    def name(self) -> str:
        return self.rule.name

    @cached_property
    def _trigger(self) -> re.Pattern[bytes] | None:
        return re.compile(self.rule.trigger) if self.rule.trigger else None

    def wants(self, path: str, text: bytes) -> bool:
        """Whether the rule may have something to say about this text."""
        if not path.endswith(self.rule.languages):
            return False
        return self._trigger is None or self._trigger.search(text) is not None

    @property
    def lesson(self) -> str:
        """The lesson, Markdown."""
        return (self.folder / "lesson.md").read_text(encoding="utf-8")


def names() -> tuple[str, ...]:
    """The names of all rules, sorted."""
    from reviewer.rules import RULES

    return RULES


@cache
def load(name: str) -> LoadedRule:
    """Load one rule by its name.

    Raises UsageError, with the nearest name, if there is no such rule.
    """
    if name not in names():
        raise UsageError(f"no rule named {name!r}{_suggestion(name)}")
    folder = name.replace("-", "_")
    module = importlib.import_module(f"reviewer.rules.{folder}.rule")
    steps = getattr(module, "check_step", None)
    return LoadedRule(module.RULE, module.check, FOLDER / folder, steps)


def choose(
    select: Iterable[str] = (), ignore: Iterable[str] = (), *, preview: bool = False
) -> tuple[LoadedRule, ...]:
    """The rules to run: all stable ones, or those selected, less those ignored.

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
