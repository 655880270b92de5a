# SPDX-License-Identifier: GPL-2.0-or-later
"""A function as formulas: what it returns and what it does, for all inputs at once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial

import z3
from tree_sitter import Node

from reviewer.c.source import Function, Source
from reviewer.prover.changes.changed_parameters import system_call_macro
from reviewer.prover.interpret import (
    constant_tables,
    guard_places,
    intrinsics,
    jumps,
    statements,
)
from reviewer.prover.interpret.enumerators import sign_of
from reviewer.prover.interpret.expressions import place_of_name
from reviewer.prover.interpret.hidden_effects import check_scopes
from reviewer.prover.interpret.macro_splicing import function_with_macros
from reviewer.prover.interpret.run import Frame, Run
from reviewer.prover.limits import Unsupported
from reviewer.prover.memory import accesses
from reviewer.prover.memory.state import (
    State,
    entry_world,
    memory_of_member,
    world_with_accesses,
    world_with_writes,
)
from reviewer.prover.syntax import block_of, first_token, part_of
from reviewer.prover.term_types import BitVec, Term
from reviewer.prover.values.integers import (
    UNKNOWN,
    CType,
    Value,
    convert,
    from_outside,
    resize,
)

_CONDITIONAL = re.compile(
    rb"^[ \t]*#[ \t]*(?:if|ifdef|ifndef|elif|else|endif)\b", re.MULTILINE
)


_TYPE = re.compile(r"\b(struct|union)\s+(\w+)")
_INCLUDES = re.compile(r"^[ \t]*#[ \t]*include", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Lifted:
    """The result: ``value`` is None for void; ``world`` is the state of memory and
    of all that is outside when the function ends."""

    run: Run
    value: Value | None
    world: Term
    memory: dict[str, Term]  # written since the last call
    calls_world: Term  # as the last call left it


def prepare_run(run: Run) -> Run:
    """Returns the run, which can ask about enumerators and constant tables now."""
    run.types.sign_of = partial(sign_of, run)
    run.element_of_table = constant_tables.read
    run.is_primitive = partial(intrinsics.is_one, run)
    return run


def lift(run: Run, source: Source, function: Function, inputs: list[BitVec]) -> Lifted:
    """Run a function on symbolic ``inputs`` (64-bit words, one for each parameter).

    Raises Unsupported with the reason where that cannot be done.
    """
    if function.broken or function.body is None:
        raise Unsupported("it could not be parsed")
    if has_blanked_code(source, function):
        raise Unsupported("an #if that cuts through a statement")
    if _INCLUDES.search(source.text(function.node)):
        raise Unsupported("an #include inside the function")
    run.definitions.at = function.first_line
    unseen = _unseen_type(run, source.text(function.node))
    if unseen:
        raise Unsupported(f"{unseen} changes, and is not where we look for headers")
    run.functions_run.append(function.name)
    source, function = function_with_macros(run, source, function)
    state = State(z3.BoolVal(True), {}, entry_world())
    frame = Frame(run, source, state, UNKNOWN, path=run.definitions.path)
    frame.result, parameters = parameters_of(frame, function)
    if len(parameters) > len(inputs):
        raise Unsupported("more parameters than inputs")
    values = [
        from_outside(resize(word, False, ctype.bits), ctype)
        for word, (_name, ctype) in zip(inputs, parameters, strict=False)
    ]
    body_of(frame, function, parameters, values)
    final = frame.state
    value = None
    if frame.result.kind != "void":
        value = final.env.get(0) or accesses.uninitialised(run, frame.result)
    memory = _forget_locals(run, final)
    final.memory = memory
    return Lifted(
        run,
        value,
        world_with_accesses(world_with_writes(final), final.trace),
        memory,
        final.world,
    )


def _unseen_type(run: Run, text: str) -> str:
    """A struct or union that changes in a file of which only a Makefile says that it is
    included: what its members hold is not known. "" for none."""
    for kind, tag in _TYPE.findall(text) if run.inputs.changed else ():
        if tag in run.inputs.changed and not run.definitions.structs(kind, tag):
            return f"{kind} {tag}"
    return ""


def has_blanked_code(source: Source, function: Function) -> bool:
    """Says whether code of the function, or an #if in it, is not in its tree."""
    lines = range(function.first_line, function.last_line + 1)
    if any(line in source.blanked for line in lines):
        return True
    start, end = function.node.start_byte, function.node.end_byte
    return any(
        b"#" not in source.neutral[start + found.start() : start + found.end()]
        for found in _CONDITIONAL.finditer(source.data[start:end])
    )


def _forget_locals(run: Run, state: State) -> dict[str, Term]:
    """What is left in memory when the stack frame is gone."""
    kept = {}
    for key, array in state.memory.items():
        if key in run.private:
            continue
        before = memory_of_member(key, array.sort().range().size(), state.world)
        for address in run.stack_places.values():
            if _mentions(array, address):
                array = z3.Store(array, address, z3.Select(before, address))
        kept[key] = array
    return kept


