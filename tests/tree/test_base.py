# SPDX-License-Identifier: GPL-2.0-or-later
"""The base is looked for in every tree, and the answer says which was taken and why."""

from __future__ import annotations

import os

import pytest
from msgspec.structs import replace

from reviewer.errors import TreeError
from reviewer.models import Address, Headers
from reviewer.tree import open_tree
from reviewer.tree.apply import apply_series
from tests.tree.conftest import FILES, write_tree

PAGE = "--- a/mm/page.c\n+++ b/mm/page.c\n"
CHANGE_20 = PAGE + "@@ -19,3 +19,3 @@\n line 19\n-line 20\n+LINE 20\n line 21\n"


@pytest.fixture
def new_repo(tmp_path, git):
    """new_repo(name, {path: text}) -> a kernel of its own, one commit."""

    def make(name: str, files: dict[str, str] | None = None, date: str = "2020-01-01"):
        folder = write_tree(tmp_path / name, {**FILES, **(files or {})})
        git("init", "-q", "-b", "main", folder)
        commit(git, folder, date)
        return folder

    return make


def commit(git, folder, date: str, message: str = "change") -> str:
    os.environ["GIT_COMMITTER_DATE"] = os.environ["GIT_AUTHOR_DATE"] = f"{date}T12:00Z"
    try:
        git("-C", folder, "add", "-A")
        git("-C", folder, "commit", "-q", "--allow-empty", "-m", message)
    finally:
        del os.environ["GIT_COMMITTER_DATE"], os.environ["GIT_AUTHOR_DATE"]
    return git("-C", folder, "rev-parse", "HEAD").strip()


def other_page() -> dict[str, str]:
    return {"mm/page.c": FILES["mm/page.c"].replace("line 2", "other 2")}


OTHER = {"mm/util.c": "int two;\n", "mm/page.c": "another one\n"}


def sent(series, date: str = "", prefix: str = "PATCH"):
    """The series as a mail of that day with that prefix."""
    headers = Headers(None, "[PATCH] x", date, Address("A", "a@example.org"))
    patches = tuple(
        replace(patch, headers=headers, subject_prefix=prefix)
        for patch in series.patches
    )
    return replace(series, patches=patches)


def applied_to(series, *folders, base=None):
    trees = [open_tree(folder) for folder in folders]
    try:
        return apply_series(series, trees[0], base=base, others=trees[1:])
    finally:
        for tree in trees:
            tree.close()


def test_a_second_tree_takes_what_the_first_does_not(new_repo, series):
    one, two = new_repo("linux-one", other_page()), new_repo("linux-two")
    found = applied_to(series(CHANGE_20), one, two)
    assert (found.info.how, found.info.name) == ("head", "linux-two")
    assert found.patches[0].applied
    assert found.tree.path == two
    alone = applied_to(series(CHANGE_20), two)
    assert alone.info.name is None


def test_a_plain_folder_may_be_one_of_several(new_repo, series, tmp_path):
    plain = write_tree(tmp_path / "unpacked")
    found = applied_to(series(CHANGE_20), new_repo("linux", other_page()), plain)
    assert (found.info.how, found.info.name) == ("worktree", "unpacked")
    found = applied_to(series(CHANGE_20), plain, new_repo("again", other_page()))
    assert found.info.name == "unpacked"


def test_a_base_commit_is_looked_for_in_every_tree(new_repo, series, git):
    one, two = new_repo("linux-one"), new_repo("linux-two", {"mm/more.c": "x\n"})
    named = git("-C", two, "rev-parse", "HEAD").strip()
    found = applied_to(series(CHANGE_20, base_commit=named), one, two)
    assert (found.info.how, found.info.base) == ("base-commit", named)
    assert found.info.name == "linux-two"


def test_the_revision_asked_for_may_be_in_any_tree(new_repo, series, git):
    one, two = new_repo("linux-one"), new_repo("linux-two")
    git("-C", two, "branch", "topic")
    found = applied_to(series(CHANGE_20), one, two, base="topic")
    assert (found.info.how, found.info.name) == ("option", "linux-two")
    with pytest.raises(TreeError, match="no commit 'nowhere'"):
        applied_to(series(CHANGE_20), one, two, base="nowhere")


