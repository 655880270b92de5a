# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether somebody else may release a resource: a helper, a callee, another name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from reviewer.c.file_memory import once_per_subject
from reviewer.c.source import Function, Source
from reviewer.c.text import IDENTIFIER, comments
from reviewer.c.vocabulary import NEVER_FAIL, OPTION_TESTS
from reviewer.kit.acquire_release import PAIRS, RELEASES, How, Sort
from reviewer.kit.assignments import ASSIGNMENTS, assigned
from reviewer.kit.error_exits.acquired import tested
from reviewer.kit.error_exits.flow import FlowStep, StepKind
from reviewer.kit.error_exits.held import Held
from reviewer.kit.expressions import NAMED, call, calls_by_name, literal, object_read
from reviewer.patterns import regex

MOST_BYTES = 4000  # of one branch that are searched for comments
# What tells and does nothing: include/linux/dev_printk.h, printk.h, and their like
LOGS = regex(
    r"(\w*_)?(err|error|warn|warning|info|dbg|debug|notice|crit|emerg|alert|printk|trace"
    r"|log|msg)(_\w+)?|trace_\w+|dev_err_probe|WARN(_ON)?(_ONCE)?|BUG_ON|printk\w*"
    r"|(un)?likely|IS_ERR(_OR_NULL)?|PTR_ERR(_OR_ZERO)?|ERR_PTR|ERR_CAST|sizeof"
)
# A callee that is given the resource and is known to leave it to its caller.
LEAVES = regex(
    r"of_(?!node_put|platform|clk_add|dma|genpd|phy_register)\w+|\w*_(from|to)_user\w*"
    r"|\w*(read|write|snprintf|scnprintf|strlcpy|strscpy|memcpy|memset|memcmp|strcmp"
    r"|sscanf|kstrto\w*|get_\w+|update_bits\w*|parse\w*|validate\w*|check\w*)"
    r"|fwnode_(?!handle_put)\w+|clk_\w+|regulator_\w+|IS_ERR\w*|PTR_ERR\w*"
)
_MEANT = regex(
    rb"(?i)leak|on purpose|deliberate|intention|no choice|must not (free|put)"
)
_STATE = regex(r"\w*(enabled|suspended|active|locked|held|is_\w+)")
# include/linux/atomic.h, refcount.h, asm-generic/bitops
_FIRST = regex(
    r"(try_)?(cmp)?xchg\w*|(atomic|refcount|kref)\w*_(and_test|put|dec_and_\w+)"
    r"|test_and_(set|clear|change)_bit\w*"
)
FREES = regex(
    r"(?!\w{256})\w*(free|put|release|destroy|cleanup|clean|unregister|remove|exit|fini|deinit"
    r"|teardown|unwind|undo|rollback|abort|disable|unlock|shutdown|stop|del|delete|close"
    r"|detach|drop|kill|power_?(off|down)|suspend|uninit|dispose|unprepare|deactivate"
    r"|finish|end|done|complete|fail|error|leak|rele?ase|reset|unmap|unref|dec)\w*",
    re.IGNORECASE,
)


