# SPDX-License-Identifier: GPL-2.0-or-later
"""What a series' functions compute, beside a review: ``--behaviour``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from reviewer.errors import InputError, UsageError

if TYPE_CHECKING:
    import argparse

    from reviewer.commands import Result, Session
    from reviewer.models import Series
    from reviewer.prover.verdict import FunctionVerdict
    from reviewer.tree import Tree

WHEN = ("always", "never")


def is_wanted(args: argparse.Namespace, session: Session) -> bool:
    """Says whether the functions are compared: the option, or the setting.

    Raises UsageError for a setting that is neither ``always`` nor ``never``.
    """
    setting = session.settings.text("behaviour")
    if setting not in WHEN:
        raise UsageError(f"kpf.behaviour is {setting!r}: neither always nor never")
    return bool(getattr(args, "behaviour", False)) or setting == "always"


def with_verdicts(
    args: argparse.Namespace,
    session: Session,
    reviewed: Sequence[Series],
    trees: Sequence[Tree],
    result: Result,
) -> Result:
    """Returns a review with the verdicts behind it; in JSON as ``functions``.

    Other formats get the table alone, as a line on stderr.
    """
    from reviewer.output import behaviour

    verdicts, notes = found(args, session, reviewed, trees)
    text = result.text
    if args.format == "text" and verdicts:
        text = f"{text.rstrip()}\n\n{behaviour.text(verdicts)}"
    elif args.format == "json":
        text = _in_json(text, verdicts)
    elif verdicts:
        notes.append(f"kpf-review: {behaviour.table(verdicts)}")
    return replace(result, text=text, notes=(*result.notes, *notes))


def found(
    args: argparse.Namespace,
    session: Session,
    reviewed: Sequence[Series],
    trees: Sequence[Tree],
) -> tuple[tuple[FunctionVerdict, ...], list[str]]:
    """Returns the verdicts on what series change, and notes on what is not compared."""
    from reviewer.commands import behaviour, review

    verdicts: list[FunctionVerdict] = []
    notes = [] if trees else ["kpf-review: no tree, so no function is compared"]
    for series in reviewed if trees else ():
        try:
            before, _unfound = review.prerequisites_asked_for(args, session, series)
            verdicts += behaviour.of_series(
                session, series, trees, base=args.base, before=before
            )
        except InputError as error:
            notes.append(f"kpf-review: no function is compared: {error}")
    return tuple(verdicts), notes


def as_note(
    args: argparse.Namespace, session: Session, series: Series, tree: Tree
) -> str:
    """Returns the table and, of what is not equal, the blocks; or why there is none."""
    from reviewer.output import behaviour

    verdicts, notes = found(args, session, [series], [tree])
    if not verdicts:
        return "\n".join(notes)
    told = [one for one in verdicts if str(one.verdict) != "equal"]
    blocks = behaviour.text(tuple(told)).partition("\n\n")[2]
    return "\n".join([behaviour.table(verdicts), *notes, "", blocks]).rstrip()


def _in_json(text: str, verdicts: tuple[FunctionVerdict, ...]) -> str:
    from reviewer.output.safe import data

    whole = json.loads(text)
    whole["functions"] = [data(verdict.as_dict()) for verdict in verdicts]
    return json.dumps(whole, indent=1) + "\n"
