# SPDX-License-Identifier: GPL-2.0-or-later
"""One's own commits before they are sent, and the fixes that are offered."""

from __future__ import annotations

import json
import re

import pytest


def rules(done) -> list[tuple[str, int | None]]:
    report = json.loads(done.stdout)
    return sorted((one["rule"], one["patch"]) for one in report["findings"])


CODE = [("mask-precedence", 2), ("mask-precedence", 3), ("mask-precedence", 4)]
TEXT = [("submission-message-lost", 3), ("submission-trailers", 5)]


class TestWhatIsChecked:
    def test_a_range(self, branch) -> None:
        done = branch.kpf("check", "base..HEAD", "--format", "json")
        assert done.returncode == 1, done.stderr
        assert rules(done) == CODE + TEXT
        report = json.loads(done.stdout)
        assert report["tree"]["base"] == branch.git("rev-parse", "base").strip()

    def test_the_author_is_spoken_to(self, branch) -> None:
        done = branch.kpf("check", "base..HEAD")
        text = " ".join(done.stdout.split())
        assert "Before you send it" in text
        assert "Should it be" not in text

    def test_a_part_of_the_branch_is_judged_on_top_of_the_rest(self, branch) -> None:
        done = branch.kpf("check", "HEAD~2..HEAD~1", "--format", "json")
        assert rules(done) == [("mask-precedence", 1)]

    def test_the_upstream(self, branch) -> None:
        branch.git("branch", "-q", "--set-upstream-to=main")
        done = branch.kpf("check", "--format", "json")
        assert rules(done) == CODE + TEXT

    def test_neither_upstream_nor_prep_branch(self, branch) -> None:
        done = branch.kpf("check")
        assert done.returncode == 2
        assert "no b4 prep branch and no upstream" in done.stderr

    def test_no_repository(self, branch, tmp_path) -> None:
        (tmp_path / "empty").mkdir()
        done = branch.kpf("check", "A..B", cwd=tmp_path / "empty")
        assert done.returncode == 2
        assert "no git worktree here" in done.stderr

    def test_nothing_new(self, branch) -> None:
        done = branch.kpf("check", "HEAD..HEAD")
        assert done.returncode == 3
        assert "no commit in this range" in done.stderr

    def test_a_mail_on_its_own(self, branch, tmp_path) -> None:
        branch.git("format-patch", "-q", "-o", str(tmp_path / "out"), "base..HEAD")
        (mail,) = (tmp_path / "out").glob("0004-*")
        alone = mail.rename(tmp_path / "alone.patch")
        done = branch.kpf("check", alone, "--format", "json")
        assert rules(done) == [("mask-precedence", 1)]

    def test_a_mail_beside_those_of_its_series(self, branch, tmp_path) -> None:
        branch.git("format-patch", "-q", "-o", str(tmp_path / "out"), "base..HEAD")
        mails = sorted((tmp_path / "out").glob("000*"))
        found = [
            pair
            for mail in mails
            for pair in rules(branch.kpf("check", mail, "--format", "json"))
        ]
        whole = rules(branch.kpf("check", "base..HEAD", "--format", "json"))
        assert sorted(found) == sorted(whole)

    def test_the_level_from_which_on_it_fails(self, branch) -> None:
        only_last = ["HEAD~1..HEAD"]
        assert branch.kpf("check", *only_last).returncode == 1
        done = branch.kpf("check", *only_last, "--fail-on", "medium")
        assert done.returncode == 0
        assert "submission-trailers" in done.stdout

    def test_a_tag_of_the_version_sent_before(self, repo, tmp_path) -> None:
        repo.git("checkout", "-q", "-b", "topic")
        repo.commit(
            "lib: one more\n\nSigned-off-by: Ann Author <ann@example.org>",
            **{"lib__one.c": "int one(int x)\n{\n\treturn x + 1;\n}\n"},
        )
        sent = repo.git("format-patch", "--stdout", "base..HEAD")
        body = sent.partition("\n")[2]
        reply = (
            "From mboxrd@z Thu Jan  1 00:00:00 1970\n"
            "From: Rita Reviewer <rita@example.org>\nMessage-ID: <2@example.org>\n"
            "In-Reply-To: <1@example.org>\nSubject: Re: [PATCH] lib: one more\n\n"
            "Reviewed-by: Rita Reviewer <rita@example.org>\n"
        )
        mbox = tmp_path / "v1.mbox"
        first = "From mboxrd@z Thu Jan  1 00:00:00 1970\nMessage-ID: <1@example.org>\n"
        mbox.write_text(f"{first}{body}\n{reply}")
        done = repo.kpf(
            "check", "base..HEAD", "--previous", mbox, "--format", "json", "--offline"
        )
        assert rules(done) == [("submission-tags", 1)], done.stderr


