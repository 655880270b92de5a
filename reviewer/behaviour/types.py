"""C types as the tree declares them: declarators, typedefs, struct fields."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from reviewer.behaviour.cvalues import (
    BOOL,
    INT,
    S8,
    S16,
    S64,
    U8,
    U16,
    U64,
    UINT,
    UNKNOWN,
    VOID,
    CType,
    Machine,
)
from reviewer.c.source import Source, parse

if TYPE_CHECKING:
    from tree_sitter import Node

    from reviewer.behaviour.definitions import Definitions

DEEPEST = 12  # typedef of typedef of ...
_NAMED = {
    "u8": U8, "__u8": U8, "uint8_t": U8, "unsigned char": U8,
    "s8": S8, "__s8": S8, "int8_t": S8, "signed char": S8,
    "u16": U16, "__u16": U16, "uint16_t": U16, "unsigned short": U16,
    "s16": S16, "__s16": S16, "int16_t": S16, "short": S16,
    "u32": UINT, "__u32": UINT, "uint32_t": UINT, "unsigned int": UINT,
    "s32": INT, "__s32": INT, "int32_t": INT, "int": INT,
    "u64": U64, "__u64": U64, "uint64_t": U64, "unsigned long long": U64,
    "s64": S64, "__s64": S64, "int64_t": S64, "long long": S64,
    "__le16": U16, "__be16": U16, "__le32": UINT, "__be32": UINT,
    "__le64": U64, "__be64": U64, "uint": UINT, "ushort": U16, "u_char": U8,
    "bool": BOOL, "_Bool": BOOL, "void": VOID, "loff_t": S64, "umode_t": U16,
    "gfp_t": UINT, "fmode_t": UINT, "pid_t": INT, "sector_t": U64,
}  # fmt: skip  # include/uapi/asm-generic/int-ll64.h, include/linux/types.h
_LONGS = {
    "long": True, "unsigned long": False, "size_t": False, "ssize_t": True,
    "ptrdiff_t": True, "uintptr_t": False, "intptr_t": True, "pgoff_t": False,
    "ulong": False, "__kernel_size_t": False, "__kernel_ssize_t": True,
}  # fmt: skip
_ENUM_VALUE = re.compile(r"=([^,}]+)")
_NEGATIVE = re.compile(r"\(?-\s*\w+\)?\Z")
_LARGE = re.compile(  # what may not fit an int
    r"0x[89a-f][0-9a-f]{7}|0x[0-9a-f]{9}|<<\s*(?:3[1-9]|[4-9]\d)|\d(?:ull?|ll)\b|_ULL"
    r"|BIT\s*\(\s*(?:3[1-9]|[4-9]\d)|GENMASK",
    re.IGNORECASE,
)
_UNION = re.compile(r"\bunion\b|\bstruct_group\w*|\bDECLARE_FLEX")
_BITMAP = re.compile(r"DECLARE_BITMAP\s*\(\s*(\w+)\s*,\s*(.*)\)\s*;?\Z", re.DOTALL)
_WORD_ORDER = ("unsigned", "signed", "char", "short", "int", "long")
_QUALIFIERS = re.compile(
    r"\b(?:const|volatile|static|inline|extern|register|restrict|noinline"
    r"|__(?!(?:[us](?:8|16|32|64)|[lb]e(?:16|32|64)|kernel_s?size_t)\b)\w+)\b"
)


@dataclass(frozen=True, slots=True)
class Field:
    """A member of a struct or union; ``first``: at offset 0.

    ``bits`` is the width of a bit-field, 0 for any other member.
    """

    ctype: CType
    first: bool
    bits: int = 0


class Types:
    """Reads types, with the definitions of one tree and one data model."""

    def __init__(self, definitions: Definitions, machine: Machine) -> None:
        self.definitions = definitions
        self.machine = machine
        self._typedefs: dict[str, CType] = {}
        self._structs: dict[str, dict[str, Field] | None] = {}
        self._depth = 0

    # --- names ----------------------------------------------------------------

    def named(self, text: str) -> CType:
        """The type of a spelling without declarator, such as ``unsigned long``."""
        words = _QUALIFIERS.sub(" ", text).split()
        plain = " ".join(words)
        if plain in _NAMED:
            return _NAMED[plain]
        if plain in _LONGS:
            return self.machine.long if _LONGS[plain] else self.machine.ulong
        if plain == "char":
            return self.machine.char
        if words and words[0] in ("struct", "union") and len(words) > 1:
            return CType("struct", 64, name=f"{words[0]} {words[1]}")
        if words and words[0] == "enum":
            return self._enum(words)
        if words and all(word in _WORD_ORDER for word in words):
            return self._spelled(words)
        if len(words) == 1:
            return self.typedef(plain)
        return replace(UNKNOWN, name=plain)

    def _enum(self, words: list[str]) -> CType:
        """gcc: unsigned int, unless a member is negative (or larger)."""
        texts = [" ".join(words)]
        if len(words) == 2:
            texts = [
                text for text, *_rest in self.definitions.structs("enum", words[1])
            ]
        values = [v.strip() for text in texts for v in _ENUM_VALUE.findall(text)]
        if not texts or any(_LARGE.search(value) for value in values):
            return replace(UNKNOWN, name=" ".join(words[:2]))
        negative = [value for value in values if "-" in value or "~" in value]
        if not negative:
            return UINT
        if all(_NEGATIVE.match(value) for value in negative):
            return INT
        return replace(UNKNOWN, name=" ".join(words[:2]))

    def _spelled(self, words: list[str]) -> CType:
        signed = "unsigned" not in words
        if "char" in words:
            return S8 if signed else U8
        if "short" in words:
            return S16 if signed else U16
        if words.count("long") == 2:
            return S64 if signed else U64
        if "long" in words:
            return self.machine.long if signed else self.machine.ulong
        return INT if signed else UINT

    def typedef(self, name: str) -> CType:
        """What a typedef stands for, UNKNOWN if the tree does not tell."""
        known = self._typedefs.get(name)
        if known is not None:
            return known
        unknown = replace(UNKNOWN, name=name)
        self._typedefs[name] = unknown  # also ends a cycle
        if self._depth > DEEPEST:
            return unknown
        found = {text for text, _condition in self.definitions.typedefs(name)}
        if len(found) != 1:
            return unknown
        self._depth += 1
        try:
            self._typedefs[name] = self._typedef_text(found.pop(), name)
        finally:
            self._depth -= 1
        return self._typedefs[name]

    def _typedef_text(self, text: str, name: str) -> CType:
        source = snippet(text.rstrip(" (") + ("" if text.endswith(";") else "();"))
        for node in source.walk(source.root, "type_definition"):
            base = self.specifier(node.child_by_field_name("type"), source)
            declarator = node.child_by_field_name("declarator")
            if base is not None and declarator is not None:
                declared, ctype = self.declared(base, declarator, source)
                if declared == name:
                    return ctype
        return replace(UNKNOWN, name=name)

    # --- nodes ----------------------------------------------------------------

    def specifier(self, node: Node | None, source: Source) -> CType:
        """The type of a declaration's type node."""
        if node is None:
            return UNKNOWN
        if node.type in ("struct_specifier", "union_specifier"):
            kind = node.type.split("_")[0]
            tag = node.child_by_field_name("name")
            body = node.child_by_field_name("body")
            if tag is None or body is not None:
                name = f"{kind} <{source.norm(node)}>"
                self._structs.setdefault(name, self._fields(node, source))
                return CType("struct", 64, name=name)
            return CType("struct", 64, name=f"{kind} {source.text(tag)}")
        return self.named(source.norm(node))

    def declared(
        self, base: CType, declarator: Node | None, source: Source
    ) -> tuple[str, CType]:
        """The name and type of a declarator over a base type."""
        ctype = base
        while declarator is not None:
            kind = declarator.type
            if kind in ("identifier", "field_identifier", "type_identifier"):
                return source.text(declarator), ctype
            if kind in ("pointer_declarator", "abstract_pointer_declarator"):
                ctype = self.machine.pointer(ctype)
            elif kind in ("array_declarator", "abstract_array_declarator"):
                size = declarator.child_by_field_name("size")
                length = "" if size is None else source.norm(size)
                ctype = replace(self.machine.pointer(ctype), array=True, name=length)
            elif kind in ("function_declarator", "abstract_function_declarator"):
                ctype = replace(UNKNOWN, name="function")
            inner = declarator.child_by_field_name("declarator")
            if inner is None and declarator.type in (
                "parenthesized_declarator",
                "abstract_parenthesized_declarator",
                "attributed_declarator",
            ):
                inner = declarator.named_child(0)
            declarator = inner
        return "", ctype

    def descriptor(self, node: Node, source: Source) -> CType:
        """The type of a cast or sizeof (a type_descriptor node)."""
        base = self.specifier(node.child_by_field_name("type"), source)
        declarator = node.child_by_field_name("declarator")
        return self.declared(base, declarator, source)[1]

    # --- structs --------------------------------------------------------------

    def field(self, struct: CType, name: str) -> Field | None:
        """A member of a struct or union, None if the tree does not tell."""
        fields = self.fields(struct.name)
        return None if fields is None else fields.get(name)

    def has_union(self, struct: CType) -> bool:
        """Whether members of a struct may lie on each other."""
        kind, _, tag = struct.name.partition(" ")
        texts = [struct.name, *(t for t, *_ in self.definitions.structs(kind, tag))]
        return any(_UNION.search(text) for text in texts) or len(texts) == 1

    def fields(self, struct: str) -> dict[str, Field] | None:
        """All members of ``struct tag``, those of anonymous members included."""
        if struct in self._structs:
            return self._structs[struct]
        self._structs[struct] = None
        kind, _, tag = struct.partition(" ")
        if not tag or tag.startswith("<"):
            return None
        merged: dict[str, Field] = {}
        for text, _source, _offset in self.definitions.structs(kind, tag):
            source = snippet(text + ";")
            specifier = next(source.walk(source.root, f"{kind}_specifier"), None)
            if specifier is None:
                continue
            for name, member in self._fields(specifier, source).items():
                merged[name] = _either(merged.get(name), member)
        self._structs[struct] = merged or None
        return self._structs[struct]

    def _fields(self, node: Node, source: Source) -> dict[str, Field]:
        found: dict[str, Field] = {}
        body = node.child_by_field_name("body")
        if body is not None:
            self._collect(body, source, node.type == "union_specifier", True, found)
        return found

    def _collect(
        self,
        body: Node,
        source: Source,
        union: bool,
        at_zero: bool,
        found: dict[str, Field],
    ) -> None:
        first = at_zero
        for child in body.named_children:
            if child.type.startswith("preproc_"):
                self._collect(child, source, union, False, found)
                first = first and union
                continue
            if child.type != "field_declaration":
                continue
            self._member(child, source, first, found)
            first = first and union

    def _member(
        self, node: Node, source: Source, first: bool, found: dict[str, Field]
    ) -> None:
        bitmap = self.bitmap(source.norm(node))
        if bitmap is not None:
            found[bitmap[0]] = _either(found.get(bitmap[0]), Field(bitmap[1], first))
            return
        specifier = node.child_by_field_name("type")
        declarators = node.children_by_field_name("declarator")
        if not declarators and specifier is not None:
            inner = specifier.child_by_field_name("body")
            if inner is not None:  # an anonymous struct or union
                union = specifier.type == "union_specifier"
                self._collect(inner, source, union, first, found)
            return
        base = self.specifier(specifier, source)
        width = next(
            (c for c in node.named_children if c.type == "bitfield_clause"), None
        )
        bits = 0
        if width is not None:
            digits = source.text(width).lstrip(": ")
            bits = int(digits) if digits.isdigit() else -1
        for position, declarator in enumerate(declarators):
            name, ctype = self.declared(base, declarator, source)
            if bits:
                ctype = _bitfield(ctype, bits)
            at_zero = first and position == 0 and not bits
            found[name] = _either(found.get(name), Field(ctype, at_zero, max(bits, 0)))

    def bitmap(self, text: str) -> tuple[str, CType] | None:
        """Name and type of ``DECLARE_BITMAP(name, bits)`` (include/linux/types.h)."""
        match = _BITMAP.match(text)
        if match is None:
            return None
        array = self.machine.pointer(self.machine.ulong)
        return match[1], replace(array, array=True, name=f"BITS_TO_LONGS({match[2]})")

    def is_typename(self, text: str) -> bool:
        """Whether a word is the name of a type."""
        return text in _NAMED or text in _LONGS or text == "char"


