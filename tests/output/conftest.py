# SPDX-License-Identifier: GPL-2.0-or-later
"""Reports made by hand: what a review of our own small series would give."""

from __future__ import annotations

import difflib
import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from reviewer.models import (
    Address,
    Change,
    Confidence,
    Evidence,
    Headers,
    Judged,
    NotChecked,
    Patch,
    PatchState,
    Report,
    Series,
    Severity,
    TreeInfo,
)
from reviewer.patch.diff import parse_diff

GOLDEN = Path(__file__).parent / "golden"
IDENTITY = "Rita Reviewer <rita@example.org>"

BEFORE = """\
// SPDX-License-Identifier: GPL-2.0
/* a page table walker of ours */

static u64 table_flags(const struct page *page)
{
	unsigned long mapping;
	u64 u = 0;
	u64 k;

	if (!page)
		return 1 << KPF_NOPAGE;

	mapping = (unsigned long)page->mapping;
	k = page->flags;
	if (PageAnon(page))
		u |= 1 << KPF_ANON;
	if (PageKsm(page))
		u |= 1 << KPF_KSM;
	if (PageHuge(page))
		u |= 1 << KPF_HUGE;
	return u;
}

static u64 lru_flags(const struct page *page)
{
	u64 k = page->flags;
	u64 u = 0;

	if (PageLRU(page))
		u |= 1 << KPF_LRU;
	if (PageActive(page))
		u |= 1 << KPF_ACTIVE;
	return u;
}
"""
AFTER = (
    BEFORE.replace("if (PageKsm(page))", "if (mapping & PAGE_MAPPING_KSM)")
    .replace("if (PageLRU(page))", "if (k & PG_lru)")
    .replace("if (PageActive(page))", "if (k & PG_active)")
)
MESSAGE = """\
The flags of a page are read several times. Read them once.

Signed-off-by: Nick Newcomer <nick@example.com>
"""


def a_diff(path: str, before: str, after: str) -> str:
    lines = difflib.unified_diff(
        before.splitlines(keepends=True),
        after.splitlines(keepends=True),
        f"a/{path}",
        f"b/{path}",
    )
    index = "index 1111111111ab..2222222222cd 100644"
    return f"diff --git a/{path} b/{path}\n{index}\n" + "".join(lines)


def a_patch(diff: str, *, index: int = 1, last: int = 2, title: str = "") -> Patch:
    title = title or "fs/table: read the flags once"
    notes = "\n fs/table.c | 6 +++---\n\n"
    return Patch(
        index=index,
        headers=Headers(
            message_id=f"20261122-table-v2-{index}@example.com",
            subject=f"[PATCH v2 {index}/{last}] {title}",
            date="Sun, 22 Nov 2026 10:11:12 +0100",
            sender=Address("Nick Newcomer", "nick@example.com"),
            to=(Address("", "linux-mm@lists.example"),),
            cc=(
                Address("Maintainer, M.", "mm@example.net"),
                Address("Rita Reviewer", "RITA@example.org"),
                Address("", "Linux-MM@lists.example"),
                Address("Zoë Löw", "zoe@example.net"),
            ),
            in_reply_to="20261122-table-v2-0@example.com",
            references=("20261122-table-v2-0@example.com",),
        ),
        author=Address("Nick Newcomer", "nick@example.com"),
        title=title,
        message=MESSAGE,
        trailers=(),
        notes=notes,
        body=f"{MESSAGE}---{notes}{diff}-- \n2.39.5\n",
        diff=diff,
        body_line=12,
        diff_line=f"{MESSAGE}---{notes}".count("\n"),
    )


def a_change(patch: Patch, before: str, after: str) -> Change:
    (diff,) = parse_diff(patch.diff)
    return Change(patch, diff, before.encode(), after.encode(), True)


def code_of(text: str, line: int) -> str:
    return text.split("\n")[line - 1]


def line_of(text: str, part: str) -> int:
    return next(n for n, line in enumerate(text.split("\n"), 1) if part in line)


