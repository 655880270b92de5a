# SPDX-License-Identifier: GPL-2.0-or-later
"""A repository whose own settings or files silence a remark: that is told, everywhere.

A tree that was unpacked from somewhere brings its ``.git/config``, and a checkout of a
stranger's branch its file of dismissed remarks.
"""

from __future__ import annotations

import json
from pathlib import Path

import kill_states as states
import pytest
from doors import Doors

CODE = "a71d55c3e863d57f"  # of the one remark on the commit of ``Doors``
PATCH = ("../mails/one.patch", "--base", "base")
ENTRY = {"fingerprint": CODE, "when": "2026-01-02", "why": "\x1b[2J\u202e"}
RULE = "mask-precedence"
# what silences it, and whether the rule is heard and its remark then left out
SILENCED = {
    "dismissed": ("[kpf]\n\tdismissed = known\n", True),
    "below a path": (f'[kpf "lib/"]\n\tignore = {RULE}\n', True),
    "ignore": (f"[kpf]\n\tignore = {RULE}\n", False),
    "ignore all": ("[kpf]\n\tignore = *\n", False),
    "select": ("[kpf]\n\tselect = bit-number-as-mask\n", False),
}
FORMATS = ("text", "mail", "json", "sarif", "b4-check", "github", "patchwork", "nipa")
WORDS = (
    *(("check", "--format", form) for form in (*FORMATS, "quickfix", "checkpatch")),
    ("scan", "lib"),
    ("batch", *PATCH, "--workers", "1"),
    ("inbox", *PATCH, "--workers", "1", "--all"),
    ("report", *PATCH, "--html", "../page.html", "--force"),
    ("agent",),
)
# a line of these stands for a finding: only a remark that is left out has one
LINES = ("quickfix", "checkpatch", "github", "patchwork", "nipa")


@pytest.fixture
def doors(world, here, monkeypatch) -> Doors:
    made = states.made_in(world)
    made.patch()
    (made.top / "known").write_text(json.dumps(ENTRY) + "\n")
    made.run = here
    monkeypatch.chdir(made.top)
    return made


def everything(doors: Doors, words: tuple[str, ...]) -> str:
    """All that a command says, on any stream and in what it writes."""
    _, shown, said = doors.run(*words)
    assert "internal error" not in said
    written = list((doors.top / ".git/b4-review").rglob("series.txt"))
    page = doors.world.top / "page.html"
    if words[0] == "report":
        written.append(page)
    return shown.decode() + said + "".join(map(Path.read_text, written))


@pytest.mark.parametrize("silence", SILENCED)
def test_it_is_told_whoever_reads_it(silence: str, doors) -> None:
    assert CODE in everything(doors, ("check", "--format", "json"))
    settings, heard = SILENCED[silence]
    config = doors.top / ".git/config"
    config.write_text(config.read_text() + settings)
    for words in WORDS:
        if not heard and words[-1] in LINES:
            continue
        told = everything(doors, words)
        if heard:
            assert "dismissed" in told or "by the repository" in told, words
        else:
            assert "that the repository's kpf." in told, words
        assert "\x1b" not in told
        assert "\u202e" not in told


def test_what_the_user_chooses_needs_no_telling(doors) -> None:
    """The same settings in the user's own configuration."""
    home = doors.world.top / "home/.gitconfig"
    home.write_text(
        f'{home.read_text()}[kpf]\n\tignore = bit-*\n[kpf "lib/"]\n\tignore = {RULE}\n'
    )
    status, shown, said = doors.run("check")
    assert (status, shown) == (0, b"")
    assert "dismissed" not in said
    assert "not checked" not in said


def test_a_setting_that_leaves_nothing_out_is_not_told(doors) -> None:
    """--select names the rules, and what is ignored is none of them."""
    doors.git("config", "kpf.select", "bit-*")
    doors.git("config", "kpf.ignore", "bit-*")
    _, _, said = doors.run("check", "--select", RULE)
    assert "not checked" not in said


def test_what_is_dismissed_later_is_not_listed_again(doors) -> None:
    """An inbox keeps its reviews, and asks what is dismissed all the same."""
    words = ("inbox", *PATCH, "--workers", "1", "--all")
    assert "1 high" in everything(doors, words)
    assert doors.run("dismiss", CODE, "--why", "known")[0] == 0
    told = everything(doors, words)
    assert "1 dismissed" in told
    assert "high" not in told
