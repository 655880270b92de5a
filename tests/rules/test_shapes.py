# SPDX-License-Identifier: GPL-2.0-or-later
"""A file in which a rule finds something has one of the shapes that it declares.

Expressions of every operator are made at random, and what may stand between two of
their signs: comments, line ends, attributes, the branches of an #if.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from case_language import load, without_marks
from msgspec.structs import replace

from reviewer import rulebook
from reviewer.c.bare_code import bare_code
from reviewer.engine import Scanner
from reviewer.rulebook import LoadedRule, WholeFile
from reviewer.tree.view import EmptyView

FILE = "lib/made.c"
MADE = 4000
NAMES = [rule for rule in rulebook.names() if rulebook.load(rule).rule.shapes]
OPERATORS = (
    *("&", "|", "^", "==", "!=", "<", ">", "<=", ">=", "<<", ">>"),
    *("+", "-", "*", "/", "%", "&&", "||"),
)
OPERANDS = (
    *("x", "y", "K_MASK", "0x10", "2", "p->flags", "a[x & 1]", "f(x)", "g(x == 1, y)"),
    *("(x | 2)", "BIT(3)", "*p", "&x", "-x", "~x", "(u8)x", "sizeof(x)", "'&'", '"=="'),
    *(
        "((((((x)))))) ",
        "a[f(g(x))]",
        "x++",
        "(struct s){ 1 }.i",
        "({ int z = 1; z; })",
    ),
)
AROUND = (
    "if (%s) return 1;", "while (%s) x++;", "return %s;", "x = %s;", "ret = %s;",
    "f(%s);", "for (x = 0; %s; x++) y++;", "WARN_ON(%s);", "bool b = %s;",
    "switch (x) { case %s: break; }", "ASSERTCMP(%s, ==, x);", "x = (%s) ? 1 : 2;",
)  # fmt: skip
NOISE = (
    "\n", "\t", "/* a == b & c; */", " // ) {\n", "/* x\n * y */", " \\\n", "\f",
    "\n#define UNRELATED(a) a\n", "\n#include <linux/bits.h>\n", " __force ",
)  # fmt: skip
BRANCHES = "\n#ifdef CONFIG_A\n%s\n#else\n%s\n#endif\n"


class View(EmptyView):
    """A tree of one file."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def read(self, path: str) -> bytes | None:
        return self.data if path == FILE else None


@cache
def without_shapes(name: str) -> LoadedRule:
    return LoadedRule(replace(rulebook.load(name).rule, shapes=()))


def finds(name: str, data: bytes) -> bool:
    """Whether the rule finds anything in a file, whatever it declares."""
    part = Scanner(View(data), [without_shapes(name)]).part([FILE])
    assert part.crashed == ()
    return bool(part.findings)


def may_hold(name: str, data: bytes) -> bool:
    return WholeFile(data).may_hold(rulebook.load(name).rule.shapes)


def tokens(draw: random.Random, left: int) -> list[str]:
    """An expression, in pieces between which something may stand."""
    kind = draw.random()
    if left == 0 or kind < 0.1:
        return [draw.choice(OPERANDS)]
    if kind < 0.25:
        return ["!", *tokens(draw, 0)]
    if kind < 0.33:
        parts = (tokens(draw, left - 1) for _ in range(3))
        first, second, third = parts
        return [*first, "?", *second, ":", *third]
    if kind < 0.41:
        return ["(", "ret", "=", *tokens(draw, left - 1), ")"]
    return [
        *tokens(draw, left - 1), draw.choice(OPERATORS), *tokens(draw, left - 1)
    ]  # fmt: skip


def expression(draw: random.Random) -> str:
    text = ""
    for token in tokens(draw, draw.choice((1, 1, 2, 3))):
        kind = draw.random()
        if kind < 0.06:
            other = draw.choice((*OPERANDS, f"{token} {draw.choice(OPERATORS)}"))
            token = BRANCHES % draw.choice(((token, other), (other, token)))
        elif kind < 0.16:
            token += draw.choice(NOISE)
        text += draw.choice((" ", " ", "")) + token
    return text


