# SPDX-License-Identifier: GPL-2.0-or-later
"""``kpf-review check``: one's own commits before they are sent."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from reviewer.commands import Result, Session, dismissals, options, review
from reviewer.errors import InputError, UsageError
from reviewer.patterns import regex

if TYPE_CHECKING:
    import argparse

    from reviewer.engine import Outcome
    from reviewer.kept_reviews import Answer
    from reviewer.mail.patch_folder import Beside
    from reviewer.models import Report, Series
    from reviewer.tree import Tree

HELP = "look at your own commits before you send them"
HOOKS = Path(__file__).parent / "hooks"
LEVELS = ("high", "medium", "low", "info")
UPSTREAM = "@{upstream}"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what this subcommand takes to its parser."""
    parser.add_argument(
        "revisions",
        nargs="?",
        metavar="A..B",
        help="commits, or a file with a patch mail (default: what b4 prep would send, "
        "else @{upstream}..HEAD)",
    )
    parser.add_argument(
        "--fix",
        action="store_true",
        help="commit the proved fixes on top, as fixup! commits for git rebase "
        "--autosquash; into a patch file where a file has uncommitted changes",
    )
    parser.add_argument(
        "--fix-to", metavar="FILE", help="only write the proved fixes into a patch"
    )
    parser.add_argument(
        "--fail-on",
        choices=LEVELS,
        default="info",
        help="the severity from which on the exit status is 1 (default: info)",
    )
    parser.add_argument(
        "--previous",
        metavar="REF",
        help="the version sent before, message-id or mbox: are its tags still there?",
    )
    parser.add_argument(
        "--recipients",
        action="store_true",
        help="print who should get it: scripts/get_maintainer.pl of the commit below, "
        "and who reviews these files",
    )
    parser.add_argument(
        "--print-hook",
        choices=("sendemail-validate", "pre-push"),
        help="print that git hook; write it into .git/hooks and make it executable",
    )
    parser.add_argument("--offline", action="store_true", help="never use the network")
    options.add_rules(parser)
    from reviewer.output import FORMATS

    parser.add_argument("--format", choices=FORMATS, default="text")
    options.add_fingerprints(parser)


def run(args: argparse.Namespace, session: Session) -> Result:
    """Reviews the commits: exit status 1 from --fail-on on, which goes before 3.

    Raises UsageError where --fix is asked for and there are no commits to mend.
    """
    if args.print_hook:
        return Result(_hook(args.print_hook))
    from reviewer import tree as trees

    top = _top()
    beside = None if args.previous else _beside(args, session)
    if beside is not None:
        return _of_a_series(args, session, top, beside)
    series, by_commit = _series(args, session, top)
    if args.recipients:
        return _recipients(series, by_commit, top)
    args.base = series.base_commit if by_commit else None
    earlier = _earlier(args, session)
    with trees.open_tree(top) as tree:
        outcome, incomplete = review.judged(args, session, series, earlier, [tree])
        outcome = options.by_settings(outcome, session)
        result = options.present(
            args, session, outcome, incomplete=incomplete, voice="self_check"
        )
    notes = [note for note in result.notes if not note.startswith("reviewing v")]
    if args.fix or args.fix_to:
        if not by_commit:
            raise UsageError("--fix needs commits, not a mail")
        notes += _fix(args, outcome, top)
    status = _status(args.fail_on, outcome, result.status)
    return Result(result.text, status, tuple(notes))


def _hook(name: str) -> str:
    """A hook that calls this very program, by its path, and fails where it is gone.

    Installed as the README says, the program is not on PATH: a hook that looks for it
    there would let everything pass.
    """
    import shlex

    from reviewer.b4.starters import program

    words = program()
    gone = (
        f"{name}: {words[0]} is gone, so nothing is checked: print this hook anew "
        f"with 'kpf-review check --print-hook {name}', or remove it"
    )
    lines = [
        f"test -x {shlex.quote(words[0])} || {{",
        f"\techo {shlex.quote(gone)} >&2",
        "\texit 1",
        "}",
        f'kpf_review() {{ {shlex.join(words)} "$@"; }}',
        "stopped() { # by a finding, or because it did not run at all",
        "\ttest $1 -eq 1 || test $1 -gt 3",
        "}",
    ]
    text = (HOOKS / name).read_text(encoding="utf-8")
    return text.replace("@PROGRAM@", "\n".join(lines))


def _is_file(named: str | None) -> bool:
    return bool(named) and ".." not in str(named) and os.path.isfile(str(named))


def _beside(args: argparse.Namespace, session: Session) -> Beside | None:
    """The series that the file is a part of, None for commits and for one alone."""
    if not _is_file(args.revisions) or args.fix or args.fix_to or args.recipients:
        return None
    from reviewer.mail.patch_folder import series_beside

    total = session.environ.get("GIT_SENDEMAIL_FILE_TOTAL", "")
    return series_beside(
        Path(args.revisions).absolute(),
        session.settings.limits(),
        total=int(total) if total.isdecimal() and len(total) < 6 else None,
    )


