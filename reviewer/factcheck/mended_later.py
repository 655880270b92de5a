# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether a later patch of the series, or a later version, has mended what is told.

A robot says at times that a later patch mends it, and names that patch by its title,
by the id that the commit has in the robot's own tree, or not at all.  That is said
where the patch is there and touches what the remark names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher

from reviewer.c.text import IDENTIFIER
from reviewer.factcheck.records import Decision, Mark, Remark
from reviewer.factcheck.remark_text import Said, claims_in, code_lines, squeezed
from reviewer.factcheck.tree_and_series import Ground, PatchLine
from reviewer.followup.follow import what_became
from reviewer.followup.verdict import Fate
from reviewer.models import DiffLine, Evidence, Patch, Series
from reviewer.patterns import regex

_DONE = (
    r"(?:fixed|addressed|resolved|corrected|patched|mended|solved|handled|repaired|"
    r"rectified|cured|provided|reworked)"
)
STATED = regex(
    rf"\b{_DONE}\b[^.?!]{{0,40}}?\b(?:later|subsequently|further on|afterwards)\b"
    rf"[^.?!]{{0,30}}\b(?:series|patch(?:set|es)?|commits?)\b"
    rf"|\b(?:later|subsequent|following|next)\b[^.?!]{{0,30}}\b(?:series|patch|commit)\b"
    rf"[^?!]{{0,120}}?\b(?:fix(?:es|ed)|address(?:es|ed)|resolves?|corrects?|adds?"
    rf" this|"
    rf"mends?|patched|solves?|repairs?|{_DONE})\b"
    rf"|\b{_DONE}\b (?:in|by) (?:commit|patch) [0-9a-f(\"'#]",
    re.IGNORECASE,
)
HYPOTHETICAL = regex(
    rf"\beven after\b|\bpersists?\b|\bdespite\b|\bin spite of\b"
    rf"|\b(?:does not|doesn't|do not|will not|won't) (?:\w+ )?(?:fix|address|solve)\b"
    rf"|\b(?:even if|if (?:it|this|that) (?:is|was|will be)|unless|whether)\b"
    rf"[^.?!]{{0,60}}\b{_DONE}|\b(?:not|never|isn't|wasn't|won't be|hasn't been"
    rf"|cannot be)"
    rf" {_DONE}\b|\bshould be {_DONE}\b",
    re.IGNORECASE,
)
# A part of it is mended, and the rest is what the remark is about.
DOUBTED = regex(
    r"\b(?:still|although|though|but|however|remains?|un(?:fixed|addressed))\b", re.I
)
REST = regex(r"\b(?:still|although|though|remains?|un(?:fixed|addressed))\b", re.I)
TITLE = regex(
    r"\(?[\"“']([^\"“”]{8,200}?)[\"”'](?=[\s).,;:?]|\Z)|\(([^()\"]{12,160})\)"
)
SHA = regex(r"\b(?:commit |patch )?([0-9a-f]{9,40})\b")
NUMBER = regex(r"\bpatch (?:#|no\. ?|number )?(\d{1,3})(?:\s*(?:/|of)\s*\d+)?\b", re.I)
LEAST = 20  # letters and digits of a line that stands in few places
TOKEN = regex(r"\w+|[^\w\s]")
COMMIT_LINE = regex(r"^commit ([0-9a-f]{9,64})[ \t]*$", re.MULTILINE)


def mended_later(
    remark: Remark, ground: Ground, commits: Mapping[str, Patch]
) -> Mark | None:
    """Returns the mark that a later patch mends it; None where none is seen to.

    ``commits`` are the patches by the ids of the robot's tree.
    """
    what = claims_in(remark.text)
    statement = what.sentence_with(STATED)
    if statement is None or remark.patch is None:
        return None
    named = _named(statement, what, ground.series, commits)
    if named is None and any(one.search(statement) for one in (TITLE, SHA, DOUBTED)):
        return None  # a patch that the series does not have, or none for certain
    if HYPOTHETICAL.search(statement):
        return None
    if named is not None and named.index <= remark.patch.index:
        return None
    line = _touched(remark, what, ground, named)
    if line is None:
        return None
    place = line.evidence
    part = " (a part of the remark)" if REST.search(statement) else ""
    fact = (
        f"patch {line.patch.index}/{ground.series.expected} of the series changes"
        f" that{part}: {place.file}:{place.line}"
    )
    return Mark(Decision.MENDED, statement, fact, (place,))


def _named(
    statement: str, what: Said, series: Series, commits: Mapping[str, Patch]
) -> Patch | None:
    """The patch of the series that the remark names, by title, commit or number."""
    start = what.prose.find(statement)
    text = what.prose[start : start + len(statement) + 300]
    for match in TITLE.finditer(text):
        told = _plain(match[1] or match[2])
        for patch in series.patches:
            if told and (told == _plain(patch.title) or told in _plain(patch.title)):
                return patch
    for match in SHA.finditer(text):
        for commit, patch in commits.items():
            if commit.startswith(match[1]) or match[1].startswith(commit):
                return patch
    for match in NUMBER.finditer(statement):
        found = next((p for p in series.patches if p.index == int(match[1])), None)
        if found is not None:
            return found
    return None


def _plain(title: str) -> str:
    return " ".join(re.findall(r"\w+", title.lower()))


