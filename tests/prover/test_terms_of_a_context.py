# SPDX-License-Identifier: GPL-2.0-or-later
"""A term of the solver is used in the context that it was made in, and nowhere else.

Two terms of different contexts may have one number and two for one value: z3 then
proves what does not hold, or ends the process.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import z3

sys.path.insert(0, str(Path(__file__).resolve().parent / "structure"))

from judged_pairs import HEAD, judged

import reviewer.prover
from reviewer.prover.values.integers import no_value
from reviewer.prover.values.solver_terms import new_context
from reviewer.prover.verdict import Verdict


def modules() -> list[ModuleType]:
    found = pkgutil.walk_packages(reviewer.prover.__path__, "reviewer.prover.")
    return [importlib.import_module(module.name) for module in found]


def terms_in(thing: Any, depth: int = 0) -> bool:
    """Whether there is a term somewhere in what a module holds."""
    if isinstance(thing, z3.AstRef | z3.Solver | z3.ModelRef):
        return True
    if depth > 4:
        return False
    if isinstance(thing, dict):
        parts = [*thing, *thing.values()]
    elif isinstance(thing, list | tuple | set | frozenset):
        parts = list(thing)
    elif is_dataclass(thing) and not isinstance(thing, type):
        parts = [getattr(thing, field.name) for field in fields(thing)]
    else:
        return False
    return any(terms_in(part, depth + 1) for part in parts)


def test_no_module_holds_a_term() -> None:
    held = [
        f"{module.__name__}.{name}"
        for module in modules()
        for name, value in vars(module).items()
        if terms_in(value)
    ]
    assert not held


def test_a_term_in_a_record_is_found() -> None:
    assert terms_in({"void": (no_value(),)})
    assert not terms_in({"void": ("", 0)})


def test_what_has_no_value_has_it_in_each_context() -> None:
    new_context()
    first = no_value().expr.ctx
    new_context()
    second = no_value().expr
    assert second.ctx is z3.main_ctx()
    assert second.ctx is not first
    assert second.eq(z3.BitVecVal(0, 64))


def test_the_truth_of_a_void_call_is_asked_for() -> None:
    """Two numbers for the 0 that a message returns: the process ended here."""
    head = HEAD + "int dev_err(void *d, const char *f, ...);\n"
    old = '\twhile (dev_err(p, "ab")) {\n\t\tlock(p);\n\t}\n\treturn a;'
    loop = "\twhile (p) {\n\t\ta += ask(p);\n\t\tp = p->next;\n\t}\n"
    new = old.replace('"ab"', '"abc"').replace("lock(p);", "lock(p);\n\t\tunlock(p);")
    verdict = judged(loop + old, loop + new, head)
    assert verdict.verdict is not Verdict.EQUAL
