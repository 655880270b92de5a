# ruff: noqa: E501
"""What the lifter says of C is what gcc's code does.

Random functions over the supported subset are lifted, evaluated for random inputs
and compared with the same functions compiled by gcc and run.
"""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

import pytest
import z3

from reviewer.behaviour.cvalues import Machine
from reviewer.behaviour.definitions import Definitions
from reviewer.behaviour.lift import lift
from reviewer.behaviour.run import Limits, Run
from reviewer.c.source import parse

TYPES = {
    "char": "unsigned char", "signed char": "signed char", "u8": "unsigned char",
    "s16": "short", "u16": "unsigned short", "int": "int", "unsigned int": "unsigned",
    "long": "long", "unsigned long": "unsigned long", "u64": "unsigned long long",
    "bool": "_Bool", "s64": "long long",
}  # fmt: skip
EDGES = [0, 1, 2, 3, 7, 31, 32, 63, 127, 128, 255, 256, 0x7FFF, 0x8000, 0xFFFF,
         0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1 << 62, (1 << 63) - 1, 1 << 63, (1 << 64) - 1]  # fmt: skip
PRELUDE = """typedef unsigned char u8; typedef short s16; typedef unsigned short u16;
typedef unsigned long long u64; typedef long long s64; typedef _Bool bool;
"""


class Writer:
    """Writes a random function that has no undefined behaviour."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.names: list[str] = []

    def expression(self, depth: int) -> str:
        rng = self.rng
        if depth <= 0 or rng.random() < 0.15:
            if rng.random() < 0.7:
                return rng.choice(self.names)
            number = rng.choice([rng.choice(EDGES[:18]), rng.randrange(200)])
            return f"{number}{rng.choice(['', '', 'U', 'L', 'UL', 'ULL', 'LL'])}"
        kind = rng.randrange(12)
        one = self.expression(depth - 1)
        two = self.expression(depth - 1)
        if kind < 4:
            return f"({one} {rng.choice(['+', '-', '*', '&', '|', '^'])} {two})"
        if kind == 4:
            return f"({one} {rng.choice(['<', '<=', '>', '>=', '==', '!='])} {two})"
        if kind == 5:
            return f"({one} {rng.choice(['&&', '||'])} {two})"
        if kind == 6:
            amount = rng.choice(
                [f"({two} & 15)", f"({two} & 31)", str(rng.randrange(31))]
            )
            return f"({one} {rng.choice(['<<', '>>'])} {amount})"
        if kind == 7:
            return f"{rng.choice(['-', '~', '!'])}({one})"
        if kind == 8:
            return f"({rng.choice(list(TYPES))})({one})"
        if kind == 9:
            return f"({one} ? {two} : {self.expression(depth - 1)})"
        if kind == 10:
            return f"({one} {rng.choice(['/', '%'])} (({two} & 63) + 1))"
        return f"({one} ?: {two})"

    def statements(self, depth: int, indent: str = "\t") -> list[str]:
        rng = self.rng
        lines: list[str] = []
        for _number in range(rng.randrange(1, 4)):
            kind = rng.randrange(11)
            name = rng.choice(self.names)
            value = self.expression(2)
            if kind < 3:
                operator = rng.choice(["=", "+=", "-=", "|=", "&=", "^=", "*="])
                lines.append(f"{indent}{name} {operator} {value};")
            elif kind == 3:
                lines.append(f"{indent}{rng.choice(['++', '--'])}{name};")
            elif kind == 4:
                other = rng.choice([n for n in self.names if n != name])
                lines.append(f"{indent}{name} = {other}++;")
            elif kind == 5 and depth > 0:
                lines.append(f"{indent}if ({value}) {{")
                lines += self.statements(depth - 1, indent + "\t")
                if rng.random() < 0.6:
                    lines.append(f"{indent}}} else {{")
                    lines += self.statements(depth - 1, indent + "\t")
                lines.append(f"{indent}}}")
            elif kind == 6 and depth > 0:
                lines += self.switch(value, depth, indent)
            elif kind == 7:
                lines.append(
                    f"{indent}if ({value})\n{indent}\treturn {self.expression(1)};"
                )
            elif kind == 8 and depth > 0:
                lines.append(f"{indent}if ({value})\n{indent}\tgoto out;")
            elif kind == 9 and depth > 0:
                counter = f"i{len(self.names)}_{rng.randrange(1 << 30)}"
                rounds = rng.randrange(1, 5)
                lines.append(
                    f"{indent}for (int {counter} = 0; {counter} < {rounds}; {counter}++) {{"
                )
                lines += self.statements(0, indent + "\t")
                jump = rng.choice(["break", "continue"])
                lines.append(
                    f"{indent}\tif ({self.expression(1)})\n{indent}\t\t{jump};"
                )
                lines.append(f"{indent}\t{name} += {counter};")
                lines.append(f"{indent}}}")
            else:
                lines.append(
                    f"{indent}({value}) ? {name}++ : ({name} = {self.expression(1)});"
                )
        return lines

    def switch(self, value: str, depth: int, indent: str) -> list[str]:
        rng = self.rng
        lines = [f"{indent}switch (({value}) & 7) {{"]
        labels = [f"case {n}:" for n in rng.sample(range(8), 3)] + ["default:"]
        if rng.random() < 0.3:
            labels.pop()
        rng.shuffle(labels)
        for label in labels:
            lines.append(f"{indent}{label}")
            lines += self.statements(depth - 1, indent + "\t")
            if rng.random() < 0.6:
                lines.append(f"{indent}\tbreak;")
        return [*lines, f"{indent}}}"]

    def function(self, number: int) -> tuple[str, list[str]]:
        rng = self.rng
        types = [rng.choice(list(TYPES)) for _ in range(3)]
        self.names = ["a", "b", "c", "x", "y"]
        result = rng.choice(list(TYPES))
        extra = [rng.choice(list(TYPES)) for _ in range(2)]
        head = f"{result} f{number}({types[0]} a, {types[1]} b, {types[2]} c)"
        self.names = ["a", "b", "c"]
        first = self.expression(2)
        self.names = ["a", "b", "c", "x"]
        second = self.expression(2)
        self.names = ["a", "b", "c", "x", "y"]
        body = [f"\t{extra[0]} x = {first};", f"\t{extra[1]} y = {second};"]
        body += self.statements(2)
        body += ["\tgoto out;", "out:", f"\treturn {self.expression(3)};"]
        return f"{head}\n{{\n" + "\n".join(body) + "\n}\n", [result, *types]


def compiled(
    folder: Path, functions: list[tuple[str, list[str]]], inputs: list[list[int]]
) -> list[int]:
    """What gcc's code returns, as unsigned 64-bit numbers."""
    text = (
        PRELUDE + "#include <stdio.h>\n" + "\n".join(text for text, _types in functions)
    )
    calls = []
    for number, (_text, types) in enumerate(functions):
        for row in inputs:
            given = ", ".join(
                f"({t}){v}ULL" for t, v in zip(types[1:], row, strict=True)
            )
            calls.append(
                f'\tprintf("%llu\\n", (unsigned long long)f{number}({given}));'
            )
    text += "int main(void)\n{\n" + "\n".join(calls) + "\n\treturn 0;\n}\n"
    source = folder / "random.c"
    source.write_text(text)
    program = folder / "random"
    subprocess.run(
        ["gcc", "-O1", "-w", "-fwrapv", "-fno-strict-aliasing", "-funsigned-char",
         "-o", str(program), str(source)],
        check=True, timeout=300,
    )  # fmt: skip
    run = subprocess.run([str(program)], capture_output=True, check=True, timeout=60)
    return [int(line) for line in run.stdout.split()]


