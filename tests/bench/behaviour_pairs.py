# SPDX-License-Identifier: GPL-2.0-or-later
"""Make pairs of functions whose truth gcc shows, and see what the prover says of each.

    python tests/bench/behaviour_pairs.py [--seed N] [--count N] [--batch N]
        [--kind KIND ...] [--tree TREE] [--rule] [--log FILE] [--kpf PROGRAM]
        [--work FOLDER] [--undecided]

Every batch is one commit of a scratch repository (a miniature tree, or a bare clone of
TREE), judged by ``kpf-review behaviour A..B --format json``.  Wrong answers are printed
with the pair; the table at the end says how many of each kind were decided.  The exit
status is 1 if an answer was wrong.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "prover"))

from pair_generator import MAKERS, generated
from pairs.judge import (
    ABSENT,
    FALSE_WITNESS,
    NOT_SEEN,
    ONE_CPU,
    RIGHT,
    UNDECIDED,
    WRONG_DIFFERS,
    WRONG_EQUAL,
    Campaign,
    Judged,
    by_the_rule,
    command,
)  # fmt: skip

DOUBTFUL = (FALSE_WITNESS, NOT_SEEN, WRONG_EQUAL, WRONG_DIFFERS)


def table(judged: list[Judged]) -> str:
    """How many of each kind and truth came out how."""
    marks = (
        RIGHT,
        UNDECIDED,
        ABSENT,
        FALSE_WITNESS,
        NOT_SEEN,
        ONE_CPU,
        WRONG_EQUAL,
        WRONG_DIFFERS,
    )
    counts: dict[tuple[str, str], Counter[str]] = {}
    for j in judged:
        for row in ((j.pair.kind, j.truth), ("all", j.truth)):
            counts.setdefault(row, Counter())[j.mark] += 1
    lines = [f"{'kind':12} {'truth':8} " + " ".join(f"{m:>20}" for m in marks)]
    for (kind, truth), found in sorted(counts.items()):
        lines.append(
            f"{kind:12} {truth:8} " + " ".join(f"{found[m]:20}" for m in marks)
        )
    return "\n".join(lines)


def reasons(judged: list[Judged]) -> Counter[str]:
    """Why some were not decided."""
    return Counter(
        re.sub(r"\d+", "N", str(j.answer["why"] if j.answer else "absent"))[:80]
        for j in judged
        if j.mark in (UNDECIDED, ABSENT)
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--kind", action="append", default=[], choices=list(MAKERS))
    parser.add_argument("--tree", type=Path)
    words = "each pair a patch that promises no functional change; ask that rule"
    parser.add_argument("--rule", action="store_true", help=words)
    parser.add_argument("--log", type=Path)
    parser.add_argument("--kpf", default="kpf-review")
    parser.add_argument("--work", type=Path)
    parser.add_argument("--undecided", action="store_true", help="show these, too")
    options = parser.parse_args()
    program = str(Path(options.kpf).resolve()) if "/" in options.kpf else options.kpf
    pairs = generated(options.seed, options.count, tuple(options.kind))
    judged: list[Judged] = []
    with tempfile.TemporaryDirectory(prefix="kpf-pairs-") as scratch:
        work = options.work or Path(scratch)
        asked = by_the_rule if options.rule else command
        campaign = Campaign(
            work,
            options.tree,
            lambda git, span: asked(git, span, (program,)),
            each=options.rule,
        )
        for start in range(0, len(pairs), options.batch):
            found = campaign.judge(pairs[start : start + options.batch])
            judged += found
            shown = {*DOUBTFUL}
            shown |= {UNDECIDED, ABSENT} if options.undecided else set()
            for j in found:
                if j.mark in shown:
                    print(j.shown(), end="\n\n", flush=True)
    if options.log:
        rows = [
            {"number": j.pair.number, "kind": j.pair.kind, "maker": j.pair.maker}
            | {"truth": j.truth, "mark": j.mark, "said": j.said}
            for j in judged
        ]
        options.log.write_text("".join(json.dumps(row) + "\n" for row in rows))
    print(table(judged))
    for why, times in reasons(judged).most_common(25):
        print(f"{times:5} {why}")
    return int(any(j.mark in (WRONG_EQUAL, WRONG_DIFFERS) for j in judged))


if __name__ == "__main__":
    sys.exit(main())
