# SPDX-License-Identifier: GPL-2.0-or-later
"""Words of memory drawn in characters."""

from __future__ import annotations

from collections.abc import Sequence


def bit_row(numbers: Sequence[str], names: Sequence[str], mark: int) -> tuple[str, ...]:
    """Returns neighbouring bits of a word, the highest on the left, one pointed at."""
    widths = [
        max(len(number), len(name)) + 2
        for number, name in zip(numbers, names, strict=True)
    ]
    head = " ".join(n.center(w) for n, w in zip(numbers, widths, strict=True))
    edge = "+" + "+".join("-" * width for width in widths) + "+"
    row = "|" + "|".join(n.center(w) for n, w in zip(names, widths, strict=True)) + "|"
    left = 1 + sum(width + 1 for width in widths[:mark])
    pointer = " " * left + "^".center(widths[mark])
    return (f"bit {head}".rstrip(), f"    {edge}", f"... {row} ...", f"    {edge}",
            f"    {pointer}".rstrip())  # fmt: skip


_SHOWN = 5  # bits in a picture of neighbours


def neighbours(bits: Sequence[tuple[str, str]], index: int) -> tuple[str, ...]:
    """Returns a bit among those beside it; ``bits`` is (number, name) from bit 0
    upwards."""
    first = max(0, min(index - _SHOWN // 2, len(bits) - _SHOWN))
    window = list(enumerate(bits))[first : first + _SHOWN][::-1]
    mark = next(n for n, (place, _) in enumerate(window) if place == index)
    return bit_row([bit[0] for _, bit in window], [bit[1] for _, bit in window], mark)


def low_field(name: str, mask: int, shown: str) -> tuple[str, ...]:
    """Returns a pointer whose low bits are a field: ``shown`` are the field's
    digits."""
    digits = mask.bit_length()
    edge = "+" + "-" * 36 + "+" + "---+" * digits
    top = (
        "63"
        + " " * 31
        + f"{digits}"
        + "".join(f"{bit:>4}" for bit in range(digits - 1, -1, -1))
    )
    row = "|" + " the rest: where it points".ljust(36) + "|"
    row += "".join(f" {digit} |" for digit in shown)
    return (f"  {top}", f"  {edge}", f"  {row}  {name}", f"  {edge}")


def top_byte(value: str) -> tuple[str, ...]:
    """Returns a 32-bit word whose top byte is a type."""
    return (
        "  31        24 23                            0",
        "  +-----------+-------------------------------+",
        f"  | {value.center(9)} | {'data of the type'.ljust(29)} |  page_type",
        "  +-----------+-------------------------------+",
    )
