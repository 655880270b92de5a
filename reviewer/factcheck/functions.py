# SPDX-License-Identifier: GPL-2.0-or-later
"""What the body of a function that a remark names says: returns, calls, locks.

The body is that of the tree with the patches up to the one that is remarked on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from reviewer.c.source import Function, Source
from reviewer.factcheck.function_bodies import Bodies, always_called
from reviewer.factcheck.records import Decision, Mark, Remark
from reviewer.factcheck.remark_text import claims_in
from reviewer.factcheck.tree_and_series import Ground
from reviewer.kit.expressions import call
from reviewer.kit.places import evidence_at
from reviewer.kit.truth_values import parameters
from reviewer.models import Evidence
from reviewer.patterns import regex
from reviewer.rules.err_ptr_or_null.returned_pointers import ways_to_fail

_F = r"\b(?P<f>[A-Za-z_]\w{2,})\(\)"
_MAY = r"(?: (?:can|may|might|could|will|would|does|still|also|actually|itself|then))*"
RETURNS = regex(
    rf"{_F}{_MAY} (?P<never>(?:never|cannot|can't|does not|doesn't|will not|won't"
    rf"|only) )?"
    r"returns? (?P<other>(?:either )?(?:a |an )?)(?P<what>NULL|ERR_PTR|error"
    r" pointers?)\b",
    re.IGNORECASE,
)
ERRNO = regex(rf"{_F}{_MAY} returns? (?P<what>-E[A-Z]{{2,15}})\b")
LACKS = regex(
    rf"{_F}(?: itself)? (?:does not|doesn't|never|fails to|forgets to|did not) "
    r"(?:call|calls|take|takes|hold|acquire|invoke|use|check with|issue) (?:the )?"
    r"(?P<g>[A-Za-z_]\w{2,})\(\)",
    re.IGNORECASE,
)
MISSES = regex(
    r"\b(?:missing|lacks?|lacking|omits?|omitting|skips|without|forgot(?:ten)?|needs?)"
    r" (?:a |an |the |any |to (?:also )?call |calling |first calling )?(?:\w+ ){0,2}?"
    r"(?:call to |to )?(?P<g>[A-Za-z_]\w{3,})\(\)"
    r"|\bshould (?:this|it|we|the|that)(?: [\w-]+){0,5}? call"
    r" (?P<g2>[A-Za-z_]\w{3,})\(\)",
    re.IGNORECASE,
)
NOT_CLEARED = regex(
    r"\buninitiali[sz]ed\b|\b(?:not|never|n't|without) (?:be(?:ing|en)"
    r" )?(?:zero(?:ed|ing)"
    r"|clear(?:ed|ing)|initiali[sz](?:ed|ing))\b|\bstale (?:data|contents?|memory"
    r"|values?)"
    r"|\b(?:leak|disclos|expos)\w* (?:of )?(?:\w+ ){0,2}(?:memory|contents|data)\b",
    re.IGNORECASE,
)
CLEARS = frozenset(
    ("memset", "clear_page", "clear_highpage", "memzero_explicit", "clear_user_page")
)
TO_ZERO = regex(
    r"\b(?:evaluates?|rounds?(?: down)?|rounded(?: down)?|truncat\w+|becomes?|returns?"
    r"|results? in|yields?|be|is) (?:to |in )?(?:0|zero)\b"
    r"|\brounds? (?:it )?down\b|\brounded down\b"
)
GIVEN = regex(r"\b(?P<f>[A-Za-z_]\w{2,})\((?:[1-9]\d*|0x[\da-f]+)[uUlL]*\)")
# (x + n - 1) / n, without white space; or a multiplication and a shift, with what
# kernel/time/timeconst.bc (fadj) computes to be added so that it rounds up
UP = regex(
    r"\w\+(?P<n>\w+|\([^()]+\))-1\)/(?P=n)(?![\w(])|\bDIV(?:64)?_\w*ROUND_?UP\w*\("
    r"|\((?P<t>\w+_TO_\w+)_MUL32\*\w+\+(?P=t)_ADJ32\)>>(?P=t)_SHR32"
)
CALLED = regex(r"\b([A-Za-z_]\w{2,})\s*\(")
NEAR = 8  # quoted lines above a remark whose calls it may be about
CALLS = 3  # one in another through which a parameter is followed
MOST = 4  # functions of one remark that are read


def what_functions_do(remark: Remark, ground: Ground) -> Iterator[Mark]:
    """Yields a mark for each statement about a function that its body decides."""
    bodies = Bodies(remark, ground)
    if bodies.view is None:
        return
    read = 0
    sentences = claims_in(remark.text).sentences
    garbage = next((one for one in sentences if NOT_CLEARED.search(one)), None)
    if garbage is not None:
        yield from _cleared_inside(garbage, remark, bodies)
    for sentence in sentences:
        if read >= MOST:
            return
        for match in RETURNS.finditer(sentence):
            read += 1
            yield from _returned(match, sentence, bodies)
        for match in ERRNO.finditer(sentence):
            read += 1
            yield from _errno(match, sentence, bodies)
        for match in LACKS.finditer(sentence):
            read += 1
            yield from _called(match, sentence, bodies)
        for match in MISSES.finditer(sentence):
            yield from _called_inside(
                match["g"] or match["g2"], sentence, remark, bodies
            )
        if TO_ZERO.search(sentence):
            yield from _rounded_up(sentence, bodies)


# --- what it returns --------------------------------------------------------------


def _returned(match: re.Match[str], sentence: str, bodies: Bodies) -> Iterator[Mark]:
    found = bodies.function(match["f"])
    if found is None:
        return
    source, function = found
    if "*" not in function.signature.split(function.name)[0]:
        return
    ways = ways_to_fail(source, function)
    kind = "null" if match["what"].upper() == "NULL" else "error"
    spoken = "NULL" if kind == "null" else "an error pointer"
    never = (match["never"] or "").strip().lower()
    if never == "only" or "either" in match["other"]:
        return
    if kind in ways:
        place = evidence_at(source, ways[kind])
        fact = f"{function.name}() can return {spoken}: {place.file}:{place.line}"
        yield Mark(Decision.RETURNS, sentence, fact, (place,), refutes=bool(never))
    elif "unknown" not in ways and ways and not never:
        if bodies.has_stub(function.name):
            return
        place = evidence_at(source, next(iter(ways.values())))
        fact = (
            f"{function.name}() cannot return {spoken}, all its returns are read:"
            f" {place.file}:{function.first_line}"
        )
        yield Mark(Decision.RETURNS, sentence, fact, (place,), refutes=True)


def _errno(match: re.Match[str], sentence: str, bodies: Bodies) -> Iterator[Mark]:
    """By the constants that stand in the body; a callee's are not looked at."""
    found = bodies.function(match["f"])
    if found is None:
        return
    source, function = found
    wanted = match["what"]
    assert function.body is not None
    returned = list(source.walk(function.body, "return_statement"))
    values = [
        source.norm(node).removeprefix("return").rstrip(";").strip()
        for node in returned
    ]
    assigned = [
        node
        for node in source.walk(function.body, "assignment_expression")
        if source.text(node).split("=")[0].strip() in values
    ]
    for node in (*returned, *assigned):
        if re.search(rf"{re.escape(wanted)}\b", source.text(node)):
            place = evidence_at(source, node)
            fact = f"{function.name}() returns {wanted}: {place.file}:{place.line}"
            yield Mark(Decision.RETURNS, sentence, fact, (place,))
            return
    plain = all(re.fullmatch(r"\(?-?(?:\d+|E[A-Z]+)\)?", one) for one in values)
    if values and plain and not bodies.has_stub(function.name):
        place = Evidence(source.path, function.first_line, function.signature)
        fact = (
            f"{function.name}() returns {', '.join(dict.fromkeys(values))} and nothing"
            f" else: {place.file}:{place.line}"
        )
        yield Mark(Decision.RETURNS, sentence, fact, (place,), refutes=True)


