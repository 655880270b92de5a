# SPDX-License-Identifier: GPL-2.0-or-later
"""Presence conditions: what is under which #if, and what implies what."""

from __future__ import annotations

import itertools
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.c.conditionals import Conditionals
from reviewer.c.conditions import (
    FALSE,
    TRUE,
    Condition,
    all_of,
    any_of,
    atom,
    config_fragment,
    enabled,
    exists_where,
    module,
    parse_condition,
    symbol,
)
from reviewer.c.deciding import axioms
from reviewer.c.source import parse

A, B, C = symbol("A"), symbol("B"), symbol("C")

NAMES = ["CONFIG_A", "CONFIG_A_MODULE", "CONFIG_B", "CONFIG_N > 4", "CONFIG_N > 8"]
NAMES += ["CONFIG_N == 6", "CONFIG_N", "FOO", "defined(FOO)"]


def formulas() -> st.SearchStrategy[Condition]:
    leaves = st.sampled_from([atom(name) for name in NAMES] + [TRUE, FALSE])
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            inner.map(lambda c: ~c),
            st.tuples(inner, inner).map(lambda pair: pair[0] & pair[1]),
            st.tuples(inner, inner).map(lambda pair: pair[0] | pair[1]),
        ),
        max_leaves=14,
    )


def value(condition: Condition, world: dict[str, bool]) -> bool:
    if condition.kind == "atom":
        return world[condition.name]
    parts = [value(part, world) for part in condition.parts]
    if condition.kind == "not":
        return not parts[0]
    return {"true": True, "false": False, "and": all(parts), "or": any(parts)}[
        condition.kind
    ]


def real_worlds() -> list[dict[str, bool]]:
    """All worlds, made from values of options and not from the axioms under test."""
    worlds = []
    for a, b, n, foo in itertools.product(
        "ymn", "yn", (None, 0, 5, 6, 7, 9), (None, 0, 1)
    ):
        number = n or 0
        worlds.append(
            {
                "CONFIG_A": a == "y",
                "CONFIG_A_MODULE": a == "m",
                "CONFIG_B": b == "y",
                "CONFIG_N > 4": number > 4,
                "CONFIG_N > 8": number > 8,
                "CONFIG_N == 6": number == 6,
                "CONFIG_N": n is not None,
                "FOO": bool(foo),
                "defined(FOO)": foo is not None,
            }
        )
    return worlds


WORLDS = real_worlds()


@given(formulas(), formulas())
@settings(max_examples=300, deadline=None)
def test_implication_is_decided_as_by_trying_every_configuration(one, two):
    expected = all(value(two, w) for w in WORLDS if value(one, w))
    assert one.implies(two) == expected
    both_ways = all(value(two, w) == value(one, w) for w in WORLDS)
    assert one.equivalent(two) == both_ways
    assert one.satisfiable() == any(value(one, w) for w in WORLDS)


@given(formulas(), formulas())
@settings(max_examples=300, deadline=None)
def test_a_counterexample_is_one_and_names_nothing_superfluous(one, two):
    found = one.counterexample(two)
    assert (found is None) == one.implies(two)
    if found is None:
        return
    within = [w for w in WORLDS if found.items() <= w.items()]
    assert within
    assert all(value(one, w) and not value(two, w) for w in within)
    for name in found:
        rest = {key: on for key, on in found.items() if key != name}
        wider = [w for w in WORLDS if rest.items() <= w.items()]
        assert not all(value(one, w) and not value(two, w) for w in wider)


@given(formulas())
@settings(max_examples=300, deadline=None)
def test_what_is_printed_reads_back_as_the_same_condition(condition):
    assert parse_condition(str(condition)).equivalent(condition)


