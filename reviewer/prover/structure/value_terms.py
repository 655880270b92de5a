# SPDX-License-Identifier: GPL-2.0-or-later
"""Values as terms: two expressions with one term have one value.

A term is a number that stands for its parts; a private variable is the term of what it
holds, which says its type, so that no name of one is part of a term.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from reviewer.patterns import regex
from reviewer.prover.structure.normal_form import OneFunction
from reviewer.prover.structure.plain_arguments import number_of

Term = int
Part = str | int
SIGNED = frozenset(["int", "long", "s32", "s64", "ssize_t", "long long"])
_UNSIGNED = frozenset(["unsigned int", "unsigned", "unsigned long", "u8", "u16", "u32",
                       "u64", "size_t", "bool"])  # fmt: skip
PLAIN = regex(r"\(?(-?)\s*(\d{1,5})\)?\Z")
_SMALL = regex(r"-?\d{1,9}\Z")
_STRUCT_POINTER = regex(r"(?:struct|union) \w+\*\Z")
COMPARES = ("==", "!=", "<", ">", "<=", ">=")
_BOOLEAN = (*COMPARES, "&&", "||")


class Terms:
    """All terms of one comparison."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[Part, ...], Term] = {}
        self.parts: list[tuple[Part, ...]] = []

    def make(self, *parts: Part) -> Term:
        """Returns the term of these parts, of which the numbers are terms."""
        found = self._numbers.setdefault(parts, len(self.parts))
        if found == len(self.parts):
            self.parts.append(parts)
        return found

    def type_of(self, term: Term) -> str:
        """Returns the C type of a term that says it, "" for others."""
        head, *rest = self.parts[term]
        kinds = ("number", "as", "result", "parameter", "unset", "any")
        return str(rest[0]) if head in kinds else ""

    def number(self, type_: str, text: str) -> Term:
        return self.make("number", type_, text)

    def with_others(self, others: Mapping[Term, Term]) -> Callable[[Term], Term]:
        """Returns what puts others in the places of some terms, wherever they are in
        one."""
        found = dict(others)
        first = min(others, default=len(self.parts))

        def instead(term: Term) -> Term:
            if term < first:
                return term  # it is made of what was there before
            if term not in found:
                parts = self.parts[term]
                found[term] = self.make(
                    *(instead(one) if isinstance(one, int) else one for one in parts)
                )
            return found[term]

        return instead

    def value(self, term: Term) -> int | None:
        """Returns the number that a term is, None for others and those with a name."""
        head, *rest = self.parts[term]
        if head == "number" and _SMALL.match(str(rest[1])):
            return int(rest[1])
        return None

    def converted(self, type_: str, term: Term) -> Term:
        """Returns a value as it is in a variable of a type."""
        if self.type_of(term) == type_:
            return term
        head, *rest = self.parts[term]
        if head == "number":
            value = self.value(term)
            if type_ in SIGNED or (value == 0 and type_.endswith("*")):
                return self.number(type_, str(rest[1]))
            if value is not None and 0 <= value < 128 and type_ in _UNSIGNED:
                text = str(int(bool(value))) if type_ == "bool" else str(value)
                return self.number(type_, text)
        return self.make("as", type_, term)

    def as_pointer(self, term: Term) -> Term:
        """Returns a value without the type of the pointer to a struct that holds it."""
        head, *rest = self.parts[term]
        if head == "as" and _STRUCT_POINTER.match(str(rest[0])):
            return int(rest[1])
        return term

    def as_place(self, term: Term) -> Term:
        """Returns the address of a variable or a member without the type of the pointer
        that holds it: it has one of its own.  What is read may be a void pointer."""
        inner = self.as_pointer(term)
        kinds = ("member", "element", "object", "global")
        return inner if self.parts[inner][0] in kinds else term

    def truth_of(self, term: Term) -> Term:
        """Returns what is to be asked to know whether a value is 0."""
        while True:
            head, *rest = self.parts[term]
            if head == "as" and (
                rest[0] == "bool" or str(rest[0]).endswith("*")
                or (self._is_truth(int(rest[1])) and rest[0] in SIGNED | _UNSIGNED)
            ):  # fmt: skip
                if str(rest[0]).endswith("*") and not self._is_address(int(rest[1])):
                    return term
                term = int(rest[1])
            else:
                return term

    def _is_truth(self, term: Term) -> bool:
        parts = self.parts[term]
        is_one = parts[0] == "operator" and parts[1] in (*_BOOLEAN, "!")
        return is_one or self.type_of(term) == "bool"

    def _is_address(self, term: Term) -> bool:
        return self.type_of(term).endswith("*")


@dataclass(slots=True)
class Knowledge:
    """What is known at one moment, on both sides: ``facts``: whether a term is not 0;
    ``time``: a term that is another one after each thing that is done."""

    terms: Terms
    facts: dict[Term, bool]
    time: Term

    def resolved(self, term: Term) -> Term:
        """Returns the number 0 for a value that is known to be 0."""
        type_ = self.terms.type_of(term)
        plain = type_ in SIGNED | _UNSIGNED or type_.endswith("*")
        if plain and self.facts.get(self.terms.truth_of(term)) is False:
            return self.terms.number(type_, "0")
        return term

    def truth(self, body: OneFunction, term: Term) -> bool | None:
        """Says whether a value is known not to be 0, None where that is open."""
        terms = self.terms
        head, *rest = terms.parts[term]
        if head == "number":
            value = terms.value(term)
            known = _is_nonzero(body, str(rest[1])) if value is None else value != 0
            return self.facts.get(term) if known is None else known
        if head == "operator" and rest[0] == "!":
            inner = self.truth(body, terms.truth_of(int(rest[1])))
            return None if inner is None else not inner
        return self.facts.get(term)

    def learn(self, term: Term, holds: bool) -> dict[Term, bool]:
        """Returns the facts with one more, and what follows from it."""
        terms = self.terms
        found = dict(self.facts)
        while terms.parts[term][:2] == ("operator", "!"):
            term, holds = terms.truth_of(int(terms.parts[term][2])), not holds
        found[term] = holds
        parts = terms.parts[term]
        if parts[0] == "operator" and parts[1] in COMPARES and holds:
            one, two = int(parts[2]), int(parts[3])
            zero = terms.value(two) == 0
            number = terms.value(two)
            if (parts[1] in ("<", ">") and zero) or (parts[1] == "==" and number):
                found[terms.truth_of(one)] = True
        return found


def _is_nonzero(body: OneFunction, text: str) -> bool | None:
    """Whether a name, or its negation, stands for a number other than 0."""
    word = text.removeprefix("-").strip()
    bodies = [macro.body.strip() for macro in body.known.macros(word)]
    numbers = [PLAIN.match(one) for one in bodies]
    if bodies:
        known = [one is not None and int(one[2]) != 0 for one in numbers]
        return True if all(known) else None
    found = number_of(body.known, word)
    return int(found) != 0 if found else None
