# SPDX-License-Identifier: GPL-2.0-or-later
"""Macros whose text holds together only as tokens are put in before code is read.

The prover runs the text of a macro where its name stands, as if it stood in
parentheses.  A compiler puts tokens in and parses then: with ``#define ADD(p, q)
p + q``, ``2 * ADD(x, 1)`` is ``2 * x + 1``.  Where the two may not be the same, the
tokens are put in here, and what comes out is parsed again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reviewer.c.conditions import TRUE
from reviewer.c.expander import spelled_tokens, with_arguments
from reviewer.c.preprocessor import Define
from reviewer.c.text import normalised
from reviewer.prover.changes.changed_parameters import system_call_macro
from reviewer.prover.interpret.binding_strength import (
    EMPTY,
    FRAGMENT,
    STATEMENT,
    is_one_statement,
    loosest_operator,
    required_strength,
)
from reviewer.prover.interpret.guard_places import followed_frees, guard_of
from reviewer.prover.interpret.macro_arguments import (
    DEEPEST,
    expanded_before,
    hidden_commas,
    only_as_tokens,
)
from reviewer.prover.limits import TooLarge, Unsupported
from reviewer.prover.names.own_options import own_option
from reviewer.prover.names.taken_out import Spans, meaningful_word
from reviewer.prover.syntax import block_of, first_token, parent_of, part_of, snippet
from reviewer.utf8 import decode, encode

if TYPE_CHECKING:
    from tree_sitter import Node

    from reviewer.c.source import Function, Source
    from reviewer.prover.interpret.run import Run
    from reviewer.prover.names.definition_texts import MacroText

_WORDS = ("identifier", "field_identifier", "type_identifier")
_BLOCKS = ("compound_statement", "case_statement")
_LONGEST = 60_000  # characters that a function may grow to
_ROUNDS = 12  # macros in macros


def function_with_macros(
    run: Run, source: Source, function: Function, *, lines: bool = True
) -> tuple[Source, Function]:
    """Returns the function with the macros put in that do not stand for a whole.

    The same source where there are none; lines keep their numbers, and with
    ``lines`` are those of the file.  Raises Unsupported where it cannot be done.
    """
    commas = list(hidden_commas(run, source, function.node))
    _check_function(run, source, function, commas)
    if system_call_macro(function):
        source = _with_its_declaration(source, function)
        function = _again(source, function)
    done = _put_in(run, source, function, lines)
    if done is None:
        if commas:
            _check_function(run, source, function)
        return source, function
    found = _again(done, function)
    _check_function(run, done, found)
    return done, found


def _again(source: Source, function: Function) -> Function:
    """A function, in the source with its macros put in."""
    found = source.function_named(function.name)
    if found is None:
        raise Unsupported("a macro that is no whole expression or statement")
    return found


def check_shown(
    run: Run, source: Source, start: int, end: int, body: int, known: Spans = ()
) -> None:
    """Raises Unsupported where the parser was not shown a word of these bytes that
    may say more than what is known of it; the body of a function begins at ``body``.
    ``known``: words whose meaning is followed."""
    word = meaningful_word(run.definitions, source, start, end, body, known)
    if word:
        raise Unsupported(f"what `{word}` stands for is not read")


def _with_its_declaration(source: Source, function: Function) -> Source:
    """A system call as the function that its macro makes of it, at its lines."""
    start, end = function.node.start_byte, function.node.end_byte
    body = block_of(function).start_byte
    head = source.neutral[start:body]
    name = function.name.encode()
    head = head.replace(b"(" + name + b")", b" " + name + b"(void)")  # SYSCALL_DEFINE0
    text = head + source.data[body:end]
    before = "\n" * (function.first_line - 1)
    return snippet(before + decode(text))


def _check_function(
    run: Run, source: Source, function: Function, commas: Spans = ()
) -> None:
    node = function.node
    body = node.end_byte if function.body is None else function.body.start_byte
    known = [*followed_frees(source, node), *commas]
    check_shown(run, source, node.start_byte, node.end_byte, body, known)
    option = own_option(run.definitions, source.text(node))
    if option:
        raise Unsupported(f"{option} is not what the configuration says")


def _put_in(run: Run, source: Source, function: Function, lines: bool) -> Source | None:
    """Replace until nothing is left to replace; None where nothing was."""
    changed = None
    at = function
    for _round in range(_ROUNDS):
        places = list(_leaks(run, source, at.node, lines=lines))
        if not places:
            return changed and _locals_shown(changed, at)
        data = _replaced(source.data, places)
        if len(data) > len(source.data) + _LONGEST:
            raise TooLarge("its macros are too large")
        if changed is None:  # the function alone, at its lines
            start, end = at.node.start_byte, at.node.end_byte
            grown = len(data) - len(source.data)
            data = b"\n" * (at.first_line - 1) + data[start : end + grown]
        changed = source = snippet(decode(data))
        at = _again(source, function)
    raise Unsupported("macros that are nested too deeply")


def _locals_shown(source: Source, function: Function) -> Source:
    """A local that has the name of a macro is the local in that macro's text."""
    if HIDDEN.encode() not in source.data:
        return source
    text = decode(source.data)
    for word in _declared(source, function.node):
        text = re.sub(rf"(?<!\w){re.escape(word + HIDDEN)}(?!\w)", word, text)
    return snippet(text)


