"""Two states of a function, compared output by output.

``compare_functions`` is for one function, ``compare_files`` for all that a change
touches.  Verdicts are sound: "equal" is a proof under the assumptions that it names,
"differs" comes with a state in which the two sides do differ, and everything else is
"not decided" with the reason.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import z3

from reviewer.behaviour import histories, oops
from reviewer.behaviour import outputs as outputs_of
from reviewer.behaviour.bits import Bits
from reviewer.behaviour.changed import Names, changed_names
from reviewer.behaviour.cvalues import Machine
from reviewer.behaviour.definitions import Definitions
from reviewer.behaviour.leaves import forget, leaves_of
from reviewer.behaviour.lift import Lifted, lift, parameters_of
from reviewer.behaviour.model import DEFAULT, HUGE_ZERO, PageModel
from reviewer.behaviour.run import SIZES, Frame, Limits, Run, Unsupported, plain
from reviewer.behaviour.solve import ATTEMPTS, Answer, Difference, Leaf, Questions, ask
from reviewer.behaviour.state import ENTRY, State
from reviewer.behaviour.verdict import FunctionVerdict, OutputVerdict, Verdict
from reviewer.behaviour.witness import tell

if TYPE_CHECKING:
    from reviewer.c.source import Function, Source
    from reviewer.facts import Facts

SAME_MEANING = "names-keep-their-meaning"
SIXTY_FOUR = "64-bit"
NO_TEXT = "it holds bytes that are no text"


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison."""

    source: Source
    facts: Facts | None
    definitions: Definitions
    function: Function


@dataclass(slots=True)
class Pair:
    """Both sides lifted, with all that is needed to ask about them."""

    before: Lifted
    after: Lifted
    model: PageModel
    questions: Questions
    names: Names
    bits: Bits
    gates: tuple[Any, Any]  # when each side is compiled
    needs: tuple[Any, Any]  # when all names that it uses are declared
    apart: Any  # structs of different types do not lie in one place
    living: Any  # nothing was called that never returns
    stops: tuple[Any, Any]  # a side stops
    asked: tuple[frozenset[int], frozenset[int]]  # leaves that each side looks at
    compiling: bool  # names that one side alone uses must be declared


def compare_functions(
    pre: Source,
    post: Source,
    facts_pre: Facts | None,
    facts_post: Facts | None,
    names: str | tuple[str, ...],
    *,
    mode: str = "quiescent",
    assumptions: tuple[str, ...] = DEFAULT,
    limits: Limits | None = None,
    outputs: tuple[str, ...] = (),
    compiling: bool = True,
) -> tuple[FunctionVerdict, ...]:
    """Compare functions of two states of a file.

    A name may be ``old>new`` for a function that was renamed.  ``mode``: quiescent
    (memory changes only by what the function does) or concurrent (every load may
    see another value).  ``assumptions``: those of ``model.ASSUMPTIONS`` that are on.
    ``compiling``: a side that needs a name which some configuration does not declare
    is not equal to one that does not.
    ``outputs``: only ask about results of these names (KPF bits); all by default.
    Nothing is raised for code that cannot be compared: the verdict says so.
    """
    wanted = (names,) if isinstance(names, str) else names
    forget()
    meanings = changed_names(pre, post, facts_pre, facts_post)
    read = (
        Definitions(facts_pre, pre.path, pre.data),
        Definitions(facts_post, post.path, post.data),
    )
    found = []
    for name in wanted:
        old, _, new = name.partition(">")
        found.append(
            _compare(
                _function(pre, old),
                _function(post, new or old),
                (pre, post),
                (facts_pre, facts_post),
                read,
                (old, new or old),
                meanings,
                mode,
                assumptions,
                limits or Limits(),
                frozenset(outputs),
                compiling,
            )
        )
    return tuple(found)


def _function(source: Source, name: str) -> Function | None:
    found = [f for f in source.functions if f.name == name]
    return found[0] if len(found) == 1 else None


