# SPDX-License-Identifier: GPL-2.0-or-later
"""Does the mail reader agree with git, mail by mail?

usage: git_equivalence.py FOLDER [--at-least SHARE]

FOLDER holds mail/*.eml and truth.jsonl, one object a mail: what ``git mailinfo -b``
and ``git apply --numstat --summary`` said.  Prints the agreement by stratum and each
disagreement; exits 1 below SHARE (default 1.0, of 1).
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from reviewer.errors import InputError, KpfError
from reviewer.mail import open_series
from reviewer.mail.subject import read_subject
from reviewer.models import FileDiff, Patch
from reviewer.patch.diff import parse_diff

FIELDS = ("author", "subject", "date", "message", "trailers", "diff", "files")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--at-least", type=float, default=1.0)
    chosen = options.parse_args()
    rows = [json.loads(line) for line in (chosen.folder / "truth.jsonl").open()]
    wrong: dict[str, Counter[str]] = defaultdict(Counter)
    total: Counter[str] = Counter()
    for row in rows:
        total[row["stratum"]] += 1
        bad = wrong[row["stratum"]]
        found = disagreements(chosen.folder, row)
        if is_reply(row) and not any(field in ("diff", "files") for field, _ in found):
            bad["by choice"] += bool(found)
            continue
        bad["mail"] += bool(found)
        for field, why in found:
            bad[field] += 1
            print(f"{row['id']:05} {row['stratum']:12} {field:9} {why}")
    return report(total, wrong, chosen.at_least)


def is_reply(row: dict[str, Any]) -> bool:
    """A reply that carries a patch is read from the pasted patch on, not as a whole."""
    return read_subject(row["subject_raw"]).reply


def report(total: Counter[str], wrong: dict[str, Counter[str]], wished: float) -> int:
    """Print the table; the exit status."""
    print(
        f"{'stratum':14}{'mails':>7}{'equal':>7}" + "".join(f"{f:>10}" for f in FIELDS)
    )
    equal = choice = 0
    for stratum, count in sorted(total.items()):
        bad = wrong[stratum]
        same = count - bad["mail"] - bad["by choice"]
        equal, choice = equal + same, choice + bad["by choice"]
        cells = "".join(f"{count - bad[field]:>10}" for field in FIELDS)
        print(f"{stratum:14}{count:>7}{same:>7}{bad['by choice']:>7}{cells}")
    mails = total.total()
    print(f"{'all':14}{mails:>7}{equal:>7}{choice:>7}")
    print("by choice: a patch inside a reply is read from the patch on")
    return 0 if equal + choice >= wished * mails else 1


def disagreements(folder: Path, row: dict[str, Any]) -> list[tuple[str, str]]:
    """What differs for one mail: field and both sides."""
    file = folder / "mail" / f"{row['id']:05}.eml"
    try:
        series = open_series(str(file))
    except KpfError as error:
        fine = row["numstat_rc"] != 0
        return [] if fine else [("diff", f"{type(error).__name__}: {error}")]
    patch = series.patches[0]
    said = said_by_git(file, any("CRLF" in note for note in series.notes))
    if said["author"] != (row["mi_author"], row["mi_email"]):
        print(f"{row['id']:05} the truth differs from this git: {said['author']}")
    said["trailers"] = [value.strip() for value in row["signed_off"]]
    ours = {
        "author": (patch.author.name, patch.author.email),
        "subject": patch.title,
        "date": patch.date,
        "message": patch.message,
        "trailers": signed_off(patch),
    }
    found = [
        (field, f"git {said[field]!r:.300} ours {ours[field]!r:.300}")
        for field in ours
        if said[field] != ours[field]
    ]
    return found + diff_disagreements(row, patch)


def said_by_git(file: Path, quoted_cr: bool) -> dict[str, Any]:
    """What ``git mailinfo -b`` says; -n where it does not know the charset."""
    with tempfile.TemporaryDirectory() as folder:
        for options in (["-b"], ["-b", "-n"]):
            done = subprocess.run(
                ["git", "mailinfo", *options, "message", "patch"],
                input=file.read_bytes(),
                capture_output=True,
                cwd=folder,
                check=False,
            )
            if done.returncode == 0:
                break
        message = decode(Path(folder, "message").read_bytes())
    said = dict(re.findall(r"(?m)^(\w+): (.*)$", decode(done.stdout)))
    if quoted_cr:  # a CR makes a blank line at the top none: git keeps it
        message = message.replace("\r\n", "\n").lstrip("\n")
    return {
        "author": (said.get("Author", ""), said.get("Email", "")),
        "subject": said.get("Subject", ""),
        "date": said.get("Date", "").strip(),
        "message": message,
    }


def decode(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def signed_off(patch: Patch) -> list[str]:
    return [t.value for t in patch.trailers if t.name.lower() == "signed-off-by"]


def diff_disagreements(row: dict[str, Any], patch: Patch) -> list[tuple[str, str]]:
    """The files: by git from our text of the diff, and by our own parser."""
    done = subprocess.run(
        ["git", "apply", "--numstat", "--summary"],
        input=patch.diff.encode("utf-8", "surrogateescape"),
        capture_output=True,
        cwd="/",
        check=False,
    )
    lines = done.stdout.decode("utf-8", "surrogateescape").splitlines()
    git = (row["numstat"] or []) + [line.strip() for line in row["summary"]]
    again = [line if "\t" in line else line.strip() for line in lines]
    found = []
    if (done.returncode == 0) != (row["numstat_rc"] == 0) or again != git:
        found.append(("diff", f"git {git!r:.200} of our text {again!r:.200}"))
    try:
        ours = [numstat(file) for file in parse_diff(patch.diff)]
    except InputError as error:
        if row["numstat_rc"] == 0:
            found.append(("files", f"{error}"))
    else:
        if row["numstat_rc"] != 0:
            found.append(("files", f"git: {row['numstat_err'].strip()}"))
        elif ours != (row["numstat"] or []):
            found.append(("files", f"git {row['numstat']!r:.200} ours {ours!r:.200}"))
    return found


def numstat(file: FileDiff) -> str:
    """A file as ``git apply --numstat`` has it."""
    if file.binary:
        return f"-\t-\t{file.path}"
    kinds = Counter(line.kind for hunk in file.hunks for line in hunk.lines)
    return f"{kinds['+']}\t{kinds['-']}\t{file.path}"


if __name__ == "__main__":
    sys.exit(main())
