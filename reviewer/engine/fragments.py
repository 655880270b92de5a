# SPDX-License-Identifier: GPL-2.0-or-later
"""Looks at the bare hunks of a file that a patch could not be applied to."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from reviewer.api import FileImage, Scope
from reviewer.engine.describe import fingerprint, with_place_described
from reviewer.engine.fixes import with_fix
from reviewer.engine.images import hunk_text
from reviewer.engine.old_or_new import had_before
from reviewer.engine.run import C_FILES, ReviewRun
from reviewer.errors import KpfError
from reviewer.facts import Facts
from reviewer.fragment import Fragment
from reviewer.models import Change, Confidence, Judged
from reviewer.patterns import regex
from reviewer.rulebook import LoadedRule


def review_fragment(
    change: Change, facts: Facts | None, run: ReviewRun
) -> Iterator[Judged]:
    """Yields what can be said without the file: on the
    hunks, with the facts of the tree.

    The file may be another version than the tree's, so only rules that declare it
    are asked, and nothing that they find counts as proved.
    """
    if not change.path.endswith(C_FILES) or change.diff.binary:
        return
    text = hunk_text(change)
    wanted = [
        rule
        for rule in run.rules
        if _takes_fragments(rule, facts) and rule.wants(change.path, text)
    ]
    if not wanted:
        return
    if facts is None:
        from reviewer.facts import Facts as FactsOf
        from reviewer.tree.view import EmptyView

        facts = FactsOf(EmptyView())
    for fragment in _fragments(change, run):
        for rule in wanted:
            for finding in _new_in_fragment(fragment, rule, facts, run):
                yield replace(
                    finding,
                    patch=change.patch.index,
                    function=None,
                    confidence=_of_fragment(finding.confidence, rule),
                )


def _fragments(change: Change, run: ReviewRun) -> Iterator[Fragment]:
    from reviewer.fragment import fragments

    try:
        yield from fragments(change)
    except KpfError as error:
        run.skip(change.path, str(error), change.path)


def _new_in_fragment(
    fragment: Fragment, rule: LoadedRule, facts: Facts, run: ReviewRun
) -> Iterator[Judged]:
    """What a rule finds in the statements that a hunk adds to, and not before it."""
    added = fragment.added
    image = FileImage(fragment.source, facts, added, run.whole, fragment=True)
    new = [
        with_place_described(found, image)
        for found in run.call(rule, image, fragment.path)
    ]
    new = [found for found in new if fragment.is_added(found.line, found.column)]
    source = fragment.before() if new else None
    old = []
    if source is not None:
        image = FileImage(source, facts, None, run.whole, fragment=True)
        run.unfinished.clear()
        found_before = run.call(rule, image, fragment.path)
        if run.unfinished:  # what there was before is not known: it may be this
            return
        old = [with_place_described(found, image) for found in found_before]
    preexisting = had_before(new, old)
    image = FileImage(fragment.source, facts, added, run.whole, fragment=True)
    for number, found in enumerate(new):
        if number not in preexisting:
            told = replace(with_fix(found, rule, image, len(new), run), fix=None)
            yield replace(told, fingerprint=_fingerprint(told, fragment))


def _fingerprint(found: Judged, fragment: Fragment) -> str:
    """That of the same remark where the patch applies: the function of bare statements
    is the one that git wrote behind the hunk's place."""
    from reviewer.fragment import BARE

    if found.function not in (None, BARE):
        return found.fingerprint
    around = _CALLABLE.search(fragment.hunk.section)
    return fingerprint(replace(found, function=around[1] if around else None))


_CALLABLE = regex(r"\b(\w+)\s*\(")


def _of_fragment(confidence: Confidence, rule: LoadedRule) -> Confidence:
    """What the tree's facts prove they prove of the tree's own version only."""
    if confidence is Confidence.PROVED and rule.rule.needs_tree:
        return Confidence.LIKELY
    return confidence


def _takes_fragments(rule: LoadedRule, facts: Facts | None) -> bool:
    if rule.rule.scope is not Scope.FILE:
        return False
    return not rule.rule.needs_tree or (rule.rule.on_fragments and facts is not None)
