# SPDX-License-Identifier: GPL-2.0-or-later
"""What the rules say about everything that changed between two kernels.

usage: kernel_diff.py [--json FILE] [--select RULE] [--ignore RULE] OLD NEW PATH...

OLD and NEW are kernel trees.  Each C or Kconfig file below the PATHs that is in both
and differs counts as one patch: before it stands the whole of OLD, after it the whole
of NEW, so that a name is judged by the tree that the change belongs to.  What comes out
is a remark on code that was reviewed and merged, and has to be read: a wrong one is a
bug of the rule.  Printed: the remarks, the seconds that the slow files took, and a
table of files, hunks and remarks by rule.  With --json they go to a file too.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from reviewer import engine, output, rulebook
from reviewer.models import Address, Change, Headers, Judged, Patch, Series
from reviewer.patch.diff import parse_diff
from reviewer.tree import open_tree
from reviewer.tree.apply import Applied, AppliedPatch
from reviewer.tree.hunk_places import changed_lines, place
from reviewer.tree.view import View

BATCH = 2000  # files that are one series: its whole text is held in memory
SLOW = 10.0  # seconds
NOBODY = Address("", "nobody@example.org")


def main(arguments: argparse.Namespace) -> None:
    """Review every file that differs, print what is said."""
    old, new = open_tree(arguments.old), open_tree(arguments.new)
    before, after = old.view(None), new.view(None)
    rules = rulebook.choose(select=arguments.select, ignore=arguments.ignore)
    paths = [p for name in arguments.paths for p in differing(before, after, name)]
    counts: Counter[str] = Counter()
    kept: list[dict[str, object]] = []
    for start in range(0, len(paths), BATCH):
        steps = []
        for index, path in enumerate(paths[start : start + BATCH], 1):
            step = one_patch(index, path, before, after, arguments)
            if step is not None:
                steps.append(step)
        if not steps:
            continue
        series = Series(None, "diff", 1, tuple(s.patch for s in steps), len(steps))
        watch = Watch()
        outcome = engine.review(
            series,
            Applied(before, old.info_at(None), tuple(steps)),
            rules,
            progress=watch,
        )
        watch.stop()
        counts["files"] += len(steps)
        counts["hunks"] += sum(len(c.diff.hunks) for s in steps for c in s.changes)
        for finding in output.worded(outcome.report).findings:
            counts[f"{finding.rule} {finding.severity.value}"] += 1
            kept.append(shown(finding))
        for skipped in outcome.report.not_checked:
            reason = skipped.why.split(":")[0]
            counts[f"not checked: {reason}"] += 1
            if reason == "internal error":
                print(f"{skipped.what}: {skipped.why}: {skipped.file}")
        if arguments.json:
            arguments.json.write_text(json.dumps(kept, indent=1), encoding="utf-8")
    print()
    for name, count in sorted(counts.items()):
        print(f"{count:7} {name}")


class Watch:
    """Tells which patches take long."""

    def __init__(self) -> None:
        self._patch, self._since = "", time.process_time()

    def __call__(self, text: str) -> None:
        self.stop()
        self._patch = text

    def stop(self) -> None:
        """The end of the patch that was begun last."""
        now = time.process_time()
        if self._patch and now - self._since > SLOW:
            print(f"{self._patch}: {now - self._since:.1f} s", flush=True)
        self._since = now


def differing(before: View, after: View, name: str) -> Iterator[str]:
    """The C and Kconfig files below ``name`` that both have, with other contents."""
    names = [name] if after.exists(name) else after.files(name)
    for path in names:
        was = before.read(path) if path.endswith((".c", ".h", "Kconfig")) else None
        if was is not None and was != after.read(path):
            yield path


def one_patch(
    index: int, path: str, before: View, after: View, arguments: argparse.Namespace
) -> AppliedPatch | None:
    """The difference of one file as a patch that was applied."""
    text = _diff(arguments.old, arguments.new, path)
    headers = Headers(None, f"[PATCH] {path}", "", NOBODY)
    patch = Patch(index, headers, NOBODY, path, "", (), "", text, text)
    pre, post = before.read(path), after.read(path)
    (diff,) = parse_diff(text)
    placed = place(diff, {}, pre, post)
    if placed is None:
        print(f"{path}: the diff does not fit")
        return None
    added, removed = changed_lines(placed)
    change = Change(patch, placed, pre, post, True, None, added, removed)
    return AppliedPatch(patch, True, (change,), before, after)


def _diff(old: Path, new: Path, path: str) -> str:
    done = subprocess.run(
        ["git", "diff", "--no-index", "--no-color", "--", old / path, new / path],
        capture_output=True,
        check=False,
    )
    lines = done.stdout.decode("utf-8", "surrogateescape").split("\n")
    hunks = next(n for n, line in enumerate(lines) if line.startswith("@@"))
    head = [f"diff --git a/{path} b/{path}", f"--- a/{path}", f"+++ b/{path}"]
    return "\n".join(head + lines[hunks:])


def shown(finding: Judged) -> dict[str, object]:
    """Print a remark, and give what a reader of the JSON wants of it."""
    where = f"{finding.file}:{finding.line}"
    level = f"{finding.severity.value}, {finding.confidence.value}"
    print(f"{where}: {finding.rule} ({level})")
    print(f"    {finding.code.strip()}\n    {finding.message}", flush=True)
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "file": finding.file,
        "line": finding.line,
        "code": finding.code,
        "message": finding.message,
        "removed": finding.removed_line,
        "evidence": [
            {"file": e.file, "line": e.line, "text": e.text} for e in finding.evidence
        ],
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--select", action="append", default=[])
    parser.add_argument("--ignore", action="append", default=[])
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("paths", nargs="+")
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    main(parser.parse_args())
