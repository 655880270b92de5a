# SPDX-License-Identifier: GPL-2.0-or-later
"""C as text: comments, strings and brackets, and that one module alone reads them."""

from __future__ import annotations

import ast
import re
import time
from pathlib import Path

import pytest

from reviewer.c import text

TOP = Path(__file__).parents[2]
# A regular expression that knows how a comment, a string with escapes or a character
# constant begins and ends.
COMMENT = re.compile(r"/\\\*|//\[\^|//\.\*")
# What may count brackets: the one reader, the expander, which works on tokens, and what
# reads regular expressions of rules.
COUNTS = {"text.py", "preprocessor.py", "expander.py", "rulebook.py"}
# What reads comments: the one reader, the rule about kernel-doc, and what looks past
# them in all files of a tree, for which blanking each would cost most of a scan.
COMMENTS = {"text.py", "documented.py", "places_of_names.py"}
# What only asks whether there is one: a rule's ``needs``.
NEEDS = {TOP / "rules/kernel_doc_mismatch/rule.py"}
BRACKETS = re.compile(r"^[()\[\]{},;]+$")


@pytest.mark.parametrize(
    ("code", "without"),
    [
        ("a /* b */ c", "a         c"),
        ("a // b\nc", "a     \nc"),
        ('"/*" a "*/"', '"/*" a "*/"'),
        ("'\"' /* x */", "'\"'        "),
        (r'"\"/*" /**/', r'"\"/*"     '),
        ("a /* b", "a     "),
        ("// a \\\n b\nc", "      \n  \nc"),
        ("it's /* b */ c", "it's         c"),
        ("/***/ a /*/ b */", "      a         "),
    ],
)
def test_comments_are_blanks_and_strings_stay(code: str, without: str) -> None:
    assert text.without_comments(code) == without
    assert text.blank_comments(code.encode()) == without.encode()


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("x == A; /* y & B */", "x == A;  "),
        ("still a comment */ x & A;", "  x & A;"),
        ('pr("/* %s */", x & A);', 'pr("", x & A);'),
        ("x & A; /* goes on", "x & A;  "),
        ("x; // y & B", "x;  "),
    ],
)
def test_a_line_is_read_by_itself(line: str, code: str) -> None:
    assert text.code_of_line(line) == code


def test_a_string_over_lines_keeps_its_lines() -> None:
    code = b'a "b \\\n c" d /* e\n */ f'
    blank = text.without_comments_and_strings(code)
    assert blank == b"a 0000\n000 d     \n    f"


@pytest.mark.parametrize(
    ("code", "inside"),
    [("(a)", "a"), ("(a (b), {c; )d})", "a (b), {c; )d}"), ("f[(1)]", "(1)")],
)
def test_a_bracket_and_the_one_that_closes_it(code: str, inside: str) -> None:
    opening = code.index(inside) - 1
    closing = opening + len(inside) + 1
    if code.count(")") == code.count("("):
        assert text.closing_bracket(code, opening) == closing
        assert text.opening_of(code, closing) == opening
        assert text.opening_of(code.encode(), closing) == opening


def test_the_declarations_of_a_struct() -> None:
    told = text.declarations(" int a; struct { int b; } c[2]; ")
    assert told == ([" int a", " struct { int b; } c[2]"], "")
    assert text.declarations("int a; int b")[1] == "int b"


def test_arguments_are_split_at_their_own_commas() -> None:
    assert text.split_arguments("a, f(b, c), {d, e}, x[1, 2]") == [
        "a", "f(b, c)", "{d, e}", "x[1, 2]",
    ]  # fmt: skip
    assert text.split_tokens(["a", ",", "f", "(", "b", ",", "c", ")", ",", "d"]) == [
        ["a"], ["f", "(", "b", ",", "c", ")"], ["d"],
    ]  # fmt: skip
    assert text.split_arguments("") == [""]


@pytest.mark.parametrize(
    "unit", ["/*", "/* *", '"', "'\\", "//\\\n", "(", "{ /* } */", '"a\\\n', "*/"]
)
def test_hostile_text_costs_no_more_than_its_size(unit: str) -> None:
    """Four times the text takes far less than sixteen times as long."""

    def seconds(times: int) -> float:
        code = unit * times
        best = 1e9
        for _ in range(3):
            began = time.process_time()
            text.without_comments(code)
            text.normalised(code)
            text.blank_comments(code.encode())
            text.code_of(code)
            best = min(best, time.process_time() - began)
        return best

    assert seconds(20_000) < 10 * seconds(5_000) + 0.05


def sources() -> list[Path]:
    files = [*(TOP / "reviewer").rglob("*.py"), *(TOP / "rules").rglob("*.py")]
    return [
        path for path in files if path.is_relative_to(TOP / "reviewer/rules") is False
    ]


def counts_brackets(function: ast.FunctionDef) -> bool:
    """Whether a function keeps a depth and compares with brackets."""
    counts = any(
        isinstance(node, ast.AugAssign)
        and isinstance(node.target, ast.Name)
        and node.target.id == "depth"
        for node in ast.walk(function)
    )
    return counts and any(
        isinstance(node, ast.Constant)
        and isinstance(node.value, str | bytes)
        and BRACKETS.match(
            node.value if isinstance(node.value, str) else node.value.decode("latin-1")
        )
        for node in ast.walk(function)
    )


def test_one_module_reads_comments_strings_and_brackets() -> None:
    for path in sources():
        code = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(code):
            if isinstance(node, ast.FunctionDef) and path.name not in COUNTS:
                assert not counts_brackets(node), f"{path} {node.name}"
            if not isinstance(node, ast.Constant) or path.name in COMMENTS:
                continue
            if path in NEEDS:
                continue
            value = node.value
            if isinstance(value, bytes):
                value = value.decode("latin-1")
            if isinstance(value, str):
                assert not COMMENT.search(value), f"{path}:{node.lineno} reads comments"
