# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether a remark is about code that was there before the series, and stays.

Most robots say so themselves.  That is believed where nothing in the series is against
it, and the code that the remark shows or names is found before the series.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from reviewer.factcheck.records import Decision, Mark, Remark
from reviewer.factcheck.remark_text import Said, claims_in, code_lines
from reviewer.factcheck.tree_and_series import Ground
from reviewer.models import Evidence
from reviewer.patterns import regex

_FAULT = (
    r"(?:issues?|bugs?|problems?|flaws?|conditions?|races?|leaks?|defects?|weakness"
    r"|vulnerabilit(?:y|ies)|errors?|deadlocks?|use-after-frees?|regressions?)"
)
_THIS = r"(?:this|the|your) (?:new )?(?:patch|commit|series|change|code|conversion)"
STATED = regex(
    rf"\bpre-?existing (?:\w+ ){{0,2}}{_FAULT}\b"
    rf"|\b(?:is|was|are|were)(?:n't| not) (?:\w+ ){{0,4}}?"
    rf"(?:introduced|caused|added|created) (?:by|in|with) {_THIS}\b"
    rf"|\b(?:may|might|is|are|does)(?:n't| not) (?:\w+ ){{0,3}}?{_FAULT}"
    rf" (?:introduced|caused|created) (?:by|in|with) {_THIS}\b"
    rf"|\bnot (?:a )?new (?:in|to|with) {_THIS}\b"
    rf"|\b(?:existed|was there|was present|were present|predates?|was already (?:there|"
    rf"present)|already existed) (?:before )?{_THIS}\b"
    rf"|\b(?:is|are) (?:an |a |likely |also )?(?:already )?existing {_FAULT}\b"
    rf"|\b(?:is|are)(?:n't| not) (?:\w+ )?(?:related|specific|due) to {_THIS}\b"
    rf"|\bunrelated to {_THIS}\b",
    re.IGNORECASE,
)
NOT_STATED = regex(
    r"(?:\bnot|n't|\bnever|\brather than|\binstead of|\bunlike|\bthough not)"
    r" (?:just |only )?"
    r"(?:a |an |any |the )?(?:\w+ )?pre-?existing|\b(?:is|was|are) (?:this|it|that"
    r"|these)"
    r" (?:a |an )?pre-?existing|\b(?:if|whether|unless) (?:this|it|that) (?:is|was)\b",
    re.IGNORECASE,
)
# The remark goes on to say what the patch does to it: then it is about the patch.
ABOUT_THE_PATCH = regex(
    r"\bnewly\b|\bthis (?:patch|commit|change|series) (?:\w+ ){0,2}?(?:expos|mak|worsen"
    r"|introduc|extend|add|exacerbat|aggravat|copies|duplicat|elevat|increas|allow"
    r"|enabl|remov|drop|chang|leav)|\b(?:elevating|extending|copying)\b"
    r"|\bthe new (?:code|function|helper|call|table|entry|path)\b",
    re.IGNORECASE,
)
NEAR = 3  # quoted lines right above the remark
FIRST = 2  # sentences of a remark in which it says what it is about


def old_code(remark: Remark, ground: Ground) -> Mark | None:
    """Returns the mark that a remark is about old code; None where it may not be."""
    what = claims_in(remark.text)
    statement = next((s for s in what.sentences[:FIRST] if STATED.search(s)), None)
    if statement is None or remark.patch is None:
        return None
    beside = STATED.sub("", what.prose)
    if NOT_STATED.search(what.prose) or ABOUT_THE_PATCH.search(beside):
        return None
    found = _moved(remark, ground)
    if found is None:
        if _shows_new(remark, what, ground):
            return None
        found = _shown(remark, what, ground)
    if found is None and _names_new(remark, what, ground):
        return None
    evidence = found or _place(remark, what, ground)
    if evidence is None and (_stands_on_new(remark) or not what.shown):
        return None
    fact = (
        f"that code is there before the series: {evidence.file}:{evidence.line}"
        if evidence is not None
        else "no patch of the series brings the code that it shows"
    )
    return Mark(Decision.OLD, statement, fact, (evidence,) if evidence else ())


def _moved(remark: Remark, ground: Ground) -> Evidence | None:
    """Where the quoted "+" lines right above a remark were, if the patch moves them."""
    if remark.anchor is None or not remark.anchor.file:
        return None
    near = [
        one for one in remark.anchor.lines[-NEAR:] if sum(map(str.isalnum, one)) > 2
    ]
    added = ["".join(one[1:].split()) for one in near if one.startswith("+")]
    gone = {
        one.text: one.evidence
        for one in ground.lines_until(remark.anchor.patch)
        if one.line.kind == "-"
    }
    if len(added) < 2 or len(added) < len(near) or not all(x in gone for x in added):
        return None
    return gone[max(added, key=len)]


def _shows_new(remark: Remark, what: Said, ground: Ground) -> bool:
    """Whether code that it shows, or the function of it, came with the series."""
    patch = remark.patch
    assert patch is not None
    new = ground.new_code(patch)
    if any(code in new for shown in what.shown for code in code_lines(shown)):
        return True
    functions = (shown.function for shown in what.shown if shown.function)
    return any(ground.defines_new(name, patch) for name in functions)


