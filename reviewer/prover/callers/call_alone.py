# SPDX-License-Identifier: GPL-2.0-or-later
"""One call taken out of its caller: what it hands over, behind what is tested before.

A caller may be too large to be compared.  A function of its own that makes this one
call, with the same constants and under the same tests of variables that nothing else
changes, takes in all that the call can meet: where it does the same before and after a
change, so does the call.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from reviewer.c.source import Function, Source
from reviewer.c.trees import function_declarator, name_of
from reviewer.patterns import regex
from reviewer.prover.callers.call_sites import Site
from reviewer.prover.callers.steady_locals import Body
from reviewer.prover.names.definitions import Definitions
from reviewer.prover.structure.divergences import condition_of
from reviewer.prover.structure.flow import Branch
from reviewer.prover.structure.purity import only_reads
from reviewer.prover.structure.step_words import quoted
from reviewer.prover.structure.steps import IF, NotRead, inside_parentheses
from reviewer.utf8 import decode

NAME = "kpf_call_"  # of the functions that are made
_BLANK = "kpf call"
MOST_TESTS = 4  # one around the other
_PLAIN = frozenset(
    ["identifier", "number_literal", "char_literal", "character", "escape_sequence",
     "parenthesized_expression", "binary_expression", "unary_expression", "null",
     "true", "false", "call_expression", "argument_list", "comment"]
)  # fmt: skip
_ASKS = frozenset(["IS_ERR", "IS_ERR_OR_NULL", "likely", "unlikely"])  # linux/err.h
_OF_CONSTANTS = regex(r"[\w\s()|&~<>+*-]+\Z")
_WORD = regex(r"(?<!\w)[A-Za-z_]\w*")
# What is beside constants in one: casts, linux/stddef.h, linux/bits.h, linux/const.h.
_BESIDE = regex(
    r"(?:NULL|true|false|__force|unsigned|signed|int|long|[us](?:8|16|32|64)|\w+_t"
    r"|BIT(?:_ULL)?|GENMASK(?:_ULL)?|_?ULL?|_BITUL|_AC)\Z"
)
DEEPEST = 8  # macros in macros


@dataclass(frozen=True, slots=True)
class Alone:
    """The text of such a function, with a blank for its number; ``told``: the
    constants that it hands over, and what holds before the call."""

    text: str
    told: str

    def named(self, number: int) -> str:
        """Returns the text of the call as a function whose name holds ``number``."""
        return self.text.replace(_BLANK, f"{NAME}{number}", 1)


@dataclass(frozen=True, slots=True)
class _Test:
    """What holds before a call, as C and in words, with the variables in it."""

    text: str
    words: str
    names: frozenset[str]


def alone(
    source: Source, definitions: Definitions, callee: Function, site: Site
) -> Alone | None:
    """Returns a function that makes one call; None where it would know no more of it
    than the callee itself does."""
    parameters = _parameters(source, callee)
    arguments = _field(site.node, "arguments")
    given = [node for node in arguments.named_children if node.type != "comment"]
    if parameters is None or len(parameters) != len(given):
        return None
    try:
        body = Body(source, site.caller, definitions)
        tests = _tests(body, site.node)
    except (NotRead, RecursionError, ValueError):
        return None
    handed, taken, constants = [], {}, []
    for place, (parameter, node) in enumerate(zip(parameters, given, strict=True)):
        names = _names(body, node)
        if names is None:
            handed.append(f"{NAME}{place}")
            taken[handed[-1]] = _renamed(source, parameter, handed[-1])
            continue
        handed.append(source.text(node))
        taken |= {name: body.variables[name] for name in names}
        if not names:
            constants.append(f"{_name(source, parameter)} = {source.norm(node)}")
    told = [test for test in tests if test.names & taken.keys()]
    for test in told:
        taken |= {name: body.variables[name] for name in test.names}
    if not constants and not told:
        return None
    call = f"{callee.name}({', '.join(handed)})"
    text = _function(source, callee, [*taken.values()], told, call)
    if not all(body.is_kept(word) for word in _WORD.findall(text)):
        return None
    return Alone(text, " and ".join(_words(constants, told)))


def _words(constants: list[str], tests: list[_Test]) -> Iterator[str]:
    if constants:
        yield f"hands it {', '.join(map(quoted, constants))}"
    if tests:
        yield f"only when {' and '.join(test.words for test in tests)}"


def _function(
    source: Source,
    callee: Function,
    parameters: list[str],
    tests: list[_Test],
    call: str,
) -> str:
    declarator = function_declarator(callee.node)
    assert declarator is not None
    start, end = callee.node.start_byte, declarator.start_byte
    kind = decode(source.data[start:end])
    is_void = "void" in kind.split() and "*" not in kind
    condition = " && ".join(f"({test.text})" for test in tests) or "1"
    does = f"{call};" if is_void else f"return {call};"
    rest = "" if is_void else "return 0; "
    body = f"if ({condition}) {does}"
    return f"\n{kind}{_BLANK}({', '.join(parameters) or 'void'})\n{{ {body} {rest}}}\n"


# --- what is handed over --------------------------------------------------------------


def _parameters(source: Source, callee: Function) -> list[Node] | None:
    """The declarations of the parameters; None where not all of them have names."""
    declarator = function_declarator(callee.node)
    if declarator is None:
        return None
    found = [
        node
        for node in _field(declarator, "parameters").named_children
        if node.type != "comment" and source.text(node) != "void"
    ]
    return found if all(_name(source, node) for node in found) else None


def _name(source: Source, parameter: Node) -> str:
    name = None
    if parameter.type == "parameter_declaration":
        name = name_of(parameter.child_by_field_name("declarator"))
    return "" if name is None else source.text(name)


def _renamed(source: Source, parameter: Node, name: str) -> str:
    """A parameter's declaration under another name."""
    at = name_of(parameter.child_by_field_name("declarator"))
    assert at is not None
    before = source.data[parameter.start_byte : at.start_byte]
    after = source.data[at.end_byte : parameter.end_byte]
    return decode(before + name.encode() + after)


