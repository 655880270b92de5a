# SPDX-License-Identifier: GPL-2.0-or-later
"""Integer constant expressions as the C compiler types and computes them (LP64).

Untyped evaluation is wrong where it matters: ``1 << 31`` is negative and widens to
ffffffff80000000, ``~0U`` is not -1, and INT_MIN is not 0.  What has no value that
the text alone settles (an unknown name, a pointer, undefined behaviour) is None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

from reviewer.c.conditions import FALSE, TRUE, Condition, any_of, parse_condition
from reviewer.c.expander import expand
from reviewer.c.expressions import (
    Binary,
    Call,
    Cast,
    CValue,
    Expression,
    Literal,
    Name,
    SizeOf,
    Ternary,
    Unary,
    integer_type,
    parse_expression,
)
from reviewer.c.known_macros import CONSTANTS, MACROS
from reviewer.c.preprocessor import Define, Enumerator
from reviewer.utf8 import decode

__all__ = [
    "CValue",
    "ConstantDefinition",
    "Evaluator",
    "enumerator_definitions",
    "evaluate",
    "values",
]

_DEEPEST = 40  # aliases of aliases, macros in macros
_MOST_ALTERNATIVES = 48
_MOST_STEPS = 5_000  # names and calls looked into for one question; the kernel: tens
_MOST_PARTS = 1_000  # of one condition of a value
_MOST_GATES = 10  # gated members before an enumerator without initialiser


class ConstantDefinition(NamedTuple):
    """One way in which a name is defined: where it holds, and its text.

    ``params`` for a function-like macro.  An ``enumerator`` is an int where its
    value fits one, whatever the type of its initialiser.
    """

    condition: Condition
    text: str
    location: object = None  # the caller's own, handed through untouched
    params: tuple[str, ...] | None = None
    enumerator: bool = False


Resolve = Callable[[str], Iterable[ConstantDefinition | tuple[Condition, str, object]]]
Typedefs = Callable[[str], str | None]  # "gfp_t" -> "unsigned int __bitwise"
Alternative = tuple[CValue | None, Condition]


class HasText(Protocol):
    """A tree-sitter node, as far as it is needed here."""

    @property
    def text(self) -> bytes | None: ...


def evaluate(
    expression: str | HasText,
    resolve: Resolve,
    typedefs: Typedefs | None = None,
    *,
    under: Condition = TRUE,
) -> CValue | None:
    """Returns the value that ``expression`` has in every
    configuration, None if there is none.

    ``resolve`` gives the definitions of a name, ``typedefs`` the type that a typedef
    stands for.  ``under`` narrows the configurations, to those of the line that uses
    the expression.
    """
    if not isinstance(expression, str):
        expression = decode(expression.text or b"")
    found = Evaluator(resolve, typedefs).of_text(expression)
    kinds = {value for value, c in found if (c & under).satisfiable()}
    return kinds.pop() if len(kinds) == 1 else None


def values(
    name: str, resolve: Resolve, typedefs: Typedefs | None = None
) -> tuple[Alternative, ...]:
    """Returns the values of a macro or enumerator, each
    with the condition it holds under.

    Where no condition holds, the name is not defined.  None stands for a definition
    that has no integer value here.
    """
    return Evaluator(resolve, typedefs).of_name(name)


class Evaluator:
    """Evaluates against one set of definitions and remembers what it found."""

    def __init__(self, resolve: Resolve, typedefs: Typedefs | None = None) -> None:
        self._resolve = resolve
        self._typedefs = typedefs
        self._known: dict[str, tuple[Alternative, ...]] = {}
        self._definitions: dict[str, tuple[ConstantDefinition, ...]] = {}
        self._pending: list[str] = []
        self._steps = 0
        self._cuts = 0  # how often a value was given up for a cycle, depth or length

    def definitions(self, name: str) -> tuple[ConstantDefinition, ...]:
        """Returns the definitions of a name, asked for once."""
        if name not in self._definitions:
            found = tuple(ConstantDefinition(*entry) for entry in self._resolve(name))
            self._definitions[name] = found
        return self._definitions[name]

    def of_name(self, name: str) -> tuple[Alternative, ...]:
        """Returns the values of an object-like macro or enumerator with their
        conditions."""
        if name in self._known:
            return self._known[name]
        if self._goes_too_far(name):
            return ((None, TRUE),)
        found: list[Alternative] = []
        cuts = self._cuts
        self._pending.append(name)
        try:
            for definition in self.definitions(name):
                if definition.params is not None:
                    found.append((None, definition.condition))
                    continue
                for value, condition in self.of_text(definition.text):
                    if definition.enumerator and value is not None:
                        value = as_enumerator(value)
                    found.append((value, definition.condition & condition))
        finally:
            self._pending.pop()
        result = _merged(found)
        # inside a cycle a value may be unknown by accident; all others are remembered,
        # or a macro that holds another one twice takes twice as long as that one
        if not self._pending or self._cuts == cuts:
            self._known[name] = result
        return result

    def _goes_too_far(self, name: str) -> bool:
        """Whether to give up: in a cycle, in macros of macros, in an endless tree."""
        if not self._pending:
            self._steps = 0
        self._steps += 1
        if (
            name in self._pending
            or len(self._pending) > _DEEPEST
            or self._steps > _MOST_STEPS
        ):
            self._cuts += 1
            return True
        return False

    def of_text(self, text: str) -> tuple[Alternative, ...]:
        """Returns the values of an expression with their conditions."""
        expression = parse_expression(text)
        return ((None, TRUE),) if expression is None else self._of(expression)

    def _of(self, part: Expression) -> tuple[Alternative, ...]:
        if isinstance(part, Literal):
            return ((part.value, TRUE),)
        if isinstance(part, Name):
            return self._of_used_name(part.name)
        if isinstance(part, Unary):
            operand = self._of(part.operand)
            return _merged((v and v.unary(part.operator), c) for v, c in operand)
        if isinstance(part, Cast):
            return self._of_cast(part)
        if isinstance(part, SizeOf):
            size = self._size(part.type_words)
            return ((size, TRUE),)
        if isinstance(part, Ternary):
            return self._of_choice(part)
        if isinstance(part, Binary):
            return self._of_binary(part)
        return self._of_call(part)

    def _of_used_name(self, name: str) -> tuple[Alternative, ...]:
        if name in CONSTANTS:
            return ((CONSTANTS[name], TRUE),)
        return self.of_name(name) or ((None, TRUE),)

    def _of_cast(self, part: Cast) -> tuple[Alternative, ...]:
        target = integer_type(part.type_words, self._typedefs)
        if target is None:
            return ((None, TRUE),)
        operand = self._of(part.operand)
        return _merged((v and v.cast(*target), c) for v, c in operand)

    def _size(self, words: tuple[str, ...]) -> CValue | None:
        if words[-1] == "*":
            return CValue(8, 64, False)
        target = integer_type(words, self._typedefs)
        return target and CValue(max(target[0], 8) // 8, 64, False)

    def _of_choice(self, part: Ternary) -> tuple[Alternative, ...]:
        found: list[Alternative] = []
        for test, condition in self._of(part.test):
            if test is None:
                return ((None, TRUE),)
            yes = ((test, TRUE),) if part.yes is None else self._of(part.yes)
            for (one, c), (two, d) in _pairs(yes, self._of(part.no)):
                both = condition & c & d
                if one is None or two is None:
                    found.append((None, both))
                else:  # both arms give the type, one gives the value
                    bits, signed = one.common(two)
                    chosen = one if test.value else two
                    found.append((chosen.cast(bits, signed), both))
        return _merged(found)

    def _of_binary(self, part: Binary) -> tuple[Alternative, ...]:
        left = self._of(part.left)
        if part.operator in ("&&", "||"):
            return self._of_logical(part, left)
        return _merged(
            (one and two and one.binary(part.operator, two), c & d)
            for (one, c), (two, d) in _pairs(left, self._of(part.right))
        )

    def _of_logical(
        self, part: Binary, left: tuple[Alternative, ...]
    ) -> tuple[Alternative, ...]:
        deciding = part.operator == "||"
        found: list[Alternative] = []
        for one, condition in left:
            if one is None:
                found.append((None, condition))
            elif bool(one.value) == deciding:
                found.append((CValue(int(deciding)), condition))
            else:
                found += [
                    (two and CValue(int(bool(two.value))), condition & c)
                    for two, c in self._of(part.right)
                ]
        return _merged(found)

    def _of_call(self, call: Call) -> tuple[Alternative, ...]:
        if call.name.startswith("IS_"):
            return _of_configuration(call)
        known = MACROS.get(call.name)
        if known is not None and len(call.arguments) == known[0]:
            return self._of_known_macro(known[1], call)
        if self._goes_too_far(call.name):
            return ((None, TRUE),)
        found: list[Alternative] = []
        self._pending.append(call.name)
        try:
            for definition in self.definitions(call.name):
                text = self._expanded(call, definition)
                if text is None:
                    found.append((None, definition.condition))
                else:
                    found += [
                        (v, definition.condition & c) for v, c in self.of_text(text)
                    ]
        finally:
            self._pending.pop()
        return _merged(found) or ((None, TRUE),)

    def _of_known_macro(self, template: str, call: Call) -> tuple[Alternative, ...]:
        """Macros whose real bodies hold checks that are no constant expressions."""
        arguments = [self.of_text(argument) for argument in call.arguments]
        combined: list[tuple[list[CValue], Condition]] = [([], TRUE)]
        for alternatives in arguments:
            if any(value is None for value, _ in alternatives):
                return ((None, TRUE),)
            combined = [
                ([*chosen, value], c & d)
                for chosen, c in combined
                for value, d in alternatives
                if value is not None
            ][:_MOST_ALTERNATIVES]
        expression = parse_expression(template)
        assert expression is not None
        found: list[Alternative] = []
        for chosen, condition in combined:
            given = {f"_{place}": value for place, value in enumerate(chosen)}
            for value, _ in _WithArguments(given)._of(expression):
                found.append((value, condition))
        return _merged(found)

    def _expanded(self, call: Call, definition: ConstantDefinition) -> str | None:
        if definition.params is None:
            return None
        macro = _as_define(call.name, definition)

        def lookup(name: str) -> Define | None:
            if name == call.name:
                return macro
            if name in MACROS or name in CONSTANTS:
                return None
            ways = self.definitions(name)
            if len(ways) != 1 or ways[0].enumerator or not ways[0].condition.is_true:
                return None  # its condition would be lost
            return _as_define(name, ways[0])

        text = f"{call.name}({', '.join(call.arguments)})"
        result = expand(text, lookup)
        return None if result == text else result


class _WithArguments(Evaluator):
    """Evaluates the body of a known macro over argument values."""

    def __init__(self, given: dict[str, CValue]) -> None:
        super().__init__(lambda name: ())
        self._known = {name: ((value, TRUE),) for name, value in given.items()}


def _as_define(name: str, definition: ConstantDefinition) -> Define:
    return Define(name, definition.params, definition.text, 0, 0, definition.condition)


def _of_configuration(call: Call) -> tuple[Alternative, ...]:
    """IS_ENABLED() and its kin are 1 or 0 by configuration."""
    condition = parse_condition(call.text)
    if len(call.arguments) != 1 or condition.opaque:
        return ((None, TRUE),)
    return ((CValue(1), condition), (CValue(0), ~condition))


def as_enumerator(value: CValue) -> CValue:
    """Returns the value with the type that gcc gives the constant in gnu11.

    int where it fits; else the type of the enum, taken to be unsigned where the
    value is positive: an enum that also has negative members is not considered.
    """
    for bits, signed in ((32, True), (32, False), (64, value.value < 0)):
        typed = value.cast(bits, signed)
        if typed.value == value.value:
            return typed
    return value


def enumerator_definitions(
    members: Iterable[Enumerator],
) -> dict[str, tuple[ConstantDefinition, ...]]:
    """Returns what every member of one enum is defined as, by configuration.

    A member without initialiser is one more than the one before it, and which that
    is depends on the gates.  Where a macro generates members, those after it that
    have no initialiser are left out, as are those behind too many gates.
    The location of each definition is its Enumerator.
    """
    result: dict[str, tuple[ConstantDefinition, ...]] = {}
    states: dict[tuple[str, int], Condition] = {("", -1): TRUE}
    gates: set[Condition] = set()
    for member in members:
        here = member.condition
        if not member.name:
            states = {}
            continue
        if not here.is_true:
            gates.add(here)
        if member.value is not None:
            reached = {(member.value, 0): here}
            if here.is_true:
                gates.clear()
        else:
            reached = {(text, n + 1): c & here for (text, n), c in states.items()}
        if len(gates) > _MOST_GATES:
            states, gates = {}, set()
            if member.value is None:
                continue
        ways = [(key, c) for key, c in reached.items() if c.satisfiable()]
        if ways:
            result[member.name] = tuple(
                ConstantDefinition(c, _plus(text, n), member, None, True)
                for (text, n), c in ways
            )
        passed = {key: c & ~here for key, c in states.items()}
        states = {}
        for key, condition in (*ways, *passed.items()):
            if condition.satisfiable():
                states[key] = states.get(key, FALSE) | condition
    return result


def _plus(text: str, number: int) -> str:
    if not text:
        return str(number)
    return text if number == 0 else f"({text}) + {number}"


def _pairs(
    left: tuple[Alternative, ...], right: tuple[Alternative, ...]
) -> Iterable[tuple[Alternative, Alternative]]:
    return ((one, two) for one in left for two in right)


def _merged(found: Iterable[Alternative]) -> tuple[Alternative, ...]:
    """Equal values under one condition; what cannot be is left out."""
    conditions: dict[CValue | None, list[Condition]] = {}
    for count, (value, condition) in enumerate(found):
        if count > _MOST_ALTERNATIVES * _MOST_ALTERNATIVES:
            return ((None, TRUE),)
        if condition.has_more_parts(_MOST_PARTS):
            return ((None, TRUE),)  # CPU_FTRS_ALWAYS of powerpc joins fifteen
        if condition.is_true or condition.satisfiable():
            conditions.setdefault(value, []).append(condition)
    if len(conditions) > _MOST_ALTERNATIVES:
        return ((None, TRUE),)
    return tuple((value, any_of(under)) for value, under in conditions.items())