def _bitfield(ctype: CType, bits: int) -> CType:
    if bits < 0 or ctype.kind not in ("int", "bool"):
        return UNKNOWN
    if ctype.kind == "bool":
        return BOOL
    return replace(ctype, bits=bits, rank=0 if bits < 32 else ctype.rank)


def _either(old: Field | None, new: Field) -> Field:
    """Two declarations of one member (both branches of an #if): what both agree on."""
    if old is None or old == new:
        return new
    ctype = old.ctype if old.ctype == new.ctype else UNKNOWN
    if old.ctype.array and new.ctype.array and old.ctype.to == new.ctype.to:
        ctype = replace(old.ctype, name=f"{old.ctype.name} or {new.ctype.name}")
    return Field(ctype, old.first and new.first)


@lru_cache(maxsize=4096)
def _snippet(text: str) -> Source:
    return parse("<snippet>", text.encode("utf-8", "surrogateescape"))


def snippet(text: str) -> Source:
    """A piece of C from the tree, parsed by itself."""
    return _snippet(text)


def declarations(
    types: Types, node: Any, source: Source
) -> list[tuple[Any, str, CType]]:
    """(init node or None, name, type) of every variable of a declaration node."""
    base = types.specifier(node.child_by_field_name("type"), source)
    found = []
    for declarator in node.children_by_field_name("declarator"):
        value = None
        inner = declarator
        if declarator.type == "init_declarator":
            value = declarator.child_by_field_name("value")
            inner = declarator.child_by_field_name("declarator")
        name, ctype = types.declared(base, inner, source)
        found.append((value, name, ctype))
    return found
