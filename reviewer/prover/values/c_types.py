# SPDX-License-Identifier: GPL-2.0-or-later
"""C types as the tree declares them: declarators, typedefs, struct fields."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from tree_sitter import Node

from reviewer.c.source import Source
from reviewer.prover.limits import Unsupported
from reviewer.prover.names.definitions import Definitions
from reviewer.prover.names.own_types import names_own_type
from reviewer.prover.names.taken_out import is_another_type, may_move_members
from reviewer.prover.syntax import snippet
from reviewer.prover.values.asked_by_directives import asked_by
from reviewer.prover.values.integers import (
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
from reviewer.prover.values.qualifiers import (
    VOLATILE,
    Field,
    as_volatile,
    bitfield,
    in_both,
    qualified,
)
from reviewer.prover.values.struct_layout import Layout, Span
from reviewer.prover.values.struct_texts import structs_read

FUNCTION = "function "
# what names a declarator; the last one is a typedef of a name that the grammar knows
_NAMES = ("identifier", "field_identifier", "type_identifier", "primitive_type")
_WORDS = re.compile(r"[A-Za-z_]\w*")
_PLAIN = re.compile(r"[1-9]\d{0,17}\Z")
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
_UNION = re.compile(r"\bunion\b|\bstruct_group\w*|\bDECLARE_FLEX")
_BITMAP = re.compile(r"DECLARE_BITMAP\s*\(\s*(\w+)\s*,\s*(.*)\)\s*;?\Z", re.DOTALL)
_WORD_ORDER = ("unsigned", "signed", "char", "short", "int", "long")
_QUALIFIERS = re.compile(
    r"\b(?:const|volatile|static|inline|extern|register|restrict|noinline"
    r"|__(?!(?:[us](?:8|16|32|64)|[lb]e(?:16|32|64)|kernel_s?size_t)\b)\w+)\b"
)


class Types:
    """Reads types, with the definitions of one tree and one data model."""

    def __init__(
        self,
        definitions: Definitions,
        machine: Machine,
        changed: frozenset[str] = frozenset(),
    ) -> None:
        self.definitions = definitions
        self.changed = changed  # names that mean something else on the other side
        self.machine = machine
        # of an enum's member: -1, or 1 if it is never negative; None: not an int
        self.sign_of: Callable[[str], int | None] = lambda member: None
        self._enums: dict[str, CType] = {}
        self._typedefs: dict[str, CType] = {}
        self._structs = structs_read(definitions, machine, changed)
        self.layouts = self._structs.layouts
        self.plain: dict[str, bool] = {}  # see plain_layout
        self._depth = 0
        self._odd = False  # the struct that is read has no usual layout

    # --- names ----------------------------------------------------------------

    def named(self, text: str) -> CType:
        """Returns the type of a spelling without declarator, such as ``unsigned
        long``."""
        if VOLATILE.search(text):
            return as_volatile(self.named(VOLATILE.sub(" ", text)))
        words = _QUALIFIERS.sub(" ", text).split()
        name = " ".join(words)
        if name.endswith("*"):  # of a parameter without a name
            return self.machine.pointer(self.named(name[:-1]))
        if name in self.changed or names_own_type(self.definitions, name):
            if self.definitions.is_local(name):
                return replace(UNKNOWN, name=name)  # a macro of the file
            return self.typedef(name)
        if name in _NAMED:
            return _NAMED[name]
        if name in _LONGS:
            return self.machine.long if _LONGS[name] else self.machine.ulong
        if name == "char":
            return self.machine.char
        if words and words[0] in ("struct", "union") and len(words) > 1:
            return CType("struct", 64, name=f"{words[0]} {words[1]}")
        if words and words[0] == "enum":
            return self._enum(" ".join(words))
        if words and all(word in _WORD_ORDER for word in words):
            return self._spelled(words)
        if len(words) == 1:
            return self.typedef(name)
        return replace(UNKNOWN, name=name)

    def _enum(self, name: str) -> CType:
        """gcc: unsigned int, or int where a member is negative."""
        if name not in self._enums:
            self._enums[name] = unknown = replace(UNKNOWN, name=name)
            text = self.definitions.enum_tagged(name.partition(" ")[2])
            members = [] if text is None else [m for m, _v, _c in text.members]
            signs = {self.sign_of(member) for member in members}
            if signs and None not in signs:
                self._enums[name] = INT if -1 in signs else UINT
            else:
                self._enums[name] = unknown
        return self._enums[name]

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
        """Returns what a typedef stands for, UNKNOWN if the tree does not tell."""
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
        if is_another_type(self.definitions, source):
            return replace(UNKNOWN, name=name)
        for node in source.walk(source.root, "type_definition"):
            base = self.base(node, source)
            declarator = node.child_by_field_name("declarator")
            if base is not None and declarator is not None:
                declared, ctype = self.declared(base, declarator, source)
                if declared == name:
                    return ctype
        return replace(UNKNOWN, name=name)

    # --- nodes ----------------------------------------------------------------

    def specifier(self, node: Node | None, source: Source) -> CType:
        """Returns the type that a declaration's type node names."""
        if node is None:
            return UNKNOWN
        if node.type == "enum_specifier" and node.child_by_field_name("body"):
            tag = node.child_by_field_name("name")
            if tag is None:
                return replace(UNKNOWN, name=f"enum <{source.norm(node)}>")
            return self._enum(f"enum {source.text(tag)}")
        if node.type in ("struct_specifier", "union_specifier"):
            kind = node.type.split("_")[0]
            tag = node.child_by_field_name("name")
            body = node.child_by_field_name("body")
            if tag is not None and body is not None:
                here = self.definitions.structs(kind, source.text(tag))
                if len(here) == 1:  # a struct declared where it is used
                    return CType("struct", 64, name=f"{kind} {source.text(tag)}")
            if tag is None or body is not None:
                name = f"{kind} <{source.norm(node)}>"
                if name not in self._structs.members:
                    members = self._fields(node, source, name)
                    self._structs.members[name] = members
                    self._unfold(members)
                return CType("struct", 64, name=name)
            return CType("struct", 64, name=f"{kind} {source.text(tag)}")
        return self.named(source.norm(node))

    def base(self, node: Node, source: Source) -> CType:
        """Returns the type that a declaration, member or cast names, with its
        qualifiers."""
        ctype = self.specifier(node.child_by_field_name("type"), source)
        return qualified(ctype, node, source)

    def declared(
        self, base: CType, declarator: Node | None, source: Source
    ) -> tuple[str, CType]:
        """Returns the name and type of a declarator over a base type."""
        ctype = base
        while declarator is not None:
            kind = declarator.type
            if kind in _NAMES:
                return source.text(declarator), ctype
            if kind in ("pointer_declarator", "abstract_pointer_declarator"):
                ctype = qualified(self.machine.pointer(ctype), declarator, source)
            elif kind in ("array_declarator", "abstract_array_declarator"):
                size = declarator.child_by_field_name("size")
                length = "" if size is None else source.norm(size)
                ctype = replace(self.machine.pointer(ctype), array=True, name=length)
            elif kind in ("function_declarator", "abstract_function_declarator"):
                given = declarator.child_by_field_name("parameters")
                told = "" if given is None else source.norm(given)
                ctype = replace(UNKNOWN, name=f"{FUNCTION}{told}", to=ctype)
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
        """Returns the type of a cast or sizeof (a type_descriptor node)."""
        base = self.base(node, source)
        declarator = node.child_by_field_name("declarator")
        return self.declared(base, declarator, source)[1]

    # --- structs --------------------------------------------------------------

    def field(self, struct: CType, name: str) -> Field | None:
        """Returns a member of a struct or union, None if the tree does not tell."""
        fields = self.fields(struct.name)
        return None if fields is None else fields.get(name)

    def has_union(self, struct: CType) -> bool:
        """Says whether members of a struct may lie on each other."""
        kind, _, tag = struct.name.partition(" ")
        texts = [struct.name, *(t for t, *_ in self.definitions.structs(kind, tag))]
        return any(_UNION.search(text) for text in texts) or len(texts) == 1

    def fields(self, struct: str) -> dict[str, Field] | None:
        """Returns all members of ``struct tag``, those of anonymous members
        included."""
        return self._structs.of(struct, self._read)

    def _read(self, struct: str) -> dict[str, Field] | None:
        kind, _, tag = struct.partition(" ")
        if not tag or tag.startswith("<"):
            return None
        merged: dict[str, Field] = {}
        for text, _source, _offset in self.definitions.structs(kind, tag):
            source = snippet(text + ";")
            specifier = next(source.walk(source.root, f"{kind}_specifier"), None)
            if specifier is None:
                continue
            members = self._fields(specifier, source, struct)
            for name, member in members.items():
                merged[name] = in_both(merged.get(name), member)
        self._structs.members[struct] = merged or None
        self._unfold(merged)
        return merged or None

    def _unfold(self, members: dict[str, Field]) -> None:
        """struct folio is laid over struct page: same names, same places."""
        for name, member in list(members.items()):
            if not member.over or member.ctype.kind != "struct":
                continue
            if member.over & self.names_at(member.ctype.name):
                members[name] = replace(member, over=frozenset())
                for other in member.over:
                    over = members[other].over - {name}
                    members[other] = replace(members[other], over=over)

    def names_at(self, struct: str, depth: int = 0) -> frozenset[str]:
        """Returns the names of the members that are found at the address of a
        struct."""
        members = self.fields(struct) if depth < DEEPEST else None
        found = set(members or ())
        for member in (members or {}).values():
            if member.first and member.ctype.kind == "struct":
                found |= self.names_at(member.ctype.name, depth + 1)
        return frozenset(found)

    def whole(self, struct: str) -> tuple[int, int] | None:
        """Returns the size and alignment that the members of a struct give it, None
        where they are not known."""
        self.fields(struct)
        layouts = self.layouts.get(struct, [None])
        found = {None if kept is None else kept.whole for kept in layouts}
        return found.pop() if len(found) == 1 else None

    def _fields(self, node: Node, source: Source, struct: str) -> dict[str, Field]:
        """The members of a struct by one of its definitions."""
        found: dict[str, Field] = {}
        layouts = self.layouts.setdefault(struct, [])
        body = node.child_by_field_name("body")
        if body is None:
            layouts.append(None)
            return found
        union = node.type == "union_specifier"
        end = source.data.find(b";", node.end_byte) % (len(source.data) + 1)
        told = self.definitions, source, node.start_byte, end
        self._odd = may_move_members(*told)
        layout = self._collect(body, source, union, True, found)
        if is_another_type(*told):
            layouts.append(None)
            return {n: replace(m, ctype=UNKNOWN, bits=0) for n, m in found.items()}
        layouts.append(layout)
        return found

    def _collect(
        self, body: Node, source: Source, union: bool, at_zero: bool,
        found: dict[str, Field],
    ) -> Layout:  # fmt: skip
        first = at_zero
        layout = Layout(union, odd=self._odd)
        for child in body.named_children:
            if child.type.startswith("preproc_"):
                self._check(asked_by(child, source))
                inner = self._collect(child, source, union, False, found)
                layout.add(inner.spans, None, 1)
            elif child.type == "field_declaration":
                layout.add(*self._member(child, source, first, found))
            else:
                continue
            first = first and union
        for name, others in layout.over().items():
            over = found[name].over | others
            found[name] = replace(found[name], over=over)
        return layout

    def _bytes(self, ctype: CType) -> tuple[int, int] | None:
        """Size and alignment of a member, None if they are not known here."""
        if ctype.array:
            each = self._bytes(ctype.to) if ctype.to is not None else None
            if each is None or not _PLAIN.match(ctype.name):
                return None
            return each[0] * int(ctype.name), each[1]
        if ctype.kind in ("int", "bool", "pointer"):
            size = ctype.bits // 8
            return (size, size) if ctype.bits % 8 == 0 else None
        if ctype.kind == "struct":
            return self.whole(ctype.name)
        return None

    def begins_with(self, struct: str, inner: str, depth: int = 0) -> bool:
        """Says whether a struct has another at offset 0, or may have."""
        members = self.fields(struct)
        if members is None or depth > DEEPEST:
            return True
        return any(
            member.zero
            and member.ctype.kind == "struct"
            and (
                member.ctype.name == inner
                or self.begins_with(member.ctype.name, inner, depth + 1)
            )
            for member in members.values()
        )

    def _member(
        self, node: Node, source: Source, first: bool, found: dict[str, Field]
    ) -> tuple[dict[str, Span], int | None, int]:
        """Where the names of a declaration lie, its size and its alignment."""
        bitmap = self.bitmap(source.norm(node))
        if bitmap is not None:
            found[bitmap[0]] = in_both(found.get(bitmap[0]), Field(bitmap[1], first))
            return {bitmap[0]: (0, None)}, None, 8
        specifier = node.child_by_field_name("type")
        declarators = node.children_by_field_name("declarator")
        if not declarators and specifier is not None:
            inner = specifier.child_by_field_name("body")
            if inner is not None:  # an anonymous struct or union
                union = specifier.type == "union_specifier"
                layout = self._collect(inner, source, union, first, found)
                size, align = layout.whole or (None, 8)
                return layout.spans, size, align
            return {}, None, 1
        base = self.base(node, source)
        width = next(
            (c for c in node.named_children if c.type == "bitfield_clause"), None
        )
        bits = 0
        if width is not None:
            digits = source.text(width).lstrip(": ")
            bits = int(digits) if digits.isdecimal() and len(digits) < 10 else -1
            self._check("" if bits > 0 else digits)
        row = Layout(False)
        for position, declarator in enumerate(declarators):
            name, ctype = self.declared(base, declarator, source)
            if bits:
                ctype = bitfield(ctype, bits)
            at_zero = first and position == 0 and not bits
            member = Field(ctype, at_zero, max(bits, 0), zero=at_zero)
            found[name] = in_both(found.get(name), member)
            whole = None if bits else self._bytes(ctype)
            row.add({name: (0, whole[0] if whole else None)}, *(whole or (None, 1)))
        return row.spans, row.size, row.align

    def _check(self, text: str) -> None:
        """Raise Unsupported for what a struct hangs on and is another on each side."""
        found = self.changed.intersection(_WORDS.findall(text))
        if found:
            raise Unsupported(
                f"a struct hangs on {min(found)}, which may mean something else"
            )

    def bitmap(self, text: str) -> tuple[str, CType] | None:
        """Returns name and type of ``DECLARE_BITMAP(name, bits)``, None for other text
        (include/linux/types.h)."""
        match = _BITMAP.match(text)
        if match is None:
            return None
        array = self.machine.pointer(self.machine.ulong)
        return match[1], replace(array, array=True, name=f"BITS_TO_LONGS({match[2]})")

    def is_typename(self, text: str) -> bool:
        """Says whether a word is the name of a type."""
        return text in _NAMED or text in _LONGS or text == "char"
