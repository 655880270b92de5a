# SPDX-License-Identifier: GPL-2.0-or-later
"""What is said about an answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from reviewer.prover.verdict import OutputVerdict, Witness


class Judgement(Struct, frozen=True):
    """Right, wrong, or (None) not decided; and why, in paragraphs.

    A paragraph whose first line is indented is shown as it stands.
    """

    right: bool | None
    says: tuple[str, ...]


def judged_right(*says: str) -> Judgement:
    """Makes the judgement of a right answer; ``says`` are its lines."""
    return Judgement(True, says)


def judged_wrong(*says: str) -> Judgement:
    """Makes the judgement of a wrong answer; ``says`` are its lines."""
    return Judgement(False, says)


def judged_undecided(*says: str) -> Judgement:
    """Makes the judgement of an answer that nobody can judge here."""
    return Judgement(None, says)


def page_in_words(witness: Witness) -> str:
    """Returns "an order-0 page with no PG_head", from the facts of a witness."""
    kinds = ("order-0 page", "head page", "tail page")
    kind = next((fact for fact in witness.when if fact in kinds), "page")
    details = []
    for fact in witness.when:
        if fact in kinds:
            continue
        owner, colon, what = fact.partition(": ")
        if not colon:
            details.append(fact)
        elif owner.endswith("'s folio"):
            details.append(f"{what} on its head" if kind == "tail page" else what)
        else:
            details.append(what)
    article = "an" if kind[0] in "aeiou" else "a"
    text = f"{article} {kind}"
    return f"{text} ({'; '.join(dict.fromkeys(details))})" if details else text


def behaves(verdict: OutputVerdict) -> str:
    """Returns one output that differs, as a sentence about the learner's version."""
    if verdict.witness is None:
        return f"With your version {verdict.output} is not what it must be."
    page = page_in_words(verdict.witness)
    if verdict.number is not None and {verdict.before, verdict.after} == {"0", "1"}:
        bit = verdict.output.removeprefix("KPF_")
        if verdict.after == "1":
            return f"With your version {page} reports {bit}, and it must not."
        return f"With your version {page} does not report {bit}, and it must."
    return (
        f"With your version, for {page}, {verdict.output} is {verdict.after}"
        f" and must be {verdict.before}."
    )


def quoted(names: Sequence[str]) -> str:
    """Returns ``a``, ``a and b``, ``a, b and c``."""
    from reviewer.output.words import listed_in_words

    return listed_in_words(names)
