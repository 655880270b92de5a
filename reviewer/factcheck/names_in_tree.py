# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether what a remark names is in the tree: options, functions, files, lines.

That something is missing can be refuted by one place.  That something is not there is
said of the very tree only that the series was made for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.factcheck.records import Decision, Mark, Remark
from reviewer.factcheck.remark_text import Said, claims_in
from reviewer.factcheck.tree_and_series import Ground
from reviewer.models import Evidence
from reviewer.patterns import regex
from reviewer.tree.view import View
from reviewer.utf8 import decode

_NAMED = r"[`'\"]?(?P<name>(?:CONFIG_)?[A-Za-z_]\w{2,}(?:\(\))?)[`'\"]?"
_SORT = (
    r"(?:Kconfig |config(?:uration)? )?(?:symbols?|options?|functions?|macros?|helpers?"
    r"|constants?|definitions?|identifiers?|configs?|names?)"
)
_ADVERB = r"(?: actually| even| really| currently| ever)?"
# "X does not exist", "no Kconfig defines X", "the undefined option X", "does X exist?"
MISSING = tuple(
    regex(text, re.IGNORECASE)
    for text in (
        rf"{_NAMED}(?: {_SORT})?,?(?: which| that)? (?:does not|doesn't|do not|don't)"
        rf" (?:seem to |appear to )?{_ADVERB} ?exist\b",
        rf"{_NAMED}(?: {_SORT})?,?(?: which| that)? (?:is|seems|appears)(?:n't| not)"
        rf"(?: to be)?{_ADVERB} (?:defined|declared|provided|a (?:valid|known|real|"
        rf"defined))\b",
        rf"{_NAMED}(?: {_SORT})?,?(?: which| that)? (?:is|seems|appears)(?: to be)?"
        rf"{_ADVERB} (?:undefined|undeclared|non-?existent|unknown|never defined|not"
        rf" defined|not declared)\b",
        rf"{_NAMED}(?: {_SORT})? (?:does not|doesn't) (?:seem|appear) to be"
        rf"{_ADVERB} (?:defined|declared|a (?:valid|known|real))\b",
        rf"{_NAMED}(?: {_SORT})? (?:cannot|can't|could not|couldn't) be found\b",
        rf"\b(?:does|is|are) (?:the )?(?:{_SORT} )?{_NAMED}(?: {_SORT})?{_ADVERB}"
        rf" (?:exist|defined|declared|a (?:valid|real|known))\b",
        rf"\bno (?:\w+ )?(?:Kconfig(?: file| entry| symbol| option)?|config|option|"
        rf"symbol|header|file|definition)s? (?:\w+ ){{0,3}}?(?:defin\w+|declar\w+|named"
        rf"|called|of|for)(?: the)?(?: {_SORT})? {_NAMED}",
        rf"\b(?:undefined|undeclared|non-?existent|unknown|missing) {_SORT}(?: named|"
        rf" called)? {_NAMED}",
        rf"\bthere is no (?:such )?(?:{_SORT} )?(?:named |called )?{_NAMED}"
        rf"(?: {_SORT})?(?= (?:in|anywhere)|[.?!,]|\Z)",
        rf"\b(?:cannot|could not|couldn't|can't|unable to) find"
        rf" (?:\w+ ){{0,4}}?{_NAMED}",
    )
)
# Then it is said of one configuration, place or time only: above it in the sentence,
# or in its own clause.
SUPPOSED = regex(r"\b(?:if|when|unless|where|without|with|once)\b|=\s?[nmy]\b", re.I)
QUALIFIED = regex(
    r"^[^,;:]*\b(?:if|when|unless|without|disabled|until|yet|any ?more|no longer"
    r"|renamed"
    r"|removed|before|bisect\w*|stub|fallback|inside|outside|in (?:this|the) (?:commit|"
    r"patch|mail|scope|function|block)|in (?:the )?(?:mainline|upstream|stable|"
    r"linux-next)|(?:for|on) (?:[\w-]+ ){0,2}(?:arch\w*|builds?|kernels?|platforms?))\b"
    r"|^[^,;:]*=\s?[nmy]\b",
    re.IGNORECASE,
)
NO_LONGER = regex(r"\b(?:no longer|any ?more|yet|renamed|removed)\b", re.IGNORECASE)
NO_INCLUDE = regex(
    r"\b(?:missing|lacks?|without|does(?:n't| not) have|does(?:n't| not) include|not"
    r" includ\w+|no|add)\b[^.?!]{0,30}?(?:#\s?include\s*)?<(?P<header>[\w./-]+\.h)>",
    re.IGNORECASE,
)
IN_FILE = regex(r"\bin\s+[`'\"<]?([\w.+-]+(?:/[\w.+-]+)*\.\w{1,5}\b|[\w/]*Kconfig\b)")
_TOP = (
    r"(?:arch|block|certs|crypto|Documentation|drivers|fs|include|init|io_uring|ipc"
    r"|kernel|lib|mm|net|rust|samples|scripts|security|sound|tools|usr|virt)/"
)
FILE = regex(rf"(?<![\w./<])({_TOP}[\w+./-]+\.(?:c|h|S|rst|yaml|dts|dtsi))\b")
FILE_LINE = regex(rf"(?<![\w./<])({_TOP}[\w+./-]+\.(?:c|h)):(\d{{1,6}})\b(?!:\w)")
SAID_TO_LACK = regex(r"\b(?:not|no|missing|lacks?|never|n't)\b|n't\b", re.IGNORECASE)
PROPOSES = (
    r"\b(?:add|introduce|create|write|new|helper|like|such as|called|named|use|using|"
    r"prefer|should|could|would|might|replace|switch|convert|consider|try|need|want)"
)
MOST_NAMES = 6  # of one remark that are looked for


