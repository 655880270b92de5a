# SPDX-License-Identifier: GPL-2.0-or-later
"""What comes of a scan: shown as it is found, kept for a later run, told at the end."""

from __future__ import annotations

import argparse
import hashlib
import os
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from reviewer.batch.files import Files, InOrder, Jobs, Results, as_data, part_of, parts
from reviewer.commands import Result, Session, options
from reviewer.engine import Outcome, joined
from reviewer.engine.existing import ScanPart
from reviewer.errors import UsageError
from reviewer.models import Judged, Report, Severity, TreeInfo
from reviewer.rulebook import LoadedRule
from reviewer.tree import Tree
from reviewer.tree.view import View
from reviewer.utf8 import encode

INTERRUPTED = 130
Names = Callable[[Files], str]
Write = Callable[[dict[str, Any]], None]


class Told:
    """The report of a scan, while it grows.

    Args:
        args: the options of the command line.
        session: where progress and findings are shown.
        info: the tree.
        rules: those that run.
        jobs: the files.

    Raises UsageError where --baseline names no report.
    """

    def __init__(
        self,
        args: argparse.Namespace,
        session: Session,
        info: TreeInfo,
        rules: Sequence[LoadedRule],
        jobs: Jobs,
    ) -> None:
        self._args, self._session = args, session
        self._info, self._rules, self._jobs = info, rules, jobs
        self._old = _baseline(args.baseline)
        self._all = sum(len(job.paths) for job in jobs.every)
        self._order = InOrder(jobs.every)
        self._parts: list[ScanPart] = []
        self._looked_at = self._in_baseline = 0
        self._shown = False

    def result(
        self, kept: str | None, name: Names, results: Callable[[Jobs], Results]
    ) -> Result:
        """Does the jobs, and returns what is left to be said.

        Ctrl-C ends it with what was found until then.  ``kept`` is the file of
        --resume, in which a job has the name that ``name`` gives it.

        Raises OutputError where that file is another one, or cannot be written.
        """
        try:
            with ExitStack() as stack:
                write = self._resumed(kept, name, stack) if kept else None
                for job, part in parts(self._jobs, results):
                    if write is not None:
                        write({"schema": 1, "job": name(job), "scan": as_data(part)})
                    self._take(job, part)
        except KeyboardInterrupt as signalled:
            if type(signalled) is not KeyboardInterrupt:  # to be gone at once
                raise
            self._add(self._order.rest())
            done = self._told()
            what = f"{self._looked_at} of {self._all} files were looked at"
            note = f"kpf-review: interrupted: {what}"
            return replace(done, status=INTERRUPTED, notes=(*done.notes, note))
        return self._told()

    def _resumed(self, kept: str, name: Names, stack: ExitStack) -> Write:
        """What writes to the file of --resume, of which all is taken that is of use."""
        from reviewer.batch.results import open_results

        before: dict[str, ScanPart] = {}

        def read(record: dict[str, Any]) -> None:
            before[record["job"]] = part_of(record["scan"])

        write = stack.enter_context(open_results(Path(kept), read)).write
        singles = [Files(j.number, (p,)) for j in self._jobs.every for p in j.paths]
        known = {
            job: before[name(job)]
            for job in (*self._jobs.every, *singles)
            if before and name(job) in before and self._is_of(job, before[name(job)])
        }
        self._jobs.drop(known)
        for job, part in known.items():
            self._take(job, part)
        return write

    def _is_of(self, job: Files, part: ScanPart) -> bool:
        """Whether a run of ours can have said that of the files: else they are looked
        at anew."""
        from reviewer import output

        rules = {rule.name for rule in self._rules}
        named = {finding.rule for finding in part.findings}.union(part.crashed)
        report = Report(None, self._info, (), part.findings)
        return (
            0 <= part.files <= len(job.paths)
            and named <= rules
            and not output.worded(report).not_checked
        )

    def _take(self, job: Files, part: ScanPart) -> None:
        self._order.add(job, part)
        self._looked_at += len(job.paths)
        self._add(self._order.ready())
        self._session.progress(f"{self._looked_at} of {self._all} files")

    def _add(self, found: list[ScanPart]) -> None:
        new = [replace(part, findings=self._not_old(part.findings)) for part in found]
        self._parts += new
        if self._streams and any(part.findings for part in new):
            self._show(joined(new, self._info, self._rules))

    @property
    def _streams(self) -> bool:
        """Whether findings are shown at once; other formats are one document."""
        return str(self._args.format) == "text"

    def _not_old(self, findings: Sequence[Judged]) -> tuple[Judged, ...]:
        """Without what --baseline has; as often as it has it."""
        new = []
        for finding in findings:
            if self._old[finding.fingerprint] > 0:
                self._old[finding.fingerprint] -= 1
                self._in_baseline += 1
            else:
                new.append(finding)
        return tuple(new)

    def _show(self, found: Outcome) -> None:
        """Show what no note says; notes come at the end."""
        from reviewer import output

        judged = options.by_settings(found, self._session).report
        text = output.render(
            output.worded(
                replace(judged, findings=_grave(judged), not_checked=(), dismissed=())
            ),
            "text",
            color=self._session.color,
            width=self._session.width,
            fingerprints=self._args.fingerprints,
        )
        if text:
            self._print(text)

    def _print(self, text: str) -> None:
        assert self._session.terminal is not None
        self._session.terminal.show("\n" * self._shown + text.rstrip("\n"))
        self._shown = True

    def _told(self) -> Result:
        """The end of the report, or all of it where nothing was shown."""
        outcome = joined(self._parts, self._info, self._rules)
        done = options.present(
            self._args, self._session, outcome, incomplete=False, left=self._left
        )
        if self._shown and done.text:
            done = replace(done, text=f"\n{done.text}")
        if self._in_baseline:
            which = f"that {self._args.baseline} has: {self._in_baseline}"
            known = f"kpf-review: findings left out {which}"
            done = replace(done, notes=(*done.notes, known))
        return done

    def _left(self, report: Report) -> Report:
        if not self._streams:
            return report
        shown = set(map(id, _grave(report)))
        left = tuple(one for one in report.findings if id(one) not in shown)
        return replace(report, findings=left)


