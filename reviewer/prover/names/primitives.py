# SPDX-License-Identifier: GPL-2.0-or-later
"""What other CPUs and devices see of a function: the names, each with its header.

Documentation/memory-barriers.txt, Documentation/atomic_t.txt and
Documentation/atomic_bitops.txt say what they promise.  On one CPU most of them are
plain accesses, or nothing; that is all that a comparison for one CPU takes them for.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reviewer.prover.names.definitions import Definitions


class PrimitiveKind(StrEnum):
    """How a primitive is used.  ``OF``: its first argument is the place itself,
    ``AT``: it is a pointer to the place."""

    READ_OF = "read of"
    READ_AT = "read at"  # an acquire
    WRITE_OF = "write of"
    RELEASE_OF = "release of"
    RELEASE_AT = "release at"
    FENCE = "fence"  # nothing on one CPU
    BIT = "bit"
    ATOMIC = "atomic"
    DEVICE = "device"  # seen by a device: counts on one CPU, too


_LISTED: tuple[tuple[PrimitiveKind, str, str], ...] = (
    (PrimitiveKind.READ_OF, "include/asm-generic/rwonce.h", "READ_ONCE __READ_ONCE"),
    (
        PrimitiveKind.READ_OF,
        "include/linux/rcupdate.h",
        "rcu_dereference rcu_dereference_raw rcu_dereference_check rcu_access_pointer"
        " rcu_dereference_bh rcu_dereference_bh_check rcu_dereference_sched"
        " rcu_dereference_sched_check rcu_dereference_raw_check",
    ),
    (
        PrimitiveKind.READ_OF,
        "include/linux/srcu.h",
        "srcu_dereference srcu_dereference_check srcu_dereference_notrace",
    ),
    (PrimitiveKind.READ_AT, "include/asm-generic/barrier.h", "smp_load_acquire"),
    (PrimitiveKind.WRITE_OF, "include/asm-generic/rwonce.h", "WRITE_ONCE __WRITE_ONCE"),
    (PrimitiveKind.WRITE_OF, "include/linux/rcupdate.h", "RCU_INIT_POINTER"),
    (PrimitiveKind.RELEASE_OF, "include/linux/rcupdate.h", "rcu_assign_pointer"),
    (PrimitiveKind.RELEASE_OF, "include/asm-generic/barrier.h", "smp_store_mb"),
    (PrimitiveKind.RELEASE_AT, "include/asm-generic/barrier.h", "smp_store_release"),
    (PrimitiveKind.FENCE, "include/linux/compiler.h", "barrier"),
    (
        PrimitiveKind.FENCE,
        "include/asm-generic/barrier.h",
        "smp_mb smp_rmb smp_wmb smp_mb__before_atomic smp_mb__after_atomic"
        " smp_acquire__after_ctrl_dep",
    ),
    (
        PrimitiveKind.FENCE,
        "include/linux/spinlock.h",
        "smp_mb__after_spinlock smp_mb__after_unlock_lock",
    ),
    (PrimitiveKind.FENCE, "include/linux/processor.h", "cpu_relax"),
    (
        PrimitiveKind.BIT,
        "include/asm-generic/bitops/instrumented-atomic.h",
        "set_bit clear_bit change_bit test_and_set_bit test_and_clear_bit"
        " test_and_change_bit",
    ),
    (
        PrimitiveKind.BIT,
        "include/asm-generic/bitops/instrumented-lock.h",
        "clear_bit_unlock __clear_bit_unlock test_and_set_bit_lock",
    ),
    (
        PrimitiveKind.BIT,
        "include/asm-generic/bitops/instrumented-non-atomic.h",
        "test_bit test_bit_acquire",
    ),
    (
        PrimitiveKind.DEVICE,
        "include/asm-generic/barrier.h",
        "mb rmb wmb dma_mb dma_rmb dma_wmb io_stop_wc pmem_wmb",
    ),
    (
        PrimitiveKind.DEVICE,
        "include/asm-generic/io.h",
        " ".join(
            [f"{way}{size}{order}" for way in ("read", "write") for size in "bwlq"
             for order in ("", "_relaxed")]
            + [f"__raw_{way}{size}" for way in ("read", "write") for size in "bwlq"]
            + [f"{way}{size}" for way in ("in", "out") for size in "bwl"]
            + [f"io{way}{size}" for way in ("read", "write")
               for size in ("8", "16", "16be", "32", "32be", "64", "64be")]
        ),
    ),
)  # fmt: skip
KINDS = {name: kind for kind, _header, names in _LISTED for name in names.split()}
# include/linux/atomic/atomic-instrumented.h has every operation on an atomic variable.
_ATOMIC = re.compile(r"(?:raw_|arch_)*(?:atomic(?:64|_long)?_\w+|(?:try_)?cmpxchg\w*"
                     r"|xchg(?:_relaxed|_acquire|_release)?)\Z")  # fmt: skip
_ORDER = re.compile(r"_(?:relaxed|acquire|release)\Z")


def kind_of(word: str) -> PrimitiveKind | None:
    """Says what kind of primitive a name is, None for one that other CPUs see nothing
    of."""
    found = KINDS.get(word)
    if found is None and _ATOMIC.match(word):
        return PrimitiveKind.ATOMIC
    return found


# What each promises to other CPUs, where that is more than an access; of a name that
# is not here it is not said.  Documentation/memory-barriers.txt, atomic_bitops.txt.
_PROMISES = {
    name: promise
    for promise, names in {
        "a marked access": "READ_ONCE WRITE_ONCE RCU_INIT_POINTER",
        "acquire": "smp_load_acquire",
        "release": "smp_store_release",
        "a full fence": "smp_mb",
        "a fence of reads": "smp_rmb",
        "a fence of writes": "smp_wmb",
        "a fence of the compiler": "barrier cpu_relax",
        "atomic without order": "set_bit clear_bit change_bit",
        "atomic with release": "clear_bit_unlock",
        "atomic with acquire": "test_and_set_bit_lock",
        "atomic and ordered": "test_and_set_bit test_and_clear_bit test_and_change_bit",
        "a release that is not atomic": "__clear_bit_unlock",
        "a look at a bit": "test_bit",
        "a look at a bit, with acquire": "test_bit_acquire",
    }.items()
    for name in names.split()
}


def promise(word: str) -> str | None:
    """Says what a primitive promises to other CPUs, None where that is not known
    here."""
    return _PROMISES.get(word)


def without_ordering(definitions: Definitions, word: str) -> str:
    """Returns the operation without its ordering, ``word`` itself if it has none.

    ``atomic_inc_return_relaxed()`` is ``atomic_inc_return()`` on one CPU: the tree
    says so where it has the two beside each other in one header.
    """
    plain = _ORDER.sub("", word)
    if plain == word or not _ATOMIC.match(word):
        return word
    one, two = (_headers_with(definitions, name) for name in (word, plain))
    return plain if one & two else word


def _headers_with(definitions: Definitions, name: str) -> set[str]:
    found = {text.path for text in definitions.functions(name)}
    return found | {text.path for text in definitions.macros(name)}


def times_in_words(count: int) -> str:
    """Words a number of times: "once", "twice"."""
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")


def primitives_in_words(before: list[str], after: list[str]) -> str:
    """Words what became of the primitives of a function, "" if nothing did.

    ``before`` and ``after``: those that each side uses, as often as it does.
    """
    gone = [word for word in dict.fromkeys(before) if word not in after]
    new = [word for word in dict.fromkeys(after) if word not in before]
    if len(gone) == len(new) == 1:
        return f"{gone[0]}() became {new[0]}()"
    told = [f"{word}() is gone" for word in gone] + [f"{word}() is new" for word in new]
    for word in dict.fromkeys(before):
        had, has = before.count(word), after.count(word)
        if has and had != has:
            told.append(
                f"{word}() is used {times_in_words(has)}, it was {times_in_words(had)}"
            )
    return ", ".join(told)
