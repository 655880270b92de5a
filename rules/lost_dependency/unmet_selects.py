# SPDX-License-Identifier: GPL-2.0-or-later
"""``select X`` where nothing makes sure of what X depends on.

A select disregards the dependencies of its target: Kconfig warns of "unmet direct
dependencies", and the code of the target is built without what it needs
(Documentation/kbuild/kconfig-language.rst, "reverse dependencies").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from reviewer.api import Skipped
from reviewer.c.conditions import Condition, all_of
from reviewer.c.formula import enabled
from reviewer.facts.kconfig_definitions import OptionDefinition
from reviewer.facts.kconfigfile import ConfigEntry, Level, read_kconfig
from reviewer.kit.gates import breaking_configuration
from reviewer.kit.gates_symbols import OTHER_PROGRAMS, is_incomplete
from reviewer.models import Evidence

if TYPE_CHECKING:
    from reviewer.api import Step
    from reviewer.facts import Facts
    from reviewer.facts.kconfig import Kconfig

_MOST_SELECTS = 12  # of one patch that are asked about: each takes up to a second


class Unmet(Struct, frozen=True):
    """A select, and a configuration in which its target's dependencies do not hold."""

    option: str
    target: str
    lacking: Condition  # of the dependencies those that do not hold there
    line: int
    removed_line: bool
    definition: Evidence  # of the target
    select: Evidence
    given: Condition
    configuration: dict[str, bool]
    others: tuple[Evidence, ...] = ()  # further selects of the target without it


class _Select(Struct, frozen=True):
    """One select of one block, with when it is at work."""

    entry: ConfigEntry
    path: str
    target: str
    given: Condition


def unmet_selects(step: Step) -> Iterator[Unmet]:
    """Yields the selects that the patch leaves without what their targets depend
    on; raises Skipped where that is too much to ask."""
    change, after = step.change, step.series.after
    if change.pre is None or change.post is None or step.pre is None or after is None:
        return
    if change.path.startswith(OTHER_PROGRAMS):
        return
    listed = list(islice(_changed(step, after), _MOST_SELECTS + 1))
    if not listed:
        return
    if len(listed) > _MOST_SELECTS:
        what = f"{change.path}: more than {_MOST_SELECTS} selects"
        raise Skipped(what, "too many to ask Kconfig about", change.path)
    if is_incomplete(step.series):
        why = "patches of the series are not here, which may bring the dependency"
        raise Skipped(f"{change.path}: what is selected", why, change.path)
    said: dict[str, Unmet] = {}
    for one in listed:
        found = _refuted(after, one)
        if found is None or one.entry.name in said:
            continue
        if _was_unmet(step.pre.facts, one):
            continue
        unmet = _placed(step, after, one, *found)
        if all(after.kconfig.definitions(name) for name in _lacked(unmet)):
            said[one.entry.name] = unmet
    yield from _together(said.values())


def _lacked(unmet: Unmet) -> Iterator[str]:
    """The options that are lacking.  One that nobody defines can never be on, which
    is said where it is named (unknown-config-symbol)."""
    return (name.removeprefix("CONFIG_") for name in unmet.lacking.symbols)


def _together(found: Iterable[Unmet]) -> Iterator[Unmet]:
    """Yields one for each target and what it lacks, with the further selects of it."""
    groups: dict[tuple[str, Condition, int], list[Unmet]] = {}
    for one in found:
        groups.setdefault((one.target, one.lacking, one.line), []).append(one)
    for first, *rest in groups.values():
        yield replace(first, others=tuple(one.select for one in rest))


def _changed(step: Step, after: Facts) -> Iterator[_Select]:
    """The selects of blocks that the patch changes, and those of such blocks."""
    path = step.change.path
    old = _blocks(step.change.pre or b"")
    for name, entries in _blocks(step.change.post or b"").items():
        before = old.get(name, ())
        if [_said(e) for e in before] == [_said(e) for e in entries]:
            continue
        narrowed = bool(before) and _narrowed(before, entries)
        for definition in after.kconfig.definitions(name):
            if definition.path != path:
                continue
            for target, condition in definition.entry.selects:
                yield _select(definition, target, condition)
        if narrowed:
            for definition, condition in after.kconfig.selectors(name):
                yield _select(definition, name, condition)


def _blocks(data: bytes) -> dict[str, tuple[ConfigEntry, ...]]:
    found: dict[str, tuple[ConfigEntry, ...]] = {}
    for entry in read_kconfig(data).entries:
        found[entry.name] = (*found.get(entry.name, ()), entry)
    return found


def _said(entry: ConfigEntry) -> tuple[object, ...]:
    return entry.around, entry.depends, tuple(entry.selects)


