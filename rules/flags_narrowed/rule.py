# SPDX-License-Identifier: GPL-2.0-or-later
"""``bool flags``, then ``flags & IOCB_DIRECT``: the bit is not kept there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from reviewer.api import (
    Confidence,
    Edit,
    FileImage,
    Finding,
    Rule,
    Scope,
    Severity,
    Step,
)
from reviewer.c.source import Source
from reviewer.doubts import give_up
from reviewer.facts.header import Header
from reviewer.kit import places
from reviewer.kit.gates import area
from reviewer.rules.flags_narrowed.declared_types import all_members, as_width
from reviewer.rules.flags_narrowed.narrow_words import (
    Form,
    Narrow,
    narrow_words,
    places_of,
)

RULE = Rule(
    name="flags-narrowed",
    summary="a mask beyond the bits of the type that it is tested in or kept in",
    severity=Severity.HIGH,
    scope=Scope.FILE,
    precedent=(
        "217e85f97031 (\"drm/amdkfd: Fix type of 'dbg_flags' in 'struct "
        "kfd_process'\")",
    ),
    trigger=rb"&|\|=|[=!]=|\b(?:bool|_Bool|char|short|\w*[us](?:8|16)|u?int(?:8|16)_t)\b",
    needs=(rb"[{;?!=&|^<>]",),
    on_fragments=True,
    steps_too=True,
)


def check(image: FileImage) -> Iterator[Finding]:
    """Yields every mask of which nothing, or not all, is left in a narrower type."""
    for found in narrow_words(image):
        yield _finding(image, found)


def check_step(step: Step) -> Iterator[Finding]:
    """Yields every member of a header's struct that gets too narrow for a mask
    elsewhere."""
    for found, source in narrowed_members(step):
        assert step.post is not None
        user = FileImage(source, step.post.facts)
        place = f"{source.path}:{source.line_of(found.node)}"
        declared = found.width.evidence
        assert declared is not None
        yield RULE.finding(
            step.change.path,
            declared.line,
            {**_fields(source, found), "place": place, "suggestion": None},
            evidence=places_of(user, found),
            anchor=declared.text,
        )


def _fields(source: Source, found: Narrow) -> dict[str, Any]:
    return {
        "form": str(found.form),
        "test": source.norm(found.node),
        "name": found.name,
        "type": found.width.kind,
        "bits": found.width.bits,
        "truth": found.width.is_bool,
        "mask": source.norm(found.mask),
        "value": f"{found.value:#x}",
        "lost": list(found.lost),
        "suggestion": found.right,
        "place": None,
    }


def _finding(image: FileImage, found: Narrow) -> Finding:
    source = image.source
    edits: tuple[Edit, ...] = ()
    if found.right is not None and found.at is not None:
        edits = places.replacing_edit(found.at, found.right)
    likely = found.form is Form.ANY
    return places.finding(
        image,
        RULE,
        source,
        found.node,
        fields=_fields(source, found),
        edits=edits,
        evidence=places_of(image, found),
        severity=Severity.MEDIUM if likely else None,
        confidence=Confidence.LIKELY if likely else Confidence.PROVED,
    )


# --- members of structs that a header narrows, and who suffers ------------------------

_MOST_FILES = 40  # that use one member's name
# where what include/ declares is used most
_AROUND = ("mm", "kernel", "fs", "block", "lib", "drivers/base", "include")


def narrowed_members(step: Step) -> Iterator[tuple[Narrow, Source]]:
    """Yields for each member the first use, in a file that the patch leaves alone,
    whose mask no longer fits."""
    path = step.change.path
    if step.pre is None or step.post is None or not path.endswith(".h"):
        return
    for name, line in _narrowed(step.pre, step.post):
        if line not in step.change.added:
            continue
        found = next(_uses(step.post, path, name, line), None)
        if found is not None:
            yield found


def _narrowed(pre: FileImage, post: FileImage) -> Iterator[tuple[str, int]]:
    """The names of the members that have fewer bits than before, with their lines."""
    before = all_members(Header(pre.source.path, pre.source.data))
    for key, declared in all_members(
        Header(post.source.path, post.source.data)
    ).items():
        old = before.get(key)
        if old is None or (old.kind, old.field_bits) == (
            declared.kind,
            declared.field_bits,
        ):
            continue
        was, now = as_width(pre, old), as_width(post, declared)
        if was is None or now is None or declared.evidence is None:
            continue
        if now.bits < was.bits or (now.is_bool and not was.is_bool):
            yield key[1], declared.evidence.line


def _uses(
    post: FileImage, path: str, name: str, line: int
) -> Iterator[tuple[Narrow, Source]]:
    """The uses of a member that its declaration is too narrow for."""
    under = _AROUND if path.startswith("include/") else (area(path),)
    used = re.compile(rf"(?:->|\.)\s*{re.escape(name)}\b")
    hits = post.facts.view.grep([name], under, suffixes=(".c",))
    files = dict.fromkeys(hit.path for hit in hits if used.search(hit.text))
    if len(files) > _MOST_FILES:
        give_up(f"over {_MOST_FILES} files use a member called {name}")
        return
    for file in files:
        source = post.facts.source(file)
        if source is None:
            continue
        for found in narrow_words(FileImage(source, post.facts)):
            place = found.width.evidence
            if place is not None and (place.file, place.line) == (path, line):
                yield found, source
