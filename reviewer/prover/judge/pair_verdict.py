# SPDX-License-Identifier: GPL-2.0-or-later
"""The verdict on a lifted pair: its result bit by bit, calls, stores, names."""

from __future__ import annotations

import re
from dataclasses import replace

import z3

from reviewer.prover.ask.questions import (
    ANOTHER_ORDER,
    difference_question,
    true_of_witnesses,
)
from reviewer.prover.ask.solve import EFFORT, OUT_OF_TIME, Questions, SolverAnswer
from reviewer.prover.ask.spoken_names import spoken
from reviewer.prover.interpret.library_contracts import is_print
from reviewer.prover.interpret.run import Run
from reviewer.prover.judge import outputs as outputs_of
from reviewer.prover.judge import traces
from reviewer.prover.judge.pair import SAME_MEANING, Pair
from reviewer.prover.judge.witness import literals_in_words
from reviewer.prover.memory import stopping_states
from reviewer.prover.memory.places import is_local_address
from reviewer.prover.two_processes import in_two_processes
from reviewer.prover.verdict import FunctionVerdict, OutputVerdict, Verdict

SIXTY_FOUR = "64-bit"
PATIENCE = (
    1.0  # seconds, as steps of the solver, of looking for where two rows of events part
)


# All would be true of it: something was misread
NOWHERE = "no configuration declares all names that it uses"
NOT_EQUAL = "it differs where nothing is looked into"
# a variable, or the answer of a function, that has a name on each side
_OF_A_SIDE = re.compile(r"&\w+ \[(?:before|after)\]|\w+ \[(?:before|after)\]\(\)")


def _results(pair: Pair, only: frozenset[str]) -> list[outputs_of.Output]:
    found = outputs_of.results(pair.before, pair.after, pair.model, pair.bits)
    wanted = [o for o in found if not only.isdisjoint(o.name.split("/"))]
    return wanted or found


def prove_equal(
    pair: Pair, blank: FunctionVerdict, only: frozenset[str]
) -> FunctionVerdict:
    """Returns "equal" if that can be proved with one question, else "not decided",
    without saying where they differ.  ``only``: the outputs that count; empty: all."""
    if not pair.gates[0].eq(pair.gates[1]):
        return replace(blank, why="it is compiled under another condition")
    if _undeclared(pair):
        return replace(blank, why="a name that is not declared everywhere")
    wanted = _results(pair, only)
    differ = [o.before != o.after for o in wanted if not o.before.eq(o.after)]
    if not only and not pair.before.world.eq(pair.after.world):
        differ.append(pair.before.world != pair.after.world)
    used: tuple[str, ...] = ()
    if differ:
        question_ = pair.questions.asked(z3.Or(differ))
        if question_.result != z3.unsat:
            known = question_.result == z3.sat
            return replace(blank, why=NOT_EQUAL if known else OUT_OF_TIME)
        used = question_.used()
    if stopping_states.is_new(pair.before.run, pair.after.run, pair.questions):
        return replace(blank, why=stopping_states.NEW)
    found = [
        OutputVerdict(o.name, Verdict.EQUAL, assumptions=used, number=o.number)
        for o in wanted
    ]
    if not only and (pair.before.run.record.events or pair.after.run.record.events):
        found.append(OutputVerdict("calls and stores", Verdict.EQUAL, assumptions=used))
    return _summary(pair, blank, found)


def judge(
    pair: Pair, blank: FunctionVerdict, only: frozenset[str], processes: int = 1
) -> FunctionVerdict:
    """Decides every output by itself, with a state where it differs, or why it is not
    known."""
    found: list[OutputVerdict] = []
    if not only:
        found += _gate(pair, blank.name)
    wanted = _results(pair, only)
    found += _together(
        pair, in_two_processes(lambda output: _decide(pair, output), wanted, processes)
    )
    if not only:
        found += _effects(pair)
    found += _undeclared(pair)
    verdicts = {output.verdict for output in found}
    too_hard = any(output.why == OUT_OF_TIME for output in found)
    undecided = Verdict.NOT_DECIDED in verdicts and Verdict.DIFFERS not in verdicts
    if undecided and not too_hard:
        first = (
            None
            if only or pair.before.run.inputs.concurrent
            else first_difference(pair)
        )
        found += [] if first is None else [first]
    verdict = _summary(pair, blank, found)
    if verdict.verdict is Verdict.EQUAL and stopping_states.is_new(
        pair.before.run, pair.after.run, pair.questions
    ):
        return replace(blank, why=stopping_states.NEW)
    return verdict


