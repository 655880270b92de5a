# SPDX-License-Identifier: GPL-2.0-or-later
# ruff: noqa: E501
"""How many changed functions of real patches are lifted, equal, differ, not decided.

python tests/bench/behaviour_corpus.py mails TREE MAIL...       patches from mail
python tests/bench/behaviour_corpus.py quilt TREE PATCHES       a series of Debian, which
    the tree has already: each patch is taken back, the last one first; one that cannot
    be taken back is applied, if it can be
python tests/bench/behaviour_corpus.py stack TREE PATCHES       a series on top of the tree
python tests/bench/behaviour_corpus.py trees OLD NEW FOLDER...  file by file
python tests/bench/behaviour_corpus.py table FILE...            the table of what was written

--output FILE: a JSON line for each function; what it has already is not done again, so
that a run which was cut short goes on, and a crash or a hang shows as a file that was
begun and never ended.  --keep FOLDER: both texts of every file, by their hash.
"""

from __future__ import annotations

import argparse
import faulthandler
import hashlib
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from reviewer.c.source import parse
from reviewer.errors import KpfError
from reviewer.facts import Facts
from reviewer.mail import open_series
from reviewer.patch.diff import parse_parts
from reviewer.prover.judge.compare import compare_files
from reviewer.prover.limits import ProverLimits
from reviewer.tree import open_tree
from reviewer.tree.apply import apply_series
from reviewer.tree.view import View

HANG = 1800  # seconds for one file, after which the run ends with a traceback


@dataclass(frozen=True, slots=True)
class Pair:
    """Two states of one file, each with the tree it lies in."""

    patch: str
    path: str
    pre: bytes
    post: bytes
    pre_view: View
    post_view: View


# --- where pairs come from --------------------------------------------------------------


def of_mails(tree: Path, mails: list[str], count: Counter[str]) -> Iterator[Pair]:
    """Every file of every patch that applies."""
    kernel = open_tree(tree)
    for mail in mails:
        name = "/".join(Path(mail).parts[-2:])
        try:
            series = open_series(mail, offline=True)
            applied = apply_series(series, kernel, base=None)
        except KpfError as error:
            count[f"not a patch: {type(error).__name__}"] += 1
            continue
        for number, patch in enumerate(applied.patches, 1):
            count["applied" if patch.applied else "does not apply"] += 1
            if patch.pre_view is None or patch.post_view is None:
                continue
            for change in patch.changes:
                if change.pre is not None and change.post is not None:
                    yield Pair(f"{name}#{number}", change.path, change.pre, change.post,
                               patch.pre_view, patch.post_view)  # fmt: skip


def of_quilt(
    tree: Path, patches: Path, count: Counter[str], *, on_top: bool = False
) -> Iterator[Pair]:
    """The patches of a folder with a ``series``: taken back, or put on top."""
    view: View = open_tree(tree).view(None)
    listed = (patches / "series").read_text().splitlines()
    names = [line.split()[0] for line in listed if line.strip() and line[0] != "#"]
    for name in names if on_top else reversed(names):
        diff = (patches / name).read_bytes()
        paths = sorted({p for part in parse_parts(diff.decode("utf-8", "surrogateescape"))
                        for p in (part.diff.old_path, part.diff.new_path) if p})  # fmt: skip
        for back in (False,) if on_top else (True, False):
            edits = git_apply(view, diff, paths, back=back)
            if edits is not None:
                break
        if edits is None:
            count["does not apply"] += 1
            continue
        count["taken back" if back else "applied"] += 1
        other = view.overlay(edits)
        pre, post = (other, view) if back else (view, other)
        for path in paths:
            before, after = pre.read(path), post.read(path)
            if before is not None and after is not None and before != after:
                yield Pair(name, path, before, after, pre, post)
        if back or on_top:
            view = other