def _touched(
    remark: Remark, what: Said, ground: Ground, named: Patch | None
) -> PatchLine | None:
    """The first line of a later patch that changes what the remark names or quotes."""
    assert remark.patch is not None
    quoted = {"".join(one[1:].split()) for one in _quoted(remark)}
    quoted |= {code for shown in what.shown for code in code_lines(shown)}
    names = [n for n in what.names if len(n) > 4]
    candidates = [
        line
        for line in ground.lines_after(remark.patch)
        if line.line.kind in "+-" and named in (None, line.patch)
    ]
    quoted_lines = (x for x in candidates if x.line.kind == "-" and x.text in quoted)
    first = next((line for line in quoted_lines if line.text), None)
    if first is not None:
        return first
    files = {remark.anchor.file} if remark.anchor and remark.anchor.file else set()
    within = [one for one in candidates if named is not None or one.file.path in files]
    best = max(within, key=lambda one: _names_on(one, names, named), default=None)
    return best if best is not None and any(_names_on(best, names, named)) else None


def _names_on(
    line: PatchLine, names: Sequence[str], named: Patch | None
) -> tuple[int, int]:
    """How many names stand on a line, and in what encloses it."""
    on = sum(_has(line.line.text, name) for name in names)
    if named is None:
        return on, 0
    context = "\n".join(one.text for one in line.hunk.lines if one.kind == " ")
    around = sum(_has(f"{line.hunk.section}\n{context}", name) for name in names)
    return on, around


def _has(text: str, name: str) -> bool:
    return name in text and re.search(rf"\b{re.escape(name)}\b", text) is not None


def _quoted(remark: Remark) -> tuple[str, ...]:
    anchor = remark.anchor
    return anchor.lines[-4:] if anchor is not None and anchor.file else ()


def commits_of(remarks_of: Iterator[tuple[str, Patch]]) -> dict[str, Patch]:
    """Returns the patches by the commit that a robot's mail names at its top."""
    found: dict[str, Patch] = {}
    for body, patch in remarks_of:
        match = COMMIT_LINE.search(body)
        if match is not None:
            found.setdefault(match[1], patch)
    return found


def changed_again(remark: Remark, ground: Ground) -> Mark | None:
    """Returns the mark that a later patch changes a line which is quoted or shown.

    It says no more than that, unless what the line gets is what the remark asks for.
    """
    if remark.patch is None:
        return None
    told = [squeezed(one[1:]) for one in _quoted(remark) if one[:1] != "-"]
    told += [
        code for shown in claims_in(remark.text).shown for code in code_lines(shown)
    ]
    wanted = {one for one in told if sum(map(str.isalnum, one)) >= LEAST}
    first: Mark | None = None
    for line in ground.lines_after(remark.patch):
        if line.line.kind != "-" or line.text not in wanted:
            continue
        if any(x.kind == "+" and squeezed(x.text) == line.text for x in _lines(line)):
            continue  # moved
        place = line.evidence
        patch = f"{line.patch.index}/{ground.series.expected}"
        wanted_there = _put_there(line, remark.text)
        if wanted_there is not None:
            fact = f"{patch} puts {wanted_there} there: {place.file}:{place.line}"
            return Mark(Decision.MENDED, line.line.text.strip(), fact, (place,))
        fact = f"{patch} changes that line again: {place.file}:{place.line}"
        first = first or Mark(Decision.AGAIN, line.line.text.strip(), fact, (place,))
    return first


def _put_there(line: PatchLine, text: str) -> str | None:
    """The variable that a line gets for a call, where a remark asks for that: it says
    "instead of" the variable, or that what is called is read again."""
    old = TOKEN.findall(line.line.text)
    for other in line.hunk.lines:
        new = TOKEN.findall(other.text) if other.kind == "+" else []
        match = SequenceMatcher(None, old, new, autojunk=False)
        edits = [one for one in match.get_opcodes() if one[0] != "equal"]
        if [edit[0] for edit in edits] != ["replace"]:
            continue
        _, start, end, at, last = edits[0]
        gone, come = old[start:end], new[at:last]
        if len(come) != 1 or gone[1:2] != ["("] or gone[-1] != ")":
            continue
        asked = rf"\binstead of (?:the )?(?:\w+ )?{re.escape(come[0])}\b"
        again = rf"\b{re.escape(gone[0])}\(\)[^.?!]*\bre-?read\b"
        if IDENTIFIER.fullmatch(come[0]) and re.search(rf"{asked}|{again}", text):
            return str(come[0])
    return None


def _lines(line: PatchLine) -> Iterator[DiffLine]:
    return (one for hunk in line.file.hunks for one in hunk.lines)


# --- a later version --------------------------------------------------------------


def gone_later(remark: Remark, ground: Ground) -> Mark | None:
    """Returns the mark that a later version no longer has the quoted lines."""
    anchor = remark.anchor
    if anchor is None or not anchor.file or not anchor.lines[-1].startswith("+"):
        return None
    before = {patch.index: ground.files(patch) for patch in ground.series.patches}
    for newer in ground.newer:
        files = {patch.index: ground.files(patch) for patch in newer.patches}
        if newer.missing:
            continue
        verdict, now, _ = what_became(anchor, newer, before, files)
        statement = anchor.lines[-1][1:].strip()
        if verdict is Fate.CHANGED:
            fact = f"v{newer.version} has other lines there" + (
                f": {now.lstrip('+- ').strip()}" if now.strip("+- ") else ""
            )
            return Mark(
                Decision.GONE, statement, fact, _evidence(newer, anchor.file, now)
            )
        if verdict is Fate.DROPPED:
            fact = f"v{newer.version} does not touch {anchor.file}"
            return Mark(Decision.GONE, statement, fact)
    return None


def _evidence(series: Series, path: str, now: str) -> tuple[Evidence, ...]:
    from reviewer.followup.comments import files_of

    wanted = "".join(now.lstrip("+-").split())
    if not wanted:
        return ()
    for patch in series.patches:
        for file in files_of(patch):
            for line in (one for hunk in file.hunks for one in hunk.lines):
                if file.path == path and "".join(line.text.split()) == wanted:
                    return (Evidence(path, line.new or 0, line.text.strip()),)
    return ()
