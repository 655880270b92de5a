# SPDX-License-Identifier: GPL-2.0-or-later
"""The formats of one line a finding: checkpatch, GitHub annotations, quickfix."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reviewer.models import Judged, Patch, PatchState, Report, Severity
from reviewer.output.escaping import github_message, github_property, terminal_line
from reviewer.output.text import said_of_the_repository, where


def checkpatch(report: Report) -> str:
    """Returns ``-:LINE: ERROR|WARNING: TYPE: text``, LINE counted in the mail.

    Empty when there is nothing to say; b4 takes every line for a finding, so notes
    and what was there before the series are left out, and of what was not checked
    only the files stay that did not apply at all.  That the repository, and not the
    reader, dismisses a remark is said.
    """
    found = _joined(
        f"-:{line}: {_level(finding)}: {_type(finding)}: {_text(finding)}"
        for line, finding in _in_the_mail(report)
    )
    told = said_of_the_repository(report)
    said = _joined(f"-:1: CHECK: DISMISSED: {line}" for line in told)
    return found + _not_applied(report) + said


def _not_applied(report: Report) -> str:
    if report.tree.kind == "none":
        return ""
    return _joined(
        _not_checked(why)
        for state in report.patches
        if not state.applied
        for why in _reasons(state)
    )


def _reasons(state: PatchState) -> list[str]:
    reasons = [
        f"{c.path}: {'applied only nearly, ' if c.applied else ''}{c.why}"
        for c in state.changes
        if c.why and not c.left_out
    ]
    return reasons or ["the patch does not apply"]


def nothing(why: str) -> str:
    """Returns the line that says that nothing could be judged, and why."""
    return _not_checked(why) + "\n"


def _not_checked(why: str) -> str:
    return f"-:1: WARNING: NOT_CHECKED: {terminal_line(why)}"


def _level(finding: Judged) -> str:
    return "ERROR" if finding.severity == Severity.HIGH else "WARNING"


def _type(finding: Judged) -> str:
    return finding.rule.upper().replace("-", "_")


def _text(finding: Judged) -> str:
    return f"{terminal_line(finding.message)} ({where(finding)})"


def _in_the_mail(report: Report) -> Iterator[tuple[int, Judged]]:
    """New findings with the line of the mail that they are about, in its order."""
    for state in report.patches:
        mine = [
            finding
            for finding in report.findings
            if finding.patch == state.patch.index
            and finding.severity != Severity.INFO
            and not finding.preexisting
        ]
        if mine:
            lines = [(mail_line(finding, state), finding) for finding in mine]
            yield from sorted(lines, key=lambda pair: pair[0])


def mail_line(finding: Judged, state: PatchState) -> int:
    """Returns the line of the raw mail, from 1, that a finding of this patch is about.

    The mail's first line where no line of it shows the finding.
    """
    from reviewer.output.draft import quote

    patch = state.patch
    rows = quote.rows(patch.diff, [change.diff for change in state.changes])
    place = quote.place(finding, patch, state.changes, rows)
    if place is None:
        return 1
    if place.row is not None:
        return patch.body_line + patch.diff_line + rows[place.row].at
    return _message_line(patch, place.message_line)


def _message_line(patch: Patch, number: int) -> int:
    """The line of the mail that holds a line of the commit message, 1 if none does.

    git strips and joins what it takes for the message, so it is looked for.
    """
    wanted = patch.message.split("\n")[number - 1].rstrip()
    body = [line.rstrip() for line in patch.body.split("\n")]
    if number == 0 or wanted not in body:
        return 1
    return patch.body_line + body.index(wanted)


def github(report: Report) -> str:
    """Returns workflow commands that GitHub shows as annotations of the files."""
    levels = {Severity.HIGH: "error", Severity.MEDIUM: "warning"}
    found = _joined(
        f"::{levels.get(finding.severity, 'notice')} "
        f"{_github_place(finding)}title={github_property(finding.rule)}"
        f"::{github_message(finding.message)}"
        for finding in report.findings
    )
    told = said_of_the_repository(report)
    return found + _joined(f"::notice title=dismissed::{line}" for line in told)


def _github_place(finding: Judged) -> str:
    if not finding.file or finding.removed_line:
        return ""
    column = f"col={finding.column + 1}," if finding.width else ""
    return f"file={github_property(finding.file)},line={finding.line},{column}"


def quickfix(report: Report) -> str:
    """Returns ``file:line:column: severity: text``, as compilers write: vim, emacs."""
    levels = {Severity.HIGH: "error", Severity.MEDIUM: "warning"}
    return _joined(
        f"{terminal_line(finding.file)}:{finding.line}:{finding.column + 1}: "
        f"{levels.get(finding.severity, 'note')}: "
        f"{terminal_line(finding.message)} [{finding.rule}]"
        for finding in report.findings
        if finding.file
    )


def _joined(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
