# SPDX-License-Identifier: GPL-2.0-or-later
"""The review agent's side of b4: comments of an external reviewer in its interface.

b4 reads ``.git/b4-review/<sha of the review branch's tip>/`` whenever a review
session is entered: ``identity.txt``, ``series.txt`` (a private note), and for each
patch ``NNNN.txt`` with its whole diff quoted and the comments below the lines they
are about.  It files them in the tracking commit under that identity and removes the
folder (b4 0.16, ``b4/review/_review.py``: ``_integrate_agent_reviews``).  There the
maintainer adopts, edits or drops them.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from reviewer import git, repository
from reviewer.b4 import branches
from reviewer.b4.branches import ReviewBranch
from reviewer.errors import OutputError, UsageError
from reviewer.factcheck import Checked
from reviewer.files import exchange
from reviewer.mail import people
from reviewer.models import Judged, PatchState, Report, Severity
from reviewer.output import escaping, summary_line
from reviewer.output.b4check import count_by_severity
from reviewer.output.draft import quote
from reviewer.output.draft.draft import comments_on
from reviewer.output.text import dismissed_by, where
from reviewer.patterns import regex

PART = ".kpf-review-"  # unfinished folders
ABANDONED = 60  # seconds after which an unfinished folder of ours is rubbish
# What b4's reader does not keep at the start of a line: quotes are taken for the
# diff, the others are dropped when the maintainer edits the reply.
NOT_KEPT = (">", "#", "|")
GAP = "[ ... ]"  # dropped wherever it is a line of its own
SASHIKO = regex(r"(?:^|[@.])sashiko\.dev$", re.I)


class Identity(Struct, frozen=True):
    """Under whose name b4 files the comments."""

    name: str
    email: str

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"


def identity(text: str, mine: Sequence[str]) -> Identity:
    """Returns the identity in ``Name <address>``.

    Args:
        text: as configured.
        mine: the addresses of the person who reviews.  Comments under one of these
            would become the person's own, and be sent.

    Raises UsageError if it has no name or no address, or is somebody else's.
    """
    from email.utils import parseaddr

    name, email = parseaddr(text)
    if not name or escaping.one_line(name) != name or "@" not in email:
        raise UsageError(f"{text!r} is no identity: 'Name <address>' is needed")
    if email.lower() in {address.lower() for address in mine}:
        raise UsageError(
            f"{email} is your own address: b4 would send the comments as yours; "
            "choose another with kpf.reviewer"
        )
    if SASHIKO.search(email):
        raise UsageError(f"{email} belongs to another tool; choose another")
    return Identity(name, email)


def git_folder(top: Path) -> Path:
    """Returns the folder that b4 looks into.

    Raises UsageError in a linked worktree, which b4 0.16 does not support: it looks
    for a folder where ``.git`` is a file.
    """
    folder = top / ".git"
    if folder.is_dir():
        return folder
    raise UsageError(
        f"{top} is a linked worktree (or no repository): b4 finds the comments only in "
        "the main one, whose .git is a folder; run it there"
    )


# --- what is written ----------------------------------------------------------------


def files(
    report: Report,
    branch: ReviewBranch,
    who: Identity,
    *,
    info: bool = False,
    checked: Sequence[Checked] = (),
    functions: str = "",
) -> Mapping[str, str]:
    """Returns file names and their text for a worded
    report; empty if nothing is to say.

    Patches, and the series, that carry a review by ``who`` already are left out: b4
    would append to it.  ``checked`` are remarks in the thread; what the tree says to
    one stands below the lines that it is about.  ``functions`` says what the changed
    functions do, for the note on the series.
    """
    texts: dict[str, str] = {}
    placed: set[int] = set()
    for state in report.patches:
        if who.email.lower() in branch.reviewers(state.patch.index):
            continue
        about = [one for one in checked if _is_about(one, state)]
        text, shown = _patch_file(report, state, info, about)
        placed |= shown
        if text:
            texts[f"{state.patch.index:04d}.txt"] = text
    if who.email.lower() not in branch.reviewers(0):
        note = _series_note(report, bool(texts), placed, info, functions)
        if note:
            texts["series.txt"] = note
    if texts:
        texts["identity.txt"] = f"{who}\n"
    return texts


def _patch_file(
    report: Report, state: PatchState, info: bool, checked: Sequence[Checked]
) -> tuple[str, frozenset[int]]:
    """The quoted diff with comments below its lines, and a note above it."""
    rows = quote.rows(state.patch.diff, [change.diff for change in state.changes])
    below: dict[int, list[str]] = {}
    notes: list[str] = []
    shown: set[int] = set()
    for place, text, finding in comments_on(report, state, info):
        shown.add(id(finding))
        row = rows[place.row] if place.row is not None else None
        in_diff = row is not None and row.line is not None and row.line.kind in " +-"
        if row is not None and row.at is not None and in_diff and place.exact:
            below.setdefault(row.at, []).append(text)
        else:
            notes.append(f"{where(finding)}: {text}")
    for one in checked:
        at = _commented_line(one, state)
        if at is not None:
            below.setdefault(at, []).append(_what_the_tree_says(one))
        else:
            notes.append(_what_the_tree_says(one))
    if not below and not notes:
        return "", frozenset()
    # b4 takes the text above the first "> diff --git" that begins after a newline for
    # the note: without an empty line in front that is the second file's.
    lines = ["", *_note(notes), *_quoted(state.patch.diff, below)]
    return "\n".join(lines) + "\n", frozenset(shown)


def _is_about(one: Checked, state: PatchState) -> bool:
    """Whether something is decided of a remark below this patch."""
    patch = one.remark.patch
    return bool(one.marks) and patch is not None and patch.index == state.patch.index


def _commented_line(one: Checked, state: PatchState) -> int | None:
    """The line of the patch's diff that a remark stands under; None for none of it.

    b4 has applied the mail: a line has to be the same one in the commit.
    """
    anchor = one.remark.anchor
    for change in state.changes if anchor is not None and anchor.file else ():
        assert anchor is not None
        if change.path == anchor.file and anchor.hunk < len(change.diff.hunks):
            lines = change.diff.hunks[anchor.hunk].lines
            line = lines[anchor.last] if anchor.last < len(lines) else None
            if line is not None and line.kind + line.text == anchor.lines[-1]:
                return line.at
    return None


def _what_the_tree_says(one: Checked) -> str:
    """A remark in a line, and the marks on it."""
    from textwrap import fill

    who, said = people.name_in_a_sentence(one.remark.author), one.remark.first_line
    parts = [f'To the remark of {who}, "{said}":']
    for mark in one.marks:
        places = dict.fromkeys(f"{e.file}:{e.line}" for e in mark.evidence[:3])
        left = [place for place in places if place not in mark.fact]
        where = f" ({', '.join(left)})" if left else ""
        parts.append(f"{mark.kind.value}: {mark.fact}{where}")
    return "\n\n".join(
        fill(part, 72, break_long_words=False, break_on_hyphens=False) for part in parts
    )


def _note(notes: Sequence[str]) -> list[str]:
    """What has no line in the diff; b4 shows it apart, its first line as a summary."""
    if not notes:
        return []
    lines = ["Outside of the lines of the diff:", ""]
    for text in notes:
        lines += [*_kept_lines(text), ""]
    return lines


def _quoted(diff: str, below: Mapping[int, Sequence[str]]) -> list[str]:
    lines: list[str] = []
    for number, text in enumerate(diff.rstrip("\n").split("\n")):
        lines.append(_one_line(quote.quote_line(text)))
        for comment in below.get(number, ()):
            lines += ["", *_kept_lines(comment)]
        if number in below:
            lines.append("")
    return lines


def _kept_lines(text: str) -> list[str]:
    """The lines of a comment such that b4 keeps every one of them."""
    lines: list[str] = []
    for line in escaping.spelt_out(text).strip("\n").split("\n"):
        line = _one_line(line)
        if line.strip() == GAP:
            line = line.replace(GAP, "[...]")
        special = line.startswith(NOT_KEPT)
        if special and not lines:  # b4 strips the white space around a comment
            lines.append("In this place:")
        lines.append(f" {line}" if special else line)
    return lines


def _one_line(text: str) -> str:
    """Without what Python takes for the end of a line, as b4's reader does."""
    return " ".join(text.splitlines())


