# SPDX-License-Identifier: GPL-2.0-or-later
"""Which pages get a KPF_ bit, as ``stable_page_flags()`` of fs/proc/page.c says it.

For each bit: the statements that set it, with the conditions around them and the words
they read, locals replaced by what is assigned to them.  Two states of a bit that are
spelled alike are the same; where they differ, the words tell (a page's own flags are
not its folio's), or the behaviour of the function is compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct, field
from tree_sitter import Node

from reviewer.api import FileImage
from reviewer.c.source import Function, Source
from reviewer.c.text import normalised
from reviewer.facts.kpf import FIRST_INTERNAL
from reviewer.kit.assignments import assignments, sets_anew
from reviewer.kit.expressions import call, identifier, operator, terms_of
from reviewer.kit.truth_values import parameters
from reviewer.patterns import regex

FUNCTION = "stable_page_flags"
SECONDS = 6.0  # for the comparison of both sides
DEEPEST = 6  # locals in locals
CHAIN = ("if_statement", "conditional_expression", "switch_statement")
_KPF = regex(r"\bKPF_[A-Z0-9_]+\b")
_WORD = regex(r"(?<![\w.>])[a-z_]\w*\b(?!\s*\()")
_TYPE = regex(r"\(\s*(unsigned long|u64|long)\s*\)")


class BitSetting(Struct, frozen=True):
    """One statement that sets a bit."""

    line: int
    lines: tuple[int, ...]  # it, its conditions, the locals it reads: nearest first
    text: str  # condition and value, locals replaced
    word: str | None  # what kpf_copy_bit() copies from, locals replaced
    flag: str | None  # the PG_ name that it copies


class Reports(Struct):
    """All bits of one state of the function."""

    function: Function
    text: str  # of the function, comments and white space aside
    exits: tuple[str, ...] = ()  # the returns that stand under a condition
    bits: dict[str, list[BitSetting]] = field(default_factory=dict)

    def spelled(self, bit: str) -> tuple[str, ...]:
        """Returns the statements that set a bit, sorted: where two states of the file
        give the same, they set it alike."""
        return tuple(sorted(setting.text for setting in self.bits.get(bit, ())))

    def words(self, bit: str) -> frozenset[tuple[str, str]]:
        """Returns the words that a bit is copied from, each with its flag."""
        return frozenset(
            (s.word, s.flag) for s in self.bits.get(bit, ()) if s.word and s.flag
        )


def reported_bits(image: FileImage | None) -> Reports | None:
    """Returns the bits of a state of fs/proc/page.c, wherever it stands then; None
    where the function is not there, is there twice, or does not parse."""
    if image is None:
        return None
    source = image.source
    function = source.function_named(FUNCTION)
    if function is None:
        return None
    values = _locals(source, function)
    own = source.text(function.node)
    text = normalised(own) + _called(source, own)
    result = Reports(function, text, tuple(_exits(source, function, values)))
    for name, setting in _settings(source, function, values):
        result.bits.setdefault(name, []).append(setting)
    return result


def differing_bits(image: FileImage, old: Reports, new: Reports) -> tuple[str, ...]:
    """Returns the bits below 32 that the states may set differently, by number.

    A bit that is new is no such bit: ``kpf-abi`` asks for its documentation.
    """
    numbers = {b.name: b.number for b in image.facts.kpf.bits}
    names = {*old.bits, *new.bits}
    differ = [
        name
        for name in names
        if numbers.get(name, FIRST_INTERNAL) < FIRST_INTERNAL
        and (old.exits != new.exits or old.spelled(name) != new.spelled(name))
    ]
    return tuple(sorted(differ, key=lambda name: numbers[name]))


def flag_of_other_page(old: Reports, new: Reports, bit: str) -> str | None:
    """Returns the flag that a bit copies from another page's word than before, None
    where the page is the same or not clear."""
    before, after = old.words(bit), new.words(bit)
    for flag in sorted({flag for _, flag in after}):
        was = {_whose(word) for word, name in before if name == flag}
        now = {_whose(word) for word, name in after if name == flag}
        if was and now and None not in was | now and was != now:
            return flag
    return None


def _whose(word: str) -> str | None:
    """Whose flags a word is: the page's own, its folio's; None where it is unclear."""
    text = _TYPE.sub("", word).replace("READ_ONCE", "").strip("()* ")
    if re.fullmatch(r"page->flags(\.f)?", text):
        return "own"
    if re.fullmatch(r"\(?(page_folio|compound_head)\(page\)\)?->flags(\.f)?", text):
        return "head"
    return None


# --- reading --------------------------------------------------------------------------


def _settings(
    source: Source, function: Function, values: dict[str, tuple[str, int]]
) -> Iterator[tuple[str, BitSetting]]:
    body = function.body
    assert body is not None
    for node in source.walk(body, "assignment_expression", "return_statement"):
        if node.type == "assignment_expression" and operator(node) not in ("|=", "="):
            continue
        value = node.child_by_field_name("right") or next(
            iter(node.named_children), None
        )
        for term in terms_of(value, "|") if value is not None else ():
            names = dict.fromkeys(_KPF.findall(source.text(term)))
            if not names:
                continue
            setting = _setting(source, function, term, values)
            for name in names:
                yield name, setting


def _setting(
    source: Source, function: Function, term: Node, values: dict[str, tuple[str, int]]
) -> BitSetting:
    """What one term of a statement says of its bit."""
    conditions = list(_conditions(source, term, function))
    line = source.line_of(term)
    lines = [line, *(at for _, at in conditions)]
    full = []
    for part in (source.norm(term), *(text for text, _ in conditions)):
        replaced, used = _replaced(part, values)
        full.append(replaced + _called(source, part))
        lines.extend(used)
    word, flag = _copied(source, term)
    if word is not None:
        word = _replaced(word, values)[0]
    text = f"{source.condition(line)}: {' if '.join(full)}"
    return BitSetting(line, tuple(lines), text, word, flag)


def _called(source: Source, text: str) -> str:
    """The functions of the file that a text calls: what they say belongs to it."""
    names = set(re.findall(r"\b(\w+)\s*\(", text)) - {FUNCTION}
    called = [f for f in source.functions if f.name in names]
    return "".join(f" [{normalised(source.text(f.node))}]" for f in called)


def _exits(
    source: Source, function: Function, values: dict[str, tuple[str, int]]
) -> Iterator[str]:
    """Each return under a condition: what stands behind it holds for other pages."""
    assert function.body is not None
    for node in source.walk(function.body, "return_statement", "goto_statement"):
        conditions = [text for text, _ in _conditions(source, node, function)]
        if conditions:
            text = _replaced(" if ".join([source.norm(node), *conditions]), values)[0]
            yield f"{source.condition(source.line_of(node))}: {text}"


def _conditions(
    source: Source, node: Node, function: Function
) -> Iterator[tuple[str, int]]:
    """The conditions in force at a node, the nearest first; early returns too."""
    below = node
    for up in source.parents(node):
        if up.id == function.node.id:
            return
        condition = up.child_by_field_name("condition")
        if up.type in CHAIN and condition is not None and condition.id != below.id:
            then = up.child_by_field_name("consequence")
            holds = then is not None and then.id == below.id
            text = source.norm(condition)
            yield text if holds else f"!({text})", source.line_of(condition)
        below = up


def _copied(source: Source, node: Node) -> tuple[str | None, str | None]:
    """Word and flag of ``u |= kpf_copy_bit(word, KPF, PG)``."""
    for made in source.walk(node, "call_expression"):
        _, arguments = call(source, made)
        flags = [identifier(source, a) or "" for a in arguments]
        flag = next((name for name in flags if name.startswith("PG_")), None)
        if flag is not None and len(arguments) == 3:
            return source.norm(arguments[0]), flag
    return None, None


def _locals(source: Source, function: Function) -> dict[str, tuple[str, int]]:
    """What locals are assigned, for those assigned once; parameters by their place."""
    found: dict[str, list[tuple[str, int]]] = {}
    assert function.body is not None
    for node, target, value in assignments(source, function.body):
        if target.type != "identifier":
            continue
        text = source.norm(value) if sets_anew(node) else ""
        under = [of for of, _ in _conditions(source, node, function)]
        if text and under:  # a local that is set on some paths only
            text = f"{text} if {' if '.join(under)}"
        found.setdefault(source.text(target), []).append((text, source.line_of(node)))
    values = {
        name: assigned[0]
        for name, assigned in found.items()
        if len(assigned) == 1 and assigned[0][0]
    }
    for place, name in enumerate(parameters(source, function)):
        if name not in found:
            values[name] = ("page" if place == 0 else f"argument{place}", 0)
    return values


def _replaced(
    text: str, values: dict[str, tuple[str, int]], depth: int = 0
) -> tuple[str, list[int]]:
    """Text with locals replaced by their values, and the lines of these."""
    lines: list[int] = []

    def value(match: re.Match[str]) -> str:
        known = values.get(match[0])
        if known is None or depth >= DEEPEST:
            return match[0]
        inner = {n: v for n, v in values.items() if n != match[0]}
        replaced, more = _replaced(known[0], inner, depth + 1)
        lines.extend([known[1], *more] if known[1] else more)
        return (
            replaced if re.fullmatch(r"\w+|\w+\(\w*\)", replaced) else f"({replaced})"
        )

    return _WORD.sub(value, text), lines
