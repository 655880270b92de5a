# SPDX-License-Identifier: GPL-2.0-or-later
"""What the three atheris harnesses share.

``KPF_FUZZ_FINDS=FOLDER`` keeps each kind of failure once in that folder, with the
input and the traceback, and goes on: for long runs.  Without it the first one ends
the run, as libFuzzer does.
"""

from __future__ import annotations

import hashlib
import os
import random
import sys
import time
import traceback
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path

import atheris
import pipeline
import z3

SLOW = 10  # seconds of CPU for one input of at most LONGEST bytes
LONGEST = 60_000
Mutator = Callable[[bytes, random.Random], bytes]


def run(target: Callable[[bytes], object], mutator: Mutator, seeds: Sequence[bytes]):
    """Fuzz; the first folder of the command line is filled with the seeds."""
    pipeline.quiet()
    folders = [word for word in sys.argv[1:] if not word.startswith("-")]
    if folders:
        for seed in seeds:
            name = hashlib.sha256(seed).hexdigest()[:16]
            (Path(folders[0]) / f"seed-{name}").write_bytes(seed)
    finds = os.environ.get("KPF_FUZZ_FINDS")
    watched = _without_contexts(_kept(target, Path(finds)) if finds else target)

    def mutated(data: bytes, longest: int, seed: int) -> bytes:
        dice = random.Random(seed)
        if dice.random() < 0.1:
            return atheris.Mutate(data, longest)
        for _ in range(dice.choice([1, 1, 2, 4])):
            data = mutator(data, dice)
        return data[:longest]

    # seconds of clock, most of which other work may take away; SLOW is ours
    words = [f"-max_len={LONGEST}", "-len_control=0", "-timeout=3600"]
    atheris.Setup([sys.argv[0], *words, *sys.argv[1:]], watched, custom_mutator=mutated)
    atheris.Fuzz()


def _without_contexts(
    target: Callable[[bytes], object],
) -> Callable[[bytes], None]:
    """Give back what the solver has for one input: atheris keeps a reference to what
    each comparison of ours results in, which for terms is a term with its context."""
    contexts: weakref.WeakSet[z3.Context] = weakref.WeakSet()
    plain = z3.Context.__init__

    def noted(context: z3.Context, *words: object, **named: object) -> None:
        plain(context, *words, **named)
        contexts.add(context)

    z3.Context.__init__ = noted

    def one_input(data: bytes) -> None:
        try:
            target(data)
        finally:
            for context in set(contexts) - {z3.z3._main_ctx}:
                context.__del__()  # a term that is left asks whether it is there
                context.owner = False

    return one_input


def _kept(target: Callable[[bytes], object], folder: Path) -> Callable[[bytes], None]:
    folder.mkdir(parents=True, exist_ok=True)

    def one_input(data: bytes) -> None:
        begun = time.process_time()
        try:
            target(data)
        except Exception as error:  # noqa: BLE001 - any failure is a find
            _keep(folder, data, _signature(error), traceback.format_exc())
        took = time.process_time() - begun
        if took > SLOW:
            _keep(folder, data, f"slow-{took:.0f}", f"{took:.1f} s\n")

    return one_input


def _signature(error: Exception) -> str:
    """The same for the same fault: the exception and the last places of ours."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{Path(f.filename).stem}.{f.name}.{f.lineno}" for f in frames[-3:]]
    return "-".join([type(error).__name__, *places])[:200]


def _keep(folder: Path, data: bytes, name: str, why: str) -> None:
    place = folder / name.replace("/", "_").replace("<", "").replace(">", "")
    if not place.exists():
        place.write_bytes(data)
        place.with_name(place.name + ".txt").write_text(why, errors="replace")
        print(f"FIND {name}", file=sys.stderr, flush=True)
