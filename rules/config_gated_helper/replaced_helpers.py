# SPDX-License-Identifier: GPL-2.0-or-later
"""Helpers with a stub, and raw tests that a patch puts in their place.

``PageKsm()`` is constant 0 without CONFIG_KSM; ``mapping & PAGE_MAPPING_KSM`` is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from reviewer.c.conditions import Condition, any_of
from reviewer.c.text import CALLED, without_literals
from reviewer.facts.missing_fact import FactsMissing
from reviewer.kit.gates_names import code_of
from reviewer.patterns import regex

if TYPE_CHECKING:
    from tree_sitter import Node

    from reviewer.api import FileImage, Step
    from reviewer.c.source import Function
    from reviewer.facts import Facts
    from reviewer.facts.helper_records import HelperDefinition

_PASTED = regex(r"_*(?:Page[A-Z]|folio_(?:test|has)_|page_is_)")
_CONSTANT = regex(r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b")
_ROLE = regex(r"(?:_MASK|_FLAGS|_SHIFT|_BITS)\Z|\A(?:VM_|WARN|BUG|READ_ONCE)")
_KPF = regex(r"\bKPF_\w+")
_WORDS = {"if", "while", "for", "switch", "return", "sizeof", "defined"}
_MOST_OTHERS = 4  # helpers outside the page flags that one patch is asked about


class Gated(Struct, frozen=True):
    """A helper that does nothing without its option."""

    name: str
    gate: Condition
    stub: HelperDefinition
    real: HelperDefinition
    flag: str | None
    values: frozenset[str]  # what its body compares with


class Swap(Struct, frozen=True):
    """A gated helper and a raw test that take each other's place."""

    helper: Gated
    function: str
    line: int  # of the post-image
    gained: bool  # the helper comes, the raw test goes
    off_counts: bool  # the state can exist with the option off


def replaced_helpers(step: Step) -> Iterator[Swap]:
    """Yields every gated helper that the step replaces by a raw test, and the
    reverse."""
    if step.pre is None or step.post is None:
        return
    old, new = _by_name(step.pre), _by_name(step.post)
    for name, before in old.items():
        after = new.get(name)
        if after is None:
            continue
        yield from _lost(step.pre, step.post, before, after, step.change.added)
        yield from _gained(step.pre, step.post, before, after, step.change)


def _by_name(image: FileImage) -> dict[str, Function]:
    return {
        function.name: function
        for function in image.source.functions
        if not function.broken
        and image.in_focus(function.first_line, function.last_line)
    }


def _lines(image: FileImage, function: Function) -> list[tuple[int, str]]:
    _, code = code_of(image.source.path, image.source.data)
    lines = code.split("\n")
    span = range(function.first_line, function.last_line + 1)
    return [(n, lines[n - 1]) for n in span if n <= len(lines)]


