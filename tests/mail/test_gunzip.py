# SPDX-License-Identifier: GPL-2.0-or-later
"""Compressed mail: whole, in members, cut off, and far larger than it looks."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewer.errors import InputError
from reviewer.mail.gunzip import gunzip
from reviewer.mail.local import read_local

SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SLOW
@given(st.lists(st.binary(max_size=200), min_size=1, max_size=4), st.integers(0, 9))
def test_all_members_as_gzip_reads_them(parts, padding) -> None:
    data = b"".join(map(gzip.compress, parts)) + b"\0" * padding
    assert gunzip(data, 1000) == gzip.decompress(data) == b"".join(parts)


@SLOW
@given(st.binary(max_size=300), st.integers(0, 299))
def test_no_more_than_asked_for(data, most) -> None:
    found = gunzip(gzip.compress(data), most)
    assert found == data[: most + 1]


def test_a_bomb_stays_small() -> None:
    bomb = gzip.compress(gzip.compress(b"\0" * (200 << 20)))
    once = gunzip(bomb, 1 << 20)
    assert len(gunzip(once, 1 << 20)) == (1 << 20) + 1


@pytest.mark.parametrize("left", [0, 5, 12, 30, -1])
def test_what_is_cut_off_is_no_mail(left) -> None:
    data = gzip.compress(bytes(range(256)))
    with pytest.raises((EOFError, zlib.error)):
        gunzip(data[:left], 1000)


MAIL = b"From mboxrd@z Thu Jan  1 00:00:00 1970\nFrom: a <a@b>\nSubject: %d\n\nx\n\n"


def test_a_mailbox_in_several_members_is_read_whole(tmp_path) -> None:
    box = tmp_path / "box.gz"
    box.write_bytes(b"".join(gzip.compress(MAIL % n) for n in range(3)))
    assert len(read_local(box)) == 3


def test_a_mailbox_that_is_cut_off_is_said(tmp_path) -> None:
    box = tmp_path / "box.gz"
    box.write_bytes(gzip.compress(MAIL % 1 * 50)[:-9])
    with pytest.raises(InputError, match="cut off"):
        read_local(box)
