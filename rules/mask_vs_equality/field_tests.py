# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests of encoded fields: what they are true for, under the guards in force.

An encoded field holds one of several values (S_IFDIR or S_IFBLK, anon or ksm) and is
no set of flags.  The tests here are those written with one named value of a field:
``x & K`` as a truth value, ``(x & K) == K``, ``x == K`` and ``(x & M) != K``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from reviewer.kit import places
from reviewer.kit.expressions import (
    identifier,
    is_binary,
    is_constant,
    object_read,
    operands,
    operator,
    statements,
    type_of_cast,
    without_casts,
    without_parentheses,
)

if TYPE_CHECKING:
    from tree_sitter import Node

    from reviewer.api import FileImage
    from reviewer.c.source import Source
    from reviewer.facts.fields import EncodedField
    from reviewer.kit.truth_values import TruthUse
    from reviewer.rules.mask_vs_equality.field_values import SeenValues
    from reviewer.rules.mask_vs_equality.value_flow import ValueFlow


_MOST_LOCALS = 4  # each given by another


class Form(StrEnum):
    """How a value is tested for."""

    MASK = "mask"  # x & K
    CONTAINS = "contains"  # (x & K) == K
    UNMASKED = "unmasked"  # x == K, x a pointer with the field in its low bits
    INVERTED = "inverted"  # if ((x & M) != K) ksm = true


class ValueTest(Struct, frozen=True):
    """One test of a field for one of its values."""

    source: Source
    node: Node  # the test, as large as it can be taken: !!(x & K), (x & K) != 0
    operand: Node  # x
    name: str  # K
    field: EncodedField
    form: Form
    negated: bool  # the test is true where the field is not K

    @property
    def value(self) -> int:
        """The number K stands for."""
        member = self.field.get(self.name)
        assert member is not None
        return member.value


class TestOutcome(Struct, frozen=True):
    """For which values of the field a test is true, as far as control gets there."""

    possible: frozenset[int]
    true_for: frozenset[int]  # the negation undone: where it says "is K"


def tests(image: FileImage) -> Iterator[ValueTest]:
    """Yields the tests in focus, in file order.

    A change of a guard can make a test wrong that it leaves alone, so the tests of
    what the lines in focus mention count as well, as far as their function goes.
    """
    words = places.words_in_focus(image)
    for source, node in places.nodes(places.with_functions(image), "binary_expression"):
        sides = operands(node) if operator(node) in ("&", "==", "!=") else None
        if sides is None or not (
            image.in_focus(source.line_of(node), int(node.end_point[0]) + 1)
            or words.intersection(re.findall(r"\w+", source.text(node)))
        ):
            continue
        for operand, constant_side in (sides, sides[::-1]):
            name = identifier(source, constant_side)
            if name is None or not is_constant(source, constant_side):
                continue
            if is_constant(source, operand):
                continue
            test = _test(image, source, node, operand, name)
            if test is not None:
                yield test


def _field_of_value(image: FileImage, name: str) -> EncodedField | None:
    """The field that ``name`` is an exclusive value of, if it is one."""
    from reviewer.facts.fields import Role

    field = image.facts.field_of(name, image.source.path)
    if field is None or field.mask_name is None or field.shift:
        return None
    return field if field.role(name) is Role.VALUE else None


def _test(
    image: FileImage, source: Source, node: Node, operand: Node, name: str
) -> ValueTest | None:
    sign = operator(node)
    if sign == "&":
        return _masked(image, source, node, operand, name)
    if sign not in ("==", "!="):
        return None
    inner = without_parentheses(operand)
    if is_binary(inner, "&"):
        return _inverted(image, source, node, inner, name) if sign == "!=" else None
    if not _holds_pointer(source, operand):
        return None
    field = _field_of_value(image, name)
    if field is None:
        return None
    return ValueTest(source, node, operand, name, field, Form.UNMASKED, sign == "!=")


def _masked(
    image: FileImage, source: Source, node: Node, operand: Node, name: str
) -> ValueTest | None:
    from reviewer.kit.truth_values import truth_use

    comparison = _comparison_with(source, node, name)
    use = None if comparison is not None else truth_use(source, node)
    if use is None and comparison is None:
        use = truth_use(source, node, stem_word(name)) or _predicate(
            image, source, node, name
        )
        if use is None:
            return None
    field = _field_of_value(image, name)
    if field is None:
        return None
    if comparison is not None:
        negated = operator(comparison) == "!="
        form = Form.CONTAINS
        return ValueTest(source, comparison, operand, name, field, form, negated)
    assert use is not None
    return ValueTest(source, use.node, operand, name, field, Form.MASK, use.negated)


