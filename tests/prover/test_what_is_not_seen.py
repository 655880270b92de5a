# SPDX-License-Identifier: GPL-2.0-or-later
# ruff: noqa: E501
"""Changes that one can overlook: none of them may be called equal."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewer.c.source import parse
from reviewer.facts import Facts
from reviewer.prover.judge.compare import compare_functions
from reviewer.prover.limits import ProverLimits
from reviewer.prover.verdict import FunctionVerdict, Verdict
from reviewer.tree import open_tree

PATIENCE = ProverLimits(solver=5.0, seconds=40.0)
HEAD = """#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/sched.h>
#include <linux/uaccess.h>
#include <linux/cleanup.h>
#include <linux/mutex.h>
extern int g(int);
extern int take(int *);
extern void a(void);
extern void b(void);
"""


@pytest.fixture(scope="module")
def facts(linux_6_12: Path) -> Facts:
    return Facts(open_tree(linux_6_12).view(None))


def compare(facts: Facts, before: str, after: str) -> FunctionVerdict:
    pre, post = (parse("mm/x.c", (HEAD + text).encode()) for text in (before, after))
    return compare_functions(pre, post, facts, facts, "f", limits=PATIENCE)[0]


# name: text with ONE, what ONE is before and after
OVERLOOKED = {
    "a label in a macro's arguments": ("int f(int *p, int x)\n{ unsafe_put_user(x, p, Efault); return 0; Efault: return ONE; }", "-14", "-22"),
    "a jump in a macro": ("#define GO(x...) do { if (g(x)) goto out; } while (0)\nint f(int x)\n{ GO(x); return 0; out: return ONE; }", "1", "2"),
    "a local that a macro reads": ("#define GO() g(x)\nint f(int x)\n{ x = ONE; GO(); return 0; }", "1", "2"),
    "a local that a macro sets": ("#define GO() ({ asm(\"\" : \"=r\" (x)); })\nint f(int x)\n{ x = 0; GO(); return ONE; }", "x", "0"),
    "an address that a macro takes": ("#define INIT(x) take(&(x))\nint f(int y)\n{ int x = 0; INIT(x); return ONE; }", "x", "0"),
    "a struct whose address a macro takes": ("struct s { int i; };\nextern void fill(struct s *);\n#define FILL(s) fill(&s)\nint f(int y)\n{ struct s s; s.i = 1; FILL(s); return ONE; }", "s.i", "1"),
    "what happens when a variable ends": ("int f(int x)\n{ void *p ONE = kmalloc(x, GFP_KERNEL); if (!p) return -1; return 0; }", "__free(kfree)", ""),
    "where a lock ends": ("int f(struct mutex *l)\n{ { guard(mutex)(l); a(); ONE }", "} b(); return 0;", "b(); } return 0;"),
    "the size of a local array": ("int f(int x)\n{ char buf[ONE]; return sizeof(buf); }", "10", "20"),
    "the length of a local array": ("int f(int x)\n{ int buf[ONE] = {0}; return ARRAY_SIZE(buf); }", "10", "20"),
    "the size of a bitmap": ("int f(int x)\n{ DECLARE_BITMAP(x, ONE); return sizeof(x); }", "10", "100"),
    "an array for a pointer": ("struct s { char n[16]; };\nint f(struct s *p)\n{ return sizeof(ONE); }", "p->n", "p"),
    "an enum that can be negative": ("enum e { A = -1, B };\nint f(enum e x)\n{ return ONE; }", "x < 0", "0"),
    "an enumerator beyond int": ("enum e { A = 1ULL << 40, B };\nu64 f(u64 x)\n{ return ONE; }", "x & A", "0"),
    "an enumerator beyond the sign": ("enum e { A = 0x80000000, B };\nu64 f(u64 x)\n{ return x & ONE; }", "A", "~0x7fffffffULL"),
    "a table": ("static const int table[] = { 1, ONE };\nint f(int x)\n{ int y = x; return table[y + ONE - ONE]; }", "2", "3"),
    "a member of the same name": ("struct one { int x; int len; };\nstruct two { int len; };\nint f(void *p)\n{ return ((ONE *)p)->len; }", "struct one", "struct two"),
    "the other member of a union": ("union u { int a; int b; };\nint f(int x)\n{ union u u; u.a = 1; u.b = x; return ONE; }", "u.a", "1"),
    "an element by way of a pointer": ("struct s { int a[4]; };\nint f(struct s *s, int i)\n{ int *j = s->a; s->a[i] = 1; j[0] = 2; return ONE; }", "s->a[i]", "1"),
    "a result that is no more": ("ONE", "int f(int x)\n{ a(); return x; }", "void f(int x)\n{ a(); }"),
    "an #if around an else": ("int f(int a)\n{ if (a == 1) { return 1;\nONE\n } else if (a == 2) { return 2;\nTWO\n } else { return 3; } }", "#ifdef CONFIG_X", ""),
    "a local of one configuration": ("int seen;\nint f(int x)\n{\n#ifndef CONFIG_X\n\tint seen = 1;\n#endif\n\tif (seen) return 0; ONE return 0;\n}", "b();", ""),
    "a value that one path does not set": ("int f(int x)\n{ int y; if (x) y = 1; return ONE; }", "y", "1"),
    "a jump into a block": ("int f(int a, int b)\n{ int r = 0; if (b) goto in; if (a) { r = 1; in: r += 10; } return ONE; }", "r", "a ? b ? 10 : 11 : 0"),
    "an anonymous union": ("struct s { union { int a; int b; }; int c; };\nint f(int x)\n{ struct s s; s.a = 1; s.b = x; return ONE; }", "s.a", "1"),
    "an array of the file by way of a pointer": ("int table[4];\nint f(int x)\n{ int *q = table; table[0] = x; *q = 1; return ONE; }", "table[0]", "x"),
    "a local array by way of a pointer": ("int f(int x)\n{ int t[4]; int *q = t; t[0] = x; *q = 1; return ONE; }", "t[0]", "x"),
    "a macro that is defined twice": ("#define V 1\nint h(void)\n{ return V; }\n#undef V\n#define V 2\nint f(int x)\n{ return ONE; }", "V", "1"),
    "a bit in the second word": ("struct s { unsigned long b[2]; };\nint f(struct s *s)\n{ return ONE; }", "test_bit(70, s->b)", "0"),
    "a bit set in the second word": ("struct s { DECLARE_BITMAP(b, 128); };\nint f(struct s *s)\n{ s->b[1] = 0; __set_bit(70, s->b); return ONE; }", "s->b[1] != 0", "0"),
    "a continue in a switch": ("int f(int a)\n{ int i, n = 0; for (i = 0; i < 2; i++) { switch (a) { int k; case 1: continue; } n++; } return ONE; }", "n", "2"),
}  # fmt: skip


@pytest.mark.parametrize("name", OVERLOOKED)
def test_it_is_not_overlooked(name: str, facts: Facts) -> None:
    text, one, two = OVERLOOKED[name]
    sides = [text.replace("ONE", one), text.replace("ONE", two)]
    sides = [s.replace("TWO", "#endif" if "#ifdef" in s else "") for s in sides]
    assert compare(facts, *sides).verdict is not Verdict.EQUAL


SAME = {
    "the size of a member": ("struct s { char n[16]; };\nint f(struct s *p)\n{ return ONE; }", "sizeof(p->n)", "16"),
    "a range of cases": ("int f(int a)\n{ ONE }", "switch (a) { case 1 ... 3: return 1; } return 0;", "return a >= 1 && a <= 3;"),
    "an enum": ("enum e { A, B };\nint f(enum e x)\n{ return x == ONE; }", "B", "1"),
    "an enum with a negative member": ("enum e { A = -1, B };\nint f(enum e x)\n{ return ONE; }", "x < 0", "!(x >= 0)"),
    "members of two structs": ("struct a { int len; };\nstruct b { struct a a; int len; };\nint f(struct b *p)\n{ p->a.len = 1; p->len = 2; return ONE; }", "p->a.len", "1"),
    "a jump out of a loop with a macro in it": ("int f(int n)\n{ while (n--) { if (likely(g(n))) goto out; } return 0; out: return ONE; }", "1", "2 - 1"),
}  # fmt: skip


@pytest.mark.parametrize("name", SAME)
def test_it_is_the_same(name: str, facts: Facts) -> None:
    text, one, two = SAME[name]
    verdict = compare(facts, text.replace("ONE", one), text.replace("ONE", two))
    assert verdict.verdict is Verdict.EQUAL, verdict.why


def test_a_struct_that_was_renamed_is_not_another_one(facts: Facts) -> None:
    text = "struct {0} {{ int len; }};\nint f(struct {0} *p)\n{{ return p->len; }}"
    verdict = compare(facts, text.format("one"), text.format("two"))
    assert verdict.verdict is Verdict.NOT_DECIDED


@pytest.mark.parametrize("hidden", ["(counter++)", "(counter = x)", "(*other())"])
def test_a_name_that_hides_an_effect_in_code_that_is_not_read(hidden: str) -> None:
    """A compound literal is not read; twice it does twice what its macro does."""
    head = f"""extern int counter; int *other(void); struct s {{ int v; }};
#define NEXT {hidden}
static int b(int x) {{ return ((struct s){{ .v = NEXT }}).v; }}
"""
    once, twice = "int f(int x) { return b(x); }", "int f(int x) { b(x); return b(x); }"
    one, two = (parse("a.c", f"{head}{text}\n".encode()) for text in (once, twice))
    (found,) = compare_functions(one, two, None, None, "f")
    assert found.verdict is not Verdict.EQUAL