def text_with_macros(run: Run, text: str) -> str:
    """Returns a macro's text, or another expression, with the macros put in that leak.

    Raises Unsupported where that cannot be done.
    """
    if not any(token[0].isalpha() or token[0] == "_" for token in spelled_tokens(text)):
        return text
    active = tuple(word for word in run.being_inlined if word in text)
    key: tuple[object, ...] = (text, run.definitions.at, active)
    if "__" in text:
        key = (*key, run.line, tuple(run.functions_run[-1:]), run.text_from)
    known = run.spliced.get(key)
    if known is None:
        known = run.spliced[key] = _text(run, text)
    return known


_TAIL = "; }"


def _text(run: Run, text: str) -> str:
    for _round in range(_ROUNDS):
        for head, tail in (
            ("int f(void) { return ", "; }"),
            ("void f(void) { ", "; }"),
        ):
            source = snippet(f"{head}{text.rstrip(' ;')}{tail}")
            functions = source.functions
            if len(functions) == 1 and not source.root.has_error:
                break
        else:
            return text
        places = list(_leaks(run, source, block_of(functions[0]), lines=False))
        if not places:
            return text
        data = _replaced(source.data, places)
        whole = decode(data)
        text = whole[len(head) : len(whole) - len(_TAIL)]
        if len(text) > _LONGEST:
            raise TooLarge("its macros are too large")
    raise Unsupported("macros that are nested too deeply")


Spliced = tuple[int, int, str]


def _replaced(data: bytes, places: list[Spliced]) -> bytes:
    """Put the texts in; each takes as many lines as what it replaces."""
    parts, last = [], 0
    for start, end, text in sorted(places):
        if start < last:
            continue  # in the arguments of another: the next round sees it
        lines = data.count(b"\n", start, end)
        new = encode(f" {text} ") + b"\n" * lines
        parts += [data[last:start], new]
        last = end
    return b"".join([*parts, data[last:]])


# --- which macros leak ----------------------------------------------------------------


def _leaks(run: Run, source: Source, root: Node, *, lines: bool) -> Iterator[Spliced]:
    """What has to be replaced: (start, end, text)."""
    definitions = run.definitions
    saved = definitions.at
    own = _declared(source, root)
    try:
        for node in source.walk(root, *_WORDS):
            word = source.text(node)
            if word in _PLACES:
                line = source.line_of(node) if lines else run.line
                said = _place_said(run, node, word, line, by_macro=not lines)
                if said is not None:
                    yield node.start_byte, node.end_byte, said
                continue
            if word in own and word not in definitions.redefined:
                continue
            if word == "guard" and _is_followed_guard(source, node):
                continue
            if not _is_macro_here(run, node, word):
                continue
            if lines and definitions.redefined:
                definitions.at = source.line_of(node)
            found = _leak(run, source, node, word)
            definitions.at = saved
            if found is not None:
                yield found
    finally:
        definitions.at = saved


