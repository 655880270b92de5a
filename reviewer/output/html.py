# SPDX-License-Identifier: GPL-2.0-or-later
"""A review as a page to look at: self-contained, no script, no network.

Jinja2 escapes every value; ``safe.spelt`` makes visible what is not.  Only the
diagrams, which escape for themselves, enter as they are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

from reviewer import __version__
from reviewer.files import new_files
from reviewer.models import Evidence, Judged, PatchState, Report, Severity
from reviewer.output.escaping import code_line, spelt_out
from reviewer.output.html_code import with_code_marked
from reviewer.output.html_diagrams import KINDS, field_diagram, folio_diagram
from reviewer.output.text import FITS
from reviewer.visible_text import message_id

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment

TEMPLATES = Path(__file__).parent.parent / "templates" / "html"
LORE = "https://lore.kernel.org/r/"
MOST_ROWS = 20_000  # lines of diff that a page shows


# What a page has of the thread, where it has none of it: see html_series.beside.
NO_THREAD: Mapping[str, Any] = {
    "functions": None,
    "told": None,
    "tags": (),
    "people": (),
    "robots": (),
}


def render(
    report: Report, *, command: str = "", thread: Mapping[str, Any] = NO_THREAD
) -> str:
    """Returns a worded report as one HTML page, with what ``thread`` has beside it."""
    return page("report.html.j2", **values(report, command=command), **thread)


def values(report: Report, *, command: str = "") -> dict[str, Any]:
    """Returns what the page of a worded report shows, for its template."""
    return _Page(report, command).values()


def page(template: str, **values: Any) -> str:
    """Returns a page from one of our templates; every string is spelt out and
    escaped."""
    return _environment().get_template(template).render(**_plain(values))


def paragraphs(text: str) -> list[dict[str, Any]]:
    """Returns text split at empty lines; indented paragraphs are shown as code."""
    found: list[dict[str, Any]] = []  # code?, text; table where it has become one
    for block in re.split(r"\n[ \t]*\n", text.strip("\n")):
        is_code = block.startswith((" ", "\t"))
        if is_code and found and found[-1]["code"]:
            found[-1]["text"] += f"\n\n{block}"
        elif block.strip():
            found.append({"code": is_code, "text": block, "table": None})
    for one in found:
        if one["code"]:
            one["text"] = dedent(one["text"].expandtabs(8))
    return found


def write_pages(
    pages: Mapping[str, str], folder: Path, *, force: bool = False
) -> tuple[Path, ...]:
    """Write pages into a folder, all or none.  Raises OutputError."""
    files = {folder / name: _encoded(text) for name, text in pages.items()}
    new_files.write(files, force=force, folders=True)
    return tuple(files)


def write_page(text: str, path: Path, *, force: bool = False) -> None:
    """Write one page; it appears whole or not at all.  Raises OutputError."""
    new_files.write({path: _encoded(text)}, force=force)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")


# --- templates ------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _environment() -> SandboxedEnvironment:
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    made = SandboxedEnvironment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["coded"] = with_code_marked
    return made


def _plain(value: Any) -> Any:
    """Every string made visible; markup of ours (``__html__``) stays."""
    if hasattr(value, "__html__"):
        return value
    if isinstance(value, str):
        return spelt_out(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def our_markup(markup: str) -> Any:
    """Returns markup made by ``html_diagrams``, not to be escaped again."""
    from markupsafe import Markup

    return Markup(markup)


# --- a report -------------------------------------------------------------------------


class _Page:
    """The values of one report's page."""

    def __init__(self, report: Report, command: str) -> None:
        self.report = report
        self.command = command
        self.names = {id(f): f"finding-{n}" for n, f in enumerate(report.findings, 1)}
        self.anchors: dict[tuple[str, int, bool], str] = {}
        self.placed: set[int] = set()
        self.left = MOST_ROWS

    def values(self) -> dict[str, Any]:
        report = self.report
        self._find_anchors()
        patches = [self.patch(state) for state in report.patches]
        elsewhere = [
            self.remark(f) for f in report.findings if id(f) not in self.placed
        ]
        title = report.series.subject if report.series else "Existing code"
        return {
            "title": title,
            "summary": self.summary(),
            "facts": self.facts(),
            "findings": self.entries(),
            "dismissed": [
                (where(f), f"{f.message} [{f.rule}]", f.dismissed_by, f.dismissed_why)
                for f in report.dismissed
            ],
            "not_checked": [(n.what, n.why) for n in report.not_checked],
            "patches": patches,
            "elsewhere": elsewhere,
            "footer": f"kpf-review {__version__}. {self.command}".strip(),
        }

    def summary(self) -> str:
        from reviewer.output.text import summary_line

        text = summary_line(self.report).removeprefix("kpf-review: ")
        text, unchecked, _ = text.partition("; not checked: ")  # it is listed below
        tail = "; not all of it could be checked." if unchecked else "."
        return f"{text[:1].upper()}{text[1:]}{tail}"

    def facts(self) -> list[tuple[str, str, str]]:
        series, tree = self.report.series, self.report.tree
        found = []
        if series is not None:
            sender = (series.cover or series.patches[0]).headers.sender
            found.append(("From", f"{sender.name} <{sender.email}>", ""))
            found.append(
                ("Message-ID", series.message_id or "none", lore(series.message_id))
            )
        if tree.kernel:
            base = f", base {tree.base[:12]} ({tree.how})" if tree.base else ""
            found.append(("Tree", f"Linux {tree.kernel}{base}", ""))
        else:
            found.append(("Tree", "none: judged by the text of the patches", ""))
        return found

    def entries(self) -> list[dict[str, Any]]:
        """What was found, the worst first; what is said of several places only once."""
        found: dict[tuple[str, ...], dict[str, Any]] = {}
        for finding in sorted(self.report.findings, key=lambda f: f.severity.rank):
            entry = _said(finding)
            one = found.setdefault(tuple(entry.values()), entry | {"places": []})
            one["places"].append((where(finding), self.names[id(finding)]))
        return list(found.values())

    # --- patches ------------------------------------------------------------------

    def _find_anchors(self) -> None:
        """Which lines of the diffs can be linked to, by file and line."""
        for state in self.report.patches:
            for file, change in enumerate(state.changes):
                for hunk in change.diff.hunks:
                    for line in hunk.lines:
                        name = f"p{state.patch.index}-f{file}-"
                        if line.new is not None:
                            key = (change.path, line.new, False)
                            self.anchors[key] = f"{name}l{line.new}"
                        elif line.old is not None:
                            old = change.diff.old_path or change.path
                            self.anchors[old, line.old, True] = f"{name}o{line.old}"

    def patch(self, state: PatchState) -> dict[str, Any]:
        patch = state.patch
        mine = [f for f in self.report.findings if f.patch in (patch.index, None)]
        before = set(self.placed)
        on_message = [f for f in mine if not f.file and id(f) not in self.placed]
        self.placed.update(id(f) for f in on_message)
        files = [
            self.file(state, number, [f for f in mine if id(f) not in self.placed])
            for number in range(len(state.changes))
        ]
        shown = [f for f in mine if id(f) in self.placed - before]
        last = self.report.series.expected if self.report.series else 1
        number = f"{patch.index}/{last} " if last > 1 else ""
        return {
            "id": f"patch-{patch.index}",
            "title": f"{number}{patch.title}",
            "by": f"{patch.author.name} <{patch.author.email}>",
            "link": lore(patch.headers.message_id),
            "fits": FITS.get(state.how, ""),
            "open": bool(shown) or len(self.report.patches) == 1,
            "counts": _counts(shown),
            "message": patch.message.strip(),
            "remarks": [self.remark(finding) for finding in on_message],
            "files": files,
        }

    def file(
        self, state: PatchState, number: int, findings: Sequence[Judged]
    ) -> dict[str, Any]:
        change = state.changes[number]
        prefix = f"p{state.patch.index}-f{number}-"
        blocks: list[dict[str, Any]] = []
        rows: list[dict[str, Any]] = []
        old = change.diff.old_path or change.path

        def close(remarks: Sequence[Judged] = ()) -> None:
            nonlocal rows
            label = f"diff of {change.path}, part {len(blocks) + 1}"
            told = [self.remark(finding) for finding in remarks]
            blocks.append({"rows": rows, "label": label, "remarks": told})
            rows = []

        for hunk in change.diff.hunks:
            rows.append(_hunk_row(hunk))
            for line in hunk.lines:
                self.left -= 1
                if self.left < 0:
                    continue
                here = [f for f in findings if _is_on(f, line, change.path, old)]
                here = [f for f in here if id(f) not in self.placed]
                row = _row(line, prefix)
                row["flagged"] = bool(here)
                rows.append(row)
                if here:
                    self.placed.update(id(finding) for finding in here)
                    close(here)
        if rows:
            close()
        return {"id": f"{prefix}file", "path": change.path, "blocks": blocks}

    # --- remarks --------------------------------------------------------------------

    def remark(self, finding: Judged) -> dict[str, Any]:
        name = self.names[id(finding)]
        table = truth_table(finding)
        told = paragraphs(finding.comment or finding.message)
        for paragraph in told:
            if table is not None and paragraph["text"].startswith("bits "):
                paragraph["table"] = table
        notes = []
        if finding.preexisting:
            notes.append("not new with this series")
        if finding.fixed_later_by is not None:
            notes.append(f"changed back by patch {finding.fixed_later_by}")
        return {
            **_said(finding),
            "id": self.names[id(finding)],
            "where": where(finding),
            "rule": finding.rule,
            "anchor": self.anchors.get(
                (finding.file, finding.line, finding.removed_line)
            ),
            "notes": notes,
            "paragraphs": told,
            "picture": _picture(finding, name),
            "evidence": [self.evidence(one) for one in finding.evidence],
            "fix": finding.fix,
            "fingerprint": finding.fingerprint,
        }

    def evidence(self, one: Evidence) -> tuple[str, str, str | None]:
        anchor = self.anchors.get((one.file, one.line, False))
        return (f"{one.file}:{one.line}", " ".join(one.text.split()), anchor)


