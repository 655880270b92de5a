# SPDX-License-Identifier: GPL-2.0-or-later
"""Folios that are made of a frame number: the page of that number is meant."""

from __future__ import annotations

import re

from tree_sitter import Node

from reviewer.kit.expressions import without_casts
from reviewer.kit.pageword import FunctionScope
from reviewer.patterns import regex

# hugetlb has PG_hwpoison on the head: mm/memory-failure.c, hugetlb_set_page_hwpoison()
HUGETLB = regex(r"\bKPF_HUGE\b|\bPageHuge\b|hugetlb")


def is_about_hugetlb(scope: FunctionScope, node: Node) -> bool:
    """Says whether a function, or a block in it, is about pages that are poisoned
    whole."""
    if HUGETLB.search(scope.function.name):
        return True
    block = scope.source.statement_of(node).parent
    while block is not None and block != scope.body:
        if HUGETLB.search(scope.source.text(block)):
            return True
        block = block.parent
    return False


def frame_behind(scope: FunctionScope, argument: Node) -> str | None:
    """Returns the page of a frame number, where a folio is made of that and nothing
    else: ``page_folio(pfn_to_page(pfn))``, ``pfn_folio(pfn)``, or a local given one."""
    argument = without_casts(argument)
    values: list[Node | None] = [argument]
    if argument.type == "identifier":
        name = scope.source.text(argument)
        values = [one.value for one in scope.assignments.get(name, ())]
    pages = {
        _frame_in(scope.source.norm(without_casts(value)))
        if value is not None
        else None
        for value in values
    }
    return pages.pop() if len(pages) == 1 else None


def _frame_in(text: str) -> str | None:
    found = re.fullmatch(r"page_folio\((pfn_to_(?:online_)?page\(.+\))\)", text)
    if found is not None:
        return found[1]
    found = re.fullmatch(r"pfn_folio\((.+)\)", text)
    return f"pfn_to_page({found[1]})" if found is not None else None