def _names_new(remark: Remark, what: Said, ground: Ground) -> bool:
    """Whether a function that it names came with the series, or is called by it."""
    assert remark.patch is not None
    if any(ground.defines_new(name, remark.patch) for name in what.functions):
        return True
    return _calls_on_new_lines(remark, what)


def _calls_on_new_lines(remark: Remark, what: Said) -> bool:
    """Whether a quoted "+" line right above it calls a function that it names."""
    if remark.anchor is None:
        return False
    near = remark.anchor.lines[-NEAR:]
    added = "\n".join(line for line in near if line.startswith("+"))
    gone = "\n".join(line for line in remark.anchor.lines if line.startswith("-"))
    return any(
        re.search(rf"\b{re.escape(name)}\s*\(", added) and name not in gone
        for name in what.functions
    )


def _stands_on_new(remark: Remark) -> bool:
    return remark.anchor is not None and remark.anchor.lines[-1].startswith("+")


def _shown(remark: Remark, what: Said, ground: Ground) -> Evidence | None:
    """Where the code that it shows is before the series: in the tree or the patches."""
    assert remark.patch is not None
    for shown in what.shown:
        names = (shown.function,) if shown.function else what.functions[:NEAR]
        for code in sorted(code_lines(shown), key=len, reverse=True):
            found = _in_tree(shown.path, names, code, remark, ground)
            found = found or ground.old_line(code, remark.patch)
            if found is not None:
                return found
    return None


def _place(remark: Remark, what: Said, ground: Ground) -> Evidence | None:
    """Where what it is about is before the series: a quoted line, a function it names,
    the function that it stands in."""
    found = None
    if remark.anchor is not None and remark.anchor.file:
        found = _anchored(remark, what, ground)
    found = found or _function(remark, what, ground)
    return found or _around(remark, what, ground)


def _around(remark: Remark, what: Said, ground: Ground) -> Evidence | None:
    """The function of the hunk that it stands in, if nothing that is new is named."""
    anchor = remark.anchor
    if anchor is None or not anchor.file or ground.base is None:
        return None
    file = next(f for f in ground.files(anchor.patch) if f.path == anchor.file)
    hunk = file.hunks[anchor.hunk]
    added = " ".join(one.text for one in hunk.lines if one.kind == "+")
    if any(re.search(rf"\b{re.escape(name)}\b", added) for name in what.names):
        return None
    line = hunk.lines[anchor.last]
    name = ground.function_at(anchor.patch, file.path, line.new or 0)
    if name is None:
        match = re.search(r"\b(\w+)\s*\(", hunk.section)
        name = match[1] if match is not None else None
    if name is None or not file.old_path:
        return None
    return ground.defined_in(ground.base, name, file.old_path)


def _in_tree(
    path: str, functions: Sequence[str], code: str, remark: Remark, ground: Ground
) -> Evidence | None:
    """Where the tree has a line of shown code: in the file that is named, else in those
    of the patch or where one of the functions is."""
    if ground.base is None:
        return None
    paths = [path] if "/" in path else _paths(remark, ground)
    near = remark.anchor.file if remark.anchor else ""
    for name in () if "/" in path else functions:
        defined = ground.defined(ground.base, name, paths[0] if paths else near)
        paths += [defined.file] if defined else []
    for one in dict.fromkeys(paths):
        found = ground.place_of_code(ground.base, one, code)
        if found is not None:
            return found
    return None


def _paths(remark: Remark, ground: Ground) -> list[str]:
    """The files that a remark may be about: that of its place, then of its patch."""
    assert remark.patch is not None
    own = [remark.anchor.file] if remark.anchor and remark.anchor.file else []
    files = ground.files(remark.patch)
    return [*own, *(file.old_path for file in files if file.old_path)]


def _anchored(remark: Remark, what: Said, ground: Ground) -> Evidence | None:
    """The nearest quoted line that is old and has a name of the remark."""
    assert remark.anchor is not None
    new = ground.new_code(remark.anchor.patch)
    file = next(
        f for f in ground.files(remark.anchor.patch) if f.path == remark.anchor.file
    )
    hunk = file.hunks[remark.anchor.hunk]
    around = hunk.lines[max(0, remark.anchor.last - 12) : remark.anchor.last + 1]
    for line in reversed(around):
        text = "".join(line.text.split())
        if line.kind not in " -" or line.old is None or text in new:
            continue
        if any(re.search(rf"\b{re.escape(name)}\b", line.text) for name in what.names):
            return Evidence(file.old_path or file.path, line.old, line.text.strip())
    return None


def _function(remark: Remark, what: Said, ground: Ground) -> Evidence | None:
    """The first function that it names and that the tree has in a file of the patch."""
    if ground.base is None:
        return None
    for path in _paths(remark, ground):
        for name in what.functions:
            found = ground.defined_in(ground.base, name, path)
            if found is not None:
                return found
    return None
