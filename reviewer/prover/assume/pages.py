# SPDX-License-Identifier: GPL-2.0-or-later
"""Pages as the solver sees them: small, head or tail of a folio, and their words.

The numbers come from the facts of each tree.  Where the two trees number their flags
or encode their page types differently, a word is put together from named states, so
that "PG_lru is set" means the same page on both sides.

States that cannot exist are excluded by named assumptions; each can be switched off
by its name (``assumptions.ASSUMPTIONS``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import z3

from reviewer.facts.missing_fact import FactsMissing
from reviewer.prover.assume.assumptions import ASSUMPTIONS as ASSUMPTIONS
from reviewer.prover.assume.assumptions import DEFAULT as DEFAULT
from reviewer.prover.assume.flag_numbers import (
    Choices,
    Flags,
    flag_numbers,
    renamed_flags,
    type_style,
    type_values,
)
from reviewer.prover.memory.state import entry_world, memory_of_member, world_sort
from reviewer.prover.values.solver_terms import all_of, constant, of_context, width

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reviewer.facts import Facts
    from reviewer.facts.fields import FieldState
    from reviewer.prover.interpret.run import Encoder, Run
    from reviewer.prover.term_types import BitVec, Bool, Decl, Term
    from reviewer.prover.values.integers import CType


@dataclass(frozen=True, slots=True)
class Assumption:
    """One instance of a named assumption, as a formula."""

    name: str
    formula: Bool


@dataclass(slots=True)
class PageModel:
    """The pages and folios among the inputs of a comparison.

    ``pages`` and ``folios`` map the parameter's name to its address, ``inputs`` the
    name of a number to its type.
    """

    runs: tuple[Run, Run]
    facts: tuple[Facts | None, Facts | None]
    pages: dict[str, BitVec] = field(default_factory=dict)
    folios: dict[str, BitVec] = field(default_factory=dict)
    inputs: dict[str, CType] = field(default_factory=dict)
    flag_names: list[str] = field(default_factory=list)
    type_names: list[str] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    numbers: dict[int, Flags] = field(default_factory=dict)
    encoded: bool = False

    def __post_init__(self) -> None:
        self.renamed = renamed_flags(*self.facts)
        self.flag_names = self._union(self._numbers)
        types_ = dict.fromkeys(_stem(name) for name in self._union(type_values))
        self.type_names = list(types_)
        flags = [flag_numbers(facts) for facts in self.facts]
        types = [type_values(facts) for facts in self.facts]
        known = all(flags) and all(types)
        self.encoded = known and (flags[0] != flags[1] or types[0] != types[1])
        if self.encoded:
            for run, facts in zip(self.runs, self.facts, strict=True):
                run.encoder = self.encoder(facts)

    def _numbers(self, facts: Facts | None) -> Flags:
        """The flags of a tree, each by the name that the trees have in common."""
        if id(facts) not in self.numbers:
            self.numbers[id(facts)] = tuple(
                (self.renamed.get(name, name), choices)
                for name, choices in flag_numbers(facts)
            )
        return self.numbers[id(facts)]

    def _union(
        self, read: Callable[[Facts | None], Sequence[tuple[str, object]]]
    ) -> list[str]:
        names: dict[str, None] = {}
        for facts in self.facts:
            for name, *_rest in read(facts):
                names[name] = None
        return list(names)

    # --- addresses ----------------------------------------------------------------

    @property
    def bits(self) -> int:
        """The width of unsigned long."""
        return self.runs[0].machine.long_bits

    def link(self, page: BitVec) -> BitVec:
        """Returns a page's compound_head word (include/linux/mm_types.h)."""
        array = memory_of_member("compound_head", self.bits, entry_world())
        return z3.Select(array, page)

    def is_tail(self, page: BitVec) -> Bool:
        """Says whether a page is a tail."""
        return z3.Extract(0, 0, self.link(page)) == constant(1, 1)

    def head(self, page: BitVec) -> BitVec:
        """Returns the address of a page's folio."""
        word = self.link(page) - 1
        wide = word if self.bits == 64 else z3.ZeroExt(32, word)
        return z3.If(self.is_tail(page), wide, page)

    def places(self) -> dict[str, BitVec]:
        """Returns all addresses that assumptions are made for: pages, their heads,
        folios."""
        found = dict(self.folios)
        for name, page in self.pages.items():
            found[name] = page
            found[f"{name}'s folio"] = self.head(page)
        return found

    # --- words --------------------------------------------------------------------

    def flag(self, name: str, address: BitVec) -> Bool:
        """Says whether a flag is set in the word at an address."""
        if self.encoded:
            return _named(name, entry_world(), address)
        word = self.flags(address)
        number = self.flag_number(name)
        shifted = z3.LShR(word, number)
        return z3.Extract(0, 0, shifted) == constant(1, 1)

    def flags(self, address: BitVec) -> BitVec:
        """Returns the raw flags word at an address."""
        array = memory_of_member("flags", self.bits, entry_world())
        return z3.Select(array, address)

    def flag_number(self, name: str) -> BitVec:
        """Returns the number of a flag, which may depend on options."""
        facts = self.facts[1] or self.facts[0]
        for flag, numbers in self._numbers(facts):
            if flag == name:
                return _choice(self.runs[1], numbers, self.bits)
        return constant(self.bits - 1, self.bits)

    def mapping(self, address: BitVec) -> BitVec:
        """Returns the mapping word at an address."""
        array = memory_of_member("mapping", self.bits, entry_world())
        return z3.Select(array, address)

    # --- encoders -----------------------------------------------------------------

    def encoder(self, facts: Facts | None) -> Encoder:
        """Returns the function that puts a word together from named states, for one
        side."""
        numbers = self._numbers(facts)
        types = {_stem(name): value for name, value in type_values(facts)}
        style = type_style(facts)

        made: dict[tuple[str, int, int], tuple[BitVec | None, Term, BitVec]] = {}

        def encode(
            run: Run, key: str, bits: int, world: Term, address: BitVec
        ) -> BitVec | None:
            at = key, world.get_id(), address.get_id()
            if at not in made:
                made[at] = put_together(run, key, bits, world, address), world, address
            return made[at][0]

        def put_together(
            run: Run, key: str, bits: int, world: Term, address: BitVec
        ) -> BitVec | None:
            if key == "flags" and bits == run.machine.long_bits:
                return self._flags_word(run, numbers, world, address)
            if key == "page_type" and bits == 32:
                return self._type_word(types, style, world, address)
            return None

        return encode

    def _flags_word(
        self, run: Run, numbers: Flags, world: Term, address: BitVec
    ) -> BitVec:
        bits = run.machine.long_bits
        above = z3.Function(
            "zone and node", world_sort(), address.sort(), z3.BitVecSort(bits)
        )
        top = max(n for _name, choices in numbers for n, _c in choices) + 1
        word = (above(world, address) >> top) << top
        for name, choices in numbers:
            is_set = _named(name, world, address)
            stem = _stem(name)
            if stem in self.type_names:  # a flag here, a type there
                state = _type_state(world, address)
                place = self.type_names.index(stem) + 1
                is_set = state == constant(place, 8)
            for number, condition in choices:
                flag = all_of(is_set, run.formula(condition))
                word = word | z3.If(
                    flag, constant(1 << number, bits), constant(0, bits)
                )
        return word

    def _type_word(
        self,
        types: dict[str, int],
        style: tuple[str, int],
        world: Term,
        address: BitVec,
    ) -> BitVec:
        state = _type_state(world, address)
        kind, shift = style
        low = z3.Function("type data", world_sort(), address.sort(), z3.BitVecSort(32))
        count = z3.Function("mapcount", world_sort(), address.sort(), z3.BitVecSort(31))
        # without a type it is a mapcount: -1 (nobody maps it) or more
        word = z3.ZeroExt(1, count(world, address)) - 1
        for place, name in enumerate(self.type_names, 1):
            value = types.get(name)
            if value is None:
                continue
            if kind == "value":
                data = z3.LShR(low(world, address) << (32 - shift), 32 - shift)
                typed = constant(value << shift, 32) | data
            else:
                typed = constant(0xFFFFFFFF & ~value, 32)
            word = z3.If(state == constant(place, 8), typed, word)
        return word

    # --- assumptions --------------------------------------------------------------

    def assumptions(self, wanted: tuple[str, ...]) -> list[Assumption]:
        """Returns the formulas of the assumptions that are on."""
        found: list[Assumption] = []

        def assume(name: str, formula: Bool) -> None:
            if name in wanted:
                found.append(Assumption(name, formula))

        for page in self.pages.values():
            tail, head = self.is_tail(page), self.head(page)
            assume(
                "tails-have-heads",
                z3.Implies(
                    tail, z3.And(head != page, z3.Not(self.is_tail(head)), head != 0)
                ),
            )
            assume(
                "heads-have-pg-head",
                z3.Implies(
                    tail,
                    z3.And(
                        self.flag("PG_head", head), z3.Not(self.flag("PG_head", page))
                    ),
                ),
            )
            for name in self._head_only():
                assume(
                    "tails-carry-no-head-flags",
                    z3.Implies(tail, z3.Not(self.flag(name, page))),
                )
            if self.encoded:
                untyped = _type_state(entry_world(), page) == constant(0, 8)
                assume("tails-carry-no-head-flags", z3.Implies(tail, untyped))
        for folio in self.folios.values():
            assume("folios-are-no-tails", z3.Not(self.is_tail(folio)))
        zeros = self._huge_zero_folios()
        for folio in zeros:
            large = z3.And(z3.Not(self.is_tail(folio)), self.flag("PG_head", folio))
            assume("one-huge-zero-folio", z3.Implies(folio != 0, large))
            assume("one-huge-zero-folio", folio == zeros[0])
        for address in self.places().values():
            assume("pointers-are-aligned", address & 7 == 0)
            for formula in self._ksm(address):
                assume("no-ksm-page-without-config-ksm", formula)
            if self.encoded:
                for formula in self._gated(address):
                    assume("flags-exist-with-their-option", formula)
        return found

    def _head_only(self) -> list[str]:
        """Flags that no generator gives to any page but the head."""
        found = []
        for name in self.flag_names:
            if name == "PG_head":
                continue
            policies = set()
            for facts in self.facts:
                if facts is not None:
                    policies |= _policies(facts, name)
            if policies and policies <= _HEAD_POLICIES:
                found.append(name)
        return found

    def bit_in_second_page(self, flag: str) -> str:
        """Says what a flag's bit is called in the second page of a folio."""
        for facts in reversed(self.facts):
            if facts is None or flag not in facts.page_flags:
                continue
            for other in facts.page_flags.sharing(flag):
                policies = _policies(facts, other.name)
                if policies and policies <= _SECOND_POLICIES:
                    return other.name
        return flag

    def _huge_zero_folios(self) -> list[BitVec]:
        """What the kernel's variable of that name holds, where a side reads it."""
        found: dict[int, BitVec] = {}
        for run in self.runs:
            for address, name, _kind in run.unknowns.applied.values():
                if name in HUGE_ZERO and address.get_id() in run.stack:
                    key, ctype = run.stack[address.get_id()]
                    array = memory_of_member(key, ctype.bits, entry_world())
                    found[address.get_id()] = z3.Select(array, address)
        return list(found.values())

    def _ksm(self, address: BitVec) -> list[Bool]:
        for facts, run in zip(self.facts, self.runs, strict=True):
            if facts is None:
                continue
            try:
                mask = facts.mapping_field.mask
                ksm = [s for s in facts.mapping_field.states if _is_ksm(s)]
            except FactsMissing:
                continue
            if ksm:
                low = self.mapping(address) & mask
                is_ksm = low == ksm[0].value
                return [z3.Implies(is_ksm, run.option("CONFIG_KSM"))]
        return []

    def _gated(self, address: BitVec) -> list[Bool]:
        found = []
        for name in self.flag_names:
            exists = []
            for facts, run in zip(self.facts, self.runs, strict=True):
                for flag, choices in self._numbers(facts):
                    if flag == name:
                        exists.append(z3.Or([run.formula(c) for _n, c in choices]))
            found.append(
                z3.Implies(_named(name, entry_world(), address), z3.Or(exists))
            )
        state = _type_state(entry_world(), address)
        found.append(z3.ULE(state, len(self.type_names)))
        return found


