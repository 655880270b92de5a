# SPDX-License-Identifier: GPL-2.0-or-later
"""Mails written for the tests: a thread like the one of the story."""

from __future__ import annotations

import pytest

DIFF = """\
diff --git a/fs/proc/page.c b/fs/proc/page.c
index 0123456789ab..ba9876543210 100644
--- a/fs/proc/page.c
+++ b/fs/proc/page.c
@@ -10,7 +10,7 @@ u64 stable_page_flags(struct page *page)
 {
 \tu64 u = 0;
\x20
-\tif (PageKsm(page))
+\tif (folio_test_ksm(folio))
 \t\tu |= 1 << KPF_KSM;
\x20
 \treturn u;
"""
AUTHOR = "Nora Newcomer <nora@example.org>"
MAINTAINER = "Max Maintainer <max@example.net>"


def mail(
    message_id: str,
    subject: str,
    body: str,
    *,
    sender: str = AUTHOR,
    parent: str | None = None,
    references: tuple[str, ...] = (),
    minute: int = 0,
    extra: str = "",
) -> bytes:
    """A plain mail of 2 March 2026, 10:MM."""
    lines = [
        f"From: {sender}",
        "To: linux-mm@example.org",
        "Cc: Max Maintainer <max@example.net>, Lena List <lena@example.com>",
        f"Subject: {subject}",
        f"Date: Mon, 2 Mar 2026 10:{minute:02}:00 +0100",
        f"Message-ID: <{message_id}>",
    ]
    if parent:
        lines.append(f"In-Reply-To: <{parent}>")
        everything = " ".join(f"<{one}>" for one in (references or (parent,)))
        lines.append(f"References: {everything}")
    head = "\n".join(lines) + "\n" + extra
    return f"{head}\n{body}".encode()


def patch_body(message: str, name: str = "fs/proc/page.c", notes: str = "") -> str:
    """A commit message and a diff, as git format-patch writes them."""
    diff = DIFF.replace("fs/proc/page.c", name)
    return (
        f"{message}\n\nSigned-off-by: Nora Newcomer <nora@example.org>\n---\n{notes}"
        f" {name} | 2 +-\n 1 file changed, 1 insertion(+), 1 deletion(-)\n\n"
        f"{diff}-- \n2.39.5\n\n"
    )


def cover_body(text: str) -> str:
    return (
        f"{text}\n\nNora Newcomer (2):\n  one\n  two\n\n"
        " fs/proc/page.c | 2 +-\n 1 file changed, 1 insertion(+), 1 deletion(-)\n\n"
        "base-commit: 0123456789abcdef0123456789abcdef01234567\n"
        "change-id: 20260302-kpf-folio-0123456789ab\n-- \n2.39.5\n\n"
    )


COUNTER = f"""\
On Mon, Mar 02, 2026 at 10:12:00AM +0100, Nora Newcomer wrote:
> -\tif (PageKsm(page))
> +\tif (folio_test_ksm(folio))

I would rather do it like this:

From 89abcdef0123456789abcdef0123456789abcdef Mon Sep 17 00:00:00 2001
From: Max Maintainer <max@example.net>
Date: Mon, 2 Mar 2026 11:00:00 +0100
Subject: [PATCH] proc: take one snapshot of the flags

The flags may change under us.

Signed-off-by: Max Maintainer <max@example.net>

{DIFF}--\x20
2.40.1
"""


