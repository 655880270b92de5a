# SPDX-License-Identifier: GPL-2.0-or-later
"""What a name means where it is used: a local, a macro, a constant, a global."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

import z3
from tree_sitter import Node

from reviewer.c.conditions import Condition
from reviewer.c.text import normalised, without_strings
from reviewer.facts.header import Header
from reviewer.prover.interpret.enumerators import enumerator
from reviewer.prover.interpret.macro_splicing import HIDDEN, LINE
from reviewer.prover.interpret.macro_texts import evaluate_text, readable, run_in_text
from reviewer.prover.interpret.run import Frame
from reviewer.prover.limits import Unsupported
from reviewer.prover.memory import accesses
from reviewer.prover.memory.state import State, both_hold, merge, simplified
from reviewer.prover.names.definition_texts import MacroText
from reviewer.prover.names.macro_at_line import hangs_on_its_place
from reviewer.prover.values.integers import (
    INT,
    UNKNOWN,
    VOID,
    Value,
    convert,
    number,
    resize,
)
from reviewer.prover.values.solver_terms import constant, is_false, true


def evaluate_name(frame: Frame, word: str, node: Node) -> Value:
    """Evaluates a name that is no local variable.  Raises Unsupported where it cannot
    be read."""
    from reviewer.prover.interpret.calls import (
        address_of_name,
        global_place,
        try_or_undo,
    )

    run = frame.run
    hidden, word = word.endswith(HIDDEN), word.removesuffix(HIDDEN)
    note_line(frame, node)
    if word.startswith(LINE):
        return Value(run.unknowns.apply(word, "constant", [], z3.BitVecSort(32)), INT)
    if word == "__COUNTER__":  # another number at each place
        word = f"{word} [{run.inputs.side}]"
    if word in ("NULL",):
        return number(0, run.machine.pointer(VOID))
    if word in ("true", "false"):
        return number(int(word == "true"), INT)
    if word in _PAGE_CONSTANTS and word not in run.inputs.changed:
        return _page_constant(frame, word)
    if word in _OF_THE_MACHINE and word not in run.inputs.changed:
        return number(_OF_THE_MACHINE[word](run.machine.long_bits), INT)
    macros = [m for m in run.definitions.macros(word) if m.parameters is None]
    macros = [] if hidden else macros
    if macros and word not in run.being_inlined and all(m.body for m in macros):
        choices = [(m.condition, _object_macro(frame, m)) for m in macros]
        value = try_or_undo(frame, lambda: by_configuration(frame, choices, word))
        if value is not None:
            return value
    if macros and run.definitions.readers.does_something(word):
        raise Unsupported(f"what {word} does is not followed")
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
            return accesses.read(frame, found)
    if is_function(frame, word):
        return address_of_name(frame, word)
    ctype = replace(UNKNOWN, name=f"type of {word}")
    expr = run.unknowns.apply(run.marked(word), "constant", [], z3.BitVecSort(64))
    return Value(expr, ctype)


def note_line(frame: Frame, node: Node) -> None:
    """Remember the line for ``__LINE__`` in a macro: that of the function itself."""
    run = frame.run
    if run.text_from == "" and frame.line is None:
        run.line = frame.source.line_of(node)


def _held(frame: Frame, word: str) -> Value | None:
    """What a variable always holds: it is const, or nobody in its file writes it."""
    run = frame.run
    here = run.definitions.here
    text = initial_value(here, word)
    if text is not None and hangs_on_its_place(here, text):
        return None
    ctype = None if text is None else run.global_type(word)
    if text is None or ctype is None or ctype.kind not in ("int", "bool"):
        return None
    if word in run.being_inlined:
        return None
    run.being_inlined.append(word)
    try:
        return convert(evaluate_text(frame, text), ctype, run.opaque)
    finally:
        run.being_inlined.pop()


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
        frame.run.being_inlined.append(macro.name)
        frame.run.used(macro.name, macro.body)
        with run_in_text(frame, macro):
            return evaluate_text(frame, macro.body)

    return run_it


def by_configuration(
    frame: Frame,
    choices: list[tuple[Condition, Callable[[], Value] | None]],
    what: str,
    otherwise: Callable[[], Value] | None = None,
) -> Value | None:
    """Returns the value of the definition that the configuration selects.

    None where no definition can be read.  A configuration that has none gets
    ``otherwise``, or an unknown value.
    """

    from reviewer.prover.interpret.operators import rejoin_after_branch, to_common_type

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
    left = true()  # configurations not covered yet
    results: list[tuple[z3.BoolRef, State, Value]] = []
    for flag, action in readable_ones:
        here = both_hold(left, flag)
        left = both_hold(left, z3.Not(flag))
        frame.state = before.copy(both_hold(before.alive, here))
        run.configuration.append(flag)
        try:
            value = action()
        finally:
            run.configuration.pop()
        results.append((here, frame.state, value))
    if not is_false(left) and not run.impossible(left):
        frame.state = before.copy(both_hold(before.alive, left))
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
            chosen, value = to_common_type(run, chosen, value)
            if not chosen.expr.eq(value.expr):
                both = None
                if chosen.flag is not None and value.flag is not None:
                    both = z3.If(here, chosen.flag, value.flag)
                expr = z3.If(here, chosen.expr, value.expr)
                value = Value(expr, chosen.ctype, both)
    frame.state = state
    rejoin_after_branch(frame, before, jumps)
    return value


def is_function(frame: Frame, word: str) -> bool:
    """Says whether a name is known to be a real function, not a macro."""
    run = frame.run
    if word not in run.function_names:
        definitions = run.definitions
        run.function_names[word] = not definitions.is_macro(word) and bool(
            definitions.functions(word) or definitions.prototypes(word)
        )
    return run.function_names[word]


# ---
# Variables of a file that hold what they are declared with, because nobody writes


_DECLARED = (
    r"^((?:static|const|unsigned|signed|int|long|short|char|bool|[su](?:8|16|32|64)"
    r"|\w+_t|__read_mostly|__ro_after_init|__initdata)\b[\w \t]*?[\s])"
    r"{name}[ \t]*(?:__\w+[ \t]*)*(?:=([^;{{}}]*))?;"
)
_ASSIGNED = r"\s*(?:=(?!=)|\+\+|--|(?:[-+*/%&|^]|<<|>>)=)"


@lru_cache(maxsize=4096)
def initial_value(source: Header, name: str) -> str | None:
    """Returns the text of what a scalar holds at all times; None where it may be
    written.

    A ``const`` one; or a ``static`` one that no line of the file writes, hands out
    the address of, or gives to a macro.
    """
    if name not in source.code:
        return None
    found = re.findall(
        _DECLARED.format(name=re.escape(name)), source.code, re.MULTILINE
    )
    if len(found) != 1:
        return None
    words = found[0][0].split()
    value = normalised(found[0][1]).strip()
    if "volatile" in words or "extern" in words:
        return None
    if "const" in words:
        return value or ("0" if "static" in words else None)
    if "static" not in words or _is_written(source, name):
        return None
    return value or "0"


def _is_written(source: Header, name: str) -> bool:
    """Whether a line may write the variable, or let others do it."""
    text = without_strings(source.clean)
    declared = _DECLARED.format(name=re.escape(name))
    text = re.sub(declared, "", text, count=1, flags=re.MULTILINE)
    word = rf"(?<![\w.])(?<!->){re.escape(name)}\b"
    if re.search(rf"{word}\)*{_ASSIGNED}|(?:\+\+|--|&)\s*\(*{word}", text):
        return True
    own = "|".join(map(re.escape, source.macros)) or "(?!)"
    given = re.compile(
        rf"\b(?:[A-Z_][A-Z0-9_]*|\w*_param\w*|swap|{own})\s*\([^;{{}}]*?{word}"
    )
    return given.search(text) is not None
