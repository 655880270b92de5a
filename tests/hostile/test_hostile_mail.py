# SPDX-License-Identifier: GPL-2.0-or-later
"""Every hostile mail through the command line: nothing runs, escapes or deceives."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import make
import pytest

import reviewer
from reviewer.output import FORMATS

# What a template would make of {{ 7 * 191 }}, and not a part of a commit id.
MADE = re.compile(r"(?<![0-9a-f]{4})1337(?![0-9a-f]{4})")

DEMO = Path(reviewer.__file__).parent / "demo" / "tree"
NAMES = sorted(make.mails(DEMO))
SECRET = b"TOP-SECRET-OF-THE-REVIEWER"
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)
WANTED = [form for form in FORMATS if form in ("text", "mail", "json", "sarif", "html")]


@pytest.mark.parametrize("name", NAMES)
def test_nothing_escapes(name: str, world, here) -> None:
    victim = str(world.top / "victim.c")
    mail = world.mail(make.mails(DEMO, victim)[name])
    before = world.files(without="home/.cache")
    shows = name.startswith(("escape", "inject", "template", "trojan", "path-bidi"))
    for form in WANTED if shows else ("text", "json"):
        begun = time.process_time()
        status, out, said = here(
            str(mail), "--tree", str(world.tree), "--format", form, "--preview"
        )
        assert time.process_time() - begun < 10
        assert status in (0, 1, 3), said
        assert "Traceback" not in said
        assert "internal error" not in said
        shown = out.decode("utf-8")  # strictly
        assert not UNSEEN.search(shown)
        assert not UNSEEN.search(said)
        assert SECRET not in out
        assert SECRET.decode() not in said
        if shows:  # a fingerprint of another may hold it by chance
            assert not MADE.search(shown)  # what {{ 7 * 191 }} comes to
        assert "root:" not in shown
        if form in ("json", "sarif") and shown:
            decoded = json.dumps(json.loads(shown), ensure_ascii=False)
            assert not UNSEEN.search(decoded)
        if status == 3 and not shown:
            assert len(said.splitlines()) == 1
        assert world.files(without="home/.cache") == before
    kept = world.top / "home/.cache"
    assert {str(one.relative_to(kept)) for one in kept.rglob("*") if one.is_file()} <= {
        "kpf-review/facts.sqlite"
    }


@pytest.mark.parametrize(
    "name",
    [n for n in NAMES if n.startswith(("inject", "path-m", "option-m", "escape"))],
)
def test_drafts_stay_where_they_belong(name: str, world, here) -> None:
    mail = world.mail(make.mails(DEMO)[name])
    before = world.files()
    out = world.top / "out"
    status, _, said = here(str(mail), "--tree", str(world.tree), "--output", str(out))
    assert status == 1, said
    assert world.files(without="out") == before
    drafts = sorted(out.iterdir())
    assert drafts
    for draft in drafts:
        assert re.fullmatch(r"\d{4}-[a-z-]+\.eml", draft.name)
        head, _, body = draft.read_text("utf-8").partition("\n\n")
        assert not re.search(r"(?mi)^(bcc|x-(?!mailer)|resent-)", head)
        assert head.count("\nTo: ") == 1
        names = re.findall(r"(?m)^([^\s:]+):", head)
        assert len(names) == len(set(names)), names
        assert all(re.match(r"[A-Z][A-Za-z-]*: |[ \t]+\S", x) for x in head.split("\n"))
        assert not UNSEEN.search(head + body)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("path-absolute", "absolute path"),
        ("path-dot-dot", "path leaves the tree"),
        ("path-dot-dot-inside", "path leaves the tree"),
        ("path-git-hook", "path inside .git"),
        ("path-git-config", "path inside .git"),
        ("path-git-short", "path inside .git"),
        ("path-hfs", "path inside .git"),
        ("path-escape", "control characters in the file name"),
        ("path-link", "symbolic link: not followed"),
        ("path-submodule", "submodule: not followed"),
        ("path-long", "file name too long"),
        ("path-rename-out", "path leaves the tree"),
    ],
)
def test_a_path_is_refused_and_said(name: str, why: str, world, here) -> None:
    mail = world.mail(make.mails(DEMO, str(world.top / "victim.c"))[name])
    _, out, said = here(str(mail), "--tree", str(world.tree), "--format", "json")
    if out:
        assert why in {
            one["why"].removeprefix("refused: ")
            for one in json.loads(out)["not_checked"]
        }
    else:
        assert why in said


@pytest.mark.parametrize("name", ["trojan-source", "zero-width", "homoglyph"])
def test_code_that_deceives_is_a_finding(name: str, world, here) -> None:
    mail = world.mail(make.mails(DEMO)[name])
    _, out, _ = here(str(mail), "--tree", str(world.tree), "--format", "json")
    (found,) = (
        one
        for one in json.loads(out)["findings"]
        if one["rule"] == "invisible-characters"
    )
    assert found["severity"] == "high"
    assert "⟨U+" in found["code"]


def test_a_patch_that_does_not_apply_is_looked_at_too(world, here) -> None:
    data = make.mails(DEMO)["trojan-source"].replace(b"PageAnon", b"PageOther")
    mail = world.mail(data)
    status, out, _ = here(str(mail), "--tree", str(world.tree), "--format", "json")
    assert status == 3
    rules = {one["rule"] for one in json.loads(out)["findings"]}
    assert "invisible-characters" in rules


def test_no_argument_of_a_mail_reaches_git_as_an_option(world, here) -> None:
    mail = world.mail(make.mails(DEMO)["base-commit"])
    status, _, said = here(
        str(mail), "--tree", str(world.tree), "--base", "--output=victim"
    )
    assert status in (2, 3)
    assert len(said.splitlines()) == 1
