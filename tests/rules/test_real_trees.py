# SPDX-License-Identifier: GPL-2.0-or-later
"""What the rules say of the two kernels as they stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewer import engine, rulebook
from reviewer.models import Report
from reviewer.output.words import worded
from reviewer.tree import open_tree

FILES = ["fs/proc/page.c", "include/linux/page-flags.h"]

pytestmark = pytest.mark.kernel


def scan(folder: Path, added: str | None = None) -> Report:
    """What is found in FILES, or in a file that is added to the tree."""
    with open_tree(folder) as tree:
        view = tree.view("HEAD")
        files = FILES
        if added is not None:
            files = ["mm/added.c"]
            view = view.overlay({files[0]: added.encode()})
        outcome = engine.scan(view, tree.info_at("HEAD"), files, rulebook.choose())
    assert outcome.crashed == ()
    return worded(outcome.report)


def test_6_12_reports_ksm_for_every_anonymous_page(linux_6_12: Path) -> None:
    (finding,) = scan(linux_6_12).findings
    assert (finding.rule, finding.file, finding.line) == (
        "mask-vs-equality",
        "fs/proc/page.c",
        136,
    )
    assert (finding.severity, finding.confidence) == ("high", "proved")
    assert finding.function == "stable_page_flags"
    assert finding.proof is not None
    assert finding.proof["rows"] == [
        ["00", "file", 0, 0],
        ["01", "anon", 0, 1],
        ["10", "movable", 0, 0],
        ["11", "ksm", 1, 1],
    ]
    assert finding.fields["guard"] == "is_anon"
    assert "folio_test_ksm()" in finding.comment
    assert finding.fix is not None
    assert "(mapping & PAGE_MAPPING_FLAGS) == PAGE_MAPPING_KSM" in finding.fix


def test_6_1_has_nothing_of_the_kind(linux_6_1: Path) -> None:
    assert scan(linux_6_1).findings == ()


@pytest.mark.parametrize("tree", ["linux_6_1", "linux_6_12"])
def test_a_bit_is_called_by_its_own_name(tree: str, request) -> None:
    folder = request.getfixturevalue(tree)
    code = """#include <linux/page-flags.h>

bool on_lru(struct folio *folio)
{
	return folio->flags & PG_lru;
}
"""
    (finding,) = scan(folder, code).findings
    really = finding.fields["really"]  # which bits that are depends on the kernel
    assert f"that is {really[0]}" in " ".join(finding.comment.split())
    header = (folder / "include/linux/page-flags.h").read_text()
    # not "PG_reported = PG_uptodate,"
    assert all(f"\t{name}," in header for name in really)
