# SPDX-License-Identifier: GPL-2.0-or-later
"""``kpf-review setup b4``: the git configuration that makes b4 call us."""

from __future__ import annotations

import argparse
from pathlib import Path

from reviewer.commands import Result, Session
from reviewer.errors import UsageError

HELP = "wire kpf-review into b4: show, write or check its git config"
KNOWN_B4 = "0.16."
TRIES = 5


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what this subcommand takes to its parser."""
    parser.add_argument("tool", choices=("b4",), help="the tool to wire it into")
    parser.add_argument(
        "--write", action="store_true", help="make the changes instead of showing them"
    )
    parser.add_argument(
        "--local", action="store_true", help="in this repository, not for the user"
    )
    parser.add_argument(
        "--remove",
        action="store_true",
        help="show what takes our lines out again, the user's and this repository's; "
        "with --write: take them out",
    )
    parser.add_argument(
        "--check", action="store_true", help="let b4 run the commands on a sample"
    )


def run(args: argparse.Namespace, session: Session) -> Result:
    """Shows the configuration of b4, writes it, or has b4 try it.

    Raises UsageError for --local outside of a repository.
    """
    from reviewer.b4 import gitconfig
    from reviewer.files.exchange import Changed

    here = Path.cwd()
    if args.remove:
        return _remove(here, write=args.write)
    version = gitconfig.rules_version()
    scope = "local" if args.local else "user"
    if args.local and not _in_repository(here):
        raise UsageError(f"{here}: --local needs a repository")
    notes = [*_about_b4()]
    if args.check and not args.write:
        return _checked(here, version, notes)
    plan = gitconfig.plan(here, version, scope)
    text = gitconfig.shown(plan, scope, here)
    for _ in range(TRIES if args.write else 0):
        try:
            gitconfig.write(plan, here, version, scope)
            break
        except Changed:  # by another run, or by the person
            plan = gitconfig.plan(here, version, scope)
            text = gitconfig.shown(plan, scope, here)
    notes += plan.told
    if not text:
        notes.append("kpf-review setup: everything is set already")
    if args.write and args.check:
        return _checked(here, version, notes)
    return Result(text, 0, tuple(notes))


def _remove(here: Path, *, write: bool) -> Result:
    """As it was before: b4 runs its own checkpatch again where nothing else is set."""
    from reviewer.b4 import starters, unwire
    from reviewer.files.exchange import Changed

    found = unwire.removals(here)
    text = unwire.shown(found, here)
    if not text:
        if used := starters.still_used():
            kept = f"kpf-review setup: nothing of ours is set here, but in {used[0]}"
            return Result("", 0, (kept,))
        return Result("", 0, ("kpf-review setup: nothing of ours is set",))
    for left in range(TRIES - 1, -1, -1) if write else ():
        try:
            unwire.remove(here)
            break
        except Changed:
            if not left:
                raise
    return Result(text)


def _in_repository(folder: Path) -> bool:
    from reviewer.b4 import branches

    return branches.top_folder(folder) is not None


def _about_b4() -> list[str]:
    from importlib.metadata import PackageNotFoundError, version

    try:
        found = version("b4")
    except PackageNotFoundError:
        return ["kpf-review setup: no b4 beside it; this is for b4 0.16"]
    notes = [*_about_tui()]
    if found.startswith(KNOWN_B4):
        return notes
    return [*notes, f"kpf-review setup: made for b4 0.16, this is b4 {found}"]


def _about_tui() -> list[str]:
    """b4's own text interface is an extra of it (b4 0.16: pyproject.toml, [tui])."""
    from importlib.util import find_spec

    if find_spec("textual") is not None:
        return []
    return ["kpf-review setup: 'b4 review tui' needs more: pip install 'b4[tui]'"]


def _checked(here: Path, version: str, notes: list[str]) -> Result:
    from reviewer.b4 import trial_by_b4

    proofs = list(trial_by_b4.proofs(here, version))
    lines = [
        f"{one.key:<30} {'ok' if one.works else 'NO'}: {one.text}" for one in proofs
    ]
    status = 0 if all(one.works for one in proofs) else 1
    return Result("".join(f"{line}\n" for line in lines), status, tuple(notes))
