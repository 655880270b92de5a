# SPDX-License-Identifier: GPL-2.0-or-later
"""C expressions over a symbolic state."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import z3
from tree_sitter import Node

from reviewer.prover.interpret import calls, macro_texts, resolved_names, unread_code
from reviewer.prover.interpret.generic_selection import possible_selections
from reviewer.prover.interpret.operators import (
    check_offsets,
    element_at,
    member,
    operate,
    rejoin_after_branch,
    to_common_type,
)
from reviewer.prover.interpret.run import Frame, Run
from reviewer.prover.interpret.sizes import (
    character_constant,
    check_lengths,
    element_size,
    integer_constant,
    is_one_of_several,
    string_size,
    type_named,
    type_of,
)
from reviewer.prover.limits import Unsupported
from reviewer.prover.memory import accesses, places, stopping_states
from reviewer.prover.memory.casts_of_structs import note_object
from reviewer.prover.memory.places import Place
from reviewer.prover.memory.state import both_hold, merge, simplified
from reviewer.prover.syntax import first_token, part_of
from reviewer.prover.term_types import Bool
from reviewer.prover.values import literals
from reviewer.prover.values.integers import (
    INT,
    UNKNOWN,
    CType,
    Value,
    address64,
    choose,
    convert,
    from_flag,
    number,
    promote,
    resize,
    truth,
    unary,
    unknown_word,
)

_ARITHMETIC = {"+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"}
_STRINGS = ("string_literal", "concatenated_string")
_OPERATORS = _ARITHMETIC | {"==", "!=", "<", "<=", ">", ">="}


def evaluate(frame: Frame, node: Node) -> Value:
    """Returns the value of an expression; its side effects are done to
    ``frame.state``."""
    frame.run.count()
    handler = _HANDLERS.get(node.type)
    if handler is None or node.is_missing:
        return unread_code.expression(frame, node)
    frame.at = frame.source, node
    value: Value = handler(frame, node)
    note_object(frame.run, value)
    return value


def condition(frame: Frame, node: Node) -> Bool:
    """Returns the truth of an expression, whose side effects are done."""
    value = evaluate(frame, node)
    if not value.ctype.is_scalar:
        value = unknown_word(value, frame.run.opaque)
    return simplified(truth(value))


# --- literals and names -------------------------------------------------------


def _number(frame: Frame, node: Node) -> Value:
    text = frame.source.text(node)
    value = integer_constant(frame.run, text.lstrip("-+"))
    if value is None:
        return unread_code.expression(frame, node)
    if text.startswith("-"):  # the grammar takes the sign of "-1" for a part of it
        return unary("-", value, frame.run.opaque)
    return value


def _true(frame: Frame, node: Node) -> Value:
    return number(1 if node.type == "true" else 0, INT)


def _null(frame: Frame, node: Node) -> Value:
    return number(0, frame.run.machine.pointer(CType("void", 64)))


def _identifier(frame: Frame, node: Node) -> Value:
    name = frame.source.text(node)
    if name in frame.names:
        return accesses.read(frame, place_of_name(frame, name))
    return resolved_names.evaluate_name(frame, name, node)


def place_of_name(frame: Frame, name: str) -> Place:
    """Returns a local variable as a place: in memory where its address is taken."""
    slot, ctype = frame.names[name]
    address = frame.run.stack_places.get(slot)
    if address is None:
        return Place("local", ctype, slot=slot)
    key = frame.run.stack[address.get_id()][0]
    if ctype.kind == "struct":
        return Place("whole", ctype, address=address)
    return Place("memory", ctype, key=key, address=address)


# --- places -------------------------------------------------------------------


def place(frame: Frame, node: Node) -> Place | None:
    """Returns what an expression designates, None if it is not something we can
    place."""
    kind = node.type
    run = frame.run
    if kind == "parenthesized_expression":
        inner = _inner(node)
        return None if inner is None else place(frame, inner)
    if kind == "identifier":
        name = frame.source.text(node)
        if name in frame.names:
            return place_of_name(frame, name)
        return calls.global_place(frame, name)
    if kind == "field_expression":
        return _member_place(frame, node)
    if kind == "pointer_expression" and first_token(node) == "*":
        pointer = evaluate(frame, part_of(node, "argument"))
        return _behind(run, pointer)
    if kind == "subscript_expression":
        return _element(frame, node)
    if kind == "call_expression":
        return calls.call_place(frame, node)
    return None


def _behind(run: Run, pointer: Value) -> Place:
    to = pointer.ctype.to if pointer.ctype.kind == "pointer" else None
    address = address64(_word(run, pointer))
    return places.pointed_at(run, address, to or UNKNOWN)


def _word(run: Run, value: Value) -> Value:
    if value.ctype.kind == "unknown" and value.expr.size() != 64:
        return Value(resize(value.expr, False, 64), UNKNOWN)
    return value


def _member_place(frame: Frame, node: Node) -> Place | None:
    run = frame.run
    argument = part_of(node, "argument")
    field = part_of(node, "field")
    name = frame.source.text(field)
    arrow = any(child.type == "->" for child in node.children)
    if arrow:
        return member(run, _behind(run, evaluate(frame, argument)), name)
    holder = place(frame, argument)
    if holder is None:
        value = evaluate(frame, argument)
        slot = run.new_slot()
        frame.state.env[slot] = value
        holder = Place("local", value.ctype, slot=slot)
    return member(run, holder, name)


def _element(frame: Frame, node: Node) -> Place | None:
    run = frame.run
    argument = part_of(node, "argument")
    index = part_of(node, "index")
    array = place(frame, argument)
    pointer = accesses.read(frame, array) if array else evaluate(frame, argument)
    offset = evaluate(frame, index)
    if pointer.ctype.kind != "pointer":
        return None
    return element_at(run, array, pointer, offset)


def _read_place(frame: Frame, node: Node) -> Value:
    letter = _letter(frame, node)
    if letter is not None:
        return letter
    found = place(frame, node)
    if found is None:
        return unread_code.expression(frame, node)
    return accesses.read(frame, found)


def _letter(frame: Frame, node: Node) -> Value | None:
    """A character of a plain string literal, at a constant place: ``"abc"[1]``."""
    if node.type != "subscript_expression":
        return None
    text = frame.source.text(part_of(node, "argument"))
    if literals.character_at(text, 0) is None:
        return None
    at = z3.simplify(evaluate(frame, part_of(node, "index")).expr)
    letter = literals.character_at(text, at.as_long()) if z3.is_bv_value(at) else None
    return None if letter is None else number(letter, frame.run.machine.char)


def _pointer(frame: Frame, node: Node) -> Value:
    argument = part_of(node, "argument")
    if first_token(node) == "*":
        return _read_place(frame, node)
    if argument.type == "parenthesized_expression":
        argument = _inner(argument) or argument
    if argument.type == "pointer_expression" and first_token(argument) == "*":
        return evaluate(frame, part_of(argument, "argument"))
    if argument.type == "identifier":
        name = frame.source.text(argument)
        if name not in frame.names:
            return calls.address_of_name(frame, name)
    if argument.type == "compound_literal_expression":  # memory that is ours alone
        raise Unsupported("the address of a compound literal")
    found = place(frame, argument)
    if found is None:
        return unread_code.expression(frame, node)
    if found.kind in ("local", "member"):  # in a macro: the function's text has no &
        raise Unsupported("a macro that takes the address of a local variable")
    return places.address_of(frame.run, found)


# --- operators ----------------------------------------------------------------


def _inner(node: Node) -> Node | None:
    return next((c for c in node.named_children if c.type != "comment"), None)


def _parenthesized(frame: Frame, node: Node) -> Value:
    inner = _inner(node)
    if inner is None:
        return unread_code.expression(frame, node)
    if inner.type == "compound_statement":
        from reviewer.prover.interpret import statements

        return statements.statement_expression(frame, inner)
    return evaluate(frame, inner)


def _unary(frame: Frame, node: Node) -> Value:
    operator = frame.source.text(part_of(node, "operator"))
    value = evaluate(frame, part_of(node, "argument"))
    return unary(operator, value, frame.run.opaque)


def _binary(frame: Frame, node: Node) -> Value:
    operator = frame.source.text(part_of(node, "operator"))
    left = part_of(node, "left")
    right = part_of(node, "right")
    if operator in ("&&", "||"):
        return _logical(frame, operator, left, right)
    if operator not in _OPERATORS:
        return unread_code.expression(frame, node)
    one = evaluate(frame, left)
    two = evaluate(frame, right)
    stopping_states.note_division(frame.run, frame.state, operator, two)
    return operate(frame.run, operator, one, two)


def _logical(frame: Frame, operator: str, left: Node, right: Node) -> Value:
    """&& and ||: the right side runs only where the left does not decide."""
    first = condition(frame, left)
    runs = first if operator == "&&" else z3.Not(first)
    before, jumps = frame.state, dict(frame.jumps)
    frame.state = before.copy(both_hold(before.alive, runs))
    if frame.state.dead:
        frame.state = before
        return from_flag(first)
    second = condition(frame, right)
    skipped = before.copy(both_hold(before.alive, z3.Not(runs)))
    frame.state = merge(frame.run.unknowns, runs, frame.state, skipped)
    rejoin_after_branch(frame, before, jumps)
    joined = z3.And(first, second) if operator == "&&" else z3.Or(first, second)
    return from_flag(simplified(joined))


def _conditional(frame: Frame, node: Node) -> Value:
    run = frame.run
    consequence = node.child_by_field_name("consequence")
    alternative = part_of(node, "alternative")
    test = evaluate(frame, part_of(node, "condition"))
    if not test.ctype.is_scalar:
        flag = simplified(truth(unknown_word(test, run.opaque)))
    else:
        flag = simplified(truth(test))
    before, jumps = frame.state, dict(frame.jumps)
    frame.state = before.copy(both_hold(before.alive, flag))
    yes = evaluate(frame, consequence) if consequence is not None else test
    after_yes = frame.state
    frame.state = before.copy(both_hold(before.alive, z3.Not(flag)))
    no = evaluate(frame, alternative)
    frame.state = merge(run.unknowns, flag, after_yes, frame.state)
    rejoin_after_branch(frame, before, jumps)
    if yes.ctype == no.ctype and yes.ctype.kind in ("int", "bool"):
        yes, no = promote(yes, run.opaque), promote(no, run.opaque)
    yes, no = to_common_type(run, yes, no)
    return choose(flag, yes, no)


def _cast(frame: Frame, node: Node) -> Value:
    run = frame.run
    descriptor = part_of(node, "type")
    value = evaluate(frame, part_of(node, "value"))
    ctype = type_of(frame, descriptor)
    if value.ctype.kind == "pointer" and ctype.kind != "pointer":
        check_offsets(run, value)
    if value.ctype.kind == "unknown" and ctype.kind == "pointer":
        return Value(resize(value.expr, False, ctype.bits), ctype)
    return convert(value, ctype, run.opaque)


def _comma(frame: Frame, node: Node) -> Value:
    evaluate(frame, part_of(node, "left"))
    return evaluate(frame, part_of(node, "right"))


def _assignment(frame: Frame, node: Node) -> Value:
    operator = frame.source.text(part_of(node, "operator"))
    left = part_of(node, "left")
    right = part_of(node, "right")
    value = evaluate(frame, right)
    target = place(frame, left)
    if target is None:
        return unread_code.expression(frame, node)
    if operator != "=":
        stopping_states.note_division(frame.run, frame.state, operator[:-1], value)
        value = operate(frame.run, operator[:-1], accesses.read(frame, target), value)
    value = convert(value, target.ctype, frame.run.opaque)
    accesses.write(frame, target, value, node)
    return value


def _update(frame: Frame, node: Node) -> Value:
    target = place(frame, part_of(node, "argument"))
    if target is None:
        return unread_code.expression(frame, node)
    old = accesses.read(frame, target)
    operator = frame.source.text(part_of(node, "operator"))
    new = operate(frame.run, operator[0], old, number(1, INT))
    new = convert(new, target.ctype, frame.run.opaque)
    accesses.write(frame, target, new, node)
    prefix = first_token(node) in ("++", "--")
    return new if prefix else old


def _sizeof(frame: Frame, node: Node) -> Value:
    run = frame.run
    check_lengths(run, frame.source.norm(node))
    described = node.child_by_field_name("type")
    if described is not None:
        ctype = type_of(frame, described)
        text = frame.source.text(described)
        if text in frame.names:
            ctype = frame.names[text][1]
    else:
        value = part_of(node, "value")
        inner: Node | None = value
        while inner is not None and inner.type == "parenthesized_expression":
            inner = _inner(inner)
        if inner is not None and inner.type in _STRINGS:
            ctype = UNKNOWN
        elif (named := type_named(frame, inner)) is not None:
            ctype = named
        elif inner is not None and is_one_of_several(frame, inner):
            ctype = UNKNOWN  # the types of its texts may differ
        else:
            ctype = macro_texts.type_of_node(frame, value)
        size = None if inner is None else string_size(frame, inner)
        if size is not None:
            return size
    if ctype.array and ctype.to is not None:
        size = element_size(run, ctype)
        if size is not None and z3.is_bv_value(size.expr):
            return size
    if ctype.array or ctype.kind in ("unknown", "void"):
        return Value(
            run.opaque(unread_code.label(frame, node), [], run.machine.long_bits),
            run.machine.ulong,
        )
    if ctype.kind == "struct":
        return run.sizeof(ctype)
    return number(ctype.bits // 8, run.machine.ulong)


def _generic(frame: Frame, node: Node) -> Value:
    """_Generic: what may be chosen has to be the same."""
    ctype = macro_texts.type_of_node(frame, node.named_children[0])
    fitting = possible_selections(frame.source, node, ctype, partial(type_of, frame))
    values = [evaluate(frame, one) for one in fitting]
    if not values or any(
        value.ctype != values[0].ctype or not value.expr.eq(values[0].expr)
        for value in values
    ):
        return unread_code.expression(frame, node)
    return values[0]


def _string(frame: Frame, node: Node) -> Value:
    run = frame.run
    pointer = run.machine.pointer(run.machine.char)
    name = f"string {frame.source.text(node)}"
    sort = z3.BitVecSort(pointer.bits)
    return Value(run.unknowns.apply(name, "constant", [], sort), pointer)


def _call(frame: Frame, node: Node) -> Value:
    return calls.call(frame, node)  # which may be imported first: they recurse


_HANDLERS: dict[str, Callable[[Frame, Node], Value]] = {
    "number_literal": _number,
    "char_literal": character_constant,
    "true": _true,
    "false": _true,
    "null": _null,
    "identifier": _identifier,
    "field_expression": _read_place,
    "subscript_expression": _read_place,
    "pointer_expression": _pointer,
    "parenthesized_expression": _parenthesized,
    "unary_expression": _unary,
    "binary_expression": _binary,
    "conditional_expression": _conditional,
    "cast_expression": _cast,
    "comma_expression": _comma,
    "assignment_expression": _assignment,
    "update_expression": _update,
    "sizeof_expression": _sizeof,
    "generic_expression": _generic,
    "string_literal": _string,
    "concatenated_string": _string,
    "call_expression": _call,
}
