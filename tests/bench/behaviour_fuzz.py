# SPDX-License-Identifier: GPL-2.0-or-later
"""Compare every function of some folders with itself, or with another tree's.

    python tests/bench/behaviour_fuzz.py TREE [OTHER] [--under mm fs/proc] [--every N]

Prints one line per verdict that must not be (a difference of a function with itself,
an exception) and a table at the end.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from reviewer.c.source import parse
from reviewer.facts import Facts
from reviewer.prover.judge.compare import compare_functions
from reviewer.prover.limits import Limits
from reviewer.tree import open_tree


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tree", type=Path)
    parser.add_argument("other", type=Path, nargs="?")
    parser.add_argument("--under", nargs="*", default=["fs/proc", "mm"])
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=4.0)
    options = parser.parse_args()
    one = open_tree(options.tree).view(None)
    two = open_tree(options.other or options.tree).view(None)
    same_tree = options.other is None
    table: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    slowest = (0.0, "")
    count = 0
    for folder in options.under:
        for path in one.files(folder):
            if not path.endswith(".c") or not two.exists(path):
                continue
            sides = [view.read(path) or b"" for view in (one, two)]
            if not same_tree and sides[0] == sides[1]:
                continue
            facts = [Facts(one), Facts(two)] if not same_tree else [Facts(one)] * 2
            sources = [parse(path, data) for data in sides]
            names = {f.name for f in sources[0].functions}
            names &= {f.name for f in sources[1].functions}
            for name in sorted(names):
                count += 1
                if count % options.every:
                    continue
                started = time.process_time()
                try:
                    verdict = compare_functions(
                        *sources, *facts, name, limits=Limits(seconds=options.seconds)
                    )[0]
                    outcome = str(verdict.verdict)
                    if outcome == "not decided":
                        reasons[verdict.why[:60]] += 1
                    if same_tree and outcome == "differs":
                        print(
                            f"WRONG {path} {name}: {verdict.differing[0]}", flush=True
                        )
                except Exception:  # noqa: BLE001 - that is what is looked for
                    outcome = "exception"
                    print(f"EXCEPTION {path} {name}", flush=True)
                    traceback.print_exc(limit=-4)
                table[outcome] += 1
                slowest = max(
                    slowest, (time.process_time() - started, f"{path} {name}")
                )
            print(f"{path}: {dict(table)}", file=sys.stderr, flush=True)
    print(dict(table), "slowest", slowest)
    for why, times in reasons.most_common(25):
        print(f"{times:5} {why}")


if __name__ == "__main__":
    main()
