# SPDX-License-Identifier: GPL-2.0-or-later
"""Which name a function has whose head has attributes with arguments."""

from __future__ import annotations

import pytest

from reviewer.facts.header import header

HEADS = [
    "static inline int f(int x)\n\t__must_hold(x)\n",
    "static int f(int x) __releases(&a) __acquires(&b)",
    "static int f(int x) __pure __must_hold(RCU)",
    "static inline int f(int x) __attribute__((cold)) __maybe_unused",
    "static int f(int x) __own_annotation(x)",
    "static __printf(1, 2) int f(int x)",
    "__attribute__((cold)) static int f(int x)",
    "static __always_inline __attribute__((const)) int f(int x)",
    "MACRO(x)\nstatic int f(int x)",
    "static typeof(a) f(int x)",
]


@pytest.mark.parametrize(
    "end", [";", "\n{\n\treturn x;\n}\n"], ids=["declared", "here"]
)
@pytest.mark.parametrize("name", ["f", "__f"])
@pytest.mark.parametrize("head", HEADS)
def test_the_name_is_that_before_the_parameters(head: str, name: str, end: str) -> None:
    text = head.replace(" f(", f" {name}(") + end
    found = header("include/linux/x.h", text.encode()).functions
    assert list(found) == [name]
    assert found[name][0].parameters == "int x"


def test_a_function_behind_an_attribute_alone_has_its_name() -> None:
    text = "static __printf(1, 2) __must_check __f(int x)\n{\n}\n"
    assert list(header("include/linux/x.h", text.encode()).functions) == ["__f"]
