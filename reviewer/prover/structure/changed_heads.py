# SPDX-License-Identifier: GPL-2.0-or-later
"""Heads of functions that differ, and leave it to the bodies what is done.

A parameter that comes or goes is a variable that the other side does not have: whoever
hands over the others as before, and does not use that one, sees the bodies alone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from reviewer.c.source import Function, Source
from reviewer.c.text import IDENTIFIER, normalised
from reviewer.c.trees import function_declarator
from reviewer.prover.changes.changed_parameters import system_call_macro
from reviewer.prover.changes.renamed_functions import attributes
from reviewer.prover.names.definitions import Definitions
from reviewer.prover.names.taken_out import TakenOut, Weight, taken_out_effect
from reviewer.utf8 import decode

# how a function is linked and where its code is put: nothing of what it does
_LINKAGE = frozenset(["static", "inline", "extern", "__always_inline", "noinline",
                      "__inline", "__inline__"])  # fmt: skip
_OWN_NAME = frozenset(["__func__", "__FUNCTION__", "__PRETTY_FUNCTION__"])


@dataclass(frozen=True, slots=True)
class _Head:
    before: Counter[str]  # the words in front of the name, without those of linkage
    type_: str
    parameters: tuple[str, ...]
    behind: str  # up to the body
    around: str  # the #if, and what the parser leaves out


def told_head(
    sources: tuple[Source, Source],
    functions: tuple[Function, Function],
    definitions: tuple[Definitions, Definitions],
) -> tuple[str, ...] | None:
    """Returns what differs in the heads of both functions, in words, nothing where they
    are the same or only a note for a checker differs (``__acquires(RCU)``); None where
    the bodies alone do not say what is done."""
    if not heads_differ(sources, functions):
        return ()
    one, two = (
        _head(source, function)
        for source, function in zip(sources, functions, strict=True)
    )
    if one is None or two is None or any(map(system_call_macro, functions)):
        return None
    if one.around != two.around:
        return None
    if one.behind != two.behind and not all(
        _says_nothing(known, head.behind)
        for known, head in zip(definitions, (one, two), strict=True)
    ):
        return None
    bodies = [
        set(IDENTIFIER.findall(source.text(function.node)))
        for source, function in zip(sources, functions, strict=True)
    ]
    if functions[0].name != functions[1].name and not all(
        _OWN_NAME.isdisjoint(words) for words in bodies
    ):
        return None
    told = []
    if one.before != two.before:
        told.append(f"is declared `{two.type_}`, not `{one.type_}`")
    gone = [p for p in one.parameters if p not in two.parameters]
    come = [p for p in two.parameters if p not in one.parameters]
    kept = [
        [p for p in head.parameters if p not in others]
        for head, others in ((one, gone), (two, come))
    ]
    if kept[0] != kept[1]:
        return None  # they changed places
    renamed = _renamed(one.parameters, two.parameters)
    told += [f"calls its parameter `{new}`, not `{old}`" for old, new in renamed]
    others = {name for pair in renamed for name in pair}
    for other, own, parameters in ((0, 1, come), (1, 0, gone)):
        for parameter in parameters:
            name = _name(parameter)
            if not name or name in _without_head(sources[other], functions[other]):
                return None
            more = "takes one more" if own else "no longer takes one"
            told += [] if name in others else [f"{more}: `{parameter}`"]
    return tuple(told)


def _says_nothing(definitions: Definitions, behind: str) -> bool:
    """Whether what stands between a function's parameters and its body leaves what it
    computes as it is."""
    out = TakenOut(behind, ")", "{")
    return taken_out_effect(definitions, out, head=True) is Weight.NOTHING


def _renamed(old: tuple[str, ...], new: tuple[str, ...]) -> list[tuple[str, str]]:
    """The names of parameters that have another name at the same place, and the same
    type."""
    if len(old) != len(new):
        return []
    pairs = [(one, two) for one, two in zip(old, new, strict=True) if one != two]
    return [
        (_name(one), _name(two))
        for one, two in pairs
        if _name(one) and _name(two) and _type(one) == _type(two)
    ]


def _type(parameter: str) -> str:
    return parameter.rpartition(_name(parameter))[0].replace(" ", "")


def heads_differ(
    sources: tuple[Source, Source], functions: tuple[Function, Function]
) -> bool:
    """Says whether the functions are declared or compiled otherwise, in any word."""
    one, two = (
        (
            head_of(source, function),
            str(source.condition(function.first_line)),
            attributes(source, function),
        )
        for source, function in zip(sources, functions, strict=True)
    )
    return one != two


def head_of(source: Source, function: Function) -> str:
    """Returns what stands before the body of a function."""
    end = function.node.end_byte if function.body is None else function.body.start_byte
    return normalised(decode(source.data[function.node.start_byte : end]))


def _head(source: Source, function: Function) -> _Head | None:
    node, body = function.node, function.body
    declarator = function_declarator(node)
    name = None if declarator is None else declarator.child_by_field_name("declarator")
    given = None if declarator is None else declarator.child_by_field_name("parameters")
    if name is None or given is None or body is None or name.type != "identifier":
        return None
    before = normalised(decode(source.data[node.start_byte : name.start_byte]))
    behind = normalised(decode(source.data[given.end_byte : body.start_byte]))
    words = before.replace("*", " * ").split()
    parameters = tuple(source.norm(one) for one in given.named_children
                       if one.type != "comment")  # fmt: skip
    if len(set(parameters)) != len(parameters):
        return None
    around = f"{source.condition(function.first_line)} {attributes(source, function)}"
    return _Head(
        Counter(word for word in words if word not in _LINKAGE),
        " ".join(word for word in words if word not in _LINKAGE),
        () if parameters == ("void",) else parameters,
        behind,
        around,
    )


def _name(parameter: str) -> str:
    """The name of a parameter that is declared plainly, "" for any other."""
    if "(" in parameter or "..." in parameter:
        return ""
    words = IDENTIFIER.findall(parameter.partition("[")[0])
    return words[-1] if len(words) > 1 else ""


def _without_head(source: Source, function: Function) -> set[str]:
    body = function.body
    return set() if body is None else set(IDENTIFIER.findall(source.text(body)))
