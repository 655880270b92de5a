# SPDX-License-Identifier: GPL-2.0-or-later
"""``kpf-review behaviour``: what a change does to what a function computes, proved."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from reviewer.commands import Result, Session, options
from reviewer.errors import InputError, UsageError

if TYPE_CHECKING:
    import argparse

    from reviewer.c.source import Source
    from reviewer.facts import Facts
    from reviewer.models import PatchState, Report, Series, TreeInfo
    from reviewer.prover import FileQuestion, FunctionVerdict, SeriesBudget
    from reviewer.tree.apply import Applied
    from reviewer.tree.view import View

HELP = "what a change does to what user space sees, bit by bit, proved"
MODES = ("quiescent", "concurrent")
C_FILES = (".c", ".h")
Verdicts = dict[str, "tuple[FunctionVerdict, ...]"]


class ComparedSeries(Struct, frozen=True):
    """The verdicts by file, and what was compared in which tree."""

    verdicts: Verdicts
    tree: TreeInfo
    series: Series | None = None
    patches: tuple[PatchState, ...] = ()

    @property
    def all(self) -> tuple[FunctionVerdict, ...]:
        """The verdicts of all files."""
        return tuple(v for found in self.verdicts.values() for v in found)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what this subcommand takes to its parser."""
    parser.add_argument(
        "what",
        nargs="+",
        metavar="SERIES | A..B | OLD NEW",
        help="a series as for a review, a range of commits, or two files, each in "
        "the kernel tree that it belongs to",
    )
    parser.add_argument(
        "--function", action="append", default=[], metavar="NAME", help="only these"
    )
    parser.add_argument(
        "--mode",
        choices=MODES,
        default=MODES[0],
        help="concurrent: every load may see another value",
    )
    parser.add_argument(
        "--without",
        action="append",
        default=[],
        metavar="ASSUMPTION",
        help="drop a named assumption; they are listed below the table",
    )
    parser.add_argument("--format", choices=("text", "json", "mail"), default="text")
    parser.add_argument("--offline", action="store_true", help="never use the network")
    options.add_tree(parser)


def run(args: argparse.Namespace, session: Session) -> Result:
    """Compares, and shows: exit status 1 where something is proved to differ.

    Raises UsageError for an assumption or a function that there is not.
    """
    _check_assumptions(args.without)
    if len(args.what) == 2:
        compared = _two_files(args, session)
    elif len(args.what) == 1:
        compared = _series(args, session)
    else:
        raise UsageError("behaviour takes a series, a range, or two files")
    if args.function:
        _check_names(args.function, compared.all)
    status = 1 if any(v.differing for v in compared.all) else 0
    return Result(_shown(args, compared), status, (_summary(compared.all),))


def _check_assumptions(without: list[str]) -> None:
    from reviewer.prover.assume.assumptions import ASSUMPTIONS

    for name in without:
        if name not in ASSUMPTIONS:
            known = ", ".join(ASSUMPTIONS)
            raise UsageError(f"no assumption {name!r}; there are: {known}")


def _two_files(args: argparse.Namespace, session: Session) -> ComparedSeries:
    """Compare OLD and NEW, each with the facts of its own tree."""
    from reviewer import tree
    from reviewer.c.source import parse
    from reviewer.facts import Facts
    from reviewer.prover import SeriesBudget, judged_files

    sides = []
    info = None
    for name in args.what:
        path = Path(name)
        if not path.is_file():
            raise InputError(f"{name}: no such file")
        kernel = tree.tree_around(path.resolve().parent)
        if kernel is not None:
            inside = str(path.resolve().relative_to(kernel.path.resolve()))
            view = kernel.view(None)
        elif args.tree:  # a copy that lies outside of one
            kernel = options.need_tree(args, session)
            view = kernel.view(args.base)
            inside = _meant(path, view)
        else:
            raise InputError(f"{name}: not in a kernel tree; name one with --tree DIR")
        sides.append((parse(inside, path.read_bytes()), Facts(view)))
        info = kernel.info
    (pre, facts_pre), (post, facts_post) = sides
    budget = SeriesBudget(session.settings.limits().behaviour_time)
    both = facts_pre, facts_post
    question = _question(args, pre, post, both, budget=budget)
    (found,) = judged_files([question], session.progress)
    assert info is not None
    return ComparedSeries({post.path: found}, info)


def _meant(path: Path, view: View) -> str:
    """Which file of the tree one outside of it is a copy of; else its bare name.

    The more of its folders the tree has as well, the better.
    """
    parts = path.resolve().parts[1:]
    ends = ("/".join(parts[n:]) for n in range(len(parts)))
    return next((end for end in ends if view.exists(end)), path.name)


def _series(args: argparse.Namespace, session: Session) -> ComparedSeries:
    """Compare before and after the whole series: its patches only move on the way."""
    from reviewer import mail
    from reviewer.tree.apply import apply_series

    trees = options.need_trees(args, session)
    bounds = session.settings.limits()
    what = args.what[0]
    try:
        if ".." in what and not Path(what).exists() and "@" not in what:
            trees = trees[:1]
            series = mail.open_range(trees[0].path, what, limits=bounds)
            base = args.base or series.base_commit
        else:
            series = mail.open_series(
                what, offline=args.offline, limits=bounds, stdin=session.stdin
            )
            base = args.base
        applied = apply_series(
            series, trees[0], base=base, limits=bounds, others=trees[1:], fit=False
        )
        return _compared(args, session, series, applied)
    finally:
        options.close(trees)