def git_apply(
    view: View, diff: bytes, paths: list[str], *, back: bool
) -> dict[str, bytes | None] | None:
    """What the files of a patch are with it (``back``: without it), None if it fails."""
    with tempfile.TemporaryDirectory() as folder:
        for path in paths:
            data = view.read(path)
            if data is not None:
                (Path(folder) / path).parent.mkdir(parents=True, exist_ok=True)
                (Path(folder) / path).write_bytes(data)
        flags = ["-R"] if back else []
        done = subprocess.run(
            ["git", "apply", "--recount", "-C1", *flags, "-"],
            cwd=folder, input=diff, capture_output=True,
            env={"GIT_CEILING_DIRECTORIES": "/", "PATH": "/usr/bin:/bin", "HOME": folder},
        )  # fmt: skip
        if done.returncode:
            return None
        return {path: file.read_bytes() if file.is_file() else None
                for path in paths for file in [Path(folder) / path]}  # fmt: skip


def of_trees(old: Path, new: Path, folders: list[str]) -> Iterator[Pair]:
    """Every .c and .h that both trees have and that differs."""
    one, two = open_tree(old).view(None), open_tree(new).view(None)
    for folder in folders:
        for path in one.files(folder):
            before, after = one.read(path), two.read(path)
            if before is not None and after is not None and before != after:
                yield Pair(f"{old.name}..{new.name}", path, before, after, one, two)


# --- running ----------------------------------------------------------------------------


class Journal:
    """The lines of a run, and which files are done."""

    def __init__(self, path: Path | None) -> None:
        self.lines: list[dict[str, Any]] = []
        self.done: set[str] = set()
        self.path = path
        if path is not None and path.exists():
            self.lines = [json.loads(line) for line in path.read_text().splitlines()]
            self.done = {line["key"] for line in self.lines}

    def add(self, **line: Any) -> None:
        self.lines.append(line)
        if self.path is not None:
            with self.path.open("a") as out:
                out.write(json.dumps(line) + "\n")


def run(
    pairs: Iterator[Pair], journal: Journal, keep: Path | None, limits: ProverLimits
) -> None:
    facts: dict[int, tuple[View, Facts]] = {}
    for pair in pairs:
        key = f"{pair.patch} {pair.path}"
        if key in journal.done or not pair.path.endswith((".c", ".h")):
            continue
        hashes = [kept(keep, data) for data in (pair.pre, pair.post)]
        journal.add(
            key=key, kind="begun", patch=pair.patch, file=pair.path, hashes=hashes
        )
        for view in (pair.pre_view, pair.post_view):
            if id(view) not in facts:
                if len(facts) > 3:
                    facts.clear()
                facts[id(view)] = view, Facts(view)
        both = [facts.get(id(view), (view, Facts(view)))[1]
                for view in (pair.pre_view, pair.post_view)]  # fmt: skip
        faulthandler.dump_traceback_later(HANG, exit=True)
        started = time.process_time()
        try:
            verdicts = compare_files(
                parse(pair.path, pair.pre), parse(pair.path, pair.post), both[0], both[1],
                limits=limits, conditions=True,
            )  # fmt: skip
        except Exception as error:  # noqa: BLE001 - a finding of this run
            journal.add(
                key=key, kind="crash", why=f"{type(error).__name__}: {error}"[:300]
            )
            continue
        finally:
            faulthandler.cancel_dump_traceback_later()
        same = same_texts(parse(pair.path, pair.pre), parse(pair.path, pair.post))
        for verdict in verdicts:
            shown = verdict.differing or verdict.outputs
            journal.add(
                key=key, kind="function", patch=pair.patch, file=pair.path, hashes=hashes,
                name=verdict.name, before=verdict.before_name, verdict=str(verdict.verdict),
                why=verdict.why[:400], seconds=verdict.seconds, unknown=list(verdict.unknown)[:20],
                outputs=[[o.output[:200], str(o.verdict), o.before, o.after, str(o.witness)[:600],
                          list(o.witness.relies_on)[:8] if o.witness else [],
                          o.witness.values if o.witness else []]
                         for o in shown[:6]],
                assumptions=list(verdict.assumptions), otherwise=verdict.otherwise,
                parts=[[list(p.when), list(p.then), p.line] for p in verdict.parts],
                same_text=bool(same.get(verdict.name)), line=verdict.line,
            )  # fmt: skip
        journal.add(
            key=key,
            kind="done",
            seconds=round(time.process_time() - started, 3),
            megabytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        )


