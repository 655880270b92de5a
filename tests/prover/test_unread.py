# SPDX-License-Identifier: GPL-2.0-or-later
"""What changes at file level and is read by nobody is told as not compared."""

from __future__ import annotations

import pytest

from reviewer.c.source import parse
from reviewer.prover.changes.judging_order import seen_elsewhere
from reviewer.prover.changes.not_compared import unread_changes
from reviewer.prover.changes.renamed_functions import changed_functions
from reviewer.prover.judge.compare import compare_files

START = (
    "#include <linux/a.h>\nstruct s { int a; };\ntypedef int t;\nextern int e(int);\n"
    "static struct s one = { 1 };\nint two[] = { 1, 2 };\nmodule_init(f);\n"
    "static int f(int x)\n{\n\treturn x;\n}\n"
)
UNREAD = {
    "a name in parentheses": "int (g)(int x) { return x + 1; }\n",
    "a pointer to a function is returned": "int (*g(int x))(int) { return e + 1; }\n",
    "a macro in front": 'int SEC("a") NEXT("b") (g)(int x) { return x + 1; }\n',
}
READ = {
    "a struct": "struct u { int a + 1; };\n",
    "a typedef": "typedef struct { int a[1 + 1]; } g;\n",
    "a table": "static const int g[] = { 1 + 1 };\n",
    "a table of structs": "struct s g[2] = { [0] = { .a = 1 + 1 } };\n",
    "an enum": "enum g { A = 1 + 1, B };\n",
    "a declaration": "int g(int x, int (*y)[1 + 1]);\n",
    "a number": "static int g = 1 + 1;\n",
    "a call at file level": "MODULE_PARM(g, 1 + 1);\n",
    "a function": "static __init int g(void) { return 1 + 1; }\n",
}


def sides(text: str):
    return [
        parse("kernel/x.c", (START + part).encode())
        for part in (text, text.replace("+ 1", "+ 2"))
    ]


@pytest.mark.parametrize("title", UNREAD)
def test_it_is_not_decided_by_its_name(title: str) -> None:
    (found,) = unread_changes(*sides(UNREAD[title]))
    assert (found.name, found.line) == ("g", 12)
    verdicts = compare_files(*sides(UNREAD[title]), None, None)
    assert [str(verdict.verdict) for verdict in verdicts] == ["not decided"]


@pytest.mark.parametrize("title", READ)
def test_what_is_read_elsewhere_is_not_told_twice(title: str) -> None:
    assert unread_changes(*sides(READ[title])) == ()


def test_what_moves_or_is_spelled_otherwise_is_no_change() -> None:
    text = UNREAD["a name in parentheses"]
    one = parse("kernel/x.c", (START + text).encode())
    two = parse("kernel/x.c", (text.replace(" {", "\n{ /* x */") + START).encode())
    assert unread_changes(one, two) == ()


@pytest.mark.parametrize("attribute", ["__init ", "__cold\n", '__section(".a") '])
def test_a_function_whose_attributes_change_is_compared(attribute: str) -> None:
    text = "int g(int x) { return x; }\n"
    one, two = (
        parse("kernel/x.c", (START + before + text).encode())
        for before in ("", attribute)
    )
    assert changed_functions(one, two) == ("g",)
    assert [str(v.verdict) for v in compare_files(one, two, None, None)] == ["equal"]


def test_a_table_that_no_function_names_is_seen_elsewhere() -> None:
    one, two = sides("static struct s table = { 1 + 1 };\nDRIVER(table);\n")
    assert seen_elsewhere(one, two, None, None)


def test_a_table_with_a_value_without_a_name_is_read() -> None:
    table = "static struct a t = { .b = &(const struct c) { .d = %s, }, };\n"
    one, two = (parse("a.c", (table % number).encode()) for number in "12")
    assert unread_changes(one, two) == ()
