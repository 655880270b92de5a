# SPDX-License-Identifier: GPL-2.0-or-later
"""``kpf-review rules``: the list of rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.commands import Result, Session

if TYPE_CHECKING:
    import argparse

HELP = "the list of rules"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--format", choices=("text", "json", "markdown", "index"), default="text"
    )


def run(args: argparse.Namespace, session: Session) -> Result:
    """A row a rule: name, severity, status, summary."""
    from reviewer import rulebook

    if args.format == "index":
        return Result(rulebook.index_source())
    rules = [rulebook.load(name).rule for name in rulebook.names()]
    if args.format == "json":
        import json

        rows = [
            {
                "name": rule.name,
                "severity": rule.severity.value,
                "scope": rule.scope.value,
                "status": rule.status.value,
                "summary": rule.summary,
                "precedent": list(rule.precedent),
            }
            for rule in rules
        ]
        return Result(json.dumps(rows, indent=1) + "\n")
    if args.format == "markdown":
        head = ["| rule | severity | what it catches |", "|---|---|---|"]
        body = [
            f"| `{r.name}` | {r.severity.value} | {_cell(r.summary)} |" for r in rules
        ]
        return Result("\n".join(head + body) + "\n")
    width = max(len(rule.name) for rule in rules)
    lines = [
        f"{rule.name:<{width}}  {rule.severity.value:<6}  {rule.status.value:<7}  "
        f"{rule.summary}"
        for rule in rules
    ]
    return Result("\n".join(lines) + "\n")


def _cell(text: str) -> str:
    """Text for a cell of a Markdown table."""
    return text.replace("|", "\\|")