def _together(pair: Pair, bits: list[OutputVerdict]) -> list[OutputVerdict]:
    """Bits that are each right alone, but of another moment than the others.

    Which of its values a word gave is seen only in what was read of it twice.
    """
    torn = [bit.output for bit in bits if bit.why == ANOTHER_ORDER]
    one, two = pair.before.value, pair.after.value
    if not torn or len(bits) < 2 or one is None or two is None:
        return bits
    whole = outputs_of.Output(
        f"{', '.join(torn)} with the other bits",
        outputs_of.as_64_bits(one),
        outputs_of.as_64_bits(two),
        line=next(bit.line for bit in bits if bit.output == torn[0]),
    )
    verdict = _decide(pair, whole)
    if verdict.verdict is not Verdict.DIFFERS:
        return bits
    return [*(bit for bit in bits if bit.why != ANOTHER_ORDER), verdict]


def _gate(pair: Pair, name: str) -> list[OutputVerdict]:
    """Whether both sides are compiled under the same configurations."""
    one, two = pair.gates
    if one.eq(two):
        return []
    output = outputs_of.Output(f"definition of {name}()", one, two, kind="defined")
    free = _free(pair)
    verdict = _verdict(
        pair, output, difference_question(pair, one, two, z3.BoolVal(True), free)
    )
    return [] if verdict.verdict is Verdict.EQUAL else [verdict]


def _free(pair: Pair) -> Questions:
    """Questions about configurations alone."""
    common = pair.questions
    return Questions(
        [], pair.configurations, common.timeout, common.deadline, common.work
    )


def _undeclared(pair: Pair) -> list[OutputVerdict]:
    """One side uses names where the other does not, and they are not declared."""
    one, two = pair.needs
    asks = any(run.record.compile_conditions for run in _runs(pair))
    if asks and _free(pair).asked(z3.And(one, two, *pair.gates)).result == z3.unsat:
        return [OutputVerdict("declarations", Verdict.NOT_DECIDED, why=NOWHERE)]
    if pair.names.trees_differ or not pair.compiling:
        return []
    answer = difference_question(pair, one, two, pair.gates[1], _free(pair))
    if answer.equal:
        return []
    why = "a name that is not declared in every configuration"
    return [OutputVerdict("declarations", Verdict.NOT_DECIDED, why=why)]


def _runs(pair: Pair) -> tuple[Run, Run]:
    return pair.before.run, pair.after.run


def _summary(
    pair: Pair, blank: FunctionVerdict, found: list[OutputVerdict]
) -> FunctionVerdict:
    verdicts = {output.verdict for output in found}
    if Verdict.DIFFERS in verdicts:
        verdict = Verdict.DIFFERS
    elif Verdict.NOT_DECIDED in verdicts:
        verdict = Verdict.NOT_DECIDED
    else:
        verdict = Verdict.EQUAL
    used = {name: None for output in found for name in output.assumptions}
    for run in (pair.before.run, pair.after.run):
        used.update(run.record.assumptions)
    unknown = _unknown(pair)
    if (
        pair.names.trees_differ
        and unknown
        and SAME_MEANING in pair.before.run.inputs.assumed
    ):
        used[SAME_MEANING] = None
    used[SIXTY_FOUR] = None
    whys = [o.why for o in found if o.verdict is Verdict.NOT_DECIDED]
    return replace(
        blank,
        verdict=verdict,
        outputs=tuple(found),
        assumptions=tuple(used),
        unknown=unknown,
        why=whys[0] if verdict is Verdict.NOT_DECIDED and whys else "",
    )


def _unknown(pair: Pair) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for run in (pair.before.run, pair.after.run):
        for _expr, name, kind in run.unknowns.applied.values():
            if kind == "call" and not name.startswith("after "):
                names[name] = None
    return tuple(names)


def _decide(pair: Pair, output: outputs_of.Output) -> OutputVerdict:
    """Ask about one output and put the answer into words."""
    made = output.kind == "made"
    given = output.given
    null = [
        flag
        for side in (pair.before, pair.after)
        for flag in side.run.record.given_null.get(output.name, ())
    ]
    if null:
        given = z3.And(given, z3.Not(z3.Or(null)))
    answer = difference_question(pair, output.before, output.after, given, made=made)
    if null and answer.equal:
        answer = difference_question(
            pair, output.before, output.after, output.given, made=made
        )
        if not answer.equal:
            answer = SolverAnswer(
                why=f"what the {output.name} does with NULL is not seen"
            )
    if (
        answer.difference is not None
        and not z3.is_bool(output.before)
        and any(is_local_address(side) for side in (output.before, output.after))
    ):
        answer = SolverAnswer(why="it hangs on where a local variable lies")
    return _verdict(pair, output, answer)


