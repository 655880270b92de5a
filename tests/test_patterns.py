# SPDX-License-Identifier: GPL-2.0-or-later
"""Patterns are compiled at first use, and all of them can be."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import re
import subprocess
import sys
import time
import types
from collections.abc import Iterator
from pathlib import Path
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]

import pytest

import reviewer
from reviewer import patterns as patterns_module
from reviewer import rulebook
from reviewer.patterns import _Pattern, regex

TOP = Path(__file__).parent.parent


def test_a_pattern_has_the_methods_of_a_compiled_one() -> None:
    word = regex(r"(\w)x", re.IGNORECASE)
    assert word.findall("aX bx") == ["a", "b"]
    assert (word.pattern, word.groups) == (r"(\w)x", 1)
    assert word.sub("-", "ax") == "-"


def patterns() -> dict[str, re.Pattern]:
    """All of the program, by their text, and what a rule looks for first."""
    found = {}
    for module in pkgutil.walk_packages(reviewer.__path__, "reviewer."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, _Pattern):
                found[repr(value.pattern)] = value
    for rule in rulebook.choose(preview=True):
        if rule.rule.trigger:
            found[repr(rule.rule.trigger)] = re.compile(rule.rule.trigger)
        for one in (*rule.rule.needs, *rule.rule.shapes):
            found[repr(one)] = re.compile(one)
    return found


def test_each_pattern_of_the_program_is_a_regular_expression() -> None:
    assert len([one for one in patterns().values() if one.groups >= 0]) > 300


# --- those that a wheel holds compiled ------------------------------------------------


@pytest.fixture(scope="module")
def table() -> types.ModuleType:
    """The module that the build puts into a wheel."""
    place = TOP / ".ci" / "compiled_at_build.py"
    spec = importlib.util.spec_from_file_location("compiled_at_build", place)
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    table = types.ModuleType("reviewer.compiled_patterns")
    exec(build.source(TOP), vars(table))
    return table


def test_a_wheel_holds_what_the_compiler_makes(table, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, table.__name__, table)
    made = patterns_module._made_at_build.__wrapped__()
    assert made is table.PATTERNS
    monkeypatch.setattr(patterns_module, "_made_at_build", lambda: made)
    for text, flags in made:
        assert patterns_module._compiled(text, flags) == re.compile(text, flags)


def test_a_wheel_holds_nearly_all_of_them(table) -> None:
    made = {repr(text) for text, _ in table.PATTERNS}
    lacking = [text for text in patterns() if text not in made]
    assert len(lacking) <= 10, lacking


def test_what_another_python_compiled_is_not_used(table, monkeypatch) -> None:
    other = (*table.MADE_BY[:-1], table.MADE_BY[-1] + 1)
    monkeypatch.setattr(table, "MADE_BY", other)
    monkeypatch.setitem(sys.modules, table.__name__, table)
    assert patterns_module._made_at_build.__wrapped__() == {}


# --- what a hostile text costs --------------------------------------------------------

REPEATS = (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT)
LONG = 1000
MOST = 250  # times a plain square: the dearest squares take 71, a third power 800


def an_example(parsed) -> str:
    """Some text that a part of a pattern matches; "" for what takes no room."""
    return "".join(_example(kind, what) for kind, what in parsed)


def _example(kind, what) -> str:
    if kind is ops.LITERAL:
        return chr(what)
    if kind is ops.IN:
        return _of_set(what)
    if kind in REPEATS:
        return an_example(what[2]) if what[0] else ""
    if kind is ops.SUBPATTERN:
        return an_example(what[3])
    if kind is ops.BRANCH:
        return an_example(what[1][0])
    return "x" if kind in (ops.ANY, ops.NOT_LITERAL) else ""


def _of_set(items) -> str:
    kind, what = items[0]
    if kind in (ops.LITERAL, ops.RANGE):
        return chr(what if kind is ops.LITERAL else what[0])
    return {ops.CATEGORY_DIGIT: "1", ops.CATEGORY_SPACE: " "}.get(what, "x")


def pumps(parsed, before: str = "") -> Iterator[tuple[str, str]]:
    """What each repeated part of a pattern may come after, and what it repeats."""
    for kind, what in parsed:
        if kind in REPEATS:
            inner = what[2]
            yield before, an_example(inner)
            yield from pumps(inner, before)
        elif kind is ops.SUBPATTERN:
            yield from pumps(what[3], before)
        elif kind is ops.BRANCH:
            for one in what[1]:
                yield before, an_example(one)
                yield from pumps(one, before)
        before = (before + _example(kind, what))[-100:]


def hostile_texts(pattern: re.Pattern) -> set[str]:
    """Long texts of what a pattern repeats, that it does not match in the end."""
    bytes_too = isinstance(pattern.pattern, bytes)
    text = pattern.pattern.decode("latin-1") if bytes_too else pattern.pattern
    flags = pattern.flags & ~re.UNICODE if bytes_too else pattern.flags
    found = {("", one) for one in "_x1 (a"}
    found |= {pump for pump in pumps(parser.parse(text, flags)) if pump[1]}
    whole = {(before, LONG // len(one) * one) for before, one in found}
    again = {("", LONG // len(pre + one) * (pre + one)) for pre, one in found}
    return {before + much + "\0" for before, much in whole | again}


def cost(pattern: re.Pattern, text: str | bytes) -> float:
    """Seconds of processor time that a search takes."""
    begun = time.thread_time()
    pattern.search(text)
    return time.thread_time() - begun


def is_dear(pattern: re.Pattern, text: str | bytes, square: float) -> bool:
    """Whether it takes far more than a square, and again when asked again."""
    if cost(pattern, text) <= MOST * square:
        return False
    plain = re.compile("x*y")
    return all(cost(pattern, text) > MOST * cost(plain, LONG * "x") for _ in range(3))


def test_no_text_takes_a_pattern_more_than_its_square() -> None:
    """``,unsigned`` with 3,000 spaces took four seconds: their third power."""
    square = min(cost(re.compile("x*y"), LONG * "x") for _ in range(9))
    slow = []
    for name, pattern in patterns().items():
        for text in hostile_texts(pattern):
            bytes_too = isinstance(pattern.pattern, bytes)
            given = text.encode("latin-1", "replace") if bytes_too else text
            if is_dear(pattern, given, square):
                slow.append((name, text[:60]))
                break
    assert not slow


def endless(parsed) -> bool:
    """Whether a part takes any number of what is nearly everything."""
    for kind, what in parsed:
        inner = [what[2]] if kind in REPEATS else []
        if inner and what[1] is ops.MAXREPEAT and len(what[2]) == 1:
            ((item, of),) = what[2]
            if item in (ops.ANY, ops.NOT_LITERAL):
                return True
            if item is ops.IN and of[0][0] is ops.NEGATE:
                return True
        inner += what[1] if kind is ops.BRANCH else []
        inner += [what[3]] if kind is ops.SUBPATTERN else []
        if any(map(endless, inner)):
            return True
    return False


def test_what_is_asked_of_all_a_patch_adds_looks_only_so_far() -> None:
    """``if (``, then all but a semicolon, took minutes on a line of 90,000 ``if``."""
    assert endless(parser.parse(r"a([^;]*b|c)"))
    triggers = (r.rule.trigger for r in rulebook.choose(preview=True) if r.rule.trigger)
    assert not [one for one in triggers if endless(parser.parse(one))]


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