def test_prerequisites_are_found_by_their_patch_ids(new_repo, series, git):
    repo = new_repo("linux")
    base = git("-C", repo, "rev-parse", "HEAD").strip()
    git("-C", repo, "checkout", "-q", "-b", "topic")
    page = repo / "mm/page.c"
    page.write_text(page.read_text().replace("line 19", "line nineteen"))
    needed = commit(git, repo, "2020-02-01")
    diff = git("-C", repo, "diff", base, needed)
    (patch_id, _) = git("patch-id", "--stable", stdin=diff.encode()).split()
    commit(git, repo, "2020-02-02", "one more")
    git("-C", repo, "checkout", "-q", "main")
    asked = series(CHANGE_20.replace(" line 19", " line nineteen"), base_commit=base)
    found = applied_to(replace(asked, prerequisites=(patch_id,)), repo)
    assert (found.info.how, found.info.base) == ("prerequisites", needed)
    assert "prerequisites" in found.info.why
    unknown = replace(asked, prerequisites=(patch_id, "0" * 40))
    assert applied_to(unknown, repo).info.how != "prerequisites"


@pytest.mark.parametrize(
    ("date", "how", "why"),
    [
        ("Fri, 1 May 2020 10:00:00 +0000", "tag", "v5.6 is the newest tag before"),
        ("Mon, 1 Mar 2010 10:00:00 +0000", "tag", "v5.6 is the first tag after"),
        ("Wed, 1 Mar 2023 10:00:00 +0000", "head", None),
        ("Tue, 31 Feb 2099 99:00:00", "head", None),
        ("", "head", None),
    ],
)
def test_the_newest_tag_before_the_mail(new_repo, series, git, date, how, why):
    repo = new_repo("linux", date="2020-04-01")
    git("-C", repo, "tag", "v5.6")
    git("-C", repo, "tag", "next-20200401")
    commit(git, repo, "2021-01-01")
    git("-C", repo, "tag", "v5.10-rc3")
    commit(git, repo, "2022-01-01")
    found = applied_to(sent(series(CHANGE_20), date), repo)
    assert found.info.how == how
    assert (found.info.why or "").startswith(why or "")
    if how == "tag":
        assert found.info.base == git("-C", repo, "rev-parse", "v5.6").strip()


@pytest.mark.parametrize(
    ("prefix", "reference"),
    [
        ("PATCH net-next v3 2/4", "refs/remotes/origin/net-next"),
        ("PATCH RESEND NET-NEXT", "refs/heads/net-next"),
        ("PATCH net-next", "refs/remotes/net-next/main"),
        ("PATCH 6.6.y", "refs/heads/linux-6.6.y"),
        ("PATCH 6.6", "refs/remotes/stable/linux-6.6.y"),
        ("PATCH stable/linux-6.6.y", "refs/remotes/stable/linux-6.6.y"),
        ("PATCH iio/togreg", "refs/heads/iio/togreg"),
        ("PATCH 6.6.y", "refs/tags/v6.6.12"),
        ("PATCH linux-next", "refs/remotes/linux-next/master"),
        ("PATCH,net-next", "refs/heads/net-next"),
    ],
)
def test_the_subject_names_a_branch(new_repo, series, git, prefix, reference):
    repo = new_repo("linux")
    git("-C", repo, "update-ref", reference, "HEAD")
    named = git("-C", repo, "rev-parse", "HEAD").strip()
    (repo / "mm/page.c").write_text("".join(f"other {n}\n" for n in range(60)))
    commit(git, repo, "2020-03-01")
    found = applied_to(sent(series(CHANGE_20), prefix=prefix), repo)
    assert (found.info.how, found.info.base) == ("subject", named)
    assert found.info.why.startswith("the subject says ")