def _called(match: re.Match[str], sentence: str, bodies: Bodies) -> Iterator[Mark]:
    """``f() does not call g()`` where every way through f() does."""
    found = bodies.function(match["f"])
    if found is None:
        return
    place = _call_of(match["g"], *found)
    if place is not None:
        fact = f"{match['f']}() calls {match['g']}(): {place.file}:{place.line}"
        yield Mark(Decision.CALLEE, sentence, fact, (place,), refutes=True)


def _call_of(name: str, source: Source, function: Function) -> Evidence | None:
    """The call of a name that every way through a function makes."""
    calls = always_called(source, function)
    found = next((node for node in calls if call(source, node)[0] == name), None)
    return evidence_at(source, found) if found is not None else None


def _calls_above(remark: Remark) -> Iterator[str]:
    """The functions that are called on the quoted lines, the nearest first."""
    lines = remark.anchor.lines if remark.anchor and remark.anchor.file else ()
    kept = [line[1:] for line in lines[-NEAR:] if not line.startswith("-")]
    names = [match[1] for line in reversed(kept) for match in CALLED.finditer(line)]
    return iter(tuple(dict.fromkeys(names))[:MOST])


def _called_inside(
    wanted: str, sentence: str, remark: Remark, bodies: Bodies
) -> Iterator[Mark]:
    """A call is said to be missing, and what is called there makes it."""
    for name in _calls_above(remark):
        found = bodies.function(name) if name != wanted else None
        place = _call_of(wanted, *found) if found is not None else None
        if place is not None:
            fact = f"{name}() calls {wanted}(): {place.file}:{place.line}"
            yield Mark(Decision.CALLEE, sentence, fact, (place,), refutes=True)
            return