@given(st.lists(st.tuples(st.integers(0, 39), st.booleans()), min_size=1, max_size=60))
@settings(max_examples=30, deadline=None)
def test_many_symbols_go_to_the_solver_and_agree_with_construction(literals):
    clauses = [
        any_of(
            symbol(f"S{n}") if on else ~symbol(f"S{n}") for n, on in literals[i : i + 3]
        )
        for i in range(len(literals))
    ]
    whole = all_of(clauses)
    witness = whole.example()
    assert (witness is not None) == whole.satisfiable()
    if witness is not None:
        assert whole.assign(witness).is_true
    chain = all_of(~symbol(f"S{n}") | symbol(f"S{n + 1}") for n in range(30))
    assert (chain & symbol("S0")).implies(symbol("S30"))
    assert not chain.implies(symbol("S30"))
    assert not (chain & symbol("S0") & ~symbol("S30")).satisfiable()


def test_a_big_tangle_is_decided_by_the_solver():
    # 5 pigeons, 4 holes: 20 symbols, no unit, one component
    inside = [[symbol(f"P{p}H{h}") for h in range(4)] for p in range(5)]
    placed = all_of(any_of(row) for row in inside)
    alone = all_of(
        ~(inside[p][h] & inside[q][h])
        for h in range(4)
        for p, q in itertools.combinations(range(5), 2)
    )
    assert not (placed & alone).satisfiable()
    assert placed.satisfiable()


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("defined(CONFIG_KSM) && !defined(CONFIG_64BIT)",
         "CONFIG_KSM && !CONFIG_64BIT"),
        ("defined CONFIG_KSM", "CONFIG_KSM"),
        ("CONFIG_KSM", "CONFIG_KSM"),
        ("IS_ENABLED(CONFIG_IPV6)", "IS_ENABLED(CONFIG_IPV6)"),
        ("defined(CONFIG_A) || defined(CONFIG_A_MODULE)", "IS_ENABLED(CONFIG_A)"),
        ("!IS_ENABLED(CONFIG_A)", "!IS_ENABLED(CONFIG_A)"),
        ("IS_BUILTIN(CONFIG_A)", "CONFIG_A"),
        ("IS_MODULE(CONFIG_A)", "CONFIG_A_MODULE"),
        ("IS_ENABLED(CONFIG_A) && !defined(CONFIG_A)", "CONFIG_A_MODULE"),
        ("(defined(CONFIG_A) && 1) || 0", "CONFIG_A"),
        ("defined(CONFIG_A) && (defined(CONFIG_B) || defined(CONFIG_C))",
         "CONFIG_A && (CONFIG_B || CONFIG_C)"),
        ("(CONFIG_A && defined(CONFIG_B)) || (!CONFIG_A && CONFIG_B)", "CONFIG_B"),
        ("4 < CONFIG_NR_CPUS", "CONFIG_NR_CPUS > 4"),
        ("CONFIG_NR_CPUS >= 5", "CONFIG_NR_CPUS > 4"),
        ("!(THREAD_SIZE > 8192)", "THREAD_SIZE <= 8192"),
        ("PAGE_SHIFT != 12", "PAGE_SHIFT != 12"),
        ("BITS_PER_LONG == 64", "CONFIG_64BIT"),
        ("BITS_PER_LONG < 64", "!CONFIG_64BIT"),
        ("defined(__KERNEL__) && defined(CONFIG_A)", "CONFIG_A"),
        ("!defined(__ASSEMBLY__)", "1"),
        ("0", "0"),
        ("1 /* never */", "(1 / * never * /)"),  # comments are out before
        ("(0x10UL >> 2) == 04", "1"),
        ("KEY_MAX & MASK", "(KEY_MAX & MASK)"),
        ("FOO(1, (2)) + 1", "(FOO(1, (2)) + 1)"),
        ("defined(__x86_64__)", "defined(__x86_64__)"),
    ],
)  # fmt: skip
def test_expressions_as_kernel_people_write_them(text, printed):
    assert str(parse_condition(text)) == printed


