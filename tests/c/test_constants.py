# SPDX-License-Identifier: GPL-2.0-or-later
"""Constants have the type and value that the compiler gives them."""

from __future__ import annotations

import random
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.c.conditions import TRUE, Condition, parse_condition, symbol
from reviewer.c.constants import (
    ConstantDefinition,
    CValue,
    Evaluator,
    enumerator_definitions,
    evaluate,
    values,
)
from reviewer.c.expressions import parse_expression
from reviewer.c.preprocessor import defines, enumerators


def nothing(name):
    return ()


def definitions_in(text: str):
    """A resolver over the macros and enumerators of one text."""
    table: dict[str, list[ConstantDefinition]] = {}
    data = text.encode()
    for define in defines(data):
        entry = ConstantDefinition(
            define.condition, define.body, define.line, define.params
        )
        table.setdefault(define.name, []).append(entry)
    enums: dict[int, list] = {}
    for member in enumerators(data):
        enums.setdefault(member.enum_line, []).append(member)
    for members in enums.values():
        for name, ways in enumerator_definitions(members).items():
            table.setdefault(name, []).extend(ways)
    return lambda name: table.get(name, ())


@pytest.mark.parametrize(
    ("text", "value", "bits", "signed"),
    [
        ("1 << 31", -0x80000000, 32, True),
        ("(1 << 31) | 0ULL", 0xFFFFFFFF80000000, 64, False),
        ("-2147483647 - 1", -0x80000000, 32, True),
        ("2147483648", 1 << 31, 64, True),
        ("0x80000000", 1 << 31, 32, False),
        ("0xffffffffffffffff", (1 << 64) - 1, 64, False),
        ("~0U", 0xFFFFFFFF, 32, False),
        ("~0", -1, 32, True),
        ("~0UL >> 63", 1, 64, False),
        ("-1 >> 4", -1, 32, True),
        ("-1 < 0U", 0, 32, True),
        ("-7 / 2", -3, 32, True),
        ("-7 % 2", -1, 32, True),
        ("010 + 0b11", 11, 32, True),
        ("'a' | '\\n' | '\\0'", 107, 32, True),
        ("'ab'", 0x6162, 32, True),
        ("1 ? 2 : 3UL", 2, 64, False),
        ("0 ?: 5", 5, 32, True),
        ("1 || 1 / 0", 1, 32, True),
        ("!5 + !!5", 1, 32, True),
        ("(u8)0x1ff", 0xFF, 8, False),
        ("(u8)0x1ff + 1", 0x100, 32, True),
        ("(__s8)0xff", -1, 8, True),
        ("(unsigned long)-1", (1 << 64) - 1, 64, False),
        ("(__force __u32)(3)", 3, 32, False),
        ("(bool)8", 1, 1, False),
        ("sizeof(u32) * 8", 32, 64, False),
        ("sizeof(unsigned long)", 8, 64, False),
        ("sizeof(struct page *)", 8, 64, False),
        ("BIT(31)", 1 << 31, 64, False),
        ("BIT_ULL(63)", 1 << 63, 64, False),
        ("GENMASK(7, 4)", 0xF0, 64, False),
        ("GENMASK_ULL(63, 0)", (1 << 64) - 1, 64, False),
        ("UL(0x10) | _BITULL(2)", 0x14, 64, False),
        ("true + BITS_PER_LONG", 65, 32, True),
        ("(((((3)))))", 3, 32, True),
    ],
)
def test_values_have_the_type_of_c(text, value, bits, signed):
    assert evaluate(text, nothing) == CValue(value, bits, signed)


@pytest.mark.parametrize(
    "text",
    ["", "1 +", "1 / 0", "5 % 0", "1 << 32", "1 << -1", "1UL << 64", "2147483647 + 1",
     "-(-2147483647 - 1)", "(-2147483647 - 1) / -1", "(void *)1", "(struct x *)0",
     "(char)200", "1.5", "1e3", "0x", "08", "1LU1", "99999999999999999999",
     "18446744073709551615", "'\\xff'", "''", '"a"', "UNKNOWN", "f(1)", "a.b", "a[1]",
     "1, 2", "({ 1; })", "BIT(64)", "BIT()", "GENMASK(64, 0)", "sizeof(x)", "x = 1",
     "sizeof(struct page)", "(unknown_t)4", "1 ? 2 : UNKNOWN", "(" * 4000, "1 ?" * 500,
     "!" * 4000 + "1", "1" + "+1" * 4000, "-" * 29 + "(" * 29],
)  # fmt: skip
def test_what_has_no_settled_value_is_none(text):
    assert evaluate(text, nothing) is None


