# SPDX-License-Identifier: GPL-2.0-or-later
"""Definitions that a patch takes away, or gates, while code that needs them stays."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from reviewer.api import Skipped, Step
from reviewer.c.conditions import TRUE, Condition, any_of, atom
from reviewer.c.text import declares_itself
from reviewer.facts import Facts
from reviewer.facts.header import Header
from reviewer.facts.includes import architecture
from reviewer.facts.missing_fact import FactsMissing
from reviewer.kit.gates_names import code_of, may_be_thrown_away, uses
from reviewer.kit.header_definitions import all_definitions_read, defined_in
from reviewer.kit.submission import whole_text
from reviewer.models import Evidence

_MOST_NAMES = 25  # that one patch takes out of one header
_MOST_USES = 40  # of one name that are looked at
_SHOWN = 6


class Left(Struct, frozen=True):
    """A name with uses that are left without it."""

    name: str
    kind: str
    path: str
    line: int
    removed_line: bool  # the line is of the pre-image
    condition: Condition  # where it is still defined
    given: Condition  # when the first of the uses is compiled
    configuration: dict[str, bool]
    uses: tuple[Evidence, ...]
    at_the_end: bool  # still so when the whole series is in


class _Narrowed(Struct, frozen=True):
    """A name that exists in fewer configurations than before."""

    name: str
    kind: str
    line: int
    removed_line: bool
    condition: Condition


def removed_while_used(step: Step) -> Iterator[Left]:
    """Yields the names of a header that the step narrows while somebody needs
    more; raises Skipped where that is too much to ask."""
    if step.pre is None:
        return
    path = step.change.diff.old_path or step.change.path
    if step.post is None or not path.endswith(".h"):
        return
    from reviewer.kit.gates_symbols import OTHER_PROGRAMS, is_incomplete

    if path.startswith(OTHER_PROGRAMS):
        return
    narrowed = list(_narrowed(step, path))
    if not narrowed:
        return
    arch = architecture(path)
    if arch == "um" or (arch and "/include/" not in path):
        why = "a header of one architecture, and another may have the name"
        raise Skipped(f"{path}: what is removed", why, path)
    if len(narrowed) > _MOST_NAMES:
        why = f"over {_MOST_NAMES} names at once"
        raise Skipped(f"{path}: what is removed", why, path)
    if is_incomplete(step.series):
        why = "patches of the series are not here, which may take the uses out"
        raise Skipped(f"{path}: what is removed", why, path)
    after = step.post.facts
    hits: dict[str, list[tuple[str, int, str]]] = {}
    names = [one.name for one in narrowed]
    # a header that is not in include/ is included from around it
    from reviewer.kit.gates import area

    around = () if path.startswith("include/") or arch else ("include", area(path))
    for hit in after.view.grep(names, around):
        for name in names:
            if re.search(rf"\b{re.escape(name)}\b", hit.text):
                if arch and architecture(hit.path) not in ("", arch):
                    continue  # another architecture has its own
                hits.setdefault(name, []).append((hit.path, hit.line, hit.text))
    for one in narrowed:
        yield from _left(step, after, path, one, hits.get(one.name, []))


def _narrowed(step: Step, path: str) -> Iterator[_Narrowed]:
    assert step.pre is not None
    assert step.post is not None
    old = Header(path, step.pre.source.data)
    new = Header(path, step.post.source.data)
    if not (old.conditionals.balanced and new.conditionals.balanced):
        return
    for name in _names(old, new):
        before = defined_in(old, name)
        after = defined_in(new, name)
        if not before or not (
            all_definitions_read(old, name) and all_definitions_read(new, name)
        ):
            continue
        was = any_of(condition for _, _, condition in before)
        now = any_of(condition for _, _, condition in after)
        if was.implies(now):
            continue
        gone = [e.line for _, e, _ in before if e.line in step.change.removed]
        if after and not gone:
            yield _Narrowed(name, after[0][0], after[0][1].line, False, now)
        else:
            line = gone[0] if gone else before[0][1].line
            yield _Narrowed(name, before[0][0], line, True, now)


def _names(old: Header, new: Header) -> list[str]:
    """The names whose definitions may differ, include guards left out."""

    def listed(header: Header) -> dict[str, set[Condition]]:
        found: dict[str, set[Condition]] = {}
        for define in header.defines:
            if define.body or define.params is not None:
                found.setdefault(define.name, set()).add(define.condition)
        for enum in header.enums:
            for member in enum.enumerators:
                if member.name:
                    found.setdefault(member.name, set()).add(member.condition)
        for name, functions in header.functions.items():
            for function in functions:
                line = header.line_of(function.start)
                found.setdefault(name, set()).add(header.condition(line))
        return found

    before, after = listed(old), listed(new)
    return [name for name, found in before.items() if found != after.get(name)]


def _left(
    step: Step,
    after: Facts,
    path: str,
    one: _Narrowed,
    hits: list[tuple[str, int, str]],
) -> Iterator[Left]:
    from reviewer.kit.other_headers import may_declare

    if any(p != path and may_declare(text, one.name) for p, _, text in hits):
        return  # it moved, or is another thing elsewhere
    # what the series makes of a file is not known where it does not apply to it
    unknown = {c.path for c in step.series.changes if not c.applied}
    said = whole_text(step.series.series) if step.series.series else ""
    broken_uses: list[tuple[Evidence, Condition, dict[str, bool]]] = []
    for place, line, text in hits[:_MOST_USES]:
        from reviewer.kit.gates_symbols import OTHER_PROGRAMS

        if place == path or place.startswith(OTHER_PROGRAMS) or place in unknown:
            continue
        if place in said:
            continue  # the sender tells what becomes of it
        broken = _broken(after, path, one, place, line)
        if broken is not None:
            shown = Evidence(place, line, " ".join(text.split())[:160])
            broken_uses.append((shown, *broken))
    broken_uses += _traced(after, one)
    if not broken_uses or _is_elsewhere(after, path, one):
        return
    # what most kernels are built with comes first
    broken_uses.sort(key=lambda use: len(use[1].symbols))
    found = [evidence for evidence, _, _ in broken_uses]
    _, given, configuration = broken_uses[0]
    yield Left(
        one.name,
        one.kind,
        path if one.removed_line else step.change.path,
        one.line,
        one.removed_line,
        one.condition,
        given,
        configuration,
        tuple(found[:_SHOWN]),
        _still(step, path, one, found),
    )


def _is_elsewhere(facts: Facts, path: str, one: _Narrowed) -> bool:
    """Whether any other header of the tree has the name: it may have moved there."""
    from reviewer.kit.other_headers import may_declare

    arch = architecture(path)
    return any(
        hit.path != path and may_declare(hit.text, one.name)
        for hit in facts.view.grep([one.name], suffixes=(".h",))
        if not arch or architecture(hit.path) in ("", arch)
    )


def _broken(
    facts: Facts, path: str, one: _Narrowed, place: str, line: int
) -> tuple[Condition, dict[str, bool]] | None:
    """Whether a use is compiled where the name no longer exists."""
    header = facts.header(place)
    if header is None or not place.endswith(".c"):
        return None
    here = [u for u in uses(place, header.data) if u.line == line]
    here = [u for u in here if u.name == one.name]
    if one.kind == "function":
        here = [u for u in here if u.called]
    if not here or declares_itself(code_of(place, header.data)[1], one.name):
        return None
    if one.name in header.functions:
        return None  # it went into the file that calls it
    if not header.conditionals.balanced or may_be_thrown_away(
        facts, place, header.data, here[0]
    ):
        return None
    arch = architecture(path)
    built = atom(f"SRCARCH == {arch}") if arch else TRUE
    from reviewer.kit.gates import breaking_configuration, compile_conditions

    for compiled in compile_conditions(facts, place, header.condition(line)):
        given = compiled & built
        configuration = breaking_configuration(facts, given, one.condition)
        breaks = configuration or (one.condition.is_false and given.satisfiable())
        if breaks and any(file == path for file, _ in facts.included(place, arch)):
            return given, configuration
    return None


def _traced(
    facts: Facts, one: _Narrowed
) -> Iterator[tuple[Evidence, Condition, dict[str, bool]]]:
    """The flag's entry in mmflags.h, where its name is pasted together."""
    if not one.name.startswith("PG_"):
        return
    try:
        entries = facts.trace_names
    except FactsMissing:
        return
    for entry in entries:
        if entry.flag != one.name:
            continue
        from reviewer.kit.gates import breaking_configuration

        configuration = breaking_configuration(facts, entry.condition, one.condition)
        if configuration or one.condition.is_false:
            yield entry.evidence, entry.condition, configuration


def _still(step: Step, path: str, one: _Narrowed, found: list[Evidence]) -> bool:
    """Whether the end of the series leaves it so."""
    last = step.series.after
    if last is None:
        return True
    header = last.header(path)
    if header is not None:
        now = [condition for _, _, condition in defined_in(header, one.name)]
        if not any_of(now).implies(one.condition):
            return False  # it is back
    word = one.name.removeprefix("PG_")
    for evidence in found:
        text = last.text(evidence.file)
        if text is not None and re.search(rf"\b(?:PG_)?{re.escape(word)}\b", text):
            return True
    return False
