# SPDX-License-Identifier: GPL-2.0-or-later
"""Both sides of a function, lifted on the same inputs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

import z3

from reviewer.c.formula import TRUE, Condition
from reviewer.c.source import Function, Source
from reviewer.facts import Facts
from reviewer.prover.ask.free_variables import leaves_of
from reviewer.prover.ask.solve import Questions, SolverWork, bound_memory
from reviewer.prover.ask.word_bits import Bits
from reviewer.prover.assume.option_values import nothing_guessed, option_facts
from reviewer.prover.assume.pages import PageModel
from reviewer.prover.changes.changed_names import ChangedNames
from reviewer.prover.interpret.inputs import Inputs
from reviewer.prover.interpret.lift import Lifted, lift, parameters_of, prepare_run
from reviewer.prover.interpret.macro_texts import evaluate_text
from reviewer.prover.interpret.run import Frame, Run
from reviewer.prover.judge.uneven_calls import called_unevenly
from reviewer.prover.limits import ProverLimits, Unsupported
from reviewer.prover.memory import casts_of_structs, stopping_states
from reviewer.prover.memory.state import State, entry_world
from reviewer.prover.memory.tagged_names import INPUT, field_name
from reviewer.prover.names.definitions import Definitions
from reviewer.prover.term_types import BitVec, Bool
from reviewer.prover.values.integers import CType, Machine, resize
from reviewer.prover.work_done import NODES, add_work

SAME_MEANING = "names-keep-their-meaning"


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison."""

    source: Source
    facts: Facts | None
    definitions: Definitions
    function: Function
    bound: dict[str, str] = field(default_factory=dict)  # parameter -> a constant


@dataclass(slots=True)
class Pair:
    """Both sides lifted, with all that is needed to ask about them."""

    before: Lifted
    after: Lifted
    model: PageModel
    questions: Questions
    names: ChangedNames
    bits: Bits
    gates: tuple[Bool, Bool]  # when each side is compiled
    needs: tuple[Bool, Bool]  # when all names that it uses are declared
    apart: Bool | None  # structs of different types do not lie in one place
    living: Bool | None  # nothing was called that never returns
    stops: tuple[Bool, Bool]  # a side stops
    asked: tuple[frozenset[int], frozenset[int]]  # leaves that each side looks at
    compiling: bool  # names that one side alone uses must be declared
    configurations: list[Bool]  # what holds of the options of every configuration
    no_guess: (
        Bool | None
    )  # no option is m, and no name defined, of which that is not known
    around: tuple[Condition, Condition] = (TRUE, TRUE)  # the #if around each side

    @property
    def is_whole(self) -> bool:
        """Says whether nothing would be looked into at another depth either."""
        sides = self.before, self.after
        return not any(side.run.record.kept_out for side in sides)


def asked_anew(pair: Pair, limits: ProverLimits) -> Pair:
    """Returns the same two sides for questions that know nothing of earlier ones."""
    bound_memory()
    old = pair.questions
    work = SolverWork.of(limits.seconds)
    questions = Questions(old.assumptions, old.facts, limits.solver, old.deadline, work)
    return replace(pair, questions=questions, bits=Bits())


