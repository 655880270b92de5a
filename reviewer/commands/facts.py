# SPDX-License-Identifier: GPL-2.0-or-later
"""``kpf-review facts``: what the tool read from this tree, with file:line."""

from __future__ import annotations

import argparse
from typing import Any

from reviewer.commands import Result, Session, options

HELP = "what was read from this tree: flags, KPF bits, helpers, gates, fields"
TOPICS = ("flags", "kpf", "helpers", "gates", "fields")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what this subcommand takes to its parser."""
    parser.add_argument("topic", nargs="?", choices=TOPICS, help="default: all of them")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    options.add_tree(parser)


def run(args: argparse.Namespace, session: Session) -> Result:
    """Returns one table for each topic that was asked for.

    A topic that the tree cannot tell is a note, and the exit status is 3.
    """
    from reviewer.facts import Facts, FactsMissing
    from reviewer.facts.listing import listing

    tree = options.need_tree(args, session)
    notes: list[str] = []
    tables: dict[str, Any] = {}
    try:
        facts = Facts(tree.view(args.base))
        for topic in [args.topic] if args.topic else TOPICS:
            try:
                tables[topic] = listing(facts, topic)
            except FactsMissing as missing:
                notes.append(f"kpf-review: {topic}: {missing}")
    finally:
        tree.close()
    for table in tables.values():
        notes += [f"kpf-review: {note}" for note in table.notes]
    status = 0 if len(tables) == (1 if args.topic else len(TOPICS)) else 3
    if args.format == "json":
        import json

        from reviewer.output.escaping import data

        rows = {topic: table.as_json() for topic, table in tables.items()}
        return Result(json.dumps(data(rows), indent=1) + "\n", status, tuple(notes))
    return Result(
        "\n".join(_table(*pair) for pair in tables.items()), status, tuple(notes)
    )


def _table(topic: str, table: Any) -> str:
    from reviewer.visible_text import one_line

    columns = (*table.columns, "read at")
    rows = [columns]
    for row in table.rows:
        place = f"{row.evidence.file}:{row.evidence.line}"
        cells = [_shown(row.cells[name]) for name in table.columns]
        rows.append(tuple(one_line(cell) for cell in (*cells, place)))
    widths = [max(len(row[n]) for row in rows) for n in range(len(columns))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]
    rule = "  ".join("-" * width for width in widths)
    body = [lines[0], rule, *lines[1:]]
    return (
        "\n".join([f"{topic} ({len(table.rows)})", *(x.rstrip() for x in body)]) + "\n"
    )


def _shown(cell: Any) -> str:
    if isinstance(cell, bool):
        return "yes" if cell else ""
    return ", ".join(cell) if isinstance(cell, list | tuple) else str(cell)
