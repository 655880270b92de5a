# SPDX-License-Identifier: GPL-2.0-or-later
"""New functions of headers that only some configurations have, and their stubs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from reviewer.api import SeriesView, Skipped, Step
from reviewer.c.conditions import Condition, any_of
from reviewer.c.text import split_arguments
from reviewer.facts.header import Header
from reviewer.facts.helper_definitions import definitions_in
from reviewer.facts.helper_records import HelperDefinition
from reviewer.kit.built_sometimes import (
    Linked,
    UnlinkedCall,
    calls_without,
    defined_when,
    mentions,
)
from reviewer.kit.gates import breaking_configuration, compile_conditions
from reviewer.kit.gates_names import Known, SeenNames, uses
from reviewer.kit.gates_symbols import OTHER_PROGRAMS, is_incomplete
from reviewer.kit.header_definitions import all_definitions_read
from reviewer.kit.other_headers import defined_elsewhere
from reviewer.models import Evidence
from reviewer.patterns import regex
from reviewer.utf8 import encode

_STORAGE = regex(
    r"\b(?:static|extern|inline|const|volatile|register|asmlinkage|noinline|notrace"
    r"|__\w+)\b"
)
_MACRO = regex(r"[A-Z][A-Z0-9_]+\Z")
_TYPE_WORDS = frozenset(
    ("void", "char", "short", "int", "long", "unsigned", "signed", "bool", "float")
)
_MOST_STUBS = 25  # that one patch takes out of one header
_TRUTHS = {"bool", "int"}  # a stub may return 0 for false


class Unmatched(Struct, frozen=True):
    """A new function without a stub and a caller that needs one, or a stub and a real
    function that is compiled beside it: ``other``, in a configuration."""

    name: str
    line: int
    condition: Condition  # of the function, or of the stub
    other: Evidence
    configuration: dict[str, bool]
    given: Condition


class Differing(Struct, frozen=True):
    """A stub that does not have the prototype of the real function."""

    name: str
    line: int  # of the one that the patch adds
    stub: Evidence
    real: Evidence
    what: str  # "returns" or "takes"
    of_stub: str
    of_real: str


class Unstubbed(Struct, frozen=True):
    """A function that stays declared where its stub is gone, and a call there."""

    name: str
    line: int  # of the stub, in the pre-image
    stub: Condition
    call: UnlinkedCall
    function: Linked


def removed_stubs(step: Step) -> Iterator[Unstubbed]:
    """Yields the stubs that the patch takes out of a header while calls need them;
    raises Skipped where that is too much to ask."""
    after = step.series.after
    path = step.change.diff.old_path or step.change.path
    if step.pre is None or step.post is None or after is None:
        return
    if not path.endswith(".h") or path.startswith(OTHER_PROGRAMS):
        return
    now = after.header(step.change.path)
    before = Header(path, step.pre.source.data)
    if now is None or not (before.conditionals.balanced and now.conditionals.balanced):
        return
    removed = dict(_stubs_removed(step, before, now))
    if not removed:
        return
    if len(removed) > _MOST_STUBS:
        why = f"over {_MOST_STUBS} stubs at once"
        raise Skipped(f"{path}: what is removed", why, path)
    if is_incomplete(step.series):
        why = "patches of the series are not here, which may take the calls out"
        raise Skipped(f"{path}: what is removed", why, path)
    for name, hits in mentions(after, removed).items():
        stub = removed[name]
        function = defined_when(after, name, hits)
        if function is None:
            continue
        call = next(calls_without(after, function, stub.condition, hits), None)
        if call is not None:
            yield Unstubbed(name, stub.evidence.line, stub.condition, call, function)


def _stubs_removed(
    step: Step, before: Header, now: Header
) -> Iterator[tuple[str, HelperDefinition]]:
    """(name, stub) of what is only declared at the end of the series.

    A static inline that does its work with other functions is no stub.
    """
    removed = step.change.removed
    for name, functions in before.functions.items():
        if not any(f.body and before.line_of(f.start) in removed for f in functions):
            continue
        left = definitions_in(now, name)
        if not left or any(d.body or d.is_macro for d in left):
            continue
        if not (all_definitions_read(before, name) and all_definitions_read(now, name)):
            continue
        for stub in definitions_in(before, name):
            inline = "inline" in stub.returns.split()
            if stub.stub and inline and stub.evidence.line in removed:
                yield name, stub
                break


def clashing_stubs(step: Step) -> Iterator[Unmatched]:
    """Yields the new stubs of a header whose functions the series defines there as
    well."""
    header = new_header(step)
    after = step.series.after
    if header is None or after is None:
        return
    for name, definitions in _new_functions(step, header):
        stubs = [d for d in definitions if d.body]
        if len(stubs) != 1 or len(definitions) < 2 or stubs[0].condition.is_true:
            continue
        for change in step.series.changes:
            source = after.header(change.path) if change.path.endswith(".c") else None
            if source is None or name not in source.functions:
                continue
            if all(path != header.path for path, _ in after.included(change.path)):
                continue
            for function in source.functions[name]:
                line = source.line_of(function.start)
                if not function.body or "static" in function.returns:
                    continue
                for given in compile_conditions(
                    after, change.path, source.condition(line)
                ):
                    wanted = ~stubs[0].condition
                    configuration = breaking_configuration(after, given, wanted)
                    if configuration:
                        yield Unmatched(
                            name,
                            stubs[0].evidence.line,
                            stubs[0].condition,
                            source.evidence(line),
                            configuration,
                            given,
                        )


def missing_stubs(step: Step) -> Iterator[Unmatched]:
    """Yields the new functions of a header that a caller of the series cannot
    count on."""
    header = new_header(step)
    if header is None or step.post is None or step.series.after is None:
        return
    for name, definitions in _new_functions(step, header):
        condition = any_of(d.condition for d in definitions)
        if condition.is_true or not all_definitions_read(header, name):
            continue
        evidence = tuple(d.evidence for d in definitions)
        known = Known(name, "function", condition, evidence)
        found = _caller(step, known)
        if found is not None:
            caller, given, configuration = found
            line = definitions[0].evidence.line
            yield Unmatched(name, line, condition, caller, configuration, given)


def differing_stubs(step: Step) -> Iterator[Differing]:
    """Yields the stubs and real functions that the patch makes differ."""
    header = new_header(step)
    if header is None:
        return
    for name, definitions in _new_functions(step, header):
        stubs = [d for d in definitions if d.stub]
        real = [d for d in definitions if not d.stub]
        if len(stubs) != 1 or not real:
            continue
        stub, other = stubs[0], real[0]
        difference = _difference(stub, other)
        if difference is not None and not (stub.condition & other.condition).is_true:
            added = stub.evidence.line in step.change.added
            line = stub.evidence.line if added else other.evidence.line
            yield Differing(name, line, stub.evidence, other.evidence, *difference)


def is_new_declaration(series: SeriesView | None, known: Known) -> bool:
    """Says whether the series adds the function: then its header lacks the stub."""
    if series is None or known.kind != "function":
        return False
    word = encode(known.name)
    files = {evidence.file for evidence in known.evidence if evidence.file[-2:] == ".h"}
    return any(
        change.path in files
        and change.post is not None
        and word in change.post
        and (change.pre is None or word not in change.pre)
        for change in series.changes
    )


def new_header(step: Step) -> Header | None:
    """Returns the header that a patch adds lines to, as it is afterwards; None for
    other files, and where its #if do not match."""
    path = step.change.path
    if step.post is None or not path.endswith(".h") or not step.change.added:
        return None
    if path.startswith(OTHER_PROGRAMS):
        return None
    header = Header(path, step.post.source.data)
    return header if header.conditionals.balanced else None


