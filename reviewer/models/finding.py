# SPDX-License-Identifier: GPL-2.0-or-later
"""What a rule saw (Finding), and what the engine made of it (Judged)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct, field


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


class Evidence(Struct, frozen=True):
    """A fact with the place that it was read from."""

    file: str
    line: int
    text: str


class Edit(Struct, frozen=True):
    """A replacement in the post-image that mends the finding."""

    start: int  # byte offset
    end: int
    text: bytes


class Finding(Struct, frozen=True):
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
    patch: int | None = None  # told by a rule of the series; else the engine knows it
    code: str = ""  # the line; told where it cannot be read from a file
    removed_line: bool = False  # line is of the pre-image: the remark is on a "-"


class Judged(Finding, frozen=True):
    """A finding with what the engine and the templates add to it."""

    fingerprint: str = ""
    preexisting: bool = False
    fixed_later_by: int | None = None
    fix: str | None = None  # a diff that applies
    message: str = ""  # one line, from the rule's template
    comment: str = ""  # paragraphs for a mail, from the rule's template
    added: str = ""  # a sentence of the user's own, below the comment
    dismissed_by: str = ""  # "you" or "the repository"; "" where it is not
    dismissed_why: str = ""  # and when

    @classmethod
    def of(cls, finding: Finding, **added: Any) -> Judged:
        """Returns a finding with fields added or changed; what was judged before is
        kept."""
        known = {name: getattr(finding, name) for name in finding.__struct_fields__}
        return cls(**{**known, **added})
