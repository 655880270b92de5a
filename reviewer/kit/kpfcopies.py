# SPDX-License-Identifier: GPL-2.0-or-later
"""Copies of page flags to KPF_ bits: ``kpf_copy_bit(k, KPF_LRU, PG_lru)``.

Any call with one KPF_ name and one PG_ name counts, whatever the helper is called.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from tree_sitter import Node

from reviewer.api import FileImage
from reviewer.c.source import Source
from reviewer.facts import Facts
from reviewer.facts.kpf import Kpf
from reviewer.facts.missing_fact import FactsMissing
from reviewer.facts.pageflags import PageFlags
from reviewer.kit.expressions import call, identifier, is_binary, without_parentheses
from reviewer.kit.missing_facts import skipped_for
from reviewer.models import Evidence

KPF, PG = "KPF_", "PG_"


class Copy(Struct, frozen=True):
    """One copy of a flag to a bit."""

    source: Source
    node: Node  # the call
    flag_node: Node
    kpf: str
    flag: str

    @property
    def stem(self) -> str:
        """What the bit is called, as flags spell it: ``lru``."""
        return self.kpf.removeprefix(KPF).lower()

    @property
    def flag_stem(self) -> str:
        """What the flag is called."""
        return self.flag.removeprefix(PG)

    @property
    def line(self) -> int:
        """Of the call."""
        return self.source.line_of(self.node)

    @property
    def evidence(self) -> Evidence:
        """The copy as evidence."""
        text = self.source.norm(self.node)
        return Evidence(self.source.path, self.line, text)


def copies(image: FileImage) -> tuple[Copy, ...]:
    """Returns all copies of a file, those out of focus too: a pair is judged by the
    others."""
    if b"KPF_" not in image.source.data or b"PG_" not in image.source.data:
        return ()
    return tuple(_copies(image))


def _copies(image: FileImage) -> Iterator[Copy]:
    source = image.source
    for node in source.walk(source.root, "call_expression"):
        if node.has_error:
            continue
        _, arguments = call(source, node)
        named = [(identifier(source, given) or "", given) for given in arguments]
        bits = [name for name, _ in named if name.startswith(KPF)]
        flags = [(name, at) for name, at in named if name.startswith(PG)]
        if len(bits) == 1 and len(flags) == 1:
            ((flag, flag_node),) = flags
            yield Copy(source, node, flag_node, bits[0], flag)


def flags_of(facts: Facts) -> PageFlags:
    """Returns ``enum pageflags``; raises Skipped where the tree does not give it."""
    try:
        return facts.page_flags
    except FactsMissing as missing:
        raise skipped_for(missing) from None


def kpf_of(facts: Facts) -> Kpf:
    """Returns the KPF_ bits; raises Skipped where the tree does not give them."""
    try:
        _ = facts.kpf.bits
    except FactsMissing as missing:
        raise skipped_for(missing) from None
    return facts.kpf


def guards(copy: Copy) -> Iterator[Node]:
    """Yields the conditions that stand around a copy, the nearest first; not negated
    ones of an else, which say what is not so."""
    below: Node = copy.node
    for up in copy.source.parents(copy.node):
        if up.type == "if_statement":
            then = up.child_by_field_name("consequence")
            condition = up.child_by_field_name("condition")
            if then is not None and condition is not None and then.id == below.id:
                yield without_parentheses(condition)
        elif up.type == "conditional_expression":
            condition = up.child_by_field_name("condition")
            if condition is not None and condition.id != below.id:
                yield condition
        elif up.type == "binary_expression" and is_binary(up, "&&"):
            left = up.child_by_field_name("left")
            if left is not None and left.id != below.id:
                yield left
        elif up.type == "function_definition":
            return
        below = up
