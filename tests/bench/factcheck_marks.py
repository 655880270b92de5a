# SPDX-License-Identifier: GPL-2.0-or-later
"""Which marks ``factcheck`` puts on the remarks of robots, beside what people answered.

    python tests/bench/factcheck_marks.py CORPUS/bots2 TREE... [--half develop|measure]
        [--labels tests/bench/labels/factcheck.jsonl] [--show] [--out FILE]

CORPUS/bots2 has index.tsv and labels.tsv as the corpus describes them; the threads are
divided into two halves by a sum of their root, one of which was not looked at while the
marks were written.  A label names a finding of the robot's own list; it is found again
among the remarks by the words that both have.  ``--labels`` are ours, a line a mark:
message_id, remark, mark, verdict (right or wrong), why.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reviewer import mail
from reviewer.errors import KpfError
from reviewer.factcheck import Checked, check_remarks
from reviewer.mail.people import is_robot
from reviewer.tree import open_tree
from reviewer.tree.apply import apply_series

LIST = re.compile(
    r"^- \[(\w+)\] (.+(?:\n(?!- \[|--|\n).+)*)|^(?:New|Pre-existing) issues:$", re.M
)
WORD = re.compile(r"[A-Za-z_]{4,}")
OLD = ("pre-existing", "fixed-elsewhere")
WORTH = ("old", "mended", "gone")  # marks that answer these


def half_of(root: str) -> str:
    """Says which half a thread is in."""
    return "measure" if hashlib.sha256(root.encode()).digest()[0] % 2 else "develop"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def checked_threads(
    folder: Path, trees: list[Any], wanted: str
) -> Iterator[tuple[str, list[Checked]]]:
    roots = {row["file"]: row["root"] for row in rows(folder / "index.tsv")}
    for name, root in sorted(roots.items()):
        if wanted not in ("both", half_of(root)):
            continue
        found: list[Checked] = []
        try:
            for one in mail.open_postings(str(folder / name), offline=True):
                for series in one.every:
                    applied = apply_series(
                        series, trees[0], base=None, others=trees[1:]
                    )
                    newer = one.newer_than(series)
                    found += check_remarks(series, applied, newer=newer)
        except KpfError as error:
            print(f"{name}: {error}", file=sys.stderr)
        yield name, found


def findings(body: str) -> list[str]:
    """The robot's own list at the top of its mail, in order."""
    return [match[2] for match in LIST.finditer(body) if match[2]]


def matched(number: str, remarks: list[Checked]) -> list[Checked]:
    """The remarks that are about a numbered finding: those most like it in the list."""
    digits = re.match(r"\d+", number)
    if digits is None or int(digits[0]) == 0 or len(remarks) < 2:
        return remarks
    told = findings(remarks[0].remark.reply.body)
    at = int(digits[0]) - 1
    if at >= len(told):
        return remarks[at : at + 1] or remarks
    texts = [one.remark.text for one in remarks]
    numbers = range(len(told))
    ours = [
        one
        for one in remarks
        if max(numbers, key=lambda n: alike(told[n], one.remark.text, texts)) == at
    ]
    best = max(remarks, key=lambda one: alike(told[at], one.remark.text, texts))
    return ours or [best]


def alike(finding: str, text: str, texts: list[str]) -> float:
    """How much of a finding's words a remark has; a word of all remarks says"
    " nothing."""
    words = set(WORD.findall(finding.lower()))
    every = [set(WORD.findall(one.lower())) for one in texts]
    weights = {w: len(texts) - sum(w in one for one in every) for w in words}
    own = set(WORD.findall(text.lower()))
    shared = sum(weight for word, weight in weights.items() if word in own)
    return shared / max(1, sum(weights.values()))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("trees", nargs="+", type=Path)
    parser.add_argument("--half", default="both")
    parser.add_argument("--labels", type=Path)
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    trees = [open_tree(path) for path in args.trees]
    labels = rows(args.folder / "labels.tsv")
    by_mail: dict[str, list[Checked]] = defaultdict(list)
    kinds: Counter[str] = Counter()
    every = 0
    lines = []
    for name, found in checked_threads(args.folder, trees, args.half):
        for one in found:
            if not is_robot(one.remark.author):
                continue
            every += 1
            by_mail[one.remark.message_id or ""].append(one)
            for mark in one.marks:
                kind = mark.kind.name.lower()
                kinds[kind] += 1
                lines.append(
                    {
                        "file": name,
                        "message_id": one.remark.message_id,
                        "remark": one.remark.number,
                        "mark": kind,
                        "refutes": mark.refutes,
                        "fact": mark.fact,
                    }
                )
    print(f"{every} remarks of robots, {sum(kinds.values())} marks: {dict(kinds)}")
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for label in labels:
        remarks = by_mail.get(label["bot_message_id"])
        if remarks is None:
            continue
        meant = matched(label["finding"], remarks)
        marks = [mark for one in meant for mark in one.marks]
        names = sorted({mark.kind.name.lower() for mark in marks})
        count = counts[label["label"]]
        count["all"] += 1
        count["marked"] += bool(marks)
        count["old or mended"] += any(one in WORTH for one in names)
        count["refuted"] += any(mark.refutes for mark in marks)
        if args.show:
            told = ", ".join(names) or "-"
            where = f"{label['file']} {label['bot_message_id'][:20]} {label['finding']}"
            print(f"  {where:40} {label['label']:16} {told}")
    for kind, count in sorted(counts.items()):
        print(f"{kind:16} {dict(count)}")
    if args.labels:
        _own(args.labels, lines)
    if args.out:
        args.out.write_text("".join(json.dumps(line) + "\n" for line in lines))


def _own(path: Path, lines: list[dict[str, Any]]) -> None:
    """How many marks we have read and found right."""
    told = [json.loads(line) for line in path.read_text().splitlines()]
    verdict = {(one["message_id"], one["remark"], one["mark"]): one for one in told}
    count: Counter[str] = Counter()
    for line in lines:
        key = (line["message_id"], line["remark"], line["mark"])
        label = verdict.get(key)
        count[label["verdict"] if label else "not read"] += 1
        if label is not None and label["verdict"] != "right":
            print(f"  {label['verdict']}: {line['file']} {key}: {label['why']}")
    print(f"marks as we read them: {dict(count)}")


if __name__ == "__main__":
    main()
