# SPDX-License-Identifier: GPL-2.0-or-later
"""Eight comments on a v3 of ours, and what a v4 made of each of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from reviewer.followup.comments import blocks, comments
from reviewer.followup.follow import Followed, follow
from reviewer.followup.verdict import Fate
from reviewer.mail.postings import revisions

TOP = Path(__file__).parents[2]
ANN = "Ann Author <ann@example.org>"
RITA = "Rita Reviewer <rita@example.org>"
MAX = "Max Maintainer <max@example.net>"
SOB = "Signed-off-by: Ann Author <ann@example.org>"

REPORT = """\
diff --git a/fs/proc/report.c b/fs/proc/report.c
index 1111111..{blob} 100644
--- a/fs/proc/report.c
+++ b/fs/proc/report.c
@@ -10,6 +10,10 @@ u64 report(struct page *page)
 \tu64 u = 0;
 \tu64 k = page->flags;

+\tif ({test})
+\t\tu |= 1 << KPF_KSM;
+\tif ({other})
+\t\tu |= 1 << KPF_ANON;
 \tif (!page)
 \t\treturn 1 << KPF_NOPAGE;

@@ -40,4 +44,6 @@ u64 report(struct page *page)
 \tif (k & 1)
 \t\tu |= 1 << KPF_LOCKED;

+\tif (page_is_young(page))
+\t\tu |= 1 << KPF_IDLE;
 \treturn u;
"""
DOC = """\
diff --git a/Documentation/report.rst b/Documentation/report.rst
index 3333333..4444444 100644
--- a/Documentation/report.rst
+++ b/Documentation/report.rst
@@ -1,3 +1,5 @@
 Report
 ======

+The report has one word a page.
+A hole has the bit NOPAGE.
"""
TOOL = """\
diff --git a/tools/mm/show.c b/tools/mm/show.c
index 5555555..6666666 100644
--- a/tools/mm/show.c
+++ b/tools/mm/show.c
@@ -1,2 +1,3 @@
 #include "report.h"
+static int shown;
 int main(void);
"""


def mail(message_id, subject, body, sender=ANN, parent=None, minute=0) -> bytes:
    lines = [
        f"From: {sender}",
        "To: linux-mm@example.org",
        f"Subject: {subject}",
        f"Date: Mon, 4 Mar 2024 {10 + minute // 60}:{minute % 60:02}:00 +0000",
        f"Message-ID: <{message_id}@example.org>",
    ]
    if parent:
        chain = " ".join(f"<{one}@example.org>" for one in parent.split())
        lines += [f"In-Reply-To: {chain.split()[-1]}", f"References: {chain}"]
    return ("\n".join(lines) + "\n\n" + body).encode()


def patch_body(message, diff, tags=SOB) -> str:
    return f"{message}\n\n{tags}\n---\n{diff}-- \n2.39.5\n"


MESSAGE = "Report the flags of a page.\n\nThis is 20% faster on my machine."
V3 = [
    mail("v3-0", "[PATCH v3 0/3] report flags", "Third try.\n\n-- \n2.39.5\n"),
    mail(
        "v3-1",
        "[PATCH v3 1/3] proc: report flags",
        patch_body(
            MESSAGE,
            REPORT.format(blob="2222222", test="mapping & KSM", other="PageAnon(page)"),
        ),
        parent="v3-0",
        minute=1,
    ),
    mail(
        "v3-2",
        "[PATCH v3 2/3] docs: the report",
        patch_body("Describe it.", DOC),
        parent="v3-0",
        minute=2,
    ),
    mail(
        "v3-3",
        "[PATCH v3 3/3] tools: show it",
        patch_body("Show it.", TOOL),
        parent="v3-0",
        minute=3,
    ),
]
REPLIES = [
    mail(
        "r1",
        "Re: [PATCH v3 1/3] proc: report flags",
        """Hi Ann,

On Mon, Mar 4, 2024 at 10:01 AM Ann Author <ann@example.org> wrote:
> Report the flags of a page.
>
> This is 20% faster on my machine.

How was that measured?

[...]

> +	if (mapping & KSM)
> +		u |= 1 << KPF_KSM;

Is this not true for anon pages as well?

> +	if (PageAnon(page))