def lift_both(
    sides: tuple[Side, Side],
    meanings: ChangedNames,
    mode: str,
    assumptions: tuple[str, ...],
    limits: ProverLimits,
    deadline: float,
    compiling: bool,
) -> Pair:
    """Lift both sides, and a second time where they must know each other's memory.

    Raises Unsupported where a side cannot be lifted, or the two not be compared.
    """
    lifted: list[Lifted] = []
    relevant: frozenset[str] | None = None
    names: frozenset[str] = frozenset()
    twice: dict[str, frozenset[str]] = {}
    widths: dict[str, int] = {}
    if not meanings.trees_differ:
        forced = meanings.forced | called_unevenly(sides)
        meanings = replace(meanings, forced=forced)
    for last in (False, True):
        runs = tuple(
            prepare_run(
                Run(
                    side.definitions,
                    Machine(),
                    limits,
                    replace(
                        _inputs_of(side, meanings, label, mode, assumptions),
                        deadline=deadline,
                        relevant=relevant,
                        same_names=names,
                        shared=twice,
                    ),
                )
            )
            for side, label in zip(sides, ("before", "after"), strict=True)
        )
        before, after = runs
        for run in runs:
            run.widths.update(widths)
            for key, others in twice.items():
                told = run.place_sharers.setdefault(field_name(key), set())
                told |= {field_name(other) for other in others}
        model, named, lifted = _lift_sides(sides, (before, after))
        old, new = before.record, after.record
        moved = old.locals_in_memory != new.locals_in_memory and sorted(
            old.locals_in_memory
        ) == sorted(new.locals_in_memory)
        if last:
            break
        twice = casts_of_structs.shared_memories((before, after))
        if not (old.union_written or new.union_written or moved or twice):
            break
        widths = {**before.widths, **after.widths}
        relevant = frozenset(old.memory_touched | new.memory_touched)
        names = frozenset(old.locals_in_memory) if moved else names
    if (lifted[0].value is None) != (lifted[1].value is None):
        raise Unsupported("only one side returns a value")
    if _points_elsewhere(lifted[0], lifted[1]):
        raise Unsupported("its result points at numbers of another type")
    words = [word for _name, _ctype, word in named]
    facts = _stack_facts(before, words) + _stack_facts(after, words)
    around = [side.source.condition(side.function.first_line) for side in sides]
    gates = tuple(
        z3.simplify(run.formula(condition))
        for run, condition in zip(runs, around, strict=True)
    )
    options = {**old.options, **new.options}
    trees = sides[0].facts, sides[1].facts
    configurations = option_facts(options, trees)

    def is_macro(word: str) -> bool:
        return any(side.definitions.may_be_defined(word) for side in sides)

    facts += _member_facts(before, after) + configurations
    facts += [*old.bounds, *new.bounds]
    needs = tuple(
        z3.And([*run.record.compile_conditions.values(), True]) for run in runs
    )
    facts += needs
    facts += gates
    questions = Questions(
        model.assumptions(assumptions),
        facts,
        limits.solver,
        deadline,
        SolverWork.of(limits.seconds),
    )
    return Pair(
        lifted[0], lifted[1], model, questions, meanings, Bits(),
        (gates[0], gates[1]), (needs[0], needs[1]), _apart(before, after),
        _living(before, after),
        (stopping_states.stop_condition(before), stopping_states.stop_condition(after)),
        (_looked_at(lifted[0]), _looked_at(lifted[1])),
        compiling, configurations, nothing_guessed(options, trees, is_macro),
        (around[0], around[1]),
    )  # fmt: skip


def _points_elsewhere(before: Lifted, after: Lifted) -> bool:
    """Whether the results are pointers to integers of two types."""
    if before.value is None or after.value is None:
        return False
    one, two = before.value.ctype.to, after.value.ctype.to
    return bool(one and two and one != two and one.kind == two.kind == "int")


def _looked_at(lifted: Lifted) -> frozenset[int]:
    """All that a side depends on, in its result or on its way there."""
    exprs = (
        [lifted.world] if lifted.value is None else [lifted.world, lifted.value.expr]
    )
    for event in lifted.run.record.events:
        exprs += [event.guard, *event.operands]
    return frozenset(leaves_of(exprs))


def _lift_sides(
    sides: tuple[Side, Side], runs: tuple[Run, Run]
) -> tuple[PageModel, list[tuple[str, CType, BitVec]], list[Lifted]]:
    """Both sides on the same inputs; their pages and folios."""
    before, after = runs
    model = PageModel((before, after), (sides[0].facts, sides[1].facts))
    inputs, named = _inputs(sides, (before, after))
    for name, ctype, word in named:
        to = ctype.to.name if ctype.kind == "pointer" and ctype.to else ""
        if to == "struct page":
            model.pages[name] = word
        elif to == "struct folio":
            model.folios[name] = word
        elif ctype.kind in ("int", "bool"):
            model.inputs[name] = ctype
    try:
        lifted = [
            lift(run, side.source, side.function, words)
            for run, side, words in zip(runs, sides, inputs, strict=True)
        ]
    finally:
        add_work((before.nodes + after.nodes) / NODES)
    return model, named, lifted


def _inputs_of(
    side: Side,
    meanings: ChangedNames,
    label: str,
    mode: str,
    assumptions: tuple[str, ...],
) -> Inputs:
    """What a side is run with, before anything is known of both."""
    as_one = {("_mapcount", "counter"): "page_type"}
    return Inputs(
        side=label,
        concurrent=mode in ("concurrent", "strict"),
        strict=mode == "strict",
        synchronised=mode == "synchronised",
        assumed=frozenset(assumptions),
        changed=meanings.changed,
        redeclared=meanings.redeclared,
        first=meanings.first,
        forced=meanings.forced,
        blind=meanings.blind,
        apart=meanings.trees_differ and SAME_MEANING not in assumptions,
        leading=_leading(side, meanings),
        united=as_one if _mapcount_is_type(side.definitions) else {},
    )


