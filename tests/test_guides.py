# SPDX-License-Identifier: GPL-2.0-or-later
"""The guides of ``reviewer/docs``: true about names, and readable on a terminal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reviewer.cli import main
from reviewer.commands import COMMANDS, guides, surface

TOP = Path(__file__).parent.parent
TOPICS = sorted(guides.topics())
# `mail/fetch.py`, `rules/`, `tests/bench/picture.py`; not `rules/<name>/rule.py`
NAMED = re.compile(r"`([a-z_0-9./]+/(?:[a-z_0-9.]+\.(?:py|json|md))?|[a-z_0-9]+\.py)`")
OURS = {"lost_residue", "dist"}  # what the reader of a guide makes
PLACES = (TOP / "reviewer", TOP, TOP / "tests/bench")


def text_of(topic: str) -> str:
    return (guides.FOLDER / f"{topic}.md").read_text(encoding="utf-8")


def words_of(text: str) -> list[str]:
    return re.findall(r"[^\s|]+", re.sub(r"^\|[-|]+$", "", text, flags=re.M))


def shown(capsys, *words: str) -> str:
    assert main(["help", *words]) == 0
    return capsys.readouterr().out


def test_what_the_house_promises_is_there() -> None:
    wanted = "architecture json-schema measured prover releasing writing-a-rule"
    assert wanted.split() == TOPICS


def test_without_a_topic_all_are_listed(capsys) -> None:
    out = shown(capsys)
    for name, title in guides.topics().items():
        assert re.search(rf"^  {name} +{re.escape(title)}$", out, re.M)


@pytest.mark.parametrize("topic", TOPICS)
def test_a_guide_fits_into_eighty_columns(capsys, topic: str, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    out = shown(capsys, topic)
    assert words_of(out) == words_of(text_of(topic))
    assert [line for line in out.splitlines() if len(line) > 80] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_a_subcommand_has_its_options_shown(capsys, name: str) -> None:
    assert shown(capsys, name).startswith(f"usage: kpf-review {name} ")


@pytest.mark.parametrize("wrong", ["architectur", "sacn"])
def test_a_topic_misspelt_is_told(capsys, wrong: str) -> None:
    assert main(["help", wrong]) == 2
    said = capsys.readouterr().err
    assert "did you mean" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("topic", TOPICS)
def test_every_module_that_it_names_exists(topic: str) -> None:
    for name in NAMED.findall(text_of(topic)):
        if OURS.intersection(name.split("/")):
            continue
        assert any((place / name).exists() for place in PLACES), name


def test_a_walk_meets_each_module_once() -> None:
    walks = re.split(r"^## ", text_of("architecture"), flags=re.M)
    walks = [walk for walk in walks if walk.startswith("Walk ")]
    assert len(walks) == 3
    for walk in walks:
        steps = re.findall(r"^\d+\. `([^`]+)`", walk, re.M)
        assert len(steps) >= 8
        assert len(set(NAMED.findall(walk))) == len(NAMED.findall(walk)), walk[:8]
        assert [int(n) for n in re.findall(r"^(\d+)\. ", walk, re.M)] == list(
            range(1, len(steps) + 1)
        )


@pytest.mark.parametrize("topic", TOPICS)
def test_every_option_that_it_names_exists(topic: str) -> None:
    known = {n for c in surface.commands() for o in c.options for n in o.names}
    known.add("--version")
    commands = re.findall(r"^kpf-review .*$|`kpf-review [^`]*`", text_of(topic), re.M)
    for option in re.findall(r"(?<=\s)--[a-z][a-z-]+", "\n".join(commands)):
        assert option in known, option


def test_the_json_guide_has_every_field_of_the_schema() -> None:
    import json

    schema = json.loads((TOP / "reviewer/output/schema.json").read_text())
    told = set(re.findall(r"`([a-z_]+)`", text_of("json-schema")))
    fields = set(schema["properties"])
    for part in schema["$defs"].values():
        fields |= set(part["properties"])
    fields |= set(schema["properties"]["tree"]["properties"])
    assert fields - told == set()


@pytest.mark.parametrize("command", surface.commands(), ids=lambda one: one.name)
def test_every_subcommand_takes_offline(command) -> None:
    assert any("--offline" in option.names for option in command.options)
