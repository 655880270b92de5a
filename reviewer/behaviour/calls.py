# SPDX-License-Identifier: GPL-2.0-or-later
"""Names and calls: constants, globals, macros, functions that can be read.

What the tree shows is used as it stands there; a call that is not followed is an
unknown function of its arguments and of the world.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import z3

from reviewer.behaviour import intrinsics, nulls, oops, opaque, places
from reviewer.behaviour.cvalues import (
    INT,
    UINT,
    UNKNOWN,
    VOID,
    CType,
    Value,
    convert,
    number,
    promote,
    received,
    resize,
)
from reviewer.behaviour.definition_texts import FunctionText, MacroText
from reviewer.behaviour.hidden import check_scopes, redefined_later
from reviewer.behaviour.initial import initial_value
from reviewer.behaviour.places import Place
from reviewer.behaviour.run import Frame, TooLarge, Unsupported, plain
from reviewer.behaviour.splice import (
    HIDDEN,
    LINE,
    function_with_macros,
    put_in,
    text_with_macros,
)
from reviewer.behaviour.state import WORLD, Event, merge, narrowed, simplified
from reviewer.behaviour.terms import TRUE, constant, is_false
from reviewer.behaviour.types import snippet
from reviewer.c.vocabulary import NEVER_RETURN, READ_THEIR_ARGUMENT

if TYPE_CHECKING:
    from reviewer.behaviour.run import Run
    from reviewer.c.source import Source

_WORD = re.compile(r"[A-Za-z_]\w*")
_DEFINES = re.compile(r"^[ \t]*#[ \t]*(?:define|undef|include)\b", re.MULTILINE)


# --- text as code -------------------------------------------------------------


def parsed_expression(text: str) -> tuple[Source, Any] | None:
    """A piece of text as an expression, None if it is none."""
    source = snippet(f"int f(void) {{ return {text}; }}")
    if source.root.has_error:
        return None
    functions = source.functions
    body: Any = functions[0].body if len(functions) == 1 else None
    children = [] if body is None else body.named_children
    if len(children) != 1 or children[0].type != "return_statement":
        return None
    values = children[0].named_children
    return (source, values[0]) if len(values) == 1 else None


def parsed_statement(text: str) -> tuple[Source, Any] | None:
    """A piece of text as a statement block."""
    source = snippet(f"void f(void) {{ {text.rstrip(' ;')}; }}")
    if source.root.has_error or source.blanked:
        return None
    functions = source.functions
    return (source, functions[0].body) if len(functions) == 1 else None


def evaluate_text(frame: Frame, text: str) -> Value:
    """Run text in a frame: what a macro stands for."""
    from reviewer.behaviour.expressions import evaluate
    from reviewer.behaviour.statements import run_block

    outer, line = frame.source, frame.line
    text = text_with_macros(frame.run, text)
    check_scopes(text)
    parsed = parsed_expression(text)
    if parsed is not None:
        frame.source, node = parsed
        try:
            return evaluate(frame, node)
        finally:
            frame.source, frame.line = outer, line
    block = parsed_statement(text)
    if block is None:
        raise Unsupported(f"a macro that is no expression: {text[:60]}")
    frame.source, body = block
    try:
        run_block(frame, body.named_children)
    finally:
        frame.source, frame.line = outer, line
    return Value(constant(0, 64), VOID)


def readable(text: str) -> bool:
    """Whether text is an expression or a statement that the parser takes."""
    return parsed_expression(text) is not None or parsed_statement(text) is not None


def type_of_text(frame: Frame, text: str) -> CType:
    """``typeof(text)``."""
    text = text_with_macros(frame.run, text)
    parsed = parsed_expression(text)
    if parsed is None or frame.run.types.is_typename(text):
        return frame.run.types.named(text)
    outer = frame.source
    frame.source, node = parsed
    try:
        return type_of_node(frame, node)
    finally:
        frame.source = outer


_LVALUES = (
    "identifier",
    "field_expression",
    "subscript_expression",
    "pointer_expression",
)


def type_of_node(frame: Frame, node: Any) -> CType:
    """The type of an expression, which is not executed."""
    from reviewer.behaviour import expressions

    saved, mark = frame.state, frame.run.mark()
    frame.state = saved.copy(saved.alive)
    try:
        while node.type == "parenthesized_expression" and node.named_child_count == 1:
            node = node.named_children[0]
        if node.type == "identifier" and frame.source.text(node) in frame.names:
            return frame.names[frame.source.text(node)][1]
        if node.type in _LVALUES:  # an array is no pointer here
            found = expressions.place(frame, node)
            if found is not None:
                return found.ctype
        return expressions.evaluate(frame, node).ctype
    except TooLarge:
        raise
    except Unsupported:
        return UNKNOWN
    finally:
        frame.state = saved
        frame.run.undo(mark)


# --- names --------------------------------------------------------------------


def name(frame: Frame, word: str, node: Any) -> Value:
    """The value of a name that is no local variable."""
    run = frame.run
    hidden, word = word.endswith(HIDDEN), word.removesuffix(HIDDEN)
    _note_line(frame, node)
    if word.startswith(LINE):
        return Value(run.unknowns.apply(word, "constant", [], z3.BitVecSort(32)), INT)
    if word == "__COUNTER__":  # another number at each place
        word = f"{word} [{run.side}]"
    if word in ("NULL",):
        return number(0, run.machine.pointer(VOID))
    if word in ("true", "false"):
        return number(int(word == "true"), INT)
    if word in _PAGE_CONSTANTS and word not in run.changed:
        return _page_constant(frame, word)
    if word in _OF_THE_MACHINE and word not in run.changed:
        return number(_OF_THE_MACHINE[word](run.machine.long_bits), INT)
    macros = [m for m in run.definitions.macros(word) if m.parameters is None]
    macros = [] if hidden else macros
    if macros and word not in run.active and all(m.body for m in macros):
        choices = [(m.condition, _object_macro(frame, m)) for m in macros]
        value = _attempt(frame, lambda: _by_condition(frame, choices, word))
        if value is not None:
            return value
    if not macros:
        constant = enumerator(run, word)
        if constant is not None:
            run.needs(word)
            return constant
        held = _held(frame, word)
        if held is not None:
            return held
        found = global_place(frame, word)
        if found is not None:
            return places.read(frame, found)
    if is_function(frame, word):
        return address_of_name(frame, word)
    ctype = replace(UNKNOWN, name=f"type of {word}")
    expr = run.unknowns.apply(run.marked(word), "constant", [], z3.BitVecSort(64))
    return Value(expr, ctype)


def _note_line(frame: Frame, node: Any) -> None:
    """Remember the line for ``__LINE__`` in a macro: that of the function itself."""
    run = frame.run
    if run.text_from == "" and frame.line is None:
        run.line = frame.source.line_of(node)


def _held(frame: Frame, word: str) -> Value | None:
    """What a variable always holds: it is const, or nobody in its file writes it."""
    run = frame.run
    text = initial_value(run.definitions.here, word)
    ctype = None if text is None else run.global_type(word)
    if text is None or ctype is None or ctype.kind not in ("int", "bool"):
        return None
    if word in run.active:
        return None
    run.active.append(word)
    try:
        return convert(evaluate_text(frame, text), ctype, run.opaque)
    finally:
        run.active.pop()


# What the compiler says by itself, and the name that every architecture's
# uapi/asm/bitsperlong.h gives to one of them.
_OF_THE_MACHINE: dict[str, Callable[[int], int]] = {
    "__CHAR_BIT__": lambda bits: 8,
    "__SIZEOF_SHORT__": lambda bits: 2,
    "__SIZEOF_INT__": lambda bits: 4,
    "__SIZEOF_LONG__": lambda bits: bits // 8,
    "__SIZEOF_POINTER__": lambda bits: bits // 8,
    "__SIZEOF_LONG_LONG__": lambda bits: 8,
    "__BITS_PER_LONG": lambda bits: bits,
}
# Every architecture has these, and only it says what they are: arch/*/asm/page.h.
_PAGE_CONSTANTS = ("PAGE_SHIFT", "PAGE_SIZE", "PAGE_MASK")


def _page_constant(frame: Frame, word: str) -> Value:
    run = frame.run
    shift = run.page_shift()
    if word == "PAGE_SHIFT":
        return shift
    ulong = run.machine.ulong
    amount = resize(shift.expr, False, ulong.bits)
    size = constant(1, ulong.bits) << amount
    return Value(size if word == "PAGE_SIZE" else ~(size - 1), ulong)


def _object_macro(frame: Frame, macro: MacroText) -> Callable[[], Value] | None:
    if not readable(macro.body):
        return None

    def run_it() -> Value:
        frame.run.active.append(macro.name)
        frame.run.used(macro.name, macro.body)
        with _text_of(frame, macro):
            return evaluate_text(frame, macro.body)

    return run_it


@contextmanager
def _text_of(frame: Frame, macro: MacroText) -> Iterator[None]:
    """While the text of a macro is run, which is the last of those that are."""
    run = frame.run
    before = run.text_from
    run.text_from = macro.path
    try:
        yield
    finally:
        run.active.pop()
        run.text_from = before


def _by_condition(
    frame: Frame,
    choices: list[tuple[Any, Callable[[], Value] | None]],
    what: str,
    otherwise: Callable[[], Value] | None = None,
) -> Value | None:
    """The value of the definition that the configuration selects.

    None where no definition can be read.  A configuration that has none gets
    ``otherwise``, or an unknown value.
    """
    from reviewer.behaviour.operators import balanced, whole_again

    run = frame.run
    readable_ones = [
        (simplified(run.formula(condition)), action)
        for condition, action in choices
        if action is not None
    ]
    readable_ones = [pair for pair in readable_ones if not is_false(pair[0])]
    if not readable_ones or len(readable_ones) > 6:
        return None
    before, jumps = frame.state, dict(frame.jumps)
    left = TRUE  # configurations not covered yet
    results: list[tuple[Any, Any, Value]] = []
    for flag, action in readable_ones:
        here = narrowed(left, flag)
        left = narrowed(left, z3.Not(flag))
        frame.state = before.copy(narrowed(before.alive, here))
        run.configuration.append(flag)
        try:
            results.append((here, None, action()))
        finally:
            run.configuration.pop()
        results[-1] = (here, frame.state, results[-1][2])
    if not is_false(left) and not run.impossible(left):
        frame.state = before.copy(narrowed(before.alive, left))
        ctype = results[0][2].ctype
        if otherwise is not None:
            value = otherwise()
        else:
            value = Value(run.opaque(f"undeclared {what}", [], ctype.bits), ctype)
        results.append((left, frame.state, value))
    flag, state, value = results[-1]
    for here, other, chosen in reversed(results[:-1]):
        state = merge(run.unknowns, here, other, state)
        if VOID not in (chosen.ctype, value.ctype):
            chosen, value = balanced(run, chosen, value)
            if not chosen.expr.eq(value.expr):
                both = None
                if chosen.flag is not None and value.flag is not None:
                    both = z3.If(here, chosen.flag, value.flag)
                expr = z3.If(here, chosen.expr, value.expr)
                value = Value(expr, chosen.ctype, both)
    frame.state = state
    whole_again(frame, before, jumps)
    return value


def enumerator(run: Run, word: str) -> Value | None:
    """The value of an enum's member; gated members before it move it."""
    if word in run.enums:
        return run.enums[word]
    run.enums[word] = None
    enum = run.definitions.enum(word)
    if enum is None:
        return None
    from reviewer.behaviour.state import ENTRY, State

    blank = snippet("")
    frame = Frame(run, blank, State(TRUE, {}, ENTRY), INT)
    choices: dict[int, Any] = {0: TRUE}  # next value -> when it is that
    for member, expression, condition in enum.members:
        if expression is not None:
            choices = _enum_value(frame, member, expression)
        if choices:
            run.enums[member] = _chosen_number(run, choices)
        run.used(member, expression or "")
        flag = simplified(run.formula(condition))
        run.declared[member] = flag
        following: dict[int, Any] = {}
        for value, when in choices.items():
            for successor, there in ((value + 1, flag), (value, z3.Not(flag))):
                part = narrowed(when, there)
                if not is_false(part):
                    known = following.get(successor)
                    following[successor] = part if known is None else z3.Or(known, part)
        choices = following
    members = [run.enums.get(member) for member, _value, _condition in enum.members]
    if any(value is not None and value.ctype != INT for value in members):
        # gcc 13 gives all of them the type of the widest, gcc 12 only some
        for (member, _value, _condition), known in zip(
            enum.members, members, strict=True
        ):
            if known is None or known.ctype == INT:
                run.enums[member] = None
    return run.enums[word]


