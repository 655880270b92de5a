# SPDX-License-Identifier: GPL-2.0-or-later
"""What a series on one large file costs beside one patch of the same hunks.

usage: series_cost.py TREE [--file mm/slub.c] [--patches 30] [--hunks 1000]

Adds a call to as many places of the file, once as one patch and once as a series of one
hunk each, and prints processor time (children included), its ratio, and the most memory
of a run; with --hunks, of one patch of so many as well, as far as the file has them.
"""

from __future__ import annotations

import argparse
import difflib
import os
import re
import resource
import shutil
import subprocess
import tempfile
from pathlib import Path

HEAD = (
    "From: Nadia <nadia@example.org>\nSubject: [PATCH{number}] {title}\n"
    "Date: Mon, 4 Mar 2024 10:{minute:02}:00 +0000\nMessage-Id: <{name}@example.org>\n"
    "{answers}\nText.\n\nSigned-off-by: Nadia <nadia@example.org>\n---\n"
)
APART = 12  # lines between two places, so that each is a hunk of its own
PLACE = re.compile(r"\t(?:[a-z_]+ = [^;]*;|[a-z_]+\([^;]*\);)$")


def places_of(lines: list[str], count: int) -> list[int]:
    """Lines with a whole statement, some apart."""
    found: list[int] = []
    for number, line in enumerate(lines):
        if PLACE.match(line) and (not found or number - found[-1] > APART):
            found.append(number)
    step = max(len(found) // count, 1)
    return found[::step][:count]


def with_calls(lines: list[str], at: list[int]) -> list[str]:
    return [
        text
        for number, line in enumerate(lines)
        for text in ([line, "\tbarrier();"] if number in at else [line])
    ]


def mail(path: str, old: list[str], new: list[str], **fields: object) -> str:
    git = f"diff --git a/{path} b/{path}\n"
    names = (f"a/{path}", f"b/{path}")
    body = "\n".join(difflib.unified_diff(old, new, *names, lineterm=""))
    return f"From 1234 Mon Sep 17 00:00:00 2001\n{HEAD.format(**fields)}{git}{body}\n\n"


def one_patch(path: str, lines: list[str], at: list[int]) -> str:
    new = with_calls(lines, at)
    return mail(
        path, lines, new, number="", title="all", minute=0, name="all", answers=""
    )


def series(path: str, lines: list[str], at: list[int]) -> str:
    """As many patches, each of one hunk, in one thread."""
    made = []
    for number in range(1, len(at) + 1):
        old = with_calls(lines, at[: number - 1])
        new = with_calls(lines, at[:number])
        answers = "In-Reply-To: <part1@example.org>\n" if number > 1 else ""
        title, name = f"part {number}", f"part{number}"
        count = f" {number}/{len(at)}"
        made.append(
            mail(
                path, old, new, number=count, title=title, minute=number % 60,
                name=name, answers=answers,
            )
        )  # fmt: skip
    return "".join(made)


def cost(command: list[str]) -> tuple[float, float, str]:
    """(seconds of processor time, MB at most, what it says) of a run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    said = process.stderr.read() if process.stderr else ""
    _, _, used = os.wait4(process.pid, 0)
    process.returncode = 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent, used.ru_maxrss / 1024, (said.splitlines() or [""])[-1]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tree", type=Path)
    parser.add_argument("--file", default="mm/slub.c")
    parser.add_argument("--patches", type=int, default=30)
    parser.add_argument("--hunks", type=int, default=0)
    parser.add_argument("--kpf", default=shutil.which("kpf-review") or "kpf-review")
    args = parser.parse_args()
    blob = ["git", "-C", str(args.tree), "show", f"HEAD:{args.file}"]
    lines = subprocess.check_output(blob, text=True).split("\n")
    at = places_of(lines, args.patches)
    with tempfile.TemporaryDirectory() as folder:
        spent = []
        made = {"one patch": one_patch(args.file, lines, at)}
        made["a series"] = series(args.file, lines, at)
        if args.hunks:
            at = places_of(lines, args.hunks)
            made[f"{len(at)} hunks"] = one_patch(args.file, lines, at)
        for name, text in made.items():
            path = Path(folder) / f"{name}.mbox"
            path.write_text(text)
            command = [args.kpf, str(path), "--tree", str(args.tree), "--offline"]
            seconds, megabytes, said = cost(command)
            spent.append(seconds)
            print(f"{name}: {seconds:.2f} s, {megabytes:.0f} MB; {said}")
        print(f"series / one patch: {spent[1] / spent[0]:.2f}")


if __name__ == "__main__":
    main()
