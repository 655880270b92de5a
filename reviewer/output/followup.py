# SPDX-License-Identifier: GPL-2.0-or-later
"""What became of the comments, as a table, a draft of the changelog, or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from reviewer.followup.follow import Followed, Verdict
from reviewer.mail.people import shown
from reviewer.models import Series
from reviewer.output.safe import terminal_line

FORMATS = ("text", "changelog", "json")
SAYS = {
    Verdict.CHANGED: "changed",
    Verdict.NEARBY: "same line, hunk changed",
    Verdict.ELSEWHERE: "same hunk",
    Verdict.DROPPED: "not in it any more",
    Verdict.UNTOUCHED: "untouched",
    Verdict.UNSEEN: "its patch is not here",
}
HEADS = ("place", "by", "comment", "now", "answer", "tag")
LEAST = 14  # columns of the comment, however narrow the terminal
NAMES = 18  # columns of a name
QUOTED = 6  # lines above a comment that a page shows


def is_open(one: Followed) -> bool:
    """Says whether neither a change nor an answer shows that the comment was seen."""
    if one.verdict is Verdict.UNSEEN:
        return False  # nobody knows
    seen = one.verdict in (Verdict.CHANGED, Verdict.NEARBY, Verdict.DROPPED)
    return not seen and one.answer is None


def render(
    found: Sequence[Followed], old: Series, new: Series, form: str, width: int
) -> str:
    """Returns the comments in one of ``FORMATS``."""
    if form == "json":
        return _json(found, old, new)
    if form == "changelog":
        return _changelog(found, old, new)
    return _table(found, old, new, width) if found else ""


# --- the table --------------------------------------------------------------------


def _table(found: Sequence[Followed], old: Series, new: Series, width: int) -> str:
    rows = [
        (
            place(one, old),
            _cut(terminal_line(shown(one.comment.author)), NAMES),
            terminal_line(_first_line(one.comment.text)),
            verdict(one),
            _answer(one),
            ", ".join(terminal_line(tag) for tag in one.tags),
        )
        for one in found
    ]
    widths = [
        max(len(head), *(len(row[n]) for row in rows)) for n, head in enumerate(HEADS)
    ]
    widths[3] = min(widths[3], 40)
    rest = sum(widths) - widths[2] + 2 * (len(HEADS) - 1)
    widths[2] = max(LEAST, min(widths[2], width - rest))
    lines = [f"comments on v{old.version}, in v{new.version}", ""]
    for row in (HEADS, *rows):
        cells = [_cut(c, w).ljust(w) for c, w in zip(row, widths, strict=True)]
        lines.append("  ".join(cells).rstrip())
    open_ones = sum(map(is_open, found))
    tail = f"{len(found)} comments, {open_ones} without a change or an answer"
    return "\n".join([*lines, "", tail]) + "\n"


def place(one: Followed, old: Series) -> str:
    """Returns where a comment stands: patch, file and line, or its message."""
    anchor = one.comment.anchor
    number = f"{anchor.patch.index}/{old.expected} " if old.expected > 1 else ""
    if not anchor.file:
        return f"{number}message:{anchor.last + 1}"
    line = _line_number(one)
    return terminal_line(f"{number}{_short(anchor.file)}:{line}")


def _line_number(one: Followed) -> int:
    from reviewer.patch.diff import parse_diff

    anchor = one.comment.anchor
    file = next(f for f in parse_diff(anchor.patch.diff) if f.path == anchor.file)
    line = file.hunks[anchor.hunk].lines[anchor.last]
    return line.new or line.old or 0


def _short(path: str) -> str:
    """A path, or its last three parts."""
    return "/".join(path.split("/")[-3:])


def verdict(one: Followed) -> str:
    """Returns in words what became of the lines of a comment."""
    text = SAYS[one.verdict]
    if one.verdict is Verdict.ELSEWHERE:
        same = "same hunk" if one.comment.anchor.file else "same text"
        return f"{same}; {one.where} changed" if one.where else text
    if one.verdict is Verdict.NEARBY and not one.comment.anchor.file:
        return "same text; message changed"
    if one.verdict is Verdict.CHANGED and one.now:
        text = f"changed: {terminal_line(one.now)}"
    elif one.where.startswith("moved"):
        text = f"same lines, {terminal_line(one.where)}"
    elif one.where:
        text += f" ({one.where})"
    return text


def _answer(one: Followed) -> str:
    if one.answer is None:
        return "-"
    return "yes" if one.quoted else "to the mail"


def _first_line(text: str) -> str:
    return " ".join(text.split())


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 3] + "..."


# --- the changelog ----------------------------------------------------------------


def _changelog(found: Sequence[Followed], old: Series, new: Series) -> str:
    """What to say below the ``---`` line, for the author to put into better words."""
    done = [one for one in found if one.verdict is Verdict.CHANGED]
    near = [one for one in found if one.verdict in (Verdict.NEARBY, Verdict.ELSEWHERE)]
    dropped = [one for one in found if one.verdict is Verdict.DROPPED]
    same = [one for one in found if one.verdict is Verdict.UNTOUCHED]
    lines = [f"Changes in v{new.version}:"]
    for one in done:
        now = f": now {terminal_line(one.now)}" if one.now else ""
        lines += [f"- {_named(one, old)}{now}", *_said(one)]
    for one in dropped:
        lines += [f"- {_named(one, old)}: not part of the series any more", *_said(one)]
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
        lines += [f"- {_named(one, old)}{told}", *_said(one)]
    return ["", title, *lines] if lines else []


def _named(one: Followed, old: Series) -> str:
    who = terminal_line(shown(one.comment.author))
    anchor = one.comment.anchor
    number = f"{anchor.patch.index}/{old.expected} " if old.expected > 1 else ""
    where = terminal_line(anchor.file) or "commit message"
    return f"{number}{where} ({who})"


def _said(one: Followed) -> list[str]:
    """The remark, as a reminder of what it was about."""
    return [f'    "{_cut(terminal_line(_first_line(one.comment.text)), 66)}"']


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
    return json.dumps(whole, indent=1) + "\n"
