"""``kpf-review demo``: the whole pipeline on a small series, offline.

The series and the miniature kernel tree are ours and lie beside this package; the
code that reviews them is the one that reviews real mail.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from reviewer.commands import Result, Session, options, review

if TYPE_CHECKING:
    import argparse

HELP = "review a small series of ours, offline, to see what it looks like"
FOLDER = Path(__file__).parent.parent / "demo"


def arguments(parser: argparse.ArgumentParser) -> None:
    options.add_rules(parser)
    options.add_output(parser)


def run(args: argparse.Namespace, session: Session) -> Result:
    """As ``kpf-review series.mbox --tree tree``."""
    args.series = [str(FOLDER / "series.mbox")]
    args.tree = [str(FOLDER / "tree")]
    args.base = None
    args.offline = True
    return review.run(args, session)
