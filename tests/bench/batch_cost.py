# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether ``batch`` says what single runs say, and what both cost.

usage: batch_cost.py FOLDER --tree DIR [--kpf COMMAND] [--every N]

FOLDER holds mails, one a file.  All are reviewed by one ``kpf-review batch``; every
Nth thread of one file again by a process of its own.  Compared are status and
fingerprints; the cost is processor time, children included, a mail.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any


def spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def told(report: dict[str, Any] | None) -> list[str]:
    """The fingerprints of a report."""
    findings = report["findings"] if report else []
    return sorted(one["fingerprint"] for one in findings)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tree", required=True)
    parser.add_argument("--kpf", default=shutil.which("kpf-review"))
    parser.add_argument("--every", type=int, default=1)
    args = parser.parse_args()
    common = ["--tree", args.tree, "--offline"]
    with tempfile.TemporaryDirectory() as scratch:
        lines = Path(scratch) / "results"
        before = spent()
        command = [args.kpf, "batch", str(args.folder), "--resume", str(lines)]
        subprocess.run([*command, *common], check=False)
        batch = spent() - before
        records = [json.loads(line) for line in lines.read_text().splitlines()]
    alone, unlike, before = 0, 0, spent()
    mails = len(list(args.folder.iterdir()))
    for record in records[:: args.every]:
        if len(record["series"]) != 1 or record["series"][0]["report"] is None:
            continue
        alone += 1
        done = subprocess.run(
            [args.kpf, record["job"], *common, "--format", "json", "-q"],
            capture_output=True, check=False,
        )  # fmt: skip
        report = record["series"][0]["report"]
        one = json.loads(done.stdout) if done.stdout else None
        if one is not None and one["series"] != report["series"]:
            alone -= 1  # a thread of several mails: the file alone is another series
        elif (done.returncode, told(one)) != (record["status"], told(report)):
            unlike += 1
            print(f"{record['job']}: {record['status']} and {done.returncode}")
    each = (spent() - before) / max(alone, 1)
    print(f"batch: {batch / mails * 1000:.0f} ms a mail, {mails} mails")
    print(f"alone: {each * 1000:.0f} ms a mail, {alone} mails")
    print(f"ratio {each / (batch / mails):.1f}, told otherwise: {unlike}")


if __name__ == "__main__":
    sys.exit(main())