def _grave(report: Report) -> tuple[Judged, ...]:
    return tuple(f for f in report.findings if f.severity is not Severity.INFO)


def _baseline(name: str | None) -> Counter[str]:
    """How often the report in a file has each fingerprint.

    Raises UsageError for a file without a report.
    """
    if name is None:
        return Counter()
    import json

    from reviewer.files import exchange

    data = exchange.read(Path(name))
    try:
        findings = json.loads(data or b"")["findings"]
        return Counter(str(one["fingerprint"]) for one in findings)
    except (ValueError, KeyError, TypeError, RecursionError):
        why = "no report that 'kpf-review scan --format json' wrote"
        raise UsageError(f"{name}: {why}") from None


def job_names(
    base: str | None, tree: Tree, view: View, rules: Sequence[LoadedRule]
) -> Names:
    """Returns a function that gives a job a name, which is another one as soon as its
    result may be: the name hangs on our code, the rules and the files.

    Of files on disk the time of the last change and the size count.
    """
    from reviewer import kept_reviews

    of_all = kept_reviews.key([view.label, *(rule.name for rule in rules)])

    def stamp(path: str) -> str:
        if base is not None or not tree.has_files:
            return ""
        status = os.lstat(tree.path / path)
        return f"{status.st_mtime_ns} {status.st_size}"

    def name(job: Files) -> str:
        parts = [of_all, *(f"{path}\0{stamp(path)}" for path in job.paths)]
        text = encode("\n".join(parts))
        return hashlib.sha256(text).hexdigest()

    return name
