# SPDX-License-Identifier: GPL-2.0-or-later
"""The draft reply to a patch: what the reviewer would have typed, never sent by us.

One mail a patch that has something to say.  Everything of the patch that comes back
in it is quoted text or a header value that cannot begin another header.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import Struct

from reviewer import __version__
from reviewer.errors import UsageError
from reviewer.files import new_files
from reviewer.models import Address, Judged, Patch, PatchState, Report, Severity
from reviewer.output.draft import quote
from reviewer.output.draft.reply import LONGEST_NAME, header_lines, mime_lines
from reviewer.visible_text import address, header, message_id, one_line

MBOX = "kpf-review.mbox"
MBOX_FROM = b"From mboxrd@z Thu Jan  1 00:00:00 1970\n"


class Draft(Struct, frozen=True):
    """A reply, ready for ``mutt -H`` or ``git send-email``."""

    patch: int  # its place in the series
    name: str  # of the file, made of our own data only
    data: bytes  # LF line ends

    @property
    def text(self) -> str:
        """The mail as text."""
        return self.data.decode("utf-8")


def drafts(
    report: Report, *, identity: str | None, command: str, info: bool = False
) -> tuple[Draft, ...]:
    """Returns the replies to the patches of a worded report, in order.

    What is about the whole series is said in a reply to its cover letter, to the
    first patch where it has none.

    Args:
        report: findings whose ``comment`` is filled in (``output.worded``).
        identity: the From header's value, ``Name <address>``.
        command: what reproduces a review of what has no message-id.
        info: also say what is only worth knowing.

    Raises:
        UsageError: there is something to say and no usable identity.
    """
    said = [(state, comments_on(report, state, info)) for state in report.patches]
    general = _grouped(_general(report, info), report)
    cover = _cover(report)
    if cover is not None:
        said.insert(0, (cover, general))
    elif said:
        state, comments = said[0]
        said[0] = (state, [*general, *comments])
    said = [(state, comments) for state, comments in said if comments]
    if not said:
        return ()
    sender = _sender(identity)
    signature = _signature(report, command)
    return tuple(_draft(state, comments, sender, signature) for state, comments in said)


def left_out(report: Report, *, info: bool = False) -> tuple[Judged, ...]:
    """Returns findings that have no place in any reply, to be told to the user."""
    placed = _ids_placed(report, info)
    placed |= {id(finding) for _, finding in _general(report, info)}
    return tuple(
        finding
        for finding in report.findings
        if id(finding) not in placed and (info or finding.severity != Severity.INFO)
    )


# --- what is said, and where --------------------------------------------------------


def comments_on(
    report: Report, state: PatchState, info: bool
) -> list[tuple[quote.Spot, str, Judged]]:
    """Returns the findings of a draft, each told once at its first place, which names
    the others."""
    return _grouped(_placed(report, state, info), report)


def _ids_placed(report: Report, info: bool) -> set[int]:
    return {
        id(finding)
        for state in report.patches
        for _, finding in _placed(report, state, info)
    }


def _general(report: Report, info: bool) -> list[tuple[quote.Spot, Judged]]:
    """What is about the series and stands in no patch of it, under the subject."""
    placed = _ids_placed(report, info)
    return [
        (quote.Spot(None, 0, exact=not finding.file), finding)
        for finding in report.findings
        if finding.patch is None
        and id(finding) not in placed
        and (info or finding.severity != Severity.INFO)
    ]


def _cover(report: Report) -> PatchState | None:
    """The cover letter as what can be answered, None where there is none."""
    cover = report.series.cover if report.series is not None else None
    if cover is None:
        return None
    patch = Patch(
        index=0,
        headers=cover.headers,
        author=cover.headers.sender,
        title=cover.title,
        message=cover.body,
        trailers=(),
        notes="",
        body=cover.body,
        diff="",
    )
    return PatchState(patch, True, ())


def _grouped(
    found: Iterable[tuple[quote.Spot, Judged]], report: Report
) -> list[tuple[quote.Spot, str, Judged]]:
    groups: dict[tuple[str, str], list[tuple[quote.Spot, Judged]]] = {}
    for where, finding in found:
        key = (finding.rule, finding.message or finding.comment)
        groups.setdefault(key, []).append((where, finding))
    comments = []
    for (where, finding), *others in groups.values():
        text = _comment(finding, where, [other for _, other in others], report)
        comments.append((where, text, finding))
    return comments


def _placed(
    report: Report, state: PatchState, info: bool
) -> list[tuple[quote.Spot, Judged]]:
    """The findings of one patch in the order of the mail, the worst first on a line."""
    rows = _rows(state)
    placed = []
    for finding in report.findings:
        if finding.severity == Severity.INFO and not info:
            continue
        if finding.patch not in (state.patch.index, None):
            continue
        where = quote.place(finding, state.patch, state.changes, rows)
        if where is None or (finding.patch is None and not finding.file):
            continue
        if where.exact or not (finding.preexisting or finding.patch is None):
            placed.append((where, finding))
    placed.sort(key=lambda p: (p[0].order, p[1].severity.rank, p[1].column))
    return placed


def _rows(state: PatchState) -> tuple[quote.DiffRow, ...]:
    return quote.rows(state.patch.diff, [change.diff for change in state.changes])


def _comment(
    finding: Judged, where: quote.Spot, others: Sequence[Judged], report: Report
) -> str:
    paragraphs = [finding.comment or finding.message]
    if not where.exact:
        place = f"{finding.function}()" if finding.function else finding.file
        paragraphs.insert(0, f"Not in the lines shown here, but in {place}:")
        if finding.code.strip():
            paragraphs.insert(1, f"  {finding.code.strip()}")
    if finding.preexisting:
        paragraphs.insert(0, "Not new with this patch:")
    if others:
        paragraphs.append(_same_elsewhere(finding, others))
    if finding.fixed_later_by is not None:
        last = len(report.patches)
        if report.series is not None:
            last = max(last, report.series.expected)
        paragraphs.append(f"{finding.fixed_later_by}/{last} changes this back.")
    return "\n\n".join(paragraphs)


def _same_elsewhere(finding: Judged, others: Sequence[Judged]) -> str:
    """Where else it is, by function: line numbers are of no use in a mail."""
    from textwrap import fill

    places: dict[str, int] = {}
    for other in others:
        name = f"{other.function}()" if other.function else other.file
        if other.function and other.file != finding.file:
            name += f" of {other.file}"
        places[name] = places.get(name, 0) + 1
    own = f"{finding.function}()" if finding.function else finding.file
    texts = []
    for name, count in places.items():
        times = "" if count == 1 else f" ({count} times)"
        texts.append(f"{'again in ' if name == own else 'in '}{name}{times}")
    return fill(f"The same {', '.join(texts)}.", 72, break_long_words=False)


# --- the mail -----------------------------------------------------------------------


def _draft(
    state: PatchState,
    comments: Sequence[tuple[quote.Spot, str, Judged]],
    sender: Address,
    signature: str,
) -> Draft:
    patch = state.patch
    body = quote.quoted(
        patch, _rows(state), ((where, text) for where, text, _ in comments)
    )
    text = f"{_attribution(patch)}\n{body}\n-- \n{signature}\n"
    encoding = "7bit" if text.isascii() else "8bit"
    head = "\n".join([*header_lines(patch, sender), *mime_lines(encoding)])
    worst = min((finding for *_, finding in comments), key=lambda f: f.severity.rank)
    slug = re.sub(r"[^a-z0-9-]+", "-", worst.rule.lower()).strip("-")
    name = f"{patch.index:04d}-{slug[:50] or 'review'}.eml"
    return Draft(patch.index, name, f"{head}\n\n{text}".encode())


def _attribution(patch: Patch) -> str:
    """As mail programs do, by the header: who sent it, and not an in-body From."""
    date = header(patch.headers.date)[:LONGEST_NAME]
    sender = patch.headers.sender
    sender = sender if sender.email else patch.author
    email = address(sender.email)
    who = " ".join(
        part
        for part in (
            header(sender.name)[:LONGEST_NAME],
            f"<{email}>" if email else "",
        )
        if part
    )
    return f"On {date}, {who} wrote:" if date else f"{who or 'The author'} wrote:"


def _signature(report: Report, command: str) -> str:
    """Tool, version, base, and a command that gives the same anywhere.

    With a message-id that is not the command that was given, which may name files
    of the reviewer.
    """
    tree = report.tree
    base = tree.base or ""
    short = base[:12] if re.fullmatch("[0-9a-f]{40,64}", base) else base
    kernel = f"on Linux {tree.kernel}" if tree.kernel else "without a kernel tree"
    ours = f"kpf-review {__version__} {kernel}"
    series = report.series
    known = message_id(series.message_id) if series else None
    if known:
        # with --base the files would be those of the base
        named = short and tree.kind == "git" and tree.how != "files"
        option = f"--base {shlex.quote(short)} " if named else ""
        command = f"kpf-review {option}{shlex.quote(known)}"
    lines = (f"{ours}, base {short}" if short else ours, command)
    return "\n".join(one_line(line) for line in lines if line)


def _sender(identity: str | None) -> Address:
    from email.utils import parseaddr

    name, email = parseaddr(identity or "")
    if address(email) is None:
        raise UsageError(
            "no identity for the draft's From: set user.name and user.email in git"
        )
    return Address(header(name), email)


# --- writing ------------------------------------------------------------------------


def mailbox(made: Sequence[Draft]) -> bytes:
    """Returns all drafts as one mboxrd mailbox."""
    mails = [re.sub(rb"(?m)^(>*From )", rb">\1", draft.data) for draft in made]
    return b"".join(MBOX_FROM + mail + b"\n" for mail in mails)


def write_drafts(
    made: Sequence[Draft], folder: Path, *, force: bool = False, mbox: bool = False
) -> tuple[Path, ...]:
    """Write one .eml a draft, or one mboxrd file; returns what was written.

    Each file appears whole or not at all, and all of them or none.  Raises OutputError
    as ``new_files.write`` does.
    """
    if not made:
        return ()
    files = {draft.name: draft.data for draft in made}
    if mbox:
        files = {MBOX: mailbox(made)}
    new_files.write(
        {folder / name: data for name, data in files.items()},
        force=force,
        folders=True,
    )
    return tuple(folder / name for name in files)