def _said(finding: Judged) -> dict[str, Any]:
    return {
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "message": finding.message,
    }


def _counts(findings: Sequence[Judged]) -> list[tuple[str, int]]:
    """How many remarks of each severity there are, the worst first."""
    counts = Counter(finding.severity for finding in findings)
    return [(one.value, counts[one]) for one in Severity if counts[one]]


def where(finding: Judged) -> str:
    """Returns ``file:line``, or what it is about."""
    if not finding.file:
        return "commit message"
    return f"{finding.file}:{finding.line}"


def lore(name: str | None) -> str:
    """Returns the archive's address of a message-id that we have; "" for none."""
    from urllib.parse import quote

    known = message_id(name)
    if not known or "@" not in known or known.endswith(("example.org", "example.com")):
        return ""
    return LORE + quote(known, safe="@+=.~_-") + "/"


def truth_table(finding: Judged) -> dict[str, Any] | None:
    """Returns the states of a field, and what the test says for each."""
    states = finding.fields.get("states")
    if not isinstance(states, (list, tuple)) or not _are_states(states):
        return None
    negated = bool(finding.fields.get("negated"))
    rows = []
    for state in states:
        wanted = bool(state["wanted"]) != negated
        now = bool(state["now"]) != negated
        reached = state.get("reached", True)
        kind = "gone" if not reached else "wrong" if wanted != now else ""
        shown = str(int(now)) if reached else "not reached"
        rows.append(
            {
                "kind": kind,
                "cells": [
                    str(state["bits"]),
                    str(state["name"]),
                    str(int(wanted)),
                    f"{shown} \u2717" if kind == "wrong" else shown,
                ],
            }
        )
    heads = ["bits", "state", str(finding.fields.get("wanted", "wanted")), "this test"]
    test = str(finding.fields.get("test", "the test"))
    return {"caption": f"{test}, state by state", "heads": heads, "rows": rows}


