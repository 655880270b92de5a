# SPDX-License-Identifier: GPL-2.0-or-later
"""A witness in the words of the domain: "tail page, CONFIG_KSM=y, PG_lru set"."""

from __future__ import annotations

import re

import z3

from reviewer.facts.missing_fact import FactsMissing
from reviewer.prover.ask.free_variables import Leaf
from reviewer.prover.ask.solve import Difference
from reviewer.prover.assume.pages import PageModel
from reviewer.prover.memory.tagged_names import (
    begins_with,
    field_key,
    field_name,
    input_name,
    label_of,
    memory_name,
)
from reviewer.prover.term_types import BitVec, Model, Term
from reviewer.prover.verdict import Witness

_STRUCT = re.compile(r"@\w+")  # of a member: places.key_of


def literals_in_words(model: PageModel, difference: Difference) -> Witness:
    """Puts the literals of a difference into words."""
    teller = _Teller(model, difference.model)
    for leaf, expr, value in difference.literals:
        teller.literal(leaf, expr, value)
    return Witness(
        tuple(teller.sentences()),
        tuple(dict.fromkeys(teller.relies_on)),
        tuple(teller.values),
    )


SECOND = "'s second page"


class _Teller:
    def __init__(self, model: PageModel, solution: Model) -> None:
        self.model = model
        self.solution = solution
        self.pages: dict[str, list[str]] = {}
        self.options: list[str] = []
        self.others: list[str] = []
        self.relies_on: list[str] = []
        self.values: list[tuple[str, int]] = []
        self.addresses = {
            self._number(address): name
            for name, address in reversed(list(model.places().items()))
        }

    def _number(self, expr: Term) -> int:
        value = self.solution.eval(expr, model_completion=True)
        return int(value.as_long()) if z3.is_bv_value(value) else -1

    def sentences(self) -> list[str]:
        """Pages first, then options, then the rest."""
        if any(value.startswith("page is NULL") for value in self.others):
            found = []
        else:
            found = [
                self._kind(page) for page in self.pages if page in self.model.pages
            ]
        for page, words in self.pages.items():
            words = list(dict.fromkeys(word for word in words if word))
            if words:
                found.append(f"{page}: {', '.join(words)}")
        return [f for f in found if f] + self.options + self.others

    def literal(self, leaf: Leaf, expr: Term, value: Term) -> None:
        """Add one literal: the expression has the value."""
        number = value.as_long() if z3.is_bv_value(value) else int(z3.is_true(value))
        if z3.is_bool(expr) and z3.is_bv(leaf.expr):
            expr = leaf.expr  # a bool
        self.values.append((_STRUCT.sub("", _printed(expr))[:400], number))
        if leaf.kind == "option":
            self._option(leaf, z3.is_true(value))
        elif leaf.kind in ("memory", "state") and leaf.expr.num_args():
            self._memory(leaf, expr, number)
        elif leaf.kind == "unknown":
            self.relies_on.append(leaf.name)
            self.others.append(f"{leaf.name} is {_shown(number)}")
        elif leaf.kind == "input":
            if leaf.name in self.model.pages or leaf.name in self.model.folios:
                if not number:
                    self.others.append(f"{leaf.name} is NULL")
            else:
                self.others.append(f"{leaf.name} = {self._input(leaf, number)}")
        else:
            self.others.append(f"{leaf.name} = {_shown(number)}")

    def _input(self, leaf: Leaf, number: int) -> str:
        """A number as the parameter's type has it, of the 64 bits that stand for it."""
        ctype = self.model.inputs.get(leaf.name)
        if ctype is None:
            return _shown(_signed(leaf.expr, number))
        number &= (1 << ctype.bits) - 1
        if ctype.signed and number >> (ctype.bits - 1):
            number -= 1 << ctype.bits
        return _shown(number)

    def _option(self, leaf: Leaf, on: bool) -> None:
        if leaf.name.startswith("CONFIG_"):
            self.options.append(f"{leaf.name}={'y' if on else 'n'}")
        else:
            self.options.append(leaf.name if on else f"!{leaf.name}")

    def _memory(self, leaf: Leaf, expr: Term, number: int) -> None:
        address = leaf.expr.arg(leaf.expr.num_args() - 1)
        owner = self._owner(address)
        if owner is None:
            told = self._elsewhere(leaf.name, address, number, _left_by(leaf.expr))
            self.others.append(_of_bits(expr, told))
            return
        words = self.pages.setdefault(owner, [])
        name = _field(address) or leaf.name.partition("#")[0]
        if leaf.kind == "state":
            second = owner.endswith(SECOND)
            words.append(self._state(leaf.name, number, second))
        elif name == "compound_head":
            words.append("")
        elif name == "flags" and z3.is_bv(expr):
            words.append(self._flag_bit(expr, number))
        elif name == "mapping" and z3.is_bv(expr):
            words.append(self._mapping(leaf, expr))
        else:
            words.append(f"{name} = {_shown(_signed(expr, number))}")

    def _owner(self, address: BitVec) -> str | None:
        """Whose word stands at an address: a page's, or its second page's."""
        if _field(address):
            address = address.arg(0)
        owner = self.addresses.get(self._number(address))
        if owner is None and address.decl().kind() == z3.Z3_OP_BADD:
            size, first = address.children()[:2]
            if begins_with(size, "sizeof(struct page)"):
                found = self.addresses.get(self._number(first))
                owner = None if found is None else found + SECOND
        return owner

    def _elsewhere(self, name: str, address: BitVec, number: int, left: str) -> str:
        """A word that belongs to none of the pages; ``left``: by which call."""
        if name.startswith("*("):
            return f"{_behind(address, name)}{left} = {_shown(number)}"
        memory = memory_name(name)
        if memory.kind != "global":
            return f"->{name}{left} = {_shown(number)}"
        name = memory.shown()
        if number and number in self.addresses:
            return f"{name} is {self.addresses[number]}"
        return f"{name}{left} = {_shown(number)}"

    def _state(self, name: str, number: int, second: bool) -> str:
        if name.startswith("PG_"):
            name = self.model.bit_in_second_page(name) if second else name
            return name if number else f"no {name}"
        if name == "page type":
            kinds = self.model.type_names
            if 0 < number <= len(kinds):
                return f"a {kinds[number - 1]} page"
            return "no page type"
        return f"{name} = {_shown(number)}"

    def _flag_bit(self, expr: BitVec, number: int) -> str:
        if expr.decl().kind() != z3.Z3_OP_EXTRACT or expr.size() != 1:
            return f"flags = {_shown(number)}"
        bit = expr.params()[0]
        for name in self.model.flag_names:
            if self._number(self.model.flag_number(name)) == bit:
                return name if number else f"no {name}"
        return f"flags bit {bit} is {number}"

    def _mapping(self, leaf: Leaf, expr: BitVec) -> str:
        word = self._number(leaf.expr)
        facts = self.model.facts[1] or self.model.facts[0]
        if facts is not None and expr.size() == 1:
            try:
                encoded = facts.mapping_field
            except FactsMissing:
                return f"mapping = {_shown(word)}"
            state = encoded.state(word & encoded.mask)
            if state is not None:
                return f"mapping says {state.label} ({encoded.bits(state.value)})"
        return f"mapping = {_shown(word)}"

    def _kind(self, name: str) -> str:
        """small, head or tail."""
        page = self.model.pages[name]
        solution = self.solution
        if z3.is_true(solution.eval(self.model.is_tail(page), model_completion=True)):
            return "tail page"
        head = self.model.flag("PG_head", page)
        if z3.is_true(solution.eval(head, model_completion=True)):
            return "head page"
        return "order-0 page"


