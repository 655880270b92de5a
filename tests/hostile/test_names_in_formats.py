# SPDX-License-Identifier: GPL-2.0-or-later
"""Names of files that hold a line's end, and what each format is made of, in one.

A name may not begin a line of its own: there it would be a command to GitHub, another
finding, another header of a draft or another line of a patch.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from doors import BAD, MESSAGE, Doors

from reviewer.output import FORMATS

# What a template would make of {{ 7 * 191 }}, and not a part of a commit id.
MADE = re.compile(r"(?<![0-9a-f]{4})1337(?![0-9a-f]{4})")

# What a line would begin with, by format; "1337" is what a template would make.
PLANTED = (
    *("::error file=a.c,line=1::pwned", "Bcc: pwned@example.org", "pwned.c:1: x"),
    *("X-Pwned: 1", "#pwned: 1", "+pwned", "diff --git a/pwned b/pwned", "From pwned "),
    *(
        "> pwned",
        "-- ",
        "\x1b[2Jpwned",
        "{{ 7 * 191 }}",
        "</script><b>pwned",
        "%0Apwned",
    ),
)
NAMES = [f"lib/a{end}{text}.c" for end in "\n\r" for text in PLANTED]
NAMES += [f"lib/a{end}pwned.c" for end in ("\x0b", "\x0c", "\x85", "\u2028", "\r\n")]


@pytest.fixture
def doors(world, here, monkeypatch) -> Doors:
    """A commit that puts the same mistake into files of all these names."""
    one = Doors(world)
    one.make()
    one.git("reset", "-q", "--hard", "base")
    for number, name in enumerate(NAMES):
        place = name.replace("</", "<_")
        one.write(place, BAD.replace("one", f"f{number}"))
    one.git("add", "-A")
    one.git("commit", "-qm", MESSAGE)
    monkeypatch.chdir(one.top)
    return one


LINE = re.compile(r"[\n\r\x0b\x0c\x85\u2028]+")
BEGINS = re.compile(
    r"(::error file=a\.c|Bcc:|pwned|X-Pwned|#pwned|\+pwned|diff --git a/pwned"
    r"|From pwned|> pwned|</script><b>)"
)


# Where a line's begin means nothing: prose is wrapped, and a page has no lines.
PROSE = ("mail", ".eml", ".mbox", ".html")


def assert_no_line_is_theirs(text: str, kind: str = "") -> None:
    assert kind != ".html" or "<b>" not in text
    if kind in PROSE[:3]:
        head = text.partition("\n\n")[0]
        assert not re.search(r"^(Bcc|X-Pwned)", head, re.M | re.I)
        assert not re.search(r"^(::error|diff --git|From pwned|---$)", text, re.M)
    lines = text.split("\n") if kind == ".patch" else LINE.split(text)
    begun = [line for line in lines if BEGINS.match(line)]
    assert kind in PROSE or not begun
    assert "\x1b" not in text
    assert not MADE.search(text)


@pytest.mark.parametrize("form", FORMATS)
def test_no_line_of_a_format_begins_with_a_name(form: str, doors, here) -> None:
    status, out, said = here("check", "base..main", "--format", form)
    assert status == 1, said
    text = out.decode("utf-8")
    assert_no_line_is_theirs(text, form)
    assert_no_line_is_theirs(said)
    if form in ("json", "sarif"):
        found = json.loads(text)
        assert len(str(found).split("mask-precedence")) > len(NAMES)
        assert not re.search(r"[\n\r\x1b\x85\u2028]pwned", json.dumps(found))


WRITTEN = (
    ("check", "--fix-to", "../out/fixes.patch"),
    ("../mails/names.patch", "--base", "base", "--output", "../out", "--info"),
    ("../mails/names.patch", "--base", "base", "--output", "../out", "--mbox"),
    ("report", "../mails/names.patch", "--base", "base", "--html", "../out/p.html"),
    ("scan", "lib", "--output", "../out"),
    ("batch", "../mails/names.patch", "--tree", ".", "--resume", "../out/results"),
)


@pytest.mark.parametrize("words", WRITTEN, ids=lambda words: " ".join(words)[:40])
def test_no_line_of_a_file_begins_with_a_name(words, doors, here) -> None:
    patch = doors.world.top / "mails/names.patch"
    patch.write_text(doors.git("format-patch", "-1", "--stdout"))
    out = doors.world.top / "out"
    out.mkdir()
    status, shown, said = here(*words)
    assert status in (0, 1, 3), said  # a mail's names with such characters are refused
    assert_no_line_is_theirs(said)
    assert_no_line_is_theirs(shown.decode("utf-8"))
    for file in out.iterdir():
        assert_no_line_is_theirs(file.read_bytes().decode("utf-8"), file.suffix)
        assert re.fullmatch(r"[\w.-]+", file.name), file.name
        if file.suffix == ".patch":
            check = ["git", "apply", "--check", str(file)]
            subprocess.run(check, cwd=doors.top, check=True, capture_output=True)


def test_a_fix_in_files_of_any_name_is_whole(doors, here) -> None:
    status, _, said = here("check", "--fix")
    assert status == 1, said
    assert_no_line_is_theirs(said)
    assert doors.git("status", "--porcelain") == ""
    changed = doors.git("diff", "--name-only", "-z", "HEAD~1").split("\0")[:-1]
    assert changed
    for name in changed:
        assert "((x & 0x10) == 0x10)" in Path(doors.top, name).read_text()
    why = "is not looked at as a whole (refused: control characters in the file name)"
    told = [line for line in said.splitlines() if line.startswith("not committed: ")]
    assert all(line.endswith(why) for line in told)
    assert len(told) + len(changed) == len(NAMES)  # each mended, or told why not


ODD = (
    *("-x.c", ":(top)x.c", "lib/*.c", "lib/[a].c", "lib/x y.c", 'lib/q"q.c', "@.c"),
    *("lib/b\\s.c", '"lib/x.c', " x.c", "lib/$HOME.c", "lib/`id`.c", "lib/{a => b}.c"),
    *("b/x.c", "dev/null.c", "lib/%s.c", "lib/\u00fc.c", "lib/\udcff.c", "lib/~x.c"),
    *("lib/...c", "lib/'x'.c", "lib/x;y.c", "lib/\u202ex.c", "HEAD.c", "#x.c"),
    "lib/" + "n" * 253 + ".c",
)


def test_a_fix_in_files_of_odd_names(doors, here) -> None:
    """git's own syntax, a shell's, quotes, bytes that are no text."""
    doors.git("reset", "-q", "--hard", "base")
    for name in ODD:
        doors.write(name, BAD)
    doors.git("add", "-A")
    doors.git("commit", "-qm", MESSAGE)
    patch = doors.world.top / ("n" * 255)
    assert here("check", "--fix-to", str(patch))[0] == 1
    assert patch.read_bytes().count(b"\n+++ ") == len(ODD)
    status, _, said = here("check", "--fix")
    assert (status, "not committed" in said) == (1, False), said
    assert doors.git("status", "--porcelain") == ""
    assert doors.git("rev-list", "--count", "base..main").strip() == "2"
    left = [n for n in ODD if "(x & 0x10) == 0" not in Path(doors.top, n).read_text()]
    assert not left
