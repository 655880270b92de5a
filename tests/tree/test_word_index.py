# SPDX-License-Identifier: GPL-2.0-or-later
"""A scan asks for thousands of words: the files are read once for all of them."""

from __future__ import annotations

import pytest

from reviewer.tree import open_tree, views
from reviewer.tree.word_index import MANY_FILES

TEXT = (
    b"PG_one\nx\xb5PG_one y\nPG_one_more aPG_one\r\n\n-DPG_one (PG_one|PG_one)\n(PG_two"
)
WORDS = (
    *(["PG_one"], ["PG_two", "PG_one_more"], ["PG_none"], ["PG_one_more"]),
    *(["-DPG_one"], ["PG_.*"], ["", "\n", "PG_two"], ["one y"], ["DPG_one", "x"]),
)
PLACES: tuple[list[str], ...] = ([], ["mm"], ["mm/odd.c"], ["mm", "include"], ["none"])


@pytest.fixture(params=["commit", "folder", "worktree"])
def view(request, folder, git, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))  # nothing remembered
    (folder / "mm/odd.c").write_bytes(TEXT)
    (folder / "mm/odd.S").write_bytes(TEXT)
    revision = None
    if request.param != "folder":
        request.getfixturevalue("repo")
    if request.param == "commit":
        revision = "main"
    with open_tree(folder) as tree:
        yield tree.view(revision)


def everything(view, suffixes=(".c", ".h")) -> list[list[tuple[str, int, str]]]:
    searches = [
        view.grep(words, under, suffixes=suffixes)
        for words in WORDS
        for under in PLACES
    ]
    return [[(h.path, h.line, h.text) for h in found] for found in searches]


@pytest.mark.parametrize("suffixes", [(".c", ".h"), (".c",), (".h", ".S")])
def test_words_are_found_where_git_finds_them(view, suffixes, monkeypatch) -> None:
    by_git = everything(view, suffixes)
    assert sum(map(len, by_git)) > 10
    view._searches.clear()
    view.will_be_scanned(MANY_FILES)
    monkeypatch.setattr(views, "git_grep", None)
    assert everything(view, suffixes) == by_git


def test_a_folder_is_read_when_it_was_asked_about_often(view, monkeypatch) -> None:
    searches = []
    grep = views.git_grep

    def counted(*given, **named):
        searches.append(given)
        return grep(*given, **named)

    monkeypatch.setattr(views, "git_grep", counted)
    view.will_be_scanned(3)
    for number in range(30):
        list(view.grep([f"PG_{number}"], ["mm"]))
        list(view.grep([f"PG_{number}"], ["mm/util.c"]))
        list(view.grep([f"PG_{number}"]))
    assert len(searches) == 7 + 7 + 30  # of the whole tree the scan says it
    assert [hit.line for hit in view.grep(["PG_two"], ["mm"])] == [6]


def test_what_only_git_finds_is_asked_of_git(view) -> None:
    view.will_be_scanned(MANY_FILES)
    parts = list(view.grep(["PG_on"], whole_words=False))
    assert len(parts) > 3
    assert list(view.grep(["PG_one"], ["Documentation"], suffixes=[".rst"]))
