# SPDX-License-Identifier: GPL-2.0-or-later
"""Raw mails -> the series to review."""

from __future__ import annotations

import re
from itertools import islice

from msgspec.structs import replace

from reviewer import limits
from reviewer.errors import InputError, LimitExceeded, NotAPatch
from reviewer.limits import Limits
from reviewer.mail.local import Located, longest_line
from reviewer.mail.message import Message
from reviewer.mail.parse import ReadPatch, read_counter_patch, read_patch
from reviewer.mail.same_series import (
    CHANGE_ID,
    named_revisions,
    newer_revisions,
    revisions_of,
    sent_again,
)
from reviewer.mail.threads import Mailbox, Posting
from reviewer.mail.trailers import reply_trailers
from reviewer.mail.unreviewed import unread_diffs, unreviewed_patches, why_no_diff
from reviewer.models import Cover, NotChecked, Patch, Reply, Series
from reviewer.patterns import regex

BASE_COMMIT = regex(r"^base-commit:[ \t]*([0-9a-f]{7,64})[ \t]*$", re.MULTILINE)
PREREQUISITE = regex(
    r"^prerequisite-patch-id:[ \t]*([0-9a-f]{40})[ \t]*$", re.MULTILINE
)
MOST_PREREQUISITES = 200
ANOTHER_SERIES = "not reviewed, another series"
NO_HEADER = b"Content-Type: text/plain; charset=utf-8\n\n"


def assemble(
    raw: list[bytes],
    *,
    wanted: str | None = None,
    bounds: Limits = limits.DEFAULT,
    name: str | None = None,
) -> Series:
    """Returns the series in raw mails.

    ``wanted``, a message-id, decides which: the posting that the mail belongs to or
    comments on, or the counter-patch that this very reply carries.  Without it, the
    first series in the mailbox in its highest revision; what else is there stands in
    ``left_out``.  ``name`` is what a message calls the source.

    Raises NotAPatch where there is nothing to review, LimitExceeded.
    """
    if wanted is None:
        first, *others = assemble_all(raw, bounds=bounds, name=name)
        missed = tuple(NotChecked(one.subject, ANOTHER_SERIES) for one in others)
        notes = (f"{ANOTHER_SERIES}: {one.subject}" for one in others)
        return replace(
            first,
            notes=(*first.notes, *_at_most(list(notes), 10)),
            left_out=first.left_out + missed,
        )
    limits.check("messages", len(raw), bounds.messages, name or wanted)
    mails, refused = readable(raw, bounds)
    if refused and not mails:
        raise LimitExceeded(refused[0])
    box = Mailbox(mails)
    asked = box.by_id.get(wanted)
    if asked is None:
        raise NotAPatch(f"{wanted}: not among the mails of its thread")
    if not box.is_part(asked) and asked.has_diff:
        return _counter_series(box, asked)
    posting = box.posting_of(asked)
    if posting is None:
        return _without_posting(box, asked, name)
    return posted_series(box, posting, asked, bounds, refused)


def assemble_all(
    raw: list[bytes],
    *,
    bounds: Limits = limits.DEFAULT,
    name: str | None = None,
    sequence: bool = True,
) -> tuple[Series, ...]:
    """Returns all series in raw mails, in their order, each in its highest revision.

    ``left_out`` of the first one names each mail with a patch that is in none.
    Without ``sequence``, git's patches without a number are a series each.

    Raises NotAPatch where there is nothing to review, LimitExceeded.
    """
    limits.check("messages", len(raw), bounds.messages, name or "mailbox")
    mails, refused = readable(raw, bounds)
    if refused and not mails:
        raise LimitExceeded(refused[0])
    box = Mailbox(mails, sequence=sequence)
    newest = [one for one in box.postings if not _is_outdated(box, one)]
    again = sent_again(newest)
    postings = [one for one in newest if id(one) not in again]
    if not postings:
        return (_without_posting(box, None, name),)
    left_out = [NotChecked(note, "over a limit") for note in refused]
    found: list[Series] = []
    error: NotAPatch | None = None
    for posting in postings:
        label = posting.head.subject_line
        try:
            notes = [] if found else refused
            found.append(posted_series(box, posting, None, bounds, notes))
        except NotAPatch as failed:
            error = error or failed
            left_out.append(NotChecked(label, str(failed)))
    if error is not None and not found:
        raise error
    looked_at = {id(one) for one in postings}
    outdated = [one for one in box.postings if id(one) not in looked_at]
    left_out += unreviewed_patches(box, postings, outdated)
    found[0] = replace(found[0], left_out=(*left_out, *found[0].left_out))
    return tuple(found)


def _is_outdated(box: Mailbox, posting: Posting) -> bool:
    """Whether a newer revision is here; one patch alone is none of a whole series."""
    return any(
        other.expected > 1 or posting.expected == 1
        for other in newer_revisions(box, posting)
    )


