# SPDX-License-Identifier: GPL-2.0-or-later
"""Freezes what is said about real code, and shows which lines of it changed.

usage: golden.py write|compare [SECTION...] [--corpus DIR]

``write`` puts one line for each verdict and remark into ``tests/golden/SECTION.tsv``;
``compare`` makes the same lines again and prints those that are gone (-) and new (+),
exit status 1 if there are any.  Whoever changes verdicts on purpose writes the section
again and explains in the commit each line that changed.  ``small`` is the part that the
tests compare: it needs kernel trees, no mail.

small              a few files of fs/proc, both of the next two: what the tests compare
behaviour-FOLDER   6.1 against 6.12: file, function, verdict, class of the reason; of a
                   file at most MOST functions, of a folder at most FILES files
scan-FOLDER        the rules over a folder of 6.12: file, rule, line, severity,
                   confidence; and what was not checked
mails              60 mails of the corpus: message-id, rule, file, line, severity,
                   confidence; no text of theirs

Kernel trees are read from $KPF_TREES, mail from --corpus.  What the clock decides ("ran
out of time") is told with the class ``time``, and a line that is so on either side
counts as the same.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from reviewer import engine, mail, rulebook
from reviewer.c.source import parse
from reviewer.errors import KpfError
from reviewer.facts import Facts
from reviewer.prover.changes.judging_order import touched_functions
from reviewer.prover.judge.compare import compare_functions
from reviewer.prover.limits import ProverLimits
from reviewer.tree import open_tree
from reviewer.tree.apply import apply_series

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
MOST = 8  # functions of a file: those whose names hash lowest
FILES = 40  # files of a folder, likewise
SECONDS = 3.0  # for a function
MAILS = 60
SECTIONS = (
    "small", "behaviour-fs-proc", "behaviour-mm", "behaviour-include-linux",
    "scan-fs-proc", "scan-mm", "mails",
)  # fmt: skip
SMALL = ("fs/proc/page.c", "fs/proc/kcore.c", "fs/proc/meminfo.c", "fs/proc/stat.c")
TIME = "time"

# text in the reason -> its class; the first that is found
REASONS = (
    (r"ran out of|canceled|the solver:|larger than|ended by the clock", TIME),
    (r"is on one side only|became .*|^\S+\(\) is on one", "one side only"),
    (r"hangs on", "hangs on an answer that one side asks for"),
    (r"no witness", "no witness"),
    (r"too deeply", "too large"),
    (r"order of calls", "order of calls"),
    (r"not there, or there twice", "defined twice"),
)


def reason(why: str) -> str:
    """The class of a reason: the words of it that are no names of the code."""
    for pattern, group in REASONS:
        if re.search(pattern, why):
            return group
    why = re.sub(r"(to label) \S+", r"\1", why)
    words = (re.sub(r"[.,;:]$", "", word) for word in why.split())
    plain = [word for word in words if re.fullmatch(r"[a-z]+(?:'s)?", word)]
    return " ".join(plain)[:60] or "a name"


def main() -> int:
    """Write or compare the sections; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("write", "compare"))
    parser.add_argument("sections", nargs="*", metavar="SECTION")
    parser.add_argument("--corpus", type=Path, default=Path("corpus"))
    given = parser.parse_args()
    GOLDEN.mkdir(exist_ok=True)
    status = 0
    for section in given.sections or SECTIONS:
        file = GOLDEN / f"{section}.tsv"
        lines = sorted(lines_of(section, given.corpus))
        if given.what == "write":
            file.write_text("".join(f"{line}\n" for line in lines))
            print(f"{section}: {len(lines)} lines")
            continue
        gone, new, aside = changed(file.read_text().splitlines(), lines)
        print(f"{section}: {len(gone)} gone, {len(new)} new, {aside} by the clock")
        for mark, group in (("-", gone), ("+", new)):
            print("".join(f"{mark} {line}\n" for line in group), end="")
        status |= bool(gone or new)
    return status


def changed(old: list[str], new: list[str]) -> tuple[list[str], list[str], int]:
    """The lines that are gone and new, and how many hang on the clock."""
    gone, came = sorted(set(old) - set(new)), sorted(set(new) - set(old))
    timed = {key(line) for line in gone + came if line.endswith("\t" + TIME)}
    aside = [line for line in gone + came if key(line) in timed]
    return (
        [line for line in gone if key(line) not in timed],
        [line for line in came if key(line) not in timed],
        len(aside),
    )


def key(line: str) -> str:
    """What a line is about: its file (or mail) and function (or rule)."""
    return "\t".join(line.split("\t")[:2])


def lines_of(section: str, corpus: Path) -> Iterator[str]:
    """The lines of one section, unsorted."""
    kind, _, folder = section.partition("-")
    if kind == "small":
        yield from small_lines()
    elif kind == "behaviour":
        yield from behaviour_lines(files_of(folder.replace("-", "/")), MOST)
    elif kind == "scan":
        yield from scan_lines(folder.replace("-", "/"))
    else:
        yield from mail_lines(corpus)


