# SPDX-License-Identifier: GPL-2.0-or-later
"""``select`` and ``depends on`` that a patch takes away while code still needs them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from posixpath import dirname

from msgspec import Struct

from reviewer.api import Skipped, Step
from reviewer.c.conditions import TRUE
from reviewer.facts import Facts
from reviewer.facts.kconfigfile import ConfigEntry, read_kconfig
from reviewer.facts.makefile import read_makefile
from reviewer.kit.built_sometimes import (
    Linked,
    UnlinkedCall,
    calls_without,
    defined_when,
    mentions,
)
from reviewer.kit.gates import breaking_configuration
from reviewer.kit.gates_names import uses
from reviewer.kit.gates_symbols import OTHER_PROGRAMS, is_incomplete
from reviewer.patterns import regex

_WORD = regex(r"\w+")
_MOST_LINES = 8  # that one patch takes out of one Kconfig file
_MOST_FILES = 40  # that an option builds
_MOST_NAMES = 20  # functions of one option that another calls


class Lost(Struct, frozen=True):
    """An option, what it no longer brings with it, and a call that needs that."""

    option: str
    needed: str
    line: int  # of the pre-image
    function: Linked
    call: UnlinkedCall


class _Removed(Struct, frozen=True):
    option: str
    needed: str
    line: int


def lost_dependencies(step: Step) -> Iterator[Lost]:
    """Yields for each option the first call of a function that may not be built
    any more; raises Skipped where that is too much to ask."""
    change, after = step.change, step.series.after
    if change.pre is None or change.post is None or step.pre is None or after is None:
        return
    if change.path.startswith(OTHER_PROGRAMS):
        return
    listed = _removed(change.pre, change.post, change.removed, after.kconfig.symbols)
    removed = list(islice(listed, _MOST_LINES + 1))
    if not removed or len(removed) > _MOST_LINES:
        return
    if is_incomplete(step.series):
        why = "patches of the series are not here, which may take the calls out"
        raise Skipped(f"{change.path}: what is removed", why, change.path)
    for one in removed:
        found = _needed_still(step.pre.facts, after, dirname(change.path), one)
        if found is not None:
            yield Lost(one.option, one.needed, one.line, *found)


def _removed(
    pre: bytes, post: bytes, lines: frozenset[int], options: frozenset[str]
) -> Iterator[_Removed]:
    """What a ``config`` block that stays no longer selects or depends on.

    Where it names an option that nobody defines instead, that is what is wrong.
    """
    text = pre.decode("utf-8", "replace").split("\n")
    places: dict[str, list[int]] = {}  # the removed lines that have a word
    for line in sorted(lines):
        for word in _WORD.findall(text[line - 1]):
            places.setdefault(word, []).append(line)
    before, now = _by_name(pre), _by_name(post)
    for name, entry in before.items():
        left = now.get(name)
        if left is None or not _brings(left) - _brings(entry) <= options:
            continue
        for needed in sorted(_brings(entry) - _brings(left)):
            at = next((n for n in places.get(needed, ()) if n > entry.line), None)
            if at is not None:
                yield _Removed(name, needed, at)


def _by_name(data: bytes) -> dict[str, ConfigEntry]:
    """The options that one block of the file defines."""
    found: dict[str, list[ConfigEntry]] = {}
    for entry in read_kconfig(data).entries:
        found.setdefault(entry.name, []).append(entry)
    return {name: entries[0] for name, entries in found.items() if len(entries) == 1}


def _brings(entry: ConfigEntry) -> set[str]:
    selected = {target for target, _condition in entry.selects}
    needed = entry.depends.some.symbols
    return selected | {symbol.removeprefix("CONFIG_") for symbol in needed}


def _needed_still(
    before: Facts, after: Facts, folder: str, one: _Removed
) -> tuple[Linked, UnlinkedCall] | None:
    """A call in what the option builds of a function that only the other one builds."""
    callers = _built_by(after, one.option, folder)
    wanted = _functions(after, _built_by(after, one.needed, "")) if callers else set()
    called = {
        use.name
        for path in callers
        for use in uses(path, (after.view.read(path) or b""))
        if use.called and use.name in wanted
    }
    names = sorted(called)[:_MOST_NAMES]
    for name, hits in (mentions(after, names) if names else {}).items():
        function = defined_when(after, name, hits)
        if function is None:
            continue
        inside = [hit for hit in hits if hit.path in callers]
        for call in calls_without(after, function, TRUE, inside):
            if not breaking_configuration(before, call.given, function.condition):
                return function, call
    return None


def _built_by(facts: Facts, option: str, folder: str) -> list[str]:
    """The .c files that makefiles list under an option."""
    found: dict[str, None] = {}
    name = f"CONFIG_{option}"
    under = (folder,) if folder else ()
    hits = facts.view.grep([name], under, suffixes=("Makefile", "Kbuild"))
    for path in dict.fromkeys(hit.path for hit in hits):
        data = facts.view.read(path)
        entries = read_makefile(data) if data else ()
        parts: dict[str, list[str]] = {}
        for entry in entries:
            composite = re.fullmatch(r"(.+)-(?:y|objs)", entry.variable)
            if composite:
                parts.setdefault(composite[1], []).append(entry.element)
        for entry in entries:
            if name not in entry.condition.symbols or not entry.element.endswith(".o"):
                continue
            stem = entry.element.removesuffix(".o")
            for element in (entry.element, *parts.get(stem, ())):
                source = f"{dirname(path)}/{element.removesuffix('.o')}.c".lstrip("/")
                if element.endswith(".o") and facts.view.exists(source):
                    found[source] = None
    return list(found)[:_MOST_FILES]


def _functions(facts: Facts, paths: list[str]) -> set[str]:
    """The functions that these files define for others."""
    found: set[str] = set()
    for path in paths:
        header = facts.header(path)
        for name, functions in header.functions.items() if header else ():
            if any(f.body and "static" not in f.returns.split() for f in functions):
                found.add(name)
    return found
