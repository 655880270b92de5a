# SPDX-License-Identifier: GPL-2.0-or-later
"""What err-ptr-or-null says of interfaces is what the trees' own bodies show."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewer.facts import Facts
from reviewer.rules.err_ptr_or_null.interfaces import INTERFACES, returned_on_failure
from reviewer.tree import open_tree

NULL = {"platform_get_resource", "devm_kzalloc", "devm_ioremap", "of_match_node"}
ERROR = {"devm_clk_get", "devm_ioremap_resource", "kthread_run", "device_create"}


@pytest.mark.kernel
@pytest.mark.parametrize("version", ["6_1", "6_12"])
def test_the_tree_shows_what_each_returns(
    version: str, request: pytest.FixtureRequest
) -> None:
    tree: Path = request.getfixturevalue(f"linux_{version}")
    with open_tree(tree) as opened:
        facts = Facts(opened.view(None))
        found = {name: returned_on_failure(facts, name) for name in INTERFACES}
    assert [name for name, known in found.items() if known is None] == []
    shown = {name: known.is_error for name, known in found.items() if known is not None}
    assert {name for name in NULL if shown[name]} == set()
    assert {name for name in ERROR if not shown[name]} == set()
    for name, known in found.items():
        assert known is not None
        text = known.evidence.text
        assert ("ERR" in text) == known.is_error, f"{name}: {text}"


@pytest.mark.kernel
def test_an_inline_function_shows_its_return(linux_6_12: Path) -> None:
    """A line of its head says nothing of where it fails; one that is only declared
    has no other."""
    with open_tree(linux_6_12) as opened:
        facts = Facts(opened.view(None))
        inline = returned_on_failure(facts, "of_parse_phandle")
        declared = returned_on_failure(facts, "of_find_node_by_name")
    assert inline is not None
    assert inline.in_body
    assert inline.evidence.text == "return NULL;"
    assert declared is not None
    assert not declared.in_body
