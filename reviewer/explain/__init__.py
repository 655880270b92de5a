# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tree in hand says about one name: a flag, a KPF bit, a helper, a value.

Everything comes from ``reviewer.facts``; the words around it are ours.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from typing import TypeVar

from reviewer.errors import UsageError
from reviewer.explain.model import Explanation
from reviewer.facts import Facts
from reviewer.facts.missing_fact import FactsMissing

__all__ = ["explain", "known_names"]

_T = TypeVar("_T")


def explain(facts: Facts, name: str) -> Explanation:
    """Returns what the tree says about a name, as data.

    Raises UsageError, with the nearest name, for one that the tree does not have.
    """
    from reviewer.explain.fields import explain_type, explain_value
    from reviewer.explain.flags import explain_flag
    from reviewer.explain.helperpages import explain_helper
    from reviewer.explain.kpfbits import explain_kpf
    from reviewer.explain.options import explain_option
    from reviewer.explain.policies_and_masks import explain_policy_or_constant

    option = explain_option(facts, name)
    if option is not None:
        return option
    flag = _read(lambda: facts.page_flags.get(name))
    if flag is not None:
        return explain_flag(facts, flag)
    kind = _read(lambda: facts.page_types.get(name))
    if kind is not None:
        return explain_type(facts, kind)
    bit = _read(lambda: facts.kpf.get(name))
    if bit is not None:
        return explain_kpf(facts, bit)
    field = _read(lambda: facts.mapping_field)
    value = field.get(name) if field is not None else None
    if field is not None and value is not None:
        return explain_value(facts, field, value)
    helper = _read(lambda: facts.helpers.get(name))
    if helper is not None:
        return explain_helper(facts, helper)
    other = explain_policy_or_constant(facts, name)
    if other is not None:
        return other
    if name.startswith("CONFIG_"):
        near = facts.kconfig.nearest(name.removeprefix("CONFIG_"))
        hint = f"; did you mean 'CONFIG_{near}'?" if near else ""
        raise UsageError(f"no Kconfig file of the tree defines {name}{hint}")
    raise UsageError(
        f"no flag, KPF bit, helper or rule named {name!r}{_near(facts, name)}"
    )


def known_names(facts: Facts) -> tuple[str, ...]:
    """Returns every name of the tree that ``explain`` knows."""
    return tuple(dict.fromkeys(_all(facts)))


def _all(facts: Facts) -> Iterator[str]:
    from reviewer.explain.policies_and_masks import masks

    readers: tuple[Callable[[], list[str]], ...] = (
        lambda: [flag.name for flag in facts.page_flags],
        lambda: [kind.name for kind in facts.page_types.types],
        lambda: [bit.name for bit in facts.kpf],
        lambda: [name.name for name in facts.mapping_field.names],
        lambda: [helper.name for helper in facts.helpers.everywhere()],
        lambda: [policy.name for policy in facts.helpers.policies],
        lambda: [bit.name for bit in facts.kpf.tool_bits],
        lambda: masks(facts),
    )
    for read in readers:
        yield from _read(read) or ()


def _near(facts: Facts, name: str) -> str:
    from reviewer import rulebook

    folded = {
        known.lower(): known for known in (*rulebook.names(), *known_names(facts))
    }
    near = difflib.get_close_matches(name.lower(), folded, n=1)
    return f"; did you mean {folded[near[0]]!r}?" if near else ""


def _read(reader: Callable[[], _T]) -> _T | None:
    """What the tree gives, None where it does not give it."""
    try:
        return reader()
    except FactsMissing:
        return None
