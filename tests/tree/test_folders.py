# SPDX-License-Identifier: GPL-2.0-or-later
"""A path leads to the file that git itself would find, and is looked up once."""

from __future__ import annotations

import subprocess

import pytest

from reviewer.tree.objects import Objects
from reviewer.tree.views import GitView

NAMES = ["mm/page.c", "mm/run.sh", "mm/util.c/x", "mm", "", "no/such.c", "mm/no.c"]
LINKS = ["mm/alias.c", "linked/page.c", "mm/out.c", "mm/loop.c", "linked/no.c"]


def git(repo, *words, stdin=b""):
    command = ["git", "-C", repo, "-c", "user.name=x", "-c", "user.email=x@y", *words]
    return subprocess.run(command, input=stdin, check=True, capture_output=True).stdout


@pytest.fixture(params=["sha1", "sha256"])
def state(request, tmp_path):
    """A repository with files, links and a submodule, and its commit."""
    (tmp_path / "mm").mkdir()
    (tmp_path / "mm/page.c").write_text("page\n")
    (tmp_path / "mm/util.c").write_text("util\n")
    (tmp_path / "mm/run.sh").write_text("#!/bin/sh\n")
    (tmp_path / "mm/run.sh").chmod(0o755)
    (tmp_path / "mm/alias.c").symlink_to("util.c")
    (tmp_path / "mm/loop.c").symlink_to("loop.c")
    (tmp_path / "mm/out.c").symlink_to("/etc/passwd")
    (tmp_path / "linked").symlink_to("mm")
    git(tmp_path, "init", "-q", f"--object-format={request.param}")
    git(tmp_path, "add", ".")
    length = 40 if request.param == "sha1" else 64
    git(tmp_path, "update-index", "--add", "--cacheinfo", f"160000,{'1' * length},sub")
    git(tmp_path, "commit", "-qm", "x")
    return tmp_path, git(tmp_path, "rev-parse", "HEAD").decode().strip()


class Counted(Objects):
    """Objects that remember what they were asked for."""

    def __init__(self, folder):
        super().__init__(folder)
        self.asked = []

    def get(self, name):
        self.asked.append(name)
        return super().get(name)


@pytest.mark.parametrize("path", [*NAMES, *LINKS, "sub", "sub/x.c"])
def test_what_git_finds_is_found(state, path):
    repo, commit = state
    view = GitView(repo, Objects(repo), commit)
    question = f"{commit}:{path}\n".encode()
    said = git(repo, "cat-file", "--batch", "--follow-symlinks", stdin=question)
    header, _, content = said.partition(b"\n")
    kind = header.split()[-2:-1]
    expected = content[:-1] if kind == [b"blob"] else None
    assert view.exists(path) is (expected is not None)
    assert view.read(path) == expected


def test_a_folder_is_read_once_and_what_is_not_there_costs_nothing(state):
    repo, commit = state
    objects = Counted(repo)
    view = GitView(repo, objects, commit)
    assert view.read("mm/page.c")
    assert len(objects.asked) == 3  # the top, mm/, the file
    assert view.read("mm/util.c")
    assert not view.exists("mm/no.c")
    assert not view.exists("no/such.c")
    assert view.exists("mm/run.sh")
    assert len(objects.asked) == 4


def test_a_folder_of_another_shape_is_left_to_git(state):
    repo, commit = state

    class Cut(Objects):
        def get(self, name):
            found = super().get(name)
            if found and found[1] == "tree":
                return found[0], found[1], found[2][:-1]
            return found

    assert GitView(repo, Cut(repo), commit).read("mm/page.c") == b"page\n"
