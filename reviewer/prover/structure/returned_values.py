# SPDX-License-Identifier: GPL-2.0-or-later
"""What a function returns, with one way to write it.

``err = f(); return err;`` is ``return f();``, and where a variable is known to hold a
number, ``return err;`` is ``return 0;``.
"""

from __future__ import annotations

from tree_sitter import Node

from reviewer.c.text import IDENTIFIER
from reviewer.prover.structure.guards_written_out import RESULT
from reviewer.prover.structure.normal_form import Edit, OneFunction
from reviewer.prover.syntax import bare

_LOOPS = ("while_statement", "for_statement", "do_statement", "switch_statement")
Known = dict[str, str]  # variables, and the number that each of them holds


def kept_results(body: OneFunction) -> list[Edit]:
    """Rewrites ``v = f(); return v;`` to ``return f();``; with calls in between, which
    cannot see v, the value has the name ``RESULT``."""
    for node in body.walk("return_statement"):
        value = node.named_children[0] if node.named_children else None
        name = "" if value is None else body.text(bare(value))
        if not _is_own(body, name) or node.parent is None:
            continue
        before = _before(node)
        calls = []
        while before and _is_other_call(body, before[-1], name):
            calls.append(before.pop())
        if body.squeezed(node, *node.named_children) != "return;":
            continue
        found = _given(body, before[-1], name) if before else None
        if found is None or body.is_constant(body.text(bare(found))):
            continue
        text, start = body.source.text(found), before[-1].start_byte
        if not calls:
            return [(start, node.end_byte, f"return {text};")]
        keeps = (start, before[-1].end_byte, f"{RESULT} = {text};")
        return [keeps, (node.start_byte, node.end_byte, f"return {RESULT};")]
    return []


def _is_own(body: OneFunction, name: str) -> bool:
    """Whether a variable is of the type that is returned, and nobody else's."""
    return name.isidentifier() and bool(body.returns) and (
        body.type_of(name) == body.returns and body.is_private(name)
    )  # fmt: skip


def _before(node: Node) -> list[Node]:
    """The statements of the same block before one."""
    if node.parent is None or node.parent.type != "compound_statement":
        return []
    return [
        one
        for one in node.parent.named_children
        if one.type != "comment" and one.end_byte <= node.start_byte
    ]


def _is_other_call(body: OneFunction, node: Node, name: str) -> bool:
    if node.type != "expression_statement" or not node.named_children:
        return False
    is_call = node.named_children[0].type == "call_expression"
    return is_call and name not in IDENTIFIER.findall(body.source.text(node))


def _given(body: OneFunction, node: Node, name: str) -> Node | None:
    """What a statement sets a variable to, None if it does more or something else."""
    if node.type == "declaration":
        declared = node.children_by_field_name("declarator")
        if len(declared) != 1 or declared[0].type != "init_declarator":
            return None
        target = declared[0].child_by_field_name("declarator")
        value = declared[0].child_by_field_name("value")
    elif node.type == "expression_statement" and node.named_children:
        whole = node.named_children[0]
        target, value = (whole.child_by_field_name(one) for one in ("left", "right"))
        if whole.type != "assignment_expression" or whole.children[1].type != "=":
            return None
    else:
        return None
    if target is None or value is None or body.text(target).lstrip("* ") != name:
        return None
    head = body.type_of(name).replace(" ", "") if node.type == "declaration" else ""
    if value.type == "initializer_list":
        return None
    return value if body.squeezed(node, value) == f"{head}{name}=;" else None


# --- numbers --------------------------------------------------------------------------


def known_numbers(body: OneFunction) -> list[Edit]:
    """Rewrites ``return v;`` to the number that v holds there on every way."""
    if any(True for _ in body.walk("labeled_statement")) or not body.returns:
        return []
    names = {name for name in body.variables if _is_own(body, name)}
    found: list[Edit] = []
    if names:
        _Walk(body, names, found).statement(body.block, {})
    return found


