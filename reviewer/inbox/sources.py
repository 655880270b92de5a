# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the series of an evening come from, grouped by thread and by change.

Mailboxes, maildirs (as lei makes them), folders and files; a search of the archive
that b4 is configured for; the review branches of b4, with the threads that b4 keeps.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from msgspec.structs import replace

from reviewer import mail
from reviewer.b4 import branches
from reviewer.batch import jobs
from reviewer.batch.jobs import Job
from reviewer.errors import InputError, UsageError
from reviewer.limits import Limits
from reviewer.models import Patch, Series

Unread = list[tuple[str, str]]  # what is no mail, and why
_BRANCH = "branch "  # what the ref of a job begins with that is a review branch


def threads(
    refs: Sequence[str],
    *,
    found: Sequence[bytes] = (),
    repository: Path | None = None,
    bounds: Limits,
    stdin: BinaryIO | None,
) -> tuple[list[Job], Unread]:
    """Returns a job for each thread, versions of one series together, and what is no
    mail, with the reason.

    ``refs`` are as for a batch; ``found`` are mails that a search has found;
    ``repository`` is the folder whose review branches are meant.

    Raises UsageError where that is in no repository.
    """
    fetched = [("search", list(found))] if found else []
    alone: list[Job] = []
    broken: Unread = []
    if repository is not None:
        of_branches, alone, broken = _branches(repository, bounds)
        fetched += of_branches
    grouped, unread = jobs.jobs(
        refs, bounds=bounds, stdin=stdin, fetched=fetched, across_threads=True
    )
    return [*grouped, *alone], [*unread, *broken]


def _branches(
    folder: Path, bounds: Limits
) -> tuple[list[tuple[str, list[bytes]]], list[Job], Unread]:
    """The threads of review branches, the branches without one, and the broken ones."""
    top = branches.top_folder(folder)
    if top is None:
        raise UsageError(f"{folder}: no repository with review branches of b4")
    fetched: list[tuple[str, list[bytes]]] = []
    alone: list[Job] = []
    broken: Unread = []
    for name in branches.names(top):
        try:
            branch = branches.read(top, name)
            mails = branches.thread_mails(top, branch, bounds)
        except InputError as error:
            broken.append((name, str(error)))
            continue
        if mails:
            fetched.append((name, mails))
        else:
            ids = (*filter(None, branch.message_ids), branch.last)
            alone.append(Job(name, ref=f"{_BRANCH}{name}", ids=ids))
    return fetched, alone, broken


def is_branch(job: Job) -> bool:
    """Says whether a job is a review branch without its mails."""
    return job.ref is not None and job.ref.startswith(_BRANCH)


def branch_series(job: Job, folder: Path, bounds: Limits) -> Series:
    """Returns the commits of a review branch as the series that was mailed.

    Subject, version and message-ids are those of b4's record; what stood below the
    ``---`` is not there any more.  Raises InputError where the branch is gone.
    """
    top = branches.top_folder(folder)
    if top is None or job.ref is None:
        raise InputError(f"{job.key}: no review branch here")
    branch = branches.read(top, job.ref.removeprefix(_BRANCH))
    series = mail.open_range(top, branch.range, limits=bounds)
    told = branch.record["series"]
    ids = (*branch.message_ids, *[""] * len(series.patches))
    patches = tuple(
        _mailed(patch, name) for patch, name in zip(series.patches, ids, strict=False)
    )
    revision = told.get("revision")
    return replace(
        series,
        message_id=branches.message_id_in(told) or ids[0] or None,
        subject=_text(told.get("subject")) or series.subject,
        version=revision if isinstance(revision, int) and revision > 0 else 1,
        change_id=_text(told.get("change-id")) or None,
        patches=patches,
    )


def _mailed(patch: Patch, message_id: str) -> Patch:
    headers = replace(patch.headers, message_id=message_id or None)
    return replace(patch, headers=headers)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
