# SPDX-License-Identifier: GPL-2.0-or-later
"""Reviews for programs: what ``reviewer.api`` offers as open, review and report.

``kpf-review batch`` is such a program.  Nothing here reads the user's settings, prints,
or uses the network unless it is asked to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from reviewer import limits as bounds
from reviewer.errors import InputError, KpfError, UsageError
from reviewer.limits import Limits

if TYPE_CHECKING:
    from reviewer.engine import Outcome
    from reviewer.models import Patch, Report, Series
    from reviewer.rulebook import LoadedRule
    from reviewer.tree import Tree
    from reviewer.tree.apply import Applied

NOTHING, FINDINGS, FAILED, INCOMPLETE = 0, 1, 2, 3  # as kpf-review's exit status
Mails = Sequence[bytes]


class Opened(Struct, frozen=True):
    """Kernel trees, rules and bounds, ready for many series.  ``close`` it after use,
    or use ``with``.

    ``trees`` are those that a base is looked for in, the first one first.  ``base`` is
    what every series applies to, None to find it.  ``preexisting`` keeps what was there
    before a series.  ``told`` is what a result goes through before it is put in words.
    """

    trees: tuple[Tree, ...]
    rules: tuple[LoadedRule, ...]
    base: str | None = None
    preexisting: bool = False
    limits: Limits = bounds.DEFAULT
    told: Callable[[Outcome], Outcome] | None = None
    progress: Callable[[str], None] = lambda _text: None

    def __enter__(self) -> Opened:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """End what git runs for the trees; they can be used again all the same."""
        for tree in self.trees:
            tree.close()


class Review(Struct, frozen=True):
    """What came of one series.

    ``report`` has its findings in words; it is None where not one patch can be read,
    which ``error`` says.  ``status`` is what kpf-review would exit with.
    """

    series: Series
    report: Report | None
    status: int
    error: str | None = None


def open(
    *trees: str | Path,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    preview: bool = False,
    base: str | None = None,
    preexisting: bool = False,
    limits: Limits = bounds.DEFAULT,
) -> Opened:
    """Returns kernel trees and rules that are ready for many series.

    Args:
        trees: repositories or folders with a kernel; none: without a tree, where rules
            that ask one are not checked.
        select: the rules to run, by name or as ``name*``; none: all stable ones.
        ignore: rules not to run.
        preview: whether rules that are a preview run too.
        base: the revision that every series applies to; None: it is looked for.
        preexisting: whether what was there before a series is kept.
        limits: the bounds of what is read.

    Raises TreeError for a folder without a kernel, UsageError for an unknown rule.
    """
    from reviewer import rulebook, tree

    rules = rulebook.choose(select, ignore, preview=preview)
    found: list[Tree] = []
    try:
        for place in trees:
            found.append(tree.open_tree(Path(place)))
    except KpfError:
        Opened(tuple(found), rules).close()
        raise
    return Opened(tuple(found), rules, base, preexisting, limits)


def review(
    what: str | Path | Mails,
    opened: Opened,
    *,
    offline: bool = True,
    names: Sequence[str] = ("the mails",),
) -> Iterator[Review]:
    """Yields the review of each series in mails, as it is done.

    Args:
        what: a mailbox, maildir, folder or file with a mail; a message-id or archive
            URL; or raw mails, which are looked at together.
        opened: trees and rules.
        offline: whether the network is left alone, so that of a message-id only what
            was fetched before is known.
        names: of raw mails, what to call them, or a name for each.

    Raises InputError where it holds no patch, FetchError, LimitExceeded.
    """
    from reviewer import mail

    bounds.set_limits(opened.limits)
    if isinstance(what, (str, Path)):
        found = mail.open_all([str(what)], offline=offline, limits=opened.limits)
    else:
        called = names or ("the mails",)
        found = tuple(mail.open_mails(list(what), called, limits=opened.limits))

    def each() -> Iterator[Review]:
        for series, earlier in found:
            bounds.set_limits(opened.limits)  # another review may go on meanwhile
            yield review_series(series, opened, earlier)

    return each()


def review_series(
    series: Series, opened: Opened, earlier: tuple[Series, ...] = ()
) -> Review:
    """Returns the review of a series that was read, ``earlier`` being its older
    versions."""
    from reviewer import output

    try:
        outcome, applied = judged_on(series, opened, earlier)
    except InputError as unread:  # not one patch of it can be read
        why = "; ".join((str(unread), *series.notes[:3]))
        return Review(series, None, INCOMPLETE, why)
    told = outcome if opened.told is None else opened.told(outcome)
    whole = output.worded(told.report)
    failed = failed_rules(outcome, told.report, whole)
    lacking = is_incomplete(series, applied)
    status = exit_status(whole, crashed=bool(failed), incomplete=lacking)
    error = f"internal error in {', '.join(failed)}" if failed else None
    return Review(series, whole, status, error)


def report(done: Review, format: str = "json", *, identity: str | None = None) -> str:
    """Returns a review in one of kpf-review's formats, "" where it has no report.

    Args:
        done: the review.
        format: text, mail, json, sarif, checkpatch and what else ``--format`` takes.
        identity: ``Name <address>`` of who reviews, for mail.

    Raises UsageError for another format, and for mail without an identity.
    """
    from reviewer import output

    if format not in output.FORMATS:
        raise UsageError(f"no format {format!r}: {', '.join(output.FORMATS)}")
    if done.report is None:
        return ""
    return output.render(done.report, format, identity=identity)


def as_data(done: Review) -> dict[str, Any]:
    """Returns a review as plain data: what ``batch`` writes of a series."""
    from reviewer.output import json_
    from reviewer.output.escaping import data

    return {
        "subject": data(done.series.subject),
        "status": done.status,
        "error": None if done.error is None else data(done.error),
        "report": None if done.report is None else json_.envelope(done.report),
    }


# --- the parts, for commands that present a review themselves -------------------------


def judged_on(
    series: Series,
    opened: Opened,
    earlier: tuple[Series, ...] = (),
    *,
    before: tuple[Patch, ...] = (),
) -> tuple[Outcome, Applied]:
    """Returns the findings, and the series on the tree that it was judged on.

    ``before`` are patches that the series needs, applied and not reviewed.

    Raises InputError where not one patch can be read, TreeError.
    """
    from reviewer import engine
    from reviewer.tree import apply

    applied = apply.apply_series(
        series,
        opened.trees[0] if opened.trees else None,
        base=opened.base,
        limits=opened.limits,
        others=opened.trees[1:],
        before=before,
    )
    outcome = engine.review(
        series,
        applied,
        opened.rules,
        preexisting=opened.preexisting,
        context={"earlier": earlier, "tree": applied.tree, "base": applied.info.base},
        progress=opened.progress,
    )
    return outcome, applied


def is_incomplete(series: Series, applied: Applied) -> bool:
    """Says whether a part of the series could not be looked at as it was meant."""
    if series.missing or series.left_out:
        return True
    return any(not step.applied for step in applied.patches)


def failed_rules(outcome: Outcome, judged: Report, worded: Report) -> tuple[str, ...]:
    """Returns the rules that failed, and those whose words could not be made."""
    known = set(judged.not_checked)
    wordless = [one.what for one in worded.not_checked if one not in known]
    return tuple(dict.fromkeys((*outcome.crashed, *wordless)))


def exit_status(report: Report, *, crashed: bool, incomplete: bool) -> int:
    """Returns 2 if a rule failed, 3 if not all could be looked at, 1 with findings,
    else 0."""
    if crashed:
        return FAILED
    if incomplete:
        return INCOMPLETE
    return FINDINGS if report.findings else NOTHING
