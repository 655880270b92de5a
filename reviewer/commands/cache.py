# SPDX-License-Identifier: GPL-2.0-or-later
"""``kpf-review cache``: what is kept on disk between runs."""

from __future__ import annotations

import argparse

from reviewer.commands import Result, Session

HELP = "show or remove what was read from trees and is kept for the next run"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what this subcommand takes to its parser."""
    parser.add_argument("--clear", action="store_true", help="remove it")


def run(args: argparse.Namespace, _session: Session) -> Result:
    """Says where the cache on disk is and how large; removes it with --clear."""
    from reviewer import disk_cache

    size = disk_cache.forget() if args.clear else disk_cache.size()
    done = "removed " if args.clear else ""
    return Result(f"{done}{disk_cache.place()}: {size / (1 << 20):.1f} MB\n")
