# SPDX-License-Identifier: GPL-2.0-or-later
"""What the rules about the KPF ABI say of whole series, and where facts lack."""

from __future__ import annotations

from pathlib import Path

import case_language as cases
import pytest

from reviewer import engine, rulebook
from reviewer.models import Address, Headers, Patch, Report, Series, Trailer
from reviewer.tree import open_tree
from reviewer.tree.apply import apply_series

AUTHOR = Address("Ann Author", "ann@example.org")
PAGE_C = "fs/proc/page.c"
PAGEMAP = "Documentation/admin-guide/mm/pagemap.rst"
UAPI = "include/uapi/linux/kernel-page-flags.h"
TAILS = (("\tk = page->flags;\n", "\tk = page_folio(page)->flags;\n"),)
SENTENCE = (
    (
        "Short descriptions to the page flags\n=====",
        "Tails report what their head has.\n\n"
        "Short descriptions to the page flags\n=====",
    ),
)


def patch(index: int, diff: str, *trailers: Trailer) -> Patch:
    headers = Headers(f"{index}@example.org", f"[PATCH {index}] x", "", AUTHOR)
    return Patch(index, headers, AUTHOR, "x", "", trailers, "", diff, diff)


def diff_of(folder: Path, path: str, edits) -> str:
    """The diff that edits make of one file of the tree."""
    case = cases.Case("x", "x", edits={path: list(edits)})
    with open_tree(folder) as tree:
        return cases.series(case, tree.view("HEAD").read).patches[0].diff


def review(folder: Path, *patches: Patch, select: str, base: str | None = "HEAD"):
    series = Series("1@example.org", "x", 1, patches, len(patches))
    with (
        open_tree(folder) as tree,
        apply_series(series, tree, base=base) as applied,
    ):
        assert all(step.applied for step in applied.patches)
        outcome = engine.review(series, applied, rulebook.choose([select]))
    assert outcome.crashed == ()
    return outcome.report


def summary(report: Report) -> list[tuple[int | None, str, str]]:
    return [(f.patch, f.severity.value, f.confidence.value) for f in report.findings]


class TestDocumentationAnywhereInTheSeries:
    def test_without_it(self, linux_6_1: Path) -> None:
        code = patch(1, diff_of(linux_6_1, PAGE_C, TAILS))
        report = review(linux_6_1, code, select="undocumented-change")
        assert summary(report) == [(1, "medium", "proved")]

    def test_in_a_later_patch(self, linux_6_1: Path) -> None:
        code = patch(1, diff_of(linux_6_1, PAGE_C, TAILS))
        text = patch(2, diff_of(linux_6_1, PAGEMAP, SENTENCE))
        report = review(linux_6_1, code, text, select="undocumented-change")
        assert summary(report) == []

    def test_a_fix_restores_what_is_documented(self, linux_6_1: Path) -> None:
        fixes = Trailer("Fixes", '1234567890ab ("proc: break it")')
        code = patch(1, diff_of(linux_6_1, PAGE_C, TAILS), fixes)
        report = review(linux_6_1, code, select="undocumented-change")
        assert summary(report) == []


class TestCompanionsOfANewBit:
    NEW = (
        (
            "#define KPF_PGTABLE\t\t26\n",
            "#define KPF_PGTABLE\t\t26\n#define KPF_SHINY\t\t27\n",
        ),
    )
    LIST = (
        ("    26. PGTABLE\n", "    26. PGTABLE\n    27. SHINY\n"),
        ("26 - PGTABLE\n", "27 - SHINY\n    It shines.\n26 - PGTABLE\n"),
    )

    def test_a_later_patch_documents_it(self, linux_6_1: Path) -> None:
        code = patch(1, diff_of(linux_6_1, UAPI, self.NEW))
        text = patch(2, diff_of(linux_6_1, PAGEMAP, self.LIST))
        report = review(linux_6_1, code, text, select="kpf-abi")
        kinds = {finding.fields["kind"] for finding in report.findings}
        assert kinds == {"tool", "setter"}

    def test_only_the_description_is_missing(self, linux_6_1: Path) -> None:
        code = patch(1, diff_of(linux_6_1, UAPI, self.NEW))
        text = patch(2, diff_of(linux_6_1, PAGEMAP, self.LIST[:1]))
        report = review(linux_6_1, code, text, select="kpf-abi")
        missing = [f.fields["missing"] for f in report.findings]
        assert ["description"] in missing


FLAGS_H = "include/linux/page-flags.h"
COPIES = """\
u64 report(u64 k)
{
\treturn copy_bit(k, KPF_ARCH_2, PG_arch_3);
}
"""
ADDED = f"""\
diff --git a/lib/forms.c b/lib/forms.c
new file mode 100644
--- /dev/null
+++ b/lib/forms.c
@@ -0,0 +1,4 @@
{"".join(f"+{line}" for line in COPIES.splitlines(keepends=True))}"""


@pytest.mark.parametrize("rule", ["flag-pair-mismatch", "aliased-flag-bit"])
def test_an_enum_that_cannot_be_read_is_said(rule: str, tmp_path: Path) -> None:
    """A form never seen costs the judgement, and makes no wrong one."""
    files = {
        "Makefile": "VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 0\nEXTRAVERSION =\n",
        "Kbuild": "obj-y += lib/\n",
        "include/linux/kernel.h": "\n",
        FLAGS_H: "enum pageflags {\n\tFLAG_LIST(PG)\n};\n",
    }
    for path, text in files.items():
        place = tmp_path / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    report = review(tmp_path, patch(1, ADDED), select=rule, base=None)
    assert report.findings == ()
    assert [(n.what, n.file) for n in report.not_checked] == [("page flags", FLAGS_H)]