def _enum_value(frame: Frame, member: str, expression: str) -> dict[int, Any]:
    """The values an explicit ``= expression`` can have, {} if that is not known."""
    known = frame.run.enums.get(expression)
    try:
        value = known or evaluate_text(frame, expression)
    except Unsupported:
        return {}
    if value.ctype.kind not in ("int", "bool"):
        return {}
    found: dict[int, Any] = {}
    left = TRUE
    expr = z3.simplify(value.expr) if known is None else value.expr
    # one bit more than any type: no unsigned number turns negative
    expr = resize(expr, value.ctype.signed, 65)
    if known is None:
        expr = z3.simplify(expr)
    while z3.is_app(expr) and expr.decl().kind() == z3.Z3_OP_ITE:
        if not z3.is_bv_value(expr.arg(1)):
            return {}
        when = narrowed(left, expr.arg(0))
        number_ = expr.arg(1).as_signed_long()
        found[number_] = z3.Or(found[number_], when) if number_ in found else when
        left = narrowed(left, z3.Not(expr.arg(0)))
        expr = expr.arg(2)
    if not z3.is_bv_value(expr):
        return {}
    number_ = expr.as_signed_long()
    found[number_] = z3.Or(found[number_], left) if number_ in found else left
    return found


def _chosen_number(run: Run, choices: dict[int, Any]) -> Value | None:
    """One of several numbers, by condition; int, or what gcc takes beyond that."""
    values = sorted(choices)
    for ctype in (INT, UINT, run.machine.long, run.machine.ulong):
        lowest = -(1 << (ctype.bits - 1)) if ctype.signed else 0
        if lowest <= values[0] and values[-1] < lowest + (1 << ctype.bits):
            break
    else:
        return None
    expr = constant(values[-1], ctype.bits)
    for value in reversed(values[:-1]):
        expr = z3.If(choices[value], constant(value, ctype.bits), expr)
    return Value(expr, ctype)


