# SPDX-License-Identifier: GPL-2.0-or-later
"""What is said above info about the mails of a list, and how much of it is right.

usage: list_mail.py remarks MAILS TREES OUT.jsonl [--sets SET,...] [--from PART/PARTS]
                    [--select RULE ...]
       list_mail.py measure LABELS.jsonl REMARKS.jsonl... [--group GROUP]

``remarks``: MAILS holds a folder for each set, with an index.tsv (columns file, tree);
TREES holds the kernels linux-6.1 and linux-6.12.  Each mail or thread is reviewed as
the main command does it, offline; each remark above info becomes one line, each patch
that was looked at another one, so that silence counts too.

``measure``: LABELS has one line a remark, read by somebody who did not write the rule:
message_id, rule, file, line, verdict (right: true, and its author or maintainer would
want to hear it; unwanted: true, and nobody wants it; wrong) and why, in our own words.
``half`` (unread.jsonl) tells which set of mails it is of, in the order in which they
were read and the rules mended between them; 0: the rule knew the mail.
Right is what is both true and wanted.  A remark without label is named, and counted as
not right.  Intervals are Wilson's, 95 %.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reviewer import engine, mail, output, rulebook
from reviewer.errors import KpfError
from reviewer.measured import wilson
from reviewer.models import PatchState, Report, Series, Severity
from reviewer.rulebook import LoadedRule
from reviewer.tree import open_tree
from reviewer.tree.apply import apply_series

VERDICTS = ("right", "unwanted", "wrong")


def main() -> None:
    """Run one of the two halves."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    halves = parser.add_subparsers(required=True)
    gather = halves.add_parser("remarks")
    gather.add_argument("mails", type=Path)
    gather.add_argument("trees", type=Path)
    gather.add_argument("out", type=Path)
    gather.add_argument("--sets", default="plain2,fixes2")
    gather.add_argument("--from", dest="part", default="1/1")
    gather.add_argument("--select", action="append", default=[])
    gather.set_defaults(run=remarks)
    count = halves.add_parser("measure")
    count.add_argument("labels", type=Path)
    count.add_argument("remarks", type=Path, nargs="+")
    count.add_argument(
        "--group", choices=("severity", "applied", "rule", "half"), default="rule"
    )
    count.set_defaults(run=measure)
    given = parser.parse_args()
    given.run(given)


# --- gathering --------------------------------------------------------------------


def remarks(given: argparse.Namespace) -> None:
    """Review every mail; write what is said, and what was looked at."""
    part, parts = (int(number) for number in given.part.split("/"))
    trees = {v: open_tree(given.trees / f"linux-{v}") for v in ("6.1", "6.12")}
    rules = rulebook.choose(select=given.select)
    rows = [row for kind in given.sets.split(",") for row in _rows(given.mails / kind)]
    with given.out.open("w", encoding="utf-8") as out:
        for row in rows[part - 1 :: parts]:
            for record in said_of(row, trees, rules):
                out.write(json.dumps(record) + "\n")
            out.flush()


def _rows(folder: Path) -> Iterator[dict[str, str]]:
    with (folder / "index.tsv").open(encoding="utf-8") as index:
        for row in csv.DictReader(index, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield {**row, "path": str(folder / row["file"]), "set": folder.name}


def said_of(
    row: dict[str, str], trees: dict[str, Any], rules: tuple[LoadedRule, ...]
) -> Iterator[dict[str, Any]]:
    """One line for each patch of a mail or thread, and for each remark above info."""
    head = {"set": row["set"], "mail": Path(row["file"]).name, "tree": row["tree"]}
    try:
        reports = reviews(row["path"], trees[row["tree"]], rules)
    except KpfError as error:
        yield {**head, "kind": "mail", "applied": "unreadable", "why": str(error)}
        return
    for report in reports:
        yield from _lines_of(report, head)


def _lines_of(report: Report, head: dict[str, Any]) -> Iterator[dict[str, Any]]:
    ids = {state.patch.index: _message_id(state) for state in report.patches}
    applied = {state.patch.index: state.how for state in report.patches}
    first = min(ids)
    for index, message_id in ids.items():
        how = applied[index]
        yield {**head, "kind": "mail", "message_id": message_id, "applied": how}
    for finding in report.findings:
        if finding.severity is not Severity.INFO:
            yield {
                **head,
                "kind": "remark",
                "message_id": ids[finding.patch or first],
                "applied": applied[finding.patch or first],
                "rule": finding.rule,
                "severity": str(finding.severity),
                "confidence": str(finding.confidence),
                "file": finding.file,
                "line": finding.line,
                "code": finding.code.strip(),
                "message": finding.message,
                "comment": finding.comment,
                "fix": finding.fix,
            }


def _message_id(state: PatchState) -> str:
    return state.patch.headers.message_id or ""


def reviews(path: str, tree: Any, rules: tuple[LoadedRule, ...]) -> list[Report]:
    """The reports of the series in a mail or thread, with their words."""
    return [
        _reviewed(series, earlier, tree, rules)
        for series, earlier in mail.open_all([path], offline=True)
    ]


def _reviewed(
    series: Series,
    earlier: tuple[Series, ...],
    tree: Any,
    rules: tuple[LoadedRule, ...],
) -> Report:
    applied = apply_series(series, tree, base=None)
    context = {"earlier": earlier, "tree": applied.tree, "base": applied.info.base}
    outcome = engine.review(series, applied, rules, context=context)
    return output.worded(outcome.report)


# --- measuring --------------------------------------------------------------------


def measure(given: argparse.Namespace) -> None:
    """Print the shares of what is right, by group, and what has no label."""
    labels = {_key(label): label for label in _lines(given.labels)}
    said = [line for path in given.remarks for line in _lines(path)]
    mails = [line for line in said if line["kind"] == "mail"]
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for remark in (line for line in said if line["kind"] == "remark"):
        label = labels.get(_key(remark))
        verdict = label["verdict"] if label else "unlabelled"
        if label is None:
            print(f"no label: {_key(remark)}: {remark['message']}")
        of = label or {} if given.group == "half" else remark
        table[str(of.get(given.group, "-"))][verdict] += 1
        table["all"][verdict] += 1
    print(f"{len(mails)} patches, judged: {dict(Counter(m['applied'] for m in mails))}")
    print(f"{given.group:28} {'n':>4} right unwanted wrong  share right")
    for group, counts in sorted(table.items(), key=lambda item: item[0] == "all"):
        n = sum(counts.values())
        low, high = wilson(counts["right"], n)
        numbers = f"{counts['right']:5} {counts['unwanted']:8} {counts['wrong']:5}"
        share = f"{counts['right'] / n:.2f} ({low:.2f} to {high:.2f})"
        print(f"{group:28} {n:4} {numbers}  {share}")


def _lines(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _key(line: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(line[name]) for name in ("message_id", "rule", "file", "line"))


if __name__ == "__main__":
    main()
