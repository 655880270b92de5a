# SPDX-License-Identifier: GPL-2.0-or-later
"""Memory that is asked for, by what the headers of the allocators say.

In 6.12 most allocators are macros around a function and a count of it (include/linux/
alloc_tag.h), in 6.1 functions; both times one question is asked of one allocator.
"""

from __future__ import annotations

from dataclasses import dataclass

from reviewer.prover.names.definitions import Definitions

_SLAB = ("include/linux/slab.h",)
_EITHER = (*_SLAB, "include/linux/mm.h")
_VMALLOC = ("include/linux/vmalloc.h",)
_DEVICE = ("include/linux/device.h", "include/linux/device/devres.h")


@dataclass(frozen=True, slots=True)
class Allocator:
    """What is asked, whatever the name that it is asked by, and by which arguments:
    ``others`` are handed on as they are; without ``flags`` they are GFP_KERNEL."""

    asked: str
    headers: tuple[str, ...]
    number: int | None
    size: int
    flags: int | None
    zeroed: bool
    others: tuple[int, ...] = ()

    @property
    def arguments(self) -> int:
        """How many it takes."""
        places = (self.number, self.size, self.flags, *self.others)
        return sum(place is not None for place in places)


ALLOCATORS = {
    "kmalloc": Allocator("kmalloc", _SLAB, None, 0, 1, False),
    "kzalloc": Allocator("kmalloc", _SLAB, None, 0, 1, True),
    "kmalloc_array": Allocator("kmalloc", _SLAB, 0, 1, 2, False),
    "kcalloc": Allocator("kmalloc", _SLAB, 0, 1, 2, True),
    "krealloc": Allocator("krealloc", _SLAB, None, 1, 2, False, (0,)),
    "krealloc_array": Allocator("krealloc", _SLAB, 1, 2, 3, False, (0,)),
    "kvmalloc": Allocator("kvmalloc", _EITHER, None, 0, 1, False),
    "kvzalloc": Allocator("kvmalloc", _EITHER, None, 0, 1, True),
    "kvmalloc_array": Allocator("kvmalloc", _EITHER, 0, 1, 2, False),
    "kvcalloc": Allocator("kvmalloc", _EITHER, 0, 1, 2, True),
    "vmalloc": Allocator("vmalloc", _VMALLOC, None, 0, None, False),
    "vzalloc": Allocator("vmalloc", _VMALLOC, None, 0, None, True),
    "vmalloc_array": Allocator("vmalloc", _VMALLOC, 0, 1, None, False),
    "vcalloc": Allocator("vmalloc", _VMALLOC, 0, 1, None, True),
    "devm_kmalloc": Allocator("devm_kmalloc", _DEVICE, None, 1, 2, False, (0,)),
    "devm_kzalloc": Allocator("devm_kmalloc", _DEVICE, None, 1, 2, True, (0,)),
    "devm_kmalloc_array": Allocator("devm_kmalloc", _DEVICE, 1, 2, 3, False, (0,)),
    "devm_kcalloc": Allocator("devm_kmalloc", _DEVICE, 1, 2, 3, True, (0,)),
}
ASKED = frozenset(allocator.asked for allocator in ALLOCATORS.values())


def is_one(definitions: Definitions, word: str) -> bool:
    """Says whether a name is that of an allocator here."""
    return word in ALLOCATORS and is_of(definitions, word, ALLOCATORS[word].headers)


def is_of(definitions: Definitions, word: str, headers: tuple[str, ...]) -> bool:
    """Says whether a name is defined, or else declared, in these headers alone."""
    paths = [text.path for text in definitions.macros(word)]
    paths += [text.path for text in definitions.functions(word)]
    if not paths:
        paths = [one.path for one in definitions.files(word)][1:]
    return bool(paths) and all(path in headers for path in paths)
