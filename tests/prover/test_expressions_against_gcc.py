# SPDX-License-Identifier: GPL-2.0-or-later
"""What the lifter says of C is what gcc's code does.

Random functions over the supported subset are lifted, evaluated for random inputs
and compared with the same functions compiled by gcc and run: what they return and what
they leave in memory.
"""

from __future__ import annotations

import importlib.util
import random
import subprocess
from pathlib import Path

import pytest
import z3

from reviewer.c.source import parse
from reviewer.prover.interpret.lift import lift, prepare_run
from reviewer.prover.interpret.run import Run
from reviewer.prover.limits import ProverLimits
from reviewer.prover.names.definitions import Definitions
from reviewer.prover.values.integers import Machine

_spec = importlib.util.spec_from_file_location(
    "random_c", Path(__file__).with_name("random_c.py")
)
assert _spec is not None
assert _spec.loader is not None
random_c = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(random_c)
EDGES, MEMBERS, PRELUDE = random_c.EDGES, random_c.MEMBERS, random_c.PRELUDE
FULL = (1 << 64) - 1


def compiled(
    folder: Path, functions: list[tuple[str, list[str]]], inputs: list[list[int]]
) -> list[list[int]]:
    """What gcc's code returns and leaves in memory, as unsigned 64-bit numbers."""
    text = (
        PRELUDE + "#include <stdio.h>\n" + "\n".join(text for text, _types in functions)
    )
    shown = ", ".join(f"(unsigned long long)m.{name}" for name in MEMBERS)
    calls = []
    for number, (_text, types) in enumerate(functions):
        for row in inputs:
            given = ", ".join(
                f"({t}){v}ULL" for t, v in zip(types[1:], row, strict=False)
            )
            fields = " ".join(
                f"m.{name} = {v}ULL;" for name, v in zip(MEMBERS, row[3:], strict=True)
            )
            calls.append(
                f"\t{fields} r = f{number}({given}, &m);\n"
                f'\tprintf("%llu{" %llu" * len(MEMBERS)}\\n", r, {shown});'
            )
    text += (
        "struct m m; unsigned long long r;\nint main(void)\n{\n"
        + "\n".join(calls)
        + "\n\treturn 0;\n}\n"
    )
    source = folder / "random.c"
    source.write_text(text)
    program = folder / "random"
    subprocess.run(
        ["gcc", "-O1", "-w", "-fwrapv", "-fno-strict-aliasing", "-funsigned-char",
         "-o", str(program), str(source)],
        check=True, timeout=300,
    )  # fmt: skip
    run = subprocess.run([str(program)], capture_output=True, check=True, timeout=60)
    return [[int(word) for word in line.split()] for line in run.stdout.splitlines()]


def evaluated(text: str, types: list[str], inputs: list[list[int]]) -> list[list[int]]:
    """What the lifted formulas give for the same inputs."""
    whole = (PRELUDE + text).encode()
    source = parse("random.c", whole)
    known = Definitions(None, "random.c", whole)
    run = prepare_run(Run(known, Machine(), ProverLimits(nodes=100_000)))
    words = [z3.BitVec(f"input {name}", 64) for name in "abcm"]
    function = next(f for f in source.functions if f.name.startswith("f"))
    lifted = lift(run, source, function, words)
    assert lifted.value is not None
    assert {event.kind for event in run.record.events} <= {"store"}, (
        f"{run.record.events}\n{text}"
    )
    outcome = [lifted.value.expr]
    arrays = []
    for name, (_text, bits, _signed) in MEMBERS.items():
        array = z3.Array(
            f"memory {name}@m:{bits}", z3.BitVecSort(64), z3.BitVecSort(bits)
        )
        arrays.append(array)
        outcome.append(z3.Select(lifted.memory.get(f"{name}@m", array), words[3]))
    signs = [
        lifted.value.ctype.signed,
        *(signed for _t, _b, signed in MEMBERS.values()),
    ]
    places = [
        (address, z3.BitVecVal((n + 1) << 20, 64))
        for n, address in enumerate(run.stack_places.values())
    ]
    found = []
    for row in inputs:
        given = [
            v != 0 if t == "bool" else v for t, v in zip(types[1:], row, strict=False)
        ]
        pairs = [
            (w, z3.BitVecVal(int(v), 64))
            for w, v in zip(words, [*given, 4096], strict=True)
        ]
        pairs += [
            (array, z3.K(z3.BitVecSort(64), z3.BitVecVal(v, array.range().size())))
            for array, v in zip(arrays, row[3:], strict=True)
        ]
        here = []
        for expr, signed in zip(outcome, signs, strict=True):
            value = z3.simplify(z3.substitute(expr, *pairs, *places))
            assert z3.is_bv_value(value), f"{value}\n{text}"
            number = value.as_signed_long() if signed else value.as_long()
            here.append(number & FULL)
        found.append(here)
    return found


def compare(seed: int, many: int, folder: Path) -> None:
    """Write functions, and ask gcc and the lifter about each."""
    rng = random.Random(seed)
    functions = [random_c.Writer(rng).function(number) for number in range(many)]
    width = 3 + len(MEMBERS)
    inputs = [[rng.choice(EDGES) for _ in range(width)] for _ in range(10)]
    inputs += [[rng.getrandbits(64) for _ in range(width)] for _ in range(10)]
    wanted = compiled(folder, functions, inputs)
    for number, (text, types) in enumerate(functions):
        got = evaluated(text, types, inputs)
        right = wanted[number * len(inputs) : (number + 1) * len(inputs)]
        for row, mine, theirs in zip(inputs, got, right, strict=True):
            assert mine == theirs, f"f{number}{tuple(row)}: {mine} != {theirs}\n{text}"


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.usefixtures("compiler")
def test_random_functions_compute_what_gcc_computes(seed: int, tmp_path: Path) -> None:
    compare(seed, 12, tmp_path)
