# SPDX-License-Identifier: GPL-2.0-or-later
"""What a worker does with a thread of mails: one line of the results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reviewer.batch.jobs import Job
from reviewer.errors import KpfError

if TYPE_CHECKING:
    from reviewer.library import Opened
    from reviewer.limits import Limits
    from reviewer.models import Series
    from reviewer.tree import Tree

SCHEMA = 1
FAILED, INCOMPLETE = 2, 3
IsRange = Callable[[str], bool]


def reviewer(
    ready: Opened, *, offline: bool, is_range: IsRange
) -> Callable[[Job], dict[str, Any]]:
    """Returns a function that reviews one job on opened trees, whatever its mails are
    like."""

    def review(job: Job) -> dict[str, Any]:
        try:
            return _reviewed(job, ready, offline=offline, is_range=is_range)
        except KpfError as error:
            return result_line(job.key, error.exit_status, str(error))
        except (RecursionError, MemoryError) as error:
            return result_line(
                job.key, INCOMPLETE, f"too large: {type(error).__name__}"
            )
        except Exception as error:  # noqa: BLE001 - one bad mail costs itself only
            return result_line(
                job.key, FAILED, f"internal error: {type(error).__name__}"
            )

    return review


def _reviewed(
    job: Job, ready: Opened, *, offline: bool, is_range: IsRange
) -> dict[str, Any]:
    from reviewer import library

    several = series_of_job(
        job, ready.trees, ready.limits, offline=offline, is_range=is_range
    )
    found = [
        library.as_data(library.review_series(series, ready, earlier))
        for series, earlier in several
    ]
    return result_line(
        job.key, worst_status([one["status"] for one in found]), series=found
    )


def series_of_job(
    job: Job,
    trees: Sequence[Tree],
    bounds: Limits,
    *,
    offline: bool,
    is_range: IsRange,
) -> list[tuple[Series, tuple[Series, ...]]]:
    """Returns every series of a job, each with its earlier postings.

    ``is_range`` tells a range of commits from a message-id.

    Raises InputError where there is none, or none can be read.
    """
    from reviewer import mail
    from reviewer.mail.local import read_local

    if job.ref is not None and is_range(job.ref):
        repository = trees[0].path if trees else Path.cwd()
        return [(mail.open_range(repository, job.ref, limits=bounds), ())]
    if job.ref is not None:
        return [mail.open_revisions(job.ref, offline=offline, limits=bounds)]
    mails = list(job.mails)
    for file in job.files:
        mails += read_local(Path(file), bounds)
    return mail.open_mails(mails, job.files or [job.key], limits=bounds)


def result_line(
    key: str,
    status: int,
    error: str | None = None,
    series: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    """Returns one line of the results; ``error`` says why there is no series."""
    from reviewer.output.escaping import data

    return {
        "schema": SCHEMA,
        "job": data(key),
        "status": status,
        "error": data(error),
        "series": list(series),
    }


def worst_status(statuses: list[int]) -> int:
    """Returns 2 failed, 3 not all looked at, 1 findings, else 0 nothing to say."""
    return next((code for code in (2, 3, 1) if code in statuses), 0)