def _names(body: Body, node: Node) -> frozenset[str] | None:
    """The variables in an expression of constants and plain variables alone; None for
    another one."""
    source = body.source
    if any(part.is_named and part.type not in _PLAIN for part in source.walk(node)):
        return None
    if not only_reads(source, node, body.definitions):
        return None
    found = set()
    for part in source.walk(node, "identifier"):
        word = source.text(part)
        if word in body.variables:
            found.add(word)
        elif word in body.declared or not (word in _ASKS or _is_constant(body, word)):
            return None
    return frozenset(found)


def _is_constant(body: Body, word: str, depth: int = 0) -> bool:
    """Whether a name stands for a number that is the same all the time."""
    if _BESIDE.match(word):
        return True
    macros = body.definitions.macros(word)
    if not body.is_kept(word):
        return False
    if not macros:
        return body.definitions.enum(word) is not None
    return depth < DEEPEST and all(
        macro.parameters is None
        and _OF_CONSTANTS.match(macro.body) is not None
        and all(
            _is_constant(body, inner, depth + 1) for inner in _WORD.findall(macro.body)
        )
        for macro in macros
    )


# --- what is tested before ------------------------------------------------------------


def _tests(body: Body, call: Node) -> list[_Test]:
    """What holds whenever a call is made, in plain variables that nothing has changed
    since."""
    found = list(_beside(body, call))
    at = body.step_of(call)
    for _ in range(MOST_TESTS):
        branches = body.flow.reached_by(at)
        told = [one for branch in branches if (one := _test(body, branch))]
        names = frozenset[str]().union(*(one.names for one in told))
        are_all = bool(told) and len(told) == len(branches)
        if are_all and all(body.is_steady(name, branches, call) for name in names):
            either = " || ".join(f"({one.text})" for one in told)
            words = " or ".join(one.words for one in told)
            found.append(_Test(either, words, names))
        if len(branches) != 1:
            break
        at = branches[0].step
    return found


def _test(body: Body, branch: Branch) -> _Test | None:
    """A branch as an expression that is true where it is taken."""
    condition = condition_of(branch.step)
    if branch.step.kind != IF or condition is None:
        return None
    return _asked(body, condition, branch.way == "yes")


def _asked(body: Body, condition: Node, holds: bool) -> _Test | None:
    names = _names(body, condition)
    if not names:
        return None
    text = body.source.text(condition)
    words = quoted(inside_parentheses(body.source.norm(condition)))
    if holds:
        return _Test(text, words, names)
    return _Test(f"!({text})", f"not {words}", names)


def _beside(body: Body, call: Node) -> Iterator[_Test]:
    """What is asked before the call in its own expression: ``x && f(x)``."""
    node = call
    statement = body.source.statement_of(call)
    while node.parent is not None and node != statement:
        around = node.parent
        operator = around.child_by_field_name("operator")
        left = around.child_by_field_name("left")
        joint = "" if operator is None else body.source.text(operator)
        if joint in ("&&", "||") and left is not None and left != node:
            test = _asked(body, left, joint == "&&")
            if test and all(body.is_left_alone(name, call) for name in test.names):
                yield test
        node = around


def _field(node: Node, name: str) -> Node:
    found = node.child_by_field_name(name)
    assert found is not None
    return found
