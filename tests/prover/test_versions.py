# SPDX-License-Identifier: GPL-2.0-or-later
"""A function that is there once for each setting of an option."""

from __future__ import annotations

import pytest

from reviewer.c.source import parse
from reviewer.facts import Facts
from reviewer.prover.judge.compare import compare_files, compare_functions
from reviewer.prover.verdict import Verdict
from reviewer.tree.view import EmptyView
from reviewer.tree.views import OverlayView

TEXT = """#ifdef {0}
int f(int x) {{ return {1}; }}
#else
int f(int x) {{ return {2}; }}
#endif
"""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (("CONFIG_A", "x + x", "0"), ("CONFIG_A", "2 * x", "x - x"), Verdict.EQUAL),
        (("CONFIG_A", "x", "0"), ("CONFIG_A", "x", "1"), Verdict.NOT_DECIDED),
        (("CONFIG_A", "x", "0"), ("CONFIG_B", "x", "0"), Verdict.NOT_DECIDED),
        (("FAST", "x", "0"), ("FAST", "x", "0"), Verdict.NOT_DECIDED),
    ],
)
def test_each_version_is_compared_with_that_under_the_same_options(
    old: tuple[str, str, str], new: tuple[str, str, str], told: Verdict
) -> None:
    one, two = (parse("a.c", TEXT.format(*side).encode()) for side in (old, new))
    (found,) = compare_functions(one, two, None, None, "f")
    assert found.verdict is told


@pytest.mark.parametrize("number", [0, 1])
def test_a_change_of_any_version_is_seen(number: int) -> None:
    old = ["CONFIG_A", "x", "0"]
    new = ["CONFIG_A", "x", "0"]
    new[1 + number] = "x + 3"
    one, two = (parse("a.c", TEXT.format(*side).encode()) for side in (old, new))
    (found,) = compare_files(one, two, None, None)
    assert found.verdict is Verdict.NOT_DECIDED


@pytest.mark.parametrize(
    "new",
    [
        TEXT.replace("ifdef", "ifndef"),
        TEXT.replace(
            "#else", "#elif defined(CONFIG_B)\nint f(int x) {{ return 3; }}\n#else"
        ),
        TEXT.replace("#else", "#elif defined(CONFIG_B)"),
    ],
)  # fmt: skip
def test_other_options_are_a_change(new: str) -> None:
    values = "CONFIG_A", "x", "0"
    one, two = (parse("a.c", text.format(*values).encode()) for text in (TEXT, new))
    (found,) = compare_files(one, two, None, None)
    assert found.verdict is Verdict.NOT_DECIDED


@pytest.mark.parametrize("line", ["#define CONFIG_A 1", "#undef CONFIG_A"])
def test_an_option_that_the_file_sets_itself_decides_nothing(line: str) -> None:
    text = TEXT.format("CONFIG_A", "x", "0")
    one, two = (parse("a.c", side.encode()) for side in (text, f"{line}\n{text}"))
    (found,) = compare_functions(one, two, None, None, "f")
    assert found.verdict is Verdict.NOT_DECIDED


STUB = "static inline int f(int x) { return x + K; }"


@pytest.mark.parametrize("stub", ["#define f(x) ((x) + K)", STUB])
@pytest.mark.parametrize("place", ["a.c", "b.h"])
def test_a_version_that_is_the_same_says_nothing_of_another_one(
    stub: str, place: str
) -> None:
    """g() calls f(), or what stands for it without the option."""
    sides = []
    for number, returned in enumerate(("x + x", "2 * x")):
        stubs = f"#ifndef CONFIG_A\n#define K {number}\n{stub}\n#endif\n"
        text = f"#ifdef CONFIG_A\nint f(int x) {{ return {returned}; }}\n#endif\n"
        text += "int g(int x) { return f(x); }\n"
        text = f'#include "b.h"\n{text}' if place == "b.h" else stubs + text
        files = {"b.h": stubs.encode(), "a.c": text.encode()}
        view = OverlayView(EmptyView(), files)
        sides.append((parse("a.c", files["a.c"]), Facts(view)))
    (one, facts_one), (two, facts_two) = sides
    found = compare_files(one, two, facts_one, facts_two)
    assert not all(one.verdict is Verdict.EQUAL for one in found)


ASKS = """int f(int x)
{
#ifdef CONFIG_A
\treturn 1;
#else
\treturn %s;
#endif
}
"""


@pytest.mark.parametrize("line", ["#define CONFIG_A 1", "#undef CONFIG_A"])
@pytest.mark.parametrize(
    "text", [ASKS, "int f(int x) { return IS_ENABLED(CONFIG_A) ? 1 : %s; }\n"]
)
def test_an_option_that_the_file_sets_is_not_free_in_a_function(
    line: str, text: str
) -> None:
    sides = text % "x + x", f"{line}\n{text % '2 * x'}"
    one, two = (parse("a.c", side.encode()) for side in sides)
    (found,) = compare_functions(one, two, None, None, "f")
    assert found.verdict is Verdict.NOT_DECIDED


def test_a_register_may_be_called_like_an_option() -> None:
    text = "#define CONFIG_MODE 3\nint f(int x) { return %s + CONFIG_MODE; }\n"
    one, two = (parse("a.c", (text % side).encode()) for side in ("x + x", "2 * x"))
    (found,) = compare_functions(one, two, None, None, "f")
    assert found.verdict is Verdict.EQUAL
