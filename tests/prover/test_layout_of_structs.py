# SPDX-License-Identifier: GPL-2.0-or-later
"""A struct whose members lie elsewhere is another one to whoever asks where they lie.

Members are what both sides share; sizes, places, bytes and another struct in the same
place are not.
"""

from __future__ import annotations

import pytest

from reviewer.c.source import parse
from reviewer.prover.judge.compare import compare_files
from reviewer.prover.structure.compared import BY_MEMBERS

BEFORE = "struct p { int a; int b; };\n"
LAYOUTS = {
    "another order": "struct p { int b; int a; };\n",
    "one more": "struct p { int a; int c; int b; };\n",
    "aligned": "struct p { int a; int b __attribute__((aligned(16))); };\n",
    "wider": "struct p { long a; int b; };\n",
}
ASKS = """
int f(void) { return __builtin_offsetof(struct p, b); }
int f(void) { return offsetof(struct p, b); }
int f(void) { return __alignof__(struct p); }
int f(void) { return _Alignof(struct p); }
int f(struct p *q) { return (int)&q->b & 7; }
int f(struct p *q) { int *v = &q->a; return v[1]; }
int f(struct p *q) { int *v = (int *)q; return v[1]; }
int f(struct p *q) { return *((int *)q + 1); }
int f(struct p *q) { return ((unsigned char *)q)[4]; }
int f(struct p *q) { void *v = q; return *(int *)(v + 4); }
int f(struct p *q) { void *v = q; *(int *)(v + 4) = 1; return q->b; }
struct h { int x, y; }; int f(struct p *q) { return ((struct h *)q)->y; }
struct h { int x, y; }; int f(struct p *q) { q->b = 3; return ((struct h *)q)->y; }
struct h { int x, y; }; int f(struct p *q) { ((struct h *)q)->y = 3; return q->b; }
struct h { int x, y; };\
 int f(struct p *q) { void *v = (void *)q; struct h *r = v; return r->y; }
struct o { struct p q; int z; }; int f(void) { return __builtin_offsetof(struct o, z); }
struct o { struct p q; int z; }; int f(void) { return sizeof(struct o); }
union o { struct p q; int z; }; int f(union o *x) { x->z = 3; return x->q.a; }
union o { struct p q; int z[2]; }; int f(union o *x) { x->q.a = 3; return x->z[1]; }
struct o { union { struct p q; int z; }; };\
 int f(struct o *x) { x->z = 3; return x->q.a; }
int f(struct p *q) { asm volatile("movl 4(%0), %%eax" :: "r" (q)); return 0; }
int f(struct p *q) { return __builtin_memcmp(q, q + 1, 4); }
int f(struct p *q) { return __builtin_object_size(q, 0); }
""".strip().splitlines()
USES = """
int f(struct p *q) { return q->b + 1; }
int f(struct p *q, struct p *r) { return q - r; }
int *f(struct p *q) { return &q->b; }
int g(struct p *); int f(struct p *q) { q->a = 1; return g(q); }
int g(void *); int f(struct p *q) { q->a = 1; return g(q); }
struct p *f(void *v) { struct p *q = v; return q + 1; }
struct o { struct p *q; int z; }; int f(struct o *x) { x->z = 3; return x->q->a; }
""".strip().splitlines()


def verdicts(text: str, after: str, conditions: bool) -> list:
    sides = (parse("lib/x.c", f"{s}{text}\n".encode()) for s in (BEFORE, after))
    return list(compare_files(*sides, None, None, conditions=conditions))