@pytest.mark.parametrize(
    "text",
    ["", "(", "defined", "defined(", "1 ? 2", "A &&", "&& A", ") (", '"a', "@",
     "IS_ENABLED(",
     "(" * 5000, "!" * 5000 + "A", "A " * 5000, "1/0", "1 << 900", "-" * 100 + "1",
     "1 ? " * 2000, "99999999999999999999999999 * 99999999999999999999999999"],
)  # fmt: skip
def test_what_cannot_be_parsed_is_an_opaque_atom(text):
    condition = parse_condition(text)
    assert condition.kind == "atom"
    assert condition.opaque


def test_is_reachable_of_a_module_depends_on_who_asks():
    reachable = parse_condition("IS_REACHABLE(CONFIG_X)")
    assert symbol("X").implies(reachable)
    assert not module("X").implies(reachable)
    assert (module("X") & atom("defined(MODULE)")).implies(reachable)


def test_an_option_is_not_both_built_in_and_a_module():
    assert not (symbol("A") & module("A")).satisfiable()
    assert enabled("A").counterexample(A) == {"CONFIG_A_MODULE": True}
    assert enabled("A").symbols == {"CONFIG_A"}


def test_orders_of_one_option_contain_each_other():
    four, eight = parse_condition("CONFIG_N > 4"), parse_condition("CONFIG_N > 8")
    assert eight.implies(four)
    assert not four.implies(eight)
    assert config_fragment(four.counterexample(eight)) == ("CONFIG_N=5",)
    assert not parse_condition("W == 32 && W == 64").satisfiable()


def test_a_fragment_has_the_lines_of_a_config():
    world = {
        "CONFIG_B": True,
        "CONFIG_A": False,
        "CONFIG_M_MODULE": True,
        "FOO > 3": True,
    }
    assert config_fragment(world) == (
        "# CONFIG_A is not set",
        "CONFIG_B=y",
        "CONFIG_M=m",
        "# where FOO > 3",
    )
    assert config_fragment((A & ~B).example()) == (
        "CONFIG_A=y",
        "# CONFIG_B is not set",
    )


def test_the_smallest_example_leaves_options_off():
    assert (A | (B & C)).example() == {"CONFIG_A": True}
    assert FALSE.example() is None
    assert TRUE.example() == {}


