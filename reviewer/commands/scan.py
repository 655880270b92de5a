# SPDX-License-Identifier: GPL-2.0-or-later
"""``kpf-review scan``: the file rules over existing code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from reviewer.commands import Result, Session, options
from reviewer.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from reviewer.rulebook import LoadedRule
    from reviewer.tree import Tree
    from reviewer.tree.view import View

HELP = "look for the same pitfalls in existing code"
SUFFIXES = (".c", ".h")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what this subcommand takes to its parser."""
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="files or folders (default: all)"
    )
    options.add_tree(parser)
    options.add_rules(parser)
    options.add_output(parser)


def run(args: argparse.Namespace, session: Session) -> Result:
    """Scan the paths given, at --base or as they lie in the worktree."""
    from reviewer import engine

    tree = options.need_tree(args, session)
    try:
        view = tree.view(args.base)
        paths = _files(args.paths, tree, view)
        rules = _for_scanning(options.rules(args, session), args.select)
        info = tree.info_at(args.base)
        outcome = engine.scan(view, info, paths, rules, progress=session.progress)
        return options.present(args, session, outcome, incomplete=False)
    finally:
        tree.close()


def _for_scanning(
    rules: tuple[LoadedRule, ...], select: list[str]
) -> tuple[LoadedRule, ...]:
    """Without those that a scan leaves out unless they are named."""
    named = " ".join(select).replace(",", " ").split()
    return tuple(r for r in rules if r.rule.in_scan or r.name in named)


def _files(named: list[str], tree: Tree, view: View) -> list[str]:
    """The C files below what was named, without repetition.

    Raises UsageError for a name with no C file below it.
    """
    found: dict[str, None] = {}
    for name in named or [""]:
        path = _inside(name, tree)
        if path and view.exists(path):
            found[path] = None
            continue
        below = [file for file in view.files(path) if file.endswith(SUFFIXES)]
        if not below:
            raise UsageError(f"{name}: no C file there in {tree.path}")
        found.update(dict.fromkeys(below))
    return list(found)


def _inside(name: str, tree: Tree) -> str:
    """A path of the tree: relative to its top, or an existing file named from here."""
    if not name:
        return ""
    path = Path(name)
    if path.is_absolute() or path.exists():
        try:
            return str(path.resolve().relative_to(tree.path.resolve())).strip("./")
        except ValueError:
            if path.is_absolute():
                raise UsageError(f"{name}: not inside {tree.path}") from None
    return name.strip("/")
