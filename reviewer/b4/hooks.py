# SPDX-License-Identifier: GPL-2.0-or-later
"""Which patch of which series a check command of b4 is asked about.

b4 pipes one mail.  A patch is judged with the series that it is part of: what 3/3
documents must not be missed in 1/3, and 2/3 applies on top of 1/3.  The series is
looked for where it is without the network: in the review branch, on the branch that
is checked out (``b4 prep``), in the threads that b4 has fetched.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from reviewer import git, mail
from reviewer.b4 import branches, stdin
from reviewer.errors import InputError, NotAPatch
from reviewer.limits import Limits
from reviewer.mail.message import Message
from reviewer.models import Patch, Series
from reviewer.utf8 import decode

MOST_PARENTS = 50  # by which a thread in b4's cache is looked for
MOST_COMMITS = 300  # of the branch that is checked out


class AskedSeries(Struct, frozen=True):
    """A series, and which of its patches b4 asks about (None: about all)."""

    series: Series
    index: int | None
    from_b4: bool = False  # commits of a review branch, not mails


def asked_about_patch(
    data: bytes, *, top: Path | None, environ: Mapping[str, str], limits: Limits
) -> AskedSeries:
    """Returns the series of the patch mail that b4 piped.

    Args:
        data: what came on stdin.
        top: the repository's top folder, None outside of one.
        environ: where b4 names its tracking record.
        limits: bounds of the input.

    Raises InputError where there is no patch to judge.
    """
    piped = stdin.read(data, limits)
    message = Message(piped.raw, limits)
    reviewed = _in_review_branch(message, top, environ, limits)
    if reviewed is not None:
        return reviewed
    alone = _alone(mail.series_from_messages([piped.raw], limits=limits), piped)
    subject = message.subject
    if subject.expected > 1 and 0 < subject.counter <= subject.expected:
        (patch,) = alone.patches
        whole = _on_this_branch(patch, message, top, limits)
        whole = whole or _in_fetched_thread(message, limits)
        if whole is not None:
            return _with_the_mail(whole, patch, subject.counter)
    return AskedSeries(alone, None)


def asked_about_series(
    data: bytes, *, top: Path | None, environ: Mapping[str, str], limits: Limits
) -> AskedSeries:
    """Returns the series that b4 asks about, by its record and never by the mail.

    b4 0.16 may pipe a reply to the cover letter: ``Re: [PATCH 0/N]`` counts as one
    for it.  Only without a record the mail's thread is looked up.

    Raises InputError where the series is not at hand.
    """
    found = _tracked(top, environ)
    if top is not None and found is not None:
        series = mail.open_range(top, found.range, limits=limits)
        return AskedSeries(series, None, from_b4=True)
    record = branches.record_file(environ.get("B4_TRACKING_FILE"))
    told = branches.message_id_in(record.get("series") if record else None)
    message_id = told if mail.is_message_id(told) else None
    piped = stdin.read(data, limits)
    message_id = message_id or Message(piped.raw, limits).message_id
    if message_id is None:
        raise NotAPatch("the mail piped in has no Message-ID")
    thread = mail.open_thread(message_id, offline=True, limits=limits)
    return AskedSeries(
        mail.series_from_messages(thread, wanted=message_id, limits=limits), None
    )


def identity(raw: bytes, limits: Limits) -> tuple[str, str]:
    """Returns what tells a piped mail from all others: its message-id and its text."""
    message = Message(raw, limits)
    return message.message_id or "", message.text.rstrip()


def identity_of(patch: Patch) -> tuple[str, str]:
    """Returns the message-id and the text of a patch that was read from a series."""
    return patch.headers.message_id or "", patch.body.rstrip()


def _alone(series: Series, piped: stdin.PipedMail) -> Series:
    """The line numbers of what was piped, not of the header made for reading it."""
    patches = (replace(p, body_line=piped.body_line) for p in series.patches)
    return replace(series, patches=tuple(patches))


# --- in a review branch -------------------------------------------------------------


def _tracked(
    top: Path | None, environ: Mapping[str, str]
) -> branches.ReviewBranch | None:
    record = branches.record_file(environ.get("B4_TRACKING_FILE"))
    series = record.get("series") if record else None
    if top is None or not isinstance(series, dict):
        return None
    return branches.of_change(top, series.get("change-id"))


def _in_review_branch(
    message: Message, top: Path | None, environ: Mapping[str, str], limits: Limits
) -> AskedSeries | None:
    """The commits of the review branch, if the mail is one of its patches."""
    branch = _tracked(top, environ)
    if top is None or branch is None or message.message_id not in branch.message_ids:
        return None
    series = mail.open_range(top, branch.range, limits=limits)
    if len(series.patches) != len(branch.message_ids):
        return None
    index = branch.message_ids.index(message.message_id) + 1
    return AskedSeries(series, index, from_b4=True)


# --- on the branch that is checked out ----------------------------------------------


def _on_this_branch(
    patch: Patch, message: Message, top: Path | None, limits: Limits
) -> Series | None:
    """The commits around the one that has the very blobs of the patch."""
    if top is None:
        return None
    from reviewer.patch.diff import parse_diff

    wanted = {
        file.new_path: file.new_blob
        for file in parse_diff(patch.diff, limits)
        if file.new_path and file.new_blob
    }
    if not wanted:
        return None
    commits = _commits(top)
    here = [n for n, (_, blobs) in enumerate(commits) if _same(wanted, blobs)]
    if not here:
        return None
    subject = message.subject
    oldest = here[0] + subject.counter - 1
    newest = here[0] - (subject.expected - subject.counter)
    if newest < 0 or oldest >= len(commits):
        return None
    revisions = f"{commits[oldest][0]}~1..{commits[newest][0]}"
    try:
        series = mail.open_range(top, revisions, limits=limits)
    except InputError:
        return None
    return series if len(series.patches) == subject.expected else None


def _commits(top: Path) -> list[tuple[str, dict[str, str]]]:
    """The newest commits that change files, with the blobs that they leave."""
    arguments = ["log", "--first-parent", "--format=commit %H", "--raw", "--no-abbrev"]
    arguments += [f"--max-count={MOST_COMMITS}", "--no-renames", "--no-color"]
    arguments += ["-z", "--no-ext-diff", "--no-textconv", "HEAD", "--"]
    commits: list[tuple[str, dict[str, str]]] = []
    records = git.stream(arguments, cwd=top, separator=b"\0", seconds=10)
    blob = ""
    for record in records:
        line = decode(record).lstrip("\n")
        for part in line.split("\n") if line.startswith("commit ") else [line]:
            if part.startswith("commit "):
                commits.append((part.removeprefix("commit "), {}))
            elif part.startswith(":"):
                blob = part.split(" ")[3]
            elif blob and commits:
                commits[-1][1][part] = blob
                blob = ""
    return [commit for commit in commits if commit[1]]


def _same(wanted: Mapping[str, str], blobs: Mapping[str, str]) -> bool:
    return all(blobs.get(path, "").startswith(blob) for path, blob in wanted.items())


# --- in a thread that b4 has at hand --------------------------------------------------


def _in_fetched_thread(message: Message, limits: Limits) -> Series | None:
    """The series in the thread that b4 has fetched, by whichever of its mails."""
    wanted = message.message_id
    if wanted is None or not mail.is_message_id(wanted):
        return None
    from reviewer.mail.fetch import cached_thread

    try:
        thread = cached_thread(wanted, message.parents[:MOST_PARENTS])
        return mail.series_from_messages(thread, wanted=wanted, limits=limits)
    except InputError:
        return None


def _with_the_mail(series: Series, patch: Patch, index: int) -> AskedSeries:
    """The series with the mail itself in its place: its lines are what is named."""
    patches = list(series.patches)
    places = [n for n, other in enumerate(patches) if other.index == index]
    if not places:
        return AskedSeries(replace(series, patches=(patch,), expected=1), None)
    commit = patches[places[0]].commit
    patches[places[0]] = replace(patch, index=index, commit=commit)
    return AskedSeries(replace(series, patches=tuple(patches)), index)
