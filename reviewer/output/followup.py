# SPDX-License-Identifier: GPL-2.0-or-later
"""What became of the comments, as text, a draft of the changelog, or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from reviewer.followup.comments import files_of
from reviewer.followup.follow import Followed
from reviewer.followup.verdict import Fate
from reviewer.mail.people import name_in_a_sentence
from reviewer.models import Series
from reviewer.output.columns import cut, wrapped
from reviewer.output.escaping import data, terminal_line

FORMATS = ("text", "changelog", "json")
SAYS = {
    Fate.CHANGED: "changed",
    Fate.NEARBY: "same line, hunk changed",
    Fate.ELSEWHERE: "same hunk",
    Fate.DROPPED: "not in it any more",
    Fate.UNTOUCHED: "untouched",
    Fate.UNREAD: "too far down in the diff",
    Fate.UNSEEN: "its patch is not here",
}
WIDTH = 100  # columns, however wide the terminal
MOST = 2  # lines of a comment
QUOTED = 6  # lines above a comment that a page shows


def is_open(one: Followed) -> bool:
    """Says whether neither a change nor an answer shows that the comment was seen."""
    if one.verdict in (Fate.UNREAD, Fate.UNSEEN):
        return False  # nobody knows
    seen = one.verdict in (Fate.CHANGED, Fate.NEARBY, Fate.DROPPED)
    return not seen and one.answer is None


def render(
    found: Sequence[Followed], old: Series, new: Series, form: str, width: int
) -> str:
    """Returns the comments in one of ``FORMATS``."""
    if form == "json":
        return _json(found, old, new)
    if form == "changelog":
        return _changelog(found, old, new)
    return _text(found, old, new, min(width, WIDTH)) if found else ""


# --- the text ---------------------------------------------------------------------


def _text(found: Sequence[Followed], old: Series, new: Series, width: int) -> str:
    lines = [f"comments on v{old.version}, in v{new.version}"]
    author = None
    for one in found:
        if one.comment.author != author:
            author = one.comment.author
            lines += ["", terminal_line(name_in_a_sentence(author))]
        lines += _comment(one, old, width)
    open_ones = sum(map(is_open, found))
    count = "1 comment" if len(found) == 1 else f"{len(found)} comments"
    return (
        "\n".join(
            [
                *lines,
                "",
                f"{count}, {open_ones or 'none'} without a change or an answer",
            ]
        )
        + "\n"
    )


def _comment(one: Followed, old: Series, width: int) -> Iterator[str]:
    """What was said, where, and what became of it."""
    changed = one.verdict is Fate.CHANGED
    told = ["changed" if changed else verdict(one)]
    if one.answer is not None:
        told.append("answered" if one.quoted else "the mail was answered")
    told += [terminal_line(tag) for tag in one.tags]
    mark = "open: " if is_open(one) else ""
    yield f"  {place(one, old)}"
    said = terminal_line(" ".join(one.comment.text.split()))
    yield from wrapped(said, width, "    > ", most=MOST)
    yield from wrapped(mark + "; ".join(told), width, "    ", most=MOST)
    if changed and one.now:
        yield f"    now: {cut(terminal_line(one.now), width - 9)}"


def place(one: Followed, old: Series) -> str:
    """Returns where a comment stands: patch, file and line, or its message."""
    anchor = one.comment.anchor
    number = f"{anchor.patch.index}/{old.expected} " if old.expected > 1 else ""
    if not anchor.file:
        return f"{number}message:{anchor.last + 1}"
    line = _line_number(one)
    return terminal_line(f"{number}{_short(anchor.file)}:{line}")


def _line_number(one: Followed) -> int:
    anchor = one.comment.anchor
    file = next(f for f in files_of(anchor.patch) if f.path == anchor.file)
    line = file.hunks[anchor.hunk].lines[anchor.last]
    return line.new or line.old or 0


def _short(path: str) -> str:
    """A path, or its last three parts."""
    return "/".join(path.split("/")[-3:])


def verdict(one: Followed) -> str:
    """Returns in words what became of the lines of a comment."""
    text = SAYS[one.verdict]
    if one.verdict is Fate.ELSEWHERE:
        same = "same hunk" if one.comment.anchor.file else "same text"
        if one.where.startswith("patch "):
            return f"{same}, in {one.where} now"
        return f"{same}; {one.where} changed" if one.where else text
    if one.verdict is Fate.NEARBY and not one.comment.anchor.file:
        return "same text; message changed"
    if one.verdict is Fate.CHANGED and one.now:
        text = f"changed: {terminal_line(one.now)}"
    elif one.where.startswith("moved"):
        text = f"same lines, {terminal_line(one.where)}"
    elif one.where:
        text += f" ({one.where})"
    return text


# --- the changelog ----------------------------------------------------------------


def _changelog(found: Sequence[Followed], old: Series, new: Series) -> str:
    """What to say below the ``---`` line, for the author to put into better words."""
    done = [one for one in found if one.verdict is Fate.CHANGED]
    near = [one for one in found if one.verdict in (Fate.NEARBY, Fate.ELSEWHERE)]
    dropped = [one for one in found if one.verdict is Fate.DROPPED]
    same = [one for one in found if one.verdict is Fate.UNTOUCHED]
    lines = [f"Changes in v{new.version}:"]
    for one in done:
        now = f": now {terminal_line(one.now)}" if one.now else ""
        lines += [f"- {_named(one, old)}{now}", *_reminder_of(one)]
    for one in dropped:
        lines += [
            f"- {_named(one, old)}: not part of the series any more",
            *_reminder_of(one),
        ]
    if not done and not dropped:
        lines.append("- ")
    lines += _section("Check whether these were taken up by other changes:", near, old)
    lines += _section(f"Not changed since v{old.version}; say why:", same, old)
    if old.message_id:
        lines += ["", f"v{old.version}: <{terminal_line(old.message_id)}>"]
    return "\n".join(lines) + "\n"


def _section(title: str, found: Iterable[Followed], old: Series) -> list[str]:
    lines: list[str] = []
    for one in found:
        told = " [answered]" if one.answer is not None else ""
        lines += [f"- {_named(one, old)}{told}", *_reminder_of(one)]
    return ["", title, *lines] if lines else []


def _named(one: Followed, old: Series) -> str:
    who = terminal_line(name_in_a_sentence(one.comment.author))
    anchor = one.comment.anchor
    number = f"{anchor.patch.index}/{old.expected} " if old.expected > 1 else ""
    where = terminal_line(anchor.file) or "commit message"
    return f"{number}{where} ({who})"


def _reminder_of(one: Followed) -> list[str]:
    """The remark, as a reminder of what it was about."""
    return [f'    "{cut(terminal_line(one.comment.text), 66)}"']


# --- JSON -------------------------------------------------------------------------


def _json(found: Sequence[Followed], old: Series, new: Series) -> str:
    rows = [
        {
            "patch": one.comment.anchor.patch.index,
            "file": one.comment.anchor.file or None,
            "line": _line_number(one)
            if one.comment.anchor.file
            else one.comment.anchor.last + 1,
            "quoted": list(one.comment.anchor.lines),
            "author": {
                "name": one.comment.author.name,
                "email": one.comment.author.email,
            },
            "message_id": one.comment.reply.headers.message_id,
            "comment": one.comment.text,
            "verdict": one.verdict.value,
            "now": one.now or None,
            "where": one.where or None,
            "answered_by": one.answer.headers.message_id if one.answer else None,
            "answer_quotes_it": one.quoted,
            "tags": list(one.tags),
            "open": is_open(one),
        }
        for one in found
    ]
    whole = {
        "schema": 1,
        "old": {"version": old.version, "message_id": old.message_id},
        "new": {"version": new.version, "message_id": new.message_id},
        "comments": rows,
    }
    return json.dumps(data(whole), indent=1) + "\n"