def _compare(
    one: Function | None,
    two: Function | None,
    sources: tuple[Source, Source],
    facts: tuple[Facts | None, Facts | None],
    read: tuple[Definitions, Definitions],
    names: tuple[str, str],
    meanings: Names,
    mode: str,
    assumptions: tuple[str, ...],
    limits: Limits,
    only: frozenset[str],
    compiling: bool,
) -> FunctionVerdict:
    started = time.process_time()
    asked = (one, two, sources, facts, read, names, meanings, compiling)
    if mode == "concurrent":
        return _concurrently(asked, assumptions, limits, only)
    return _compared(asked, mode, assumptions, limits, only, started)


def _concurrently(
    asked: tuple[Any, ...],
    assumptions: tuple[str, ...],
    limits: Limits,
    only: frozenset[str],
) -> FunctionVerdict:
    """In concurrent mode a proof needs the same primitives on both sides, too.

    What differs where nobody else writes differs.
    """
    started = time.process_time()
    verdict = _compared(asked, "concurrent", assumptions, limits, only, started)
    if verdict.verdict is Verdict.EQUAL:
        strict = _compared(asked, "strict", assumptions, limits, only, started)
        if strict.verdict is Verdict.EQUAL:
            return verdict
        return replace(verdict, verdict=Verdict.NOT_DECIDED, outputs=(), why=PRIMITIVES)
    if verdict.verdict is Verdict.NOT_DECIDED:
        quiet = _compared(asked, "quiescent", assumptions, limits, only, started)
        if quiet.verdict is Verdict.DIFFERS:
            return replace(quiet, mode="concurrent")
    return verdict


PRIMITIVES = "READ_ONCE(), WRITE_ONCE() or an atomic operation is on one side only"


def _compared(
    asked: tuple[Any, ...],
    mode: str,
    assumptions: tuple[str, ...],
    limits: Limits,
    only: frozenset[str],
    started: float,
) -> FunctionVerdict:
    """One function in one mode; "strict" is concurrent with primitives told apart."""
    one, two, sources, facts, read, names, meanings, compiling = asked
    blank = FunctionVerdict(
        names[1], names[0], Verdict.NOT_DECIDED, (), mode=mode, file=sources[1].path
    )
    if sources[0].path != sources[1].path:
        blank = replace(blank, before_file=sources[0].path)
    if one is None or two is None:
        side = "before" if one is None else "after"
        return replace(blank, why=f"it is not there, or there twice, {side}")
    blank = replace(blank, line=two.first_line)
    if b"\0" in sources[0].data or b"\0" in sources[1].data:
        return replace(blank, why=NO_TEXT)  # for z3 a name ends there
    verdict = blank
    deadline = started + limits.seconds
    # First without looking into callees, which proves most; then with them.
    depths = (0, max(limits.depth, 1))
    for depth in depths[1:] if meanings.trees_differ else depths:
        bounds = replace(limits, depth=depth)
        try:
            pair = _lift_both(
                (
                    Side(sources[0], facts[0], read[0], one),
                    Side(sources[1], facts[1], read[1], two),
                ),
                meanings,
                mode,
                assumptions,
                bounds,
                deadline,
                compiling,
            )
            judge = _proved if depth == 0 else _judge
            verdict = judge(pair, blank, only)
        except (Unsupported, RecursionError) as error:
            why = str(error) or "it is nested too deeply"
            verdict = replace(blank, why=why)
        except z3.Z3Exception as error:
            verdict = replace(blank, why=f"the solver: {str(error)[:80]}")
        except UnicodeEncodeError:
            verdict = replace(blank, why=NO_TEXT)
        if verdict.verdict is Verdict.EQUAL:
            break
        if time.process_time() > deadline:
            if depth == 0:
                why = f"not read in {limits.seconds:g} seconds"
                verdict = replace(verdict, why=why)
            break
    return replace(verdict, seconds=round(time.process_time() - started, 3))


