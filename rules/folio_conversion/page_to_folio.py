# SPDX-License-Identifier: GPL-2.0-or-later
"""What goes wrong when code moves from pages to folios.

Sources: the comment above ``page_folio()`` and the page types in
include/linux/page-flags.h.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct
from tree_sitter import Node

from reviewer.c.trees import LOOPS
from reviewer.c.vocabulary import READ_THEIR_ARGUMENT
from reviewer.facts import Facts
from reviewer.facts.missing_fact import FactsMissing
from reviewer.facts.pageflags import PAGE_FLAGS_H
from reviewer.kit import paths
from reviewer.kit.expressions import (
    call,
    identifier,
    literal,
    operands,
    operator,
    type_of_cast,
    without_casts,
    without_parentheses,
)
from reviewer.kit.pageword import FunctionScope
from reviewer.kit.truth_values import truth_use
from reviewer.models import Evidence
from reviewer.patterns import regex

# They answer NULL: include/linux/memory_hotplug.h, mm.h, pagemap.h
_MAY_BE_NULL = regex(
    r"(pfn_to_online_page|vm_normal_page(_pmd)?|find_(get|lock)_page)\Z"
)
# They give any page of a folio: include/asm-generic/memory_model.h, mm.h
_ANY_PAGE = regex(
    r"(pfn_to_page|pfn_to_online_page|vm_normal_page(_pmd)?|pte_page|follow_page|nth_page)\Z"
)
_TYPE_NAME = regex(r"(PGTY|PG)_\w+\Z")
_HELPER = regex(r"_*folio_\w+\Z|_*(Set|Clear|TestSet|TestClear)?Page[A-Z]\w*\Z")


class Form(StrEnum):
    """What went wrong."""

    NULL_AFTER = "null-after"  # page_folio(page), and page is tested for NULL later
    NULL_NEVER = "null-never"  # page_folio() of what may be NULL, untested
    TYPE = "type"  # a helper of folios given a page, or the other way
    CONST = "const"  # struct folio *folio = page_folio(page) of a const page
    TAIL = "tail"  # PageTransHuge() of what is a tail: it asserts
    CAST = "cast"  # (struct folio *)page of what may be a tail
    REPEATED = "repeated"  # folio_test_x(page_folio(page)) again and again
    TYPE_MASK = "type-mask"  # page_type & PGTY_x: values of one byte
    TYPE_WHOLE = "type-whole"  # page_type == PGTY_x, not shifted
    TYPE_CLEARED = "type-cleared"  # page_type & PG_x: on where the bit is 0


class Slip(Struct, frozen=True):
    """One slip, as the rule tells it."""

    form: Form
    node: Node
    text: str
    other: str  # the NULL test, the declared type, the cast page, the type name
    right: str | None
    evidence: tuple[Evidence, ...] = ()


def conversion_slips(facts: Facts, scope: FunctionScope) -> Iterator[Slip]:
    """Yields everything in one function."""
    yield from _null(scope)
    yield from _types(facts, scope)
    yield from _const(facts, scope)
    yield from _of_tails(scope)
    yield from _casts(scope)
    yield from _repeated(scope)
    yield from _page_types(facts, scope)


# --- NULL ---------------------------------------------------------------------------


def _null(scope: FunctionScope) -> Iterator[Slip]:
    for node, name, arguments in scope.calls:
        if name != "page_folio" or len(arguments) != 1:
            continue
        page = scope.pointer(arguments[0])
        text = scope.source.norm(node)
        if page is None:
            inner = without_casts(arguments[0])
            called = (
                call(scope.source, inner)[0] if inner.type == "call_expression" else ""
            )
            if _MAY_BE_NULL.match(called) and called != "vm_normal_page":
                yield Slip(Form.NULL_NEVER, node, text, scope.source.norm(inner), None)
            continue
        if _is_tested_before(scope, page, node):
            continue
        test = _tested_after(scope, page, node)
        given = _looked_up(scope, page)
        if test is not None:
            yield Slip(Form.NULL_AFTER, node, text, scope.source.norm(test), None)
        elif given is not None and not _null_tests(scope, page):
            yield Slip(Form.NULL_NEVER, node, text, scope.source.norm(given), None)


def _looked_up(scope: FunctionScope, page: str) -> Node | None:
    """The call that a page comes from, where it may answer NULL."""
    value = scope.only_value(page)
    if value is None or value.type != "call_expression":
        return None
    name = call(scope.source, value)[0]
    found = _MAY_BE_NULL.match(name) is not None and "vm_normal" not in name
    return value if found else None


@lru_cache(maxsize=16)
def _null_tests(scope: FunctionScope, page: str) -> tuple[Node, ...]:
    """``!page``, ``page``, ``page == NULL`` as conditions, in file order."""
    return tuple(_find_null_tests(scope, page))


def _find_null_tests(scope: FunctionScope, page: str) -> Iterator[Node]:
    for node in scope.source.walk(scope.body, "identifier"):
        if scope.source.text(node) != page:
            continue
        up = node.parent
        if up is not None and up.type in (
            "parenthesized_expression",
            "unary_expression",
        ):
            if up.type == "unary_expression" and operator(up) != "!":
                continue
            use = truth_use(scope.source, node)
            if use is not None:
                yield use.node
        elif up is not None and operator(up) in ("==", "!=", "&&", "||"):
            if operator(up) in ("&&", "||"):
                yield node
            elif any(literal(scope.source, side) == 0 for side in operands(up) or ()):
                yield up


def _is_tested_before(scope: FunctionScope, page: str, node: Node) -> bool:
    tests = _null_tests(scope, page)
    before = bool(tests) and tests[0].start_byte < node.start_byte
    return before or _is_tested_otherwise(scope, page)


@lru_cache(maxsize=16)
def _is_tested_otherwise(scope: FunctionScope, page: str) -> bool:
    """``IS_ERR_OR_NULL(page)``, ``page ? :``"""
    pattern = rf"IS_ERR\w*\(\s*{re.escape(page)}\b|\b{re.escape(page)}\s*\?"
    return re.search(pattern, scope.text) is not None


def _tested_after(scope: FunctionScope, page: str, node: Node) -> Node | None:
    """A test of the same value that control meets later."""
    for test in _null_tests(scope, page):
        if test.start_byte < node.end_byte or paths.in_different_arms(node, test):
            continue
        if scope.changed_between(page, node, test) or _loops(scope, node, test):
            continue
        return test
    return None


def _loops(scope: FunctionScope, node: Node, test: Node) -> bool:
    """Whether the first stands in a loop that the second is not in, or is the
    condition of: the value may have moved on."""
    for up in scope.source.parents(node):
        if up.type in LOOPS:
            body = up.child_by_field_name("body")
            inside = body is not None and (
                body.start_byte <= test.start_byte < body.end_byte
            )
            if not inside:
                return True
    return False


# --- types --------------------------------------------------------------------------


def _types(facts: Facts, scope: FunctionScope) -> Iterator[Slip]:
    """``folio_test_lru(page)``, ``PageLRU(folio)``: another pointer type."""
    for node, name, arguments in scope.calls:
        if not _HELPER.match(name) or not arguments:
            continue
        given = without_casts(arguments[0])
        if given.id != without_parentheses(arguments[0]).id:
            continue  # a cast says that it is meant
        pointer = scope.pointer(given)
        kind = scope.type_of(pointer) if pointer else None
        if kind is None or scope.declared_twice(pointer or ""):
            continue
        helper = facts.helpers.get(name)
        if helper is None or helper.takes in (None, kind):
            continue
        if any(d.is_macro or d.takes != helper.takes for d in helper.definitions):
            continue
        if (
            not helper.definitions[0]
            .parameters.lstrip()
            .startswith(("struct", "const struct"))
        ):
            continue
        right = None
        if kind == "page":
            right = scope.source.norm(node).replace(
                scope.source.norm(given), f"page_folio({pointer})", 1
            )
        yield Slip(
            Form.TYPE,
            node,
            scope.source.norm(node),
            f"struct {kind} *{pointer}",
            right,
            tuple(d.evidence for d in helper.definitions[:1]),
        )


def _const(facts: Facts, scope: FunctionScope) -> Iterator[Slip]:
    """``struct folio *folio = page_folio(page)`` of a ``const struct page *``: since
    page_folio() is a _Generic (include/linux/page-flags.h, 5.17), const is dropped."""
    header = facts.header(PAGE_FLAGS_H)
    made = header.macros.get("page_folio", ()) if header is not None else ()
    if header is None or len(made) != 1 or "_Generic" not in made[0].body:
        return
    for name, assignments in scope.assignments.items():
        if scope.type_of(name) != "folio" or _is_const(scope, "folio", name):
            continue
        for assignment in assignments:
            value = assignment.value
            if value is None or value.type != "call_expression":
                continue
            called, arguments = call(scope.source, value)
            page = scope.pointer(arguments[0]) if len(arguments) == 1 else None
            if called == "page_folio" and page and _is_const(scope, "page", page):
                yield Slip(
                    Form.CONST,
                    assignment.node,
                    scope.source.norm(value),
                    page,
                    f"const struct folio *{name}",
                    (header.evidence(made[0].line),),
                )


def _is_const(scope: FunctionScope, kind: str, name: str) -> bool:
    """Whether a local or parameter points to a const page or folio."""
    declared = rf"\bconst\s+struct\s+{kind}\s*\*+\s*(?:const\s+)?{re.escape(name)}\b"
    return re.search(declared, scope.text) is not None


def _of_tails(scope: FunctionScope) -> Iterator[Slip]:
    """``PageTail(page) && PageTransHuge(page)``: that is a bug for a tail."""
    for node, name, arguments in scope.calls:
        page = scope.pointer(arguments[0]) if len(arguments) == 1 else None
        if name != "PageTransHuge" or page is None:
            continue
        for condition in paths.conditions_on_the_way(scope.source, node):
            asked = without_casts(condition.node)
            if not condition.holds or asked.type != "call_expression":
                continue
            test, of = call(scope.source, asked)
            if test == "PageTail" and [scope.pointer(one) for one in of] == [page]:
                right = f"PageTransCompound({page})"
                text = scope.source.norm
                yield Slip(Form.TAIL, node, text(node), text(asked), right)
                break


# --- casts --------------------------------------------------------------------------


def _casts(scope: FunctionScope) -> Iterator[Slip]:
    for node in scope.source.below(scope.body, "cast_expression"):
        if "struct folio" not in type_of_cast(scope.source, node):
            continue
        value = node.child_by_field_name("value")
        value = without_parentheses(value) if value is not None else None
        if value is None or not _may_be_tail(scope, value, node):
            continue
        text = scope.source.norm(node)
        page = scope.source.norm(value)
        yield Slip(Form.CAST, node, text, page, f"page_folio({page})")


def _may_be_tail(scope: FunctionScope, value: Node, cast: Node) -> bool:
    """Whether a value is any page of a folio: found by number or by a page table, or
    ``page + i``; nothing before says that it is a head."""
    if value.type == "identifier":
        name = scope.source.text(value)
        if scope.type_of(name) != "page" or _asks_for_head(scope, cast):
            return False
        given = [
            a.value
            for a in scope.assignments.get(name, ())
            if a.node.start_byte < cast.start_byte
        ]
        return bool(given) and all(
            g is not None and _gives_any_page(scope, without_casts(g)) for g in given
        )
    return _gives_any_page(scope, value) and not _asks_for_head(scope, cast)


def _gives_any_page(scope: FunctionScope, value: Node) -> bool:
    if value.type == "call_expression":
        return _ANY_PAGE.match(call(scope.source, value)[0]) is not None
    sides = operands(value)
    if value.type == "binary_expression" and operator(value) == "+" and sides:
        name = scope.source.text(sides[0])
        return scope.type_of(name) == "page" and literal(scope.source, sides[1]) != 0
    return False


def _asks_for_head(scope: FunctionScope, node: Node) -> bool:
    start = scope.body.start_byte
    before = scope.source.data[start : node.start_byte].decode("utf-8", "replace")
    return (
        re.search(r"\bPage(Tail|Head|Compound|Buddy|Reserved)\b|_order\b|head", before)
        is not None
    )


# --- again and again ----------------------------------------------------------------


def _repeated(scope: FunctionScope) -> Iterator[Slip]:
    """``folio_test_x(page_folio(page))`` more than once: a local says it once."""
    seen: dict[str, list[Node]] = {}
    for node, name, arguments in scope.calls:
        if not name.startswith("folio_") or not arguments:
            continue
        inner = without_casts(arguments[0])
        if inner.type != "call_expression":
            continue
        called, given = call(scope.source, inner)
        page = scope.pointer(given[0]) if called == "page_folio" and given else None
        if page is None or len(scope.assignments.get(page, ())) > 1:
            continue
        before = seen.setdefault(page, [])
        if not any(paths.in_different_arms(one, node) for one in before):
            before.append(node)
    for page, nodes in seen.items():
        if len(nodes) > 1:
            yield Slip(
                Form.REPEATED,
                nodes[1],
                scope.source.norm(nodes[1]),
                page,
                None,
            )


# --- page types ---------------------------------------------------------------------


def _page_types(facts: Facts, scope: FunctionScope) -> Iterator[Slip]:
    """Tests of ``page_type`` that forget how this tree keeps the types."""
    if "page_type" not in scope.text:
        return
    try:
        types = facts.page_types
    except FactsMissing:
        return
    for node in scope.source.below(scope.body, "binary_expression"):
        sides = operands(node)
        sign = operator(node)
        if sides is None or sign not in ("&", "==", "!="):
            continue
        for word, value in (sides, sides[::-1]):
            value, placed = _shifted(scope, value, "<<")
            name = identifier(scope.source, value)
            kind = types.get(name) if name and _TYPE_NAME.match(name) else None
            word, lowered = _shifted(scope, word, ">>")
            if kind is None or not _is_page_type(scope, word):
                continue
            if (placed or lowered) and (types.style != "value" or sign != "&"):
                continue  # the type, where it stands
            form = _type_form(scope, node, sign, types.style)
            if form is not None:
                text = scope.source.norm(node)
                shifted = scope.source.norm(without_casts(word))
                right = f"{shifted} >> {types.shift} == {name}"
                yield Slip(
                    form,
                    node,
                    text,
                    kind.name,
                    right if types.style == "value" else None,
                    (kind.evidence, types.test),
                )


def _shifted(scope: FunctionScope, node: Node, sign: str) -> tuple[Node, bool]:
    """What ``x >> 24`` shifts, and whether it does."""
    inner = without_casts(node)
    sides = operands(inner) if inner.type == "binary_expression" else None
    if sides is None or operator(inner) != sign:
        return node, False
    return sides[0], literal(scope.source, sides[1]) is not None


def _is_page_type(scope: FunctionScope, node: Node) -> bool:
    node = without_casts(node)
    if node.type == "identifier":
        value = scope.only_value(scope.source.text(node))
        if value is None or value.type == "identifier":
            return False
        return _is_page_type(scope, value)
    if node.type == "call_expression":
        name, arguments = call(scope.source, node)
        if name in READ_THEIR_ARGUMENT and len(arguments) == 1:
            return _is_page_type(scope, arguments[0])
        return False
    field = node.child_by_field_name("field")
    return (
        node.type == "field_expression"
        and field is not None
        and scope.source.text(field) == "page_type"
    )


def _type_form(scope: FunctionScope, node: Node, sign: str, style: str) -> Form | None:
    if style == "value":
        if sign != "&":
            return Form.TYPE_WHOLE
        return Form.TYPE_MASK if truth_use(scope.source, node) else None
    if sign == "&" and truth_use(scope.source, node) is not None:
        use = truth_use(scope.source, node)
        return None if use is not None and use.negated else Form.TYPE_CLEARED
    return None
