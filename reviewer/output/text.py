# SPDX-License-Identifier: GPL-2.0-or-later
"""Findings for a person at a terminal, grouped by patch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reviewer.dismissed import REPOSITORY
from reviewer.models import Evidence, Judged, NotChecked, PatchState, Report, Severity
from reviewer.output.columns import counted, cut, wrapped
from reviewer.output.escaping import code_line, spelt_out, terminal_line
from reviewer.utf8 import decode, encode

_RED, _YELLOW, _CYAN, _BOLD, _DIM, _GREEN = "31;1", "33;1", "36", "1", "2", "32"
_COLORS = {
    Severity.HIGH: _RED,
    Severity.MEDIUM: _YELLOW,
    Severity.LOW: _CYAN,
    Severity.INFO: _DIM,
}
FITS = {  # what is told of a patch that git does not apply as it is
    "hunks": "does not apply: judged by its text only",
    "fuzz": "applies only nearly: nothing is proved",
    "three-way": "applies only nearly: nothing is proved",
}
_NOT_CHECKED_AT_MOST = 8
_NAMED_AT_MOST = 4  # things not checked for one reason
_ALIKE_AT_MOST = 5  # findings with the same words in one file


def render(
    report: Report,
    *,
    color: bool = False,
    width: int = 80,
    dismissed: bool = False,
    fingerprints: bool = False,
) -> str:
    """Returns the findings patch by patch, worst news in front, notes below a fold.

    ``width`` is the terminal's, in columns: code is cut there, never wrapped.  A
    report without findings gives "", for what was looked at is told on stderr; unless
    a part of the input was not looked at as it was meant, which is news, as is what
    the repository's own file dismisses.
    """
    page = _Page(color, width, fingerprints)
    blocks = [*_patches(report, page), *_below_the_fold(report, page)]
    if dismissed and report.dismissed:
        blocks.append(page.dismissed(report.dismissed))
    else:
        blocks += said_of_the_repository(report)
    if report.not_checked and (blocks or _is_incomplete(report)):
        blocks.append(page.not_checked(report.not_checked))
    return "".join(f"{block}\n\n" for block in blocks)[:-1]


def _is_incomplete(report: Report) -> bool:
    if report.series is not None and (report.series.left_out or report.series.missing):
        return True
    return any(not state.applied for state in report.patches)


def _patches(report: Report, page: _Page) -> Iterator[str]:
    """A heading a patch that has findings, each finding a block."""
    states = {state.patch.index: state for state in report.patches}
    shown: object = object()
    findings = [f for f in report.findings if f.severity != Severity.INFO]
    told: dict[tuple[object, ...], list[Judged]] = {}
    for finding in sorted(findings, key=lambda f: f.patch or 0):
        if finding.patch != shown and report.series is not None:
            yield from _left_out(told, page)
            told = {}
            shown = finding.patch
            yield page.heading(states.get(finding.patch or 0), report)
        words = page.words(finding) or (id(finding),)
        key = (finding.file, finding.rule, words, finding.evidence)
        same = told.setdefault(key, [])
        same.append(finding)
        if len(same) == 1:
            yield page.finding(finding, report)
        elif len(same) <= _ALIKE_AT_MOST:
            yield page.again(finding, report)
    yield from _left_out(told, page)


def _left_out(
    told: dict[tuple[object, ...], list[Judged]], page: _Page
) -> Iterator[str]:
    """Where the same was found again, after the first few."""
    for alike in told.values():
        more = alike[_ALIKE_AT_MOST:]
        if more:
            yield page.more(more)


def _below_the_fold(report: Report, page: _Page) -> Iterator[str]:
    notes = [f for f in report.findings if f.severity == Severity.INFO]
    if notes:
        yield page.rule("worth knowing")
        for note in notes:
            yield page.note(note)


class _Page:
    """What a terminal can show: colours or none, and how wide it is."""

    def __init__(self, color: bool, width: int, fingerprints: bool) -> None:
        self.color = color
        self.fingerprints = fingerprints
        self.width = max(40, width)

    def paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[m" if self.color and text else text

    def rule(self, title: str) -> str:
        dashes = "-" * (min(self.width, 72) - len(title) - 4)
        return self.paint(f"-- {title} {dashes}", _DIM)

    def heading(self, state: PatchState | None, report: Report) -> str:
        """The patch: its number, title and name, and whether it applied."""
        if state is None:
            return self.paint("the series as a whole", _BOLD)
        patch = state.patch
        last = report.series.expected if report.series else len(report.patches)
        number = f"{patch.index}/{last} " if last > 1 else ""
        lines = [
            self.paint(cut(number + terminal_line(patch.title), self.width), _BOLD)
        ]
        name = patch.commit or patch.headers.message_id
        if name:
            lines.append(self.paint(cut(terminal_line(name), self.width), _DIM))
        if not state.applied:
            lines.append(self.paint(FITS[state.how], _YELLOW))
        return "\n".join(lines)

    def finding(self, finding: Judged, report: Report) -> str:
        parts = [
            self.headline(finding),
            self.code(finding),
            *self.words(finding),
            self.evidence(_not_told(finding)),
            self.bisection(finding, report),
            self.fix(finding.fix),
        ]
        return "\n\n".join(part for part in parts if part)

    def headline(self, finding: Judged) -> str:
        """``file:line:column: severity: rule (confidence)``, as compilers write it."""
        what = f"{finding.severity.value}:"
        labels = [finding.confidence.value]
        if finding.preexisting:
            labels.append("not new with this series")
        place = self.paint(f"{where(finding)}:", _BOLD)
        severity = self.paint(what, _COLORS[finding.severity])
        rule = f"{finding.rule} ({', '.join(labels)}){self.name(finding)}"
        return f"{place} {severity} {rule}"

    def name(self, finding: Judged) -> str:
        """What ``kpf-review dismiss`` takes, where that is asked for."""
        return f" {finding.fingerprint}" if self.fingerprints else ""

    def code(self, finding: Judged) -> str:
        """The line of code, and a caret with tildes below the part that is meant."""
        if not finding.code.strip():
            return ""
        number = f"{finding.line or '':>6} | "  # none: the subject
        raw = encode(finding.code)
        before, part = (
            code_line(decode(piece))
            for piece in (
                raw[: finding.column],
                raw[finding.column : finding.column + finding.width],
            )
        )
        line = code_line(finding.code.rstrip())
        lines = [cut(number + line.expandtabs(8), self.width)]
        if part.strip():
            start = len(before.expandtabs(8))
            length = len((before + part).expandtabs(8)) - start
            mark = "^" + "~" * (length - 1)
            room = self.width - len(number) - start
            if room > 0:
                margin = " " * (len(number) - 2) + "| " + " " * start
                lines.append(margin + self.paint(mark[:room], _GREEN))
        return "\n".join(lines)

    def again(self, finding: Judged, report: Report) -> str:
        """A finding of which the words stand above."""
        parts = [
            self.headline(finding),
            self.code(finding),
            "  As above.",
            self.bisection(finding, report),
            self.fix(finding.fix),
        ]
        return "\n\n".join(part for part in parts if part)

    def more(self, alike: Sequence[Judged]) -> str:
        """Only how many, of what and where."""
        lines = [str(finding.line) for finding in alike]
        places = ", ".join(lines[:_ALIKE_AT_MOST])
        if len(lines) > _ALIKE_AT_MOST:
            places += f" to {lines[-1]}"
        file = terminal_line(alike[0].file or "")
        return f"{file}: {alike[0].rule}: {len(alike)} more as above, lines {places}"

    def words(self, finding: Judged) -> tuple[str, ...]:
        text = spelt_out(finding.comment or finding.message)
        return (_indented(text),) if text else ()

    def evidence(self, evidence: Sequence[Evidence]) -> str:
        """Where each fact was read, and its text there."""
        lines = []
        for fact in evidence:
            place = f"  {terminal_line(fact.file)}:{fact.line}:"
            text = terminal_line(" ".join(fact.text.split()))
            fits = len(place) + 1 + len(text) <= self.width
            lines.append(f"{place} {text}" if fits else f"{place}\n    {text}")
        return "\n".join(lines)

    def bisection(self, finding: Judged, report: Report) -> str:
        later = finding.fixed_later_by
        if later is None:
            return ""
        last = report.series.expected if report.series else len(report.patches)
        return f"  {later}/{last} changes this back: it matters for bisection only."

    def fix(self, fix: str | None) -> str:
        """What the fix takes out and puts in; the whole diff is in the JSON."""
        if not fix:
            return ""
        lines = []
        for line in fix[fix.find("\n@@") + 1 :].split("\n"):
            if line[:1] in ("+", "-"):
                color = _GREEN if line[0] == "+" else _RED
                lines.append("  " + self.paint(code_line(line).expandtabs(8), color))
        return "\n".join(lines)

    def note(self, finding: Judged) -> str:
        message = terminal_line(finding.message)
        rule = f"[{finding.rule}]{self.name(finding)}"
        return f"{where(finding)}: note: {message} {rule}"

    def dismissed(self, findings: Sequence[Judged]) -> str:
        """Each remark in a line, and below it who dismissed it and why."""
        lines = [self.rule("dismissed")]
        for finding in findings:
            message = terminal_line(finding.message)
            lines.append(f"{where(finding)}: {message} [{finding.rule}]")
            lines.append(f"    {finding.fingerprint} by {dismissed_by(finding)}")
        return "\n".join(lines)

    def not_checked(self, missing: Sequence[NotChecked]) -> str:
        """Each thing with its reason, whole; what can be done about it below."""
        lines = [self.rule("not checked")]
        together = _by_reason(missing)
        for why, names in list(together.items())[:_NOT_CHECKED_AT_MOST]:
            lines += wrapped(
                f"{_few(names)}: {terminal_line(why)}", self.width, "  ", first=""
            )
        more = sum(len(names) for names in together.values()) - sum(
            len(names) for names in list(together.values())[:_NOT_CHECKED_AT_MOST]
        )
        if more > 0:
            lines.append(f"and {more} more (--format json lists them)")
        for todo in dict.fromkeys(item.todo for item in missing if item.todo):
            lines += self.advice(f"What to do: {terminal_line(todo)}")
        return "\n".join(lines)

    def advice(self, text: str) -> Iterator[str]:
        """The text wrapped, and each command in it on a line of its own, to copy."""
        for number, part in enumerate(text.split("`")):
            if number % 2:
                yield f"    {part}"
            elif part.strip(" ;."):
                indent = "  " if number else ""
                yield from wrapped(indent + part.strip(), self.width, "  ", first="")


def _not_told(finding: Judged) -> list[Evidence]:
    """The evidence that the words do not give with its place already."""
    told = finding.comment or ""
    return [one for one in finding.evidence if f"{one.file}:{one.line} " not in told]


def _by_reason(missing: Sequence[NotChecked]) -> dict[str, list[str]]:
    """What is not checked, by the reason: thirty rules that lack a tree are one."""
    together: dict[str, list[str]] = {}
    for item in missing:
        together.setdefault(item.why, []).append(terminal_line(item.what))
    return together


def _few(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMED_AT_MOST])
    more = len(names) - _NAMED_AT_MOST
    return f"{shown} and {more} more" if more > 0 else shown


def where(finding: Judged) -> str:
    """Returns ``file:line:column`` of a finding, or where in the commit
    message it is."""
    if not finding.file:
        return f"commit message:{finding.line}" if finding.line else "commit message"
    column = f":{finding.column + 1}" if finding.width else ""
    side = " (removed)" if finding.removed_line else ""
    return f"{terminal_line(finding.file)}:{finding.line}{column}{side}"


def _indented(text: str) -> str:
    return "\n".join(f"  {line}".rstrip() for line in text.split("\n"))


# --- the summary --------------------------------------------------------------------


def summary_line(report: Report) -> str:
    """Returns what was looked at and against what; shown also when nothing was
    found."""
    parts = []
    if report.patches:
        parts.append(counted(len(report.patches), "patch", "patches"))
    parts.append(counted(report.files, "file"))
    looked = f"looked at {', '.join(parts)} with {counted(len(report.rules), 'rule')}"
    line = f"kpf-review: {looked} {_against(report)}"
    found = "; ".join(filter(None, (_found(report), _dismissed(report))))
    if report.not_checked:
        names = list(dict.fromkeys(item.what for item in report.not_checked))
        more = f" and {len(names) - 2} more" if len(names) > 2 else ""
        found += f"; not checked: {', '.join(names[:2])}{more}"
    return terminal_line(f"{line}: {found}")


def _against(report: Report) -> str:
    tree = report.tree
    if tree.kind == "none":
        return "without a kernel tree"
    base = tree.base or ""
    if len(base) == 40 and set(base) <= set("0123456789abcdef"):
        base = base[:12]
    parts = [
        tree.name or "",
        base,
        f"by {tree.how}" + (f": {tree.why}" * bool(tree.why)),
    ]
    how = ", ".join(part for part in parts if part)
    return f"against Linux {tree.kernel or 'of unknown version'} ({how})"


def _found(report: Report) -> str:
    counts = dict.fromkeys(Severity, 0)
    for finding in report.findings:
        counts[finding.severity] += 1
    texts = [f"{count} {severity.value}" for severity, count in counts.items() if count]
    return ", ".join(texts) or "nothing to say"


def _dismissed(report: Report) -> str:
    """How many remarks are left out, and who wants it so."""
    ours = len(_by_the_repository(report))
    yours = len(report.dismissed) - ours
    by = [f"{yours} dismissed by you"] * bool(yours)
    by += [f"{ours} dismissed by the repository"] * bool(ours)
    return ", ".join(by)


def _by_the_repository(report: Report) -> list[Judged]:
    return [one for one in report.dismissed if one.dismissed_by == REPOSITORY]


def dismissed_by(finding: Judged) -> str:
    """Returns who dismissed a finding, when and why, in a line."""
    return terminal_line(f"{finding.dismissed_by}, {finding.dismissed_why}")


def said_of_the_repository(report: Report) -> list[str]:
    """Returns a line where a file of the repository dismisses remarks, else none.

    It is not the reader who dismissed them.
    """
    ours = len(_by_the_repository(report))
    remarks = counted(ours, "remark")
    line = f"{remarks} dismissed by the repository: --show-dismissed lists what and why"
    return [line] * bool(ours)
