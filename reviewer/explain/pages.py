# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a flag lives for a small page, a head and a tail, in words and as a picture.

Policies (``PF_HEAD``, ``FOLIO_SECOND_PAGE``) are read from the tree: which page's word
they take and what they assert.  Only the words for it are ours.
"""

from __future__ import annotations

from collections.abc import Iterable

from reviewer.explain.model import Line, Part
from reviewer.facts.accesses import PageRole
from reviewer.facts.helper_records import Policy

_POLICY_WORDS = {
    PageRole.OWN: "the word of the very page that is given, be it a tail",
    PageRole.HEAD: "the word of the head page, whichever page of the folio is given",
    PageRole.SECOND: "the word of the folio's second page, page[1]",
    PageRole.OTHER: "a word that is not one of the folio's first two pages",
}
# Where it is for a page of each kind; {word} is flags, mapping, page_type ...
_PLACES = {
    PageRole.OWN: (
        "its own {word}",
        "its own {word}",
        "its own {word}, not the head's",
    ),
    PageRole.HEAD: ("its own {word}", "its own {word}", "the {word} of its head"),
    PageRole.SECOND: (
        "nowhere: a small page has no second page",
        "the {word} of page[1], the first tail",
        "the {word} of page[1]: ask with the head, page[1] is counted from it",
    ),
}
KINDS = ("small page", "head page", "tail page")


def policy_line(policy: Policy) -> Line:
    """Returns a policy in words, with what it calls a bug."""
    pages = " or ".join(_POLICY_WORDS[page] for page in sorted(policy.pages))
    text = f"{policy.name}: {pages}"
    if policy.asserts:
        text += f"; a bug if {' or '.join(policy.asserts)}"
    return Line(text, policy.evidence)


def where_it_lives(
    word: str, pages: Iterable[PageRole], *, bug_if_compound: bool = False
) -> Part:
    """Returns the three cases, small, head and tail, and a picture of them."""
    known = sorted(page for page in set(pages) if page in _PLACES)
    title = "Where it lives"
    if not known:
        return Part(title, (Line("the tree does not say it in a way we can read"),))
    lines = []
    for place, kind in enumerate(KINDS):
        texts = list(dict.fromkeys(_PLACES[page][place] for page in known))
        text = " or ".join(texts).format(word=word)
        if bug_if_compound and place:
            text = "not on pages of a larger folio: asking there is a bug"
        lines.append(Line(f"{kind}: {text}"))
    return Part(title, tuple(lines), _boxes(known, bug_if_compound))


def _boxes(pages: list[PageRole], small_only: bool) -> tuple[str, ...]:
    """Five pages side by side, an X on each that may carry the bit."""
    marked = {0} if PageRole.SECOND not in pages or len(pages) > 1 else set()
    if not small_only:
        if PageRole.HEAD in pages or PageRole.OWN in pages:
            marked.add(1)
        if PageRole.SECOND in pages:
            marked.add(2)
        if PageRole.OWN in pages:
            marked |= {2, 3, 4}
    labels = ("small", "head", "tail", "tail", "tail")
    edge = "+-------+   " + "+-------" * 4 + "+"
    cells = [f" {label:<5} " for label in labels]
    marks = ["   X   " if n in marked else "       " for n in range(5)]
    return (
        edge,
        _row(cells),
        _row(marks),
        edge,
        "one page    one folio of four pages; X: a word that can hold it",
    )


def _row(cells: list[str]) -> str:
    return f"|{cells[0]}|   |" + "|".join(cells[1:]) + "|"