def _new_functions(
    step: Step, header: Header
) -> Iterator[tuple[str, list[HelperDefinition]]]:
    """The functions with a definition on a line that the patch adds."""
    added = step.change.added
    for name, functions in header.functions.items():
        if any(header.line_of(f.start) in added for f in functions):
            definitions = definitions_in(header, name)
            if not any(d.is_macro or d.generator for d in definitions):
                yield name, definitions


def _caller(
    step: Step, known: Known
) -> tuple[Evidence, Condition, dict[str, bool]] | None:
    """A call of the series in a configuration without the function."""
    after = step.series.after
    assert after is not None
    before = step.pre.source.data if step.pre is not None else b""
    word = encode(known.name)
    if word in before:
        return None
    for path in dict.fromkeys(change.path for change in step.series.changes):
        header = after.header(path) if path.endswith(".c") else None
        if header is None or path.startswith(OTHER_PROGRAMS):
            continue
        if word not in header.data:
            continue
        if known.name in header.functions or known.name in header.macros:
            continue
        there = SeenNames(after, path, header.data).known(known.name)
        if there is None:  # another header has it, or the stub
            continue
        for use in uses(path, header.data):
            if use.name != known.name or not use.called:
                continue
            for given in compile_conditions(after, path, header.condition(use.line)):
                configuration = breaking_configuration(after, given, there.condition)
                if configuration and not defined_elsewhere(after, there):
                    return header.evidence(use.line), given, configuration
    return None


# --- prototypes -----------------------------------------------------------------


def _difference(
    stub: HelperDefinition, real: HelperDefinition
) -> tuple[str, str, str] | None:
    """What differs: (returns or takes, the stub's, the real one's)."""
    one, two = _type(stub.returns), _type(real.returns)
    if one != two and not {one, two} <= _TRUTHS:
        return "returns", one, two
    if "(" in stub.parameters or "(" in real.parameters:
        return None  # a function pointer
    taken, wanted = _parameters(stub.parameters), _parameters(real.parameters)
    if taken != wanted:
        return "takes", ", ".join(taken) or "void", ", ".join(wanted) or "void"
    return None


def _parameters(text: str) -> list[str]:
    parts = [part for part in split_arguments(text) if part]
    types = [_type(_without_name(part)) for part in parts]
    return [] if types == ["void"] else types


def _without_name(parameter: str) -> str:
    array = "[" in parameter
    words = re.findall(r"\w+|\*|\.\.\.", parameter.split("[")[0])
    tagged = len(words) >= 2 and words[-2] in ("struct", "union", "enum")
    named = len(words) > 1 and words[-1] not in _TYPE_WORDS and words[-1] != "*"
    if named and not tagged and not _is_qualified(words):
        words = words[:-1]
    return " ".join([*words, *(["*"] if array else [])])


def _is_qualified(words: list[str]) -> bool:
    """``const gfp_t``: the last word is the type."""
    return all(word in ("const", "volatile") for word in words[:-1])


def _type(text: str) -> str:
    words = re.findall(r"\w+|\*|\.\.\.", _STORAGE.sub(" ", text))
    plain = [word for word in words if not _MACRO.match(word)]
    if any(word.isidentifier() for word in plain):
        words = plain  # TRACK_INLINE int
    if "unsigned" in words or "long" in words or "short" in words:
        words = [word for word in words if word != "int"] or words
        if words == ["unsigned"]:
            words = ["unsigned", "int"]
    return " ".join(words)
