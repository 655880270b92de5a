# SPDX-License-Identifier: GPL-2.0-or-later
"""Headers as text."""

from __future__ import annotations

import pytest

from reviewer.facts.header import Header


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("\tPG_a, /* b // c */ /* d */", "b // c"),
        ('#define A "/* x */" /** b **/', "b *"),
        ("\tPG_a, // b", "b"),
        ('#define URL "http://x"', ""),
        ("\tPG_a, /* it goes on", "it goes on"),
    ],
)
def test_the_comment_on_a_line(line: str, text: str) -> None:
    assert Header("a.h", line.encode()).comment_on(1) == text
