# SPDX-License-Identifier: GPL-2.0-or-later
"""What no-functional-change says of pairs whose truth is known.

    python tests/bench/promises.py --pairs FILE --tree REPOSITORY [--kpf PROGRAM]
        [--only ID,...] [--batch N] [--log FILE]

FILE has a JSON object a line: first {"heads": {word: text}}, then one a pair, with
``id``, ``truth`` (equal or differs), ``path``, ``pre``, ``post``, ``pre_files`` and
``post_files``.  Each pair is a patch of a series whose message says "No functional
change intended", on top of a bare clone of the repository.  The exit status is 1 where
the rule calls a patch proved that differs, or one a difference that is equal.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "prover"))

from pairs.judge import RULE, fast_import, run

PROMISE = "kpf: {0}\n\nNo functional change intended.\n"
Pair = dict[str, Any]


def read(path: Path) -> list[Pair]:
    """The pairs, with the heads put in."""
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    heads = rows[0]["heads"]
    for pair in rows[1:]:
        for side in ("pre", "post"):
            for word, text in heads.items():
                pair[side] = pair[side].replace(word, text)
    return rows[1:]


def place(pair: Pair) -> str:
    """Where the file of a pair lies: files of other pairs must not be in its way."""
    if pair["pre_files"] or pair["post_files"]:
        return str(pair["path"])
    folder = pair["path"].rpartition("/")[0]
    return f"{folder}/kpf_{pair['id'].replace('-', '_')}.c"


def commit(git: Path, pairs: list[Pair]) -> str:
    """All pairs as they were in one commit, then a patch a pair; the patches' range."""
    before: dict[str, str] = {}
    for pair in pairs:
        before |= {place(pair): pair["pre"], **pair["pre_files"]}
    states = [("before", "kpf: before", before)]
    for pair in pairs:
        after = {place(pair): pair["post"], **pair["post_files"]}
        states.append(("after", PROMISE.format(pair["id"]), after))
    head = run("git", "-C", str(git), "rev-parse", "HEAD").strip()
    fast_import(git, states, head)
    return "..".join(run("git", "-C", str(git), "rev-parse", "before", "after").split())


def said(checkout: Path, span: str, program: str) -> dict[str, str]:
    """What the rule says of each pair: proved, differs, or silent."""
    options = ["--offline", "--format", "json", "--select", RULE]
    done = subprocess.run(
        [program, "check", *options, span],
        cwd=checkout,
        capture_output=True,
        timeout=3600,
    )
    if done.returncode not in (0, 1):
        raise RuntimeError(f"rc {done.returncode}: {done.stderr.decode()[-500:]}")
    data = json.loads(done.stdout)
    found: dict[int, str] = {}
    for finding in data["findings"]:
        if finding["rule"] == RULE:
            word = "proved" if finding["severity"] == "info" else "differs"
            if found.get(finding["patch"]) != "differs":
                found[finding["patch"]] = word
    return {
        patch["subject"].rpartition(" ")[2]: found.get(patch["index"], "silent")
        for patch in data["series"]["patches"]
    }


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--tree", type=Path, required=True)
    parser.add_argument("--kpf", default="kpf-review")
    parser.add_argument("--only", default="")
    parser.add_argument("--batch", type=int, default=25)
    parser.add_argument("--log", type=Path)
    options = parser.parse_args()
    pairs = read(options.pairs)
    if options.only:
        pairs = [p for p in pairs if p["id"] in options.only.split(",")]
    alone = [p for p in pairs if p["pre_files"] or p["post_files"]]
    rest = [p for p in pairs if p not in alone]
    size = options.batch
    batches = [rest[at : at + size] for at in range(0, len(rest), size)]
    counts: Counter[tuple[str, str]] = Counter()
    lines = []
    with tempfile.TemporaryDirectory() as work:
        git, checkout = Path(work) / "tree.git", Path(work) / "checkout"
        run("git", "clone", "-q", "-s", "--bare", str(options.tree), str(git))
        add = ["worktree", "add", "-q", "--no-checkout", "--detach", str(checkout)]
        run("git", "-C", str(git), *add)
        for batch in [*batches, *([pair] for pair in alone)]:
            answers = said(checkout, commit(git, batch), options.kpf)
            for pair in batch:
                answer = answers.get(pair["id"], "silent")
                counts[pair["truth"], answer] += 1
                lines.append(f"{pair['truth']:8} {answer:8} {pair['id']}")
                print(lines[-1], flush=True)
    for (truth, answer), number in sorted(counts.items()):
        print(f"{truth:8} {answer:8} {number}")
    if options.log is not None:
        options.log.write_text("\n".join(lines) + "\n")
    wrong = counts["differs", "proved"] + counts["equal", "differs"]
    print(f"{sum(counts.values())} pairs, {wrong} wrong")
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main())
