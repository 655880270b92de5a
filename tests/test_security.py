# SPDX-License-Identifier: GPL-2.0-or-later
"""What .github/SECURITY.md guarantees: each sentence names a test that is there."""

from __future__ import annotations

import re
from pathlib import Path

TOP = Path(__file__).parents[1]
PAGE = (TOP / ".github/SECURITY.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`((?:tests/(?:\w+/)*)?(?:test_\w+|\w+)\.py|reviewer/\w+\.py)`")
# What none of these tests can hold is named there, under "What is not guaranteed".
WRITERS = (
    *("check --fix", "agent", "setup b4 --write", "learn", "report", "batch"),
    *("inbox", "dismiss"),
)


def rows() -> dict[str, str]:
    """The guarantees by layer."""
    lines = [line for line in PAGE.splitlines() if line.startswith("| ")]
    cells = [line.strip("| ").partition(" | ")[::2] for line in lines[1:]]
    return dict(cells)


def sentences(text: str) -> list[str]:
    """Sentences; what stands in brackets belongs to the one before it."""
    return re.split(r"(?<=\)\.) (?=[A-Z`])", text)


def place(name: str) -> Path:
    """As the page says: without a folder it is in tests/hostile."""
    return TOP / (name if "/" in name else f"tests/hostile/{name}")


def test_every_guarantee_names_a_test() -> None:
    assert len(rows()) > 10
    for layer, text in rows().items():
        for sentence in sentences(text):
            assert NAMED.search(sentence), f"{layer}: no test of: {sentence}"
            without = re.sub(r"\([^()]*\)", "", sentence)
            assert not re.search(r"\. [A-Z]", without), f"{layer}: {sentence}"


def test_what_is_trusted_and_what_is_not_names_tests_too() -> None:
    """Each paragraph that says what is done only so, or not at all."""
    text = PAGE.partition("## What is trusted")[2].partition("## What each layer")[0]
    paragraphs = re.split(r"\n(?:- |\n)", text)
    told = [one for one in paragraphs if re.search(r"\b(?:only|never|not)\b", one)]
    assert len(told) >= 3
    assert not [one for one in told if not NAMED.search(one) and "## " not in one]


def test_every_test_that_is_named_is_there() -> None:
    names = NAMED.findall(PAGE)
    assert len(names) > 30
    assert not [name for name in names if not place(name).is_file()]


def test_what_writes_is_named() -> None:
    assert not [name for name in WRITERS if f"`{name}" not in rows()["what is written"]]