def _predicate(
    image: FileImage, source: Source, node: Node, name: str
) -> TruthUse | None:
    """``#define IS_KSM(x) ((x) & K)``: the name says that it is a test."""
    if source.tree is image.source.tree:
        return None
    macro = places.macro_around(image, node)
    from reviewer.kit.truth_values import TruthUse, sounds_like_a_test

    if macro is None or not sounds_like_a_test(macro, stem_word(name)):
        return None
    return TruthUse(node, False, False)


def stem_word(name: str) -> str:
    """Returns the last word of a constant's name: "ksm" of PAGE_MAPPING_KSM."""
    return name.rsplit("_", 1)[-1].lower()


def _comparison_with(source: Source, node: Node, name: str) -> Node | None:
    """``(x & K) == K`` around ``x & K``."""
    outer = node
    while outer.parent is not None and outer.parent.type == "parenthesized_expression":
        outer = outer.parent
    up = outer.parent
    if up is None or outer == node or not is_binary(up, "==", "!="):
        return None
    left, right = operands(up) or (up, up)
    other = right if left == outer else left
    return up if identifier(source, other) == name else None


def _inverted(
    image: FileImage, source: Source, node: Node, masked: Node, name: str
) -> ValueTest | None:
    """``if ((x & M) != K) ksm = true``: what is done there says that K was meant."""
    sides = operands(masked)
    statement = source.enclosing(node, "if_statement", "compound_statement")
    if sides is None or statement is None or statement.type != "if_statement":
        return None
    condition = statement.child_by_field_name("condition")
    then = statement.child_by_field_name("consequence")
    if condition is None or then is None or without_parentheses(condition) != node:
        return None
    if statement.child_by_field_name("alternative") is not None:
        return None
    if not _says(source, then, stem_word(name)):
        return None
    field = _field_of_value(image, name)
    if field is None:
        return None
    for operand, mask in (sides, sides[::-1]):
        from reviewer.kit.constants import constant

        if constant(image, source.norm(mask)) == field.mask:
            return ValueTest(source, node, operand, name, field, Form.INVERTED, False)
    return None


def _says(source: Source, then: Node, word: str) -> bool:
    """Whether a branch does nothing but record that ``word`` holds."""
    inside = statements(then)
    if len(inside) != 1:
        return False
    then = inside[0]
    if then.type != "expression_statement" or not then.named_children:
        return False
    assignment = then.named_children[0]
    sides = operands(assignment)
    if assignment.type != "assignment_expression" or sides is None:
        return False
    target, value = (source.norm(side).lower() for side in sides)
    if operator(assignment) == "=":
        return _ends_in(target, word) and value in ("true", "1")
    if operator(assignment) != "|=":
        return False
    names = (source.text(n).lower() for n in source.walk(sides[1], "identifier"))
    return any(_ends_in(name, word) for name in names)


def _ends_in(name: str, word: str) -> bool:
    return name == word or name.endswith(f"_{word}")


def _holds_pointer(source: Source, operand: Node) -> bool:
    """Whether the value is a pointer member cast to an integer, with nothing masked.

    Either on the spot or through a local that is assigned once.
    """
    node = without_parentheses(operand)
    for _ in range(_MOST_LOCALS):
        if node.type != "identifier":
            break
        origin = _only_value(source, node)
        if origin is None:
            return False
        node = without_parentheses(origin)
    if node.type != "cast_expression" or type_of_cast(source, node) not in (
        "unsigned long",
        "uintptr_t",
        "long",
    ):
        return False
    inner = without_casts(node)
    if inner.type == "call_expression":
        return object_read(source, inner) != "".join(source.text(inner).split())
    return inner.type == "field_expression"


def _only_value(source: Source, name: Node) -> Node | None:
    """What a local is assigned, if it is assigned once and never by address."""
    function = source.function_around(name)
    if function is None or function.body is None:
        return None
    text = source.text(name)
    from reviewer.kit.truth_values import parameters

    if text in parameters(source, function):
        return None
    found = []
    kinds = ("init_declarator", "assignment_expression", "update_expression")
    for node in source.walk(function.body, *kinds, "pointer_expression"):
        if node.type == "init_declarator":
            target, value = (
                node.child_by_field_name(n) for n in ("declarator", "value")
            )
        elif node.type == "assignment_expression":
            target, value = (node.child_by_field_name(n) for n in ("left", "right"))
            if operator(node) != "=":
                value = None
        else:
            target, value = node.child_by_field_name("argument"), None
            if operator(node) == "*":
                continue
        if target is not None and source.text(target) == text:
            found.append(value)
    return found[0] if len(found) == 1 else None


