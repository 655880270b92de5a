# SPDX-License-Identifier: GPL-2.0-or-later
"""What a file defines, the members of its enums, and macro expansion."""

from __future__ import annotations

import random
import re
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.c.expander import expand
from reviewer.c.preprocessor import Define, defines, enumerators, includes, undefs


def lookup_in(text: str):
    table = {define.name: define for define in defines(text.encode())}
    return table.get


def test_a_define_is_read_with_its_lines_and_condition():
    text = b"""
#ifdef CONFIG_KSM
# define  MASK(a, b...)  ((a) /* both, "of"
                them */ | \\
    (b))   // end
#endif
#define EMPTY
#define CALL (x)
#define NONE() 1
#define ALL(...) f(__VA_ARGS__)
#define "bad"
#define BAD(a + b) 1
"""
    mask, empty, call, none, everything = defines(text)
    assert (mask.name, mask.params, mask.body) == ("MASK", ("a", "b..."), "((a) | (b))")
    assert (mask.line, mask.end_line, str(mask.condition)) == (3, 5, "CONFIG_KSM")
    assert (empty.params, empty.body, empty.condition.is_true) == (None, "", True)
    assert (call.params, call.body) == (None, "(x)")
    assert none.params == ()
    assert everything.params == ("...",)


def test_includes_and_undefs_have_conditions():
    text = b'#if 1\n#include <linux/mm.h>\n#ifdef CONFIG_A\n#include "internal.h"\n'
    text += b"#include TRACE_FILE\n#undef  X /* y */\n#endif\n#endif\n"
    found = [(i.path, i.kind, i.line, str(i.condition)) for i in includes(text)]
    assert found == [
        ("linux/mm.h", "<", 2, "1"),
        ("internal.h", '"', 4, "CONFIG_A"),
        ("TRACE_FILE", "macro", 5, "CONFIG_A"),
    ]
    (undef,) = undefs(text)
    assert (undef.name, undef.line, str(undef.condition)) == ("X", 6, "CONFIG_A")


# --- enums ------------------------------------------------------------------------


def test_members_of_an_enum_with_comments_gates_and_initialisers():
    text = b"""
enum flags {
\tFIRST,\t\t/* a, b; don't "stop" here } */
#ifdef CONFIG_A
\tGATED,\t// x, y
#endif
\tSHIFTED = (1 << 3) | F(1, 2), LAST_ON_LINE
\t\t= FIRST,
\tCOMMA = ',',
\tOLD __attribute__((deprecated)) = 4,
\tGENERATED(a, b)
\t, AFTER
};
enum other;
enum flags f(enum flags x) { return x; }
enum flags table[] = { FIRST };
typedef enum { ANON_A, ANON_B } anon;
"""
    members = enumerators(text)
    found = [(m.enum, m.name, m.value, m.index, m.line) for m in members]
    assert found == [
        ("flags", "FIRST", None, 0, 3),
        ("flags", "GATED", None, 1, 5),
        ("flags", "SHIFTED", "(1 << 3) | F(1, 2)", 2, 7),
        ("flags", "LAST_ON_LINE", "FIRST", 3, 7),
        ("flags", "COMMA", "','", 4, 9),
        ("flags", "OLD", "4", 5, 10),
        ("flags", "", None, 6, 11),
        ("flags", "AFTER", None, 7, 12),
        ("", "ANON_A", None, 0, 17),
        ("", "ANON_B", None, 1, 17),
    ]
    assert [str(m.condition) for m in members[:3]] == ["1", "CONFIG_A", "1"]


@pytest.mark.kernel
@pytest.mark.parametrize(
    ("tree", "real", "aliases"), [("6_1", 28, 15), ("6_12", 25, 16)]
)
def test_page_flags_of_real_trees(tree, real, aliases, request):
    top = request.getfixturevalue(f"linux_{tree}")
    data = (top / "include/linux/page-flags.h").read_bytes()
    members = [m for m in enumerators(data) if m.enum == "pageflags"]
    end = next(m.index for m in members if m.name == "__NR_PAGEFLAGS")
    # the enumerators before __NR_PAGEFLAGS, and those after it
    assert (end, len(members) - end - 1) == (real, aliases)
    gates = {m.name: str(m.condition) for m in members}
    assert gates["PG_locked"] == "1"
    assert gates["PG_mlocked"] == "CONFIG_MMU"
    assert gates["PG_idle"] == "CONFIG_PAGE_IDLE_FLAG && CONFIG_64BIT"
    values = {m.name: m.value for m in members}
    assert values["PG_swapcache"] == "PG_owner_priv_1"


# --- expansion --------------------------------------------------------------------


