# ruff: noqa: E501
"""How many changed functions of real patches are lifted, equal, differ, not decided.

python tests/bench/behaviour_corpus.py TREE MAIL... [--seconds N] [--list]
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from reviewer.behaviour.compare import compare_files
from reviewer.behaviour.run import Limits
from reviewer.c.source import parse
from reviewer.errors import KpfError
from reviewer.facts import Facts
from reviewer.mail import open_series
from reviewer.tree import open_tree
from reviewer.tree.apply import apply_series


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tree", type=Path)
    parser.add_argument("mails", type=Path, nargs="+")
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--list", action="store_true", help="name every function")
    options = parser.parse_args()
    tree = open_tree(options.tree)
    patches: Counter[str] = Counter()
    table: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for mail in options.mails:
        try:
            applied = apply_series(
                open_series(str(mail), offline=True), tree, base="HEAD"
            )
        except KpfError as error:
            patches[f"not applied: {type(error).__name__}"] += 1
            continue
        for patch in applied.patches:
            patches["applied" if patch.applied else "does not apply"] += 1
            if not patch.applied or patch.pre_view is None or patch.post_view is None:
                continue
            facts = Facts(patch.pre_view), Facts(patch.post_view)
            for change in patch.changes:
                if change.pre is None or change.post is None:
                    continue
                if not change.path.endswith((".c", ".h")):
                    continue
                verdicts = compare_files(
                    parse(change.path, change.pre),
                    parse(change.path, change.post),
                    *facts,
                    limits=Limits(seconds=options.seconds),
                )
                for verdict in verdicts:
                    table[str(verdict.verdict)] += 1
                    if verdict.why:
                        reasons[verdict.why[:50]] += 1
                    if options.list:
                        shown = verdict.differing[0] if verdict.differing else None
                        print(mail.name[:40], verdict.file, verdict.name, verdict.verdict,
                              verdict.why[:80], shown.output if shown else "",
                              str(shown.witness)[:160] if shown else "", flush=True)  # fmt: skip
    print("patches  ", dict(patches))
    print("functions", dict(table))
    for why, count in reasons.most_common(15):
        print(f"{count:5} {why}")


if __name__ == "__main__":
    main()
