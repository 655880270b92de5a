# SPDX-License-Identifier: GPL-2.0-or-later
"""What is managed by its argument: an interrupt, runtime PM; and actions.

``devm_request_irq(dev, irq, ...)`` and ``free_irq(irq, ...)``: the two are one thing
where the file has no other way to acquire it.  ``devm_add_action_or_reset()`` has
called its action where it fails.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from tree_sitter import Node

from reviewer.c.file_memory import once_per_subject
from reviewer.c.source import Function, Source
from reviewer.kit.expressions import call, calls_by_name, object_read, statements
from reviewer.kit.same_thing import place_of
from reviewer.kit.truth_values import parameters


class ByArgument(Struct, frozen=True):
    """A managed function, and what ends the same thing by hand."""

    thing: int  # the argument of the managed function
    release: str
    taken: int  # the argument of the release
    plain: frozenset[str]  # what acquires it by hand: none of these is in the file
    header: str


# managed ; argument ; release ; argument ; acquired by hand ; header
_TABLE = """
devm_request_irq devm_request_threaded_irq devm_request_any_context_irq ; 1 ; free_irq ; 0 ; request_irq request_threaded_irq request_any_context_irq ; include/linux/interrupt.h
devm_pm_runtime_enable ; 0 ; pm_runtime_disable ; 0 ; pm_runtime_enable ; include/linux/pm_runtime.h
"""  # noqa: E501


def _rows() -> Iterator[tuple[str, ByArgument]]:
    for row in filter(None, _TABLE.split("\n")):
        names, thing, release, taken, plain, header = row.split(" ; ")
        kind = ByArgument(
            int(thing), release, int(taken), frozenset(plain.split()), header.strip()
        )
        for name in names.split():
            yield name, kind


BY_ARGUMENT = dict(_rows())
RELEASES = frozenset(kind.release for kind in BY_ARGUMENT.values())
_STATEMENTS = ("expression_statement", "declaration", "if_statement")
_LABELED = "labeled_statement"
_LEAVES = ("return_statement", "goto_statement")
# how a failure is asked for: of a pointer, of a status
_FAILED = (
    ("!{}", "{} == NULL", "IS_ERR({})", "IS_ERR_OR_NULL({})"),
    ("{}", "{} < 0", "{} != 0"),
)
# include/linux/device.h, include/linux/device/devres.h
ACTION = "devm_add_action_or_reset"
ACTION_HEADERS = ("include/linux/device.h", "include/linux/device/devres.h")


def managed_by_argument(
    source: Source, function: Function, release: Node
) -> Node | None:
    """Returns the managed call of the file that acquired what a call releases, None
    where there is none, or something else may have acquired it."""
    name, given = call(source, release)
    for node, managed in _managed_calls(source):
        kind = BY_ARGUMENT[managed]
        taken = call(source, node)[1]
        if kind.release != name or len(given) <= kind.taken:
            continue
        around = source.function_around(node)
        if (
            around is None
            or len(taken) <= kind.thing
            or calls_by_name(source).keys() & kind.plain
        ):
            continue
        thing = place_of(source, around, object_read(source, taken[kind.thing]))
        here = place_of(source, function, object_read(source, given[kind.taken]))
        if thing is not None and thing == here:
            return node
    return None


@once_per_subject
def _managed_calls(source: Source) -> tuple[tuple[Node, str], ...]:
    calls = ((n, call(source, n)[0]) for n in source.everywhere("call_expression"))
    return tuple((node, name) for node, name in calls if name in BY_ARGUMENT)


def undone_actions(
    source: Source, function: Function
) -> Iterator[tuple[Node, Node, str]]:
    """Yields what a function does again where adding an action failed, with the call
    that has done it already, and the thing that both are about."""
    assert function.body is not None
    for node in source.walk(function.body, "call_expression"):
        name, given = call(source, node)
        branch = _where_it_failed(source, node) if name == ACTION else None
        if branch is None or len(given) != 3:
            continue
        action, data = source.text(given[1]), object_read(source, given[2])
        does = _does(source, action)
        for again in source.walk(branch, "call_expression"):
            called, told = call(source, again)
            if called in does and told and object_read(source, told[0]) == data:
                yield again, node, data


def is_where_it_failed(
    source: Source, function: Function, release: Node, managed: Node
) -> bool:
    """Says whether a release is reached only where its managed call failed: it stands
    in that branch, or below a label that only the branch goes to."""
    branch = _where_it_failed(source, managed)
    if branch is None or function.body is None:
        return False
    label = _label_above(source, release)
    ways = [
        node
        for node in source.walk(function.body, "goto_statement")
        if label and source.text(node.named_children[0]) == label
    ]
    return all(
        branch.start_byte <= node.start_byte < branch.end_byte
        for node in ways or [release]
    )


def _label_above(source: Source, release: Node) -> str:
    """The label that a statement stands below, if nothing falls through to it."""
    at: Node | None = source.statement_of(release)
    if at is not None and at.parent is not None and at.parent.type == _LABELED:
        at = at.parent
    while at is not None and at.type != _LABELED:
        at = at.prev_named_sibling
    before = at.prev_named_sibling if at is not None else None
    if at is None or before is None or before.type not in _LEAVES:
        return ""
    return source.text(at.named_children[0])


def _where_it_failed(source: Source, node: Node) -> Node | None:
    """``if (ret) { ... }`` right behind ``ret = f();``, or of ``if (f())``."""
    statement: Node | None = node
    while statement is not None and statement.type not in _STATEMENTS:
        statement = statement.parent
    kept, up = source.text(node), node.parent
    if statement is not None and statement.type != "if_statement":
        statement = statement.next_named_sibling
        left = up and (
            up.child_by_field_name("left") or up.child_by_field_name("declarator")
        )
        kept = source.text(left).lstrip("* ") if left else ""
    if statement is None or statement.type != "if_statement" or not kept:
        return None
    condition = statement.child_by_field_name("condition")
    asked = source.norm(condition)[1:-1] if condition is not None else ""
    status = call(source, node)[0] in (ACTION, *BY_ARGUMENT)
    if asked not in {form.format(kept) for form in _FAILED[status]}:
        return None
    return statement.child_by_field_name("consequence")


@once_per_subject
def _does(source: Source, action: str) -> frozenset[str]:
    """The action itself, and what it does with its argument, if the file has it."""
    function = source.function_named(action)
    names = list(parameters(source, function)) if function is not None else []
    body = function.body if function is not None else None
    if body is None or len(names) != 1 or len(statements(body)) != 1:
        return frozenset({action})
    calls = (call(source, one) for one in source.walk(body, "call_expression"))
    same = (
        name
        for name, given in calls
        if [object_read(source, one) for one in given] == names
    )
    return frozenset({action, *same})
