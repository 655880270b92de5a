# SPDX-License-Identifier: GPL-2.0-or-later
"""Names and calls: constants, globals, macros, functions that can be read.

What the tree shows is used as it stands there; a call that is not followed is an
unknown function of its arguments and of the world.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import z3
from tree_sitter import Node

from reviewer.c.formula import Condition
from reviewer.c.text import IDENTIFIER, normalised
from reviewer.c.vocabulary import NEVER_RETURN, READ_THEIR_ARGUMENT
from reviewer.prover.interpret import intrinsics, null_calls, unread_code
from reviewer.prover.interpret.inlining import (
    can_be_followed,
    function_run,
    is_worth_following,
    macro_run,
    macro_with_arguments,
    parsed_function,
    values_of,
)
from reviewer.prover.interpret.macro_splicing import HIDDEN, text_with_macros
from reviewer.prover.interpret.macro_texts import (
    evaluate_text,
    parsed_expression,
    readable,
    type_of_text,
)
from reviewer.prover.interpret.resolved_names import (
    by_configuration,
    is_function,
    note_line,
)
from reviewer.prover.interpret.run import Frame, Run
from reviewer.prover.limits import TooLarge, Unsupported
from reviewer.prover.memory import stopping_states
from reviewer.prover.memory.places import Place
from reviewer.prover.memory.state import Event, both_hold, simplified, world_sort
from reviewer.prover.memory.tagged_names import begins_with, global_key, label_of
from reviewer.prover.memory.whole_memory import publish_writes
from reviewer.prover.names.definition_texts import MacroText
from reviewer.prover.syntax import part_of
from reviewer.prover.term_types import BitVec
from reviewer.prover.values.declarations import parameters_of_type
from reviewer.prover.values.integers import (
    UNKNOWN,
    VOID,
    CType,
    Value,
    convert,
    no_value,
    promote,
    resize,
)


def _known_as(run: Run, word: str) -> str:
    """A global of another type, or a table of other values, is another one."""
    return f"{word} [{run.inputs.side}]" if word in run.inputs.redeclared else word


def global_place(frame: Frame, word: str) -> Place | None:
    """Returns a global variable as a place, None if the name is not known to be one;
    raises Unsupported where it begins with another value on the other side."""
    run = frame.run
    if not IDENTIFIER.fullmatch(word) or run.definitions.macros(word):
        return None
    ctype = run.global_type(word)
    if ctype is None:
        return None
    if word in run.inputs.first:
        raise Unsupported(f"{word} begins with another value")
    sort = z3.BitVecSort(64)
    word = _known_as(run, word)
    address = run.unknowns.apply(f"&{word}", "constant", [], sort)
    if ctype.kind == "struct":
        return Place("whole", ctype, address=address)
    run.stack.setdefault(address.get_id(), (global_key(word), ctype))
    run.global_places[address.get_id()] = address
    return Place("memory", ctype, key=global_key(word), address=address)


def address_of_name(frame: Frame, word: str) -> Value:
    """Evaluates ``&word`` of a global or a function."""
    run = frame.run
    found = global_place(frame, word)
    ctype = found.ctype if found is not None else VOID
    if found is not None:
        word = _known_as(run, word)
    expr = run.unknowns.apply(f"&{word}", "constant", [], z3.BitVecSort(64))
    pointer = run.machine.pointer(ctype)
    return Value(resize(expr, False, pointer.bits), pointer)


def call(frame: Frame, node: Node) -> Value:
    """Evaluates a call: of an intrinsic, a macro, a function with a text, or an
    unknown one."""
    callee = part_of(node, "function")
    arguments = part_of(node, "arguments")
    nodes = [c for c in arguments.named_children if c.type != "comment"]
    note_line(frame, node)
    if callee.type != "identifier":
        cast = _cast_like(frame, callee, nodes)
        return cast or _unknown_callee(frame, node, callee, nodes)
    word = frame.source.text(callee)
    if word in frame.names:
        return _unknown_callee(frame, node, callee, nodes)
    hidden, word = word.endswith(HIDDEN), word.removesuffix(HIDDEN)
    found = None if hidden else intrinsics.call(frame, word, nodes, node)
    if found is not None:
        return found
    return _by_name(frame, word, nodes, node, hidden)


def _by_name(
    frame: Frame, word: str, nodes: list[Node], node: Node, hidden: bool
) -> Value:
    """A call of what a name stands for; ``hidden``: it is no macro's."""
    deep = len(frame.run.being_inlined) >= frame.run.limits.depth
    # a macro may stand in its own arguments: max(max(a, b), c)
    again = 3 if frame.run.definitions.is_macro(word) else 1
    inside = frame.run.being_inlined.count(word) >= again
    kept_out = deep and word not in frame.run.inputs.forced
    if kept_out and can_be_followed(frame.run, word):
        frame.run.record.kept_out = True
    if not inside and not kept_out:
        value = try_or_undo(frame, lambda: _followed(frame, word, nodes, node, hidden))
        if value is not None:
            return value
    if not hidden and not is_function(frame, word):
        return unread_code.expression(frame, node)  # a macro, maybe, which may assign
    return unknown_call(frame, word, values_of(frame, nodes), node)