def _known_as(run: Run, word: str) -> str:
    """A global of another type, or a table of other values, is another one."""
    return f"{word} [{run.side}]" if word in run.redeclared else word


def global_place(frame: Frame, word: str) -> Place | None:
    """A global variable as a place, None if the name is not known to be one."""
    run = frame.run
    if not re.fullmatch(_WORD, word) or run.definitions.macros(word):
        return None
    ctype = run.global_type(word)
    if ctype is None:
        return None
    if word in run.first:
        raise Unsupported(f"{word} begins with another value")
    sort = z3.BitVecSort(64)
    word = _known_as(run, word)
    address = run.unknowns.apply(f"&{word}", "constant", [], sort)
    if ctype.kind == "struct":
        return Place("whole", ctype, address=address)
    run.stack.setdefault(address.get_id(), (f"global {word}", ctype))
    return Place("memory", ctype, key=f"global {word}", address=address)


def address_of_name(frame: Frame, word: str) -> Value:
    """``&word`` of a global or a function."""
    run = frame.run
    found = global_place(frame, word)
    ctype = found.ctype if found is not None else VOID
    if found is not None:
        word = _known_as(run, word)
    expr = run.unknowns.apply(f"&{word}", "constant", [], z3.BitVecSort(64))
    pointer = run.machine.pointer(ctype)
    return Value(resize(expr, False, pointer.bits), pointer)