def _lift_both(
    sides: tuple[Side, Side],
    meanings: Names,
    mode: str,
    assumptions: tuple[str, ...],
    limits: Limits,
    deadline: float,
    compiling: bool,
) -> Pair:
    lifted: list[Lifted] = []
    relevant: frozenset[str] | None = None
    names: frozenset[str] = frozenset()
    for last in (False, True):
        runs = tuple(
            _run(side, meanings, label, mode, assumptions, limits)
            for side, label in zip(sides, ("before", "after"), strict=True)
        )
        before, after = runs
        before.deadline = after.deadline = deadline
        before.relevant = after.relevant = relevant
        before.same_names = after.same_names = names
        model, named, lifted = _lift_sides(sides, (before, after))
        moved = before.stacked != after.stacked and sorted(before.stacked) == sorted(
            after.stacked
        )
        if last or not (before.overlaid or after.overlaid or moved):
            break
        relevant = frozenset(before.touched | after.touched)
        names = frozenset(before.stacked) if moved else names
    if (lifted[0].value is None) != (lifted[1].value is None):
        raise Unsupported("only one side returns a value")
    if _points_elsewhere(lifted[0], lifted[1]):
        raise Unsupported("its result points at numbers of another type")
    words = [word for _name, _ctype, word in named]
    facts = _stack_facts(before, words) + _stack_facts(after, words)
    facts += _member_facts(before, after) + _option_facts(before, after)
    facts += [*before.bounds, *after.bounds]
    needs = tuple(z3.And([*run.compiles.values(), True]) for run in runs)
    facts += needs
    gates = tuple(
        z3.simplify(run.formula(side.source.condition(side.function.first_line)))
        for run, side in zip(runs, sides, strict=True)
    )
    facts += gates
    questions = Questions(
        model.assumptions(assumptions), facts, limits.solver, deadline
    )
    return Pair(
        lifted[0], lifted[1], model, questions, meanings, Bits(),
        (gates[0], gates[1]), (needs[0], needs[1]), _apart(before, after),
        _living(before, after), (oops.when(before), oops.when(after)),
        (_looked_at(lifted[0]), _looked_at(lifted[1])),
        compiling,
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
    for event in lifted.run.events:
        exprs += [event.guard, *event.operands]
    return frozenset(leaves_of(exprs))


def _lift_sides(
    sides: tuple[Side, Side], runs: tuple[Run, Run]
) -> tuple[PageModel, list[tuple[str, Any, Any]], list[Lifted]]:
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
    lifted = [
        lift(run, side.source, side.function, words)
        for run, side, words in zip(runs, sides, inputs, strict=True)
    ]
    return model, named, lifted


def _run(
    side: Side,
    meanings: Names,
    label: str,
    mode: str,
    assumptions: tuple[str, ...],
    limits: Limits,
) -> Run:
    run = Run(
        side.definitions,
        Machine(),
        limits,
        concurrent=mode in ("concurrent", "strict"),
        changed=meanings.changed,
        side=label,
    )
    run.strict = mode == "strict"
    run.forced = meanings.forced
    run.redeclared = meanings.redeclared
    run.assumed = frozenset(assumptions)
    run.apart = meanings.trees_differ and SAME_MEANING not in assumptions
    if _mapcount_is_type(side.definitions):
        run.united["_mapcount", "counter"] = "page_type"
    return run


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
) -> tuple[list[list[Any]], list[tuple[str, Any, Any]]]:
    """A word for every parameter; shared by name, or by place if none is added."""
    described = []
    for side, run in zip(sides, runs, strict=True):
        frame = Frame(
            run, side.source, State(z3.BoolVal(True), {}, ENTRY), run.machine.long
        )
        described.append(parameters_of(frame, side.function)[1])
    old, new = described
    places = [[n for n, _t in one if n in {m for m, _t in two}]
              for one, two in ((old, new), (new, old))]  # fmt: skip
    if places[0] != places[1]:
        raise Unsupported("its parameters changed places")
    by_place = len(old) == len(new) and {n for n, _t in old} != {n for n, _t in new}
    words: dict[str, Any] = {}
    named: dict[str, tuple[str, Any, Any]] = {}
    result = []
    for parameters in (old, new):
        here = []
        for place, (name, ctype) in enumerate(parameters):
            key = new[place][0] if by_place else name
            key = key or f"argument {place + 1}"
            word = words.setdefault(key, z3.BitVec(f"input {key}", 64))
            named.setdefault(key, (key, ctype, word))
            here.append(word)
        result.append(here)
    return result, list(named.values())


