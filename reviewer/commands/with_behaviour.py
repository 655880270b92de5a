# SPDX-License-Identifier: GPL-2.0-or-later
"""What a series' functions compute, beside a review: ``--behaviour``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from reviewer.errors import InputError, UsageError

if TYPE_CHECKING:
    import argparse

    from reviewer.commands import Result, Session
    from reviewer.models import Series
    from reviewer.prover.verdict import FunctionVerdict
    from reviewer.tree.apply import Applied

    Found = tuple[tuple[FunctionVerdict, ...], list[str]]  # and notes

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
    found: Sequence[Found],
    result: Result,
) -> Result:
    """Returns a review with what was found of each series behind it; in JSON as
    ``functions``.

    Other formats get the table alone, as a line on stderr.
    """
    from reviewer.output import behaviour

    verdicts = tuple(verdict for one, _ in found for verdict in one)
    notes = list(dict.fromkeys(note for _, told in found for note in told))
    text = result.text
    if args.format == "text" and verdicts:
        text = f"{text.rstrip()}\n\n{behaviour.text(verdicts)}"
    elif args.format == "json":
        text = _in_json(text, verdicts)
    elif verdicts:
        notes.append(f"kpf-review: {behaviour.table(verdicts)}")
    return replace(result, text=text, notes=(*result.notes, *notes))


def find(session: Session, series: Series, applied: Applied) -> Found:
    """Returns the verdicts on what a series changes, on the state that it was reviewed
    on, and notes on what is not compared."""
    from reviewer.commands import behaviour

    if applied.tree is None:
        return (), ["kpf-review: no tree, so no function is compared"]
    try:
        return behaviour.of_applied(session, series, applied), []
    except InputError as error:
        return not_found(error)


def not_found(error: InputError) -> Found:
    """Returns the verdicts of a series whose functions cannot be compared: none, and
    why."""
    return (), [f"kpf-review: no function is compared: {error}"]


def as_note(session: Session, series: Series, applied: Applied) -> str:
    """Returns the table and, of what is not equal, the blocks; or why there is none."""
    from reviewer.output import behaviour

    verdicts, notes = find(session, series, applied)
    if not verdicts:
        return "\n".join(notes)
    told = [one for one in verdicts if str(one.verdict) != "equal"]
    blocks = behaviour.text(tuple(told)).partition("\n\n")[2]
    return "\n".join([behaviour.table(verdicts), *notes, "", blocks]).rstrip()


def _in_json(text: str, verdicts: tuple[FunctionVerdict, ...]) -> str:
    import json

    from reviewer.output.escaping import data

    whole = json.loads(text)
    whole["functions"] = [data(verdict.as_dict()) for verdict in verdicts]
    return json.dumps(whole, indent=1) + "\n"
