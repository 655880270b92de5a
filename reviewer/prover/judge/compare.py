# SPDX-License-Identifier: GPL-2.0-or-later
"""Two states of a function, compared output by output.

``compare_functions`` is for one function, ``compare_files`` for all that a change
touches.  Verdicts are sound: "equal" is a proof under the assumptions that it names
(of one CPU only, where the verdict says so), "differs" comes with a state in which the
two sides do differ, and everything else is "not decided" with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import z3

from reviewer.c.source import Function, Source
from reviewer.facts import Facts
from reviewer.prover.ask.solve import BACKSTOP, OUT_OF_TIME, bound_memory, of_memory
from reviewer.prover.assume.pages import DEFAULT
from reviewer.prover.changes.before_alike import before_alike
from reviewer.prover.changes.changed_names import ChangedNames, changed_names
from reviewer.prover.changes.changed_parameters import (
    ANOTHER_CALL,
    JUDGED,
    Signatures,
    signatures,
    system_call_macro,
)
from reviewer.prover.changes.judging_order import (
    callees_first,
    has_body_elsewhere,
    proved_names,
    touched_functions,
    with_assumptions,
)
from reviewer.prover.changes.not_compared import unread_changes
from reviewer.prover.changes.pasted_uses import with_pasted_uses
from reviewer.prover.changes.pragmas import alignments
from reviewer.prover.interpret.intrinsics import ASSERTIONS, assertions_on_one_side
from reviewer.prover.judge import other_cpus, pair_verdict
from reviewer.prover.judge.pair import Pair, Side, asked_anew, lift_both
from reviewer.prover.judge.uneven_calls import LARGEST
from reviewer.prover.judge.versions import of_versions, versions
from reviewer.prover.judge.within_budget import within_budget
from reviewer.prover.limits import BY_CLOCK, EndedByClock, ProverLimits, Unsupported
from reviewer.prover.names.definitions import Definitions, definitions_of
from reviewer.prover.structure.allocation_products import compared_but_for_products
from reviewer.prover.structure.compared import with_structure
from reviewer.prover.two_processes import cpu_seconds
from reviewer.prover.values.solver_terms import new_context
from reviewer.prover.verdict import FunctionVerdict, Verdict

LAID_OUT = "#pragma pack, or a flag of the compiler, makes other data of it"
ALIGNED_OTHERWISE = "the alignment of a variable changes"
NO_TEXT = "it holds bytes that are no text"


def compare_functions(
    pre: Source,
    post: Source,
    facts_pre: Facts | None,
    facts_post: Facts | None,
    names: str | tuple[str, ...],
    *,
    mode: str = "quiescent",
    assumptions: tuple[str, ...] = DEFAULT,
    limits: ProverLimits | None = None,
    outputs: tuple[str, ...] = (),
    compiling: bool = True,
    one_cpu: bool = False,
    known: frozenset[str] = frozenset(),
    proofs_only: bool = False,
    conditions: bool = False,
    beside: bool = False,
) -> tuple[FunctionVerdict, ...]:
    """Compare functions of two states of a file.

    A name may be ``old>new`` for a function that was renamed.  ``mode``: quiescent
    (memory changes only by what the function does) or concurrent (every load may see
    another value).  ``assumptions``: those of ``assume.assumptions`` that are on.
    ``compiling``: a side that needs a name which some configuration does not declare is
    not equal to one that does not.  ``one_cpu``: a proof for one CPU is enough.
    ``known``: functions that changed and are proved to do what they did.  ``outputs``:
    only ask about results of these names (KPF bits); all by default.  ``proofs_only``:
    what is not equal is "not decided", in a third of the time.  ``conditions``: what is
    not decided may be the same unless something holds, and what differs says where.
    ``beside``: the same, and the solver has its time as without it.  Nothing is raised
    for code that cannot be compared: the verdict says so.
    """
    wanted = (names,) if isinstance(names, str) else names
    meanings = changed_names(pre, post, facts_pre, facts_post)
    read = (
        definitions_of(facts_pre, pre.path, pre.data),
        definitions_of(facts_post, post.path, post.data),
    )
    bounds = limits or ProverLimits()
    meanings = meanings.without(
        name for name in known if not has_body_elsewhere(name, read)
    )

    def compare(name: str) -> FunctionVerdict:
        old, _, new = name.partition(">")
        pairs = versions((pre, post), (old, new or old), read)
        return of_versions([compare_pair(name, both) for both in pairs])

    def compare_pair(
        name: str, both: tuple[Function | None, Function | None]
    ) -> FunctionVerdict:
        old, _, new = name.partition(">")
        one, two = both
        for definitions in read:
            definitions.at = None  # not where the last function stands
        used = with_pasted_uses(meanings, both, (pre, post), read, proofs_only)
        started = cpu_seconds()
        shape, size = None, 0
        if one is not None and two is not None and not outputs:
            shape = compared_but_for_products((pre, post), (one, two), read, used)
            size = max(f.node.end_byte - f.node.start_byte for f in (one, two))
        blank = FunctionVerdict(
            new or old, old, Verdict.NOT_DECIDED, (), mode=mode, file=post.path,
            line=0 if two is None else two.first_line,
            before_file="" if pre.path == post.path else pre.path,
            seconds=round(cpu_seconds() - started, 3),
        )  # fmt: skip
        enough = shape is not None and shape.is_enough(conditions)
        settled = shape is not None and (shape.proved or shape.differs)
        if shape is not None and enough and (settled or size > SMALL_TEXT):
            return with_structure(blank, shape, conditions)
        try:
            verdict = _compare(
                *both, (pre, post), (facts_pre, facts_post), read, (old, new or old),
                used, mode, assumptions,
                shape.bounds(bounds) if shape is not None and conditions else bounds,
                frozenset(outputs), compiling, one_cpu, proofs_only,
            )  # fmt: skip
        except EndedByClock:
            verdict = replace(blank, why=BY_CLOCK)
        if enough and verdict.verdict is not Verdict.EQUAL:
            verdict = blank  # a condition says more than a state that shows it
        verdict = replace(verdict, seconds=round(cpu_seconds() - started, 3))
        told = conditions or beside
        return with_structure(verdict, shape, told) if shape else verdict

    done: dict[str, FunctionVerdict] = {}
    for names_ in callees_first(post, wanted):
        verdicts = within_budget(compare, names_, post, mode, bounds)
        verdicts = [with_assumptions(post, verdict, done) for verdict in verdicts]
        done.update(zip(names_, verdicts, strict=True))
        if not outputs:
            meanings = proved_names(meanings, verdicts, read)
    return tuple(done[name] for name in wanted)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A function on both sides, and what is known about both files.

    ``read``: what names mean in each; ``compiling``, ``proofs_only``: see
    ``compare_functions``.  ``started``: when it was begun with, by ``cpu_seconds``, for
    all that is asked of it has one deadline.
    """

    before: Function | None
    after: Function | None
    sources: tuple[Source, Source]
    facts: tuple[Facts | None, Facts | None]
    read: tuple[Definitions, Definitions]
    names: tuple[str, str]
    meanings: ChangedNames
    compiling: bool
    proofs_only: bool
    started: float