def test_the_mapping_bits_are_a_union():
    resolve = definitions_in(
        "#define PAGE_MAPPING_ANON\t0x1\n#define PAGE_MAPPING_MOVABLE\t0x2\n"
        "#define PAGE_MAPPING_KSM\t(PAGE_MAPPING_ANON | PAGE_MAPPING_MOVABLE)\n"
    )
    assert evaluate("PAGE_MAPPING_KSM", resolve) == CValue(3)
    # what the precedence mistake of the story computes
    assert evaluate(
        "PAGE_MAPPING_KSM & PAGE_MAPPING_KSM == PAGE_MAPPING_KSM", resolve
    ) == (CValue(1))


def test_a_gated_macro_has_a_value_per_configuration():
    resolve = definitions_in(
        "#ifdef CONFIG_64BIT\n#define SHIFT 5\n"
        "#elif defined(CONFIG_X)\n#define SHIFT 4\n"
        "#endif\n#define SIZE (1UL << SHIFT)\n#define TWICE (SHIFT + SHIFT)\n"
    )
    found = {str(condition): value for value, condition in values("SIZE", resolve)}
    assert found == {
        "CONFIG_64BIT": CValue(32, 64, False),
        "!CONFIG_64BIT && CONFIG_X": CValue(16, 64, False),
    }
    assert {value.value for value, _ in values("TWICE", resolve) if value} == {10, 8}
    assert evaluate("SIZE", resolve) is None
    assert evaluate("SIZE", resolve, under=symbol("64BIT")) == CValue(32, 64, False)
    assert evaluate("SHIFT > 3", resolve) == CValue(1)


@pytest.mark.parametrize("text", ["MASK", "(unsigned long)(MASK)", "AT(MASK)"])
def test_a_gate_is_kept_through_a_macro(text):
    resolve = definitions_in(
        "#ifndef CONFIG_X\n#define MASK 0UL\n#endif\n#define AT(x) ((x))\n"
    )
    ((value, condition),) = Evaluator(resolve).of_text(text)
    assert value is not None
    assert value.value == 0
    assert condition == ~symbol("CONFIG_X")


def test_is_enabled_is_a_value_per_configuration():
    found = Evaluator(nothing).of_text("IS_ENABLED(CONFIG_A) ? 4 : 2")
    assert {str(c): v.value for v, c in found if v} == {
        "IS_ENABLED(CONFIG_A)": 4,
        "!IS_ENABLED(CONFIG_A)": 2,
    }


def test_a_value_under_a_formula_of_thousands_of_parts_is_not_known(monkeypatch):
    """CPU_FTRS_ALWAYS of powerpc: fifteen names, each with another value for each of
    some options, joined by ``&``."""
    lines = []
    for number in range(15):
        for way in "ABC":
            value = f"0x{1 << number | ord(way):x}"
            lines.append(f"#ifdef CONFIG_{way}{number}\n#define N{number} {value}\n")
            lines.append("#endif\n")
    names = " & ".join(f"(N{number} | N{number + 1})" for number in range(14))
    resolve = definitions_in("".join(lines) + f"#define ALL ({names})\n")
    asked = []
    whole = Condition.satisfiable

    def counted(condition):
        asked.append(condition.has_more_parts(2_000))
        return whole(condition)

    monkeypatch.setattr(Condition, "satisfiable", counted)
    found = values("ALL", resolve)
    assert asked
    assert not any(asked)
    assert {value for value, _ in found} == {None}


def test_macros_of_the_tree_are_expanded():
    resolve = definitions_in(
        "#define _PGMT(x) ((x) << 1)\n#define CAT(a, b) a##b\n"
        "#define CATX(a, b) CAT(a, b)\n#define OBJ N\n"
        "#define WC _PGMT(N + 1)\n#define N 2\n#define SUFFIXED CATX(N, UL)\n"
        "#define LOOP LOOP2\n#define LOOP2 (LOOP | 1)\n#define F(x) F(x)\n"
    )
    assert evaluate("WC", resolve) == CValue(6)
    assert evaluate("SUFFIXED", resolve) == CValue(2, 64, False)
    assert evaluate("OBJ(1)", resolve) is None
    assert evaluate("_PGMT(1, 2)", resolve) is None
    assert evaluate("_PGMT", resolve) is None
    assert evaluate("LOOP", resolve) is None
    assert evaluate("F(1)", resolve) is None


