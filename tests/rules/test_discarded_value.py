# SPDX-License-Identifier: GPL-2.0-or-later
"""What a computed value is proposed to be kept in."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewer.api import FileImage
from reviewer.c.source import parse
from reviewer.facts import Facts
from reviewer.rules.discarded_value.rule import check
from reviewer.tree.views import FolderView


@pytest.mark.parametrize(
    ("call", "kept"),
    [
        ("clamp(t->level, 0, 9)", "t->level"),
        ("min_t(u32, level, 9)", "level"),  # not its type
        ("clamp_t(int, t->levels[1], 0, 9)", "t->levels[1]"),
        ("min(9, level)", "level"),
        ("min(level, t->level)", ""),
        ("max(level, OURS_LEAST)", "level"),
    ],
)
def test_one_thing_is_kept(call: str, kept: str, tmp_path: Path) -> None:
    code = f"int ours(struct ours *t, int level)\n{{\n\t{call};\n\treturn level;\n}}\n"
    names = ("clamp", "clamp_t", "min", "min_t", "max")
    header = "".join(f"#define {name}(x, y) f(x, y)\n" for name in names)
    path = tmp_path / "include/linux/minmax.h"
    path.parent.mkdir(parents=True)
    path.write_text(header)
    facts = Facts(FolderView(tmp_path))
    image = FileImage(parse("ours.c", code.encode()), facts)
    (found,) = check(image)
    assert found.fields["kept"] == kept
