# SPDX-License-Identifier: GPL-2.0-or-later
"""How a comparison of behaviour looks: a table a function."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from reviewer.output.told_events import first_events, listed, place_of_both
from reviewer.patterns import regex
from reviewer.visible_text import one_line

if TYPE_CHECKING:
    from reviewer.models import Report
    from reviewer.prover import FunctionVerdict
    from reviewer.prover.verdict import Caller, DifferingPart, OutputVerdict

WIDTH = 72  # columns of a mail


def text(verdicts: tuple[FunctionVerdict, ...]) -> str:
    """Returns the table of all verdicts, then each: when it differs and what is done
    then, with a state that shows it where there is one; behind them what is equal, a
    line a function, with what several of them take for granted told once."""
    bare: list[FunctionVerdict] = []
    blocks: list[str] = []
    for verdict in verdicts:
        if _is_told_by_its_name(verdict):
            bare.append(verdict)
        else:
            blocks.append(_function(verdict))
    blocks += _equal(bare)
    return "\n".join([f"{table(verdicts)}\n", *blocks] if blocks else [])


def _is_told_by_its_name(verdict: FunctionVerdict) -> bool:
    """Whether there is nothing to say but that it is equal, and what that assumes."""
    return (
        str(verdict.verdict) == "equal"
        and len(_function(verdict).splitlines()) == 1 + bool(_assumed(verdict))
    )  # fmt: skip


def _equal(verdicts: list[FunctionVerdict]) -> list[str]:
    """A block for each set of assumptions: its functions, then what they assume."""
    alike: dict[tuple[str, ...], list[FunctionVerdict]] = {}
    for verdict in verdicts:
        alike.setdefault(_assumed(verdict), []).append(verdict)
    blocks = []
    for taken, those in alike.items():
        told = [_function(verdict).splitlines() for verdict in those]
        lines = [block[0] for block in told]
        if taken and len(those) > 1:
            lines.append(f"  each assuming: {one_line(', '.join(taken))}")
        elif taken:
            lines += told[0][1:]
        blocks.append("\n".join(lines) + "\n")
    return blocks


def table(verdicts: tuple[FunctionVerdict, ...]) -> str:
    """Returns one line on a series: how many functions are the same, and so on."""
    counts = dict.fromkeys(_COLUMNS.values(), 0)
    for verdict in verdicts:
        counts[_COLUMNS[str(verdict.verdict)]] += 1
    told = ", ".join(f"{number} {what}" for what, number in counts.items() if number)
    functions = "function" if len(verdicts) == 1 else "functions"
    return f"{len(verdicts)} changed {functions}: {told}"


_COLUMNS = {
    "equal": "the same",
    "only a message changes": "with other messages only",
    "equal unless": "the same but under a condition",
    "equal but for": "the same but for a few steps",
    "equal for one CPU": "the same for one CPU",
    "differs": "that differ",
    "not decided": "not decided",
}


def json(report: Report, verdicts: tuple[FunctionVerdict, ...]) -> str:
    """Returns the envelope of every JSON output, with the ``functions`` beside it."""
    from json import dumps

    from reviewer.output.escaping import data
    from reviewer.output.json_ import envelope

    functions = [data(verdict.as_dict()) for verdict in verdicts]
    return dumps(envelope(report) | {"functions": functions}, indent=1) + "\n"


def mail(verdicts: tuple[FunctionVerdict, ...]) -> str:
    """Returns only what is proved to differ, in the width of a mail."""
    parts = []
    for verdict in verdicts:
        if not verdict.differing:
            continue
        parts.append(f"{verdict.name}() no longer computes the same:\n\n")
        for names, change in _alike(verdict.differing):
            parts.append(
                textwrap.fill(
                    one_line(f"{', '.join(names)}: {change}"),
                    WIDTH,
                    initial_indent="  ",
                    subsequent_indent="      ",
                )
                + "\n"
            )
        parts.append("\n")
    return "".join(parts)


def _alike(outputs: tuple[OutputVerdict, ...]) -> Iterator[tuple[list[str], str]]:
    """Outputs, and "before -> after when ...", which is true of all of them.

    Bits that are copied from a flag each differ in the same way, each by its flag.
    """
    found: dict[str, list[OutputVerdict]] = {}
    for output in outputs:
        found.setdefault(_whichever_flag(output), []).append(output)
    for change, alike in found.items():
        if len(alike) == 1:
            change = _change(alike[0], str(alike[0].witness))
        yield [output.output for output in alike], change


def _whichever_flag(output: OutputVerdict) -> str:
    when = str(output.witness)
    if len(set(_FLAG.findall(when))) == 1 and output.number is not None:
        when = _FLAG.sub("that flag", when.replace("no PG_", "not PG_"))
    return _change(output, when)


def _change(output: OutputVerdict, when: str) -> str:
    return f"{output.before} -> {output.after} when {when}"


_FLAG = regex(r"PG_\w+")


def _function(verdict: FunctionVerdict) -> str:
    from reviewer.prover.verdict import spoken

    where = f"{verdict.file}:{verdict.line}: " if verdict.file else ""
    former = spoken(verdict.before_name) if verdict.before_name != verdict.name else ""
    if verdict.before_file:
        former += f" in {verdict.before_file}"
    renamed = f" (was {former.strip()})" if former else ""
    lines = [f"{where}{spoken(verdict.name)}{renamed}: {verdict.verdict}"]
    if verdict.why and not (verdict.parts or verdict.otherwise):
        lines.append(f"  {_short(verdict.why)}")
    rows = [output for output in verdict.outputs if str(output.verdict) != "equal"]
    if "." in verdict.name:  # an entry of a table, its reason said above
        rows = [row for row in rows if row.witness or row.why != verdict.why]
    equal = [o.output for o in verdict.outputs if str(o.verdict) == "equal"]
    lines += _table([row for row in rows if not _is_told(row, verdict)])
    lines += _parts(verdict)
    if equal:
        told = ", ".join(equal)
        lines += _wrapped(f"equal: {told}")
    if verdict.by_patch:
        steps = ", ".join(f"{number}: {what}" for number, what in verdict.by_patch)
        lines.append(f"  patch by patch: {steps}")
    if verdict.unknown and not verdict.otherwise:
        lines.append(f"  not followed: {listed(verdict.unknown)}")
    lines += _wrapped(told_callers(verdict))
    if taken := _assumed(verdict):
        lines.append(f"  assuming: {', '.join(taken)}")
    return "\n".join(one_line(line) for line in lines) + "\n"


def _is_told(row: OutputVerdict, verdict: FunctionVerdict) -> bool:
    """Whether a row of the table stands for what the steps below it say, or says less:
    it is not decided, or its state has what nobody can look up."""
    if not verdict.parts:
        return False
    if row.first or not verdict.otherwise:
        return bool(row.first)
    return row.witness is None or _has_riddles(str(row.witness), row.witness.when)


def _has_riddles(told: str, facts: tuple[str, ...] = ()) -> bool:
    """Whether a state has what nobody can look up: a name with two values, a number
    that the solver made up."""
    names = [found[0] for fact in facts if (found := _OF_A_FACT.match(fact))]
    return len(set(names)) < len(names) or _NOT_LOOKED_UP.search(told) is not None


_OF_A_FACT = regex(r"\S++ (?=is |= )")
_NOT_LOOKED_UP = regex(r"\btruth of unknown\b|\bunknown\b|\bvolatile read\b")


def _parts(verdict: FunctionVerdict) -> list[str]:
    """When it may do something else, what is done then, and what is known otherwise."""
    parts = verdict.parts
    if not parts and not verdict.otherwise:
        return []
    lines: list[str] = []
    shown = parts[:MOST_PARTS]
    if any(not (part.message or part.other_meaning) for part in parts):
        shown = tuple(p for p in shown if not (p.message or p.other_meaning))
    elif not all(part.message for part in parts):
        shown = tuple(part for part in shown if not part.message)
    for told, when in _told_parts(shown, verdict.file):
        lines += _wrapped(told) + _wrapped(when, "    ")
    rest = tuple(part for part in parts if not any(part is one for one in shown))
    prints = [part for part in rest if part.message]
    others = [part for part in rest if not part.message]
    lines += _also(others, names_too=all(part.other_meaning for part in shown))
    lines += _counted("only a message changes", prints)
    undecided = verdict.verdict == "not decided"
    head = ("all other steps: " if undecided else "otherwise: ") if parts else ""
    return [*lines, *([f"  {head}{verdict.otherwise}"] if verdict.otherwise else [])]


def _told_parts(parts: Iterable[DifferingPart], path: str) -> Iterator[tuple[str, str]]:
    """What is done at some places and when; where two have one condition, it once."""
    found: list[tuple[list[str], str, set[str]]] = []
    for part in parts:
        told, when = _told_part(part, f"{path}:{part.line}")
        for others, other, conditions in found if when else ():
            if conditions & {*part.when} and _words(when) == _words(other):
                others.append(told)
                break
        else:
            found.append(([told], when, {*part.when}))
    for tolds, when, _conditions in found:
        yield "; ".join(tolds), when


def _words(when: str) -> str:
    """A condition without its place."""
    return when.rpartition(" (")[0]


def _told_part(part: DifferingPart, place: str) -> tuple[str, str]:
    """What is done at one place, and when that is, "" where there is nothing to say."""
    told, whens = "; ".join(first_events(part.then)), _once(part.when)
    if len(whens) == 1 and (both := place_of_both(told, whens[0])):
        whens = [f"{HERE} {both}"]
    if part.same:
        told += f"; {part.same} the same"
    if whens == [ALWAYS]:
        # else each of them has a condition of its own
        is_always = ALWAYS in part.when or len(part.then) == 1
        return (f"{ALWAYS}: {told}" if is_always else f"{told} ({place})"), ""
    if whens[0].startswith(HERE):
        places = ", ".join(when.removeprefix(HERE).strip() for when in whens)
        return f"{told} {places}", ""
    when = " or ".join(whens[:MOST_WHEN])
    if more := max(0, len(whens) - MOST_WHEN):
        when += f" or in {more} more case{'' if more == 1 else 's'}"
    return told, when


def _also(parts: list[DifferingPart], *, names_too: bool) -> list[str]:
    """What is done first at each of the places that are not told themselves; where a
    name means something else only how often, but for ``names_too``."""
    told = [part for part in parts if names_too or not part.other_meaning]
    said = [
        f"{_cut(_first_event(part))}{_hanging_on(part)} (line {part.line})"
        for part in told[:MOST_ALSO]
    ]
    if more := max(0, len(told) - MOST_ALSO):
        lines = ", ".join(str(part.line) for part in told[MOST_ALSO:][:MOST_LINES])
        word, dots = "s" if more > 1 else "", ", ..." if more > MOST_LINES else ""
        said.append(f"and {more} more (line{word} {lines}{dots})")
    others = [part for part in parts if part not in told]
    if others:
        more = len(others) - 1
        also = f" and {more} more such place{'' if more == 1 else 's'}" if more else ""
        said.append(f"{_use_in(others[0])} (line {others[0].line}){also}")
    return _wrapped(f"also: {'; '.join(said)}" if said else "")


def _wrapped(text: str, indent: str = "  ") -> list[str]:
    """The lines of a text; a path with a hyphen stays whole, to be copied."""
    return textwrap.wrap(
        text,
        98,
        initial_indent=indent,
        subsequent_indent=indent + "  ",
        break_on_hyphens=False,
    )


def _first_event(part: DifferingPart) -> str:
    """What is told of a part beside others: a call before another value or way out."""
    first = part.then[0]
    if not first.startswith(("returns ", "goes to ", "before, it ")):
        return first
    calls = (event for event in part.then if event.startswith(_CALLS))
    is_new_way = first.startswith(("returns ", "goes to ")) and not any(
        words in first for words in (", not ", " where it ")
    )
    return first if is_new_way else next(calls, first)


_CALLS = ("calls ", "no longer calls ")


def _use_in(part: DifferingPart) -> str:
    """The name that a statement uses and what changed about it, without the
    statement."""
    event = part.then[0]
    _statement, uses, name = event.partition("` uses ")
    return _cut(f"uses {name}" if uses else event)


def _hanging_on(part: DifferingPart) -> str:
    """The first condition of a part that is told beside others, as far as it has
    room: without one it would seem to be done always."""
    whens = _once(part.when)
    if whens == [ALWAYS] or whens[0].startswith(HERE):
        return ""
    told = whens[0].rpartition(" (")[0] or whens[0]
    if len(told) > WIDTH:
        return " on some ways"
    return f" {told}{' or elsewhere' if len(whens) > 1 else ''}"


def _cut(event: str) -> str:
    """An event that is told beside others, as far as it has room."""
    return event if len(event) <= WIDTH + 20 else f"{event[:WIDTH]} ..."


def _counted(what: str, parts: list[DifferingPart]) -> list[str]:
    """One line on the parts that only print, none if there are none."""
    if not parts:
        return []
    places = f"{len(parts)} more place{'' if len(parts) == 1 else 's'}"
    lines = ", ".join(str(part.line) for part in parts[:7])
    more = ", ..." if len(parts) > 7 else ""
    word = "line" if len(parts) == 1 else "lines"
    return [f"  {what} in {places}: {word} {lines}{more}"]


def _assumed(verdict: FunctionVerdict) -> tuple[str, ...]:
    """What the verdict takes for granted, and what those on its callers do."""
    found = () if verdict.callers is None else verdict.callers.found
    others = [taken for caller in found for taken in caller.assumptions]
    return tuple(dict.fromkeys([*verdict.assumptions, *others]))


MOST_CALLERS = 3  # that are told by name


SEEN_BY = (  # Caller.sees, of one, of several
    ("yes", "differs, too", "differ, too"),
    ("changes", "changes itself", "change themselves"),
    ("", "may see it", "may see it"),
    ("no", "does not see it (proved)", "do not see it (proved)"),
)


def told_callers(verdict: FunctionVerdict) -> str:
    """Returns who can see that a function differs, in a sentence: those who do first,
    those who cannot last; "" where nothing is known of them."""
    callers = verdict.callers
    if callers is None:
        return ""
    count, left = len(callers.found), MOST_CALLERS
    told = [f"{count} in {callers.where}"] if count else []
    for sees, one, several in SEEN_BY:
        found = callers.who_see(sees)
        shown = ", ".join(map(_caller, found[:left]))
        left -= len(found[:left])
        if not sees and len(found) == count and found:
            told[0] += f": {shown}"
        elif found:
            what = f"{len(found)} {one if len(found) == 1 else several}"
            told.append(f"{what}: {shown}" if shown else what)
    if callers.others:
        more = len(callers.others) - 1
        also = f" and from {more} more" if more else ""
        told.append(f"whoever has it from {callers.others[0]}{also}")
    return f"callers: {'; '.join(told)}"


def _caller(caller: Caller) -> str:
    how = f": {caller.how}" if caller.how and not _has_riddles(caller.how) else ""
    return f"{caller.name}() ({caller.file}:{caller.line}{how})"


def _once(conditions: tuple[str, ...]) -> list[str]:
    """Conditions without their repetitions: of one that stands on both sides of the
    change the later place is told, and whether or not it holds, where it is asked once,
    is always."""
    words = {told.rpartition(" (")[0] or told: told for told in conditions}
    both = any(
        told.startswith("when ") and told.replace("when ", "when not ", 1) in conditions
        for told in conditions
    )
    return [ALWAYS] if both else list(words.values())


ALWAYS, HERE = "always", "in this step"  # prover/structure/told_parts.py
MOST_PARTS = 2  # that are told with their conditions
MOST_LINES = 5  # of places of which nothing else is told
MOST_ALSO = 3  # of which it is told only what is done first
MOST_WHEN = 3  # conditions of one
MOST_FACTS = 5  # of a state in which both sides differ


def _table(outputs: list[OutputVerdict]) -> list[str]:
    """output, before, after, when."""
    rows = [("output", "before", "after", "when")]
    for output in outputs:
        if output.witness is None:
            rows.append((output.output, "", "", f"not decided: {_short(output.why)}"))
            continue
        relies = _few(output.witness.relies_on)
        facts = _few(output.witness.when) or "always"
        when = facts + (f" (as {relies} answers)" if relies else "")
        rows.append((output.output, output.before, output.after, when))
    if len(rows) == 1:
        return []
    widths = [max(len(row[n]) for row in rows) for n in range(3)]
    return [
        "  "
        + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        + f"  {row[3]}"
        for row in rows
    ]


def _few(facts: tuple[str, ...]) -> str:
    """The first facts of a state; nobody reads twelve numbers; JSON has all."""
    return listed(facts, len(facts) if len(facts) == MOST_FACTS + 1 else MOST_FACTS)


def _short(why: str) -> str:
    """A reason may quote a whole loop; JSON has all of it."""
    return textwrap.shorten(why, 110, placeholder=" ...")