def test_a_generator_macro_makes_its_helpers():
    lookup = lookup_in(
        "#define PAGEFLAG(uname, lname, policy) TEST(uname, lname, policy) \\\n"
        "\tFOLIO_TEST(lname, FOLIO_##policy)\n"
        "#define TEST(uname, lname, policy) int Page##uname(void) "
        "{ return policy(PG_##lname); }\n"
        "#define FOLIO_TEST(name, page) bool folio_test_##name(void) "
        "{ return f(page); }\n"
        "#define FOLIO_PF_HEAD 0\n"
    )
    assert expand("PAGEFLAG(Dirty, dirty, PF_HEAD)", lookup) == (
        "int PageDirty(void) { return PF_HEAD(PG_dirty); } "
        "bool folio_test_dirty(void) { return f(0); }"
    )


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("SELF + 1", "SELF + 1"),
        ("PING", "PING"),
        ('STR( a + "b\\n"  c )', '"a + \\"b\\\\n\\" c"'),
        ("XSTR(ONE)", '"1"'),
        ("STR(ONE)", '"ONE"'),
        ("PR(1)", "p(1)"),
        ("PR(1, 2, ONE)", "p(1, 2, 1)"),
        ("NAMED(x, y, z)", "p(x, y, z)"),
        ("TWO(1)", "TWO(1)"),
        ("TWO", "TWO"),
        ("TWO (a, (b, c))", "[a|(b, c)]"),
        ("TWO(,)", "[|]"),
        ("NONE()", "0"),
        ("CALL(ONE)", "[1|1]"),
        ("CAT(ON, E)", "1"),
        ("CAT(, x)", "x"),
        ("TWO(a, b", "TWO(a, b"),
        ("- -ONE", "- -1"),
    ],
)
def test_expansion(text, result):
    lookup = lookup_in(
        "#define SELF SELF\n#define PING PONG\n#define PONG PING\n#define ONE 1\n"
        "#define STR(x) #x\n#define XSTR(x) STR(x)\n"
        "#define PR(a, ...) p(a, ## __VA_ARGS__)\n#define NAMED(args...) p(args)\n"
        "#define TWO(a, b) [a|b]\n#define NONE() 0\n#define CALL(x) TWO(x, x)\n"
        "#define CAT(a, b) a##b\n"
    )
    assert expand(text, lookup) == result


def test_expansion_is_bounded():
    bomb = "".join(f"#define B{n} B{n + 1} B{n + 1} B{n + 1}\n" for n in range(40))
    lookup = lookup_in(bomb + "#define ID(x) x\n#define D(x) x x\n")
    assert expand("B0", lookup) == "B0"
    nested = "ID(" * 3000 + "1" + ")" * 3000
    assert expand(nested, lookup) == nested
    doubled = "D(" * 30 + "1" + ")" * 30
    assert expand(doubled, lookup) == doubled


PARTS = ["a", "b", "c", "M0", "M1", "M2", "M3", "(a)", "(M0, b)", ",", "+", "1"]
PARTS += ["M1(a, b)", "M2(c)", "M3()", "a ## b", "c ## M0", "M2 (M1(M0, (c, a)))"]


def random_case(chance: random.Random, number: int) -> tuple[str, str]:
    """Definitions and a text, valid more often than not."""
    params = {"M0": None, "M1": ("a", "b"), "M2": ("c",), "M3": (), "M4": ("a", "...")}
    lines = []
    for name, names in params.items():
        body = " ".join(chance.choices(PARTS, k=chance.randint(1, 5)))
        if names and chance.random() < 0.2:
            body += f" #{names[0]}"
        if name == "M4":
            body += " , ## __VA_ARGS__"
        listed = "" if names is None else f"({', '.join(names)})"
        lines.append(f"#define {name}{listed} {body}")
    text = " ".join(chance.choices([*PARTS, "M4(a)", "M4(b, M0, c)"], k=4))
    return "\n".join(lines), text


def test_expansion_agrees_with_the_compiler(need):
    """Random macros through gcc -E; what it refuses is left out."""
    gcc = need("gcc", "gcc")
    chance = random.Random(81401)
    cases = [random_case(chance, number) for number in range(400)]
    pieces = []
    for number, (macros, text) in enumerate(cases):
        undone = "\n".join(f"#undef M{n}" for n in range(5))
        pieces.append(f"{macros}\nBEGIN{number} {text}\nEND{number}\n{undone}")
    run = subprocess.run(
        [gcc, "-E", "-P", "-"],
        input="\n".join(pieces),
        capture_output=True,
        text=True,
        check=False,
    )
    line_of_case = {}
    line = 0
    for number, piece in enumerate(pieces):
        for _ in piece.split("\n"):
            line += 1
            line_of_case[line] = number
    refused = {
        line_of_case.get(int(match))
        for match in re.findall(r"<stdin>:(\d+):", run.stderr)
    }
    compared = 0
    for number, (macros, text) in enumerate(cases):
        expected = re.search(
            rf"BEGIN{number}\b(.*?)END{number}\b", run.stdout, re.DOTALL
        )
        if number in refused or expected is None:
            continue
        compared += 1
        ours = expand(text, lookup_in(macros))
        squeeze = r"\s+"
        assert re.sub(squeeze, "", ours) == re.sub(squeeze, "", expected[1]), (
            macros,
            text,
        )
    assert compared > 60


@given(st.text("abAB#(), \"'\\\n/*=enum{}_0", max_size=120))
@settings(max_examples=300, deadline=None)
def test_no_text_crashes(text):
    data = (
        b"#define A(a, b...) a ## b\n#define B " + text.encode() + b"\n" + text.encode()
    )
    table = {define.name: define for define in defines(data)}
    enumerators(b"enum " + data)
    includes(data)
    undefs(data)
    assert isinstance(expand(text, table.get), str)


def test_a_define_is_a_value():
    one = defines(b"#define A 1\n")
    assert one == defines(b"#define A 1\n")
    assert isinstance(one[0], Define)