def story() -> list[bytes]:
    """v2 and v3 of a series in one thread, with comments and a counter-patch."""
    v2 = [
        mail("v2-0@kpf", "[PATCH v2 0/2] proc: folios", cover_body("Second try.")),
        mail("v2-1@kpf", "[PATCH v2 1/2] one", patch_body("One."), parent="v2-0@kpf"),
        mail(
            "v2-2@kpf",
            "[PATCH v2 2/2] two",
            patch_body("Two.", "mm/ksm.c"),
            parent="v2-0@kpf",
            minute=1,
        ),
        mail(
            "v2-r@kpf",
            "Re: [PATCH v2 1/2] one",
            "On Monday, Nora Newcomer wrote:\n> One.\n\n"
            "Acked-by: Max Maintainer <max@example.net>\n",
            sender=MAINTAINER,
            parent="v2-1@kpf",
            references=("v2-0@kpf", "v2-1@kpf"),
            minute=5,
        ),
    ]
    old = ("v2-0@kpf",)
    v3 = [
        mail(
            "v3-0@kpf",
            "[PATCH v3 0/2] proc: folios",
            cover_body("Third try."),
            parent="v2-0@kpf",
            minute=10,
        ),
        mail(
            "v3-1@kpf",
            "[PATCH v3 1/2] one",
            patch_body("One.", notes="Changes in v3: none.\n\n"),
            parent="v3-0@kpf",
            references=(*old, "v3-0@kpf"),
            minute=11,
        ),
        mail(
            "v3-2@kpf",
            "[PATCH v3 2/2] two",
            patch_body("Two.", "mm/ksm.c"),
            parent="v3-0@kpf",
            references=(*old, "v3-0@kpf"),
            minute=12,
        ),
        mail(
            "v3-r@kpf",
            "Re: [PATCH v3 1/2] one",
            "> One.\n\nReviewed-by: Lena List <lena@example.com>\n",
            sender="Lena List <lena@example.com>",
            parent="v3-1@kpf",
            references=(*old, "v3-0@kpf", "v3-1@kpf"),
            minute=20,
        ),
        mail(
            "v3-c@kpf",
            "Re: [PATCH v3 1/2] one",
            COUNTER,
            sender=MAINTAINER,
            parent="v3-1@kpf",
            references=(*old, "v3-0@kpf", "v3-1@kpf"),
            minute=30,
        ),
        mail(
            "v3-q@kpf",
            "Re: [PATCH v3 1/2] one",
            "".join(f"> {line}\n" for line in DIFF.splitlines()) + "\nFine.\n",
            parent="v3-c@kpf",
            references=(*old, "v3-0@kpf", "v3-1@kpf", "v3-c@kpf"),
            minute=40,
        ),
    ]
    return v2 + v3


def incomplete() -> list[bytes]:
    """1/3 and 3/3, sent without a cover letter."""
    return [
        mail("gap-1@kpf", "[PATCH 1/3] first", patch_body("First.")),
        mail(
            "gap-3@kpf", "[PATCH 3/3] third", patch_body("Third."), parent="gap-1@kpf"
        ),
    ]


def without_cover() -> list[bytes]:
    """A single patch, v1 and then v2 as an answer to it."""
    return [
        mail("single-1@kpf", "[PATCH] mm: tidy", patch_body("Tidy.")),
        mail(
            "single-2@kpf",
            "[PATCH v2] mm: tidy",
            patch_body("Tidy."),
            parent="single-1@kpf",
            minute=9,
        ),
    ]


def partial_reroll() -> list[bytes]:
    """v1 of two patches, and 2/2 alone again as v2, sent as an answer to 2/2."""
    return [
        mail("re-0@kpf", "[PATCH 0/2] reroll", cover_body("All.")),
        mail("re-1@kpf", "[PATCH 1/2] one", patch_body("One."), parent="re-0@kpf"),
        mail("re-2@kpf", "[PATCH 2/2] two", patch_body("Two."), parent="re-0@kpf"),
        mail(
            "re-2b@kpf",
            "[PATCH v2 2/2] two",
            patch_body("Two, better."),
            parent="re-2@kpf",
            references=("re-0@kpf", "re-2@kpf"),
            minute=30,
        ),
    ]


def naked_cover() -> list[bytes]:
    """A cover letter that is no [PATCH 0/N] and has no diffstat."""
    return [
        mail("naked-0@kpf", "folios for proc", "Two patches about folios.\n"),
        mail("naked-1@kpf", "[PATCH 1/2] one", patch_body("1."), parent="naked-0@kpf"),
        mail("naked-2@kpf", "[PATCH 2/2] two", patch_body("2."), parent="naked-0@kpf"),
    ]


def revision_of_cover() -> list[bytes]:
    """Patches without a revision below a cover letter that is v2."""
    return [
        mail("late-0@kpf", "[PATCH v2 0/2] late", cover_body("Late.")),
        mail("late-1@kpf", "[PATCH 1/2] one", patch_body("1."), parent="late-0@kpf"),
        mail("late-2@kpf", "[PATCH 2/2] two", patch_body("2."), parent="late-0@kpf"),
    ]


class Mails:
    """The writers and threads above, for tests to take by the fixture ``mails``."""

    mail = staticmethod(mail)
    patch_body = staticmethod(patch_body)
    story = staticmethod(story)
    incomplete = staticmethod(incomplete)
    without_cover = staticmethod(without_cover)
    partial_reroll = staticmethod(partial_reroll)
    naked_cover = staticmethod(naked_cover)
    revision_of_cover = staticmethod(revision_of_cover)
    DIFF = DIFF
    COUNTER = COUNTER


@pytest.fixture(scope="session")
def mails() -> type[Mails]:
    return Mails
