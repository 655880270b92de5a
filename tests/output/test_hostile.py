# SPDX-License-Identifier: GPL-2.0-or-later
"""A mail made to deceive the reader of every format."""

from __future__ import annotations

import json
import re

import pytest
from msgspec.structs import replace

from reviewer.models import Address, Evidence, NotChecked, Report
from reviewer.output import FORMATS, render, summary_line, worded

LINK = "\x1b]8;;http://evil.invalid\x07here\x1b]8;;\x07"
TRICKS = f"{LINK}\u202e\u2066\u200b\ufeff\x9b31m\r\x07\x00\udce9\U000e0041\nBcc: x@y\n"
# what may stand in a result: printable text, tab, newline
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)


@pytest.fixture
def hostile(make) -> Report:
    """Every field that a stranger can fill holds every trick."""
    finding = make.ksm(
        file=f"fs/{TRICKS}.c",
        code=f"\tif (mapping & {TRICKS})",
        message=f"{TRICKS} is also true",
        comment=f"{TRICKS}\n\n  table {TRICKS}\n\nShould it be {TRICKS}?",
        function=TRICKS,
        evidence=(Evidence(f"include/{TRICKS}.h", 1, f"#define X {TRICKS}"),),
        fix=f"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-{TRICKS}\n+{TRICKS}\n",
        proof={TRICKS: [TRICKS, {"x": TRICKS}]},
    )
    placed = make.ksm(comment=finding.comment, message=finding.message)
    report = make.report(
        finding,
        placed,
        replace(placed, file="", line=1, message=TRICKS),
        not_checked=(NotChecked(TRICKS, TRICKS, TRICKS),),
    )
    state = report.patches[0]
    patch = replace(
        state.patch,
        title=TRICKS,
        message=f"{TRICKS}\n{TRICKS}",
        author=Address(TRICKS, "nick@example.com"),
        headers=replace(
            state.patch.headers,
            message_id=TRICKS,
            subject=TRICKS,
            date=TRICKS,
            sender=Address(TRICKS, TRICKS),
            to=(Address(TRICKS, "list@example.com"), Address("", TRICKS)),
            references=(TRICKS, "fine@example.com"),
        ),
    )
    change = state.changes[0]
    header = (f"diff --git a/{TRICKS} b/x", *change.diff.header[1:])
    change = replace(change, diff=replace(change.diff, header=header))
    hunk = change.diff.hunks[0]
    lines = tuple(replace(line, text=line.text + TRICKS) for line in hunk.lines)
    hunks = (replace(hunk, lines=lines, section=TRICKS), *change.diff.hunks[1:])
    change = replace(change, diff=replace(change.diff, hunks=hunks))
    state = replace(state, patch=patch, changes=(change,))
    return replace(
        report,
        patches=(state,),
        series=replace(report.series, subject=TRICKS, message_id=TRICKS),
        tree=replace(report.tree, base=TRICKS, kernel=TRICKS),
    )


@pytest.mark.parametrize("format", FORMATS)
def test_no_trick_survives_in_any_format(hostile, make, format: str) -> None:
    shown = render(
        worded(hostile), format, identity=make.identity, command=f"kpf-review {TRICKS}"
    )
    assert shown
    assert not FORBIDDEN.search(shown)
    if format in ("json", "sarif", "b4-check"):
        # nor after the reader has decoded it
        decoded = json.dumps(json.loads(shown), ensure_ascii=False)
        assert not FORBIDDEN.search(decoded)
        assert "\\u001b" not in shown


def test_none_in_the_summary_either(hostile) -> None:
    line = summary_line(worded(hostile))
    assert not FORBIDDEN.search(line)
    assert "\n" not in line


@pytest.mark.parametrize("format", ["checkpatch", "github", "quickfix"])
def test_a_finding_stays_on_its_line(hostile, format: str) -> None:
    starts = {"checkpatch": r"-:\d+: ", "github": "::error ", "quickfix": r"fs/"}
    for line in render(worded(hostile), format).splitlines():
        assert re.match(starts[format], line)


def test_colours_are_ours_alone(hostile) -> None:
    shown = render(worded(hostile), "text", color=True)
    assert not FORBIDDEN.search(re.sub(r"\x1b\[[0-9;]*m", "", shown))


def test_the_tricks_are_shown(hostile, make) -> None:
    shown = render(worded(hostile), "mail", identity=make.identity, command="")
    assert "^[]8;;http://evil.invalid^Ghere" in shown
    assert "⟨U+202E⟩" in shown


def test_no_header_was_added(hostile, make) -> None:
    shown = render(worded(hostile), "mail", identity=make.identity, command="")
    head = shown.split("\n\n")[0]
    assert not re.search("(?mi)^bcc:", head)
    assert "In-Reply-To" not in head
    assert "References: <fine@example.com>" in head
