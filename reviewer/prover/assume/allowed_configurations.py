# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether the configuration of a witness is one that Kconfig allows for the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import z3

from reviewer.c.formula import FALSE, TRUE, Condition, all_of, atom
from reviewer.facts.missing_fact import FactsMissing

if TYPE_CHECKING:
    from reviewer.facts import Facts
    from reviewer.prover.ask.solve import Difference
    from reviewer.prover.judge.pair import Pair
    from reviewer.prover.term_types import Bool

NOT_ALLOWED = "the sides differ where Kconfig allows no configuration"
TRIES = 4  # other states that are asked for


def forbidding_formula(pair: Pair, difference: Difference) -> Bool | None:
    """Returns a formula that excludes the options of a witness, None where a
    configuration may have them.

    They cannot where Kconfig (dependencies, selects, the makefiles' conditions for
    the file, the #if around the function) refutes them on both sides.
    """
    if pair.names.trees_differ:
        return None
    told = [
        (leaf.name, expr, z3.is_true(value))
        for leaf, expr, value in difference.literals
        if leaf.kind == "option" and z3.is_bool(expr) and _is_known(pair, leaf.name)
    ]
    if not told:
        return None
    wanted = all_of(atom(name) if on else ~atom(name) for name, _e, on in told)
    for facts, run, around in zip(
        pair.model.facts, (pair.before.run, pair.after.run), pair.around, strict=True
    ):
        path = run.definitions.path
        if facts is None or _is_allowed(facts, path, all_of((wanted, around))):
            return None
    return z3.Not(z3.And([expr if on else z3.Not(expr) for _n, expr, on in told]))


def _is_known(pair: Pair, name: str) -> bool:
    """Whether Kconfig defines an option; for one that is m, as a tristate."""
    sides = [facts for facts in pair.model.facts if facts is not None]
    if not name.startswith("CONFIG_") or not sides:
        return False
    if name.endswith("_MODULE"):
        plain = name.removesuffix("_MODULE")
        return all(facts.kconfig.type_of(plain) == "tristate" for facts in sides)
    return all(facts.kconfig.defines(name) for facts in sides)


def _is_allowed(facts: Facts, path: str, wanted: Condition) -> bool:
    """Whether Kconfig has a configuration that builds the file in which this is so."""
    try:
        built = _built_when(facts, path)
        if not facts.kconfig.symbols:
            return True  # a piece of a tree
        found = facts.kconfig.refute(all_of((wanted, built)), FALSE)
        return found is not None and found.complete
    except FactsMissing:
        return True


def _built_when(facts: Facts, path: str) -> Condition:
    parts = path.split("/")
    arch = atom(f"SRCARCH == {parts[1]}") if parts[0] == "arch" else TRUE
    if not path.endswith(".c"):
        return arch
    gate = facts.build_gate(path)
    return all_of((arch, gate.condition)) if gate.reason is None else arch
