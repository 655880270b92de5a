# SPDX-License-Identifier: GPL-2.0-or-later
"""Drafts on disk: whole or not at all, and never in the place of something else."""

from __future__ import annotations

import mailbox
import os
from pathlib import Path

import pytest

from reviewer.errors import OutputError
from reviewer.files import new_files
from reviewer.output.draft import draft
from reviewer.output.draft.draft import Draft, write_drafts

TWO = (
    Draft(1, "0001-a.eml", b"Subject: one\n\nFrom here\n>From there\n"),
    Draft(2, "0002-b.eml", b"Subject: two\n\nx\n"),
)


def test_one_file_a_draft(tmp_path: Path) -> None:
    written = write_drafts(TWO, tmp_path / "new" / "folder")
    assert [path.name for path in written] == ["0001-a.eml", "0002-b.eml"]
    assert [path.read_bytes() for path in written] == [d.data for d in TWO]
    assert sorted(p.name for p in (tmp_path / "new/folder").iterdir()) == [
        "0001-a.eml",
        "0002-b.eml",
    ]


def test_no_drafts_no_folder(tmp_path: Path) -> None:
    assert write_drafts((), tmp_path / "new") == ()
    assert not (tmp_path / "new").exists()


def test_nothing_is_overwritten_unless_forced(tmp_path: Path) -> None:
    (tmp_path / "0002-b.eml").write_text("mine")
    with pytest.raises(OutputError, match=r"0002-b\.eml exists: not overwritten"):
        write_drafts(TWO, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["0002-b.eml"]
    assert (tmp_path / "0002-b.eml").read_text() == "mine"
    write_drafts(TWO, tmp_path, force=True)
    assert (tmp_path / "0002-b.eml").read_bytes() == TWO[1].data


@pytest.mark.parametrize("force", [False, True])
def test_links_are_refused(tmp_path: Path, force: bool) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    (tmp_path / "0001-a.eml").symlink_to(precious)
    with pytest.raises(OutputError, match="symbolic link"):
        write_drafts(TWO, tmp_path, force=force)
    assert precious.read_text() == "mine"
    (tmp_path / "0001-a.eml").unlink()
    (tmp_path / "0001-a.eml").symlink_to(tmp_path / "nowhere")
    with pytest.raises(OutputError, match="symbolic link"):
        write_drafts(TWO, tmp_path, force=force)
    assert not (tmp_path / "nowhere").exists()


def test_mailbox_is_mboxrd(tmp_path: Path) -> None:
    (path,) = write_drafts(TWO, tmp_path, mbox=True)
    assert path.name == draft.MBOX
    assert b"\n>From here\n>>From there\n" in path.read_bytes()
    assert [m["Subject"] for m in mailbox.mbox(path)] == ["one", "two"]


def test_a_folder_that_is_a_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"\Acannot write .*file"):
        write_drafts(TWO, tmp_path / "file")


def test_a_disk_that_fails_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="No space left on device"):
        write_drafts(TWO, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", stop)
    with pytest.raises(KeyboardInterrupt):
        write_drafts(TWO, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_file_systems_without_links_serve_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    (path, _) = write_drafts(TWO, tmp_path)
    assert path.read_bytes() == TWO[0].data
    assert len(list(tmp_path.iterdir())) == 2


def test_two_at_once_do_not_overwrite_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other run finishes between our look and our write."""
    monkeypatch.setattr(new_files, "refuse_to_write", lambda path, force: None)
    (tmp_path / "0001-a.eml").write_text("theirs")
    with pytest.raises(OutputError, match="exists"):
        write_drafts(TWO, tmp_path)
    assert (tmp_path / "0001-a.eml").read_text() == "theirs"


def test_names_are_of_our_own_making(story, make) -> None:
    from reviewer.output import worded

    odd = make.ksm(rule="../../etc/passwd\n", comment="x", message="x")
    report = worded(make.report(odd))
    (made,) = draft.drafts(report, identity=make.identity, command="")
    assert made.name == "0001-etc-passwd.eml"
