# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether a file may have the body of a function."""

from __future__ import annotations

import random

import pytest

from reviewer.facts.function_names import may_have_body
from reviewer.facts.header import Header

CALLED = (
    "int g(void)\n{\n\tf(a, b);\n\tif (f(x)) {\n\t\treturn f(1);\n\t}\n}\n",
    "int f(int a);\nextern int f(int);\n",
    "struct s { int f; };",
    "int (*f)(int x);\n",
    "",
)
HAS_BODY = (
    "int f(int a)\n{\n}\n",
    "static int (f)(int x) {}",
    "int f(int a /* ; */) {}",
    "int f(int a) // }\n{}",
    "int f(int a)\n#ifdef X\n__must_hold(a)\n#endif\n{ }",
    "int f(int a) __acquires(a) {}",
)
PIECES = ("f", "(", ")", "int ", "{", "}", ";", "x", "/* } */", "\n", "=", ",", '"}"')


@pytest.mark.parametrize("text", CALLED)
def test_a_call_or_a_prototype_is_no_body(text: str) -> None:
    assert not may_have_body(text.encode(), b"f")
    assert Header("a.c", text.encode()).bodies_of("f") == ()


@pytest.mark.parametrize("text", HAS_BODY)
def test_a_body_is_one(text: str) -> None:
    assert may_have_body(text.encode(), b"f")
    assert len(Header("a.c", text.encode()).bodies_of("f")) == 1


def test_what_is_read_as_a_body_may_be_one() -> None:
    draw, bodies = random.Random(1), 0
    for _ in range(1500):
        text = draw.choice(("int f(", "int f(int x)", "int ", ""))
        text += "".join(draw.choices(PIECES, k=draw.randrange(6)))
        text += draw.choice((") {}", "{ x; }", ")", ""))
        found = [
            one
            for one in Header("a.c", text.encode()).functions.get("f", ())
            if one.body
        ]
        bodies += bool(found)
        assert not found or may_have_body(text.encode(), b"f"), repr(text)
    assert bodies > 20