def _verdict(
    pair: Pair, output: outputs_of.Output, answer: SolverAnswer
) -> OutputVerdict:
    if answer.equal:
        return OutputVerdict(
            output.name, Verdict.EQUAL, assumptions=answer.used,
            line=output.line, number=output.number,
        )  # fmt: skip
    if answer.difference is None:
        return OutputVerdict(
            output.name, Verdict.NOT_DECIDED, why=answer.why,
            line=output.line, number=output.number,
        )  # fmt: skip
    difference = answer.difference
    witness = literals_in_words(pair.model, difference)
    told = [*witness.relies_on, *(text for text, _value in witness.values)]
    moved = list(dict.fromkeys(m for text in told for m in _OF_A_SIDE.findall(text)))
    if moved:  # a variable that changes still has one address, and both functions
        # may do the same: at worst they are one, of which a side sees no declaration
        return OutputVerdict(
            output.name, Verdict.NOT_DECIDED, why=f"it hangs on {spoken(moved)}",
            line=output.line, number=output.number,
        )  # fmt: skip
    shown = [
        stopping_states.SHOWN
        if output.kind != "defined"
        and stopping_states.is_sure(stops, difference, pair.questions)
        else output.show(value, side.run)
        for value, stops, side in zip(
            (difference.before, difference.after), pair.stops,
            (pair.before, pair.after), strict=True,
        )
    ]  # fmt: skip
    return OutputVerdict(
        output.name,
        Verdict.DIFFERS,
        before=shown[0],
        after=shown[1],
        witness=witness,
        line=output.line,
        number=output.number,
    )


def first_difference(pair: Pair) -> OutputVerdict | None:
    """Finds where calls, stores and the result part first, None where that is not sure.

    A line in the log counts only where nothing else is another one.  Of two trees it is
    not asked: what a name stands for, behind a call, may be another thing in each.
    """
    if pair.names.trees_differ:
        return None
    own = calls_its_own(pair)
    if own:  # they are looked into next (``compare``)
        pair.before.run.record.uneven_calls |= own
    if pair.before.run.record.uneven_calls:
        return None
    work = pair.questions.work
    until = work.left - min(PATIENCE * EFFORT, work.left / 4)
    runs = (pair.before.run, pair.after.run)
    prints = any(is_print(event.name) for run in runs for event in run.record.events)
    for messages in (False, True) if prints else (False,):
        for parting in traces.where_sides_part(
            pair, true_of_witnesses(pair), messages=messages
        ):
            found = _asked_about(pair, parting) if parting.kind else None
            if found is not None:
                return found
            if work.left < until:
                break
    return None


def calls_its_own(pair: Pair) -> set[str]:
    """Returns the functions of the file that are called and not looked into: that they
    are called shows nothing."""
    return {
        event.name
        for run in (pair.before.run, pair.after.run)
        for event in run.record.events
        if event.kind == "call" and outputs_of.is_own(run, event.name)
    }


def _asked_about(pair: Pair, parting: traces.Parting) -> OutputVerdict | None:
    output = parting.output
    answer = difference_question(
        pair, output.before, output.after, parting.path, shared=parting.shared
    )
    if answer.difference is None:
        return None
    verdict = _verdict(pair, output, answer)
    if verdict.verdict is not Verdict.DIFFERS:
        return None
    return replace(verdict, first=parting.kind)


def _effects(pair: Pair) -> list[OutputVerdict]:
    """Calls and stores: one proof for all of them, else one by one."""
    before, after = pair.before, pair.after
    nothing = not before.run.record.events and not after.run.record.events
    if nothing and before.world.eq(after.world):
        return []
    answer = SolverAnswer(equal=before.world.eq(after.world))
    candidates, why = outputs_of.effects(before, after)
    if not answer.equal and (candidates or not why):
        whole = pair.questions.asked(before.world != after.world)
        answer.equal = whole.result == z3.unsat
        answer.used = whole.used() if answer.equal else ()
    if answer.equal:
        return [
            OutputVerdict("calls and stores", Verdict.EQUAL, assumptions=answer.used)
        ]
    found = []
    for output in candidates:
        verdict = _decide(pair, output)
        if verdict.verdict is Verdict.DIFFERS:
            found.append(verdict)
        elif verdict.verdict is Verdict.NOT_DECIDED:
            why = why or f"{output.name}: {verdict.why}"
    if not found:
        why = why or "the order of calls and stores"
        found.append(OutputVerdict("calls and stores", Verdict.NOT_DECIDED, why=why))
    return found
