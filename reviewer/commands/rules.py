# SPDX-License-Identifier: GPL-2.0-or-later
"""``kpf-review rules``: the list of rules; ``--new NAME`` begins another one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from reviewer.commands import Result, Session

if TYPE_CHECKING:
    import argparse

    from reviewer.api import Rule

HELP = "the list of rules; --new begins another one"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what this subcommand takes to its parser."""
    parser.add_argument(
        "--format", choices=("text", "json", "markdown", "index"), default="text"
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--new",
        metavar="NAME",
        help="in a checkout: write the files of a rule that begins, and say what next",
    )
    which.add_argument(
        "--measured",
        action="store_true",
        help="how often the remarks of each were right, as read by people",
    )
    which.add_argument(
        "--write",
        action="store_true",
        help="in a checkout: make anew what repeats the rules' declarations",
    )


def run(args: argparse.Namespace, session: Session) -> Result:
    """Returns a row a rule: name, severity, status, summary; or what was written."""
    from reviewer import rulebook
    from reviewer.commands import new_rule

    if args.new is not None:
        return _begun(args.new)
    if args.write:
        return Result(_paths(new_rule.write(), new_rule.checkout()))
    if args.format == "index":
        return Result(rulebook.index_source())
    rules = [rulebook.load(name).rule for name in rulebook.names()]
    if args.measured:
        return Result(_measured(rules, args.format))
    if args.format == "json":
        return Result(_json(rules))
    if args.format == "markdown":
        return Result(new_rule.markdown(rules))
    return Result(_text(rules))


def _measured(rules: list[Rule], form: str) -> str:
    from reviewer.commands import measured_rules

    forms = {"json": measured_rules.as_json, "markdown": measured_rules.markdown}
    return forms.get(form, measured_rules.text)(rules)


def _json(rules: list[Rule]) -> str:
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
    return json.dumps(rows, indent=1) + "\n"


def _text(rules: list[Rule]) -> str:
    width = max(len(rule.name) for rule in rules)
    lines = [
        f"{rule.name:<{width}}  {rule.severity.value:<6}  {rule.status.value:<7}  "
        f"{rule.summary}"
        for rule in rules
    ]
    return "\n".join(lines) + "\n"


def _begun(name: str) -> Result:
    from reviewer.commands import new_rule

    written = _paths(new_rule.begin(name), new_rule.checkout())
    return Result(
        f"{written}\nIt works, and says TODO where you come in. Try it with\n"
        f"  python -m pytest -n 0 tests/rules -k {name}\n"
        "and go on with: kpf-review help writing-a-rule\n"
    )


def _paths(paths: tuple[Path, ...], top: Path) -> str:
    return "".join(f"wrote {path.relative_to(top)}\n" for path in paths)
