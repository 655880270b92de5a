"""Raw mails -> the series to review."""

from __future__ import annotations

import re

from reviewer import limits
from reviewer.errors import InputError, LimitExceeded, NotAPatch
from reviewer.limits import Limits
from reviewer.mail.local import Located, longest_line
from reviewer.mail.message import Message
from reviewer.mail.parse import Read, read_counter_patch, read_patch
from reviewer.mail.threads import Mailbox, Posting
from reviewer.mail.trailers import reply_trailers
from reviewer.models import Cover, Patch, Reply, Series

BASE_COMMIT = re.compile(r"^base-commit:[ \t]*([0-9a-f]{7,64})[ \t]*$", re.MULTILINE)
CHANGE_ID = re.compile(r"^change-id:[ \t]*([\w.-]{1,200})[ \t]*$", re.I | re.MULTILINE)
COMBINED = re.compile(r"^diff --(?:cc|combined) ", re.MULTILINE)
NO_HEADER = b"Content-Type: text/plain; charset=utf-8\n\n"


def assemble(
    raw: list[bytes],
    *,
    wanted: str | None = None,
    bounds: Limits = limits.DEFAULT,
    name: str | None = None,
) -> Series:
    """The series in raw mails.

    ``wanted``, a message-id, decides which: the posting that the mail belongs to or
    comments on, or the counter-patch that this very reply carries.  Without it, the
    first series in the mailbox in its highest revision.  ``name`` is what a message
    calls the source.

    Raises NotAPatch where there is nothing to review, LimitExceeded.
    """
    limits.check("messages", len(raw), bounds.messages, name or wanted or "mailbox")
    mails, refused = readable(raw, bounds)
    if refused and not mails:
        raise LimitExceeded(refused[0])
    box = Mailbox(mails)
    asked = box.by_id.get(wanted) if wanted else None
    if wanted and asked is None:
        raise NotAPatch(f"{wanted}: not among the mails of its thread")
    if asked and not box.is_part(asked) and asked.has_diff:
        return _counter_series(box, asked)
    posting = box.posting_of(asked) if asked else _newest(box)
    if posting is None:
        return _without_posting(box, asked, name)
    return posted_series(box, posting, asked, bounds, refused)


def readable(raw: list[bytes], bounds: Limits) -> tuple[list[Message], list[str]]:
    """The mails within the limits, and a note on each other one.

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


def _newest(box: Mailbox) -> Posting | None:
    if not box.postings:
        return None
    family = revisions_of(box, box.postings[0])
    return max(family, key=lambda posting: posting.revision)


def _without_posting(box: Mailbox, asked: Message | None, name: str | None) -> Series:
    """No series here: a counter-patch in a reply will do if none was named."""
    carrying = [mail for mail in box.mails if mail.has_diff]
    if asked is None and carrying:
        return _counter_series(box, carrying[0])
    what = name or (asked.message_id if asked else None) or "the mail"
    if any(COMBINED.search(mail.text) for mail in box.mails):
        raise NotAPatch(f"{what}: only a combined diff (of a merge) in it")
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
    patches = _read_all(mails, posting, bounds, notes)
    if not patches:
        raise NotAPatch(notes[-1] if notes else "no patch could be read")
    missing = sorted(set(range(1, posting.expected + 1)) - {p.index for p in patches})
    if missing:
        notes.append(_missing(missing, posting.expected))
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
        change_id=_first(CHANGE_ID, sources),
        notes=tuple(notes),
        revisions=tuple(sorted({other.revision for other in family})),
    )


def _alone(posting: Posting) -> Posting:
    """A mail that came without the rest of its series is reviewed as it is."""
    alone = Posting(posting.root, posting.revision, 1)
    (alone.patches[1],) = posting.patches.values()
    return alone


def revisions_of(box: Mailbox, posting: Posting) -> list[Posting]:
    """All postings of the same series: same thread or title, by the same person."""
    return [
        other
        for other in box.postings
        if other is posting
        or (
            other.revision != posting.revision
            and other.head.sender.email == posting.head.sender.email
            and (
                other.root == posting.root
                or other.head.subject.title == posting.head.subject.title
            )
        )
    ]


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
        names = ", ".join(f"v{revision}" for revision in others)
        notes.append(f"reviewing v{posting.revision}; {names} is in the thread as well")
    for double in posting.doubles:
        notes.append(f"not reviewed, its number is taken twice: {double.subject_line}")
    for other in box.postings:
        if other not in family and other.head is not posting.head:
            notes.append(f"not reviewed, another series: {other.head.subject_line}")
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
) -> list[Patch]:
    """The patches that can be read; why the others cannot goes into the notes."""
    limits.check("patches", len(mails), bounds.patches, "patches of the series")
    patches = []
    for number, mail in sorted(mails.items()):
        label = f"patch {number}/{posting.expected}" if len(mails) > 1 else "patch"
        try:
            read = _read_one(mail, number, bounds)
        except InputError as error:
            notes.append(f"{label} cannot be read: {error}")
            continue
        notes += [f"{label}: {note}" for note in read.notes]
        patches.append(read.patch)
    return patches


def _read_one(mail: Message, number: int, bounds: Limits) -> Read:
    limits.check("line_bytes", longest_line(mail.raw), bounds.line_bytes, "a line")
    return read_patch(mail, index=number)


def _missing(missing: list[int], expected: int) -> str:
    ranges: list[list[int]] = []
    for number in missing:
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    names = ", ".join(
        str(first) if first == last else f"{first}-{last}" for first, last in ranges
    )
    return f"the series is not complete, missing: {names} of {expected}"


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


def _first(pattern: re.Pattern[str], mails: list[Message]) -> str | None:
    for mail in mails:
        match = pattern.search(mail.text)
        if match:
            return match[1]
    return None
