# SPDX-License-Identifier: GPL-2.0-or-later
"""What the submission rules are built of, and what needs a history to be seen."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from reviewer import engine, rulebook
from reviewer.api import SeriesView
from reviewer.facts import Facts
from reviewer.kit import submission
from reviewer.mail import people, series_from_messages
from reviewer.models import Address
from reviewer.output.words import worded
from reviewer.rules.submission_changelog import changelogs
from reviewer.tree import open_tree
from reviewer.tree.apply import apply_series


class TestPeople:
    def same(self, one: str, two: str) -> bool:
        person_of = people.person_of
        return people.are_same(person_of(one), person_of(two))

    @pytest.mark.parametrize(
        ("one", "two"),
        [
            ("Ann Author <ann@example.org>", "Ann A. <ANN@example.org>"),
            ("Ann Author <ann@example.org>", '"Author, Ann" <a@example.com>'),
            ("<ann.author@example.org>", "Ann Author <ann@example.com>"),
        ],
    )
    def test_one_person(self, one: str, two: str) -> None:
        assert self.same(one, two)

    @pytest.mark.parametrize(
        ("one", "two"),
        [
            ("Ann Author <ann@example.org>", "Ann Other <ann@example.com>"),
            ("ann <a@example.org>", "ann <b@example.org>"),
            ("<info@example.org>", "<info@example.com>"),
        ],
    )
    def test_two_people(self, one: str, two: str) -> None:
        assert not self.same(one, two)

    @pytest.mark.parametrize(
        ("one", "two"),
        [
            (
                "Ann Author (Co) <ann@company.example>",
                "Ann Author <a@example.org>",
            ),
            ("Ann <x@home.example>", "Ann Author <ann.uj@example.org>"),
            ("handle <aauthor@home.example>", "Ann Author <ann@example.org>"),
            ("me <qqrst@home.example>", "Ann Author <qqrst@example.org>"),
            ("x <z.muller@example.com>", "Zoe M\u00fcller <q@example.org>"),
            ("x <lists@annauthor.example>", "Ann Author <q@example.org>"),
        ],
    )
    def test_perhaps_one_person(self, one: str, two: str) -> None:
        person_of = people.person_of
        assert people.may_be_same(person_of(one), person_of(two))
        assert people.may_be_same(person_of(two), person_of(one))

    @pytest.mark.parametrize(
        ("one", "two"),
        [
            ("Sam Sender <sam@example.org>", "Ann Author <ann@example.org>"),
            ("Sam Sender <s@example.org>", "Ann Author <annas@example.org>"),
        ],
    )
    def test_not_one_person(self, one: str, two: str) -> None:
        person_of = people.person_of
        assert not people.may_be_same(person_of(one), person_of(two))

    @pytest.mark.parametrize(
        "person",
        [
            Address("kernel test robot", "lkp@example.com"),
            Address("syzbot", "syzbot+0123@syzkaller.example.com"),
            Address("", "patchwork-bot+netdev@example.org"),
            Address("tip-bot2 for Ann Author", "tip-bot2@example.org"),
        ],
    )
    def test_robots(self, person: Address) -> None:
        assert people.is_robot(person)

    @pytest.mark.parametrize(
        "person",
        [
            Address("Bob Abbot", "bob.abbot@example.org"),
            Address("Cia Talbot", "talbot@example.org"),
        ],
    )
    def test_people_whose_names_look_like_one(self, person: Address) -> None:
        assert not people.is_robot(person)


class TestChangelogs:
    @pytest.mark.parametrize(
        ("line", "versions"),
        [
            ("Changes since v2:", (2,)),
            ("changes in v3", (3,)),
            ("Changelog v1..v2:", (1, 2)),
            ("v3 -> v4:", (3, 4)),
            ("V2: new file", (2,)),
            ("- v2: fix a typo", (2,)),
            ("[v2]", (2,)),
            ("Since v4:", (4,)),
            ("Version 3:", (3,)),
            ("# v5", (5,)),
        ],
    )
    def test_headings(self, line: str, versions: tuple[int, ...]) -> None:
        assert changelogs.versions_in(f"Text.\n\n{line}\n") == versions

    @pytest.mark.parametrize(
        "line",
        [
            "The v2 layout is described in the manual.",
            "GICv3: route the interrupt",
            "ipv6: drop it",
            "since commit 0123456789ab",
        ],
    )
    def test_no_headings(self, line: str) -> None:
        assert changelogs.versions_in(f"Text.\n\n{line}\n") == ()

    @pytest.mark.parametrize(
        "line",
        [
            "Changes since v1:",
            "v1->v2: rebase",
            "V2: fix",
            "Changelog for v3",
            "v2 changes",
        ],
    )
    def test_in_a_message(self, line: str) -> None:
        message = f"Text.\n\n{line}\n- more\n"
        assert changelogs.line_in_message(message, 3) == 3
        assert changelogs.line_in_message(message, 1) == 0, "a first version"

    @pytest.mark.parametrize(
        "line",
        [
            "The v2 layout has more bits:",
            "[v2: fixed by the maintainer]",
            "v2: https://lore.kernel.org/r/1@example.org",
            "v6: only v1 to v3 exist",
            "Changes to v4l2 drivers",
            "This changes v2 tables",
        ],
    )
    def test_prose_in_a_message(self, line: str) -> None:
        assert changelogs.line_in_message(f"Text.\n\n{line}\n", 3) == 0


class TestCitations:
    @pytest.mark.parametrize("version", ["6_1", "6_12"])
    def test_every_rule_finds_its_sentence_in_real_trees(
        self, version: str, request: pytest.FixtureRequest
    ) -> None:
        """6.1 does not ask yet to tell those who commented: nothing is cited there."""
        import importlib

        with open_tree(request.getfixturevalue(f"linux_{version}")) as tree:
            facts = Facts(tree.view("HEAD"))
            view = SeriesView(None, (), facts, facts)
            missing: list[str] = []
            for name in (n for n in rulebook.names() if n.startswith("submission-")):
                folder = name.replace("-", "_")
                module = importlib.import_module(f"reviewer.rules.{folder}.rule")
                sentences = [
                    value
                    for key, value in vars(module).items()
                    if key in ("RULE_TEXT", "LAST", "FIXES", "CARRIED", "REWRITTEN")
                ]
                assert sentences, name
                for one in sentences:
                    found = submission.sentence_of_the_tree(view, *one)
                    if not found:
                        missing.append(name)
                        continue
                    data = tree.view("HEAD").read(found[0].file)
                    lines = data.decode().split("\n")
                    assert found[0].text in lines, "the section's heading"
                    first_word = one[0].split()[0]
                    assert first_word in lines[found[0].line - 1] or len(one) > 1
            assert missing == (["submission-recipients"] if version == "6_1" else [])

    def test_no_tree_no_citation(self) -> None:
        assert (
            submission.sentence_of_the_tree(
                SeriesView(None, (), None, None), "anything"
            )
            == ()
        )


def mail(trailer: str) -> bytes:
    return (
        "From: Ann Author <ann@example.org>\nTo: linux-mm@example.org\n"
        "Subject: [PATCH] lib: one more value\nMessage-ID: <1@example.org>\n\n"
        f"One more.\n\n{trailer}\nSigned-off-by: Ann Author <ann@example.org>\n---\n"
        " lib/one.c | 1 +\n 1 file changed, 1 insertion(+)\n\n"
        "diff --git a/lib/one.c b/lib/one.c\n--- a/lib/one.c\n+++ b/lib/one.c\n"
        "@@ -1 +1,2 @@\n int one;\n+int more;\n-- \n2.39.5\n"
    ).encode()


@pytest.fixture(scope="module")
def deep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A kernel repository with 1,100 commits, and a branch that is no ancestor."""
    top = tmp_path_factory.mktemp("deep")
    files = {
        "Makefile": "VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 0\nEXTRAVERSION =\n",
        "Kbuild": "obj-y += lib/\n",
        "include/linux/kernel.h": "\n",
        "lib/one.c": "int one;\n",
    }

    def commit(branch: str, number: int, parent: str = "") -> str:
        who = f"committer A <a@example.org> {1700000000 + number} +0000\n"
        text = f"commit {number}\n"
        head = f"commit refs/heads/{branch}\n{who}data {len(text)}\n{text}{parent}"
        body = files if number == 0 else {"lib/count": f"{branch} {number}\n"}
        for name, content in body.items():
            head += f"M 100644 inline {name}\ndata {len(content)}\n{content}\n"
        return head

    stream = "".join(commit("main", number) for number in range(1100))
    run = subprocess.run
    run(["git", "init", "-q", "-b", "main", top], check=True)
    other = commit("other", 2000, "from refs/heads/main~50\n")
    for part in (stream, other):
        words = ["git", "fast-import", "--quiet"]
        run(words, cwd=top, input=part.encode(), check=True)
    run(["git", "reset", "-q", "--hard", "main"], cwd=top, check=True)
    return top