Does this need the page to be locked?

> @@ -40,4 +44,6 @@ u64 report(struct page *page)
>  	if (k & 1)
>  		u |= 1 << KPF_LOCKED;
>
> +	if (page_is_young(page))

Young is not idle, it is
the opposite.

Thanks,
Rita

--
Rita Reviewer
""",
        sender=RITA,
        parent="v3-0 v3-1",
        minute=10,
    ),
    mail(
        "r2",
        "Re: [PATCH v3 2/3] docs: the report",
        """On Mon, Mar 4, 2024, Ann Author wrote:
> +The report has one word a page.

A word of how many bits?

> +A hole has the bit NOPAGE.

Reviewed-by: Rita Reviewer <rita@example.org>
""",
        sender=RITA,
        parent="v3-0 v3-2",
        minute=11,
    ),
    mail(
        "r3",
        "Re: [PATCH v3 2/3] docs: the report",
        """On Mon, Mar 4, 2024, Ann Author wrote:
> +A hole has the bit NOPAGE.

What about offline memory, is that a hole?
""",
        sender=MAX,
        parent="v3-0 v3-2",
        minute=12,
    ),
    mail(
        "a1",
        "Re: [PATCH v3 2/3] docs: the report",
        """On Mon, Mar 4, 2024, Max Maintainer wrote:
> What about offline memory, is that a hole?

Yes.
""",
        parent="v3-0 v3-2 r3",
        minute=13,
    ),
    mail(
        "r4",
        "Re: [PATCH v3 3/3] tools: show it",
        """On Mon, Mar 4, 2024, Ann Author wrote:
> +static int shown;

Who reads this?
""",
        sender=MAX,
        parent="v3-0 v3-3",
        minute=14,
    ),
    mail(
        "r5",
        "Re: [PATCH v3 1/3] proc: report flags",
        """On Mon, Mar 4, 2024, Ann Author wrote:
> +		u |= 1 << KPF_ANON;

1 << 12 is fine here, but please use BIT().

