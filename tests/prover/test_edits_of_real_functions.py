# SPDX-License-Identifier: GPL-2.0-or-later
# ruff: noqa: E501
"""Edits of real functions: what keeps the behaviour is never refuted, what changes it
is, and gcc agrees with every witness."""

from __future__ import annotations

import importlib.util
import re
import subprocess
from pathlib import Path

import pytest

from reviewer.c.source import parse
from reviewer.facts import Facts
from reviewer.facts.header import header
from reviewer.prover.judge.compare import compare_functions
from reviewer.prover.limits import ProverLimits
from reviewer.prover.verdict import FunctionVerdict, Verdict
from reviewer.tree import open_tree

_spec = importlib.util.spec_from_file_location(
    "edits", Path(__file__).with_name("edits.py")
)
assert _spec is not None
assert _spec.loader is not None
edits = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(edits)

PATIENCE = ProverLimits(solver=5.0, seconds=40.0)  # the machine that tests may be busy
# What cannot be proved for want of a fact, and why.
NOT_PROVED: dict[str, str] = {}


@pytest.fixture(scope="module")
def facts(linux_6_12: Path) -> Facts:
    return Facts(open_tree(linux_6_12).view(None))


def texts(
    facts: Facts, case: tuple[str, str, list[tuple[str, str]]]
) -> tuple[str, bytes, bytes]:
    """Path, the file, and the file with the edits made in the function."""
    path, name, changes = case
    data = facts.view.read(path)
    assert data is not None
    text = data.decode()
    start = re.search(rf"^[a-z][^\n;]*\b{name}\((?![^{{]*;\n)", text, re.MULTILINE)
    assert start is not None
    end = text.index("\n}", start.end())
    part = text[start.start() : end]
    for old, new in changes:
        assert old in part, f"the tree has no {old!r} in {name}()"
        part = part.replace(old, new, 1)
    return path, data, (text[: start.start()] + part + text[end:]).encode()


def compare(
    facts: Facts, case: tuple[str, str, list[tuple[str, str]]]
) -> FunctionVerdict:
    path, before, after = texts(facts, case)
    return compare_functions(
        parse(path, before), parse(path, after), facts, facts, case[1], limits=PATIENCE
    )[0]


def test_there_are_twenty_of_each() -> None:
    assert len(edits.KEEPING) >= 20
    assert len(edits.CHANGING) >= 20


@pytest.mark.parametrize("name", edits.KEEPING)
def test_a_refactoring_is_proved_and_never_refuted(name: str, facts: Facts) -> None:
    verdict = compare(facts, edits.KEEPING[name])
    if name in NOT_PROVED:
        assert verdict.verdict is Verdict.NOT_DECIDED
        assert NOT_PROVED[name] in verdict.why
    else:
        assert verdict.verdict is Verdict.EQUAL, (verdict.why, verdict.differing)


