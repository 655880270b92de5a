# SPDX-License-Identifier: GPL-2.0-or-later
"""What one side does and the other does not, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from reviewer.c.text import split_arguments
from reviewer.patterns import regex
from reviewer.prover.interpret.library_contracts import is_print
from reviewer.prover.structure.became_another import of_a_pair
from reviewer.prover.structure.divergences import NEW, OLD, Sides
from reviewer.prover.structure.done_elsewhere import (
    WAYS_OUT,
    called_function,
    done_elsewhere,
    ends_there,
    is_done_in,
    left_to_scope,
    may_do_so_anew,
    may_leave_at_once,
    new_callee_with,
    ruled_out,
    side_of,
)
from reviewer.prover.structure.kept_results import called_in, set_by
from reviewer.prover.structure.known_zeros import both_return_zero
from reviewer.prover.structure.purity import only_reads
from reviewer.prover.structure.step_words import (
    CALL,
    CALLED,
    EXIT,
    GUARDED,
    KEPT_IN,
    LEFT,
    MADE,
    DoneStep,
    former_way,
    no_longer,
    quoted,
    step_in_words,
    target_of,
)
from reviewer.prover.structure.steps import DECLARATION, GOTO, PLAIN, RETURN, Step

# of a declaration, up to its first variable
_TYPE = regex(r"(?:\w+ )+(?=[\w*]+(?: ?=|\s*\Z))")
# of a variable with something done at the end of its scope: its name, what, its value
_ENDS = regex(r"[\w *]*?\b(\w+) (__free ?\( ?\w+ ?\)) = (.*)\Z")
_VALUES = {"assignment_expression": "right", "init_declarator": "value"}
MOST_LOOKED_AT = 8  # of which it is asked whether the other side does it, too
MOST_INSIDE = 2  # steps of a function that is called that are told


def apart(sides: Sides, old: list[DoneStep], new: list[DoneStep]) -> list[str]:
    """Returns what one side does and the other does not, what tells most first; then
    what is done on both and hangs on something else."""
    told: list[tuple[int, str]] = []
    rests = [list(old), list(new)]
    taken: set[int] = set()
    for one, two in _pairs(rests, taken, _is_done_alike, _is_the_step):
        if not _is_done_alike(one, two):
            told.append((GUARDED, _guarded(one, two)))
    _leave_returned_at_once(rests[OLD], rests[NEW])
    told += _of_scopes(rests[OLD], rests[NEW])
    told += _of_answers(rests[OLD], rests[NEW])
    for one, two in _pairs(rests, taken, _is_of_one_kind):
        if both_return_zero(sides, one.step, two.step):
            continue
        pair = of_a_pair(sides, one.step, two.step)
        told.append((how_late(sides, two), pair + two.hangs_on))
    told += _of_calls(sides, rests[OLD], rests[NEW])
    told += _of_ways_out(sides, rests[OLD], rests[NEW], taken)
    told += _of_others(sides, rests[OLD], rests[NEW], taken, bool(told))
    told.sort(key=lambda pair: (pair[0], pair[1].startswith("no longer ")))
    if told and told[0][0] < GUARDED and told[0][0] != KEPT_IN:
        told = [pair for pair in told if pair[0] != GUARDED]
    return [words for _rank, words in told]


def how_late(sides: Sides, leaf: DoneStep) -> int:
    """Returns how late a step is told: a call whose answer is kept is a value like
    others where it does nothing beside giving it."""
    if leaf.rank != KEPT_IN or leaf.step.node is None:
        return leaf.rank
    side = side_of(sides, leaf.step)
    source, known = sides.sources[side], sides.definitions[side]
    values = [
        value
        for node in source.walk(leaf.step.node, *_VALUES)
        if (value := node.child_by_field_name(_VALUES[node.type])) is not None
    ]
    is_read = bool(values) and all(only_reads(source, one, known) for one in values)
    return MADE if is_read else KEPT_IN


def _pairs(
    rests: list[list[DoneStep]],
    taken: set[int],
    *tests: Callable[[DoneStep, DoneStep], bool],
) -> Iterator[tuple[DoneStep, DoneStep]]:
    """The steps of both sides that stand for each other by the first test that holds;
    takes them out, and notes them by id."""
    for same in tests:
        for one in list(rests[OLD]):
            two = next((leaf for leaf in rests[NEW] if same(one, leaf)), None)
            if two is not None:
                rests[OLD].remove(one)
                rests[NEW].remove(two)
                taken |= {id(one.step), id(two.step)}
                yield one, two


def _of_scopes(old: list[DoneStep], new: list[DoneStep]) -> Iterator[tuple[int, str]]:
    """What is said of a variable that is set to the same, and has something done where
    its scope ends on one side; takes both out."""
    for mine, others in ((old, new), (new, old)):
        for leaf in [leaf for leaf in mine if leaf.step.kind == DECLARATION]:
            found = _ENDS.match(leaf.step.text)
            other = found and next(
                (one for one in others if one.around == leaf.around
                 and one.step.text == f"{found[1]} = {found[3]}"), None,
            )  # fmt: skip
            if not found or not other:
                continue
            mine.remove(leaf)
            others.remove(other)
            ends = f"ends the scope of {quoted(found[1])} with {quoted(found[2])}"
            yield CALLED, (no_longer(ends) if mine is old else ends)


def _leave_returned_at_once(old: list[DoneStep], new: list[DoneStep]) -> None:
    """Takes out what one side keeps and returns behind other steps, and the other,
    which does none of these, returns at once: the same is returned."""
    for mine, others in ((old, new), (new, old)):
        texts = {leaf.step.text for leaf in others}
        for number, kept in enumerate(mine):
            name, told = set_by(kept.step), kept.step.text.partition("=")[2].strip()
            rest = [leaf for leaf in mine[number + 1 :] if set_by(leaf.step) != name]
            if kept.step.kind != PLAIN or len(rest) < len(mine) - number - 1:
                continue
            ways = [leaf for leaf in rest if leaf.step.kind == RETURN]
            at_once = [leaf for leaf in others if leaf.step.text == f"return {told}"]
            between = {leaf.step.text for leaf in rest if leaf not in ways}
            arounds = {leaf.around for leaf in (kept, *ways, *at_once)}
            if len(ways) != 1 or len(at_once) != 1 or len(arounds) > 1:
                continue
            if ways[0].step.text != f"return {name};" or not texts.isdisjoint(between):
                continue
            mine[:] = [
                leaf for leaf in mine if leaf is not kept and leaf is not ways[0]
            ]
            others.remove(at_once[0])
            return


def _of_answers(old: list[DoneStep], new: list[DoneStep]) -> Iterator[tuple[int, str]]:
    """What is said of calls that both sides do, of which one side looks at the answer;
    takes them out."""
    for side, mine, others in ((OLD, old, new), (NEW, new, old)):
        for call in [leaf for leaf in mine if leaf.step.kind == PLAIN]:
            text = "" if set_by(call.step) else called_in(call.step)
            asks = next((leaf for leaf in others if _is_asked(leaf, call, text)), None)
            if not text or asks is None:
                continue
            mine.remove(call)
            others.remove(asks)
            gives = f"what {quoted(text)} gives"
            if asks.step.kind != RETURN:
                callee = text.partition("(")[0].strip()
                if any(f"(from {callee}())" in leaf.hangs_on for leaf in others):
                    continue  # said there
                kept = f"keeps in {quoted(set_by(asks.step))} {gives}"
                yield KEPT_IN, (kept if side == OLD else no_longer(kept))
                continue
            way = next(
                (leaf for leaf in mine if leaf.step.kind == RETURN
                 and leaf.around == asks.around), None,
            )  # fmt: skip
            if way is not None:
                mine.remove(way)
            value = "" if way is None else way.step.shown.removeprefix("return")
            values = [f"{gives}", quoted(value.strip("; ")) if way else "nothing"]
            now, then = values if side == OLD else values[::-1]
            yield asks.rank, f"returns {now}, not {then}{asks.hangs_on}"


def _is_asked(leaf: DoneStep, call: DoneStep, text: str) -> bool:
    """Whether a step returns or keeps what a call gives."""
    is_kept = set_by(leaf.step) != "" or leaf.step.kind == RETURN
    return is_kept and called_in(leaf.step) == text and leaf.around == call.around


def _of_calls(
    sides: Sides, old: list[DoneStep], new: list[DoneStep]
) -> Iterator[tuple[int, str]]:
    """What is said of calls of functions of the file that do what is gone here; takes
    both out."""
    for call in list(new) if old else ():
        name, place, body = called_function(sides.definitions[NEW], call.step)
        inner = [leaf for leaf in old if name and is_done_in(body, leaf.step)]
        if not (set_by(call.step) or call.step.kind == RETURN):
            inner = [leaf for leaf in inner if leaf.step.kind != RETURN]
        if not inner:
            continue
        for leaf in inner:
            old.remove(leaf)
        new.remove(call)
        said = list(dict.fromkeys(_short(leaf.step) for leaf in inner))
        more = len(said) - MOST_INSIDE
        rest = f" and {more} more that stood here" if more > 0 else ""
        is_new = not sides.definitions[OLD].functions(name)
        which = f"{name}() ({'new, ' if is_new else ''}{place})"
        does = f"{', '.join(said[:MOST_INSIDE])}{rest}"
        yield min(call.rank, CALLED), f"{call.words}; {which} {does}"


def _short(step: Step) -> str:
    """A step of a function that is called, in few words."""
    found = CALL.match(step.text) if step.kind == PLAIN else None
    return step_in_words(step) if found is None else f"calls {found[1]}()"


def _of_ways_out(
    sides: Sides, old: list[DoneStep], new: list[DoneStep], taken: set[int]
) -> Iterator[tuple[int, str]]:
    """What is said of returns and jumps that are gone; takes them out.  Where control
    goes instead is told, for that may come to the same."""
    come = [leaf for leaf in new if leaf.step.kind in WAYS_OUT]
    is_another_way = bool(come)
    for leaf in [leaf for leaf in old if leaf.step.kind in WAYS_OUT]:
        old.remove(leaf)
        other = next((one for one in come if one.around == leaf.around), None)
        was = f"{former_way(leaf.step)}{leaf.given_words}"
        if other is not None:
            come.remove(other)
            new.remove(other)
            now = f"{step_in_words(other.step)}{other.given_words}"
            kinds = {leaf.step.kind, other.step.kind}
            is_label = GOTO in kinds and kinds <= {GOTO, RETURN}
            late = LEFT if is_label else other.rank
            yield late, f"{now} where it {was}{other.hangs_on}"
            continue
        if dead := ruled_out(sides, leaf.step):
            yield leaf.rank, f"no longer asks {dead}"
            continue
        if ends_there(sides, leaf.step):
            how = no_longer(step_in_words(leaf.step))
        elif is_another_way:
            how = f"before, it {was}"
        elif (found := done_elsewhere(sides, leaf.step, taken)) and not found.when:
            how = f"goes on before it {step_in_words(leaf.step)}"
        elif may_leave_at_once(sides, leaf.step) or may_do_so_anew(sides):
            how = f"before, it {was}"
        else:
            how = f"goes on where it {was}"
        yield leaf.rank, how + leaf.hangs_on


def _of_others(
    sides: Sides,
    old: list[DoneStep],
    new: list[DoneStep],
    taken: set[int],
    is_told: bool,
) -> Iterator[tuple[int, str]]:
    """What is said of steps that are gone or new, of the first ones only so far as the
    other side does not do it, too, by another way."""
    moved: list[tuple[int, str]] = []
    both = [*((NEW, leaf) for leaf in new), *((OLD, leaf) for leaf in old)]
    for count, (side, leaf) in enumerate(both):
        words = no_longer(leaf.words) if side == OLD else leaf.words
        is_moved = leaf.step.text in sides.moved
        is_plain = leaf.step.kind == PLAIN and not is_moved
        late = max(how_late(sides, leaf), LEFT if is_moved else EXIT)
        if not is_plain or count >= MOST_LOOKED_AT:
            is_told = True
            yield late, words
            continue
        scope = left_to_scope(sides, leaf.step) if side == OLD else ""
        if side == OLD and not scope and (name := new_callee_with(sides, leaf.step)):
            scope = f"{name}()"
        found = done_elsewhere(sides, leaf.step, taken)
        if scope:
            words = f"leaves {quoted(leaf.step.text.rstrip('; '))} to {quoted(scope)}"
        elif found is not None and not found.when:
            lines = leaf.step.line, found.line
            now, then = lines if side == NEW else lines[::-1]
            moved.append((late, f"{leaf.words} in line {now}, not in line {then}"))
            continue
        elif found is not None:
            words = f"{leaf.words}{'' if side == OLD else ', before'} {found.when}"
        is_told = True
        yield late, words
    yield from () if is_told else moved


def _is_done_alike(one: DoneStep, two: DoneStep) -> bool:
    return _is_the_step(one, two) and one.around == two.around


def _is_the_step(one: DoneStep, two: DoneStep) -> bool:
    given = [leaf.given.text if leaf.given else "" for leaf in (one, two)]
    return given[0] == given[1] and _text(one.step) == _text(two.step)


def _text(step: Step) -> str:
    """The text of a step; of a declaration without the variables that are given no
    value."""
    if step.kind != DECLARATION or "=" not in step.text:
        return step.text
    first, *others = split_arguments(step.text.rstrip("; "))
    kind = _TYPE.match(first)
    if kind is None or not others:
        return step.text
    names = [first[kind.end() :], *others]
    values = ", ".join(name.strip() for name in names if "=" in name)
    return f"{kind[0]}{values};"


def _is_of_one_kind(one: DoneStep, two: DoneStep) -> bool:
    """Whether two steps call one function, store to one place, or are what is returned
    under one condition."""
    steps = one.step, two.step
    if one.given or two.given or steps[0].kind != steps[1].kind:
        return False
    if steps[0].kind == RETURN:
        return one.around == two.around
    calls = [CALL.match(step.text) for step in steps]
    if calls[0] and calls[1]:
        return calls[0][1] == calls[1][1] and not is_print(calls[0][1])
    targets = [target_of(step) for step in steps]
    return targets[0] != "" and targets[0] == targets[1]


def _guarded(one: DoneStep, two: DoneStep) -> str:
    told = step_in_words(two.step)
    if not one.around:
        return f"{told} only{two.hangs_on}"
    if not two.around:
        return f"{told}, not only{one.hangs_on}"
    return f"{told}{two.hangs_on}, not{one.hangs_on}"
