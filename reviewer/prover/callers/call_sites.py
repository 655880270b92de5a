# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a function is called, and where its name is used in another way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tree_sitter import Node

from reviewer.c.source import Function, Source, parse
from reviewer.c.text import without_comments_and_strings
from reviewer.patterns import regex
from reviewer.tree.view import View
from reviewer.utf8 import encode

MOST_HITS, MOST_FILES = 80, 8  # of a name in a folder
LARGEST = 400_000  # bytes of a file that is read for it
INCLUDES = regex(rb"[ \t]*#[ \t]*include(?:_next)?[ \t]*<")
EXPORTS = regex(rb"\bEXPORT_SYMBOL\w*\s*\(\s*\Z")  # include/linux/export.h


@dataclass(frozen=True, slots=True)
class Site:
    """One call: the function that makes it, and its syntax node."""

    caller: Function
    node: Node
    line: int


@dataclass(slots=True)
class FunctionUses:
    """What one file does with a function's name; ``others``: the lines where it is no
    call, or one that is not read, so that nobody knows who calls it from there."""

    sites: list[Site] = field(default_factory=list)
    others: list[int] = field(default_factory=list)


def uses_in(source: Source, name: str) -> FunctionUses:
    """Returns the calls of a function in a file and all other uses of its name, but for
    those in the function itself.

    What the parser does not see, such as the other branch of an #if or the body of a
    macro, is no call that is known.
    """
    found = FunctionUses()
    found.others += _other_names(source, name)
    for start in _places(source, name):
        line = source.line_at(start)
        inside = source.function_at(line)
        node = source.tree.root_node.descendant_for_byte_range(start, start + len(name))
        if inside is not None and inside.name == name:
            continue
        if node is not None and _is_declared(node):
            if inside is not None:  # another thing of that name
                return FunctionUses([], [line])
            continue
        call = None if node is None else _call_of(node)
        if call is None or inside is None or inside.broken:
            found.others.append(line)
        else:
            found.sites.append(Site(inside, call, line))
    return found


def uses_nearby(
    view: View, source: Source, name: str
) -> list[tuple[Source, FunctionUses]]:
    """Returns what the other files of a file's folder do with a function that a header
    of that folder declares or defines; [] where it is known to more than the folder, or
    used in too many files."""
    folder = source.path.rpartition("/")[0]
    if not folder or "include" in folder.split("/"):
        return []
    hits = [*view.grep([name], [folder], limit=MOST_HITS)]
    paths = dict.fromkeys(hit.path for hit in hits if hit.path != source.path)
    is_local = source.path.endswith(".h") or any(p.endswith(".h") for p in paths)
    if not is_local or len(hits) == MOST_HITS or len(paths) > MOST_FILES:
        return []
    found = []
    for path in paths:
        data = view.read(path)
        if data is None or len(data) > LARGEST:
            return []
        other = parse(path, data)
        if all(function.name != name for function in other.functions):
            found.append((other, uses_in(other, name)))
    return found


def _other_names(source: Source, name: str) -> Iterator[int]:
    """The lines where a function is given another name: alias("name")."""
    word = re.escape(encode(name))
    pattern = (
        rb'\b(?:__)?(?:alias|weakref|ifunc|copy)(?:__)?\s*\(\s*"' + word + rb'"\s*\)'
    )
    for match in re.finditer(pattern, source.data):
        yield source.line_at(match.start())


def _places(source: Source, name: str) -> Iterator[int]:
    """The offsets of a name in the code of a file, but where it is exported, or in the
    path of an #include."""
    code = without_comments_and_strings(source.data)
    word = encode(name)
    for match in re.finditer(rb"(?<!\w)" + re.escape(word) + rb"(?!\w)", code):
        line = code[code.rfind(b"\n", 0, match.start()) + 1 : match.start()]
        if INCLUDES.match(line):
            continue
        if not EXPORTS.search(code, max(0, match.start() - 80), match.start()):
            yield match.start()


def _is_declared(node: Node) -> bool:
    parent = node.parent
    return (
        node.type == "identifier"
        and parent is not None
        and parent.type.endswith("declarator")
        and parent.child_by_field_name("value") != node
    )


def _call_of(node: Node) -> Node | None:
    """The call whose callee a node is."""
    call = node.parent
    if node.type != "identifier" or call is None or call.type != "call_expression":
        return None
    return call if call.child_by_field_name("function") == node else None