def _is_followed_guard(source: Source, node: Node) -> bool:
    at: Node | None = node
    for _level in range(3):
        at = None if at is None else at.parent
    return at is not None and guard_of(source, at) is not None


_FUNCTION = ("__func__", "__FUNCTION__", "__PRETTY_FUNCTION__")
_LINE_DIRECTIVE = re.compile(rb"^[ \t]*#[ \t]*(?:line\b|\d)", re.MULTILINE)
_PLACES = (*_FUNCTION, "__LINE__", "__FILE__")
LINE = "__line_"  # a line number that is only told to somebody


def _place_said(
    run: Run, node: Node, word: str, line: int, *, by_macro: bool
) -> str | None:
    """What a word says that stands for the place it is at.

    A number that is only handed on, to be printed, is one that is not known; what the
    macros of the whole kernel hand on (might_sleep()) is for a bug report: None.
    """
    if word in _FUNCTION:
        return f'"{run.functions_run[-1]}"' if run.functions_run else None
    if _LINE_DIRECTIVE.search(run.definitions.here.data):
        raise Unsupported("a line that #line says")
    told = parent_of(node).type == "argument_list"
    if told and by_macro and run.text_from.startswith(("include/", "arch/")):
        return None
    if word == "__FILE__":
        return f'"{run.definitions.path}"'
    return f"{LINE}{line}" if told else str(line)


def _declared(source: Source, root: Node) -> frozenset[str]:
    """The names of parameters and locals."""
    found = set()
    for part in source.walk(root, "parameter_declaration", "declaration"):
        for declarator in part.children_by_field_name("declarator"):
            at: Node | None = declarator
            while at is not None and at.type != "identifier":
                at = at.child_by_field_name("declarator") or (
                    at.named_children[0]
                    if at.type.endswith("parenthesized_declarator")
                    and at.named_children
                    else None
                )
            if at is not None:
                found.add(source.text(at))
    return frozenset(found)


def _is_macro_here(run: Run, node: Node, word: str) -> bool:
    if not run.definitions.is_macro(word) and word not in run.definitions.redefined:
        return False
    if word in run.being_inlined or word in _NO_MACROS:
        return False
    if run.is_primitive(word):
        return False
    above = node.parent
    while above is not None and above.type.endswith("expression"):
        above = above.parent
    if above is None or above.type.startswith("preproc"):
        return False
    if node.type == "type_identifier":
        types = run.types
        return not (types.is_typename(word) or run.definitions.typedefs(word))
    return True


_NO_MACROS = frozenset(["NULL", "true", "false", "bool", "current"])


def _leak(run: Run, source: Source, node: Node, word: str) -> Spliced | None:
    """Where and by what a use has to be replaced, None where it stands for a whole."""
    macros = run.definitions.macros(word)
    if not macros:
        return None
    target, arguments = _use(source, node)
    if all(macro.parameters is not None for macro in macros) and arguments is None:
        return None  # no call: the name of something else
    bodies = [put_in(run, macro, arguments) for macro in macros]
    is_object = any(macro.parameters is None for macro in macros)
    if is_object:
        target = node
    one = len(macros) == 1 and macros[0].condition == TRUE and bodies[0] is not None
    fits = node.type == "identifier" and all(
        body is None or _fits(run, source, target, body, word) for body in bodies
    )
    moving = word in run.definitions.redefined or only_as_tokens(source, target)
    if fits and not moving and not (one and _is_no_value(target)):
        return None
    if not one and (node.type != "identifier" or bodies[0] is None):
        return None  # a member, a type: another name in some configurations
    if not one:
        raise Unsupported(f"{word} is no whole expression or statement")
    assert bodies[0] is not None
    start, end = target.start_byte, target.end_byte
    if node.type == "field_identifier" and not is_object:
        start, end = node.start_byte, parent_of(parent_of(node)).end_byte
    return start, end, bodies[0]