def _cleared_inside(sentence: str, remark: Remark, bodies: Bodies) -> Iterator[Mark]:
    """Memory is said not to be cleared, and what is handed it clears it first.

    What the same call is handed and the remark names too is told to be left open.
    """
    for name, given in _handed(remark, bodies):
        words = [re.findall(r"[A-Za-z_]\w+", one)[-1:] for one in given]
        told = {
            at: word[0]
            for at, word in enumerate(words)
            if word and re.search(rf"\b{re.escape(word[0])}\b", remark.text)
        }
        places = {at: _clearing(name, at, bodies) for at in told}
        cleared = {at: place for at, place in places.items() if place is not None}
        for at, place in cleared.items():
            left = [told[n] for n in told if n not in cleared and given[n][:1] == "&"]
            part = f"; of {', '.join(left)} that is not seen" if left else ""
            where = f"{place.file}:{place.line}"
            fact = f"{name}() clears {told[at]} first: {where}{part}"
            yield Mark(Decision.CALLEE, sentence, fact, (place,), refutes=True)
            return


def _handed(remark: Remark, bodies: Bodies) -> Iterator[tuple[str, list[str]]]:
    """The calls on the quoted lines and, where those declare something, behind them in
    their function: names and arguments."""
    anchor = remark.anchor
    if anchor is None or not anchor.file:
        return
    code = " ".join(one[1:] for one in anchor.lines[-NEAR:] if one[:1] != "-")
    for name in _calls_above(remark):
        yield name, _arguments(name, code)
    found = bodies.around()
    if found is not None:
        source, function, line = found
        behind = [
            call(source, node)
            for node in source.walk(function.node, "call_expression")
            if source.line_of(node) > line
        ]
        taken = [
            (name, [source.text(one) for one in given])
            for name, given in behind
            if any(source.text(one).startswith("&") for one in given)
        ]
        yield from taken[:MOST]


def _clearing(
    name: str, at: int, bodies: Bodies, depth: int = CALLS
) -> Evidence | None:
    """Where a function, or what it hands a parameter on to, clears it."""
    found = bodies.function(name)
    names = parameters(*found) if found is not None else ()
    if found is None or at >= len(names) or not names[at]:
        return None
    source, function = found
    for node in source.walk(function.node, "call_expression"):
        callee, arguments = call(source, node)
        given = [source.text(one) for one in arguments]
        if names[at] not in given or not _is_reached(source, function, node, names[at]):
            continue
        if callee in CLEARS and given[0] == names[at]:
            if callee != "memset" or given[1:2] == ["0"]:
                return evidence_at(source, node)
        elif depth > 1:
            place = _clearing(callee, given.index(names[at]), bodies, depth - 1)
            if place is not None:
                return place
    return None


def _is_reached(source: Source, function: Function, node: Node, name: str) -> bool:
    """Whether a function comes to a call whenever it succeeds and is to fill ``name``.

    That is so where only tests of the pointer stand around it, and others whose other
    branch reads what is there; and no return of 0 stands before it.
    """
    for parent in source.parents(node):
        if parent == function.body:
            break
        then = parent.child_by_field_name("consequence")
        test = parent.child_by_field_name("condition")
        if parent.type in ("while_statement", "for_statement", "switch_statement"):
            return False
        if parent.type != "if_statement" or then is None or test is None:
            continue
        inside = then.start_byte <= node.start_byte < then.end_byte
        reads = re.search(rf",\s*{re.escape(name)}\b", source.text(then))
        if inside and source.text(test).strip("()") != name:
            return test.start_byte <= node.start_byte < test.end_byte
        if not inside and node.start_byte >= then.end_byte and not reads:
            return False
    returns = source.walk(function.node, "return_statement")
    early = (one for one in returns if one.start_byte < node.start_byte)
    return not any(source.norm(one) == "return 0;" for one in early)


def _rounded_up(sentence: str, bodies: Bodies) -> Iterator[Mark]:
    """A positive number is said to come out as zero, and is rounded up there, or in
    what is called with it."""
    for match in GIVEN.finditer(sentence):
        found = bodies.function(match["f"])
        line = _rounding(*found) if found is not None else None
        if line is not None:
            fact = f"{match['f']}() rounds up: {line.file}:{line.line}"
            yield Mark(Decision.CALLEE, sentence, fact, (line,), refutes=True)
            return


def _rounding(source: Source, function: Function, deep: bool = True) -> Evidence | None:
    """The return that rounds the parameter up, of the function or of what the same file
    defines that it returns: in each version that it has of that."""
    assert function.body is not None
    names = parameters(source, function)
    for node in source.walk(function.body, "return_statement"):
        if UP.search("".join(source.text(node).split())):
            return evidence_at(source, node)
        value = node.named_children[0] if node.named_children else None
        name, given = call(source, value) if value is not None else ("", ())
        if deep and name and tuple(map(source.text, given)) == names:
            inner = [one for one in source.functions_named(name) if one.body]
            places = [_rounding(source, one, deep=False) for one in inner]
            if places and all(places):
                return places[0]
    return None


def _arguments(name: str, code: str) -> list[str]:
    from reviewer.c.text import closing_bracket, split_arguments

    match = re.search(rf"\b{re.escape(name)}\s*\(", code)
    if match is None:
        return []
    end = closing_bracket(code, match.end() - 1)
    return split_arguments(code[match.end() : end]) if end > match.end() else []
