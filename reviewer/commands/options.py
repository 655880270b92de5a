# SPDX-License-Identifier: GPL-2.0-or-later
"""Options that several subcommands share, and what follows from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer.commands import Result, Session
from reviewer.errors import KpfError, TreeError, UsageError
from reviewer.models import NotChecked

if TYPE_CHECKING:
    import argparse

    from reviewer.config import Setting, Settings
    from reviewer.engine import Outcome
    from reviewer.library import Opened
    from reviewer.models import Judged, Report
    from reviewer.profiles import Profile
    from reviewer.rulebook import LoadedRule
    from reviewer.tree import Tree


_NO_TREE = "no kernel tree here: run it in one, or name it with --tree"


def add_tree(parser: argparse.ArgumentParser) -> None:
    """Adds --tree and --base."""
    parser.add_argument(
        "--tree",
        metavar="DIR",
        action="append",
        default=[],
        help="kernel tree (default: the one around here); may be given several times",
    )
    parser.add_argument("--base", metavar="REV", help="what the series applies to")


def add_behaviour(parser: argparse.ArgumentParser) -> None:
    """Adds the option that has the changed functions compared."""
    parser.add_argument(
        "--behaviour",
        action="store_true",
        help="say of each changed function when it does something else",
    )


def add_rules(parser: argparse.ArgumentParser) -> None:
    """Adds --select, --ignore, --preview, --preexisting, --show-dismissed."""
    parser.add_argument(
        "--select", metavar="RULE", action="append", default=[], help="only these rules"
    )
    parser.add_argument(
        "--ignore", metavar="RULE", action="append", default=[], help="not these rules"
    )
    parser.add_argument("--preview", action="store_true", help="preview rules too")
    parser.add_argument(
        "--preexisting",
        action="store_true",
        help="show what was there before the series",
    )
    parser.add_argument(
        "--show-dismissed",
        action="store_true",
        help="list the remarks that were dismissed, by whom and why",
    )


def add_output(parser: argparse.ArgumentParser) -> None:
    """Adds --format, --fingerprints, --output, --mbox, --force, --info."""
    from reviewer.output import FORMATS

    parser.add_argument(
        "--format", choices=FORMATS, default="text", help="how the findings are written"
    )
    add_fingerprints(parser)
    parser.add_argument(
        "--output", metavar="DIR", help="write the drafts there, one .eml a patch"
    )
    parser.add_argument(
        "--mbox", action="store_true", help="with --output: one mboxrd file"
    )
    parser.add_argument(
        "--force", action="store_true", help="with --output: overwrite drafts"
    )
    parser.add_argument(
        "--info", action="store_true", help="put info findings into the drafts too"
    )


def add_fingerprints(parser: argparse.ArgumentParser) -> None:
    """Adds --fingerprints."""
    parser.add_argument(
        "--fingerprints",
        action="store_true",
        help="with --format text: show what 'kpf-review dismiss' takes of each remark",
    )


def rules(args: argparse.Namespace, session: Session) -> tuple[LoadedRule, ...]:
    """Returns the rules that options and configuration choose."""
    from reviewer import rulebook

    session.settings.profiles()  # a wrong one is told at once
    select = _split(args.select) or session.settings.names("select")
    ignore = [*_split(args.ignore), *session.settings.names("ignore")]
    preview = args.preview or session.settings.flag("preview")
    chosen = rulebook.choose(select, ignore, preview=preview)
    for setting in map(session.settings.values.get, ("select", "ignore")):
        if setting and setting.value and setting.origin == session.settings.repository:
            others = _without(setting, args, session)
            if len(rulebook.choose(*others, preview=preview)) > len(chosen):
                session.unread.append(_left_out_by(setting))
    return chosen


def _without(
    setting: Setting, args: argparse.Namespace, session: Session
) -> tuple[Sequence[str], Sequence[str]]:
    """What is selected and ignored without a setting; --select goes before kpf's."""
    settings = session.settings
    select = _split(args.select)
    if setting.name != "select":
        select = select or settings.names("select")
    ignore = settings.names("ignore") if setting.name != "ignore" else ()
    return select, [*_split(args.ignore), *ignore]


