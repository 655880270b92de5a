"""``kpf-review explain RULE``: the lesson that belongs to a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.commands import Result, Session

if TYPE_CHECKING:
    import argparse

HELP = "what a rule is about: why, wrong, right, precedent"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", help="a rule, see 'kpf-review rules'")


def run(args: argparse.Namespace, session: Session) -> Result:
    """The lesson as it stands in the rule's folder."""
    from reviewer import rulebook

    return Result(rulebook.load(args.name).lesson)