def files(seed: int) -> Iterator[bytes]:
    """Small files, each with an expression in a function or a macro."""
    draw = random.Random(seed)
    for _ in range(MADE):
        made = expression(draw)
        if draw.random() < 0.1:
            body = " ".join(made.replace("//", "").split("\n"))
            text = f"#define MACRO(x, y) ({body})\nint last;\n"
        else:
            head = draw.choice(("static bool is_it", "int test_it", "long it"))
            body = draw.choice(AROUND) % made
            text = (
                f"{head}(long x, long y, struct s *p)\n{{\n\tint ret;\n\t{body}\n}}\n"
            )
        if draw.random() < 0.05:
            text = text.replace("\n", "\r\n")
        yield text.encode()


def test_some_rules_declare_shapes() -> None:
    assert "mask-precedence" in NAMES


@pytest.mark.parametrize("name", NAMES)
def test_what_is_found_has_a_shape(name: str) -> None:
    found = 0
    for data in files(seed=104):
        if finds(name, data):
            found += 1
            assert may_hold(name, data), data.decode()
    assert found > MADE / 50


@pytest.mark.parametrize("name", NAMES)
def test_what_a_case_shows_has_a_shape(name: str) -> None:
    folder = rulebook.load(name).folder / "cases"
    texts = [text for path in sorted(folder.glob("*.case")) for text in after(path)]
    marked = [text for text in texts if f"//= {name} " in text]
    assert marked
    for text in marked:
        assert may_hold(name, without_marks(text).encode()), text


def after(path: Path) -> list[str]:
    return list(load(path).after.values())


@pytest.mark.parametrize("name", NAMES)
def test_what_has_no_operator_has_no_shape(name: str) -> None:
    plain = (
        b"/* a & b == c */\nint f(int x)\n{\n\tg(\"!x & 3\", '&');\n\treturn x;\n}\n"
    )
    assert not may_hold(name, plain)


# --- bare code ------------------------------------------------------------------------


def test_bare_code_has_neither_comments_nor_strings_nor_directives() -> None:
    data = b'a /* b */ = "c" "\\"d" + \'e\'; // f\\\ng\n#include <h.h>\n#error i\nj;\n'
    text = bare_code(data).text
    assert text.split() == [b"a", b"=", b"000", b"00000", b"+", b"000;", b"j;"]


def test_bodies_of_macros_and_conditions_follow_at_the_end() -> None:
    data = b"int a =\n#define B(x) x ## 1 \\\n  + 2\n 1;\n#if C & D\n#endif\nint e;\n"
    code, macro, condition = bare_code(data).text.split(b"\n;\n")
    assert code.split() == [b"int", b"a", b"=", b"1;", b"int", b"e;"]
    assert macro.split() == [b"define", b"B(x)", b"x", b"1", b"+", b"2"]
    assert condition.split() == [b"if", b"C", b"&", b"D"]


def test_a_statement_that_is_cut_through_is_there_with_each_branch() -> None:
    data = b"x = a &\n#ifdef B\n\tb\n#else\n\tc\n#endif\n\t== d;\n"
    found = bare_code(data)
    ways = [b"".join(part.split()) for part in found.text.split(b"\n;\n")[1:]]
    assert ways == [b"x=a&b==d", b"x=a&c==d", b"x=a&==d"]
    assert not found.is_cut
    inner = data.replace(b"\tb\n", b"\tb\n#ifdef C\n +\n#endif\n")
    assert bare_code(inner).is_cut


def test_whole_statements_in_branches_are_not_repeated() -> None:
    data = b"f(a &\n b);\n#ifdef B\nx = a & b;\n#else\nx = 1;\n#endif\ny = 2;\n"
    assert bare_code(data).text.count(b"x = 1") == 1
