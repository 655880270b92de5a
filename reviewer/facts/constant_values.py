# SPDX-License-Identifier: GPL-2.0-or-later
"""What a constant expression of a file comes to, by the definitions that it sees."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from reviewer.c.constants import ConstantDefinition, CValue
from reviewer.c.formula import Condition, atom

if TYPE_CHECKING:
    from reviewer.facts import Facts


def constant_value(facts: Facts, path: str, text: str) -> int | None:
    """Returns the value of a constant expression in a file, None where a name in it is
    unknown or its value depends on the configuration."""
    from reviewer.c.constants import evaluate

    value = evaluate(text, lambda name: _definitions(facts, path, name))
    return None if value is None else value.value


def _definitions(facts: Facts, path: str, name: str) -> Iterator[ConstantDefinition]:
    """What stands behind a name: its values, or a macro with parameters (BIT)."""
    constants = facts.constant(name, near=path)
    if any(_is_default(known.condition, name) for known in constants):
        return
    for known in constants:
        yield ConstantDefinition(known.condition, _literal(known.value))
    if not constants:
        for define in facts.define(name, near=path):
            if define.params is not None:
                yield ConstantDefinition(
                    define.condition, define.body, params=define.params
                )


def _is_default(condition: Condition, name: str) -> bool:
    """Whether a definition stands under ``#ifndef NAME``: an architecture's header may
    have another, and be included where it is not seen."""
    return not condition.is_true and condition.implies(~atom(f"defined({name})"))


def _literal(value: CValue) -> str:
    """A value as C text of the same type."""
    suffix = ("" if value.signed else "U") + ("L" if value.bits > 32 else "")
    return f"({value.value}{suffix})"
