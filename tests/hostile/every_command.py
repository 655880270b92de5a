# SPDX-License-Identifier: GPL-2.0-or-later
"""A call of every subcommand with every option that it has, in the kernel of ``doors``.

``test_every_command.py`` runs them all, and holds this list against the parsers: who
adds a subcommand or an option has to say here how it is called and what it writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import reviewer

DEMO = str(Path(reviewer.__file__).parent / "demo" / "series.mbox")
PATCH = "../mails/one.patch"  # of ``Doors.patch``
FIELDS = ("facts", "fields", "--format", "json", "--tree", "../tree")


@dataclass(frozen=True)
class Call:
    """Words, the exit status that is right, and where files may change.

    ``writes``: the first part of their names, seen from the folder of the run.
    ``swept``: the names in ``kill_states.COMMANDS`` and the tests that end such a run
    wherever it writes.
    """

    words: tuple[str, ...]
    status: int = 0
    writes: tuple[str, ...] = ()
    swept: str = ""
    stdin: bool = False  # the patch

    def __str__(self) -> str:
        return " ".join(Path(word).name for word in self.words)


def of(*words: str, status: int = 0, stdin: bool = False) -> Call:
    """What writes nothing."""
    return Call(words, status, stdin=stdin)


def to(place: str, swept: str, *words: str, status: int = 0) -> Call:
    """What writes there."""
    return Call(words, status, tuple(place.split()), swept)


OUT, FIXED = "../out", ".git/ lib/one.c"
USER, LOCAL = "../home/.gitconfig ../home/.local", ".git/config ../home/.local"
STATE = "../home/.local"
# those of a review, a check, a scan and the like
SELECT = ("--select", "mask-precedence", "--preview", "--preexisting")
CHOICE = (*SELECT, "--show-dismissed")
CALLS: dict[str, tuple[Call, ...]] = {
    "": (
        to(OUT, "output", DEMO, "--tree", "../tree", "--output", OUT, status=1),
        to(OUT, "output", DEMO, "--output", OUT, "--mbox", "--force", "--tree",
           "../tree", "--info", status=1),
        of(DEMO, "--base", "HEAD", "--format", "json", "--offline", status=3),
        of(PATCH, *CHOICE, "--tree", ".", "--base", "base", "--prerequisites",
           status=1),
        of("-", "--ignore", "mask-precedence", stdin=True),
        of("nobody@example.org", "--offline", status=3),
        of("base..main", "--fingerprints", status=1),
        of(DEMO, "--tree", "../tree", "--behaviour", status=1),
    ),
    "check": (
        of("check", status=1),
        of("check", "base..main", *CHOICE, "--ignore", "no-functional-change",
           "--fail-on", "low", status=1),
        of("check", "--format", "json", "--previous", DEMO, "--offline", status=1),
        of("check", "--print-hook", "pre-push"),
        of("check", "--fingerprints", status=1),
        of("check", "--recipients", status=3),  # no get_maintainer.pl in the commit
        of("check", PATCH, status=3),  # no range
        to(FIXED, "fix", "check", "--fix", status=1),
        to(OUT, "fix to", "check", "--fix-to", "../out/fixes.patch", status=1),
    ),
    "scan": (
        of("scan", "lib", *CHOICE, "--ignore", "mask-precedence"),
        of("scan", "--base", "HEAD", "lib", "--format", "sarif", "--info",
           "--fingerprints", status=1),
        of("scan", "--tree", "../tree", "fs", "--output", OUT, "--mbox", "--force"),
        of("scan", "lib", "--since", "HEAD", "--workers", "2", "--worker-memory", "300",
           "--job-time", "60", "--baseline", "../mails/one.patch", status=2),
        of("scan", "lib", "--scheduler", "tcp://127.0.0.1:1", status=2),  # no --base
        to(OUT, "batch", "scan", "lib", "--resume", "../out/results", status=1),
    ),
    "behaviour": (
        of("behaviour", "base..main", "--mode", "quiescent", "--format", "json"),
        of("behaviour", DEMO, "--tree", "../tree", "--function", "stable_page_flags",
           status=1),
        of("behaviour", PATCH, "--base", "base", "--without", "no-fake-heads"),
    ),
    "followup": (
        of("followup", DEMO, "--previous", DEMO, "--format", "json"),
        of("followup", "nobody@example.org", "--offline", status=3),
    ),
    "factcheck": (
        of("factcheck", DEMO, "--tree", "../tree", "--all", "--by", "people"),
        of("factcheck", PATCH, "--base", "base", "--format", "json"),
        of("factcheck", "nobody@example.org", "--offline", status=3),
    ),
    "inbox": (
        to(STATE, "inbox", "inbox", DEMO, "--tree", "../tree", "--workers", "2",
           "--again", "--format", "json", "--ignore", "mask-vs-equality", status=1),
        to(f"{STATE} {OUT}", "inbox", "inbox", PATCH, "--all", "--html", OUT,
           "--force", "--behaviour", "--base", "base", "--job-time", "60",
           "--worker-memory", "300", *CHOICE, status=1),
        to(f"{STATE} .git/b4-review", "inbox", "inbox", "--branches", "--agent",
           status=1),
        of("inbox", "--search", "x", "--since", "1d", "--offline", status=2),
    ),
    "report": (
        to(OUT, "page", "report", DEMO, "--html", "../out/page.html", "--force",
           "--tree", "../tree", "--ignore", "undocumented-change", status=1),
        to(OUT, "page", "report", PATCH, "--html", "../out/page.html", "--base",
           "base", "--offline", "--behaviour", *CHOICE, status=1),
    ),
    "batch": (
        of("batch", DEMO, "--tree", "../tree", "--workers", "2", status=1),
        to(OUT, "batch", "batch", DEMO, "base..main", "--resume", "../out/results",
           "--tree", ".", "--base", "HEAD", "--job-time", "60", "--worker-memory",
           "300", "--ignore", "mask-vs-equality", "--offline", *CHOICE, status=3),
        of("batch", DEMO, "--tree", "../tree", "--scheduler", "x:1", status=3),
    ),
    "setup": (
        of("setup", "b4"),
        of("setup", "b4", "--check", status=1),
        to(USER, "setup", "setup", "b4", "--write"),
        to(LOCAL, "local", "setup", "b4", "--write", "--local"),
        to(USER, "remove", "setup", "b4", "--remove", "--write"),
    ),
    "agent": (
        to(".git/b4-review", "agent", "agent"),
        to(".git/b4-review", "agent", "agent", "--branch", "x", "--identity",
           "Any Body <any@example.org>", "--info", "--behaviour", "--tree", ".",
           "--base", "base", *CHOICE, "--ignore", "mask-vs-equality"),
    ),
    "b4-check": (
        of("b4-check", "--tree", ".", "--base", "base", *CHOICE, "--ignore",
           "mask-vs-equality", stdin=True),
        of("b4-check", "--series", "--format", "checkpatch", "--rules-version", "1",
           stdin=True),
    ),
    "learn": (
        of("learn", "--list"),
        of("learn", "1", "--start"),
        to("../home/.local", "learn", "learn", "1", "--step", "1", "--answer", "x",
           "--tree", ".", status=1),
        to("../home/.local", "reset", "learn", "--reset"),
        to(OUT, "pages", "learn", "--html", OUT, "--force"),
    ),
    "facts": (
        of("facts", "flags", status=3),
        of(*FIELDS),
        of("facts", "gates", "--base", "HEAD", status=3),
    ),
    "explain": (
        of("explain", "mask-vs-equality"),
        of("explain", "PG_lru", "--tree", "../tree"),
        of("explain", "ONE", "--base", "HEAD", status=2),  # no flag
    ),
    "rules": (of("rules", "--format", "json"), of("rules", "--measured")),
    "config": (
        of("config"),
        of("config", "--example", "lib", "--tree", ".", "--base", "HEAD"),
    ),
    "dismiss": (
        to(STATE, "dismiss", "dismiss", "0" * 16, "--why", "known"),
        to(STATE, "dismiss", "dismiss", "0" * 16, "--forget", status=2),
        of("dismiss", "--list"),
        of("dismiss", "0" * 16, "--why", "known", "--repository", status=2),
    ),
    "demo": (
        of("demo", "--format", "json", "--fingerprints", "--show-dismissed",
           "--select", "mask-vs-equality", "--ignore", "mask-precedence",
           "--preview", "--preexisting", status=1),
        to(OUT, "output", "demo", "--output", OUT, "--mbox", "--force", "--info",
           status=1),
    ),
    "cache": (of("cache"), to("../home/.cache", "cache", "cache", "--clear")),
    "help": (of("help"), of("help", "prover"), of("help", "batch")),
    "completion": (of("completion", "man"),),
}  # fmt: skip
# What takes no part: it writes into the checkout that the program runs from.
OF_THE_CHECKOUT = {"rules": {"--new", "--write"}}
FOR_ALL = {"-h", "--help", "-q", "--quiet", "-d", "--debug", "--color", "--offline"}


def calls() -> Iterator[Call]:
    """All of them."""
    for several in CALLS.values():
        yield from several
