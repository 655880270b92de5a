# SPDX-License-Identifier: GPL-2.0-or-later
"""Members of a struct that are what they were, with and without an #if around them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from judged_pairs import HEAD, judged

from reviewer.prover.structure.changed_structs import struct_change
from reviewer.prover.verdict import Verdict

A_B = "int a;\n#ifdef CONFIG_X\nint b;\n#endif\n"
OTHERS_STAY = [  # a member of its own, in front of, in and behind an #ifdef
    (A_B, "int new;\n" + A_B),
    (A_B, A_B.replace("#endif", "int new;\n#endif")),
    (A_B, A_B + "int new;\n"),
    (A_B + "int c;\n", A_B + "#ifdef CONFIG_Y\nint new;\n#endif\nint c;\n"),
    (A_B, A_B.replace("int b;", "int b;\n#else\nint new;")),
]
C_IS_ANOTHER = [
    (  # another type in either branch
        "#ifdef CONFIG_X\nint a;\nint c;\n#else\nint b;\nlong c;\n#endif\n",
        "#ifdef CONFIG_X\nint a;\nlong c;\n#else\nint b;\nint c;\n#endif\n",
    ),
    (A_B + "int c;\n", A_B.replace("#endif", "int c;\n#endif")),  # not always there
    (A_B + "int c;\n", "int c;\n".join(A_B.split("int b;\n"))),
    ("int z;\nint c;\n", "#ifdef CONFIG_X\nint z;\nint c;\n#endif\n"),
    ("#if A\nint z;\nint c;\n#endif\n", "#if B\nint z;\nint c;\n#endif\n"),
]


def changed(old: str, new: str) -> frozenset[str] | None:
    """The members of struct s that are others, None for all."""
    texts = (" ".join(f"1 struct s {{ {text} }};".split()) for text in (old, new))
    return struct_change(*texts).members


@pytest.mark.parametrize(("old", "new"), OTHERS_STAY)
def test_members_beside_a_new_one_are_what_they_were(old: str, new: str) -> None:
    members = changed(old, new)
    assert members is not None
    assert members.isdisjoint("ac")


@pytest.mark.parametrize(("old", "new"), C_IS_ANOTHER)
def test_a_member_that_is_there_under_another_if_is_another(old: str, new: str) -> None:
    members = changed(old, new)
    assert members is None or "c" in members


USES_C = "struct own *w = get(1);\n\twhile (a--)\n\t\task(w->c);\n\treturn ask(w->c);"
OWN = HEAD + "struct own {\n%s\n};\n"


def test_a_function_that_uses_the_other_members_is_the_same() -> None:
    old = "int c;\n" + A_B
    told = judged(USES_C, USES_C, OWN % old, OWN % f"int new;\n{old}")
    assert told.verdict is Verdict.EQUAL


@pytest.mark.parametrize(("old", "new"), C_IS_ANOTHER)
def test_a_function_that_uses_one_that_is_another(old: str, new: str) -> None:
    told = judged(USES_C, USES_C, OWN % old, OWN % new)
    assert told.verdict is not Verdict.EQUAL


PASTED = """#define M(n) m_##n
static inline int first(int v)
{{
	struct own s = {};
	return s.M(a);
}}
"""
BY_FIRST = ["{ v, 23 }", "(struct own) { v, 23 }"]


@pytest.mark.parametrize("values", BY_FIRST)
def test_a_callee_that_gives_values_without_names(values: str) -> None:
    callee = PASTED.format(values)
    heads = [OWN % m + callee for m in ("int m_a;\nint m_b;", "int m_b;\nint m_a;")]
    body = "return first(a);", "int r = first(a);\n\treturn r;"
    assert judged(*body, *heads).verdict is not Verdict.EQUAL
    named = [head.replace(values, "{ .m_a = v, .m_b = 23 }") for head in heads]
    assert judged(*body, *named).verdict is Verdict.EQUAL


def test_a_loop_whose_condition_is_never_come_to() -> None:
    old = "ask(p);\n\treturn a;"
    for loop in (
        "do { return 7; } while (0);",
        "do { { a = 3; return a; } } while (p);",
    ):
        for new in (
            f"ask(p);\n\tif (a > 3)\n\t\t{loop}\n\treturn a;",
            f"ask(p);\n\tif (a <= 3) {{ }} else {{ {loop} }}\n\treturn a;",
        ):
            assert judged(old, new).verdict is not Verdict.EQUAL
            assert judged(new, old).verdict is not Verdict.EQUAL
