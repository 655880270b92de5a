# SPDX-License-Identifier: GPL-2.0-or-later
"""Reading a kernel from a commit, a worktree, a folder, and with edits on top."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from reviewer.errors import TreeError
from reviewer.tree import open_tree, tree_around
from reviewer.tree.paths import refusal


def open_view(folder):
    from reviewer.tree.views import FolderView

    return FolderView(folder)


KINDS = ["folder", "worktree", "commit", "bare", "linked", "sparse", "sparse cone"]


@pytest.fixture(params=KINDS)
def view(request, folder, git, tmp_path):
    """The same small kernel in every form."""
    kind = request.param
    place, revision = folder, None
    if kind != "folder":
        request.getfixturevalue("repo")
    if kind == "commit":
        revision = "main"
    if kind == "bare":
        place = tmp_path / "linux.git"
        git("clone", "-q", "--bare", folder, place)
    if kind == "linked":
        place = tmp_path / "linked"
        git("-C", folder, "worktree", "add", "-q", "--detach", place)
    if kind.startswith("sparse"):
        cone = "--cone" if kind.endswith("cone") else "--no-cone"
        kept = ["Documentation"] if kind.endswith("cone") else ["/*", "!/mm/", "!*.h"]
        git("-C", folder, "sparse-checkout", "set", cone, *kept)
        assert not (folder / "mm/util.c").exists()
    with open_tree(place) as tree:
        assert tree.info.kernel == "6.12.7"
        yield tree.view(revision)


def test_every_form_reads_the_same(view):
    assert view.read("mm/util.c") == b"int PG_one_more;\nint x = PG_one;\n"
    assert view.read("mm") is None
    assert view.read("mm/none.c") is None
    assert view.read("mm/page.c/x") is None
    assert view.exists("Kbuild")
    assert not view.exists("include")
    assert list(view.files("mm")) == ["mm/page.c", "mm/util.c"]
    assert "Documentation/page.rst" in view.files()
    assert list(view.files("m")) == []


def test_every_form_greps_the_same(view):
    def places(*words, **options):
        return [(hit.path, hit.line) for hit in view.grep(words, **options)]

    assert places("PG_one") == [("include/linux/page.h", 1), ("mm/util.c", 2)]
    assert places("PG_one", under=["mm"]) == [("mm/util.c", 2)]
    assert places("PG_one", under=["mm/util.c"]) == [("mm/util.c", 2)]
    assert places("PG_one", under=["Documentation"], suffixes=[".rst"]) == [
        ("Documentation/page.rst", 1)
    ]
    assert len(places("PG_one", "PG_two", whole_words=False)) == 4
    assert len(places("PG_one", "PG_two", limit=1)) == 1
    assert places("PG_.*", "-e", "--all", "", "\n") == []
    (hit,) = view.grep(["PG_two"])
    assert hit.text == "#define PG_two\t2"


def test_of_a_sparse_checkout_the_disk_goes_before_git(repo, git):
    git("-C", repo, "sparse-checkout", "set", "--cone", "Documentation")
    (repo / "mm").mkdir()
    (repo / "mm/util.c").write_text("int PG_one;\nint mine;\n")
    (repo / "Documentation/page.rst").unlink()  # deleted, not left out
    with open_tree(repo) as tree:
        view = tree.view(None)
        assert view.read("mm/util.c") == b"int PG_one;\nint mine;\n"
        assert view.read("mm/page.c").startswith(b"line 1\n")
        assert not view.exists("Documentation/page.rst")
        assert "Documentation/page.rst" not in view.files()
        hits = [(hit.path, hit.line) for hit in view.grep(["PG_one"])]
        assert hits == [("include/linux/page.h", 1), ("mm/util.c", 1)]


def test_what_a_partial_clone_lacks_is_not_called_absent(repo, git, tmp_path):
    git("-C", repo, "config", "uploadpack.allowFilter", "true")
    place = tmp_path / "partial"
    git("clone", "-q", "--filter=blob:none", "--no-checkout", f"file://{repo}", place)
    git("-C", place, "sparse-checkout", "set", "--no-cone", "/*", "!/mm/")
    git("-C", place, "checkout", "-q", "main")
    with open_tree(place) as tree:
        assert tree.view(None).exists("Kbuild")
        with pytest.raises(TreeError, match="partial clone"):
            tree.view(None).read("mm/util.c")


def test_edits_show_in_every_answer(view):
    edited = view.overlay(
        {
            "mm/util.c": None,
            "mm/new.c": b"x\nPG_one\n",
            "include/linux/page.h": b"PG_one\nPG_one\n",
        }
    )
    assert edited.read("mm/util.c") is None
    assert edited.exists("mm/new.c")
    assert list(edited.files("mm")) == ["mm/new.c", "mm/page.c"]
    assert [(hit.path, hit.line) for hit in edited.grep(["PG_one"])] == [
        ("include/linux/page.h", 1),
        ("include/linux/page.h", 2),
        ("mm/new.c", 2),
    ]
    again = edited.overlay({"mm/new.c": b"", "mm/util.c": b"back\n"})
    assert again.read("mm/util.c") == b"back\n"
    assert [hit.path for hit in again.grep(["PG_one"], ["mm"])] == []
    assert view.exists("mm/util.c")
    assert not view.exists("mm/new.c")


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../secret",
        "mm/../../secret",
        "mm/../mm/util.c",
        ".git/config",
        "mm/.GIT/config",
        "mm//util.c",
        "./mm/util.c",
        "",
        "mm/\x1b[2J",
        "mm/a\nb",
        "mm/\0",
        "out/secret",
        "link-out",
        "a" * 5000,
    ],
)
def test_nothing_outside_is_read(folder, tmp_path, path):
    (tmp_path / "secret").write_text("secret")
    (folder / ".git").mkdir()
    (folder / ".git/config").write_text("secret")
    (folder / "out").symlink_to(tmp_path)
    (folder / "link-out").symlink_to(tmp_path / "secret")
    from reviewer.tree.views import FolderView

    view = FolderView(folder)
    assert view.read(path) is None
    assert not view.exists(path)
    assert "secret" not in " ".join(view.files())
    assert list(view.grep(["secret"], suffixes=())) == []


def test_links_inside_are_followed_and_pipes_are_not_opened(folder):
    (folder / "mm/alias.c").symlink_to("util.c")
    os.mkfifo(folder / "mm/pipe.c")
    with open_tree(folder) as tree:
        view = tree.view(None)
        assert view.read("mm/alias.c") == view.read("mm/util.c")
        assert view.read("mm/pipe.c") is None
        assert list(view.files("mm")) == ["mm/page.c", "mm/util.c"]


def test_links_in_a_commit_do_not_leave_it(repo, git, tmp_path):
    (tmp_path / "secret").write_text("secret")
    (repo / "mm/alias.c").symlink_to("util.c")
    (repo / "mm/out.c").symlink_to(tmp_path / "secret")
    (repo / "mm/up.c").symlink_to("../../secret")
    git("-C", repo, "add", "-A")
    git("-C", repo, "commit", "-q", "-m", "links")
    with open_tree(repo) as tree:
        view = tree.view("main")
        assert view.read("mm/alias.c") == view.read("mm/util.c")
        assert view.read("mm/out.c") is None
        assert view.read("mm/up.c") is None
        assert view.read("mm/util.c") is not None  # the process still answers


def test_the_tree_around_the_current_folder(folder):
    tree = tree_around(folder / "include/linux")
    assert tree is not None
    assert tree.path == folder


def test_what_is_no_kernel(tmp_path, git):
    (tmp_path / "Makefile").write_text("all:\n")
    for place in (tmp_path, tmp_path / "none"):
        with pytest.raises(TreeError) as caught:
            open_tree(place)
        assert "\n" not in str(caught.value)
    git("init", "-q", tmp_path / "empty")
    with pytest.raises(TreeError):
        open_tree(tmp_path / "empty")


def test_a_kernel_inside_another_repository_is_a_folder(folder, git, tmp_path):
    git("init", "-q", tmp_path)
    with open_tree(folder) as tree:
        assert tree.info.kind == "folder"
        assert [hit.path for hit in tree.view(None).grep(["PG_two"])]


@pytest.mark.parametrize("ignored", ["", "*\n"], ids=["untracked", "ignored"])
def test_it_is_searched_as_it_lies_there(folder, git, tmp_path, ignored):
    """The tree of ``demo`` is installed into a clone of the program, as README says."""
    plain = [*open_view(folder).grep(["int"], [])]
    git("init", "-q", tmp_path)
    (tmp_path / ".gitignore").write_text(ignored)
    (tmp_path / "int.c").write_text("int around;\n")
    assert plain
    assert [*open_view(folder).grep(["int"], [])] == plain
    assert [*open_view(folder).grep(["int"], ["mm"])]


@pytest.mark.parametrize("revision", ["none", "--help", "HEAD\nx", "HEAD:mm", ""])
def test_unknown_revisions_are_named(repo, revision):
    with open_tree(repo) as tree, pytest.raises(TreeError, match="no commit"):
        tree.view(revision)


def test_a_folder_has_no_revisions(folder):
    with open_tree(folder) as tree, pytest.raises(TreeError, match="plain folder"):
        tree.view("HEAD")


def test_a_corrupt_repository_is_an_error_of_one_line(repo):
    for pack in (repo / ".git/objects").glob("??/*"):
        os.chmod(pack, 0o644)
        pack.write_bytes(b"broken")
    with pytest.raises(TreeError) as caught, open_tree(repo) as tree:
        tree.view("HEAD")
    assert "\n" not in str(caught.value)


def test_configuration_of_the_repository_runs_nothing(repo, git, tmp_path):
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    for name in ("core.fsmonitor", "diff.external", "core.pager", "diff.c.textconv"):
        git("-C", repo, "config", name, trap)
    git("-C", repo, "config", "filter.c.smudge", trap)
    (repo / ".gitattributes").write_text("*.c diff=c filter=c\n")
    with open_tree(repo) as tree:
        for revision in (None, "HEAD"):
            view = tree.view(revision)
            assert view.read("mm/util.c")
            assert list(view.grep(["PG_one"]))
            assert view.files("mm")
    assert not Path(tmp_path, "sprung").exists()


@pytest.mark.parametrize(
    "path", ["mm/page.c", ".mailmap", "Documentation/.renames.txt", "é.c", "a b"]
)
def test_good_paths_are_not_refused(path):
    assert refusal(path) is None


@pytest.mark.parametrize("path", ["a/.g\u200cit/x", "GIT~1/x", ".git /x", "a/..", "x/"])
def test_disguised_paths_are_refused(path):
    assert refusal(path) is not None


def test_a_real_kernel(linux_6_12):
    with open_tree(linux_6_12) as tree:
        assert tree.info.kernel.startswith("6.12.")
        for revision in (None, "HEAD"):
            view = tree.view(revision)
            assert b"stable_page_flags" in view.read("fs/proc/page.c")
            hits = {hit.path for hit in view.grep(["KPF_KSM"], ["fs", "include"])}
            assert hits == {"fs/proc/page.c", "include/uapi/linux/kernel-page-flags.h"}
