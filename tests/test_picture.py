# SPDX-License-Identifier: GPL-2.0-or-later
"""The picture of README.md shows what the demo prints today."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

TOP = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def picture() -> ModuleType:
    path = TOP / "tests/bench/picture.py"
    spec = importlib.util.spec_from_file_location("picture", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def printed(picture) -> str:
    return picture.shown()


def test_it_shows_what_the_demo_prints(picture, printed: str) -> None:
    """Renew it with: python tests/bench/picture.py --write"""
    plain = re.sub(r"\x1b\[[\d;]*m", "", printed)
    lines = [f"$ {picture.COMMAND}", *plain.splitlines()]
    wanted = [line.split() for line in lines if line.strip()]
    svg = picture.PICTURE.read_text(encoding="utf-8")
    found = [line.split() for line in picture.text_of(svg) if line]
    joined = ["".join(row) for row in found]  # colours part what spaces do not
    assert joined == ["".join(row) for row in wanted]


def test_it_is_what_the_script_draws(picture, printed: str, need_module) -> None:
    need_module("rich", "pip install -e '.[dev]'")
    drawn = picture.drawn(printed)
    assert picture.drawn(printed) == drawn
    there = picture.PICTURE.read_text(encoding="utf-8")
    assert picture.text_of(drawn) == picture.text_of(there)


def test_nothing_in_it_is_fetched_or_run(picture) -> None:
    svg = picture.PICTURE.read_text(encoding="utf-8")
    namespace = 'xmlns="http://www.w3.org/2000/svg"'
    assert "//" not in svg.replace(namespace, "")
    assert not re.search(r"<script|<image|@import|@font-face|\bon\w+=", svg)


def test_the_readme_has_it_near_the_top() -> None:
    readme = (TOP / "README.md").read_text(encoding="utf-8")
    assert 0 < readme.index(".github/demo.svg") < 1500
