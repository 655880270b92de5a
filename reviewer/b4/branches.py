# SPDX-License-Identifier: GPL-2.0-or-later
"""The review branches of b4: ``b4/review/<change-id>``.

On its base such a branch has a commit a patch, and at the tip an empty commit whose
message is the cover letter, a marker and b4's records as JSON (b4 0.16,
``b4/review/_review.py``: ``load_tracking``, ``_prepare_review_session``).  Only read
here: b4 has no protection against two writers of that commit.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from reviewer import git, limits, repository
from reviewer.errors import InputError, TreeError
from reviewer.limits import Limits
from reviewer.mail.local import split
from reviewer.patterns import regex
from reviewer.rulebook import LoadedRule

PREFIX = "b4/review/"
MARKER = "--- b4-review-tracking ---"
CHANGE_ID = regex(r"[\w][\w.+-]{0,200}")
COMMIT = regex(r"[0-9a-f]{40,64}")
MOST_BYTES = 32 << 20  # of a tracking record; a long thread's has some hundred KB


class ReviewBranch(Struct, frozen=True):
    """A review branch as it stood when it was read."""

    name: str  # with the prefix
    tip: str  # the tracking commit
    first: str  # the first patch
    last: str  # the last patch
    record: Mapping[str, Any]  # what b4 keeps in the tracking commit

    @property
    def range(self) -> str:
        """The commits of the patches as git takes them: ``first~1..last``."""
        return f"{self.first}~1..{self.last}"

    @property
    def message_ids(self) -> tuple[str, ...]:
        """The mail of each patch in order, "" where b4 did not note it."""
        patches = self.record.get("patches")
        entries = patches if isinstance(patches, list) else []
        return tuple(message_id_in(entry) for entry in entries)

    def reviewers(self, patch: int) -> frozenset[str]:
        """Returns addresses that have a review of this patch (from 1; 0: the
        series)."""
        patches = self.record.get("patches")
        if patch == 0:
            entry = self.record.get("series")
        elif isinstance(patches, list) and patch <= len(patches):
            entry = patches[patch - 1]
        else:
            entry = None
        reviews = entry.get("reviews") if isinstance(entry, dict) else None
        names = reviews if isinstance(reviews, dict) else {}
        return frozenset(str(name).lower() for name in names)


def rules(chosen: Iterable[LoadedRule]) -> tuple[LoadedRule, ...]:
    """Returns the rules that can judge the commits of a review branch.

    b4 adds trailers from the thread to the messages, and what was below the ``---``
    is not there any more: nothing can be said about how the mails were submitted.
    """
    return tuple(rule for rule in chosen if not rule.name.startswith("submission-"))


def message_id_in(entry: object) -> str:
    """Returns the message-id in b4's record of a series or a patch, "" for none."""
    info = entry.get("header-info") if isinstance(entry, dict) else None
    found = info.get("msgid") if isinstance(info, dict) else None
    return found if isinstance(found, str) else ""


def top_folder(folder: Path) -> Path | None:
    """Returns the top of the worktree around a folder, None outside of one."""
    try:
        found = repository.around(folder)
    except TreeError:  # not a repository for git either
        return None
    return found.top if found else None


def current(top: Path) -> str | None:
    """Returns the review branch that HEAD is on, None if it is on another or
    on none."""
    done = git.run(["symbolic-ref", "--quiet", "--short", "HEAD"], cwd=top)
    name = done.stdout.decode("utf-8", "replace").strip()
    return name if name.startswith(PREFIX) else None


def names(top: Path) -> tuple[str, ...]:
    """Returns all review branches of the repository."""
    refs = f"refs/heads/{PREFIX}"
    done = git.run(["for-each-ref", "--format=%(refname)", refs], cwd=top)
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    return tuple(line.removeprefix("refs/heads/") for line in lines)


def of_change(top: Path, change_id: object) -> ReviewBranch | None:
    """Returns the branch of a change-id, None where there is none that can be read."""
    if not isinstance(change_id, str) or not CHANGE_ID.fullmatch(change_id):
        return None
    try:
        return read(top, PREFIX + change_id)
    except InputError:
        return None


def read(top: Path, name: str) -> ReviewBranch:
    """Read a review branch.

    Raises InputError if there is no such branch or it holds no tracking commit.
    """
    tip = git.commit_of(f"refs/heads/{name}", top)
    if tip is None:
        raise InputError(f"{name}: no such branch")
    done = git.run(["log", "-1", "--format=%B", tip, "--"], cwd=top)
    record = _record(done.stdout)
    series = record.get("series") if record else None
    if record is None or not isinstance(series, dict):
        raise InputError(f"{name}: its tip is no tracking commit of b4")
    last = git.commit_of(f"{tip}~1", top)
    first = _first_patch(top, series, tip)
    if first is None or last is None:
        raise InputError(f"{name}: b4's record does not say where its patches begin")
    return ReviewBranch(name, tip, first, last, record)


def thread_mails(top: Path, branch: ReviewBranch, bounds: Limits) -> list[bytes]:
    """Returns the raw mails of the thread as b4 has kept it; none where it has not.

    b4 0.16 notes the blob of an mbox as ``thread-blob`` (``b4/review/tracking.py``).
    Raises InputError where that is no mailbox, LimitExceeded.
    """
    blob = branch.record["series"].get("thread-blob")
    if not isinstance(blob, str) or not COMMIT.fullmatch(blob):
        return []
    asked = git.run(["cat-file", "-s", blob], cwd=top)
    size = asked.stdout.strip()
    if not size.isdigit():
        return []  # b4 lets git forget old ones
    limits.check("mailbox_bytes", int(size), bounds.mailbox_bytes, branch.name)
    done = git.run(["cat-file", "blob", blob], cwd=top)
    return split(done.stdout, branch.name, bounds) if done.returncode == 0 else []


def _first_patch(top: Path, series: Mapping[str, Any], tip: str) -> str | None:
    first = series.get("first-patch-commit")
    if isinstance(first, str) and COMMIT.fullmatch(first):
        return git.commit_of(first, top)
    base = series.get("base-commit")
    if not isinstance(base, str) or not COMMIT.fullmatch(base):
        return None
    done = git.run(["rev-list", "--reverse", f"{base}..{tip}~1"], cwd=top)
    lines = done.stdout.decode("ascii", "replace").split()
    return lines[0] if lines else None


def _record(message: bytes) -> dict[str, Any] | None:
    text = message.decode("utf-8", "replace")
    _, marker, below = text.partition(MARKER)
    if not marker:
        return None
    lines = (line for line in below.splitlines() if not line.startswith("#"))
    return parsed("\n".join(lines))


def parsed(text: str) -> dict[str, Any] | None:
    """Returns b4's record, None if it is no JSON object."""
    if len(text) > MOST_BYTES:
        return None
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def record_file(path: str | None) -> dict[str, Any] | None:
    """Returns the record that b4 left in the file named by ``B4_TRACKING_FILE``."""
    if not path:
        return None
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return parsed(file.read(MOST_BYTES + 1))
    except OSError:
        return None
