# SPDX-License-Identifier: GPL-2.0-or-later
"""Side by side with scripts/checkpatch.pl on the same patches: wall and processor time.

usage: speed.py TREE [--runs N] [--cold]     (TREE: linux-source-6.1, a git repository)

Runs the two by turns, so that a busy machine slows both, and takes the median of the
ratios.  With --cold no run finds what another one kept.  The patches are ours: an
ordinary one of a few lines, the story's rewrite of stable_page_flags(), and a series
of five in one mbox.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TOP = Path(__file__).parent.parent.parent
ORDINARY = [
    ("fs/proc/uptime.c", "\tu64 idle_nsec;\n", "\tu64 idle_nsec = 0;\n"),
    ("fs/proc/uptime.c", "\tidle_nsec = 0;\n\tfor", "\tfor"),
    ("fs/proc/loadavg.c", "FIXED_1/200, 0)", "FIXED_1 / 200, 0)"),
    ("fs/proc/version.c", "\tseq_printf(m, linux", "\t/* x */\n\tseq_printf(m, linux"),
    ("fs/proc/uptime.c", "\tint i;\n", "\tint cpu;\n"),
]  # fmt: skip


def load_story():
    spec = importlib.util.spec_from_file_location("story", TOP / "tests/story.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make_patches(tree: Path, folder: Path) -> dict[str, Path]:
    """The three files to be checked."""
    story = load_story()
    made = {}
    for name, edits in (
        ("one patch", ORDINARY[:2]),
        ("the story", [(story.PAGE_C, *edit) for edit in story.REWRITE]),
        ("a series of five", ORDINARY),
    ):
        repo = story.clone(tree, folder / name.replace(" ", "-"))
        signed = "\n\nText.\n\nSigned-off-by: Nadia Newcomer <nadia@example.org>"
        if name == "a series of five":
            for number, (path, old, new) in enumerate(edits):
                story.commit(repo, path, [(old, new)], f"proc: part {number}" + signed)
        else:
            place = repo / edits[0][0]
            pairs = [(old, new) for _, old, new in edits]
            place.write_text(story.apply_edits(place.read_text(), pairs))
            subprocess.check_call(
                ["git", "-C", repo, "commit", "-qam", "proc: x" + signed]
            )
        path = folder / f"{name}.mbox"
        path.write_bytes(b"".join(story.format_patch(repo)))
        made[name] = path
    return made


def seconds(command: list[str], folder: Path, cold: bool) -> tuple[float, float]:
    """(wall, processor) seconds of one run; ``cold``: nothing was kept before."""
    if cold:
        shutil.rmtree(os.environ["XDG_CACHE_HOME"], ignore_errors=True)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.monotonic()
    subprocess.run(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    wall = time.monotonic() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, spent


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tree", type=Path)
    parser.add_argument("--runs", type=int, default=11)
    parser.add_argument("--cold", action="store_true")
    parser.add_argument("--kpf", default="", help="the installed command to measure")
    args = parser.parse_args()
    tree = args.tree.resolve()
    os.environ["PYTHONPATH"] = str(TOP)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    kpf = [args.kpf] if args.kpf else [sys.executable, "-m", "reviewer.cli"]
    checkpatch = ["perl", "scripts/checkpatch.pl", "--no-summary"]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = f"{folder}/cache"
        patches = make_patches(tree, Path(folder))
        first = patches["one patch"]
        rows = [("--version", [*kpf, "--version"], [*checkpatch, str(first)])]
        for name, path in patches.items():
            ours = [*kpf, str(path), "--tree", str(tree), "--offline"]
            rows.append((name, ours, [*checkpatch, str(path)]))
        print("| | kpf-review | checkpatch | ratio, wall | ratio, processor |")
        print("|---|---|---|---|---|")
        for name, ours, theirs in rows:
            seconds(ours, tree, args.cold)  # bytecode and page cache
            seconds(theirs, tree, args.cold)
            pairs = [
                (seconds(ours, tree, args.cold), seconds(theirs, tree, args.cold))
                for _ in range(args.runs)
            ]
            wall = statistics.median(a[0] / b[0] for a, b in pairs)
            spent = statistics.median(a[1] / b[1] for a, b in pairs)
            ours_ms = statistics.median(a[0] for a, _ in pairs) * 1000
            theirs_ms = statistics.median(b[0] for _, b in pairs) * 1000
            print(
                f"| {name} | {ours_ms:.0f} ms | {theirs_ms:.0f} ms "
                f"| {wall:.2f} | {spent:.2f} |"
            )


if __name__ == "__main__":
    main()