def _compare(
    one: Function | None,
    two: Function | None,
    sources: tuple[Source, Source],
    facts: tuple[Facts | None, Facts | None],
    read: tuple[Definitions, Definitions],
    names: tuple[str, str],
    meanings: ChangedNames,
    mode: str,
    assumptions: tuple[str, ...],
    limits: ProverLimits,
    only: frozenset[str],
    compiling: bool,
    one_cpu: bool,
    proofs_only: bool,
) -> FunctionVerdict:
    new_context()
    asked = _Asked(
        one, two, sources, facts, read, names, meanings, compiling, proofs_only,
        cpu_seconds(),
    )  # fmt: skip
    verdict, pair = _compared(asked, mode, assumptions, limits, only)
    if proofs_only and verdict.verdict is not Verdict.EQUAL:
        return verdict
    if mode == "concurrent" and verdict.verdict is Verdict.NOT_DECIDED:
        quiet, alike = _compared(asked, "quiescent", assumptions, limits, only)
        if quiet.verdict is Verdict.EQUAL and alike is not None and not one_cpu:
            quiet = _for_others(asked, quiet, alike, assumptions, limits)
        if quiet.verdict is Verdict.DIFFERS:
            return replace(quiet, mode="concurrent")
    if verdict.verdict is not Verdict.EQUAL or one_cpu or only or pair is None:
        return verdict
    if ASSERTIONS in verdict.assumptions and one is not None and two is not None:
        alone = assertions_on_one_side((sources[0], one), (sources[1], two))
        if alone:
            why = f"{alone[0]}() is on one side only: it may find something"
            return replace(verdict, verdict=Verdict.NOT_DECIDED, outputs=(), why=why)
    return _for_others(asked, verdict, pair, assumptions, limits)


