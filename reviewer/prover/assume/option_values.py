# SPDX-License-Identifier: GPL-2.0-or-later
"""Which options can be m, as far as Kconfig tells, and which names can be defined.

CONFIG_X_MODULE is defined for a tristate X that is m, and never for another option
(scripts/kconfig/confdata.c, print_symbol_for_c()).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import z3

from reviewer.facts import Facts
from reviewer.facts.forced_headers import always_defined
from reviewer.prover.term_types import Bool

_MODULE = "_MODULE"
_TESTED = re.compile(r"defined\((\w+)\)")
# Names with _ in front may be the compiler's, and options are not asked for here.
_DEFINED = re.compile(r"defined\((?!_|CONFIG_)(\w+)\)")
# KBUILD_CFLAGS_MODULE in the top Makefile, and -DDEBUG in those of many folders
_BY_THE_BUILD = frozenset(["MODULE", "DEBUG"])


def option_facts(
    options: Mapping[str, Bool], facts: tuple[Facts | None, Facts | None]
) -> list[Bool]:
    """Returns what holds of the options of every configuration: none is y and m at
    once, and what Kconfig says of each."""
    found = [
        z3.Not(z3.And(flag, options[f"{name}{_MODULE}"]))
        for name, flag in options.items()
        if f"{name}{_MODULE}" in options
    ]
    for name in _modules(options):
        types = _types(name.removesuffix(_MODULE), facts)
        if types and "tristate" not in types and not _types(name, facts):
            found.append(z3.Not(options[name]))
    always = [always_defined(side.view) for side in facts if side is not None]
    for name, flag in options.items():
        tested = _TESTED.fullmatch(name)
        if tested and always and all(tested[1] in names for names in always):
            found.append(flag)
    return found


def nothing_guessed(
    options: Mapping[str, Bool],
    facts: tuple[Facts | None, Facts | None],
    is_macro: Callable[[str], bool],
) -> Bool | None:
    """Returns the condition that no option is m which Kconfig does not define, and
    that no name is defined of which that is not known; None where there is no such
    option or name.

    Of code without a tree nothing is known: there an option may be anything.
    """
    if facts == (None, None):
        return None
    guessed = [
        options[name]
        for name in _modules(options)
        if not _types(name.removesuffix(_MODULE), facts) | _types(name, facts)
    ]
    guessed += [
        flag
        for name, flag in options.items()
        if (tested := _DEFINED.fullmatch(name))
        and tested[1] not in _BY_THE_BUILD
        and not is_macro(tested[1])
    ]
    return z3.Not(z3.Or(guessed)) if guessed else None


def _modules(options: Mapping[str, Bool]) -> list[str]:
    return [
        name
        for name in options
        if name.startswith("CONFIG_") and name.endswith(_MODULE)
    ]


def _types(option: str, facts: tuple[Facts | None, Facts | None]) -> set[str]:
    """How Kconfig defines an option on either side; empty if it does not."""
    sides = {id(side): side for side in facts if side is not None}.values()
    return {
        definition.entry.type
        for side in sides
        for definition in side.kconfig.definitions(option)
        if definition.entry.type is not None
    }
