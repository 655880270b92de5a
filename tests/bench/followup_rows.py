# SPDX-License-Identifier: GPL-2.0-or-later
"""What became of each comment of the pairs of versions, in an order that is drawn once.

    python tests/bench/followup_rows.py CORPUS/versions2 [--first N] [--show]
        [--labels tests/bench/labels/followup.jsonl]

CORPUS/versions2 has index.tsv and, in a folder a pair, vN-1.mbox and vN.mbox.  The rows
are sorted by a sum of the mail's id and of what the comment begins with, so that the
first N are a sample.  ``--labels``: a line a row, with said and verdict.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import sys
from collections import Counter
from pathlib import Path

from reviewer import mail
from reviewer.errors import KpfError
from reviewer.followup.follow import Followed, follow


def key(one: Followed) -> str:
    """Names a row, without a word of the mail."""
    text = f"{one.comment.reply.headers.message_id} {one.comment.text[:80]}"
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def rows(folder: Path) -> list[tuple[str, str, Followed]]:
    with (folder / "index.tsv").open(encoding="utf-8", newline="") as file:
        names = [
            row["dir"]
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]
    found = []
    for name in names:
        try:
            old, new = (
                mail.open_revisions(str(folder / name / box), offline=True)[0]
                for box in ("vN-1.mbox", "vN.mbox")
            )
        except KpfError as error:
            print(f"{name}: {error}", file=sys.stderr)
            continue
        found += [(key(one), name, one) for one in follow(old, new)]
    return sorted(found, key=lambda row: row[0])


def shown(name: str, row: str, one: Followed) -> str:
    anchor = one.comment.anchor
    return "\n".join(
        [
            f"== {row} {name} patch {anchor.patch.index} {anchor.file or 'message'}",
            *(f"   {line}" for line in anchor.lines[-4:]),
            f"   comment: {' '.join(one.comment.text.split())[:400]}",
            f"   {one.verdict.value}; now: {one.now}; where: {one.where}",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--first", type=int, default=60)
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--labels", type=Path)
    args = parser.parse_args()
    found = rows(args.folder)
    print(len(found), dict(Counter(one.verdict.value for _, _, one in found)))
    if args.show:
        for row, name, one in found[: args.first]:
            print(shown(name, row, one))
    if args.labels is None:
        return
    said = {row: one.verdict.value for row, _, one in found}
    count: Counter[str] = Counter()
    for line in args.labels.read_text().splitlines():
        label = json.loads(line)
        now = said.get(label["row"], "no comment")
        same = now == label["said"]
        verdict = label["verdict"] if same else "said otherwise now"
        count[verdict] += 1
        if verdict != "right":
            print(f"  {label['row']} {label['pair']}: {label['said']} -> {now}")
    print(f"rows as we read them: {dict(count)}")


if __name__ == "__main__":
    main()
