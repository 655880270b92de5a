# SPDX-License-Identifier: GPL-2.0-or-later
"""Texts of macros and constants, parsed and run where they are used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tree_sitter import Node

from reviewer.c.source import Source
from reviewer.c.text import IDENTIFIER
from reviewer.prover.interpret.hidden_effects import check_scopes
from reviewer.prover.interpret.macro_splicing import check_shown, text_with_macros
from reviewer.prover.interpret.run import Frame
from reviewer.prover.limits import TooLarge, Unsupported
from reviewer.prover.names.definition_texts import MacroText
from reviewer.prover.syntax import block_of, snippet
from reviewer.prover.values.integers import UNKNOWN, CType, Value, no_value


def parsed_expression(text: str) -> tuple[Source, Node] | None:
    """Returns a piece of text as an expression, None if it is none."""
    source = snippet(f"int f(void) {{ return {text}; }}")
    if source.root.has_error:
        return None
    functions = source.functions
    body = functions[0].body if len(functions) == 1 else None
    children = [] if body is None else body.named_children
    if len(children) != 1 or children[0].type != "return_statement":
        return None
    values = children[0].named_children
    return (source, values[0]) if len(values) == 1 else None


def parsed_statement(text: str) -> tuple[Source, Node] | None:
    """Returns a piece of text as a statement block."""
    source = snippet(f"void f(void) {{ {text.rstrip(' ;')}; }}")
    if source.root.has_error or source.blanked:
        return None
    functions = source.functions
    return (source, block_of(functions[0])) if len(functions) == 1 else None


def evaluate_text(frame: Frame, text: str) -> Value:
    """Evaluates a piece of text in a frame: what a macro stands for.  Raises
    Unsupported where it is no expression."""
    from reviewer.prover.interpret.expressions import evaluate
    from reviewer.prover.interpret.statements import run_block

    outer, line = frame.source, frame.line
    text = text_with_macros(frame.run, text)
    check_scopes(text, frame.run.definitions.readers)
    parsed = parsed_expression(text)
    if parsed is not None:
        frame.source, node = parsed
        try:
            check_shown(frame.run, frame.source, 0, len(frame.source.data), 0)
            return evaluate(frame, node)
        finally:
            frame.source, frame.line = outer, line
    block = parsed_statement(text)
    if block is None:
        raise Unsupported(f"a macro that is no expression: {text[:60]}")
    frame.source, body = block
    try:
        check_shown(frame.run, frame.source, 0, len(frame.source.data), 0)
        run_block(frame, body.named_children)
    finally:
        frame.source, frame.line = outer, line
    return no_value()


def readable(text: str) -> bool:
    """Says whether text is an expression or a statement that the parser takes."""
    return parsed_expression(text) is not None or parsed_statement(text) is not None


def type_of_text(frame: Frame, text: str) -> CType:
    """Returns the type ``typeof(text)``."""
    text = text_with_macros(frame.run, text)
    parsed = parsed_expression(text)
    first, _, length = text.partition("[")
    is_type = frame.run.types.named(first).kind != "unknown" or parsed is None
    is_type = is_type and first.strip() not in frame.names
    if is_type and not frame.names.keys().isdisjoint(IDENTIFIER.findall(length)):
        raise Unsupported("an array type whose length is a variable")
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


def type_of_node(frame: Frame, node: Node) -> CType:
    """Returns the type of an expression, which is not executed."""
    from reviewer.prover.interpret import expressions

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


@contextmanager
def run_in_text(frame: Frame, macro: MacroText) -> Iterator[None]:
    """Notes, while the text of a macro is run, which file that text is from; takes the
    macro off the list of those being run at the end."""
    run = frame.run
    before = run.text_from
    run.text_from = macro.path
    try:
        yield
    finally:
        run.being_inlined.pop()
        run.text_from = before
