# SPDX-License-Identifier: GPL-2.0-or-later
"""What the README says is what the program does."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from reviewer.cli import main

TOP = Path(__file__).parent.parent
README = (TOP / "README.md").read_text(encoding="utf-8")


def test_the_table_is_that_of_the_rules(capsys):
    """Renew it with: kpf-review rules --write"""
    assert main(["rules", "--format", "markdown"]) == 0
    table = capsys.readouterr().out
    start = README.index("<!-- kpf-review rules --format markdown -->\n")
    shown = README[start:].split("-->\n", 1)[1].split("<!-- end -->")[0]
    assert shown.strip() == table.strip()


def test_every_subcommand_in_it_exists():
    from reviewer.commands import COMMANDS

    blocks = re.findall(r"```sh\n(.*?)```", README, re.S)
    lines = [line for block in blocks for line in block.splitlines()]
    calls = [shlex.split(line, comments=True) for line in lines]
    used = {call[1] for call in calls if call[:1] == ["kpf-review"]}
    words = {word for word in used if re.fullmatch(r"[a-z][a-z0-9-]+", word)}
    assert words
    assert words <= set(COMMANDS)


def test_ci_runs_the_test_command():
    (command,) = re.findall(r"^python3 -m venv .*pytest$", README, re.M)
    assert command in (TOP / ".ci/run").read_text(encoding="utf-8")


def test_its_figures_are_those_that_were_measured():
    measured = (TOP / "reviewer/docs/measured.md").read_text(encoding="utf-8")
    told = README.split("\nMeasured (", 1)[1].split("\n## ", 1)[0]
    known = set(re.findall(r"\d[\d,]*\d", measured))
    told = re.sub(r"\d+ to\s+\d+", "", told)  # intervals
    counts = re.findall(r"\b\d[\d,]*\d\b(?= [a-z])", told)
    assert len(counts) > 5
    for figure in counts:
        assert figure in known, figure


def test_it_is_no_book():
    """A reviewer, a submitter and a newcomer: the guides have the rest."""
    table = README.split("<!-- kpf", 1)[1].split("<!-- end", 1)[0].count("\n")
    assert README.count("\n") - table <= 120
