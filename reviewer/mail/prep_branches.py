# SPDX-License-Identifier: GPL-2.0-or-later
"""Branches of ``b4 prep``: where the series begins, its cover letter, its revision.

Read from what b4 0.16 leaves in git (``b4/ez.py``): the cover letter is the message
of an empty commit, below ``--- b4-submit-tracking ---`` stands a JSON object with the
revision and the base branch; or it is the branch's description, the JSON beside it.
b4 itself is not asked: importing it takes longer than the rest of a check.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from reviewer import git
from reviewer.errors import InputError
from reviewer.limits import DEFAULT, Limits
from reviewer.mail.commits import read_range
from reviewer.models import Cover, Headers, Series
from reviewer.patterns import regex
from reviewer.utf8 import decode

MARKER = "--- b4-submit-tracking ---"
COMMENT = regex(r"^#.*\n?", re.MULTILINE)
HIGHEST = 9999  # revision of a series
LONGEST_SERIES = 1000  # commits above the cover letter that are looked through


class Prep(Struct, frozen=True):
    """A branch that b4 prep manages."""

    revisions: str  # the commits that b4 would send, "A..B"
    cover: str  # the cover letter as it will be sent, title in the first line
    version: int


def prep_branch(repo: Path) -> Prep | None:
    """Returns what b4 knows of the branch checked out; None if it is not one of b4's.

    Raises InputError where b4's record of it cannot be read.
    """
    branch = _line(repo, "symbolic-ref", "--quiet", "--short", "HEAD")
    if not branch:
        return None
    tracking = _line(repo, "config", "--get", f"branch.{branch}.b4-tracking")
    if tracking:
        cover = _text(repo, "config", "--get", f"branch.{branch}.description")
        series = _series(tracking, f"branch.{branch}.b4-tracking")
        start = _fork_point(repo, series, "HEAD")
        return _prep(f"{start}..HEAD", cover, series) if start else None
    return _from_commit(repo)


def _from_commit(repo: Path) -> Prep | None:
    """The cover letter in an empty commit below the series, or on top of it."""
    found = _cover_commit(repo)
    if found is None:
        return None
    commit, message = found
    cover, _, rest = message.partition(MARKER)
    tracking = _series(rest, commit[:12])
    if commit != _line(repo, "rev-parse", "--verify", "HEAD"):
        return _prep(f"{commit}..HEAD", cover, tracking)
    start = _fork_point(repo, tracking, "HEAD^")
    return _prep(f"{start}..HEAD^", cover, tracking) if start else None


def _cover_commit(repo: Path) -> tuple[str, str] | None:
    """The nearest commit with b4's marker, made by the user: as b4 looks for it."""
    email = _line(repo, "config", "--get", "user.email")
    log = _text(
        repo,
        "log",
        "--first-parent",
        f"--max-count={LONGEST_SERIES}",
        "--format=%H%x00%ce%x00%B%x00",
        "HEAD",
    )
    fields = log.split("\0")
    for commit, committer, message in zip(
        fields[0::3], fields[1::3], fields[2::3], strict=False
    ):
        if MARKER in message and (not email or committer == email):
            return commit.strip(), message
    return None


def _fork_point(repo: Path, series: Mapping[str, Any], tip: str) -> str | None:
    base = series.get("base-branch")
    if not isinstance(base, str) or base.startswith("-"):
        return None
    return _line(repo, "merge-base", base, tip) or None


def _prep(revisions: str, cover: str, series: Mapping[str, Any]) -> Prep:
    text = COMMENT.sub("", cover).strip() + "\n"
    return Prep(revisions, text, series["revision"])


def _series(text: str, where: str) -> Mapping[str, Any]:
    """The part of b4's record that is about the series, with its revision.

    Raises InputError if there is none, or none that b4 could have written.
    """
    try:
        record, _ = json.JSONDecoder().raw_decode(text[max(text.find("{"), 0) :])
    except (ValueError, RecursionError):
        record = None
    found = record.get("series") if isinstance(record, dict) else None
    series: dict[str, Any] = found if isinstance(found, dict) else {"revision": None}
    revision = series.get("revision", 1)
    if type(revision) is not int or not 0 < revision <= HIGHEST:
        raise InputError(
            f"b4's record of this branch ({where}) cannot be read: name the commits, "
            "as in 'kpf-review check v6.12..HEAD'"
        )
    return {**series, "revision": revision}


def _text(repo: Path, *words: str) -> str:
    done = git.run(words, cwd=repo)
    return decode(done.stdout)


def _line(repo: Path, *words: str) -> str:
    return _text(repo, *words).strip()


def read_prep(repo: Path, prep: Prep, bounds: Limits = DEFAULT) -> Series:
    """Returns the series of a prep branch, with the cover
    letter and the number it will have.

    Raises InputError where there is no commit above the cover letter.
    """
    series = read_range(repo, prep.revisions, bounds)
    title, _, body = prep.cover.partition("\n")
    first = series.patches[0].headers
    count = len(series.patches)
    version = f" v{prep.version}" if prep.version > 1 else ""
    subject = f"[PATCH{version} 0/{count}] {title}"
    headers = Headers(None, subject, first.date, first.sender)
    return replace(
        series,
        version=prep.version,
        subject=subject,
        cover=Cover(headers, title, body.lstrip("\n")),
    )
