"""``kpf-review <msgid | URL | mailbox | patch | ->``: the main job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.commands import Result, Session, options

if TYPE_CHECKING:
    import argparse

    from reviewer.models import Series
    from reviewer.tree.apply import Applied

HELP = "review a patch series from the list or from local mail"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "series",
        help="message-id, lore URL, mbox, maildir, .patch or .eml, '-' for stdin",
    )
    parser.add_argument("--offline", action="store_true", help="never use the network")
    options.add_tree(parser)
    options.add_rules(parser)
    options.add_output(parser)


def run(args: argparse.Namespace, session: Session) -> Result:
    """Fetch, apply, review, present."""
    from reviewer import mail

    series, earlier = mail.open_revisions(
        args.series,
        offline=args.offline,
        limits=session.settings.limits(),
        stdin=session.stdin,
    )
    return review_series(args, session, series, earlier)


def review_series(
    args: argparse.Namespace,
    session: Session,
    series: Series,
    earlier: tuple[Series, ...] = (),
    *,
    voice: str = "mail",
) -> Result:
    """Review a series that is at hand; also the core of ``demo`` and ``check``.

    ``earlier``: its postings before this one, for the rules that compare them.
    """
    from reviewer import engine
    from reviewer.tree import apply

    tree = options.find_tree(args, session)
    try:
        applied = apply.apply_series(
            series, tree, base=args.base, limits=session.settings.limits()
        )
        outcome = engine.review(
            series,
            applied,
            options.rules(args, session),
            preexisting=args.preexisting or session.settings.flag("preexisting"),
            context={"earlier": earlier, "tree": tree, "base": applied.info.base},
            progress=session.progress,
        )
        incomplete = is_incomplete(series, applied)
        return options.present(
            args, session, outcome, incomplete=incomplete, voice=voice
        )
    finally:
        if tree is not None:
            tree.close()


def is_incomplete(series: Series, applied: Applied) -> bool:
    """Whether a part of the series could not be looked at as it was meant."""
    if series.missing:
        return True
    return any(not step.applied for step in applied.patches)