def _narrowed(before: tuple[ConfigEntry, ...], now: tuple[ConfigEntry, ...]) -> bool:
    """Whether the option depends on more than it did."""
    one, two = before[0], now[0]
    was, is_now = one.around & one.depends, two.around & two.depends
    return was != is_now and not was.some.implies(is_now.some)


def _select(definition: OptionDefinition, target: str, condition: Level) -> _Select:
    entry = definition.entry
    given = enabled(f"CONFIG_{entry.name}") & definition.depends.some & condition.some
    return _Select(entry, definition.path, target, given)


def _refuted(facts: Facts, one: _Select) -> tuple[Condition, dict[str, bool]] | None:
    """When it is at work without what its target needs, by an example of Kconfig's."""
    kconfig = facts.kconfig
    definitions = kconfig.definitions(one.target)
    if not definitions or any(d.entry.choice is not None for d in definitions):
        return (
            None  # of a member the choice decides: sym_calc_value(), kconfig/symbol.c
        )
    given = one.given & kconfig.read_for(one.target)
    depends = kconfig.depends(one.target)
    if not breaking_configuration(facts, given, depends):
        return None
    found = kconfig.refute(given, depends, thorough=True)
    if found is None or not found.complete:
        return None
    return given, found.configuration


def _was_unmet(facts: Facts, one: _Select) -> bool:
    """Whether the same select was as unmet before the patch."""
    for definition, condition in facts.kconfig.selectors(one.target):
        if definition.entry.name == one.entry.name:
            before = _select(definition, one.target, condition)
            if _refuted(facts, before) is not None:
                return True
    return False


def _placed(
    step: Step,
    after: Facts,
    one: _Select,
    given: Condition,
    configuration: dict[str, bool],
) -> Unmet:
    kconfig = after.kconfig
    lacking = _lacking(kconfig, one.target, configuration)
    data = after.view.read(one.path) or b""
    select = _select_line(data, one)
    shown = Evidence(one.path, select, _text(data, select))
    line, removed = _shown_at(step, one, select, lacking)
    definition = kconfig.definitions(one.target)[0].evidence
    return Unmet(
        one.entry.name,
        one.target,
        lacking,
        line,
        removed,
        definition,
        shown,
        given,
        configuration,
    )


def _lacking(
    kconfig: Kconfig, target: str, configuration: dict[str, bool]
) -> Condition:
    """The conjuncts of the dependencies that the configuration makes false."""
    depends = kconfig.depends(target)
    parts = depends.parts if depends.kind == "and" else (depends,)
    false = [part for part in parts if part.assign(configuration).is_false]
    return all_of(false) if false else depends


def _select_line(data: bytes, one: _Select) -> int:
    """The line of the select in its block."""
    lines = data.decode("utf-8", "replace").split("\n")
    wanted = re.compile(rf"\s*select\s+{re.escape(one.target)}(?!\w)")
    for number in range(one.entry.line, len(lines)):
        if re.match(r"\s*(?:menu)?config\s", lines[number]):
            break
        if wanted.match(lines[number]):
            return number + 1
    return one.entry.line


def _text(data: bytes, line: int) -> str:
    lines = data.split(b"\n")
    text = lines[line - 1] if line <= len(lines) else b""
    return " ".join(text.decode("utf-8", "replace").split())[:160]


def _shown_at(
    step: Step, one: _Select, select: int, lacking: Condition
) -> tuple[int, bool]:
    """The line of the patch that makes it so: (line, whether of the pre-image)."""
    change = step.change
    if one.path == change.path and select in change.added:
        return select, False
    words = {name.removeprefix("CONFIG_") for name in lacking.symbols}
    gone = _in_block(change.pre, change.removed, one.entry.name)
    new = _in_block(change.post, change.added, one.target)
    new += _in_block(change.post, change.added, one.entry.name)
    places = [(line, text, True) for line, text in gone]
    places += [(line, text, False) for line, text in new]
    # what has the name of the lost dependency tells most
    places.sort(key=lambda place: not words & set(re.findall(r"\w+", place[1])))
    if places:
        return places[0][0], places[0][2]
    lines = change.removed or change.added
    return min(lines), lines is change.removed


def _in_block(
    data: bytes | None, lines: frozenset[int], option: str
) -> list[tuple[int, str]]:
    """Those of the lines that stand in a ``config`` block of the option."""
    found = []
    inside = False
    texts = (data or b"").decode("utf-8", "replace").split("\n")
    for number, text in enumerate(texts, 1):
        begins = re.match(r"\s*(?:menu)?config\s+(\w+)", text)
        if begins is not None:
            inside = begins[1] == option
        if inside and number in lines:
            found.append((number, text))
    return found
