# SPDX-License-Identifier: GPL-2.0-or-later
"""Prose in a narrow terminal: no line is broken inside of a word."""

from __future__ import annotations

from reviewer.output.reflow import rewrapped

TEXT = """\
# A heading

Some words that go on for longer than the terminal is wide,
and a second line of them.

- an item that goes on for longer than the terminal is wide
  with its second line
- a short one

    code that goes on for longer than the terminal is wide;

```
more code that goes on for longer than the terminal is
```
"""


def test_what_fits_stays_as_it_is():
    assert rewrapped(TEXT, 100) == TEXT


def test_words_are_wrapped_and_code_is_not():
    narrow = rewrapped(TEXT, 40).split("\n")
    long = [line for line in narrow if len(line) > 40]
    assert [line.strip()[:4] for line in long] == ["code", "more"]
    assert "Some words that go on for longer than" in narrow
    item = narrow.index("- an item that goes on for longer than")
    assert narrow[item + 1] == "  the terminal is wide with its second"
    assert rewrapped(TEXT, 40).split() == TEXT.split()


def test_the_last_column_of_a_wide_table_is_wrapped():
    table = """\
| name | what it is |
|---|---|
| `a` | a thing that goes on for longer than the terminal is wide |
| `b \\| c` | short |
"""
    assert (
        rewrapped(table, 40)
        == """\
| name     | what it is                |
|----------|---------------------------|
| `a`      | a thing that goes on for  |
|          | longer than the terminal  |
|          | is wide                   |
| `b \\| c` | short                     |
"""
    )
    assert rewrapped(table, 22) == table
    assert rewrapped(table, 80) == table
