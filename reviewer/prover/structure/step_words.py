# SPDX-License-Identifier: GPL-2.0-or-later
"""A step in words: calls `f(x)`, returns `-EINVAL` if `!p`.

What is told of a step with others in it is what these do, each with what it hangs on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from reviewer.c.text import IDENTIFIER, common_start
from reviewer.patterns import regex
from reviewer.prover.interpret.library_contracts import is_print
from reviewer.prover.structure.alignment import is_scoped
from reviewer.prover.structure.steps import (
    BLOCK,
    BREAK,
    CASE,
    CONTINUE,
    DECLARATION,
    DO,
    GOTO,
    IF,
    LABEL,
    LOOP,
    PLAIN,
    RETURN,
    SWITCH,
    Step,
    inside,
    inside_parentheses,
)

LONGEST = 90  # columns of a quoted piece
BEFORE = 20  # characters that are told before the first one that differs
MOST_AROUND = 140  # columns of all that a step hangs on; more is cut outside
CALL = regex(r"([A-Za-z_]\w*)\s*\((.*)\)\s*;\Z")
_SET = regex(r"([\w.>\[\]*& -]*?[\w\])]) ?= ?(?!=)(.*)\Z")
_CALLED = regex(r"(?:\([\w *]+\) ?)?[A-Za-z_][\w.>-]* ?\(")
_CALLEE = regex(r"([A-Za-z_]\w*(?:(?:->|\.)\w++)*+) ?\(")
_WORD = regex(r"\w")
_CHANGED = regex(r"(?:\+\+|--)?[A-Za-z_]\w*+ ?(?:(?:[-+*/%&|^]|<<|>>)= ?|\+\+|--|;)")
# how late it is told
EXIT, CALLED, KEPT_IN, STORED, GUARDED, LEFT, MADE, SAID = range(8)


@dataclass(frozen=True, slots=True)
class DoneStep:
    """A step without others in it, and what it hangs on, from outside: "if `x`"."""

    step: Step
    around: tuple[str, ...] = ()
    given: Step | None = None  # just before it, what the variable is set to

    @property
    def rank(self) -> int:
        """Returns how late it is told: what ends the function and what is called first,
        what is only printed last."""
        step = self.step
        if step.kind in (RETURN, GOTO):
            return EXIT
        if step.kind in (BREAK, CONTINUE):
            return LEFT
        if step.kind == DECLARATION:
            return LEFT if _CALLED.match(_value(step)) else MADE
        if (found := CALL.match(step.text)) and step.kind == PLAIN:
            return SAID if is_print(found[1]) else CALLED
        target, value = target_of(step), _value(step)
        if target and target.isidentifier():
            return KEPT_IN if _CALLED.match(value) else MADE
        if found := _CHANGED.match(step.text):
            return KEPT_IN if _CALLED.match(step.text, found.end()) else MADE
        return STORED

    @property
    def words(self) -> str:
        """Returns what it does and what that hangs on."""
        return f"{step_in_words(self.step)}{self.given_words}{self.hangs_on}"

    @property
    def given_words(self) -> str:
        """Returns what the variable is set to just before it, "" for nothing."""
        if self.given is None:
            return ""
        return f" with {quoted(self.given.shown.rstrip('; '))}"

    @property
    def hangs_on(self) -> str:
        """Returns its conditions, as words behind what it does."""
        told, around = "", self.around
        while len(around) > 1 and sum(map(len, around)) > MOST_AROUND:
            around = around[1:]
        if len(around) < len(self.around):
            how, _, rest = around[0].partition(" ")
            around = (
                f"{how} ... and {rest}" if how == "if" else around[0],
                *around[1:],
            )
        for before, one in pairwise(("", *around)):
            both = before.startswith("if ") and one.startswith("if ")
            told += f" and {one[3:]}" if both else f" {one}"
        return told


def quoted(text: str) -> str:
    """Returns a piece of code on one line, between back quotes."""
    whole = " ".join(text.split())
    if len(whole) > LONGEST:
        whole = whole[: LONGEST - 4].rstrip() + " ..."
    return f"`{whole}`"


def condition_of_an_if(step: Step) -> str:
    """Returns the condition of an if, without the parentheses around it."""
    return inside_parentheses(step.shown.removeprefix("if").strip())


def is_idle(step: Step) -> bool:
    """Says whether a declaration gives no value, so that nothing is done there."""
    return step.kind == DECLARATION and "=" not in step.text


def no_longer(told: str) -> str:
    """Returns that what is told is not done any more."""
    return f"no longer {told}"


def each_once(told: Iterable[str]) -> tuple[str, ...]:
    """Returns some events, each of them once."""
    return tuple(dict.fromkeys(told))


def target_of(step: Step) -> str:
    """Returns what an assignment or declaration stores to, "" for another step."""
    found = _SET.match(step.text) if step.kind in (PLAIN, DECLARATION) else None
    return found[1].strip() if found else ""


def _value(step: Step) -> str:
    found = _SET.match(step.text)
    return found[2].strip() if found else ""


def step_in_words(step: Step) -> str:
    """Returns what a step does: calls `f(x)`, returns `-EINVAL`."""
    text = step.shown.rstrip("; ")
    if step.kind == RETURN:
        value = text.removeprefix("return").strip()
        return f"returns {quoted(value)}" if value else "returns"
    if step.kind == GOTO:
        return f"goes to {quoted(text.removeprefix('goto').strip())}"
    if step.kind == BREAK:
        return "leaves the loop or switch"
    if step.kind == CONTINUE:
        return "goes on with the next round"
    if step.kind == CASE:
        return f"has {quoted(text)} of its own"
    if step.kind == PLAIN and (found := CALL.match(step.text)) and not is_scoped(step):
        return f"{'prints' if is_print(found[1]) else 'calls'} {quoted(text)}"
    return f"does {whole_step(step)}"


def former_way(step: Step) -> str:
    """Returns where a return or jump led to: returned `0`, went to `out`."""
    if step.kind == CONTINUE:
        return "skipped the rest of the round"
    told = step_in_words(step)
    for now, before in (
        ("returns", "returned"),
        ("goes", "went"),
        ("leaves", "left"),
    ):
        if told.startswith(now):
            return told.replace(now, before, 1)
    return told


def whole_step(step: Step) -> str:
    """Returns the text of a step, with the first one in it and the way out at its end:
    `if (x) return -EINVAL`."""
    text = step.shown.rstrip("; ")
    if step.parts and step.parts[0] and step.kind == IF:
        inner = step.parts[0]
        leaves_it = inner[-1].kind in (RETURN, GOTO, BREAK, CONTINUE)
        dots = " ... " if leaves_it and len(inner) > 1 else " "
        text += dots + inner[-1 if leaves_it else 0].shown.rstrip("; ")
        if (len(inner) > 1 and not leaves_it) or len(step.parts) > 1:
            text += " ..."
    return quoted(text)


def where_they_part(old: str, new: str) -> tuple[str, str]:
    """Returns two long texts, each from a little before the first character that
    differs."""
    same = common_start(old, new, len(old))
    begin = max(0, old.rfind(" ", 0, max(0, same - BEFORE)) + 1)
    dots = "... " if begin else ""
    return quoted(dots + old[begin:]), quoted(dots + new[begin:])


# --- steps in steps -------------------------------------------------------------------


def leaves(steps: Iterable[Step], around: tuple[str, ...] = ()) -> list[DoneStep]:
    """Returns what is done in some steps, in the order of the text: of a step that has
    others in it these; of one in which nothing is done, the step itself."""
    found: list[DoneStep] = []
    case: tuple[str, ...] = ()
    passed: list[Step] = []  # ifs that are left behind only where they do not hold
    gave: dict[str, str] = {}  # the last call that set a variable
    for step in (steps := list(steps)):
        if step.kind == CASE and around:
            case = (f"in {quoted(step.shown)}",)
        if step.kind in (LABEL, CASE):
            passed.clear()
            gave.clear()
        if step.kind in (LABEL, CASE) or is_idle(step) or not _WORD.search(step.text):
            continue
        before = (f"if not {quoted(condition_of_an_if(one))}" for one in passed)
        here = (*around, *case, *before)
        found += list(_inside(step, here, gave)) or [DoneStep(step, here)]
        _note_set(step, passed, gave)
        if step.kind == IF and around and _leaves_at_its_end(step):
            passed.append(step)
    return _with_values(found) or [DoneStep(s, around) for s in steps if s.kind == CASE]


def _note_set(step: Step, passed: list[Step], gave: dict[str, str]) -> None:
    """What is no longer known of variables behind a step, and which call set one."""
    for one in inside([step]):
        name = target_of(one).split()[-1:] or [""]
        if name[0].lstrip("*").isidentifier():
            word = name[0].lstrip("*")
            passed[:] = [test for test in passed if word not in test.words]
            callee = _CALLEE.match(_value(one)) if one is step else None
            gave[word] = callee[1] if callee else ""


def _leaves_at_its_end(step: Step) -> bool:
    return len(step.parts) == 1 and bool(step.parts[0]) and step.parts[0][-1].kind in (
        RETURN, GOTO, BREAK, CONTINUE
    )  # fmt: skip


def _inside(
    step: Step, around: tuple[str, ...], gave: Mapping[str, str]
) -> Iterator[DoneStep]:
    for name, part in zip(step.names, step.parts, strict=True):
        how = _way(step, name)
        asked = step.words & gave.keys() if step.kind == IF else ()
        callees = {gave[word] for word in asked} - {""}
        if len(callees) == 1:
            how += f" (from {callees.pop()}())"
        yield from leaves(part, (*around, how) if how else around)


def way_into(step: Step, part: int) -> str:
    """Returns how a part of an if or #if is entered, as words behind what is done
    there."""
    return _way(step, step.names[part])


def _way(step: Step, name: str) -> str:
    """How one part of a step is entered, as words behind what is done there."""
    if step.kind == BLOCK:
        return ""
    if step.kind == IF:
        condition = condition_of_an_if(step)
        return f"if {'' if name == 'yes' else 'not '}{quoted(condition)}"
    if step.kind in (LOOP, DO, SWITCH):
        return f"in {quoted(step.shown)}"
    if name.startswith("#else"):
        return f"where {quoted(step.names[0])} does not hold"
    return f"under {quoted(name)}"


def _with_values(found: list[DoneStep]) -> list[DoneStep]:
    """A way out with the variable that is set just before it, as one."""
    told: list[DoneStep] = []
    for leaf in found:
        last = told[-1] if told else None
        if last is not None and last.around == leaf.around and _is_given(last, leaf):
            told[-1] = replace(leaf, given=last.step)
        else:
            told.append(leaf)
    return told


def _is_given(value: DoneStep, way: DoneStep) -> bool:
    name = target_of(value.step)
    if value.step.kind != PLAIN or not name.isidentifier() or value.given is not None:
        return False
    if way.step.kind == GOTO:
        return True
    return way.step.kind == RETURN and name in IDENTIFIER.findall(way.step.text)
