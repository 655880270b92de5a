# SPDX-License-Identifier: GPL-2.0-or-later
"""Loops that hold a reference for each round, and the ways that leave them with it.

The macro gets the next one and puts the one before, so that in the body its variable
has a reference, which the next round or the end of the loop puts: who leaves from the
middle has to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct
from tree_sitter import Node

from reviewer.c.source import Source
from reviewer.c.text import comments
from reviewer.kit.error_exits.flow import ExitFlow, FlowStep, StepKind
from reviewer.kit.error_exits.other_releases import (
    FREES,
    LEAVES,
    LOGS,
    body_of,
    calls_one_of,
)
from reviewer.kit.expressions import call
from reviewer.kit.truth_values import parameters, type_of_local
from reviewer.patterns import regex

_JUMPS = ("return_statement", "goto_statement", "break_statement")
MOST_EXITS = 3  # of one loop: who mends three sees the fourth
MOST_BYTES = 2000  # before an exit that are searched for comments


class Loop(Struct, frozen=True):
    """A macro that is a loop, and what its variable needs at the end."""

    name: str
    variable: int  # which argument
    release: str
    header: str


# loop ; which argument is the variable ; what puts it ; the header that defines it
_TABLE = """
for_each_child_of_node 1 of_node_put include/linux/of.h
for_each_available_child_of_node 1 of_node_put include/linux/of.h
for_each_reserved_child_of_node 1 of_node_put include/linux/of.h
for_each_node_by_name 0 of_node_put include/linux/of.h
for_each_node_by_type 0 of_node_put include/linux/of.h
for_each_compatible_node 0 of_node_put include/linux/of.h
for_each_matching_node 0 of_node_put include/linux/of.h
for_each_matching_node_and_match 0 of_node_put include/linux/of.h
for_each_node_with_property 0 of_node_put include/linux/of.h
for_each_of_cpu_node 0 of_node_put include/linux/of.h
for_each_endpoint_of_node 1 of_node_put include/linux/of_graph.h
fwnode_for_each_child_node 1 fwnode_handle_put include/linux/property.h
fwnode_for_each_available_child_node 1 fwnode_handle_put include/linux/property.h
device_for_each_child_node 1 fwnode_handle_put include/linux/property.h
fwnode_graph_for_each_endpoint 1 fwnode_handle_put include/linux/property.h
for_each_pci_dev 0 pci_dev_put include/linux/pci.h
"""
LOOPS = {
    name: Loop(name, int(place), release, header)
    for name, place, release, header in (
        row.split() for row in _TABLE.split("\n") if row
    )
}
# include/linux/of.h, of_graph.h, property.h: they put the one they are given
_NEXT = regex(r"(of|fwnode|device|pci)_(find|get_next|graph_get_next|get_device)\w*")
_GOES_WELL = ("return 0;", "break;")
_REFERENCE = regex(rb"(?i)ref|\bput|leak|keep|kept|hold|held")
_HEAD = regex(r"(\w+)\s*\(([^;{}]*)\)\s*\Z")


class Left(Struct, frozen=True):
    """A jump that leaves a loop, with what the loop holds."""

    loop: Loop
    variable: str
    head: Node
    exit: Node


def left_loops(flow: ExitFlow) -> Iterator[Left]:
    """Yields the exits that leave a loop of the table and put nothing.

    What runs once at boot (``__init``) is left alone: nobody misses its nodes.
    """
    text = flow.source.text(flow.function.node)
    if "__init" in text.partition("{")[0]:
        return
    for at, step in enumerate(flow.steps):
        found = _loop_of(flow.source, step)
        if found is None or len(step.ways) != 2 or step.node is None:
            continue
        loop, variable = found
        if f"{variable} __free(" in text:
            continue
        exits = list(_Walk(flow, at, loop, variable).exits())
        exits.sort(key=lambda node: int(node.start_byte))
        for node in exits[:MOST_EXITS]:
            yield Left(loop, variable, step.node, node)


def _loop_of(source: Source, step: FlowStep) -> tuple[Loop, str] | None:
    """The loop that a step is the head of, and its variable."""
    node = step.node
    if step.kind is not StepKind.CHOICE or node is None or node.parent is None:
        return None
    whole = node.parent if source.is_iterator(node.parent) else node
    text = source.data[whole.start_byte : node.end_byte].decode("latin-1")
    head = _HEAD.fullmatch(text.strip())
    loop = LOOPS.get(head[1]) if head is not None else None
    if head is None or loop is None:
        return None
    given = [one.strip() for one in head[2].split(",")]
    if len(given) <= loop.variable or not given[loop.variable].isidentifier():
        return None
    return loop, given[loop.variable]


class _Walk:
    """The ways through the body of one loop, as long as the reference is held."""

    def __init__(self, flow: ExitFlow, at: int, loop: Loop, variable: str) -> None:
        self.flow = flow
        self.source = flow.source
        self.at = at
        self.loop = loop
        self.variable = variable
        node = flow.steps[at].node
        assert node is not None
        assert node.parent is not None
        up = node.parent
        last = up if self.source.is_iterator(up) else node.next_named_sibling or node
        self.body = range(node.end_byte, last.end_byte)

    def exits(self) -> Iterator[Node]:
        """The jumps out of the body behind which nothing puts it."""
        waiting = [self.flow.steps[self.at].ways[0].to]
        seen = {self.at}
        while waiting:
            at = waiting.pop()
            step = self.flow.steps[at]
            node = step.node
            if at in seen or (node is not None and node.start_byte not in self.body):
                continue
            seen.add(at)
            if node is not None and node.type in _JUMPS and not self._is_inner(node):
                if self._is_left(at, node):
                    yield node
            elif node is None or not self._gives_up(node):
                waiting += [way.to for way in step.ways]

    def _is_inner(self, node: Node) -> bool:
        """Whether a break leaves a switch or a loop inside of the loop."""
        if node.type != "break_statement":
            return False
        kinds = ("switch_statement", "while_statement", "for_statement", "do_statement")
        around = self.source.enclosing(node, *kinds)
        return around is not None and around.start_byte in self.body

    def _is_left(self, at: int, node: Node) -> bool:
        """Whether a jump leads out of the loop, and nothing on its way names the
        variable other than to tell of it."""
        region = self.flow.reached([at])
        if self.at in region or self._is_meant(node):
            return False
        if self.source.text(node) in _GOES_WELL and self._is_stored():
            return False
        steps = (self.flow.steps[one] for one in region)
        nodes = [
            s.node for s in steps if s.node is not None and s.kind is not StepKind.END
        ]
        return not any(
            self._gives_up(one) or self._names(one) or self._is_derived(one)
            for one in nodes
        )

    def _is_stored(self) -> bool:
        """Whether a function of the file keeps it in some object, for good or until
        it fails."""
        for node in self.source.below(self.flow.function.node, "call_expression"):
            name, given = call(self.source, node)
            function = body_of(self.source, name)
            for place, one in enumerate(given if function is not None else ()):
                if function is None or self.source.text(one) != self.variable:
                    continue
                names = parameters(self.source, function)[place : place + 1]
                text = self.source.text(function.node)
                if any(re.search(rf"->\w+ = {re.escape(n)};", text) for n in names):
                    return True
        return False

    def _is_meant(self, node: Node) -> bool:
        """Whether a comment near the jump is about the reference."""
        block = self.source.enclosing(node, "compound_statement")
        start = block.start_byte if block is not None else node.start_byte
        near = self.source.data[start : node.end_byte][-MOST_BYTES:]
        return any(_REFERENCE.search(one) for one in comments(near))

    def _is_derived(self, node: Node) -> bool:
        """Whether a pointer is returned, which may be the same by another name."""
        value = node.named_children[:1] if node.type == "return_statement" else []
        if not value or value[0].type != "identifier":
            return False
        name = self.source.text(value[0])
        kind = type_of_local(self.source, self.flow.function, name)
        return name != "NULL" and (kind is None or "*" in kind)

    def _names(self, node: Node) -> bool:
        """Whether a step behind the jump has the variable outside of a message."""
        return not all(map(self._is_told, self._mentions(node)))

    def _mentions(self, node: Node) -> Iterator[Node]:
        for one in self.flow.inside(node, "identifier"):
            if self.source.text(one) == self.variable:
                yield one

    def _is_told(self, node: Node) -> bool:
        up = node.parent
        while up is not None and not up.type.endswith("statement"):
            name = call(self.source, up)[0] if up.type == "call_expression" else ""
            if name and (LOGS.fullmatch(name) or LEAVES.fullmatch(name)):
                return True
            up = up.parent
        return False

    def _gives_up(self, node: Node) -> bool:
        """Whether a step puts it, hands it on, or keeps it somewhere."""
        return any(map(self._is_given_up, self._mentions(node)))

    def _is_given_up(self, node: Node) -> bool:
        up = node.parent
        while up is not None and not up.type.endswith("statement"):
            if up.type == "argument_list" and up.parent is not None:
                name = call(self.source, up.parent)[0]
                if name not in _SAME:
                    return self._takes(name)
                up = up.parent
            if up.type in ("initializer_pair", "init_declarator", "return_statement"):
                return True
            if up.type == "assignment_expression":
                return self._stays(up)
            if up.type == "field_expression" and not self._is_address(up):
                return False
            up = up.parent
        return up is not None and up.type == "return_statement"

    def _is_address(self, node: Node) -> bool:
        return node.parent is not None and node.parent.type == "pointer_expression"

    def _stays(self, assignment: Node) -> bool:
        """Whether what is assigned outlives the round: not a member of a local."""
        left = assignment.child_by_field_name("left")
        text = self.source.text(left) if left is not None else ""
        return "." not in text or "->" in text

    def _takes(self, name: str) -> bool:
        """Whether a function that is given it may put or keep it."""
        if not name or name == self.loop.release or _NEXT.fullmatch(name):
            return True
        if LOGS.fullmatch(name) or LEAVES.fullmatch(name):
            return False
        if body_of(self.source, name) is not None:
            return calls_one_of(self.source, name, (self.loop.release,))
        return bool(FREES.fullmatch(name)) or "set_node" in name or name.isupper()


# include/linux/of.h, property.h: the same thing by another type
_SAME = ("of_fwnode_handle", "to_of_node", "of_node_to_fwnode", "no_free_ptr")