def marks_of_present(remark: Remark, ground: Ground) -> Iterator[Mark]:
    """Yields a mark for each thing that a remark says is nowhere, and that is."""
    view = ground.view_after(remark.patch)
    if view is None:
        return
    told: set[str] = set()
    for sentence in claims_in(remark.text).sentences:
        for name in _missing(sentence):
            where = IN_FILE.search(sentence)
            found = _where(name, where[1] if where else "", view, remark, ground)
            if found is not None and name not in told:
                told.add(name)
                shown = name.removesuffix("()")
                fact = f"{shown} is there: {found.file}:{found.line}"
                yield Mark(Decision.THERE, sentence, fact, (found,), refutes=True)
        yield from _included(sentence, view, remark)


def _included(sentence: str, view: View, remark: Remark) -> Iterator[Mark]:
    """A header that is said to be missing, and that the file includes itself."""
    match = NO_INCLUDE.search(sentence)
    path = remark.anchor.file if remark.anchor is not None else ""
    data = view.read(path) if match is not None and path else None
    if match is None or data is None:
        return
    line = f"#include <{match['header']}>"
    texts = decode(data).split("\n")
    for number, text in enumerate(texts, start=1):
        if " ".join(text.split()).replace("# include", "#include") == line:
            place = Evidence(path, number, text.strip())
            fact = f"{path} includes it: {path}:{number}"
            yield Mark(Decision.THERE, sentence, fact, (place,), refutes=True)
            return


def _missing(sentence: str) -> Iterator[str]:
    for pattern in MISSING:
        for match in pattern.finditer(sentence):
            name, end = match["name"], match.end()
            supposed = SUPPOSED.search(sentence[: match.start("name")])
            if (
                supposed
                or QUALIFIED.search(sentence[end:])
                or NO_LONGER.search(match[0])
            ):
                continue
            if _is_of_code(name):
                yield name


def _is_of_code(name: str) -> bool:
    """Whether a word is a name of C or Kconfig and not one of English."""
    return (
        "_" in name or name.endswith("()") or bool(re.fullmatch(r"[A-Z\d]{4,}", name))
    )


def _where(
    name: str, path: str, view: View, remark: Remark, ground: Ground
) -> Evidence | None:
    """Where a name is defined; in one file only, where the remark speaks of that."""
    plain = name.removesuffix("()")
    option = plain.removeprefix("CONFIG_")
    found = None
    if option.isupper() or plain.startswith("CONFIG_"):
        found = _option(option, view)
    if found is None and not plain.startswith("CONFIG_"):
        near = remark.anchor.file if remark.anchor else ""
        found = ground.defined(view, plain, near)
    if found is None or not path:
        return found
    return found if found.file.endswith(path) else None


def _option(name: str, view: View) -> Evidence | None:
    from reviewer.facts import Facts

    definitions = Facts(view).kconfig.definitions(name)
    return definitions[0].evidence if definitions else None


# --- what is not there ------------------------------------------------------------


def marks_of_absent(remark: Remark, ground: Ground) -> Iterator[Mark]:
    """Yields a mark for each option, function, file or line that is named as if it were
    there, and that the tree of the series does not have."""
    view = ground.view_after(remark.patch)
    applied = ground.applied
    if view is None or not applied.is_exact or applied.guessed:
        return
    what = claims_in(remark.text)
    for name, fact in _absent(what, view, ground):
        statement = next((one for one in what.sentences if name in one), name)
        if not SAID_TO_LACK.search(statement):
            yield Mark(Decision.NO_SUCH, statement, fact, refutes=True)


def _absent(what: Said, view: View, ground: Ground) -> Iterator[tuple[str, str]]:
    prose = what.prose
    for path, number in dict.fromkeys(FILE_LINE.findall(prose)):
        data = view.read(path)
        lines = 0 if data is None else len(data.split(b"\n")) - data.endswith(b"\n")
        if data is not None and int(number) > lines:
            yield f"{path}:{number}", f"{path} has {lines} lines"
    for path in dict.fromkeys(FILE.findall(prose)):
        if not view.exists(path) and not ground.names_file(path):
            yield path, f"there is no {path}"
    for name in what.functions[:MOST_NAMES]:
        if _is_proposed(name, prose) or ground.mentions(name):
            continue
        if ground.is_nowhere(view, name):
            yield name, f"the tree has no {name}"


def _is_proposed(name: str, prose: str) -> bool:
    """Whether a function is one that the remark proposes to write or to use, be it
    misspelt: what is meant is no statement about the tree."""
    words = re.escape(name)
    return bool(
        re.search(rf"{PROPOSES}\b[^.?!]{{0,80}}\b{words}\b", prose, re.IGNORECASE)
        or re.search(rf"\b{words}\b[^.?!]{{0,40}}\binstead\b", prose, re.IGNORECASE)
    )
