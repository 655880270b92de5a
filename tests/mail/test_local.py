# SPDX-License-Identifier: GPL-2.0-or-later
"""Local mail: mbox of all kinds, maildir, folders, single patches, stdin, ranges."""

from __future__ import annotations

import gzip
import io
import subprocess
from pathlib import Path

import pytest

from reviewer.errors import InputError, LimitExceeded, NotAPatch
from reviewer.limits import Limits
from reviewer.mail import open_range, open_series, open_thread, series_from_messages
from reviewer.mail.local import split

SEPARATOR = b"From mboxrd@z Thu Jan  1 00:00:00 1970\n"
GIT_LINE = b"From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001\n"


def mbox(raw: list[bytes], separator: bytes = SEPARATOR) -> bytes:
    return b"".join(separator + mail + b"\n" for mail in raw)


def write(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return str(path)


def test_mbox(tmp_path, mails):
    series = open_series(write(tmp_path / "t.mbox", mbox(mails.story())))
    assert series.version == 3
    assert [patch.title for patch in series.patches] == ["one", "two"]
    assert len(series.replies) == 3


def test_compressed_mbox_as_archives_serve_it(tmp_path, mails):
    packed = gzip.compress(mbox(mails.story()))
    assert open_series(write(tmp_path / "t.mbox.gz", packed)).version == 3


def test_stdin(mails):
    series = open_series("-", stdin=io.BytesIO(mbox(mails.story())))
    assert series.version == 3


def test_mboxrd_lines_are_unescaped(mails):
    body = mails.patch_body(">From the start.\n>>From a quote.")
    (mail,) = split(mbox([mails.mail("a@b", "[PATCH] x", body)]), "t")
    assert b"\nFrom the start.\n>From a quote.\n" in mail


def test_from_lines_in_a_text_do_not_split(mails):
    body = mails.patch_body("From here on it works.\n\nFrom: is no header here\n")
    raw = [mails.mail("a@b", "[PATCH] x", body), mails.mail("c@d", "Re: x", "Yes.\n")]
    assert len(split(mbox(raw), "t")) == 2


def test_a_pasted_format_patch_does_not_split(mails):
    assert len(split(mbox(mails.story()), "t")) == len(mails.story())
    counter = series_from_messages(split(mbox(mails.story()), "t"), wanted="v3-c@kpf")
    assert counter.patches[0].diff == mails.DIFF


def test_format_patch_output_splits_at_its_own_lines(mails):
    raw = [
        mails.mail(f"{n}@b", f"[PATCH {n}/2] x", "M.\n---\n" + mails.DIFF)
        for n in (1, 2)
    ]
    assert len(split(mbox(raw, GIT_LINE), "t")) == 2


def test_crlf_mail_files_are_read_as_git_mailsplit_does(tmp_path, mails):
    raw = mails.without_cover()[0].replace(b"\n", b"\r\n")
    patch = open_series(write(tmp_path / "x.eml", raw)).patches[0]
    assert patch.diff == mails.DIFF
    assert "\r" not in patch.message


def test_maildir(tmp_path, mails):
    for part in ("cur", "new", "tmp"):
        (tmp_path / part).mkdir()
    for number, raw in enumerate(mails.story()):
        part = "new" if number % 2 else "cur"
        (tmp_path / part / f"{number:03}.host:2,S").write_bytes(raw)
    (tmp_path / "tmp" / "unfinished").write_bytes(b"From: x\n")
    assert open_series(str(tmp_path)).version == 3


def test_a_folder_of_patches_without_message_ids(tmp_path, mails):
    for number in (1, 2):
        head = f"From: N <n@b>\nSubject: [PATCH {number}/2] part {number}\n\n"
        text = GIT_LINE.decode() + head + mails.patch_body("M.")
        (tmp_path / f"000{number}-part.patch").write_text(text)
    (tmp_path / "notes.rst").write_text("no patch")
    series = open_series(str(tmp_path))
    assert [patch.title for patch in series.patches] == ["part 1", "part 2"]
    assert series.message_id is None


def test_unnumbered_patches_of_git_are_a_sequence(mails):
    raw = [
        f"From: N <n@b>\nSubject: [PATCH] part {letter}\n\n".encode()
        + mails.patch_body("M.").encode()
        for letter in "abc"
    ]
    series = series_from_messages(raw)
    assert [patch.title for patch in series.patches] == ["part a", "part b", "part c"]
    assert series.expected == 3


def test_a_bare_diff(tmp_path, mails):
    series = open_series(write(tmp_path / "x.diff", mails.DIFF.encode()))
    assert series.patches[0].diff == mails.DIFF
    assert series.patches[0].headers.message_id is None


def test_unrelated_series_in_one_mailbox_are_kept_apart(mails):
    series = series_from_messages(mails.without_cover() + mails.incomplete())
    assert series.version == 2
    assert len(series.patches) == 1
    assert any("another series" in note for note in series.notes)


def test_all_mails(tmp_path, mails):
    path = write(tmp_path / "t.mbox", mbox(mails.story()))
    assert open_thread(path) == [mail + b"\n" for mail in mails.story()]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "not a mail"),
        (b"Just words.\n", "not a mail"),
        (b"From: a <a@b>\nSubject: hi\n\nNo diff.\n", "no patch in it"),
        (b"From a", "without a mail"),
        (b"\x1f\x8bbroken", "gzip"),
        (
            b"From: a <a@b>\nSubject: m\n\ndiff --cc a\n--- a/a\n+++ b/a\n",
            "combined diff",
        ),
    ],
)
def test_what_cannot_be_reviewed(tmp_path, data, message):
    with pytest.raises(InputError, match=message) as caught:
        open_series(write(tmp_path / "x", data))
    assert "\n" not in str(caught.value)
    assert caught.value.exit_status == 3