class Others:
    """What the code around one held resource may do to it."""

    def __init__(self, held: Held) -> None:
        self.held = held
        self.flow = held.flow
        self.source = held.source
        self.resource = held.resource

    def is_deliberate(self, test: Node) -> bool:
        """Says whether a comment in the branch, or above its if, says that it
        is meant."""
        branch = self.source.enclosing(test, "if_statement")
        if branch is None:
            return False
        before = branch.prev_named_sibling
        start = before.end_byte if before is not None else branch.start_byte
        data = self.source.data[start : branch.end_byte]  # the tree has no comments
        return any(_MEANT.search(comment) for comment in comments(data[:MOST_BYTES]))

    def asks_for_state(self, node: Node, holds: bool) -> bool:
        """Says whether a test on the way asks if the resource is on at all:
        ``!pm_runtime_enabled(dev)`` holds where there is no runtime PM to undo, and
        without an option the acquire may be a stub."""
        return any(
            (_STATE.fullmatch(name) is not None and any(map(self.held.is_it, given)))
            or (name in OPTION_TESTS and not holds)
            for name, given in self._calls(node)
        )

    def is_handed(self, node: Node) -> bool:
        """Says whether a test asks which of two came first: the other one frees it."""
        return any(_FIRST.fullmatch(name) for name, _ in self._calls(node))

    def _calls(self, node: Node) -> Iterator[tuple[str, tuple[Node, ...]]]:
        for one in self.flow.inside(node, "call_expression"):
            yield call(self.source, one)

    def has_an_owner(self) -> bool:
        """Says whether another function of the file releases a member, by the same
        name: what frees the whole object."""
        own, pair = self.flow.function.node, self.resource.pair
        calls = calls_by_name(self.source)
        for node in (one for name in pair.releases for one in calls.get(name, ())):
            given = call(self.source, node)[1][pair.taken or 0 :]
            outside = not own.start_byte <= node.start_byte < own.end_byte
            if outside and given and self.held.is_it(given[0]):
                return True
        return False

    def _mentions(self, node: Node) -> bool:
        """Whether an expression names the resource, other than to tell of it."""
        name = self.resource.name.lstrip("&")
        if not name:
            return False
        return any(
            object_read(self.source, one) == name and not self._is_told(one, node)
            for one in self.flow.inside(node, *NAMED)
        )

    def is_tested(self, node: Node) -> bool:
        """Says whether a condition asks for the pointer itself: ``!a || !pointer``."""
        if self.resource.pair.how not in (
            How.POINTER,
            How.ERROR_POINTER,
            How.REFERENCE,
        ):
            return False
        for one in self.flow.inside(node, *NAMED):
            up = one.parent
            if up is not None and up.type == "field_expression":
                continue  # p->a asks for a
            given = up is not None and up.type == "argument_list"
            if self.held.is_it(one) and not given:
                return True
            if given and up is not None and up.parent is not None:
                asked = call(self.source, up.parent)[0].startswith("IS_ERR")
                if asked and self.held.is_it(one):
                    return True
        return False

    def _is_told(self, node: Node, top: Node) -> bool:
        """Whether it is an argument of a function that only prints."""
        up = node.parent
        while up is not None and up.start_byte >= top.start_byte:
            if up.type == "call_expression":
                name, _ = call(self.source, up)
                if name and name != "sizeof" and LOGS.fullmatch(name):
                    return True
            up = up.parent
        return False

    def may_release(self, step: FlowStep) -> bool:
        """Says whether a step may release the resource in a way that is not
        followed."""
        node = step.node
        if node is None or step.kind is StepKind.END:
            return False
        if step.kind is StepKind.CHOICE:
            return True  # loops and switches in an exit: not followed
        if self.resource.pair.sort is not Sort.POWER and self._mentions(node):
            return True
        return any(
            self._may_release_by(one)
            for one in self.flow.inside(node, "call_expression")
        )

    def _may_release_by(self, node: Node) -> bool:
        source, pair = self.source, self.resource.pair
        name, given = call(source, node)
        if name and LOGS.fullmatch(name):
            return False
        if not name or "leak" in name:
            return True
        if name in pair.releases:
            if pair.taken is None or len(given) <= pair.taken:
                return True
            target = object_read(source, given[pair.taken])
            plain = target.isidentifier() and target not in self.held.aliases
            return not plain or target == self.resource.name
        if name in RELEASES or name in PAIRS:
            return any(self._holds_it(object_read(source, one)) for one in given)
        body = body_of(source, name)
        if body is not None:
            return calls_one_of(source, name, pair.releases)
        if pair.sort is Sort.LOCK and "unlock" in name:
            return True
        words = self.resource.words | self.held.aliases
        shared = any(
            words.intersection(IDENTIFIER.findall(source.text(one))) for one in given
        )
        return shared or bool(FREES.fullmatch(name) and not given)

    def _holds_it(self, given: str) -> bool:
        """Whether an argument is the resource, or the object that it is a member of,
        whose last put_device(&port->dev) releases what port->req is."""
        name = self.resource.name
        if given == name:
            return True
        bare = given.lstrip("&")
        return any(bare == word for word in self.resource.words) or (
            given.startswith("&")
            and IDENTIFIER.match(bare) is not None
            and bare.split("->")[0].split(".")[0] in self.resource.words
        )

    def is_consumed(self, at: int, step: FlowStep) -> bool:
        """Says whether the call whose failure is tested may have released it itself, or
        is of the file and never fails."""
        assert step.node is not None
        asked = tested(self.source, step.node)
        if asked is None:
            calls = list(self.flow.inside(step.node, "call_expression"))
        elif asked[0].type == "identifier":
            calls = list(self._assigned(at, self.source.text(asked[0])))
        else:
            calls = list(self.flow.inside(step.node, "call_expression"))
        names = [call(self.source, one)[0] for one in calls]
        if calls and not any(may_fail(self.source, name) for name in names):
            return True
        return any(self._consumes(one) for one in calls)

    def _assigned(self, at: int, name: str) -> Iterator[Node]:
        """The calls whose result a variable may have at a step."""
        back: dict[int, list[int]] = {}
        for one in self.held.known | self.held.unknown | {self.resource.at}:
            for way in self.flow.steps[one].ways:
                back.setdefault(way.to, []).append(one)
        seen = {at}
        waiting = [at]
        while waiting:
            for one in back.get(waiting.pop(), ()):
                if one in seen:
                    continue
                seen.add(one)
                found = self._call_assigned(one, name)
                if found is None:
                    waiting.append(one)
                else:
                    yield from found

    def _call_assigned(self, at: int, name: str) -> list[Node] | None:
        """The calls in what a step assigns to a variable; None: it assigns nothing."""
        node = self.flow.steps[at].node
        if node is None:
            return None
        for one in self.flow.inside(node, *ASSIGNMENTS):
            found = assigned(one)
            if found is not None and object_read(self.source, found[0]) == name:
                return list(self.flow.inside(one, "call_expression"))
        return None

    def _consumes(self, node: Node) -> bool:
        if node == self.resource.call:
            return False
        source, pair = self.source, self.resource.pair
        name, given = call(source, node)
        if name and LOGS.fullmatch(name):
            return False
        body = body_of(source, name)
        if body is not None:
            return calls_one_of(source, name, pair.releases)
        if pair.sort in (Sort.LOCK, Sort.POWER, Sort.REGION):
            return False
        its = self.held.aliases | {self.resource.name}
        handed = any(object_read(source, one).lstrip("&") in its for one in given)
        return handed and not LEAVES.fullmatch(name)


