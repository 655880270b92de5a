# SPDX-License-Identifier: GPL-2.0-or-later
"""The page of one series of an inbox: the review, and what the thread has beside it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from reviewer.factcheck import Checked, Mark
from reviewer.followup.follow import Followed
from reviewer.mail.earlier_posting import answered_patch, human_replies
from reviewer.mail.people import is_robot, name_in_a_sentence
from reviewer.models import Reply, Report, Series
from reviewer.output import followup, html, html_inbox
from reviewer.output.draft.draft import Draft
from reviewer.visible_text import message_id

MOST_MAILS = 200  # of a thread that a page shows
LONGEST = 20_000  # characters of one that it shows
FIRST = 300  # characters of what a person said
DRAFTS = "drafts"  # the folder of the drafts, beside the pages


def page(
    report: Report,
    *,
    row: Mapping[str, Any],
    told: Sequence[Followed],
    old: Series | None = None,
    functions: Sequence[Any] | None = None,
    drafts: Sequence[Draft] = (),
    checked: Sequence[Checked] = (),
) -> str:
    """Returns the page, with ``html_inbox.NEIGHBOURS`` where those of the list go.

    Args:
        report: a worded report.
        row: what the list tells of the series.
        told: what became of the comments on ``old``, the version before.
        functions: verdicts on what the functions compute, None where nobody asked.
        drafts: the replies that were made.
        checked: the remarks of the thread, and what the tree says to them.
    """
    series = report.series
    assert series is not None
    thread = values_of_thread(series, row, told, old, checked, functions=functions)
    return html.page(
        "series.html.j2",
        **html.values(report),
        **thread,
        contents=_contents(thread, row, functions is not None),
        neighbours=html.our_markup(html_inbox.NEIGHBOURS),
        drafts=[_draft(one, report, row["name"]) for one in drafts],
        commands="\n".join(commands(series)),
        stops=report.tree.kind != "none" and not all(x.applied for x in report.patches),
        **html_inbox.script(),
    )


def values_of_thread(
    series: Series,
    row: Mapping[str, Any],
    told: Sequence[Followed],
    old: Series | None,
    checked: Sequence[Checked],
    *,
    functions: Sequence[Any] | None = None,
) -> dict[str, Any]:
    """Returns what the thread has beside a review, as a page shows it.

    Arguments are those of ``page``.
    """
    before = _robots(old, checked, f", on v{old.version}") if old else []
    return {
        "functions": _functions(functions),
        "told": _comments_on_the_version_before(told, old),
        "tags": [(name, ", ".join(who)) for name, who in row["tags"].items()],
        "people": _people(series, checked),
        "robots": [*_robots(series, checked), *before],
    }


def _contents(
    thread: Mapping[str, Any], row: Mapping[str, Any], compared: bool
) -> list[tuple[str, str]]:
    """The parts of a page, by the names of their headings."""
    titles = {
        "patches": "Patches",
        "functions": "What the functions compute" * compared,
        "told": _told_title(row),
        "people": "Said in the thread" * bool(thread["tags"] or thread["people"]),
        "robots": "Said by robots" * bool(thread["robots"]),
        "replies": "To answer",
    }
    return [(name, title) for name, title in titles.items() if title]


def _told_title(row: Mapping[str, Any]) -> str:
    """The way to the comments on the last version, and how many are open."""
    before = row["last"]
    if before is None:
        return ""
    still = f", {before['open']} open" if before["open"] else ""
    return f"What v{before['version']} was told{still}"


def commands(series: Series) -> list[str]:
    """Returns the commands that open a series in ``b4 review``."""
    known = message_id(series.message_id)
    if not known or "@" not in known:
        return []
    return [
        "b4 review enroll    # once, in your tree",
        f"b4 review track {shlex.quote(known)}",
        "b4 review tui",
    ]


# --- the last version -----------------------------------------------------------------


def _comments_on_the_version_before(
    told: Sequence[Followed], old: Series | None
) -> dict[str, Any] | None:
    """The comments on the version before, those still open first."""
    if old is None:
        return None
    ordered = sorted(told, key=lambda one: not followup.is_open(one))
    return {
        "version": old.version,
        "comments": [_comment(one, old) for one in ordered],
    }


def _comment(one: Followed, old: Series) -> dict[str, Any]:
    anchor = one.comment.anchor
    code = [line for line in anchor.lines[-followup.QUOTED :] if line.strip()]
    return {
        "open": followup.is_open(one),
        "verdict": followup.SAYS[one.verdict] if one.now else followup.verdict(one),
        "now": one.now,
        "by": name_in_a_sentence(one.comment.author),
        "place": followup.place(one, old),
        "answer": "" if one.answer is None else "answered by the author",
        "tags": ", ".join(one.tags),
        "quoted": "\n".join(code),
        "text": one.comment.text[:LONGEST],
    }


# --- the functions --------------------------------------------------------------------


def _functions(verdicts: Sequence[Any] | None) -> dict[str, Any] | None:
    if verdicts is None:
        return None
    from reviewer.output.behaviour import table, told_callers
    from reviewer.prover.verdict import rows, spoken

    number = len(verdicts)
    summary = f"{table(tuple(verdicts))}."
    undecided = [one.name for one in verdicts if str(one.verdict) == "not decided"]
    return {
        "summary": summary if number else "No function is changed.",
        "undecided": ", ".join(map(spoken, dict.fromkeys(undecided))),
        "callers": [
            f"{one.name}(): {told_callers(one)}" for one in verdicts if one.callers
        ],
        "rows": [
            {
                "function": spoken(one.function),
                "output": one.output,
                "before": one.before,
                "after": one.after,
                "when": one.when,
            }
            for one in rows(tuple(verdicts))
            if one.verdict in ("differs", "equal unless", "equal but for")
        ],
    }


# --- the thread -----------------------------------------------------------------------


def _people(series: Series, checked: Sequence[Checked]) -> list[dict[str, Any]]:
    """The beginning of what each person said, quotes left out."""
    found = []
    for reply in list(human_replies(series))[:MOST_MAILS]:
        said = " ".join(_own_words(reply).split())
        if not said:  # a tag alone
            continue
        if len(said) > FIRST:
            said = f"{said[:FIRST].rsplit(' ', 1)[0]} [...]"
        found.append(
            {
                "by": name_in_a_sentence(reply.headers.sender),
                "link": html.lore(reply.headers.message_id),
                "text": said,
                "marks": _marks(reply, checked),
            }
        )
    return found


def _own_words(reply: Reply) -> str:
    from reviewer.followup.comments import blocks

    return "\n".join(block.text for block in blocks(reply.body[:LONGEST]))


def _robots(
    series: Series, checked: Sequence[Checked], which: str = ""
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for reply in sorted(series.replies, key=lambda one: _place(one, series)):
        sender = reply.headers.sender
        if is_robot(sender) and len(found) < MOST_MAILS:
            found.append(
                {
                    "by": f"{_named(reply, series)}{which}",
                    "text": reply.body[:LONGEST].strip("\n"),
                    "marks": _marks(reply, checked),
                }
            )
    return found


def _place(reply: Reply, series: Series) -> int:
    patch = answered_patch(reply, series)
    return patch.index if patch is not None else 0


def _named(reply: Reply, series: Series) -> str:
    """Who wrote a mail, and on which patch."""
    patch = answered_patch(reply, series)
    on = f" on {patch.index}/{series.expected}" if patch else ""
    return (
        f"{name_in_a_sentence(reply.headers.sender)}{on if series.expected > 1 else ''}"
    )


def _marks(reply: Reply, checked: Sequence[Checked]) -> list[dict[str, str]]:
    """What the tree says to the remarks of one mail."""
    return [
        {
            "kind": f"{'refuted, ' * mark.refutes}{mark.kind.value}",
            "said": mark.statement or one.remark.first_line,
            "fact": mark.fact,
            "where": ", ".join(_places(mark)),
        }
        for one in checked
        if one.remark.reply is reply
        for mark in one.marks
    ]


def _places(mark: Mark) -> list[str]:
    """Where the fact stands, as far as it does not say so itself."""
    places = dict.fromkeys(f"{one.file}:{one.line}" for one in mark.evidence)
    return [place for place in places if place not in mark.fact][:3]


# --- what to answer -------------------------------------------------------------------


def _draft(one: Draft, report: Report, name: str) -> dict[str, str]:
    titles = {state.patch.index: state.patch.title for state in report.patches}
    head, _, body = one.text.partition("\n\n")
    number = f"{one.patch}/{len(titles)} " if len(titles) > 1 else ""
    return {
        "to": f"{number}{titles.get(one.patch, 'the cover letter')}",
        "file": f"{DRAFTS}/{name}-{one.name}",
        "text": f"{head}\n\n{body}",
    }