class TestRecipients:
    MAINTAINERS = """\
List of maintainers
===================

Maintainers List
----------------

LIBRARY
M:\tMax Maintainer <max@example.net>
L:\tlib@lists.example.org
S:\tMaintained
F:\tlib/
"""

    def test_maintainers_and_those_who_review(self, repo, linux_6_12, need) -> None:
        need("perl", "perl")
        script = linux_6_12 / "scripts/get_maintainer.pl"
        repo.write("scripts/get_maintainer.pl", script.read_text())
        repo.write("MAINTAINERS", self.MAINTAINERS)
        repo.git("add", ".")
        repo.commit("maintainers")
        tag = "\n\nReviewed-by: Rita Reviewer <rita@example.org>"
        repo.commit("lib: a" + tag, **{"lib__one.c": "int a;\n"})
        repo.commit("lib: b" + tag, **{"lib__one.c": "int b;\n"})
        repo.git("checkout", "-q", "-b", "topic")
        repo.commit("lib: c", **{"lib__one.c": "int c;\n", "MAINTAINERS": "nobody\n"})
        done = repo.kpf("check", "main..HEAD", "--recipients")
        lines = done.stdout.splitlines()
        assert "Max Maintainer <max@example.net>  # MAINTAINERS" in lines, done.stderr
        assert "lib@lists.example.org  # MAINTAINERS" in lines
        assert "Rita Reviewer <rita@example.org>  # 2 reviews of these files" in lines

    def test_a_tree_without_the_script(self, branch) -> None:
        done = branch.kpf("check", "base..HEAD", "--recipients")
        assert done.returncode == 3
        assert "has no scripts/get_maintainer.pl" in done.stderr


class TestPrepBranch:
    COVER = """\
lib: test bits

Why it is good.

# a comment of b4's template
---
Changes in v3:
- more bits

--- b4-submit-tracking ---
# This section is used internally by b4 prep for tracking purposes.
{
  "series": {
    "revision": 3,
    "change-id": "20260302-bits-0123456789ab",
    "base-branch": "main"
  }
}
"""

    def test_only_what_b4_would_send(self, repo) -> None:
        repo.git("checkout", "-q", "-b", "b4/bits")
        repo.commit("lib: not mine\n", **{"lib__two.c": "int two(int x);\n"})
        repo.commit(self.COVER)
        repo.commit(
            "lib: one: test\n\nSigned-off-by: Ann Author <ann@example.org>",
            **{"lib__one.c": "int one(int x)\n{\n\treturn x & 0x10 == 0x10;\n}\n"},
        )
        done = repo.kpf("check", "--format", "json")
        report = json.loads(done.stdout)
        (patch,) = report["series"]["patches"]
        assert patch["subject"].endswith("lib: one: test")
        assert report["series"]["version"] == 3
        assert rules(done) == [("mask-precedence", 1)]

    def test_a_version_without_its_changelog(self, repo) -> None:
        repo.git("checkout", "-q", "-b", "b4/bits")
        repo.commit(self.COVER.replace("Changes in v3:\n- more bits\n", ""))
        repo.commit(
            "lib: one: rename\n\nSigned-off-by: Ann Author <ann@example.org>",
            **{"lib__one.c": "int first(int x)\n{\n\treturn x;\n}\n"},
        )
        found = json.loads(repo.kpf("check", "--format", "json").stdout)["findings"]
        assert [one["rule"] for one in found] == ["submission-changelog"]
        assert "v3 has no changelog" in found[0]["message"]

    def test_cover_letter_on_top(self, repo) -> None:
        repo.git("checkout", "-q", "-b", "b4/bits")
        repo.commit(
            "lib: one: test\n\nSigned-off-by: Ann Author <ann@example.org>",
            **{"lib__one.c": "int one(int x)\n{\n\treturn x & 0x10 == 0x10;\n}\n"},
        )
        repo.commit(self.COVER)
        assert rules(repo.kpf("check", "--format", "json")) == [("mask-precedence", 1)]

    def test_cover_letter_in_the_branch_description(self, repo) -> None:
        repo.git("checkout", "-q", "-b", "b4/bits")
        cover, tracking = self.COVER.split("--- b4-submit-tracking ---\n")
        tracking = tracking[tracking.index("{") :]
        repo.git("config", "branch.b4/bits.description", cover)
        repo.git(
            "config", "branch.b4/bits.b4-tracking", json.dumps(json.loads(tracking))
        )
        repo.commit(
            "lib: one: test\n\nSigned-off-by: Ann Author <ann@example.org>",
            **{"lib__one.c": "int one(int x)\n{\n\treturn x & 0x10 == 0x10;\n}\n"},
        )
        report = json.loads(repo.kpf("check", "--format", "json").stdout)
        assert report["series"]["version"] == 3

    def test_as_b4_itself_makes_it(self, repo) -> None:
        repo.git("branch", "-q", "--set-upstream-to=main", "main", check=False)
        done = subprocess_b4(repo, "prep", "-n", "bits", "-f", "main")
        assert done.returncode == 0, done.stderr
        repo.commit(
            "lib: one: test\n\nSigned-off-by: Ann Author <ann@example.org>",
            **{"lib__one.c": "int one(int x)\n{\n\treturn x & 0x10 == 0x10;\n}\n"},
        )
        report = json.loads(repo.kpf("check", "--format", "json").stdout)
        (patch,) = report["series"]["patches"]
        assert patch["subject"].endswith("lib: one: test")
        assert report["series"]["subject"].startswith("[PATCH 0/1]")


