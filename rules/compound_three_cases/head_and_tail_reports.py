# SPDX-License-Identifier: GPL-2.0-or-later
"""Head, tail, neither: what a function reports about the place of a page in a folio.

Sources: ``PageHead()``, ``PageTail()`` and ``PageCompound()`` of
include/linux/page-flags.h; KPF_COMPOUND_HEAD, KPF_COMPOUND_TAIL and KPF_THP of
Documentation/admin-guide/mm/pagemap.rst.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct
from tree_sitter import Node

from reviewer.c.source import Source
from reviewer.kit import paths
from reviewer.kit.assignments import assignments
from reviewer.kit.expressions import (
    call,
    is_binary,
    literal,
    operand_of,
    operands,
    operator,
    without_casts,
    without_parentheses,
)
from reviewer.kit.pageword import HEADS, FunctionScope
from reviewer.kit.paths import PathCondition
from reviewer.patterns import regex

_SETS = regex(r"(?:<<\s*|\bBIT(?:_ULL)?\(\s*)KPF_(COMPOUND_HEAD|COMPOUND_TAIL|THP)\b")
_COMPOUND = regex(
    r"(folio_test_large|PageCompound|PageTransCompound|PageTransHuge|PageHead"
    r"|folio_test_head|PageTail)\Z"
)
_NO_INDEX = ("index", False)
_IS_HEAD = regex(r"(is_)?(\w+_)?head(_page)?\Z")


class Form(StrEnum):
    """Which of the three cases is lost."""

    FIRST_PAGE = "first-page"  # page == &folio->page, idx == 0: of order 0 too
    NOT_TAIL = "not-tail"  # !PageTail(page): of order 0 too
    COMPOUND = "compound"  # PageCompound(page): a tail as well
    NOT_HEAD = "not-head"  # else of PageHead(page): of order 0 too
    DRIVER = "driver"  # KPF_THP for any compound page


class ConfusedCase(Struct, frozen=True):
    """A place that reports one case for another."""

    form: Form
    node: Node  # what reports
    condition: str  # the condition that decides, as it stands
    bit: str  # what is reported: "KPF_COMPOUND_HEAD", or the name of a local


def lost_cases(scope: FunctionScope) -> Iterator[ConfusedCase]:
    """Yields everything in one function that takes two of the three cases for one."""
    source = scope.source
    for node, _, value in assignments(source, scope.body):
        match = _SETS.search(source.text(value))
        is_set = node.type == "init_declarator" or operator(node) in ("|=", "=")
        if match is None:
            yield from _named(scope, node, value)
        elif is_set:
            yield from _set(scope, node, value)


def _set(scope: FunctionScope, node: Node, value: Node) -> Iterator[ConfusedCase]:
    """What one assignment reports: as a whole, or by each arm of a ``? :``."""
    whole = without_parentheses(value)
    if whole.type == "conditional_expression":
        arms = [
            arm
            for name in ("consequence", "alternative")
            if (arm := whole.child_by_field_name(name)) is not None
        ]
    else:
        arms = [] if _is_copied(scope.source, value) else [node]
    for arm in arms:
        match = _SETS.search(scope.source.text(arm))
        lost = _reported(scope, arm, match[1]) if match is not None else None
        if lost is not None:
            yield lost


def _is_copied(source: Source, value: Node) -> bool:
    """``u = x ? .. : ..``, ``(u & (1 << KPF_THP))``: no plain report."""
    return any(
        operator(n) == "&" for n in source.walk(value, "binary_expression")
    ) or any(True for _ in source.walk(value, "conditional_expression"))


def _reported(scope: FunctionScope, node: Node, what: str) -> ConfusedCase | None:
    on_the_way = list(paths.conditions_on_the_way(scope.source, node))
    bit = f"KPF_{what}"
    if what == "THP":
        return _as_thp(scope, node, on_the_way)
    kinds = [(_kind(scope, c.node), c) for c in on_the_way]
    kinds = [  # !idx
        ("first", paths.PathCondition(c.node, True))
        if (kind, c.holds) == _NO_INDEX
        else (kind, c)
        for kind, c in kinds
    ]
    facts = {(kind, c.holds) for kind, c in kinds}
    if what == "COMPOUND_TAIL":
        wrong = ("head", False) in facts and not facts & {
            ("tail", True),
            ("compound", True),
            ("large", True),
            ("first", False),
        }
        return _lost(scope, Form.NOT_HEAD, node, kinds, ("head", False), bit, wrong)
    if ("head", True) in facts or ("large", True) in facts:
        return None
    is_compound = ("compound", True) in facts
    for sign, form in (
        (("first", True), Form.FIRST_PAGE),
        (("tail", False), Form.NOT_TAIL),
    ):
        if sign in facts:
            return _lost(scope, form, node, kinds, sign, bit, not is_compound)
    sign = ("compound", True)
    return _lost(scope, Form.COMPOUND, node, kinds, sign, bit, is_compound)


def _lost(
    scope: FunctionScope,
    form: Form,
    node: Node,
    kinds: list[tuple[str, PathCondition]],
    sign: tuple[str, bool],
    bit: str,
    wrong: bool,
) -> ConfusedCase | None:
    if not wrong:
        return None
    condition = next(c for kind, c in kinds if (kind, c.holds) == sign)
    text = scope.source.norm(condition.node)
    return ConfusedCase(form, node, text if condition.holds else f"!{text}", bit)


def _kind(scope: FunctionScope, node: Node, asked_before: str | None = None) -> str:
    """What a condition asks: head, tail, compound, large, first (page), or other.

    A local that is assigned once asks what its value does.
    """
    source = scope.source
    node = without_parentheses(node)
    if node.type == "call_expression":
        name, _ = call(source, node)
        if name in ("PageHead", "folio_test_head"):
            return "head"
        if name in ("PageTail", "PageCompound"):
            return name.removeprefix("Page").lower()
        if name in ("PageTransCompound", "PageTransHuge"):
            return "compound"
        return "large" if name in ("folio_test_large", "folio_test_hugetlb") else ""
    text = source.text(node)
    if re.fullmatch(r"(\w+(\.|->))?idx", text):
        return "index"
    if node.type == "identifier" and asked_before is None:
        given = scope.assignments.get(text, ())
        value = given[0].value if len(given) == 1 else None
        return _kind(scope, value, text) if value is not None else ""
    if re.search(r"\bPG_head\b|_order\b|nr_pages", text):
        return "large"
    sides = operands(node)
    if sides is None or not is_binary(node, "=="):
        return ""
    return "first" if _is_first_page(scope, *sides) else ""


def _is_first_page(scope: FunctionScope, left: Node, right: Node) -> bool:
    """``page == &folio->page``, ``page == head``, ``idx == 0``, ``ps.idx == 0``."""
    source = scope.source
    for one, two in ((left, right), (right, left)):
        if literal(source, two) == 0:
            one = without_casts(one)
            if one.type == "call_expression":
                return call(source, one)[0] == "folio_page_idx"
            return re.search(r"(\.|->|\A)idx\Z", source.text(one)) is not None
        name = scope.pointer(one)
        if name is None or scope.type_of(name) != "page" or scope.is_head(name):
            continue
        text = re.sub(r"\s|[()]", "", source.text(two))
        if re.fullmatch(r"&\w+(->|\.)page", text):
            return True
        other = scope.pointer(two)
        if other is not None and scope.derived_from(other) == name:
            return True
        two = without_casts(two)
        if two.type == "call_expression":  # page == compound_head(page)
            made, arguments = call(source, two)
            if made in HEADS and [scope.pointer(a) for a in arguments] == [name]:
                return True
    return False


def _as_thp(
    scope: FunctionScope, node: Node, way: list[PathCondition]
) -> ConfusedCase | None:
    """KPF_THP where nothing but "it is compound" was asked."""
    asked = [c for c in way if c.holds]
    if not asked or not all(_only_compound(scope.source, c.node) for c in asked):
        return None
    text = scope.source.norm(asked[0].node)
    return ConfusedCase(Form.DRIVER, node, text, "KPF_THP")


def _only_compound(source: Source, node: Node) -> bool:
    node = without_parentheses(node)
    if node.type != "call_expression":
        return False
    return _COMPOUND.match(call(source, node)[0]) is not None


def _named(scope: FunctionScope, node: Node, value: Node) -> Iterator[ConfusedCase]:
    """``bool head = !PageTail(page);``"""
    source = scope.source
    target = node.child_by_field_name("left") or node.child_by_field_name("declarator")
    value = without_parentheses(value)
    if target is None or target.type != "identifier":
        return
    name = source.text(target)
    if not _IS_HEAD.match(name) or scope.type_of(name) is not None:
        return
    argument = operand_of(value, "!")
    negated = argument is not None
    inner = without_parentheses(argument or value)
    if inner.type != "call_expression":
        return
    asked, _ = call(source, inner)
    if negated and asked == "PageTail":
        yield ConfusedCase(Form.NOT_TAIL, node, source.norm(value), name)
    elif not negated and asked == "PageCompound":
        yield ConfusedCase(Form.COMPOUND, node, source.norm(value), name)
