# SPDX-License-Identifier: GPL-2.0-or-later
"""A helper as the tree defines it: its definitions, policy and kind."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from reviewer.c.conditions import Condition, any_of
from reviewer.facts.accesses import Access, PageRole
from reviewer.models import Evidence
from reviewer.patterns import regex

if TYPE_CHECKING:
    from reviewer.facts.helpers import Helpers

IGNORED = regex(
    r"\(\s*void\s*\)\s*\w+\s*;|\b(?:VM_)?(?:WARN|BUG|BUILD_BUG)(?:_ON)?\w*\s*\([^;]*\)\s*;"
)


class HelperDefinition(Struct, frozen=True):
    """One definition of a helper: a name may have one for each configuration."""

    name: str
    condition: Condition
    stub: bool  # constant, or without effect
    value: str | None  # what the stub returns as written; None: nothing
    evidence: Evidence  # the line in the tree that makes it
    generator: str | None  # the macro called on that line; None: written by hand
    generator_evidence: Evidence | None  # the #define whose body holds the function
    kind: str  # test, set, clear, change, test_and_set, test_and_clear, other
    atomic: bool | None  # None: it writes no flag
    flag: str | None  # "PG_dirty": its bit operation's number
    policy: str | None  # "PF_HEAD", "FOLIO_HEAD_PAGE" as the invocation has it
    takes: str | None  # "page" or "folio"
    returns: str
    parameters: str
    body: str  # white space as in the source; a macro's body for a macro
    is_macro: bool = False  # a #define that is used like a function
    is_prototype: bool = False  # declared here, defined in some .c file

    @property
    def text(self) -> str:
        """The definition as C text, generator macros expanded."""
        return f"{self.returns} {self.name}({self.parameters})\n{self.body}\n"


class Policy(Struct, frozen=True):
    """What a PF_ macro or a FOLIO_ page number says about where the flag lives."""

    name: str
    pages: frozenset[PageRole]
    asserts: tuple[str, ...]  # conditions that are bugs, as written in the macro
    evidence: Evidence


class Helper:
    """A helper with all its definitions; the common answers over them."""

    def __init__(
        self, name: str, definitions: tuple[HelperDefinition, ...], helpers: Helpers
    ) -> None:
        self.name = name
        self.definitions = definitions
        self._helpers = helpers

    def __repr__(self) -> str:
        return f"Helper({self.name}, {len(self.definitions)} definitions)"

    @property
    def real(self) -> tuple[HelperDefinition, ...]:
        """The definitions that do something."""
        return tuple(d for d in self.definitions if not d.stub)

    @property
    def stubs(self) -> tuple[HelperDefinition, ...]:
        """The definitions that are constant or do nothing."""
        return tuple(d for d in self.definitions if d.stub)

    @cached_property
    def gate(self) -> Condition:
        """Under which configurations it does something."""
        return any_of(d.condition for d in self.real)

    @cached_property
    def stub_gate(self) -> Condition:
        """Under which configurations it is a stub."""
        return any_of(d.condition for d in self.stubs)

    @cached_property
    def exists(self) -> Condition:
        """Under which configurations the name can be used at all."""
        return any_of(d.condition for d in self.definitions)

    @property
    def _main(self) -> HelperDefinition:
        return (self.real or self.definitions)[0]

    @cached_property
    def _operation(self) -> HelperDefinition:
        """The definition that holds the bit operation: PageUptodate(page) is nothing
        but folio_test_uptodate(page_folio(page))."""
        return self._helpers.without_delegation(self._main)

    @property
    def kind(self) -> str:
        """test, set, clear, change, test_and_set, test_and_clear or other."""
        return self._operation.kind

    @property
    def atomic(self) -> bool | None:
        """Whether its write is atomic; None: it writes no flag."""
        return self._operation.atomic

    @property
    def flag(self) -> str | None:
        """The flag of its bit operation; None where it has none of its own."""
        return self._operation.flag

    @property
    def takes(self) -> str | None:
        """ "page" or "folio"."""
        return self._main.takes

    @property
    def policy(self) -> Policy | None:
        """The policy it is generated with."""
        name = self._main.policy
        return self._helpers.policy(name) if name else None

    @cached_property
    def reads(self) -> frozenset[Access]:
        """The words that its real definitions read or write."""
        return frozenset().union(*(self._helpers.accesses(d) for d in self.real))

    @cached_property
    def fields(self) -> frozenset[str]:
        """Returns the fields that the helper reads: flags, mapping, page_type, ..."""
        return frozenset(access.field for access in self.reads)

    def pages(self, field: str = "flags") -> frozenset[PageRole]:
        """Says whose ``field`` it uses: the page's own, the head's, the second
        page's."""
        return frozenset(access.page for access in self.reads if access.field == field)
