# SPDX-License-Identifier: GPL-2.0-or-later
"""What is said about how often rules are right is what the labels hold."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from reviewer import measured as measure
from reviewer import rulebook
from reviewer.api import Status
from reviewer.cli import main
from reviewer.commands import measured_rules
from reviewer.measured import ENOUGH, LEAST, Counts, Measured, wilson

TOP = Path(__file__).parent.parent
LABELS = TOP / "tests/bench/labels"
DOCUMENT = TOP / "reviewer/docs/measured.md"
sys.path.insert(0, str(TOP / "tests/bench"))


def test_the_data_file_is_that_of_the_labels():
    """Renew it with: python tests/bench/measured.py condense"""
    import measured as script

    assert measure.DATA.read_text() == script.condensed()


def test_the_table_in_the_document_is_that_of_the_data():
    """Renew it with: kpf-review rules --measured --format markdown"""
    rules = [rulebook.load(name).rule for name in rulebook.names()]
    text = DOCUMENT.read_text()
    begin, end = "<!-- rules --measured -->\n", "<!-- end -->"
    assert text.split(begin)[1].split(end)[0].strip() == (
        measured_rules.markdown(rules).strip()
    )


def test_a_rule_that_was_measured_too_low_is_a_preview():
    too_low = [m.rule for m in measure.of_rules(rulebook.names()) if is_too_low(m)]
    status = {name: rulebook.load(name).rule.status for name in too_low}
    assert status == dict.fromkeys(too_low, Status.PREVIEW)


def is_too_low(one: Measured) -> bool:
    return one.verdict == "below 0.8"


def test_every_label_has_a_verdict_and_says_why():
    for path in LABELS.glob("*.jsonl"):
        for line in path.read_text().splitlines():
            label = json.loads(line)
            assert label["why"], line
            if path.name.startswith("truth-"):
                assert label["truth"] in (
                    "equal", "only a message changes", "same unless a condition",
                    "differs throughout", "cannot tell",
                ), line  # fmt: skip
                continue
            assert label["verdict"] in (
                "right", "unwanted", "wrong", "misses the point",
                "reason thin", "reason false",
            ), line  # fmt: skip


def test_what_a_second_reader_said_is_what_the_labels_say():
    """Of a rule whose author labelled it, and where the two differ."""
    read = [json.loads(line) for line in (LABELS / "second-reading.jsonl").open()]
    assert {one["rule"] for one in read} == {
        "kernel-doc-mismatch", "dev-err-probe", "error-path-leak", "devm-mixed-release",
        "err-ptr-or-null", "unaddressed-comment", "stale-reference", "missing-undo",
    }  # fmt: skip
    sets = [LABELS / f"{name}.jsonl" for name in names_of_sets()]
    labels = [json.loads(line) for path in sets for line in path.open()]
    said = {place_of(label): label["verdict"] for label in labels}
    assert {place_of(one): one["verdict"] for one in read}.items() <= said.items()
    differ = [one["rule"] for one in read if one["verdict"] != one["first_reader"]]
    assert differ == ["devm-mixed-release", "stale-reference"]


def names_of_sets() -> list[str]:
    return list(json.loads((LABELS / "sets.json").read_text()))


def place_of(label: dict[str, object]) -> tuple[object, ...]:
    names = ("tree", "message_id", "rule", "file", "line")
    return tuple(label.get(name) for name in names)


@pytest.mark.parametrize("n", [0, 1, ENOUGH - 1, ENOUGH, 100])
def test_enough_is_the_least_that_can_hold(n):
    """Below it the interval of all right begins below the bound."""
    assert (wilson(n, n)[0] >= LEAST) == (n >= ENOUGH)


@pytest.mark.parametrize(
    ("counts", "verdict"),
    [
        (Counts(), "n too small"),
        (Counts(15, 0, 0), "n too small"),
        (Counts(16, 0, 0), "holds"),
        (Counts(16, 1, 0), "below 0.8"),
        (Counts(30, 0, 2), "below 0.8"),
        (Counts(60, 1, 2), "holds"),
    ],
)
def test_the_verdict_is_of_the_lower_end(counts, verdict):
    one = Measured("some-rule", counts, counts, 0, 0, 0, ())
    assert one.verdict == verdict


def test_what_was_mended_on_these_remarks_holds_in_sample_only():
    one = Measured("some-rule", Counts(34, 3, 10), Counts(34, 1, 0), 0, 0, 0, ())
    assert one.verdict == "in sample"


def test_rules_measured_shows_every_rule(capsys):
    assert main(["rules", "--measured"]) == 0
    shown = capsys.readouterr().out
    for name in rulebook.names():
        assert f"{name} " in shown
    assert "single patches (1700 patches)" in shown
    assert max(map(len, shown.splitlines())) <= 100


def test_rules_measured_as_data(capsys):
    assert main(["rules", "--measured", "--format", "json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert set(rows) == set(rulebook.names())
    one = rows["submission-changelog"]
    assert one["n"] == one["right"] + one["unwanted"] + one["wrong"] > ENOUGH
    assert one["first_read"]["n"] > one["n"]  # what was wrong then is silent now
    low, high = one["interval"]
    assert 0 < low < one["right"] / one["n"] <= high <= 1
