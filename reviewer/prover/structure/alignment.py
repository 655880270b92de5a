# SPDX-License-Identifier: GPL-2.0-or-later
"""What two functions have in common, step by step, and what one side alone has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from reviewer.prover.names.scope_ends import may_have_scope_end
from reviewer.prover.structure.kept_results import same_call
from reviewer.prover.structure.steps import (
    CASE,
    DECLARATION,
    IF,
    LOOP,
    VARIANTS,
    Step,
    inside,
)

MOST_STEPS = 3000

CHANGE, CONDITION, WRAPPED, UNWRAPPED = "change", "condition", "wrapped", "unwrapped"
KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Edit:
    """Steps of both sides that stand for each other.

    ``condition``: an if, #if or loop has another condition; ``wrapped``: what was done
    always is done in one ``part`` of ``new``, an if or #if; ``unwrapped``: the other
    way round; ``kept``: both do the same call, and one looks at what it gives; else
    ``change``.  ``of``: the same number for what was cut out of one edit, else 0.
    """

    kind: str
    old: tuple[Step, ...]
    new: tuple[Step, ...]
    part: int = 0
    of: int = 0


@dataclass(slots=True)
class Alignment:
    """``common``: the pairs of steps with the same text of their own."""

    common: list[tuple[Step, Step]] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)

    def add_same(self, old: Step, new: Step) -> None:
        """Take two steps of the same text for common, with all that is in them."""
        self.common.append((old, new))
        for one, two in zip(old.parts, new.parts, strict=True):
            for first, second in zip(one, two, strict=True):
                self.add_same(first, second)


def aligned(old: list[Step], new: list[Step]) -> Alignment:
    """Returns how two functions go together."""
    found = Alignment()
    _lists(found, old, new)
    return found


def _lists(found: Alignment, old: list[Step], new: list[Step]) -> None:
    keys = [step.key for step in old], [step.key for step in new]
    for same, one, two in _blocks(keys, old, new):
        if same:
            for first, second in zip(one, two, strict=True):
                found.add_same(first, second)
        else:
            _by_heads(found, one, two)


def _blocks(
    keys: tuple[list[str], list[str]], old: list[Step], new: list[Step]
) -> Iterator[tuple[bool, list[Step], list[Step]]]:
    """Runs of two lists, and whether their keys are the same."""
    matcher: SequenceMatcher[str] = SequenceMatcher(None, *keys, False)
    codes = matcher.get_opcodes()
    on = 0  # steps that the run before has taken
    for (tag, start, end, start_2, end_2), behind in zip(
        codes, [*codes[1:], None], strict=False
    ):
        if tag == "equal":
            yield True, old[start + on : end], new[start_2 + on : end_2]
            on = 0
            continue
        if tag != "replace" and behind is not None:
            one = old[start:end] or new[start_2:end_2]
            on = _forward(one, old[behind[1] : behind[2]])
        if on:
            yield True, old[start : start + on], new[start_2 : start_2 + on]
        if tag == "insert":
            yield False, [], new[start_2 + on : end_2 + on]
        elif tag == "delete":
            yield False, old[start + on : end + on], []
        else:
            yield False, old[start:end], new[start_2:end_2]


def _forward(alone: list[Step], follow: list[Step]) -> int:
    """How many steps further on a run of one side alone begins with a case label, the
    steps that it leaves being the same as those that it gains; 0 for none."""
    for count, (step, other) in enumerate(zip(alone, follow, strict=False)):
        if step.kind == CASE:
            return count
        if step.key != other.key:
            return 0
    return 0


def _by_heads(found: Alignment, old: list[Step], new: list[Step]) -> None:
    """Steps with something in them go together if what is their own is the same."""
    keys = _heads(old, "old"), _heads(new, "new")
    for same, one, two in _blocks(keys, old, new):
        if not same:
            _rest(found, one, two)
            continue
        for first, second in zip(one, two, strict=True):
            found.common.append((first, second))
            _parts(found, first, second)


def _heads(steps: list[Step], side: str) -> list[str]:
    return [
        f"{step.kind} {_own_text(step)}" if step.parts else f"{side} {place}"
        for place, step in enumerate(steps)
    ]


def _own_text(step: Step) -> str:
    """The text of a step; that an #if has an #else is told by its parts."""
    return step.text.replace(" #else ", " ") if step.kind == VARIANTS else step.text


