# SPDX-License-Identifier: GPL-2.0-or-later
"""Completion in the shells themselves, and the manual page."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from reviewer import rulebook
from reviewer.commands import COMMANDS, completion, manual, surface

TOP = Path(__file__).parent.parent.parent
MANUAL = TOP / "reviewer/man/kpf-review.1"


@pytest.fixture(scope="module")
def scripts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("completion")
    commands = surface.commands()
    for shell in ("bash", "zsh", "fish"):
        made = getattr(completion, shell)(commands)
        (folder / shell).write_text(made)
    (folder / "here.mbox").touch()
    (folder / "drafts").mkdir()
    return folder


def run(*command, cwd):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def in_bash(folder, *words):
    """What bash would offer for the last word."""
    array = " ".join(f"'{word}'" for word in ("kpf-review", *words))
    script = (
        f"source ./bash; COMP_WORDS=({array}); COMP_CWORD={len(words)}; "
        'COMP_LINE="${COMP_WORDS[*]}"; _kpf_review; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    return set(run("bash", "-c", script, cwd=folder).split())


def in_fish(folder, *words):
    line = " ".join(("kpf-review", *words))
    text = run("fish", "-N", "-c", f'source ./fish; complete -C "{line}"', cwd=folder)
    return {row.split("\t")[0] for row in text.splitlines()}


@pytest.mark.parametrize("shell", ["bash", "fish"])
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("se",), {"setup"}),
        (("setup", ""), {"b4"}),
        (("facts", "k"), {"kpf"}),
        (("--format", "q"), {"quickfix"}),
        (("facts", "--format", ""), {"text", "json"}),
        (("agent", "--ident"), {"--identity"}),
        (("completion", "z"), {"zsh"}),
        (("scan", "--tree", "dr"), {"drafts/", "drafts"}),
        (("scan", "--ignore", "mask-v"), {"mask-vs-equality"}),
        (("explain", "mask-p"), {"mask-precedence"}),
        (("help", "arch"), {"architecture"}),
        (("help", "sca"), {"scan"}),
        (("rules", "--wr"), {"--write"}),
    ],
)
def test_what_is_offered(scripts, need, shell, words, offered):
    need(shell, shell)
    found = {"bash": in_bash, "fish": in_fish}[shell](scripts, *words)
    if shell == "fish" and "--format" not in words:
        assert found & offered
    else:
        assert found
        assert found <= offered


def test_bash_offers_everything_at_the_start(scripts, need):
    need("bash", "bash")
    assert in_bash(scripts, "") == set(COMMANDS)
    assert in_bash(scripts, "scan", "--select", "") == set(rulebook.names())
    # Nothing of ours: readline goes on with names of files.
    assert in_bash(scripts, "here") == set()
    assert "-o default" in (scripts / "bash").read_text()


def test_zsh_takes_it(scripts, need):
    """In zsh's own completion system: parsed, and known for the command."""
    need("zsh", "zsh")
    script = (
        "autoload -Uz compinit; compinit -u -D; fpath=(. $fpath); source ./zsh; "
        "print ${_comps[kpf-review]}"
    )
    assert run("zsh", "-f", "-c", script, cwd=scripts).strip() == "_kpf_review"
    run("zsh", "-n", "./zsh", cwd=scripts)


def test_every_command_and_option_is_there(scripts):
    for command in surface.commands():
        for shell in ("bash", "zsh", "fish"):
            text = (scripts / shell).read_text()
            assert command.name in text
            for option in command.options:
                name = option.names[-1]
                assert (name if shell != "fish" else name.lstrip("-")) in text


# --- the manual page ------------------------------------------------------------------


def test_the_manual_page_is_up_to_date():
    """Renew it with: kpf-review completion man > reviewer/man/kpf-review.1"""
    assert MANUAL.read_text(encoding="utf-8") == manual.page(surface.commands())


def test_the_manual_page_is_a_manual_page(need):
    need("man", "man-db")
    done = subprocess.run(
        ["man", "--warnings=all", "-E", "UTF-8", "-l", str(MANUAL)],
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "MANWIDTH": "80"},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    for command in COMMANDS:
        assert f"\n   {command}" in done.stdout
    assert "kpf.PATH.ignore" in done.stdout


def test_the_command_prints_them():
    command = [sys.executable, "-m", "reviewer.cli", "completion"]
    for what, first in (("bash", "# Completion"), ("zsh", "#compdef"), ("man", ".TH")):
        out = subprocess.check_output([*command, what], cwd=TOP, text=True)
        assert out.startswith(first)
