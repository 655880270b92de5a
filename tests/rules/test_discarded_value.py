# SPDX-License-Identifier: GPL-2.0-or-later
"""What a computed value is proposed to be kept in."""

from __future__ import annotations

import pytest

from reviewer.api import FileImage
from reviewer.c.source import parse
from reviewer.facts import Facts
from reviewer.rules.discarded_value.rule import check
from reviewer.tree.view import EmptyView


@pytest.mark.parametrize(
    ("call", "kept"),
    [
        ("clamp(t->level, 0, 9)", "t->level"),
        ("min_t(u32, level, 9)", "level"),  # not its type
        ("clamp_t(int, t->levels[1], 0, 9)", "t->levels[1]"),
        ("min(9, level)", ""),
    ],
)
def test_the_first_value_is_kept(call: str, kept: str) -> None:
    code = f"int ours(struct ours *t, int level)\n{{\n\t{call};\n\treturn level;\n}}\n"
    names = ("clamp", "clamp_t", "min", "min_t")
    header = "".join(f"#define {name}(x, y) f(x, y)\n" for name in names)
    view = EmptyView().overlay({"include/linux/minmax.h": header.encode()})
    image = FileImage(parse("ours.c", code.encode()), Facts(view))
    (found,) = check(image)
    assert found.fields["kept"] == kept