@pytest.mark.parametrize("after", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("text", ASKS)
def test_who_asks_for_places_is_not_the_same(text, after) -> None:
    for conditions in (False, True):
        (verdict,) = verdicts(text, after, conditions)
        assert verdict.verdict != "equal"


@pytest.mark.parametrize("after", [LAYOUTS["another order"], LAYOUTS["one more"]])
@pytest.mark.parametrize("text", USES)
def test_who_uses_members_is_the_same(text, after) -> None:
    for conditions in (False, True):
        for verdict in verdicts(text, after, conditions):
            assert verdict.verdict == "equal"
            assert BY_MEMBERS in verdict.assumptions


SOMETIMES = "struct o {\n#ifdef CONFIG_A\n\tstruct p q;\n#endif\n\tint z;\n};\n"
ASKS_SOMETIMES = """
int f(void) { return __builtin_offsetof(struct o, z); }
int f(void) { return sizeof(struct o); }
int f(struct o *x) { int *v = &x->z; return v[1]; }
int f(struct o *x) { return *((int *)x + 2); }
int f(struct o *x) { return (int)&x->z & 7; }
struct h { int x, y; }; int f(struct o *x) { return ((struct h *)x)->y; }
struct n { struct o in; int y; }; int f(void) { return sizeof(struct n); }
union u { struct o in; int y[3]; }; int f(union u *x) { x->y[2] = 3; return x->in.z; }
union u { struct o in; int y[3]; }; int f(union u *x) { x->in.z = 3; return x->y[2]; }
""".strip().splitlines()


@pytest.mark.parametrize("after", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("text", ASKS_SOMETIMES)
def test_a_struct_that_an_option_puts_into_another(text, after) -> None:
    for conditions in (False, True):
        (verdict,) = verdicts(SOMETIMES + text, after, conditions)
        assert verdict.verdict != "equal"


@pytest.mark.parametrize("after", [LAYOUTS["another order"], LAYOUTS["one more"]])
def test_who_uses_members_beside_it_is_the_same(after) -> None:
    text = f"{SOMETIMES}int f(struct o *x, int a) {{ x->z = a; return x->z + 1; }}"
    for verdict in verdicts(text, after, conditions=True):
        assert verdict.verdict == "equal"


WRAPPED = (
    "#define if(c) if (trace_(c))\n#define trace_(c)"
    " ({ static struct t v_ __aligned(4);"
    ' asm volatile("" : : "r" (v_.n)); (c); })\nstruct t { int n; };\n'
)


@pytest.mark.parametrize("after", [LAYOUTS["another order"], LAYOUTS["one more"]])
def test_a_macro_that_does_nothing_to_the_struct_does_not_change(after) -> None:
    """``if`` is one with CONFIG_PROFILE_ALL_BRANCHES: include/linux/compiler.h."""
    text = f"{WRAPPED}int f(struct p *q, int x) {{ if (x) return q->a; return 0; }}"
    for verdict in verdicts(text, after, conditions=True):
        assert verdict.verdict == "equal"


@pytest.mark.parametrize("after", [LAYOUTS["another order"], LAYOUTS["one more"]])
def test_a_macro_that_takes_the_struct_for_something_else_does(after) -> None:
    own = "#define WORD(v, n) (((int *)(v))[n])\n"
    text = f"{own}int f(struct p *q) {{ return WORD(q, 1); }}"
    for verdict in verdicts(text, after, conditions=True):
        assert verdict.verdict not in ("equal", "not decided")


OF_THE_CALLER = {
    "a member that is pasted": "#define M(x) p->m_##x\n",
    "code that is not followed": "#define M(x) ({ int r = p->m_one; while (r > a) r--;"
    " r; })\n",
    "an object": "#define M(x) p->m_one\n",
}


@pytest.mark.parametrize("macro", OF_THE_CALLER.values(), ids=OF_THE_CALLER)
def test_a_macro_that_uses_a_variable_of_its_caller_knows_its_type(macro: str) -> None:
    user = "int f(struct q *p, int a)\n{\n\tint s = M(one);\n\treturn %s;\n}\n"
    sides = [
        parse("lib/x.c", f"struct q {{ {kind} m_one; }};\n{macro}{user % s}".encode())
        for kind, s in (("int", "s"), ("signed char", "(s)"))
    ]
    (verdict,) = compare_files(*sides, None, None)
    assert verdict.verdict != "equal"
    (verdict,) = compare_files(
        sides[0],
        parse("lib/x.c", sides[0].data.replace(b"n s;", b"n (s);")),
        None,
        None,
    )
    assert verdict.verdict == "equal"


LOOP = (
    "int g(int); int f(struct p *q) {{ int r = 0; while (g(r)) r += {0}; return r; }}\n"
)
LOSES = "struct p { int a; int c; int b; };\n", BEFORE
NEW_TYPE = BEFORE, "struct n { int c; };\nstruct p { int a; struct n d; int b; };\n"
MASK = """
#define BUILD_BUG_ON_ZERO(e) ((int)(sizeof(struct { int:(-!!(e)); })))
#define GENMASK(h, l) \\
	(BUILD_BUG_ON_ZERO((l) > (h)) + (((~0U) << (l)) & (~0U >> (31 - (h)))))
#define MASK GENMASK(7, 4)
"""
HEAD = "static int\nhelps(struct p *q, int integer)\n{\n\treturn q->b + integer;\n}\n"
HELPER = "static int h(struct p *q) { int v = q->%s; return v; }\n"


@pytest.mark.parametrize(
    ("sides", "text"),
    [
        (LOSES, HELPER % "a" + LOOP.format("h(q)")),
        (NEW_TYPE, LOOP.format("q->b")),
        (NEW_TYPE, MASK + LOOP.format("(q->b & MASK)")),
        (NEW_TYPE, HEAD + "int snprintf(int);\n" + LOOP.format("snprintf(q->a)")),
    ],
)
def test_what_is_not_touched_does_not_change(sides: tuple[str, str], text: str) -> None:
    found = [parse("lib/x.c", f"{side}{text}".encode()) for side in sides]
    for verdict in compare_files(*found, None, None, conditions=True):
        assert verdict.verdict == "equal", verdict


OTHER_TYPE = "struct p { int a; long c; int b; };\n"
TWICE = "struct n { %s c; };\nstruct p { int a; struct n d; int b; };\n"
EXPORT = (
    "#define EXPORT_SYMBOL(x) enum { V = x };\nenum { A = %d };\nEXPORT_SYMBOL(A);\n"
)


@pytest.mark.parametrize(
    ("sides", "text"),
    [
        ((LOSES[0], OTHER_TYPE), HELPER % "c" + LOOP.format("h(q)")),
        (
            (TWICE % "int", (TWICE % "signed char").replace("int a;", "int a, e;")),
            LOOP.format("q->d.c"),
        ),
        ((BEFORE + EXPORT % 1, BEFORE + EXPORT % 2), LOOP.format("V")),
    ],
)
def test_what_is_touched_does(sides: tuple[str, str], text: str) -> None:
    found = [parse("lib/x.c", f"{side}{text}".encode()) for side in sides]
    verdicts = {
        one.name: one.verdict
        for one in compare_files(*found, None, None, conditions=True)
    }
    assert verdicts.get("f") not in ("equal", "equal for one CPU")
