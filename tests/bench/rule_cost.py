# SPDX-License-Identifier: GPL-2.0-or-later
"""What rules cost: processor time of reviews with and without them.

usage: rule_cost.py MAILS TREES [--mails N] --without RULE [--without RULE ...]

MAILS is a folder with an index.tsv (columns file, tree), of which N mails are drawn
with a fixed seed; TREES holds linux-6.1 and linux-6.12.  Each mail is reviewed once, so
that what is read from a tree once is read, and then three times by turns: without the
rules named, with those of them that are on, and with all rules, previews too.  Printed:
seconds of processor time, and the ratios to the first.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from pathlib import Path

from list_mail import _rows, reviews

from reviewer import rulebook
from reviewer.errors import KpfError
from reviewer.tree import open_tree

SEED = 20261130


def main() -> None:
    """Review the mails, print the table."""
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("mails", type=Path)
    parser.add_argument("trees", type=Path)
    parser.add_argument("--mails", dest="count", type=int, default=100)
    parser.add_argument("--without", action="append", default=[])
    given = parser.parse_args()
    trees = {v: open_tree(given.trees / f"linux-{v}") for v in ("6.1", "6.12")}
    rows = random.Random(SEED).sample(list(_rows(given.mails)), given.count)
    kinds = {
        "without": rulebook.choose(ignore=given.without),
        "on": rulebook.choose(),
        "all": rulebook.choose(preview=True),
    }
    spent: Counter[str] = Counter()
    for number, row in enumerate(rows):
        names = list(kinds)
        turn = number % len(names)
        for place, name in enumerate(("all", *names[turn:], *names[:turn])):
            began = time.process_time()
            try:
                reviews(row["path"], trees[row["tree"]], kinds[name])
            except KpfError:
                break
            if place:
                spent[name] += time.process_time() - began
    for name, seconds in spent.items():
        ratio = seconds / spent["without"]
        print(f"{name:8} {len(kinds[name]):3} rules {seconds:7.1f} s  {ratio:.2f}")


if __name__ == "__main__":
    main()