def test_typedefs_are_asked_for():
    def typedefs(name):
        return {"gfp_t": "unsigned int __bitwise", "pg_t": "gfp_t"}.get(name)

    assert evaluate("(pg_t)~0", nothing, typedefs) == CValue(0xFFFFFFFF, 32, False)
    assert evaluate("((__force gfp_t)BIT(3))", nothing, typedefs) == CValue(
        8, 32, False
    )
    assert evaluate("sizeof(gfp_t)", nothing, typedefs) == CValue(4, 64, False)


def test_resolvers_may_give_plain_triples():
    assert evaluate("A", lambda name: [(TRUE, "7", None)]) == CValue(7)


# --- enumerators ------------------------------------------------------------------


def test_an_enumerator_counts_the_gated_ones_before_it():
    resolve = definitions_in(
        "enum e {\nA,\n#ifdef CONFIG_X\nB,\n#endif\n#ifdef CONFIG_Y\nC,\n#endif\n"
        "D,\nE = A + 10, F,\nALIAS = D,\n};"
    )
    assert values("A", resolve) == ((CValue(0), TRUE),)
    ((value, condition),) = values("B", resolve)
    assert (value, str(condition)) == (CValue(1), "CONFIG_X")
    found = {
        value.value: condition for value, condition in values("D", resolve) if value
    }
    assert set(found) == {1, 2, 3}
    assert found[1].equivalent(parse_condition("!CONFIG_X && !CONFIG_Y"))
    assert found[2].equivalent(parse_condition("!CONFIG_X != !CONFIG_Y"))
    assert found[3].equivalent(parse_condition("CONFIG_X && CONFIG_Y"))
    assert {v.value for v, _ in values("ALIAS", resolve) if v} == {1, 2, 3}
    assert values("F", resolve) == ((CValue(11), TRUE),)


def test_an_enumerator_is_an_int_where_it_fits():
    resolve = definitions_in(
        "enum { A = 1UL << 3, B = 1U << 31, C = 1ULL << 40, D = -1L };"
    )
    assert evaluate("A", resolve) == CValue(8)
    assert evaluate("B", resolve) == CValue(1 << 31, 32, False)
    assert evaluate("C", resolve) == CValue(1 << 40, 64, False)
    assert evaluate("D", resolve) == CValue(-1)


def test_after_generated_members_values_are_not_guessed():
    resolve = definitions_in("enum { A, MEMBERS(x, y), B, C = 9, D };")
    assert evaluate("A", resolve) == CValue(0)
    assert evaluate("B", resolve) is None
    assert evaluate("D", resolve) == CValue(10)


def test_behind_many_gates_values_are_not_guessed():
    gated = "".join(f"#ifdef CONFIG_G{n}\nG{n},\n#endif\n" for n in range(40))
    resolve = definitions_in("enum { A,\n" + gated + "LAST, FIXED = 3, AFTER };")
    assert evaluate("A", resolve) == CValue(0)
    assert evaluate("LAST", resolve) is None
    assert evaluate("AFTER", resolve) == CValue(4)


@pytest.mark.kernel
@pytest.mark.parametrize("tree", ["linux_6_1", "linux_6_12"])
def test_numbers_of_real_trees(tree, request):
    top = request.getfixturevalue(tree)
    text = (top / "include/linux/page-flags.h").read_text()
    resolve = definitions_in(text)
    assert evaluate("PG_locked", resolve) == CValue(0)
    assert evaluate("PG_swapcache == PG_owner_priv_1", resolve) == CValue(1)
    assert evaluate("PAGE_MAPPING_FLAGS", resolve) == CValue(3)
    idle = values("PG_idle", resolve)
    assert all(condition.implies(symbol("PAGE_IDLE_FLAG")) for _, condition in idle)
    assert all(value is not None for value, _ in idle)
    kpf = definitions_in((top / "include/uapi/linux/kernel-page-flags.h").read_text())
    assert evaluate("KPF_KSM", kpf) == CValue(21)


# --- against the compiler ---------------------------------------------------------

