# SPDX-License-Identifier: GPL-2.0-or-later
"""Conditions of the preprocessor inside of a function's body."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import z3
from tree_sitter import Node

from reviewer.c.conditions import TRUE, parse_condition
from reviewer.prover.interpret.jumps import branch
from reviewer.prover.interpret.run import Frame
from reviewer.prover.limits import Unsupported
from reviewer.prover.memory.state import simplified
from reviewer.prover.syntax import part_of
from reviewer.prover.term_types import Bool


def run_preproc_if(frame: Frame, node: Node) -> None:
    """Runs #if, #ifdef, #elif inside a function: a branch on the configuration."""
    from reviewer.prover.interpret.statements import run_statement

    named = node.child_by_field_name("name")
    if named is not None:
        text = f"defined({frame.source.text(named)})"
        if node.child(0).type in ("#ifndef", "#elifndef"):
            text = "!" + text
    else:
        text = frame.source.text(part_of(node, "condition"))
        text = text.replace("\\\n", " ")
    tested = parse_condition(text)
    tested = tested.assign(_defined_here(frame, node, tested.atoms))
    flag = simplified(frame.run.formula(tested))
    alternative = node.child_by_field_name("alternative")
    skip = {
        n.id for n in (named, alternative, node.child_by_field_name("condition")) if n
    }
    inside = [child for child in node.named_children if child.id not in skip]

    def yes() -> None:
        _configured(frame, flag, lambda: _directive_block(frame, inside))

    def no() -> None:
        if alternative is not None:
            other = z3.Not(flag)
            _configured(frame, other, lambda: run_statement(frame, alternative))

    branch(frame, flag, yes, no)


def _defined_here(frame: Frame, node: Node, atoms: Iterable[str]) -> dict[str, bool]:
    """Which names are macros for sure, or for sure none, where a directive stands."""
    definitions = frame.run.definitions
    if frame.path != definitions.path:
        return {}
    found = {}
    seen_from = definitions.at
    if frame.line is None:
        definitions.at = frame.source.line_of(node)
    for atom in atoms:
        name = atom.removeprefix("defined(").removesuffix(")")
        if name == atom or name.startswith("CONFIG_"):
            continue
        macros = definitions.macros(name)
        if any(macro.condition == TRUE for macro in macros):
            found[atom] = True
        elif not macros and name in definitions.here.macros:
            found[atom] = False  # it is defined below, or no longer
    definitions.at = seen_from
    return found


def _configured(frame: Frame, flag: Bool, action: Callable[[], None]) -> None:
    frame.run.configuration.append(flag)
    action()
    frame.run.configuration.pop()


def _directive_block(frame: Frame, children: list[Node]) -> None:
    """Declarations in an #if branch stay visible behind the #endif."""
    from reviewer.prover.interpret.statements import declared_variables, run_statement

    for child in children:
        if child.type == "declaration":
            names = [name for _v, name, _t in declared_variables(frame, child)]
            if any(name in frame.names for name in names):
                raise Unsupported("a variable declared in two #if branches")
            if any(_means_something(frame, name) for name in names):
                raise Unsupported("a variable that only some configurations declare")
        run_statement(frame, child)


def _means_something(frame: Frame, name: str) -> bool:
    """Whether a name is something else where a local of that name is not declared."""

    run = frame.run
    return run.definitions.is_macro(name) or run.global_type(name) is not None


def run_preproc_else(frame: Frame, node: Node) -> None:
    """Runs the statements behind an #else."""
    _directive_block(frame, node.named_children)