def _for_others(
    asked: _Asked,
    verdict: FunctionVerdict,
    pair: Pair,
    assumptions: tuple[str, ...],
    limits: ProverLimits,
) -> FunctionVerdict:
    """A proof, if it holds while others run: the same primitives, and the same looks.

    For a proof in concurrent mode the primitives must be the same, too.
    """
    mode = "strict" if verdict.mode == "concurrent" else "synchronised"
    if mode == "synchronised" and not other_cpus.others_matter(pair):
        return verdict
    seen, their_pair = _compared(asked, mode, assumptions, limits)
    if seen.verdict is Verdict.EQUAL:
        return verdict
    if mode == "strict":  # which knows READ_ONCE() and the rest by no name
        _seen, their_pair = _compared(asked, "synchronised", assumptions, limits)
    why, shown = seen.why, None
    if their_pair is not None:
        why = other_cpus.visible_difference(their_pair)
        shown = other_cpus.seen_otherwise(their_pair, f"the same for one CPU; {why}")
    why = f"the same for one CPU; {why}"
    if shown is not None:
        return replace(verdict, verdict=Verdict.DIFFERS, outputs=(shown,), why=why)
    return replace(verdict, verdict=Verdict.ONE_CPU, outputs=(), why=why)


def _compared(
    asked: _Asked,
    mode: str,
    assumptions: tuple[str, ...],
    limits: ProverLimits,
    only: frozenset[str] = frozenset(),
) -> tuple[FunctionVerdict, Pair | None]:
    """One function in one mode, and the pair that was asked about last.

    "strict" is concurrent with primitives told apart; "synchronised" is quiescent but
    for what the primitives let others see and change.
    """
    one, two, sources = asked.before, asked.after, asked.sources
    names, meanings, proofs_only = asked.names, asked.meanings, asked.proofs_only
    blank = FunctionVerdict(
        names[1], names[0], Verdict.NOT_DECIDED, (), mode=mode, file=sources[1].path
    )
    if sources[0].path != sources[1].path:
        blank = replace(blank, before_file=sources[0].path)
    if one is None or two is None:
        side = "before" if one is None else "after"
        return replace(blank, why=f"it is not there, or there twice, {side}"), None
    blank = replace(blank, line=two.first_line)
    if b"\0" in sources[0].data or b"\0" in sources[1].data:
        return replace(blank, why=NO_TEXT), None  # for z3 a name ends there
    if meanings.packed:
        return replace(blank, why=LAID_OUT), None
    if alignments(sources[0], one) != alignments(sources[1], two):
        return replace(blank, why=ALIGNED_OTHERWISE), None
    if system_call_macro(one) != system_call_macro(two):
        return replace(blank, why=ANOTHER_CALL), None
    verdict, pair = blank, None
    given = signatures(sources, one, two)
    deadline = asked.started + BACKSTOP * limits.seconds
    for depth in limits.depths(meanings.trees_differ):
        bounds = replace(limits, depth=depth)
        try:
            if depth and pair is not None and pair.is_whole:
                pair = asked_anew(pair, bounds)
            else:
                pair = _lifted(asked, given, mode, assumptions, bounds, deadline)
            if depth == 0 or proofs_only:
                verdict = pair_verdict.prove_equal(pair, blank, only)
            else:
                verdict = pair_verdict.judge(pair, blank, only, limits.processes)
        except (Unsupported, RecursionError) as error:
            why = str(error) or "it is nested too deeply"
            verdict = replace(blank, why=why)
        except z3.Z3Exception as error:
            told = f"the solver: {str(error)[:80]}"
            verdict = replace(blank, why=OUT_OF_TIME if of_memory(error) else told)
        except UnicodeEncodeError:
            verdict = replace(blank, why=NO_TEXT)
        if verdict.verdict is Verdict.EQUAL:
            break
        if limits.deep_first and verdict.why == pair_verdict.NOT_EQUAL:
            break  # what is less known of callees is no more equal
        undecided = verdict.verdict is Verdict.NOT_DECIDED
        if depth and undecided and not only and not proofs_only:
            verdict = _with_rounds(
                verdict, pair, asked, given, mode, assumptions, bounds, deadline
            )
    if pair is not None and not proofs_only and not only:
        followed = _own_followed(asked, verdict, pair, mode, assumptions, limits)
        if followed is not None:
            verdict, pair = followed
    verdict = _with_callers(verdict, given)
    return replace(verdict, seconds=round(cpu_seconds() - asked.started, 3)), pair


