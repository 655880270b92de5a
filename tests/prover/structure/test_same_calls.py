# SPDX-License-Identifier: GPL-2.0-or-later
"""Two ways to write one call; a table of which only const is new."""

from __future__ import annotations

import pytest

from reviewer.c.source import parse
from reviewer.facts import Facts
from reviewer.prover.judge.compare import compare_functions
from reviewer.tree.view import EmptyView
from reviewer.tree.views import OverlayView

STRING = """#define CONCATENATE(a, b) a ## b
#define __strscpy0(dst, src, ...) sized_strscpy(dst, src, sizeof(dst))
#define __strscpy1(dst, src, size) sized_strscpy(dst, src, size)
#define strscpy(dst, src, ...) \\
	CONCATENATE(__strscpy, COUNT_ARGS(__VA_ARGS__))(dst, src, __VA_ARGS__)
static inline const char *str_read_write(bool v)
{
	return v ? "read" : "write";
}
#define str_write_read(v) str_read_write(!(v))
static inline const char *str_wide(long v)
{
	return v ? "read" : "write";
}
"""
FILE = """#include <linux/string.h>
struct s { int m; struct s *next; char name[8]; char other[9]; };
int ask(struct s *p);
void tell(const char *what, int n);
int f(struct s *p, int a)
{
	char here[8];
	int r = ask(p);

	while (p) { r += ask(p); p = p->next; }
	%s
	return r;
}
"""
SAME = {
    "read or write": ('tell(a ? "read" : "write", 1);', "tell(str_read_write(a), 1);"),
    "in parentheses": ('tell((p->m & 4) ? "read" : "write", 1);',
                       "tell(str_read_write(p->m & 4), 1);"),
    "all of it in parentheses": ('tell((a ? "read" : "write"), 1);',
                                 "tell(str_read_write(a), 1);"),
    "the other way round": ('tell(a ? "write" : "read", 1);',
                            "tell(str_write_read(a), 1);"),
    "with a not": ('tell(!a ? "write" : "read", 1);', "tell(str_read_write(a), 1);"),
    "a comparison": ('tell(a == 3 ? "read" : "write", 1);',
                     "tell(str_read_write(a == 3), 1);"),
    "the size of the array": ("strscpy(here, p->name, sizeof(here)); tell(here, 1);",
                              "strscpy(here, p->name); tell(here, 1);"),
    "of a member": ("strscpy(p->name, p->other, sizeof(p->name));",
                    "strscpy(p->name, p->other);"),
}  # fmt: skip
OTHERS = {
    "another string": ('tell(a ? "read" : "wrote", 1);', "tell(str_read_write(a), 1);"),
    "swapped": ('tell(a ? "write" : "read", 1);', "tell(str_read_write(a), 1);"),
    "another question": ('tell(a & 1 ? "read" : "write", 1);',
                         "tell(str_read_write(a & 2), 1);"),
    "a not too much": ('tell(!a ? "read" : "write", 1);',
                       "tell(str_read_write(a), 1);"),
    "the size of another": ("strscpy(p->name, p->other, sizeof(p->other));",
                            "strscpy(p->name, p->other);"),
    "another place": ("strscpy(p->name, p->other, sizeof(p->name));",
                      "strscpy(p->other, p->name);"),
    "a part of it": ('tell(str_read_write(a) + 1, 1);',
                     'tell((a) ? "read" : "write" + 1, 1);'),
    "less than the size": ("strscpy(p->name, p->other, sizeof(p->name) - 1);",
                           "strscpy(p->name, p->other);"),
}  # fmt: skip


def said(old: str, new: str, header: str = STRING, file: str = FILE) -> str:
    view = OverlayView(EmptyView(), {"include/linux/string.h": header.encode()})
    facts = Facts(view)
    one, two = (parse("mm/x.c", (file % text).encode()) for text in (old, new))
    (found,) = compare_functions(one, two, facts, facts, "f", conditions=True)
    return str(found.verdict)


@pytest.mark.parametrize("title", SAME)
def test_one_call_in_two_ways(title: str) -> None:
    assert said(*SAME[title]) == "equal"


@pytest.mark.parametrize("title", OTHERS)
def test_what_is_another_call(title: str) -> None:
    assert said(*OTHERS[title]) != "equal"