def _stack_facts(run: Run, words: list[Any]) -> list[Any]:
    """Locals have addresses of their own; no argument points at one."""
    addresses = list(run.stack_places.values())
    facts = [z3.Distinct(*addresses)] if len(addresses) > 1 else []
    return facts + [a != w for a in addresses for w in words]


def _member_facts(before: Run, after: Run) -> list[Any]:
    """A struct inside a struct lies behind its beginning, and each at its place."""
    facts, members = [], list({**before.members, **after.members}.values())
    for place, (address, holder, name) in enumerate(members[:_MEMBERS]):
        facts.append(address != holder)
        for other, its_holder, its_name in members[:place]:
            if holder.eq(its_holder) and name != its_name:
                facts.append(address != other)
    return facts


def _option_facts(before: Run, after: Run) -> list[Any]:
    """No option is y and m at once: include/generated/autoconf.h has one of the two."""
    options = {**before.options, **after.options}
    pairs = ((flag, options.get(f"{name}_MODULE")) for name, flag in options.items())
    return [z3.Not(z3.And(one, two)) for one, two in pairs if two is not None]


def _apart(before: Run, after: Run) -> Any:
    """That structs of different types lie in different places, but for NULL.

    A proof does without it; a difference that shows only where it fails is none.
    """
    typed = list({**before.typed, **after.typed}.values())
    parts = [
        z3.Or(one != two, one == 0)
        for place, (one, name) in enumerate(typed[:_MEMBERS])
        for two, other in typed[:place]
        if not _may_be_one(before, name, other)
    ]
    return z3.And(parts) if parts else None


def _living(before: Run, after: Run) -> Any:
    """That no call that never returns was made, such as panic()."""
    ends = [*before.ends, *after.ends]
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


# --- judging ------------------------------------------------------------------


def _results(pair: Pair, only: frozenset[str]) -> list[outputs_of.Output]:
    found = outputs_of.results(pair.before, pair.after, pair.model, pair.bits)
    wanted = [o for o in found if not only.isdisjoint(o.name.split("/"))]
    return wanted or found


def _proved(
    pair: Pair, blank: FunctionVerdict, only: frozenset[str]
) -> FunctionVerdict:
    """Equal, if that can be proved at once; else not decided, without details."""
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
        question_ = pair.questions.about(*differ)
        if question_.check(question_.flag(z3.Or(differ))) != z3.unsat:
            return replace(blank, why="it differs where nothing is looked into")
        used = question_.used()
    if oops.is_new(pair.before.run, pair.after.run, pair.questions):
        return replace(blank, why=oops.NEW)
    found = [
        OutputVerdict(o.name, Verdict.EQUAL, assumptions=used, number=o.number)
        for o in wanted
    ]
    if not only and (pair.before.run.events or pair.after.run.events):
        found.append(OutputVerdict("calls and stores", Verdict.EQUAL, assumptions=used))
    return _summary(pair, blank, found)


def _judge(pair: Pair, blank: FunctionVerdict, only: frozenset[str]) -> FunctionVerdict:
    found: list[OutputVerdict] = []
    if not only:
        found += _gate(pair, blank.name)
    found += _together(pair, [_decide(pair, output) for output in _results(pair, only)])
    if not only:
        found += _effects(pair)
    found += _undeclared(pair)
    verdict = _summary(pair, blank, found)
    if verdict.verdict is Verdict.EQUAL and oops.is_new(
        pair.before.run, pair.after.run, pair.questions
    ):
        return replace(blank, why=oops.NEW)
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
        outputs_of.wide(one),
        outputs_of.wide(two),
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
    verdict = _verdict(pair, output, question(pair, one, two, z3.BoolVal(True), free))
    return [] if verdict.verdict is Verdict.EQUAL else [verdict]


def _free(pair: Pair) -> Questions:
    """Questions about configurations alone."""
    return Questions([], [], pair.questions.timeout, pair.questions.deadline)


