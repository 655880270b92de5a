# SPDX-License-Identifier: GPL-2.0-or-later
"""Members of a header's structs that a patch gives a narrower type, and who suffers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.api import FileImage, Step
from reviewer.c.source import Source
from reviewer.doubts import give_up
from reviewer.facts.header import Header
from reviewer.kit.gates import area
from reviewer.rules.flags_narrowed.declared_types import all_members, as_width
from reviewer.rules.flags_narrowed.narrow_words import Narrow, narrow_words

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
