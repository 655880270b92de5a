# SPDX-License-Identifier: GPL-2.0-or-later
"""Pictures of characters as SVG: boxes, walls, arrows, words in their columns."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from reviewer.learn.course import chapters
from reviewer.output.html_ascii_art import drawing

BOXES = """\
 bits   +------+----+--+
        | head | one   |  --> word
        +------+----+--+
        1 !   | not a wall
"""


def parts(picture: str, tag: str) -> list[ET.Element]:
    svg = drawing(picture, "n", "Title")
    return [one for one in ET.fromstring(svg).iter() if one.tag == tag]


def test_boxes_are_closed_and_a_wall_that_is_missing_is_none() -> None:
    boxes = parts(BOXES, "rect")
    assert len(boxes) == 2
    left, right = (float(box.get("x", "")) for box in boxes)
    assert right - left == pytest.approx(float(boxes[0].get("width", "")))


def test_words_keep_their_columns() -> None:
    texts = {one.text: one for one in parts(BOXES, "text")}
    assert set(texts) == {"bits", "head", "one", "word", "1 !", "| not a wall"}
    assert float(texts["head"].get("x", "")) > float(texts["bits"].get("x", ""))
    assert texts["1 !"].get("class") == "on-text"


def test_an_arrow_is_drawn_and_a_member_is_not() -> None:
    found = parts("a --> b  folio->flags  <- c", "path")
    assert len(found) == 4  # a line and a tip, twice
    texts = [one.text for one in parts("a --> b  folio->flags  <- c", "text")]
    assert texts == ["a", "b", "folio->flags", "c"]


def test_it_is_heard_in_words() -> None:
    (title,) = parts(BOXES, "title")
    assert title.text == "Title: bits; head one to word; 1 ! not a wall"


def test_what_is_in_it_is_escaped() -> None:
    svg = drawing("<script>  & \x1b", "n", "<b>")
    assert "<script>" not in svg
    assert "\x1b" not in svg
    assert "<b>" not in svg


@pytest.mark.parametrize("one", chapters(), ids=lambda one: one.name)
def test_no_word_of_a_chapters_picture_is_lost(one) -> None:
    drawn = " ".join(text.text or "" for text in parts(one.picture, "text"))
    words = re.findall(r"[A-Za-z_]{2,}", one.picture)
    assert words == re.findall(r"[A-Za-z_]{2,}", drawn) or sorted(words) == sorted(
        re.findall(r"[A-Za-z_]{2,}", drawn)
    )
    assert "+--" not in drawn


@pytest.mark.parametrize(
    "picture", ["", "+", "+-+", "|\n|", "+--+\n|", "\t+--+\n\n+--+"]
)
def test_an_odd_picture_is_no_trouble(picture: str) -> None:
    assert drawing(picture, "n", "t").endswith("</figure>")
