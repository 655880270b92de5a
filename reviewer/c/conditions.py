# SPDX-License-Identifier: GPL-2.0-or-later
"""Presence conditions: under which configurations a line of C is compiled."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import (
    add,
    and_,
    eq,
    floordiv,
    ge,
    gt,
    le,
    lshift,
    lt,
    mod,
    mul,
    ne,
    or_,
    rshift,
    sub,
    xor,
)  # fmt: skip

from reviewer.c.directives import Directive, directives
from reviewer.c.formula import (
    FALSE,
    TRUE,
    Condition,
    all_of,
    any_of,
    atom,
    config_fragment,
    enabled,
    module,
    symbol,
)
from reviewer.c.precedence import Climber, Unreadable
from reviewer.c.text import blank_comments
from reviewer.c.vocabulary import OPTION_TESTS
from reviewer.patterns import regex

__all__ = [
    "FALSE",
    "KERNEL",
    "TRUE",
    "Branch",
    "Condition",
    "Conditionals",
    "Group",
    "all_of",
    "any_of",
    "atom",
    "conditionals",
    "config_fragment",
    "enabled",
    "module",
    "parse_condition",
    "symbol",
]

# What is defined and what is not when the kernel itself is compiled: top Makefile
# (KBUILD_CPPFLAGS has -D__KERNEL__); assembly, sparse, genksyms and the generator of
# include/generated/bounds.h (kernel/bounds.c) are other runs over the same headers.
# The top Makefile has -include for include/linux/kconfig.h, which defines these for
# every file: "#ifdef IS_ENABLED(CONFIG_X)" is always true, whatever X is.
FORCED = (*sorted(OPTION_TESTS), "__is_defined")
KERNEL: Mapping[str, bool] = {
    **{f"defined({name})": True for name in FORCED},
    "defined(__KERNEL__)": True,
    "defined(__ASSEMBLY__)": False,
    "defined(__ASSEMBLER__)": False,
    "defined(__CHECKER__)": False,
    "defined(__GENKSYMS__)": False,
    "defined(__GENERATING_BOUNDS_H)": False,
    "defined(__cplusplus)": False,
}
# Limits that no kernel file comes near; beyond them conditions are opaque.
_DEEPEST = 150  # nested #if groups
_MOST_BRANCHES = 400  # #elif in one group
_LONGEST = 600  # tokens in one expression
_DEEPEST_EXPRESSION = 30

_TOKEN = regex(
    r"[A-Za-z_$][\w$]*|\d[\w.]*|'(?:\\.|[^'\\])+'|\"(?:\\.|[^\"\\])*\""
    r"|&&|\|\||<<|>>|[<>=!]=|[-+*/%&|^~!<>()?:,]|\S"
)
_CONFIG = regex(r"CONFIG_\w+\Z")
_ASKED_NAME = regex(r"[A-Za-z_$][\w$]*")


@dataclass(frozen=True, slots=True)
class _Term:
    """An operand that is no condition: its text, and its value where it has one."""

    text: str
    value: int | None = None


_Operand = Condition | _Term


def parse_condition(text: str, known: Mapping[str, bool] = KERNEL) -> Condition:
    """The formula of an #if expression, or of a condition in C such as IS_ENABLED().

    ``known`` gives the value of atoms that are settled, by their text.  What cannot
    be parsed becomes one opaque atom; nothing is raised.
    """
    return _parse(text, None if known is KERNEL else tuple(sorted(known.items())))


@lru_cache(maxsize=8192)
def _parse(text: str, known: tuple[tuple[str, bool], ...] | None) -> Condition:
    tokens = _TOKEN.findall(text)
    try:
        condition = _truth(_Parser(tokens).all_of_it())
    except Unreadable:
        condition = atom(" ".join(tokens) or "nothing")
    return condition.assign(KERNEL if known is None else dict(known))


class _Parser(Climber[_Operand]):
    """An expression as a formula, as far as it is one."""

    longest, deepest = _LONGEST, _DEEPEST_EXPRESSION

    def joined(
        self, operator: str, left: _Operand, right: _Operand, start: int
    ) -> _Operand:
        return _combine(operator, left, right, lambda: self.text_since(start))

    def chosen(
        self, test: _Operand, yes: _Operand | None, no: _Operand, start: int
    ) -> _Operand:
        if yes is None:
            raise Unreadable
        if isinstance(yes, _Term) or isinstance(no, _Term):
            return _Term(self.text_since(start))
        choice = _truth(test)
        return (choice & yes) | (~choice & no)

    def operand(self) -> _Operand:
        start = self.place
        token = self.take()
        if token == "!":
            return ~_truth(self.unary())
        if token in ("-", "+", "~"):
            operand = self.unary()
            value = operand.value if isinstance(operand, _Term) else None
            if value is not None:
                value = {"-": -value, "+": value, "~": ~value}[token]
            return _Term(self.text_since(start), value)
        if token == "(":
            operand = self.ternary()
            self.take(")")
            return operand
        if token == "defined":
            return self.defined()
        if token[0].isdigit():
            return _Term(token, _number(token))
        if token[0] == "'" or not (token[0].isalpha() or token[0] in "_$"):
            if token[0] == "'":
                return _Term(token)
            raise Unreadable
        if self.peek() == "(":
            return self.call(token, start)
        return _Term(token)

    def defined(self) -> Condition:
        if self.peek() == "(":
            self.take()
            name = self.take()
            self.take(")")
        else:
            name = self.take()
        if not (name[0].isalpha() or name[0] in "_$"):
            raise Unreadable
        return _is_defined(name)

    def call(self, name: str, start: int) -> _Operand:
        opened = 0
        while True:
            token = self.take()
            opened += (token == "(") - (token == ")")
            if not opened:
                break
        arguments = self.tokens[start + 2 : self.place - 1]
        if name in OPTION_TESTS and len(arguments) == 1:
            option = arguments[0]
            if _CONFIG.match(option):
                return _config_test(name, option)
        return _Term(f"{name}({_text(arguments)})")

    def text_since(self, start: int) -> str:
        return _text(self.tokens[start : self.place])


def _text(tokens: list[str]) -> str:
    """Tokens as one spelling, so that equal tests are equal atoms."""
    text = " ".join(tokens)
    return re.sub(r"(?<=\w) \(|(?<=\() | (?=[),])", lambda m: m[0].strip(), text)


def _config_test(name: str, option: str) -> Condition:
    if name == "IS_ENABLED":
        return enabled(option)
    if name == "IS_BUILTIN":
        return symbol(option)
    if name == "IS_MODULE":
        return module(option)
    return symbol(option) | (module(option) & atom("defined(MODULE)"))


def _is_defined(name: str) -> Condition:
    return atom(name) if _CONFIG.match(name) else atom(f"defined({name})")


def _truth(operand: _Operand) -> Condition:
    if isinstance(operand, Condition):
        return operand
    if operand.value is not None:
        return TRUE if operand.value else FALSE
    if operand.text in ("true", "false"):  # in C, where stdbool names are constants
        return TRUE if operand.text == "true" else FALSE
    return atom(operand.text)


def _combine(
    operator: str, left: _Operand, right: _Operand, text: Callable[[], str]
) -> _Operand:
    if operator == "&&":
        return _truth(left) & _truth(right)
    if operator == "||":
        return _truth(left) | _truth(right)
    one = left.value if isinstance(left, _Term) else None
    two = right.value if isinstance(right, _Term) else None
    if one is not None and two is not None:
        return _computed(operator, one, two)
    if operator in ("==", "!=", "<", ">", "<=", ">="):
        return _comparison(operator, left, right)
    return _Term(text())


_ARITHMETIC: Mapping[str, Callable[[int, int], int]] = {
    "*": mul, "/": floordiv, "%": mod, "+": add, "-": sub,
    "<<": lshift, ">>": rshift, "&": and_, "^": xor, "|": or_,
    "<": lt, ">": gt, "<=": le, ">=": ge, "==": eq, "!=": ne,
}  # fmt: skip


def _computed(operator: str, one: int, two: int) -> _Operand:
    """Arithmetic on two numbers; only what needs no care about overflow."""
    if operator in ("/", "%") and (two == 0 or one < 0 or two < 0):
        raise Unreadable
    if operator in ("<<", ">>") and not 0 <= two < 63:
        raise Unreadable
    value = _ARITHMETIC[operator](one, two)
    if abs(value) >= 1 << 63:
        raise Unreadable
    return _Term(str(int(value)), int(value))


def _comparison(operator: str, left: _Operand, right: _Operand) -> Condition:
    """Spelled so that a test and its negation share an atom: only ``>`` and ``==``."""
    if isinstance(left, Condition) or isinstance(right, Condition):
        return _comparison_of_truths(operator, left, right)
    if left.value is not None:
        mirrored = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
        return _comparison(mirrored.get(operator, operator), right, left)
    if right.value is None:
        if operator in ("<", ">="):
            test = atom(f"{left.text} < {right.text}")
            return test if operator == "<" else ~test
        test = atom(
            f"{left.text} {'==' if operator in ('==', '!=') else '>'} {right.text}"
        )
        return ~test if operator in ("<=", "!=") else test
    number = right.value
    if left.text == "BITS_PER_LONG":
        # include/asm-generic/bitsperlong.h: 64 with CONFIG_64BIT, else 32
        wide, narrow = (_truth(_computed(operator, n, number)) for n in (64, 32))
        is_wide = symbol("64BIT")
        return (is_wide & wide) | (~is_wide & narrow)
    if operator in (">=", "<"):
        test = atom(f"{left.text} > {number - 1}")
        return test if operator == ">=" else ~test
    if operator in (">", "<="):
        test = atom(f"{left.text} > {number}")
        return test if operator == ">" else ~test
    test = atom(f"{left.text} == {number}")
    return test if operator == "==" else ~test


def _comparison_of_truths(operator: str, left: _Operand, right: _Operand) -> Condition:
    """``defined(A) != defined(B)``; a test with a number is left to the reader."""
    if operator not in ("==", "!="):
        raise Unreadable
    for side in (left, right):
        if isinstance(side, _Term) and side.value not in (0, 1):
            raise Unreadable
    one, two = _truth(left), _truth(right)
    same = (one & two) | (~one & ~two)
    return same if operator == "==" else ~same


def _number(token: str) -> int | None:
    digits = token.rstrip("uUlL").replace("'", "")
    try:
        if len(digits) > 1 and digits[0] == "0" and digits.isdigit():
            return int(digits, 8)
        return int(digits, 0)
    except ValueError:
        return None


# --- the #if stack of a file ------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Branch:
    """One leg of an #if group."""

    line: int  # of its #if, #elif or #else
    first: int  # first line of what it encloses
    last: int  # last line, less than ``first`` where it is empty
    own: Condition  # this leg is taken, given that the group is reached
    condition: Condition  # own and everything around it
    directive: str  # as written: "ifdef CONFIG_KSM", "else"


