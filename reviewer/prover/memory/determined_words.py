# SPDX-License-Identifier: GPL-2.0-or-later
"""Words of memory that the code itself decides: no witness may choose what they are.

A table that is const holds what it is declared with, a string its characters; what a
store through a pointer left behind is what was stored.  The prover does not compute
these; it only must not take them for any value at all.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import z3

from reviewer.prover.memory.state import world_sort
from reviewer.prover.memory.tagged_names import UNDER, label_of, memory_in

if TYPE_CHECKING:
    from reviewer.prover.ask.free_variables import Leaf
    from reviewer.prover.judge.pair import Pair
    from reviewer.prover.names.definitions import Definitions
    from reviewer.prover.term_types import BitVec, Term

_OBSERVED = "after what was observed"  # state.told
_CALL = re.compile(r"after .*\(\)\Z", re.DOTALL)  # calls._made, synchronised_primitives
_STORED = "stored "  # accesses._seen_by_others: later it is of others
_STEPS = r"\s*(?:\[[^\]\n]*\]\s*|\.\s*\w+\s*|\)\s*)*"
_ASSIGNED = r"(?:=(?!=)|\+\+|--|(?:[-+*/%&|^]|<<|>>)=)"


def is_determined(pair: Pair, leaf: Leaf) -> bool:
    """Says whether the value of a leaf follows from the code, or from a table."""
    expr = leaf.expr
    parts = expr.children()
    if expr.decl().kind() == z3.Z3_OP_SELECT:
        array, address = parts
        if memory_in(array) is None:
            return True  # what a store to a member of a union left of the others
        return _is_left(array.children()) or _is_in_a_table(pair, address)
    if leaf.kind not in ("memory", "state", "unknown") or len(parts) < 2:
        return False
    if UNDER in label_of(expr):
        return True  # as above, of one word
    if parts[0].sort() != world_sort() or label_of(expr).endswith("()"):
        return False
    return _is_left(parts[:1]) or any(
        z3.is_bv(part) and _is_in_a_table(pair, part) for part in parts[1:]
    )


def _is_left(worlds: list[Term]) -> bool:
    """Whether memory is read as the function's own stores, or code that was not
    followed, left it; not as it was at entry, or as a call made it."""
    left = list(worlds)
    while left:
        world = left.pop()
        if world.decl().kind() == z3.Z3_OP_ITE:
            left += world.children()[1:]
            continue
        name = label_of(world)
        if name == _OBSERVED:
            left.append(world.arg(0))
        elif world.num_args() and not (_CALL.match(name) or name.startswith(_STORED)):
            return True
    return False


def _is_in_a_table(pair: Pair, address: BitVec) -> bool:
    """Whether an address is computed from a string, or a variable that is const."""
    left, seen = [address], set()
    while left:
        term = left.pop()
        if term.get_id() in seen or not z3.is_app(term):
            continue
        seen.add(term.get_id())
        if term.num_args():
            left += term.children()
            continue
        name = label_of(term)
        if name.startswith("string "):
            return True
        if name.startswith("&") and _is_fixed(pair, name[1:].partition(" [")[0]):
            return True
    return False


def _is_fixed(pair: Pair, name: str) -> bool:
    """Whether a variable holds what it is declared with on either side."""
    return any(
        holds_its_value(side.run.definitions, name)
        for side in (pair.before, pair.after)
    )


def holds_its_value(definitions: Definitions, name: str) -> bool:
    """Says whether a variable is const, or static, initialised and not seen to be
    written.

    Where that is doubtful it is: a witness has to do without its value.
    """
    declared = definitions.variable(name)
    if declared is None:
        return False
    words = re.findall(r"[\w*]+", declared.rpartition(name)[0].rpartition("*")[2])
    if "const" in words:
        return True
    code = definitions.here.code
    begins = re.search(
        rf"^static\b[^;={{}}]*\b{re.escape(name)}\b[^;={{}}]*=(?!=)", code, re.MULTILINE
    )
    if begins is None:
        return False
    text = code[: begins.start()] + code[begins.end() :]
    word = rf"(?<![\w.])(?<!->){re.escape(name)}\b"
    written = re.search(
        rf"{word}{_STEPS}{_ASSIGNED}|(?:\+\+|--|&)\s*\(*\s*{word}|[(,=]\s*{word}\s*[,);]",
        text,
    )
    return written is None
