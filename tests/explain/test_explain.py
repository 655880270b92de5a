# SPDX-License-Identifier: GPL-2.0-or-later
"""``explain`` over every name of real trees, and what it says about some of them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from reviewer.errors import UsageError
from reviewer.explain import explain, known_names
from reviewer.explain.text import render
from reviewer.facts import Facts
from reviewer.tree import open_tree

TOP = Path(__file__).parent.parent.parent
MINIATURE = TOP / "reviewer/demo/tree"


@pytest.fixture(params=["6.1", "6.12", "miniature"])
def facts(request: pytest.FixtureRequest):
    if request.param == "miniature":
        folder = MINIATURE
    else:
        folder = request.getfixturevalue(f"linux_{request.param.replace('.', '_')}")
    with open_tree(folder) as tree:
        yield Facts(tree.view(None))


@pytest.fixture
def facts_6_12(linux_6_12: Path):
    with open_tree(linux_6_12) as tree:
        yield Facts(tree.view(None))


def shown(facts: Facts, name: str) -> str:
    return " ".join(render(explain(facts, name), color=False, width=100).split())


def test_every_name_of_the_tree_is_explained(facts: Facts) -> None:
    """No failure, no empty part, and every place named holds what is said of it."""
    names = known_names(facts)
    assert len(names) > 100
    for kind in ("PG_", "KPF_", "Page", "folio_test_", "PAGE_MAPPING_"):
        assert any(name.startswith(kind) for name in names), kind
    for name in names:
        explanation = explain(facts, name)
        assert explanation.name == name
        assert len(explanation.parts) >= 4, name
        for part in explanation.parts:
            assert part.lines, f"{name}: {part.title} is empty"
            for line in part.lines:
                assert line.text.strip(), f"{name}: {part.title}"
                if line.evidence is not None:
                    text = facts.text(line.evidence.file)
                    assert text is not None
                    assert 0 < line.evidence.line <= text.count("\n") + 1
        text = render(explanation, color=False, width=80)
        assert max(len(row) for row in text.splitlines()) <= 110, name


def test_a_flag_of_its_own_page(facts_6_12: Facts) -> None:
    text = shown(facts_6_12, "PG_hwpoison")
    assert "declared only with CONFIG_MEMORY_FAILURE" in text
    assert "tail page: its own flags, not the head's" in text
    assert "KPF_HWPOISON, number 19: copied from PG_hwpoison in page->flags" in text
    assert "PAGEFLAG_FALSE, stubs, with !CONFIG_MEMORY_FAILURE" in text


def test_an_alias_names_its_bit_and_the_second_page(facts_6_12: Facts) -> None:
    text = shown(facts_6_12, "PG_has_hwpoisoned")
    assert "another name for the bit PG_active" in text
    assert "small page: nowhere" in text
    assert "page[1]" in text


def test_a_value_is_no_flag(facts_6_12: Facts) -> None:
    text = shown(facts_6_12, "PAGE_MAPPING_KSM")
    assert "01 anon 0 1 <-- 10 movable 0 1 <-- 11 ksm 1 1" in text
    assert "KPF_KSM, number 21" in text


def test_a_kpf_bit_is_abi_set_and_documented(facts_6_12: Facts) -> None:
    text = shown(facts_6_12, "KPF_THP")
    assert "ABI: the number is never changed" in text
    assert "folio_test_large_rmappable(folio)" in text
    assert "pagemap.rst" in text
    retired = shown(facts_6_12, "KPF_ERROR")
    assert "retired" in retired


def test_a_helper_with_three_definitions(facts_6_12: Facts) -> None:
    text = shown(facts_6_12, "folio_test_idle")
    assert "is a stub with !CONFIG_PAGE_IDLE_FLAG" in text
    assert "include/linux/page_idle.h" in text


def test_a_name_misspelt_gets_the_nearest(facts_6_12: Facts) -> None:
    with pytest.raises(UsageError, match="did you mean 'PageKsm'"):
        explain(facts_6_12, "PagKsm")
    with pytest.raises(UsageError, match="mask-vs-equality"):
        explain(facts_6_12, "mask-vs-equalty")


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "reviewer.cli", "explain", *arguments]
    return subprocess.run(
        command,
        cwd=cwd,
        env={"PYTHONPATH": str(TOP), "PATH": "/usr/bin:/bin", "HOME": str(cwd)},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_command_says_which_tree_it_is_about(tmp_path: Path) -> None:
    done = run("PG_lru", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "miniature tree" in done.stderr
    assert "include/linux/page-flags.h:" in done.stdout
    places = re.findall(r"^ +(\S+):(\d+)$", done.stdout, re.M)
    assert any(
        "PG_lru" in (MINIATURE / file).read_text().splitlines()[int(line) - 1]
        for file, line in places
    )


def test_the_command_on_a_rule_and_on_a_typo(tmp_path: Path) -> None:
    lesson = run("mask-vs-equality", cwd=tmp_path)
    assert lesson.returncode == 0
    assert "## Precedent" in lesson.stdout
    typo = run("PG_hwpoisn", cwd=tmp_path)
    assert typo.returncode == 2
    assert "did you mean 'PG_hwpoison'?" in typo.stderr
    assert typo.stdout == ""
