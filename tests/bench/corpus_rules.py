"""What the rules say about real patches: a table by set and class.

usage: corpus_rules.py CORPUS TREE...

CORPUS holds ``precision/mail``, ``fixes/fix`` and ``fixes/reintroduce`` as its README
says.  Each mail is reviewed against the first of the TREEs that it applies to; of one
that applies nowhere the bare hunks are reviewed, and it is counted apart.  A finding
in a reverted fix is a hit, one in a fix or in a merged patch has to be read: it is
printed.  The interval is Wilson's, 95 %.
"""

from __future__ import annotations

import csv
import math
import sys
from collections import Counter
from pathlib import Path

from reviewer import engine, mail, output, rulebook
from reviewer.errors import KpfError
from reviewer.models import Report, Severity
from reviewer.tree import open_tree
from reviewer.tree.apply import apply_series


def main(corpus: Path, trees: list[Path]) -> None:
    """Review everything and print the tables."""
    classes = {}
    with (corpus / "fixes/index.tsv").open(encoding="utf-8") as index:
        for row in csv.DictReader(index, delimiter="\t"):
            classes[row["file"]] = row["class"]
    opened = [open_tree(tree) for tree in trees]
    table: dict[str, Counter[str]] = {}
    for folder in ("precision/mail", "fixes/fix", "fixes/reintroduce"):
        for path in sorted((corpus / folder).iterdir()):
            kind = folder.split("/")[-1]
            if kind != "mail":
                kind = f"{kind} {classes.get(path.stem, '?')}"
            counts = table.setdefault(kind, Counter())
            counts["all"] += 1
            try:
                report = review(path, opened)
            except KpfError as error:
                counts["unreadable"] += 1
                print(f"{path.name}: {error}")
                continue
            applied = all(patch.applied for patch in report.patches)
            counts["applies"] += applied
            said = [f for f in report.findings if f.severity is not Severity.INFO]
            counts["flagged"] += bool(said)
            counts["flagged, applies"] += bool(said) and applied
            for finding in said:
                where = f"{finding.file}:{finding.line}"
                print(f"{folder}/{path.name}: {finding.rule}: {where}")
                print(f"    {finding.code.strip()}\n    {finding.message}")
    print(f"\n{'set':36} mails  apply  flagged  of those that apply")
    for kind, counts in table.items():
        low, high = wilson(counts["flagged, applies"], counts["applies"])
        print(
            f"{kind:36} {counts['all']:5}  {counts['applies']:5}  "
            f"{counts['flagged']:7}  {counts['flagged, applies']} "
            f"({low:.2f} to {high:.2f})"
        )


def review(path: Path, trees: list) -> Report:
    """The report against the first tree that takes the patch, else the first tree."""
    series = mail.open_series(str(path), offline=True)
    tried = [apply_series(series, tree, base=None) for tree in trees]
    whole = [one for one in tried if all(step.applied for step in one.patches)]
    applied = (whole or tried)[0]
    outcome = engine.review(series, applied, rulebook.choose())
    return output.worded(outcome.report)


def wilson(hits: int, trials: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share, sound for small numbers too."""
    if not trials:
        return 0.0, 1.0
    share = hits / trials
    middle = share + z * z / (2 * trials)
    spread = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials**2))
    scale = 1 + z * z / trials
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(tree) for tree in sys.argv[2:]])