def is_function(frame: Frame, word: str) -> bool:
    """Whether a name is known to be a real function, not a macro."""
    run = frame.run
    if word not in run.function_names:
        definitions = run.definitions
        run.function_names[word] = not definitions.is_macro(word) and bool(
            definitions.functions(word) or definitions.prototypes(word)
        )
    return run.function_names[word]


# --- calls --------------------------------------------------------------------


def call(frame: Frame, node: Any) -> Value:
    """A call expression: an intrinsic, a macro, a function's text, or unknown."""
    callee = node.child_by_field_name("function")
    arguments = node.child_by_field_name("arguments")
    nodes = [c for c in arguments.named_children if c.type != "comment"]
    _note_line(frame, node)
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
    deep = len(frame.run.active) >= frame.run.limits.depth
    # a macro may stand in its own arguments: max(max(a, b), c)
    again = 3 if frame.run.definitions.is_macro(word) else 1
    inside = frame.run.active.count(word) >= again
    if not inside and not (deep and word not in frame.run.forced):
        value = _attempt(frame, lambda: _followed(frame, word, nodes, node, hidden))
        if value is not None:
            return value
    if not hidden and not is_function(frame, word):
        if frame.run.definitions.is_macro(word) or not _is_plain(nodes):
            return opaque.expression(frame, node)
        return unknown_macro(frame, word, nodes, node)
    return unknown(frame, word, nodes, node)


