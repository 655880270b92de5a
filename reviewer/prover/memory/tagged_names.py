# SPDX-License-Identifier: GPL-2.0-or-later
"""The names of memories and of the solver's functions: made and read here only.

What a term means stands in the name of its function, for z3 keeps nothing else of
ours.  A memory has a *key*: ``len@foo`` is the member ``len`` of every struct foo,
``global jiffies`` a variable, ``stack u32 x#0`` a local that lies in memory, and
``[]`` behind one of them are the elements of an array.  Such a memory in a world is
the function ``memory KEY:BITS``, and ``write KEY:BITS`` is a world in which one was
written.  Behind ``|`` in a name are the sorts of the operands (``state.apply``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import z3

from reviewer.prover.term_types import Term

FIELD = "&->"  # prefix of the functions that give the address of a member
LOCAL = "&local "  # prefix of the addresses of locals
INPUT = "input "  # prefix of the words that a function is given
OF = "@"  # between a member and the struct it is of
GLOBAL = "global "  # prefix of the keys of variables
WRITE = "write "  # prefix of the worlds in which a memory was written
UNDER = " under "  # between a memory and the one that was stored over it
_STACK, _ELEMENTS, _MEMORY = "stack ", "[]", "memory "
_CONTAINER = "container_of "


@dataclass(frozen=True, slots=True)
class MemoryName:
    """What a key stands for: ``kind`` is member, stack or global.

    ``struct`` is the tag of a member's struct, None where it is not told apart (struct
    page and folio).
    """

    kind: str
    name: str
    struct: str | None = None
    elements: bool = False

    def key(self) -> str:
        """Returns the key of this name; ``memory_name`` reads it back."""
        prefix = {"stack": _STACK, "global": GLOBAL}.get(self.kind, "")
        struct = "" if self.struct is None else f"{OF}{self.struct}"
        return f"{prefix}{self.name}{struct}{_ELEMENTS if self.elements else ''}"

    def shown(self) -> str:
        """Returns the name for a person: ``->len``, ``jiffies``."""
        name = f"{self.name}{_ELEMENTS if self.elements else ''}"
        return f"->{name}" if self.kind == "member" else name


@lru_cache(maxsize=4096)
def memory_name(key: str) -> MemoryName:
    """Returns the parts of a key of memory: its kind, the member, the struct."""
    bare = key.removesuffix(_ELEMENTS)
    elements = bare != key
    for kind, prefix in (("stack", _STACK), ("global", GLOBAL)):
        if bare.startswith(prefix):
            return MemoryName(kind, bare.removeprefix(prefix), None, elements)
    name, is_told, struct = bare.partition(OF)
    return MemoryName("member", name, struct if is_told else None, elements)


def stack_key(what: str) -> str:
    """Returns the key of a local that lies in memory."""
    return _STACK + what


def global_key(word: str) -> str:
    """Returns the key of a global variable."""
    return GLOBAL + word


def elements_key(key: str) -> str:
    """Returns the key of the elements of an array, for one that has it already, too."""
    return key if key.endswith(_ELEMENTS) else key + _ELEMENTS


def array_key(key: str) -> str:
    """Returns the key of the array that elements are of."""
    return key.removesuffix(_ELEMENTS)


def has_elements(key: str) -> bool:
    """Says whether a key is that of an array's elements."""
    return key.endswith(_ELEMENTS)


def is_variable(key: str) -> bool:
    """Says whether a key is that of a variable, of no member."""
    return key.startswith((_STACK, GLOBAL))


def is_stack(key: str) -> bool:
    """Says whether a key is that of a local, which nobody else sees."""
    return key.startswith(_STACK)


def field_name(key: str) -> str:
    """Returns the name of the member that a key is of, [] behind it for elements."""
    name, _, rest = key.partition(OF)
    return name + (_ELEMENTS if rest.endswith(_ELEMENTS) else "")


# --- names of terms -------------------------------------------------------------------


def label_of(term: Term) -> str:
    """Returns the name of a term's function, without the sorts of its operands."""
    return term.decl().name().partition("|")[0]


def field_key(address: Term) -> str | None:
    """Returns the key of the member that this is the address of, else None."""
    if address.num_args() != 1:
        return None
    name = address.decl().name()
    return name[len(FIELD) :] if name.startswith(FIELD) else None


def input_name(term: Term) -> str | None:
    """Returns the name of the input that a term is, else None."""
    name = term.decl().name()
    return name.removeprefix(INPUT) if name.startswith(INPUT) else None


def memory_label(key: str, bits: int) -> str:
    """Returns the name of the solver's function from a world to one memory in it.

    ``key`` says of which field or local the memory is, ``bits`` how wide a word is.
    """
    return f"{_MEMORY}{key}:{bits}"


def memory_in(array: Term) -> tuple[str, int] | None:
    """Returns the key and the width of a memory as it is in a world, else None."""
    return _key_and_width(array, _MEMORY)


def write_label(key: str, bits: int) -> str:
    """Returns the name of the solver's function that puts a changed memory into a
    world; ``key`` and ``bits`` are those of ``memory_label``."""
    return f"{WRITE}{key}:{bits}"


def written_in(world: Term) -> tuple[str, int] | None:
    """Returns the key and the width of the memory that made this world, else None."""
    return _key_and_width(world, WRITE)


def _key_and_width(term: Term, prefix: str) -> tuple[str, int] | None:
    name = term.decl().name()
    if not name.startswith(prefix):
        return None
    key, _, bits = name.removeprefix(prefix).rpartition(":")
    return key, int(bits)


def container_label(struct: str, key: str) -> str:
    """Returns the name of container_of() from a member to its struct."""
    return f"{_CONTAINER}{struct} {key}"


def is_container(term: Term, key: str = "") -> bool:
    """Says whether a term is made by container_of(), of this member if one is named."""
    label = label_of(term)
    return label.startswith(_CONTAINER) and label.endswith(f" {key}" if key else "")


def is_derived(address: Term) -> bool:
    """Says whether an address is that of a part, or of the holder, of another's."""
    return address.decl().name().startswith((FIELD, _CONTAINER))


def begins_with(term: Term, *prefixes: str) -> bool:
    """Says whether the name of a term's function begins with one of these tags."""
    return z3.is_app(term) and term.decl().name().startswith(prefixes)
