# SPDX-License-Identifier: GPL-2.0-or-later
"""One call of a caller that is too much to be compared: what it can meet, proved."""

from __future__ import annotations

import pytest
from edited_callee import callers

from reviewer.prover.callers import who_sees

# What nobody follows: a loop over answers of others, and what they leave behind.
LOOP = "while (foo(d)) bar(glob++);"


@pytest.fixture(autouse=True)
def _only_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """No caller is compared itself."""
    monkeypatch.setattr(who_sees, "LARGEST", 0)


def found(body: str, before: str = "", parameters: str = "int y") -> tuple[str, str]:
    """Whether a caller with such a loop around a body sees the difference, and how."""
    text = f"{before}\nint g(struct dev *d, {parameters})\n"
    text += f"{{ int r, i; {LOOP} {body} {LOOP} return glob; }}"
    (one,) = callers(text, edit=("return -1;", "{ bar(5); return -1; }")).found
    return one.sees, one.how


NOT_SEEN = {
    "a constant": ("r = f(d, 1);", "hands it `x = 1`"),
    "a constant by name": ("bar(f(d, ONE));", "hands it `x = ONE`"),
    "constants of constants": ("f(d, BOTH);", "hands it `x = BOTH`"),
    "an enumerator": ("f(d, THREE);", "hands it `x = THREE`"),
    "a test with a jump": ("if (!y) goto out; r = f(d, y); out:",
                           "only when not `!y`"),
    "a test around, in a loop": ("for (i = 0; i < 9; i++) if (i) f(d, i);",
                                 "only when `i`"),
    "an else": ("if (y == 0) bar(1); else bar(f(d, y));", "only when not `y == 0`"),
    "in one expression": ("if (y > 2 && f(d, y)) bar(4);", "only when `y > 2`"),
    "or": ("if (!y || f(d, y)) bar(4);", "only when not `!y`"),
    "one of two": ("if (y == 3) goto ok; if (y != 4) return 0; ok: f(d, y);",
                   "only when `y == 3` or not `y != 4`"),
    "outer and inner": ("if (y > 0) { if (glob) f(d, y); }", "only when `y > 0`"),
    "what it gave is kept in the variable": ("if (y) { y = f(d, y); bar(y); }",
                                             "only when `y`"),
    "set anew and tested anew": ("for (;;) { r = foo(d); if (!r) continue; f(d, r); }",
                                 "only when not `!r`"),
}  # fmt: skip


@pytest.mark.parametrize("title", NOT_SEEN)
def test_a_call_that_cannot_meet_it(title: str) -> None:
    body, how = NOT_SEEN[title]
    before = (
        "typedef int gfp_t;\n#define TWO ((gfp_t)BIT(1))\n#define BIT(n) (1 << (n))\n"
    )
    before += "#define ONE (1)\n#define BOTH (TWO | ONE)\nenum { THREE = 3 };"
    assert found(body, before) == ("no", how)


MAY_BE_SEEN = {
    "no test": "f(d, y);",
    "the constant": "f(d, 0);",
    "changed behind the test": "if (!y) return 0; y = foo(d); f(d, y);",
    "counted behind the test": "if (!y) return 0; y--; f(d, y);",
    "changed around the loop": "if (!y) return 0; while (f(d, y)) y--;",
    "changed on a way back": "if (!y) return 0; again: bar(f(d, y));"
    " if (foo(d)) { y = 0; goto again; }",
    "changed in the call": "if (y) f(d, --y);",
    "changed by another argument": "if (y) bar((y = 0) + f(d, y));",
    "changed in the expression": "if (y && (y = foo(d), 1)) f(d, y);",
    "changed beside it": "if (y && bar2(y = 0) && f(d, y)) bar(3);",
    "its address is known": "set(&y); if (!y) return 0; bar(3); f(d, y);",
    "changed by a macro": "if (!y) return 0; DROP(y); f(d, y);",
    "changed by a macro that names it": "if (!y) return 0; CLEAR; f(d, y);",
    "changed by assembly": 'if (!y) return 0; asm("" : "+r"(y)); f(d, y);',
    "a macro jumps around the test": "if (foo(d)) SKIP; if (!y) return 0;"
    " out: f(d, y);",
    "a label behind the test": "if (foo(d)) goto in; if (!y) return 0; in: f(d, y);",
    "a case label behind the test": "switch (foo(d)) { case 1: if (!y) break;"
    " case 2: f(d, y); }",
    "a test that one option has": "\n#ifdef CONFIG_NUMA\nif (!y) return 0;\n#endif\n"
    "f(d, y);",
    "a test of a global": "if (!glob) return 0; bar(1); f(d, glob);",
    "a test of memory": "if (!*p) return 0; bar(1); f(d, *p);",
    "another variable of the name": "if (!y) return 0; { int y = foo(d); f(d, y); }",
    "a static variable": "static int z; if (!z) return 0; bar(1); f(d, z);",
    "a volatile variable": "volatile int z = foo(d); if (!z) return 0; f(d, z);",
    "a wider variable": "long z = foo(d); z <<= 8; if (!z) return 0; f(d, z);",
    "one of its calls": "f(d, 1); if (glob) f(d, 0);",
    "a constant that an option has": "f(d, SOME);",
    "a constant that is none": "f(d, NOW);",
    "a constant with one that is none": "f(d, 1 + SOON);",
    "a constant that asks": "f(d, ASK);",
    "a constant that is another one later": "f(d, LATE);\n#undef LATE\n"
    "#define LATE 1\n",
    "a constant of one that is another later": "f(d, OF_LATE);\n#undef LATE\n"
    "#define LATE 1\n",
    "a type of its own": "enum { MINE, ONE_MORE }; f(d, MINE);",
    "one of two tests": "if (foo(d)) goto ok; if (!y) return 0; ok: f(d, y);",
}


@pytest.mark.parametrize("title", MAY_BE_SEEN)
def test_a_call_that_may_meet_it(title: str) -> None:
    before = "#define DROP(v) ((v)--)\n#define CLEAR (y = 0)\n#define SKIP goto out\n"
    before += "#define NOW glob\n#define SOON (NOW | 1)\n#define ASK foo(0)\n"
    before += "#ifdef CONFIG_NUMA\n#define SOME 1\n#else\n#define SOME 0\n#endif\n"
    before += "#define LATE 0\n#define OF_LATE (LATE)\nenum { OURS, MINE };\n"
    before += "void set(int *); int bar2(int);\n"
    sees, _how = found(MAY_BE_SEEN[title], before, "int y, int *p")
    assert sees != "no"


@pytest.mark.parametrize("kind", ["short", "unsigned char", "u8", "long"])
def test_a_variable_keeps_its_own_type(kind: str) -> None:
    before = "typedef unsigned char u8;"
    sees, _how = found("if (!y) return 0; f(d, y);", before, f"{kind} y")
    assert sees == ("" if kind == "long" else "no")