def _left_by(expr: Term) -> str:
    """The call after which memory is read, "" where the function begins."""
    world = expr.arg(0)
    if expr.decl().kind() == z3.Z3_OP_SELECT:
        world = world.arg(0) if world.num_args() == 1 else world
    name = label_of(world)
    return f" {name}" if name.startswith("after ") else ""


def _field(address: BitVec) -> str:
    """The member that an address was taken of, "" if of none."""
    key = field_key(address)
    return "" if key is None else field_name(key)


def _printed(expr: Term) -> str:
    """A term as z3 prints it, the usual ones; for others its printer is too slow."""
    kind = expr.decl().kind()
    if kind == z3.Z3_OP_SELECT:
        return f"{_printed(expr.arg(0))}[{_printed(expr.arg(1))}]"
    if kind == z3.Z3_OP_EXTRACT:
        high, low = expr.params()
        return f"Extract({high}, {low}, {_printed(expr.arg(0))})"
    if kind == z3.Z3_OP_UNINTERPRETED:
        name = str(expr.decl().name())
        parts = ", ".join(map(_printed, expr.children()))
        return f"{name}({parts})" if parts else name
    return " ".join(expr.sexpr().split())


def _of_bits(expr: Term, told: str) -> str:
    """What was said of a word, where only some of its bits are meant."""
    if expr.decl().kind() != z3.Z3_OP_EXTRACT:
        return told
    high, low = expr.params()
    return f"bit{f's {low} to {high}' if high > low else f' {low}'} of {told}"


def _behind(address: BitVec, name: str) -> str:
    """``*p`` for what a parameter points at."""
    given = input_name(address) if z3.is_const(address) else None
    return name if given is None else f"*{given}"


def _shown(number: int) -> str:
    return str(number) if -4096 < number < 4096 else hex(number)


def _signed(expr: Term, number: int) -> int:
    size = expr.size() if z3.is_bv(expr) else 64
    return number - (1 << size) if number >> (size - 1) and size > 1 else number
