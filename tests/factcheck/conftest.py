# SPDX-License-Identifier: GPL-2.0-or-later
"""Mails of ours: a posting, and what a robot or a person says under it."""

from __future__ import annotations

import difflib
import itertools
from pathlib import Path

from reviewer.factcheck import Checked, check_remarks
from reviewer.mail import series_from_messages
from reviewer.tree import open_tree
from reviewer.tree.apply import apply_series

SENDER = "Ann Author <ann@example.org>"
ROBOT = "review-bot@example.net"
SOB = "Signed-off-by: Ann Author <ann@example.org>"


def mail(
    message_id: str,
    subject: str,
    body: str,
    *,
    sender: str = SENDER,
    parent: str | None = None,
    minute: int = 0,
) -> bytes:
    """A raw mail."""
    lines = [
        f"From: {sender}",
        "To: linux-mm@example.org",
        f"Subject: {subject}",
        f"Date: Mon, 4 Mar 2024 {10 + minute // 60}:{minute % 60:02}:00 +0000",
        f"Message-ID: <{message_id}@example.org>",
    ]
    if parent:
        lines.append(f"In-Reply-To: <{parent}@example.org>")
        lines.append(f"References: <{parent}@example.org>")
    text = "\n".join([*lines, "Content-Type: text/plain; charset=utf-8", "", body])
    return text.encode("utf-8", "surrogateescape")


def diff_of(path: str, before: str | None, after: str) -> str:
    """What git would write of one changed or new file."""
    old = "/dev/null" if before is None else f"a/{path}"
    lines = difflib.unified_diff(
        (before or "").splitlines(True), after.splitlines(True), old, f"b/{path}"
    )
    head = f"diff --git a/{path} b/{path}\n"
    return head + ("new file mode 100644\n" if before is None else "") + "".join(lines)


def patch_mail(
    diff: str,
    *,
    message: str = "It is needed.",
    number: int = 1,
    of: int = 1,
    version: int = 1,
    title: str = "fs: make it so",
) -> bytes:
    """The mail of one patch; its message-id is vV-N."""
    bracket = "PATCH" + (f" v{version}" if version > 1 else "")
    bracket += f" {number}/{of}" if of > 1 else ""
    first = number == 1
    return mail(
        f"v{version}-{number}",
        f"[{bracket}] {title}",
        f"{message}\n\n{SOB}\n---\n{diff}-- \n2.43.0\n",
        parent=None if first else f"v{version}-1",
        minute=version * 60 + number,
    )


_numbers = itertools.count()


def answer(
    body: str, *, number: int = 1, version: int = 1, sender: str = ROBOT
) -> bytes:
    """A mail below patch ``number``."""
    return mail(
        f"answer-{next(_numbers)}",
        "Re: [PATCH] fs: make it so",
        body,
        sender=sender,
        parent=f"v{version}-{number}",
        minute=version * 60 + 30,
    )


def quote(text: str) -> str:
    """The text as a reply quotes it."""
    return "".join(f"> {line}\n" for line in text.rstrip("\n").split("\n"))


def checked(kernel: Path, mails: list[bytes]) -> tuple[Checked, ...]:
    """The remarks of a thread with their marks, on a tree that its patches fit."""
    series = series_from_messages(mails)
    with open_tree(kernel) as tree:
        applied = apply_series(series, tree, base=None)
        assert all(step.applied for step in applied.patches)
        return check_remarks(series, applied)


def written(files: dict[str, str], folder: Path) -> Path:
    """A folder with these files in it."""
    for name, text in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return folder
