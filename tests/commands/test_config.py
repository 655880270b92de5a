# SPDX-License-Identifier: GPL-2.0-or-later
"""Settings of git config: all shown with their origin; profiles for paths."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reviewer.config import KNOWN

TOP = Path(__file__).parent.parent.parent
DEMO = TOP / "reviewer/demo"


@pytest.fixture
def repo(tmp_path):
    """The demo tree with the demo's first patch in it, in a repository."""
    tree = tmp_path / "linux"
    shutil.copytree(DEMO / "tree", tree)
    git(tree, "init", "-q")
    git(tree, "apply", "--include=fs/*", str(DEMO / "series.mbox"))
    git(tree, "add", "-Af")
    git(tree, "-c", "user.name=x", "-c", "user.email=x@y", "commit", "-qm", "x")
    return tree


def environment(repo):
    home = repo.parent / "home"
    home.mkdir(exist_ok=True)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "XDG_"))}
    return kept | {
        "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1", "PYTHONPATH": str(TOP),
    }  # fmt: skip


def git(repo, *words):
    subprocess.check_call(["git", *words], cwd=repo, env=environment(repo))


def kpf(repo, *words, cwd=None):
    return subprocess.run(
        [sys.executable, "-m", "reviewer.cli", *words],
        cwd=cwd or repo,
        env=environment(repo),
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_every_setting_and_where_it_came_from(repo):
    git(repo, "config", "--global", "kpf.color", "never")
    git(repo, "config", "kpf.mailboxBytes", "5m")
    git(repo, "config", "kpf.mm/.ignore", "mask-precedence, shift-width")
    done = kpf(repo, "config")
    rows = {line.split()[0]: line for line in done.stdout.splitlines()}
    assert {f"kpf.{name}" for name in KNOWN} < set(rows)
    assert f"{repo.parent}/home/.gitconfig" in rows["kpf.color"]
    assert ".git/config" in rows["kpf.mailboxbytes"]
    assert " 5m " in rows["kpf.mailboxbytes"]
    assert " default " in rows["kpf.preview"]
    profile = rows["kpf.mm/.ignore"]
    assert "mask-precedence, shift-width" in profile
    assert ".git/config" in profile
    assert done.stderr == ""


def test_what_is_misspelt_is_said(repo):
    git(repo, "config", "kpf.colour", "never")
    git(repo, "config", "kpf.mm/.ignore", "mask-precedense")
    git(repo, "config", "kpf.mm/.color", "x")
    notes = kpf(repo, "config").stderr
    assert "unknown setting kpf.colour in" in notes
    assert "unknown setting kpf.mm/.color in" in notes
    assert "no rule 'mask-precedense': kpf.mm/.ignore in" in notes


def found(done):
    return {
        (f["rule"], f["file"])
        for f in json.loads(done.stdout)["findings"]
        if f["rule"] in ("mask-vs-equality", "bit-number-as-mask")
    }


PAGE_C = "fs/proc/page.c"
BOTH = {("mask-vs-equality", PAGE_C), ("bit-number-as-mask", PAGE_C)}


@pytest.mark.parametrize(
    ("profile", "left"),
    [
        ("fs/proc", {"bit-number-as-mask"}),
        ("fs/", {"bit-number-as-mask"}),
        (PAGE_C, {"bit-number-as-mask"}),
        ("fs/pro", {"bit-number-as-mask", "mask-vs-equality"}),
        ("mm/", {"bit-number-as-mask", "mask-vs-equality"}),
    ],
)
def test_a_profile_holds_below_its_path(repo, profile, left):
    arguments = ("scan", "fs", "--format", "json")
    assert found(kpf(repo, *arguments)) == BOTH
    git(repo, "config", f"kpf.{profile}.ignore", "mask-vs-equality")
    assert {rule for rule, _ in found(kpf(repo, *arguments))} == left


def test_profiles_add_up_and_hold_for_patches_too(repo):
    git(repo, "config", "kpf.fs.ignore", "mask-vs-equality")
    git(repo, "config", "kpf.fs/proc.ignore", "bit-number-as-mask")
    assert found(kpf(repo, "scan", "fs", "--format", "json")) == set()
    tree = ("--tree", str(DEMO / "tree"))
    review = kpf(repo, str(DEMO / "series.mbox"), *tree, "--format", "json")
    assert found(review) == set()


def test_a_wrong_value_is_a_usage_error(repo):
    git(repo, "config", "kpf.preview", "perhaps")
    done = kpf(repo, "scan", "fs")
    assert done.returncode == 2
    assert "kpf.preview is 'perhaps'" in done.stderr


@pytest.fixture
def other(repo):
    """The demo tree as it was before the demo's first patch."""
    tree = repo.parent / "linux-older"
    shutil.copytree(DEMO / "tree", tree)
    return tree


def reviewed(repo, *options, **where) -> dict:
    """The tree and the first patch of a review of the demo's series."""
    series = DEMO / "series.mbox"
    done = kpf(repo, str(series), "--format", "json", *options, **where)
    assert done.returncode in (0, 1, 3), done.stderr
    return json.loads(done.stdout)


def test_the_base_is_looked_for_in_every_tree_configured(repo, other):
    alone = reviewed(repo)
    assert alone["tree"]["name"] is None
    assert not alone["series"]["patches"][0]["applied"]
    git(repo, "config", "--global", "--add", "kpf.tree", str(repo.parent / "gone"))
    git(repo, "config", "--global", "--add", "kpf.tree", str(other))
    found = reviewed(repo)  # in a tree, the one that is gone does no harm
    assert found["tree"]["name"] == "linux-older"
    gone = [one for one in found["not_checked"] if one["what"].endswith("/gone")]
    assert [one["why"].endswith("no such folder (kpf.tree)") for one in gone] == [True]
    assert all(patch["applied"] for patch in found["series"]["patches"])
    shown = kpf(repo, "config").stdout.splitlines()
    trees = [line.split()[1] for line in shown if line.startswith("kpf.tree ")]
    assert trees == [str(repo.parent / "gone"), str(other)]


def test_one_tree_configured_is_enough(repo, other, tmp_path):
    """Outside of a tree, one of two is gone: told, and the other one is taken."""
    git(repo, "config", "--global", "--add", "kpf.tree", str(repo.parent / "gone"))
    done = kpf(repo, str(DEMO / "series.mbox"), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (3, "")
    assert "gone: no such folder" in done.stderr
    git(repo, "config", "--global", "--add", "kpf.tree", str(other))
    found = reviewed(repo, cwd=tmp_path)
    assert all(patch["applied"] for patch in found["series"]["patches"])
    assert str(repo.parent / "gone") in str(found["not_checked"])


def test_an_empty_tree_takes_back_those_before_it(repo, other):
    git(repo, "config", "--global", "kpf.tree", str(other))
    git(repo, "config", "kpf.tree", "")
    assert reviewed(repo)["tree"]["name"] is None


def test_trees_named_are_the_only_ones(repo, other):
    git(repo, "config", "kpf.tree", str(other))
    found = reviewed(repo, "--tree", str(repo), "--tree", str(repo))
    assert found["tree"]["name"] is None
    found = reviewed(repo, "--tree", str(repo), "--tree", str(other))
    assert found["tree"]["name"] == "linux-older"
    done = kpf(repo, str(DEMO / "series.mbox"), "--tree", str(repo / "mm"))
    assert done.returncode == 3
    assert "not a kernel tree" in done.stderr


def test_a_command_that_looks_at_one_tree_says_so(repo, other):
    done = kpf(repo, "facts", "--tree", str(repo), "--tree", str(other))
    assert (done.returncode, done.stdout) == (2, "")
    assert "--tree may be given only once here" in done.stderr


def levels(done) -> dict:
    return {
        one["rule"]: (one["severity"], one["body"])
        for one in json.loads(done.stdout)["findings"]
    }


def test_a_profile_of_the_user_chooses_weighs_and_speaks(repo):
    arguments = (str(DEMO / "series.mbox"), "--tree", str(DEMO / "tree"))
    arguments += ("--format", "json")
    git(repo, "config", "--global", "kpf.fs.severity", "mask-vs-equality=low")
    git(repo, "config", "--global", "kpf.fs/proc/.severity", "mask-vs-equality=info")
    words = "mask-vs-equality: Here a field is compared whole\x1b[31m, says the guide."
    git(repo, "config", "--global", "kpf.fs.say", words)
    before = levels(kpf(repo, *arguments, cwd=repo.parent))
    severity, body = before["mask-vs-equality"]
    assert severity == "info", "the longer path wins"
    assert body.endswith("Here a field is compared whole^[[31m, says the guide.")
    assert before["bit-number-as-mask"][0] == "high"
    git(repo, "config", "--global", "kpf.fs.select", "bit-number-as-mask")
    after = levels(kpf(repo, *arguments, cwd=repo.parent))
    assert "bit-number-as-mask" in after
    assert "mask-vs-equality" not in after


@pytest.mark.parametrize(
    "setting",
    [
        ("select", "shift-width"),
        ("severity", "mask-vs-equality=info"),
        ("say", "mask-vs-equality: Buy my book."),
    ],
)
def test_a_repository_puts_no_words_into_a_draft(repo, setting):
    name, value = setting
    before = levels(kpf(repo, "scan", "fs", "--format", "json"))
    git(repo, "config", f"kpf.fs.{name}", value)
    assert levels(kpf(repo, "scan", "fs", "--format", "json")) == before
    notes = kpf(repo, "config").stderr
    assert f"not taken: kpf.fs.{name} in" in notes
    assert "your own configuration" in notes


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("severity", "mask-vs-equality=loud", "a level is one of high"),
        ("severity", "mask-vs-equality", "a level is one of high"),
        ("say", "no rule in it", "'rule: a sentence' is meant"),
    ],
)
def test_a_wrong_profile_is_told(repo, name, value, why):
    git(repo, "config", "--global", f"kpf.fs.{name}", value)
    done = kpf(repo, "scan", "fs")
    assert done.returncode == 2
    assert why in done.stderr
    assert why in kpf(repo, "config").stderr


