# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the bytes that copy_to_user() did not copy end up as a function's result."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct
from tree_sitter import Node

from reviewer.api import FileImage
from reviewer.c.source import Function, Source
from reviewer.kit import places
from reviewer.kit.expressions import (
    around_casts,
    call,
    calls_by_name,
    identifier,
    literal,
    operands,
    operator,
    statements,
    without_casts,
    zero_test,
)
from reviewer.kit.truth_values import returned_type
from reviewer.patterns import regex

# Functions whose result is the number of bytes that could not be copied or cleared.
RESIDUE = frozenset(
    {
        # include/linux/uaccess.h
        "copy_from_user", "copy_to_user", "__copy_from_user", "__copy_to_user",
        "__copy_from_user_inatomic", "__copy_to_user_inatomic", "copy_in_user",
        # include/asm-generic/uaccess.h
        "clear_user", "__clear_user",
        # include/linux/sockptr.h
        "copy_from_sockptr", "copy_from_sockptr_offset", "copy_to_sockptr",
        "copy_to_sockptr_offset",
    }
)  # fmt: skip
# Types of a result that holds an errno as well; an unsigned one is a count by contract.
SIGNED = frozenset({"int", "long", "ssize_t", "long int", "signed int"})
_ERRNO = regex(r"(?:\breturn|[^=!<>]=|[?:])\s*\(?\s*-\s*E[A-Z0-9]{2,}\b")
# include/linux/fs.h, net.h, proc_fs.h: what they return, user space gets
_SYSTEM_CALL = regex(
    r"\.(proc_)?(unlocked_|compat_)?(ioctl|read|write|setsockopt|getsockopt)\s*="
)
_IS_A_COUNT = regex(r"\b(?:not|n't|uncopied|un-copied|remain\w*|left|residue)\b", re.I)
_NAMES_IT = (
    "call_expression", "function_declarator", "preproc_function_def", "preproc_def",
)  # fmt: skip
_DEEPEST = 3  # callers of callers that are asked
_FURTHEST = 40  # statements between the copy and the return: more is another matter


class Returned(Struct, frozen=True):
    """A copy, and the return that hands its residue on."""

    source: Source
    copy: Node  # the call
    callee: str
    name: str | None  # the variable between them; None: returned at once
    exit: Node  # the return statement
    under_test: bool  # reached only from there, and where the residue is not 0


def returned_residues(image: FileImage) -> Iterator[Returned]:
    """Yields every copy in the functions in focus whose
    residue is returned as an errno is.

    Only functions of a signed type count that return errnos elsewhere: for the others
    a residue may be what they are for.
    """
    for source, node in places.nodes(places.with_functions(image), "call_expression"):
        callee, _ = call(source, node)
        if callee not in RESIDUE or source.tree is not image.source.tree:
            continue
        function = source.function_around(node)
        if function is None or function.broken or not _returns_errnos(source, function):
            continue
        found = _returned(source, node, callee, function)
        if found is not None and not _is_only_tested(source, function):
            yield found


def _returns_errnos(source: Source, function: Function) -> bool:
    """Whether the function's own text returns errnos, or a system call ends in it, and
    no comment says otherwise."""
    if function.body is None or returned_type(source, function) not in SIGNED:
        return False
    told = _comment_above(source, function)
    if "return" in told.lower() and _IS_A_COUNT.search(told):
        return False
    if _ERRNO.search(source.text(function.body)) is not None:
        return True
    return any(
        source.text(pair).partition("=")[2].strip() == function.name
        and _SYSTEM_CALL.match(source.text(pair)) is not None
        for pair in source.everywhere("initializer_pair")
    )


def _comment_above(source: Source, function: Function) -> str:
    """The comment right above a function; the tree that is parsed has none."""
    above = source.data[: function.node.start_byte].rstrip()
    start = above.rfind(b"/*") if above.endswith(b"*/") else len(above)
    return above[start:].decode("utf-8", "replace")


def _is_only_tested(source: Source, function: Function, depth: int = 0) -> bool:
    """Whether a static function's callers in its file only ask whether it failed.

    So do those that or it into what they return, as code for signal frames does, and
    those that return it and are only tested themselves.
    """
    if not function.signature.startswith("static ") or depth > _DEEPEST:
        return False
    if _is_handed_on(source, function.name):
        return False
    calls = calls_by_name(source).get(function.name, [])
    return bool(calls) and all(_is_a_test(source, node, depth) for node in calls)


def _is_handed_on(source: Source, name: str) -> bool:
    """Whether a function's name stands anywhere but in calls and definitions."""
    return any(
        source.text(node) == name
        and node.parent is not None
        and node.parent.type not in _NAMES_IT
        for node in source.everywhere("identifier")
    )


def _is_a_test(source: Source, node: Node, depth: int) -> bool:
    up = around_casts(node)
    if up is None or up.type == "if_statement":
        return up is not None
    if up.type == "unary_expression" and operator(up) == "!":
        return True
    if up.type == "assignment_expression" and operator(up) == "|=":
        return True
    caller = source.function_around(node)
    returns = ("assignment_expression", "init_declarator", "return_statement")
    return (
        up.type in returns
        and caller is not None
        and _is_only_tested(source, caller, depth + 1)
    )


# --- from the copy to the return ------------------------------------------------------


def _returned(
    source: Source, node: Node, callee: str, function: Function
) -> Returned | None:
    up = around_casts(node)
    if up is None:
        return None
    if up.type == "return_statement":
        return Returned(source, node, callee, None, up, False)
    name, statement = _assigned(source, up)
    if name is None or statement is None:
        return None
    walk = _Walk(source, name, function)
    exit_, goes_on = None, True
    if statement.type == "if_statement":
        exit_, goes_on = walk.branch(statement, True)
    if goes_on:
        exit_ = walk.after(statement)
    if exit_ is None:
        return None
    return Returned(source, node, callee, name, exit_, walk.under_test(exit_))


