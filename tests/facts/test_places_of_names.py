# SPDX-License-Identifier: GPL-2.0-or-later
"""What a scan keeps of the names of a tree must not lack one that is used so."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from reviewer.facts import Facts, bitnumbers, fields_by_use
from reviewer.facts.header import Header
from reviewer.facts.name_uses import Uses, _count_line, classify
from reviewer.facts.places_of_names import (
    COMPARED,
    FINDERS,
    NUMBERED,
    compared,
    numbered,
)
from reviewer.models import Evidence
from reviewer.tree import open_tree
from reviewer.tree.word_index import MANY_FILES

NAMES = ("A_ONE", "B_TWO")
BEFORE = (
    *(
        "1 <<",
        "x <<",
        "BIT(",
        "BIT_ULL (",
        "y test_and_set_bit(",
        "set_bit (",
        "BIT(BIT(",
    ),
    *(
        "x ==",
        "!=",
        "case",
        "== (u8)",
        "== (struct s *)",
        "B_TWO == B_TWO !=",
        "",
        "x =",
    ),
)
GAPS = (
    " ",
    "(",
    "/* a == b */",
    "// c\n",
    "\\\n",
    "\t",
    "\n",
    ")",
    "\xa0",
    '"s"',
    "~",
    "*/",
)
AFTER = ("==", "!= 1", ") == x", "&", "| y", ";", "<<", "", "= 0", "? a : B_TWO == 1")


def used(text: str) -> tuple[set[str], set[str]]:
    """The names that the counts of ``name_uses`` have as numbers, and as compared."""
    by_line = {name: Uses() for name in NAMES}
    for line in text.split("\n"):
        _count_line(by_line, Evidence("a.c", 1, line))
    whole = classify(Header("a.h", text.encode()).code, NAMES)
    counted = [*by_line.items(), *whole.items()]
    numbers = {name for name, uses in counted if uses.numbered}
    return numbers, {name for name, uses in counted if uses.compared}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What is taken for the top of a kernel."""
    makefile = "# SPDX\nVERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 7\nEXTRAVERSION =\n"
    for name, text in (("Makefile", makefile), ("Kbuild", "obj-y += mm/\n")):
        (tmp_path / name).write_text(text)
    (tmp_path / "mm").mkdir()
    (tmp_path / "include/linux").mkdir(parents=True)
    return tmp_path


def test_no_name_is_lacking() -> None:
    draw, seen = random.Random(20261203), 0
    for _ in range(800):
        gaps = ["".join(draw.choices(GAPS, k=draw.randrange(4))) for _ in range(2)]
        name = draw.choice(NAMES)
        text = draw.choice(BEFORE) + gaps[0] + name + gaps[1] + draw.choice(AFTER)
        numbers, others = used(text)
        seen += len(numbers) + len(others)
        data = text.encode()
        assert numbers <= {name.decode() for name in numbered(data)}, repr(text)
        assert others <= {name.decode() for name in compared(data)}, repr(text)
    assert seen > 100


def test_names_of_no_such_use_cost_a_scan_no_search(
    folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "mm/odd.c").write_text(
        "#define ODD_A 1\n#define ODD_B 2\n#define ODD_MASK 3\n"
        "int f(int x) { return x & ODD_A ? BIT(ODD_B) : 0; }\n"
    )
    asked = []
    for module in (bitnumbers, fields_by_use):
        search = module.search_uses
        monkeypatch.setattr(
            module,
            "search_uses",
            lambda *given, s=search: asked.append(given) or s(*given),
        )
    with open_tree(folder) as tree:
        view = tree.view(None)
        view.will_be_scanned(MANY_FILES, FINDERS)
        assert view.words is not None
        facts = Facts(view)
        for name in ("ODD_A", "ODD_B"):
            facts.is_bit_number(name, "mm/odd.c")
            facts.field_of(name, "mm/odd.c")
        assert [given[2] for given in asked] == [["ODD_B"]]
        assert not view.words.may_stand(COMPARED, "ODD_B")
        assert view.words.may_stand(NUMBERED, "ODD_B")


def test_a_header_that_was_not_read_may_have_any_name(folder) -> None:
    (folder / "mm/odd.c").write_text('#include "odd.inc"\n#define ODD_A 1\n')
    (folder / "mm/odd.inc").write_text("x = BIT(ODD_A) | 1 << ODD_A;\n")
    with open_tree(folder) as tree:
        view = tree.view(None)
        view.will_be_scanned(MANY_FILES, FINDERS)
        assert Facts(view).is_bit_number("ODD_A", "mm/odd.c") is not None