def whole_condition(test: Node) -> Node:
    """Returns the condition that a test is part of."""
    at = test
    kinds = ("binary_expression", "unary_expression", "parenthesized_expression")
    while at.parent is not None and at.parent.type in kinds:
        at = at.parent
    return at


@once_per_subject
def body_of(source: Source, name: str) -> Function | None:
    """Returns the function of that name if the file has its body, else None."""
    return next((f for f in source.functions_named(name) if f.body is not None), None)


def may_fail(source: Source, name: str) -> bool:
    """Says whether a function may return anything but 0, as far as the file shows."""
    function = body_of(source, name)
    if function is None or function.body is None:
        return name not in NEVER_FAIL
    returned = (
        value
        for node in source.walk(function.body, "return_statement")
        for value in node.named_children[:1]
    )
    return any(literal(source, value) != 0 for value in returned)


@once_per_subject
def _words_of(source: Source, name: str) -> frozenset[str]:
    function = body_of(source, name)
    if function is None or function.body is None:
        return frozenset()
    return frozenset(IDENTIFIER.findall(source.text(function.body)))


def calls_one_of(source: Source, name: str, releases: tuple[str, ...]) -> bool:
    """Says whether a function of the file, or one of the file that it leads to, names
    one of the releases."""
    seen = {name}
    waiting = [name]
    while waiting:
        words = _words_of(source, waiting.pop())
        if words.intersection(releases):
            return True
        new = {one for one in words - seen if body_of(source, one) is not None}
        seen |= new
        waiting += new
    return False