def evaluated(text: str, types: list[str], inputs: list[list[int]]) -> list[int]:
    """What the lifted formula gives for the same inputs."""
    source = parse("random.c", text.encode())
    run = Run(Definitions(None, "random.c", text.encode()), Machine(), Limits())
    words = [z3.BitVec(f"input {name}", 64) for name in "abc"]
    function = next(f for f in source.functions if f.name.startswith("f"))
    lifted = lift(run, source, function, words)
    assert lifted.value is not None
    assert not run.events, f"not followed: {run.events}\n{text}"
    found = []
    for row in inputs:
        given = [
            v != 0 if t == "bool" else v for t, v in zip(types[1:], row, strict=True)
        ]
        pairs = [
            (w, z3.BitVecVal(int(v), 64)) for w, v in zip(words, given, strict=True)
        ]
        value = z3.simplify(z3.substitute(lifted.value.expr, *pairs))
        assert z3.is_bv_value(value), f"{value}\n{text}"
        number = (
            value.as_signed_long() if lifted.value.ctype.signed else value.as_long()
        )
        found.append(number & ((1 << 64) - 1))
    return found


@pytest.mark.parametrize("seed", range(2))
def test_random_functions_compute_what_gcc_computes(seed: int, tmp_path: Path) -> None:
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed (Debian package gcc)")
    rng = random.Random(seed)
    functions = [Writer(rng).function(number) for number in range(30)]
    inputs = [[rng.choice(EDGES) for _ in range(3)] for _ in range(12)]
    inputs += [[rng.getrandbits(64) for _ in range(3)] for _ in range(13)]
    wanted = compiled(tmp_path, functions, inputs)
    for number, (text, types) in enumerate(functions):
        got = evaluated(text, types, inputs)
        right = wanted[number * len(inputs) : (number + 1) * len(inputs)]
        for row, mine, theirs in zip(inputs, got, right, strict=True):
            assert mine == theirs, f"f{number}{tuple(row)}: {mine} != {theirs}\n{text}"