def _of_a_series(
    args: argparse.Namespace, session: Session, top: Path, beside: Beside
) -> Result:
    """One patch judged with those around it; all of them at once, then remembered."""
    if beside.index == 0:
        return Result("", 0, ("kpf-review: a cover letter, no patch to check",))
    from reviewer import kept_reviews as kept
    from reviewer import tree as trees

    answers = kept.Answers(session.environ)
    with trees.open_tree(top) as tree:
        asked = {k: v for k, v in vars(args).items() if k != "revisions"}
        question = [repr(sorted(asked.items())), repr(session.settings), str(top)]
        question.append(repr(dismissals.dismissed_for(session)))
        question += [repr((session.color, session.width)), tree.commit("HEAD") or ""]
        names = {
            number: kept.key([*question, str(number), *beside.mails])
            for number in beside.numbers
        }
        answer = answers.get(names[beside.index])
        if answer is None:
            series = beside.series()
            made = _answers(args, session, series, tree)
            for number, one in made.items():
                answers.keep(names[number], one)
            answer = made.get(beside.index)
        if answer is None:
            raise InputError("; ".join(series.notes) or "it cannot be read")
    return Result(answer.text, answer.status, answer.notes)


def _answers(
    args: argparse.Namespace, session: Session, series: Series, tree: Tree
) -> dict[int, Answer]:
    """What is said of each patch of a series."""
    from reviewer.commands.one_patch import outcome_of_patch
    from reviewer.kept_reviews import Answer

    args.base = None
    whole, _ = review.judged(args, session, series, (), (tree,))
    whole = options.by_settings(whole, session)
    found: dict[int, Answer] = {}
    for state in whole.report.patches:
        number = state.patch.index
        outcome = outcome_of_patch(whole, number, first=not found)
        incomplete = not state.applied or bool(series.left_out)
        result = options.present(
            args, session, outcome, incomplete=incomplete, voice="self_check"
        )
        status = _status(args.fail_on, outcome, result.status)
        notes = [one for one in result.notes if not one.startswith("reviewing v")]
        found[number] = Answer(result.text, status, tuple(notes))
    return found


def _top() -> Path:
    """The worktree around the current folder."""
    from reviewer import repository

    found = repository.around(Path.cwd())
    if found is None or found.top is None:
        raise UsageError("no git worktree here: run it in your kernel repository")
    return found.top


# What git says of @{upstream} where a branch has none.
_NO_UPSTREAM = regex(
    r": (?:no upstream configured|upstream branch '.*' not stored|no such branch"
    r"|HEAD does not point to a branch|bad revision)"
)


def _series(
    args: argparse.Namespace, session: Session, top: Path
) -> tuple[Series, bool]:
    """What is to be sent, and whether it consists of commits."""
    from reviewer import mail
    from reviewer.mail import prep_branches

    bounds = session.settings.limits()
    named = args.revisions
    if named and _is_file(named):
        return mail.open_series(named, offline=True, limits=bounds), False
    if named:
        revisions = named if ".." in named else f"{named}..HEAD"
        return mail.open_range(top, revisions, limits=bounds), True
    branch = prep_branches.prep_branch(top)
    if branch is not None:
        return prep_branches.read_prep(top, branch, bounds), True
    try:
        return mail.open_range(top, f"{UPSTREAM}..HEAD", limits=bounds), True
    except InputError as error:
        if not _NO_UPSTREAM.search(str(error)):  # nothing new, or git cannot read it
            raise
        raise UsageError(
            "nothing to check: no b4 prep branch and no upstream; name the commits, "
            "as in 'kpf-review check v6.12..HEAD'"
        ) from None


def _recipients(series: Series, by_commit: bool, top: Path) -> Result:
    from reviewer.check.recipients import recipients
    from reviewer.patch.diff import parse_diff

    if not by_commit or series.base_commit is None:
        raise UsageError("--recipients needs commits on top of a kernel")
    files = [file for patch in series.patches for file in parse_diff(patch.diff)]
    paths = dict.fromkeys(file.old_path or file.path for file in files)
    found = recipients(series, top, series.base_commit, list(paths))
    return Result("".join(f"{who}  # {why}\n" for who, why in found))


def _earlier(args: argparse.Namespace, session: Session) -> tuple[Series, ...]:
    """The version sent before and those before that."""
    if not args.previous:
        return ()
    from reviewer import mail

    series, earlier = mail.open_revisions(
        args.previous, offline=args.offline, limits=session.settings.limits()
    )
    return (*earlier, series)


def _status(level: str, outcome: Outcome, status: int) -> int:
    from reviewer.models import Severity

    if status == 2:  # a rule failed
        return status
    worst = Severity(level).rank
    if any(one.severity.rank <= worst for one in outcome.report.findings):
        return 1
    return 0 if status == 1 else status


def _fix(args: argparse.Namespace, outcome: Outcome, top: Path) -> list[str]:
    from reviewer.check import fixup

    report = _worded(outcome.report)
    chosen = Path(args.fix_to) if args.fix_to else None
    fixed = fixup.fix(report, top, patch_file=chosen)
    notes = [f"{commit[:12]} {subject}" for commit, subject in fixed.commits]
    notes += [f"not committed: {path} {why}" for path, why in fixed.refused]
    if fixed.patch:
        notes.append(f"wrote {fixed.patch}: apply it with git apply --3way")
    if fixed.commits:
        onto = (report.series.base_commit if report.series else None) or "BASE"
        notes.append(f"to put them in place: git rebase -i --autosquash {onto[:12]}")
    if not (fixed.commits or fixed.refused or fixed.patch):
        notes.append("kpf-review: nothing that can be fixed safely")
    return notes


def _worded(report: Report) -> Report:
    """With messages, for the text of the commits."""
    from reviewer import output

    worded = output.worded(report, voice="self_check")
    return replace(report, findings=worded.findings)
