# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls of functions that a header declares always and one option alone builds.

The compiler is content, the linker is not: undefined reference.  Asked only of calls
that were not there before, or that a condition kept out of such kernels.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from posixpath import dirname
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from reviewer.c.conditions import Condition
from reviewer.doubts import give_up
from reviewer.kit.expressions import call, calls_by_name, in_error
from reviewer.models import Evidence
from reviewer.rules.undeclared_under_config.reachable_calls import conditions_if_sure

if TYPE_CHECKING:
    from tree_sitter import Node

    from reviewer.api import FileImage, Step
    from reviewer.facts import Facts
    from reviewer.kit.built_sometimes import Linked
    from reviewer.tree.view import Hit

_MOST_NAMES = 40  # called anew in one file
_MOST_CALLS = 12  # of one function
# where functions that include/linux declares are defined, but for their own folder
_COMMON = ("mm", "kernel", "lib", "block", "init", "security")
_FAMILIES = ("drivers", "drivers/base", "net", "fs", "sound", "drivers/gpu")


class Undefined(Struct, frozen=True):
    """A call that is there in a configuration without the function."""

    line: int
    node: Node
    function: Linked
    declaration: Evidence
    given: Condition
    own: Condition  # its #if stack alone
    wanted: Condition
    configuration: dict[str, bool]
    as_module: bool  # the function is there, in a module


class _Call(Struct, frozen=True):
    node: Node
    own: Condition


def undefined_calls(step: Step) -> Iterator[Undefined]:
    """Yields the first such call of each function that the step makes, or lets
    through."""
    post = step.post
    path = step.change.path
    if post is None or not path.endswith(".c"):
        return
    if not post.source.conditionals.balanced:
        return
    asked = _asked(step, post)
    if not asked:
        return
    from reviewer.kit.gates_symbols import OTHER_PROGRAMS, is_incomplete

    if path.startswith(OTHER_PROGRAMS) or not post.facts.build_gate(path).known:
        return
    if len(asked) > _MOST_NAMES:
        give_up(f"over {_MOST_NAMES} functions are called anew")
        return
    facts = post.facts
    near = _definitions(facts, asked, _folders(facts, path, asked))
    for name, (declaration, calls) in asked.items():
        from reviewer.kit.built_sometimes import defined_when

        function = defined_when(facts, name, near[name])
        found = function and _broken(post, function, declaration, calls)
        if not found:
            continue
        everywhere = _definitions(facts, [name], ())[name]
        if defined_when(facts, name, everywhere) != function:
            continue  # another file, or an architecture, has it as well
        if is_incomplete(step.series):
            give_up("patches of the series are not here, which may add a dependency")
            continue
        yield found


def _asked(step: Step, post: FileImage) -> dict[str, tuple[Evidence, list[_Call]]]:
    """The functions of which the file sees nothing but a declaration, with the calls
    in functions in focus that the file did not make before."""
    called: dict[str, list[Node]] = {}
    source = post.source
    for function in source.functions:
        if not post.in_focus(function.first_line, function.last_line):
            continue
        for node in source.walk(function.node, "call_expression"):
            name, _ = call(source, node)
            around = source.function_around(node)
            if name and around is function and not in_error(node):
                called.setdefault(name, []).append(node)
    found: dict[str, tuple[Evidence, list[_Call]]] = {}
    for name, nodes in called.items():
        if not _is_new(step, post, nodes):
            continue
        calls: list[_Call] | None = None
        if not _is_added(step, post, nodes):
            # most stand beside a change and were there before: that is known
            # without the headers
            calls = _unsettled(step, post, name, nodes)
            if not calls:
                continue
        from reviewer.rules.undeclared_under_config.functions_seen import (
            declaration_of,
            wrapped_function,
        )

        meant = wrapped_function(post, name)
        declaration = declaration_of(post, meant)
        if declaration is None:
            continue
        if calls is None:
            calls = _unsettled(step, post, name, nodes)
        if calls:
            found.setdefault(meant, (declaration, calls))
    return found


def _is_new(step: Step, post: FileImage, nodes: list[Node]) -> bool:
    """Whether a call is on a line that the patch adds, or what is around it is."""
    return step.pre is None or bool(step.change.removed) or _is_added(step, post, nodes)


def _is_added(step: Step, post: FileImage, nodes: list[Node]) -> bool:
    return any(post.source.line_of(node) in step.change.added for node in nodes)


def _kept(image: FileImage, nodes: Iterable[Node]) -> Iterator[_Call]:
    for node in nodes:
        own = conditions_if_sure(image, node)
        if own is not None:
            yield _Call(node, own)