def _calls(lines: list[tuple[int, str]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for _, text in lines:
        for name in CALLED.findall(text):
            if name not in _WORDS:
                found[name] = found.get(name, 0) + 1
    return found


def _lost(
    pre: FileImage,
    post: FileImage,
    before: Function,
    after: Function,
    added: frozenset[int],
) -> Iterator[Swap]:
    was, now = _lines(pre, before), _lines(post, after)
    had, has = _calls(was), _calls(now)
    lost = [name for name, count in had.items() if has.get(name, 0) < count]
    come = [name for name, count in has.items() if had.get(name, 0) < count]
    if not lost:
        return
    fresh = [(n, text) for n, text in now if n in added]
    for helper in _gated(post.facts, lost):
        if any(_same_thing(post.facts, other, helper) for other in come):
            continue
        line = _raw_line(fresh, helper) or _same_bit(pre, post, before, after, helper)
        if line is None or line not in added:
            continue
        if _is_gated(post, line, helper.gate):
            continue
        yield _swap(post, helper, after, line, False)


def _gained(
    pre: FileImage, post: FileImage, before: Function, after: Function, change: object
) -> Iterator[Swap]:
    removed = frozenset(getattr(change, "removed", ()))
    added = frozenset(getattr(change, "added", ()))
    was, now = _lines(pre, before), _lines(post, after)
    had, has = _calls(was), _calls(now)
    come = [name for name, count in has.items() if had.get(name, 0) < count]
    lost = [name for name, count in had.items() if has.get(name, 0) < count]
    gone = [(n, text) for n, text in was if n in removed]
    if not come or not gone:
        return
    for helper in _gated(post.facts, come):
        if any(_same_thing(post.facts, other, helper) for other in lost):
            continue
        raw = _raw_line(gone, helper)
        if raw is None or _is_gated(pre, raw, helper.gate):
            continue
        call = re.compile(rf"\b{re.escape(helper.name)}\s*\(")
        line = next((n for n, text in now if n in added and call.search(text)), None)
        if line is not None and not _is_gated(post, line, helper.gate):
            yield _swap(post, helper, after, line, True)


def _swap(
    image: FileImage, helper: Gated, function: Function, line: int, gained: bool
) -> Swap:
    counts = _exists_without(image.facts, helper)
    return Swap(helper, function.name, line, gained, counts)


# --- helpers --------------------------------------------------------------------


def _gated(facts: Facts, names: list[str]) -> Iterator[Gated]:
    pasted = [name for name in names if _PASTED.match(name)]
    others = [name for name in names if name not in pasted and name.islower()]
    for name in (*pasted, *others[:_MOST_OTHERS]):
        helper = gated_helper(facts, name)
        if helper is not None:
            yield helper


def gated_helper(facts: Facts, name: str) -> Gated | None:
    """Returns the helper, if it has a stub for some configurations and a body for
    others."""
    definitions = [d for d in _definitions(facts, name) if not d.is_prototype]
    stubs = [d for d in definitions if d.stub]
    real = [d for d in definitions if not d.stub]
    if not stubs or not real or any(d.condition.is_true for d in definitions):
        return None
    gate = any_of(d.condition for d in real)
    if any(d.condition.implies(gate) for d in stubs):
        return None
    main = _delegate(facts, real[0])
    words = _CONSTANT.findall(without_literals(main.body))
    values = frozenset(word for word in words if not _ROLE.search(word))
    flag = main.flag
    if flag is not None and flag.lower() != f"pg_{_stem(name)}":
        flag = None  # PageTransCompound() looks at PG_head, and is more than that
    return Gated(name, gate, stubs[0], real[0], flag, values)


def _delegate(facts: Facts, definition: HelperDefinition) -> HelperDefinition:
    """What PageKsm() calls: the folio form of the same helper."""
    try:
        main = facts.helpers.without_delegation(definition)
    except FactsMissing:
        return definition
    return main if _stem(main.name) == _stem(definition.name) else definition


def _definitions(facts: Facts, name: str) -> tuple[HelperDefinition, ...]:
    """Of page-flags.h and the headers beside it: no search of the whole tree."""
    try:
        helper = facts.helpers.get(name)
    except FactsMissing:
        return ()
    return helper.definitions if helper is not None else ()


def _same_thing(facts: Facts, name: str, helper: Gated) -> bool:
    """Whether another helper tests the same: then its own gate is what counts."""
    if name == helper.name or not _PASTED.match(name):
        return name == helper.name
    for definition in _definitions(facts, name):
        if definition.stub or definition.is_prototype:
            continue
        body = definition.body
        if helper.flag is not None and definition.flag == helper.flag:
            return True
        if any(re.search(rf"\b{value}\b", body) for value in helper.values):
            return True
        if re.search(rf"\b{re.escape(helper.name)}\s*\(", body):
            return True
    return _stem(name) == _stem(helper.name)


def _stem(name: str) -> str:
    """PageKsm and folio_test_ksm: ksm."""
    return re.sub(r"\A_*(?:Page|folio_(?:test|has)_|page_is_)", "", name).lower()


def _raw_line(lines: list[tuple[int, str]], helper: Gated) -> int | None:
    """The first line that tests what the helper's body tests."""
    words = {*helper.values, *([helper.flag] if helper.flag else [])}
    if not words:
        return None
    either = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(words)))})\b")
    tests = re.compile(r"[&=]|_bit\b")
    for number, text in lines:
        if either.search(text) and tests.search(text):
            return number
    return None


def _same_bit(
    pre: FileImage, post: FileImage, before: Function, after: Function, helper: Gated
) -> int | None:
    """The raw test that now decides about the KPF bit that the helper decided about."""
    alone = re.compile(rf"\(\s*{re.escape(helper.name)}\s*\([^()]*\)\s*\)")
    bits: set[str] = set()
    for (_, condition), body in _ifs(pre, before):
        if alone.fullmatch(condition):
            bits.update(_KPF.findall(body))
    for (line, condition), body in _ifs(post, after):
        raw = re.search(r"(?<!&)&(?!&)", condition) and not CALLED.search(condition)
        if raw and not bits.isdisjoint(_KPF.findall(body)):
            return line
    return None


def _ifs(image: FileImage, function: Function) -> Iterator[tuple[tuple[int, str], str]]:
    """Conditions (line, text) with what they decide directly."""
    source = image.source
    for node in source.walk(function.node, "if_statement"):
        condition = node.child_by_field_name("condition")
        body = node.child_by_field_name("consequence")
        if condition is not None and body is not None and not _nests(body):
            yield (source.line_of(condition), source.norm(condition)), source.norm(body)


def _nests(body: Node) -> bool:
    return any(child.type == "if_statement" for child in body.named_children)


def _is_gated(image: FileImage, line: int, gate: Condition) -> bool:
    from reviewer.kit.gates import compiled_when

    own = image.source.condition(line)
    given = compiled_when(image.facts, image.source.path, own)
    return bool((own if given is None else given).implies(gate))


def _exists_without(facts: Facts, helper: Gated) -> bool:
    """Whether something of the tree sets the flag with the option off."""
    if helper.flag is None:
        return False
    try:
        setters = [
            other
            for other in facts.helpers.of_flag(helper.flag)
            if other.kind in ("set", "test_and_set")
            and (other.gate & ~helper.gate).satisfiable()
        ]
    except FactsMissing:
        return False
    names = [other.name for other in setters]
    hits = facts.view.grep(names, ["mm", "fs", "kernel"]) if names else iter(())
    return any(f"{name}(" in hit.text for hit in hits for name in names)
