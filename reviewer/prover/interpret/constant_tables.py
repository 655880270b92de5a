# SPDX-License-Identifier: GPL-2.0-or-later
"""What a constant holds, as far as its initialiser says it: numbers, and addresses."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

import z3

from reviewer.c.text import closing_bracket, split_arguments
from reviewer.facts.header import Header
from reviewer.prover.interpret.run import Frame, Run
from reviewer.prover.memory.places import Place
from reviewer.prover.memory.tagged_names import (
    array_key,
    begins_with,
    label_of,
    memory_name,
)
from reviewer.prover.names.macro_at_line import hangs_on_its_place
from reviewer.prover.syntax import snippet
from reviewer.prover.term_types import BitVec
from reviewer.prover.values.integers import CType, Value, convert, number
from reviewer.prover.values.solver_terms import constant

MOST = 64  # elements
LARGEST = 4000  # characters of an initialiser
_OBJECT = re.compile(r"&(\w+)(?: \[(?:before|after)\])?\Z")
_ROW = re.compile(r"\s*\.(\w+)\s*=\s*(&?[A-Za-z_]\w*)\s*\Z")
_ELSEWHERE = frozenset(["volatile", "extern", "__weak"])  # it may be another
_SIDE = re.compile(r"global (\w+)(?: \[(?:before|after)\])?\[\]\Z")


def read(frame: Frame, place: Place, otherwise: Value) -> Value:
    """Returns an element of a constant table of this file, ``otherwise`` beyond its
    end, and for a place that is in no such table; the address that a constant pointer
    holds, one in a constant struct, too."""
    if place.ctype.kind == "pointer" and not place.ctype.array:
        return _pointer(frame, place) or otherwise
    match = _SIDE.match(place.key)
    if match is None or place.ctype.kind not in ("int", "bool"):
        return otherwise
    first = _first(frame.run, place.key)
    values = None if first is None else table_values(frame, match[1], place.ctype)
    if first is None or values is None:
        return otherwise
    size = place.ctype.bits // 8
    expr = otherwise.expr
    for at in range(len(values) - 1, -1, -1):
        address = first if not at else first + constant(at * size, 64)
        here = z3.simplify(place.lies_at == address)
        expr = z3.If(here, values[at].expr, expr)
    return Value(z3.simplify(expr), place.ctype)


def _pointer(frame: Frame, place: Place) -> Value | None:
    from reviewer.prover.interpret.macro_texts import evaluate_text

    here = frame.run.definitions.here
    owner = _OBJECT.match(label_of(place.lies_at))
    if owner is None or place.lies_at.num_args():
        return None
    name = memory_name(place.key)
    if name.kind == "member":
        declared = frame.run.global_type(owner[1])
        if declared is None or str(declared) != f"struct {name.struct}":
            return None  # of a struct in it
        text = initialiser_text(here, owner[1]) or "{}"
        told = (_ROW.match(part) for part in split_arguments(text[1:-1]))
        rows = [row[2] for row in told if row is not None and row[1] == name.name]
    else:
        rows = _constant_pointer(owner[1]).findall(here.code)
    if len(rows) != 1:
        return None
    value = evaluate_text(frame, rows[0])
    return value if begins_with(value.expr, "&") else None


def _first(run: Run, key: str) -> BitVec | None:
    """The address of the table's first element."""
    whole = array_key(key)
    for number_, (known, _ctype) in run.stack.items():
        if known == whole:
            return run.global_places.get(number_)
    return None


def table_values(frame: Frame, word: str, ctype: CType) -> list[Value] | None:
    """Returns the values of a ``const`` array, None where they are not plain
    numbers."""
    run = frame.run
    if word not in run.tables:
        run.tables[word] = None  # of a table that names itself
        run.tables[word] = _elements(frame, word, ctype)
    return run.tables[word]


def _elements(frame: Frame, word: str, ctype: CType) -> list[Value] | None:
    from reviewer.prover.interpret.sizes import array_length

    run = frame.run
    here = run.definitions.here
    text = initialiser_text(here, word)
    declared = run.global_type(word)
    if text is None or declared is None or not declared.array:
        return None
    if hangs_on_its_place(here, text):
        return None
    if declared.to is None or declared.to.array:
        return None
    return listed_values(frame, text, ctype, array_length(run, declared))


def listed_values(
    frame: Frame, text: str, ctype: CType, length: int | None
) -> list[Value] | None:
    """Reads ``{ 1, [3] = 2 }``: the values, 0 for those that are not told; None where
    one is no plain number."""
    from reviewer.prover.interpret.macro_texts import evaluate_text
    from reviewer.prover.limits import TooLarge, Unsupported

    source = snippet(f"int table[] = {text};")
    found = next(source.walk(source.root, "initializer_list"), None)
    if found is None or source.root.has_error:
        return None
    values: dict[int, Value] = {}
    at = 0
    for part in found.named_children:
        if part.type == "comment":
            continue
        given = part
        try:
            if part.type == "initializer_pair":
                where = part.children_by_field_name("designator")
                if len(where) != 1 or where[0].type != "subscript_designator":
                    return None
                place = evaluate_text(frame, source.text(where[0])[1:-1].strip())
                index = z3.simplify(place.expr)
                if not z3.is_bv_value(index):
                    return None
                inner = part.child_by_field_name("value")
                if inner is None:
                    return None
                at, given = index.as_long(), inner
            if given.type == "initializer_list" or at >= MOST:
                return None
            value = evaluate_text(frame, source.text(given))
        except TooLarge:
            raise
        except Unsupported:
            return None
        value = convert(value, ctype, frame.run.opaque)
        values[at] = replace(value, expr=z3.simplify(value.expr))
        at += 1
    size = length if length is not None else max(values, default=-1) + 1
    if size > MOST or not all(z3.is_bv_value(v.expr) for v in values.values()):
        return None
    return [values.get(place, number(0, ctype)) for place in range(size)]


def initialiser_text(source: Header, name: str) -> str | None:
    """Returns the text ``{ ... }`` of the one ``const`` array or struct of a name in a
    file, None for others."""
    head = re.compile(
        rf"^(?:static|const|volatile|\w+)\b[\w \t]*[\s]{re.escape(name)}"
        r"\s*(?:\[[^\]\n]*\]\s*)?(?:__\w+\s*)*=\s*(?=\{)",
        re.MULTILINE,
    )
    found = list(head.finditer(source.code))
    if len(found) != 1:
        return None
    words = re.findall(r"\w+", found[0][0])
    if "const" not in words or not _ELSEWHERE.isdisjoint(words):
        return None
    start = found[0].end()
    end = closing_bracket(source.code[start : start + LARGEST], 0)
    text = source.clean[start : start + end + 1]
    return None if end < 0 or "#" in text or '"' in text else text


@lru_cache(maxsize=256)
def _constant_pointer(name: str) -> re.Pattern[str]:
    """Finds the declarations ``type *const name = address;``."""
    return re.compile(
        rf"^(?:static\s+)?(?!extern|volatile)\w[\w \t]*\*\s*const\s+{re.escape(name)}"
        r"\s*=\s*(&?[A-Za-z_]\w*)\s*;",
        re.MULTILINE,
    )
