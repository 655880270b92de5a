# SPDX-License-Identifier: GPL-2.0-or-later
"""The declared type of an expression, as far as the file and its headers tell.

Only what is written: a local, a parameter, a variable of the file, a member of a
struct, the value of a function.  Where two declarations disagree (in branches of an
#if, in two blocks of a function), or none is found, the type is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct
from tree_sitter import Node

from reviewer.api import FileImage
from reviewer.c.conditions import integer
from reviewer.c.expressions import integer_type
from reviewer.c.file_memory import once_per_subject
from reviewer.c.source import Function, Source, parse
from reviewer.c.text import closing_bracket, split_arguments
from reviewer.c.vocabulary import TRANSPARENT
from reviewer.facts import Facts
from reviewer.facts.header import Header, words
from reviewer.kit import places
from reviewer.kit.assignments import declared_in
from reviewer.kit.expressions import call, cast_to, operator, without_parentheses
from reviewer.kit.functions_seen import functions_seen
from reviewer.models import Evidence
from reviewer.patterns import regex
from reviewer.utf8 import encode

_MOST_NESTED = 6  # members of members
_QUALIFIERS = regex(
    r"\b(?:const|volatile|static|inline|extern|register|noinline|asmlinkage)\b"
    r"|\b__(?!(?:[us]|[lb]e)(?:8|16|32|64)\b|kernel_)\w+"
)
_STRUCTS = regex(r"\b(struct|union)\s+(\w+)\s*\{")
_PLAIN = regex(r"\w+(?: \w+)*")


class DeclaredType(Struct, frozen=True):
    """What a declaration says: ``kind`` with a ``*`` or ``[`` for each level, and the
    number of bits of a bit-field."""

    kind: str
    field_bits: int | None = None
    evidence: Evidence | None = None


class Width(Struct, frozen=True):
    """How many bits an integer keeps; a bool turns all that is not 0 into 1."""

    bits: int
    signed: bool
    is_bool: bool
    kind: str  # as it is written: "u8", "unsigned int:1"
    evidence: Evidence | None

    @property
    def all_bits(self) -> int:
        """The bits that it has."""
        return (1 << self.bits) - 1


def width_of(image: FileImage, source: Source, node: Node) -> Width | None:
    """Returns the width of an expression; None where it is no integer, or not known."""
    declared = declared_type(image, source, node, _MOST_NESTED)
    return None if declared is None else as_width(image, declared)


def as_width(image: FileImage, declared: DeclaredType) -> Width | None:
    """Returns the width of a declared type; plain ``char`` is signed, as it may be."""
    kind = declared.kind
    if not _PLAIN.fullmatch(kind):
        return None
    named = tuple(kind.split())
    if named == ("char",):
        known: tuple[int, bool] | None = (8, True)
    else:
        typedefs = image.facts.typedefs(image.source.path)
        known = integer_type(named, typedefs)
    if known is None:
        return None
    bits, signed = known
    is_bool = bits == 1
    if declared.field_bits is not None:
        bits, kind = declared.field_bits, f"{kind}:{declared.field_bits}"
    return Width(bits, signed, is_bool, kind, declared.evidence)


def declared_type(
    image: FileImage, source: Source, node: Node, depth: int = _MOST_NESTED
) -> DeclaredType | None:
    """Returns what the declaration of an expression says, None where none is found."""
    node = without_parentheses(node)
    if depth == 0:
        return None
    match node.type:
        case "identifier":
            return _of_name(source, node)
        case "cast_expression":
            return DeclaredType(plain_cast(source, node)[0])
        case "pointer_expression" if operator(node) == "*":
            return _pointed_at(_argument(image, source, node, depth))
        case "subscript_expression":
            return _pointed_at(_argument(image, source, node, depth))
        case "field_expression":
            return _of_member(image, source, node, depth)
        case "call_expression":
            name, given = call(source, node)
            if kind := plain_cast(source, node)[0]:
                return DeclaredType(kind)
            if name in TRANSPARENT and len(given) == 1:
                return declared_type(image, source, given[0], depth - 1)
            return return_type(image, name)
    return None


def _argument(
    image: FileImage, source: Source, node: Node, depth: int
) -> DeclaredType | None:
    inner = node.child_by_field_name("argument")
    return None if inner is None else declared_type(image, source, inner, depth - 1)


def _pointed_at(declared: DeclaredType | None) -> DeclaredType | None:
    if declared is None or declared.kind[-1:] not in ("*", "["):
        return None
    return DeclaredType(declared.kind[:-1], None, declared.evidence)


def plain_cast(source: Source, node: Node) -> tuple[str, Node | None]:
    """Returns what ``cast_to`` does, the type without what does not bear on its
    width."""
    kind, value = cast_to(source, node)
    kind = _plain(kind)
    is_cast = node.type == "cast_expression" or _PLAIN.fullmatch(kind) is not None
    return (kind, value) if is_cast else ("", None)


def _plain(kind: str) -> str:
    """A type as it is written, without what does not bear on its width."""
    return words(_QUALIFIERS.sub(" ", kind))


# --- names ----------------------------------------------------------------------


def _of_name(source: Source, node: Node) -> DeclaredType | None:
    """A local or parameter, else a variable of the file."""
    name = source.text(node)
    function = source.function_around(node)
    if function is not None:
        inside = _declarations(source, function).get(name)
        if inside is not None:
            return inside[0] if len({one.kind for one in inside}) == 1 else None
    outside = _of_the_file(source).get(name, [])
    return outside[0] if len({one.kind for one in outside}) == 1 else None


@once_per_subject
def _declarations(source: Source, function: Function) -> dict[str, list[DeclaredType]]:
    """The locals and parameters of a function."""
    return _listed(
        source, source.below(function.node, "declaration", "parameter_declaration")
    )


@once_per_subject
def _of_the_file(source: Source) -> dict[str, list[DeclaredType]]:
    """What a file declares outside of its functions."""
    return _listed(
        source,
        (
            node
            for node in source.everywhere("declaration")
            if source.enclosing(node, "function_definition") is None
        ),
    )


def _listed(source: Source, nodes: Iterator[Node]) -> dict[str, list[DeclaredType]]:
    found: dict[str, list[DeclaredType]] = {}
    for node in nodes:
        for name, kind, _bits in declarators(source, node):
            place = places.evidence_at(source, node)
            found.setdefault(name, []).append(DeclaredType(kind, None, place))
    return found


def declarators(
    source: Source, declaration: Node
) -> Iterator[tuple[str, str, int | None]]:
    """Yields the names that a declaration gives a type
    to, that type, and a field's bits.

    A function, or a pointer to one, is not among them.
    """
    kind = declaration.child_by_field_name("type")
    if kind is None:
        return
    base = _plain(source.text(kind))
    if "{" in base:
        return
    for name, levels in declared_in(declaration):
        if "(" not in levels:
            bits = None if levels else _field_bits(source, name)
            yield source.text(name), base + levels[::-1], bits


def _field_bits(source: Source, declarator: Node) -> int | None:
    """The width behind a bit-field's name; 0 for one that is no plain number."""
    clause = declarator.next_named_sibling
    if clause is None or clause.type != "bitfield_clause":
        return None
    number = integer(source.text(clause).lstrip(": \t"))
    return number if number is not None else 0


# --- members --------------------------------------------------------------------


def _of_member(
    image: FileImage, source: Source, node: Node, depth: int
) -> DeclaredType | None:
    field = node.child_by_field_name("field")
    whole = _argument(image, source, node, depth)
    if field is None or whole is None:
        return None
    tag = re.fullmatch(r"(struct|union) (\w+)\*?", whole.kind)
    if tag is None:
        return None
    members = _members_of(image.facts, image.source.path, tag[1], tag[2])
    found = members.get(source.text(field), [])
    same = len({(one.kind, one.field_bits) for one in found}) == 1
    return found[0] if same and found[0].field_bits != 0 else None


@once_per_subject
def _members_of(
    facts: Facts, path: str, sort: str, tag: str
) -> dict[str, list[DeclaredType]]:
    """The members of a struct as a file sees it: its own, else that of a header."""
    own = facts.header(path)
    if own is not None and tag in own.text:
        found = _members(own, sort, tag)
        if found:
            return found
    for place, data in facts.naming(path, tag):
        header = facts.header(place) if _opens(data, tag) else None
        found = _members(header, sort, tag) if header is not None else {}
        if found:
            return found
    return {}


def _opens(data: bytes, tag: str) -> bool:
    """Whether a header may define a struct, which most that name it only use: behind
    its name a brace, or what ``Header.code`` has not."""
    name = encode(tag)
    at = data.find(name)
    while at >= 0:
        end = at + len(name)
        whole = at == 0 or data[at - 1] not in _IN_WORDS
        if whole and _MAY_OPEN.match(data, end):
            return True
        at = data.find(name, end)
    return False


_MAY_OPEN = regex(rb"(?!\w)[^;{}()=*]*?[{/#]")
_IN_WORDS = frozenset(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"
)


def all_members(header: Header) -> dict[tuple[str, str], DeclaredType]:
    """Returns the members of all structs with a name in a header, by (name, member);
    those that the branches of an #if declare differently are left out."""
    found: dict[tuple[str, str], DeclaredType] = {}
    for sort, tag in set(_STRUCTS.findall(header.code)):
        for name, ways in _members(header, sort, tag).items():
            if len({(one.kind, one.field_bits) for one in ways}) == 1:
                found[tag, name] = ways[0]
    return found


@once_per_subject
def _members(header: Header, sort: str, tag: str) -> dict[str, list[DeclaredType]]:
    """The members that the definitions of a struct in one file have, by name."""
    found: dict[str, list[DeclaredType]] = {}
    for opening in _openings(header.code, sort, tag):
        end = closing_bracket(header.code, opening)
        if end < 0:
            continue
        body = header.code[opening + 1 : end]
        first = header.line_of(opening + 1)
        for name, kind, bits, line in _members_in(body):
            place = header.evidence(first + line - 1)
            found.setdefault(name, []).append(DeclaredType(kind, bits, place))
    return found


def _openings(code: str, sort: str, tag: str) -> Iterator[int]:
    """Where the braces of a struct of this name open: its name is looked for first,
    for a pattern that begins with a word is slow."""
    at = code.find(tag)
    while at >= 0:
        end = at + len(tag)
        before = _SORT.search(code, max(0, at - _FAR), at)
        opened = _OPENED.match(code, end)
        if opened is not None and before is not None and before[1] == sort:
            yield opened.end() - 1
            end = opened.end()
        at = code.find(tag, end)


_SORT = regex(r"\b(struct|union)\s+\Z")
_OPENED = regex(r"(?!\w)[^;{}()=*]*\{")
_FAR = 200  # characters between the two words and before: nobody writes that many


@lru_cache(maxsize=512)
def _members_in(body: str) -> tuple[tuple[str, str, int | None, int], ...]:
    """The members between the braces of a struct, those of unnamed ones inside too."""
    text = f"struct a {{{body}}};"
    source = parse("a.h", encode(text))
    if source.root.has_error:
        return ()
    return tuple(
        (name, kind, bits, source.line_of(node))
        for node in source.walk(source.root, "field_declaration")
        if _is_reached_by_name(source, node)
        for name, kind, bits in declarators(source, node)
    )


def _is_reached_by_name(source: Source, member: Node) -> bool:
    """Whether no member with a name of its own stands around a member."""
    around = source.enclosing(member, "field_declaration")
    while around is not None:
        if around.child_by_field_name("declarator") is not None:
            return False
        around = source.enclosing(around, "field_declaration")
    return True


# --- functions ------------------------------------------------------------------


def return_type(image: FileImage, name: str) -> DeclaredType | None:
    """Returns the type of a function's value, as its definitions and prototypes say."""
    found = _functions(image, name)
    kinds = {_plain(returns) for returns, _, _ in found}
    if len(kinds) != 1:
        return None
    return DeclaredType(kinds.pop(), None, found[0][2])


def parameter_type(image: FileImage, name: str, number: int) -> DeclaredType | None:
    """Returns the type of a function's parameter, counted from 0."""
    found = _functions(image, name)
    kinds = set()
    for _, parameters, _ in found:
        given = split_arguments(parameters)
        if number >= len(given):
            return None
        kinds.add(_without_name(given[number]))
    kind = kinds.pop() if len(kinds) == 1 else ""
    return DeclaredType(kind, None, found[0][2]) if kind else None


def _without_name(parameter: str) -> str:
    """``u8 attr`` and ``u8`` are both u8; "" for what is no plain type and name."""
    if not _PLAIN.fullmatch(parameter):
        return ""
    plain = _plain(parameter).split()
    if len(plain) > 1 and integer_type(tuple(plain)) is None and plain != ["char"]:
        plain = plain[:-1]
    return " ".join(plain)


def _functions(image: FileImage, name: str) -> list[tuple[str, str, Evidence]]:
    """(return type, parameters, place) of every declaration in the first file that has
    one."""
    return _functions_of(image.facts, image.source.path, name)


@once_per_subject
def _functions_of(
    facts: Facts, path: str, name: str
) -> list[tuple[str, str, Evidence]]:
    found: list[tuple[str, str, Evidence]] = []
    for header, one in functions_seen(facts, path, name):
        if found and header.path != found[0][2].file:
            break
        place = header.evidence(header.line_of(one.start))
        found.append((one.returns, one.parameters, place))
    return found
