# SPDX-License-Identifier: GPL-2.0-or-later
"""The types of the solver's terms, by the names that the prover has for them.

They are for signatures: import them under TYPE_CHECKING.  ``Term`` is anything that
the solver can name: a flag, a word, the memory of a field, a world (all memory at one
moment, of ``world_sort()``).
"""

from __future__ import annotations

from typing import TypeAlias

import z3

Term: TypeAlias = z3.ExprRef
Bool: TypeAlias = z3.BoolRef
BitVec: TypeAlias = z3.BitVecRef
Model: TypeAlias = z3.ModelRef
Solver: TypeAlias = z3.Solver
Sort: TypeAlias = z3.SortRef
Decl: TypeAlias = z3.FuncDeclRef