def _undeclared(pair: Pair) -> list[OutputVerdict]:
    """One side uses names where the other does not, and they are not declared."""
    if pair.names.trees_differ or not pair.compiling:
        return []
    one, two = pair.needs
    answer = question(pair, one, two, pair.gates[1], _free(pair))
    if answer.equal:
        return []
    why = "a name that is not declared in every configuration"
    return [OutputVerdict("declarations", Verdict.NOT_DECIDED, why=why)]


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
        used.update(run.notes)
    unknown = _unknown(pair)
    if pair.names.trees_differ and unknown and SAME_MEANING in pair.before.run.assumed:
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
    answer = question(
        pair, output.before, output.after, output.given, made=output.kind == "made"
    )
    if (
        answer.difference is not None
        and not z3.is_bool(output.before)
        and any(
            outputs_of.is_local_address(side) for side in (output.before, output.after)
        )
    ):
        answer = Answer(why="it hangs on where a local variable lies")
    return _verdict(pair, output, answer)


def question(
    pair: Pair,
    before: Any,
    after: Any,
    given: Any,
    questions: Questions | None = None,
    made: bool = False,
) -> Answer:
    """Compare two expressions of the two sides; ``made``: whether calls are made."""
    answer = _asked(pair, before, after, given, questions or pair.questions)
    if answer.difference is None:
        return answer
    usual = [pair.apart] if made else [pair.apart, pair.living]
    usual.append(z3.Not(z3.And(pair.stops)))
    wanted = z3.And([part for part in usual if part is not None] + [True])
    if questions is None and not _is_usual(pair, answer.difference, wanted):
        common = pair.questions
        questions = Questions(
            common.assumptions, [*common.facts, wanted], common.timeout,
            common.deadline,
        )  # fmt: skip
        answer = _asked(pair, before, after, given, questions)
        if answer.equal:
            return Answer(why=UNUSUAL)
    if answer.difference is not None and pair.before.run.concurrent:
        answer = _seen(pair, before, after, given, questions or pair.questions)
    why = _no_state(pair, answer)
    return Answer(why=why) if why else answer


def _is_usual(pair: Pair, difference: Difference, wanted: Any) -> bool:
    """Whether the literals of a difference hold in a state where ``wanted`` does."""
    if z3.is_true(difference.model.eval(wanted, model_completion=True)):
        return True
    told = [expr == value for _leaf, expr, value in difference.literals]
    both = z3.And(wanted, *told)
    asked = pair.questions.about(both)
    if asked.check(asked.flag(both)) != z3.sat:
        return False
    difference.model = asked.model()
    return True


UNUSUAL = (
    "it hangs on two types in one place, on NULL or 0 where both sides would stop,"
    " or on what follows panic()"
)


def _seen(
    pair: Pair, before: Any, after: Any, given: Any, questions: Questions
) -> Answer:
    """A difference in concurrent mode that is none of the order of reading alone."""
    for only in histories.one_sided(before, after, given):
        answer = _asked(pair, before, after, z3.And(given, only), questions)
        difference = answer.difference
        if difference is not None and histories.shows(
            questions, difference.model, before, after, given
        ):
            return answer
    return Answer(why=ANOTHER_ORDER)


ANOTHER_ORDER = "the sides read the same words in another order"


def _no_state(pair: Pair, answer: Answer) -> str:
    """Why the witness of a difference is no state that can be, "" if it can."""
    words: dict[str, Any] = {}
    literals = answer.difference.literals if answer.difference else []
    for leaf, _expr, _value in literals:
        if leaf.kind != "memory":
            continue
        other = words.setdefault(leaf.name, leaf.expr)
        if other.sort() != leaf.expr.sort():
            return f"->{leaf.name} has another type"
    if sum(1 for name in words if name.startswith("*(") and "#" not in name) > 1:
        return "what is read as two types may lie in one place"
    siblings = {**pair.before.run.siblings, **pair.after.run.siblings}
    for name in words:
        shared = siblings.get(name, set()).intersection(words)
        if shared:
            return f"->{name} and ->{shared.pop()} lie in one place"
    return ""


