# SPDX-License-Identifier: GPL-2.0-or-later
"""A C file as text and as tree, with the functions in it.

The tree is built from a neutral form of the file (``neutralise``) in which every byte
keeps its offset; ``text`` gives the bytes that the file really has.
"""

from __future__ import annotations

import bisect
import copy
import io
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import accumulate, chain, islice
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from reviewer import limits
from reviewer.c.neutralise import Neutral, OutOfTime, macro_body, neutralise
from reviewer.c.trees import (
    STATEMENTS,
    definitions_in,
    depth_of,
    name_of,
    tree_at,
    tree_of,
)
from reviewer.errors import LimitExceeded
from reviewer.utf8 import decode

if TYPE_CHECKING:
    from tree_sitter import Node, Tree

LARGEST = 32 * 1024 * 1024  # bytes: amdgpu's largest register header is half of it
KEPT_BYTES = 16 * 1024 * 1024  # of sources that are kept parsed; trees are larger

_asked: dict[str, None] = {}  # the types of nodes that ``everywhere`` was asked for


class Function(Struct, frozen=True):
    """A function definition; lines from 1, both included."""

    name: str
    node: Node
    body: Node | None
    first_line: int
    last_line: int
    broken: bool  # its tree holds an error: no rule may judge it
    signature: str  # white space normalised, up to the body


