# SPDX-License-Identifier: GPL-2.0-or-later
"""An evening's mail, written for the tests: two versions, a robot, talk, the demo."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import reviewer
from reviewer.mail.local import read_local

DEMO = Path(reviewer.__file__).parent / "demo"
TREE = ("--tree", str(DEMO / "tree"), "--offline")
MAX = "Max Maintainer <max@example.net>"
TITLE = "fs/proc: say where the flags are from"
DIFF = """\
diff --git a/fs/proc/page.c b/fs/proc/page.c
--- a/fs/proc/page.c
+++ b/fs/proc/page.c
@@ -1,3 +1,4 @@
 // SPDX-License-Identifier: GPL-2.0-or-later
+/* {comment} */
 #include <linux/types.h>
 #include <linux/page-flags.h>
"""


def mail(
    name: str,
    subject: str,
    body: str,
    *,
    sender: str = "Nora Newcomer <nora@example.org>",
    parent: str | None = None,
    day: int = 2,
) -> bytes:
    """A plain mail of March 2026."""
    lines = [
        f"From: {sender}",
        "To: linux-mm@lists.example.org",
        f"Cc: {MAX}",
        f"Subject: {subject}",
        f"Date: Mon, {day} Mar 2026 10:00:00 +0100",
        f"Message-ID: <{name}@example.org>",
    ]
    if parent:
        lines += [f"In-Reply-To: <{parent}@example.org>"]
        lines += [f"References: <{parent}@example.org>"]
    return ("\n".join(lines) + f"\n\n{body}").encode()


def patch(comment: str, tail: str = "") -> str:
    """The text of a patch mail that adds one comment."""
    return (
        "Readers ask.\n\nSigned-off-by: Nora Newcomer <nora@example.org>\n---\n"
        f"{tail}\n{DIFF.format(comment=comment)}-- \n2.39.5\n"
    )


def two_versions() -> list[bytes]:
    """v1 with a comment, and v2 in a thread of its own, with a robot and a tag."""
    asked = "> +/* the flags */\n\nWhich flags do you mean?\n"
    return [
        mail("v1", f"[PATCH] {TITLE}", patch("the flags")),
        mail("c1", f"Re: [PATCH] {TITLE}", asked, sender=MAX, parent="v1", day=3),
        mail(
            "v2",
            f"[PATCH v2] {TITLE}",
            patch("the flags of a folio", "v2: say which\n\n"),
            day=9,
        ),
        mail(
            "b1",
            f"Re: [PATCH v2] {TITLE}",
            "This may crash.\n",
            sender="sashiko-bot@kernel.org",
            parent="v2",
            day=10,
        ),
        mail(
            "r1",
            f"Re: [PATCH v2] {TITLE}",
            "Reviewed-by: Max Maintainer <max@example.net>\n",
            sender=MAX,
            parent="v2",
            day=11,
        ),
    ]


TALK = mail("talk", "[LSF/MM] Room", "Who brings the beer?\n")


def demo() -> list[bytes]:
    """The series of ``kpf-review demo``, with two mistakes."""
    return read_local(DEMO / "series.mbox")


def maildir(folder: Path, mails: Sequence[bytes]) -> Path:
    """A maildir as a program makes it; mails are added to one that is there."""
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for raw in mails:
        number = len(list((folder / "cur").iterdir()))
        (folder / "cur" / f"{number:04}.host:2,S").write_bytes(raw)
    return folder


def kpf(
    home: Path, *words: str, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """The program with a home of its own."""
    return subprocess.run(
        [sys.executable, "-m", "reviewer.cli", *words],
        capture_output=True,
        text=True,
        check=False,
        env=environment(home) | dict(env or {}),
        stdin=subprocess.DEVNULL,
    )


def environment(home: Path) -> dict[str, str]:
    """What a user's programs see in it."""
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("XDG_", "GIT_"))}
    home.mkdir(exist_ok=True)
    settings = home / ".gitconfig"
    if not settings.exists():
        settings.write_text("[user]\n\tname = Rita\n\temail = rita@example.org\n")
    top = str(Path(reviewer.__file__).parent.parent)
    return kept | {"HOME": str(home), "PYTHONPATH": top, "COLUMNS": "160"}