def _asked(
    pair: Pair, before: Any, after: Any, given: Any, questions: Questions
) -> Answer:
    if before.eq(after):
        return Answer(equal=True)
    if time.process_time() > questions.deadline:
        return Answer(why="the solver ran out of time")
    given = pair.bits.flag(given)
    if z3.is_bool(before):
        before, after = pair.bits.flag(before), pair.bits.flag(after)
        if before.eq(after):
            return Answer(equal=True)
    first, second = leaves_of((before, given)), leaves_of((after, given))
    trusted, doubtful = [], []
    one_sided = first.keys() ^ second.keys()
    twice = _other_structs(first, second)
    for key, leaf in {**first, **second}.items():
        both = key in pair.asked[0] and key in pair.asked[1]
        both = both or key not in one_sided or _constant(pair, leaf.name)
        doubted = leaf.kind == "unknown" or leaf.name in twice
        if leaf.kind == "option" and not _OPTION.match(leaf.name):
            doubted = True  # an #if that could not be read, or read only in part
        number = leaf.kind == "constant" and leaf.name not in SIZES
        if number or (doubted and not both):
            doubtful.append(leaf)
        elif not _LEFT_BY_CODE.search(leaf.name):
            trusted.append((leaf, refined(leaf)))
    return ask(
        questions,
        before,
        after,
        given,
        trusted,
        [
            z3.Not(z3.Or(pair.stops)),
            z3.Not(z3.And(pair.stops)),
            *_preferences(pair.model, trusted, doubtful),
        ],
        doubtful,
        1 if not _unread(pair).isdisjoint(leaf.name for leaf in doubtful) else ATTEMPTS,
    )


# What a loop, or a macro that we cannot read, made of a local: not anything at all, but
# what its text computes, so that no witness may choose it.
_LEFT_BY_CODE = re.compile(r" -> \d+\Z| returns\Z")
_OPTION = re.compile(r"(?:CONFIG_\w+|defined\(\w+\))\Z")


def _constant(pair: Pair, name: str) -> bool:
    """Whether a name stands for the same number on both sides, whichever that is: the
    address of a variable that neither side renamed, the size of a page's struct."""
    if name in SIZES:
        return True
    if not name.startswith("&"):
        return False
    runs = (pair.before.run, pair.after.run)
    if " [" in name:
        return False
    return name in HUGE_ZERO or all(run.global_type(name[1:]) for run in runs)


def _other_structs(first: dict[int, Leaf], second: dict[int, Leaf]) -> set[str]:
    """Members that both sides read, of structs of different names.

    The struct may have been renamed; nothing tells that it is another one.
    """
    one, two = (
        {leaf.name: leaf.expr.arg(0) for key, leaf in side.items()
         if leaf.kind == "memory" and key not in other}
        for side, other in ((first, second), (second, first))
    )  # fmt: skip
    return {name for name in one.keys() & two.keys() if not one[name].eq(two[name])}


def _unread(pair: Pair) -> set[str]:
    """Pieces of code that were not followed, as leaves are named after them."""
    return {
        name.partition("|")[0]
        for run in (pair.before.run, pair.after.run)
        for _expr, name, kind in run.unknowns.applied.values()
        if kind == "code"
    }


_BY_BIT = ("flags", "mapping", "_flags_1")


def refined(leaf: Any) -> list[Any]:
    """A word that is tested bit by bit is told bit by bit."""
    if leaf.kind == "memory" and leaf.name.partition("#")[0] in _BY_BIT:
        size = leaf.expr.size()
        split = 32 if leaf.name.startswith(("flags", "_flags")) else 2
        low = [z3.Extract(i, i, leaf.expr) for i in range(min(split, size))]
        return [*low, z3.Extract(size - 1, split, leaf.expr)] if size > split else low
    return [leaf.expr]


def _is_switched_on(option: str) -> bool:
    """An option of an ordinary kernel: built in, for most are y or n and never m."""
    return option.startswith("CONFIG_") and not option.endswith("_MODULE")


