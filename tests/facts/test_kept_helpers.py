# SPDX-License-Identifier: GPL-2.0-or-later
"""The helpers of a header that an earlier run read are those that it has."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewer import disk_cache
from reviewer.facts import helpers, kept_helpers
from reviewer.facts.header import Header
from reviewer.facts.pageflags import PAGE_FLAGS_H

TEXT = b"""\
#define TESTPAGEFLAG(uname, lname) \\
static inline int Page##uname(struct page *page) \\
	{ return test_bit(PG_##lname, &page->flags); }
TESTPAGEFLAG(Dirty, dirty)
#ifdef CONFIG_KSM
TESTPAGEFLAG(Ksm, ksm)
#else
static inline int PageKsm(struct page *page) { return 0; }
#endif
TESTPAGEFLAG(Locked)
"""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def run(text: bytes) -> tuple[object, ...]:
    """What one run says of a header; nothing is in memory."""
    kept_helpers.all_helpers.cache_clear()
    kept_helpers.kept_helpers.cache_clear()
    of_header = helpers.Helpers(Header(PAGE_FLAGS_H, text))
    names = ("PageKsm", "PageDirty", "PageSlab")
    by_name = [(name, of_header._definitions(name)) for name in names]
    return by_name, list(of_header._own.values()), of_header.unread


def test_the_second_run_says_the_same_and_reads_nothing(monkeypatch) -> None:
    first = run(TEXT)
    assert [len(found) for _name, found in first[0]] == [2, 1, 0]
    assert [evidence.line for evidence in first[2]] == [10]
    monkeypatch.setattr(kept_helpers, "definitions_of", None)
    monkeypatch.setattr(helpers, "definitions_in", None)
    assert run(TEXT) == first
    with pytest.raises(TypeError):
        run(TEXT + b"\n")


def test_another_header_is_read_anew() -> None:
    run(TEXT)
    by_name, *_rest = run(TEXT.replace(b"Ksm, ksm", b"Ksm, ksm_page"))
    assert {one.flag for one in by_name[0][1]} == {None, "PG_ksm_page"}


def test_what_is_broken_is_read_anew() -> None:
    first = run(TEXT)
    kind, version = kept_helpers._KIND, kept_helpers._VERSION
    key = kept_helpers._key(Header(PAGE_FLAGS_H, TEXT))
    for broken in ({}, [], {"definitions": [{"name": 1}], "unread": []}):
        disk_cache.keep(kind, version, key, broken)
        assert run(TEXT) == first
