# SPDX-License-Identifier: GPL-2.0-or-later
"""Locks, and what keeps others away: calls of one name, however a header spells them.

A header makes a macro or an inline function of each, of a checker, a counter and a
word that an architecture tells (include/linux/spinlock.h, spinlock_api_smp.h).  What
others see is that the lock was taken, and what it guards may be another thing then.
"""

from __future__ import annotations

import re

from tree_sitter import Node

from reviewer.prover.interpret.run import Frame, Run
from reviewer.prover.memory import accesses, stopping_states
from reviewer.prover.term_types import BitVec
from reviewer.prover.values.integers import (
    INT,
    VOID,
    CType,
    Value,
    no_value,
    promote,
    resize,
)

_HOW = r"(?:_bh|_irq|_nested|_bh_nested|_irq_nested)?"
# The lock comes first; what else is handed is a number.
_LOCKS = re.compile(  # spinlock.h, rwlock.h, mutex.h
    rf"(?:(?:raw_)?spin_(?:lock|unlock){_HOW}|(?:read|write)_(?:lock|unlock){_HOW}"
    r"|mutex_(?:lock(?:_nested|_io)?|unlock))\Z"
)
_TRIES = re.compile(  # these have a result, an int
    r"(?:(?:raw_)?spin_trylock(?:_bh|_irq)?|(?:read|write)_trylock|mutex_trylock"
    r"|mutex_lock_(?:interruptible|killable)(?:_nested)?)\Z"
)
_SAVES = re.compile(r"(?:(?:raw_)?spin|read|write)_lock_irqsave\Z|local_irq_save\Z")
_RESTORES = re.compile(
    r"(?:(?:raw_)?spin|read|write)_unlock_irqrestore\Z|local_irq_restore\Z"
)
_ALONE = re.compile(  # preempt.h, irqflags.h, bottom_half.h, rcupdate.h
    r"(?:preempt_(?:disable|enable)|local_irq_(?:disable|enable)"
    r"|local_bh_(?:disable|enable)|rcu_read_(?:lock|unlock)(?:_bh|_sched)?)\Z"
)
_ALL = (_LOCKS, _TRIES, _SAVES, _RESTORES, _ALONE)


def is_lock(name: str) -> bool:
    """Says whether an event is a lock that is taken or given back, or the like."""
    return any(pattern.match(name) for pattern in _ALL)


def is_one(run: Run, word: str) -> bool:
    """Says whether a name is read by its contract here: a header of the kernel
    has it."""
    if not is_lock(word):
        return False
    definitions = run.definitions
    paths = [text.path for text in definitions.macros(word)]
    paths += [text.path for text in definitions.functions(word)]
    paths = [path for path in paths if not path.startswith("tools/")]
    declared = bool(definitions.prototypes(word))
    known = all(path.startswith("include/linux/") for path in paths)
    return known and bool(paths or declared)


def call(frame: Frame, word: str, nodes: list[Node], node: Node) -> Value | None:
    """Returns the value of such a call, None where it is called in another way."""
    from reviewer.prover.interpret import expressions

    run = frame.run
    target = None
    if _SAVES.match(word):
        target = expressions.place(frame, nodes[-1]) if nodes else None
        if target is None:
            return None
        nodes = nodes[:-1]
    if not nodes and not _ALONE.match(word) and not word.startswith("local_irq"):
        return None
    operands = []
    for argument in nodes:
        value = expressions.evaluate(frame, argument)
        if not value.ctype.is_scalar and value.ctype.kind != "unknown":
            return None
        if value.ctype.kind in ("int", "bool"):
            value = promote(value, run.opaque)
        operands.append(resize(value.expr, value.ctype.signed, 64))
    if (
        word.startswith("mutex_") and operands
    ):  # kernel/locking/mutex.c: reads its owner
        stopping_states.note_access(run, frame.state, "", operands[0])
    result = INT if _TRIES.match(word) else VOID
    made = _lock_call(frame, word, operands, result, node)
    if target is not None:
        flags = Value(made.expr, CType("int", 64, False, "unsigned long", rank=4))
        accesses.write(frame, target, flags, node)
    return made if result is INT else no_value()


def _lock_call(
    frame: Frame, word: str, operands: list[BitVec], result: CType, node: Node
) -> Value:
    from reviewer.prover.interpret import calls

    if frame.run.inputs.synchronised:
        frame.run.record.primitives.add(word)
    return calls.record_call(frame, word, word, operands, result, True, node)
