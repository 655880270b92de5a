# SPDX-License-Identifier: GPL-2.0-or-later
"""What file rules say before a fix and no more after it: the faults they would see.

usage: fix_pairs.py MAILS TREES --select RULE [--select RULE ...]

MAILS holds an index.tsv (columns file, tree, direction, title) and the mails of fixes;
TREES holds linux-6.1 and linux-6.12.  Where the direction is "reverse" the tree has the
fix, and what stood before is made by taking it back.  The rules read both states of
each file that the mail changes.  Printed: for each mail what is said only before, and
what is said only after, which has to be read: a fix seldom brings a fault.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from reviewer import mail, rulebook
from reviewer.api import FileImage
from reviewer.c.source import parse
from reviewer.errors import KpfError
from reviewer.facts import Facts
from reviewer.models import Finding
from reviewer.patch.diff import parse_diff
from reviewer.rulebook import LoadedRule
from reviewer.tree import open_tree
from reviewer.tree.view import View

States = tuple[dict[str, bytes | None], dict[str, bytes | None]]


def main() -> None:
    """Read every mail and print the differences."""
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("mails", type=Path)
    parser.add_argument("trees", type=Path)
    parser.add_argument("--select", action="append", default=[])
    given = parser.parse_args()
    rules = rulebook.choose(select=given.select, ignore=[])
    views = {
        v: open_tree(given.trees / f"linux-{v}").view(None) for v in ("6.1", "6.12")
    }
    counts: Counter[str] = Counter()
    with (given.mails / "index.tsv").open(encoding="utf-8") as index:
        rows = list(csv.DictReader(index, delimiter="\t", quoting=csv.QUOTE_NONE))
    for row in rows:
        try:
            _one(row, given.mails / row["file"], views[row["tree"]], rules, counts)
        except KpfError as error:
            counts["unreadable"] += 1
            print(f"{row['file']}: {error}")
    for what, count in sorted(counts.items()):
        print(f"{count:6} {what}")


def _one(
    row: dict[str, str],
    path: Path,
    view: View,
    rules: list[LoadedRule],
    counts: Counter[str],
) -> None:
    series = mail.open_series(str(path), offline=True)
    before, after = states(
        "".join(patch.diff for patch in series.patches),
        view,
        row["direction"] == "reverse",
    )
    counts["mails"] += 1
    if not before:
        counts["does not fit its tree"] += 1
        return
    was = _keyed(said(before, view, rules))
    now = _keyed(said(after, view, rules))
    for key, finding in was.items():
        if key not in now:
            counts[f"{finding.rule}: only before"] += 1
            _show(row, "before", finding)
    for key, finding in now.items():
        if key not in was:
            counts[f"{finding.rule}: only after"] += 1
            _show(row, "after", finding)
    counts["mails with a remark before"] += any(key not in now for key in was)


def _show(row: dict[str, str], when: str, finding: Finding) -> None:
    where = f"{finding.file}:{finding.line}"
    print(f"{row['file']} {row['title']}\n    {when}: {finding.rule} {where}")
    print(f"    {finding.anchor}", flush=True)


def states(text: str, view: View, reverse: bool) -> States:
    """The files before and after a fix, as far as its hunks fit the tree's."""
    here: dict[str, bytes | None] = {}
    there: dict[str, bytes | None] = {}
    for file in parse_diff(text):
        data = view.read(file.path)
        if data is None or not file.path.endswith((".c", ".h")):
            continue
        made = data
        for hunk in file.hunks:
            old = "".join(f"{n.text}\n" for n in hunk.lines if n.kind in " -")
            new = "".join(f"{n.text}\n" for n in hunk.lines if n.kind in " +")
            if reverse:
                old, new = new, old
            found = old.encode("utf-8", "surrogateescape")
            if made.count(found) != 1:
                return {}, {}
            made = made.replace(found, new.encode("utf-8", "surrogateescape"))
        here[file.path], there[file.path] = data, made
    return (there, here) if reverse else (here, there)


def said(
    files: dict[str, bytes | None], view: View, rules: list[LoadedRule]
) -> Iterator[Finding]:
    facts = Facts(view.overlay(files))
    for path, data in files.items():
        if data is None:
            continue
        image = FileImage(parse(path, data), facts)
        for rule in rules:
            yield from rule.check(image)


def _keyed(findings: Iterator[Finding]) -> dict[tuple[str, ...], Finding]:
    return {(f.rule, f.file, f.function or "", f.anchor): f for f in findings}


if __name__ == "__main__":
    main()
