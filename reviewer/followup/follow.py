# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the lines of a comment are in the next version, and what was said to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache

from msgspec import Struct

from reviewer.followup.comments import (
    LONGEST,
    Anchor,
    Comment,
    blocks,
    comments,
    files_of,
)
from reviewer.followup.verdict import Fate
from reviewer.mail.earlier_posting import author_of, likeness
from reviewer.mail.people import are_same
from reviewer.models import FileDiff, Patch, Reply, Series
from reviewer.patterns import regex

MOST_LINES = 2000  # of one file's diff that are compared
MOST_FRESH = 30  # lines, either way, of which one may be made from one that went
MEANT = 3  # lines directly above a comment that it is taken to be about
QUOTED = 5  # lines above a comment on white space, blank ones among them
FEW_WORDS = 6  # of a line of a message that do not tell it from others
GIVEN = regex(r"^(?:[A-Z][a-z]+(?:-[a-z]+)*-by|Cc):[^\n]*\n?", re.MULTILINE)
LEAST_MOVED = 16  # letters of lines that are recognised in another file
ALIKE = 0.6  # two lines of which one was made from the other
RENAMED = 0.5  # of the lines of a new file, so many stand in one of another name
# Lines of which a file has many: that one stands elsewhere says nothing.
COMMON = regex(
    r"^.?(?:return\b[^;()]*;|if \(!?\w+(?: [<=!]=? \w+)?\) ?\{?|\}? ?else ?\{?|break;"
    r"|continue;|goto \w+;|default:|[\W_]*)$"
)
SPACE = regex(
    r"\b(?:blank|empty|extra|new) ?lines?\b|\bindent|\balign|\bwhite ?space|\btabs?\b"
    r"|\bspaces?\b|\bwrap|\bone line\b|\btrailing\b|\bnewline",
    re.IGNORECASE,
)


class Followed(Struct, frozen=True):
    """One comment and what became of it."""

    comment: Comment
    verdict: Fate
    now: str  # the first line that stands there now, "" if it is gone or the same
    where: str  # for people: "hunk", "patch 2/3", "commit message", ...
    answer: Reply | None  # the sender's reply that quotes the comment
    quoted: bool  # whether that answer quotes the very remark
    tags: tuple[str, ...]  # that the commenter gave to either version


def follow(old: Series, new: Series) -> tuple[Followed, ...]:
    """Returns every inline comment on ``old`` looked up in ``new``, in the order they
    came."""
    files = {patch.index: files_of(patch) for patch in new.patches}
    before = {patch.index: files_of(patch) for patch in old.patches}
    return tuple(
        _followed(comment, old, new, before, files) for comment in comments(old)
    )


def _followed(
    comment: Comment,
    old: Series,
    new: Series,
    before: dict[int, tuple[FileDiff, ...]],
    files: dict[int, tuple[FileDiff, ...]],
) -> Followed:
    verdict, now, where = what_became(comment.anchor, new, before, files)
    if verdict is not Fate.CHANGED and SPACE.search(comment.text):
        spaced = _spaced_otherwise(comment.anchor, before, files)
        if spaced is not None:
            verdict, now, where = Fate.CHANGED, spaced, ""
    if verdict is Fate.DROPPED and new.missing:
        verdict, now, where = Fate.UNSEEN, "", ""
    answer, quoted = _answer(comment, old)
    return Followed(comment, verdict, now, where, answer, quoted, _tags(comment, new))


def what_became(
    anchor: Anchor,
    new: Series,
    before: dict[int, tuple[FileDiff, ...]],
    files: dict[int, tuple[FileDiff, ...]],
) -> tuple[Fate, str, str]:
    """Returns what became of commented lines in a version, what stands there now, and
    where, as ``Followed`` has them.

    ``before`` and ``files`` are the diffs of the old and the new version, by patch.
    """
    if anchor.file:
        return _in_code(anchor, new, before, files)
    return _in_message(anchor, new, before, files)


# --- the code ---------------------------------------------------------------------