class _Walk:
    """Goes through a function with what is known of its variables; of code that is
    entered again nothing is known but what none of it changes."""

    def __init__(self, body: OneFunction, names: set[str], found: list[Edit]) -> None:
        self.body, self.names, self.found = body, names, found

    def statement(self, node: Node, known: Known) -> Known | None:
        """Returns what is known behind a statement, None where nobody comes there."""
        kind = node.type
        if kind == "compound_statement":
            return self._list(node.named_children, known)
        if kind == "if_statement":
            return self._branches(node, known)
        if kind in _LOOPS:
            known = self._without(node, known)
            inner = node.child_by_field_name("body")
            if inner is not None:
                self.statement(inner, dict(known))
            return known
        if kind == "case_statement":  # entered with what is known before the switch
            self._list(node.named_children, known)
            return known
        if kind == "return_statement":
            self._returned(node, known)
            return None
        if kind in ("goto_statement", "break_statement", "continue_statement"):
            return None
        return self._plain(node, known)

    def _list(self, nodes: list[Node], known: Known) -> Known | None:
        for node in nodes:
            after = self.statement(node, known)
            if after is None:
                return None
            known = after
        return known

    def _returned(self, node: Node, known: Known) -> None:
        for value in node.named_children:
            name = self.body.text(bare(value))
            if name in known and self.body.squeezed(node, value) == "return;":
                edit = (node.start_byte, node.end_byte, f"return {known[name]};")
                self.found.append(edit)

    def _plain(self, node: Node, known: Known) -> Known:
        left = self._without(node, known)
        if node.type == "declaration":
            for one in node.children_by_field_name("declarator"):
                value = one.child_by_field_name("value")
                target = one.child_by_field_name("declarator")
                if value is not None and target is not None:
                    self._set(left, self.body.text(target), value)
            return left
        for name in self.names & set(IDENTIFIER.findall(self.body.source.text(node))):
            value = _given(self.body, node, name)
            if value is not None:
                self._set(left, name, value)
        return left

    def _set(self, known: Known, name: str, value: Node) -> None:
        text = self.body.text(bare(value))
        if name in self.names and self.body.is_constant(text):
            known[name] = text

    def _branches(self, node: Node, known: Known) -> Known | None:
        condition = node.child_by_field_name("condition")
        then, other = (
            node.child_by_field_name(n) for n in ("consequence", "alternative")
        )
        if condition is None or then is None:
            return {}
        known = self._without(condition, known)
        yes, no = dict(known), dict(known)
        zero, when = self._is_zero(condition)
        if zero:
            (yes if when else no)[zero] = "0"
        one = self.statement(then, yes)
        two = no if other is None else self.statement(other.named_children[-1], no)
        if one is None or two is None:
            return two if one is None else one
        return {name: text for name, text in one.items() if two.get(name) == text}

    def _is_zero(self, condition: Node) -> tuple[str, bool]:
        """The number that is 0 where a condition holds (or does not), "" for none."""
        inner, when = bare(condition), False
        while (
            inner.type == "unary_expression"
            and self.body.text(inner.children[0]) == "!"
        ):
            inner, when = bare(inner.named_children[0]), not when
        name = self.body.text(inner)
        is_number = name in self.names and "*" not in self.body.returns
        return (name if is_number else ""), when

    def _without(self, node: Node, known: Known) -> Known:
        """What is still known behind code that may set some of the variables."""
        lost = set[str]()
        source = self.body.source
        for one in source.walk(node, "assignment_expression", "update_expression"):
            lost |= set(IDENTIFIER.findall(source.text(one.named_children[0])))
        for one in source.walk(node, "init_declarator"):
            lost |= set(IDENTIFIER.findall(source.text(one.named_children[0])))
        for one in source.walk(node, "call_expression"):
            callee = one.child_by_field_name("function")
            if callee is None or callee.type != "identifier" or (
                self.body.known.is_macro(source.text(callee))
            ):  # fmt: skip
                lost |= set(IDENTIFIER.findall(source.text(one)))
        for one in source.walk(node, "while_statement", "gnu_asm_expression"):
            lost |= set(IDENTIFIER.findall(source.text(one)))
        return {name: text for name, text in known.items() if name not in lost}