def of_applied(
    session: Session, series: Series, applied: Applied
) -> tuple[FunctionVerdict, ...]:
    """Returns the verdicts on all functions that a series changes, on the state that
    it was reviewed on.

    Raises InputError where it does not apply to that as it is.
    """
    import argparse

    args = argparse.Namespace(
        what=[series.subject], function=[], mode=MODES[0], without=[]
    )
    return _compared(args, session, series, applied).all


def _compared(
    args: argparse.Namespace,
    session: Session,
    series: Series,
    applied: Applied,
) -> ComparedSeries:
    from reviewer.commands import behaviour_by_patch
    from reviewer.facts import Facts
    from reviewer.models import PatchState
    from reviewer.prover import SeriesBudget, judged_files
    from reviewer.prover.changes.moved_functions import moved_functions

    what = args.what[0]
    failed = [step for step in applied.patches if not step.applied]
    if failed or applied.base is None:
        why = next((c.why for s in failed for c in s.changes if c.why), None)
        raise InputError(f"{what}: does not apply: {why or failed[0].why}")
    base_view, after = applied.base, applied.patches[-1].post_view
    assert after is not None
    facts_pre, facts_post = Facts(base_view), Facts(after)
    budget = SeriesBudget(session.settings.limits().behaviour_time)
    compared: Verdicts = {}
    files = [
        (_source(base_view, old), _source(after, new)) for old, new in _paths(applied)
    ]
    pairs = [(pre, post) for pre, post in files if pre and post]
    moved: dict[str, list[tuple[Source, Source, str]]] = {}
    for pre, post, name in moved_functions(files):
        moved.setdefault(post.path, []).append((pre, post, name))
    ask = partial(_question, args, budget=budget)
    facts = facts_pre, facts_post
    questions = []
    for pre, post in pairs:
        brought = tuple((old, name) for old, _, name in moved.pop(post.path, ()))
        questions.append(ask(pre, post, facts, moved=brought))
    for pre, post, name in (one for found in moved.values() for one in found):
        questions.append(ask(pre, post, facts, names=(name,), callers=False))
    steps = []
    if len(applied.patches) > 1 and not args.function:
        steps = behaviour_by_patch.states_of(applied.patches)
    questions += [
        ask(one.pre, one.post, one.facts, names=one.names, callers=False)
        for one in steps
    ]
    answers = judged_files(questions, session.progress)
    of_files = len(questions) - len(steps)
    for question, found in zip(questions, answers[:of_files], strict=False):
        path = question.post.path
        compared[path] = compared.get(path, ()) + found
    compared = behaviour_by_patch.with_steps(compared, steps, answers[of_files:])
    states = tuple(
        PatchState(step.patch, step.applied, step.changes) for step in applied.patches
    )
    return ComparedSeries(compared, applied.info, series, states)


def _paths(applied: Applied) -> Iterator[tuple[str | None, str | None]]:
    """(path before the series, path after it) of the C files that it touches."""
    former: dict[str, str | None] = {}
    removed: list[str] = []
    for step in applied.patches:
        for change in step.changes:
            old, new = change.diff.old_path, change.diff.new_path
            origin = None if old is None else former.pop(old, old)
            if new is not None:
                former[new] = origin
            elif origin is not None:
                removed.append(origin)
    pairs = [
        *((old, new) for new, old in former.items()),
        *((r, None) for r in removed),
    ]
    yield from (pair for pair in pairs if (pair[1] or pair[0] or "").endswith(C_FILES))


def _source(view: View, path: str | None) -> Source | None:
    from reviewer.c.source import parse

    data = None if path is None else view.read(path)
    return None if data is None or path is None else parse(path, data)


def _question(
    args: argparse.Namespace,
    pre: Source,
    post: Source,
    facts: tuple[Facts, Facts],
    *,
    budget: SeriesBudget,
    names: tuple[str, ...] | None = None,
    moved: tuple[tuple[Source, str], ...] = (),
    callers: bool = True,
) -> FileQuestion:
    """What the command line asks of one file."""
    from reviewer.prover import FileQuestion

    return FileQuestion(
        pre, post, facts, names, tuple(args.function), moved, args.mode,
        tuple(args.without), callers, budget,
    )  # fmt: skip


def _check_names(wanted: list[str], verdicts: tuple[FunctionVerdict, ...]) -> None:
    have = {verdict.name for verdict in verdicts}
    for name in wanted:
        if name not in have:
            raise UsageError(f"{name}(): not among the changed functions")


def _summary(verdicts: tuple[FunctionVerdict, ...]) -> str:
    from reviewer.output.behaviour import table

    return f"kpf-review: {table(verdicts)}"


def _shown(args: argparse.Namespace, compared: ComparedSeries) -> str:
    from reviewer.output import behaviour

    if args.format == "json":
        return behaviour.json(_report(compared), compared.all)
    shown = behaviour.mail if args.format == "mail" else behaviour.text
    return shown(compared.all)


def _report(compared: ComparedSeries) -> Report:
    """The same as a report: a comparison has no findings, but may not be decided."""
    from reviewer.models import NotChecked, Report

    undecided = tuple(
        NotChecked(f"{path}: {verdict.name}()", verdict.why or "not decided", path)
        for path, found in compared.verdicts.items()
        for verdict in found
        if str(verdict.verdict) == "not decided" or verdict.by_clock
    )
    return Report(
        compared.series, compared.tree, compared.patches, (), not_checked=undecided
    )
