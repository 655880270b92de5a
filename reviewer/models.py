# SPDX-License-Identifier: GPL-2.0-or-later
"""The data that flows through a review, as frozen records.

Text that came by mail is ``str`` decoded as UTF-8 with ``surrogateescape`` and is
raw: only ``output/`` makes it safe to show.  Lines are counted from 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How much it matters that the finding is true."""

    HIGH = "high"  # wrong result, lost data, build break, ABI break
    MEDIUM = "medium"  # likely wrong, or a companion change is missing
    LOW = "low"
    INFO = "info"  # worth knowing, never in a mail by default

    @property
    def rank(self) -> int:
        """0 for high, 3 for info: sorts the worst first."""
        return list(Severity).index(self)


class Confidence(StrEnum):
    """Why we believe the finding."""

    PROVED = "proved"  # follows from facts of the tree
    LIKELY = "likely"  # strong pattern plus precedent
    QUESTION = "question"  # put as a question


# --- mail ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox: display name (may be empty) and address."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Trailer:
    """One ``Name: value`` line of a commit message's last paragraph."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Headers:
    """What a reply needs to know of the mail that it answers."""

    message_id: str | None  # without the angle brackets
    subject: str  # whole, unfolded and decoded, "[PATCH v2 1/3] ..." included
    date: str  # the Date header verbatim, "" if there is none
    sender: Address  # the From header (the in-body From is Patch.author)
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Patch:
    """One patch mail (or commit): what git am would make of it."""

    index: int  # 1-based place in the series
    headers: Headers
    author: Address  # in-body From if there is one, else the sender
    title: str  # the subject as git am writes it, prefixes stripped
    message: str  # commit message body, trailers included, as git mailinfo
    trailers: tuple[Trailer, ...]
    notes: str  # text between the "---" line and the diff
    body: str  # the whole decoded text of the mail
    diff: str  # from the first diff line to the signature
    commit: str | None = None  # set where the patch is a local commit
    attestation: str | None = None  # as b4 tells it; None: not checked
    subject_prefix: str = ""  # what stood in brackets: "PATCH net v2 1/3"
    date: str = ""  # the author's date as git mailinfo: in-body Date, else the header
    body_line: int = 1  # the line of the file (or mail) on which body begins
    diff_line: int = 0  # the line of body, from 0, on which diff begins


@dataclass(frozen=True, slots=True)
class Cover:
    """The cover letter."""

    headers: Headers
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Reply:
    """A follow-up in the thread."""

    headers: Headers
    body: str
    trailers: tuple[Trailer, ...]
    has_diff: bool  # carries a diff that can be reviewed by its own message-id


@dataclass(frozen=True, slots=True)
class NotChecked:
    """Something a reader could believe was checked, and was not."""

    what: str
    why: str
    file: str | None = None
    todo: str | None = None  # what the user can do about it


@dataclass(frozen=True, slots=True)
class Series:
    """A whole patch series as it was sent."""

    message_id: str | None  # the cover's, else the first patch's
    subject: str
    version: int
    patches: tuple[Patch, ...]  # in order, those that are there
    expected: int  # how many the subjects announce
    cover: Cover | None = None
    replies: tuple[Reply, ...] = ()
    base_commit: str | None = None
    change_id: str | None = None
    notes: tuple[str, ...] = ()  # one line each, to be told to the user
    revisions: tuple[int, ...] = ()  # all revisions seen in the thread
    left_out: tuple[NotChecked, ...] = ()  # of the input, and not in ``patches``
    prerequisites: tuple[str, ...] = ()  # patch ids that must be there before it

    @property
    def missing(self) -> tuple[int, ...]:
        """Numbers of the patches that were announced and are not there."""
        have = {patch.index for patch in self.patches}
        return tuple(n for n in range(1, self.expected + 1) if n not in have)


# --- patch --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of a hunk."""

    kind: str  # " ", "+", "-"; "\\" for "No newline at end of file"
    text: str  # without the marker and the newline
    old: int | None  # its line in the pre-image
    new: int | None  # its line in the post-image
    at: int  # its line in Patch.diff, from 0


@dataclass(frozen=True, slots=True)
class Hunk:
    """A hunk, line numbers as the patch states them."""

    old_start: int
    old_length: int
    new_start: int
    new_length: int
    section: str  # what git writes after the second @@
    lines: tuple[DiffLine, ...]
    at: int  # the line of its @@ in Patch.diff, from 0