def _use(source: Source, node: Node) -> tuple[Node, str | None]:
    """The node that a macro's call covers, and its arguments with "(" and ")"."""
    parent: Node | None = node.parent
    callee = node
    if parent is None:
        return node, None
    if parent.type == "field_expression" and node.type == "field_identifier":
        callee, parent = parent, parent.parent
    if parent is not None and parent.type == "call_expression":
        function = parent.child_by_field_name("function")
        if function is not None and function.id == callee.id:
            given = part_of(parent, "arguments")
            return parent, normalised(source.text(given))
    return node, None


HIDDEN = "$"  # behind a name that a macro no longer stands for: it is in its own text


def put_in(run: Run, macro: MacroText, arguments: str | None) -> str | None:
    """Returns what a use of a macro stands for, None where it cannot be told.

    ``arguments`` is the text of the call from "(" to ")", None where there is none.
    """
    if macro.body == "#twice":
        return None
    body = macro.body
    if macro.name in body:
        own = re.compile(rf"(?<![\w$]){re.escape(macro.name)}(?![\w$])")
        body = own.sub(macro.name + HIDDEN, body)
    if macro.parameters is None:
        return body
    if arguments is None:
        return None
    expanded = expanded_before(run, macro, arguments)
    if expanded is None:
        return None
    return with_arguments(
        Define(macro.name, macro.parameters, body, 0, 0, TRUE), expanded
    )


def _fits(run: Run, source: Source, target: Node, body: str, word: str) -> bool:
    """Whether a text stands for a whole where it is put in."""
    strength = _level(run, body, (word,))
    parent = parent_of(target)
    statement = parent.type == "expression_statement"
    if strength == EMPTY:
        return statement
    if strength == STATEMENT:
        if not statement:
            return False
        if is_one_statement(spelled_tokens(body)):
            return True
        within = parent.parent is not None and parent.parent.type in _BLOCKS
        return bool(within and not _declares(body))
    if strength == FRAGMENT:
        return bool(statement and not _declares(body))
    return strength >= required_strength(source, target)


def _is_no_value(target: Node) -> bool:
    """Whether a use is asked for its place or its type, not for its value."""
    at, parent = target, target.parent
    while parent is not None and parent.type == "parenthesized_expression":
        at, parent = parent, parent.parent
    if parent is None:
        return False
    if parent.type == "assignment_expression":
        left = parent.child_by_field_name("left")
        return bool(left is not None and left.id == at.id)
    if parent.type == "pointer_expression":
        return first_token(parent) == "&"
    return bool(parent.type in ("sizeof_expression", "update_expression"))


def _declares(body: str) -> bool:
    """Whether a statement's text declares names that the code behind it sees."""
    source = snippet(f"void f(void) {{ {body}; }}")
    functions = source.functions
    if len(functions) != 1 or functions[0].body is None:
        return False
    return any(c.type == "declaration" for c in functions[0].body.named_children)


def _level(run: Run, text: str, hidden: tuple[str, ...]) -> int:
    """How tightly a text binds once all macros at its top are put in."""
    if len(hidden) > DEEPEST:
        return FRAGMENT

    def of_word(word: str, arguments: list[str] | None) -> int | None:
        """The level of a macro's use within the text, None for another name."""
        if word in hidden:
            return None
        macros = run.definitions.macros(word)
        if all(m.parameters is not None for m in macros) and arguments is None:
            return None
        given = None if arguments is None else " ".join(arguments)
        levels = []
        for macro in macros:
            body = put_in(run, macro, given)
            if body is not None:
                levels.append(_level(run, body, (*hidden, word)))
        return min(levels, default=None)

    return loosest_operator(spelled_tokens(text), of_word)
