# SPDX-License-Identifier: GPL-2.0-or-later
"""Constants of the tree, as rules ask for them."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.api import FileImage
from reviewer.c.constants import ConstantDefinition, CValue
from reviewer.c.formula import Condition, atom
from reviewer.kit.expressions import CONSTANT_NAME
from reviewer.patterns import regex

_WORD = regex(r"(?<![\w.])[A-Za-z_]\w*")


def constant(image: FileImage, text: str) -> int | None:
    """Returns the value of a constant expression as the file sees its names.

    None where a name is unknown or spelled as a variable, or where the value depends
    on the configuration.
    """
    if not all(CONSTANT_NAME.match(word) for word in _WORD.findall(text)):
        return None
    from reviewer.c.constants import evaluate

    value = evaluate(text, lambda name: _definitions(image, name))
    return None if value is None else value.value


def _definitions(image: FileImage, name: str) -> Iterator[ConstantDefinition]:
    """What stands behind a name: its values, or a macro with parameters (BIT)."""
    from reviewer.c.constants import ConstantDefinition

    path = image.source.path
    constants = image.facts.constant(name, near=path)
    if any(_is_default(known.condition, name) for known in constants):
        return
    for known in constants:
        yield ConstantDefinition(known.condition, _literal(known.value))
    if not constants:
        for define in image.facts.define(name, near=path):
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
