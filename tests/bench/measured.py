# SPDX-License-Identifier: GPL-2.0-or-later
"""Condenses the labels into reviewer/measured.json, which ``rules --measured`` shows.

usage: measured.py condense
       measured.py again CORPUS TREES [--rule RULE ...]

``condense``: counts what ``labels/*.jsonl`` says of remarks, by rule and set.
``labels/sets.json`` says of each set how many patches it is, what they are, and which
rules did not run on it.

``again``: reviews each mail of CORPUS that a label is of, on linux-6.12 and linux-6.1
of TREES, and writes into the label whether the remark is made still ("now": made or
silent).  A remark that is silent was mended, or lost: it counts as read first, and not
as what the program says today.  One on what a fix takes out ("before_fix") is none on
the patch.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import subprocess
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

import fix_pairs
from list_mail import reviews

from reviewer import engine, mail, rulebook
from reviewer.api import Scope
from reviewer.errors import KpfError
from reviewer.models import Severity
from reviewer.tree import open_tree

LABELS = Path(__file__).parent / "labels"
OUT = Path(__file__).parent.parent.parent / "reviewer" / "measured.json"
OF_TWO_THREADS = ("unaddressed-comment",)  # the version before is in another mailbox
VERDICTS = ("right", "unwanted", "wrong")
Label = dict[str, Any]


def main() -> None:
    """Run one of the two halves."""
    parser = argparse.ArgumentParser(usage=__doc__)
    halves = parser.add_subparsers(required=True)
    halves.add_parser("condense").set_defaults(run=condense)
    once_more = halves.add_parser("again")
    once_more.add_argument("corpus", type=Path)
    once_more.add_argument("trees", type=Path)
    once_more.add_argument("--rule", action="append", default=[])
    once_more.set_defaults(run=again)
    given = parser.parse_args()
    given.run(given)


def condense(_given: argparse.Namespace) -> None:
    """Write the data file anew."""
    OUT.write_text(condensed(), encoding="utf-8")


def condensed() -> str:
    """What the data file must hold for the labels that there are."""
    sets = json.loads((LABELS / "sets.json").read_text(encoding="utf-8"))
    counts: dict[tuple[str, str], list[Label]] = defaultdict(list)
    for name in sets:
        for label in lines(LABELS / f"{name}.jsonl"):
            if label.get("half") != 0:  # else the rule knew the mail
                counts[label["rule"], name].append(label)
    rows = [_row(rule, name, found) for (rule, name), found in sorted(counts.items())]
    return json.dumps({"sets": sets, "rows": rows}, indent=1) + "\n"


def _row(rule: str, name: str, labels: list[Label]) -> dict[str, Any]:
    now = [label for label in labels if label.get("now") != "silent"]
    return {
        "rule": rule,
        "set": name,
        "first": _counted(labels),
        "now": _counted(now),
        "patches": len({one["message_id"] for one in now if _of_a_patch(one)}),
        "by_author": sum(label.get("reader") == "author" for label in now),
    }


def _of_a_patch(label: Label) -> bool:
    """Whether a patch brought it in, and not merged code or what a fix took out."""
    return "message_id" in label and not label.get("before_fix")


def _counted(labels: list[Label]) -> list[int]:
    """How many are right, unwanted and wrong."""
    return [sum(label["verdict"] == one for label in labels) for one in VERDICTS]


def lines(path: Path) -> list[Label]:
    """The records of a file of labels."""
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def again(given: argparse.Namespace) -> None:
    """Review the labelled mails once more; say in each label what came of it."""
    trees = [open_tree(given.trees / f"linux-{v}") for v in ("6.12", "6.1")]
    paths = dict(_mails(given.corpus))
    fixes = set(_taken_back(given.corpus / "mail-dev2/fixes2"))
    made: dict[str, set[tuple[str, ...]]] = {}
    before: dict[str, Collection[tuple[str, ...]]] = {}
    for name in ("mail-dev2", "unread", "series2", "drawn"):
        file = LABELS / f"{name}.jsonl"
        labels = lines(file)
        for label in labels:
            path = paths.get(label["message_id"])
            if path is None or (given.rule and label["rule"] not in given.rule):
                continue
            if label["rule"] in OF_TWO_THREADS:
                continue
            if path not in made:
                made[path] = {key for tree in trees for key in _said(path, tree)}
                is_back = Path(path).name in fixes and "fixes2" in path
                before[path] = set(_said_before(path, label, trees)) if is_back else ()
            if _key(label) in before[path]:
                label["before_fix"] = True
            known = _key(label) in made[path] or _key(label) in before[path]
            label["now"] = "made" if known else "silent"
            print(label["now"], *_key(label), flush=True)
        _write(file, labels)
    merged = LABELS / "kernel-diff.jsonl"
    labels = lines(merged)
    for label in labels:
        if given.rule and label["rule"] not in given.rule:
            continue
        tree = next(one for one in trees if one.path.name == f"linux-{label['tree']}")
        made_in = _in_tree(label["file"], label["rule"], tree)
        label["now"] = "made" if label["line"] in made_in else "silent"
        print(label["now"], label["rule"], label["file"], label["line"], flush=True)
    _write(merged, labels)
    print(subprocess.check_output(["git", "describe", "--always"], text=True))


def _mails(corpus: Path) -> Iterator[tuple[str, str]]:
    """Every message-id of the corpus, and the file that it is in."""
    for path in sorted([*corpus.rglob("*.eml"), *corpus.rglob("*.mbox")], reverse=True):
        for found in re.findall(rb"(?im)^message-id:\s*<([^>]+)>", path.read_bytes()):
            yield found.decode("latin-1"), str(path)


def _said(path: str, tree: Any) -> Iterable[tuple[str, ...]]:
    """What is said above info of a mail or thread, keyed as a label is."""
    try:
        reports = reviews(path, tree, rulebook.choose(preview=True))
    except KpfError as error:
        print(path, error)
        return
    for report in reports:
        ids = {s.patch.index: s.patch.headers.message_id or "" for s in report.patches}
        for finding in report.findings:
            if finding.severity is not Severity.INFO:
                name = ids[finding.patch or min(ids)]
                yield name, finding.rule, finding.file, str(finding.line)


def _in_tree(file: str, rule: str, tree: Any) -> set[int]:
    """The lines of a file of merged code that a rule says something of."""
    chosen = rulebook.choose(select=[rule])
    done = engine.scan(tree.view(None), tree.info_at(None), [file], chosen)
    return {finding.line for finding in done.report.findings}


def _taken_back(folder: Path) -> Iterator[str]:
    """The mails of fixes that the tree has: what they mend is in the state before."""
    with (folder / "index.tsv").open(encoding="utf-8") as index:
        for row in csv.DictReader(index, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["direction"] == "reverse":
                yield row["file"]


def _said_before(
    path: str, label: Label, trees: list[Any]
) -> Iterator[tuple[str, ...]]:
    """What is said of the state before a fix, keyed as a label of the fix is."""
    series = mail.open_series(path, offline=True)
    text = "".join(patch.diff for patch in series.patches)
    every = rulebook.choose(preview=True)
    rules = [one for one in every if one.rule.scope is Scope.FILE]
    for tree in trees:
        before, _ = fix_pairs.states(text, tree.view(None), reverse=True)
        for found in fix_pairs.said(before, tree.view(None), rules):
            yield label["message_id"], found.rule, found.file, str(found.line)


def _key(label: Label) -> tuple[str, ...]:
    return tuple(str(label[name]) for name in ("message_id", "rule", "file", "line"))


def _write(path: Path, labels: list[Label]) -> None:
    rows = (json.dumps(label, ensure_ascii=False) for label in labels)
    path.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    main()
