# SPDX-License-Identifier: GPL-2.0-or-later
"""What a tree says about itself: flags, helpers, gates, fields, constants.

``Facts`` reads nothing until it is asked, and remembers what it read by the content of
the files, so that the facts before and after each patch of a series cost once.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from reviewer.facts.missing_fact import FactsMissing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reviewer.c.preprocessor import Define
    from reviewer.c.source import Source
    from reviewer.facts.bitnumbers import BitNumber
    from reviewer.facts.fields import EncodedField
    from reviewer.facts.header import Header, HeaderFunction
    from reviewer.facts.helpers import Helpers
    from reviewer.facts.kbuild import Gate
    from reviewer.facts.kconfig import Kconfig
    from reviewer.facts.kpf import Kpf
    from reviewer.facts.lookup import Constant, Lookup
    from reviewer.facts.name_uses import Uses
    from reviewer.facts.pageflags import PageFlags, PageTypes
    from reviewer.facts.trace_names import TraceName
    from reviewer.tree.view import View

__all__ = ["Constant", "Facts", "FactsMissing"]


class Facts:
    """The facts of one state of a tree.

    A fact that the tree does not give raises FactsMissing, which says why; it is never
    guessed.  Questions about one name (``constant``, ``field_of``, ``is_bit_number``)
    answer with nothing where there is nothing to know.
    """

    def __init__(self, view: View) -> None:
        self.view = view
        self._patched: set[str] = set()
        self.read_anew()

    def read_anew(self) -> None:
        """Forget all that was read: what was being read may be half there."""
        view, patched = self.view, self._patched
        self.__dict__.clear()
        self.view, self._patched = view, patched
        self.reading = object()  # another one: what is kept elsewhere is of no use now
        self._fields: dict[tuple[str, str | None], EncodedField | None] = {}
        self._numbers: dict[tuple[str, str | None], BitNumber | None] = {}
        self._gates: dict[str, Gate] = {}
        self.found_once: dict[object, Any] = {}  # see ``c.file_memory``

    @cached_property
    def _lookup(self) -> Lookup:
        from reviewer.facts.lookup import Lookup

        return Lookup(self.view, self._patched)

    # --- files ------------------------------------------------------------------

    def text(self, path: str) -> str | None:
        """Returns the file's text, None if the tree has no such file."""
        header = self._lookup.header(path)
        return None if header is None else header.text

    def source(self, path: str) -> Source | None:
        """Returns the file parsed, None if the tree has no such file.

        Raises LimitExceeded for a file too large to parse.
        """
        from reviewer.c.source import parse

        data = self.view.read(path)
        return None if data is None else parse(path, data)

    def header(self, path: str) -> Header | None:
        """Returns the file as text with its macros, enums and functions."""
        return self._lookup.header(path)

    def included(self, path: str, arch: str = "") -> Iterator[tuple[str, bytes]]:
        """Yields the headers that a file includes, those of headers too, nearest first.

        Every branch of every #if counts; asm/ is that of ``arch``, or of the
        architecture that the file is of, else asm-generic.
        """
        return self._lookup.included(path, arch)

    def functions(
        self, path: str, name: str
    ) -> Iterator[tuple[Header, HeaderFunction]]:
        """Yields the declarations and bodies of a function in the headers that a file
        includes, each with its header."""
        return self._lookup.functions(path, name)

    def will_be_asked_of(self, path: str) -> None:
        """Have what the headers of a file say of names kept for the next run: of a
        file that a patch changes."""
        self._patched.add(path)

    def keep(self) -> None:
        """Write what is kept for the next run, where that can be."""
        if "_lookup" in self.__dict__:
            self._lookup.keep()

    def naming(self, path: str, name: str) -> Iterator[tuple[str, bytes]]:
        """Yields the headers that a file includes and that have a name in them."""
        return self._lookup.naming(path, name)

    # --- configurations -----------------------------------------------------------

    @cached_property
    def kconfig(self) -> Kconfig:
        """The options; nothing is read before the first question."""
        from reviewer.facts.kconfig import Kconfig

        return Kconfig(self.view)

    def build_gate(self, path: str) -> Gate:
        """Returns under which configurations the build compiles a .c or .S file."""
        if path not in self._gates:
            from reviewer.facts.kbuild import build_gate, kept_gate

            patched = path in self._patched
            self._gates[path] = (kept_gate if patched else build_gate)(path, self.view)
        return self._gates[path]

    # --- names ------------------------------------------------------------------

    def constant(self, name: str, *, near: str | None = None) -> tuple[Constant, ...]:
        """Returns the values of a macro or enumerator, one
        for each configuration it has.

        Looked up in file ``near``, then in the headers that it includes, then in
        include/.  () where the tree defines no such name, or none with a value.
        """
        return self._lookup.constants(name, near)

    def has_one_value(self, text: str, near: str) -> bool:
        """Says whether the constants of an expression in file ``near`` have one value
        each, whatever headers an option or an architecture gives the file.

        It may take a search of arch/.
        """
        from reviewer.facts.one_value import has_one_value

        return has_one_value(self, self._lookup, text, near)

    def define(self, name: str, *, near: str | None = None) -> tuple[Define, ...]:
        """Returns the #defines of a name, looked up as ``constant`` does."""
        return tuple(define for _, define in self._lookup.defines(name, near))

    def typedefs(self, path: str) -> Callable[[str], str | None]:
        """Returns what a typedef stands for ("unsigned
        int"), as a file and its headers say.

        The answer is None for what is no typedef of a plain type.
        """
        return self._lookup.typedefs(path)

    def field_of(self, name: str, near: str | None = None) -> EncodedField | None:
        """Returns the encoded field that ``name`` is a value (or bit, or mask) of.

        None where there is none, or not enough evidence that there is one.
        """
        key = (name, near)
        if key not in self._fields:
            from reviewer.facts.fields_by_use import find_field

            self._fields[key] = find_field(self, self._lookup, name, near)
        return self._fields[key]

    def uses_in_tree(self, name: str, without: str) -> Uses:
        """Returns what all C files of the tree but ``without`` do with a name; it takes
        seconds."""
        from reviewer.facts.name_uses import uses_in_tree

        return uses_in_tree(self.view, name, without)

    def is_bit_number(self, name: str, near: str | None = None) -> BitNumber | None:
        """Says why ``name`` is the number of a bit, as file ``near`` uses it; else
        None."""
        key = (name, near)
        if key not in self._numbers:
            from reviewer.facts.bitnumbers import find_bit_number

            self._numbers[key] = find_bit_number(self, self._lookup, name, near)
        return self._numbers[key]

    # --- page-flags.h and what belongs to it ------------------------------------

    @cached_property
    def page_flags(self) -> PageFlags:
        """``enum pageflags``; raises FactsMissing."""
        from reviewer.facts.pageflags import PAGE_FLAGS_H

        return _page_flags(self._lookup.header(PAGE_FLAGS_H))

    @cached_property
    def page_types(self) -> PageTypes:
        """The page types; raises FactsMissing."""
        from reviewer.facts.pageflags import PAGE_FLAGS_H

        return _page_types(self._lookup.header(PAGE_FLAGS_H))

    @cached_property
    def helpers(self) -> Helpers:
        """PageX(), folio_test_x() and their like; raises FactsMissing."""
        from reviewer.facts.helpers import read_helpers

        return read_helpers(self._lookup.header)

    @cached_property
    def mapping_field(self) -> EncodedField:
        """The low bits of ``folio->mapping``; raises FactsMissing."""
        from reviewer.facts.fields import read_mapping_field

        return read_mapping_field(self._lookup)

    @cached_property
    def trace_names(self) -> tuple[TraceName, ...]:
        """The flags that mmflags.h names, with their gates; raises FactsMissing."""
        from reviewer.facts.trace_names import MMFLAGS_H, read_trace_names

        return read_trace_names(self._lookup.header(MMFLAGS_H))

    @cached_property
    def kpf(self) -> Kpf:
        """The KPF_ bits and what belongs to them; raises FactsMissing."""
        from reviewer.facts.kpf import Kpf

        return Kpf(self._lookup)


@lru_cache(maxsize=64)
def _page_flags(header: Header | None) -> PageFlags:
    from reviewer.facts.pageflags import read_page_flags

    return read_page_flags(header)


@lru_cache(maxsize=64)
def _page_types(header: Header | None) -> PageTypes:
    from reviewer.facts.pageflags import read_page_types

    return read_page_types(header)