def _parts(found: Alignment, old: Step, new: Step) -> None:
    """What is in two steps of one kind: an else that is not there is empty."""
    for place in range(max(len(old.parts), len(new.parts))):
        one, two = (
            step.parts[place] if place < len(step.parts) else [] for step in (old, new)
        )
        _lists(found, one, two)


def _rest(found: Alignment, old: list[Step], new: list[Step]) -> None:
    """Steps that have nothing of their own in common."""
    if not old and not new:
        return
    for place, step in enumerate(new):
        part = _wrapping(step, old)
        if part is not None:
            found.edits.append(Edit(WRAPPED, tuple(old), (step,), part))
            _lists(found, old, step.parts[part])
            _both_ends(found, [], [], new[:place], new[place + 1 :])
            return
    for place, step in enumerate(old):
        part = _wrapping(step, new)
        if part is not None:
            found.edits.append(Edit(UNWRAPPED, (step,), tuple(new), part))
            _lists(found, step.parts[part], new)
            _both_ends(found, old[:place], old[place + 1 :], [], [])
            return
    for kind, is_one in (
        (CONDITION, _is_same_choice),
        (CONDITION, _is_like_choice),
        (KEPT, same_call),
    ):
        for place, step in enumerate(old):
            for there, other in enumerate(new):
                if is_one(step, other):
                    _rest(found, old[:place], new[:there])
                    found.edits.append(Edit(kind, (step,), (other,)))
                    if kind == CONDITION:
                        _parts(found, step, other)
                    _rest(found, old[place + 1 :], new[there + 1 :])
                    return
    _one_by_one(found, old, new)


def _both_ends(
    found: Alignment, old: list[Step], old_2: list[Step],
    new: list[Step], new_2: list[Step],
) -> None:  # fmt: skip
    _rest(found, old, new)
    _rest(found, old_2, new_2)


def _one_by_one(found: Alignment, old: list[Step], new: list[Step]) -> None:
    """As many steps of the same kinds on both sides: each became the other."""
    kinds = [step.kind for step in old], [step.kind for step in new]
    if len(old) > 1 and kinds[0] == kinds[1] and not any(s.parts for s in [*old, *new]):
        for one, two in zip(old, new, strict=True):
            found.edits.append(Edit(CHANGE, (one,), (two,)))
    else:
        found.edits.append(Edit(CHANGE, tuple(old), tuple(new)))


def _wrapping(step: Step, others: list[Step]) -> int | None:
    """The part of an if that has just these steps in it, or of an #if some of them."""
    if not others or step.kind not in (IF, VARIANTS):
        return None
    keys = [one.key for one in others]
    if step.kind == IF and any(_has_scope(one) for one in others):
        return None
    for number, part in enumerate(step.parts):
        inner = [one.key for one in part]
        if inner == keys or (step.kind == VARIANTS and not set(inner).isdisjoint(keys)):
            return number
    return None


def _has_scope(step: Step) -> bool:
    """Whether it counts in which block a step stands: what it makes ends with it."""
    return step.kind == DECLARATION or is_scoped(step)


def is_scoped(step: Step) -> bool:
    """Says whether a step makes something that is undone where its block ends."""
    return may_have_scope_end(step.text)


def _is_same_choice(old: Step, new: Step) -> bool:
    """Whether two ifs lead to the same, by another condition."""
    if not {old.kind, new.kind} <= {IF, VARIANTS} or len(old.parts) != len(new.parts):
        return False
    one, two = ([[s.key for s in part] for part in step.parts] for step in (old, new))
    return any(
        first == second and first for first, second in zip(one, two, strict=True)
    )


def _is_like_choice(old: Step, new: Step) -> bool:
    """Whether two ifs or loops ask about one thing, and do one thing in common."""
    if old.kind != new.kind or old.kind not in (IF, LOOP) or is_scoped(old):
        return False
    if old.words.isdisjoint(new.words) or is_scoped(new):
        return False
    one, two = ({s.key for s in step.parts[0]} for step in (old, new))
    return not one.isdisjoint(two)


def is_small_enough(*sides: list[Step]) -> bool:
    """Says whether functions have few enough steps to be aligned."""
    return all(sum(1 for _ in inside(side)) <= MOST_STEPS for side in sides)
