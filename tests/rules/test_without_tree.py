# SPDX-License-Identifier: GPL-2.0-or-later
"""What can be said of a patch when no kernel is at hand."""

from __future__ import annotations

from reviewer import engine, rulebook
from reviewer.models import Address, Headers, Patch, Series
from reviewer.output.words import worded
from reviewer.tree.apply import apply_series

DIFF = """\
diff --git a/fs/proc/page.c b/fs/proc/page.c
--- a/fs/proc/page.c
+++ b/fs/proc/page.c
@@ -120,6 +120,8 @@ u64 stable_page_flags(const struct page *page)
 \t\tu |= 1 << KPF_MMAP;
 \tif (is_anon) {
 \t\tu |= 1 << KPF_ANON;
-\t\tif (PageKsm(page))
+\t\tif (mapping & PAGE_MAPPING_KSM == PAGE_MAPPING_KSM)
 \t\t\tu |= 1 << KPF_KSM;
+\t\tif (k & PG_lru)
+\t\t\tu |= 1 << KPF_LRU;
 \t}
"""


def review():
    author = Address("Ann Author", "ann@example.org")
    headers = Headers("1@example.org", "[PATCH] one", "", author)
    patch = Patch(1, headers, author, "one", "", (), "", DIFF, DIFF)
    series = Series("1@example.org", "one", 1, (patch,), 1)
    with apply_series(series, None, base=None) as applied:
        return engine.review(series, applied, rulebook.choose())


def test_precedence_needs_no_tree() -> None:
    (finding,) = worded(review().report).findings
    assert (finding.rule, finding.line) == ("mask-precedence", 123)
    assert "mapping & 1" in finding.message
    assert finding.code.strip().startswith("if (mapping & PAGE_MAPPING_KSM ==")


def test_what_was_not_looked_at_is_said() -> None:
    outcome = review()
    (skipped,) = outcome.report.not_checked
    assert "fs/proc/page.c" in skipped.what
    assert skipped.why == "no kernel tree"
    assert outcome.crashed == ()