HUGE_ZERO = ("&huge_zero_folio", "&huge_zero_page")  # include/linux/huge_mm.h
_SECOND_POLICIES = {"PF_SECOND", "FOLIO_SECOND_PAGE", "FOLIO_PF_SECOND"}
_HEAD_POLICIES = {
    "PF_HEAD", "PF_NO_TAIL", "PF_ONLY_HEAD", "FOLIO_HEAD_PAGE", "PF_NO_COMPOUND",
    "FOLIO_PF_HEAD", "FOLIO_PF_NO_TAIL", "FOLIO_PF_ONLY_HEAD", "FOLIO_PF_NO_COMPOUND",
}  # fmt: skip


def _is_ksm(state: FieldState) -> bool:
    return state.label == "ksm" or any("KSM" in name for name in state.names)


def _named(name: str, world: Term, address: BitVec) -> Bool:
    return _flag_of(name, width(address))(world, address)


@of_context
def _flag_of(name: str, bits: int) -> Decl:
    """A flag, as a function of the world and the address of a page."""
    return z3.Function(name, world_sort(), z3.BitVecSort(bits), z3.BoolSort())


def _type_state(world: Term, address: BitVec) -> BitVec:
    return z3.Function("page type", world_sort(), address.sort(), z3.BitVecSort(8))(
        world, address
    )


def _stem(name: str) -> str:
    return name.partition("_")[2]


def _choice(run: Run, numbers: Choices, bits: int) -> BitVec:
    word = constant(bits - 1, bits)
    for number, condition in numbers:
        word = z3.If(run.formula(condition), constant(number, bits), word)
    return z3.simplify(word)


def _policies(facts: Facts, flag: str) -> set[str]:
    found: set[str] = set()
    try:
        helpers = facts.helpers.of_flag(flag)
    except FactsMissing:
        return found
    for helper in helpers:
        for definition in helper.definitions:
            if definition.policy:
                found.add(definition.policy)
    return found
