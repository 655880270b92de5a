# SPDX-License-Identifier: GPL-2.0-or-later
"""Of a name that one header takes from another no text is read."""

from __future__ import annotations

import pytest

from reviewer.c.source import parse
from reviewer.facts import Facts
from reviewer.prover.judge.compare import compare_functions
from reviewer.prover.limits import ProverLimits
from reviewer.prover.verdict import FunctionVerdict
from reviewer.tree.view import EmptyView
from reviewer.tree.views import OverlayView

PATIENCE = ProverLimits(solver=20.0, seconds=60.0)  # the machine that tests may be busy
ONE = "#define V 12\n"
HEAD = "#include <linux/a.h>\n#include <linux/b.h>\n"


def verdict(before: dict[str, str], after: dict[str, str]) -> FunctionVerdict:
    sides = []
    for files in (before, {**before, **after}):
        view = OverlayView(EmptyView(), {p: t.encode() for p, t in files.items()})
        source = parse("kernel/x.c", files["kernel/x.c"].encode())
        sides.append((source, Facts(view)))
    (pre, facts_pre), (post, facts_post) = sides
    return compare_functions(pre, post, facts_pre, facts_post, "f", limits=PATIENCE)[0]


@pytest.mark.parametrize("body", ["V + x", "h(x)"])
@pytest.mark.parametrize(
    "taking", ["#undef V\n#define V 55\n", "#ifdef V\n#undef V\n#endif\n#define V 55\n"]
)
def test_a_header_may_take_a_macro_away(taking: str, body: str) -> None:
    helper = "static inline int h(int v) { return V + v; }\n"
    before = {
        "kernel/x.c": f"{HEAD}{helper}int f(int x) {{ return {body}; }}\n",
        "include/linux/a.h": ONE,
        "include/linux/b.h": "#define W 1\n",
    }
    after = {"kernel/x.c": f"{HEAD}{helper}int f(int x) {{ return ({body}); }}\n"}
    assert str(verdict(before, after).verdict) == "equal"
    found = verdict(before, {**after, "include/linux/b.h": taking})
    assert str(found.verdict) != "equal"


def test_a_header_that_undefines_for_itself_says_one_thing() -> None:
    before = {
        "kernel/x.c": f"{HEAD}int f(int x) {{ return V + x; }}\n",
        "include/linux/a.h": f"#undef V\n{ONE}",
        "include/linux/b.h": "#define W 1\n",
    }
    after = {"kernel/x.c": f"{HEAD}int f(int x) {{ return 12 + x; }}\n"}
    assert str(verdict(before, after).verdict) == "equal"


@pytest.mark.parametrize("around", ["return ({\n%s\nx; });", "%s\nreturn x;"])
def test_what_is_included_in_a_function_is_not_read(around: str) -> None:
    body = around % '#include "x.inc"'
    before = {
        "kernel/x.c": f"int f(int x)\n{{\n{body}\n}}\n",
        "kernel/x.inc": "x += 12;\n",
    }
    other = body.replace("return ({", "return (({").replace("x; });", "x; }));")
    other = other.replace("return x;", "return (x);")
    after = {
        "kernel/x.c": f"int f(int x)\n{{\n{other}\n}}\n",
        "kernel/x.inc": "x += 55;\n",
    }
    assert str(verdict(before, after).verdict) != "equal"
