# SPDX-License-Identifier: GPL-2.0-or-later
"""Mail in the shapes it takes on its way is read as git reads it.

A few hundred of the mails that ``tests/bench/mail_py`` makes by the thousand,
and those whose shape once was read otherwise.
"""

from __future__ import annotations

import base64
import random
import sys
from pathlib import Path

import pytest

from reviewer.errors import NotAPatch
from reviewer.mail import open_series, series_from_messages
from reviewer.mail.message import Message, undo_transfer
from reviewer.mail.trailers import commit_trailers

sys.path.insert(0, str(Path(__file__).parent))
from shape_git import disagreements
from shape_text import DIFFS
from shape_twists import TWISTS, Shape, cte_kind, stuffed
from shapes import make, written

HEAD = (
    b"From: Nora Newcomer <nora@example.org>\nSubject: [PATCH] x\n"
    b"Date: Mon, 2 Mar 2026 10:00:00 +0100\nMessage-ID: <s@example.org>\n"
)
TEXT = b"Why.\n\nSigned-off-by: N <n@example.org>\n---\n"


@pytest.mark.parametrize("block", range(8))
def test_as_git_reads_it(block: int, tmp_path: Path) -> None:
    for seed in range(block * 25, block * 25 + 25):
        raw, twists = make(seed)
        assert disagreements(raw, tmp_path) == {}, (seed, twists)


def test_the_shapes_do_vary() -> None:
    mails = [make(seed) for seed in range(300)]
    assert len({raw for raw, _ in mails}) > 290
    assert len({twist for _, twists in mails for twist in twists}) == len(set(TWISTS))


@pytest.mark.parametrize("cte", ["base64-junk", "base64-two", "base64-cut", "qp-soft"])
@pytest.mark.parametrize(
    "name", ["{}", "{}; x=y", "{} (a comment)", '"{}"', "X-{}", "7bit, {}"]
)
def test_a_transfer_encoding_need_but_be_named(
    cte: str, name: str, tmp_path: Path
) -> None:
    shape = Shape(random.Random(0), subject="[PATCH] x")
    shape.cte, shape.cte_name = cte, name.format(cte_kind(cte))
    assert disagreements(written(shape), tmp_path) == {}


def test_the_last_of_two_encodings_counts(tmp_path: Path) -> None:
    body = TEXT + DIFFS["plain"].encode()
    for order in (b"base64", b"7bit"), (b"7bit", b"base64"):
        fields = b"".join(b"Content-Transfer-Encoding: %s\n" % one for one in order)
        coded = base64.encodebytes(body) if order[1] == b"base64" else body
        assert disagreements(HEAD + fields + b"\n" + coded, tmp_path) == {}


@pytest.mark.parametrize(
    "kind",
    ["attached-octet", "attached-x-patch", "attached-base64", "nested", "rfc822"],
)
@pytest.mark.parametrize("subject", ["[PATCH] x", "a patch", "Re: [PATCH] x"])
def test_a_patch_in_any_part_is_found(kind: str, subject: str, tmp_path: Path) -> None:
    shape = Shape(random.Random(0), subject=subject, multipart=kind)
    raw = written(shape)
    (tmp_path / "whole").write_bytes(raw)
    (patch,) = open_series(str(tmp_path / "whole")).patches
    assert patch.diff == DIFFS["plain"]
    assert disagreements(raw, tmp_path) == {}


@pytest.mark.parametrize("subject", ["[PATCH] x", "Re: [PATCH] x"])
def test_a_flowed_diff_is_joined_again(subject: str, tmp_path: Path) -> None:
    shape = Shape(random.Random(0), subject=subject)
    shape.flowed = "; format=flowed"
    shape.diff = stuffed(shape.diff)
    raw = written(shape)
    (tmp_path / "whole").write_bytes(raw)
    assert open_series(str(tmp_path / "whole")).patches[0].diff == DIFFS["plain"]


@pytest.mark.parametrize(
    ("raw", "end"),
    [
        (b"A: b\n\nbody", 5),
        (b"A: b\n c\n\td\n\nbody", 11),
        (b"A: b\nno field\n\nbody", 5),
        (b"A: b\n \n c\nB: d\n\nbody", 15),
        (b"A: b\r\n\r\nbody", 6),
        (b">From x\nA: b\n\n", 13),
        (b"A : b\n\n", 0),
        (b"A: b", 4),
        (b"\nA: b\n", 0),
    ],
)
def test_where_a_header_ends(raw: bytes, end: int) -> None:
    mail = Message(raw)
    head, start = mail._split
    assert head == raw[:end]
    assert raw[start:] == raw[end:].removeprefix(b"\r").removeprefix(b"\n")


def test_a_header_without_a_blank_line_below(tmp_path: Path) -> None:
    raw = HEAD + TEXT + DIFFS["plain"].encode()
    assert disagreements(raw, tmp_path) == {}
    (patch,) = series_from_messages([raw]).patches
    assert patch.message.startswith("Why.")
    assert patch.headers.message_id == "s@example.org"


def test_base64_is_undone_a_line_at_a_time() -> None:
    one, two = (base64.b64encode(text) for text in (b"12345", b"footer"))
    assert undo_transfer(one + b"\n" + two + b"\n", "base64") == b"12345footer"
    assert undo_transfer(one[:-2] + b"\n" + two, "base64") == b"1234footer"
    assert undo_transfer(b"!\n" + one, "base64") == b"12345"


def test_an_indented_line_belongs_to_the_line_above() -> None:
    message = "Signed-off-by: N <n@b.org>\nChanges in v2:\n - none\n"
    (trailer,) = commit_trailers(message)
    assert trailer.value == "N <n@b.org>"
    (folded,) = commit_trailers('Fixes: 0123456789ab\n ("x")\n')
    assert folded.value == '0123456789ab ("x")'


def test_what_is_left_out_of_a_reply_is_said(tmp_path: Path) -> None:
    above = b"> quoted\n\nRather:\n\n-- >8 --\n"
    raw = HEAD.replace(b"[PATCH]", b"Re: [PATCH]") + b"\n" + above + TEXT
    series = series_from_messages([raw + DIFFS["plain"].encode()])
    assert series.patches[0].message.startswith("Why.")
    assert any("what stands above the patch is left out" in n for n in series.notes)
    alone = HEAD.replace(b"[PATCH]", b"Re: [PATCH]") + b"\n" + TEXT
    series = series_from_messages([alone + DIFFS["plain"].encode()])
    assert not any("left out" in note for note in series.notes)


def test_no_patch_is_no_patch(tmp_path: Path) -> None:
    with pytest.raises(NotAPatch):
        series_from_messages([HEAD + b"\n> diff --git a/x b/x\n> --- a/x\n"])
