# SPDX-License-Identifier: GPL-2.0-or-later
"""Names with a meaning stand in one place, and in the header that is named."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from reviewer.c import vocabulary

TOP = Path(__file__).parents[2]
TABLES = {
    name: table
    for name, table in vars(vocabulary).items()
    if name.isupper() and isinstance(table, dict)
}
OF_THE_COMPILER = {"__builtin_unreachable"}
GONE = {"ACCESS_ONCE"}  # from 4.15 on
SPREAD = 3  # names of one table that make a list of one's own


@pytest.mark.parametrize("table", sorted(TABLES))
def test_each_name_stands_in_its_header(table: str, linux_6_12: Path) -> None:
    for name, header in TABLES[table].items():
        if name in OF_THE_COMPILER | GONE:
            continue
        text = (linux_6_12 / header).read_text()
        assert re.search(rf"\b{name}\b", text), f"{name} is not in {header}"


def lists(path: Path) -> list[set[str]]:
    """The words of each literal of a module that holds several."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            parts = [one.value for one in node.elts if isinstance(one, ast.Constant)]
            found.append({part for part in parts if isinstance(part, str)})
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.append(set(re.findall(r"[a-zA-Z_]\w*", node.value)))
    return found


@pytest.mark.parametrize("table", ["NEVER_RETURN", "OPTION_TESTS", "BUG_IF_TRUE"])
def test_no_other_module_has_a_list_of_its_own(table: str) -> None:
    names = set(TABLES[table])
    for path in [*(TOP / "reviewer").rglob("*.py"), *(TOP / "rules").rglob("*.py")]:
        if path.name == "vocabulary.py" or path.is_relative_to(TOP / "reviewer/rules"):
            continue
        for words in lists(path):
            assert len(words & names) < SPREAD, f"{path}: {sorted(words & names)}"