def _mentions(array: Term, address: BitVec) -> bool:
    stack, seen = [array], set()
    while stack:
        expr = stack.pop()
        if expr.get_id() in seen:
            continue
        seen.add(expr.get_id())
        if expr.eq(address):
            return True
        stack.extend(expr.children())
    return False


def parameters_of(
    frame: Frame, function: Function
) -> tuple[CType, list[tuple[str, CType]]]:
    """Returns the return type and the parameters of a function definition; raises
    Unsupported where they cannot be read."""
    source, types = frame.source, frame.run.types
    base_type, declarator = frame.run.returned_type(function.node, source)
    if declarator is None:
        if system_call_macro(function):
            return base_type, []  # SYSCALL_DEFINE0(name)
        raise Unsupported("a declarator that cannot be read")
    found = []
    parameters = part_of(declarator, "parameters")
    for child in parameters.named_children:
        if child.type == "variadic_parameter":
            raise Unsupported("variable arguments")
        if child.type != "parameter_declaration":
            continue
        base = types.base(child, source)
        name, ctype = types.declared(
            base, child.child_by_field_name("declarator"), source
        )
        if name or ctype.kind != "void":
            if ctype.array:
                ctype = frame.run.machine.pointer(ctype.to or UNKNOWN)
            found.append((name, ctype))
    return base_type, found


def body_of(
    frame: Frame,
    function: Function,
    parameters: list[tuple[str, CType]],
    values: list[Value],
) -> None:
    """Runs the body with the parameters bound, and leaves the state behind the return.
    Raises Unsupported where something in it cannot be followed."""
    assert function.body is not None
    text = frame.source.text(function.node)
    check_scopes(
        guard_places.without_known_heads(frame.source, function.node),
        frame.run.definitions.readers,
    )
    frame.outer = frozenset(frame.state.env)
    # A helper is run a hundred times, and most have neither a jump nor an address.
    if "goto" in text:
        _check_jumps(frame.source, function.body)
    if "&" in text:
        frame.taken = taken_addresses(frame, function)
    if ":" in text:
        frame.labels = frozenset(
            frame.source.text(part.named_children[0])
            for part in frame.source.walk(function.body, "labeled_statement")
        )
    entry_alive = frame.state.alive
    for (name, ctype), value in zip(parameters, values, strict=False):
        statements.make_local(frame, name, ctype)
        slot = frame.names[name][0]
        converted = convert(value, ctype, frame.run.opaque)
        if slot in frame.run.stack_places:
            target = place_of_name(frame, name)
            accesses.write(frame, target, converted, function.node)
        else:
            frame.state.env[slot] = converted
    frame.state.env.pop(0, None)
    statements.run_block(frame, function.body.named_children)
    jumps.arrive_at(frame, "return")
    left = [target for target, states in frame.waiting.items() if states]
    if left:
        raise Unsupported(f"a jump to {left[0]} that is not in the function")
    frame.state.alive = entry_alive


_BRANCHES = (
    "if_statement", "else_clause", "case_statement", "while_statement",
    "for_statement", "do_statement",
)  # fmt: skip


def _check_jumps(source: Source, body: Node) -> None:
    """What jumps into a branch from outside would be merged by the wrong condition."""
    jumps = list(source.walk(body, "goto_statement"))
    for part in source.walk(body, "labeled_statement") if jumps else ():
        inside, around = part, part.parent
        while around is not None and around.id != body.id:
            if around.type in _BRANCHES:
                break
            inside, around = around, around.parent
        if around is None or around.id == body.id:
            continue
        if around.type == "case_statement":
            inside = around
        name = source.text(part.named_children[0])
        for jump in jumps:
            target = part_of(jump, "label")
            within = inside.start_byte <= jump.start_byte < inside.end_byte
            if source.text(target) == name and not within:
                raise Unsupported(f"a jump into a block, to {name}")


def taken_addresses(frame: Frame, function: Function) -> frozenset[str]:
    """Returns the locals whose address is taken, be it by a macro that may assign."""
    source = frame.source
    found = set()
    from reviewer.prover.interpret.unread_code import root_of

    body = block_of(function)
    for part in source.walk(body, "pointer_expression"):
        if first_token(part) == "&":
            argument = part_of(part, "argument")
            if argument.type == "field_expression":
                holder = part_of(argument, "argument")
                if holder.type == "subscript_expression":
                    argument = holder
            if argument.type == "subscript_expression":
                argument = part_of(argument, "argument")
                if argument.type == "identifier":
                    continue  # an array, which is in memory anyway, or a pointer
            root = root_of(argument)
            if root is not None:
                found.add(source.text(root))
    return frozenset(found)