def tree(version: str) -> Path:
    """The kernel of a version, below $KPF_TREES."""
    return Path(os.environ["KPF_TREES"]) / version


def by_hash(names: list[str], most: int) -> list[str]:
    """So many of the names, chosen as chance would and always the same."""

    def digest(name: str) -> bytes:
        return hashlib.sha256(name.encode()).digest()

    return sorted(sorted(names, key=digest)[:most])


def files_of(folder: str) -> list[str]:
    """A sample of the C files of a folder that both kernels have and that differ.

    Of headers those with a function in them.
    """
    old, new = open_tree(tree("6.1")).view(None), open_tree(tree("6.12")).view(None)
    found = []
    for path in sorted(new.files(folder)):
        if not path.endswith((".c", ".h")) or path.count("/") != folder.count("/") + 1:
            continue
        before, after = old.read(path), new.read(path)
        if before is None or after is None or before == after:
            continue
        if path.endswith(".c") or b"static inline" in after:
            found.append(path)
    return by_hash(found, FILES)


def behaviour_lines(
    paths: list[str], most: int, seconds: float = SECONDS, solver: float = 1.0
) -> Iterator[str]:
    """What the prover says about the functions of these files."""
    views = [open_tree(tree(version)).view(None) for version in ("6.1", "6.12")]
    for path in paths:
        facts = [Facts(view) for view in views]
        pre, post = (parse(path, view.read(path) or b"") for view in views)
        names = by_hash(list(touched_functions(pre, post, *facts)), most)
        order = tuple(n for n in touched_functions(pre, post, *facts) if n in names)
        print(f"{path}: {len(order)}", file=sys.stderr)
        for verdict in compare_functions(
            pre,
            post,
            *facts,
            order,
            limits=ProverLimits(seconds=seconds, solver=solver),
        ):
            why = reason(verdict.why) if verdict.verdict == "not decided" else ""
            yield "\t".join((path, verdict.name, str(verdict.verdict), why or "-"))


def scan_lines(folder: str) -> Iterator[str]:
    """What the rules say about a folder of 6.12, and what they could not look at."""
    kernel = open_tree(tree("6.12"))
    view = kernel.view(None)
    paths = [p for p in sorted(view.files(folder)) if p.endswith((".c", ".h"))]
    yield from report_lines(engine.scan(view, kernel.info, paths, of_a_scan()).report)


def of_a_scan() -> tuple[rulebook.LoadedRule, ...]:
    """The rules that a scan runs without being asked."""
    return tuple(rule for rule in rulebook.choose() if rule.rule.in_scan)


def report_lines(report: engine.Report) -> Iterator[str]:
    """The findings of a scan and what was not checked in it."""
    for found in report.findings:
        yield "\t".join(
            (found.file, found.rule, str(found.line), found.severity, found.confidence)
        )
    for missed in report.not_checked:
        why = TIME if "too long" in missed.why else missed.why.split(":")[0]
        yield "\t".join((missed.file or "-", "not checked", missed.what, why))


def mail_lines(corpus: Path) -> Iterator[str]:
    """What the rules say about a sample of mails against 6.12."""
    kernel = open_tree(tree("6.12"))
    for path in mails_of(corpus):
        print(path.name, file=sys.stderr)
        try:
            series = mail.open_series(str(path), offline=True)
            applied = apply_series(series, kernel, base=None)
        except KpfError as error:
            yield "\t".join((path.stem, "unreadable", type(error).__name__))
            continue
        report = engine.review(series, applied, rulebook.choose()).report
        for found in report.findings:
            yield "\t".join(
                (series.message_id or path.stem, found.rule, found.file or "-",
                 str(found.line), found.severity, found.confidence)
            )  # fmt: skip


def mails_of(corpus: Path) -> list[Path]:
    """Plain patches, fixes, reverted fixes and equivalent changes, 15 of each."""
    folders = (
        "mail-dev2/plain2",
        "mail-dev2/fixes2",
        "fixes/reintroduce",
        "equiv/mail",
    )
    found = []
    for folder in folders:
        names = [str(p) for p in (corpus / folder).iterdir() if p.is_file()]
        short = {name.removeprefix(str(corpus)): name for name in names}
        chosen = by_hash(list(short), MAILS // len(folders))
        found += [Path(short[name]) for name in chosen]
    return found


def small_lines() -> Iterator[str]:
    """The part that every run of the tests compares."""
    yield from behaviour_lines(list(SMALL), 6, seconds=20.0, solver=20.0)
    kernel = open_tree(tree("6.12"))
    outcome = engine.scan(kernel.view(None), kernel.info, SMALL, of_a_scan())
    yield from report_lines(outcome.report)


if __name__ == "__main__":
    sys.exit(main())
