# SPDX-License-Identifier: GPL-2.0-or-later
"""``kpf-review explain NAME``: a rule's lesson, or what the tree says about a name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from reviewer.commands import Result, Session, options

if TYPE_CHECKING:
    import argparse

    from reviewer.tree import Tree

HELP = "a rule, a page flag, a KPF bit, a helper or a mapping value, explained"
MINIATURE = Path(__file__).parent.parent / "demo" / "tree"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what this subcommand takes to its parser."""
    parser.add_argument(
        "name", help="mask-vs-equality, PG_lru, KPF_THP, PageKsm, CONFIG_KSM ..."
    )
    options.add_tree(parser)


def run(args: argparse.Namespace, session: Session) -> Result:
    """Returns the lesson as it stands in the rule's folder, or an explanation with
    places."""
    from reviewer import rulebook

    if args.name in rulebook.names():
        from reviewer.output.reflow import rewrapped

        return Result(rewrapped(rulebook.load(args.name).lesson, session.width))
    from reviewer.explain import explain
    from reviewer.explain.text import render
    from reviewer.facts import Facts

    tree, notes = tree_or_miniature(args, session)
    with tree:
        explanation = explain(Facts(tree.view(args.base)), args.name)
    text = render(explanation, color=session.color, width=session.width)
    return Result(text, 0, notes)


def tree_or_miniature(
    args: argparse.Namespace, session: Session
) -> tuple[Tree, tuple[str, ...]]:
    """Returns the tree in hand, else our own small one, and which of them it is."""
    from reviewer.tree import open_tree

    found = options.find_tree(args, session)
    if found is None:
        note = "no kernel tree here: this is about the miniature tree of kpf-review"
        return open_tree(MINIATURE), (f"kpf-review: {note}",)
    kernel = found.info_at(args.base).kernel
    return found, (f"kpf-review: as Linux {kernel} in {found.path} has it",)
