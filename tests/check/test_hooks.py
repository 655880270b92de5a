"""The hooks as git runs them: git send-email and git push, to a local repository."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]


@pytest.fixture
def hooked(branch, tmp_path):
    """hooked(name): the repository with that hook, and kpf-review on the path."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "kpf-review").write_text(
        f'#!/bin/sh\nPYTHONPATH="{TOP}" exec "{sys.executable}" -m reviewer.cli "$@"\n'
    )
    (programs / "kpf-review").chmod(0o755)
    branch.env["PATH"] = f"{programs}{os.pathsep}{branch.env['PATH']}"

    def install(name: str):
        done = branch.kpf("check", "--print-hook", name)
        assert done.returncode == 0
        hook = branch.path / ".git/hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(done.stdout)
        hook.chmod(0o755)
        return branch

    return install


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

    def push(self, repo, refspec: str) -> bool:
        before = repo.git("ls-remote", "origin")
        repo.git("push", "-q", "origin", refspec, check=False)
        return repo.git("ls-remote", "origin") != before


class TestSendEmail:
    @pytest.fixture
    def sender(self, hooked):
        repo = hooked("sendemail-validate")
        for name, value in (
            ("sendemail.smtpServer", "/bin/false"),
            ("sendemail.confirm", "never"),
            ("sendemail.suppresscc", "all"),
            ("sendemail.to", "linux-mm@example.org"),
        ):
            repo.git("config", name, value)
        if "send-email" not in repo.git("help", "-a"):
            pytest.skip("git send-email is not installed (Debian package git-email)")
        return repo

    def send(self, repo, *what: str) -> str:
        return repo.git("send-email", "--dry-run", *what, check=False)

    def test_a_series_with_a_fault_is_not_sent(self, sender) -> None:
        assert "Subject:" not in self.send(sender, "base..HEAD")

    def test_a_clean_series_with_a_cover_letter_is(self, sender, tmp_path) -> None:
        out = tmp_path / "out"
        sender.git(
            "format-patch", "-q", "-o", str(out), "--cover-letter", "base..HEAD~4"
        )
        cover = next(out.glob("0000-*"))
        text = cover.read_text().replace("*** SUBJECT HERE ***", "lib")
        cover.write_text(text.replace("*** BLURB HERE ***", "Why."))
        printed = self.send(sender, *map(str, sorted(out.glob("*.patch"))))
        assert printed.count("Subject: [PATCH") == 2
