# SPDX-License-Identifier: GPL-2.0-or-later
"""Who can see that a function differs: its callers, each judged with both bodies of it.

A caller is compared like any other function: with what it hands over, behind what it
tests before.  If it is proved to do what it did, nobody sees the difference through it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reviewer.prover.assume.pages import DEFAULT
from reviewer.prover.callers.call_sites import Site, uses_in
from reviewer.prover.changes.changed_names import changed_names
from reviewer.prover.changes.judging_order import keeps_its_name
from reviewer.prover.judge.compare import compare_functions
from reviewer.prover.limits import Limits
from reviewer.prover.names.definitions import Definitions
from reviewer.prover.names.pasted_names import makes_one_of
from reviewer.prover.structure.told_edits import quoted
from reviewer.prover.verdict import Caller, Callers, FunctionVerdict, Verdict

if TYPE_CHECKING:
    from reviewer.c.source import Function, Source
    from reviewer.facts import Facts

ASKED = (Verdict.DIFFERS, Verdict.UNLESS, Verdict.BUT_FOR)
IN_FILE = "this file"
NO, YES, CHANGES = "no", "yes", "changes"  # whether a caller sees it
MOST_OF_ONE = 4  # callers of one function that are judged
MOST = 16  # of all functions of a file
LARGEST = 8_000  # bytes of a caller that is judged
SECONDS = 1.0  # of the solver, as steps, for one of them


@dataclass(frozen=True, slots=True)
class Change:
    """A file before and after, the facts of both trees, how functions are judged."""

    sources: tuple[Source, Source]
    facts: tuple[Facts | None, Facts | None]
    mode: str
    assumptions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Called:
    """A function that differs: its callers, one site each, the lines of other uses."""

    sites: tuple[Site, ...]
    others: tuple[int, ...]
    judged: tuple[Site, ...]


def with_callers(
    pre: Source,
    post: Source,
    facts_pre: Facts | None,
    facts_post: Facts | None,
    verdicts: Iterable[FunctionVerdict],
    *,
    mode: str = "quiescent",
    assumptions: tuple[str, ...] = DEFAULT,
) -> tuple[FunctionVerdict, ...]:
    """Returns the verdicts on a file's functions, those that differ with who calls them
    in the file: who does the same all the same, and who differs, too.

    Of two kernels nothing is said: there all callers may have changed.
    """
    told = tuple(verdicts)
    change = Change((pre, post), (facts_pre, facts_post), mode, assumptions)
    if changed_names(*change.sources, *change.facts).trees_differ:
        return told
    known = {verdict.name: verdict for verdict in told}
    called = {one.name: _called(change, one, known) for one in told}
    names = dict.fromkeys(
        site.caller.name for one in called.values() if one for site in one.judged
    )
    known |= _judged(change, tuple(names)[:MOST], known)
    return tuple(
        replace(one, callers=_callers(change, called[one.name], known, names.keys()))
        for one in told
    )


def _called(
    change: Change, verdict: FunctionVerdict, known: Mapping[str, FunctionVerdict]
) -> _Called | None:
    post = change.sources[1]
    own = [function for function in post.functions if function.name == verdict.name]
    if verdict.verdict not in ASKED or len(own) != 1:
        return None
    uses = uses_in(post, verdict.name)
    sites: dict[str, Site] = {}
    for site in uses.sites:
        sites.setdefault(site.caller.name, site)
    found = tuple(sites.values())
    if not found and not uses.others:
        return None
    small = [site for site in found if _is_judged(change, site.caller, known)]
    if uses.others or _is_pasted(change, verdict.name):
        small = []
    return _Called(found, tuple(uses.others), tuple(small[:MOST_OF_ONE]))


def _is_judged(
    change: Change, caller: Function, known: Mapping[str, FunctionVerdict]
) -> bool:
    """Whether a caller is worth a comparison of its own."""
    size = caller.node.end_byte - caller.node.start_byte
    return caller.name not in known and size <= LARGEST


def _is_pasted(change: Change, name: str) -> bool:
    """Whether a macro of the file may put the name together."""
    post = change.sources[1]
    read = Definitions(change.facts[1], post.path, post.data)
    text = post.data.decode("utf-8", "surrogateescape")
    return makes_one_of(read, text, frozenset([name]))


def _judged(
    change: Change, names: tuple[str, ...], known: Mapping[str, FunctionVerdict]
) -> dict[str, FunctionVerdict]:
    if not names:
        return {}
    found = compare_functions(
        *change.sources,
        *change.facts,
        names,
        mode=change.mode,
        assumptions=change.assumptions,
        limits=replace(Limits(), seconds=SECONDS),
        known=frozenset(name for name, one in known.items() if keeps_its_name(one)),
    )
    return {verdict.name: verdict for verdict in found}


def _callers(
    change: Change,
    called: _Called | None,
    known: Mapping[str, FunctionVerdict],
    judged: Iterable[str],
) -> Callers | None:
    if called is None:
        return None
    path = change.sources[1].path
    found = []
    for site in called.sites:
        name = site.caller.name
        told = _told(Caller(name, path, site.line), known.get(name), name in judged)
        found.append(told)
    post = change.sources[1]
    others = (
        f"{quoted(post.line_text(line))} ({path}:{line})" for line in called.others
    )
    return Callers(IN_FILE, tuple(found), tuple(others))


def _told(caller: Caller, verdict: FunctionVerdict | None, is_text: bool) -> Caller:
    """A caller with what its verdict says; ``is_text``: its own text is the same."""
    if verdict is None:
        return caller
    if verdict.verdict is Verdict.EQUAL:
        return replace(caller, sees=NO, assumptions=verdict.assumptions)
    if not is_text:
        return replace(caller, sees=CHANGES)
    if verdict.verdict is not Verdict.DIFFERS:
        return caller
    return replace(caller, sees=YES, how=_how(verdict))


def _how(verdict: FunctionVerdict) -> str:
    """The first output that differs, as its own verdict would tell it."""
    first = verdict.differing[0]
    if not (first.before or first.after):
        return first.output
    when = f" when {first.witness}" if first.witness and first.witness.when else ""
    return f"{first.output}: {first.before} -> {first.after}{when}"