class TestFixes:
    def review(self, repo: Path, trailer: str):
        series = series_from_messages([mail(trailer)])
        with open_tree(repo) as tree, apply_series(series, tree, base=None) as applied:
            outcome = engine.review(
                series,
                applied,
                rulebook.choose(["submission-trailers"]),
                context={"tree": tree, "base": applied.info.base},
            )
            assert outcome.crashed == ()
            return worded(outcome.report).findings

    def name(self, repo: Path, revision: str) -> str:
        words = ["git", "rev-parse", "--short=12", revision]
        return subprocess.check_output(words, cwd=repo, text=True).strip()

    def test_an_ancestor_that_has_the_file(self, deep: Path) -> None:
        commit = self.name(deep, "main~1099")
        assert self.review(deep, f'Fixes: {commit} ("commit 0")') == ()

    def test_an_ancestor_that_changed_other_files_is_a_question(
        self, deep: Path
    ) -> None:
        commit = self.name(deep, "main~3")
        (finding,) = self.review(deep, f'Fixes: {commit} ("commit 1096")')
        assert finding.fields["kind"] == "elsewhere"
        assert (finding.severity.value, finding.confidence.value) == (
            "info",
            "question",
        )
        assert finding.comment.rstrip().endswith("?")

    @pytest.mark.parametrize(
        ("paths", "touched"),
        [
            (["lib/one.c"], False),
            (["lib/count"], True),
            (["lib/one.c", "lib/count"], True),
            (["moved/to/count"], True),
            (["lib/co*nt", "lib/[c]ount", "lib/\\count"], False),
        ],
    )
    def test_which_files_a_commit_touched(
        self, deep: Path, paths: list[str], touched: bool
    ) -> None:
        from reviewer.rules.submission_trailers.tree_history import History

        with open_tree(deep) as tree:
            history = History(tree, "HEAD")
            assert history.touched(self.name(deep, "main~3"), paths) is touched
            assert history.touched("0123456789ab", paths)  # git cannot say

    def test_a_commit_of_another_branch(self, deep: Path) -> None:
        commit = self.name(deep, "other")
        (finding,) = self.review(deep, f'Fixes: {commit} ("commit 2000")')
        assert finding.fields["kind"] == "no-ancestor"
        assert (finding.line, finding.severity.value) == (3, "low")
        assert commit in finding.message

    def test_an_unknown_commit_is_a_question(self, deep: Path) -> None:
        (finding,) = self.review(deep, 'Fixes: 0123456789ab ("lost")')
        assert (finding.severity.value, finding.confidence.value) == (
            "info",
            "question",
        )
        assert finding.comment.rstrip().endswith("?")

    def test_a_tree_without_history_says_nothing(self, deep: Path, tmp_path) -> None:
        shallow = tmp_path / "shallow"
        url = f"file://{deep}"
        command = ["git", "clone", "-q", "--depth=1", url, shallow]
        subprocess.run(command, check=True)
        assert self.review(shallow, 'Fixes: 0123456789ab ("lost")') == ()


@pytest.mark.parametrize(
    "text",
    ["\n" * 50_000, " " * 50_000, "- " * 25_000, " a | " * 10_000, "thanks\n" * 10_000],
    ids=["newlines", "spaces", "dashes", "diffstat", "thanks"],
)
def test_hostile_text_takes_no_time(text: str) -> None:
    """What took minutes when patterns met lines of any length."""
    import time

    from reviewer.followup.comments import blocks

    begun = time.process_time()
    changelogs.versions_in(text)
    changelogs.line_in_message(text, 3)
    changelogs.mentions_changes(text)
    submission.without_diffstat(text)
    people.person_of(text)
    list(blocks(text))
    assert time.process_time() - begun < 10
