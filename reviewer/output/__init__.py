# SPDX-License-Identifier: GPL-2.0-or-later
"""How findings look: one module a format, imported when it is asked for.

``render`` is the door.  A report is given its words first, by ``worded``.
"""

from __future__ import annotations

from reviewer.models import Report

__all__ = ["FORMATS", "render", "said_of_the_repository", "summary_line", "worded"]

FORMATS = (
    "text",
    "mail",
    "json",
    "sarif",
    "checkpatch",
    "b4-check",
    "github",
    "quickfix",
    "patchwork",
    "nipa",
)


def worded(report: Report, *, voice: str = "mail") -> Report:
    """Returns the report with every finding's words filled in; see ``words.worded``."""
    if not report.findings and not report.dismissed:
        return report
    from reviewer.output import words

    return words.worded(report, voice=voice)


def summary_line(report: Report) -> str:
    """Returns what was looked at, against what, and what could not be checked, in a
    line."""
    from reviewer.output import text

    return text.summary_line(report)


def said_of_the_repository(report: Report) -> list[str]:
    """Returns a line where the repository, and not the reader, dismisses remarks."""
    from reviewer.output import text

    return text.said_of_the_repository(report)


def render(
    report: Report,
    format: str,
    *,
    color: bool = False,
    width: int = 80,
    identity: str | None = None,
    command: str = "",
    info: bool = False,
    dismissed: bool = False,
    fingerprints: bool = False,
) -> str:
    """Returns a worded report in one of ``FORMATS``, ready for stdout.

    Args:
        report: findings with ``message`` and ``comment`` (see ``worded``).
        format: one of ``FORMATS``.
        color: whether text may hold terminal colours.
        width: columns of the terminal, for text.
        identity: ``Name <address>`` of the reviewer, for mail.
        command: what reproduces the review, for mail.
        info: put findings of severity info into mails too.
        dismissed: list in text what was dismissed, too.
        fingerprints: show in text what names each finding.

    Raises:
        UsageError: mail without an identity.
    """
    if format == "text":
        from reviewer.output import text

        return text.render(
            report,
            color=color,
            width=width,
            dismissed=dismissed,
            fingerprints=fingerprints,
        )
    if format == "mail":
        from reviewer.output.draft import draft

        made = draft.drafts(report, identity=identity, command=command, info=info)
        if len(made) == 1:
            return made[0].text
        return draft.mailbox(made).decode("utf-8")
    if format == "json":
        from reviewer.output import json_

        return json_.render(report)
    if format == "sarif":
        from reviewer.output import sarif

        return sarif.render(report)
    if format == "b4-check":
        from reviewer.output import b4check

        return b4check.render(report)
    if format in ("patchwork", "nipa"):
        from reviewer.output import patchwork

        return {"patchwork": patchwork.render, "nipa": patchwork.nipa}[format](report)
    from reviewer.output import lines

    return {
        "checkpatch": lines.checkpatch,
        "github": lines.github,
        "quickfix": lines.quickfix,
    }[format](report)