def test_the_subject_names_a_tree(new_repo, series):
    one, two = new_repo("linux"), new_repo("linux-net-next")
    found = applied_to(sent(series(CHANGE_20), prefix="PATCH net-next"), one, two)
    assert (found.info.how, found.info.name) == ("subject", "linux-net-next")
    assert "the tree linux-net-next" in found.info.why


@pytest.mark.parametrize(
    "prefix", ["PATCH v2 1/3", "RFC PATCH", "PATCH ../x --all", ""]
)
def test_a_subject_that_names_no_tree(new_repo, series, git, prefix):
    repo = new_repo("linux")
    for name in ("v2", "RFC", "1/3"):
        git("-C", repo, "branch", name)
    assert applied_to(sent(series(CHANGE_20), prefix=prefix), repo).info.how == "head"


def two_files(git, repo) -> str:
    """A diff whose two pre-images are in no commit together; the repository's HEAD has
    neither."""
    page, util = repo / "mm/page.c", repo / "mm/util.c"
    texts = {path: path.read_text() for path in (page, util)}
    page.write_text(texts[page].replace("line 20", "line twenty"))
    commit(git, repo, "2020-02-01")
    page.write_text("all else\n")
    util.write_text(texts[util] + "int y;\n")
    commit(git, repo, "2020-02-02")
    git("-C", repo, "checkout", "-q", "--orphan", "scratch")
    page.write_text(texts[page].replace("line 20", "line twenty"))
    commit(git, repo, "2020-02-03")
    page.write_text(texts[page].replace("line 20", "line 20a"))
    util.write_text(texts[util] + "int z;\n")
    diff = git("-C", repo, "diff", "HEAD")
    git("-C", repo, "checkout", "-q", "-f", "main")
    git("-C", repo, "branch", "-q", "-D", "scratch")
    util.write_text("nothing\n")
    commit(git, repo, "2020-02-04")
    return diff


def test_the_blobs_are_the_files_whatever_the_commit(new_repo, series, git):
    repo = new_repo("linux")
    diff = two_files(git, repo)
    found = applied_to(series(diff), repo)
    assert found.info.how == "files"
    assert found.info.base == git("-C", repo, "rev-parse", "HEAD").strip()
    assert "no commit here has all the files" in found.info.why
    assert found.patches[0].applied
    assert not found.is_exact
    page = found.patches[0].changes[0]
    assert b"line twenty" in page.pre
    assert b"line 20a" in page.post


def test_blobs_of_two_trees_make_one_state(new_repo, series, git):
    one, two = new_repo("linux-one"), new_repo("linux-two", OTHER)
    page = git("-C", one, "rev-parse", "--short=12", "HEAD:mm/page.c").strip()
    util = git("-C", two, "rev-parse", "--short=12", "HEAD:mm/util.c").strip()
    (one / "mm/page.c").write_text("gone\n")
    commit(git, one, "2020-03-01")
    (two / "mm/util.c").write_text("gone\n")
    commit(git, two, "2020-03-01")
    new = FILES["mm/page.c"].replace("line 20\n", "LINE 20\n")
    made = [git("hash-object", "--stdin", stdin=t.encode()).strip()[:12]
            for t in (new, "int three;\n")]  # fmt: skip
    diff = (
        f"diff --git a/mm/page.c b/mm/page.c\nindex {page}..{made[0]} 100644\n"
        + CHANGE_20
        + f"diff --git a/mm/util.c b/mm/util.c\nindex {util}..{made[1]} 100644\n"
        + "--- a/mm/util.c\n+++ b/mm/util.c\n@@ -1 +1 @@\n-int two;\n+int three;\n"
    )
    found = applied_to(series(diff), one, two)
    assert (found.info.how, found.patches[0].applied) == ("files", True)
    # another file of that abbreviated id would make another file of it: not believed
    wrong = diff.replace(made[1], "123456789abc")
    assert applied_to(series(wrong), one, two).info.how == "head"


def test_a_repository_without_a_commit_is_no_tree(tmp_path, git, series):
    git("init", "-q", tmp_path / "empty")
    with pytest.raises(TreeError):
        open_tree(tmp_path / "empty")


