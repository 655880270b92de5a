# SPDX-License-Identifier: GPL-2.0-or-later
"""Real patches beside scripts/checkpatch.pl: processor time, by turns, mail by mail.

usage: speed_mails.py MAILS TREES [--count 100] [--seed N] [--kpf COMMAND ...]
                      [--behaviour]

MAILS is a folder with an index.tsv (columns file, tree, direction), of which COUNT
mails that apply forward are drawn; TREES holds linux-6.1 and linux-6.12.  Each mail is
run through every COMMAND and checkpatch by turns.  What is kept on disk is what the
mails before it left and ten others, as on the machine of somebody who reviews: the
first run of a mail is a mail never seen, the second one finds its own.  With
--behaviour every mail is run with ``--behaviour`` too.  Printed: median, 95th
percentile and the ratio of the sums, first and second run apart, and the eight dearest.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import statistics
import tempfile
from pathlib import Path

from speed import seconds

WARMING = 10


def drawn(mails: Path, count: int, seed: int) -> list[tuple[Path, str]]:
    """``count`` mails and their trees' versions."""
    with (mails / "index.tsv").open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE))
    forward = [row for row in rows if row.get("direction", "forward") == "forward"]
    return [
        (mails / row["file"], row["tree"])
        for row in random.Random(seed).sample(forward, count)
    ]


def line(name: str, ratios: list[float], total: float, theirs: float) -> str:
    """One row of the table."""
    ordered = sorted(ratios)
    last = ordered[min(round(0.95 * len(ordered)), len(ordered) - 1)]
    return (
        f"| {name} | {statistics.median(ordered):.2f} | {last:.2f} "
        f"| {total / theirs:.2f} |"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("mails", type=Path)
    parser.add_argument("trees", type=Path)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=20261130)
    parser.add_argument("--kpf", nargs="+", required=True)
    parser.add_argument("--behaviour", action="store_true")
    given = parser.parse_args()
    rows = drawn(given.mails, given.count + WARMING, given.seed)
    kinds = [[], ["--behaviour"]] if given.behaviour else [[]]
    ways = [(kpf, kind) for kpf in given.kpf for kind in kinds]
    spent: dict[tuple[str, int], list[tuple[float, float, str]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for number, (path, version) in enumerate(rows):
            tree = given.trees / f"linux-{version}"
            checkpatch = ["perl", "scripts/checkpatch.pl", "--no-summary", str(path)]
            _, theirs = seconds(checkpatch, tree, False)
            for place, (kpf, kind) in enumerate(ways):
                os.environ["XDG_CACHE_HOME"] = f"{folder}/{place}"
                ours = [kpf, str(path), "--tree", str(tree), "--offline", *kind]
                for turn in (1, 2) if number >= WARMING else (1,):
                    _, used = seconds(ours, tree, False)
                    if number >= WARMING:
                        key = (" ".join([kpf, *kind]), turn)
                        row = (used, theirs, path.name)
                        spent.setdefault(key, []).append(row)
    print("| | median | 95th percentile | by the sums |")
    print("|---|---|---|---|")
    for (name, turn), found in spent.items():
        print(
            line(
                f"{name}, run {turn}",
                [ours / theirs for ours, theirs, _ in found],
                sum(ours for ours, _, _ in found),
                sum(theirs for _, theirs, _ in found),
            )
        )
        for ours, theirs, mail in sorted(found, key=lambda one: -one[0] / one[1])[:8]:
            print(f"    {mail} {ours:.2f} s, checkpatch {theirs:.2f}")


if __name__ == "__main__":
    main()
