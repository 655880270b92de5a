# SPDX-License-Identifier: GPL-2.0-or-later
"""C statements over a symbolic state: branches are run both ways and merged."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import z3
from tree_sitter import Node

from reviewer.c.text import IDENTIFIER
from reviewer.prover.interpret import guard_places, guards, unread_code
from reviewer.prover.interpret.directives import run_preproc_else, run_preproc_if
from reviewer.prover.interpret.expressions import condition, evaluate, place_of_name
from reviewer.prover.interpret.initialisers import initialise, with_counted_elements
from reviewer.prover.interpret.jumps import (
    arrive_at,
    branch,
    bring_back_in,
    jump_to,
    jumps_so_far,
    merge_states,
)
from reviewer.prover.interpret.loops import run_loop
from reviewer.prover.interpret.macro_texts import type_of_node
from reviewer.prover.interpret.run import Frame
from reviewer.prover.limits import Unsupported
from reviewer.prover.memory import accesses
from reviewer.prover.memory.state import both_hold, simplified
from reviewer.prover.memory.tagged_names import LOCAL, stack_key
from reviewer.prover.names.array_types import is_array_type
from reviewer.prover.syntax import part_of
from reviewer.prover.term_types import Bool
from reviewer.prover.values.declarations import declarations
from reviewer.prover.values.integers import (
    CType,
    Value,
    binary,
    convert,
    no_value,
    promote,
    truth,
)
from reviewer.prover.values.qualifiers import as_volatile

# --- a switch: which of its labels a value arrives at ---------------------------------


def run_switch(frame: Frame, node: Node) -> None:
    """Runs a switch: each case under its condition, one that falls through into the
    next."""
    with guards.loop(frame, is_switch=True):
        place = guards.enter(frame, [])
        _run_cases(frame, node)
        guards.leave(frame, place)


def _run_cases(frame: Frame, node: Node) -> None:
    run = frame.run
    body = part_of(node, "body")
    cases = [c for c in body.named_children if c.type != "comment"]
    if any(child.type != "case_statement" for child in cases) or any(
        next(frame.source.walk(case, "ERROR"), None) is not None for case in cases
    ):
        unread_code.statement(frame, node)
        return
    value = evaluate(frame, part_of(node, "condition"))
    if not value.ctype.is_scalar:
        unread_code.statement(frame, node)
        return
    value = promote(value, run.opaque)
    gone = jumps_so_far(frame)
    outer_break = frame.waiting.pop("break", [])
    names = dict(frame.names)
    entry = frame.state
    matches = [_matches(frame, value, case) for case in cases]
    any_match = z3.Or([m for m in matches if m is not None] or [z3.BoolVal(False)])
    default = simplified(z3.Not(any_match))
    frame.state = entry.copy(z3.BoolVal(False))
    taken: list[Bool] = []
    for case, match in zip(cases, matches, strict=True):
        flag = (
            default if match is None else z3.And(match, z3.Not(z3.Or([*taken, False])))
        )
        if match is not None:
            taken.append(match)
        here = entry.copy(both_hold(entry.alive, flag))
        frame.state = merge_states(frame, here, frame.state)
        label = case.child_by_field_name("value")
        for child in case.named_children:
            if label is not None and child.id == label.id:
                continue
            run_statement(frame, child)
    if all(match is not None for match in matches):
        rest = entry.copy(both_hold(entry.alive, default))
        frame.state = merge_states(frame, rest, frame.state)
    arrive_at(frame, "break")
    frame.waiting["break"] = outer_break
    frame.names = names
    bring_back_in(frame, gone, "break")
    if jumps_so_far(frame) == gone:
        frame.state.alive = entry.alive


def _matches(frame: Frame, value: Value, case: Node) -> Bool | None:
    label = case.child_by_field_name("value")
    if label is None:
        return None
    if label.type == "binary_expression":
        left = part_of(label, "left")
        right = part_of(label, "right")
        between = frame.source.data[left.end_byte : right.start_byte]
        if b"..." in between:
            above = _against(frame, ">=", value, left)
            below = _against(frame, "<=", value, right)
            return both_hold(above, below)
    return simplified(_against(frame, "==", value, label))


def _against(frame: Frame, operator: str, value: Value, label: Node) -> Bool:
    constant = convert(evaluate(frame, label), value.ctype, frame.run.opaque)
    return truth(binary(operator, value, constant, frame.run.opaque))


def run_statement(frame: Frame, node: Node) -> None:
    """Runs a statement on ``frame.state``; raises Unsupported for a kind that is not
    known."""
    frame.run.count()
    if frame.state.dead and not _has_label(frame, node):
        return
    handler = _HANDLERS.get(node.type)
    if handler is not None:
        handler(frame, node)
    elif node.type in _IGNORED:
        return
    elif node.type.endswith(("_expression", "identifier")):
        evaluate(frame, node)
    else:
        raise Unsupported(f"{node.type} is not followed")


def _has_label(frame: Frame, node: Node) -> bool:
    types = ("labeled_statement", "case_statement", "declaration")
    return next(frame.source.walk(node, *types), None) is not None


def run_block(frame: Frame, children: list[Node]) -> None:
    """Runs statements one after the other, in a scope of their own."""
    outer = dict(frame.names)
    place = guards.enter(frame, children)
    for child in children:
        run_statement(frame, child)
    guards.leave(frame, place)
    _leave_scope(frame, outer)


def _leave_scope(frame: Frame, outer: dict[str, tuple[int, CType]]) -> None:
    """The names of the block are gone, and so are their values."""
    for name, (slot, _ctype) in frame.names.items():
        if outer.get(name, (None,))[0] != slot:
            frame.state.env.pop(slot, None)
    frame.names = outer


def _compound(frame: Frame, node: Node) -> None:
    run_block(frame, node.named_children)


def statement_expression(frame: Frame, node: Node) -> Value:
    """Evaluates ``({ ...; value; })``."""
    outer = dict(frame.names)
    children = [c for c in node.named_children if c.type != "comment"]
    value = no_value()
    place = guards.enter(frame, [])
    for child in children[:-1]:
        run_statement(frame, child)
    if children:
        last = children[-1]
        if last.type == "expression_statement" and last.named_children:
            value = evaluate(frame, last.named_children[0])
        else:
            run_statement(frame, last)
    guards.leave(frame, place)
    frame.names = outer
    return value


def _expression(frame: Frame, node: Node) -> None:
    if guards.take_guard(frame, node):
        return
    for child in node.named_children:
        if child.type != "comment":
            evaluate(frame, child)
            _check_is_followed(frame, child)


def _check_is_followed(frame: Frame, node: Node) -> None:
    """Raises Unsupported for a volatile struct that is read whole, as ``*p;``: no value
    of it is followed."""
    while node.type in ("parenthesized_expression", "cast_expression"):
        node = node.named_children[-1]
    if node.type in _OBJECTS:
        ctype = type_of_node(frame, node)
        if ctype.volatile and ctype.kind not in ("int", "bool", "pointer"):
            raise Unsupported("a volatile struct is read whole")


_OBJECTS = (
    "identifier",
    "pointer_expression",
    "field_expression",
    "subscript_expression",
)


# --- declarations -------------------------------------------------------------


def make_local(frame: Frame, name: str, ctype: CType) -> None:
    """Makes a local variable, in memory if its address is taken somewhere; raises
    Unsupported for an array of variable length."""
    run = frame.run
    if ctype.array and any(
        word in frame.names for word in IDENTIFIER.findall(ctype.name)
    ):
        raise Unsupported("an array of variable length")
    slot = run.new_slot()
    frame.names[name] = (slot, ctype)
    if name in frame.taken or (ctype.array and ctype.kind == "pointer"):
        # by name where both sides have it, else by its place among the others
        label = name if name in run.inputs.same_names else ""
        ordinal = sum(
            1 for other in run.record.locals_in_memory if label in ("", other)
        )
        run.record.locals_in_memory.append(name)
        what = f"{ctype}{' ' if label else ''}{label}#{ordinal}"
        key = stack_key(what)
        sort = z3.BitVecSort(64)
        address = run.unknowns.apply(LOCAL + what, "constant", [], sort)
        run.stack[address.get_id()] = (key, ctype)
        run.stack_places[slot] = address
        run.private.add(key)


def _declaration(frame: Frame, node: Node) -> None:
    storage = [
        frame.source.text(child)
        for child in node.named_children
        if child.type == "storage_class_specifier"
    ]
    lasting = "static" in storage or "extern" in storage
    type_ = node.child_by_field_name("type")
    if type_ is not None and {"name", "body"} <= {
        type_.field_name_for_child(n) for n in range(type_.child_count)
    }:
        raise Unsupported("a type of the function's own")
    for value, name, ctype in declared_variables(frame, node):
        if lasting and not _is_constant(frame, node, name, ctype, value):
            raise Unsupported("a static local variable")
        if not name:
            raise Unsupported("a declaration that cannot be read")
        if name not in frame.taken and is_array_type(
            frame.run.definitions, ctype.name
        ):  # fmt: skip
            raise Unsupported("a type that is an array")
        ctype = with_counted_elements(frame, ctype, value)
        if ctype.array and not ctype.name and value is not None:
            ctype = replace(ctype, name=f"= {unread_code.label(frame, value)}")
        make_local(frame, name, ctype)  # C11 6.2.1: its own initialiser sees it
        target = place_of_name(frame, name)
        if value is not None and value.type != "initializer_list":
            accesses.write(frame, target, evaluate(frame, value), node)
        elif value is not None:
            initialise(frame, target, value, node)
        elif target.kind == "local":
            frame.state.env.pop(target.slot, None)
        guards.free_at_end(frame, node, name)


def _is_constant(
    frame: Frame, node: Node, name: str, ctype: CType, value: Node | None
) -> bool:
    """Whether a variable that lasts is one number at all times: ``static const``."""
    words = frame.source.norm(node).partition("=")[0].split()
    return (
        value is not None
        and {"static", "const"} <= set(words)
        and "volatile" not in words
        and ctype.kind in ("int", "bool")
        and not ctype.array
        and name not in frame.taken
    )


def declared_variables(
    frame: Frame, node: Node
) -> list[tuple[Node | None, str, CType]]:
    """Returns (initialiser or None, name, type) of each variable of a declaration;
    raises Unsupported for one that a macro makes."""
    described = node.child_by_field_name("type")
    text = frame.source.norm(described) if described is not None else ""
    whole = frame.source.norm(node)
    bitmap = frame.run.types.bitmap(whole)
    if bitmap is not None:
        return [(None, *bitmap)]
    if _BY_MACRO.match(whole):
        raise Unsupported("a declaration by a macro")
    if described is not None and (
        described.type == "macro_type_specifier" or _TYPEOF.match(text)
    ):
        from reviewer.prover.interpret.sizes import type_of

        base = type_of(frame, described)
        qualifiers = whole.partition(text)[0].split()
        base = as_volatile(base) if "volatile" in qualifiers else base
        found = []
        for declarator in node.children_by_field_name("declarator"):
            value = declarator.child_by_field_name("value")
            inner = declarator.child_by_field_name("declarator") or declarator
            if declarator.type != "init_declarator":
                inner, value = declarator, None
            name, ctype = frame.run.types.declared(base, inner, frame.source)
            found.append((value, name, ctype))
        return found
    if text == "__auto_type":
        raise Unsupported("__auto_type")
    return declarations(frame.run.types, node, frame.source)


_TYPEOF = re.compile(r"(?:__)?typeof(?:__|_unqual)?\s*\(")


# --- branches -----------------------------------------------------------------


def _if(frame: Frame, node: Node) -> None:
    if frame.source.is_iterator(node):
        unread_code.statement(frame, node)
        return
    if frame.state.dead:
        flag = z3.BoolVal(False)
    else:
        flag = condition(frame, part_of(node, "condition"))
    consequence = part_of(node, "consequence")
    alternative = node.child_by_field_name("alternative")
    branch(
        frame,
        flag,
        lambda: run_statement(frame, consequence),
        lambda: run_statement(frame, alternative) if alternative is not None else None,
    )


def _else(frame: Frame, node: Node) -> None:
    for child in node.named_children:
        run_statement(frame, child)


# --- jumps --------------------------------------------------------------------


def _return(frame: Frame, node: Node) -> None:
    value = next((c for c in node.named_children if c.type != "comment"), None)
    if value is not None:
        result = evaluate(frame, value)
        if frame.result.kind != "void":
            frame.state.env[0] = convert(result, frame.result, frame.run.opaque)
    guards.run_ends(frame, 0)
    jump_to(frame, "return")


def _goto(frame: Frame, node: Node) -> None:
    target = part_of(node, "label")
    name = f"label {frame.source.text(target)}"
    if target.type != "statement_identifier":
        raise Unsupported("a computed goto")
    if name in frame.passed:
        raise Unsupported(f"a jump back to {name}")
    if guards.something_ends(frame):
        raise Unsupported(guard_places.WHY)
    jump_to(frame, name)


def _labeled(frame: Frame, node: Node) -> None:
    name = f"label {frame.source.text(part_of(node, 'label'))}"
    frame.passed.add(name)
    if name in frame.waiting and guards.something_ends(frame):
        raise Unsupported(guard_places.WHY)
    arrive_at(frame, name)
    for child in node.named_children[1:]:
        run_statement(frame, child)


def _break(frame: Frame, node: Node) -> None:
    target = "break" if node.type == "break_statement" else "continue"
    guards.run_ends(frame, frame.leaves_at[target == "continue"])
    jump_to(frame, target)


# --- loops --------------------------------------------------------------------

_BY_MACRO = re.compile(r"(?!typeof|__typeof)[A-Za-z_]\w*\s*\(")
_IGNORED = {"comment", ";", "preproc_call", "preproc_def", "preproc_function_def"}
_HANDLERS: dict[str, Callable[[Frame, Node], None]] = {
    "compound_statement": _compound,
    "expression_statement": _expression,
    "declaration": _declaration,
    "if_statement": _if,
    "else_clause": _else,
    "preproc_ifdef": run_preproc_if,
    "preproc_if": run_preproc_if,
    "preproc_elif": run_preproc_if,
    "preproc_elifdef": run_preproc_if,
    "preproc_else": run_preproc_else,
    "return_statement": _return,
    "goto_statement": _goto,
    "labeled_statement": _labeled,
    "break_statement": _break,
    "continue_statement": _break,
    "switch_statement": run_switch,
    "while_statement": run_loop,
    "for_statement": run_loop,
    "do_statement": run_loop,
}