def _cast_like(frame: Frame, callee: Node, nodes: list[Node]) -> Value | None:
    """``(u64)(x)`` and ``(typeof(x))(y)``, which the grammar takes for calls."""
    from reviewer.prover.interpret.expressions import evaluate

    inner = callee.named_children
    if callee.type != "parenthesized_expression" or len(inner) != 1 or len(nodes) != 1:
        return None
    text = frame.source.norm(inner[0])
    if text.startswith(("typeof", "__typeof")) and text.endswith(")"):
        ctype = type_of_text(frame, text[text.index("(") + 1 : -1])
    elif inner[0].type == "identifier" and text not in frame.names:
        ctype = frame.run.types.named(text)
        if ctype.kind == "unknown" and not text.endswith("_t"):
            return None
    else:
        return None
    return convert(evaluate(frame, nodes[0]), ctype, frame.run.opaque)


def try_or_undo(frame: Frame, action: Callable[[], Value | None]) -> Value | None:
    """Do it, or undo what was done of it where it meets something unsupported."""
    run = frame.run
    saved = frame.state.copy(frame.state.alive)
    mark, active, source = run.mark(), list(run.being_inlined), frame.source
    names = dict(frame.names)
    waiting = {target: list(states) for target, states in frame.waiting.items()}
    jumps = dict(frame.jumps)
    try:
        return action()
    except TooLarge:
        raise
    except Unsupported:
        frame.state, frame.waiting, frame.names = saved, waiting, names
        frame.jumps = jumps
        frame.source = source
        run.being_inlined[:] = active
        run.undo(mark)
        return None


def call_place(frame: Frame, node: Node) -> Place | None:
    """Returns a macro call as a place: ``READ_ONCE(p->f)``, ``task_stack(t)->x``; None
    for other calls."""
    from reviewer.prover.interpret import expressions

    callee = part_of(node, "function")
    arguments = part_of(node, "arguments")
    word = frame.source.text(callee)
    if word in READ_THEIR_ARGUMENT and len(arguments.named_children) == 1:
        return expressions.place(frame, arguments.named_children[0])
    macros = frame.run.definitions.macros(word)
    if len(macros) != 1 or word in frame.run.being_inlined or not macros[0].parameters:
        return None
    text = macro_with_arguments(frame, macros[0], arguments)
    if text is not None:
        text = text_with_macros(frame.run, text)
    parsed = None if text is None else parsed_expression(text)
    if parsed is None:
        return None
    outer = frame.source
    frame.source, inner = parsed
    frame.run.being_inlined.append(word)
    try:
        return expressions.place(frame, inner)
    finally:
        frame.source = outer
        frame.run.being_inlined.pop()


