# SPDX-License-Identifier: GPL-2.0-or-later
"""A maintainer's session in ``b4 review``, in a terminal, with us in it."""

from __future__ import annotations

import re
import sys
import time

import pytest

SERIES = "20240304100500.1-{}-nadia@example.org"
# What the person does in the editor: takes over the first remark, as an order.
ADOPT = """\
import sys
lines = open(sys.argv[1], encoding="utf-8").read().split("\\n")
start = next(n for n, line in enumerate(lines) if line.startswith("| kpf-review"))
end = next(n for n in range(start, len(lines)) if not lines[n].startswith("|"))
own = [line[2:] for line in lines[start + 2 : end]]
own = [line.replace("Should it be", "Make it") for line in own]
own = [line.replace("folio_test_ksm()?", "folio_test_ksm().") for line in own]
with open(sys.argv[1], "w", encoding="utf-8") as file:
    file.write("\\n".join([*lines[:start], *own, *lines[end:]]))
"""


@pytest.fixture
def lab(new_lab, posted, tmp_path):
    """A repository in which the series is tracked."""
    lab = new_lab()
    lab.b4("review", "enroll")
    lab.b4("review", "track", SERIES.format(1))
    editor = tmp_path / "adopt.py"
    editor.write_text(ADOPT)
    lab.git("config", "core.editor", f"{sys.executable} {editor}")
    return lab


def shown_under(screen: str, line: str) -> str:
    """What the screen shows from a line of the patch on, frames taken off."""
    pane = [row.split("│", 1)[-1] for row in screen.splitlines()]
    at = next((n for n, row in enumerate(pane) if line in row), len(pane))
    return "\n".join(row.strip(" │") for row in pane[at + 1 : at + 4])


def states_of(screen: str) -> dict[str, str]:
    """The state of our check for the series (0) and for each patch."""
    rows = (
        (number, re.findall(r"(?:pass|warn|fail)\b", row))
        for row in screen.splitlines()
        for number in re.findall(r"\b([012])/2 ", row)
    )
    return {number: states[-1] for number, states in rows if states}


def test_checks_comments_and_a_reply(lab, screen):
    terminal = screen(lab)
    terminal.start(
        lab.b4_program, "review", "tui", "--email-dry-run", "--no-sign", "--no-mouse"
    )
    terminal.wait("Tracked Series", "kpageflags: follow the folio")

    # The checks, with our state for the series and for each patch.
    terminal.keys("c")
    terminal.wait("CI Check Results", "rerun", "kpf-review")
    terminal.wait_for(
        lambda screen: states_of(screen) == {"0": "fail", "1": "fail", "2": "pass"}
    )
    terminal.keys("Enter")
    terminal.wait(
        "Details for 0/2", "2 high", "fs/proc/page.c:29:6", "[mask-vs-equality]"
    )
    terminal.keys("q")
    terminal.wait("rerun")
    terminal.keys("q")

    # The review branch, and on it our comments as those of an external reviewer.
    terminal.keys("r")
    terminal.wait("Select Base Commit", "clean (")
    terminal.keys("C-y")
    terminal.wait("a agent", "0/2 kpageflags: follow the folio")
    terminal.keys("a")
    terminal.wait("remarks on 1 of 2 patches", "Press Enter")
    terminal.keys("Enter")
    terminal.wait("± 1/2")
    terminal.keys("n")
    terminal.wait("2 comments across 1 files")
    terminal.keys("f")
    terminal.wait("╭──")
    terminal.wait_for(
        lambda screen: (
            "PAGE_MAPPING_KSM is 3"
            in shown_under(screen, "if (mapping & PAGE_MAPPING_KSM)")
            and "PG_lru is a bit number"
            in shown_under(screen, "if (folio_test_large(folio) && (k & PG_lru))")
        ),
        pressing="Space",
    )

    # One is adopted and edited; the other stays with us and is not sent.
    terminal.keys("r")
    terminal.wait("Your review", "non-quoted reply lines")
    terminal.keys("e")
    terminal.wait("Re: [PATCH v3 1/2] fs/proc: report the flags of the folio")
    terminal.keys("d")
    terminal.wait("marked as done")
    terminal.keys("C-y")
    terminal.wait("Send 1 review email(s)?")
    terminal.keys("y")
    terminal.wait("Dry-run: 1 review email(s) logged, not sent")
    leave(terminal)
    mail = terminal.text(history=True)
    assert f"In-Reply-To: <{SERIES.format(1)}>" in mail
    assert "To: Nadia Newcomer <nadia@example.org>" in mail
    assert re.search(
        r"> \+\s+if \(mapping & PAGE_MAPPING_KSM\)\n.*\n.*PAGE_MAPPING_KSM is 3", mail
    )
    assert "Make it (mapping & PAGE_MAPPING_FLAGS) == PAGE_MAPPING_KSM" in mail
    assert "PG_lru is a bit number" not in mail.split("DRYRUN")[1]
    assert "kpf-review <" not in mail.split("DRYRUN")[1]


def leave(terminal) -> None:
    """Back to the shell, from the review and from the list."""
    for _ in range(60):
        if "THE-END" in terminal.text():
            return
        terminal.keys("Q")
        time.sleep(0.3)
    pytest.fail(terminal.text())