def _are_states(states: Sequence[Any]) -> bool:
    wanted = {"bits", "name", "wanted", "now"}
    return bool(states) and all(
        isinstance(state, Mapping) and wanted <= state.keys() for state in states
    )


def _picture(finding: Judged, name: str) -> Any:
    """The page of a witness, or the field, as a diagram; "" where there is none."""
    witness = finding.fields.get("witness")
    if not isinstance(witness, str):
        witness = str((finding.proof or {}).get("witness") or "")
    for kind in KINDS:
        if kind in witness:
            details = witness.partition(kind)[2].lstrip(" ,;:")
            return our_markup(folio_diagram(kind, details, name))
    states = finding.fields.get("states")
    if isinstance(states, (list, tuple)) and _are_states(states):
        reached = [state for state in states if state.get("reached", True)]
        return our_markup(field_diagram(reached, name))
    return ""


def _is_on(finding: Judged, line: Any, path: str, old: str) -> bool:
    if finding.removed_line:
        return bool(
            finding.file == old and line.kind == "-" and finding.line == line.old
        )
    return bool(finding.file == path and line.kind != "-" and finding.line == line.new)


def _row(line: Any, prefix: str) -> dict[str, Any]:
    kind = {"+": "add", "-": "del", " ": "same"}.get(line.kind, "note")
    number = line.new if line.new is not None else line.old
    mark = "l" if line.new is not None else "o"
    return {
        "kind": kind,
        "id": f"{prefix}{mark}{number}" if number is not None else "",
        "old": line.old if line.old is not None and line.kind != "+" else "",
        "new": line.new if line.new is not None else "",
        "text": code_line(f"{line.kind}{line.text}"),
        "flagged": False,
    }


def _hunk_row(hunk: Any) -> dict[str, Any]:
    text = f"@@ -{hunk.old_start},{hunk.old_length}"
    text += f" +{hunk.new_start},{hunk.new_length} @@ {hunk.section}"
    blank = {"id": "", "old": "", "new": "", "flagged": False}
    return {**blank, "kind": "hunk", "text": text.rstrip()}