def _in_code(
    anchor: Anchor,
    new: Series,
    before: dict[int, tuple[FileDiff, ...]],
    files: dict[int, tuple[FileDiff, ...]],
) -> tuple[Fate, str, str]:
    old_file = next(f for f in before[anchor.patch.index] if f.path == anchor.file)
    old_lines = _lines(old_file)
    last = sum(len(hunk.lines) for hunk in old_file.hunks[: anchor.hunk]) + anchor.last
    meant = _meant(old_lines, last, len(anchor.lines))
    if not meant:
        return Fate.UNREAD, "", ""
    candidates = [
        (patch, file)
        for patch in sorted(
            new.patches, key=lambda one: (one.title != anchor.patch.title, one.index)
        )
        for file in files[patch.index]
        if anchor.file in (file.path, file.old_path)
    ]
    if not candidates:
        moved = _moved_to([old_lines[n] for n in meant], anchor.file, files)
        if moved:
            return Fate.NEARBY, "", moved
        candidates = list(_renamed(old_file, new, files))
    if not candidates:
        return Fate.DROPPED, "", ""
    results = [
        _compare(old_file, old_lines, meant, anchor.hunk, patch, file)
        for patch, file in candidates
    ]
    # In a split series the lines may have gone to another patch: the best match wins.
    order = [Fate.ELSEWHERE, Fate.NEARBY, Fate.CHANGED]
    verdict, now, patch = min(results, key=lambda found: order.index(found[0]))
    code = _code(before[anchor.patch.index])
    same_code = [one for one, _ in candidates if _code(files[one.index]) == code]
    if verdict is Fate.ELSEWHERE and same_code:
        if same_code[0].message == anchor.patch.message:
            return Fate.UNTOUCHED, "", ""
        return Fate.ELSEWHERE, "", "commit message"
    others = len(new.patches) > 1 and patch.title != anchor.patch.title
    where = f"patch {patch.index}/{new.expected}" if others else ""
    if verdict is Fate.CHANGED:
        moved = _moved_to([old_lines[n] for n in meant], anchor.file, files)
        if moved:
            return Fate.NEARBY, "", moved
    if verdict is Fate.ELSEWHERE:
        return verdict, "", where or _what_else(old_file, patch, files[patch.index])
    return verdict, now, where


def _moved_to(
    meant: Sequence[str], path: str, files: dict[int, tuple[FileDiff, ...]]
) -> str:
    """The other file that has the very lines now, "" if there is none."""
    if sum(map(str.isalnum, "".join(meant))) < LEAST_MOVED:
        return ""
    for file in (file for every in files.values() for file in every):
        if file.path != path and set(_lines(file)).issuperset(meant):
            return f"moved to {file.path}"
    return ""


def _renamed(
    old_file: FileDiff, new: Series, files: dict[int, tuple[FileDiff, ...]]
) -> Iterator[tuple[Patch, FileDiff]]:
    """A new file of the next version that is the old version's under another name."""
    if old_file.status != "added":
        return
    lines = {line for line in _lines(old_file) if not COMMON.match(line)}
    for patch in new.patches:
        for file in files[patch.index]:
            shared = lines & set(_lines(file)) if file.status == "added" else set()
            if len(shared) > RENAMED * len(lines):
                yield patch, file
                return


def _spaced_otherwise(
    anchor: Anchor,
    before: dict[int, tuple[FileDiff, ...]],
    files: dict[int, tuple[FileDiff, ...]],
) -> str | None:
    """The last of the quoted lines as it stands now, where only white space differs.

    None where the lines are not there, or are there as they were.  A blank line that
    is quoted is one of them.
    """
    if not anchor.file:
        return None
    file = next(f for f in before[anchor.patch.index] if f.path == anchor.file)
    hunk = file.hunks[anchor.hunk].lines
    wanted = [one.text for one in hunk[: anchor.last + 1] if one.kind != "-"][-QUOTED:]
    telling = [" ".join(line.split()) for line in wanted if line.strip()]
    if not telling or all(COMMON.match(f" {line}") for line in telling):
        return None
    found = None
    for texts, plain, solid in _after(anchor.file, files):
        for at in range(len(plain) - len(telling) + 1):
            if plain[at] == telling[0] and plain[at : at + len(telling)] == telling:
                end = solid[at + len(telling) - 1]
                tail = (
                    len(wanted) - 1 - max(n for n, x in enumerate(wanted) if x.strip())
                )
                if texts[end - len(wanted) + 1 + tail : end + 1 + tail] == wanted:
                    return None
                found = texts[end].strip()
    return found


def _after(
    path: str, files: dict[int, tuple[FileDiff, ...]]
) -> Iterator[tuple[list[str], list[str], list[int]]]:
    """The lines of each hunk of a file as they are after it; those that are not blank
    without their white space, and the numbers of these."""
    for file in (file for every in files.values() for file in every):
        for hunk, squeezed in zip(file.hunks, file.squeezed, strict=True):
            if file.path == path:
                texts = [one.text for one in hunk.lines if one.kind in " +"]
                plain = [text[1:] for text in squeezed if text[0] in " +"]
                solid = [n for n, text in enumerate(plain) if text]
                yield texts, [plain[n] for n in solid], solid


