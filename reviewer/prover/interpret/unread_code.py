# SPDX-License-Identifier: GPL-2.0-or-later
"""Code that is not followed: an unknown function of what it can see.

A loop without a small bound, assembly, a macro that we cannot read: its text with the
local names numbered is the name of the function, the locals in it and the world are the
arguments.  The same text on both sides, given the same, does the same; so nothing is
lost where a patch leaves it alone, and nothing is claimed where it does not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import z3
from tree_sitter import Node

from reviewer.c.text import CALLED, normalised
from reviewer.c.trees import LOOPS
from reviewer.prover.interpret import guards
from reviewer.prover.interpret.hidden_effects import captured_names, hidden_names
from reviewer.prover.interpret.lasting_variables import mark_of_place
from reviewer.prover.interpret.macro_arguments import spells_or_pastes
from reviewer.prover.interpret.run import Frame
from reviewer.prover.interpret.untouched_locals import leaves_alone
from reviewer.prover.limits import Unsupported
from reviewer.prover.memory import accesses
from reviewer.prover.memory.state import Event, both_hold, world_sort
from reviewer.prover.memory.whole_memory import publish_writes
from reviewer.prover.syntax import part_of
from reviewer.prover.term_types import Term
from reviewer.prover.values.integers import UNKNOWN, CType, Value
from reviewer.prover.values.solver_terms import true

_STRING = r'"(?:\\.|[^"\\])*"' + r"|'(?:\\.|[^'\\])+'"
_WORD = re.compile(rf"{_STRING}|(?<![\w.])(?<!->)[A-Za-z_]\w*\$?")
_LABEL = re.compile(rf"{_STRING}|(?<![\w.])(?<!->)[A-Za-z_]\w*\b(?!\s*\()")
_EFFECTS = (
    "call_expression",
    "assignment_expression",
    "update_expression",
    "gnu_asm_expression",
    "compound_statement",
    "ERROR",
)
_ACTS = re.compile(r"\+\+|--|(?<![=!<>])=(?!=)|\w\s*\(")  # or calls what does


def label(frame: Frame, node: Node, written: str = "") -> str:
    """Returns the text of a node with its local names numbered, and their types; those
    that only a macro in it names come behind it, and all as they are written where a
    macro makes strings of them."""
    text = normalised(written or frame.source.text(node))
    numbered: dict[str, str] = {}

    def renamed(match: re.Match[str]) -> str:
        name = match[0] if match[0][0] in "\"'" else match[0].removesuffix("$")
        if name not in frame.names:
            return name
        if name not in numbered:
            numbered[name] = f"${len(numbered)}:{frame.names[name][1]}"
        return numbered[name]

    found = _WORD.sub(renamed, text)
    said = list(numbered)
    if numbered and not _spells(frame, text):
        captured = captured_names(frame.run.definitions, text)
        said = [name for name in numbered if name in captured]
    hidden = [f"{frame.names[name][1]}" for name in hidden_names(frame, text)]
    found = " with ".join([found, *hidden])
    marked = frame.run.marked(found + mark_of_place(frame, node, text, found))
    return f"{marked} of {' '.join(said)}" if said else marked  # no names of others


def _spells(frame: Frame, text: str) -> bool:
    """Whether a macro in a text makes a string or a name of what it is handed."""
    return any(
        "#" in macro.body
        or any(spells_or_pastes(frame.run, macro, at) for at in range(len(given)))
        for word in CALLED.findall(text)
        for macro in frame.run.definitions.macros(word)
        if (given := macro.parameters)
    )


def used_names(frame: Frame, node: Node, written: str = "") -> list[str]:
    """Returns the locals that occur in a node, in order."""
    text = normalised(written or frame.source.text(node))
    found = dict.fromkeys(_WORD.findall(text))
    own = [name for name in found if name in frame.names]
    return own + hidden_names(frame, text)


def changed_names(frame: Frame, node: Node) -> list[str]:
    """Returns the locals that a node may assign: by an assignment, or through a
    macro."""
    source = frame.source
    found: dict[str, None] = {}
    for part in source.walk(node, "assignment_expression", "update_expression"):
        left = part.child_by_field_name("left") or part.child_by_field_name("argument")
        root = root_of(left)
        if root is not None:
            found[source.text(root)] = None
    from reviewer.prover.interpret import resolved_names

    for part in source.walk(node, "pointer_expression"):
        root = root_of(part_of(part, "argument"))
        if part.child(0).type == "&" and root is not None:
            found[source.text(root)] = None
    for part in source.walk(node, "call_expression"):
        callee = part_of(part, "function")
        arguments = part.child_by_field_name("arguments")
        if callee.type != "identifier" or arguments is None:
            continue
        word, definitions = source.text(callee), frame.run.definitions
        if resolved_names.is_function(frame, word):
            continue
        given = [child for child in arguments.named_children if child.type != "comment"]
        for place, argument in enumerate(given):
            root = root_of(argument)
            if root is not None and not leaves_alone(definitions, word, place):
                found[source.text(root)] = None
    for part in source.walk(node, *LOOPS):
        if source.is_iterator(part):
            header = part.child_by_field_name("condition") or part
            body = part.child_by_field_name("body")
            end = body.start_byte if body is not None else part.end_byte
            text = source.data[part.start_byte : end].decode("utf-8", "replace")
            del header
            found.update(dict.fromkeys(_WORD.findall(normalised(text))))
    if next(source.walk(node, "gnu_asm_expression", "ERROR"), None) is not None:
        found.update(dict.fromkeys(used_names(frame, node)))
    found.update(dict.fromkeys(hidden_names(frame, normalised(source.text(node)))))
    return [name for name in found if name in frame.names]


def root_of(node: Node | None) -> Node | None:
    """Returns the variable that an lvalue is a part of, None if it is behind a
    pointer."""
    while node is not None:
        if node.type == "identifier":
            return node
        if node.type == "field_expression":
            if any(child.type == "->" for child in node.children):
                return None
            node = part_of(node, "argument")
        elif node.type in ("parenthesized_expression", "cast_expression"):
            node = node.named_children[-1] if node.named_children else None
        elif node.type == "subscript_expression":
            node = part_of(node, "argument")
        else:
            return None
    return None


def operands_of(frame: Frame, node: Node, written: str = "") -> list[Term]:
    """Returns all that a piece of code may hang on: the world, and the locals in it."""
    from reviewer.prover.interpret.expressions import place_of_name

    publish_writes(frame)
    operands: list[Term] = [frame.state.world]
    for name in used_names(frame, node, written):
        slot, _ctype = frame.names[name]
        address = frame.run.stack_places.get(slot)
        if address is not None:
            operands.append(address)
        else:
            operands.append(accesses.read(frame, place_of_name(frame, name)).expr)
    return operands


def _assign_unknowns(
    frame: Frame, node: Node, name: str, operands: Sequence[Term], written: str = ""
) -> None:
    run, state = frame.run, frame.state
    used = used_names(frame, node, written)
    order = {name: place for place, name in enumerate(used)}
    changed = sorted(changed_names(frame, node), key=lambda name: order.get(name, -1))
    for position, variable in enumerate(changed):
        slot, ctype = frame.names[variable]
        if slot in run.stack_places:
            continue
        expr = run.unknowns.apply(
            f"{name} -> {position}", "code", operands, z3.BitVecSort(ctype.bits)
        )
        state.env[slot] = Value(expr, ctype)
    state.world = run.unknowns.apply(f"{name} -> world", "code", operands, world_sort())


def expression(frame: Frame, node: Node) -> Value:
    """Evaluates an expression that we cannot read: an unknown function of what it
    names."""
    run = frame.run
    name = label(frame, node)
    operands = operands_of(frame, node)
    sort = z3.BitVecSort(UNKNOWN.bits)
    if run.inputs.concurrent:
        name += repetition_mark(frame, name)
    value = Value(run.unknowns.apply(name, "code", operands, sort), UNKNOWN)
    targets = _named_labels(frame, node)
    if targets or not _only_looks(frame, node):
        _event(frame, node, name, operands)
        _assign_unknowns(frame, node, name, operands)
        _leave_perhaps(frame, name, operands, targets)
    return value


def repetition_mark(frame: Frame, name: str) -> str:
    """Returns what tells readings of one thing apart that others may change in between:
    "" for the first on this path, then "#1", "#2"."""
    seen = frame.state.reads.setdefault(f"code {name}", {})
    count = seen.get(0, (true(), 0))[1]
    seen[0] = true(), count + 1
    return f"#{count}" if count else ""


def _named_labels(frame: Frame, node: Node) -> list[str]:
    """Where ``unsafe_put_user(x, p, out)`` and asm goto may jump to."""
    if not frame.labels or not frame.labels.isdisjoint(frame.names):
        found = frame.labels.difference(frame.names)
    else:
        found = frame.labels
    if not found:
        return []
    words = dict.fromkeys(_LABEL.findall(normalised(frame.source.text(node))))
    return [f"label {word}" for word in words if word in found]


def _only_looks(frame: Frame, node: Node) -> bool:
    """Whether an expression changes nothing: reads, and calls that only read."""
    words = set(_WORD.findall(normalised(frame.source.text(node))))
    if "volatile" in words or not words.isdisjoint(frame.run.definitions.volatile):
        return False
    if any(_sees_volatile(frame.names[word][1]) for word in words & set(frame.names)):
        return False
    for part in frame.source.walk(node, *_EFFECTS):
        if part.type != "call_expression":
            return False
        callee = part_of(part, "function")
        if callee.type != "identifier":
            return False
        word = frame.source.text(callee)
        if word in frame.names or not frame.run.reads_only(word):
            return False
    macros = (word for word in words if word not in frame.names)
    return not any(_hides_an_effect(frame, word) for word in macros)


def _hides_an_effect(frame: Frame, word: str) -> bool:
    """Whether a name stands for code that changes something: ``(counter++)``."""
    bodies = [macro.body for macro in frame.run.definitions.macros(word)]
    return any(map(_ACTS.search, bodies)) and not frame.run.reads_only(word)


def _sees_volatile(ctype: CType) -> bool:
    """Whether a variable is volatile, or points at something that is."""
    return ctype.volatile or (ctype.to is not None and _sees_volatile(ctype.to))


def _event(frame: Frame, node: Node, name: str, operands: Sequence[Term]) -> None:
    text, line = frame.where(node)
    run = frame.run
    after = run.unknowns.apply(f"{name} -> world", "code", operands, world_sort())
    run.record.events.append(
        Event(
            "opaque", name, frame.state.alive, tuple(operands[1:]), line, text,
            world=operands[0], after=after,
        )
    )  # fmt: skip


def statement(frame: Frame, node: Node, written: str = "") -> None:
    """Runs a statement that we cannot follow, its ways out included; raises
    Unsupported for one with a label in it.

    ``written`` is how it is spelled for the comparison, if not as it stands.
    """
    name = label(frame, node, written)
    if next(frame.source.walk(node, "labeled_statement"), None) is not None:
        raise Unsupported("a label inside code that is not followed")
    operands = operands_of(frame, node, written)
    _event(frame, node, name, operands)
    _assign_unknowns(frame, node, name, operands, written)
    targets = dict.fromkeys([*_exits(frame, node), *_named_labels(frame, node)])
    _leave_perhaps(frame, name, operands, list(targets))


def _leave_perhaps(
    frame: Frame, name: str, operands: Sequence[Term], targets: list[str]
) -> None:
    """Code that is not followed may jump to any of these."""
    run, flag = frame.run, z3.BoolSort()
    for target in targets:
        if target not in frame.waiting and target in frame.passed:
            raise Unsupported(f"a jump back to {target}")
        leaves = run.unknowns.apply(
            f"{name} leaves to {target}", "code", operands, flag
        )
        gone = frame.state.copy(both_hold(frame.state.alive, leaves))
        if target == "return" and frame.result.kind != "void":
            sort = z3.BitVecSort(frame.result.bits)
            value = run.unknowns.apply(f"{name} returns", "code", operands, sort)
            gone.env[0] = Value(value, frame.result)
        gone = guards.gone_from(frame, target, gone)
        frame.jumps[target] = frame.jumps.get(target, 0) + 1
        frame.waiting.setdefault(target, []).append(gone)
        frame.state.alive = both_hold(frame.state.alive, z3.Not(leaves))


def _exits(frame: Frame, node: Node) -> list[str]:
    source = frame.source
    found: dict[str, None] = {}
    for part in source.walk(node, "return_statement"):
        found["return"] = None
        del part
    for part in source.walk(node, "goto_statement"):
        target = part_of(part, "label")
        found[f"label {source.text(target)}"] = None
    for part in source.walk(node, "break_statement", "continue_statement"):
        around = [*LOOPS, "switch_statement"]
        if part.type == "continue_statement":
            around.pop()
        inside = source.enclosing(part, *around)
        if inside is None or inside.start_byte < node.start_byte:
            raise Unsupported("a break out of code that is not followed")
    return list(found)
