# SPDX-License-Identifier: GPL-2.0-or-later
"""The helpers around page flags: generated, hand-written, real and stub.

Source: include/linux/page-flags.h, whose generator macros are expanded as they are
found there (``expansion``), and the headers beside it that hold hand-written ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from reviewer.c.conditions import Condition, any_of
from reviewer.facts.accesses import (
    Access,
    Page,
    Reader,
    assertions,
    pointers,
    without_assertions,
)
from reviewer.facts.expansion import Generated, Generators
from reviewer.facts.header import Header, TextFunction, words
from reviewer.facts.missing import FactsMissing
from reviewer.facts.pageflags import PAGE_FLAGS_H
from reviewer.models import Evidence
from reviewer.patterns import regex

# Headers that hold hand-written PageX() and folio_test_x() helpers (6.1, 6.12).
BESIDE = (
    "include/linux/page_idle.h",
    "include/linux/mm.h",
    "include/linux/huge_mm.h",
    "include/linux/hugetlb.h",
    "include/linux/ksm.h",
    "include/linux/swap.h",
    "include/linux/migrate.h",
    "include/linux/memcontrol.h",
)

_BIT_OPERATION = regex(
    r"\b(_*)(?:arch_+)?(test_and_set|test_and_clear|test_and_change|set|clear|change|test)"
    r"_bit(?:_lock|_unlock|_acquire)?\s*\(\s*([^,()]+?)\s*,"
)
_PAGE_POLICY = regex(r"&\s*(\w+)\s*\([^()]*,\s*[01]\s*\)\s*->")
_FOLIO_POLICY = regex(r"\w*folio_flags\s*\(\s*\w+\s*,\s*([A-Z]\w*)\s*\)")
_DELEGATES = regex(r"\{\s*(?:return\s+)?(\w+)\s*\([^;]*\)\s*;\s*\}")
_STUB = regex(
    r"\{\s*(?:return\s*\(?\s*(?P<value>false|true|NULL|-?\w+)\s*\)?\s*;)?\s*\}"
)
_CONSTANT_WORD = regex(r"false|true|NULL|-?\d\w*|-?[A-Z][A-Z0-9_]*\Z")
_IGNORED = regex(
    r"\(\s*void\s*\)\s*\w+\s*;|\b(?:VM_)?(?:WARN|BUG|BUILD_BUG)(?:_ON)?\w*\s*\([^;]*\)\s*;"
)
_KINDS = (  # what the name says, where the body is empty
    ("test_and_set", regex(r"TestSetPage|folio_test_set_")),
    ("test_and_clear", regex(r"TestClearPage|folio_test_clear_")),
    ("set", regex(r"_*SetPage|_*folio_set_|_*folio_mark_")),
    ("clear", regex(r"_*ClearPage|_*folio_clear_")),
    (
        "test",
        re.compile(r"_*Page[A-Z]|_*folio_test_|_*folio_has_|is_|page_is_|page_has_"),
    ),
)


@dataclass(frozen=True, slots=True)
class Definition:
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


@dataclass(frozen=True, slots=True)
class Policy:
    """What a PF_ macro or a FOLIO_ page number says about where the flag lives."""

    name: str
    pages: frozenset[Page]
    asserts: tuple[str, ...]  # conditions that are bugs, as written in the macro
    evidence: Evidence


class Helper:
    """A helper with all its definitions; the common answers over them."""

    def __init__(
        self, name: str, definitions: tuple[Definition, ...], helpers: Helpers
    ) -> None:
        self.name = name
        self.definitions = definitions
        self._helpers = helpers

    def __repr__(self) -> str:
        return f"Helper({self.name}, {len(self.definitions)} definitions)"

    @property
    def real(self) -> tuple[Definition, ...]:
        """The definitions that do something."""
        return tuple(d for d in self.definitions if not d.stub)

    @property
    def stubs(self) -> tuple[Definition, ...]:
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
    def _main(self) -> Definition:
        return (self.real or self.definitions)[0]

    @cached_property
    def _operation(self) -> Definition:
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
        """The names of those words: flags, mapping, page_type, ..."""
        return frozenset(access.field for access in self.reads)

    def pages(self, field: str = "flags") -> frozenset[Page]:
        """Whose ``field`` it uses: the page's own, the head's, the second page's."""
        return frozenset(access.page for access in self.reads if access.field == field)