def _code(files: Sequence[FileDiff]) -> list[str]:
    """What a patch does, without line numbers, blob ids and context."""
    return [
        f"{file.path} {text}"
        for file in files
        for text in (file.status, *_lines(file))
        if text[:1] != " "
    ]


def _what_else(old_file: FileDiff, patch: Patch, files: Sequence[FileDiff]) -> str:
    """What did change, where the hunk did not."""
    for file in files:
        if file.path == old_file.path:
            same_file = file.squeezed == old_file.squeezed
            return f"other files of patch {patch.index}" if same_file else "other hunks"
    return ""


def _lines(file: FileDiff) -> list[str]:
    return [text for hunk in file.squeezed for text in hunk][:MOST_LINES]


def _meant(lines: Sequence[str], last: int, count: int) -> list[int]:
    """The lines a comment is about: the nearest above it that say something."""
    first = max(0, last + 1 - count)
    telling = [
        n
        for n in range(first, min(last + 1, len(lines)))
        if sum(map(str.isalnum, lines[n])) >= 2
    ]
    changed = [n for n in telling[-MEANT:] if lines[n][:1] in "+-"]
    return changed or telling[-1:]


def _compare(
    old_file: FileDiff,
    old_lines: list[str],
    meant: list[int],
    hunk: int,
    patch: Patch,
    file: FileDiff,
) -> tuple[Fate, str, Patch]:
    new_lines = _lines(file)
    start = sum(len(one.lines) for one in old_file.hunks[:hunk])
    end = start + len(old_file.hunks[hunk].lines)
    changes, kept, fresh = _changes(tuple(old_lines), tuple(new_lines))
    touching = (
        [*old_lines[max(a1, start) : min(a2, end)], *new_lines[b1:b2]]
        for a1, a2, b1, b2 in changes
        if (a1 < end and a2 > start if a2 > a1 else start < a1 < end)
    )
    changed_in_hunk = any(map(_says_something, touching))
    if meant[-1] in kept and not changed_in_hunk:
        came = sum(b2 - b1 - a2 + a1 for a1, a2, b1, b2 in changes if a2 <= meant[-1])
        before = set(new_lines[: meant[-1] + came]) - set(old_lines[: meant[-1]])
        behind = (x for x in old_lines[meant[-1] : end] if not COMMON.match(x))
        changed_in_hunk = any(x[:1] == " " and x in before for x in behind)  # it moved
    now = ""
    for a1, a2, b1, b2 in changes:
        here = [n for n in meant if a1 <= n < a2]
        if here and not now:
            at = b1 + (here[-1] - a1) * (b2 - b1) // (a2 - a1)
            near = new_lines[max(b1, at - MOST_FRESH) : min(b2, at + MOST_FRESH)]
            now = _successor(old_lines[here[-1]], near)
    if not kept.issuperset(meant):
        gone = [old_lines[n] for n in meant if n not in kept]
        elsewhere = all(line in fresh for line in gone)
        if elsewhere and not all(COMMON.match(line) for line in gone):
            return Fate.NEARBY, "", patch  # moved within the file, as it was
        return Fate.CHANGED, now, patch
    return (Fate.NEARBY if changed_in_hunk else Fate.ELSEWHERE), "", patch


@lru_cache(maxsize=256)
def _changes(
    old: tuple[str, ...], new: tuple[str, ...]
) -> tuple[list[tuple[int, int, int, int]], set[int], set[str]]:
    """The differences, the old lines that stayed, and what came in: a like line of
    another place stays where it is.  Once for all the comments on a file."""
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    kept = {n for kind, a1, a2, *_ in codes if kind == "equal" for n in range(a1, a2)}
    changes = [places for kind, *places in codes if kind != "equal"]
    fresh = {line for _, _, b1, b2 in changes for line in new[b1:b2]}
    return [(a1, a2, b1, b2) for a1, a2, b1, b2 in changes], kept, fresh


def _says_something(lines: Sequence[str]) -> bool:
    """Whether a difference is more than other context lines around the change."""
    return any(line[:1] in "+-" and line[1:].strip() for line in lines)