Acked-by: Max Maintainer <max@example.net>
""",
        sender=MAX,
        parent="v3-0 v3-1",
        minute=15,
    ),
    # and what is no comment:
    mail(
        "n1",
        "Re: [PATCH v3 1/3] proc: report flags",
        "On Mon, Ann Author wrote:\n> +\tif (mapping & KSM)\n\nLooks good to me!\n",
        sender="Olga Other <olga@example.org>",
        parent="v3-0 v3-1",
        minute=16,
    ),
    mail(
        "n2",
        "Re: [PATCH v3 1/3] proc: report flags",
        "Hi Ann,\n\n> +\tif (mapping & KSM)\n\nerror: KSM undeclared\n",
        sender="kernel test robot <lkp@example.com>",
        parent="v3-0 v3-1",
        minute=17,
    ),
    mail(
        "n3",
        "Re: [PATCH v3 1/3] proc: report flags",
        "On Mon, Rita Reviewer wrote:\n> How was that measured?\n\nI wonder as well.\n",
        sender=MAX,
        parent="v3-0 v3-1 r1",
        minute=18,
    ),
]
V4 = [
    mail("v4-0", "[PATCH v4 0/2] report flags", "Fourth try.\n\n-- \n2.39.5\n"),
    mail(
        "v4-1",
        "[PATCH v4 1/2] proc: report flags",
        patch_body(
            "Report the flags of a page.",
            REPORT.format(
                blob="7777777", test="(mapping & FLAGS) == KSM", other="PageAnon(page)"
            ),
            tags=f"Acked-by: {MAX}\n{SOB}",
        ),
        parent="v4-0",
        minute=101,
    ),
    mail(
        "v4-2",
        "[PATCH v4 2/2] docs: the report",
        patch_body("Describe it.", DOC),
        parent="v4-0",
        minute=102,
    ),
]
# place, who, first words -> verdict, answered, tags
TRUTH = {
    ("", "Rita", "How was"): (Fate.CHANGED, False, ()),
    ("fs/proc/report.c", "Rita", "Is this"): (Fate.CHANGED, False, ()),
    ("fs/proc/report.c", "Rita", "Does this"): (Fate.NEARBY, False, ()),
    ("fs/proc/report.c", "Rita", "Young is"): (Fate.ELSEWHERE, False, ()),
    ("Documentation/report.rst", "Rita", "A word"): (
        Fate.UNTOUCHED,
        False,
        ("Reviewed-by",),
    ),
    ("Documentation/report.rst", "Max", "What about"): (Fate.UNTOUCHED, True, ()),
    ("tools/mm/show.c", "Max", "Who reads"): (Fate.DROPPED, False, ()),
    ("fs/proc/report.c", "Max", "1 <<"): (Fate.NEARBY, False, ("Acked-by",)),
}


@pytest.fixture(scope="module")
def versions():
    old, new = revisions(V3 + REPLIES + V4)
    assert (old.version, new.version) == (3, 4)
    return old, new


@pytest.fixture(scope="module")
def followed(versions) -> tuple[Followed, ...]:
    return follow(*versions)


def key(one: Followed) -> tuple[str, str, str]:
    name = one.comment.author.name.split()[0]
    return one.comment.anchor.file, name, " ".join(one.comment.text.split()[:2])


def test_every_comment_is_found_and_nothing_else(versions) -> None:
    old, _ = versions
    found = [(c.author.name.split()[0], c.text.split("\n")[0]) for c in comments(old)]
    assert len(found) == 8, found


def test_each_verdict(followed) -> None:
    got = {key(one): (one.verdict, one.quoted, one.tags) for one in followed}
    assert got == TRUTH


def test_a_changed_line_is_shown_as_it_is_now(followed) -> None:
    (ksm,) = [one for one in followed if one.comment.text.startswith("Is this")]
    assert ksm.now == "if ((mapping & FLAGS) == KSM)"
    assert ksm.comment.anchor.lines[-2].startswith("+\tif (mapping & KSM)")


def test_a_comment_of_two_lines_is_one(followed) -> None:
    (young,) = [one for one in followed if one.comment.text.startswith("Young")]
    assert young.comment.text == "Young is not idle, it is\nthe opposite."


def test_untouched_is_said_only_of_patches_that_are_the_same(versions) -> None:
    """One word in the message of the patch is enough to be less certain."""
    old, _ = versions
    changed = [raw.replace(b"Describe it.", b"Describe the report.") for raw in V4]
    (_, new) = revisions(V3 + REPLIES + changed)
    verdicts = {
        one.verdict for one in follow(old, new) if one.comment.anchor.patch.index == 2
    }
    assert verdicts == {Fate.ELSEWHERE}


def test_a_rebase_alone_is_no_change(versions) -> None:
    """Other blob ids and line numbers: the patch does the same."""
    old, _ = versions
    moved = [
        raw.replace(b"3333333..4444444", b"8888888..9999999").replace(
            b"@@ -1,3 +1,5 @@", b"@@ -21,3 +21,5 @@"
        )
        for raw in V4
    ]
    (_, new) = revisions(V3 + REPLIES + moved)
    verdicts = {
        one.verdict for one in follow(old, new) if one.comment.anchor.patch.index == 2
    }
    assert verdicts == {Fate.UNTOUCHED}


def test_lines_that_moved_to_another_file_are_no_change(versions) -> None:
    old, _ = versions
    moved = [raw.replace(b"fs/proc/report.c", b"fs/proc/page_report.c") for raw in V4]
    (_, new) = revisions(V3 + REPLIES + moved)
    by_text = {one.comment.text.split()[0]: one for one in follow(old, new)}
    assert by_text["Young"].verdict is Fate.NEARBY
    assert by_text["Young"].where == "moved to fs/proc/page_report.c"
    assert by_text["Is"].verdict is Fate.DROPPED


def test_lines_that_moved_to_another_patch_are_no_change(versions) -> None:
    old, _ = versions
    split = [
        V4[0],
        mail(
            "v4-1",
            "[PATCH v4 1/2] proc: prepare",
            patch_body("Prepare.", TOOL),
            parent="v4-0",
            minute=101,
        ),
        mail(
            "v4-2",
            "[PATCH v4 2/2] proc: report flags",
            patch_body("Report.", DOC),
            parent="v4-0",
            minute=102,
        ),
    ]
    (_, new) = revisions(V3 + REPLIES + split)
    by_text = {one.comment.text.split()[0]: one for one in follow(old, new)}
    assert by_text["Who"].verdict is Fate.UNTOUCHED or by_text["Who"].where
    assert by_text["Who"].verdict is not Fate.CHANGED
    assert by_text["Is"].verdict is Fate.DROPPED


def test_greeting_signature_and_cuts_are_no_text() -> None:
    body = (
        "Hi all,\n\n> +one\n\n[snip]\n\n> +two\n\nWhy?\n\n"
        "Best regards,\nRita\n-- \nRita"
    )
    assert [block.text for block in blocks(body)] == []
    body = body.replace("Why?", "Why is it here?")
    assert [block.text for block in blocks(body)] == ["Why is it here?"]


# --- as a user runs it --------------------------------------------------------------


def kpf(*arguments, cwd=None):
    environment = dict(os.environ) | {"PYTHONPATH": str(TOP), "COLUMNS": "160"}
    return subprocess.run(
        [sys.executable, "-m", "reviewer.cli", *map(str, arguments)],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture
def mbox(tmp_path: Path):
    """mbox(mails): the path of a mailbox with them."""

    def write(mails: list[bytes], name: str = "thread.mbox") -> Path:
        path = tmp_path / name
        separator = b"From mboxrd@z Thu Jan  1 00:00:00 1970\n"
        path.write_bytes(b"".join(separator + raw + b"\n" for raw in mails))
        return path

    return write


def test_the_text(mbox) -> None:
    done = kpf("followup", mbox(V3 + REPLIES + V4))
    lines = done.stdout.splitlines()
    assert done.returncode == 1, done.stderr
    assert lines[0] == "comments on v3, in v4"
    places = [one for one in lines if one.startswith(("  1/3", "  2/3", "  3/3"))]
    assert len(places) == 8
    assert lines[-1] == "8 comments, 2 without a change or an answer"
    assert sum(line.startswith("    open: ") for line in lines) == 2
    at = lines.index("    now: if ((mapping & FLAGS) == KSM)")
    assert lines[at - 1].startswith("    changed")
    assert "Rita Reviewer" in lines


def test_the_changelog_draft(mbox) -> None:
    done = kpf("followup", mbox(V3 + REPLIES + V4), "--format", "changelog")
    head, rest = done.stdout.split("\n\n", 1)
    assert head.startswith("Changes in v4:\n- 1/3 commit message (Rita Reviewer)")
    assert "- 1/3 fs/proc/report.c (Rita Reviewer): now if ((mapping & FLAGS)" in head
    assert "3/3 tools/mm/show.c (Max Maintainer): not part of the series" in head
    assert "Not changed since v3; say why:\n- 2/3 Documentation/report.rst" in rest
    assert "v3: <v3-0@example.org>" in rest


def test_json_from_two_mailboxes(mbox) -> None:
    old, new = mbox(V3 + REPLIES, "v3.mbox"), mbox(V4, "v4.mbox")
    done = kpf("followup", new, "--previous", old, "--format", "json")
    report = json.loads(done.stdout)
    assert report["old"] == {"version": 3, "message_id": "v3-0@example.org"}
    assert len(report["comments"]) == 8
    answered = [one for one in report["comments"] if one["answered_by"]]
    assert [one["answered_by"] for one in answered] == ["a1@example.org"]
    (ksm,) = [one for one in report["comments"] if one["now"]]
    assert (ksm["file"], ksm["line"], ksm["verdict"]) == (
        "fs/proc/report.c",
        14,
        "changed",
    )


def test_without_a_version_before(mbox) -> None:
    done = kpf("followup", mbox(V4))
    assert done.returncode == 3
    assert "no version before v4" in done.stderr


def test_a_thread_from_the_archive(new_inbox, tmp_path: Path, monkeypatch) -> None:
    """v4 in a thread of its own: b4 finds v3 by title and sender."""
    inbox = new_inbox(V3 + REPLIES + V4)
    environment = dict(inbox.env) | {"PYTHONPATH": str(TOP), "COLUMNS": "160"}
    done = subprocess.run(
        [sys.executable, "-m", "reviewer.cli", "followup", "v4-0@example.org"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout.startswith("comments on v3, in v4"), done.stderr
    assert "8 comments" in done.stdout
