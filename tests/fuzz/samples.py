# SPDX-License-Identifier: GPL-2.0-or-later
"""What the mutators start from: the cases of the rules and the demo's own mails.

A change of files is one text, so that a fuzzer can work on it::

    @@@ before fs/proc/page.c
    ...
    @@@ after fs/proc/page.c
    ...

A file that has no ``before`` is that of the miniature tree; text without such a line
is a new ``fs/proc/page.c``.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

import reviewer
from reviewer.mail.local import split
from reviewer.patch.write import unified_diff

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent))
import case_language as cases  # noqa: E402

TREE = Path(reviewer.__file__).parent / "demo/tree"
RULES = Path(reviewer.__file__).parent / "rules"
PAGE_C = "fs/proc/page.c"
MAIL = b"""From mboxrd@z Thu Jan  1 00:00:00 1970
From: Ann Author <ann@example.org>
Subject: [PATCH v2 %d/%d] mm: a change
Date: Mon, 4 Mar 2024 10:05:00 +0000
Message-Id: <fuzz-%d@example.org>
In-Reply-To: <fuzz-0@example.org>
To: linux-mm@example.org

No functional change in %d.

Signed-off-by: Ann Author <ann@example.org>
---
"""
_SECTION = re.compile(rb"^@@@ (before|after) ([^\n]{1,200})\n", re.MULTILINE)
_OLD_SPLIT = b"\n=== after ===\n"  # of seeds that change page.c only
_WORD = re.compile(rb"[A-Za-z_]\w{2,40}")


@dataclass
class Sample:
    """Files before and after a change."""

    before: dict[str, bytes] = field(default_factory=dict)
    after: dict[str, bytes] = field(default_factory=dict)


def pack(sample: Sample) -> bytes:
    """The sample as one text."""
    parts = []
    for kind, files in (("before", sample.before), ("after", sample.after)):
        for path, data in files.items():
            name = path.encode("utf-8", "surrogateescape")
            parts.append(b"@@@ %s %s\n%s" % (kind.encode(), name, data))
    return b"\n".join(parts)


def unpack(data: bytes) -> Sample:
    """The sample in any text."""
    _, *rest = _SECTION.split(data)
    sample = Sample()
    if not rest:
        pre, found, post = data.partition(_OLD_SPLIT)
        if found:
            return Sample({PAGE_C: pre}, {PAGE_C: post})
        return Sample({}, {PAGE_C: data})
    rest[2:-1:3] = [text.removesuffix(b"\n") for text in rest[2:-1:3]]
    for kind, name, text in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
        path = name.decode("utf-8", "surrogateescape")
        files = sample.before if kind == b"before" else sample.after
        files[path] = text
    return sample


def code() -> list[bytes]:
    """The cases that bring their own files, and the seeds."""
    found = [path.read_bytes() for path in sorted((HERE / "seeds/code").iterdir())]
    for path in sorted(RULES.glob("*/cases/*.case")):
        case = cases.load(path)
        if case.trees or case.mails:
            continue
        read = cases.reader(case.before)
        after = {
            name: cases.without_marks(text).encode()
            for name, text in case.post(read).items()
        }
        before = {name: text.encode() for name, text in case.before.items()}
        found.append(pack(Sample(before, after)))
    return found


def mails() -> list[bytes]:
    """The mailboxes of the cases and of the demo, and the seeds."""
    found = [path.read_bytes() for path in sorted((HERE / "seeds/mail").iterdir())]
    found.append((TREE.parent / "series.mbox").read_bytes())
    for path in sorted(RULES.glob("*/cases/*.case")):
        case = cases.load(path)
        if case.mails:
            text = "".join(
                "From mboxrd@z Thu Jan  1 00:00:00 1970\n"
                + cases.without_marks(mail).strip("\n")
                + "\n\n"
                for mail in case.mails
            )
            found.append(text.encode())
    return found + [mailed(unpack(data)) for data in code()]


def mailed(sample: Sample) -> bytes:
    """The change as a series for the miniature tree: 1/2 makes what 2/2 changes."""
    tree = {path: read(path) for path in {**sample.before, **sample.after}}
    before = tree | sample.before
    steps = ((tree, sample.before), (before, sample.after))
    diffs = [
        "".join(git_diff(path, old.get(path), new[path]) for path in new)
        for old, new in steps
    ]
    diffs = [diff for diff in diffs if diff]
    return b"".join(
        MAIL % (number, len(diffs), number, number)
        + diff.encode("utf-8", "surrogateescape")
        + b"-- \n2.39.5\n\n"
        for number, diff in enumerate(diffs, 1)
    )


def read(path: str) -> bytes | None:
    """A file of the miniature tree."""
    place = TREE / path
    return place.read_bytes() if place.is_file() else None


def git_diff(path: str, old: bytes | None, new: bytes) -> str:
    """A diff with git's header."""
    body = unified_diff(path, old or b"", new)
    head = f"diff --git a/{path} b/{path}\n"
    if old is None:
        body = re.sub(r"\A--- .*", "--- /dev/null", body)
        head += "new file mode 100644\n"
    return head + body if body else ""


def diffs() -> list[bytes]:
    """The diffs in those mailboxes."""
    found = []
    for box in mails():
        for mail in split(box, "sample"):
            _, line, diff = mail.partition(b"\ndiff --git ")
            if line:
                found.append(line[1:] + diff.partition(b"\n-- \n")[0] + b"\n")
    return found


def words() -> list[bytes]:
    """The names that occur in the cases and in the miniature tree."""
    texts = [path.read_bytes() for path in TREE.rglob("*") if path.is_file()]
    return sorted(set(_WORD.findall(b"\n".join(texts + code()))))
