# SPDX-License-Identifier: GPL-2.0-or-later
"""Rows of calls, stores and loops: one thing changed, or all of it said another way."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .draft import DIFFERS, EQUAL, HEAD, PATH, Dice, Draft, kind

STRUCT = "struct s@ { int a; int b; };\n"
ARGS = "int x, int y, struct s@ *p, struct s@ *q"
NAMES = ("x", "y", "r", "v", "p->a", "q->b", "p->b")
DEEPEST = 2


@dataclass(frozen=True)
class Step:
    """A statement: ``text`` is its C, or its condition; ``how``: do, if, for, while."""

    how: str
    text: str
    body: tuple[Step, ...] = ()
    other: tuple[Step, ...] = ()


def value(d: Dice) -> str:
    return d.expression(1, NAMES)


def step(d: Dice, depth: int) -> Step:
    what = d.rng.random()
    if depth and what < 0.22:
        other = steps(d, depth - 1) if d.coin() else ()
        return Step("if", value(d), steps(d, depth - 1), other)
    if depth and what < 0.36:
        return Step(d.pick("for", "while"), f"({value(d)} & 3)", steps(d, depth - 1))
    if what < 0.44:
        return Step("if", value(d), (Step("do", f"return {value(d)};"),))
    if what < 0.50:
        return Step("if", value(d), (Step("do", "goto out;"),))
    return Step("do", d.pick(
        f"r = ext({value(d)});", f"r += ext2({value(d)}, {value(d)});",
        f"sink({value(d)});", "touch();", f"p->a = {value(d)};", f"q->b = {value(d)};",
        f"r = {value(d)};", f"x = {value(d)};", f"ext({value(d)});", "take(p);",
        "take(&v);", f"v = {value(d)};",
    ))  # fmt: skip


def steps(d: Dice, depth: int) -> tuple[Step, ...]:
    return tuple(step(d, depth) for _ in range(d.rng.randint(1, 3)))


def shown(d: Dice, row: tuple[Step, ...], depth: int, another: bool) -> str:
    """The C of a row; ``another``: by other words that mean the same."""
    return " ".join(_shown(d, one, depth, another and d.coin()) for one in row)


def _shown(d: Dice, one: Step, depth: int, another: bool) -> str:
    if one.how == "do":
        return _reworded(d, one.text) if another else one.text
    body = shown(d, one.body, depth + 1, another)
    if one.how == "if":
        other = shown(d, one.other, depth + 1, another)
        if another and d.coin():
            return f"if (!({one.text})) {{ {other} }} else {{ {body} }}"
        test = d.reworded(one.text) if another else one.text
        return f"if ({test}) {{ {body} }}" + (f" else {{ {other} }}" if other else "")
    n, i = f"n{depth}", f"i{depth}"
    as_for = (one.how == "for") != (another and d.coin())
    head = f"int {n} = {one.text}, {i} = 0;"
    if as_for:
        return f"{{ {head} for (; {i} < {n}; {i}++) {{ {body} }} }}"
    return f"{{ {head} while ({i} < {n}) {{ {body} {i}++; }} }}"


def _reworded(d: Dice, text: str) -> str:
    left, equals, right = text.partition(" = ")
    if equals:
        return d.pick(
            f"{left} = {d.reworded(right.rstrip(';'))};",
            f"{{ int t_ = {right} {left} = t_; }}",
        )
    if text.startswith("sink("):
        return f"{{ long t_ = {text[5:-2]}; sink(t_); }}"
    return f"do {{ {text} }} while (0);" if "goto" not in text else text


def changed(d: Dice, row: tuple[Step, ...]) -> tuple[Step, ...]:
    """A row with one thing changed."""
    at = d.rng.randrange(len(row))
    one = row[at]
    inside = [part for part in ("body", "other") if getattr(one, part)]
    if inside and d.rng.random() < 0.6:
        part = d.rng.choice(inside)
        new = (replace(one, **{part: changed(d, getattr(one, part))}),)
    elif len(row) > at + 1 and d.rng.random() < 0.3:
        return (*row[:at], row[at + 1], one, *row[at + 2 :])
    elif d.rng.random() < 0.25:
        new = ()
    elif d.rng.random() < 0.3:
        new = (one, step(d, 0))
    elif one.how == "do":
        new = (step(d, 0),)
    else:
        new = (replace(one, text=f"({value(d)} & 3)"),)
    return (*row[:at], *new, *row[at + 1 :])


@kind("events")
def rows_of_events(d: Dice) -> Draft:
    row = steps(d, DEEPEST)
    same = d.coin()
    other = row if same else changed(d, row)
    texts = []
    for one, another in ((row, False), (other, True)):
        body = shown(d, one, 0, another)
        texts.append(
            f"{HEAD}{STRUCT}int f@({ARGS}) {{ int r = y, v = x; {body} goto out;"
            " out: touch(); return r; }\n"
        )
    if texts[0] == texts[1]:  # what does not change is not compared
        texts[1] = texts[1].replace("int r = y,", "int r = (y),")
    before, after = ({PATH: text} for text in texts)
    return Draft(before, after, EQUAL if same else DIFFERS, args=ARGS)
