# SPDX-License-Identifier: GPL-2.0-or-later
"""What was found in a file goes when the file does, whatever it names."""

from __future__ import annotations

import gc
from weakref import ref

from reviewer.c import source as sources
from reviewer.c.file_memory import once_per_subject
from reviewer.c.source import Source, parse
from reviewer.facts.header import header

asked: list[Source] = []


@once_per_subject
def _with_itself(source: Source, times: int) -> tuple[Source, int]:
    asked.append(source)
    return source, times


def test_what_names_its_file_does_not_keep_it() -> None:
    source = parse("freed.c", b"int freed(void)\n{\n\treturn 3;\n}\n")
    assert _with_itself(source, 2) is _with_itself(source, 2)
    assert _with_itself(source, 3) == (source, 3)
    assert len(asked) == 2
    gone = ref(source)
    asked.clear()
    sources.forget()
    del source
    gc.collect()
    assert gone() is None


def test_the_same_text_under_another_path_is_asked_anew() -> None:
    data = b"int of_two_names(void)\n{\n\treturn 3;\n}\n"
    one, two = parse("one.c", data), parse("two.c", data)
    assert _with_itself(one, 1)[0] is one
    assert _with_itself(two, 1)[0] is two
    asked.clear()


def test_the_lines_of_a_header_are_those_of_its_text() -> None:
    text = "\n\t#define A 1 \n\nint last;"
    read = header("include/linux/lines_of.h", text.encode())
    lines = text.split("\n")
    told = [read.line_text(number) for number in range(-1, 7)]
    assert told == ["", "", *(line.strip() for line in lines), "", ""]
    assert [read.text[read.start_of(n + 1) :] for n in range(4)] == [
        "\n".join(lines[n:]) for n in range(4)
    ]
    assert read.start_of(9) == len(text)
    assert [read.line_of(at) for at in (0, 1, 14, 15, 16)] == [1, 2, 2, 3, 4]
