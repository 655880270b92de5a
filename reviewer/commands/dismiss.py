# SPDX-License-Identifier: GPL-2.0-or-later
"""``kpf-review dismiss FINGERPRINT --why TEXT``: a remark that is not to come again."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from reviewer import dismissed
from reviewer.commands import Result, Session
from reviewer.commands.dismissals import shared_file
from reviewer.errors import UsageError

HELP = "do not make a remark again; it comes back when its statement changes"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what this subcommand takes to its parser."""
    parser.add_argument(
        "fingerprints",
        nargs="*",
        metavar="FINGERPRINT",
        help="of the remark: --fingerprints and --format json show it, and the page "
        "that 'report' writes",
    )
    parser.add_argument("--why", metavar="TEXT", help="the reason, in one line")
    parser.add_argument(
        "--repository",
        action="store_true",
        help="in the file that kpf.dismissed names, for all who work there; else it "
        "is for you alone",
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--list", action="store_true", help="list what is dismissed")
    which.add_argument(
        "--forget", action="store_true", help="let the remark be made again"
    )


def run(args: argparse.Namespace, session: Session) -> Result:
    """Writes, lists or takes out dismissals.

    Raises UsageError for what is no fingerprint and for a reason that is missing,
    OutputError where the file cannot be written.
    """
    if args.list:
        return _listed(args, session)
    if not args.fingerprints:
        raise UsageError("which remark? 'kpf-review dismiss FINGERPRINT --why TEXT'")
    codes = [dismissed.fingerprint(text) for text in args.fingerprints]
    if args.forget and args.why is not None:
        raise UsageError("--forget takes no --why")
    if args.forget:
        return _forgotten(args, session, codes)
    if args.why is None:
        raise UsageError("--why is needed: the reason is what the next reader needs")
    why = dismissed.reason(args.why)
    file = _file(args, session)
    new = dismissed.keep(file, codes, why)
    again = len(set(codes)) - len(new)
    lines = [f"dismissed {code}" for code in new]
    lines += [f"{again} dismissed before: the reason is the new one"] * bool(again)
    return Result("".join(f"{line}\n" for line in lines), 0, (f"wrote {file}",))


def _forgotten(args: argparse.Namespace, session: Session, codes: list[str]) -> Result:
    file = _file(args, session)
    gone = dismissed.forget(file, codes)
    missing = [code for code in codes if code not in gone]
    if missing:
        raise UsageError(f"{', '.join(missing)}: not dismissed in {file}")
    return Result("".join(f"not dismissed any more: {code}\n" for code in gone))


def _file(args: argparse.Namespace, session: Session) -> Path:
    """The file to write: a link of the user's own is followed, no other one."""
    if not args.repository:
        return Path(os.path.realpath(dismissed.place(session.environ)))
    file = shared_file(session, to_write=True)
    if file is None:
        raise UsageError(
            "no file is named for it: git config kpf.dismissed .kpf-dismissed, and "
            "commit that file"
        )
    return file


def _listed(args: argparse.Namespace, session: Session) -> Result:
    own, shared = dismissed.place(session.environ), shared_file(session)
    found = dismissed.read(own, shared)
    lines = [
        f"{one.fingerprint}  {one.when}  by {one.by}: {one.why}"
        for one in found.known.values()
        if not (args.repository and one.by != dismissed.REPOSITORY)
    ]
    text = "".join(f"{line}\n" for line in lines)
    notes = tuple(f"kpf-review: {trouble}" for trouble in found.unread)
    return Result(text, 0, notes if lines else (*notes, "kpf-review: none dismissed"))
