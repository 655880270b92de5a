# SPDX-License-Identifier: GPL-2.0-or-later
"""``clamp(x, 0, max);`` as a statement: what it computes is not kept."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from reviewer.api import FileImage, Finding, Rule, Scope, Severity, Status
from reviewer.c.source import Source
from reviewer.c.text import without_comments
from reviewer.facts import Facts
from reviewer.kit import places
from reviewer.kit.expressions import call, is_constant, next_statement
from reviewer.models import Evidence

# What they compute is all they do, and the compiler does not warn: they are statement
# expressions or inline functions.  By the header that has them.
_COMPUTE = {
    "include/linux/minmax.h": (
        "min max min3 max3 min_t max_t min_not_zero clamp clamp_t clamp_val"
    ),
    "include/linux/math.h": (
        "roundup rounddown DIV_ROUND_CLOSEST DIV_ROUND_CLOSEST_ULL mult_frac abs "
        "abs_diff reciprocal_scale"
    ),
    "include/linux/math64.h": (
        "div_u64 div_s64 div64_u64 div64_s64 mul_u32_u32 mul_u64_u32_shr "
        "mul_u64_u32_div DIV64_U64_ROUND_UP DIV64_U64_ROUND_CLOSEST"
    ),
    "include/linux/bitfield.h": "FIELD_PREP FIELD_GET",
    "include/linux/bitops.h": "sign_extend32 sign_extend64 rol32 ror32 rol64 ror64",
}
HEADER_OF = {name: path for path, names in _COMPUTE.items() for name in names.split()}
_EFFECTS = ("assignment_expression", "update_expression", "call_expression")
_DEFINES = ("preproc_function_def", "preproc_def")
_TYPE_FIRST = ("min_t", "max_t", "clamp_t", "FIELD_PREP", "FIELD_GET")  # or the mask
_KEEPS = ("identifier", "field_expression", "subscript_expression")

RULE = Rule(
    name="discarded-value",
    summary="clamp(), min(), rounddown() as a statement: its value is not kept",
    severity=Severity.MEDIUM,
    scope=Scope.FILE,
    precedent=(
        "<11609b2243c295d65ab4d47e78c239d61ad6be75.1732914810.git.jahau@rocketmail.com>",
    ),
    trigger=rb"\b(?:%s)\s*\(" % "|".join(HEADER_OF).encode(),
    status=Status.PREVIEW,
)


def check(image: FileImage) -> Iterator[Finding]:
    """Yields every statement that computes a value which nothing takes."""
    for source, node in places.nodes(image, "expression_statement"):
        inner = node.named_children[0] if node.named_children else None
        if inner is None or inner.type != "call_expression":
            continue
        name, given = call(source, inner)
        if name not in HEADER_OF or _is_a_value(node) or _has_effect(source, given):
            continue
        declared = _declared(image.facts, name)
        if declared is None or _is_its_own(image.source, name):
            continue
        if not places.always_built(source, inner):
            continue
        yield _finding(image, source, inner, declared)


def _is_a_value(statement: Node) -> bool:
    """Whether it is the last of ``({ a; b; })``, whose value it gives."""
    block = statement.parent
    while block is not None and block.type in ("if_statement", "else_clause"):
        block = block.parent
    up = block.parent if block is not None else None
    if up is None or up.type != "parenthesized_expression":
        return False
    return next_statement(statement) is None


def _has_effect(source: Source, given: tuple[Node, ...]) -> bool:
    """Whether an argument does something, or calls what may; BIT(3) does not."""
    for argument in given:
        for node in source.walk(argument, *_EFFECTS):
            known = call(source, node)[0] in HEADER_OF or is_constant(source, node)
            if node.type != "call_expression" or not known:
                return True
    return not given


def _is_its_own(source: Source, name: str) -> bool:
    """Whether the file has a macro or function of that name, which is another."""
    defines = (d.child_by_field_name("name") for d in source.everywhere(*_DEFINES))
    return bool(source.functions_named(name)) or any(
        d is not None and source.text(d) == name for d in defines
    )


def _declared(facts: Facts, name: str) -> Evidence | None:
    """Where this tree defines it, None if it does not."""
    header = facts.header(HEADER_OF[name])
    if header is None:
        return None
    code = without_comments(header.text)
    defined = rf"(?m)^[ \t]*#[ \t]*define[ \t]+{name}\(|^\w[\w \t*]*\b{name}\("
    found = re.search(defined, code)
    return header.evidence(code.count("\n", 0, found.start()) + 1) if found else None


def _meant(source: Source, name: str, given: tuple[Node, ...]) -> str:
    """What the value was to be stored in, "" where it may be two things: the first of
    clamp(), the only one of min() that is no constant."""
    values = given[name in _TYPE_FIRST :]
    if not name.startswith(("min", "max")):
        values = values[:1]
    stored = [
        source.norm(one)
        for one in values
        if one.type in _KEEPS and not is_constant(source, one)
    ]
    return stored[0] if len(stored) == 1 else ""


def _finding(
    image: FileImage, source: Source, node: Node, declared: Evidence
) -> Finding:
    name, given = call(source, node)
    kept = _meant(source, name, given)
    return places.finding(
        image,
        RULE,
        source,
        node,
        fields={"name": name, "call": source.norm(node), "kept": kept},
        evidence=(declared,),
    )