@pytest.mark.parametrize("name", edits.CHANGING)
def test_a_seeded_change_is_refuted_and_gcc_agrees(
    name: str, facts: Facts, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    case = edits.CHANGING[name]
    verdict = compare(facts, case)
    assert verdict.verdict is Verdict.DIFFERS, (verdict.verdict, verdict.why)
    witness = verdict.differing[0].witness
    assert witness is not None
    assert not witness.relies_on
    request.getfixturevalue("compiler")  # only now: the verdict is tested without
    outcome = run_both(facts, case, witness.values, tmp_path)
    assert outcome == ["differs"] * 8, (str(witness), outcome)


# --- the harness ------------------------------------------------------------------------

SHIM = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
typedef unsigned char u8; typedef unsigned long long u64; typedef _Bool bool;
#define true 1
#define false 0
#define ENOMEM 12
#define EAGAIN 11
#define EFAULT 14
#define ENOSPC 28
#define EHWPOISON 133
"""
MAIN = r"""
static void fill(void *p, size_t n) { while (n--) ((u8 *)p)[n] = rand() & 1; }
int main(void)
{
	for (int round = 0; round < 8; round++) {
		u8 first[4096] = {0}, second[4096] = {0}; size_t n = 0, m = 0;
		u64 one, two;
		srand(round);
#define O(x) fill(&x, sizeof(x));
		OBJECTS
#undef O
		SETUP
		ARGUMENTS
		WITNESS
#define O(x) memcpy(second + n, &x, sizeof(x)); n += sizeof(x);
		OBJECTS
#undef O
		one = (u64)before_(CALL);
#define O(x) memcpy(first + m, &x, sizeof(x)); memcpy(&x, second + m, sizeof(x)); m += sizeof(x);
		OBJECTS
#undef O
		two = (u64)after_(CALL);
		m = 0;
#define O(x) memcpy(second + m, &x, sizeof(x)); m += sizeof(x);
		OBJECTS
		printf("%s\n", one != two || memcmp(first, second, n) ? "differs" : "same");
#undef O
	}
	return 0;
}
"""


def run_both(
    facts: Facts,
    case: tuple[str, str, list[tuple[str, str]]],
    values: tuple[tuple[str, int], ...],
    folder: Path,
) -> list[str]:
    """Compile both states with the shim and run the witness, the rest at random."""
    path, before, after = texts(facts, case)
    name = case[1]
    shim, arguments = edits.SHIMS[name]
    parts = [SHIM, shim]
    for label, data in (("before_", before), ("after_", after)):
        source = header(path, data)
        text = source.functions[name][0]
        body = source.clean[text.end - len(text.body) : text.end]
        returns = text.returns.replace("static", "").replace("inline", "")
        returns = returns.replace("__always_", "").replace("struct anon_vma", "void")
        parts.append(f"static {returns} {label}({text.parameters})\n{body}\n")
    declared, passed, set_ = [], [], []
    words = dict(values)
    for argument in arguments:
        if argument.startswith("&"):
            word = argument[1:]
            is_null = words.get(f"input {word}") == 0
            passed.append("NULL" if is_null else f"&{word}_")
        else:
            word = argument.split()[-1]
            declared.append(f"{argument} = 0; fill(&{word}, sizeof({word}));")
            passed.append(word)
    bits: dict[str, list[tuple[int, int, int]]] = {}
    for expr, value in values:
        place(expr, value, set_, bits, {a[1:] for a in arguments if a[0] == "&"})
    options = {"CONFIG_STACK_GROWSUP": 0, "PAGE_SHIFT": 12}
    for expr, value in values:
        if expr.startswith("CONFIG_") or expr == "input PAGE_SHIFT":
            options[expr.removeprefix("input ")] = value
    defines = "".join(f"#define {name} {value}\n" for name, value in options.items())
    parts.insert(0, defines + "#define PAGE_SIZE (1UL << PAGE_SHIFT)\n")
    main = MAIN.replace("ARGUMENTS", " ".join(declared)).replace(
        "WITNESS", " ".join(set_)
    )
    text_of = "\n".join(parts)
    for macro in ("OBJECTS", "SETUP"):
        if f"#define {macro} " not in text_of:
            text_of += f"\n#define {macro}\n"
    source_file = folder / "witness.c"
    source_file.write_text(text_of + main.replace("CALL", ", ".join(passed)))
    subprocess.run(
        ["gcc", "-O1", "-w", "-fwrapv", "-fno-strict-aliasing", "-o",
         str(folder / "witness"), str(source_file)],
        check=True, timeout=120,
    )  # fmt: skip
    run = subprocess.run([str(folder / "witness")], capture_output=True, check=True)
    return run.stdout.decode().split()


def place(
    expr: str,
    value: int,
    set_: list[str],
    bits: dict[str, list[tuple[int, int, int]]],
    pointers: set[str],
) -> None:
    """One value of the witness as C statements."""
    part = re.fullmatch(r"Extract\((\d+), (\d+), (.*)\)", expr)
    if part:
        high, low, inner = int(part[1]), int(part[2]), lvalue(part[3], pointers)
        width = high - low + 1
        mask = ((1 << width) - 1) << low
        set_.append(
            f"*(u64 *)&{inner} = *(u64 *)&{inner} & ~{mask}ULL | {value << low}ULL;"
        )
        return
    if re.fullmatch(r"input (\w+)", expr) and expr.split()[1] in pointers:
        return
    if expr.startswith(("CONFIG_", "defined(")) or expr == "input PAGE_SHIFT":
        return  # a #define
    if re.search(r"memory vm_mm:64\[input vma\]$", expr):
        return
    set_.append(f"{lvalue(expr, pointers)} = {value}ULL;")


def lvalue(expr: str, pointers: set[str]) -> str:
    """memory f:64[input p] -> p_.f, the way z3 prints it."""
    if match := re.fullmatch(r"input (\w+)", expr):
        return match[1]
    match = re.fullmatch(r"memory (\w+):\d+\[(.*)\]", expr)
    assert match is not None, expr
    field, owner = match[1], match[2]
    if inner := re.fullmatch(r"&->(\w+)\((.*)\)", owner):
        return f"{target(inner[2], pointers)}.{inner[1]}.{field}"
    return f"{target(owner, pointers)}.{field}"


def target(owner: str, pointers: set[str]) -> str:
    if owner.startswith("input "):
        return f"{owner[6:]}_"
    match = re.fullmatch(r"memory (\w+):\d+\[input (\w+)\]", owner)
    assert match is not None, owner
    return f"{match[1]}_"
