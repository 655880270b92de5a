# SPDX-License-Identifier: GPL-2.0-or-later
"""Patterns are compiled at first use, and all of them can be."""

from __future__ import annotations

import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import reviewer
from reviewer.patterns import _Pattern, regex

TOP = Path(__file__).parent.parent


def test_a_pattern_has_the_methods_of_a_compiled_one() -> None:
    word = regex(r"(\w)x", re.IGNORECASE)
    assert word.findall("aX bx") == ["a", "b"]
    assert (word.pattern, word.groups) == (r"(\w)x", 1)
    assert word.sub("-", "ax") == "-"


def test_each_pattern_of_the_program_is_a_regular_expression() -> None:
    seen = 0
    for found in pkgutil.walk_packages(reviewer.__path__, "reviewer."):
        module = importlib.import_module(found.name)
        for value in vars(module).values():
            if isinstance(value, _Pattern):
                seen += value.groups >= 0
    assert seen > 300


def test_no_match_is_asked_which_pattern_found_it() -> None:
    """``match.re`` is the compiled pattern, which no name of ours stands for."""
    for folder in ("reviewer", "rules"):
        for path in (TOP / folder).rglob("*.py"):
            assert not re.search(r"\.re (?:is|==|in) ", path.read_text()), path


def test_the_start_compiles_none_of_ours() -> None:
    code = """
import re, sys
made = []
real = re.compile
def compiled(text, flags=0):
    made.append(sys._getframe(1).f_globals["__name__"])
    return real(text, flags)
re.compile = compiled
import reviewer.commands.review, reviewer.engine, reviewer.mail, reviewer.c.source
import reviewer.facts, reviewer.output.words
print([name for name in made if name.startswith("reviewer")])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