def _assigned(source: Source, up: Node) -> tuple[str | None, Node | None]:
    """The variable that takes the residue, and the statement in which it does."""
    if up.type == "init_declarator":
        declarator = up.child_by_field_name("declarator")
        if declarator is None or declarator.type != "identifier":
            return None, None
        return source.text(declarator), up.parent
    if up.type != "assignment_expression" or operator(up) != "=":
        return None, None
    sides = operands(up)
    name = identifier(source, sides[0]) if sides is not None else None
    above = up.parent
    if above is not None and above.type == "expression_statement":
        return name, above
    statement = source.enclosing(up, "if_statement", "compound_statement")
    if statement is not None and statement.type == "if_statement":
        condition = statement.child_by_field_name("condition")
        if condition is not None and _asks_for(source, condition, up) is True:
            return name, statement
    return None, None


def _asks_for(source: Source, condition: Node, value: Node | str) -> bool | None:
    """Whether a condition holds where a value is not 0 (True) or is 0 (False).

    None where it says something else.
    """
    asked = zero_test(source, condition, unsigned=True)
    node = without_casts(asked[0]) if asked is not None else condition
    is_it = (identifier(source, node) if isinstance(value, str) else node) == value
    return not asked[1] if asked is not None and is_it else None


class _Walk:
    """Follows control from a copy, as long as nothing touches the residue.

    A step answers with the return that is reached, and whether control goes on behind
    the statement; neither of the two where the residue is mended or control is lost.
    """

    def __init__(self, source: Source, name: str, function: Function) -> None:
        self._source = source
        self._name = name
        self._function = function
        self._left = _FURTHEST
        self._jumped = False
        self._tested: list[Node] = []  # branches that only a residue takes

    def under_test(self, exit_: Node) -> bool:
        """Whether a return is reached only where the residue is not 0."""
        return not self._jumped and any(
            branch.start_byte <= exit_.start_byte < branch.end_byte
            for branch in self._tested
        )

    def after(self, statement: Node) -> Node | None:
        """The return that is reached behind a statement with the residue in hand."""
        following = statement.next_named_sibling
        while following is not None:
            if following.type not in ("comment", "preproc_call"):
                found, goes_on = self._at(following)
                if not goes_on:
                    return found
            following = following.next_named_sibling
        return self._outwards(statement)

    def _outwards(self, statement: Node) -> Node | None:
        """Behind the if statement whose branch a statement ends."""
        up = statement.parent
        if up is None or up.type != "compound_statement" or up.parent is None:
            return None
        above = up.parent
        if above.type == "else_clause" and above.parent is not None:
            above = above.parent
        if above.type == "compound_statement":
            return self.after(up)
        return self.after(above) if above.type == "if_statement" else None

    def _at(self, node: Node) -> tuple[Node | None, bool]:
        self._left -= 1
        if self._left < 0:
            return None, False
        match node.type:
            case "labeled_statement":
                self._jumped = True
                return self._at(node.named_children[-1])
            case "return_statement":
                value = node.named_children[0] if node.named_children else None
                same = value is not None and identifier(self._source, value)
                return (node if same == self._name else None), False
            case "goto_statement":
                return self._behind_label(node), False
            case "if_statement":
                return self._at_test(node)
            case "expression_statement":
                return None, not self._touches(node)
        return None, False

    def _at_test(self, statement: Node) -> tuple[Node | None, bool]:
        condition = statement.child_by_field_name("condition")
        if condition is None:
            return None, False
        asked = _asks_for(self._source, condition, self._name)
        if asked is None:
            return None, not (self._reads(condition) or self._touches(statement))
        return self.branch(statement, asked)

    def branch(self, statement: Node, asked: bool) -> tuple[Node | None, bool]:
        """The branch of an if statement that a residue takes, the else unless asked."""
        taken = statement.child_by_field_name("consequence")
        if not asked:
            other = statement.child_by_field_name("alternative")
            taken = other.named_children[-1] if other is not None else None
        if taken is None:
            return None, True
        self._tested.append(taken)
        if taken.type != "compound_statement":
            return self._at(taken)
        inside = statements(taken)
        if not inside:
            return None, True
        found, goes_on = self._at(inside[0])
        return (self.after(inside[0]) if goes_on else found), False

    def _behind_label(self, jump: Node) -> Node | None:
        wanted = self._source.text(jump.named_children[0])
        for label in self._source.walk(self._function.node, "labeled_statement"):
            if self._source.text(label.named_children[0]) == wanted:
                found, goes_on = self._at(label)
                return self.after(label) if goes_on else found
        return None

    def _reads(self, condition: Node) -> bool:
        """Whether a condition asks for the residue in another way than for 0.

        That it is negative, it never is.
        """
        node = without_casts(condition)
        sides = operands(node)
        if node.type == "binary_expression" and sides is not None:
            is_negative = operator(node) == "<" and literal(self._source, sides[1]) == 0
            if is_negative and identifier(self._source, sides[0]) == self._name:
                return False
        return any(
            self._source.text(inner) == self._name
            for inner in self._source.walk(condition, "identifier")
        )

    def _touches(self, node: Node) -> bool:
        """Whether a statement may change the variable."""
        for inner in self._source.walk(node, "identifier"):
            if self._source.text(inner) != self._name or inner.parent is None:
                continue
            if inner.parent.type in ("assignment_expression", "update_expression"):
                return True
            if operator(inner.parent) == "&":
                return True
        return False