def subprocess_b4(repo, *words):
    import subprocess
    import sys
    from pathlib import Path

    program = Path(sys.executable).with_name("b4")
    command = [str(program)] if program.exists() else ["b4"]
    return subprocess.run(
        [*command, *words], cwd=repo.path, env=repo.env, capture_output=True, text=True
    )


class TestFix:
    def test_fixup_commits_that_autosquash_puts_in_place(self, branch) -> None:
        before = branch.git("rev-parse", "HEAD").strip()
        done = branch.kpf("check", "base..HEAD", "--fix")
        subjects = branch.git("log", "--format=%s", "base..HEAD").splitlines()
        assert subjects[:3] == [
            "fixup! lib: one: test it again",
            "fixup! lib: two: test the bit",
            "fixup! lib: one: test the bit",
        ], done.stderr
        assert branch.git("rev-parse", "HEAD~3").strip() == before, "history rewritten"
        assert branch.git("status", "--porcelain") == ""
        branch.env["GIT_SEQUENCE_EDITOR"] = "true"
        branch.git("rebase", "-q", "-i", "--autosquash", "base")
        again = branch.kpf("check", "base..HEAD", "--format", "json")
        assert rules(again) == TEXT, "the same series, without the faults in the code"
        subjects = branch.git("log", "--format=%s", "base..HEAD").splitlines()
        assert len(subjects) == 5

    def test_the_result_is_the_file_with_the_fixes(self, branch) -> None:
        branch.kpf("check", "base..HEAD", "--fix")
        text = branch.read("lib/one.c")
        assert "if ((x & 0x10) == 0x10)" in text
        assert "if ((x & 0x40) == 0x40)" in text
        assert branch.git("show", "HEAD:lib/one.c") == text

    def test_a_file_with_uncommitted_changes_is_left_alone(self, branch) -> None:
        dirty = branch.read("lib/one.c").replace("return x;", "return x; /* mine */")
        branch.write("lib/one.c", dirty)
        branch.write("notes.txt", "mine as well\n")
        done = branch.kpf("check", "base..HEAD", "--fix")
        assert branch.read("lib/one.c") == dirty
        assert branch.read("notes.txt") == "mine as well\n"
        assert (
            branch.git("log", "-1", "--format=%s") == "fixup! lib: two: test the bit\n"
        )
        assert "lib/one.c has changes that are not committed" in done.stderr
        patch = branch.read("kpf-review-fixes.patch")
        assert "lib/one.c" in patch
        assert "lib/two.c" not in patch
        branch.git("checkout", "-q", "lib/one.c")
        branch.git("apply", "kpf-review-fixes.patch")
        assert "(x & 0x10) == 0x10" in branch.read("lib/one.c")
        assert "(x & 0x40) == 0x40" in branch.read("lib/one.c")

    def test_what_is_staged_stays_staged(self, branch) -> None:
        """Another file staged, the fixed file staged, and both at once."""
        branch.write("Kbuild", "# staged\n")
        branch.git("add", "Kbuild")
        branch.write("Kbuild", "# and changed since\n")
        staged = branch.read("lib/two.c") + "/* staged */\n"
        branch.write("lib/two.c", staged)
        branch.git("add", "lib/two.c")
        branch.git("rm", "-q", "--cached", "include/linux/bits.h")
        before = branch.git("status", "--porcelain")
        branch.kpf("check", "base..HEAD", "--fix")
        after = branch.git("status", "--porcelain").splitlines()
        assert [
            line for line in after if "fixes.patch" not in line
        ] == before.splitlines()
        assert branch.git("show", ":lib/two.c") == staged
        assert branch.git("show", ":Kbuild") == "# staged\n"
        assert branch.read("Kbuild") == "# and changed since\n"
        assert "(x & 0x10) == 0x10" in branch.git("show", "HEAD:lib/one.c")
        assert "x & 0x20 == 0x20" in branch.git("show", "HEAD:lib/two.c")
        changed = branch.git("diff", "--name-only", "HEAD~2", "HEAD").split()
        assert changed == ["lib/one.c"], "nothing staged was swept into the commits"

    def test_an_earlier_patch_file_is_not_overwritten(self, branch) -> None:
        branch.write("kpf-review-fixes.patch", "mine\n")
        branch.write("lib/one.c", branch.read("lib/one.c") + "/* mine */\n")
        branch.kpf("check", "base..HEAD", "--fix")
        assert branch.read("kpf-review-fixes.patch") == "mine\n"
        assert "lib/one.c" in branch.read("kpf-review-fixes.patch.1")

    def test_only_a_patch(self, branch, tmp_path) -> None:
        head = branch.git("rev-parse", "HEAD")
        target = tmp_path / "fixes.patch"
        branch.kpf("check", "base..HEAD", "--fix-to", target)
        assert branch.git("rev-parse", "HEAD") == head
        assert branch.git("status", "--porcelain") == ""
        branch.git("apply", "--check", str(target))
        assert len(re.findall(r"^\+\+\+ ", target.read_text(), re.M)) == 2
        done = branch.kpf("check", "base..HEAD", "--fix-to", target)
        assert done.returncode == 2
        assert "exists already" in done.stderr

    @pytest.mark.parametrize("lock", ["index.lock", "HEAD.lock"])
    def test_a_locked_repository_stays_as_it_is(self, branch, lock) -> None:
        before = branch.git("rev-parse", "HEAD"), branch.read("lib/one.c")
        (branch.path / ".git" / lock).touch()
        done = branch.kpf("check", "base..HEAD", "--fix")
        assert done.returncode == 2
        (branch.path / ".git" / lock).unlink()
        assert (branch.git("rev-parse", "HEAD"), branch.read("lib/one.c")) == before
        assert branch.git("status", "--porcelain") == ""

    def test_not_in_the_middle_of_a_rebase(self, branch) -> None:
        branch.env["GIT_SEQUENCE_EDITOR"] = "sed -i 1s/pick/edit/"
        branch.git("rebase", "-q", "-i", "HEAD~1", check=False)
        head = branch.git("rev-parse", "HEAD")
        done = branch.kpf("check", "base..HEAD", "--fix")
        assert "a rebase or merge is under way" in done.stderr
        assert branch.git("rev-parse", "HEAD") == head
        assert "lib/one.c" in branch.read("kpf-review-fixes.patch")

    def test_a_fault_that_a_later_commit_rewrites(self, branch) -> None:
        """Gone at the tip: a fixup there would have nothing to stand on."""
        text = branch.read("lib/two.c").replace("x & 0x20 == 0x20", "x > 0x20")
        branch.commit(
            "lib: two: greater\n\nSigned-off-by: Ann Author <ann@example.org>",
            **{"lib__two.c": text},
        )
        branch.kpf("check", "base..HEAD", "--fix")
        assert branch.read("lib/two.c") == text
        assert "lib: two" not in branch.git("log", "-2", "--format=%s")

    def test_two_commits_of_one_name(self, repo) -> None:
        repo.git("checkout", "-q", "-b", "topic")
        signed = "\n\nSigned-off-by: Ann Author <ann@example.org>"
        first = repo.commit(
            "lib: test" + signed,
            **{"lib__one.c": "int one(int x)\n{\n\treturn x & 0x10 == 0x10;\n}\n"},
        )
        repo.commit("lib: test" + signed, **{"lib__two.c": "int two(int);\n"})
        repo.kpf("check", "base..HEAD", "--fix")
        assert repo.git("log", "-1", "--format=%s").strip() == f"fixup! {first}"

    def test_mail_cannot_be_fixed(self, branch, tmp_path) -> None:
        branch.git("format-patch", "-q", "-o", str(tmp_path / "out"), "-1", "HEAD~1")
        (mail,) = (tmp_path / "out").glob("0001-*")
        done = branch.kpf("check", mail, "--fix")
        assert done.returncode == 2
        assert "--fix needs commits" in done.stderr