def _preferences(model: PageModel, trusted: Any, doubtful: Any) -> list[Any]:
    """What an ordinary state is: an order-0 page, options on, pointers to nothing,
    and 0 from functions that only one side asks."""
    found: list[Any] = []
    for page in model.pages.values():
        found.append(z3.And(page != 0, z3.Not(model.is_tail(page))))
        found.append(z3.Not(model.flag("PG_head", page)))
    options = [
        leaf.expr if _is_switched_on(leaf.name) else z3.Not(leaf.expr)
        for leaf, _exprs in trusted
        if leaf.kind == "option"
    ]
    if options:
        modules = [flag for flag in options if z3.is_not(flag)]
        found += [z3.And(modules), z3.And(options)] if modules else [z3.And(options)]
    found += [leaf.expr == 0 for leaf in doubtful if z3.is_bv(leaf.expr)][:4]
    found += [leaf.expr == 0 for leaf, _e in trusted if leaf.name == "page type"]
    zeros = [
        expr == 0
        for leaf, exprs in trusted
        for expr in exprs
        if z3.is_bv(expr)
        and leaf.kind in ("memory", "unknown")
        and not leaf.name.startswith("sizeof(")
    ]
    if zeros:
        found.append(z3.And(zeros))
    found += zeros[:4]
    found += options[:4]
    found += [
        leaf.expr == 0
        for leaf, _exprs in trusted
        if leaf.kind == "input" and leaf.name not in model.pages
    ][:3]
    return found


def _verdict(pair: Pair, output: outputs_of.Output, answer: Answer) -> OutputVerdict:
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
    witness = tell(pair.model, difference)
    shown = [
        oops.SHOWN
        if output.kind != "defined"
        and oops.is_sure(stops, difference, pair.questions)
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


def _effects(pair: Pair) -> list[OutputVerdict]:
    """Calls and stores: one proof for all of them, else one by one."""
    before, after = pair.before, pair.after
    nothing = not before.run.events and not after.run.events
    if nothing and before.world.eq(after.world):
        return []
    answer = Answer(equal=before.world.eq(after.world))
    candidates, why = outputs_of.effects(before, after)
    if not answer.equal and (candidates or not why):
        differ = before.world != after.world
        whole = pair.questions.about(differ)
        answer.equal = whole.check(whole.flag(differ)) == z3.unsat
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


# --- files --------------------------------------------------------------------


def compare_files(
    pre: Source,
    post: Source,
    facts_pre: Facts | None,
    facts_post: Facts | None,
    *,
    mode: str = "quiescent",
    assumptions: tuple[str, ...] = DEFAULT,
    limits: Limits | None = None,
) -> tuple[FunctionVerdict, ...]:
    """Compare every function whose text differs between two states of a file.

    A function that is gone and a new one of the same signature and nearly the same
    body are taken for a rename.  Other new or removed functions are left out: they
    show where they are called.
    """
    names = changed_functions(pre, post)
    return compare_functions(
        pre,
        post,
        facts_pre,
        facts_post,
        names,
        mode=mode,
        assumptions=assumptions,
        limits=limits,
    )


def changed_functions(pre: Source, post: Source) -> tuple[str, ...]:
    """``name`` or ``old>new`` of what has another text, in the order of the file."""
    old = {f.name: f for f in pre.functions}
    new = {f.name: f for f in post.functions}
    gone = {name: f for name, f in old.items() if name not in new}
    found = []
    for name, function in new.items():
        text = plain(post.text(function.node))
        if name in old:
            if plain(pre.text(old[name].node)) != text:
                found.append(name)
            continue
        former = _former(pre, post, function, gone)
        if former is not None:
            del gone[former]
            found.append(f"{former}>{name}")
    return tuple(found)


def _former(
    pre: Source, post: Source, function: Function, gone: dict[str, Function]
) -> str | None:
    """The removed function that ``function`` is by another name."""
    from difflib import SequenceMatcher

    if function.body is None:
        return None
    body = plain(post.text(function.body)).split()
    best, likeness = None, 0.8
    for name, other in gone.items():
        if other.body is None:
            continue
        matcher = SequenceMatcher(
            None, plain(pre.text(other.body)).split(), body, False
        )
        if matcher.quick_ratio() > likeness and matcher.ratio() > likeness:
            best, likeness = name, matcher.ratio()
    return best
