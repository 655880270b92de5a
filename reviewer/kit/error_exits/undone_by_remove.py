# SPDX-License-Identifier: GPL-2.0-or-later
"""What a driver's probe acquires and its remove releases.

Where probe fails the driver core does not call remove (drivers/base/dd.c,
really_probe()), so an error exit of probe has to release the same.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from reviewer.c.source import Function, Source
from reviewer.kit.error_exits.acquired import Resource
from reviewer.kit.expressions import call, object_read
from reviewer.kit.file_memory import once_per_source
from reviewer.kit.pairs import PAIRS, Sort
from reviewer.kit.same_thing import place_of
from reviewer.patterns import regex

# .remove of most buses, .remove_new of 6.3 to 6.11, .disconnect of include/linux/usb.h
_REMOVES = (".remove", ".remove_new", ".disconnect")
_DRIVER = regex(rb"\.probe\s*=")


@once_per_source
def remove_of(source: Source, probe: str) -> Function | None:
    """Returns the remove function of the driver whose probe has a name, None where the
    file has no such driver, or two that differ."""
    if not _DRIVER.search(source.data):
        return None
    found = {
        remove
        for names in _drivers(source)
        if names.get(".probe") == probe
        for remove in [next((names[one] for one in _REMOVES if one in names), "")]
    }
    return source.function_named(found.pop()) if len(found) == 1 else None


@once_per_source
def _drivers(source: Source) -> tuple[dict[str, str], ...]:
    """The members of each initialiser that has a probe, and the names given to them."""
    members: dict[int, dict[str, str]] = {}
    for pair in source.everywhere("initializer_pair"):
        value = pair.child_by_field_name("value")
        if value is None or value.type != "identifier" or pair.parent is None:
            continue
        name = source.text(pair).partition("=")[0].strip()
        members.setdefault(pair.parent.id, {})[name] = source.text(value)
    return tuple(one for one in members.values() if ".probe" in one)


def released_by(
    source: Source, probe: Function, remove: Function, resource: Resource
) -> Node | None:
    """Returns the call in remove, under no condition, that releases what probe holds;
    None where there is none, or where it cannot be told to be the same thing."""
    pair = resource.pair
    if pair.taken is None or pair.sort is Sort.LOCK:
        return None
    wanted = place_of(source, probe, resource.name)
    if wanted is None:
        return None
    for node in _always_called(source, remove):
        name, given = call(source, node)
        known = PAIRS.get(name)
        if known is not None and set(known.releases) & set(pair.releases):
            return None  # it acquires one itself, to be released below
        if name in pair.releases and len(given) > pair.taken:
            taken = object_read(source, given[pair.taken])
            if place_of(source, remove, taken) == wanted:
                return node
    return None


def _always_called(source: Source, function: Function) -> Iterator[Node]:
    """The calls that are statements of a function's outermost block, up to a jump."""
    assert function.body is not None
    for statement in function.body.named_children:
        if statement.type in ("if_statement", "return_statement"):
            jumps = source.walk(statement, "return_statement", "goto_statement")
            if any(True for _ in jumps):
                return
        if statement.type == "expression_statement":
            for inner in statement.named_children[:1]:
                if inner.type == "call_expression":
                    yield inner
