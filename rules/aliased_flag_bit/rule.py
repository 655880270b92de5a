# SPDX-License-Identifier: GPL-2.0-or-later
"""``kpf_copy_bit(k, KPF_SWAPCACHE, PG_swapcache)``: the bit has other meanings too."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from reviewer.api import FileImage, Finding, Rule, Scope, Severity
from reviewer.c.source import Source
from reviewer.c.vocabulary import TRUTH_OF_ARGUMENT
from reviewer.kit import places
from reviewer.kit.expressions import call
from reviewer.kit.kpfcopies import Copy, copies, flags_of, guards

RULE = Rule(
    name="aliased-flag-bit",
    summary="a page flag that shares its bit, reported without its qualifier",
    severity=Severity.HIGH,
    scope=Scope.FILE,
    precedent=(
        '6326fec1122c ("mm: Use owner_priv bit for PageSwapCache, valid when'
        ' PageSwapBacked")',
    ),
    trigger=rb"PG_",
    needs=(rb"KPF_",),
)
MOST_NAMES = 6  # of the flags that share a bit, in a mail


def check(image: FileImage) -> Iterator[Finding]:
    """Yields every copy of an alias that nothing around it qualifies."""
    found = [c for c in copies(image) if image.in_focus(c.line, c.line)]
    if not found:
        return
    flags = flags_of(image.facts)
    for copy in found:
        flag = flags.get(copy.flag)
        if flag is None or flag.alias_of is None or _is_qualified(copy):
            continue
        root = flags.root(flag.name).name
        sharing = [f for f in flags.sharing(flag.name) if f.name != root]
        fields = {
            "bit": copy.kpf,
            "flag": flag.name,
            "root": root,
            "sharing": [other.name for other in sharing][:MOST_NAMES],
            "more": max(0, len(sharing) - MOST_NAMES),
        }
        yield places.finding(
            image,
            RULE,
            copy.source,
            copy.node,
            fields=fields,
            evidence=(flag.evidence, *(other.evidence for other in sharing[:2])),
        )


def _is_qualified(copy: Copy) -> bool:
    """Whether a condition around the copy asks for something beside the bit itself."""
    return any(_asks(copy.source, guard, copy.flag) for guard in guards(copy))


def _asks(source: Source, guard: Node, flag: str) -> bool:
    for node in source.walk(guard, "call_expression", "identifier"):
        if node.type == "call_expression":
            name, _ = call(source, node)
            if name not in ("BIT", "BIT_ULL", "test_bit", *TRUTH_OF_ARGUMENT):
                return True
        elif source.text(node).startswith("PG_") and source.text(node) != flag:
            return True
    # a local, or a macro such as SWAPCACHE, that stands for such a test
    names = {source.text(n) for n in source.walk(guard, "identifier")}
    return bool(names) and flag not in names
