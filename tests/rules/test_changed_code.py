# SPDX-License-Identifier: GPL-2.0-or-later
"""Code that was there before is told from code that a change brings in, or frees."""

from __future__ import annotations

import pytest

from reviewer.facts.header import Header
from reviewer.kit.changed_code import changed_code

BEFORE = """\
int one(void)
{
	return first;
}
#ifdef CONFIG_X
int two(void)
{
	return second;
}
#endif
struct
third;
"""


def changed(after: str, before: str = BEFORE) -> list[str]:
    """The lines of ``after`` that ``before`` lacks."""
    now, old = Header("x.c", after.encode()), Header("x.c", before.encode())
    parts = changed_code(now.code, now.conditionals, old.code, old.conditionals)
    return [now.code[start:end].strip() for start, end in parts]


def test_nothing_has_changed_in_the_same_file() -> None:
    assert changed(BEFORE) == []


def test_a_line_that_is_new_and_the_one_below_it() -> None:
    found = changed(BEFORE.replace("\treturn first;\n", "\tcall();\n\treturn first;\n"))
    assert found == ["call();", "return first;"]  # what stands before it is another


def test_what_only_moves_down_was_there() -> None:
    found = changed("int zero(void);\n" + BEFORE)
    assert found == ["int zero(void);", "int one(void)", "{"]


@pytest.mark.parametrize(
    ("old", "new"),
    [("#ifdef CONFIG_X\n", ""), ("#ifdef CONFIG_X", "#ifdef CONFIG_Y")],
    ids=["freed", "another option"],
)
def test_what_another_condition_compiles_is_new(old: str, new: str) -> None:
    after = BEFORE.replace(old, new)
    if not new:
        after = after.replace("#endif\n", "")
    assert "return second;" in changed(after)
    assert "return first;" not in changed(after)


def test_a_word_above_decides_what_a_name_is() -> None:
    assert changed(BEFORE.replace("struct\nthird", "long\nthird")) == ["long", "third;"]


def test_a_comment_that_opens_hides_what_follows() -> None:
    assert changed(BEFORE.replace("int one", "/* int one")) == []