def _leading(side: Side, meanings: ChangedNames) -> frozenset[str]:
    found = meanings.leading_to_another(side.function.name)
    text = side.source.text(side.function.node) if found else ""
    return found.intersection(re.findall(r"\w+", text))


_UNION = re.compile(r"union\s*\{([^{}]*)\}")


def _mapcount_is_type(definitions: Definitions) -> bool:
    """Whether _mapcount and page_type are one word (include/linux/mm_types.h)."""
    return any(
        {"_mapcount", "page_type"} <= set(re.findall(r"\w+", union))
        for text, _source, _offset in definitions.structs("struct", "page")
        for union in _UNION.findall(text)
    )


def _inputs(
    sides: tuple[Side, Side], runs: tuple[Run, Run]
) -> tuple[list[list[BitVec]], list[tuple[str, CType, BitVec]]]:
    """A word for every parameter; shared by name, or by place if none is added."""
    described, frames = [], []
    for side, run in zip(sides, runs, strict=True):
        frame = Frame(
            run,
            side.source,
            State(z3.BoolVal(True), {}, entry_world()),
            run.machine.long,
        )
        described.append(parameters_of(frame, side.function)[1])
        frames.append(frame)
    old, new = described
    places = [[n for n, _t in one if n in {m for m, _t in two}]
              for one, two in ((old, new), (new, old))]  # fmt: skip
    if places[0] != places[1]:
        raise Unsupported("its parameters changed places")
    by_place = len(old) == len(new) and {n for n, _t in old} != {n for n, _t in new}
    words: dict[str, BitVec] = {}
    named: dict[str, tuple[str, CType, BitVec]] = {}
    result = []
    for parameters, side, frame in zip((old, new), sides, frames, strict=True):
        here = []
        for place, (name, ctype) in enumerate(parameters):
            if name in side.bound:
                value = evaluate_text(frame, side.bound[name])
                here.append(resize(value.expr, value.ctype.signed, 64))
                continue
            key = new[place][0] if by_place else name
            key = key or f"argument {place + 1}"
            word = words.setdefault(key, z3.BitVec(INPUT + key, 64))
            named.setdefault(key, (key, ctype, word))
            here.append(word)
        result.append(here)
    return result, list(named.values())


def _stack_facts(run: Run, words: list[BitVec]) -> list[Bool]:
    """Locals have addresses of their own; no argument points at one."""
    addresses = list(run.stack_places.values())
    facts = [z3.Distinct(*addresses)] if len(addresses) > 1 else []
    return facts + [a != w for a in addresses for w in words]


def _member_facts(before: Run, after: Run) -> list[Bool]:
    """A struct inside a struct lies behind its beginning, and each at its place."""
    facts, members = [], list({**before.members, **after.members}.values())
    for place, (address, holder, name) in enumerate(members[:_MEMBERS]):
        facts.append(address != holder)
        for other, its_holder, its_name in members[:place]:
            if holder.eq(its_holder) and name != its_name:
                facts.append(address != other)
    return facts


def _apart(before: Run, after: Run) -> Bool | None:
    """That structs of different types lie in different places, but for NULL.

    A proof does without it; a difference that shows only where it fails is none.
    """
    typed = list(
        {**before.record.struct_addresses, **after.record.struct_addresses}.values()
    )
    parts = [
        z3.Or(one != two, one == 0)
        for place, (one, name) in enumerate(typed[:_MEMBERS])
        for two, other in typed[:place]
        if not _may_be_one(before, name, other)
    ]
    return z3.And(parts) if parts else None


def _living(before: Run, after: Run) -> Bool | None:
    """That no call that never returns was made, such as panic()."""
    ends = [*before.record.never_returning, *after.record.never_returning]
    return z3.Not(z3.Or(ends)) if ends else None


def _may_be_one(run: Run, one: str, two: str) -> bool:
    """Whether an object can be both: a union, one inside the other, page and folio."""
    if one == two or any(
        name in ("struct page", "struct folio") or not name.startswith("struct ")
        for name in (one, two)
    ):
        return True
    return run.types.begins_with(one, two) or run.types.begins_with(two, one)


_MEMBERS = 24  # addresses of inner structs that are told apart