def _cast_like(frame: Frame, callee: Any, nodes: list[Any]) -> Value | None:
    """``(u64)(x)`` and ``(typeof(x))(y)``, which the grammar takes for calls."""
    from reviewer.behaviour.expressions import evaluate

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


def _attempt(frame: Frame, action: Callable[[], Value | None]) -> Value | None:
    """Do it, or undo what was done of it where it meets something unsupported."""
    run = frame.run
    saved = frame.state.copy(frame.state.alive)
    mark, active, source = run.mark(), list(run.active), frame.source
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
        run.active[:] = active
        run.undo(mark)
        return None


def call_place(frame: Frame, node: Any) -> Place | None:
    """A macro call as a place: ``READ_ONCE(p->f)``, ``task_stack(t)->x``."""
    from reviewer.behaviour import expressions

    callee = node.child_by_field_name("function")
    arguments = node.child_by_field_name("arguments")
    word = frame.source.text(callee)
    if word in READ_THEIR_ARGUMENT and len(arguments.named_children) == 1:
        return expressions.place(frame, arguments.named_children[0])
    macros = frame.run.definitions.macros(word)
    if len(macros) != 1 or word in frame.run.active or not macros[0].parameters:
        return None
    text = expanded(frame, macros[0], arguments)
    if text is not None:
        text = text_with_macros(frame.run, text)
    parsed = None if text is None else parsed_expression(text)
    if parsed is None:
        return None
    outer = frame.source
    frame.source, inner = parsed
    frame.run.active.append(word)
    try:
        return expressions.place(frame, inner)
    finally:
        frame.source = outer
        frame.run.active.pop()


def _followed(
    frame: Frame, word: str, nodes: list[Any], node: Any, hidden: bool
) -> Value | None:
    """The call with the callee's own text, None if that cannot be read.

    ``hidden``: the name stands in its own macro's text, and is the function's.
    """
    run = frame.run
    choices: list[tuple[Any, Callable[[], Value] | None]] = []
    for macro in () if hidden else run.definitions.macros(word):
        if macro.parameters is None:
            return _renamed(frame, macro, nodes, node)
        arguments = node.child_by_field_name("arguments")
        text = expanded(frame, macro, arguments)
        if text is None or not (readable(text) or not text.strip()):
            choices.append((macro.condition, None))
            continue
        choices.append((macro.condition, _macro_action(frame, macro, text)))
    functions = run.definitions.functions(word)
    if functions and not _worth_following(run, word, functions):
        functions = ()
    bodies = [(text, parsed_function(text)) for text in functions]
    bodies = [(t, p) for t, p in bodies if p is not None]
    if not choices and not bodies:
        return None
    values = _arguments(frame, nodes) if bodies else []
    for definition, parsed in bodies:
        assert parsed is not None
        action = _function_action(frame, definition, parsed, values, node)
        choices.append((definition.condition, action))
    if any(action is None for _condition, action in choices):
        return None

    def elsewhere() -> Value:
        given = values if bodies else _arguments(frame, nodes)
        return unknown_call(frame, word, given, node)

    return _by_condition(frame, choices, word, elsewhere)


