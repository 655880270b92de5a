# SPDX-License-Identifier: GPL-2.0-or-later
"""Names of memories are made and read in one place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reviewer.prover.memory.tagged_names import MemoryName, field_name, memory_name

PROVER = Path(__file__).parents[2] / "reviewer/prover"
# Prefixes that stand for a meaning; whoever needs one asks tagged_names.
SPELT = re.compile(r"""["'](?:stack |global |&->|&local |memory |write |input )["']""")


@pytest.mark.parametrize("kind", ["member", "stack", "global"])
@pytest.mark.parametrize("elements", [False, True])
@pytest.mark.parametrize("struct", [None, "foo", ""])
def test_a_name_is_read_as_it_was_made(
    kind: str, elements: bool, struct: str | None
) -> None:
    name = MemoryName(kind, "len", struct if kind == "member" else None, elements)
    assert memory_name(name.key()) == name


def test_a_member_is_shown_without_its_struct() -> None:
    key = MemoryName("member", "len", "foo", elements=True).key()
    assert key == "len@foo[]"
    assert field_name(key) == "len[]"
    assert memory_name(key).shown() == "->len[]"
    assert memory_name("global jiffies").shown() == "jiffies"


def test_no_other_module_spells_them() -> None:
    for path in sorted(PROVER.rglob("*.py")):
        if path.name == "tagged_names.py":
            continue
        found = SPELT.findall(path.read_text(encoding="utf-8"))
        assert not found, f"{path.name} spells {found}"