def _own_followed(
    asked: _Asked,
    verdict: FunctionVerdict,
    pair: Pair,
    mode: str,
    assumptions: tuple[str, ...],
    limits: ProverLimits,
) -> tuple[FunctionVerdict, Pair] | None:
    """What is decided where the file's own functions are looked into, None if nothing.

    That one of them is called more often, or given another number, shows nothing.
    """
    sources, meanings = asked.sources, asked.meanings
    if (
        verdict.verdict is not Verdict.NOT_DECIDED
        or not pair.before.run.record.uneven_calls
    ):
        return None
    own = {
        function.name
        for source in sources
        for function in source.functions
        if len(source.text(function.node)) <= LARGEST
    } - {*asked.names}
    if own <= meanings.forced:
        return None
    deeper = replace(meanings, forced=meanings.forced | own)
    again = replace(asked, meanings=deeper)
    bounds = replace(limits, nodes=limits.nodes // 2)
    found, its = _compared(again, mode, assumptions, bounds)
    if its is None or found.verdict is Verdict.NOT_DECIDED:
        return None
    return found, its


def _lifted(
    asked: _Asked,
    given: Signatures,
    mode: str,
    assumptions: tuple[str, ...],
    bounds: ProverLimits,
    deadline: float,
) -> Pair:
    if asked.before is None or asked.after is None:
        raise Unsupported("it is on one side only")
    functions = (asked.before, asked.after)
    one, two = map(Side, asked.sources, asked.facts, asked.read, functions, given.bound)
    bound_memory()
    return lift_both(
        (one, two), asked.meanings, mode, assumptions, bounds, deadline, asked.compiling
    )


SMALL_TEXT = 600  # bytes of a function that the solver is asked about all the same
ROUNDS = (3, 8)
MOST_NODES = 4_000  # of a function with its rounds
SMALL = 1_500  # nodes of both sides, so that more rounds are worth it
PATIENCE = 1.0  # seconds, as steps of the solver, for each number of rounds


def _with_rounds(
    verdict: FunctionVerdict,
    pair: Pair | None,
    asked: _Asked,
    given: Signatures,
    mode: str,
    assumptions: tuple[str, ...],
    bounds: ProverLimits,
    deadline: float,
) -> FunctionVerdict:
    """A difference that shows where the loops go round a few times only."""
    if mode != "quiescent" or pair is None:
        return verdict
    if not (pair.before.run.record.loop_unread or pair.after.run.record.loop_unread):
        return verdict
    if pair.names.trees_differ or pair_verdict.calls_its_own(pair):
        return verdict  # with rounds it calls them, too, and these show nothing
    for rounds in ROUNDS:
        try:
            nodes = min(bounds.nodes, MOST_NODES)
            seconds = min(bounds.seconds, PATIENCE)
            few = replace(bounds, rounds=rounds, nodes=nodes, seconds=seconds)
            there = _lifted(asked, given, mode, assumptions, few, deadline)
            found = pair_verdict.first_difference(there)
        except (Unsupported, RecursionError, z3.Z3Exception):
            break
        if found is None and there.before.run.nodes + there.after.run.nodes > SMALL:
            break
        if found is not None:
            told = (*verdict.outputs, found)
            return replace(verdict, verdict=Verdict.DIFFERS, outputs=told, why="")
    return verdict


def _with_callers(verdict: FunctionVerdict, given: Signatures) -> FunctionVerdict:
    """What a changed list of parameters leaves of a verdict on the function alone."""
    if given.differ and verdict.verdict is Verdict.DIFFERS:
        return replace(verdict, verdict=Verdict.NOT_DECIDED, outputs=(), why=JUDGED)
    told = tuple(f"{n} = {v}" for side in given.bound for n, v in side.items())
    return replace(verdict, assumptions=(*verdict.assumptions, *told))


def compare_files(
    pre: Source,
    post: Source,
    facts_pre: Facts | None,
    facts_post: Facts | None,
    *,
    mode: str = "quiescent",
    assumptions: tuple[str, ...] = DEFAULT,
    limits: ProverLimits | None = None,
    conditions: bool = False,
    beside: bool = False,
) -> tuple[FunctionVerdict, ...]:
    """Compare every function that differs between two states of a file: in its text,
    or in what a constant, a table or a type in it means.

    A function that is gone and a new one of the same signature and nearly the same
    body are taken for a rename.  Other new or removed functions are left out: they
    show where they are called.  What changes outside of all that is read of the file
    has a verdict of its own, "not decided".
    """
    before = before_alike(pre, post, facts_pre, facts_post)
    pre, facts_pre = before.source, before.facts
    touched = touched_functions(pre, post, facts_pre, facts_post)
    names = before.with_changed(touched)
    found = before.with_told(compare_functions(
        pre, post, facts_pre, facts_post, names, mode=mode, assumptions=assumptions,
        limits=limits, conditions=conditions, beside=beside,
    ))  # fmt: skip
    if changed_names(pre, post, facts_pre, facts_post).trees_differ:
        return found
    return (*found, *unread_changes(pre, post))
