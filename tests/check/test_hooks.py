# SPDX-License-Identifier: GPL-2.0-or-later
"""The hooks as git runs them: git send-email and git push, to a local repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
SIGNED = "\n\nThe why.\n\nSigned-off-by: Ann Author <ann@example.org>"
OLD = "if (PageHead(page) && PageLRU(page))"
NEW = "if (PageHead(page) && (PageLRU(page) || PageTable(page)))"


@pytest.fixture
def hooked(branch):
    """hooked(name): the repository with that hook; kpf-review is not on the path."""
    take_off_the_path(branch)
    return lambda name: install(branch, name)


def take_off_the_path(repo) -> None:
    folders = repo.env["PATH"].split(os.pathsep)
    kept = [one for one in folders if not (Path(one) / "kpf-review").exists()]
    repo.env["PATH"] = os.pathsep.join(kept)


def install(repo, name: str):
    done = repo.kpf("check", "--print-hook", name)
    assert done.returncode == 0
    hook = repo.path / ".git/hooks" / name
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(done.stdout)
    hook.chmod(0o755)
    return repo


def make_it_vanish(repo, name: str) -> None:
    """As if the environment that the hook was printed from were removed."""
    hook = repo.path / ".git/hooks" / name
    words = re.search(r"^test -x (\S+) ", hook.read_text(), re.MULTILINE)
    hook.write_text(hook.read_text().replace(words[1], f"{words[1]}-gone"))


class TestPush:
    @pytest.fixture
    def remote(self, hooked, tmp_path):
        repo = hooked("pre-push")
        repo.git("init", "-q", "--bare", str(tmp_path / "remote.git"))
        repo.git("remote", "add", "origin", str(tmp_path / "remote.git"))
        repo.git("push", "-q", "--no-verify", "origin", "main")
        return repo

    def has(self, repo, name: str) -> str:
        return repo.git("ls-remote", "origin", name).partition("\t")[0]

    def test_a_new_branch_with_a_fault_is_not_pushed(self, remote) -> None:
        assert not self.push(remote, "topic")
        assert self.has(remote, "topic") == ""

    def test_a_new_branch_without_is(self, remote) -> None:
        remote.git("checkout", "-q", "-b", "good", "HEAD~4")
        assert self.push(remote, "good")
        assert self.has(remote, "good")

    def test_only_the_new_commits_of_a_known_branch_count(self, remote) -> None:
        remote.git("push", "-q", "--no-verify", "origin", "HEAD~1:refs/heads/topic")
        assert self.push(remote, "topic"), "the last commit is of low severity"
        assert self.has(remote, "topic") == remote.git("rev-parse", "topic").strip()

    def test_deleting_a_branch(self, remote) -> None:
        remote.git("push", "-q", "--no-verify", "origin", "topic")
        assert self.push(remote, ":topic")
        assert self.has(remote, "topic") == ""

    @pytest.fixture
    def new(self, remote, tmp_path):
        """A second remote, from which nothing was ever fetched."""
        remote.git("init", "-q", "--bare", str(tmp_path / "new.git"))
        remote.git("remote", "add", "new", str(tmp_path / "new.git"))
        return remote

    def test_the_first_push_to_a_remote_never_fetched(self, new) -> None:
        assert not self.push(new, "topic", "new")
        new.git("branch", "good", "HEAD~4")
        assert self.push(new, "good", "new")
        assert self.push(new, "main", "new"), "the other remote has all of it"

    def test_with_a_release_as_all_that_is_known(self, new) -> None:
        new.git("update-ref", "-d", "refs/remotes/origin/main")
        new.git("tag", "v6.12", "base")
        assert not self.push(new, "topic", "new")
        new.git("branch", "good", "HEAD~4")
        assert self.push(new, "good", "new")

    def test_where_nothing_is_known_it_says_so(self, new) -> None:
        new.git("update-ref", "-d", "refs/remotes/origin/main")
        assert not self.push(new, "main", "new")
        assert "'git fetch new' first" in self.said
        new.git("push", "-q", "--no-verify", "new", "main")

    def test_a_program_that_is_gone_stops_it(self, remote) -> None:
        make_it_vanish(remote, "pre-push")
        remote.git("checkout", "-q", "-b", "good", "HEAD~4")
        assert not self.push(remote, "good")
        assert "is gone, so nothing is checked" in self.said

    def push(self, repo, refspec: str, name: str = "origin") -> bool:
        before = repo.git("ls-remote", name)
        done = subprocess.run(
            ["git", "push", "-q", name, refspec],
            cwd=repo.path,
            env=repo.env,
            capture_output=True,
            text=True,
            check=False,
        )
        self.said = done.stderr
        return repo.git("ls-remote", name) != before


class TestSendEmail:
    @pytest.fixture
    def outbox(self, tmp_path):
        """A program in the place of sendmail, and what it was given."""
        (tmp_path / "mta").write_text(f"#!/bin/sh\ncat >>{tmp_path}/sent\n")
        (tmp_path / "mta").chmod(0o755)
        return tmp_path

    def ready(self, repo, outbox):
        for name, value in (
            ("sendemail.smtpServer", str(outbox / "mta")),
            ("sendemail.confirm", "never"),
            ("sendemail.suppresscc", "all"),
            ("sendemail.to", "linux-mm@example.org"),
        ):
            repo.git("config", name, value)
        return install(repo, "sendemail-validate")

    @pytest.fixture
    def sender(self, send_email, hooked, branch, outbox):
        return self.ready(branch, outbox)

    @pytest.fixture
    def kernel(self, send_email, repo, outbox):
        """The small kernel of the demo, which has the documentation."""
        shutil.copytree(TOP / "reviewer/demo/tree", repo.path, dirs_exist_ok=True)
        repo.git("add", "-A")
        repo.git("commit", "-q", "-m", "pages")
        repo.git("tag", "-f", "base")
        take_off_the_path(repo)
        return self.ready(repo, outbox)

    def sent(self, repo, outbox, *what: str) -> int:
        """How many mails went out."""
        done = subprocess.run(
            ["git", "send-email", *what],
            cwd=repo.path,
            env=repo.env,
            capture_output=True,
            text=True,
            check=False,
        )
        self.said = done.stdout + done.stderr
        file = outbox / "sent"
        return file.read_text().count("\nMessage-Id: ") if file.exists() else 0

    def test_a_series_with_a_fault_is_not_sent(self, sender, outbox) -> None:
        assert self.sent(sender, outbox, "base..HEAD") == 0
        assert "mask-precedence" in self.said

    def test_a_clean_series_with_a_cover_letter_is(self, sender, outbox) -> None:
        out = outbox / "out"
        sender.git(
            "format-patch", "-q", "-o", str(out), "--cover-letter", "base..HEAD~4"
        )
        cover = next(out.glob("0000-*"))
        text = cover.read_text().replace("*** SUBJECT HERE ***", "lib")
        cover.write_text(text.replace("*** BLURB HERE ***", "Why."))
        files = sorted(map(str, out.glob("*.patch")))
        assert self.sent(sender, outbox, *files) == 2

    def test_a_program_that_is_gone_stops_it(self, sender, outbox) -> None:
        make_it_vanish(sender, "sendemail-validate")
        assert self.sent(sender, outbox, "base..HEAD~4") == 0
        assert "is gone, so nothing is checked" in self.said

    @pytest.mark.parametrize(
        ("numbered", "documented"),
        [("--numbered", True), ("--no-numbered", True), ("--numbered", False)],
    )
    def test_the_documentation_comes_with_the_next_patch(
        self, kernel, outbox, numbered, documented
    ) -> None:
        page_c = kernel.read("fs/proc/page.c")
        assert page_c.count(OLD) == 1
        kernel.commit(
            f"proc: more{SIGNED}", **{"fs__proc__page.c": page_c.replace(OLD, NEW)}
        )
        name = "Documentation/admin-guide/mm/pagemap.rst" if documented else "Kbuild"
        text = kernel.read(name) + "\n# THP is said of more pages.\n"
        kernel.write(name, text)
        kernel.git("commit", "-q", "-a", "-m", f"docs: say so{SIGNED}")
        count = self.sent(kernel, outbox, numbered, "-2")
        assert count == (2 if documented else 0), self.said
        assert ("undocumented-change" in self.said) is not documented
