# SPDX-License-Identifier: GPL-2.0-or-later
"""Trees of tree-sitter: the grammar, parsing within a time, names of nodes."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from functools import cache
from itertools import count
from typing import TYPE_CHECKING

from reviewer.c.file_memory import forgotten_with_texts
from reviewer.c.neutralise import Neutral, OutOfTime
from reviewer.c.text import common_start

if TYPE_CHECKING:
    from tree_sitter import Language, Node, Parser, Tree


STATEMENTS = frozenset(
    {
        "expression_statement", "declaration", "return_statement", "if_statement",
        "while_statement", "for_statement", "do_statement", "switch_statement",
        "case_statement", "goto_statement", "break_statement", "continue_statement",
        "labeled_statement", "preproc_def", "preproc_function_def", "preproc_include",
        "preproc_call", "field_declaration", "enumerator", "type_definition",
        "function_definition", "initializer_pair",
    }
)  # fmt: skip
LOOPS = ("for_statement", "while_statement", "do_statement")
_NAMES = frozenset({"identifier", "field_identifier", "type_identifier"})
PARSES = 3  # at most, for one file


def tree_of(neutral: Neutral, ends: float) -> Tree:
    """Parses C text, and again with repairs; raises OutOfTime after ``ends``."""
    tree = _parsed(neutral.text, ends)
    if tree is None:
        raise OutOfTime
    for _again in range(PARSES - 1):
        before = neutral.snapshot()
        if not tree.root_node.has_error:
            break
        try:
            if not neutral.repair(errors_of(tree), ends):
                break
        except OutOfTime:
            neutral.restore(before)
            break
        better = _parsed(neutral.text, ends)
        if better is None:
            neutral.restore(before)
            break
        tree = better
    return tree


def errors_of(tree: Tree) -> list[tuple[int, int]]:
    """Returns byte ranges of the top-level nodes' innermost errors."""
    found = []
    stack = [tree.root_node]
    while stack:
        node = stack.pop()
        if node.is_error or node.is_missing:
            found.append((max(0, node.start_byte - 1), node.end_byte + 1))
        if node.has_error:
            stack.extend(
                child for child in node.children if child.has_error or child.is_missing
            )
    return found


@cache
def language() -> Language:
    """Returns the C grammar, loaded when the first file is parsed."""
    import tree_sitter_c
    from tree_sitter import Language

    return Language(tree_sitter_c.language())


def _parsed(text: bytes, ends: float) -> Tree | None:
    """The tree, None if it is not there when the processor time is ``ends``."""
    from tree_sitter import Parser

    parser = Parser(language())
    if not text.endswith(b"\n"):
        text += b"\n"  # a directive on the last line wants its newline
    if len(text) < _NEVER_SLOW:
        return parser.parse(text)
    try:
        tree = _parsed_again(parser, text, ends) or _read(parser, text, ends)
    except ValueError:  # what the binding raises when it is cut short
        return None
    _remember(text, tree)
    return tree


def _read(parser: Parser, text: bytes, ends: float, before: Tree | None = None) -> Tree:
    def piece(offset: int, _point: object) -> bytes:
        return text[offset : offset + _CHUNK]

    if before is None:
        return parser.parse(piece, progress_callback=_ended(ends))
    return parser.parse(piece, before, progress_callback=_ended(ends))


def _parsed_again(parser: Parser, text: bytes, ends: float) -> Tree | None:
    """The tree of a text that is much as one before, of which only what changed is
    parsed; None where there was none, or with errors, which may hang on the way."""
    for known, tree in reversed(_recent):
        above = common_start(known, text, min(len(known), len(text)))
        most = min(len(known), len(text)) - above
        below = common_start(known[::-1], text[::-1], most)
        if (len(text) - above - below) * _FEW > len(text):
            continue
        old_end, end = len(known) - below, len(text) - below
        edited = tree.copy()
        points = (_point(known, above), _point(known, old_end), _point(text, end))
        edited.edit(above, old_end, end, *points)
        found = _read(parser, text, ends, edited)
        return None if found.root_node.has_error else found
    return None


