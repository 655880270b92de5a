# SPDX-License-Identifier: GPL-2.0-or-later
"""Functions and macros that are followed: their text is run in place of the call."""

from __future__ import annotations

import re
from collections.abc import Callable

from tree_sitter import Node

from reviewer.c.source import Function, Source
from reviewer.c.text import normalised
from reviewer.patterns import regex
from reviewer.prover.interpret.hidden_effects import redefined_later
from reviewer.prover.interpret.macro_splicing import function_with_macros, put_in
from reviewer.prover.interpret.macro_texts import evaluate_text, run_in_text
from reviewer.prover.interpret.run import Frame, Run
from reviewer.prover.limits import Unsupported
from reviewer.prover.memory import accesses
from reviewer.prover.names.definition_texts import FunctionText, MacroText
from reviewer.prover.names.weak_functions import is_weak
from reviewer.prover.syntax import snippet
from reviewer.prover.values.integers import VOID, Value, no_value

_OF_A_FRAME = regex(
    r"\b(?:__builtin_(?:return_address|frame_address|alloca\w*)|alloca|_RET_IP_"
    r"|_THIS_IP_|current_stack_pointer)\b"
)
_DEFINES = re.compile(r"^[ \t]*#[ \t]*(?:define|undef|include)\b", re.MULTILINE)


def is_worth_following(run: Run, word: str, texts: tuple[FunctionText, ...]) -> bool:
    """Says whether it is an inline function of a header, or one that differs between
    the two sides."""
    if is_weak(run.definitions, word):
        return False  # an architecture may have another
    if any(_OF_A_FRAME.search(text.body) for text in texts):
        return False  # it is another one where the function is part of its caller
    if word in run.inputs.forced:
        return True
    if run.limits.depth == 0:
        return False
    return all(map(_is_inline, texts))


def can_be_followed(run: Run, word: str) -> bool:
    """Says whether a call may be looked into where that is allowed: a macro, or an
    inline function."""
    known = run.definitions
    return known.is_macro(word) or any(map(_is_inline, known.functions(word)))


def _is_inline(text: FunctionText) -> bool:
    return "inline" in text.returns or text.path.endswith(".h")


def macro_run(frame: Frame, macro: MacroText, text: str) -> Callable[[], Value]:
    """Returns what evaluates a macro's text in place of its use."""

    def run_it() -> Value:
        run = frame.run
        run.being_inlined.append(macro.name)
        run.used(macro.name, macro.body)
        with run_in_text(frame, macro):
            if not text.strip():
                return no_value()
            return evaluate_text(frame, text)

    return run_it


def macro_with_arguments(frame: Frame, macro: MacroText, arguments: Node) -> str | None:
    """Returns a function-like macro's text with the arguments in it, as cpp does it."""
    return put_in(frame.run, macro, normalised(frame.source.text(arguments)))


def parsed_function(text: FunctionText) -> tuple[Source, Function] | None:
    """Returns a function's text as a tree: (source, function_definition)."""
    from reviewer.prover.interpret.lift import has_blanked_code

    source = snippet(f"{text.returns} {text.name}({text.parameters})\n{text.body}\n")
    functions = source.functions
    if (
        len(functions) != 1
        or functions[0].broken
        or has_blanked_code(source, functions[0])
    ):
        return None
    return source, functions[0]


def values_of(frame: Frame, nodes: list[Node]) -> list[Value]:
    """Evaluates the arguments of a call, from left to right."""
    from reviewer.prover.interpret.expressions import evaluate

    return [evaluate(frame, node) for node in nodes]


def function_run(
    frame: Frame,
    text: FunctionText,
    parsed: tuple[Source, Function],
    values: list[Value],
    node: Node,
) -> Callable[[], Value]:
    """Returns what runs a function's text on the values of its arguments."""

    def run_it() -> Value:
        source, function = parsed
        _text, line = frame.where(node)
        return inline(frame, source, function, values, text, line)

    return run_it


def inline(
    frame: Frame,
    source: Source,
    function: Function,
    values: list[Value],
    text: FunctionText,
    line: int,
) -> Value:
    """Runs a function's body on the state of its caller; raises Unsupported where it
    is called with another number of arguments."""
    from reviewer.prover.interpret.lift import body_of, parameters_of

    run = frame.run
    run.being_inlined.append(text.name)
    run.functions_run.append(text.name)
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
        run.being_inlined.pop()
        run.functions_run.pop()
        run.definitions.at = seen_from
    frame.state = inner.state
    result = inner.state.env.get(0)
    env = {slot: value for slot, value in inner.state.env.items() if slot in kept}
    frame.state.env = env
    if 0 in kept:
        frame.state.env[0] = kept[0]
    if inner.result.kind == "void":
        return no_value()
    if result is None:
        return accesses.uninitialised(run, inner.result)
    return result


def _with_macros(
    run: Run, source: Source, function: Function, text: FunctionText
) -> tuple[Source, Function]:
    """A callee with the macros put in as they are where it stands."""
    definitions = run.definitions
    own = text.path == definitions.path
    definitions.at = text.line if own else definitions.behind_includes
    moving = own and definitions.redefined and "#" in text.body
    if moving or _DEFINES.search(text.body):
        raise Unsupported(f"{text.name}() has a directive in it")
    later = None if own else redefined_later(definitions, text)
    if later is not None:
        raise Unsupported(f"{later}() is a macro, perhaps not yet in {text.name}()")
    return function_with_macros(run, source, function, lines=False)