@pytest.mark.parametrize(
    "header",
    [
        STRING.replace('? "read" : "write"', '? "write" : "read"'),
        STRING.replace('? "read" : "write"', '> 1 ? "read" : "write"'),
        STRING.replace("bool v", "unsigned char v"),
        f"#ifdef CONFIG_NUMA\n{STRING}#else\n"
        "const char *str_read_write(bool v);\n#endif\n",
        STRING.replace("return v", "ask(0); return v"),
    ],
)
def test_the_header_says_what_it_is(header: str) -> None:
    two = 'tell(a ? "read" : "write", 1);', "tell(str_read_write(a), 1);"
    assert said(*two, header) != "equal"


@pytest.mark.parametrize(
    ("title", "old", "new"),
    [
        ("of a member", "int ask", "#undef __strscpy0\n#define __strscpy0(d, s, ...) "
         "sized_strscpy(d, s, 3)\nint ask"),
        ("of a member", "int ask", "#undef COUNT_ARGS\n#define COUNT_ARGS(...) 1\n"
         "int ask"),
        ("read or write", "char here[8];",
         "const char *(*str_read_write)(int) = other;"),
        ("read or write", "int a)", "const char *(*str_read_write)(bool), int a)"),
    ],
)  # fmt: skip
def test_a_name_that_the_file_has_itself_is_another(
    title: str, old: str, new: str
) -> None:
    assert said(*SAME[title], file=FILE.replace(old, new, 1)) != "equal"


@pytest.mark.parametrize(
    "size", ["sizeof(dst) - 1", "sizeof(src)", "8", "sizeof(dst) + __must_be(dst) + 1"]
)
def test_the_header_says_which_size_is_meant(size: str) -> None:
    short = STRING.replace("sizeof(dst)", size, 1)
    assert said(*SAME["of a member"], short) != "equal"


def test_what_a_header_checks_of_an_array_is_no_size() -> None:
    checked = STRING.replace("sizeof(dst)", "sizeof(dst) + __must_be_array(dst)", 1)
    assert said(*SAME["of a member"], checked) == "equal"


def test_a_copy_of_ones_own_is_another() -> None:
    own = FILE.replace("int ask", "#undef strscpy\nint strscpy();\nint ask", 1)
    assert said(*SAME["of a member"], file=own) != "equal"


TABLE = """struct r { int v; };
int ask(int n);
static struct r rows[] = { { 1 }, { 2 } };
int f(int a)
{
	while (ask(a)) a--;
	return rows[a & 1].v;
}
"""


@pytest.mark.parametrize(
    ("old", "new", "equal"),
    [
        ("static struct r rows", "static const struct r rows", True),
        ("static struct r rows[] = { { 1 }", "static const struct r rows[] = { { 3 }",
         False),
        ("static struct r rows", "static const struct r *rows", False),
        ("{ int v; }", "{ const int v; }", True),
        ("{ int v; }", "{ const short v; }", False),
        ("static struct r rows", "static const struct r rows", "*(int *)&rows[1] = 3;"),
        ("static struct r rows", "static const struct r rows",
         "ask((long)(void *)rows);"),
        ("{ int v; }", "{ const int v; }",
         "ask(_Generic(&rows[0].v, const int *: 1, default: 2));"),
    ],
)  # fmt: skip
def test_a_table_becomes_const(old: str, new: str, equal: bool | str) -> None:
    """In place of what is told: a statement that sees the const."""
    table = TABLE
    if isinstance(equal, str):
        table, equal = TABLE.replace("return", f"{equal} return"), False
    one, two = (
        parse("mm/x.c", text.encode()) for text in (table, table.replace(old, new))
    )
    (found,) = compare_functions(one, two, None, None, "f", conditions=True)
    assert (str(found.verdict) == "equal") == equal


POINTERS = """struct r { int v; };
int ask(const struct r *one);
static const struct r one, two;
static const struct r *rows[] = { &one, &two };
int f(int a)
{
	while (ask(rows[a & 1])) a--;
	return a;
}
"""


@pytest.mark.parametrize(
    ("old", "new", "equal"),
    [
        ("r *rows", "r * const rows", True),
        ("r *rows[] = { &one, &two }", "r * const rows[] = { &two, &one }", False),
        ("r *rows[] = { &one", "r * const rows[] = { &two * 0 + &one", False),
        ("static const struct r *rows", "static const long * const rows", False),
    ],
)  # fmt: skip
def test_a_table_of_pointers_becomes_const(old: str, new: str, equal: bool) -> None:
    one, two = (
        parse("mm/x.c", text.encode())
        for text in (POINTERS, POINTERS.replace(old, new))
    )
    (found,) = compare_functions(one, two, None, None, "f", conditions=True)
    assert (str(found.verdict) == "equal") == equal
