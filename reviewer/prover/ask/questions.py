# SPDX-License-Identifier: GPL-2.0-or-later
"""Two expressions of a pair: equal, told apart by a state that can be, or neither."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import z3

from reviewer.prover.ask import histories
from reviewer.prover.ask.free_variables import Leaf, leaves_of
from reviewer.prover.ask.solve import (
    ATTEMPTS,
    OUT_OF_TIME,
    Difference,
    Literal,
    Questions,
    SolverAnswer,
    ask,
)
from reviewer.prover.assume.allowed_configurations import (
    NOT_ALLOWED,
    TRIES,
    forbidding_formula,
)
from reviewer.prover.assume.pages import HUGE_ZERO, PageModel
from reviewer.prover.interpret import allocations, locks
from reviewer.prover.interpret.run import SIZES
from reviewer.prover.memory.array_elements import pointers_behind
from reviewer.prover.memory.determined_words import is_determined
from reviewer.prover.memory.places import is_local_address
from reviewer.prover.memory.tagged_names import LOCAL, label_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from reviewer.prover.judge.pair import Pair
    from reviewer.prover.term_types import Bool, Term


def difference_question(
    pair: Pair,
    before: Term,
    after: Term,
    given: Bool,
    questions: Questions | None = None,
    made: bool = False,
    shared: frozenset[int] | None = None,
) -> SolverAnswer:
    """Asks the solver whether two expressions, one of each side, are the same wherever
    ``given`` holds; the answer has a state in which they are not.

    ``made``: the expressions say whether a call is made.  ``shared``: the leaves that
    both sides look at, where ``given`` speaks of both sides.
    """
    answer = _asked(pair, before, after, given, questions or pair.questions, shared)
    if answer.difference is None:
        return answer
    common = questions or pair.questions
    wanted = true_of_witnesses(pair, made) if questions is None else pair.no_guess
    wanted = z3.And([part for part in (wanted,) if part is not None] + [True])
    if not _is_usual(common, answer.difference, wanted):
        questions = Questions(
            common.assumptions, [*common.facts, wanted], common.timeout,
            common.deadline, common.work,
        )  # fmt: skip
        answer = _asked(pair, before, after, given, questions, shared)
        if answer.equal:
            return SolverAnswer(why=UNUSUAL)
    answer, questions = _in_a_configuration(
        pair, (before, after, given), answer, questions or common, wanted, shared
    )
    if answer.difference is not None and pair.before.run.inputs.concurrent:
        answer = _difference_when_concurrent(
            pair, before, after, given, questions or pair.questions
        )
    why = _no_state(pair, answer)
    return SolverAnswer(why=why) if why else answer


def _in_a_configuration(
    pair: Pair, asked: tuple[Term, Term, Bool], answer: SolverAnswer, first: Questions,
    wanted: Bool, shared: frozenset[int] | None = None,
) -> tuple[SolverAnswer, Questions]:  # fmt: skip
    """The answer with a witness whose options Kconfig allows, if there is one."""
    questions = first
    for _try in range(TRIES):
        if answer.difference is None:
            return answer, questions
        ban = forbidding_formula(pair, answer.difference)
        if ban is None:
            return answer, questions
        questions = Questions(
            first.assumptions, [*questions.facts, wanted, ban], first.timeout,
            first.deadline, first.work,
        )  # fmt: skip
        answer = _asked(pair, *asked, questions, shared)
        if answer.equal:
            break
    return SolverAnswer(why=NOT_ALLOWED), questions


def true_of_witnesses(pair: Pair, made: bool = False) -> Bool:
    """Returns what holds of every state that can be a witness."""
    parts = [pair.no_guess, pair.apart, z3.Not(z3.And(pair.stops))]
    if not made:
        parts.append(pair.living)
    cuts = [*pair.before.run.record.abandoned, *pair.after.run.record.abandoned]
    parts += [z3.Not(cut) for cut in cuts]
    return z3.And([part for part in parts if part is not None] + [True])


def _is_usual(questions: Questions, difference: Difference, wanted: Bool) -> bool:
    """Whether the literals of a difference hold in a state where ``wanted`` does."""
    if z3.is_true(difference.model.eval(wanted, model_completion=True)):
        return True
    told = [expr == value for _leaf, expr, value in difference.literals]
    asked = questions.asked(z3.And(wanted, *told))
    if asked.result != z3.sat:
        return False
    difference.model = asked.model()
    return True


UNUSUAL = (
    "it hangs on two types in one place, on NULL or 0 where both sides would stop,"
    " on what follows panic(), on a module of which Kconfig tells nothing, or on"
    " a name that nothing we see defines"
)


def _difference_when_concurrent(
    pair: Pair, before: Term, after: Term, given: Bool, questions: Questions
) -> SolverAnswer:
    """A difference in concurrent mode that is none of the order of reading alone."""
    for only in histories.only_on_one_side(before, after, given):
        answer = _asked(pair, before, after, z3.And(given, only), questions)
        difference = answer.difference
        if difference is not None and histories.tells_sides_apart(
            questions, difference.model, before, after, given
        ):
            return answer
    return SolverAnswer(why=ANOTHER_ORDER)


ANOTHER_ORDER = "the sides read the same words in another order"


def _no_state(pair: Pair, answer: SolverAnswer) -> str:
    """Why the witness of a difference is no state that can be, "" if it can."""
    words: dict[str, Term] = {}
    literals = answer.difference.literals if answer.difference else []
    for leaf, _expr, _value in literals:
        if leaf.kind != "memory":
            continue
        other = words.setdefault(leaf.name, leaf.expr)
        if other.sort() != leaf.expr.sort():
            return f"->{leaf.name} has another type"
    if sum(1 for name in words if name.startswith("*(") and "#" not in name) > 1:
        return "what is read as two types may lie in one place"
    if _one_object(literals):
        return "what is read through a pointer may be what is read by name"
    siblings = {**pair.before.run.place_sharers, **pair.after.run.place_sharers}
    for name in words:
        shared = siblings.get(name, set()).intersection(words)
        if shared:
            return f"->{name} and ->{shared.pop()} lie in one place"
    return ""


def _one_object(literals: list[Literal]) -> bool:
    """Whether a word behind a pointer is told beside one of the same object."""
    read = [leaf for leaf, _e, _v in literals if leaf.kind == "memory"]
    behind = [leaf for leaf in read if leaf.name.startswith("*(")]
    named = [leaf for leaf in read if not leaf.name.startswith("*(")]
    for one in behind:
        mine = pointers_behind(one.expr.arg(1))
        for two in named:
            if two.expr.num_args() == 2 and mine & pointers_behind(two.expr.arg(1)):
                return True
    return False


def _asked(
    pair: Pair,
    before: Term,
    after: Term,
    given: Bool,
    questions: Questions,
    shared: frozenset[int] | None = None,
) -> SolverAnswer:
    if before.eq(after):
        return SolverAnswer(equal=True)
    if questions.work.left <= 0:
        return SolverAnswer(why=OUT_OF_TIME)
    given = pair.bits.flag(given)
    if z3.is_bool(before) and z3.is_bool(after):
        before, after = pair.bits.flag(before), pair.bits.flag(after)
        if before.eq(after):
            return SolverAnswer(equal=True)
    first, second = leaves_of((before, given)), leaves_of((after, given))
    trusted, doubtful = [], []
    one_sided = first.keys() ^ second.keys()
    twice = _other_structs(first, second)
    bools = (
        pair.before.run.record.bool_words.keys()
        | pair.after.run.record.bool_words.keys()
    )
    held = _in_holders_of_one_side(pair, [*first.values(), *second.values()])
    for key, leaf in {**first, **second}.items():
        both = key in pair.asked[0] and key in pair.asked[1]
        both = both or _constant(pair, leaf.name)
        if shared is None:
            both = both or key not in one_sided
        elif comes_from_seen_function(pair, leaf.expr) or (
            key in shared and leaf.name.startswith(LOCAL)
        ):
            continue  # its text says what it is, or it is anywhere: not to be chosen
        elif key in shared:
            both = True
            if leaf.expr.decl().kind() == z3.Z3_OP_SELECT:
                leaf = replace(leaf, kind="memory")
        doubted = leaf.kind == "unknown" or leaf.name in twice
        if leaf.kind == "option" and not _OPTION.match(leaf.name):
            doubted = True  # an #if that could not be read, or read only in part
        number = leaf.kind == "constant" and leaf.name not in SIZES
        one_side = leaf.kind != "option" and leaf.expr.get_id() in held
        if number or one_side or (doubted and not both) or is_determined(pair, leaf):
            doubtful.append(leaf)
        elif not _LEFT_BY_CODE.search(leaf.name):
            trusted.append((leaf, split_into_bits(leaf, bools)))
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
        1
        if not _unread_leaves(pair).isdisjoint(leaf.name for leaf in doubtful)
        else ATTEMPTS,
    )


# What a loop, or a macro that we cannot read, made of a local: not anything at all, but
# what its text computes, so that no witness may choose it.
_LEFT_BY_CODE = re.compile(
    r" -> \d+\Z| returns\Z|\A(?:while|for|do|switch|if)\b.* leaves to [\w ]+\Z",
    re.DOTALL,
)
_OPTION = re.compile(r"(?:CONFIG_\w+|defined\(\w+\))\Z")


_HOLDER = re.compile(r"container_of .* \[(?:before|after)\]", re.DOTALL)


def _in_holders_of_one_side(pair: Pair, leaves: Iterable[Leaf]) -> set[int]:
    """The terms among these that hang on container_of() of a struct that changed.

    It has a name for each side, and yet what it gives of one pointer is one object.
    The conditions of a question hold both, so nothing shows that one side asks it.
    """
    if not any(
        _HOLDER.match(name)
        for side in (pair.before, pair.after)
        for _expr, name, _kind in side.run.unknowns.applied.values()
    ):
        return set()
    holds: dict[int, bool] = {}
    for leaf in leaves:
        left = [leaf.expr]
        while left:
            term = left[-1]
            below = term.children()
            new = [child for child in below if child.get_id() not in holds]
            if new:
                left += new
                continue
            left.pop()
            holds[term.get_id()] = any(
                holds[child.get_id()] for child in below
            ) or bool(_HOLDER.match(term.decl().name()))
    return {leaf.expr.get_id() for leaf in leaves if holds[leaf.expr.get_id()]}


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


def _unread_leaves(pair: Pair) -> set[str]:
    """Pieces of code that were not followed, as leaves are named after them."""
    return {
        name.partition("|")[0]
        for run in (pair.before.run, pair.after.run)
        for _expr, name, kind in run.unknowns.applied.values()
        if kind == "code"
    }


_BY_BIT = ("flags", "mapping", "_flags_1")


def split_into_bits(leaf: Leaf, bools: Container[int] = ()) -> list[Term]:
    """Splits a word that is tested bit by bit, so that a witness tells its bits.

    Of a byte that is read as a bool (by the number of its term) it tells whether.
    """
    word = leaf.expr
    if word.get_id() in bools:
        return [word != 0]
    by_bit = leaf.kind == "memory" and leaf.name.partition("#")[0] in _BY_BIT
    if by_bit and z3.is_bv(word):
        size = word.size()
        split = 32 if leaf.name.startswith(("flags", "_flags")) else 2
        low: list[Term] = [z3.Extract(i, i, word) for i in range(min(split, size))]
        return [*low, z3.Extract(size - 1, split, word)] if size > split else low
    return [leaf.expr]


def _is_switched_on(option: str) -> bool:
    """An option of an ordinary kernel: built in, for most are y or n and never m."""
    return option.startswith("CONFIG_") and not option.endswith("_MODULE")


def _preferences(
    model: PageModel, trusted: list[tuple[Leaf, list[Term]]], doubtful: list[Leaf]
) -> list[Bool]:
    """What an ordinary state is: an order-0 page, options on, pointers to nothing,
    and 0 from functions that only one side asks."""
    found: list[Bool] = []
    for page in model.pages.values():
        found.append(z3.And(page != 0, z3.Not(model.is_tail(page))))
        found.append(z3.Not(model.flag("PG_head", page)))
    options = [
        leaf.expr if _is_switched_on(leaf.name) else z3.Not(leaf.expr)
        for leaf, _exprs in trusted
        if leaf.kind == "option" and z3.is_bool(leaf.expr)
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


# --- values of functions that are not followed, though the tree shows their text ------


def comes_from_seen_function(pair: Pair, expr: Term) -> bool:
    """Says whether a value was returned or written by a call of a function that is not
    followed, although the tree shows its text."""
    where = expr
    if expr.decl().kind() == z3.Z3_OP_SELECT:
        where = expr.arg(0)
        where = where.arg(0) if where.num_args() == 1 else where
    elif str(expr.decl().name()).startswith("*(") and expr.num_args():
        where = expr.arg(0)
    name = label_of(where).removeprefix("after ")
    if not name.endswith("()"):
        return False
    if where is not expr and is_local_address(expr.arg(1)):
        # a local that nobody was handed stays as it is
        mine = pointers_behind(expr.arg(1))
        if not any(mine & pointers_behind(given) for given in where.children()[1:]):
            return True
    word = name.removesuffix("()").partition(" [")[0]
    if word in allocations.ASKED or locks.is_lock(word):
        return False
    runs = (pair.before.run, pair.after.run)
    return any(run.definitions.functions(word) for run in runs)
