# SPDX-License-Identifier: GPL-2.0-or-later
"""Takes the remarks that somebody dismissed out of a report, and says that it did."""

from __future__ import annotations

import os
from pathlib import Path

from msgspec.structs import replace

from reviewer import dismissed
from reviewer.commands import Session
from reviewer.errors import TreeError, UsageError
from reviewer.models import Judged, NotChecked, Report


def without_dismissed(report: Report, session: Session) -> Report:
    """Returns a report whose dismissed findings stand apart."""
    known = dismissed_for(session)
    kept: list[Judged] = []
    gone = list(report.dismissed)
    for finding in report.findings:
        entry = known.known.get(finding.fingerprint)
        if entry is None:
            kept.append(finding)
        else:
            why = f"{entry.when}: {entry.why}"
            gone.append(replace(finding, dismissed_by=entry.by, dismissed_why=why))
    unread = [NotChecked("dismissed remarks", trouble) for trouble in known.unread]
    return replace(
        report,
        findings=tuple(kept),
        dismissed=tuple(gone),
        not_checked=tuple(dict.fromkeys((*report.not_checked, *unread))),
    )


def dismissed_for(session: Session) -> dismissed.Dismissals:
    """Returns what is dismissed for this run; read once."""
    if session.dismissals is None:
        try:
            own = dismissed.place(session.environ)
        except RuntimeError:  # no home
            return dismissed.Dismissals({})
        session.dismissals = dismissed.read(own, shared_file(session))
    return session.dismissals


def shared_file(session: Session, *, to_write: bool = False) -> Path | None:
    """Returns the file that kpf.dismissed names, None for none.

    It is relative to the top of the repository around the current folder.  To be
    written it must not lead out of there by a link or by ``..``: the links are those
    of whoever wrote the repository.  Raises UsageError.
    """
    from reviewer import repository

    named = session.settings.text("dismissed")
    if not named:
        return None
    try:
        around = repository.around(Path.cwd())
    except TreeError:
        around = None
    if around is None or around.top is None:
        if to_write:
            raise UsageError("kpf.dismissed: no git worktree here")
        return None
    top = Path(os.path.realpath(around.top))
    file = top / named
    if to_write and Path(os.path.realpath(file)) != file:
        raise UsageError(f"kpf.dismissed: {named} leads elsewhere: not written")
    return file