def _followed(
    frame: Frame, word: str, nodes: list[Node], node: Node, hidden: bool
) -> Value | None:
    """The call with the callee's own text, None if that cannot be read.

    ``hidden``: the name stands in its own macro's text, and is the function's.
    """
    run = frame.run
    choices: list[tuple[Condition, Callable[[], Value] | None]] = []
    for macro in () if hidden else run.definitions.macros(word):
        if macro.parameters is None:
            return _renamed(frame, macro, nodes, node)
        arguments = part_of(node, "arguments")
        text = macro_with_arguments(frame, macro, arguments)
        if text is None or not (readable(text) or not text.strip()):
            choices.append((macro.condition, None))
            continue
        choices.append((macro.condition, macro_run(frame, macro, text)))
    functions = run.definitions.functions(word)
    if functions and not is_worth_following(run, word, functions):
        functions = ()
    bodies = [(text, parsed_function(text)) for text in functions]
    bodies = [(t, p) for t, p in bodies if p is not None]
    if not choices and not bodies:
        return None
    values = values_of(frame, nodes) if bodies else []
    for definition, parsed in bodies:
        assert parsed is not None
        action = function_run(frame, definition, parsed, values, node)
        choices.append((definition.condition, action))
    if any(action is None for _condition, action in choices):
        return None

    def elsewhere() -> Value:
        given = values if bodies else values_of(frame, nodes)
        return unknown_call(frame, word, given, node)

    return by_configuration(frame, choices, word, elsewhere)


def _renamed(
    frame: Frame, macro: MacroText, nodes: list[Node], node: Node
) -> Value | None:
    """``#define foo bar``: the call is one of bar."""
    if (
        not IDENTIFIER.fullmatch(macro.body)
        or len(frame.run.definitions.macros(macro.name)) != 1
    ):
        return None
    arguments = frame.source.text(part_of(node, "arguments"))
    frame.run.being_inlined.append(macro.name)
    try:
        if macro.body in frame.run.being_inlined:
            return None
        return evaluate_text(frame, macro.body + arguments)
    finally:
        frame.run.being_inlined.pop()


# --- unknown calls ------------------------------------------------------------


def unknown_call(frame: Frame, word: str, values: list[Value], node: Node) -> Value:
    """Returns the result of an unknown function; the world moves on, unless it only
    reads."""
    run = frame.run
    result, parameters = run.prototype(word)
    exact = parameters is not None and len(parameters) <= len(values)
    converted = []
    for position, value in enumerate(values):
        if parameters is not None and position < len(parameters):
            value = convert(value, parameters[position], run.opaque)
        else:
            value = _default_promotion(run, value, variadic=parameters is not None)
        converted.append(value.expr)
    return _applied(frame, word, converted, result, exact, node, values)


def _default_promotion(run: Run, value: Value, variadic: bool = False) -> Value:
    """An argument without a parameter: its value; behind "..." its bits, for there
    int and unsigned int are read as the format says, whatever was passed."""
    if value.ctype.kind in ("int", "bool"):
        value = promote(value, run.opaque)
        signed = value.ctype.signed and not variadic
        return Value(resize(value.expr, signed, 64), value.ctype)
    return value


def _is_handed_another(frame: Frame, word: str, node: Node) -> bool:
    """Whether a function that could be followed may call one that changed by way of
    what it is handed."""
    leading = frame.run.inputs.leading
    if not leading or leading.isdisjoint(IDENTIFIER.findall(frame.source.text(node))):
        return False
    return bool(frame.run.definitions.functions(word))


