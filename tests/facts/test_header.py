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


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("#define A /* a \\\n * b \\\n */ \\\n\tif (x) f()\nint c;\n", "int c;"),
        ("#define A 1 /* a\n * b */ + 2 \\\n\t+ 3\nint c;\n", "int c;"),
        ("#define A 1 /* a\n * b */\nint c; /* d */\n", "int c;"),
        ('#define A "/*" // b /* c\nint c;\n', "int c;"),
        ("#if A /* b */\nint c;\n#endif /* d\n */\n", "int c;"),
    ],
)
def test_a_comment_within_a_directive_does_not_end_it(text: str, code: str) -> None:
    header = Header("a.h", text.encode())
    assert header.code.split() == code.split()
    assert len(header.code) == len(text)
    assert header.code.count("\n") == text.count("\n")