@dataclass(frozen=True, slots=True)
class FileDiff:
    """What a patch does to one file."""

    old_path: str | None  # None: the file is new
    new_path: str | None  # None: the file is deleted
    status: str  # added, deleted, modified, renamed, copied, mode
    header: tuple[str, ...]  # the lines from "diff --git" to "+++", verbatim
    hunks: tuple[Hunk, ...]
    at: int  # the first line of the header in Patch.diff, from 0
    old_blob: str | None = None  # from the index line, may be abbreviated
    new_blob: str | None = None
    old_mode: str | None = None
    new_mode: str | None = None
    binary: bool = False

    @property
    def path(self) -> str:
        """The post-image path, or the pre-image's for a deleted file."""
        path = self.new_path or self.old_path
        assert path is not None
        return path


@dataclass(frozen=True, slots=True)
class Change:
    """One file before and after one patch.

    ``pre`` and ``post`` are whole files, each patch on top of those before it;
    None where the file is not there on that side, or where ``applied`` is false.
    In ``diff`` the hunks keep the numbers that the patch states; their lines carry
    those of ``pre`` and ``post``, also where the patch applied at an offset.  A line of
    context that a nearly applied file has otherwise carries none.
    """

    patch: Patch
    diff: FileDiff
    pre: bytes | None
    post: bytes | None
    applied: bool
    why: str | None = None  # why it did not apply as it is, one line
    added: frozenset[int] = frozenset()  # lines of post that the patch adds
    removed: frozenset[int] = frozenset()  # lines of pre that it removes
    # exact; three-way or fuzz: the tree's file is another version, and the patch was
    # fitted to it; where ``applied`` is false there are only the hunks
    how: str = "exact"
    left_out: bool = False  # a binary file, a link: not applied, and none misses it

    @property
    def is_exact(self) -> bool:
        """Whether the file is what the author had before and after the patch."""
        return self.applied and self.how == "exact"

    @property
    def path(self) -> str:
        """Where the file is in the post-image (pre-image if deleted)."""
        return self.diff.path


def is_missed(change: Change) -> bool:
    """Whether a change could have been applied and was not, not even nearly."""
    return not change.applied and not change.left_out


# --- findings -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Evidence:
    """A fact with the place that it was read from."""

    file: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Edit:
    """A replacement in the post-image that mends the finding."""

    start: int  # byte offset
    end: int
    text: bytes


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule saw, as data; a template says it in words.

    ``fields`` holds plain values (str, int, bool, lists, dicts) for the templates
    and for ``--format json``.  ``anchor`` is the statement the finding stands on,
    white space normalised: it recognises the finding when the code moves.
    """

    rule: str
    severity: Severity
    confidence: Confidence
    file: str  # "": the finding is about the commit message
    line: int  # of the post-image; of Patch.message (0: the subject) if file is ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    edits: tuple[Edit, ...] = ()
    # what a proposal in words would write: tried as the edits are, and not offered
    trial: tuple[Edit, ...] = ()
    column: int = 0  # bytes, from 0, of the part the caret points at
    width: int = 0  # length of that part in bytes
    function: str | None = None
    anchor: str = ""
    proof: Mapping[str, Any] | None = None
    # follows from what the rest of the tree lacks: left out where the series was made
    # for another tree
    whole_tree: bool = False
    # set by the engine, never by a rule:
    patch: int | None = None
    code: str = ""
    message: str = ""  # one line, from the rule's template
    comment: str = ""  # paragraphs for a mail, from the rule's template
    fix: str | None = None
    preexisting: bool = False
    fixed_later_by: int | None = None
    fingerprint: str = ""
    removed_line: bool = False  # line is of the pre-image: the remark is on a "-"


@dataclass(frozen=True, slots=True)
class TreeInfo:
    """Which kernel the review was made against."""

    kind: str  # git, folder, none
    base: str | None
    how: str  # one of tree.base.Candidate's, or none
    kernel: str | None  # "6.12.117", from the top Makefile
    path: str | None = None
    why: str | None = None  # how in words: "v6.12 is the newest tag before ..."
    name: str | None = None  # which of several trees it is


@dataclass(frozen=True, slots=True)
class PatchState:
    """How a patch fared: for the report's head."""

    patch: Patch
    applied: bool  # as it is
    changes: tuple[Change, ...]

    @property
    def how(self) -> str:
        """exact; three-way or fuzz where all of it was fitted in; else hunks."""
        if self.applied:
            return "exact"
        fitted = {change.how for change in self.changes if change.applied} - {"exact"}
        if any(is_missed(change) for change in self.changes) or not fitted:
            return "hunks"
        return "fuzz" if "fuzz" in fitted else "three-way"


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a review, all that an output needs."""

    series: Series | None  # None for scan
    tree: TreeInfo
    patches: tuple[PatchState, ...]
    findings: tuple[Finding, ...]
    not_checked: tuple[NotChecked, ...] = ()
    rules: tuple[str, ...] = ()  # names of the rules that ran
    files: int = 0  # how many files were looked at
