# SPDX-License-Identifier: GPL-2.0-or-later
"""What the fuzzers found, each by itself."""

from __future__ import annotations

import pytest

from reviewer.behaviour.compare import compare_functions
from reviewer.behaviour.verdict import Verdict
from reviewer.c.source import parse

BEFORE = b"u64 f(u64 a)\n{\n\treturn g(a, X);\n}\n"


@pytest.mark.parametrize("odd", [b"g\xff", b"\xfeg"])
def test_names_that_are_no_text_are_not_compared(odd: bytes) -> None:
    """z3 takes names as UTF-8 and raised UnicodeEncodeError."""
    pre = parse("mm/x.c", BEFORE.replace(b"g", odd))
    post = parse("mm/x.c", BEFORE.replace(b"g", odd).replace(b"a, ", b"a + 1, "))
    (verdict,) = compare_functions(pre, post, None, None, "f")
    assert verdict.verdict is Verdict.NOT_DECIDED


def test_names_do_not_end_at_a_nul() -> None:
    """z3 takes names as C strings: two that differ behind a NUL were one."""
    pre, post = (
        parse("mm/x.c", BEFORE.replace(b"X", b'"a\0%d"' % n)) for n in range(2)
    )
    (verdict,) = compare_functions(pre, post, None, None, "f")
    assert verdict.verdict is not Verdict.EQUAL
