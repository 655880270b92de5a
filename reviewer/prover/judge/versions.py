# SPDX-License-Identifier: GPL-2.0-or-later
"""A function that is there more than once: another for each configuration.

``#ifdef CONFIG_A`` with a function, ``#else`` with a stub of the same name.  Each is
compared with the one that stands under the same options.
"""

from __future__ import annotations

from dataclasses import replace

from reviewer.c.source import Function, Source
from reviewer.prover.names.definitions import Definitions
from reviewer.prover.names.own_options import own_option
from reviewer.prover.syntax import only_function
from reviewer.prover.verdict import FunctionVerdict, Verdict

_Pair = tuple["Function | None", "Function | None"]


def versions(
    sources: tuple[Source, Source],
    names: tuple[str, str],
    read: tuple[Definitions, Definitions],
) -> list[_Pair]:
    """Returns the functions of a name on both sides, in pairs: one pair, with None for
    what is not there once, but where both sides have it under the same options."""
    one, two = (_by_options(*side) for side in zip(sources, names, read, strict=True))
    if one is not None and two is not None and one.keys() == two.keys():
        return [(one[options], two[options]) for options in one]
    return [(only_function(sources[0], names[0]), only_function(sources[1], names[1]))]


def _by_options(
    source: Source, name: str, known: Definitions
) -> dict[str, Function] | None:
    """The functions of a name by the options under which they are compiled, None where
    there is one, or anything but options decides: a macro may be another one, and so
    may an option that the file sets itself."""
    found: dict[str, Function] = {}
    every = source.functions_named(name)
    for one in every:
        condition = source.condition(one.first_line)
        if not all(atom.startswith("CONFIG_") for atom in condition.atoms):
            return None
        if own_option(known, f"#if {' '.join(condition.atoms)}"):
            return None
        found[str(condition)] = one
    return found if len(found) == len(every) > 1 else None


def of_versions(verdicts: list[FunctionVerdict]) -> FunctionVerdict:
    """Returns the verdict on a function with all its versions.

    It is equal where each is.  A state in which one of them differs need not be one
    of its own configuration.
    """
    if len(verdicts) == 1:
        return verdicts[0]
    others = [one for one in verdicts if one.verdict is not Verdict.EQUAL]
    shown = others[0] if others else verdicts[0]
    if len(others) > 1 or shown.verdict is Verdict.DIFFERS:
        why = shown.why or "in one of the configurations that it is written for"
        shown = replace(
            shown, verdict=Verdict.NOT_DECIDED, outputs=(), why=why, parts=()
        )
    taken = dict.fromkeys(name for one in verdicts for name in one.assumptions)
    seconds = round(sum(one.seconds for one in verdicts), 3)
    return replace(shown, assumptions=tuple(taken), seconds=seconds)
