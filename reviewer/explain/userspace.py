# SPDX-License-Identifier: GPL-2.0-or-later
"""What user space sees of a name: the KPF_ bits of /proc/kpageflags.

Read from fs/proc/page.c: the statement that sets each bit and the conditions it
stands under.
"""

from __future__ import annotations

from functools import lru_cache

from msgspec import Struct

from reviewer.c.source import Source
from reviewer.explain.model import Line, condition_words
from reviewer.facts import Facts
from reviewer.facts.kpf import PAGE_C, Kpf, Setter
from reviewer.facts.missing_fact import FactsMissing
from reviewer.patterns import regex

_WORD = regex(r"\w+")
_ASSIGNED = regex(r"(?<![\w>.])([a-z]\w*)\s*=(?!=)\s*([^;]+);")
_DEFINED = regex(r"(?m)^#define[ \t]+(\w+)[ \t]+(.+)$")


class Export(Struct, frozen=True):
    """A place that sets a KPF_ bit, and the conditions around it, outermost first."""

    setter: Setter
    guards: tuple[str, ...]
    names: frozenset[str]  # all that decides about it, through locals and macros


def exports(facts: Facts) -> tuple[Export, ...]:
    """Returns all places in fs/proc/page.c that set a bit; raises FactsMissing."""
    source = facts.source(PAGE_C)
    found = []
    for setter in facts.kpf.setters:
        guards = _guards(source, setter.evidence.line)
        names = _names(source, setter.evidence.line, (*guards, setter.evidence.text))
        found.append(Export(setter, guards, names))
    return tuple(found)


def export_lines(facts: Facts, names: set[str]) -> list[Line]:
    """Returns the KPF_ bits that one of the names decides about, number and place."""
    try:
        found = [e for e in exports(facts) if names & e.names]
        return [export_line(facts.kpf, export) for export in found]
    except FactsMissing as missing:
        return [Line(f"cannot be told: {missing}")]


def export_line(kpf: Kpf, export: Export) -> Line:
    """Returns ``KPF_KSM, number 21, set if (...)``."""
    setter = export.setter
    bit = kpf.get(setter.kpf)
    number = f"number {bit.number}" if bit else "a number this tree does not define"
    if setter.how == "copy":
        how = f"copied from {setter.flag} in {setter.word}"
    else:
        how = "computed"
    if export.guards:
        how += f", where {' and '.join(export.guards)}"
    if not setter.condition.is_true:
        how += f", {condition_words(setter.condition)}"
    return Line(f"{setter.kpf}, {number}: {how}", setter.evidence)


@lru_cache(maxsize=512)
def _guards(source: Source | None, line: int) -> tuple[str, ...]:
    """The conditions of the ifs around a line."""
    if source is None:
        return ()
    function = source.function_at(line)
    if function is None:
        return ()
    found: list[str] = []
    for node in source.walk(function.node, "if_statement"):
        condition = node.child_by_field_name("condition")
        taken = node.child_by_field_name("consequence")
        other = node.child_by_field_name("alternative")
        if condition is None:
            continue
        text = " ".join(source.text(condition).split())
        for branch, shown in ((taken, text), (other, f"!{text}")):
            if branch is None:
                continue
            first, last = branch.start_point[0] + 1, branch.end_point[0] + 1
            if first <= line <= last:
                found.append(shown)
    return tuple(found)


def _names(source: Source | None, line: int, texts: tuple[str, ...]) -> frozenset[str]:
    """The words of the texts, and of what locals and macros of the file stand for."""
    names = {word for text in texts for word in _WORD.findall(text)}
    if source is None:
        return frozenset(names)
    meanings = _meanings(source, line)
    for name in sorted(names):
        names.update(_WORD.findall(meanings.get(name, "")))
    return frozenset(names)


@lru_cache(maxsize=512)
def _meanings(source: Source, line: int) -> dict[str, str]:
    """What the locals of the function around a line, and the file's macros, hold."""
    found: dict[str, str] = {}
    function = source.function_at(line)
    places = [source.text(function.node)] if function is not None else []
    for text in places:
        for name, value in _ASSIGNED.findall(text):
            found[name] = f"{found.get(name, '')} {value}"
    for name, value in _DEFINED.findall(source.data.decode("utf-8", "replace")):
        found[name] = value
    return found
