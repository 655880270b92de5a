# SPDX-License-Identifier: GPL-2.0-or-later
"""How often parse_diff and git agree on what a mail's patch does.

    python tests/bench/diff_equivalence.py CORPUS [-v]

CORPUS holds mail/*.eml and, optionally, truth.jsonl with the stratum of each mail.
Every patch is taken out of its mail by ``git mailinfo -b``; then the files, counts,
creations, deletions, renames, copies and mode changes that parse_diff finds are
compared with ``git apply --numstat --summary``, and a refusal with a refusal.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from reviewer.errors import InputError
from reviewer.models import FileDiff
from reviewer.patch.diff import parse_diff
from reviewer.utf8 import decode


def patch_of(mail: Path, folder: str) -> bytes:
    """The patch part of a mail, as git am would take it."""
    with mail.open("rb") as stdin:
        subprocess.run(
            ["git", "mailinfo", "-b", "message", "patch"],
            stdin=stdin,
            cwd=folder,
            capture_output=True,
            check=False,
        )
    return Path(folder, "patch").read_bytes()


def git_says(patch: bytes, folder: str) -> list[str] | str:
    """The lines of numstat and summary, or git's error message."""
    run = subprocess.run(
        ["git", "-c", "core.quotePath=false", "apply", "--numstat", "--summary"],
        input=patch,
        cwd=folder,
        capture_output=True,
        check=False,
        env={**os.environ, "LC_ALL": "C"},
    )
    if run.returncode:
        return decode(run.stderr).partition("\n")[0].removeprefix("error: ")
    return decode(run.stdout).splitlines()


def we_say(patch: bytes) -> list[str] | str:
    """The same from parse_diff."""
    try:
        files = parse_diff(decode(patch))
    except InputError as error:
        return str(error)
    if not files:
        return "No valid patches in input"
    lines = [f"{counts(file)}\t{quoted(file.path)}" for file in files]
    return lines + [line for file in files for line in summary(file)]


def counts(file: FileDiff) -> str:
    if file.binary:
        return "-\t-"
    kinds = Counter(line.kind for hunk in file.hunks for line in hunk.lines)
    return f"{kinds['+']}\t{kinds['-']}"


def summary(file: FileDiff) -> list[str]:
    old, new = file.old_path or "", file.new_path or ""
    if file.status == "added":
        mode = f"mode {file.new_mode} {quoted(new)}" if file.new_mode else new
        return [f" create {mode}"]
    if file.status == "deleted":
        mode = f"mode {file.old_mode} {quoted(old)}" if file.old_mode else old
        return [f" delete {mode}"]
    lines = []
    changed = file.old_mode and file.new_mode and file.old_mode != file.new_mode
    if file.status in ("renamed", "copied"):
        verb = {"renamed": "rename", "copied": "copy"}[file.status]
        score = similarity(file)
        lines.append(f" {verb} {arrow(old, new)} ({score}%)")
        if changed:
            lines.append(f" mode change {file.old_mode} => {file.new_mode}")
    elif changed:
        lines.append(f" mode change {file.old_mode} => {file.new_mode} {quoted(new)}")
    return lines


def similarity(file: FileDiff) -> str:
    for line in file.header:
        if line.startswith("similarity index "):
            return line.removeprefix("similarity index ").strip().rstrip("%")
    return "0"


def quoted(name: str) -> str:
    """git's C quoting, as far as core.quotePath=false leaves any."""
    special = {"\t": "\\t", "\n": "\\n", '"': '\\"', "\\": "\\\\", "\r": "\\r"}
    text = "".join(
        special.get(c, f"\\{ord(c):03o}" if ord(c) < 32 or ord(c) == 127 else c)
        for c in name
    )
    return f'"{text}"' if text != name else name


def arrow(old: str, new: str) -> str:
    """How git apply writes a move: the leading folders that both share once."""
    folders = zip(old.split("/")[:-1], new.split("/")[:-1], strict=False)
    shared = [
        a for a, _ in itertools.takewhile(lambda pair: pair[0] == pair[1], folders)
    ]
    head = len("/".join([*shared, ""]))
    if not shared:
        return f"{old} => {new}"
    return f"{old[:head]}{{{old[head:]} => {new[head:]}}}"


def agrees(theirs: list[str] | str, ours: list[str] | str) -> bool:
    if isinstance(theirs, str) or isinstance(ours, str):
        if not (isinstance(theirs, str) and isinstance(ours, str)):
            return False
        # the same reason; line numbers are ours to say
        reason = re.split(r" at line| \(|: | on line| lines \d", theirs)[0]
        return reason in ours or ("git-diff" in theirs and "git-diff" in ours)
    return theirs == ours


def main() -> int:
    corpus, verbose = Path(sys.argv[1]), "-v" in sys.argv
    truth = corpus / "truth.jsonl"
    strata: dict[str, str] = {}
    if truth.exists():
        for line in truth.read_text().splitlines():
            record = json.loads(line)
            strata[f"{record['id']:05d}"] = record["stratum"]
    total: Counter[str] = Counter()
    same: Counter[str] = Counter()
    spent = 0.0
    mails = sorted(
        (corpus / "mail" if (corpus / "mail").is_dir() else corpus).iterdir()
    )
    with tempfile.TemporaryDirectory(prefix="kpf-bench-") as folder:
        for mail in mails:
            stratum = strata.get(mail.stem, "all")
            patch = patch_of(mail, folder)
            theirs = git_says(patch, folder)
            start = time.perf_counter()
            ours = we_say(patch)
            spent += time.perf_counter() - start
            total[stratum] += 1
            same[stratum] += agrees(theirs, ours)
            if verbose and not agrees(theirs, ours):
                print(mail.name, "\n  git: ", theirs, "\n  ours:", ours)
    for stratum in sorted(total):
        print(f"{stratum:14} {same[stratum]:5} of {total[stratum]:5}")
    every = sum(total.values())
    print(f"{'all':14} {sum(same.values()):5} of {every:5}, parse_diff {spent:.1f} s")
    return 0 if same.total() == every else 1


if __name__ == "__main__":
    sys.exit(main())