# --- deciding -----------------------------------------------------------------------


def root_of(test: ValueTest) -> str:
    """Returns the object that a test is about, through locals that are
    assigned once."""
    source, node = test.source, without_casts(test.operand)
    for _ in range(_MOST_LOCALS):
        if node.type != "identifier":
            break
        origin = _only_value(source, node)
        if origin is None:
            break
        inner = without_casts(origin)
        if inner.type not in ("identifier", "field_expression", "call_expression"):
            break
        node = inner
    return object_read(source, node)


def decided_tests(
    image: FileImage, found: Iterable[ValueTest]
) -> Iterator[tuple[ValueTest, TestOutcome]]:
    """Yields every test that can be decided, with what it is true for."""
    groups: dict[tuple[int, str, int], list[ValueTest]] = {}
    for test in found:
        scope = _scope(test)
        root = root_of(test)
        if not _may_hold(test, root):
            continue
        group = (scope.id, root, test.field.mask)
        groups.setdefault(group, []).append(test)
    for (_, root, _), group_tests in groups.items():
        from reviewer.kit.constants import constant
        from reviewer.rules.mask_vs_equality.field_values import StudiedField

        field = group_tests[0].field
        values = tuple(sorted(state.value for state in field.states))
        subject = StudiedField(root, field.mask, values)
        wanted = [
            n
            for t in group_tests
            for n in (t.node, t.operand, without_casts(t.operand))
        ]
        source = group_tests[0].source

        def resolve(text: str) -> int | None:
            return constant(image, text)

        from reviewer.rules.mask_vs_equality.value_flow import ValueFlow

        flow = ValueFlow(source, subject, wanted, resolve).walk(_scope(group_tests[0]))
        for test in group_tests:
            outcome = _outcome(test, flow)
            if outcome is not None:
                yield test, outcome


def _may_hold(test: ValueTest, root: str) -> bool:
    """Whether the object can be one that holds the field.

    For the bits of ``folio->mapping`` that is a member of this name, or an integer;
    another pointer may be checked for the same bits to be clear.
    """
    homes = test.field.lives_in
    if not homes or re.split(r"->|\.", root)[-1] in homes:
        return True
    function = test.source.function_around(test.node)
    if function is None:
        return True
    from reviewer.kit.truth_values import type_of_local

    kind = type_of_local(test.source, function, root)
    return kind is None or not kind.endswith(("*", "["))


def _scope(test: ValueTest) -> Node:
    """The function body around a test, or the whole macro body."""
    function = test.source.enclosing(test.node, "function_definition")
    if function is not None:
        body = function.child_by_field_name("body")
        if body is not None:
            return body
    return test.source.root


def _outcome(test: ValueTest, flow: ValueFlow) -> TestOutcome | None:
    seen = flow.seen(test.node)
    operand = flow.seen(test.operand)
    if seen is None or operand is None or not _is_whole(test.field, operand):
        return None
    if test.form is Form.UNMASKED:
        # The other bits of a pointer are never all zero where the field is not.
        return TestOutcome(seen.possible, frozenset())
    truths = {value: seen.truth(value) for value in seen.possible}
    if None in truths.values():
        return None
    true_for = frozenset(v for v, truth in truths.items() if truth is not test.negated)
    return TestOutcome(seen.possible, true_for)


def _is_whole(field: EncodedField, operand: SeenValues) -> bool:
    """Whether an operand still holds the field as the object has it."""
    for value in operand.possible:
        found = operand.results[value]
        if found.known & field.mask != field.mask or found.value & field.mask != value:
            return False
    return True


def condition_in_force(test: ValueTest, outcome: TestOutcome) -> str | None:
    """Returns the condition in force that leaves some values out, as it is written."""
    if len(outcome.possible) == len(test.field.states):
        return None
    inner = test.node
    for above in test.source.parents(test.node):
        sides = operands(above)
        if is_binary(above, "&&", "||") and sides is not None and inner == sides[1]:
            return test.source.norm(without_parentheses(sides[0]))
        if above.type in ("if_statement", "conditional_expression"):
            condition = above.child_by_field_name("condition")
            then = above.child_by_field_name("consequence")
            if condition is not None and then == inner:
                return test.source.norm(without_parentheses(condition))
        if above.type == "function_definition":
            return None
        inner = above
    return None
