# SPDX-License-Identifier: GPL-2.0-or-later
"""Prerequisites that only the archive has: fetched where somebody asks for it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.server
TOP = Path(__file__).parent.parent.parent
LINES = [f"int line_{number};" for number in range(1, 31)]


class Lab:
    """A kernel of one commit, and an archive with the patches made on top of it."""

    def __init__(self, folder, inbox):
        self.repo = folder / "linux"
        self.env = inbox.env | {"PYTHONPATH": str(TOP)}
        for name, text in {
            "Makefile": "VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 0\nEXTRAVERSION =\n",
            "Kbuild": "obj-y += mm/\n",
            "mm/page.c": "\n".join([*LINES, ""]),
        }.items():
            (self.repo / name).parent.mkdir(parents=True, exist_ok=True)
            (self.repo / name).write_text(text)
        self.git("init", "-q", "-b", "main")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "base")
        self.base = self.git("rev-parse", "HEAD").strip()

    def git(self, *words, stdin=None):
        return subprocess.run(
            ["git", *words], cwd=self.repo, env=self.env, input=stdin, text=True,
            check=True, capture_output=True,
        ).stdout  # fmt: skip

    def diff(self, before: dict[str, str], after: dict[str, str]) -> str:
        """The diff that makes some lines others, both counted from the base's."""
        page = self.repo / "mm/page.c"
        kept = page.read_text()
        old, new = kept, kept
        for line, text in before.items():
            old = old.replace(f"int {line};", text)
        for line, text in (before | after).items():
            new = new.replace(f"int {line};", text)
        page.write_text(old)
        self.git("add", "-A")
        page.write_text(new)
        diff = self.git("diff")
        page.write_text(kept)
        self.git("add", "-A")
        # without the blobs' names: this repository has them by now
        return re.sub(r"(?m)^index .*\n", "", diff)

    def patch_id(self, diff: str) -> str:
        return self.git("patch-id", "--stable", stdin=diff).split()[0]

    def kpf(self, *words, status=None):
        done = subprocess.run(
            [sys.executable, "-m", "reviewer.cli", *words], cwd=self.repo,
            env=self.env, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert status is None or done.returncode == status, done.stderr
        return done

    def reviewed(self, *words) -> dict:
        return json.loads(self.kpf(*words, "--format", "json").stdout)


FIRST = {"line_9": "int first;"}
SECOND = {"line_20": "int second;"}
WRONG = {"line_10": "int f(int a) { return a & 2 == 2; }"}


@pytest.fixture
def lab(tmp_path, inbox, new_inbox, mails):
    """The series: it changes a line beside one that its first prerequisite changes."""
    lab = Lab(tmp_path, inbox)
    first, second = lab.diff({}, FIRST), lab.diff(FIRST, SECOND)
    top = lab.diff(FIRST | SECOND, WRONG)
    lab.needed = [lab.patch_id(first), lab.patch_id(second)]
    lab.unknown = "1" * 40

    def post(name, diff, ending=""):
        body = (
            f"M.\n\nSigned-off-by: Nora Newcomer <nora@example.org>\n---\n{diff}-- \n2"
        )
        subject = f"[PATCH] mm: {name}"
        return mails.mail(f"{name}-{lab.base[:9]}@kpf", subject, f"{body}\n{ending}")

    ending = f"base-commit: {lab.base}\n"
    ending += "".join(f"prerequisite-patch-id: {one}\n" for one in lab.needed)
    # of its own: a server that runs does not see at once what is added to search
    archive = new_inbox([post("first", first), post("second", second)])
    lab.env = archive.env | {"PYTHONPATH": str(TOP)}
    lab.series = tmp_path / "series.eml"
    lab.series.write_bytes(post("top", top, ending))
    lab.lacking = tmp_path / "lacking.eml"
    lab.lacking.write_bytes(
        post("top", top, f"{ending}prerequisite-patch-id: {lab.unknown}\n")
    )
    return lab


def test_they_are_fetched_only_where_somebody_asks(lab):
    alone = lab.reviewed(lab.series)
    assert not alone["series"]["patches"][0]["applied"]
    assert "--prerequisites fetches them" in str(alone["not_checked"])
    whole = lab.reviewed(lab.series, "--prerequisites")
    assert whole["series"]["patches"][0]["applied"]
    assert (whole["tree"]["how"], whole["tree"]["base"]) == ("prerequisites", lab.base)
    assert whole["tree"]["why"].startswith("with 2 patches that the series names")
    assert whole["not_checked"] == []
    (found,) = [f for f in whole["findings"] if f["rule"] == "mask-precedence"]
    assert (found["line"], found["confidence"]) == (10, "proved")


def test_never_offline(lab):
    done = lab.kpf(lab.series, "--prerequisites", "--offline", status=2)
    assert "--offline forbids it" in done.stderr


def test_one_that_the_archive_lacks_is_named(lab):
    found = lab.reviewed(lab.lacking, "--prerequisites")
    assert lab.kpf(lab.lacking, "--prerequisites").returncode == 3
    assert found["series"]["patches"][0]["applied"]
    named = [n["what"] for n in found["not_checked"]]
    assert f"prerequisite {lab.unknown[:12]}" in named


def test_what_a_local_branch_has_is_not_fetched_over(lab):
    lab.git("checkout", "-q", "-b", "topic")
    page = lab.repo / "mm/page.c"
    for change in (FIRST, SECOND):
        for line, text in change.items():
            page.write_text(page.read_text().replace(f"int {line};", text))
        lab.git("commit", "-q", "-am", "needed")
    topic = lab.git("rev-parse", "HEAD").strip()
    found = lab.reviewed(lab.series, "--prerequisites")
    assert (found["tree"]["how"], found["tree"]["base"]) == ("prerequisites", topic)
