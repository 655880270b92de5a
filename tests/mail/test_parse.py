# SPDX-License-Identifier: GPL-2.0-or-later
"""Each mail in data/, which we wrote, is read as the installed git reads it."""

from __future__ import annotations

import email.utils
import re
import subprocess
from pathlib import Path

import pytest

from reviewer.mail import open_series
from reviewer.mail.message import Message
from reviewer.models import Address, Trailer

DATA = Path(__file__).with_name("data")
MAILS = sorted(DATA.glob("*.eml"))
QUOTED_CR = {"base64-crlf"}  # git warns, we do as its --quoted-cr=strip


def decode(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def git_mailinfo(file: Path, folder: Path, *options: str) -> dict[str, str]:
    done = subprocess.run(
        ["git", "mailinfo", "-b", *options, "message", "patch"],
        input=file.read_bytes(),
        capture_output=True,
        cwd=folder,
        check=False,
    )
    if done.returncode:  # a charset that does not exist
        return git_mailinfo(file, folder, "-n", *options)
    said = dict(re.findall(r"(?m)^(\w+): (.*)$", decode(done.stdout)))
    said["message"] = decode((folder / "message").read_bytes())
    return said


def numstat(folder: Path, patch: bytes) -> tuple[int, bytes]:
    done = subprocess.run(
        ["git", "apply", "--numstat", "--summary"],
        input=patch,
        capture_output=True,
        cwd=folder,
        check=False,
    )
    return done.returncode, done.stdout


def the_patch(name: str):
    return open_series(str(DATA / f"{name}.eml")).patches[0]


def test_the_mails_are_there():
    assert len(MAILS) >= 20


@pytest.mark.parametrize("file", MAILS, ids=lambda file: file.stem)
def test_as_git_mailinfo(file, tmp_path):
    strip = ["--quoted-cr=strip"] if file.stem in QUOTED_CR else []
    said = git_mailinfo(file, tmp_path, *strip)
    patch = open_series(str(file)).patches[0]
    assert patch.author == Address(said["Author"], said["Email"])
    assert patch.title == said["Subject"]
    assert patch.date == said["Date"].strip()
    assert patch.message == said["message"]


@pytest.mark.parametrize("file", MAILS, ids=lambda file: file.stem)
def test_as_git_apply(file, tmp_path):
    git_mailinfo(file, tmp_path)  # writes the file "patch"
    whole = numstat(tmp_path, (tmp_path / "patch").read_bytes())
    patch = open_series(str(file)).patches[0]
    ours = numstat(tmp_path, patch.diff.encode("utf-8", "surrogateescape"))
    assert ours == whole
    assert ours[0] == 0
    assert ours[1]


@pytest.mark.parametrize("file", MAILS, ids=lambda file: file.stem)
def test_the_lines_of_the_diff_are_in_the_body(file):
    patch = open_series(str(file)).patches[0]
    assert patch.diff in patch.body


def test_header_fields_for_the_reply():
    patch = the_patch("plain")
    assert patch.headers.message_id == "plain@kpf.example"
    assert patch.headers.subject == "[PATCH v2 1/3] proc: ask the folio"
    assert patch.headers.date == "Mon, 2 Mar 2026 10:00:00 +0100"
    assert patch.headers.to == (Address("", "linux-mm@example.org"),)
    assert patch.headers.cc == (
        Address("Maintainer, Max", "max@example.net"),
        Address("Léna List", "lena@example.com"),
    )
    assert patch.subject_prefix == "PATCH v2 1/3"


def test_the_diff_ends_with_its_last_hunk():
    assert the_patch("plain").diff.endswith(" \treturn u;\n")
    assert the_patch("base-commit").diff.endswith(" \treturn u;\n")
    assert the_patch("looks-like-signature").diff.endswith("\n-- \n two\n")


def test_notes_are_what_stands_between_dashes_and_diff():
    assert the_patch("plain").notes.startswith(" fs/proc/page.c | 2 +-\n")
    assert "---" not in the_patch("plain").notes.split("\n")


def test_a_text_that_begins_with_dashes_has_no_message():
    series = open_series(str(DATA / "leading-dashes.eml"))
    assert series.patches[0].message == ""
    assert "Ask the folio" in series.patches[0].notes
    assert any("begins with a '---' line" in note for note in series.notes)


def test_quoted_crlf_is_stripped_and_said():
    series = open_series(str(DATA / "base64-crlf.eml"))
    assert "\r" not in series.patches[0].diff + series.patches[0].message
    assert any("quoted CRLF" in note for note in series.notes)


def test_in_body_author_is_not_the_sender():
    patch = the_patch("in-body-from")
    assert patch.author.email == "peter@example.net"
    assert patch.headers.sender.email == "nora@example.org"
    assert patch.headers.date == "Mon, 2 Mar 2026 10:00:00 +0100"
    assert patch.date == "Sun, 1 Mar 2026 09:00:00 +0000"


@pytest.mark.parametrize("name", ["plain", "base64", "base64-crlf", "regards"])
def test_trailers(name):
    assert the_patch(name).trailers == (
        Trailer("Fixes", '0123456789ab ("proc: page flags")'),
        Trailer("Signed-off-by", "Nora Newcomer <nora@example.org>"),
    )


def test_no_trailers():
    assert the_patch("no-trailers").trailers == ()


def test_base_commit_and_change_id():
    series = open_series(str(DATA / "base-commit.eml"))
    assert series.base_commit == "0123456789abcdef0123456789abcdef01234567"
    assert series.change_id == "20260302-x-1"


def test_one_patch_of_a_series_is_reviewed_alone():
    series = open_series(str(DATA / "plain.eml"))
    assert (series.version, series.expected, series.missing) == (2, 1, ())
    assert any("1/3 of a series" in note for note in series.notes)


@pytest.mark.parametrize(
    "field",
    [
        b"To: " + b"(" * 100_000,
        b"To: " + b"a@b," * 50_000,
        b"To: " + b"a   <a@b>, " * 10_000 + b"!",
        b"To: a" + b" " * 100_000,
        b"Subject: " + b"[" * 100_000,
        b"Subject: " + b"=?utf-8?q?a?= " * 10_000,
        b"References: " + b"<" * 100_000,
        b"Message-ID: <a\x1b[2Jb@c>",
        b"Content-Type: text/plain; charset=punycode",
        b"Date: " + b"1 " * 50_000,
    ],
    ids=lambda field: field[:12].decode(),
)
def test_header_fields_made_to_hurt(field, mails):
    raw = b"From: a <a@b>\n" + field + b"\n\n" + mails.patch_body("x").encode()
    headers = Message(raw).headers
    assert "\x1b" not in (headers.message_id or "")
    assert "\n" not in headers.subject
    assert Message(raw).has_diff


@pytest.mark.parametrize(
    "field",
    [
        "Nora Newcomer <nora@example.org>",
        "nora@example.org",
        "A. B. O'Neil-Smith <a.b+c@d-e.org>, x@y.z,\n z <z@z>",
        "a@b, <c@d>,  E F <e@f>",
        "a@b,c@d",
        '"Last, First" <a@b>',
        "x (comment) <a@b>",
        "group: a@b, c@d;",
        "name@odd <a@b>",
        "a b@c",
        "N <a@b> trailing",
        "undisclosed-recipients:;",
        "<>",
        "",
    ],
)
def test_addresses_are_those_of_the_email_package(field):
    raw = b"To: " + field.encode() + b"\n\n"
    expected = email.utils.getaddresses([field.replace("\n", "")])
    found = [(one.name, one.email) for one in Message(raw).headers.to]
    assert found == [
        (name, mail) for name, mail in expected if mail and " " not in mail
    ]
