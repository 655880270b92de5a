# SPDX-License-Identifier: GPL-2.0-or-later
"""What was searched for in a commit is not searched for again by the next run."""

from __future__ import annotations

import pytest

from reviewer import disk_cache
from reviewer.tree import grep_memory, open_tree, views

WORDS = ["PG_one", "PG_two"]


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache/kpf-review"


@pytest.fixture
def searches(monkeypatch) -> list[tuple[str, ...]]:
    """The words that git was asked for."""
    asked: list[tuple[str, ...]] = []
    grep = views.git_grep

    def counted(folder, revision, words, *rest, **more):
        asked.append(tuple(words))
        return grep(folder, revision, words, *rest, **more)

    monkeypatch.setattr(views, "git_grep", counted)
    return asked


def hits(place, revision="HEAD", words=WORDS, under=(), **more) -> list[str]:
    """What a run of its own finds."""
    with open_tree(place) as tree:
        found = tree.view(revision).grep(words, under, **more)
        return [f"{hit.path}:{hit.line}:{hit.text}" for hit in found]


def test_the_second_run_asks_git_for_nothing(repo, searches) -> None:
    first = hits(repo)
    assert first == [
        "include/linux/page.h:1:#define PG_one 1",
        "include/linux/page.h:2:#define PG_two\t2",
        "mm/util.c:2:int x = PG_one;",
    ]
    assert hits(repo) == first
    assert hits(repo, words=WORDS[::-1]) == first  # the same question
    assert len(searches) == 1


def test_another_question_has_another_answer(repo, searches) -> None:
    hits(repo)
    assert len(hits(repo, words=["PG_one"])) == 2
    assert len(hits(repo, under=["mm"])) == 1
    assert len(hits(repo, suffixes=(".rst",))) == 1
    assert len(hits(repo, whole_words=False)) == 4
    assert len(searches) == 5
    assert hits(repo, under=["nowhere"]) == []


def test_a_folder_that_did_not_change_is_known_in_other_commits(
    repo, git, searches
) -> None:
    first = hits(repo, under=["include"])
    (repo / "mm/util.c").write_text("int y = PG_two;\n")
    git("-C", repo, "commit", "-qam", "mm")
    assert hits(repo, under=["include"]) == first
    assert len(searches) == 1
    assert hits(repo, under=["mm"]) == ["mm/util.c:1:int y = PG_two;"]
    (repo / "include/linux/page.h").write_text("")
    git("-C", repo, "commit", "-qam", "include")
    assert hits(repo, under=["include"]) == []
    assert hits(repo, "HEAD~1", under=["include"]) == first


def test_the_files_of_a_worktree_are_searched_each_time(repo, searches) -> None:
    hits(repo, None)
    (repo / "mm/util.c").write_text("int y = PG_two;\n")
    assert "mm/util.c:1:int y = PG_two;" in hits(repo, None)
    assert len(searches) == 2


def test_what_is_found_too_often_is_not_kept(repo, searches, monkeypatch) -> None:
    monkeypatch.setattr(grep_memory, "_MOST_HITS", 2)
    first = hits(repo)
    assert len(first) == 3
    assert hits(repo) == first
    assert len(searches) == 2
    assert hits(repo, under=["mm"]) == hits(repo, under=["mm"])
    assert len(searches) == 3


def test_a_line_that_is_no_text_is_searched_for_again(repo, git, searches) -> None:
    (repo / "mm/util.c").write_bytes(b"int z = PG_one; /* \xff */\n")
    git("-C", repo, "commit", "-qam", "mm")
    first = hits(repo, under=["mm"])
    assert first == ["mm/util.c:1:int z = PG_one; /* \udcff */"]
    assert hits(repo, under=["mm"]) == first
    assert len(searches) == 2


@pytest.mark.parametrize("kept", [[["a"]], [{"path": 1}], {}, 3, ["x"], None])
def test_what_is_no_list_of_hits_is_searched_for_again(
    kept, repo, searches, monkeypatch
) -> None:
    first = hits(repo)
    recall = disk_cache.recall

    def spoilt(kind, version, key, shape):
        disk_cache.keep(kind, version, key, kept)
        return recall(kind, version, key, shape)

    monkeypatch.setattr(disk_cache, "recall", spoilt)
    assert hits(repo) == first
    assert len(searches) == 2