@dataclass(frozen=True, slots=True)
class Group:
    """An #if ... #endif with its legs; ``outer`` is what encloses it."""

    line: int
    end_line: int
    outer: Condition
    branches: tuple[Branch, ...]


@dataclass(slots=True)
class _Open:
    """A group whose #endif has not come yet."""

    outer: Condition
    line: int
    not_taken: Condition  # all legs so far were false
    legs: list[tuple[Directive, Condition, Condition]]
    has_else: bool = False


class Conditionals:
    """The presence condition of every line of a file.

    Unbalanced directives leave ``balanced`` false and are listed in ``problems`` as
    (line, what is wrong); the rest is still read.
    """

    def __init__(self, data: bytes, known: Mapping[str, bool] = KERNEL) -> None:
        self.problems: list[tuple[int, str]] = []
        self._known = known
        self._starts = [0]
        self._conditions = [TRUE]
        self._groups: list[Group] = []
        self._stack: list[_Open] = []
        listed = directives(data)
        self._guard = _include_guard(data, listed)
        for place, directive in enumerate(listed):
            self._read(directive, place)
        last = listed[-1].end_line if listed else 0
        after_all = max(last, data.count(b"\n") + 1) + 1
        while self._stack:
            self.problems.append((self._stack[-1].line, "#if without #endif"))
            self._close(after_all, after_all)
        self.groups: tuple[Group, ...] = tuple(
            sorted(self._groups, key=lambda group: group.line)
        )

    @property
    def balanced(self) -> bool:
        """Whether every #if has its #endif, and nothing else has."""
        return not self.problems

    def at(self, line: int) -> Condition:
        """When line (from 1) is compiled; a directive belongs to what is around it."""
        return self._conditions[bisect_right(self._starts, line) - 1]

    def group_at(self, line: int) -> Group | None:
        """The innermost group that encloses the line, its own directives included."""
        inner = None
        for group in self.groups:
            if group.line > line:
                break
            if line <= group.end_line:
                inner = group
        return inner

    def _from(self, line: int, condition: Condition) -> None:
        self._starts.append(line)
        self._conditions.append(condition)

    def _read(self, directive: Directive, place: int) -> None:
        name = directive.name
        if name in ("if", "ifdef", "ifndef"):
            outer = self._conditions[-1]
            own = TRUE if place == self._guard else self._test(directive)
            if len(self._stack) >= _DEEPEST:
                own, outer = atom(f"nested deeper than {_DEEPEST} levels"), TRUE
            self._stack.append(_Open(outer, directive.line, ~own, []))
            self._leg(directive, own)
        elif name in ("elif", "elifdef", "elifndef", "else"):
            self._alternative(directive)
        elif name == "endif":
            if self._stack:
                self._close(directive.line, directive.end_line)
            else:
                self.problems.append((directive.line, "#endif without #if"))

    def _alternative(self, directive: Directive) -> None:
        if not self._stack:
            self.problems.append((directive.line, f"#{directive.name} without #if"))
            return
        group = self._stack[-1]
        if group.has_else:
            self.problems.append((directive.line, f"#{directive.name} after #else"))
        own = group.not_taken
        if directive.name == "else":
            group.has_else = True
        elif len(group.legs) > _MOST_BRANCHES:
            own = atom(f"one of more than {_MOST_BRANCHES} branches")
        else:
            test = self._test(directive)
            own = group.not_taken & test
            group.not_taken = group.not_taken & ~test
        self._leg(directive, own)

    def _leg(self, directive: Directive, own: Condition) -> None:
        group = self._stack[-1]
        condition = group.outer & own
        group.legs.append((directive, own, condition))
        self._from(directive.line, group.outer)
        self._from(directive.end_line + 1, condition)

    def _close(self, line: int, end_line: int) -> None:
        group = self._stack.pop()
        ends = [leg.line for leg, _, _ in group.legs[1:]] + [line]
        branches = tuple(
            Branch(
                leg.line,
                leg.end_line + 1,
                end - 1,
                own,
                condition,
                f"{leg.name} {leg.text}".strip(),
            )
            for (leg, own, condition), end in zip(group.legs, ends, strict=True)
        )
        self._groups.append(Group(group.line, end_line, group.outer, branches))
        self._from(line, group.outer)

    def _test(self, directive: Directive) -> Condition:
        name, text = directive.name, directive.text
        if name in ("if", "elif"):
            return parse_condition(text, self._known)
        asked = _ASKED_NAME.match(text)  # what follows the name is ignored
        word = asked[0] if asked else text.split()[0] if text else "nothing"
        test = _is_defined(word).assign(self._known)
        return ~test if name in ("ifndef", "elifndef") else test


