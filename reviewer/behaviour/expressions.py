# SPDX-License-Identifier: GPL-2.0-or-later
"""C expressions over a symbolic state."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import z3

from reviewer.behaviour import calls, literals, oops, opaque, overlays, places, views
from reviewer.behaviour.cvalues import (
    INT,
    S64,
    U64,
    UINT,
    UNKNOWN,
    CType,
    Value,
    binary,
    choose,
    common_type,
    convert,
    from_flag,
    number,
    plain_type,
    promote,
    resize,
    truth,
    unary,
    unknown_word,
)
from reviewer.behaviour.places import Place
from reviewer.behaviour.run import Frame, Run, TooLarge, Unsupported
from reviewer.behaviour.state import ADDRESS, State, merge, narrowed, simplified
from reviewer.behaviour.types import as_volatile, snippet

_ARITHMETIC = {"+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"}
_STRINGS = ("string_literal", "concatenated_string")
_OPERATORS = _ARITHMETIC | {"==", "!=", "<", "<=", ">", ">="}
_NUMBER = re.compile(r"(0[xX][0-9a-fA-F]+|0[bB][01]+|\d+)([uUlL]*)\Z")


def evaluate(frame: Frame, node: Any) -> Value:
    """The value of an expression; its side effects are done to ``frame.state``."""
    frame.run.count()
    handler = _HANDLERS.get(node.type)
    if handler is None or node.is_missing:
        return opaque.expression(frame, node)
    frame.at = frame.source, node
    value: Value = handler(frame, node)
    return value


def condition(frame: Frame, node: Any) -> Any:
    """The truth of an expression as a z3 Bool."""
    value = evaluate(frame, node)
    if not value.ctype.is_scalar:
        value = unknown_word(value, "truth", frame.run.opaque)
    return simplified(truth(value))


# --- literals and names -------------------------------------------------------


def _number(frame: Frame, node: Any) -> Value:
    text = frame.source.text(node)
    value = literal(frame.run, text.lstrip("-+"))
    if value is None:
        return opaque.expression(frame, node)
    if text.startswith("-"):  # the grammar takes the sign of "-1" for a part of it
        return unary("-", value, frame.run.opaque)
    return value


def literal(run: Run, text: str) -> Value | None:
    """An integer constant with its type (C11 6.4.4.1), None for other constants."""
    match = _NUMBER.match(text)
    if match is None:
        return None
    digits, suffix = match[1], match[2].lower()
    if digits[:2].lower() == "0x":
        value = int(digits, 16)
    elif digits[:2].lower() == "0b":
        value = int(digits, 2)
    else:
        value = int(digits, 8 if digits.startswith("0") else 10)
    decimal = not digits.startswith("0")
    for ctype in (INT, UINT, run.machine.long, run.machine.ulong, S64, U64):
        if "u" in suffix and ctype.signed:
            continue
        if "ll" in suffix and ctype.rank < 5:
            continue
        if "l" in suffix and ctype.rank < 4:
            continue
        if decimal and "u" not in suffix and not ctype.signed:
            continue
        if value < 1 << (ctype.bits - (1 if ctype.signed else 0)):
            return number(value, ctype)
    return None


def _char(frame: Frame, node: Any) -> Value:
    text = frame.source.text(node)
    found = literals.characters(text[1:-1]) if text[0] == "'" else None
    if found is None or len(found) != 1:
        return opaque.expression(frame, node)  # of several bytes, or wide
    signed = frame.run.machine.char.signed and found[0] > 127
    return number(found[0] - 256 if signed else found[0], INT)


def _true(frame: Frame, node: Any) -> Value:
    return number(1 if node.type == "true" else 0, INT)


def _null(frame: Frame, node: Any) -> Value:
    return number(0, frame.run.machine.pointer(CType("void", 64)))


def _identifier(frame: Frame, node: Any) -> Value:
    name = frame.source.text(node)
    if name in frame.names:
        return places.read(frame, place_of_name(frame, name))
    return calls.name(frame, name, node)


def place_of_name(frame: Frame, name: str) -> Place:
    slot, ctype = frame.names[name]
    address = frame.run.stack_places.get(slot)
    if address is None:
        return Place("local", ctype, slot=slot)
    key = frame.run.stack[address.get_id()][0]
    if ctype.kind == "struct":
        return Place("whole", ctype, address=address)
    return Place("memory", ctype, key=key, address=address)


# --- places -------------------------------------------------------------------


def place(frame: Frame, node: Any) -> Place | None:
    """What an expression designates, None if it is not something we can place."""
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
    if kind == "pointer_expression" and node.child(0).type == "*":
        pointer = evaluate(frame, node.child_by_field_name("argument"))
        return _behind(run, pointer)
    if kind == "subscript_expression":
        return _element(frame, node)
    if kind == "call_expression":
        return calls.call_place(frame, node)
    return None


def _behind(run: Run, pointer: Value) -> Place:
    to = pointer.ctype.to if pointer.ctype.kind == "pointer" else None
    address = places.address64(_word(run, pointer))
    return places.pointed_at(run, address, to or UNKNOWN)


def _word(run: Run, value: Value) -> Value:
    if value.ctype.kind == "unknown" and value.expr.size() != 64:
        return Value(resize(value.expr, False, 64), UNKNOWN)
    return value


def _member_place(frame: Frame, node: Any) -> Place | None:
    run = frame.run
    argument = node.child_by_field_name("argument")
    field = node.child_by_field_name("field")
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


def member(run: Run, holder: Place, name: str) -> Place:
    """``holder.name``."""
    declared = run.types.field(holder.ctype, name)
    ctype = declared.ctype if declared else replace(UNKNOWN, name=f"type of .{name}")
    if holder.ctype.volatile:
        ctype = as_volatile(ctype)
    over = declared.over if declared else frozenset()
    if over:
        overlays.note(run, holder.ctype, name, over)
    if holder.kind in ("local", "member"):
        shared = ((holder.ctype, None, over),) if over else ()
        return Place("member", ctype, parent=holder, key=name, over=shared)
    key = places.key_of(holder.ctype, name)
    if holder.kind == "memory":  # a struct of unknown type inside a struct
        inner = z3.Function(places.FIELD + holder.key, ADDRESS, ADDRESS)
        holder_address = inner(holder.address)
    else:
        holder_address = holder.address
        if holder.ctype.kind == "struct":
            run.typed.setdefault(
                holder_address.get_id(), (holder_address, holder.ctype.name)
            )
    if holder.ctype.kind == "struct":
        views.note(run, holder_address, holder.ctype.name, key)
        if ctype.array:
            views.note(run, holder_address, holder.ctype.name, f"{key}[]")
    shared = holder.over
    if over:
        shared = (*shared, (holder.ctype, holder_address, over))
    if ctype.kind == "struct":
        first = declared is not None and declared.first
        address = places.member_address(run, holder_address, key, ctype, first)
        if declared is not None and not first and not over:
            run.members[address.get_id()] = (address, holder_address, key)
        return Place("whole", ctype, address=address, over=shared)
    return Place("memory", ctype, key=key, address=holder_address, over=shared)


def _element(frame: Frame, node: Any) -> Place | None:
    run = frame.run
    argument = node.child_by_field_name("argument")
    index = node.child_by_field_name("index")
    array = place(frame, argument)
    pointer = places.read(frame, array) if array else evaluate(frame, argument)
    offset = evaluate(frame, index)
    if pointer.ctype.kind != "pointer":
        return None
    moved = _moved(run, "+", pointer, offset)
    to = pointer.ctype.to or UNKNOWN
    address = places.address64(moved)
    if array is not None and array.kind == "memory" and array.ctype.array:
        if to.kind == "struct":
            return Place("whole", to, address=address, over=array.over)
        key = array.key if array.key.endswith("[]") else f"{array.key}[]"
        if array.key.startswith("stack "):
            run.private.add(key)
        return Place("memory", to, key=key, address=address, over=array.over)
    return places.pointed_at(run, address, to)


def _read_place(frame: Frame, node: Any) -> Value:
    found = place(frame, node)
    if found is None:
        return opaque.expression(frame, node)
    return places.read(frame, found)


def _pointer(frame: Frame, node: Any) -> Value:
    argument = node.child_by_field_name("argument")
    if node.child(0).type == "*":
        return _read_place(frame, node)
    if argument.type == "parenthesized_expression":
        argument = _inner(argument) or argument
    if argument.type == "pointer_expression" and argument.child(0).type == "*":
        return evaluate(frame, argument.child_by_field_name("argument"))
    if argument.type == "identifier":
        name = frame.source.text(argument)
        if name not in frame.names:
            return calls.address_of_name(frame, name)
    if argument.type == "compound_literal_expression":  # memory that is ours alone
        raise Unsupported("the address of a compound literal")
    found = place(frame, argument)
    if found is None:
        return opaque.expression(frame, node)
    if found.kind in ("local", "member"):  # in a macro: the function's text has no &
        raise Unsupported("a macro that takes the address of a local variable")
    return places.address_of(frame.run, found)


# --- operators ----------------------------------------------------------------


def _inner(node: Any) -> Any:
    return next((c for c in node.named_children if c.type != "comment"), None)


def _parenthesized(frame: Frame, node: Any) -> Value:
    inner = _inner(node)
    if inner is None:
        return opaque.expression(frame, node)
    if inner.type == "compound_statement":
        from reviewer.behaviour import statements

        return statements.statement_expression(frame, inner)
    return evaluate(frame, inner)


def _unary(frame: Frame, node: Any) -> Value:
    operator = frame.source.text(node.child_by_field_name("operator"))
    value = evaluate(frame, node.child_by_field_name("argument"))
    return unary(operator, value, frame.run.opaque)


def _binary(frame: Frame, node: Any) -> Value:
    operator = frame.source.text(node.child_by_field_name("operator"))
    left = node.child_by_field_name("left")
    right = node.child_by_field_name("right")
    if operator in ("&&", "||"):
        return _logical(frame, operator, left, right)
    if operator not in _OPERATORS:
        return opaque.expression(frame, node)
    one = evaluate(frame, left)
    two = evaluate(frame, right)
    oops.divided(frame.run, frame.state, operator, two)
    return operate(frame.run, operator, one, two)


def operate(run: Run, operator: str, one: Value, two: Value) -> Value:
    """A binary operation, pointer arithmetic included."""
    pointers = [value.ctype.kind == "pointer" for value in (one, two)]
    if any(pointers) and operator in ("+", "-"):
        if all(pointers):
            return _distance(run, one, two)
        if pointers[1]:
            one, two = two, one
        return _moved(run, operator, one, two)
    if any(pointers) and not (one.ctype.is_scalar and two.ctype.is_scalar):
        one, two = _as_word(run, one), _as_word(run, two)
    return binary(operator, one, two, run.opaque)


def _as_word(run: Run, value: Value) -> Value:
    """An untyped value beside a pointer is a word."""
    if value.ctype.is_scalar:
        return value
    return Value(resize(value.expr, False, 64), U64)


def _moved(run: Run, operator: str, pointer: Value, offset: Value) -> Value:
    to = pointer.ctype.to or UNKNOWN
    size = places.step(run, to)
    result = replace(pointer.ctype, array=False, name="")
    if size is None or not offset.ctype.is_scalar:
        name = f"{pointer.ctype} {operator} {offset.ctype}"
        expr = run.opaque(name, [pointer.expr, offset.expr], result.bits)
        return Value(expr, result)
    index = promote(offset, run.opaque)
    by = resize(index.expr, index.ctype.signed, result.bits)
    if z3.is_bv_value(by) and by.as_long() == 0:
        return Value(pointer.expr, result)
    distance = by * resize(size.expr, False, result.bits)
    if z3.is_bv_value(size.expr) and z3.is_bv_value(by):
        distance = z3.simplify(distance)
    moved = pointer.expr + distance if operator == "+" else pointer.expr - distance
    return Value(moved, result)


def _distance(run: Run, one: Value, two: Value) -> Value:
    size = places.step(run, one.ctype.to or UNKNOWN)
    if size is None or not z3.is_bv_value(size.expr):
        name = f"{one.ctype} - {two.ctype}"
        expr = run.opaque(name, [one.expr, two.expr], run.machine.long_bits)
        return Value(expr, run.machine.long)
    by = number(size.expr.as_long(), run.machine.long)
    return Value((one.expr - two.expr) / by.expr, run.machine.long)


def _logical(frame: Frame, operator: str, left: Any, right: Any) -> Value:
    """&& and ||: the right side runs only where the left does not decide."""
    first = condition(frame, left)
    runs = first if operator == "&&" else z3.Not(first)
    before, jumps = frame.state, dict(frame.jumps)
    frame.state = before.copy(narrowed(before.alive, runs))
    if frame.state.dead:
        frame.state = before
        return from_flag(first)
    second = condition(frame, right)
    skipped = before.copy(narrowed(before.alive, z3.Not(runs)))
    frame.state = merge(frame.run.unknowns, runs, frame.state, skipped)
    whole_again(frame, before, jumps)
    joined = z3.And(first, second) if operator == "&&" else z3.Or(first, second)
    return from_flag(simplified(joined))


def whole_again(frame: Frame, before: State, jumps: dict[str, int]) -> None:
    """After a branch: all of the path is here again, unless a part of it jumped.

    ``({ return x; })`` and macros with a goto jump in the middle of an expression.
    """
    if frame.jumps.get("joined") != jumps.get("joined"):
        raise Unsupported("a label inside an expression")
    if frame.jumps == jumps:
        frame.state.alive = before.alive


def _conditional(frame: Frame, node: Any) -> Value:
    run = frame.run
    consequence = node.child_by_field_name("consequence")
    alternative = node.child_by_field_name("alternative")
    test = evaluate(frame, node.child_by_field_name("condition"))
    if not test.ctype.is_scalar:
        flag = simplified(truth(unknown_word(test, "truth", run.opaque)))
    else:
        flag = simplified(truth(test))
    before, jumps = frame.state, dict(frame.jumps)
    frame.state = before.copy(narrowed(before.alive, flag))
    yes = evaluate(frame, consequence) if consequence is not None else test
    after_yes = frame.state
    frame.state = before.copy(narrowed(before.alive, z3.Not(flag)))
    no = evaluate(frame, alternative)
    frame.state = merge(run.unknowns, flag, after_yes, frame.state)
    whole_again(frame, before, jumps)
    if yes.ctype == no.ctype and yes.ctype.kind in ("int", "bool"):
        yes, no = promote(yes, run.opaque), promote(no, run.opaque)
    yes, no = balanced(run, yes, no)
    return choose(flag, yes, no)


def balanced(run: Run, one: Value, two: Value) -> tuple[Value, Value]:
    """The two results of ?: in their common type (6.5.15)."""
    if one.ctype == two.ctype:
        return one, two
    if one.ctype.kind == "pointer" or two.ctype.kind == "pointer":
        ctype = one.ctype if one.ctype.kind == "pointer" else two.ctype
        return convert(one, ctype, run.opaque), convert(two, ctype, run.opaque)
    if one.ctype.is_scalar and two.ctype.is_scalar:
        one, two = promote(one, run.opaque), promote(two, run.opaque)
        both = common_type(one.ctype, two.ctype)
        return convert(one, both, run.opaque), convert(two, both, run.opaque)
    return convert(one, UNKNOWN, run.opaque), convert(two, UNKNOWN, run.opaque)


def _cast(frame: Frame, node: Any) -> Value:
    run = frame.run
    descriptor = node.child_by_field_name("type")
    value = evaluate(frame, node.child_by_field_name("value"))
    ctype = type_of(frame, descriptor)
    if value.ctype.kind == "unknown" and ctype.kind == "pointer":
        return Value(resize(value.expr, False, ctype.bits), ctype)
    return convert(value, ctype, run.opaque)


_TYPEOF = re.compile(r"(?:__)?typeof(?:__|_unqual)?\s*\(\s*(.*)\)\s*(\**)\Z", re.DOTALL)


_QUALIFIED = re.compile(r"^(?:(?:const|volatile)\s+)+")


def type_of(frame: Frame, descriptor: Any) -> CType:
    """The type that a type_descriptor or a typeof() names."""
    text = frame.source.norm(descriptor)
    match = _TYPEOF.match(_QUALIFIED.sub("", text))
    if match is None:
        return frame.run.types.descriptor(descriptor, frame.source)
    ctype = calls.type_of_text(frame, match[1])
    if "_unqual" in match[0].partition("(")[0]:
        ctype = plain_type(ctype)
    if "volatile" in text[: -len(match[0])]:
        ctype = as_volatile(ctype)
    for _star in match[2]:
        ctype = frame.run.machine.pointer(ctype)
    return ctype


def _comma(frame: Frame, node: Any) -> Value:
    evaluate(frame, node.child_by_field_name("left"))
    return evaluate(frame, node.child_by_field_name("right"))


def _assignment(frame: Frame, node: Any) -> Value:
    operator = frame.source.text(node.child_by_field_name("operator"))
    left = node.child_by_field_name("left")
    right = node.child_by_field_name("right")
    value = evaluate(frame, right)
    target = place(frame, left)
    if target is None:
        return opaque.expression(frame, node)
    if operator != "=":
        oops.divided(frame.run, frame.state, operator[:-1], value)
        value = operate(frame.run, operator[:-1], places.read(frame, target), value)
    value = convert(value, target.ctype, frame.run.opaque)
    places.write(frame, target, value, node)
    return value


def _update(frame: Frame, node: Any) -> Value:
    target = place(frame, node.child_by_field_name("argument"))
    if target is None:
        return opaque.expression(frame, node)
    old = places.read(frame, target)
    operator = frame.source.text(node.child_by_field_name("operator"))
    new = operate(frame.run, operator[0], old, number(1, INT))
    new = convert(new, target.ctype, frame.run.opaque)
    places.write(frame, target, new, node)
    prefix = node.child(0).type in ("++", "--")
    return new if prefix else old


def array_length(run: Run, ctype: CType) -> int | None:
    """How many elements an array has, None if that is no plain number."""
    from reviewer.behaviour.state import ENTRY, State

    if not ctype.array or not ctype.name:
        return None
    frame = Frame(run, snippet(""), State(z3.BoolVal(True), {}, ENTRY), INT)
    try:
        value = calls.evaluate_text(frame, ctype.name)
    except TooLarge:
        raise
    except Unsupported:
        return None
    expr = z3.simplify(value.expr)
    return int(expr.as_long()) if z3.is_bv_value(expr) else None


def _sizeof(frame: Frame, node: Any) -> Value:
    run = frame.run
    described = node.child_by_field_name("type")
    value = node.child_by_field_name("value")
    if described is not None:
        ctype = type_of(frame, described)
        text = frame.source.text(described)
        if text in frame.names:
            ctype = frame.names[text][1]
    else:
        inner = value
        while inner is not None and inner.type == "parenthesized_expression":
            inner = _inner(inner)
        if inner is not None and inner.type in _STRINGS:
            ctype = UNKNOWN
        elif (named := _type_named(frame, inner)) is not None:
            ctype = named
        else:
            ctype = calls.type_of_node(frame, value)
        size = None if inner is None else _string_size(frame, inner)
        if size is not None:
            return size
    if ctype.array and ctype.to is not None:
        size = places.step(run, ctype)
        if size is not None and z3.is_bv_value(size.expr):
            return size
    if ctype.array or ctype.kind in ("unknown", "void"):
        return Value(
            run.opaque(opaque.label(frame, node), [], run.machine.long_bits),
            run.machine.ulong,
        )
    if ctype.kind == "struct":
        return run.sizeof(ctype)
    return number(ctype.bits // 8, run.machine.ulong)


def _type_named(frame: Frame, node: Any) -> CType | None:
    """The type in ``sizeof(u64)``, where the grammar sees a variable."""
    if node is None or node.type != "identifier":
        return None
    name = frame.source.text(node)
    if name in frame.names or frame.run.global_type(name) is not None:
        return None
    ctype = frame.run.types.named(name)
    return None if ctype.kind == "unknown" else ctype


def _generic(frame: Frame, node: Any) -> Value:
    """_Generic: the first association with the pointer's type, const aside."""
    children = node.named_children
    ctype = calls.type_of_node(frame, children[0])
    pairs = list(zip(children[1::2], children[2::2], strict=False))
    for descriptor, chosen in pairs:
        if descriptor.type == "type_descriptor" and (
            type_of(frame, descriptor) == ctype
        ):
            return evaluate(frame, chosen)
    return opaque.expression(frame, node)


def _string_size(frame: Frame, node: Any) -> Value | None:
    """``sizeof`` of a string literal; None for others and for wide ones."""
    if node.type != "string_literal":
        return None
    size = literals.string_size(frame.source.text(node))
    return None if size is None else number(size, frame.run.machine.ulong)


def _string(frame: Frame, node: Any) -> Value:
    run = frame.run
    pointer = run.machine.pointer(run.machine.char)
    name = f"string {frame.source.text(node)}"
    sort = z3.BitVecSort(pointer.bits)
    return Value(run.unknowns.apply(name, "constant", [], sort), pointer)


def _call(frame: Frame, node: Any) -> Value:
    return calls.call(frame, node)


_HANDLERS: dict[str, Any] = {
    "number_literal": _number,
    "char_literal": _char,
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
