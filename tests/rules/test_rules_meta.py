# SPDX-License-Identifier: GPL-2.0-or-later
"""What every rule has to have, whoever writes it."""

from __future__ import annotations

import re

import case_language as cases
import pytest

from reviewer import rulebook
from reviewer.output.words import TEMPLATES
from reviewer.rulebook import LoadedRule

HEADINGS = (
    "What it catches",
    "Why it matters in the kernel",
    "Wrong",
    "Right",
    "Precedent",
    "Known problems",
    "Exercise",
)
SOURCE = re.compile(
    r'[0-9a-f]{12} \(".+"\)\Z|<[^<>@\s]+@[^<>@\s]+>\Z|CVE-\d{4}-\d{4,}\Z'
)
RULES = [pytest.param(rulebook.load(name), id=name) for name in rulebook.names()]


@pytest.mark.parametrize("rule", RULES)
class TestRule:
    def test_is_named_as_its_folder(self, rule: LoadedRule) -> None:
        assert rule.rule.name.replace("-", "_") == rule.folder.name

    def test_has_a_precedent_that_can_be_looked_up(self, rule: LoadedRule) -> None:
        assert rule.rule.precedent
        for precedent in rule.rule.precedent:
            assert SOURCE.match(precedent), (
                f"{precedent}: neither <message-id> nor commit (12 digits and its"
                ' subject as in 0123456789ab ("mm: fix it")) nor CVE'
            )

    def test_is_a_small_unit(self, rule: LoadedRule) -> None:
        """A rule is as long as it is; its analysis stands beside it, in its folder."""
        lines = (rule.folder / "rule.py").read_text().count("\n")
        assert 30 <= lines <= 200

    def test_holds_no_prose(self, rule: LoadedRule) -> None:
        assert (TEMPLATES / "findings" / f"{rule.name}.j2").is_file()

    def test_lesson_has_the_headings_in_order(self, rule: LoadedRule) -> None:
        found = re.findall(r"^## (.+)$", rule.lesson, re.M)
        assert tuple(found) == HEADINGS

    def test_lesson_leaves_no_heading_empty(self, rule: LoadedRule) -> None:
        for part in re.split(r"^## .+$", rule.lesson, flags=re.M)[1:]:
            assert part.strip()

    def test_says_todo_nowhere(self, rule: LoadedRule) -> None:
        """``kpf-review rules --new`` leaves one where a person has to come in."""
        files = [
            p for p in rule.folder.rglob("*") if p.suffix in (".py", ".md", ".case")
        ]
        for path in (*files, TEMPLATES / "findings" / f"{rule.name}.j2"):
            assert "TODO" not in path.read_text(encoding="utf-8"), path.name

    def test_lesson_names_the_precedents(self, rule: LoadedRule) -> None:
        for precedent in rule.rule.precedent:
            assert precedent.split(" ")[0].strip("<>") in rule.lesson

    def test_has_clean_cases_and_others(self, rule: LoadedRule) -> None:
        loaded = [cases.load(p) for p in (rule.folder / "cases").glob("*.case")]
        assert [case for case in loaded if case.clean]
        assert [case for case in loaded if not case.clean]


@pytest.mark.parametrize("rule", RULES)
def test_a_case_is_clean_if_its_name_says_so(rule: LoadedRule) -> None:
    """A mark in a clean case, or none in another, is a mistake in the case."""
    for path in (rule.folder / "cases").glob("*.case"):
        case = cases.load(path)
        texts = [*case.after.values(), *case.mails]
        texts += [new for pairs in case.edits.values() for _, new in pairs]
        marked = any("//= " in text for text in texts)
        assert marked is not case.clean, path.name


def test_the_list_of_rules_is_sorted_and_complete() -> None:
    names = rulebook.names()
    assert list(names) == sorted(names)
    folders = {p.parent.name for p in rulebook.FOLDER.glob("*/rule.py")}
    assert folders == {name.replace("-", "_") for name in names}


def test_the_index_says_what_the_rules_declare() -> None:
    """Made anew by: kpf-review rules --write"""
    for name in rulebook.names():
        assert rulebook.load(name).rule == rulebook.declared(name), name
