"""The formats of one line a finding: checkpatch, GitHub annotations, quickfix."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reviewer.models import Finding, PatchState, Report, Severity
from reviewer.output.safe import github_message, github_property, terminal_line
from reviewer.output.text import where


def checkpatch(report: Report) -> str:
    """``-:LINE: ERROR|WARNING: TYPE: text``, LINE counted in the mail.

    Empty when there is nothing to say; b4 takes every line for a finding, so notes
    and what was there before the series are left out, and of what was not checked
    only the files stay that did not apply at all.
    """
    found = _joined(
        f"-:{line}: {_level(finding)}: {_type(finding)}: {_text(finding)}"
        for line, finding in _in_the_mail(report)
    )
    return found + _not_applied(report)


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
    reasons = [f"{c.path}: {c.why}" for c in state.changes if not c.applied and c.why]
    return reasons or ["the patch does not apply"]


def nothing(why: str) -> str:
    """The one line where there was nothing that could be judged."""
    return _not_checked(why) + "\n"


def _not_checked(why: str) -> str:
    return f"-:1: WARNING: NOT_CHECKED: {terminal_line(why)}"


def _level(finding: Finding) -> str:
    return "ERROR" if finding.severity == Severity.HIGH else "WARNING"


def _type(finding: Finding) -> str:
    return finding.rule.upper().replace("-", "_")


def _text(finding: Finding) -> str:
    return f"{terminal_line(finding.message)} ({where(finding)})"


def _in_the_mail(report: Report) -> Iterator[tuple[int, Finding]]:
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


def mail_line(finding: Finding, state: PatchState) -> int:
    """The line of the raw mail, from 1, that a finding of this patch is about.

    The mail's first line where no line of it shows the finding.
    """
    from reviewer.mail import quote

    patch = state.patch
    rows = quote.rows(patch.diff, [change.diff for change in state.changes])
    place = quote.place(finding, patch, state.changes, rows)
    if place is None:
        return 1
    body = patch.body.split("\n")
    if place.row is None:
        wanted = patch.message.split("\n")[place.message_line - 1]
        at = _start([line.rstrip() for line in body], [wanted.rstrip()])
        return 1 if place.message_line == 0 or at is None else patch.body_line + at
    at = rows[place.row].at
    start = _start(body, patch.diff.rstrip("\n").split("\n")[:3])
    return 1 if at is None or start is None else patch.body_line + start + at


def _start(body: list[str], wanted: list[str]) -> int | None:
    """Where in the body these lines stand, from 0."""
    for at, line in enumerate(body):
        if line == wanted[0] and body[at : at + len(wanted)] == wanted:
            return at
    return None


def github(report: Report) -> str:
    """Workflow commands that GitHub shows as annotations of the files."""
    levels = {Severity.HIGH: "error", Severity.MEDIUM: "warning"}
    return _joined(
        f"::{levels.get(finding.severity, 'notice')} "
        f"{_github_place(finding)}title={github_property(finding.rule)}"
        f"::{github_message(finding.message)}"
        for finding in report.findings
    )


def _github_place(finding: Finding) -> str:
    if not finding.file or finding.removed_line:
        return ""
    column = f"col={finding.column + 1}," if finding.width else ""
    return f"file={github_property(finding.file)},line={finding.line},{column}"


def quickfix(report: Report) -> str:
    """``file:line:column: severity: text``, as compilers write: vim, emacs."""
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
