# SPDX-License-Identifier: GPL-2.0-or-later
"""What ``kpf-review facts`` shows: rows with the place each was read from."""

from __future__ import annotations

import json

import pytest

from reviewer.facts import FactsMissing
from reviewer.facts.listing import TOPICS, listing


@pytest.mark.parametrize("topic", list(TOPICS))
@pytest.mark.parametrize("tree", ["facts_6_1", "facts_6_12"])
def test_every_row_has_its_columns_and_its_line(request, tree, topic):
    facts = request.getfixturevalue(tree)
    shown = listing(facts, topic)
    assert shown.rows
    assert shown.notes == ()
    for row in shown.rows:
        assert tuple(row.cells) == shown.columns
        assert row.evidence.line >= 1
        lines = facts.text(row.evidence.file).split("\n")
        assert row.evidence.text == lines[row.evidence.line - 1].strip()
    json.dumps(shown.as_json())


def test_flags_are_bits_then_aliases_then_page_types(facts_6_12):
    kinds = [row.cells["kind"] for row in listing(facts_6_12, "flags").rows]
    assert kinds == ["bit"] * 25 + ["alias"] * 16 + ["page type"] * 9
    rows = {row.cells["name"]: row for row in listing(facts_6_12, "flags").rows}
    assert rows["PG_hwpoison"].cells["bit"] == "19..20"
    assert rows["PG_swapcache"].cells["alias of"] == "PG_owner_priv_1"


def test_gates_say_what_is_there_otherwise(facts_6_12):
    rows = [row.cells for row in listing(facts_6_12, "gates").rows]
    assert {"name": "PageKsm", "needs": "CONFIG_KSM", "otherwise": "is 0"} in rows
    assert {
        "name": "PG_idle",
        "needs": "CONFIG_PAGE_IDLE_FLAG && CONFIG_64BIT",
        "otherwise": "undeclared",
    } in rows


def test_kpf_rows_tell_source_tool_and_document(facts_6_12):
    rows = {row.cells["name"]: row.cells for row in listing(facts_6_12, "kpf").rows}
    assert rows["KPF_LRU"]["from"] == ["PG_lru"]
    assert rows["KPF_LRU"]["page-types"] == "lru"
    assert rows["KPF_IDLE"]["from"] == ["PG_idle", "computed"]
    assert rows["KPF_ARCH_3"]["documented"] == ""


def test_a_part_that_is_absent_is_a_note(facts_of):
    facts = facts_of(
        {"include/uapi/linux/kernel-page-flags.h": "#define KPF_LOCKED 0\n"}
    )
    shown = listing(facts, "kpf")
    assert len(shown.rows) == 1
    assert "fs/proc/page.c" in shown.notes[0]
    with pytest.raises(FactsMissing):
        listing(facts, "flags")
