# SPDX-License-Identifier: GPL-2.0-or-later
"""Who can see that a function differs: its callers, each judged with both bodies of it.

A caller is compared like any other function: with what it hands over, behind what it
tests before.  If it is proved to do what it did, nobody sees the difference through it.
Of a caller that is not decided its calls are compared, each by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from reviewer.c.source import Function, Source, parse
from reviewer.facts import Facts
from reviewer.prover.assume.pages import DEFAULT
from reviewer.prover.callers.call_alone import NAME, Alone, alone
from reviewer.prover.callers.call_sites import FunctionUses, Site, uses_in, uses_nearby
from reviewer.prover.changes.changed_names import changed_names
from reviewer.prover.changes.judging_order import is_proved_unchanged
from reviewer.prover.judge.compare import compare_functions
from reviewer.prover.limits import ProverLimits
from reviewer.prover.names.definitions import definitions_of
from reviewer.prover.names.pasted_names import makes_one_of
from reviewer.prover.series_budget import SeriesBudget
from reviewer.prover.structure.step_words import quoted
from reviewer.prover.verdict import Caller, Callers, FunctionVerdict, Verdict
from reviewer.utf8 import decode, encode

ASKED = (Verdict.DIFFERS, Verdict.UNLESS, Verdict.BUT_FOR)
IN_FILE = "this file"
NO, YES, CHANGES = "no", "yes", "changes"  # whether a caller sees it
MOST_OF_ONE = 4  # callers of one function that are judged
MOST = 16  # of all functions of a file
LARGEST = 6_000  # bytes of a caller that is compared itself
MOST_CALLS = 6  # of one caller that are judged by themselves
SECONDS = 1.0  # of the solver, as steps, for one of them
NODES = 4_000  # of syntax, of one of them

Verdicts = dict[str, FunctionVerdict]


@dataclass(frozen=True, slots=True)
class _Change:
    """A file before and after, the facts of both trees, how functions are judged,
    and the functions that are proved to be what they were."""

    sources: tuple[Source, Source]
    facts: tuple[Facts | None, Facts | None]
    mode: str
    assumptions: tuple[str, ...]
    same: frozenset[str]
    ended: list[str]  # what time ended
    budget: SeriesBudget | None

    @property
    def post(self) -> Source:
        """The file after the change."""
        return self.sources[1]

    def judge(self, names: Iterable[str], more: str = "") -> Verdicts:
        """Returns the verdicts on functions; ``more`` stands behind both sides."""
        wanted = tuple(names)
        sources = self.sources
        if not wanted:
            return {}
        if more:
            text = encode(more)
            sources = (
                parse(sources[0].path, sources[0].data + text),
                parse(sources[1].path, sources[1].data + text),
            )
        found = compare_functions(
            *sources,
            *self.facts,
            wanted,
            mode=self.mode,
            assumptions=self.assumptions,
            limits=ProverLimits(seconds=SECONDS, nodes=NODES, budget=self.budget),
            known=self.same,
        )
        self.ended.extend(verdict.name for verdict in found if not verdict.is_final)
        return {verdict.name: verdict for verdict in found}


@dataclass(frozen=True, slots=True)
class _Called:
    """A function that differs: the calls of it by caller, the lines of other uses, the
    callers that are judged, what other files of its folder do with it."""

    function: Function
    sites: dict[str, list[Site]]
    others: tuple[int, ...]
    judged: tuple[str, ...]
    nearby: tuple[tuple[Source, FunctionUses], ...]


def with_callers(
    pre: Source,
    post: Source,
    facts_pre: Facts | None,
    facts_post: Facts | None,
    verdicts: Iterable[FunctionVerdict],
    *,
    mode: str = "quiescent",
    assumptions: tuple[str, ...] = DEFAULT,
    ended: list[str] | None = None,
    budget: SeriesBudget | None = None,
) -> tuple[FunctionVerdict, ...]:
    """Returns the verdicts on a file's functions; one that differs also tells of its
    callers in the file which are proved to do the same, and which differ as well.

    ``ended``: a list to which what time ended is added by its name.  ``budget``: what
    all of it may cost.  Of two kernels nothing is said: there all callers may have
    changed.
    """
    told = tuple(verdicts)
    if changed_names(pre, post, facts_pre, facts_post).trees_differ:
        return told
    known = {verdict.name: verdict for verdict in told}
    change = _Change(
        (pre, post), (facts_pre, facts_post), mode, assumptions,
        frozenset(name for name, one in known.items() if is_proved_unchanged(one)),
        [] if ended is None else ended, budget,
    )  # fmt: skip
    called = {one.name: of for one in told if (of := _called(change, one, known))}
    found = {name: _by_their_calls(change, one, known) for name, one in called.items()}
    left = dict.fromkeys(
        caller
        for name, one in called.items()
        for caller in one.judged
        if not found[name][caller].sees and _size(one.sites[caller]) <= LARGEST
    )
    judged = change.judge(list(left)[:MOST])
    return tuple(
        replace(
            one, callers=_callers(change, called[one.name], found[one.name], judged)
        )
        if one.name in called
        else one
        for one in told
    )


def _size(sites: list[Site]) -> int:
    caller = sites[0].caller.node
    return caller.end_byte - caller.start_byte


def _called(
    change: _Change, verdict: FunctionVerdict, known: Verdicts
) -> _Called | None:
    own = [one for one in change.post.functions if one.name == verdict.name]
    if verdict.verdict not in ASKED or len(own) != 1:
        return None
    uses = uses_in(change.post, verdict.name)
    sites: dict[str, list[Site]] = {}
    for site in uses.sites:
        sites.setdefault(site.caller.name, []).append(site)
    nearby = _nearby(change, own[0])
    if not sites and not uses.others and not nearby:
        return None
    judged = [name for name in sites if name not in known]
    is_open = uses.others or any(there.others for _source, there in nearby)
    if is_open or _is_pasted(change, verdict.name):
        judged = []
    chosen = tuple(judged[:MOST_OF_ONE])
    return _Called(own[0], sites, tuple(uses.others), chosen, nearby)


def _nearby(
    change: _Change, function: Function
) -> tuple[tuple[Source, FunctionUses], ...]:
    """What other files do with a function, but those that do not call it."""
    facts = change.facts[1]
    is_own = "static" in function.signature.split() and change.post.path.endswith(".c")
    if facts is None or is_own:
        return ()
    found = uses_nearby(facts.view, change.post, function.name)
    return tuple(pair for pair in found if pair[1].sites or pair[1].others)


def _is_pasted(change: _Change, name: str) -> bool:
    """Whether a macro of the file may put the name together."""
    read = definitions_of(change.facts[1], change.post.path, change.post.data)
    text = decode(change.post.data)
    return makes_one_of(read, text, frozenset([name]))


def _callers(
    change: _Change, called: _Called, found: Mapping[str, Caller], judged: Verdicts
) -> Callers:
    told = [
        _told(caller, judged[name]) if name in judged and not caller.sees else caller
        for name, caller in found.items()
    ]
    others = [_quoted(change.post, line) for line in called.others]
    for source, uses in called.nearby:
        first: dict[str, Caller] = {}
        for site in uses.sites:
            name = site.caller.name
            first.setdefault(name, Caller(name, source.path, site.line))
        told += first.values()
        others += [_quoted(source, line) for line in uses.others]
    folder = change.post.path.rpartition("/")[0]
    where = f"{folder}/" if called.nearby else IN_FILE
    return Callers(where, tuple(told), tuple(dict.fromkeys(others)))


def _quoted(source: Source, line: int) -> str:
    return f"{quoted(source.line_text(line))} ({source.path}:{line})"


def _told(caller: Caller, verdict: FunctionVerdict) -> Caller:
    """A caller with what the verdict on it says."""
    if verdict.verdict is Verdict.EQUAL:
        return replace(caller, sees=NO, assumptions=verdict.assumptions)
    if verdict.verdict is not Verdict.DIFFERS:
        return caller
    return replace(caller, sees=YES, how=_how(verdict))


def _how(verdict: FunctionVerdict) -> str:
    """The first output that differs, as its own verdict would tell it."""
    first = verdict.differing[0]
    if not (first.before or first.after):
        return first.output
    when = f" when {first.witness}" if first.witness and first.witness.when else ""
    when = when.replace(" when", ", e.g. when", 1) if "CONFIG_" in when else when
    return f"{first.output}: {first.before} -> {first.after}{when}"


# --- the calls by themselves ----------------------------------------------------------


def _alone(change: _Change, called: _Called, caller: str) -> list[Alone]:
    """The calls that a caller makes, each taken out of it; [] if one of them cannot
    be."""
    sites = called.sites[caller]
    if len(sites) > MOST_CALLS:
        return []
    read = definitions_of(change.facts[1], change.post.path, change.post.data)
    found = [alone(change.post, read, called.function, site) for site in sites]
    known = [one for one in found if one is not None]
    return known if len(known) == len(found) else []


def _by_their_calls(
    change: _Change, called: _Called, known: Verdicts
) -> dict[str, Caller]:
    """The callers with what is known of them before they are compared: whether they
    change by themselves, and what is proved of all the calls that they make."""
    found: dict[str, Caller] = {}
    calls: dict[str, list[Alone]] = {}
    for name, sites in called.sites.items():
        found[name] = Caller(name, change.post.path, sites[0].line)
        if name in known:
            same = _told(found[name], known[name])
            found[name] = (
                same if same.sees == NO else replace(same, sees=CHANGES, how="")
            )
        elif name in called.judged:
            calls[name] = _alone(change, called, name)
    each = [(name, one) for name, several in calls.items() for one in several]
    text = "".join(one.named(number) for number, (_name, one) in enumerate(each))
    names = [f"{NAME}{number}" for number in range(len(each))]
    judged = change.judge(names, text)
    for name, several in calls.items():
        verdicts = [
            judged[at] for at, one in zip(names, each, strict=True) if one[0] == name
        ]
        if not several or any(one.verdict is not Verdict.EQUAL for one in verdicts):
            continue
        taken = dict.fromkeys(one for each in verdicts for one in each.assumptions)
        found[name] = replace(
            found[name], sees=NO, how=several[0].told, assumptions=tuple(taken)
        )
    return found