def ksm_finding(post: str = AFTER, **changes: object) -> Judged:
    line = line_of(post, "mapping & PAGE_MAPPING_KSM")
    code = code_of(post, line)
    finding = Judged(
        "mask-vs-equality",
        Severity.HIGH,
        Confidence.PROVED,
        "fs/table.c",
        line,
        fields={
            "test": "mapping & PAGE_MAPPING_KSM",
            "value": "PAGE_MAPPING_KSM",
            "number": "3",
            "parts": ["PAGE_MAPPING_ANON", "PAGE_MAPPING_MOVABLE"],
            "field": "PAGE_MAPPING_FLAGS",
            "states": [
                {"bits": "00", "name": "file", "wanted": 0, "now": 0, "reached": True},
                {"bits": "01", "name": "anon", "wanted": 0, "now": 1, "reached": True},
                {
                    "bits": "10",
                    "name": "movable",
                    "wanted": 0,
                    "now": 1,
                    "reached": True,
                },
                {"bits": "11", "name": "ksm", "wanted": 1, "now": 1, "reached": True},
            ],
            "wanted": "PageKsm",
            "form": "mask",
            "negated": False,
            "guard": None,
            "suggestion": "(mapping & PAGE_MAPPING_FLAGS) == PAGE_MAPPING_KSM",
            "helper": "folio_test_ksm()",
        },
        evidence=(
            Evidence(
                "include/linux/page-flags.h",
                690,
                "#define PAGE_MAPPING_KSM	(PAGE_MAPPING_ANON | PAGE_MAPPING_MOVABLE)",
            ),
        ),
        column=code.index("mapping"),
        width=len("mapping & PAGE_MAPPING_KSM"),
        function="table_flags",
        patch=1,
        code=code,
        fix=a_diff(
            "fs/table.c",
            post,
            post.replace(
                "mapping & PAGE_MAPPING_KSM",
                "(mapping & PAGE_MAPPING_FLAGS) == PAGE_MAPPING_KSM",
            ),
        ),
        proof={"kind": "truth table", "states": ["00", "01", "10", "11"]},
        fingerprint="0011223344556677",
    )
    return replace(finding, **changes)  # type: ignore[arg-type]


def bit_finding(name: str = "PG_lru", number: str = "5", **changes: object) -> Judged:
    line = line_of(AFTER, f"k & {name}")
    code = code_of(AFTER, line)
    finding = Judged(
        "bit-number-as-mask",
        Severity.HIGH,
        Confidence.PROVED,
        "fs/table.c",
        line,
        fields={
            "test": f"k & {name}",
            "name": name,
            "number": number,
            "kind": "mask",
            "bits": "0x5",
            "really": ["PG_locked", "PG_referenced"],
            "declared": "enum pageflags",
            "suggestion": f"k & (1UL << {name})",
            "helper": None,
        },
        evidence=(Evidence("include/linux/page-flags.h", 107, f"	{name},"),),
        column=code.index("k & "),
        width=len(f"k & {name}"),
        function="lru_flags",
        patch=1,
        code=code,
        fingerprint=f"8899aabbccddee{number:0>2}",
    )
    return replace(finding, **changes)  # type: ignore[arg-type]


def a_report(*findings: Judged, **changes: object) -> Report:
    first = a_patch(a_diff("fs/table.c", BEFORE, AFTER))
    second = a_patch(
        a_diff("fs/other.c", "int a;\n", "int b;\n"), index=2, title="fs/other: rename"
    )
    states = (
        PatchState(first, True, (a_change(first, BEFORE, AFTER),)),
        PatchState(second, True, (a_change(second, "int a;\n", "int b;\n"),)),
    )
    report = Report(
        series=Series(
            "20261122-table-v2-0@example.com",
            "[PATCH v2 0/2] fs/table: flags",
            2,
            (first, second),
            2,
        ),
        tree=TreeInfo(
            "git", "0123456789abcdef0123456789abcdef01234567", "blobs", "6.12.117"
        ),
        patches=states,
        findings=findings,
        rules=("bit-number-as-mask", "mask-precedence", "mask-vs-equality"),
        files=2,
    )
    return replace(report, **changes)  # type: ignore[arg-type]


@pytest.fixture
def story() -> Report:
    """Two faults in 1/2, a note, something not checked; 2/2 is clean."""
    note = bit_finding(
        "PG_active",
        "6",
        severity=Severity.INFO,
        rule="bit-number-as-mask",
        message="PG_active is read with CONFIG_TABLE=n too",
        comment="PG_active is read with CONFIG_TABLE=n too.",
    )
    return a_report(
        ksm_finding(),
        bit_finding(),
        note,
        not_checked=(NotChecked("fs/table.c: odd()", "parse error", "fs/table.c"),),
    )


@pytest.fixture
def make():
    """The builders above, for tests that need their own report."""

    class Make:
        report = staticmethod(a_report)
        ksm = staticmethod(ksm_finding)
        bit = staticmethod(bit_finding)
        patch = staticmethod(a_patch)
        change = staticmethod(a_change)
        diff = staticmethod(a_diff)
        before = BEFORE
        after = AFTER
        identity = IDENTITY

    return Make


@pytest.fixture
def golden():
    """golden(name, text): equal to the file; KPF_GOLDEN=write writes it anew."""

    def check(name: str, text: str) -> None:
        path = GOLDEN / name
        if os.environ.get("KPF_GOLDEN") == "write":
            path.write_text(text)
        assert text == path.read_text()

    return check
