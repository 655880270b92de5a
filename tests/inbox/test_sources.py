# SPDX-License-Identifier: GPL-2.0-or-later
"""Every kind of source gives the same series, and versions of one come together."""

from __future__ import annotations

import gzip
import io
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import evening

from reviewer.batch.jobs import jobs
from reviewer.inbox import sources
from reviewer.limits import DEFAULT

FROM = b"From mboxrd@z Thu Jan  1 00:00:00 1970\n"


def mbox(mails: list[bytes]) -> bytes:
    return b"".join(FROM + one + b"\n" for one in mails)


def written(kind: str, folder: Path, mails: list[bytes]) -> list[str]:
    """The mails as a source of that kind."""
    if kind in ("maildir", "new only"):
        box = evening.maildir(folder / "box", mails)
        if kind == "new only":  # nobody has looked at it yet
            for file in (box / "cur").iterdir():
                file.rename(box / "new" / file.name.partition(":")[0])
        return [str(box)]
    if kind == "mbox":
        (folder / "box").write_bytes(mbox(mails))
    elif kind == "mbox.gz":  # as lei writes one
        (folder / "box").write_bytes(gzip.compress(mbox(mails)))
    else:
        for number, one in enumerate(mails):
            (folder / f"{number}.eml").write_bytes(one)
        files = sorted(str(path) for path in folder.glob("*.eml"))
        return files if kind == "files" else [str(folder)]
    return [str(folder / "box")]


@pytest.mark.parametrize(
    "kind", ["maildir", "new only", "mbox", "mbox.gz", "files", "folder"]
)
def test_a_source_of_every_kind(kind: str, tmp_path: Path) -> None:
    refs = written(kind, tmp_path, [*evening.two_versions(), evening.TALK])
    found, unread = sources.threads(refs, bounds=DEFAULT, stdin=None)
    assert unread == []
    ids = [sorted(one.partition("@")[0] for one in job.ids) for job in found]
    assert ids == [["b1", "c1", "r1", "v1", "v2"], ["talk"]]


def test_standard_input_and_a_search_beside_it() -> None:
    stdin = io.BytesIO(mbox(evening.two_versions()[:2]))
    found, _ = sources.threads(
        ["-"], found=evening.two_versions()[1:], bounds=DEFAULT, stdin=stdin
    )
    (job,) = found
    assert len(job.ids) == 5, "a mail that comes twice is one"


def test_a_change_id_joins_threads_of_other_titles() -> None:
    change = "\nchange-id: 20260301-flags-abc123\n"
    one = evening.mail("a0", "[PATCH 0/2] one name", f"Text.\n{change}")
    two = evening.mail("b0", "[PATCH v2 0/3] another name", f"Text.\n{change}")
    other = evening.mail("c0", "[PATCH 0/2] one more", "Text.\n")
    found, _ = sources.threads([], found=[one, other, two], bounds=DEFAULT, stdin=None)
    assert sorted(len(job.ids) for job in found) == [1, 2]


def test_a_title_joins_only_the_mails_of_one_sender() -> None:
    subject = f"[PATCH] {evening.TITLE}"
    mails = [
        evening.mail("a", subject, evening.patch("a")),
        evening.mail("b", subject.replace("]", " v2]"), evening.patch("b")),
        evening.mail("c", subject, evening.patch("c"), sender="X <x@example.com>"),
        evening.mail("d", evening.TITLE, "A question, no patch.\n"),
    ]
    found, _ = sources.threads([], found=mails, bounds=DEFAULT, stdin=None)
    assert sorted(len(job.ids) for job in found) == [1, 1, 2]


def test_a_batch_keeps_threads_apart(tmp_path: Path) -> None:
    refs = written("folder", tmp_path, evening.two_versions())
    assert len(jobs(refs)[0]) == 2
