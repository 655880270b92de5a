# SPDX-License-Identifier: GPL-2.0-or-later
"""The sentences of a finding, from ``templates/findings/<rule>.j2``.

Text that came by mail enters as a value, never as a template.  jinja2 is imported
with the first finding only: a silent review does not pay for it.
"""

from __future__ import annotations

from collections.abc import (
    Callable,
    Iterable,
    Iterator,
    Mapping,
    MutableMapping,
    Sequence,
)
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from textwrap import TextWrapper
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from reviewer.mail.trailers import paragraphs_of
from reviewer.models import Confidence, Evidence, Judged, NotChecked, Report, TreeInfo

if TYPE_CHECKING:
    from jinja2 import Template
    from jinja2.sandbox import SandboxedEnvironment

WIDTH = 72  # columns of our own text, in mail and on the terminal
TEMPLATES = Path(__file__).parent.parent / "templates"
NO_TREE = TreeInfo("none", None, "none", None)

_fill = TextWrapper(WIDTH, break_long_words=False, break_on_hyphens=False).fill


class WordsError(Exception):
    """A rule's words do not fit its data: a bug of the rule or of its template."""


def worded(report: Report, *, voice: str = "mail") -> Report:
    """Returns the report with ``message`` and ``comment`` of every finding filled in.

    A finding whose words cannot be made is left out and named under ``not_checked``,
    so that one faulty template does not cost the others their place.
    ``voice``: "mail" for the list, "self_check" for the author before sending.
    """
    failed = dict.fromkeys(report.not_checked)

    def with_words(findings: Iterable[Judged]) -> Iterator[Judged]:
        for finding in findings:
            try:
                yield _worded(finding, report.tree, voice)
            except WordsError as error:
                failed[NotChecked(finding.rule, str(error), finding.file)] = None

    findings = tuple(with_words(report.findings))
    dismissed = tuple(with_words(report.dismissed))
    return replace(
        report, findings=findings, dismissed=dismissed, not_checked=tuple(failed)
    )


def _worded(finding: Judged, tree: TreeInfo, voice: str) -> Judged:
    message = finding.message or render_message(finding, tree)
    comment = finding.comment or render_mail(finding, tree, voice=voice)
    if finding.added and not finding.comment:
        comment = f"{comment.rstrip()}\n\n{_fill(finding.added)}"
    return replace(finding, message=message, comment=comment)


def render_message(finding: Judged, tree: TreeInfo = NO_TREE) -> str:
    """Returns the finding in one line; raises WordsError."""
    return " ".join(_block(finding, "message", tree).split())


def render_mail(
    finding: Judged, tree: TreeInfo = NO_TREE, *, voice: str = "mail"
) -> str:
    """Returns the finding in paragraphs of at most 72 columns; raises WordsError.

    ``voice`` "self_check" takes the block of that name where the template has one.
    """
    text = _block(finding, voice, tree)
    paragraphs = ["\n".join(lines) for lines in paragraphs_of(text)]
    only_with = finding.fields.get("only_with")
    if only_with:
        paragraphs.insert(max(1, len(paragraphs) - 1), f"Only with {only_with}.")
    return "\n\n".join(wrapped(paragraph) for paragraph in paragraphs)


def wrapped(paragraph: str) -> str:
    """Returns a paragraph wrapped at 72 columns, unless it is indented: then it is no
    prose."""
    if paragraph.startswith((" ", "\t")):
        return paragraph
    return _fill(" ".join(paragraph.split()))


# --- templates --------------------------------------------------------------------


def _block(finding: Judged, name: str, tree: TreeInfo) -> str:
    from jinja2 import TemplateError

    context = {
        "fields": finding.fields,
        "evidence": finding.evidence,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "is_question": finding.confidence is Confidence.QUESTION,
        "file": finding.file,
        "function": finding.function,
        "preexisting": finding.preexisting,
        "tree": tree,
    }
    try:
        template = _template(finding.rule)
        block = _block_of(template, name)
        # The macros at the top of the file, which blocks see only so.
        macros = vars(template.make_module(context))
        return "".join(block(template.new_context({**macros, **context})))
    except (
        TemplateError,
        ArithmeticError,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
    ) as error:
        raise WordsError(f"no words for it: {type(error).__name__}: {error}") from error


def _block_of(template: Template, name: str) -> Callable[[Any], Iterator[str]]:
    """A second voice is a template's own choice; the first serves for both."""
    if name == "self_check" and name not in template.blocks:
        name = "mail"
    return template.blocks[name]


@lru_cache(maxsize=64)
def _template(rule: str) -> Template:
    environment = _environment()
    made = _made_at_build(rule)
    if made is None:
        return environment.get_template(f"{rule}.j2")
    names = environment.make_globals(None)
    return environment.template_class.from_module_dict(environment, made, names)


def _made_at_build(rule: str) -> MutableMapping[str, Any] | None:
    """A template as a wheel holds it compiled (.ci/compiled_at_build.py).

    None where it does not, or another jinja2 did it.
    """
    import jinja2

    package = "reviewer.compiled_templates"
    try:
        if jinja2.__version__ != import_module(package).MADE_BY:
            return None
        return vars(import_module(f"{package}.{rule.replace('-', '_')}"))
    except ImportError:
        return None


@lru_cache(maxsize=1)
def _environment() -> SandboxedEnvironment:
    """The templates' surroundings; .ci/compiled_at_build.py compiles for the same."""
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    environment = SandboxedEnvironment(
        loader=FileSystemLoader(TEMPLATES / "findings"),
        undefined=StrictUndefined,
        autoescape=False,  # plain text; output/escaping.py stands before every sink
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"table": table, "code": code, "listed": listed_in_words}
    environment.globals["at"] = file_and_line
    return environment


# --- what the templates use -------------------------------------------------------


def table(rows: Iterable[Sequence[Any]], columns: Sequence[str]) -> str:
    """Returns columns under their heads, indented by two; numbers to the right.

    A row may have one cell more than there are heads: it stands behind the row, as
    the arrow of a row that differs.
    """
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [
        max(len(head), *(len(row[n]) for row in cells), 0)
        for n, head in enumerate(columns)
    ]
    lines = ["  ".join(h.ljust(w) for h, w in zip(columns, widths, strict=True))]
    for row in cells:
        aligned = [
            cell.rjust(width) if cell.isdigit() or cell == "-" else cell.ljust(width)
            for cell, width in zip(row, widths, strict=False)
        ]
        lines.append("  ".join([*aligned, *row[len(columns) :]]))
    return "\n".join(f"  {line}".rstrip() for line in lines)


def code(text: str) -> str:
    """Returns text indented by two, its own indentation reduced to what its lines
    share."""
    from textwrap import dedent, indent

    return indent(dedent(text.expandtabs(8)).rstrip(), "  ")


def file_and_line(evidence: Evidence | Mapping[str, Any]) -> str:
    """Says where a fact was read: ``file:line``."""
    if isinstance(evidence, Mapping):
        return f"{evidence['file']}:{evidence['line']}"
    return f"{evidence.file}:{evidence.line}"


def listed_in_words(names: Iterable[str]) -> str:
    """Returns ``a``, ``a and b``, ``a, b and c``."""
    names = list(names)
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
