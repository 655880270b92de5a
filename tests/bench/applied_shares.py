# SPDX-License-Identifier: GPL-2.0-or-later
"""How many real patches are judged whole, nearly, or by their bare hunks only.

usage: applied_shares.py CORPUS [--sets SET,...] [--from PART/PARTS] [--list FILE]
                         TREE...

CORPUS holds ``equiv/mail``, ``precision/mail`` and ``mail-dev2`` as its README says.  A
fix whose tree has it already (direction reverse) is taken with its diff reversed.  With
several TREEs every mail is tried on all of them together, as ``--tree`` twice does.

Of each mail: whole, where all of it applies as git applies it; nearly, where the rest
goes in by a three-way merge or with fuzz; hunks, where a part of it does neither.  What
is counted are mails, and patches beside them for whole series.  ``--list`` writes one
line a mail (set, mail, verdict, how, base), to be compared with another run.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from reviewer import mail
from reviewer.errors import KpfError
from reviewer.models import FileDiff, Hunk, Series
from reviewer.patch.diff import parse_diff
from reviewer.tree import open_tree
from reviewer.tree.apply import apply_series

SETS = ("plain2", "fixes2", "series2", "precision", "equiv")
VERDICTS = ("whole", "nearly", "hunks")


def main() -> None:
    """Apply everything and print the shares."""
    parser = argparse.ArgumentParser()
    parser.add_argument("corpus", type=Path)
    parser.add_argument("trees", type=Path, nargs="+")
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--from", dest="part", default="1/1")
    parser.add_argument("--list", type=Path)
    given = parser.parse_args()
    part, parts = (int(number) for number in given.part.split("/"))
    table: dict[str, Counter[str]] = {}
    lines = []
    started = time.monotonic()
    with ExitStack() as stack:
        trees = [stack.enter_context(open_tree(tree)) for tree in given.trees]
        for kind in given.sets.split(","):
            for path, backwards in list(mails(given.corpus, kind))[part - 1 :: parts]:
                counts = table.setdefault(kind, Counter())
                verdict, how, base, states = fared(path, backwards, trees)
                counts[verdict] += 1
                counts.update(f"patch {state}" for state in states)
                counts[f"by {how}"] += 1
                lines.append(f"{kind}\t{path.name}\t{verdict}\t{how}\t{base}\n")
    if given.list:
        given.list.write_text("".join(lines), encoding="utf-8")
    print(f"{time.monotonic() - started:.0f} s for {len(lines)} mails")
    show(table)


def show(table: dict[str, Counter[str]]) -> None:
    """The shares by set, and how the bases were found."""
    total: Counter[str] = Counter()
    print(
        f"{'set':10} {'mails':>5} {'whole':>13} {'nearly':>13} {'hunks':>13}  patches"
    )
    for kind, counts in [*table.items(), ("all", total)]:
        number = sum(counts[verdict] for verdict in VERDICTS)
        cells = [
            f"{counts[verdict]:5} ({counts[verdict] / max(1, number):5.1%})"
            for verdict in VERDICTS
        ]
        of_patches = " ".join(str(counts[f"patch {verdict}"]) for verdict in VERDICTS)
        print(f"{kind:10} {number:5} {' '.join(cells)}  {of_patches}")
        if kind != "all":
            total.update(counts)
    found = {key: count for key, count in total.items() if key.startswith("by ")}
    print(", ".join(f"{key} {count}" for key, count in sorted(found.items())))
    print(f"unreadable: {total['unreadable']}")


def mails(corpus: Path, kind: str) -> Iterator[tuple[Path, bool]]:
    """The mails of a set, and whether their diff is to be taken backwards."""
    if kind in ("equiv", "precision"):
        for path in sorted((corpus / kind / "mail").glob("*.eml")):
            yield path, False
        return
    folder = corpus / "mail-dev2" / kind
    with (folder / "index.tsv").open(encoding="utf-8") as index:
        rows = list(csv.DictReader(index, delimiter="\t", quoting=csv.QUOTE_NONE))
    for row in rows:
        yield folder / row["file"], row.get("direction") == "reverse"


def fared(
    path: Path, backwards: bool, trees: list[Any]
) -> tuple[str, str, str, list[str]]:
    """The verdict on a mail, how its base was found, the base, each patch's verdict."""
    try:
        series = mail.open_series(str(path), offline=True)
        if backwards:
            series = reversed_series(series)
        others = {"others": trees[1:]} if len(trees) > 1 else {}
        applied = apply_series(series, trees[0], base=None, **others)
    except KpfError:
        return "unreadable", "none", "-", []
    states = [verdict_of(step) for step in applied.patches]
    worst = max(states, key=VERDICTS.index)
    return worst, applied.info.how, str(applied.info.base), states


def verdict_of(step: Any) -> str:
    """Whether a patch applied whole, nearly or not as a whole."""
    if step.applied:
        return "whole"
    return "nearly" if getattr(step, "nearly", False) else "hunks"


# --- backwards --------------------------------------------------------------------


def reversed_series(series: Series) -> Series:
    """The series with every diff turned round."""
    patches = tuple(
        replace(patch, diff="".join(map(_backwards, parse_diff(patch.diff))))
        for patch in reversed(series.patches)
    )
    return replace(series, patches=patches)


def _backwards(diff: FileDiff) -> str:
    old, new = diff.new_path or diff.old_path, diff.old_path or diff.new_path
    lines = [f"diff --git a/{old} b/{new}"]
    if diff.old_path is None:
        lines.append(f"deleted file mode {diff.new_mode or '100644'}")
    elif diff.new_path is None:
        lines.append(f"new file mode {diff.old_mode or '100644'}")
    elif diff.old_mode != diff.new_mode and diff.old_mode and diff.new_mode:
        lines += [f"old mode {diff.new_mode}", f"new mode {diff.old_mode}"]
    if diff.status == "renamed":
        lines += ["similarity index 50%", f"rename from {old}", f"rename to {new}"]
    if diff.old_blob and diff.new_blob:
        lines.append(f"index {diff.new_blob}..{diff.old_blob}")
    if diff.hunks:
        lines.append(f"--- {f'a/{old}' if diff.new_path else '/dev/null'}")
        lines.append(f"+++ {f'b/{new}' if diff.old_path else '/dev/null'}")
    for hunk in diff.hunks:
        lines += _hunk_backwards(hunk)
    return "\n".join([*lines, ""])


def _hunk_backwards(hunk: Hunk) -> Iterator[str]:
    new = f"{hunk.old_start},{hunk.old_length}"
    yield f"@@ -{hunk.new_start},{hunk.new_length} +{new} @@ {hunk.section}"
    for line in hunk.lines:
        yield {"+": "-", "-": "+"}.get(line.kind, line.kind) + line.text


if __name__ == "__main__":
    main()