# --- three-way --------------------------------------------------------------------


@pytest.fixture
def drifted(new_repo, git):
    """(repository whose HEAD has other lines about line 20, the diff made before)."""
    repo = new_repo("linux")
    page = repo / "mm/page.c"
    text = page.read_text()
    page.write_text(text.replace("line 20\n", "LINE 20\nand more\n"))
    diff = git("-C", repo, "diff", "--full-index")
    drift = text.replace("line 23", "line xxiii").replace(
        "line 3\n", "line 3\n3 a\n3 b\n"
    )
    page.write_text(
        drift.replace("line 17\n", "line xvii\n").replace("line 18\n", "x\n")
    )
    commit(git, repo, "2020-02-01")
    return repo, diff


def test_a_merge_is_tried_before_fuzz(drifted, series):
    repo, diff = drifted
    found = applied_to(series(diff), repo, base="HEAD")
    (change,) = found.patches[0].changes
    assert (found.patches[0].applied, found.patches[0].nearly) == (False, True)
    assert (change.how, change.applied) == ("three-way", True)
    pre, post = change.pre.decode().splitlines(), change.post.decode().splitlines()
    assert {post[n - 1] for n in change.added} == {"LINE 20", "and more"}
    assert [pre[n - 1] for n in change.removed] == ["line 20"]
    assert "line xxiii" in post
    for line in (line for hunk in change.diff.hunks for line in hunk.lines):
        assert line.old is None or pre[line.old - 1] == line.text
        assert line.new is None or post[line.new - 1] == line.text
    unnumbered = {
        line.text for hunk in change.diff.hunks for line in hunk.lines
        if line.kind == " " and line.new is None
    }  # fmt: skip
    assert unnumbered == {"line 17", "line 18", "line 23"}


def test_a_merge_in_conflict_is_none(drifted, series, git):
    repo, diff = drifted
    page = repo / "mm/page.c"
    page.write_text(page.read_text().replace("line 20\n", "line twenty\n"))
    commit(git, repo, "2020-02-02")
    found = applied_to(series(diff), repo, base="HEAD")
    assert found.patches[0].changes[0].how == "hunks"
    assert applied_to(series(diff), repo).info.how == "blobs"


def test_what_the_tree_has_already_is_not_merged(drifted, series, git):
    repo, diff = drifted
    git("-C", repo, "checkout", "-q", "-f", "HEAD~1")
    git("-C", repo, "apply", stdin=diff.encode())
    text = (repo / "mm/page.c").read_text()
    (repo / "mm/page.c").write_text(text.replace("line 18\n", "x\n"))
    commit(git, repo, "2020-03-01")
    found = applied_to(series(diff), repo, base="HEAD")
    (change,) = found.patches[0].changes
    assert (change.applied, change.how) == (False, "hunks")


def test_later_patches_of_a_fitted_file_are_no_surer(drifted, series):
    repo, diff = drifted
    more = PAGE + "@@ -29,3 +29,3 @@\n line 29\n-line 30\n+LINE 30\n line 31\n"
    found = applied_to(series(diff, more), repo, base="HEAD")
    assert [step.changes[0].how for step in found.patches] == ["three-way"] * 2
    assert b"LINE 20\nand more\n" in found.patches[1].changes[0].pre
    lost = PAGE + "@@ -9,3 +9,3 @@\n line 9\n-line ten\n+LINE 10\n line 11\n"
    found = applied_to(series(lost, more), repo, base="HEAD")
    assert [step.changes[0].how for step in found.patches] == ["hunks", "fuzz"]
    assert [step.nearly for step in found.patches] == [False, True]


def test_the_repository_is_only_read(drifted, series):
    repo, diff = drifted
    before = {p: p.stat().st_mtime_ns for p in repo.rglob("*") if p.is_file()}
    applied_to(series(diff), repo, base="HEAD")
    applied_to(sent(series(diff), "Fri, 1 May 2020 10:00:00 +0000", "PATCH net"), repo)
    assert {p: p.stat().st_mtime_ns for p in repo.rglob("*") if p.is_file()} == before