def test_the_usual_case_does_not_load_the_solver():
    code = (
        "import sys\n"
        "from reviewer.c.conditions import parse_condition as p\n"
        "a = p('defined(CONFIG_KSM) && defined(CONFIG_64BIT)')\n"
        "assert a.implies(p('CONFIG_KSM')) and not p('CONFIG_KSM').implies(a)\n"
        "str(a); a.example()\n"
        "assert 'z3' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_axioms_are_silent_where_nothing_is_shared():
    assert not list(axioms(["CONFIG_A", "CONFIG_B", "FOO"]))


# --- the stack of a file ----------------------------------------------------------


def conditions_of(text: str) -> list[str]:
    """The condition of every line that holds a ``code`` word."""
    stack = Conditionals(text.encode())
    return [
        str(stack.at(number))
        for number, line in enumerate(text.split("\n"), 1)
        if "code" in line
    ]


def test_if_elif_else_exclude_each_other():
    text = """code
#ifdef CONFIG_A
code
# if defined(CONFIG_B) \\
  && !defined(CONFIG_C)
code
#elif CONFIG_N > 4
code
# else
code
#endif
code
#elif defined(CONFIG_C) /* a
#endif
comment */
code
#else // or \\
#endif
code
#endif
code"""
    assert conditions_of(text) == [
        "1",
        "CONFIG_A",
        "CONFIG_A && CONFIG_B && !CONFIG_C",
        "CONFIG_A && (!CONFIG_B || CONFIG_C) && CONFIG_N > 4",
        "CONFIG_A && (!CONFIG_B || CONFIG_C) && CONFIG_N <= 4",
        "CONFIG_A",
        "!CONFIG_A && CONFIG_C",
        "!CONFIG_A && !CONFIG_C",
        "1",
    ]


def test_directives_in_comments_strings_and_macro_bodies_are_none():
    text = """/*
#ifdef CONFIG_A
*/ code
#define S(x) "a" \\
#if x
char *s = "\\
#ifdef CONFIG_B /* ";
char c = '"'; code
// #ifdef CONFIG_C \\
#ifdef CONFIG_C
code
"""
    assert conditions_of(text) == ["1", "1", "1"]
    assert Conditionals(text.encode()).balanced


def test_a_comment_over_lines_does_not_end_its_directive():
    text = (
        b"#if defined(CONFIG_A) /* one\n two */ && /*\n*/ defined(CONFIG_B)\nx\n#endif"
    )
    stack = Conditionals(text)
    assert str(stack.at(4)) == "CONFIG_A && CONFIG_B"
    assert stack.at(5).is_true
    stack = Conditionals(b"/* a\n b */ # /*\n*/ ifdef CONFIG_A\nx\n#endif\n")
    assert str(stack.at(4)) == "CONFIG_A"
    assert stack.balanced


def test_a_backslash_may_stand_within_a_word():
    text = b"#if defin\\\ned(CONFIG_\\\nA)\nx = 1;\n#el\\\n\\\nse\nx = 2;\n#en\\\ndif\n"
    stack = Conditionals(text)
    assert [str(stack.at(n)) for n in (4, 8)] == ["CONFIG_A", "!CONFIG_A"]
    assert stack.balanced
    text = text.replace(b"defin\\\ned(CONFIG_\\\nA)", b"1")
    shown = parse("a.c", b"int f(int x)\n{\n" + text + b"\treturn x;\n}\n")
    assert not shown.root.has_error
    assert [node.type for node in shown.walk(shown.root, "preproc_else")]


def test_carriage_returns_do_not_matter():
    text = "#ifdef CONFIG_A\r\ncode\r\n#else /* x\r\n */\r\ncode\r\n#endif\r\n"
    text += "code \\\r\n#if 0\r\n"
    stack = Conditionals(text.encode())
    assert [str(stack.at(n)) for n in (2, 5, 7)] == ["CONFIG_A", "!CONFIG_A", "1"]
    assert stack.balanced
    continued = Conditionals(
        b"#if defined(CONFIG_A) && \\\r\n defined(CONFIG_B)\r\nx\r\n#endif\r\n"
    )
    assert str(continued.at(3)) == "CONFIG_A && CONFIG_B"


def test_elifdef_and_numbers():
    text = """#if 0
code
#elifdef CONFIG_A
code
#elifndef CONFIG_B
code
#endif
#if 1
code
#else
code
#endif"""
    assert conditions_of(text) == ["0", "CONFIG_A", "!CONFIG_A && !CONFIG_B", "1", "0"]


@pytest.mark.parametrize(
    "text",
    [
        "/* x */\n#ifndef _LINUX_X_H\n#define _LINUX_X_H\ncode\n#endif /* X */\n",
        "#ifndef FOO\n#define FOO\ncode\n#ifdef FOO2\n#else\n#endif\n#endif\n",
        "#undef TRACE_SYSTEM\n#define TRACE_SYSTEM mce\n"
        "#if !defined(_TRACE_MCE_H) || defined(TRACE_HEADER_MULTI_READ)\n"
        "#define _TRACE_MCE_H\ncode\n#endif\n#include <trace/define_trace.h>\n",
        "#if !defined(_X_H)\n#define _X_H 1\ncode\n#endif\nint after;\n",
    ],
)
def test_an_include_guard_is_no_condition(text):
    assert conditions_of(text) == ["1"]


@pytest.mark.parametrize(
    "text",
    [
        "#ifndef arch_thing\n#define arch_thing arch_thing\ncode\n#endif\n",
        "int before;\n#ifndef FOO\n#define FOO\ncode\n#endif\n",
        "#ifndef FOO\n#define FOO\ncode\n#else\n#endif\n",
        "#ifndef FOO\n#define BAR\ncode\n#endif\n",
    ],
)
def test_a_fallback_definition_is_no_include_guard(text):
    assert conditions_of(text) != ["1"]


def test_groups_tell_the_legs_of_a_stub_pair():
    text = "#ifdef CONFIG_A\nint f(void);\n#else\nstub\n#endif\n"
    (group,) = Conditionals(text.encode()).groups
    real, stub = group.branches
    assert (group.line, group.end_line) == (1, 5)
    assert (real.line, real.first, real.last, str(real.own)) == (1, 2, 2, "CONFIG_A")
    assert (stub.line, stub.first, stub.last, str(stub.own)) == (3, 4, 4, "!CONFIG_A")
    assert stub.directive == "else"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("#endif\n", (1, "#endif without #if")),
        ("x\n#else\n", (2, "#else without #if")),
        ("#if 1\n#else\n#else\n#endif\n", (3, "#else after #else")),
        ("\n#ifdef CONFIG_A\ncode", (2, "#if without #endif")),
        ("#ifdef\n", (1, "#if without #endif")),
    ],
)
def test_unbalanced_directives_are_told(text, problem):
    stack = Conditionals(text.encode())
    assert not stack.balanced
    assert problem in stack.problems


