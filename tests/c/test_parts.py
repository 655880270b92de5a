# SPDX-License-Identifier: GPL-2.0-or-later
"""A file that is changed part by part reads as it does whole."""

from __future__ import annotations

import random

import pytest

from reviewer.c import parts, text
from reviewer.c.neutralise_text import with_plain_strings

PIECES = [
    b"/*", b"*/", b'"', b"'", b"\\\n", b"//", b"/", b"*", b"\n}\n", b"\n", b"}",
    b"\\", b"x", b"\r\n", b"'/*'", b'"/*"', b"/*/",
]  # fmt: skip
FUNCTION = b"static int f(int a)\n{\n\treturn a; /* %d */\n}\n"


def soup(seed: int) -> bytes:
    """Marks of comments and strings in any order."""
    chance = random.Random(seed)
    return b"".join(chance.choices(PIECES, k=chance.randrange(1, 16)))


@pytest.mark.parametrize("change", [text.blank_comments, with_plain_strings])
def test_any_marks_read_part_by_part_as_whole(change, monkeypatch) -> None:
    inputs = [soup(seed) for seed in range(4000)]
    whole = [change(data) for data in inputs]  # below _SMALL
    monkeypatch.setattr(parts, "_SMALL", 0)
    assert [change(data) for data in inputs] == whole


def test_a_comment_over_the_end_of_a_function_is_one_part() -> None:
    data = b"int a;\n/* old:\n}\n*/\nint f(void)\n{\n}\n"
    assert list(parts.parts_of(data)) == [data]
    assert list(parts.parts_of(FUNCTION * 2)) == [FUNCTION, FUNCTION, b""]


def test_what_stays_is_read_once() -> None:
    count = parts._SMALL // len(FUNCTION) + 1
    functions = [FUNCTION % number for number in range(count)]
    asked: list[bytes] = []

    def change(part: bytes) -> bytes:
        asked.append(part)
        return part

    before = b"".join(functions)
    assert parts.by_parts(before, change) == before
    functions[7] = functions[7].replace(b"return a", b"return 0")
    asked.clear()
    after = b"".join(functions)
    assert parts.by_parts(after, change) == after
    assert asked == [functions[7]]


def test_a_brace_far_above_is_found() -> None:
    code = b"enum x {" + b"A { }, " * 3000
    assert text.innermost_brace(code, len(code)) == code.index(b"{")
    assert text.innermost_brace(b"{ }" * 3000, 9000) == -1
