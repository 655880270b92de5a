# SPDX-License-Identifier: GPL-2.0-or-later
"""``kpf-review scan``: the file rules over existing code."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reviewer.commands import Result, Session, batch, options
from reviewer.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from reviewer.batch.files import Files, Jobs, Results
    from reviewer.batch.orders import Order
    from reviewer.rulebook import LoadedRule
    from reviewer.tree import Tree
    from reviewer.tree.views import FolderView, GitView

HELP = "look for the same pitfalls in existing code"
SUFFIXES = (".c", ".h")
MEMORY = 800  # megabytes of a worker: a new one has to read common headers again


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what this subcommand takes to its parser."""
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="files or folders (default: all)"
    )
    parser.add_argument(
        "--since", metavar="REV", help="only files that are not as they were there"
    )
    parser.add_argument(
        "--baseline",
        metavar="FILE",
        help="leave out what this report (--format json) has",
    )
    parser.add_argument(
        "--resume",
        metavar="FILE",
        help="keep there what is found; what stands in it is not looked at again",
    )
    batch.add_workers(parser, MEMORY)
    batch.add_scheduler(parser)
    options.add_tree(parser)
    options.add_rules(parser)
    options.add_output(parser)


def run(args: argparse.Namespace, session: Session) -> Result:
    """Scan the paths given, at --base or as they lie in the worktree."""
    from reviewer import engine
    from reviewer.batch import files
    from reviewer.commands import scan_report
    from reviewer.facts.places_of_names import FINDERS

    batch.check_numbers(args)
    tree = options.need_tree(args, session)
    try:
        view = tree.view(args.base)
        paths = _since(args.since, _files(args.paths, tree, view), tree, view)
        rules = _for_scanning(options.rules(args, session), args.select)
        view.will_be_scanned(len(paths), FINDERS)
        jobs = files.Jobs(paths, batch.worker_count(args))
        order = _order(args, session, tree, rules) if args.scheduler else None
        work = files.scanned_by(engine.Scanner(view, rules))
        told = scan_report.Told(args, session, tree.info_at(args.base), rules, jobs)
        name = scan_report.job_names(args.base, tree, view, rules)

        def results(todo: Jobs) -> Results:
            if order is None:
                return _results(todo, work, args, session)
            from reviewer.batch import cluster

            return cluster.results(todo, order, args.scheduler)

        return told.result(args.resume, name, results)
    finally:
        tree.close()


def _results(
    todo: Jobs,
    work: Callable[[Files], dict[str, Any]],
    args: argparse.Namespace,
    session: Session,
) -> Iterator[tuple[Files, dict[str, Any] | str]]:
    """What is done with the jobs: by workers, or here where there are few files."""
    if len(todo.every) == 1 or batch.worker_count(args) == 1:
        return ((job, work(job)) for job in todo)
    return batch.in_workers(todo, lambda: work, args, session)


def _order(
    args: argparse.Namespace,
    session: Session,
    tree: Tree,
    rules: tuple[LoadedRule, ...],
) -> Order:
    """What a cluster is to do.  Raises UsageError without --base."""
    from reviewer.batch.orders import Order, commits_of

    if args.base is None:
        raise UsageError("--scheduler: a cluster reads a commit: name it with --base")
    return Order(
        "scan",
        tuple(rule.name for rule in rules),
        commits_of([tree], args.base),
        megabytes=args.worker_memory,
        seconds=args.job_time,
        limits=session.settings.limits(),
    )


def _for_scanning(
    rules: tuple[LoadedRule, ...], select: list[str]
) -> tuple[LoadedRule, ...]:
    """Without those that a scan leaves out unless they are named."""
    named = " ".join(select).replace(",", " ").split()
    return tuple(r for r in rules if r.rule.in_scan or r.name in named)


def _files(named: list[str], tree: Tree, view: FolderView | GitView) -> list[str]:
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


def _since(
    revision: str | None, paths: list[str], tree: Tree, view: FolderView | GitView
) -> list[str]:
    """Those of the paths that are not as they were at a revision.

    Raises TreeError where it is unknown, or the tree no repository.
    """
    from reviewer.tree.changed_since import changed
    from reviewer.tree.views import GitView

    if revision is None:
        return paths
    old = tree.view(revision)
    assert isinstance(old, GitView)
    return changed(paths, old, view)


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
