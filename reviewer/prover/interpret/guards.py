# SPDX-License-Identifier: GPL-2.0-or-later
"""What ``guard()``, ``scoped_guard()`` and ``__free()`` do where a scope ends.

What they do is read from the tree: the functions that DEFINE_GUARD() and its kin
(include/linux/cleanup.h) make of what a header says.  They run in reverse order at
each way out: the end of the block, return, break, continue.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tree_sitter import Node

from reviewer.c.source import Function, Source
from reviewer.c.text import IDENTIFIER
from reviewer.prover.interpret import expressions, locks
from reviewer.prover.interpret.expressions import evaluate, place_of_name
from reviewer.prover.interpret.guard_classes import (
    body_of,
    check_begins,
    class_text,
    expanded,
    function_of,
)
from reviewer.prover.interpret.guard_places import WHY, freed_by, guard_of
from reviewer.prover.interpret.jumps import arrive_at
from reviewer.prover.interpret.macro_texts import (
    evaluate_text,
    parsed_statement,
    type_of_node,
)
from reviewer.prover.interpret.run import Frame, Run
from reviewer.prover.limits import Unsupported
from reviewer.prover.memory import accesses
from reviewer.prover.memory.state import State
from reviewer.prover.syntax import first_token, part_of
from reviewer.prover.values.integers import CType, Value, convert
from reviewer.prover.values.solver_terms import constant

_FIRST = re.compile(
    r"\{\s*[\w\s*]+?\bt\s*=\s*(.*?)\s*;\s*return\s+t\s*;\s*\}\Z", re.DOTALL
)
_IS_GIVEN = re.compile(r"; ?_T ?; ?\} ?\)\Z")
_IF_HELD = re.compile(r"\A(\s*\{?\s*)if\s*\(\s*_T(?:_lock)?\s*\)")
_LOCK = re.compile(r"\b_T\s*->\s*lock\b")
_BARE = re.compile(r"\b_[tT]\b")
_ONE_CALL = re.compile(r"\s*(?:\(\s*\{)?\s*(\w+)\s*\([\w\s,]*\)\s*;")
# the destructors of cleanup.h: of a pointer to the value, or of a struct with a lock
_OF_A_VALUE = re.compile(
    r"\{\s*(?P<type>[\w\s*]+?)\b_T\s*=\s*\*\s*(?:\([\w\s*]+\)\s*)?p\s*;(?P<rest>.*)\}\Z",
    re.DOTALL,
)
_OF_A_STRUCT = re.compile(
    r"\{\s*class_\w+_t\s+_t\s*=\s*\{\s*\.\s*lock\s*=\s*(?P<lock>[^{}]*?)\s*\}\s*,"
    r"\s*\*\s*_T(?:\s+__maybe_unused)?\s*=\s*&\s*_t\s*;(?P<rest>.*)return\s+_t\s*;\s*\}\Z",
    re.DOTALL,
)
_MEMBERS = re.compile(r"typedef\s+struct\s*\{([^{}]*)\}\s*class_\w+_t\s*;")
_MEMBER = re.compile(r"\b_T\s*->\s*(\w+)")


@dataclass(frozen=True, slots=True)
class End:
    """What is run where a scope ends: a text, with some names of its own."""

    text: str
    names: dict[str, tuple[int, CType]]
    line: int


@dataclass(slots=True)
class BlockScope:
    """A block that is run: its statements' numbers, what is done at its end, in
    order."""

    children: frozenset[int] = frozenset()
    ends: tuple[End, ...] = ()


# --- what they do ---------------------------------------------------------------------


def take_guard(frame: Frame, node: Node) -> bool:
    """Runs ``guard(class)(arguments);`` and says whether the statement is one; raises
    Unsupported where it stands elsewhere, or what it does is not read."""
    found = guard_of(frame.source, node)
    if found is None:
        return False
    _scope_of(frame, node)
    _take(frame, *found, node)
    return True


def run_scoped_guard(frame: Frame, node: Node, run_body: Callable[[], None]) -> None:
    """Runs the body of a ``scoped_guard()`` once; break and continue leave it.  Raises
    Unsupported where it is not known to be run."""
    macros = frame.run.definitions.macros("scoped_guard")
    text = expanded(frame.run, macros[0].body) if len(macros) == 1 else ""
    if "__cleanup" not in text or ("_lock_ptr" in text and "_is_cond" not in text):
        raise Unsupported(WHY)  # of some kernels it is skipped where a lock is NULL
    own = {*IDENTIFIER.findall(text)} - {*(macros[0].parameters or ())}
    if not own.isdisjoint(
        map(frame.source.text, frame.source.walk(node, "identifier"))
    ):
        raise Unsupported(WHY)  # a name that the macro declares
    given = part_of(node, "condition").named_children
    while len(given) == 1 and given[0].type == "comma_expression":
        given = given[0].named_children
    if not 1 <= len(given) <= 2 or given[0].type != "identifier":
        raise Unsupported(WHY)
    names = dict(frame.names)
    waiting = frame.waiting.pop("break", []), frame.waiting.pop("continue", [])
    with loop(frame):
        place = enter(frame, [])
        _take(frame, frame.source.text(given[0]), list(given[1:]), node)
        run_body()
        leave(frame, place)
    frame.names = names
    arrive_at(frame, "continue")
    arrive_at(frame, "break")
    frame.waiting["break"], frame.waiting["continue"] = waiting


def free_at_end(frame: Frame, node: Node, name: str) -> None:
    """Notes what ``__free()`` of a declaration does where its scope ends, if it has
    one; raises Unsupported where that is not read."""
    word = freed_by(frame.source, node)
    if not word:
        return
    scope = _scope_of(frame, node)
    if frame.names[name][1].array:
        raise Unsupported(WHY)  # whose address is not that of a pointer
    check_begins(frame.run, f"__free({word})", (None, f"__free_{word}", None))
    made = class_text(frame.run, "FREE", word)
    destruct = function_of(frame.run, made, f"__free_{word}")
    body = _OF_A_VALUE.match(body_of(*destruct))
    if body is None:
        raise Unsupported(WHY)
    text = f"{body['type']} _T = ({name}); {body['rest']}"
    _text, line = frame.where(node)
    scope.ends = (*scope.ends, End(text, {name: frame.names[name]}, line))


def _take(frame: Frame, name: str, nodes: list[Node], node: Node) -> None:
    """Construct an object of a class, which is destructed where the scope ends."""
    from reviewer.prover.interpret.statements import make_local

    outer = dict(frame.names)
    texts, held, types = _class_of(frame, name, len(nodes))
    value = None
    for argument in nodes:
        value = evaluate(frame, argument)
        make_local(frame, held, types[0][1])
        value = convert(value, types[0][1], frame.run.opaque)
        accesses.write(frame, place_of_name(frame, held), value, node)
    _text, line = frame.where(node)
    own = {n: at for n, at in frame.names.items() if outer.get(n) != at}
    frame.names = dict(own)
    with _at_line(frame, line):
        evaluate_text(frame, texts[0])
        now = value and accesses.read(frame, place_of_name(frame, held))
    frame.names = outer
    kept = now is not None and value is not None and now.expr.eq(value.expr)
    if kept and (_is_address(frame, nodes[0]) or _takes_a_lock(frame.run, texts[0])):
        texts[1] = _IF_HELD.sub(r"\1if (1)", texts[1], count=1)
    scope = frame.scopes[-1]
    scope.ends = (*scope.ends, End(texts[1], own, line))


def _class_of(
    frame: Frame, name: str, given: int
) -> tuple[list[str], str, list[tuple[str, CType]]]:
    """What constructs an object of a class and what destructs it, as C, the name of
    what it holds, and the constructor's parameters, of which ``given`` must be there.
    What it keeps beside a lock is declared."""
    if frame.run.definitions.is_macro(name):
        raise Unsupported(WHY)  # guard() hands on what it stands for
    made = class_text(frame.run, "GUARD|LOCK_GUARD_[01]", name)
    begins, ends = f"class_{name}_constructor", f"class_{name}_destructor"
    check_begins(frame.run, f"guard({name})", (name, ends, begins))
    construct = function_of(frame.run, made, begins)
    texts = [body_of(*construct), body_of(*function_of(frame.run, made, ends))]
    types = _parameters(frame, *construct)
    if len(types) != given:
        raise Unsupported(WHY)
    by_value = _OF_A_VALUE.match(texts[1])
    if by_value is not None and given == 1:
        first = _FIRST.match(texts[0])
        if first is None or not _IS_GIVEN.search(first[1]) or types[0][0] != "_T":
            raise Unsupported(WHY)
        return [first[1], by_value["rest"]], "_T", types
    struct = _OF_A_STRUCT.match(texts[0])
    members = _MEMBERS.search(made.text(made.root))
    if struct is None or members is None or (given and struct["lock"] != types[0][0]):
        raise Unsupported(WHY)
    texts = [struct["rest"], texts[1]]
    if not given:
        texts = [_LOCK.sub(f"({struct['lock']})", text) for text in texts]
    texts = [_MEMBER.sub(r"_T_\1", text) for text in texts]
    if any(_BARE.search(text) for text in texts):
        raise Unsupported(WHY)
    _declare_members(frame, members[1])
    return texts, "_T_lock", types


def _is_address(frame: Frame, node: Node) -> bool:
    """Whether an expression is the address of a variable, or of a member that is not
    the first one: it is not NULL."""
    if node.type != "pointer_expression" or first_token(node) != "&":
        return False
    argument = part_of(node, "argument")
    if argument.type != "field_expression":
        return argument.type == "identifier"
    holder, pointed = part_of(argument, "argument"), argument.children[1].type == "->"
    if not pointed:
        return holder.type == "identifier"
    outer, types = type_of_node(frame, holder).to, frame.run.types
    if outer is None or types.has_union(outer) or outer.kind != "struct":
        return False
    texts = frame.run.definitions.structs("struct", outer.name.partition(" ")[2])
    if len(texts) != 1 or "#" in texts[0][0]:
        return False  # another member may be the first one
    member = types.field(outer, frame.source.text(part_of(argument, "field")))
    return member is not None and not member.first


def _takes_a_lock(run: Run, text: str) -> bool:
    """Whether all that is done first is to take a lock, which must be there."""
    call = _ONE_CALL.match(text)
    return call is not None and locks.is_one(run, call[1])


def _declare_members(frame: Frame, members: str) -> None:
    """Variables for what a guard keeps beside its lock: the flags."""
    from reviewer.prover.interpret.statements import run_statement

    rest = "".join(f"{m};" for m in members.split(";")[1:] if m.strip())
    if not rest:
        return
    parsed = parsed_statement(re.sub(r"(\w+)\s*;", r"_T_\1;", rest))
    if parsed is None:
        raise Unsupported(WHY)
    outer = frame.source
    frame.source, block = parsed
    try:
        for child in block.named_children:
            run_statement(frame, child)
    finally:
        frame.source = outer


def taken_over(frame: Frame, nodes: list[Node], node: Node) -> Value | None:
    """Returns the value of ``no_free_ptr(p)``, which leaves NULL in the variable; None
    where it is called in another way."""
    target = expressions.place(frame, nodes[0]) if len(nodes) == 1 else None
    if target is None or target.ctype.kind != "pointer":
        return None
    value = accesses.read(frame, target)
    nothing = Value(constant(0, target.ctype.bits), target.ctype)
    accesses.write(frame, target, nothing, node)
    return value


# --- where a scope ends ---------------------------------------------------------------


def enter(frame: Frame, children: list[Node]) -> int:
    """Begins a block of statements, and returns its place among the open ones."""
    frame.scopes.append(BlockScope(frozenset(child.id for child in children)))
    return len(frame.scopes) - 1


def leave(frame: Frame, place: int) -> None:
    """Ends a block: runs what is done at its end where that is reached.

    What was begun in it and then given up ends with it.
    """
    run_ends(frame, place)
    del frame.scopes[place:]


@contextmanager
def loop(frame: Frame, *, is_switch: bool = False) -> Iterator[None]:
    """Marks the body of a loop or switch while it is run, so that break (in a loop also
    continue) ends the scopes inside of it only."""
    outer, here = frame.leaves_at, len(frame.scopes)
    frame.leaves_at = here, outer[1] if is_switch else here
    try:
        yield
    finally:
        frame.leaves_at = outer


def run_ends(frame: Frame, depth: int) -> None:
    """Runs what is done at the ends of all scopes from one on, the last one first."""
    if frame.state.dead:
        return
    scopes, names = frame.scopes, frame.names
    for number in range(len(scopes) - 1, depth - 1, -1):
        for end in reversed(scopes[number].ends):
            frame.scopes, frame.names = [], dict(end.names)
            with _at_line(frame, end.line):
                evaluate_text(frame, end.text)
    frame.scopes, frame.names = scopes, names


def gone_from(frame: Frame, target: str, gone: State) -> State:
    """Returns a state that jumps out of code that is not followed, behind all that is
    done where it leaves scopes; raises Unsupported for a jump to a label."""
    if not something_ends(frame):
        return gone
    if target != "return":
        raise Unsupported(WHY)
    outer, frame.state = frame.state, gone
    run_ends(frame, 0)
    gone, frame.state = frame.state, outer
    return gone


def something_ends(frame: Frame) -> bool:
    """Says whether something is done at the end of a scope that the frame is in."""
    return any(scope.ends for scope in frame.scopes)


def _scope_of(frame: Frame, node: Node) -> BlockScope:
    """The scope that a declaration stands in; Unsupported if it is not that of the
    block that is run: behind an if or a label."""
    if not frame.scopes or node.id not in frame.scopes[-1].children:
        raise Unsupported(WHY)
    return frame.scopes[-1]


@contextmanager
def _at_line(frame: Frame, line: int) -> Iterator[None]:
    """While a text is run that belongs to a line of the file."""
    outer, frame.line = frame.line, line
    try:
        yield
    finally:
        frame.line = outer


# --- what the tree says ---------------------------------------------------------------


def _parameters(
    frame: Frame, source: Source, function: Function
) -> list[tuple[str, CType]]:
    from reviewer.prover.interpret.lift import parameters_of

    outer = frame.source
    frame.source = source
    try:
        return parameters_of(frame, function)[1]
    finally:
        frame.source = outer
