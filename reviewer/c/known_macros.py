# SPDX-License-Identifier: GPL-2.0-or-later
"""Macros and names whose value is known without a look at the tree."""

from __future__ import annotations

from reviewer.c.expressions import CValue
from reviewer.patterns import regex

_NAME = regex(r"(?<![\w.])([A-Za-z_$]\w*)\s*(\(?)")

# Bodies of include/vdso/bits.h, include/linux/bits.h, include/uapi/linux/const.h and
# include/linux/const.h without their compile-time checks; the names have meant this
# in every release.  BITS_PER_LONG is that of LP64.
CONSTANTS = {
    "true": CValue(1),
    "false": CValue(0),
    "BITS_PER_LONG": CValue(64),
    "BITS_PER_LONG_LONG": CValue(64),
    "BITS_PER_BYTE": CValue(8),
}
MACROS: dict[str, tuple[int, str]] = {
    "UL": (1, "(unsigned long)(_0)"),
    "ULL": (1, "(unsigned long long)(_0)"),
    "_UL": (1, "(unsigned long)(_0)"),
    "_ULL": (1, "(unsigned long long)(_0)"),
    "BIT": (1, "1UL << _0"),
    "BIT_ULL": (1, "1ULL << _0"),
    "_BITUL": (1, "1UL << _0"),
    "_BITULL": (1, "1ULL << _0"),
    "BIT_MASK": (1, "1UL << (_0 % 64)"),
    "BIT_ULL_MASK": (1, "1ULL << (_0 % 64)"),
    "BIT_WORD": (1, "_0 / 64"),
    "GENMASK": (2, "(~0UL - (1UL << _1) + 1) & (~0UL >> (63 - _0))"),
    "GENMASK_ULL": (2, "(~0ULL - (1ULL << _1) + 1) & (~0ULL >> (63 - _0))"),
}


def stands_alone(text: str) -> bool:
    """Says whether no definition has to be looked for to evaluate a text."""
    return all(
        name in CONSTANTS or (called and name in MACROS)
        for name, called in _NAME.findall(text)
    )
