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


def kpf(repo, *words):
    return subprocess.run(
        [sys.executable, "-m", "reviewer.cli", *words],
        cwd=repo,
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
    git(repo, "config", "kpf.mm/.select", "x")
    notes = kpf(repo, "config").stderr
    assert "unknown setting kpf.colour in" in notes
    assert "unknown setting kpf.mm/.select in" in notes
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
