# SPDX-License-Identifier: GPL-2.0-or-later
"""Control flow with one way to write it: what a goto leads to stands in its place, an
if in an if is one, what follows a return needs no else, a block is what is in it.
"""

from __future__ import annotations

from tree_sitter import Node

from reviewer.c.text import IDENTIFIER
from reviewer.prover.names.scope_ends import may_have_scope_end
from reviewer.prover.structure.normal_form import Edit, OneFunction
from reviewer.prover.structure.purity import macros_of
from reviewer.prover.syntax import bare

LONGEST_WAY = 600  # bytes behind a label, up to the end
MOST_GOTOS = 24
_JUMPS = ("return_statement", "goto_statement", "break_statement", "continue_statement")
_NO_WAY = ("declaration", "goto_statement", "labeled_statement", "case_statement",
           "asm_statement", "gnu_asm_expression")  # fmt: skip
_LOOPS = ("while_statement", "for_statement", "do_statement")


def gotos(body: OneFunction) -> list[Edit]:
    """Puts what is done from a label to the end in the place of the gotos to it; of a
    label behind them, of which the way is short and has no others in it."""
    if body.has_twins or may_have_scope_end(body.source.text(body.block)):
        return []
    jumps = list(body.walk("goto_statement"))
    if not jumps or len(jumps) > MOST_GOTOS:
        return []
    for label in reversed([*body.walk("labeled_statement")]):
        name = _label(body, label)
        mine = [one for one in jumps if body.squeezed(one) == f"goto{name};"]
        if not mine or body.source.text(body.block).count(name) < 2:
            continue
        way = _way(body, label)
        if way and all(one.end_byte <= label.start_byte for one in mine):
            edits = [(one.start_byte, one.end_byte, f"{{ {way} }}") for one in mine]
            colon = next(c for c in label.children if c.type == ":")
            if body.squeezed(label, *label.named_children[1:]) != f"{name}:":
                return []
            return [*edits, (label.start_byte, colon.end_byte, "")]
    return []


def _label(body: OneFunction, node: Node) -> str:
    found = node.child_by_field_name("label")
    return "" if found is None else body.text(found)


def _way(body: OneFunction, label: Node) -> str:
    """All that follows a label in the function's block, "" where that is not plain."""
    above = label
    while above.parent is not None and above.parent.type == "labeled_statement":
        above = above.parent
    if above.parent != body.block:
        return ""
    start = next(c for c in label.children if c.type == ":").end_byte
    end = body.block.end_byte - 1
    text = body.source.text(body.block)[start - body.block.start_byte : -1]
    if end - start > LONGEST_WAY or "__label__" in body.words:
        return ""
    for node in body.walk(*_NO_WAY):
        if start <= node.start_byte < end:
            return ""
    for node in body.walk("break_statement", "continue_statement"):
        if (
            start <= node.start_byte < end
            and body.source.enclosing(node, *_LOOPS) is None
        ):
            return ""
    if body.is_one_place(text):
        return ""
    last = body.block.named_children[-1]
    while last.type == "labeled_statement":
        last = last.named_children[-1]
    if last.type == "return_statement":
        return text.strip()
    return f"{text.strip()} return;" if body.returns == "void" else ""


# --- ifs ------------------------------------------------------------------------------


def nested_ifs(body: OneFunction) -> list[Edit]:
    """Rewrites ``if (a) { if (b) .. }`` to ``if (a && b) ..``, without any else."""
    for node in body.walk("if_statement"):
        inner = node.child_by_field_name("consequence")
        if node.child_by_field_name("alternative") or inner is None:
            continue
        if inner.type == "compound_statement":
            statements = _statements(inner)
            if len(statements) != 1:
                continue
            inner = statements[0]
        if inner.type != "if_statement" or inner.child_by_field_name("alternative"):
            continue
        one, two = (n.child_by_field_name("condition") for n in (node, inner))
        then = inner.child_by_field_name("consequence")
        if (
            one is None
            or two is None
            or then is None
            or not _are_ifs(body, node, inner)
        ):
            continue
        outside = body.squeezed(node, one, two, then)
        if outside not in ("ifif", "if{if}"):
            continue
        head = f"if ({_operand(body, one)} && {_operand(body, two)}) "
        text = body.source.text(then)
        return [(node.start_byte, node.end_byte, head + text)]
    return []


def _operand(body: OneFunction, condition: Node) -> str:
    """A condition as an operand of &&."""
    inner = bare(condition)
    text = body.source.text(inner)
    return (
        text
        if _binds_closer(body, inner) or _operator(body, inner) == "&&"
        else f"({text})"
    )


_LOOSE = ("assignment_expression", "conditional_expression", "comma_expression",
          "compound_literal_expression")  # fmt: skip