class Source:
    """A parsed file.  ``parse`` makes one; all of it is read-only."""

    def __init__(self, path: str, data: bytes, neutral: Neutral, tree: Tree) -> None:
        self.path = path
        self.data = data
        self.neutral = neutral.text
        self.tree = tree
        self._blanked = tuple(neutral.blanked)
        self._root: Node | None = None
        self._found: dict[tuple[str, ...], tuple[Node, ...]] = {}
        self._of_type: dict[str, list[tuple[int, Node]]] = {}
        self._macro_bodies: dict[int, Source | None] = {}
        # a rule may find much in one long statement
        self._last_norm: tuple[tuple[int, int], str] = (0, 0), ""
        self._anchors: dict[tuple[int, int], str] = {}
        self.found_once: dict[object, Any] = {}  # see ``file_memory``
        self.too_deep: int | None = None  # the first line that walks left out
        self.calls: dict[int, tuple[str, tuple[Node, ...]]] = {}  # by a node's id

    @property
    def root(self) -> Node:
        """The top of the tree; of a macro body, the body."""
        return self._root or self.tree.root_node

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [0, *accumulate(map(len, io.BytesIO(self.data)))]
        return starts if self.data.endswith(b"\n") or not self.data else starts[:-1]

    @cached_property
    def blanked(self) -> frozenset[int]:
        """Lines whose code is not in the tree (the other branch of an #if is)."""
        lines: set[int] = set()
        for start, end in self._blanked:
            start += len(self.data[start:end]) - len(self.data[start:end].lstrip())
            lines.update(range(self.line_at(start), self.line_at(end - 1) + 1))
        return frozenset(line for line in lines if self.line_text(line).strip())

    def line_at(self, offset: int) -> int:
        """Returns the line (from 1) of a byte offset."""
        return bisect.bisect_right(self._line_starts, offset)

    def line_of(self, node: Node) -> int:
        """Returns the line (from 1) that ``node`` starts on."""
        return int(node.start_point[0]) + 1

    def line_text(self, line: int) -> str:
        """Returns a line (from 1) without its newline, "" beyond the end."""
        if not 1 <= line <= len(self._line_starts):
            return ""
        start = self._line_starts[line - 1]
        end = self.data.find(b"\n", start)
        return decode(self.data[start : end if end >= 0 else len(self.data)])

    def text(self, node: Node) -> str:
        """Returns the bytes of the file that ``node`` covers."""
        return decode(self.data[node.start_byte : node.end_byte])

    def norm(self, node: Node) -> str:
        """Returns the text of ``node`` with every run of white space as one space."""
        place = (node.start_byte, node.end_byte)
        if self._last_norm[0] != place:
            self._last_norm = place, _one_spaced(self.data[slice(*place)])
        return self._last_norm[1]

    # --- walking ------------------------------------------------------------------

    def walk(self, node: Node, *types: str) -> Iterator[Node]:
        """Yields ``node`` and all below it in file order; with types, only those.

        What is nested deeper than the limit ``code_depth`` is left out (``too_deep``).
        """
        wanted = frozenset(types)
        deepest = limits.in_force().code_depth
        depth = 0
        cursor = node.walk()
        while True:
            at = cursor.node
            assert at is not None
            if not wanted or at.type in wanted:
                yield at
            if depth >= deepest:
                self.leave_out_below(at)
            elif cursor.goto_first_child():
                depth += 1
                continue
            if cursor.goto_next_sibling():
                continue
            while cursor.goto_parent():
                depth -= 1
                if cursor.goto_next_sibling():
                    break
            else:
                return

    @cached_property
    def depth(self) -> int:
        """Levels of the tree, the root's being 0."""
        return depth_of(self.tree)

    def leave_out_below(self, node: Node) -> None:
        """Remember that what is nested in this node was not looked at."""
        if self.too_deep is None and node.child_count:
            self.too_deep = node.start_point[0] + 1

    def everywhere(self, *types: str) -> tuple[Node, ...]:
        """Returns what ``walk`` finds from the root, kept: many rules ask the same.

        All that was ever asked for, of whatever file, is looked for in one walk.
        """
        if types not in self._found:
            if not self._of_type.keys() >= set(types):
                self._look_for(types)
            found = [self._of_type[one] for one in dict.fromkeys(types)]
            together = found[0] if len(found) == 1 else sorted(chain(*found))
            self._found[types] = tuple(node for _, node in together)
        return self._found[types]

    def below(self, node: Node, *types: str) -> Iterator[Node]:
        """Yields what ``walk`` does, for a function of the file or its body; in files
        that come later without a walk, of what ``everywhere`` keeps."""
        if self.too_deep is not None or not self._of_type.keys() >= set(types):
            _asked.update(dict.fromkeys(types))
            yield from self.walk(node, *types)
            return
        found = self.everywhere(*types)
        first = bisect.bisect_left(found, node.start_byte, key=attrgetter("start_byte"))
        for at in islice(found, first, None):
            if at.start_byte >= node.end_byte:
                return
            yield at

    def _look_for(self, types: tuple[str, ...]) -> None:
        """Sort the nodes by their types, numbered as they come."""
        _asked.update(dict.fromkeys(types))
        self._of_type = {one: [] for one in _asked}
        for number, node in enumerate(self.walk(self.root, *_asked)):
            self._of_type[node.type].append((number, node))

    def enclosing(self, node: Node, *types: str) -> Node | None:
        """Returns the innermost node above ``node`` of one of the types."""
        above = node.parent
        while above is not None and above.type not in types:
            above = above.parent
        return above

    def parents(self, node: Node) -> Iterator[Node]:
        """Yields the nodes above ``node``, the nearest first."""
        above = node.parent
        while above is not None:
            yield above
            above = above.parent

    def statement_of(self, node: Node) -> Node:
        """Returns the innermost statement (or declaration, or directive) around
        ``node``."""
        at: Node | None = node
        while at is not None and at.type not in STATEMENTS:
            at = at.parent
        return at if at is not None else node

    def anchor(self, node: Node) -> str:
        """Returns the statement around ``node`` without its body, white space
        normalised."""
        place = self._head(node)
        if place not in self._anchors:
            self._anchors[place] = _one_spaced(self.data[slice(*place)])
        return self._anchors[place]

    def head_of_statement(self, node: Node) -> tuple[int, int]:
        """Returns the first and last line of what ``anchor`` gives the text of."""
        start, end = self._head(node)
        first = self.line_at(start)
        return first, first + self.data[start:end].rstrip().count(b"\n")

    def _head(self, node: Node) -> tuple[int, int]:
        """The bytes of the statement around ``node``, up to its body."""
        statement = self.statement_of(node)
        end = statement.end_byte
        body = statement.child_by_field_name("body") or statement.child_by_field_name(
            "consequence"
        )
        if body is not None and body.start_byte >= node.end_byte:
            end = body.start_byte
        return statement.start_byte, end

    def is_iterator(self, node: Node) -> bool:
        """Says whether a while statement is a macro (``for_each_x(...)``) in
        the file."""
        kinds = ("while_statement", "if_statement")
        words = (b"while", b"if")
        return node.type in kinds and not self.data.startswith(words, node.start_byte)

    # --- functions ----------------------------------------------------------------

    @cached_property
    def functions(self) -> tuple[Function, ...]:
        """All function definitions, in file order."""
        found = []
        for node in definitions_in(self.root, self.data, self.neutral):
            body = node.child_by_field_name("body")
            name = name_of(node.child_by_field_name("declarator"))
            if name is None:
                continue
            end = body.start_byte if body is not None else node.end_byte
            found.append(
                Function(
                    name=decode(self.data[name.start_byte : name.end_byte]),
                    node=node,
                    body=body,
                    first_line=int(node.start_point[0]) + 1,
                    last_line=int(node.end_point[0]) + 1,
                    broken=bool(node.has_error),
                    signature=_one_spaced(self.data[node.start_byte : end]),
                )
            )
        return tuple(found)

    @property
    def broken_functions(self) -> tuple[Function, ...]:
        """The functions that no rule may judge."""
        return tuple(function for function in self.functions if function.broken)

    @cached_property
    def _by_name(self) -> dict[str, list[Function]]:
        found: dict[str, list[Function]] = {}
        for one in self.functions:
            found.setdefault(one.name, []).append(one)
        return found

    def functions_named(self, name: str) -> Sequence[Function]:
        """Returns the functions of a name, in file order."""
        return self._by_name.get(name, ())

    def function_named(self, name: str) -> Function | None:
        """Returns the one function of a name, if it parses and has a body; None where
        there is none, or several by configuration."""
        found = self.functions_named(name)
        whole = len(found) == 1 and not found[0].broken and found[0].body is not None
        return found[0] if whole else None

    def function_at(self, line: int) -> Function | None:
        """Returns the innermost function that covers ``line`` (from 1)."""
        number = bisect.bisect_right(self.functions, line, key=lambda f: f.first_line)
        while number and self._furthest[number - 1] >= line:
            number -= 1
            if self.functions[number].last_line >= line:
                return self.functions[number]
        return None

    def function_around(self, node: Node) -> Function | None:
        """Returns the innermost function that covers the line of a node."""
        return self.function_at(self.line_of(node))

    @cached_property
    def _furthest(self) -> list[int]:
        """The last line that a function, or one before it, reaches."""
        return list(accumulate((one.last_line for one in self.functions), max))

    # --- presence conditions --------------------------------------------------------

    @cached_property
    def conditionals(self) -> Any:
        """The #if stack of every line (``reviewer.c.conditions.Conditionals``)."""
        from reviewer.c.conditionals import conditionals

        return conditionals(self.data)

    def condition(self, line: int) -> Any:
        """Returns under which configurations ``line`` (from 1) is compiled."""
        return self.conditionals.at(line)

    # --- macro bodies -----------------------------------------------------------------

    def macro_body_tree(self, define: Node) -> Source | None:
        """Returns a #define's body as a Source of its own, None if it is empty.

        ``define`` is a preproc_def or preproc_function_def node.  The result has this
        file's offsets and lines; its ``root`` is the body's expression, or a compound
        statement, or a node with an error where the body is neither.
        """
        place = define.start_byte
        if place not in self._macro_bodies:
            self._macro_bodies[place] = self._macro_body(define)
        return self._macro_bodies[place]

    def _macro_body(self, define: Node) -> Source | None:
        value = define.child_by_field_name("value")
        if value is None or not self.text(value).strip(" \t\\\r\n"):
            return None
        start, end = value.start_byte, value.end_byte
        body = macro_body(self.data[start:end])
        tree = self._fragment(start, b"int _=", body, b";")
        found = next(self.walk(tree.root_node, "init_declarator"), None)
        root = found.child_by_field_name("value") if found is not None else None
        if root is None or tree.root_node.has_error:
            tree = self._fragment(start, b"int f(){", body, b";}")
            root = next(self.walk(tree.root_node, "compound_statement"), tree.root_node)
        fragment = copy.copy(self)
        fragment.tree = tree
        fragment._root = root
        fragment._found, fragment._of_type = {}, {}
        fragment._macro_bodies, fragment.calls, fragment.found_once = {}, {}, {}
        for found_once in ("functions", "_by_name", "_furthest", "depth"):
            fragment.__dict__.pop(found_once, None)
        return fragment

    def _fragment(self, start: int, head: bytes, body: bytes, tail: bytes) -> Tree:
        """Parse ``body``, which stands at ``start``, between ``head`` and ``tail``."""
        row = self.line_at(start) - 1
        column = max(0, start - self._line_starts[row] - len(head))
        return tree_at(start - len(head), (row, column), head + body + tail)