def readable(raw: list[bytes], bounds: Limits) -> tuple[list[Message], list[str]]:
    """Returns the mails within the limits, and a note on each other one.

    Raises LimitExceeded if there is only one and it is not.
    """
    good, notes = [], []
    for number, data in enumerate(raw, start=1):
        try:
            mail = _message(data, bounds)
            mail.has_diff  # noqa: B018 - reads the text, which has limits as well
        except LimitExceeded as error:
            if len(raw) == 1:
                raise
            notes.append(f"mail {number} of the mailbox is left out: {error}")
        else:
            good.append(mail)
    return good, _at_most(notes, 5)


def _message(raw: bytes, bounds: Limits) -> Message:
    mail = Message(raw, bounds)
    if mail.has_header():
        return mail
    first = getattr(raw, "line", 1) - NO_HEADER.count(b"\n")
    return Message(Located.at(first, NO_HEADER + raw), bounds)


def _without_posting(box: Mailbox, asked: Message | None, name: str | None) -> Series:
    """No series here: a counter-patch in a reply will do if none was named."""
    carrying = [mail for mail in box.mails if mail.has_diff]
    if asked is None and carrying:
        return _counter_series(box, carrying[0])
    what = name or (asked.message_id if asked else None) or "the mail"
    reasons = [why_no_diff(mail) for mail in box.mails]
    special = [why for why in reasons if why != "no diff in it"]
    if special:
        raise NotAPatch(f"{what}: {special[0]}")
    place = "it" if len(box.mails) == 1 else "the thread"
    raise NotAPatch(f"{what}: no patch in {place}")


def _counter_series(box: Mailbox, mail: Message) -> Series:
    read = read_counter_patch(mail) if mail.subject.reply else read_patch(mail)
    who = mail.sender.name or mail.sender.email or "somebody"
    where = "a reply" if mail.subject.reply else "a cover letter"
    notes = (f"this is the patch that {who} put into {where}", *read.notes)
    return Series(
        message_id=mail.message_id,
        subject=mail.subject_line,
        version=mail.subject.revision,
        patches=(read.patch,),
        expected=1,
        replies=tuple(_reply(below) for below in box.below(mail)),
        base_commit=_first(BASE_COMMIT, [mail]),
        change_id=None,
        notes=notes,
        revisions=(mail.subject.revision,),
    )


def posted_series(
    box: Mailbox,
    posting: Posting,
    asked: Message | None,
    bounds: Limits,
    refused: list[str],
) -> Series:
    """Makes the series of a posting; raises NotAPatch where none of it can be read."""
    if asked is None and len(box.mails) == 1:
        posting = _alone(posting)
    family = revisions_of(box, posting)
    head = posting.head
    mails, borrowed = _with_older(box, posting, family)
    notes = refused + _notes(box, posting, family, asked)
    if borrowed:
        notes.append(
            f"v{posting.revision} is a partial reroll: taken from older revisions: "
            + ", ".join(f"{number}/{posting.expected}" for number in borrowed)
        )
        posting.cover = posting.cover or _older_cover(posting, family)
    patches, left_out = _read_all(mails, posting, bounds, notes)
    if not patches:
        raise NotAPatch(notes[-1] if notes else "no patch could be read")
    missing = sorted(set(range(1, posting.expected + 1)) - {p.index for p in patches})
    if missing:
        notes.append(_missing(missing, posting.expected))
        absent = [number for number in missing if number not in mails]
        if absent:
            what = f"patch {_ranges(absent)} of {posting.expected}"
            left_out.append(NotChecked(what, "it is not among the mails"))
    sources = [posting.cover] if posting.cover else []
    sources += [mail for _, mail in sorted(mails.items())]
    return Series(
        message_id=head.message_id,
        subject=head.subject_line,
        version=posting.revision,
        patches=tuple(patches),
        expected=posting.expected,
        cover=_cover(posting.cover),
        replies=tuple(_reply(mail) for mail in box.replies(posting)),
        base_commit=_first(BASE_COMMIT, sources),
        prerequisites=_every(PREREQUISITE, sources),
        change_id=_first(CHANGE_ID, sources),
        notes=tuple(notes),
        revisions=tuple(sorted({other.revision for other in family})),
        left_out=tuple(left_out),
    )


def _alone(posting: Posting) -> Posting:
    """A mail that came without the rest of its series is reviewed as it is."""
    alone = Posting(posting.root, posting.revision, 1)
    (alone.patches[1],) = posting.patches.values()
    return alone


