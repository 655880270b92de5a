# SPDX-License-Identifier: GPL-2.0-or-later
"""Mails are grouped by threads, and each comes into one job."""

from __future__ import annotations

import io
from pathlib import Path

from reviewer.batch.jobs import Job, jobs

DIFF = b"\ndiff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n"


def mail(name: str | None, *answers: str, subject: str = "[PATCH] x") -> bytes:
    lines = [f"Subject: {subject}", "From: N <n@example.org>"]
    if name is not None:
        lines.append(f"Message-ID: <{name}@example.org>")
    if answers:
        lines.append(f"In-Reply-To: <{answers[0]}@example.org>")
        ids = " ".join(f"<{one}@example.org>" for one in answers)
        lines.append(f"References: {ids}")
    return "\n".join(lines).encode() + b"\n" + DIFF


def folder_of(place: Path, mails: dict[str, bytes]) -> str:
    for name, data in mails.items():
        (place / name).write_bytes(data)
    return str(place)


def names(found: list[Job]) -> list[list[str]]:
    return [[Path(file).name for file in job.files] for job in found]


def test_a_thread_is_one_job_also_without_its_first_mail(tmp_path: Path) -> None:
    mails = {
        "1.eml": mail("p1", "cover"),
        "2.eml": mail("other"),
        "3.eml": mail("p2", "cover"),
        "4.eml": mail("answer", "p2", "cover"),
    }
    found, unread = jobs([folder_of(tmp_path, mails)])
    assert names(found) == [["1.eml", "3.eml", "4.eml"], ["2.eml"]]
    assert [Path(job.key).name for job in found] == ["1.eml", "2.eml"]
    assert unread == []


def test_threads_that_a_late_mail_joins_are_one(tmp_path: Path) -> None:
    mails = {"1.eml": mail("a"), "2.eml": mail("b"), "3.eml": mail("c", "a", "b")}
    found, _ = jobs([folder_of(tmp_path, mails)])
    assert names(found) == [["1.eml", "2.eml", "3.eml"]]


def test_the_mails_of_a_mailbox_are_kept_and_told_apart(tmp_path: Path) -> None:
    box = tmp_path / "box"
    several = [mail("a"), mail("b"), mail("c", "a")]
    box.write_bytes(b"".join(b"From x Mon Sep 1 2025\n" + one for one in several))
    found, _ = jobs([str(box)])
    assert [len(job.mails) for job in found] == [2, 1]
    assert [job.key for job in found] == [
        f"{box}#a@example.org",
        f"{box}#b@example.org",
    ]
    again, _ = jobs(["-"], stdin=io.BytesIO(box.read_bytes()))
    assert [job.mails for job in again] == [job.mails for job in found]


def test_what_git_has_numbered_is_one_series(tmp_path: Path) -> None:
    mails = {f"000{n}-x.patch": mail(None) for n in (1, 2)}
    found, _ = jobs([folder_of(tmp_path, mails)])
    assert names(found) == [["0001-x.patch", "0002-x.patch"]]
    (tmp_path / "0004-y.patch").write_bytes(mail(None))
    found, _ = jobs([str(tmp_path)])
    assert len(found) == 3


def test_what_is_no_mail_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    mails = {"1.eml": mail("a"), "2.eml": b"\0\1\2", "3.eml": b""}
    found, unread = jobs([folder_of(tmp_path, mails), str(tmp_path / "gone")])
    assert names(found) == [["1.eml"]]
    assert [Path(name).name for name, _why in unread] == ["2.eml", "3.eml", "gone"]


def test_ids_and_ranges_stay_what_they_are() -> None:
    found, _ = jobs(["<a@example.org>", "v1..v2"], is_range=["v1..v2"])
    assert [job.ref for job in found] == ["<a@example.org>", "v1..v2"]