def _remember(text: bytes, tree: Tree) -> None:
    if not tree.root_node.has_error:
        _recent.append((text, tree))


def tree_at(start: int, point: tuple[int, int], text: bytes) -> Tree:
    """Returns the tree of a text that stands at an offset of a file, with the row and
    column of it, both from 0."""
    from tree_sitter import Parser, Point, Range

    last = Point(point[0] + text.count(b"\n"), 1 << 30)
    parser = Parser(language())
    parser.included_ranges = [Range(Point(*point), last, start, start + len(text))]
    # what stands before is not handed over: a header has thousands of macros
    return parser.parse(lambda offset, _: text[max(offset - start, 0) :])


def _point(text: bytes, offset: int) -> tuple[int, int]:
    """The line and column of an offset, from 0."""
    line = text.rfind(b"\n", 0, offset) + 1
    return text.count(b"\n", 0, line), offset - line


def _ended(ends: float) -> Callable[[int, bool], bool]:
    """Tells the parser to stop; asking for the time costs as much as it does between
    two questions of the parser."""
    asked = count(1)
    return lambda _offset, _error: (
        next(asked) % _SELDOM == 0 and time.process_time() > ends
    )


_recent: deque[tuple[bytes, Tree]] = deque(maxlen=2)  # before and after a patch
forgotten_with_texts(lambda: _recent.clear())
_FEW = 4  # at most a quarter of the text is new
_SELDOM = 64
_NEVER_SLOW = 16 * 1024  # bytes
_CHUNK = 256 * 1024


def function_declarator(node: Node) -> Node | None:
    """Returns the declarator with the parameters in the definition of a function."""
    inner = node.child_by_field_name("declarator")
    while inner is not None and inner.type != "function_declarator":
        inner = inner.child_by_field_name("declarator")
    return inner


def _is_type(node: Node) -> bool:
    """Says whether what reads as the definition of a function is one of a struct, with
    a macro before its name: ``struct __packed a { ... };``."""
    given = node.child_by_field_name("type")
    tagged = given is not None and given.type in _TAGGED
    return tagged and function_declarator(node) is None


_TAGGED = ("struct_specifier", "union_specifier", "enum_specifier")


def name_of(node: Node | None) -> Node | None:
    """Returns the identifier that a declarator declares."""
    while node is not None and node.type not in _NAMES:
        inner = node.child_by_field_name("declarator")
        if inner is None:
            inner = next(
                (
                    c
                    for c in node.named_children
                    if c.type.endswith("declarator") or c.type in _NAMES
                ),
                None,
            )
        node = inner
    return node


def depth_of(tree: Tree) -> int:
    """Returns the levels of a tree, the root's being 0."""
    cursor = tree.walk()
    deepest = depth = 0
    while True:
        if cursor.goto_first_child():
            depth += 1
            deepest = max(deepest, depth)
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return deepest
            depth -= 1


def definitions_in(root: Node, data: bytes, neutral: bytes) -> Iterator[Node]:
    """Yields the function definitions below a node, in file order.

    What has no brace has none, so most of a file is not walked; nor is a function
    that was walked before, in which there was none.  ``neutral``: what was parsed.
    """
    known = _has_none_inside()
    outer: list[tuple[int, bytes]] = []  # where each ends that is walked, and its text
    cursor = root.walk()
    while True:
        at = cursor.node
        assert at is not None
        start, end = at.start_byte, at.end_byte
        while outer and start >= outer[-1][0]:
            known.add(outer.pop()[1])
        walked = False
        if at.type == "function_definition" and not _is_type(at):
            outer.clear()  # those have one inside
            yield at
            text = neutral[start:end]
            walked = text in known
            if not walked and not at.has_error:
                outer.append((end, text))
        braces = not walked and (at.has_error or data.find(b"{", start, end) >= 0)
        if braces and cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                known.update(text for _, text in outer)
                if len(known) > _FUNCTIONS_KEPT:
                    known.clear()
                return


_FUNCTIONS_KEPT = 4096


@cache
def _has_none_inside() -> set[bytes]:
    """The text of functions in which no other one is defined."""
    return set()


forgotten_with_texts(_has_none_inside.cache_clear)
