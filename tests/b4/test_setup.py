# SPDX-License-Identifier: GPL-2.0-or-later
"""``kpf-review setup b4``: what it shows, what it keeps, and that b4 accepts it."""

from __future__ import annotations

import json
import shlex
import sys

import pytest

from reviewer.b4 import gitconfig, starters

PERPATCH = "b4.review-perpatch-check-cmd"
PREP = "b4.prep-perpatch-check-cmd"
AM = "b4.am-perpatch-check-cmd"
AGENT = "b4.review-agent-command"
PROMPT = "b4.review-agent-prompt-path"


@pytest.fixture
def lab(new_lab):
    return new_lab(wired=False)


def values(lab, key):
    text = lab.git("config", "--null", "--get-all", key, status=None)
    return text.split("\0")[:-1]


def test_showing_changes_nothing(lab):
    before = lab.git("config", "--list")
    shown = lab.kpf("setup", "b4")
    assert lab.git("config", "--list") == before
    assert not starters.folder(lab.env).exists()
    for line in shown.rpartition("used-by\n")[2].splitlines():
        if not line.startswith("#"):
            assert shlex.split(line)[:4] == ["git", "config", "--global", "--add"]
    program = starters.program()[0]
    assert program.startswith("/")
    assert f"--rules-version {gitconfig.rules_version()}" in shown


@pytest.mark.parametrize("scope", [(), ("--local",)])
def test_writing_what_was_shown(lab, scope):
    """The lines do in a shell what --write does."""
    shown = lab.kpf("setup", "b4", *scope)
    before = lab.git("config", "--list", "--show-origin")
    lab.run("sh", "-e", stdin=shown.encode())
    by_hand = lab.git("config", "--list", "--show-origin"), programs(lab)
    assert lab.kpf("setup", "b4", *scope) == ""
    assert "everything is set" in lab.stderr
    undone = lab.kpf("setup", "b4", "--remove")
    lab.run("sh", "-e", stdin=undone.encode())
    assert (lab.git("config", "--list", "--show-origin"), programs(lab)) == (before, {})
    lab.kpf("setup", "b4", *scope, "--write")
    assert (lab.git("config", "--list", "--show-origin"), programs(lab)) == by_hand


def programs(lab):
    """The files that b4 is to call, with their rights and texts."""
    made = starters.folder(lab.env)
    if not made.exists():
        return {}
    return {
        one.name: (oct(one.stat().st_mode & 0o777), one.read_text())
        for one in sorted(made.iterdir())
    }


@pytest.mark.parametrize("key", ["review-perpatch", "review-series", "am-perpatch"])
def test_a_program_that_is_gone_is_told_in_one_line(lab, key, tmp_path):
    """b4 ends in a traceback where a command of its configuration is gone."""
    lab.kpf("setup", "b4", "--write")
    value = values(lab, f"b4.{key}-check-cmd")[-1]
    place = starters.folder(lab.env) / "kpf-review"
    text = place.read_text()
    for program in (starters.program()[0], sys.executable):
        text = text.replace(f"test -x {program}", f"test -x {tmp_path}/gone")
    place.write_text(text)
    said = lab.run(*shlex.split(value), status=127)
    if key == "am-perpatch":
        assert said == ""
        (line,) = lab.stderr.splitlines()
    else:
        assert lab.stderr == ""
        result = json.loads(said)
        assert (result["tool"], result["status"]) == ("kpf-review", "fail")
        line = result["summary"]
    assert "is gone: install kpf-review again" in line
    assert "setup b4 --write" in line


def test_b4_goes_on_where_the_program_is_gone(lab, posted, tmp_path):
    """setup made the wire, the program is taken away, b4 itself looks."""
    lab.kpf("setup", "b4", "--write")
    place = starters.folder(lab.env) / "kpf-review"
    place.write_text(place.read_text().replace("test -x /", "test -x /gone/"))
    asked = "20240304100500.1-1-nadia@example.org"
    said = lab.b4("am", "--check", "-o", tmp_path, asked)
    assert "Traceback" not in said
    assert "is gone: install kpf-review again" in said
    assert "checkpatch.pl: passed all checks" in said
    assert "sh: " not in said


def test_checkpatch_stays(lab):
    """b4 runs its own checkpatch only while the key has no value."""
    lab.kpf("setup", "b4", "--write", "--local")
    assert values(lab, PERPATCH)[0] == "_builtin_checkpatch"
    for key in (AM, PREP):
        first, second = values(lab, key)
        assert first.startswith("scripts/checkpatch.pl ")
        assert gitconfig.is_ours(second)


def test_checkpatch_for_the_user_spares_other_repositories(lab, tmp_path):
    """b4 shows a check by the name of its file, and failures from stderr."""
    lab.kpf("setup", "b4", "--write")
    for key in (AM, PREP):
        words = shlex.split(values(lab, key)[0])
        assert words[0].endswith("/checkpatch.pl")
        assert "nothing was checked" in lab.run(*words, cwd=tmp_path)
        assert lab.stderr == ""
        assert lab.run(*words) == ""  # the tree's own finds nothing


def test_checkpatch_gets_its_name_back(lab):
    """Older lines had b4 say: "sh: passed all checks"."""
    old = f"sh -c 'test ! -x scripts/checkpatch.pl || exec {gitconfig.CHECKPATCH}'"
    lab.git("config", "--global", "--add", AM, old)
    lab.kpf("setup", "b4", "--write")
    first, _ = values(lab, AM)
    assert first == gitconfig.checkpatch_command(gitconfig.CHECKPATCH).replace(
        str(starters.folder()), str(starters.folder(lab.env))
    )


