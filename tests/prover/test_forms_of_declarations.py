# SPDX-License-Identifier: GPL-2.0-or-later
# ruff: noqa: E501
"""What changes is seen to change, in whatever form it is declared."""

from __future__ import annotations

import re

import pytest

from reviewer.c.source import parse
from reviewer.prover.judge.compare import compare_functions
from reviewer.prover.limits import ProverLimits

H = "static inline int h(int x){} {{ return x + N; }}\n"
FORMS = {
    "an attribute with arguments": H.format(" __must_hold(x)"),
    "an attribute of its own": H.format(" KPF_ATTR"),
    "one with arguments": H.format(" KPF_ATTR(1)"),
    "notrace": H.format(" notrace"),
    "parentheses": H.format("").replace("h(int", "(h)(int"),
    "two heads": "static inline int\n#ifdef A\nh(int x)\n#else\nh(int x)\n#endif\n"
    "{ return x + N; }\n",
    "a brace in a string": 'static const char *m = "{";\n' + H.format(""),
    "a brace as a character": "static const char m = '{';\n" + H.format(""),
    "another language": '#ifdef __cplusplus\nextern "C" {\n#endif\n'
    + H.format("")
    + "#ifdef __cplusplus\n}\n#endif\n",
    "two variables": "static const int a = 3, b = N;\n#define h(x) ((x) + b)\n",
    "without values": "extern int a[2], b[N];\n#define h(x) ((x) + (int)sizeof(b))\n",
    "a struct": "struct KPF_ATTR(1) s { char a[N]; };\n"
    "#define h(x) ((x) + (int)sizeof(struct s))\n",
    "a macro in front": "static int KPF_ATTR(1) v = N;\n#define h(x) ((x) + v)\n",
    "a computed size": "static const int r[(3 + 1) / 2] = { N };\n"
    "#define h(x) ((x) + r[0])\n",
    "a macro taken away under a condition": "#define A 1\n#if N == 2\n#undef A\n#endif\n"
    "#ifdef A\n#define h(x) (x)\n#else\n#define h(x) ((x) + 1)\n#endif\n",
    "a typeof": "extern typeof(char[N]) v;\n#define h(x) ((x) + (int)sizeof(v))\n",
    "one string of two": '#if N == 1\n#define L "a"\n#else\n#define L "ab"\n#endif\n'
    "#define h(x) ((x) + (int)sizeof(L))\n",
    "a name cut in two": "#define KPF_A N\nstatic inline int h(int x)\n"
    "{ return x + KPF_\\\nA; }\n",
}


@pytest.mark.parametrize("form", FORMS)
def test_who_uses_it_is_not_proved_equal(form: str) -> None:
    def side(value: str, call: str) -> str:
        used = f"int f(int x)\n{{\n\treturn {call};\n}}\n"
        return re.sub(r"\bN\b", value, FORMS[form]) + used

    one = parse("mm/x.c", side("1", "h(x)").encode())
    two = parse("mm/x.c", side("2", "(h(x))").encode())
    assert one.data != two.data
    found = compare_functions(one, two, None, None, ("h", "f"), limits=ProverLimits())
    assert found[1].verdict != "equal"


@pytest.mark.parametrize("form", FORMS)
def test_where_nothing_changes_it_is(form: str) -> None:
    text = f"{FORMS[form]}int f(int x)\n{{\n\treturn h(x);\n}}\n"
    one = parse("mm/x.c", text.encode())
    two = parse("mm/x.c", text.replace("return h(x);", "return (h(x));").encode())
    found = compare_functions(one, two, None, None, "f", limits=ProverLimits())
    assert found[0].verdict == "equal"
