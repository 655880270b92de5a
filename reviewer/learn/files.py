# SPDX-License-Identifier: GPL-2.0-or-later
"""Judging several files as one text: the bits of the ABI and their documentation."""

from __future__ import annotations

from reviewer.facts import Facts
from reviewer.facts.kpf import FIRST_INTERNAL, UAPI_H
from reviewer.facts.missing_fact import FactsMissing
from reviewer.learn.course import Exercise
from reviewer.learn.judgement import Judgement, judged_right, judged_wrong
from reviewer.learn.workbench import Workbench
from reviewer.patterns import regex
from reviewer.utf8 import encode

LONGEST = 200_000  # characters
_HEAD = regex(r"(?m)^==> (\S+) <==\n")


def patches_together(bench: Workbench, paths: tuple[str, ...]) -> str:
    """Returns files of the tree as one text to edit."""
    return "".join(f"==> {path} <==\n{bench.read(path)}" for path in paths)


def judge_files(bench: Workbench, exercise: Exercise, answer: str) -> Judgement:
    """Says whether a bit was added to the ABI as it must be; ``name`` is the bit."""
    if len(answer) > LONGEST:
        return judged_wrong("This is longer than any answer can be.")
    parts = _HEAD.split(answer)
    given = dict(zip(parts[1::2], parts[2::2], strict=False))
    missing = [path for path in exercise.paths if path not in given]
    if missing:
        return judged_wrong(
            f"Keep the lines '==> FILE <=='; {missing[0]} is not there."
        )
    edits = {path: encode(given[path]) for path in exercise.paths}
    try:
        now = Facts(bench.tree.view(None).overlay(edits)).kpf
        before = bench.facts.kpf
        new = now.get(exercise.name)
        says = _moved(
            {b.name: b.number for b in before}, {b.name: b.number for b in now}
        )
    except FactsMissing as missing_fact:
        return judged_wrong(f"The header cannot be read any more: {missing_fact}")
    if new is None:
        return judged_wrong(
            *says, f"There is no #define {exercise.name} with a number yet."
        )
    others = [b.name for b in now.by_number(new.number) if b.name != new.name]
    highest = max(bit.number for bit in before if bit.uapi)
    if others:
        says.append(
            f"With your header a program that looks for bit {new.number} finds"
            f" {exercise.name} where it wants {others[0]}: it cannot tell them apart."
        )
    elif not new.uapi or new.number >= FIRST_INTERNAL:
        says.append(f"Bit {new.number} is for kernel hackers and promises nothing.")
    elif new.number <= highest:
        says.append(
            f"Bit {new.number} is below the highest, {highest}. A gap is a number that"
            f" was given away once (this header leaves some out): {UAPI_H} only grows."
        )
    short = exercise.name.removeprefix("KPF_")
    for what, entries in (("list", now.listed), ("descriptions", now.described)):
        found = [entry for entry in entries if entry.name == short]
        if not found:
            says.append(
                f"Its reader does not learn about it: {short} is not in the {what}."
            )
        elif found[0].number != new.number:
            says.append(
                f"The {what} say{'s' if what == 'list' else ''} {found[0].number} for"
                f" {short}, the header says {new.number}."
            )
    return judged_wrong(*says) if says else judged_right()


def _moved(before: dict[str, int], now: dict[str, int]) -> list[str]:
    """Old bits that are gone or have another number, as their readers see it."""
    says = []
    for name, number in before.items():
        if name not in now:
            says.append(f"A program that uses {name} does not build with your header.")
        elif now[name] != number:
            taken = [other for other, n in now.items() if n == number]
            what = f"{taken[0]}" if taken else "nothing"
            says.append(
                f"A program built last year looks at bit {number} for {name}; from a"
                f" kernel with your header it gets {what} there."
            )
    return says[:3]
