# SPDX-License-Identifier: GPL-2.0-or-later
"""What a program hands to ``reviewer.api`` as nobody expects it: one kind of error."""

from __future__ import annotations

from pathlib import Path

import pytest
from doors import Doors

from reviewer import api, errors
from reviewer.limits import Limits

MAILS = (
    *([], [b""], [b"\0" * 10], [b"x"], [b"From: a\n" * 10_000], [b"\xff" * 1000]),
    *(
        "/dev/zero",
        "/nowhere",
        ".",
        "",
        "-",
        "--help",
        "\0",
        "a\nb@c",
        "x@y",
        "../secret",
    ),
    *("file:///etc/passwd", "https://example.org/x@y/raw", Path("../home")),
)
BASES = ("--upload-pack=x", "", "\0", "a\nb", "../x", "-x", "HEAD@{99}", "dead" * 10)
TREES = ("/nowhere", "/dev/zero", "/proc", "\0", "../home", "../secret", "\x1b[2J")


@pytest.fixture
def doors(world, monkeypatch) -> Doors:
    made = Doors(world)
    made.make()
    made.patch()
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(made.top)
    return made


def test_no_mail_no_base_and_no_tree_is_another_error(doors) -> None:
    with api.open(".", base="base") as opened:
        for what in MAILS:
            with pytest.raises(errors.KpfError):
                list(api.review(what, opened))
    for base in BASES:
        with api.open(".", base=base) as opened:
            (done,) = api.review("../mails/one.patch", opened)
        assert (done.status, done.report) == (3, None), base
    for tree in TREES:
        with pytest.raises(errors.TreeError):
            api.open(tree)


def test_formats_names_and_identities(doors) -> None:
    patch = doors.patch().read_bytes()
    with api.open(".", base="base") as opened:
        (done,) = api.review([patch], opened, names=())
    assert done.status == 1
    for form in ("", "x", "../../secret", "TEXT", "json\n"):
        with pytest.raises(errors.UsageError, match="text"):
            api.report(done, form)
    for who in (
        "Rita <r@x.org>\nBcc: a@x.org",
        "Rita <r@x.org>\r\nX: y",
        "\udcff <r@x>",
    ):
        head = api.report(done, "mail", identity=who).partition("\n\n")[0]
        names = [line.partition(":")[0] for line in head.split("\n")]
        assert not {"Bcc", "X"}.intersection(names), head
    for who in ("", "nobody", "\x1b[2J <r@x.org>"):
        with pytest.raises(errors.UsageError):
            api.report(done, "mail", identity=who)


def test_reviews_that_take_turns_have_their_own_limits(doors) -> None:
    """Those in force are of the process; the last to begin does not set the others'."""
    with (
        api.open(".", base="base", limits=Limits(review_time=0)) as short,
        api.open(".", base="base") as usual,
    ):
        first = api.review("../mails/one.patch", short)
        second = api.review("../mails/one.patch", usual)
        (one,), (other,) = first, second
    assert "kpf.reviewTime" in str(one.report.not_checked)
    assert [finding.rule for finding in other.report.findings] == ["mask-precedence"]
