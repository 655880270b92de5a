# SPDX-License-Identifier: GPL-2.0-or-later
"""Small questions about C that many rules ask, answered once."""

from __future__ import annotations

import pytest

from reviewer.c.source import Source, parse
from reviewer.kit.assignments import assignments, sets_anew
from reviewer.kit.expressions import around, operand_of, terms_of
from reviewer.kit.truth_values import parameters


def source_of(text: str) -> Source:
    return parse("a.c", text.encode())


@pytest.mark.parametrize(
    ("head", "names"),
    [
        ("int f(int a, long b)", ("a", "b")),
        ("int f(void (*done)(int x, int y), int z)", ("done", "z")),
        ("static struct page *f(struct page *page, int, ...)", ("page", "")),
        ("void f(void)", ("",)),
        ("void f()", ()),
    ],
)
def test_the_parameters_are_those_of_the_function_itself(head, names) -> None:
    source = source_of(f"{head}\n{{\n\tint (*g)(int c);\n}}\n")
    (function,) = source.functions
    assert parameters(source, function) == names


def test_one_function_of_a_name_is_found_and_two_are_not() -> None:
    source = source_of(
        "int f(void)\n{\n}\n#ifdef A\nint g(void)\n{\n}\n"
        "#else\nint g(void)\n{\n}\n#endif\nint h(void);\n"
    )
    assert source.function_named("f") is source.functions[0]
    assert source.function_named("g") is None
    assert source.function_named("h") is None


def test_every_assignment_is_seen_with_what_it_sets() -> None:
    source = source_of(
        "void f(int a)\n{\n\tint *p = &a, n;\n\tn = (a);\n\t*p |= n++;\n}\n"
    )
    told = [
        (source.text(target), source.text(value), sets_anew(node))
        for node, target, value in assignments(source, source.root)
    ]
    assert told == [("p", "&a", True), ("n", "(a)", True), ("*p", "n++", False)]


def test_operators_are_looked_through() -> None:
    source = source_of("int f(int a, int b, int c)\n{\n\treturn !((a | (b | c)));\n}\n")
    (node,) = source.walk(source.root, "unary_expression")
    inner = operand_of(node, "!")
    assert inner is not None
    assert operand_of(node, "-") is None
    names = list(terms_of(inner, "|"))
    assert [source.text(name) for name in names] == ["a", "b", "c"]
    assert [source.text(name) for name in terms_of(inner, "&")] == ["a | (b | c)"]
    up = around(names[2])
    assert up is not None
    assert source.text(up) == "b | c"
