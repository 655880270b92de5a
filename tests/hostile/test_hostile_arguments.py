# SPDX-License-Identifier: GPL-2.0-or-later
"""Arguments as somebody pastes them from a mail: revisions, message-ids, names."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

import reviewer

# What a template would make of {{ 7 * 191 }}, and not a part of a commit id.
MADE = re.compile(r"(?<![0-9a-f]{4})1337(?![0-9a-f]{4})")

DEMO = Path(reviewer.__file__).parent / "demo/series.mbox"
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)


@pytest.fixture
def repo(world) -> Path:
    """The world's tree as a repository of one commit."""
    (world.tree / "fs/secret.c").unlink()
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "the kernel"]):
        who = ["-c", "user.name=R", "-c", "user.email=r@example.org"]
        subprocess.run(
            ["git", "-C", str(world.tree), *who, *words],
            check=True,
            capture_output=True,
        )
    return world.tree


@pytest.mark.parametrize(
    "base",
    [
        "--output=victim",
        "-x",
        "-x..y",
        "HEAD;touch ran",
        "$(touch ran)",
        "HEAD\nHEAD",
        "@{u}",
        ":/x",
        "HEAD:fs",
        "a" * 100_000,
        "\x1b[2J",
        "HEAD^{/(a+)+$}",
        "..",
        "",
        " ",
    ],
)
def test_a_base_that_is_no_revision(base: str, world, here, repo, monkeypatch) -> None:
    monkeypatch.chdir(world.tree)
    before = world.files(without="home/.cache")
    for words in (
        (str(DEMO), f"--base={base}"),
        ("scan", f"--base={base}", "fs"),
        ("check", f"{base}..HEAD"),
        ("behaviour", f"{base}..HEAD"),
    ):
        status, _, said = here(*words)
        assert status in (0, 1, 2, 3)
        assert "Traceback" not in said
        assert not UNSEEN.search(said)
        assert len(said) < 2000
        if status == 2:
            assert len(said.splitlines()) == 1
    assert world.files(without="home/.cache") == before


@pytest.mark.parametrize(
    "ref",
    [
        "a/../../b@c",
        "../x@y",
        "%2e%2e%2fx@y",
        "a%0ab@c",
        "a b@c",
        "-x@y",
        "--output=x@y",
        "a@b" + "c" * 100_000,
        "<a@b>\x1b[2J",
        "a@b\nBcc: x",
        "\u202ea@b",
        "a@b@c",
        "@",
        "<>",
        "http://evil.invalid/x",
        "http://evil.invalid/..%2f..@x/",
        "file:///etc/passwd@x",
        "https://x/a%00b@c/",
        "a\0@b",
        "id:x@y",
        "s:x@y",
        "ext::sh -c id@x",
    ],
)
@pytest.mark.parametrize(
    "command", ["review", "followup", "factcheck", "behaviour", "report"]
)
def test_a_message_id_that_is_none(ref: str, command: str, world, here) -> None:
    before = world.files(without="home")
    words = [] if command == "review" else [command]
    words += ["--html", "page.html"] if command == "report" else []
    status, out, said = here(*words, "--offline", "--tree", str(world.tree), "--", ref)
    assert status in (2, 3)
    assert out == b""
    assert len(said.splitlines()) == 1
    assert len(said) < 2000
    assert not UNSEEN.search(said)
    assert world.files(without="home") == before


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "\x1b[2J", "{{ 7 * 191 }}", "-x", "a" * 10_000, "", "\u202e"],
)
def test_explain_of_anything(name: str, world, here) -> None:
    status, out, said = here("explain", "--tree", str(world.tree), "--", name)
    assert status in (0, 2)
    assert not UNSEEN.search(out.decode())
    assert not UNSEEN.search(said)
    assert not MADE.search(said)
    assert "root:" not in out.decode()
    assert len(said) < 2000
