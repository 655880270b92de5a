# SPDX-License-Identifier: GPL-2.0-or-later
"""Byte order: swab16() and its kind, le32_to_cpu() and its kind.

include/uapi/linux/swab.h, include/linux/byteorder/generic.h; every architecture that
can be big-endian has CONFIG_CPU_BIG_ENDIAN (arch/*/Kconfig).
"""

from __future__ import annotations

import re

import z3

from reviewer.c.formula import atom
from reviewer.prover.interpret.run import Run
from reviewer.prover.values.integers import U16, U64, UINT, Value, convert

_SWAP = re.compile(r"(?:__builtin_bswap|(?:__)?swab)(16|32|64)\Z")
_ORDER = re.compile(r"(?:__)?(?:(le|be)(16|32|64)_to_cpu|cpu_to_(le|be)(16|32|64))\Z")
_TYPES = {16: U16, 32: UINT, 64: U64}
BIG = atom("CONFIG_CPU_BIG_ENDIAN")


def turns_byte_order(word: str) -> bool:
    """Says whether a name is that of a conversion of the byte order."""
    return bool(_SWAP.match(word) or _ORDER.match(word))


def swapped_number(run: Run, word: str, value: Value) -> Value:
    """Returns a number after the conversion ``word``, such as ``cpu_to_le32``."""
    found = _SWAP.match(word)
    if found:
        bits, turns = int(found[1]), None
    else:
        match = _ORDER.match(word)
        assert match is not None
        bits = int(match[2] or match[4])
        turns = run.formula(BIG)
        turns = turns if "le" in (match[1], match[3]) else z3.Not(turns)
    given = convert(value, _TYPES[bits], run.opaque).expr
    other = z3.Concat(*(z3.Extract(at + 7, at, given) for at in range(0, bits, 8)))
    return Value(other if turns is None else z3.If(turns, other, given), _TYPES[bits])