def test_an_example_comes_from_the_tree(repo, tmp_path):
    (repo / "drivers/iio/adc").mkdir(parents=True)
    probe = "static int x_probe(void)\n{\n\treturn dev_err_probe(dev, ret, m);\n}\n"
    for number in range(25):
        (repo / f"drivers/iio/adc/x{number}.c").write_text(probe + "/* devm_ */\n")
    (repo / "MAINTAINERS").write_text(
        "IIO\nM:\tA <a@example.org>\nP:\tDocumentation/process/iio.rst\n"
        "F:\tdrivers/iio/\n"
    )
    git(repo, "add", "-Af")  # a worktree is what git knows of it
    done = kpf(repo, "config", "--example", "iio", "--tree", str(repo))
    assert done.returncode == 0, done.stderr
    example = tmp_path / "example"
    example.write_text(done.stdout)
    listed = subprocess.check_output(
        ["git", "config", "-f", str(example), "--list"], text=True
    )
    assert "kpf.drivers/iio/.severity=dev-err-probe=medium" in listed
    assert "kpf.drivers/iio/.severity=devm-mixed-release=medium" in listed
    assert "say=submission-changelog: Documentation/process/iio.rst" in listed
    assert "25 of 25 messages about errors" in done.stdout
    assert "too few to tell" in done.stdout  # exported functions
    git(repo, "config", "--global", "include.path", str(example))
    assert kpf(repo, "config").stderr == ""
    nowhere = kpf(repo, "config", "--example", "nosuch", "--tree", str(repo))
    assert nowhere.returncode == 2