def _operator(body: OneFunction, node: Node) -> str:
    found = node.child_by_field_name("operator")
    return "" if found is None else body.text(found)


def _binds_closer(body: OneFunction, node: Node) -> bool:
    """Whether an expression needs no parentheses as an operand of && and ||."""
    return node.type not in _LOOSE and _operator(body, node) not in ("&&", "||")


def parentheses(body: OneFunction) -> list[Edit]:
    """Takes away the parentheses around operands of && and || that need none."""
    found: list[Edit] = []
    for node in body.walk("parenthesized_expression"):
        above = node.parent
        if above is None or _operator(body, above) not in ("&&", "||"):
            continue
        if node.named_child_count != 1 or not _binds_closer(
            body, node.named_children[0]
        ):
            continue
        if (
            body.source.enclosing(node, "call_expression") is None
        ):  # a macro may see them
            found.append((node.start_byte, node.start_byte + 1, ""))
            found.append((node.end_byte - 1, node.end_byte, ""))
    return found


def needless_elses(body: OneFunction) -> list[Edit]:
    """Takes away the else behind a branch that ends with a jump."""
    if body.has_twins or may_have_scope_end(body.source.text(body.block)):
        return []
    for node in body.walk("else_clause"):
        above = node.parent
        if above is None or above.parent is None:
            continue
        if above.parent.type != "compound_statement" or not _are_ifs(body, above):
            continue
        then, other = above.child_by_field_name("consequence"), node.named_children[-1]
        if then is None or not ends_with_jump(then):
            continue
        if body.squeezed(node, other) != "else":
            continue
        text = body.source.text(other)
        text = text[1:-1] if other.type == "compound_statement" else text
        return [(node.start_byte, node.end_byte, f" {text}")]
    return []


def ends_with_jump(node: Node) -> bool:
    """Says whether nothing goes on behind a statement: its last one jumps."""
    if node.type == "compound_statement":
        statements = _statements(node)
        return bool(statements) and ends_with_jump(statements[-1])
    return node.type in _JUMPS


def _are_ifs(body: OneFunction, *nodes: Node) -> bool:
    """Whether what is read as an if is one, and no macro."""
    return all(body.squeezed(one).startswith("if(") for one in nodes)


def _statements(block: Node) -> list[Node]:
    return [one for one in block.named_children if one.type != "comment"]


# --- blocks ---------------------------------------------------------------------------


def blocks(body: OneFunction) -> list[Edit]:
    """Takes away the braces of a block in a block, where no name and nothing that is
    done at its end hangs on them."""
    if body.has_twins or may_have_scope_end(body.source.text(body.block)):
        return []
    return [
        edit
        for node in body.walk("compound_statement")
        if node.parent is not None
        and node.parent.type == "compound_statement"
        and body.source.text(node)[:1] + body.source.text(node)[-1:] == "{}"
        for edit in (
            (node.start_byte, node.start_byte + 1, " "),
            (node.end_byte - 1, node.end_byte, " "),
        )
    ]


def dead_ends(body: OneFunction) -> list[Edit]:
    """Takes away the statements behind a jump, up to a label."""
    for block in [body.block, *body.walk("compound_statement")]:
        statements = _statements(block)
        for at, node in enumerate(statements[:-1]):
            after = statements[at + 1]
            if node.type in _JUMPS and not _is_entered(body, after):
                return [(after.start_byte, after.end_byte, " ")]
    return []


def _is_entered(body: OneFunction, node: Node) -> bool:
    """Whether a statement may be got to by a label, or declares something."""
    kinds = ("labeled_statement", "case_statement", "declaration")
    return any(True for _ in body.source.walk(node, *kinds))


def twins_apart(body: OneFunction) -> list[Edit]:
    """Gives a variable that has the name of another one a name of its own, in the block
    that it is of; the last one first, as it may be in the block of the other."""
    twins = [(one.node.start_byte, name, one) for name, ones in body.variables.items()
             if len(ones) > 1 for one in ones if not one.is_parameter]  # fmt: skip
    for start, name, one in sorted(twins, key=lambda twin: -twin[0]):
        block = body.source.enclosing(one.node, "compound_statement", "for_statement")
        number = 2
        while f"{name}_{number}" in body.words or body.known.is_macro(
            f"{name}_{number}"
        ):
            number += 1
        said = (macro for macro in macros_of(body.known, body.words)
                if name in IDENTIFIER.findall(macro.body)
                and name not in (macro.parameters or ()))  # fmt: skip
        if block is None or block == body.block or next(said, None) is not None:
            continue
        return [
            (word.start_byte, word.end_byte, f"{name}_{number}")
            for word in body.source.walk(block, "identifier")
            if word.start_byte >= start and body.text(word) == name
        ]
    return []
