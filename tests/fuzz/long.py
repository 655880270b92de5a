# SPDX-License-Identifier: GPL-2.0-or-later
"""Run harnesses for so many seconds of CPU, git's included, and tell what came of it.

    nice -n 15 python tests/fuzz/long.py FOLDER --cpu 3600 [--from MAILS] [mail diff]

FOLDER keeps the corpus of each harness, ``finds-*`` (one input and one traceback for
each kind of failure) and ``log``, a line of which says after every round: harness,
CPU seconds of the round, executions, coverage (edges and features of libFuzzer),
size of the corpus, number of finds.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
OF_A_ROUND = 100  # inputs that a round begins with
SAMPLE, LARGEST = 300, 20_000  # mails to start from, and bytes of one
_STATUS = re.compile(r"#(\d+)\s+\w+\s+cov: (\d+) ft: (\d+) corp: (\d+)")


def cpu() -> float:
    """Seconds of CPU of all children that have ended, theirs included."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def one_round(harness: str, folder: Path, seconds: int) -> tuple[float, str]:
    """Run one harness once; its seconds of CPU and what libFuzzer said last."""
    corpus, finds = folder / harness, folder / f"finds-{harness}"
    for place in (corpus, finds):
        place.mkdir(parents=True, exist_ok=True)
    before = cpu()
    with some_of(corpus) as few:
        done = subprocess.run(
            [
                sys.executable,
                str(HERE / f"fuzz_{harness}.py"),
                f"-max_total_time={seconds}",
                f"-artifact_prefix={finds}/stopped-",
                "-rss_limit_mb=4000",
                "-report_slow_units=1000",  # of clock, which other work takes away
                str(few),
            ],
            capture_output=True,
            check=False,
            env={**os.environ, "KPF_FUZZ_FINDS": str(finds)},
        )
    said = done.stderr.decode("utf-8", "replace")
    if done.returncode:
        (finds / f"stopped-{time.time():.0f}.txt").write_text(said[-5000:])
    found = _STATUS.findall(said)
    if done.returncode and not found:
        sys.exit(f"fuzz_{harness}.py did not begin: {said[-300:]}")
    last = (
        "execs {} cov {} ft {} corpus {}".format(*found[-1]) if found else said[-200:]
    )
    first = f"cov at the start {_initial(said)}"
    count = len([one for one in finds.iterdir() if one.suffix == ".txt"])
    return cpu() - before, f"{last}, {first}, finds {count}, exit {done.returncode}"


@contextmanager
def some_of(corpus: Path) -> Iterator[Path]:
    """A folder with a few inputs of the corpus, which gets what is new in it: to read
    all of them again took whole rounds."""
    with tempfile.TemporaryDirectory(dir=corpus.parent) as name:
        few, known = Path(name), sorted(corpus.iterdir())
        for one in random.sample(known, min(OF_A_ROUND, len(known))):
            os.link(one, few / one.name)
        yield few
        for one in few.iterdir():
            if not (corpus / one.name).exists():
                one.rename(corpus / one.name)


def seeded(folder: Path, mails: Path) -> None:
    """Let the harnesses of mails and diffs begin with a sample of real mail."""
    small = [
        one
        for one in sorted(mails.rglob("*"))
        if one.is_file() and one.stat().st_size <= LARGEST
    ]
    for number, one in enumerate(
        random.Random(1).sample(small, min(SAMPLE, len(small)))
    ):
        data = one.read_bytes()
        _, line, diff = data.partition(b"\ndiff --git ")
        for harness, text in (("mail", data), ("diff", line[1:] + diff)):
            place = folder / harness / f"real-{number}"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(text)


def _initial(said: str) -> str:
    match = re.search(r"INITED cov: (\d+)", said)
    return match[1] if match else "?"


def main() -> None:
    """Rounds over the harnesses until the budget is used up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("harness", nargs="*", default=["mail", "code", "diff"])
    parser.add_argument("--cpu", type=float, default=3600.0, help="seconds, in total")
    parser.add_argument("--from", dest="mails", type=Path, help="mails to start from")
    parser.add_argument("--round", type=int, default=300, help="seconds of clock")
    options = parser.parse_intermixed_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.mails is not None:
        seeded(options.folder, options.mails)
    while cpu() < options.cpu:
        for harness in options.harness or ["mail", "code", "diff"]:
            took, told = one_round(harness, options.folder, options.round)
            line = f"{time.strftime('%H:%M')} {harness}: CPU {took:.0f} s, {told}"
            print(line, flush=True)
            with (options.folder / "log").open("a") as log:
                log.write(line + "\n")


if __name__ == "__main__":
    main()