@lru_cache(maxsize=128)
def conditionals(data: bytes) -> Conditionals:
    """The conditionals of a file, remembered by its content."""
    return Conditionals(data)


_GUARD_NAME = regex(r"\w*_H_*\Z|\w*(?:INCLUDED?|HEADER|HPP?)_*\Z|_\w*_H_\w*\Z")


def _include_guard(data: bytes, listed: tuple[Directive, ...]) -> int | None:
    """Which directive opens the include guard, if the file has one.

    It is the first #if of the file, tests that a name is not defined, and the next
    directive defines that name to nothing.  A trace header has the form
    ``#if !defined(_TRACE_X_H) || defined(TRACE_HEADER_MULTI_READ)``.
    """
    opening = next((i for i, d in enumerate(listed) if d.name.startswith("if")), None)
    if opening is None or opening + 1 >= len(listed):
        return None
    test, definition = listed[opening], listed[opening + 1]
    words = definition.text.split()
    if definition.name != "define" or not words or words[1:] not in ([], ["1"]):
        return None
    if not _tests_absence(test, words[0]):
        return None
    if _GUARD_NAME.match(words[0]) or _encloses_all(data, listed, opening):
        return opening
    return None


def _tests_absence(directive: Directive, name: str) -> bool:
    if directive.name == "ifndef":
        return directive.text.split()[:1] == [name]
    absent = parse_condition(directive.text).assign({f"defined({name})": False})
    return directive.name == "if" and absent.is_true


def _encloses_all(data: bytes, listed: tuple[Directive, ...], opening: int) -> bool:
    """Whether all code of the file is inside the group that ``opening`` opens."""
    depth = 0
    for directive in listed[opening:]:
        depth += directive.name.startswith("if") - (directive.name == "endif")
        if depth == 0:
            break
        if depth == 1 and directive.name.startswith("el"):
            return False
    else:
        return False
    lines = blank_comments(data).split(b"\n")
    outside = lines[: listed[opening].line - 1] + lines[directive.end_line :]
    return all(not line.strip() or line.lstrip()[:1] == b"#" for line in outside)
