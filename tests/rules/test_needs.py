# SPDX-License-Identifier: GPL-2.0-or-later
"""What rules declare that they need spares files, and costs no finding."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from reviewer import rulebook
from reviewer.engine import Scanner
from reviewer.patterns import regex
from reviewer.rulebook import LoadedRule, WholeFile, _beginnings, _plain_words
from reviewer.tree import open_tree
from reviewer.tree.view import View

FOLDERS = ("fs/proc", "drivers/hwmon/pmbus", "drivers/char/tpm", "include/dt-bindings")
SIGNS = rb"[{;?!=&|^<>]"  # told sooner than what a trigger looks for
DECLARING = [name for name in rulebook.names() if rulebook.load(name).rule.needs]


def without_needs(rule: LoadedRule) -> LoadedRule:
    return LoadedRule(replace(rule.rule, needs=()))


def patterns_of(rule: LoadedRule) -> list[bytes]:
    return [one for one in (rule.rule.trigger, *rule.rule.needs) if one]


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


PATTERNS = [
    *(one for name in rulebook.names() for one in patterns_of(rulebook.load(name))),
    *(rb"a\|b|c", rb"[|]x|y", rb"(p|q)r|s t", rb"\(|u", rb"v?|w", rb"a|[^]|]b|[]|]c"),
]


def test_a_word_that_is_found_sooner_is_one_that_matches() -> None:
    words = [(text, word) for text in PATTERNS for word in _plain_words(text)]
    assert all(regex(text).search(word) is not None for text, word in words)
    assert {b"c", b"y", b"s t", b"u", b"w", b"<<"} <= {word for _, word in words}
    assert not {b"b", b"x", b"q", b"v"} & {word for _, word in words}


def test_what_a_pattern_begins_with_is_in_all_that_it_matches() -> None:
    assert set(_beginnings(rb"\bab?c|de+|f(?:g|h)|i\w|jk{2}")) == {
        b"a",
        b"d",
        b"f",
        b"i",
        b"j",
    }
    assert (
        _beginnings(rb"a|[bc]")
        == _beginnings(rb"a|(?:b)")
        == _beginnings(rb"a|b*")
        == ()
    )
    texts = [
        *(b"x%b;" % one for text in PATTERNS for one in _beginnings(text)),
        b"<<",
        b"x",
    ]
    for text in PATTERNS:
        for data in texts:
            assert WholeFile(data).holds(text) == bool(regex(text).search(data))