def _successor(gone: str, fresh: Sequence[str]) -> str:
    """Of the lines that came instead, the one most like one that went."""
    added = [line for line in fresh if line[:1] == "+" and line[1:].strip()]
    nearest, most = "", ALIKE
    for line in added:
        match = SequenceMatcher(None, gone[1:LONGEST], line[1:LONGEST])
        if match.real_quick_ratio() >= most and match.quick_ratio() >= most:
            ratio = match.ratio()
            if ratio > most or (ratio == most and not nearest):
                nearest, most = line, ratio
    return nearest[1:].strip()


# --- the commit message -------------------------------------------------------------


def _in_message(
    anchor: Anchor,
    new: Series,
    before: dict[int, tuple[FileDiff, ...]],
    files: dict[int, tuple[FileDiff, ...]],
) -> tuple[Fate, str, str]:
    same_title = [p for p in new.patches if p.title == anchor.patch.title]
    if not same_title and len(new.patches) == len(before) == 1:
        same_title = list(new.patches)
    if not same_title:
        same_title = _retitled(anchor.patch, new, before)
    if not same_title:
        return Fate.DROPPED, "", "no patch of this title"
    patch = same_title[0]
    kept = _squeezed(patch.message)
    lines = {" ".join(line.split()) for line in patch.message.split("\n")}
    meant = [" ".join(line.split()) for line in anchor.lines if line.strip()][-MEANT:]
    text, told = "", set()
    while meant and len(text.split()) < FEW_WORDS:  # "to it." stands in many texts
        told.add(meant[-1])
        text = f"{meant.pop()} {text}".strip()
    if text not in kept and not told <= lines:
        return Fate.CHANGED, "", "commit message"
    if _without_tags(patch.message) != _without_tags(anchor.patch.message):
        return Fate.NEARBY, "", "commit message"
    if _code(files[patch.index]) != _code(before[anchor.patch.index]):
        return Fate.ELSEWHERE, "", "the code"
    if patch.message != anchor.patch.message:
        return Fate.ELSEWHERE, "", "tags"
    return Fate.UNTOUCHED, "", ""


@lru_cache(maxsize=16)
def _squeezed(text: str) -> str:
    return " ".join(text.split())


@lru_cache(maxsize=16)
def _without_tags(message: str) -> str:
    """A message without the tags that people gave, which answer no comment."""
    return GIVEN.sub("", message).strip()


def _retitled(
    patch: Patch, new: Series, before: dict[int, tuple[FileDiff, ...]]
) -> list[Patch]:
    """The patch of the next version that makes much the same change."""
    paths = {file.path for file in before[patch.index]}
    alike = [
        (likeness(patch, one), one)
        for one in new.patches
        if paths & {file.path for file in files_of(one)}
    ]
    best = max(alike, key=lambda found: found[0], default=None)
    return [best[1]] if best is not None and best[0] >= ALIKE else []


# --- the thread -------------------------------------------------------------------


def _answer(comment: Comment, old: Series) -> tuple[Reply | None, bool]:
    """The sender's reply to the comment, best one that quotes it and answers below."""
    own = [author_of(old), comment.anchor.patch.author]
    asked = comment.reply.headers.message_id
    said = [" ".join(x.split()) for x in comment.text.split("\n") if x.strip()]
    first: Reply | None = None
    for reply in old.replies:
        if asked is None or reply.headers.in_reply_to != asked:
            continue
        if not any(are_same(reply.headers.sender, one) for one in own):
            continue
        first = first or reply
        if not _quoted(reply.body).isdisjoint(said):
            return reply, True
    return first, False


@lru_cache(maxsize=4096)
def _quoted(body: str) -> frozenset[str]:
    """The lines right above the text of a reply, without their white space."""
    return frozenset(
        " ".join(text.split())
        for block in blocks(body, every=True)
        for _, text in block.quoted[-8:]
        if text
    )


def _tags(comment: Comment, new: Series) -> tuple[str, ...]:
    """Tags of the commenter in their replies, and on the patch as it is now."""
    found: dict[str, None] = {}
    who = comment.author
    for trailer in comment.reply.trailers:
        found[trailer.name] = None
    for reply in new.replies:
        if are_same(reply.headers.sender, who):
            found.update(dict.fromkeys(t.name for t in reply.trailers))
    from reviewer.mail.people import person_of

    for patch in new.patches:
        if patch.title != comment.anchor.patch.title and len(new.patches) > 1:
            continue
        for trailer in patch.trailers:
            is_review = trailer.name in ("Reviewed-by", "Acked-by", "Tested-by")
            if is_review and are_same(person_of(trailer.value), who):
                found[trailer.name] = None
    return tuple(found)
