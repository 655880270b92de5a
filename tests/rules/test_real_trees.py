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


def scan(folder: Path) -> Report:
    with open_tree(folder) as tree:
        view = tree.view("HEAD")
        outcome = engine.scan(view, tree.info_at("HEAD"), FILES, rulebook.choose())
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
