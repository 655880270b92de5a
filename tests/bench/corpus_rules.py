# SPDX-License-Identifier: GPL-2.0-or-later
"""What the rules say about real patches: a table by set and class.

usage: corpus_rules.py CORPUS [--sets SET,...] [--from PART/PARTS] TREE...

CORPUS holds ``precision/mail``, ``fixes``, ``threads`` and ``equiv/mail`` as its README
says.  Each mail is reviewed against every TREE: whole where it applies, else its bare
hunks with the facts of that tree.  A remark is one that is not info.

A reverted fix and a thread that a human objected to are hit by a remark within three
lines of the place that the corpus names.  Every remark is printed, to be read: in a
fix, in a merged patch and in a thread without objection it is right or a bug of ours.
The interval is Wilson's, 95 %.
"""

from __future__ import annotations

import argparse
import csv
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reviewer import engine, mail, output, rulebook
from reviewer.errors import KpfError
from reviewer.measured import wilson
from reviewer.models import Judged, Report, Severity
from reviewer.tree import Tree, open_tree
from reviewer.tree.apply import apply_series

NEAR = 3  # lines between a remark and the place that it is about
SETS = ("precision", "fix", "reintroduce", "threads", "equiv")


@dataclass(frozen=True, slots=True)
class Item:
    """A mail, what it is counted as, and the code that a remark must be about."""

    path: Path
    kind: str
    spots: tuple[str, ...] = ()


def main() -> None:
    """Review everything and print the remarks and the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("corpus", type=Path)
    parser.add_argument("trees", type=Path, nargs="+")
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--from", dest="part", default="1/1")
    given = parser.parse_args()
    part, parts = (int(number) for number in given.part.split("/"))
    trees = [open_tree(tree) for tree in given.trees]
    table: dict[str, Counter[str]] = {}
    times: list[tuple[float, str]] = []
    for item in list(items(given.corpus, given.sets.split(",")))[part - 1 :: parts]:
        counts = table.setdefault(item.kind, Counter())
        started = time.monotonic()
        try:
            judge(item, [review(item.path, tree) for tree in trees], counts)
        except KpfError as error:
            counts["unreadable"] += 1
            print(f"{name(item.path)}: {error}")
        times.append(((time.monotonic() - started) / len(trees), name(item.path)))
    print(f"\n{'set':34} mails whole  remark      of       spot  share")
    for kind, counts in table.items():
        key = "spot" if counts["spots"] else "remark"
        low, high = wilson(counts[key], counts["mails"])
        print(
            f"{kind:34} {counts['mails']:5} {counts['whole']:5}  {counts['remark']:6} "
            f"{counts['remarks']:7}  {counts['spot']:3} of {counts['spots']:3}  "
            f"{low:.3f} to {high:.3f}"
        )
    print("\nslowest, seconds a tree:")
    for seconds, which in sorted(times, reverse=True)[:5]:
        print(f"{seconds:6.1f}  {which}")


def items(corpus: Path, sets: list[str]) -> Iterator[Item]:
    """The mails of the sets, in order."""
    fixes = {row["file"]: row for row in _rows(corpus / "fixes/index.tsv")}
    for kind in sets:
        if kind in ("precision", "equiv"):
            for path in sorted((corpus / kind / "mail").glob("*.eml")):
                yield Item(path, kind)
        elif kind == "threads":
            for row in _rows(corpus / "threads/index.tsv"):
                path = corpus / "threads" / row["dir"] / "patch.eml"
                spots = (row["code"],) if row["expect"] == "flag" else ()
                yield Item(path, f"thread {row['kind']} {row['expect']}", spots)
        else:
            for path in sorted((corpus / "fixes" / kind).iterdir()):
                row = fixes[path.stem]
                before = row["before"] or row["after"]  # what the fix only adds
                spots = tuple(before.split(" ; ")) if kind == "reintroduce" else ()
                yield Item(path, f"{kind} {row['class']}", spots)


def judge(item: Item, reports: list[Report], counts: Counter[str]) -> None:
    """Count what is said about one mail, and print it."""
    counts["mails"] += 1
    counts["spots"] += bool(item.spots)
    whole = [all(patch.applied for patch in report.patches) for report in reports]
    counts["whole"] += any(whole)
    seen: dict[tuple[str, str, int], tuple[Judged, list[str]]] = {}
    hit = False
    for report, applied in zip(reports, whole, strict=True):
        lines = list(_near(item, report))
        for finding in report.findings:
            if finding.severity is Severity.INFO:
                continue
            hit |= any(
                finding.file == file and abs(finding.line - line) <= NEAR
                for file, line in lines
            )
            kernel = (report.tree.kernel or "?") + ("" if applied else " hunks")
            place = (finding.rule, finding.code.strip(), 0)
            seen.setdefault(place, (finding, []))[1].append(kernel)
    counts["remark"] += bool(seen)
    counts["remarks"] += len(seen)
    counts["spot"] += hit
    for finding, kernels in seen.values():
        print(
            f"{name(item.path)}: {finding.rule} {finding.severity} "
            f"{finding.confidence} [{', '.join(kernels)}]\n"
            f"    {finding.file}:{finding.line}: {finding.code.strip()}\n"
            f"    {finding.message}"
        )
    if item.spots and not hit:
        print(f"{name(item.path)}: MISSED {item.kind}: {'; '.join(item.spots)[:200]}")


def review(path: Path, tree: Tree) -> Report:
    """The report of one mail against one tree."""
    series = mail.open_series(str(path), offline=True)
    applied = apply_series(series, tree, base=None)
    return output.worded(engine.review(series, applied, rulebook.choose()).report)


def _near(item: Item, report: Report) -> Iterator[tuple[str, int]]:
    """The lines of the patch that hold the code which a remark must be about."""
    spots = [_squeezed(spot) for spot in item.spots if len(_squeezed(spot)) > 3]
    for patch in report.patches:
        for change in patch.changes:
            for hunk in change.diff.hunks:
                for line in hunk.lines:
                    text = _squeezed(line.text)
                    if any(spot in text for spot in spots):
                        yield change.path, line.new or line.old or 0


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as index:
        return list(csv.DictReader(index, delimiter="\t", quoting=csv.QUOTE_NONE))


def name(path: Path) -> str:
    """What a mail is called in the lists."""
    return "/".join(path.parts[-3:] if path.name == "patch.eml" else path.parts[-2:])


if __name__ == "__main__":
    main()