def test_hostile_nesting_ends_quickly():
    deep = b"#ifdef CONFIG_A\n#elif B\n" * 20_000
    chain = (
        b"#if A0\n" + b"".join(b"#elif A%d\n" % n for n in range(5_000)) + b"#endif\n"
    )
    assert not Conditionals(deep).balanced
    assert Conditionals(chain).balanced
    assert Conditionals(b"/*" * 100_000).balanced
    assert Conditionals(b'"' * 100_001 + b"\\\n" * 1000).balanced
    assert Conditionals(b"#if " + b"\xff\x00(" * 1000 + b"\n#endif").balanced


@given(
    st.binary(max_size=200)
    | st.text("#ifdeflsn \\\n/*\"'AB", max_size=200).map(str.encode)
)
@settings(max_examples=300, deadline=None)
def test_no_text_crashes(data):
    stack = Conditionals(data)
    for line in range(data.count(b"\n") + 2):
        str(stack.at(line))


@pytest.mark.kernel
def test_gates_of_page_flags_in_6_12(linux_6_12):
    data = (linux_6_12 / "include/linux/page-flags.h").read_bytes()
    stack = Conditionals(data)
    assert stack.balanced

    def gate(start: bytes) -> str:
        return str(stack.at(data[: data.index(start)].count(b"\n") + 1))

    assert gate(b"\tPG_locked") == "1"
    assert gate(b"\tPG_mlocked") == "CONFIG_MMU"
    assert gate(b"\tPG_young") == "CONFIG_PAGE_IDLE_FLAG && CONFIG_64BIT"
    assert gate(b"static __always_inline bool folio_test_ksm") == "CONFIG_KSM"


@pytest.mark.kernel
def test_the_headers_of_6_12_are_balanced(linux_6_12):
    headers = sorted((linux_6_12 / "include/linux").glob("*.h"))
    assert len(headers) > 1000
    # one file splits a group over two headers on purpose, none should else
    bad = [h.name for h in headers if not Conditionals(h.read_bytes()).balanced]
    assert bad == []


@pytest.mark.parametrize(
    "text", ["-1 > 0u", "~0U > 0", "0u - 1 > 0", "-1 < 0xffffffffffffffff", "-1 / 1ul"]
)
def test_a_negative_number_beside_an_unsigned_one_is_left_open(text: str) -> None:
    """It is a large one there: C11 6.10.1 and 6.3.1.8."""
    assert parse_condition(text) not in (TRUE, FALSE)
    assert parse_condition("-1 > 0") == FALSE
    assert parse_condition("2u > 1") == TRUE


def test_a_name_exists_where_its_own_guard_is_not_taken() -> None:
    always = parse_condition("!defined(readl)", {})
    assert exists_where(always, "readl").is_true
    option = parse_condition("defined(CONFIG_BUG) && !defined(WARN)", {})
    assert exists_where(option, "WARN") == atom("defined(WARN)") | symbol("BUG")
    assert exists_where(option, "OTHER") == option