def _left_out_by(setting: Setting) -> NotChecked:
    """Rules of which the repository wants nothing to be heard: not the reader."""
    name, value = f"kpf.{setting.name}", setting.value
    file = setting.origin.removeprefix("file:")
    what = f"rules that the repository's {name} leaves out"
    return NotChecked(what, f"{name} = {value} in {file}")


def opened(args: argparse.Namespace, session: Session, trees: Sequence[Tree]) -> Opened:
    """Returns what ``library`` needs to review: the trees, and the rules, base and
    limits that options and configuration choose."""
    from reviewer.library import Opened

    return Opened(
        tuple(trees),
        rules(args, session),
        args.base,
        args.preexisting or session.settings.flag("preexisting"),
        session.settings.limits(),
        lambda outcome: by_settings(outcome, session),
        session.progress,
    )


def _split(values: list[str]) -> tuple[str, ...]:
    return tuple(" ".join(values).replace(",", " ").split())


def find_tree(args: argparse.Namespace, session: Session) -> Tree | None:
    """Returns the tree named, around the current folder, or configured; None for none.

    Raises UsageError where several are named: only a review looks into several.
    """
    if len(args.tree) > 1:
        raise UsageError("--tree may be given only once here")
    return next(_trees(args, session), None)


def find_trees(args: argparse.Namespace, session: Session) -> list[Tree]:
    """Returns the trees named; else the one around the
    current folder and those configured.

    What is configured and cannot be opened is named in ``session.unread``.

    Raises TreeError where a tree named is none, or where there is only one that is
    configured and cannot be opened.
    """
    found: list[Tree] = []
    try:
        for tree in _trees(args, session):
            if all(tree.path.resolve() != one.path.resolve() for one in found):
                found.append(tree)
    except KpfError:
        close(found)
        raise
    return found


def close(trees: Sequence[Tree]) -> None:
    """End what git runs for the trees."""
    for tree in trees:
        tree.close()


def _trees(args: argparse.Namespace, session: Session) -> Iterator[Tree]:
    from reviewer import tree

    if args.tree:
        for named in args.tree:
            yield tree.open_tree(Path(named))
        return
    found = tree.tree_around(Path.cwd())
    if found is not None:
        yield found
    first: TreeError | None = None
    for setting in session.settings.trees:
        try:
            found = tree.open_tree(Path(setting.value).expanduser())
        except TreeError as error:
            first = first or error
            session.unread.append(_unread(setting, error))
        else:
            yield found
    if found is None and first is not None:
        raise first


def _unread(setting: Setting, error: TreeError) -> NotChecked:
    """A tree that is configured, and in which no base can be looked for."""
    todo = f"mend kpf.tree in {setting.origin}: git config --edit"
    return NotChecked(f"the tree {setting.value}", f"{error} (kpf.tree)", todo=todo)


def need_tree(args: argparse.Namespace, session: Session) -> Tree:
    """Finds a tree as find_tree does; raises UsageError where there is none."""
    found = find_tree(args, session)
    if found is None:
        raise UsageError(_NO_TREE)
    return found


def need_trees(args: argparse.Namespace, session: Session) -> list[Tree]:
    """Finds trees as find_trees does; raises UsageError where there is none."""
    found = find_trees(args, session)
    if not found:
        raise UsageError(_NO_TREE)
    return found


def by_settings(outcome: Outcome, session: Session) -> Outcome:
    """Leave out what a path profile of the configuration switches off and what was
    dismissed, and name the trees of the configuration that could not be opened."""
    from msgspec.structs import replace

    from reviewer.commands import dismissals

    report = outcome.report
    findings, gone = report.findings, report.dismissed
    wanted = session.settings.profiles()
    if wanted:
        findings = tuple(as_wanted(wanted, report))
        gone = (*gone, *_ignored_by_the_repository(wanted, report, session.settings))
    missing = tuple(dict.fromkeys((*report.not_checked, *session.unread)))
    report = replace(report, findings=findings, dismissed=gone, not_checked=missing)
    return replace(outcome, report=dismissals.without_dismissed(report, session))


def as_wanted(wanted: Mapping[str, Profile], report: Report) -> Iterator[Judged]:
    """Yields the findings as the subsystems want them whose files they are about.

    What is about a message is about all files that its patch changes; what is about
    the whole series about all of these.
    """
    from reviewer import profiles

    for finding, about in _with_files(report):
        profile = profiles.profile_for(wanted, about)
        if profile.shows(finding.rule):
            yield profile.told(finding)


