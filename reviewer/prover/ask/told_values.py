# SPDX-License-Identifier: GPL-2.0-or-later
"""Values of functions that are not followed, though the tree shows their text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import z3

from reviewer.prover.interpret import library_contracts, locks
from reviewer.prover.memory.array_elements import pointers_behind
from reviewer.prover.memory.places import is_local_address
from reviewer.prover.memory.tagged_names import label_of

if TYPE_CHECKING:
    from reviewer.prover.judge.pair import Pair
    from reviewer.prover.term_types import Term


def comes_from_seen_function(pair: Pair, expr: Term) -> bool:
    """Says whether a value was returned or written by a call of a function that is not
    followed, although the tree shows its text."""
    where = expr
    if expr.decl().kind() == z3.Z3_OP_SELECT:
        where = expr.arg(0)
        where = where.arg(0) if where.num_args() == 1 else where
    elif str(expr.decl().name()).startswith("*(") and expr.num_args():
        where = expr.arg(0)
    name = label_of(where).removeprefix("after ")
    if not name.endswith("()"):
        return False
    if where is not expr and is_local_address(expr.arg(1)):
        # a local that nobody was handed stays as it is
        mine = pointers_behind(expr.arg(1))
        if not any(mine & pointers_behind(given) for given in where.children()[1:]):
            return True
    word = name.removesuffix("()").partition(" [")[0]
    if word == library_contracts.MADE or locks.is_lock(word):
        return False
    runs = (pair.before.run, pair.after.run)
    return any(run.definitions.functions(word) for run in runs)
