# SPDX-License-Identifier: GPL-2.0-or-later
"""A macro that only prints, and one that does something else as well."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from judged_pairs import HEAD, judged

from reviewer.prover.verdict import Verdict

PRINTS = [
    "#define tell(fmt, ...) printk(fmt, ##__VA_ARGS__)\n",
    "#define tell(fmt, ...) do { if (unlikely(level & 1)) pr_info(fmt, ##__VA_ARGS__);"
    " } while (0)\n",
    "#define inner(y, ...) do { if (y) printk(__VA_ARGS__); } while (0)\n"
    "#define tell(...) inner(level, __VA_ARGS__)\n",
    "#define of_level(level, type, fmt, ...) pr_##level##type(fmt, ##__VA_ARGS__)\n"
    "#define tell(fmt, ...) of_level(err,, fmt, ##__VA_ARGS__)\n",
    "#ifdef CONFIG_A\n#define tell(fmt, ...) pr_err(fmt, ##__VA_ARGS__)\n#else\n"
    "#define tell(fmt, ...) do { } while (0)\n#endif\n",
]
DOES_MORE = [
    "#define tell(fmt, ...) do { level++; printk(fmt, ##__VA_ARGS__); } while (0)\n",
    "#define tell(fmt, ...) do { level <<= 1; printk(fmt); } while (0)\n",
    "#define tell(fmt, ...) do { printk(fmt, ##__VA_ARGS__); return 0; } while (0)\n",
    "#define tell(fmt, ...) do { printk(fmt, ##__VA_ARGS__); lock(0); } while (0)\n",
    "#define tell(fmt, ...) do { if (level) lock(0); } while (0)\n",
    "#define tell(fmt, ...) printk(fmt, ask(0), ##__VA_ARGS__)\n",
    "#define printk(...) lock(0)\n#define tell(fmt, ...) printk(fmt, ##__VA_ARGS__)\n",
    "#define tell(fmt, ...) log_more(fmt, ##__VA_ARGS__)\n",
    "#define of_level(level, type, fmt, ...) l##level##type(fmt, ##__VA_ARGS__)\n"
    "#define tell(fmt, ...) of_level(ock,, 0)\n",
    "#define of_level(level, fmt, ...) pr_##level(fmt, ##__VA_ARGS__)\n"
    "#define tell(fmt, ...) of_level(a, fmt)\n",
]
BODY = "\twhile (a--)\n\t\task(p);\n\ttell(%s, a);\n\treturn a;"


def _told(macro: str) -> Verdict:
    head = f"{HEAD}extern int level;\n{macro}"
    return judged(BODY % '"one %d"', BODY % '"two %d"', head).verdict


@pytest.mark.parametrize("macro", PRINTS)
def test_a_macro_that_ends_in_a_print(macro: str) -> None:
    assert _told(macro) is Verdict.MESSAGE


@pytest.mark.parametrize("macro", DOES_MORE)
def test_a_macro_that_does_more(macro: str) -> None:
    assert _told(macro) is not Verdict.MESSAGE


IFS = [
    "sometimes lock(z);",
    "when(y) lock(z);",
    "when(y) unlock(z + 0);",
    "if (y) { when(y) lock(z); }",
]


@pytest.mark.parametrize("inside", IFS)
def test_a_call_behind_a_macro_that_asks_is_no_declaration(inside: str) -> None:
    head = (
        f"{HEAD}extern int level;\n#define when(x) if (level & (x))\n"
        "#define sometimes if (level)\n"
        f"#define tell(z, y) do {{ {inside} }} while (0)\n"
    )
    body = "\twhile (a--)\n\t\task(p);\n\ttell(%s, a);\n\treturn a;"
    assert judged(body % "p", body % "p->next", head).verdict is not Verdict.EQUAL


def test_a_store_behind_a_macro_that_asks_is_no_declaration() -> None:
    head = f"{HEAD}extern int level;\n#define when(x) if (level & (x))\n"
    body = "\tif (p)\n\t\ta++;\n\t{ when(1) a = %d; }\n\treturn a;"
    assert judged(body % 1, body % 2, head).verdict is not Verdict.EQUAL


GIVEN = "\twhile (a--)\n\t\task(p);\n\tpr_err(%s);\n\treturn a;"


def test_arguments_that_do_something_are_left_alone() -> None:
    found = judged(GIVEN % '"one %d", ask(p)', GIVEN % '"two %d", ask(p)', HEAD)
    assert found.verdict is Verdict.MESSAGE


@pytest.mark.parametrize("other", ['"two %d", ask(p->next)', '"two %d", ask(p) + 1'])
def test_arguments_that_do_something_else_are_not(other: str) -> None:
    found = judged(GIVEN % '"one %d", ask(p)', GIVEN % other, HEAD)
    assert found.verdict is not Verdict.MESSAGE