def _series_note(
    report: Report, has_comments: bool, placed: set[int], info: bool, functions: str
) -> str:
    """For the cover letter: what has no patch, and what was not checked."""
    left = [
        finding
        for finding in report.findings
        if finding.patch is None
        and id(finding) not in placed
        and (info or finding.severity is not Severity.INFO)
    ]
    told = left or report.not_checked or report.dismissed or functions
    if not (has_comments or told):
        return ""
    lines = [_headline(report.findings), "", summary_line(report)]
    for finding in left:
        lines += ["", *_kept_lines(f"{where(finding)}: {_words(finding)}")]
    if functions:
        lines += ["", *_kept_lines(functions)]
    lines += _to_dismiss(report, info)
    if report.not_checked:
        lines += ["", "Not checked:"]
        lines += [
            f"  {escaping.terminal_line(item.what)}: {escaping.terminal_line(item.why)}"
            for item in report.not_checked
        ]
    return "\n".join(_one_line(line) for line in lines) + "\n"


def _to_dismiss(report: Report, info: bool) -> list[str]:
    """What lets a remark not be made again; the note is b4's, and is never sent."""
    told = [f for f in report.findings if info or f.severity is not Severity.INFO]
    lines = [f"  {one.fingerprint}  {where(one)}: {one.rule}" for one in told]
    if lines:
        lines = ["", "kpf-review dismiss FINGERPRINT --why TEXT takes:", *lines]
    if report.dismissed:
        lines += ["", "Dismissed:"]
    for one in report.dismissed:
        place = f"{where(one)}: {escaping.terminal_line(one.message)}"
        lines.append(f"  {place} (by {dismissed_by(one)})")
    return lines


