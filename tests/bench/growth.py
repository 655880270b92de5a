# SPDX-License-Identifier: GPL-2.0-or-later
"""Processor time and memory of patches that grow: every shape at n, 2n and 4n.

usage: growth.py TREE [--size N] [--fill] [--only NAME] [--from NAME] [--program X]

The shapes of tests/hostile/growing*.py, against a kernel with all rules, each in a
process of its own with its children (git) counted.  The exponent is
that of a power of the mail's size through the last two sizes, what the smallest mail
costs taken off; 1 is linear.  A line says what was cut short.  Exit 1 where a mail of
under a megabyte takes over ten seconds or 600 MB.  With --fill the largest of the three
is just under a megabyte instead, whatever the shape.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "hostile"))

from growing import SHAPES
from growing_changes import CHANGES
from growing_more import MORE
from growing_rules import RULES
from growing_threads import THREADS

SECONDS, MEGABYTES = 10.0, 600
SMALL = 1_000_000  # bytes of a mail that must stay under both


def main() -> None:
    """Print a line for each shape."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("tree", type=Path)
    parser.add_argument("--size", type=int, default=500)
    parser.add_argument("--fill", action="store_true")
    parser.add_argument("--only")
    parser.add_argument("--from", dest="first", help="leave out the shapes before it")
    parser.add_argument("--program", default="kpf-review")
    given = parser.parse_args()
    bad = 0
    mails = SHAPES | MORE | RULES | CHANGES
    shapes = {name: ("", make) for name, make in mails.items()} | THREADS
    names = list(shapes)
    for name in names[names.index(given.first) if given.first else 0 :]:
        if given.only and given.only not in name:
            continue
        command, make = shapes[name]
        size = largest(make) // 4 if given.fill else given.size
        idle = measured(given, make(1), command)
        rows = [measured(given, make(size * times), command) for times in (1, 2, 4)]
        bad += any(is_bad(row) for row in rows)
        print(line_of(name, idle, rows), flush=True)
    print(f"{bad} over {SECONDS:.0f} s or {MEGABYTES} MB")
    sys.exit(bool(bad))


def largest(make: Callable[[int], bytes]) -> int:
    """The n whose mail is just under a megabyte."""
    small, large = 1, 2
    while len(make(large)) < SMALL and large < SMALL:
        small, large = large, large * 2
    while large - small > small // 50 + 1:
        middle = (small + large) // 2
        small, large = (middle, large) if len(make(middle)) < SMALL else (small, middle)
    return small


def measured(
    given: argparse.Namespace, mail: bytes, command: str = ""
) -> tuple[int, float, int, str]:
    """Bytes, seconds, megabytes and what was cut short of one review."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "mail.mbox" if command else "mail.eml")
        place.write_bytes(mail)
        words = [given.program, *([command] if command else []), str(place)]
        words += ["--offline", "--format", "json"]
        if command != "followup":
            words += ["--tree", str(given.tree), "--base", "HEAD"]
        environment = {**os.environ, "XDG_STATE_HOME": folder}
        with tempfile.TemporaryFile() as out:
            process = subprocess.Popen(
                words, stdout=out, stderr=subprocess.DEVNULL, env=environment
            )
            _, _, usage = os.wait4(process.pid, 0)
            out.seek(0)
            cut = cut_short(out.read())
    seconds = usage.ru_utime + usage.ru_stime
    return len(mail), seconds, usage.ru_maxrss // 1024, cut


def cut_short(report: bytes) -> str:
    """What the limits ended, as the report tells it."""
    try:
        lines = json.loads(report)["not_checked"]
    except ValueError:
        return "refused"
    except (KeyError, TypeError):  # a subcommand that tells nothing of the kind
        return ""
    marks = ("kpf.", "too long", "more than", "over ", "nested deeper", "not looked at")
    whys = (f"{one['what']}: {one['why']}" for one in lines)
    return "; ".join(dict.fromkeys(w for w in whys if any(m in w for m in marks)))


def is_bad(row: tuple[int, float, int, str]) -> bool:
    """Whether a small mail took too much."""
    size, seconds, megabytes, _ = row
    return size < SMALL and (seconds > SECONDS or megabytes > MEGABYTES)


def line_of(
    name: str,
    idle: tuple[int, float, int, str],
    rows: list[tuple[int, float, int, str]],
) -> str:
    """One shape: sizes, times, memory, exponent."""
    times = " ".join(f"{size // 1024:5}K {s:6.2f}s" for size, s, _, _ in rows)
    grown = [max(row[1] - idle[1], 0.01) for row in rows]
    ratio = math.log(rows[2][0] / rows[1][0]) or 1.0
    exponent = math.log(grown[2] / grown[1]) / ratio
    mark = " BAD" if any(is_bad(row) for row in rows) else ""
    cut = f"  [{rows[2][3][:90]}]" if rows[2][3] else ""
    return f"{name:28} {times} {rows[2][2]:4} MB  {exponent:4.1f}{mark}{cut}"


if __name__ == "__main__":
    main()
