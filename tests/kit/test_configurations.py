# SPDX-License-Identifier: GPL-2.0-or-later
"""The lines of a .config that are shown: what a person can type in."""

from __future__ import annotations

from pathlib import Path

from reviewer.c.conditions import TRUE, enabled
from reviewer.facts import Facts
from reviewer.kit.gates import breaking_configuration, fragment
from reviewer.tree import open_tree

KCONFIG = """mainmenu "Test"

config QUEUE
	bool

config PRINTING
	bool "Printing"
	select QUEUE

config HIDDEN
	bool
	select QUEUE

config PLAIN
	bool "Plain"
"""


def shown(folder: Path, option: str) -> list[str]:
    (folder / "Kconfig").write_text(KCONFIG)
    (folder / "Kbuild").write_text("")
    (folder / "include/linux").mkdir(parents=True)
    version = "VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 0\nEXTRAVERSION =\n"
    (folder / "Makefile").write_text(version)
    wanted = enabled(option)
    with open_tree(folder) as tree:
        facts = Facts(tree.view(None))
        return fragment(
            facts, breaking_configuration(facts, TRUE, wanted), TRUE, wanted
        )


def test_what_has_no_prompt_is_shown_with_what_would_select_it(tmp_path: Path) -> None:
    assert shown(tmp_path, "CONFIG_QUEUE") == [
        "# CONFIG_PRINTING is not set",
        "# CONFIG_QUEUE is not set",
    ]


def test_what_has_one_is_shown_alone(tmp_path: Path) -> None:
    assert shown(tmp_path, "CONFIG_PLAIN") == ["# CONFIG_PLAIN is not set"]