def _unsettled(
    step: Step, post: FileImage, name: str, nodes: list[Node]
) -> list[_Call]:
    """Those of the calls of one function that are there for sure, and that the file
    before the patch did not make for sure.

    Most were made before under every condition, which the first of them tells.
    """
    found: list[_Call] = []
    before: list[_Call] = []
    unread: Iterator[_Call] | None = None
    for one in _kept(post, nodes[:_MOST_CALLS]):
        if unread is None:
            unread = _made_before(step, name, _around(post, one.node))
        if any(one.own.implies(old.own) for old in before):
            continue
        for old in unread:
            before.append(old)
            if old.own.is_true:
                return []  # which every condition implies
            if one.own.implies(old.own):
                break
        else:
            found.append(one)
    return found


def _around(image: FileImage, node: Node) -> str:
    """The name of the function that a node stands in."""
    function = image.source.function_around(node)
    return function.name if function is not None else ""


def _made_before(step: Step, name: str, likely: str) -> Iterator[_Call]:
    """The calls of a function in the file before the patch, as far as they are asked
    for: those in the ``likely`` function first, the ways in which are known."""
    if step.pre is None:
        return iter(())
    image = replace(step.pre, focus=None)
    nodes = calls_by_name(image.source).get(name, [])[:_MOST_CALLS]
    nodes = sorted(nodes, key=lambda node: _around(image, node) != likely)
    return _kept(image, nodes)


def _broken(
    image: FileImage, function: Linked, declaration: Evidence, calls: list[_Call]
) -> Undefined | None:
    """The first call of a function in a configuration that lacks it: altogether, or
    where the caller is built in and the function a module's."""
    facts, source = image.facts, image.source
    gate = facts.build_gate(source.path)
    for one in calls:
        for as_module, built, wanted in (
            (False, gate.condition, function.condition),
            (True, gate.inside, function.inside),
        ):
            given = built & one.own
            if given.is_false or given.implies(wanted):
                continue
            configuration = allowed_configuration(facts, given, wanted)
            if configuration:
                return Undefined(
                    source.line_of(one.node),
                    one.node,
                    function,
                    declaration,
                    given,
                    one.own,
                    wanted,
                    configuration,
                    as_module,
                )
    return None


def allowed_configuration(
    facts: Facts, given: Condition, wanted: Condition
) -> dict[str, bool]:
    """Returns a configuration that all of Kconfig allows, with the options that an
    architecture always has."""
    from reviewer.kit.gates import breaking_configuration

    if not breaking_configuration(facts, given, wanted):
        return {}
    found = facts.kconfig.refute(given, wanted, thorough=True)
    return found.configuration if found is not None and found.complete else {}


# --- where functions are defined ------------------------------------------------------


def _folders(
    facts: Facts,
    path: str,
    asked: dict[str, tuple[Evidence, list[_Call]]],
) -> tuple[str, ...]:
    """Where what the headers declare is likely to be defined."""
    from reviewer.kit.gates import area

    found = {area(path): None, dirname(path): None}
    for declaration, _calls in asked.values():
        place = declaration.file
        if not place.startswith("include/"):
            found[dirname(place)] = None
            continue
        found |= dict.fromkeys(_COMMON)
        parts = place.removesuffix(".h").split("/")[1:]
        words = {
            word for part in parts for word in (part, f"{part}s", part.split("-")[0])
        }
        folders = {f"{family}/{word}" for family in _FAMILIES for word in words}
        folders |= words - {"linux"}
        for folder in sorted(folders):
            if facts.view.exists(f"{folder}/Makefile"):
                found[folder] = None
    listed = [folder for folder in found if folder]
    return tuple(
        one
        for one in listed
        if not any(one.startswith(f"{other}/") for other in listed)
    )


def _definitions(
    facts: Facts, names: Iterable[str], under: tuple[str, ...]
) -> dict[str, list[Hit]]:
    """The lines that may define functions: at the margin, and no declaration."""
    found: dict[str, list[Hit]] = {name: [] for name in names}
    words = re.compile(rf"\b({'|'.join(map(re.escape, found))})\b")
    for hit in facts.view.grep(list(found), under, suffixes=(".c", ".h", ".S")):
        from reviewer.kit.gates_symbols import OTHER_PROGRAMS

        if hit.path.startswith(OTHER_PROGRAMS):
            continue
        text = hit.text
        plain = text[:1].isspace() or text.rstrip().endswith(";")
        if plain and not hit.path.endswith(".S") and "define" not in text:
            continue
        for word in set(words.findall(text)):
            found[word].append(hit)
    return found