def _one_spaced(data: bytes) -> str:
    """The text with every run of white space as one space, and none at its ends."""
    return " ".join(decode(data).split())


# --- parsing ----------------------------------------------------------------------


class _Kept:
    """The sources that are kept parsed, by content; those used last stay longest."""

    def __init__(self) -> None:
        # under which paths each was asked for
        self.sources: OrderedDict[bytes, dict[str, Source]] = OrderedDict()
        self.bytes = 0  # of all the files in it

    def add(self, source: Source) -> None:
        self.sources[source.data] = {source.path: source}
        self.bytes += len(source.data)
        while self.bytes > KEPT_BYTES and len(self.sources) > 1:
            self.drop(next(iter(self.sources)))

    def drop(self, data: bytes) -> None:
        gone = self.sources.pop(data, {})
        self.bytes -= len(data) if gone else 0
        for source in gone.values():
            bodies = source._macro_bodies.values()
            for one in (source, *(body for body in bodies if body)):
                one.found_once.clear()  # much names its source: garbage for long


_kept = _Kept()


_MARKS = b"(){}[];,=+-*/&|<>!?:.~^%"  # a tree has about two nodes for each
_NO_MARKS = bytes(set(range(256)) - set(_MARKS))


def parse(path: str, data: bytes) -> Source:
    """Parse a C file; the same bytes are parsed once.

    Raises LimitExceeded for a file above ``LARGEST`` bytes, one with more punctuation
    than the limit ``code_marks`` (its tree would not fit the memory we may use), or
    one that takes longer than the limit ``parse_time`` allows.
    """
    known = _kept.sources.get(data)
    if known is None:
        if len(data) > LARGEST:
            what = f"{path}: {len(data)} bytes of C"
            raise LimitExceeded(f"{what}; at most {LARGEST} are read")
        marks = len(data.translate(None, _NO_MARKS))
        limits.check("code_marks", marks, limits.in_force().code_marks, path)
        tree, neutral = _parsed_file(path, data)
        _kept.add(Source(path, data, neutral, tree))
        known = _kept.sources[data]
    _kept.sources.move_to_end(data)
    if path not in known:
        renamed = copy.copy(next(iter(known.values())))
        renamed.path, renamed.found_once = path, {}
        known[path] = renamed
    return known[path]


def forget(*files: bytes) -> None:
    """Drop sources that are kept parsed: of some files, else all."""
    for data in files or tuple(_kept.sources):
        _kept.drop(data)


def _parsed_file(path: str, data: bytes) -> tuple[Tree, Neutral]:
    seconds = limits.in_force().parse_time
    ends = time.process_time() + seconds
    try:
        neutral = neutralise(data, ends)
        return tree_of(neutral, ends), neutral
    except OutOfTime:
        why = f"{path}: not parsed as C within {seconds} seconds"
        raise LimitExceeded(f"{why} ({limits.option('parse_time')})") from None