class Helpers:
    """All helpers; those beside page-flags.h are read when asked for by name."""

    def __init__(self, header: Header, beside: Iterable[Header] = ()) -> None:
        self._header = header
        self._beside = tuple(beside)
        self._named: dict[str, Helper] = {}
        self._read: dict[str, list[Definition]] = {}

    def _definitions(self, name: str) -> list[Definition]:
        """The definitions of one name in page-flags.h, without reading all."""
        if name not in self._read:
            self._read[name] = definitions_in(self._header, name)
        return self._read[name]

    @cached_property
    def _own(self) -> dict[str, list[Definition]]:
        found: dict[str, list[Definition]] = {}
        for definition in _definitions_of(self._header):
            found.setdefault(definition.name, []).append(definition)
        self._read.update(found)
        return found

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None

    def __getitem__(self, name: str) -> Helper:
        helper = self.get(name)
        if helper is None:
            raise KeyError(name)
        return helper

    def get(self, name: str) -> Helper | None:
        """The helper of that name, None if no header here defines it."""
        if name not in self._named:
            definitions = list(self._definitions(name))
            # where one definition is always there, no other header can have one
            if not any(definition.condition.is_true for definition in definitions):
                for header in self._beside:
                    if mentions_definition(header, name):
                        definitions += definitions_in(header, name)
            if not definitions:
                return None
            self._named[name] = Helper(name, tuple(definitions), self)
        return self._named[name]

    def __iter__(self) -> Iterator[Helper]:
        """Every helper of page-flags.h, in its order."""
        for name in self._own:
            yield self[name]

    def everywhere(self) -> Iterator[Helper]:
        """Every helper, those of the headers beside it included (slower)."""
        names = dict.fromkeys(self._own)
        for header in self._beside:
            for name in (*header.functions, *header.macros):
                if any(pattern.match(name) for _, pattern in _KINDS[:-1]) or re.match(
                    r"_*Page[A-Z]|_*folio_test_", name
                ):
                    names[name] = None
        for name in names:
            helper = self.get(name)
            if helper is not None and any(d.takes for d in helper.definitions):
                yield helper

    def of_flag(self, flag: str) -> tuple[Helper, ...]:
        """The helpers whose bit operation has this number."""
        return tuple(self._by_flag.get(flag, ()))

    @cached_property
    def _by_flag(self) -> dict[str, list[Helper]]:
        found: dict[str, list[Helper]] = {}
        for helper in self:
            if helper.flag is not None:
                found.setdefault(helper.flag, []).append(helper)
        return found

    @cached_property
    def unread(self) -> tuple[Evidence, ...]:
        """Generator calls that could not be expanded."""
        generators = _generators(self._header)
        list(self._own)  # expansion fills the list
        return tuple(
            self._header.evidence(line) for _, line in dict.fromkeys(generators.unread)
        )

    def without_delegation(self, definition: Definition) -> Definition:
        """The real definition that this one does nothing but call."""
        for _ in range(4):
            if definition.flag is not None or definition.is_macro:
                break
            called = _DELEGATES.fullmatch(words(definition.body))
            helper = self.get(called[1]) if called else None
            if helper is None or not helper.real:
                break
            definition = helper.real[0]
        return definition

    # --- what they read ---------------------------------------------------------

    def accesses(self, definition: Definition) -> frozenset[Access]:
        """The words that a definition reads or writes."""
        return self._reader.accesses(definition.parameters, definition.body)

    @cached_property
    def _reader(self) -> Reader:
        return Reader(self._header, self._function, self._number)

    def _function(self, name: str) -> tuple[str, str] | None:
        """Parameters and body of a function: of its real definition."""
        definitions = self._definitions(name)
        if not definitions:
            return None
        real = [d for d in definitions if not d.stub] or definitions
        longest = max(real, key=lambda d: len(d.body))
        return None if longest.is_macro else (longest.parameters, longest.body)

    def _number(self, text: str, depth: int = 0) -> int | None:
        try:
            return int(text.rstrip("uUlL"), 0)
        except ValueError:
            pass
        defines = self._header.macros.get(text, ())
        if len(defines) != 1 or depth > 8:
            return None
        return self._number(defines[0].body.strip("() "), depth + 1)

    def policy(self, name: str) -> Policy | None:
        """What PF_HEAD or FOLIO_SECOND_PAGE says; None where it is not #defined."""
        return _policy(self, name)

    @cached_property
    def policies(self) -> tuple[Policy, ...]:
        """The policies that the invocations of this header use."""
        names = {d.policy: None for ds in self._own.values() for d in ds if d.policy}
        found = (self.policy(name) for name in names)
        return tuple(policy for policy in found if policy is not None)

    def read_policy(self, name: str) -> Policy | None:
        """See ``policy``, not memoised."""
        defines = self._header.macros.get(name, ())
        if not defines:
            return None
        define = defines[0]
        evidence = self._header.evidence(define.line)
        if define.params is None:
            place = self._number(name)
            pages = {0: Page.HEAD, 1: Page.SECOND}.get(
                place if place is not None else -1
            )
            return Policy(name, frozenset({pages or Page.OTHER}), (), evidence)
        call = f"{name}({', '.join(('page', '1')[: len(define.params)])})"
        stated = tuple(
            condition
            for condition in assertions(define.body)
            if "PagePoisoned" not in condition
        )
        return Policy(name, self._reader.page_of(call), stated, evidence)


@lru_cache(maxsize=512)
def _policy(helpers: Helpers, name: str) -> Policy | None:
    return helpers.read_policy(name)


@lru_cache(maxsize=64)
def _generators(header: Header) -> Generators:
    return Generators(header)


# --- definitions of a header ----------------------------------------------------


