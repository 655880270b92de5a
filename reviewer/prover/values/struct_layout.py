# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the members of a struct lie, as far as one can tell.

Only what members of a union have in common is asked of it: a member whose offset is
not known (after an #if, a bit-field, a type that is not known) may lie anywhere
behind the last one whose offset is.
"""

from __future__ import annotations

from dataclasses import dataclass, field

Span = tuple[int, int | None]  # first byte, byte behind the last (None: not known)


@dataclass(slots=True)
class Layout:
    """The members seen so far, from the beginning of a struct or union."""

    union: bool
    spans: dict[str, Span] = field(default_factory=dict)
    arms: list[dict[str, Span]] = field(default_factory=list)
    known: int = 0  # nothing that follows lies before it
    exact: bool = True  # what follows lies right behind it
    size: int | None = 0
    align: int = 1
    odd: bool = False  # __packed, or macros between the members: no gap is known

    def add(self, names: dict[str, Span], size: int | None, align: int) -> None:
        """Puts members behind those that are there: ``names`` with their places from
        the first one's on, ``size`` (None: not known) and ``align`` in bytes."""
        if self.odd:
            align, self.exact = 1, False
        self.align = max(self.align, align)
        start = -(-self.known // align) * align if not self.union else 0
        here = {
            name: _moved(span, start, self.exact or self.union)
            for name, span in names.items()
        }
        self.arms.append(here)
        for name, span in here.items():
            self.spans[name] = _either(self.spans.get(name), span)
        if self.union:
            both = size is not None and self.size is not None
            self.size = max(self.size or 0, size or 0) if both else None
            self.size = None if self.odd else self.size
            return
        self.known = start + (size or 0)
        self.exact = self.exact and size is not None
        self.size = self.known if self.exact else None

    @property
    def whole(self) -> tuple[int, int] | None:
        """Returns the struct's size and alignment, None where they are not known."""
        if self.size is None:
            return None
        return -(-self.size // self.align) * self.align, self.align

    def over(self) -> dict[str, set[str]]:
        """Returns for each member of a union those that share a byte with it."""
        found: dict[str, set[str]] = {name: set() for name in self.spans}
        if not self.union:
            return found
        for place, one in enumerate(self.arms):
            for two in self.arms[:place]:
                for name, span in one.items():
                    for other, its in two.items():
                        if name != other and overlap(span, its):
                            found[name].add(other)
                            found[other].add(name)
        return found


def overlap(one: Span, two: Span) -> bool:
    """Says whether two members may share a byte."""
    return (two[1] is None or one[0] < two[1]) and (one[1] is None or two[0] < one[1])


def _moved(span: Span, by: int, exact: bool) -> Span:
    return span[0] + by, span[1] + by if exact and span[1] is not None else None


def _either(old: Span | None, new: Span) -> Span:
    if old is None:
        return new
    end = None if old[1] is None or new[1] is None else max(old[1], new[1])
    return min(old[0], new[0]), end