def _headline(findings: Sequence[Judged]) -> str:
    new = [finding for finding in findings if not finding.preexisting]
    return f"kpf-review: {count_by_severity(new) or 'nothing to say'}"


def _words(finding: Judged) -> str:
    return finding.comment or finding.message


# --- where and when ------------------------------------------------------------------


def publish(
    top: Path, branch: ReviewBranch, texts: Mapping[str, str], who: Identity
) -> Path:
    """Make the folder appear, whole, under the tip that the branch has now.

    Anything that b4 saves moves the tip; as long as the patches are those that were
    judged, the comments belong under the new one.

    Raises OutputError if the patches changed meanwhile, or another agent's comments
    wait there.
    """
    home = _home(top)
    try:
        home.mkdir(exist_ok=True)
        with exchange.one_run_at_a_time(home):
            return _under_the_tip(texts, home, top, branch, who)
    except OSError as error:
        raise OutputError(f"cannot write {home}: {error.strerror}") from error


def _home(top: Path) -> Path:
    """The folder of all comments.  Raises OutputError where a link leads elsewhere."""
    home = git_folder(top) / "b4-review"
    if home.is_symlink():
        raise OutputError(f"{home} is a symbolic link: nothing is written there")
    return home


def _under_the_tip(
    texts: Mapping[str, str], home: Path, top: Path, branch: ReviewBranch, who: Identity
) -> Path:
    for _ in range(5):
        now = branches.read(top, branch.name)
        if (now.first, now.last) != (branch.first, branch.last):
            raise OutputError(
                f"{branch.name} got other patches while they were read: run it again"
            )
        place = home / now.tip
        if place.exists() and not _is_ours(place, who):
            raise OutputError(
                f"{place}: comments of another agent wait there; open the review in b4 "
                "once, then run it again"
            )
        with exchange.signals_held():
            _put(texts, place)
        if branches.read(top, branch.name).tip == now.tip:
            return place
        shutil.rmtree(place, ignore_errors=True)
    raise OutputError(f"{branch.name} does not stand still: close b4's session first")


def _put(texts: Mapping[str, str], place: Path) -> None:
    """Write the folder, and let it take the place of an older one of ours."""
    with tempfile.TemporaryDirectory(prefix=PART, dir=place.parent) as part:
        made = Path(part) / "review"
        made.mkdir()
        for name, text in texts.items():
            (made / name).write_bytes(text.encode("utf-8", "replace"))
        if place.exists():
            os.rename(place, Path(part) / "old")
        os.rename(made, place)


def remove_stale(top: Path, who: Identity) -> int:
    """Remove our folders that belong to no tip any more; returns how many.

    b4 looks only under the present tip and never cleans up.
    """
    home = _home(top)
    tips = {git.commit_of(f"refs/heads/{one}", top) for one in branches.names(top)}
    removed = 0
    for entry in home.iterdir() if home.is_dir() else ():
        if entry.is_symlink() or not entry.is_dir():
            continue
        if entry.name.startswith(PART):
            stale = time.time() - entry.stat().st_mtime > ABANDONED
        else:
            stale = entry.name not in tips and _is_ours(entry, who)
        if stale:
            shutil.rmtree(entry, ignore_errors=True)
            removed += 1
    return removed


def _is_ours(folder: Path, who: Identity) -> bool:
    text = repository.read_small(folder / "identity.txt") or b""
    return text.decode("utf-8", "replace").strip() == str(who)