def _definitions_of(header: Header) -> Iterator[Definition]:
    """All definitions of a header in the order of its lines."""
    generated = _generators(header).generated()
    found = [generated_definition(header, made) for made in generated]
    for functions in header.functions.values():
        found += [written_definition(header, function) for function in functions]
    for name in header.macros:
        found += macro_definitions(header, name)
    yield from sorted(found, key=lambda definition: definition.evidence.line)


def definitions_in(header: Header, name: str) -> list[Definition]:
    """The definitions of one function (or function-like macro) in a header."""
    found = [
        written_definition(header, function)
        for function in header.functions.get(name, ())
    ]
    found += [
        generated_definition(header, made)
        for made in _generators(header).generated(name)
    ]
    found += macro_definitions(header, name)
    return sorted(found, key=lambda definition: definition.evidence.line)


def generated_definition(header: Header, made: Generated) -> Definition:
    """What a generator line makes."""
    return _definition(
        header,
        made.function,
        made.condition,
        made.invocation.line,
        made.invocation.name,
        header.evidence(made.generator.line),
    )


def written_definition(header: Header, function: TextFunction) -> Definition:
    """What stands there as a function."""
    line = header.line_of(function.start)
    return _definition(header, function, header.condition(line), line, None, None)


def _definition(
    header: Header,
    function: TextFunction,
    condition: Condition,
    line: int,
    generator: str | None,
    generator_evidence: Evidence | None,
) -> Definition:
    stub, value = stub_value(function.body)
    operation = None if stub else _BIT_OPERATION.search(function.body)
    kind = operation[2] if operation else kind_by_name(function.name)
    atomic = None
    if operation and operation[2] != "test":
        atomic = not operation[1].startswith("__")
    taken = pointers(function.parameters)
    flag = operation[3] if operation else None
    policy = _FOLIO_POLICY.search(function.body) or _PAGE_POLICY.search(function.body)
    return Definition(
        function.name,
        condition,
        stub,
        value,
        header.evidence(line),
        generator,
        generator_evidence,
        kind,
        atomic,
        flag if flag and re.fullmatch(r"[A-Za-z_]\w*", flag) else None,
        policy[1] if policy else None,
        ("folio" if taken[0][1] else "page") if taken else None,
        function.returns,
        function.parameters,
        function.body,
        is_prototype=not function.body,
    )


def mentions_definition(header: Header, name: str) -> bool:
    """Whether a line at the margin, or a #define, has the name with a parenthesis:
    a cheap test that spares reading the header."""
    text, call = header.text, f"{name}("
    at = text.find(call)
    while at >= 0:
        start = text.rfind("\n", 0, at) + 1
        if not text[start : start + 1].isspace() and text[start] != "*":
            return True
        at = text.find(call, at + 1)
    return False


def macro_definitions(header: Header, name: str) -> list[Definition]:
    """A #define that stands for a function: one that is lower case in part."""
    found = []
    for define in header.macros.get(name, ()):
        if define.params is None or name.isupper():
            continue
        body = words(define.body)
        constant = _CONSTANT_WORD.fullmatch(body.strip("() "))
        nothing = body in ("", "do { } while (0)", "do {} while (0)", "((void)0)")
        found.append(
            Definition(
                name,
                header.condition(define.line),
                constant is not None or nothing,
                constant[0] if constant else None,
                header.evidence(define.line),
                None,
                None,
                kind_by_name(name),
                None,
                None,
                None,
                _macro_takes(name, define.params, body),
                "",
                ", ".join(define.params),
                define.body,
                is_macro=True,
            )
        )
    return found


def _macro_takes(name: str, params: Sequence[str], body: str) -> str | None:
    """What a macro is given: as it chooses by type, else by its names.

    page_folio(p) is about both and is given a page.
    """
    chosen = re.search(r"\bstruct (page|folio) \*\s*:", body)
    if chosen is not None:
        return chosen[1]
    if params and params[0] in ("page", "folio"):
        return params[0]
    return "folio" if "folio" in name else "page" if "Page" in name else None


def stub_value(body: str) -> tuple[bool, str | None]:
    """Whether a body is constant or empty, and what it returns."""
    if len(body) > 400:
        return False, None
    text = words(_IGNORED.sub(" ", without_assertions(body)))
    text = re.sub(r"(?<=[;{])\s*0\s*;", "", text)  # an assertion that was taken out
    match = _STUB.fullmatch(text)
    if match is None:
        return False, None
    value = match["value"]
    if value is not None and not _CONSTANT_WORD.fullmatch(value):
        return False, None
    return True, value


def kind_by_name(name: str) -> str:
    """The kind that the naming scheme of the kernel gives a helper."""
    for kind, pattern in _KINDS:
        if pattern.match(name):
            return kind
    return "other"


def read_helpers(read: Callable[[str], Header | None]) -> Helpers:
    """The helpers of a tree; raises FactsMissing where page-flags.h is absent."""
    header = read(PAGE_FLAGS_H)
    if header is None:
        raise FactsMissing("helpers", "the tree has no such file", PAGE_FLAGS_H)
    beside = tuple(h for h in map(read, BESIDE) if h is not None)
    return _helpers(header, beside)


@lru_cache(maxsize=64)
def _helpers(header: Header, beside: tuple[Header, ...]) -> Helpers:
    return Helpers(header, beside)