def test_no_such_file(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        open_series(str(tmp_path / "gone"))
    with pytest.raises(NotAPatch, match="no mail in this folder"):
        open_series(str(tmp_path))


def test_a_mailbox_cut_short(mails):
    data = mbox(mails.story())
    for length in range(0, len(data), 97):
        try:
            series_from_messages(split(data[:length], "t"))
        except InputError:
            continue


@pytest.mark.parametrize(
    ("bounds", "named"),
    [
        (Limits(mailbox_bytes=500), "kpf.mailboxBytes"),
        (Limits(message_bytes=500), "kpf.messageBytes"),
        (Limits(messages=3), "kpf.messages"),
        (Limits(patches=1), "kpf.patches"),
    ],
)
def test_limits_are_named(tmp_path, mails, bounds, named):
    path = write(tmp_path / "t.mbox", mbox(mails.story()))
    with pytest.raises(LimitExceeded, match=named):
        open_series(path, limits=bounds)


def test_one_mail_over_a_limit_does_not_hide_the_others(mails):
    huge = mails.mail("huge@b", "Re: x", "x\n", extra="X-Pad: " + "p" * 3000 + "\n")
    series = series_from_messages(
        [huge, *mails.story()], limits=Limits(header_bytes=2000)
    )
    assert series.version == 3
    assert any("kpf.headerBytes" in note for note in series.notes)


def test_a_long_line_hides_only_its_patch(mails):
    raw = mails.story()
    raw[6] = raw[6].replace(b"Two.", b"x" * 5000)
    series = series_from_messages(raw, limits=Limits(line_bytes=4000))
    assert series.missing == (2,)
    assert any("kpf.lineBytes" in note for note in series.notes)


def test_deep_multipart_is_refused():
    raw = b"From: a <a@b>\nSubject: [PATCH] deep\n"
    for level in range(50):
        raw += b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (
            level,
            level,
        )
    with pytest.raises(LimitExceeded, match=r"kpf\.mimeDepth"):
        series_from_messages([raw])


def test_lines_that_might_start_a_mail_take_no_time():
    import time

    begun = time.process_time()
    assert len(split(b"From x\n" * 200_000, "lines")) == 1
    (mail,) = split(b"From x\nSubject: y\n\n" + b"From x\nA: b\n" * 50_000, "lines")
    assert mail.startswith(b"Subject: y")
    assert time.process_time() - begun < 10


def test_more_parts_than_any_mail_has():
    head = b"From: a <a@b.org>\nContent-Type: multipart/mixed; boundary=q\n\n"
    mail = head + b"--q\n\nx\n" * 1001
    with pytest.raises(LimitExceeded, match=r"kpf\.mimeParts = 1000"):
        series_from_messages([mail])
    few = head + b"--q\n\nx\n" * 900
    with pytest.raises(NotAPatch):
        series_from_messages([few])


@pytest.fixture
def repository(tmp_path):
    def git(*words: str) -> str:
        who = ["-c", "user.name=Nora", "-c", "user.email=nora@example.org"]
        command = ["git", "-C", str(tmp_path), *who, *words]
        return subprocess.run(
            command, check=True, capture_output=True, text=True
        ).stdout.strip()

    git("init", "-q", "-b", "main")
    for number in range(3):
        (tmp_path / "a.c").write_text(f"int a{number};\n" * 5)
        git("add", "a.c")
        text = f"a: change {number}\n\nFrom here on it is {number}.\n"
        if number == 2:
            text += f"\n{GIT_LINE.decode()}\nis how git starts a mail.\n"
        git("commit", "-q", "-m", text, "-s")
    return tmp_path, git


def test_a_range_of_commits(repository):
    folder, git = repository
    series = open_range(folder, "main~2..main")
    assert [patch.title for patch in series.patches] == ["a: change 1", "a: change 2"]
    commits = git("rev-list", "--reverse", "main~2..main").split()
    assert [patch.commit for patch in series.patches] == commits
    assert series.base_commit == git("rev-parse", "main~2")
    assert series.patches[1].trailers[-1].name == "Signed-off-by"
    assert "is how git starts a mail" in series.patches[1].message


def test_commits_of_several_authors_are_one_series(repository):
    folder, git = repository
    git("commit", "-q", "--amend", "--no-edit", "--author", "Max <max@example.net>")
    series = open_range(folder, "main~2..main")
    assert [p.author.name for p in series.patches] == ["Nora", "Max"]


def test_the_users_format_settings_do_not_matter(repository):
    folder, git = repository
    for key, value in {
        "format.attach": "yes",
        "format.coverLetter": "true",
        "format.pretty": "oneline",
        "format.subjectPrefix": "RFC",
        "format.signOff": "true",
        "format.outputDirectory": "out",
        "format.numbered": "false",
        "diff.noprefix": "true",
        "diff.external": "false",
        "color.ui": "always",
        "core.hooksPath": "/nonexistent",
    }.items():
        git("config", key, value)
    series = open_range(folder, "main~1..main")
    assert series.patches[0].diff.startswith("diff --git a/a.c b/a.c\n")
    assert not (folder / "out").exists()


@pytest.mark.parametrize(
    "revisions", ["nothing..main", "--output=/tmp/x", "main..main", "a\n..b", ""]
)
def test_ranges_that_are_none(repository, revisions):
    with pytest.raises(InputError) as caught:
        open_range(repository[0], revisions)
    assert "\n" not in str(caught.value)
