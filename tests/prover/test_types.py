# SPDX-License-Identifier: GPL-2.0-or-later
"""What mypy is told of z3 is there."""

from __future__ import annotations

import ast
from pathlib import Path

import z3

STUB = Path(__file__).parent.parent / "stubs/z3/__init__.pyi"


def test_the_stub_names_what_z3_has() -> None:
    tree = ast.parse(STUB.read_text(encoding="utf-8"))
    names, methods = set(), set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
        elif isinstance(node, ast.ClassDef):
            names.add(node.name)
            methods |= {
                (node.name, one.name)
                for one in node.body
                if isinstance(one, ast.FunctionDef)
            }
    assert len(names) > 100
    assert not [name for name in names if not hasattr(z3, name)]
    # of a kind of sort or term that the stub does not tell apart
    others = {("SortRef", "size"), ("SortRef", "range"), ("SortRef", "domain")}
    others |= {("BitVecRef", "as_long"), ("BitVecRef", "as_signed_long")}
    missing = {(c, m) for c, m in methods if not hasattr(getattr(z3, c), m)}
    assert missing <= others, missing - others
