# SPDX-License-Identifier: GPL-2.0-or-later
"""Expressions with one way to write them: ``!p`` for ``p == NULL``, sizeof of the type,
no parentheses and no cast of an address where they change nothing.
"""

from __future__ import annotations

from reviewer.patterns import regex
from reviewer.prover.structure.calls_written_out import is_asked, is_text
from reviewer.prover.structure.normal_form import Edit, OneFunction
from reviewer.prover.structure.plain_arguments import is_function, is_plain_address
from reviewer.prover.syntax import bare

_PRIMARY = ("identifier", "field_expression", "call_expression", "subscript_expression",
            "number_literal")  # fmt: skip
_NOTHING = ("NULL", "0")
_STRUCT = regex(r"struct \w+\*\Z")


def compared_with_nothing(body: OneFunction) -> list[Edit]:
    """Rewrites ``x == NULL`` and ``x == 0`` to ``!x``, ``x != NULL`` to ``x``, where
    only that is asked."""
    for node in body.walk("binary_expression"):
        left, right = (node.child_by_field_name(n) for n in ("left", "right"))
        operator = node.child_by_field_name("operator")
        if left is None or right is None or operator is None:
            continue
        sign = body.text(operator)
        if sign not in ("==", "!=") or body.text(right) not in _NOTHING:
            continue
        if bare(left).type not in _PRIMARY or not is_asked(body, node):
            continue
        if is_text(body, node) or body.squeezed(node, left, operator, right):
            continue
        text = body.source.text(bare(left))
        return [body.instead(node, "!" * (sign == "==") + text)]
    return []


def sizes(body: OneFunction) -> list[Edit]:
    """Rewrites ``sizeof(*p)`` to the size of the struct that p points to."""
    found: list[Edit] = []
    for node in body.walk("sizeof_expression"):
        value = node.child_by_field_name("value")
        inner = None if value is None else bare(value)
        if value is None or inner is None or inner.type != "pointer_expression":
            continue
        type_ = body.type_of(body.text(inner)[1:].strip())
        if (
            body.text(inner)[0] != "*"
            or not _STRUCT.match(type_)
            or is_text(body, node)
        ):
            continue
        if body.squeezed(node, value) == "sizeof":
            found.append((node.start_byte, node.end_byte, f"sizeof({type_[:-1]})"))
    return found


def needless_parentheses(body: OneFunction) -> list[Edit]:
    """Takes away the parentheses around a name, a member or a call, and around all
    that is given, returned or handed on."""
    for node in body.walk("parenthesized_expression"):
        above = node.parent
        if above is None or node.named_child_count != 1:
            continue
        if above.type.endswith("_statement") and above.type not in (
            "return_statement", "expression_statement"
        ):  # fmt: skip
            continue
        if above.type in ("sizeof_expression", "cast_expression", "gnu_asm_expression"):
            continue
        if above.child_by_field_name("function") == node:
            continue
        inner = node.named_children[0]
        callee = (
            None
            if above.parent is None
            else above.parent.child_by_field_name("function")
        )
        if above.type == "argument_list" and inner.type not in _PRIMARY and (
            callee is None or not is_function(body.known, body.text(callee))
        ):  # fmt: skip
            continue
        whole = above.type in ("return_statement", "argument_list", "init_declarator",
                               "parenthesized_expression")  # fmt: skip
        if above.type == "assignment_expression":
            whole = above.child_by_field_name("right") == node
        if inner.type not in _PRIMARY and not (
            whole and inner.type != "comma_expression"
        ):
            continue
        if inner.type in ("compound_statement", "comment") or is_text(body, node):
            continue
        if body.squeezed(node, inner) == "()":
            return [body.instead(node, body.source.text(inner))]
    return []


def casts(body: OneFunction) -> list[Edit]:
    """Takes away the cast of an address that is given to a variable or returned as an
    address: it is that of the same place."""
    for node in body.walk("cast_expression"):
        above = node.parent
        kind, value = (node.child_by_field_name(n) for n in ("type", "value"))
        if above is None or kind is None or value is None:
            continue
        if (
            not body.text(kind).endswith("*")
            or body.squeezed(node, kind, value) != "()"
        ):
            continue
        is_given = above.type == "return_statement" and body.returns.endswith("*")
        if above.type == "init_declarator":
            target = above.child_by_field_name("declarator")
            is_given = target is not None and body.text(target).startswith("*")
        left = above.child_by_field_name("left")
        if above.type == "assignment_expression" and left is not None:
            plain = above.children[1].type == "=" and left != node
            is_given = plain and body.type_of(body.text(left)).endswith("*")
        given = body.text(bare(value))
        if is_given and is_plain_address(body, given):
            return [body.instead(node, given)]
    return []
