# SPDX-License-Identifier: GPL-2.0-or-later
"""The guides of ``reviewer/docs``: true about names, and readable on a terminal."""

from __future__ import annotations

import re
import subprocess
import sys
from difflib import unified_diff
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
    wanted = (
        "api architecture cluster factcheck inbox json-schema measured prover releasing"
    )
    assert [*wanted.split(), "writing-a-rule"] == TOPICS


def test_without_a_topic_all_are_listed(capsys) -> None:
    out = shown(capsys)
    for name, title in guides.topics().items():
        assert re.search(rf"^  {name} +{re.escape(title)}$", out, re.M)


def guide_of(out: str) -> str:
    """What is above the options, which a subcommand with a guide has below it."""
    return re.split(r"^usage: kpf-review ", out, maxsplit=1, flags=re.M)[0]


@pytest.mark.parametrize("topic", TOPICS)
def test_a_guide_fits_into_eighty_columns(capsys, topic: str, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    out = guide_of(shown(capsys, topic))
    assert words_of(out) == words_of(text_of(topic))
    assert [line for line in out.splitlines() if len(line) > 80] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_a_subcommand_has_its_options_shown(capsys, name: str) -> None:
    out = shown(capsys, name)
    options = out.removeprefix(guide_of(out)) if name in TOPICS else out
    assert options.startswith(f"usage: kpf-review {name} ")


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


TRACER = """
import os
import sys
met = []
def no_fork():
    raise OSError("one process, so that one list has all")
os.fork = no_fork
def importing(frame):
    while frame is not None and not frame.f_code.co_filename.startswith("<frozen imp"):
        frame = frame.f_back
    return frame is not None
def entered(frame, event, _):
    name = frame.f_code.co_filename
    at = name.find("/reviewer/")
    if event == "call" and at >= 0 and name not in met and not importing(frame):
        met.append(name)
from reviewer.cli import main
sys.setprofile(entered)
try:
    main(sys.argv[1:])
finally:
    sys.setprofile(None)
    print(*(one[one.find("/reviewer/") + 10 :] for one in met), sep="\\n")
"""
USES_A_GATED_NAME = (
    "From: A <a@example.org>\nSubject: [PATCH] mm: a use\nMessage-Id: <1@example.org>\n"
    "Date: Mon, 4 Mar 2024 10:00:00 +0000\n\nWhy.\n\n"
    "Signed-off-by: A <a@example.org>\n---\n"
    "diff --git a/fs/proc/page.c b/fs/proc/page.c\n"
)


@pytest.fixture
def uses_a_gated_name(tmp_path: Path) -> Path:
    """A patch to the demo's tree: PG_hwpoison without its #ifdef."""
    path = "fs/proc/page.c"
    old = (TOP / "reviewer/demo/tree" / path).read_text().splitlines(keepends=True)
    at = next(n for n, line in enumerate(old) if "k = page->flags;" in line) + 1
    new = [*old[:at], "\tk &= ~(1UL << PG_hwpoison);\n", *old[at:]]
    diff = "".join(unified_diff(old, new, f"a/{path}", f"b/{path}"))
    patch = tmp_path / "use.patch"
    patch.write_text(USES_A_GATED_NAME + diff)
    return patch


@pytest.mark.parametrize(
    ("walk", "select"),
    [
        (1, "mask-vs-equality"),
        (2, "mask-vs-equality"),
        (3, "undeclared-under-config"),
    ],
)
def test_a_walk_is_the_way_that_is_gone(
    walk: int, select: str, uses_a_gated_name: Path, tmp_path: Path
) -> None:
    """The program is watched: its modules are entered in the order of the walk."""
    series = TOP / "reviewer/demo/series.mbox" if walk < 3 else uses_a_gated_name
    words = ["--tree", str(TOP / "reviewer/demo/tree"), "--select", select, str(series)]
    words += ["--output", str(tmp_path / "drafts")] if walk == 1 else []
    text = text_of("architecture").split(f"## Walk {walk}", 1)[1].split("\n## ", 1)[0]
    steps = re.findall(r"^\d+\. `([^`]+)`", text, re.M)
    steps.remove(
        "mail/fetch.py"
    ) if walk == 1 else None  # what is fetched is local here
    assert as_they_are_met(steps, ["--offline", *words]) == steps


def as_they_are_met(steps: list[str], words: list[str]) -> list[str]:
    """The modules in the order in which the program enters them first."""
    command = [sys.executable, "-c", TRACER, *words]
    done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=False)
    met = done.stdout.split("\ncli.py\n", 1)[-1].split()
    places = {}
    for step in steps:
        entered = [n for n, name in enumerate(met) if name.startswith(step)]
        assert entered, f"{step} is not met"
        places[step] = entered[0]
    return sorted(steps, key=lambda step: places[step])


def test_the_way_of_a_pair_is_the_way_that_is_gone() -> None:
    text = text_of("prover").split("## The way of a pair", 1)[1].split("\n## ", 1)[0]
    steps = re.findall(r"^\d+\. `([^`]+)`", text, re.M)
    assert len(steps) > 15
    words = ["--offline", "--tree", "reviewer/demo/tree", "reviewer/demo/series.mbox"]
    assert as_they_are_met(steps, ["behaviour", *words]) == steps


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
