# SPDX-License-Identifier: GPL-2.0-or-later
"""What the structure says of edited functions, against what both sides did."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import edited_functions as made

from reviewer.c.source import parse
from reviewer.prover.changes.changed_names import changed_names
from reviewer.prover.names.definitions import Definitions
from reviewer.prover.structure import divergences as parts
from reviewer.prover.structure.changed_meanings import ChangedMeanings
from reviewer.prover.structure.divergences import Divergence, divergences
from reviewer.prover.structure.reading import read_sides

SEED, PAIRS = 11, 50
Bodies = tuple[list[made.Node], list[made.Node]]


def found_in(pair: Bodies) -> list[Divergence]:
    sources = [parse("a.c", made.text_of(body).encode()) for body in pair]
    one, two = sources
    definitions = [Definitions(None, "a.c", source.data) for source in sources]
    functions = [source.functions[-1] for source in sources]
    known = definitions[0], definitions[1]
    sides = read_sides((one, two), (functions[0], functions[1]), known)
    lines = functions[0].first_line, functions[1].first_line
    names = changed_names(one, two, None, None)
    return divergences(sides, ChangedMeanings(names, known, lines).of)


def is_reached(found: list[Divergence], runs: tuple[made.Run, made.Run]) -> bool:
    """Whether one of the runs took a branch to one of the divergences."""
    taken = runs[0].taken | runs[1].taken
    chosen = {(side, line) for run in runs for side, line, _value in run.values}
    for one in found:
        if one.always:
            return True
        for side, branch in one.branches:
            step = branch.step
            if step.kind == "switch" and (side, step.line) in chosen:
                return True
            line = step.line
            if step.kind == "do" and step.node is not None:
                line = step.node.end_point[0] + 1
            if (side, line, branch.way) in taken:
                return True
    return False


def wrong(pairs: list[Bodies], folder: Path) -> list[int]:
    """The pairs that did something else where the structure says they do not."""
    ran = made.run_all(pairs, folder)
    found = []
    for number, pair in enumerate(pairs):
        told = found_in(pair)
        for given in range(made.INPUTS):
            one, two = ran[number, 0, given], ran[number, 1, given]
            if not (one.ended and two.ended) or one.seen == two.seen:
                continue
            if not is_reached(told, (one, two)):
                found.append(number)
                break
    return found


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> list[Bodies]:
    if shutil.which("gcc") is None:
        pytest.skip("no gcc")
    return made.pairs_of(SEED, PAIRS, tmp_path_factory.mktemp("pairs"))


def test_nothing_differs_off_the_conditions(
    pairs: list[Bodies], tmp_path: Path
) -> None:
    assert len(pairs) > PAIRS // 2
    assert wrong(pairs, tmp_path) == []


def test_a_structure_that_sees_no_edits_is_caught(
    pairs: list[Bodies], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def blind(*_given: object) -> list[parts.Point]:
        return []

    monkeypatch.setattr(parts, "_points", blind)
    assert wrong(pairs[:25], tmp_path)
