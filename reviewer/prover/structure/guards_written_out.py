# SPDX-License-Identifier: GPL-2.0-or-later
"""``guard()`` and ``scoped_guard()`` as the lock that is taken and, at each way out of
the block, the unlock: what include/linux/cleanup.h has a compiler make of them.

Which calls these are is read from the tree (``interpret.guard_classes``).  A guard
keeps the address of its lock, so only one that cannot change meanwhile is written out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tree_sitter import Node

from reviewer.c.source import Source
from reviewer.c.text import IDENTIFIER
from reviewer.patterns import regex
from reviewer.prover.interpret.guard_classes import (
    body_of,
    check_begins,
    class_text,
    expanded,
    function_of,
)
from reviewer.prover.interpret.guard_places import guard_of, is_scoped_guard
from reviewer.prover.interpret.locks import is_lock
from reviewer.prover.limits import Unsupported
from reviewer.prover.names.definitions import Definitions
from reviewer.prover.names.scope_ends import has_cleanup_attribute
from reviewer.prover.structure.normal_form import Edit, OneFunction
from reviewer.prover.structure.purity import macros_of
from reviewer.prover.syntax import bare, part_of

RESULT = "__kpf_result"  # what is returned, where that is had before an unlock
_CALL = r"(?P<{0}>\w+) ?\((?P<{0}_given>[^()]*+)\) ?;"
# the constructors and destructors of cleanup.h, normalised
_TAKES_POINTER = regex(
    r"\{ [\w *]+ t = \( ?\{ "
    + _CALL.format("lock")
    + r" ?;? _T; ?\} ?\) ?; return t; \}"
)
_GIVES_POINTER = regex(
    r"\{ [\w *]+ ?_T = \* ?p; if \( ?_T ?\) \{ "
    + _CALL.format("unlock")
    + r" ?;? ?\} ?;? ?\}"
)
_TAKES_STRUCT = regex(
    r"\{ class_\w+_t _t = \{ ?\.lock = (?P<kept>[\w() *]+?) ?\} ?, ?\* ?_T"
    r"(?: __maybe_unused)? = & ?_t ?; " + _CALL.format("lock") + r" ?;? return _t; \}"
)
_GIVES_STRUCT = regex(
    r"\{ if \( ?_T ?-> ?lock ?\) \{ " + _CALL.format("unlock") + r" ?;? ?\} \}"
)
_ADDRESS = regex(r"& ?(\w+)(?: ?(?:->|\.) ?\w+(?: ?\. ?\w+)*+)?\Z")
# include/linux/rcupdate.h
_WITH_NOTE = regex(r"do \{ (\w+\(\);) __(?:acquire|release)\(\w+\); \} while \(0\);")
_SAVED = "_T->flags"
_MAKE_GUARDS = frozenset(["guard", "scoped_guard", "CLASS"])
_LEAVES = ("return_statement", "goto_statement", "break_statement",
           "continue_statement")  # fmt: skip
_LOOPS = ("while_statement", "for_statement", "do_statement")


@dataclass(slots=True)
class _Reader:
    """What ``guard_classes`` reads a class with."""

    definitions: Definitions
    classes: dict[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Locks:
    """The calls of a class; ``_T`` and ``_T->lock`` stand for the lock."""

    lock: str
    unlock: str
    given: tuple[str, str]
    keeps_flags: bool


def scoped_guards(body: OneFunction) -> list[Edit]:
    """Rewrites ``scoped_guard(class, lock) { .. }`` to a block that begins with a
    ``guard()``; the last one of a function."""
    found = [n for n in body.walk("while_statement") if is_scoped_guard(body.source, n)]
    for node in reversed(found):
        inner = node.child_by_field_name("body")
        if inner is None or not _runs_once(body, node, inner):
            continue
        condition = part_of(node, "condition")
        if body.squeezed(node, condition, inner) != "scoped_guard":
            continue
        head = body.text(condition)[1:-1]
        name, _, given = (one.strip() for one in head.partition(","))
        text = body.source.text(inner)
        whole = f"{{ guard({name})({given}); {text} }}"
        if inner.type == "compound_statement":
            whole = f"{{ guard({name})({given}); {text[1:-1]} }}"
        return [(node.start_byte, node.end_byte, whole)]
    return []


def _runs_once(body: OneFunction, node: Node, inner: Node) -> bool:
    """Whether a scoped_guard() is as cleanup.h has it, and runs its block once."""
    macros = body.known.macros("scoped_guard")
    if len(macros) != 1 or not body.source.text(node).startswith("scoped_guard"):
        return False
    text = expanded(_Reader(body.known), macros[0].body)
    if "__cleanup" not in text or ("_lock_ptr" in text and "_is_cond" not in text):
        return False
    own = {*IDENTIFIER.findall(text)} - {*(macros[0].parameters or ())}
    if not own.isdisjoint(IDENTIFIER.findall(body.source.text(node)[12:])):
        return False
    return not any(
        _leaving(body.source, inner, ("break_statement", "continue_statement"))
    )


def guards(body: OneFunction) -> list[Edit]:
    """Rewrites the last ``guard()`` of a function to its lock and unlocks."""
    if has_cleanup_attribute(body.source.text(body.function.node)):
        return []  # what is done first at the end of the block
    for node in reversed([*body.walk("expression_statement")]):
        found = guard_of(body.source, node)
        if found is None:
            continue
        try:
            return _written_out(body, node, *found)
        except Unsupported:
            return []
    return []


def _written_out(
    body: OneFunction, node: Node, name: str, given: list[Node]
) -> list[Edit]:
    block = node.parent
    if block is None or block.type != "compound_statement" or len(given) > 1:
        return []
    if body.squeezed(node, *given) != f"guard({name})();" or _may_return(body):
        return []
    locks = _calls_of(body, name, len(given))
    lock = body.text(given[0]) if given else ""
    if given and not _stays(body, lock):
        return []
    flags = ""
    if locks.keeps_flags:
        flags = _flags(body, locks, lock)
        if not flags:
            return []
    first, last = (
        f"{call}({', '.join(_argument(one, lock, flags) for one in text.split(','))});"
        if text
        else f"{call}();"
        for call, text in zip((locks.lock, locks.unlock), locks.given, strict=True)
    )
    edits = [(node.start_byte, node.end_byte, first)]
    if flags:
        start = body.block.start_byte + 1
        edits.append((start, start, f" unsigned long {flags};"))
    statements = block.named_children
    rest = [one for one in statements if one.start_byte >= node.end_byte]
    for one in rest:
        if any(
            True for _ in body.source.walk(one, "labeled_statement", "goto_statement")
        ):
            return []  # is it a way out?
        for leaving in _leaving(body.source, one, _LEAVES):
            edits += _unlocked(body, leaving, last)
    end = block.end_byte - 1
    if not rest or rest[-1].type not in _LEAVES:
        edits.append((end, end, f" {last} "))
    return edits


def _may_return(body: OneFunction) -> bool:
    """Whether a macro may return from the function: where is not seen."""
    return any(
        "return" in IDENTIFIER.findall(macro.body)
        for macro in macros_of(body.known, body.words)
        if macro.name not in _MAKE_GUARDS
    )


def _argument(text: str, lock: str, flags: str) -> str:
    text = text.strip().replace(" ", "")
    return {"_T": lock, "_T->lock": lock, _SAVED: flags}[text]


def _leaving(source: Source, node: Node, kinds: tuple[str, ...]) -> Iterator[Node]:
    """The jumps in a statement that leave it: break and continue of a loop in it do
    not."""
    for one in source.walk(node, *kinds):
        around: tuple[str, ...] = ()
        if one.type == "continue_statement":
            around = _LOOPS
        elif one.type == "break_statement":
            around = (*_LOOPS, "switch_statement")
        above: Node | None = one
        while above is not None and above != node and above.type not in around:
            above = above.parent
        if above is None or above.type not in around:
            yield one


def _unlocked(body: OneFunction, node: Node, unlock: str) -> Iterator[Edit]:
    value = node.named_children[0] if node.named_children else None
    if node.type != "return_statement" or value is None:
        yield node.start_byte, node.end_byte, f"{{ {unlock} {body.source.text(node)} }}"
        return
    text = body.text(value)
    if body.squeezed(node, value) != "return;":
        raise Unsupported("a return is not read")
    if text == RESULT or body.is_constant(text) or body.is_private(text):
        yield node.start_byte, node.end_byte, f"{{ {unlock} return {text}; }}"
        return
    kept = f"{RESULT} = {body.source.text(value)};"
    yield node.start_byte, node.end_byte, f"{{ {kept} {unlock} return {RESULT}; }}"


def _stays(body: OneFunction, lock: str) -> bool:
    """Whether a lock is the same one whenever its name is read again: a pointer of the
    function that is set once, or the address of what it points to, or of a variable."""
    found = _ADDRESS.match(lock)
    name = found[1] if found else lock
    if not name.isidentifier() or body.known.is_macro(name):
        return False
    if name not in body.variables:
        return found is not None and "->" not in lock
    if found is not None and "->" not in lock:
        return len(body.variables[name]) == 1
    return body.is_private(name) and not is_set_again(body, name)


def is_set_again(body: OneFunction, name: str) -> bool:
    """Says whether a variable gets a value anywhere but where it is declared."""
    for node in body.walk("assignment_expression", "update_expression"):
        target = node.child_by_field_name("left") or node.child_by_field_name(
            "argument"
        )
        if target is not None and body.text(bare(target)) == name:
            return True
    for call in body.walk("call_expression"):
        callee, given = (call.child_by_field_name(n) for n in ("function", "arguments"))
        if (
            callee is None
            or given is None
            or not body.known.is_macro(body.text(callee))
        ):
            continue
        if name in (body.text(one) for one in given.named_children):
            return True  # a macro may set what it is handed
    return any(
        name in IDENTIFIER.findall(body.source.text(part_of(node, "condition")))
        for node in body.walk("while_statement")
        if body.source.is_iterator(node)
    )


def _flags(body: OneFunction, locks: _Locks, lock: str) -> str:
    """The name that the other side has for the flags, which is free on this one."""
    pattern = regex(
        rf"\b{locks.lock}\s*\(\s*{_spaced(lock)}\s*,\s*(\w+)\s*\)\s*;"
        if lock
        else rf"\b{locks.lock}\s*\(\s*(\w+)\s*\)\s*;"
    )
    names = {*pattern.findall(body.other)}
    if len(names) != 1:
        return ""
    (name,) = names
    free = name not in body.words and not body.known.is_macro(name)
    declared = regex(rf"\bunsigned long (?:\w+ ?, ?)*+{name} ?[;,]").search(body.other)
    return name if free and declared else ""


def _spaced(text: str) -> str:
    pieces = regex(r"\w+|->|[^\w\s]").findall(text)
    return r"\s*".join(piece if piece.isidentifier() else f"[{piece}]"
                       if len(piece) == 1 else piece for piece in pieces)  # fmt: skip


def _calls_of(body: OneFunction, name: str, given: int) -> _Locks:
    """The calls that a class of guards is made of; raises Unsupported for others."""
    reader = _Reader(body.known)
    if body.known.is_macro(name):
        raise Unsupported("a class with the name of a macro")
    kinds = "LOCK_GUARD_0" if not given else "GUARD|LOCK_GUARD_1"
    made = class_text(reader, kinds, name)
    begins, ends = f"class_{name}_constructor", f"class_{name}_destructor"
    check_begins(reader, f"guard({name})", (name, ends, begins))
    texts = (
        body_of(*function_of(reader, made, begins)),
        body_of(*function_of(reader, made, ends)),
    )
    if _is_nothing(body.known, "__acquire") and _is_nothing(body.known, "__release"):
        texts = _WITH_NOTE.sub(r"\1", texts[0]), _WITH_NOTE.sub(r"\1", texts[1])
    takes, gives = _TAKES_STRUCT.match(texts[0]), _GIVES_STRUCT.match(texts[1])
    if takes is None or gives is None:
        takes, gives = _TAKES_POINTER.match(texts[0]), _GIVES_POINTER.match(texts[1])
    if takes is None or gives is None:
        raise Unsupported("it does more than to lock and to unlock")
    calls = takes["lock"], gives["unlock"]
    handed = takes["lock_given"].strip(), gives["unlock_given"].strip()
    names = {one.strip().replace(" ", "") for text in handed for one in text.split(",")}
    if not names <= {"_T", "_T->lock", _SAVED, ""}:
        raise Unsupported("its lock is not handed on as it is")
    for call in calls:
        if not _is_lock_of_headers(body.known, call):
            raise Unsupported("no lock")  # or one that may be NULL
    return _Locks(*calls, handed, _SAVED in names)


def _is_nothing(known: Definitions, name: str) -> bool:
    """Whether a note for sparse (include/linux/compiler_types.h) does nothing."""
    bodies = {
        macro.body.replace(" ", "")
        for macro in known.macros(name)
        if macro.condition.satisfiable()
    }
    return bool(bodies) and bodies <= {"", "(void)0"}


def _is_lock_of_headers(known: Definitions, name: str) -> bool:
    paths = [text.path for text in known.macros(name)]
    paths += [text.path for text in known.functions(name)]
    if not all(path.startswith("include/linux/") for path in paths):
        return False
    return is_lock(name) and bool(paths or known.prototypes(name))