def _renamed(
    frame: Frame, macro: MacroText, nodes: list[Any], node: Any
) -> Value | None:
    """``#define foo bar``: the call is one of bar."""
    if (
        not re.fullmatch(_WORD, macro.body)
        or len(frame.run.definitions.macros(macro.name)) != 1
    ):
        return None
    arguments = frame.source.text(node.child_by_field_name("arguments"))
    frame.run.active.append(macro.name)
    try:
        if macro.body in frame.run.active:
            return None
        return evaluate_text(frame, macro.body + arguments)
    finally:
        frame.run.active.pop()


def _worth_following(run: Run, word: str, texts: tuple[FunctionText, ...]) -> bool:
    """An inline function of a header, or one that differs between the two sides."""
    if any("__weak" in text.returns.split() for text in texts):
        return False  # an architecture may have another
    if word in run.forced:
        return True
    if run.limits.depth == 0:
        return False
    return all("inline" in t.returns or t.path.endswith(".h") for t in texts)


def _macro_action(frame: Frame, macro: MacroText, text: str) -> Callable[[], Value]:
    def run_it() -> Value:
        run = frame.run
        run.active.append(macro.name)
        run.used(macro.name, macro.body)
        with _text_of(frame, macro):
            if not text.strip():
                return Value(constant(0, 64), VOID)
            return evaluate_text(frame, text)

    return run_it


def expanded(frame: Frame, macro: MacroText, arguments: Any) -> str | None:
    """A function-like macro's text with the arguments in it, as cpp does it."""
    return put_in(frame.run, macro, plain(frame.source.text(arguments)))


def parsed_function(text: FunctionText) -> tuple[Source, Any] | None:
    """A function's text as a tree: (source, function_definition)."""
    from reviewer.behaviour.lift import blanked

    source = snippet(f"{text.returns} {text.name}({text.parameters})\n{text.body}\n")
    functions = source.functions
    if len(functions) != 1 or functions[0].broken or blanked(source, functions[0]):
        return None
    return source, functions[0]


def _arguments(frame: Frame, nodes: list[Any]) -> list[Value]:
    from reviewer.behaviour.expressions import evaluate

    return [evaluate(frame, node) for node in nodes]


def _function_action(
    frame: Frame, text: FunctionText, parsed: Any, values: list[Value], node: Any
) -> Callable[[], Value]:
    def run_it() -> Value:
        source, function = parsed
        _text, line = frame.where(node)
        return inline(frame, source, function, values, text, line)

    return run_it


def inline(
    frame: Frame,
    source: Source,
    function: Any,
    values: list[Value],
    text: FunctionText,
    line: int,
) -> Value:
    """Run a function's body on the state of its caller."""
    from reviewer.behaviour.lift import body_of, parameters_of

    run = frame.run
    run.active.append(text.name)
    run.inside.append(text.name)
    run.used(text.name, text.body)
    kept = dict(frame.state.env)
    seen_from = run.definitions.at
    try:
        source, function = _with_macros(run, source, function, text)
        inner = Frame(run, source, frame.state, VOID, path=text.path, line=line)
        inner.result, parameters = parameters_of(inner, function)
        if len(parameters) != len(values):
            raise Unsupported(f"{text.name}() is called with other arguments")
        body_of(inner, function, parameters, values)
    finally:
        run.active.pop()
        run.inside.pop()
        run.definitions.at = seen_from
    frame.state = inner.state
    result = inner.state.env.get(0)
    env = {slot: value for slot, value in inner.state.env.items() if slot in kept}
    frame.state.env = env
    if 0 in kept:
        frame.state.env[0] = kept[0]
    if inner.result.kind == "void":
        return Value(constant(0, 64), VOID)
    if result is None:
        return places.uninitialised(run, inner.result)
    return result


def _with_macros(
    run: Run, source: Source, function: Any, text: FunctionText
) -> tuple[Source, Any]:
    """A callee with the macros put in as they are where it stands."""
    definitions = run.definitions
    own = text.path == definitions.path
    definitions.at = text.line if own else definitions.behind_includes
    moving = own and definitions.moving and "#" in text.body
    if moving or _DEFINES.search(text.body):
        raise Unsupported(f"{text.name}() has a directive in it")
    later = None if own else redefined_later(definitions, text)
    if later is not None:
        raise Unsupported(f"{later}() is a macro, perhaps not yet in {text.name}()")
    return function_with_macros(run, source, function, lines=False)


