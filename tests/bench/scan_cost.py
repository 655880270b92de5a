# SPDX-License-Identifier: GPL-2.0-or-later
"""What a scan costs: processor time and memory, with what it says kept to compare.

usage: scan_cost.py sample TREE [--files N] [--stretches N] [--select RULE]
                     [--keep FILE] [--profile FILE]
       scan_cost.py whole TREE --keep FILE [PATH ...]

``sample`` looks, in one process and without the words of the whole tree, at the C files
of as many stretches of neighbours, spread evenly over the tree: neighbours share their
headers, as they do in a scan of all.  ``whole`` runs ``kpf-review scan --format json``
with two workers to its end and prints, each half minute and at the end, the processor
time of all its processes and the memory that they hold together (proportional set
size), looked at twice a second.  --keep takes the report as JSON: two of them are
compared with diff(1).
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

STEP = 0.5  # seconds between two looks at the memory


def main() -> None:
    """Does what the first word says."""
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("what", choices=("sample", "whole"))
    parser.add_argument("tree", type=Path)
    parser.add_argument("paths", nargs="*")
    parser.add_argument("--files", type=int, default=1024)
    parser.add_argument("--stretches", type=int, default=16)
    parser.add_argument("--select", action="append", default=[])
    parser.add_argument("--preview", action="store_true")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--profile", type=Path)
    given = parser.parse_args()
    sample(given) if given.what == "sample" else whole(given)


def sample(given: argparse.Namespace) -> None:
    """Scans some files here, and prints what that took."""
    import cProfile

    import msgspec

    from reviewer import engine, rulebook
    from reviewer.tree import open_tree

    view = open_tree(given.tree).view(None)
    rules = [
        rule
        for rule in rulebook.choose(given.select, preview=given.preview)
        if rule.rule.in_scan or given.select
    ]
    paths = sorted(p for p in view.files() if p.endswith((".c", ".h")))
    size = given.files // given.stretches
    starts = [len(paths) * n // given.stretches for n in range(given.stretches)]
    drawn = [path for at in starts for path in paths[at : at + size]]
    view.will_be_scanned(len(drawn) if given.paths else 0)
    profile = cProfile.Profile()
    began, children = time.process_time(), _of_children()
    if given.profile:
        profile.enable()
    scanner = engine.Scanner(view, rules)
    parts = [scanner.part(drawn[at : at + 16]) for at in range(0, len(drawn), 16)]
    if given.profile:
        profile.disable()
        profile.dump_stats(given.profile)
    own, git = time.process_time() - began, _of_children() - children
    found = sum(len(part.findings) for part in parts)
    print(f"{len(drawn)} files: {own:.1f} s here, {git:.1f} s git; {found} findings")
    if given.keep:
        data = [msgspec.to_builtins(part) for part in parts]
        given.keep.write_text(json.dumps(data, indent=1))


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def whole(given: argparse.Namespace) -> None:
    """Runs a scan of all, or of the paths, to its end, and watches it."""
    program = str(Path(sys.executable).parent / "kpf-review")
    command = [program, "scan", "--format", "json"]
    command += ["--workers", str(given.workers), "--tree", str(given.tree)]
    command += [word for name in given.select for word in ("--select", name)]
    began, told, most = time.monotonic(), 0.0, 0
    with given.keep.open("wb") as report:
        process = subprocess.Popen([*command, *given.paths], stdout=report)
        while process.poll() is None:
            most = max(most, _together(process.pid))
            if time.monotonic() - told > 30:
                told = time.monotonic()
                passed, size = told - began, most // 1024
                print(f"{passed:.0f} s by the clock, {size} MB at most", flush=True)
            time.sleep(STEP)
    passed, used = time.monotonic() - began, _of_children()
    print(f"status {process.returncode}, {passed:.0f} s by the clock, {used:.1f} s of")
    print(f"processor time, all processes together at most {most // 1024} MB")


def _together(top: int) -> int:
    """The proportional set size of a process and all below it, in kilobytes."""
    return sum(_proportional(pid) for pid in _family(top))


def _family(top: int) -> list[int]:
    found = [top]
    for pid in found:  # grows while it is read
        for thread in Path(f"/proc/{pid}/task").glob("*/children"):
            try:
                found += map(int, thread.read_text().split())
            except OSError:
                continue
    return found


def _proportional(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


if __name__ == "__main__":
    main()