def same_texts(pre: Any, post: Any) -> dict[str, bool]:
    """The functions whose own text does not change."""
    old = {f.name: pre.text(f.node) for f in pre.functions}
    return {f.name: old.get(f.name) == post.text(f.node) for f in post.functions}


def kept(folder: Path | None, data: bytes) -> str:
    name = hashlib.sha1(data, usedforsecurity=False).hexdigest()[:16]
    if folder is not None and not (folder / name).exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return name


# --- telling ----------------------------------------------------------------------------

_REASONS = (  # text in the reason -> what it is counted as
    (r"is on one side only|became .*|^\S+\(\) is on one", "a call or a piece of code is on one side only"),
    (r"hangs on", "it hangs on an answer that only one side asks for"),
    (r"no witness", "no witness that holds for sure"),
    (r"ran out of|canceled|the solver:", "the solver ran out of steps"),
    (r"larger than|too deeply", "too large"),
    (r"order of calls", "the order of calls and stores"),
    (r"it differs where nothing is looked into", "out of time after the first look"),
    (r"not there, or there twice", "defined twice in the file"),
)  # fmt: skip


def reason(why: str) -> str:
    """A reason, without the names in it."""
    for pattern, group in _REASONS:
        if re.search(pattern, why):
            return group
    return re.sub(r"(jump (?:back )?to )(?:label )?\w+", r"\1...", why)[:70]


def table(journals: list[Journal]) -> None:
    lines = [line for journal in journals for line in journal.lines]
    functions = [line for line in lines if line["kind"] == "function"]
    begun = [line for line in lines if line["kind"] == "begun"]
    ended = {line["key"] for line in lines if line["kind"] in ("done", "crash")}
    crashes = [line for line in lines if line["kind"] == "crash"]
    print(f"patches {len({line['patch'] for line in begun})}, files {len(begun)},"
          f" functions {len(functions)}, crashes {len(crashes)},"
          f" begun and not ended {len({line['key'] for line in begun} - ended)}")  # fmt: skip
    count = Counter(line["verdict"] for line in functions)
    for verdict, how_many in count.most_common():
        print(
            f"{how_many:6} {100 * how_many / max(len(functions), 1):5.1f}%  {verdict}"
        )
    times = sorted(line["seconds"] for line in functions) or [0.0]
    print(f"seconds per function: p50 {times[len(times) // 2]:.2f}, p95 {times[len(times) * 95 // 100]:.2f}, max {times[-1]:.2f}")  # fmt: skip
    print(f"megabytes of the largest process: {max((line.get('megabytes', 0) for line in lines), default=0)}")  # fmt: skip
    reasons = Counter(
        reason(line["why"]) for line in functions if line["verdict"] == "not decided"
    )
    for why, how_many in reasons.most_common(30):
        print(f"{how_many:6} {why}")
    for line in crashes:
        print("CRASH", line["key"], line["why"])
    for key in sorted({line["key"] for line in begun} - ended):
        print("NOT ENDED", key)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["mails", "quilt", "stack", "trees", "table"])
    parser.add_argument("arguments", nargs="+")
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    given = options.arguments
    if options.what == "table":
        table([Journal(Path(path)) for path in given])
        return
    count: Counter[str] = Counter()
    if options.what == "mails":
        pairs = of_mails(Path(given[0]), given[1:], count)
    elif options.what == "trees":
        pairs = of_trees(Path(given[0]), Path(given[1]), given[2:])
    else:
        on_top = options.what == "stack"
        pairs = of_quilt(Path(given[0]), Path(given[1]), count, on_top=on_top)
    journal = Journal(options.output)
    run(pairs, journal, options.keep, ProverLimits(seconds=options.seconds))
    if count:
        print("patches", dict(count))
    table([journal])


if __name__ == "__main__":
    main()