# --- unknown calls ------------------------------------------------------------


def _is_plain(nodes: list[Any]) -> bool:
    """Whether arguments are expressions, not types or fragments."""
    return all(not node.type.endswith(("descriptor", "ERROR")) for node in nodes)


def unknown_macro(frame: Frame, word: str, nodes: list[Any], node: Any) -> Value:
    """A call of a name that no header shows: it may even assign its arguments."""
    return opaque.expression(frame, node)


def unknown(frame: Frame, word: str, nodes: list[Any], node: Any) -> Value:
    """A call of a real function that is not followed."""
    return unknown_call(frame, word, _arguments(frame, nodes), node)


def unknown_call(frame: Frame, word: str, values: list[Value], node: Any) -> Value:
    """The result of an unknown function; the world moves on, unless it only reads."""
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


def _applied(
    frame: Frame,
    word: str,
    operands: list[Any],
    result: CType,
    exact: bool,
    node: Any,
    values: list[Value] | None = None,
) -> Value:
    from reviewer.behaviour.state import committed

    run, state = frame.run, frame.state
    label = run.marked(word)
    bits = result.bits
    if run.reads_only(word):
        world = committed(run.unknowns, state)
        name_ = f"{label}()"
        if run.concurrent:
            name_ += opaque.turn(frame, name_)
        oops.called(run, state, name_, [world, *operands], values or [])
        expr = run.unknowns.apply(
            name_, "call", [world, *operands], z3.BitVecSort(bits)
        )
        return received(expr, result)
    if values and _may_be_null(values[0]):
        if result.kind == "void" and nulls.ignores(run.definitions, word):
            return _unless_null(frame, label, operands, exact, node)
        if not nulls.is_seen(run.definitions, word):
            is_null = narrowed(state.alive, operands[0] == 0)
            for told in (f"call of {label}()", f"how many times: calls of {label}()"):
                run.given_null.setdefault(told, []).append(is_null)
    return _made(frame, word, label, operands, result, exact, node)


def _may_be_null(first: Value) -> bool:
    """Whether it is a pointer that is not told to be NULL, or not to be."""
    if first.ctype.kind != "pointer" or z3.is_bv_value(first.expr):
        return False
    return not str(first.expr.decl().name()).startswith(("string ", "&"))


def _unless_null(
    frame: Frame, label: str, operands: list[Any], exact: bool, node: Any
) -> Value:
    from reviewer.behaviour.statements import branch

    branch(
        frame,
        simplified(operands[0] != 0),
        lambda: _made(frame, label, label, operands, VOID, exact, node),
        lambda: None,
    )
    return Value(constant(0, 64), VOID)


def _made(
    frame: Frame,
    word: str,
    label: str,
    operands: list[Any],
    result: CType,
    exact: bool,
    node: Any,
) -> Value:
    """A call that happens: seen, and with all of memory before and after it."""
    run, state = frame.run, frame.state
    bits = result.bits
    text, line = frame.where(node)
    if word in NEVER_RETURN:
        run.ends.append(state.alive)
    run.events.append(
        Event("call", label, state.alive, tuple(operands), line, text, exact=exact)
    )
    places.publish(frame)
    given = [state.world, *operands]
    expr = run.unknowns.apply(f"{label}()", "call", given, z3.BitVecSort(bits))
    state.world = run.unknowns.apply(f"after {label}()", "call", given, WORLD)
    return received(expr, result)


def _unknown_callee(frame: Frame, node: Any, callee: Any, nodes: list[Any]) -> Value:
    """A call through a pointer: the pointer is one more argument."""
    from reviewer.behaviour.expressions import evaluate

    pointer = evaluate(frame, callee)
    values = [pointer, *_arguments(frame, nodes)]
    operands = [_default_promotion(frame.run, value).expr for value in values]
    word = f"call of {plain(frame.source.text(callee)).split('->')[-1].split('.')[-1]}"
    return _applied(frame, word, operands, UNKNOWN, False, node)
