# SPDX-License-Identifier: GPL-2.0-or-later
"""What rules declare that they need spares files, and costs no finding."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from reviewer import rulebook
from reviewer.engine import Scanner
from reviewer.rulebook import LoadedRule, WholeFile
from reviewer.tree import open_tree
from reviewer.tree.view import View

FOLDERS = ("fs/proc", "drivers/hwmon/pmbus", "drivers/char/tpm", "include/dt-bindings")
SIGNS = rb"[{;?!=&|^<>]"  # told sooner than what a trigger looks for
DECLARING = [name for name in rulebook.names() if rulebook.load(name).rule.needs]


def without_needs(rule: LoadedRule) -> LoadedRule:
    return LoadedRule(replace(rule.rule, needs=()))


def is_wanted(rule: LoadedRule, view: View, path: str) -> bool:
    return rule.wants_all_of(path, WholeFile(view.read(path) or b""))


def test_some_rules_declare_what_they_need() -> None:
    assert "kernel-doc-mismatch" in DECLARING


@pytest.mark.kernel
@pytest.mark.parametrize("name", DECLARING)
def test_nothing_is_lost(name: str, linux_6_12: Path) -> None:
    rule = rulebook.load(name)
    with open_tree(linux_6_12) as tree:
        view = tree.view(None)
        paths = [p for folder in FOLDERS for p in view.files(folder)]
        spared = [path for path in paths if not is_wanted(rule, view, path)]
        spared = [p for p in spared if is_wanted(without_needs(rule), view, p)]
        # else it is declared for nothing, or for a file of plain #defines
        assert spared or rule.rule.needs == (SIGNS,)
        found = Scanner(view, [without_needs(rule)]).part(spared)
    assert found.findings == ()
    assert found.crashed == ()
