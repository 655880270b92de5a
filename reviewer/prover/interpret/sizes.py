# SPDX-License-Identifier: GPL-2.0-or-later
"""Sizes and types that an expression names: sizeof, casts, arrays, integer literals."""

from __future__ import annotations

import re

import z3
from tree_sitter import Node

from reviewer.prover.interpret import macro_texts, unread_code
from reviewer.prover.interpret.run import Frame, Run
from reviewer.prover.limits import TooLarge, Unsupported
from reviewer.prover.memory.state import State
from reviewer.prover.syntax import snippet
from reviewer.prover.values import literals
from reviewer.prover.values.integers import (
    INT,
    S64,
    U64,
    UINT,
    UNKNOWN,
    CType,
    Value,
    number,
    plain_type,
)
from reviewer.prover.values.qualifiers import as_volatile

_NUMBER = re.compile(r"(0[xX][0-9a-fA-F]+|0[bB][01]+|\d+)([uUlL]*)\Z")
_BASES = {"0x": 16, "0b": 2}


def integer_constant(run: Run, text: str) -> Value | None:
    """Reads an integer constant with its type (C11 6.4.4.1), None for other
    constants."""
    match = _NUMBER.match(text)
    if match is None:
        return None
    digits, suffix = match[1], match[2].lower()
    base = _BASES.get(digits[:2].lower(), 8 if digits.startswith("0") else 10)
    try:
        value = int(digits, base)
    except ValueError:  # 08, or more digits than Python reads
        return None
    decimal = not digits.startswith("0")
    for ctype in (INT, UINT, run.machine.long, run.machine.ulong, S64, U64):
        if "u" in suffix and ctype.signed:
            continue
        if "ll" in suffix and ctype.rank < 5:
            continue
        if "l" in suffix and ctype.rank < 4:
            continue
        if decimal and "u" not in suffix and not ctype.signed:
            continue
        if value < 1 << (ctype.bits - (1 if ctype.signed else 0)):
            return number(value, ctype)
    return None


def character_constant(frame: Frame, node: Node) -> Value:
    """Reads a character constant (C11 6.4.4.4); one of several bytes, or a wide one,
    is not read."""
    text = frame.source.text(node)
    found = literals.literal_bytes(text[1:-1]) if text[0] == "'" else None
    if found is None or len(found) != 1:
        return unread_code.expression(frame, node)  # of several bytes, or wide
    signed = frame.run.machine.char.signed and found[0] > 127
    return number(found[0] - 256 if signed else found[0], INT)


_TYPEOF = re.compile(r"(?:__)?typeof(?:__|_unqual)?\s*\(\s*(.*)\)\s*(\**)\Z", re.DOTALL)
_QUALIFIED = re.compile(r"^(?:(?:const|volatile)\s+)+")


def type_of(frame: Frame, descriptor: Node) -> CType:
    """Returns the type that a type_descriptor or a typeof() names."""
    text = frame.source.norm(descriptor)
    check_lengths(frame.run, text)
    _check_is_constant(frame, descriptor)
    match = _TYPEOF.match(_QUALIFIED.sub("", text))
    if match is None:
        return frame.run.types.descriptor(descriptor, frame.source)
    ctype = macro_texts.type_of_text(frame, match[1])
    if "_unqual" in match[0].partition("(")[0]:
        ctype = plain_type(ctype)
    if "volatile" in text[: -len(match[0])]:
        ctype = as_volatile(ctype)
    for _star in match[2]:
        ctype = frame.run.machine.pointer(ctype)
    return ctype


_LENGTH = re.compile(r"\[([^\[\]]+)\]")
_CHANGES = re.compile(r"\+\+|--|(?<![=!<>])=(?!=)")
_WORD = re.compile(r"\b([A-Za-z_]\w*)(\s*\()?")


def check_lengths(run: Run, text: str) -> None:
    """Raises Unsupported for an array type whose length does something when it is
    asked for (C11 6.5.3.4): ``int[n++]``."""
    if "[" not in text:
        return
    for length in _LENGTH.findall(text):
        does = _CHANGES.search(length) is not None
        for word, called in _WORD.findall(length):
            named = called or run.definitions.is_macro(word)
            does |= bool(named) and not _only_looks(run, word)
        if does:
            raise Unsupported(f"an array whose length does something: {length[:40]}")


def _check_is_constant(frame: Frame, descriptor: Node) -> None:
    """Raises Unsupported for an array type with a variable in its length: its size is
    what that holds when the type is read."""
    source = frame.source
    for array in source.walk(descriptor, "abstract_array_declarator"):
        length = array.child_by_field_name("size")
        for word in source.walk(length, "identifier") if length is not None else ():
            if source.text(word) in frame.names:
                raise Unsupported("an array type whose length is a variable")


def _only_looks(run: Run, word: str) -> bool:
    return word in ("sizeof", "typeof") or run.definitions.readers.looks_only(word)


def array_length(run: Run, ctype: CType) -> int | None:
    """Returns how many elements an array has, None if that is no plain number."""
    from reviewer.prover.memory.state import entry_world

    if not ctype.array or not ctype.name:
        return None
    frame = Frame(run, snippet(""), State(z3.BoolVal(True), {}, entry_world()), INT)
    try:
        value = macro_texts.evaluate_text(frame, ctype.name)
    except TooLarge:
        raise
    except Unsupported:
        return None
    expr = z3.simplify(value.expr)
    return int(expr.as_long()) if z3.is_bv_value(expr) else None


def type_named(frame: Frame, node: Node | None) -> CType | None:
    """Returns the type in ``sizeof(u64)``, where the grammar sees a variable."""
    if node is None or node.type != "identifier":
        return None
    name = frame.source.text(node)
    if name in frame.names or frame.run.global_type(name) is not None:
        return None
    ctype = frame.run.types.named(name)
    return None if ctype.kind == "unknown" else ctype


def is_one_of_several(frame: Frame, node: Node) -> bool:
    """Says whether a name is a macro still, where those with one text were put in."""
    text = frame.source.text(node)
    return (
        node.type == "identifier"
        and text not in frame.names
        and frame.run.definitions.is_macro(text)
    )


def string_size(frame: Frame, node: Node) -> Value | None:
    """Returns ``sizeof`` of a string literal; None for others and for wide ones."""
    if node.type != "string_literal":
        return None
    size = literals.string_size(frame.source.text(node))
    return None if size is None else number(size, frame.run.machine.ulong)


def element_size(run: Run, ctype: CType) -> Value | None:
    """Returns how far ``p + 1`` goes, in bytes; None where the size is not known."""
    if ctype.kind == "void":
        return number(1, INT)
    if ctype.kind in ("int", "bool") or (ctype.kind == "pointer" and not ctype.array):
        return number(ctype.bits // 8, run.machine.ulong)
    if ctype.kind == "struct":
        return run.sizeof(ctype)
    if ctype.array:
        return _size_of_row(run, ctype)
    return None


def _size_of_row(run: Run, ctype: CType) -> Value | None:
    """The size of an array, as a number where the tree tells how long it is."""
    each = element_size(run, ctype.to or UNKNOWN)
    if each is None:
        return None
    length = array_length(run, ctype)
    if length is not None and z3.is_bv_value(each.expr):
        return number(length * each.expr.as_long(), run.machine.ulong)
    name = run.marked(f"sizeof({ctype})")
    sort = z3.BitVecSort(run.machine.long_bits)
    size = run.unknowns.apply(name, "constant", [], sort)
    return Value(size, run.machine.ulong)