def test_programs_stay_while_another_repository_uses_them(lab, tmp_path):
    lab.git("init", "-q", str(tmp_path / "other"))
    lab.kpf("setup", "b4", "--write", "--local", cwd=tmp_path / "other")
    lab.kpf("setup", "b4", "--write", "--local")
    lab.kpf("setup", "b4", "--write", "--remove")
    assert values(lab, AM) == []
    assert set(programs(lab)) == {"checkpatch.pl", "kpf-review", "used-by"}
    lab.kpf("setup", "b4", "--write", "--remove")
    assert f"but in {tmp_path}/other/.git/config" in lab.stderr
    lab.kpf("setup", "b4", "--write", "--remove", cwd=tmp_path / "other")
    assert programs(lab) == {}


def test_what_somebody_configured_stays(lab):
    lab.git("config", "--add", PERPATCH, "my-check --json")
    lab.git("config", AGENT, "other-agent --now")
    lab.kpf("setup", "b4", "--write", "--local")
    assert "takes one: left as it is" in lab.stderr
    mine, ours = values(lab, PERPATCH)
    assert mine == "my-check --json"
    assert gitconfig.is_ours(ours)
    assert values(lab, AGENT) == ["other-agent --now"]
    assert values(lab, PROMPT) == []


def test_what_the_tree_asks_for_is_told_and_left_there(lab):
    """A tree is a stranger's: its commands do not get into anybody's settings."""
    (lab.repo / ".b4-config").write_text(
        '[b4]\n\tprep-perpatch-check-cmd = "./scripts/checkpatch.pl -q --strict"\n'
    )
    lab.kpf("setup", "b4", "--write", "--local")
    assert "asks for b4.prep-perpatch-check-cmd = './scripts/ch" in lab.stderr
    assert "not taken over" in lab.stderr
    first, ours = values(lab, PREP)
    assert (
        first == "scripts/checkpatch.pl -q --terse --no-summary --mailback --showfile"
    )
    assert gitconfig.is_ours(ours)


def test_another_version_replaces_its_line_only(lab):
    """b4 keeps results by the command line: other rules need another line."""
    old = shlex.join([*starters.program(), "b4-check", "--rules-version", "0.0.1+x"])
    for value in ("my-check", old, "another-check"):
        lab.git("config", "--add", PERPATCH, value)
    lab.kpf("setup", "b4", "--write")
    first, ours, last = values(lab, PERPATCH)
    assert (first, last) == ("my-check", "another-check")
    assert ours.endswith(gitconfig.rules_version())


def test_the_proof(lab):
    """b4's own check runner takes what the commands print, seeded and clean."""
    assert "not set" in lab.kpf("setup", "b4", "--check", status=1)
    text = lab.kpf("setup", "b4", "--write", "--local", "--check")
    rows = dict(line.split(None, 1) for line in text.splitlines())
    assert set(rows) == {
        PERPATCH, "b4.review-series-check-cmd", AM, PREP, AGENT, PROMPT,
    }  # fmt: skip
    assert all(row.startswith("ok: ") for row in rows.values()), text


def test_a_proof_that_fails(lab):
    """A broken command is not proved by the others."""
    lab.kpf("setup", "b4", "--write", "--local")
    lab.git("config", "kpf.ignore", "mask-precedence")
    text = lab.kpf("setup", "b4", "--check", status=1)
    assert f"{AM:<30} NO: the seeded sample got: nothing" in text


@pytest.mark.parametrize("scope", [(), ("--local",)])
def test_removing_is_as_if_it_had_never_been(lab, scope):
    before = lab.git("config", "--list", "--show-origin")
    lab.kpf("setup", "b4", "--write", *scope)
    wired = lab.git("config", "--list", "--show-origin")
    shown = lab.kpf("setup", "b4", "--remove")
    assert lab.git("config", "--list", "--show-origin") == wired != before
    assert lab.kpf("setup", "b4", "--remove", "--write") == shown
    assert lab.git("config", "--list", "--show-origin") == before
    assert lab.kpf("setup", "b4", "--remove") == ""
    assert "nothing of ours is set" in lab.stderr


def test_removing_leaves_what_somebody_configured(lab):
    lab.git("config", "--add", AM, "my-check --json")
    lab.git("config", AGENT, "other-agent --now")
    before = lab.git("config", "--list")
    lab.kpf("setup", "b4", "--write", "--local")
    lab.kpf("setup", "b4", "--remove", "--write")
    assert lab.git("config", "--list") == before


def test_removing_takes_old_lines_of_a_program_that_is_gone(lab):
    for key in (AM, PREP):
        lab.git(
            "config", "--add", key, "/gone/bin/kpf-review b4-check --format checkpatch"
        )
    shown = lab.kpf("setup", "b4", "--remove", "--write")
    assert shown.count("/gone/bin/kpf-review") == 2
    assert values(lab, AM) == values(lab, PREP) == []


@pytest.mark.parametrize(
    ("value", "ours"),
    [
        ("/usr/bin/kpf-review b4-check --rules-version 1", True),
        (f"{sys.executable} -m reviewer.cli agent", True),
        ("'/opt/my tools/kpf-review' b4-check", True),
        ("kpf-review --format checkpatch -", False),
        ("my-kpf-review b4-check", False),
        ("scripts/checkpatch.pl", False),
        ("unbalanced 'quote", False),
        ("", False),
    ],
)
def test_telling_our_lines(value, ours):
    assert gitconfig.is_ours(value) is ours


def test_outside_of_a_repository(lab, tmp_path):
    lab.kpf("setup", "b4", "--local", cwd=tmp_path, status=2)
    assert "--local needs a repository" in lab.stderr
    assert "git config --global" in lab.kpf("setup", "b4", cwd=tmp_path)