def _with_older(
    box: Mailbox, posting: Posting, family: list[Posting]
) -> tuple[dict[int, Message], list[int]]:
    """The patches, and the numbers of those that a partial reroll left as they were.

    It is one, as for b4, if each patch answers the patch of its number in an older
    revision.
    """
    mails = dict(posting.patches)
    if posting.complete or not all(
        _answers_its_number(box, mail) for mail in mails.values()
    ):
        return mails, []
    older = [
        other
        for other in family
        if other.revision < posting.revision and other.expected == posting.expected
    ]
    for other in sorted(older, key=lambda other: -other.revision):
        for number, mail in other.patches.items():
            mails.setdefault(number, mail)
    if len(mails) < posting.expected:
        return dict(posting.patches), []
    return mails, sorted(set(mails) - set(posting.patches))


def _older_cover(posting: Posting, family: list[Posting]) -> Message | None:
    """The cover letter of the revision before, for a partial reroll without one."""
    older = [other for other in family if other.revision < posting.revision]
    return max(older, key=lambda other: other.revision).cover


def _answers_its_number(box: Mailbox, mail: Message) -> bool:
    mine = (mail.subject.counter, mail.subject.expected)
    return any(
        (above.subject.counter, above.subject.expected) == mine
        for above in box.ancestors(mail)
    )


def _notes(
    box: Mailbox, posting: Posting, family: list[Posting], asked: Message | None
) -> list[str]:
    notes = []
    subject = posting.head.subject
    if posting.expected == 1 < subject.expected:
        notes.append(f"{subject.counter}/{subject.expected} of a series, alone")
    if asked and not box.is_part(asked):
        notes.append(f"{asked.message_id} is a comment: reviewing what it is about")
    others = sorted({other.revision for other in family} - {posting.revision})
    if others:
        names = named_revisions(others)
        notes.append(f"reviewing v{posting.revision}; {names} is in the thread as well")
    for double in posting.doubles:
        notes.append(f"not reviewed, its number is taken twice: {double.subject_line}")
    for again in posting.repeated:
        notes.append(f"sent more than once: {again.subject_line}")
    for other in box.postings if asked else ():
        if other not in family and other.head is not posting.head:
            notes.append(f"{ANOTHER_SERIES}: {other.head.subject_line}")
    for mail in box.replies(posting):
        if mail.has_diff and mail is not asked:
            who = mail.sender.name or mail.sender.email
            notes.append(f"a reply by {who} carries a patch: {mail.message_id}")
    return _at_most(notes, 10)


def _at_most(notes: list[str], count: int) -> list[str]:
    if len(notes) <= count:
        return notes
    return [*notes[:count], f"... and {len(notes) - count} more notes on this mailbox"]


def _read_all(
    mails: dict[int, Message], posting: Posting, bounds: Limits, notes: list[str]
) -> tuple[list[Patch], list[NotChecked]]:
    """The patches that can be read, and the others with the reason, also in notes."""
    limits.check("patches", len(mails), bounds.patches, "patches of the series")
    patches: list[Patch] = []
    unread: list[NotChecked] = []
    for number, mail in sorted(mails.items()):
        several = len(mails) > 1 or posting.expected > 1
        label = f"patch {number}/{posting.expected}" if several else "patch"
        try:
            read = _read_one(mail, number, bounds)
        except InputError as error:
            notes.append(f"{label} cannot be read: {error}")
            unread.append(NotChecked(label, f"it cannot be read: {error}"))
            continue
        notes += [f"{label}: {note}" for note in read.notes]
        if read.lost:
            unread.append(NotChecked(f"{label}: its message", read.lost))
        for file, why in unread_diffs(mail.text):
            unread.append(NotChecked(f"{label}: {file}", why))
        patches.append(read.patch)
    return patches, unread


def _read_one(mail: Message, number: int, bounds: Limits) -> ReadPatch:
    limits.check("line_bytes", longest_line(mail.raw), bounds.line_bytes, "a line")
    return read_patch(mail, index=number)


def _missing(missing: list[int], expected: int) -> str:
    return f"the series is not complete, missing: {_ranges(missing)} of {expected}"


def _ranges(numbers: list[int]) -> str:
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ", ".join(
        str(first) if first == last else f"{first}-{last}" for first, last in ranges
    )


def _cover(mail: Message | None) -> Cover | None:
    if mail is None:
        return None
    return Cover(headers=mail.headers, title=mail.subject.title, body=mail.text)


def _reply(mail: Message) -> Reply:
    return Reply(
        headers=mail.headers,
        body=mail.text,
        trailers=reply_trailers(mail.text, signed=not mail.has_diff),
        has_diff=mail.has_diff,
    )


def _every(pattern: re.Pattern[str], mails: list[Message]) -> tuple[str, ...]:
    """What a line says that may stand there many times, each once."""
    found = (match[1] for mail in mails for match in pattern.finditer(mail.text))
    return tuple(dict.fromkeys(islice(found, MOST_PREREQUISITES)))


def _first(pattern: re.Pattern[str], mails: list[Message]) -> str | None:
    for mail in mails:
        match = pattern.search(mail.text)
        if match:
            return match[1]
    return None
