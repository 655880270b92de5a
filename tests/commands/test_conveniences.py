# SPDX-License-Identifier: GPL-2.0-or-later
"""Small things: what was meant is told, and what is harmless is accepted."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from reviewer.commands.review import is_range

TOP = Path(__file__).parents[2]
TREE = TOP / "reviewer/demo/tree"
MAILBOX = TOP / "reviewer/demo/series.mbox"


def kpf(*words, cwd=TOP, columns="80"):
    return subprocess.run(
        [sys.executable, "-m", "reviewer.cli", *map(str, words)],
        cwd=cwd,
        env=os.environ | {"COLUMNS": columns, "PYTHONPATH": str(TOP)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ((MAILBOX, "--slect", "x"), "--select"),
        ((MAILBOX, "--formt=json"), "--format"),
        ((MAILBOX, "--format", "jsn"), "json"),
        (("scan", "--offlin"), "--offline"),
        (("rules", "--format", "markdwn"), "markdown"),
    ],
)
def test_a_typo_in_an_option(words, meant):
    done = kpf(*words)
    assert done.returncode == 2
    assert f"did you mean '{meant}'?" in done.stderr


@pytest.mark.parametrize(
    "words",
    [("-q", "rules"), ("--color", "never", "rules"), ("--color=never", "-d", "rules")],
)
def test_what_all_subcommands_take_may_come_first(words):
    done = kpf(*words)
    assert (done.returncode, done.stdout) == (0, kpf("rules").stdout)


def test_the_help_lists_the_options_of_a_review():
    said = kpf("--help").stdout
    for option in ("--tree DIR", "--output DIR", "--offline", "--select RULE"):
        assert option in said


@pytest.mark.parametrize(
    "words", [("scan", "mm"), ("facts", "kpf"), ("explain", "PG_lru")]
)
def test_offline_is_what_they_are_anyway(words):
    done = kpf(*words, "--offline", "--tree", TREE)
    assert done.returncode in (0, 1), done.stderr


@pytest.mark.parametrize(
    ("ref", "range_"),
    [
        ("A..B", True),
        ("HEAD~2..", True),
        ("v6.12..v6.13", True),
        ("@{u}..HEAD", True),
        ("@~2..@", True),
        ("origin/main...topic", True),
        ("20240101.a..b@host.org", False),
        ("<a..b@c>", False),
        ("../x.mbox", False),
        ("https://lore.kernel.org/r/a..b@c", False),
    ],
)
def test_what_is_a_range(ref, range_):
    assert is_range(ref) is range_


def test_a_range_is_checked_and_that_is_said(tmp_path):
    def git(*words):
        who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
        subprocess.run(["git", *who, *words], cwd=tmp_path, check=True)

    git("init", "-q")
    (tmp_path / "x").write_text("")
    git("add", ".")
    git("commit", "-q", "-m", "x")
    done = kpf("HEAD..HEAD", cwd=tmp_path)
    assert done.returncode == 3
    assert "HEAD..HEAD: no commit in this range" in done.stderr
    late = kpf("--offline", "HEAD..HEAD", cwd=tmp_path)
    assert "a range of commits is for 'kpf-review check'" in late.stderr


def test_explain_knows_options_and_what_a_macro_is_given():
    said = kpf("explain", "CONFIG_KSM", "--tree", TREE).stdout
    assert "CONFIG_KSM (Kconfig option)" in said
    assert "mm/Kconfig:" in said
    wrong = kpf("explain", "CONFIG_KSMM", "--tree", TREE)
    assert wrong.returncode == 2
    assert "did you mean 'CONFIG_KSM'?" in wrong.stderr


def test_the_course_fits_a_terminal():
    """Text is wrapped to it, and no picture is wider."""
    chapters = sorted((TOP / "reviewer/learn/chapters").glob("*.toml"))
    pictures = [tomllib.loads(one.read_text())["picture"] for one in chapters]
    assert max(len(line) for one in pictures for line in one.splitlines()) <= 80


def test_explain_fits_a_terminal():
    said = kpf("explain", "mask-vs-equality", columns="60").stdout
    above, _, _ = said.partition("## Wrong")  # code stays as it is
    prose = [line for line in above.split("\n") if line[:1].isalpha()]
    assert max(map(len, prose)) <= 60


def test_behaviour_of_files_outside_of_a_tree(tmp_path):
    text = (TREE / "fs/proc/page.c").read_text()
    for name in ("old", "new"):
        (tmp_path / name / "fs/proc").mkdir(parents=True)
        (tmp_path / name / "fs/proc/page.c").write_text(text)
    files = [tmp_path / name / "fs/proc/page.c" for name in ("old", "new")]
    done = kpf("behaviour", *files)
    assert (done.returncode, "name one with --tree DIR" in done.stderr) == (3, True)
    done = kpf("behaviour", *files, "--tree", TREE)
    assert done.returncode == 0, done.stderr


def test_the_demo_ends_with_the_draft_and_what_to_do_next():
    done = kpf("demo")
    assert done.returncode == 1
    findings, draft, after = re.split(
        r"^-- (?:the draft|what to do).*", done.stdout, flags=re.M
    )
    assert "mask-vs-equality" in findings
    assert "\nIn-Reply-To: <" in draft
    assert "> +\tif (mapping & PAGE_MAPPING_KSM)\n" in draft
    commands = [line for line in after.splitlines() if line.startswith("  kpf-review")]
    assert len(commands) == 3
    assert "what to do" not in kpf("demo", "--format", "quickfix").stdout