NUMBERS = [
    "0",
    "1",
    "2",
    "3",
    "7",
    "31",
    "63",
    "0x80000000",
    "2147483647",
    "0777",
    "5U",
]
NUMBERS += [
    "1UL",
    "4294967295",
    "0xffffffffffffffff",
    "1LL",
    "9223372036854775807",
    "'a'",
]
NUMBERS += ["0x7fffffff", "3ULL", "0b101", "0u", "1l", "2Ul"]
TYPES = ["unsigned char", "signed char", "unsigned short", "short", "int", "unsigned"]
TYPES += ["unsigned long", "long", "long long unsigned", "_Bool", "unsigned int"]
OPERATORS = [
    "+",
    "-",
    "*",
    "/",
    "%",
    "<<",
    ">>",
    "<",
    ">",
    "<=",
    ">=",
    "==",
    "!=",
    "&",
    "|",
]
OPERATORS += ["^", "&&", "||"]


def random_expression(chance: random.Random, depth: int) -> str:
    kind = chance.random()
    if depth == 0 or kind < 0.15:
        return chance.choice(NUMBERS)
    one = random_expression(chance, depth - 1)
    if kind < 0.3:
        return chance.choice("+-~!") + f" {one}"
    if kind < 0.4:
        return f"({chance.choice(TYPES)})({one})"
    if kind < 0.45:
        return f"sizeof({chance.choice(TYPES)})"
    two = random_expression(chance, depth - 1)
    if kind < 0.52:
        three = random_expression(chance, depth - 1)
        return f"({one} ? {two} : {three})"
    joined = f"{one} {chance.choice(OPERATORS)} {two}"
    return f"({joined})" if chance.random() < 0.6 else joined


def test_values_and_types_are_those_of_gcc(compiler, tmp_path):
    """Four thousand random expressions, compiled in one file."""
    chance = random.Random(2026)
    cases = []
    while len(cases) < 4000:
        text = random_expression(chance, 4)
        ours = evaluate(text, nothing)
        if ours is not None:
            cases.append((text, ours))
    rows = "\n".join(
        f"T((unsigned long)({text}), sizeof({text}), ((__typeof__({text}))-1 < 1))"
        for text, _ in cases
    )
    (tmp_path / "a.c").write_text(
        "#include <stdio.h>\n"
        '#define T(v, s, n) printf("%lx %d %d\\n", v, (int)(s), n);\n'
        f"int main(void) {{\n{rows}\nreturn 0; }}\n"
    )
    build = [compiler, "-std=gnu11", "-w", "-O0", "a.c", "-o", "a"]
    subprocess.run(build, cwd=tmp_path, check=True)
    out = subprocess.run([tmp_path / "a"], capture_output=True, text=True, check=True)
    lines = out.stdout.splitlines()
    assert len(lines) == len(cases)
    for (text, ours), line in zip(cases, lines, strict=True):
        number, size, signed = line.split()
        wide = ours.value & ((1 << 64) - 1)
        typed = (wide, max(ours.bits, 8) // 8, ours.signed)
        assert typed == (int(number, 16), int(size), signed == "1"), text


@given(st.text("0123xULul+-*/%<>=!&|^~?:()' abBIT_,sizeof", max_size=60))
@settings(max_examples=500, deadline=None)
def test_no_text_crashes(text):
    parse_expression(text)
    resolve = definitions_in(f"#define B(a) a + b\n#define b {text}\n")
    found = evaluate(text, resolve)
    assert found is None or isinstance(found.value, int)


@pytest.mark.parametrize("first", ["1", "A59", "M(1)"], ids=["tree", "cycle", "calls"])
def test_macros_that_double_themselves_take_no_time(first):
    """A60 holds A0 2^60 times: by itself, in a cycle, and through calls."""
    import time

    text = f"#define A0 {first}\n#define M(x) (N(x) + N(x))\n#define N(x) (x)\n"
    text += "".join(f"#define A{i} (A{i - 1} | A{i - 1})\n" for i in range(1, 36))
    twice = (f"#define B{i}(x) (B{i - 1}(x) | B{i - 1}(x))\n" for i in range(1, 60))
    text += "".join(twice)
    resolve = definitions_in(text + "#define A59 A35\n")
    begun = time.process_time()
    value = evaluate("A35", resolve)
    assert evaluate("B59(1)", resolve) is None
    assert time.process_time() - begun < 10
    assert (value is None) == (first == "A59")
