# SPDX-License-Identifier: GPL-2.0-or-later
"""What a remark in a thread is, and what the tree and the series say about it."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from reviewer.followup.comments import Anchor
from reviewer.models import Address, Evidence, Patch, Reply


class Decision(StrEnum):
    """What was decided; the value is how it is shown and stands in JSON."""

    OLD = "old code"  # what it is about stands there before the series, and stays
    MENDED = "mended later in the series"
    GONE = "gone in a later version"
    AGAIN = "changed again later in the series"
    NO_SUCH = "not in this tree"  # a symbol, option, file or line that is named
    THERE = "it is there"  # something that is said to be missing
    NOT_IN_PATCH = "quotes code that is not in the patch"
    RETURNS = "what the function returns"
    CALLEE = "what the callee does"
    INSIDE = "it is done there"  # in the function that the remark is about
    LOCKED = "the caller holds the lock"
    SELECTED = "a select sets it"
    OTHERS = "others in this tree do the same"
    SETTING = "a setting decides it"  # of the build, or of the file
    TOLD = "the patch says so"  # what is asked to be unintended
    SAME = "the same, proved"


class Remark(Struct, frozen=True):
    """One remark of a robot or a person below a patch of a series."""

    reply: Reply  # the mail that it stands in
    number: int  # of the remark in that mail, from 1
    text: str
    patch: Patch | None  # the one that the mail answers; None for the cover letter
    quoted: tuple[str, ...] = ()  # the quoted lines right above it, without "> "
    anchor: Anchor | None = None  # their place in the diff or the message
    severity: str = ""  # as a robot states it

    @property
    def author(self) -> Address:
        """Who made it."""
        return self.reply.headers.sender

    @property
    def message_id(self) -> str | None:
        """The mail that it stands in."""
        return self.reply.headers.message_id

    @property
    def first_line(self) -> str:
        """The line by which a reader finds it again."""
        return next((one for one in self.text.split("\n") if one.strip()), "").strip()


class Mark(Struct, frozen=True):
    """One thing about a remark that is decided, and by what.

    It says what is so in the code, never that the person is right or wrong.
    """

    kind: Decision
    statement: str  # the words of the remark that it is about
    fact: str  # one plain sentence
    evidence: tuple[Evidence, ...] = ()  # where that stands: file, line, text
    refutes: bool = False  # the fact says the opposite of what the remark states


class Checked(Struct, frozen=True):
    """A remark and its marks; none where nothing could be decided."""

    remark: Remark
    marks: tuple[Mark, ...] = ()
