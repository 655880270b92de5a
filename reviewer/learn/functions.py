# SPDX-License-Identifier: GPL-2.0-or-later
"""Judging a C function: does it build everywhere, is it the same as the reference."""

from __future__ import annotations

from dataclasses import replace

from reviewer.c.source import Source
from reviewer.errors import KpfError
from reviewer.learn.course import Exercise
from reviewer.learn.judgement import (
    Judgement,
    behaves,
    judged_right,
    judged_undecided,
    judged_wrong,
)
from reviewer.learn.workbench import Workbench
from reviewer.patterns import regex
from reviewer.prover import Verdict
from reviewer.prover.verdict import OutputVerdict
from reviewer.utf8 import decode, encode

LONGEST = 20_000  # characters
_PREAMBLE = """#include <linux/types.h>
#include <linux/page-flags.h>
#include <linux/kernel-page-flags.h>

static inline u64 kpf_copy_bit(u64 kflags, int ubit, int kbit)
{
	return ((kflags >> kbit) & 1) << ubit;
}

"""
_FLAG = regex(r"\bPG_\w+")
_KPF = regex(r"\bKPF_\w+")


def judge_function(bench: Workbench, exercise: Exercise, answer: str) -> Judgement:
    """Says whether the function builds everywhere and does what the reference does."""
    if len(answer) > LONGEST:
        return judged_wrong("This is longer than any answer can be.")
    source = _parsed(exercise.path, answer)
    if source.function_named(exercise.name) is None or source.root.has_error:
        return judged_wrong(
            f"One function {exercise.name}() is wanted, and it must parse."
        )
    undeclared = _undeclared(bench, source)
    if undeclared:
        return judged_wrong(*undeclared)
    text = decode(source.data)
    says = [finding.comment for finding in bench.judged_file(exercise.path, text)]
    compared = _compared(bench, exercise, source)
    if compared.right is not True:
        return Judgement(compared.right, (*compared.says, *says))
    if says:
        return judged_wrong(
            "It does the right thing, but a reviewer stops here:", *says
        )
    return judged_right()


def _parsed(path: str, text: str) -> Source:
    from reviewer.c.source import parse

    whole = f"{_PREAMBLE}{text}\n"
    return parse(path, encode(whole))


def _undeclared(bench: Workbench, source: Source) -> list[str]:
    """Flags used where a configuration does not declare them."""
    flags = bench.facts.page_flags
    gate_of_file = bench.facts.build_gate(source.path).condition
    found = {}
    first = _PREAMBLE.count("\n")
    for number, line in enumerate(
        source.data.decode("utf-8", "replace").split("\n"), 1
    ):
        for name in _FLAG.findall(line):
            if name not in flags:
                continue
            gate = flags.gate(name)
            here = source.condition(number) & gate_of_file
            if here.implies(gate):
                continue
            example = here.counterexample(gate) or {}
            options = ", ".join(
                f"{option}={'y' if on else 'n'}"
                for option, on in sorted(example.items())
                if option in gate.symbols
            )
            found[name] = (
                f"With {options or f'!({gate})'} there is no {name}: line"
                f" {number - first} does not build."
            )
    return list(found.values())


def _compared(bench: Workbench, exercise: Exercise, source: Source) -> Judgement:
    from reviewer.prover import compare_functions

    reference = _parsed(exercise.path, exercise.reference)
    for mode in ("quiescent", "concurrent") if exercise.concurrent else ("quiescent",):
        try:
            verdict = compare_functions(
                reference,
                source,
                bench.facts,
                bench.facts,
                exercise.name,
                mode=mode,
                one_cpu=True,  # READ_ONCE() reads once, and so does a plain load
            )[0]
        except KpfError as error:
            return judged_undecided(f"It cannot be compared: {error}")
        if verdict.differing and mode == "concurrent":
            return judged_wrong(_torn(verdict.differing[0].output))
        if verdict.differing:
            found = [one for o in verdict.differing[:3] for one in _bits(bench, o)]
            return judged_wrong(*(behaves(output) for output in found[:3]))
        if verdict.verdict is not Verdict.EQUAL:
            undecided_ = [o.why for o in verdict.outputs if o.why] or [verdict.why]
            return judged_undecided(
                f"Neither right nor wrong could be proved: {undecided_[0]}."
            )
    return judged_right()


def _bits(bench: Workbench, output: OutputVerdict) -> list[OutputVerdict]:
    """A result that differs as a number, taken apart into the KPF_ bits that differ."""
    try:
        before, after = int(output.before, 0), int(output.after, 0)
    except ValueError:
        return [output]
    if output.number is not None:
        return [output]
    found = []
    for bit in bench.facts.kpf:
        old, new = before >> bit.number & 1, after >> bit.number & 1
        if old != new:
            found.append(
                replace(
                    output,
                    output=bit.name,
                    before=str(old),
                    after=str(new),
                    number=bit.number,
                )
            )
    return found or [output]


def _torn(output: str) -> str:
    bit = " and ".join(name.removeprefix("KPF_") for name in _KPF.findall(output))
    return (
        "On a page that nobody changes this is right. But the flags can change between"
        f" two of your reads, and then {bit} can be of another moment than the others:"
        " together they show a state that the page never had."
    )
