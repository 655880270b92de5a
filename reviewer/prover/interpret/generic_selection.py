# SPDX-License-Identifier: GPL-2.0-or-later
"""_Generic (C11 6.5.1.1): an expression is chosen by the type of another one.

Types that are told apart there and not here (a pointer to const, char and u8) leave
several to choose from.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

    from reviewer.c.source import Source
    from reviewer.prover.values.integers import CType

_CONST = re.compile(r"\bconst\b\s*")
_ACTS = ("call_expression", "assignment_expression", "update_expression")


def possible_selections(
    source: Source, node: Node, ctype: CType, type_of: Callable[[Node], CType]
) -> list[Node]:
    """Returns the branches of a ``_Generic`` that a type may choose.

    They are one where the choice is certain, several only if none has an effect, and
    none where the choice cannot be told.
    """
    children = node.named_children
    pairs = list(zip(children[1::2], children[2::2], strict=False))
    named = [(d, c) for d, c in pairs if source.text(d) != "default"]
    fitting = [chosen for descriptor, chosen in named if type_of(descriptor) == ctype]
    if ctype.kind == "unknown" or len(pairs) * 2 + 1 != len(children):
        return []
    if fitting and not _is_told_apart(ctype):
        fitting += [c for d, c in pairs if source.text(d) == "default"]
    if len({_CONST.sub("", source.norm(one)) for one in fitting}) == 1:
        return fitting[:1]
    acts = any(next(source.walk(c, *_ACTS), None) is not None for c in fitting)
    return [] if acts else fitting


def _is_told_apart(ctype: CType) -> bool:
    """Whether no two types that _Generic tells apart are this one."""
    if ctype.kind != "int":
        return ctype.kind in ("bool", "void")
    return ctype.bits > 8 or ctype.signed