def _ignored_by_the_repository(
    wanted: Mapping[str, Profile], report: Report, settings: Settings
) -> Iterator[Judged]:
    """The findings that the reader's own profiles would show."""
    from msgspec.structs import replace

    from reviewer import dismissed, profiles

    own = settings.profiles(own=True)
    why = f"below a path in {(settings.repository or '').removeprefix('file:')}"
    for finding, about in _with_files(report):
        shown = profiles.profile_for(wanted, about).shows(finding.rule)
        if not shown and profiles.profile_for(own, about).shows(finding.rule):
            by = dismissed.REPOSITORY
            yield replace(finding, dismissed_by=by, dismissed_why=why)


def _with_files(report: Report) -> Iterator[tuple[Judged, list[str]]]:
    """Each finding with the files that it is about."""
    files = {
        state.patch.index: [change.path for change in state.changes]
        for state in report.patches
    }
    every = [path for paths in files.values() for path in paths]
    for finding in report.findings:
        about = [finding.file] if finding.file else files.get(finding.patch or 0, every)
        yield finding, about


def present(
    args: argparse.Namespace,
    session: Session,
    outcome: Outcome,
    *,
    incomplete: bool,
    voice: str = "mail",
    left: Callable[[Report], Report] = lambda report: report,
) -> Result:
    """Render a report, write drafts if asked to, and find the exit status.

    ``left``: what of the report is still to be shown.
    """
    from reviewer import library, output

    judged = by_settings(outcome, session).report
    report = output.worded(judged, voice=voice)
    crashed = library.failed_rules(outcome, judged, report)
    notes = list(report.series.notes) if report.series else []
    written: tuple[str, ...] = ()
    if getattr(args, "output", None):
        written = _write_drafts(args, session, report)
        notes += [f"wrote {path}" for path in written]
        notes += _left_out(report, _with_info(args, session))
    text = output.render(
        left(report),
        args.format,
        color=session.color,
        width=session.width,
        identity=_identity(args),
        command=session.command,
        info=_with_info(args, session),
        dismissed=args.show_dismissed,
        fingerprints=getattr(args, "fingerprints", False),
    )
    notes += crash_notes(crashed)
    if args.format in ("text", "mail"):
        notes.append(output.summary_line(report))
    if args.format == "quickfix":
        notes += output.said_of_the_repository(report)
    status = library.exit_status(report, crashed=bool(crashed), incomplete=incomplete)
    if args.format == "nipa" and status in (0, 1):
        from reviewer.output import patchwork

        return Result(text, patchwork.nipa_status(report))
    if args.format not in ("checkpatch", "b4-check"):
        return Result(text, status, tuple(notes))
    # b4 takes every line on stderr, and a status without a line, for a failed check.
    return Result(text, status if text or crashed else 0)


def crash_notes(failed: tuple[str, ...]) -> list[str]:
    """Returns the line on stderr about rules that failed."""
    names = ", ".join(failed)
    line = f"kpf-review: internal error in {names}: a bug of kpf-review"
    return [line] if failed else []


def _with_info(args: argparse.Namespace, session: Session) -> bool:
    return bool(getattr(args, "info", False)) or session.settings.flag("info")


def _identity(args: argparse.Namespace) -> str | None:
    if args.format != "mail" and not getattr(args, "output", None):
        return None
    from reviewer.git import identity

    return identity()


def _left_out(report: Report, info: bool) -> list[str]:
    """What has no place in any draft, so that nobody takes it for unsaid."""
    from reviewer.output.draft import draft

    return [
        f"not in a draft: {finding.file}:{finding.line}: {finding.message}"
        for finding in draft.left_out(report, info=info)
    ]


def _write_drafts(
    args: argparse.Namespace, session: Session, report: Report
) -> tuple[str, ...]:
    from reviewer.output.draft import draft

    made = draft.drafts(
        report,
        identity=_identity(args),
        command=session.command,
        info=_with_info(args, session),
    )
    paths = draft.write_drafts(
        made, Path(args.output), force=args.force, mbox=args.mbox
    )
    return tuple(str(path) for path in paths)
