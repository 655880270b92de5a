# SPDX-License-Identifier: GPL-2.0-or-later
"""What is done at one place of a function, in the words of a block: the first steps, a
condition that several of them hang on told once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reviewer.patterns import regex

MOST_EVENTS = 4  # of one, that are told whole
MOST_NAMES = 8  # of functions that are not followed; JSON has all of them
# of a call, also of one whose answer is kept: its name
_CALLED_IN = regex(
    r"(?:no longer )?(?:calls|does) `(?:[\w.>\[\]* -]*+= ?)?([A-Za-z_]\w*+) ?\("
)
_DIFFER = regex(r"when (`[^`]+`) and (`[^`]+`) differ (\([^()]+\))\Z")
# what stands before the code of a condition, at the end of what is done
_HANGS_ON = regex(
    r",?(?: not)?(?: only)? (?:(?:if|and)(?: \.\.\. and)?(?: not)?|in|under) \Z"
)


def first_events(events: tuple[str, ...]) -> list[str]:
    """Returns the first of some events; of the others how many there are, and the
    functions that are called in them."""
    told = _grouped(events[:MOST_EVENTS])
    more = events[MOST_EVENTS:]
    if not more:
        return told
    names: dict[str, dict[str, None]] = {}
    for event in more:
        if found := _CALLED_IN.match(event):
            verb = "no longer" if event.startswith("no ") else "calls"
            names.setdefault(verb, {})[f"{found[1]}()"] = None
    called = "; ".join(f"{verb} {listed(names[verb], 3)}" for verb in sorted(names))
    rest = f"and {len(more)} more step{'' if len(more) == 1 else 's'}"
    return [*told, f"{rest} ({called})" if called else rest]


def listed(names: Iterable[str], most: int = MOST_NAMES) -> str:
    """Returns the first of some names, and how many more there are."""
    first = [*names]
    more = len(first) - most
    told = ", ".join(first[:most])
    return f"{told} and {more} more" if more > 0 else told


def place_of_both(told: str, when: str) -> str:
    """Returns the place of a condition that says what the step says: that two values
    differ, of which it takes one and not the other; "" for any other condition."""
    found = _DIFFER.match(when)
    is_said = found and f"{found[2]}, not {found[1]}" in told
    return found[3] if found and is_said else ""


def _grouped(events: Iterable[str]) -> list[str]:
    """The events, those that hang on the same behind it: "if `x`: calls `a()`, calls
    `b()` if `y`"."""
    groups: list[list[_Event]] = []
    for event in map(_Event.of, events):
        for group in groups if event.hangs_on else ():
            if group[0].hangs_on[:1] == event.hangs_on[:1]:
                group.append(event)
                break
        else:
            groups.append([event])
    return [_told(group) for group in groups]


def _told(group: list[_Event]) -> str:
    if len(group) == 1:
        return group[0].done + "".join(group[0].hangs_on)
    common: list[str] = []
    for same in zip(*(event.hangs_on for event in group), strict=False):
        if len({*same}) > 1:
            break
        common.append(same[0])
    steps = []
    for event in group:
        rest = "".join(event.hangs_on[len(common) :])
        also = rest.removeprefix(" and ")
        steps.append(event.done + (rest if also == rest else f" if {also}"))
    return f"{''.join(common).lstrip(', ')}: {', '.join(steps)}"


@dataclass(frozen=True, slots=True)
class _Event:
    """What is done, and what it hangs on, from outside: " if `x`", " and not `y`"."""

    done: str
    hangs_on: tuple[str, ...] = ()

    @classmethod
    def of(cls, event: str) -> _Event:
        """Splits an event; what has more than conditions behind it hangs on nothing."""
        pieces = event.split("`")
        first = next(
            (n for n in range(0, len(pieces), 2) if _HANGS_ON.search(pieces[n])), None
        )
        if first is None or any("," in piece for piece in pieces[first + 2 :: 2]):
            return cls(event)
        starts = []
        for number in range(first, len(pieces) - 1, 2):
            found = _HANGS_ON.search(pieces[number])
            before = sum(map(len, pieces[:number])) + number
            starts.append(before + (found.start() if found else 0))
        ends = [*starts[1:], len(event)]
        hangs_on = tuple(event[one:two] for one, two in zip(starts, ends, strict=True))
        return cls(event[: starts[0]], hangs_on)
