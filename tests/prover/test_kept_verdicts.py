# SPDX-License-Identifier: GPL-2.0-or-later
"""What is kept of verdicts between two runs, and what makes another question."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from reviewer.c.source import parse
from reviewer.facts import Facts
from reviewer.prover import FunctionVerdict, Verdict
from reviewer.prover.kept_verdicts import KeptVerdicts
from reviewer.prover.limits import BY_CLOCK, OUT_OF_SERIES, SOLVER_DIED
from reviewer.tree import Tree, open_tree
from reviewer.tree.view import View

PATH, HEADER = "mm/x.c", "include/linux/x.h"
OLD, NEW = b"int f(void) { return 1; }\n", b"int f(void) { return 2; }\n"
FOUND = (FunctionVerdict("f", "f", Verdict.NOT_DECIDED, (), why="it is too large"),)
Question = tuple[View, View, str]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tree]:
    top = tmp_path_factory.mktemp("kept") / "tree"
    version = "VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 1\n"
    texts = {"Makefile": version, "Kbuild": "", PATH: OLD.decode(), HEADER: "\n"}
    for name, text in texts.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text)
    who = ["-c", "user.name=N", "-c", "user.email=n@example.org"]
    env = {**os.environ, "HOME": str(top), "GIT_CONFIG_NOSYSTEM": "1"}
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "x"]):
        subprocess.run(["git", "-C", top, *who, *words], check=True, env=env)
    with open_tree(top) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def proofs(*questions: Question, found: tuple[FunctionVerdict, ...] = FOUND) -> int:
    """How many of some questions are not answered by what was kept."""
    made = 0
    for one, two, asked in questions:
        texts = [parse(PATH, view.read(PATH) or b"") for view in (one, two)]
        kept = KeptVerdicts(texts, (Facts(one), Facts(two)), [asked])
        known = kept.recalled()
        if known is None:
            made += 1
            kept.keep(found)
        else:
            assert known == found
    return made


def test_the_same_question_is_proved_once(tree: Tree) -> None:
    def question() -> Question:
        view = tree.view("HEAD")
        return view, view.overlay({PATH: NEW}), "all"

    assert proofs(question(), question(), question()) == 1


def test_what_an_answer_hangs_on_makes_another_question(tree: Tree) -> None:
    """Another header on one side, another text, other words; and each only once."""
    view = tree.view("HEAD")
    after = view.overlay({PATH: NEW})
    others = [
        (view, after.overlay({HEADER: b"#define f g\n"}), "all"),
        (view.overlay({HEADER: b"#define f g\n"}), after, "all"),
        (view, view.overlay({PATH: NEW + b"\n"}), "all"),
        (view, after.overlay({HEADER: None}), "all"),
        (view, after, "f only"),
        (after, view, "all"),
    ]
    assert proofs((view, after, "all"), *others, *others) == 1 + len(others)


@pytest.mark.parametrize("why", [BY_CLOCK, OUT_OF_SERIES, f"{SOLVER_DIED}11"])
def test_what_another_run_may_decide_is_asked_again(tree: Tree, why: str) -> None:
    question = tree.view("HEAD"), tree.view("HEAD").overlay({PATH: NEW}), "all"
    late = (replace(FOUND[0], why=why),)
    assert proofs(question, question, found=late) == 2
    assert proofs(question, question) == 1


def test_a_proof_is_kept_also_where_the_clock_ended_what_it_adds(tree: Tree) -> None:
    question = tree.view("HEAD"), tree.view("HEAD").overlay({PATH: NEW}), "all"
    proved = (replace(FOUND[0], verdict=Verdict.UNLESS, why=BY_CLOCK),)
    assert proofs(question, question, found=proved) == 1


def test_files_that_are_no_commit_are_read_anew(tree: Tree) -> None:
    worktree = tree.view(None)
    assert proofs(*[(worktree, worktree, "all")] * 2) == 2