def _applied(
    frame: Frame,
    word: str,
    operands: list[BitVec],
    result: CType,
    exact: bool,
    node: Node,
    values: list[Value] | None = None,
) -> Value:
    from reviewer.prover.memory.state import world_with_writes

    run, state = frame.run, frame.state
    label = run.marked(word)
    if not label.endswith("]") and _is_handed_another(frame, word, node):
        label += f" [{run.inputs.side}]"
    bits = result.bits
    if run.reads_only(word):
        world = world_with_writes(state)
        name_ = f"{label}()"
        if run.inputs.concurrent:
            name_ += unread_code.repetition_mark(frame, name_)
        stopping_states.note_call_of_reader(
            run, state, name_, [world, *operands], values or []
        )
        expr = run.unknowns.apply(
            name_, "call", [world, *operands], z3.BitVecSort(bits)
        )
        return run.received(expr, result)
    if values and _may_be_null(values[0]):
        if result.kind == "void" and null_calls.ignores_null(run.definitions, word):
            return _unless_null(frame, label, operands, exact, node)
        if not null_calls.is_seen(run.definitions, word):
            is_null = both_hold(state.alive, operands[0] == 0)
            for told in (f"call of {label}()", f"how many times: calls of {label}()"):
                run.record.given_null.setdefault(told, []).append(is_null)
    return record_call(frame, word, label, operands, result, exact, node)


def _may_be_null(first: Value) -> bool:
    """Whether it is a pointer that is not told to be NULL, or not to be."""
    if first.ctype.kind != "pointer" or z3.is_bv_value(first.expr):
        return False
    return not str(first.expr.decl().name()).startswith(("string ", "&"))


def _unless_null(
    frame: Frame, label: str, operands: list[BitVec], exact: bool, node: Node
) -> Value:
    from reviewer.prover.interpret.jumps import branch

    def call_it() -> None:
        record_call(frame, label, label, operands, VOID, exact, node)

    branch(
        frame,
        simplified(operands[0] != 0),
        call_it,
        lambda: None,
    )
    return no_value()


def record_call(
    frame: Frame,
    word: str,
    label: str,
    operands: list[BitVec],
    result: CType,
    exact: bool,
    node: Node,
) -> Value:
    """Returns the value of a call that happens: it is seen, all of memory with it."""
    run, state = frame.run, frame.state
    bits = result.bits
    text, line = frame.where(node)
    if word in NEVER_RETURN:
        run.record.never_returning.append(state.alive)
    publish_writes(frame)
    given = [state.world, *operands]
    expr = run.unknowns.apply(f"{label}()", "call", given, z3.BitVecSort(bits))
    after = run.unknowns.apply(f"after {label}()", "call", given, world_sort())
    run.record.events.append(
        Event(
            "call", label, state.alive, tuple(operands), line, text,
            exact=exact, world=state.world, after=after, result=expr,
        )
    )  # fmt: skip
    state.world = after
    return run.received(expr, result)


def _unknown_callee(frame: Frame, node: Node, callee: Node, nodes: list[Node]) -> Value:
    """A call through a pointer: the pointer is one more argument."""
    from reviewer.prover.interpret.expressions import evaluate

    pointer = evaluate(frame, callee)
    named = label_of(pointer.expr).removeprefix("&")
    if begins_with(pointer.expr, "&") and frame.run.definitions.prototypes(named):
        return _by_name(frame, named, nodes, node, True)
    values = [pointer, *_as_declared(frame.run, pointer, values_of(frame, nodes))]
    operands = [_default_promotion(frame.run, value).expr for value in values]
    member = re.split(r"->|\.", normalised(frame.source.text(callee)))[-1]
    called = f"call of {member}"
    inputs = frame.run.inputs  # what it takes may have changed, or what it does
    if inputs.leading or (pointer.ctype.to is None and inputs.redeclared):
        called += f" [{inputs.side}]"
    of = _function_type(pointer)
    result = UNKNOWN if of is None or of.to is None else of.to
    return _applied(frame, called, operands, result, False, node)


def _function_type(pointer: Value) -> CType | None:
    """The type of the function that is called through a pointer."""
    ctype = pointer.ctype
    return ctype.to if ctype.kind == "pointer" else ctype


def _as_declared(run: Run, pointer: Value, values: list[Value]) -> list[Value]:
    """The arguments as a pointer to a function takes them: ``int (*op)(u8)``."""
    of = _function_type(pointer)
    kinds = None if of is None else parameters_of_type(run.types, of)
    if kinds is None or len(kinds) != len(values):
        return values
    return [
        convert(value, kind, run.opaque) if kind.kind in ("int", "bool") else value
        for value, kind in zip(values, kinds, strict=True)
    ]
