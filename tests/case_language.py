# SPDX-License-Identifier: GPL-2.0-or-later
"""The cases of a rule: small patches with the findings that they must get.

A case is one text file under ``rules/<rule>/cases/``, its name says what it shows,
and it stays silent if that name begins with ``clean-``::

    The test of both bits is also true for anon and movable pages.

    tree: 6.1 6.12

    @@ edit fs/proc/page.c
    @@ from
        if (PageKsm(page))
    @@ to
        if (mapping & PAGE_MAPPING_KSM) //= mask-vs-equality high proved

The first paragraph is what the case is about.  ``tree`` names kernel trees that the
case is tried on, each by itself; without it the case brings all the files it needs.
Then come sections:

``@@ before PATH``  a file of the tree that the case brings
``@@ after PATH``   the file that the patch makes of it (or adds)
``@@ edit PATH``    a change of a file, as pairs of ``@@ from`` and ``@@ to``; the old
                    text must be there exactly once.  ``@@ edit PATH as NEW`` also
                    renames it
``@@ mail``         a mail as it was sent, instead of ``after`` and ``edit``: the newest
                    revision among the mails is reviewed, older ones and replies are
                    there for comparison.  A mark stands on its subject, for what is
                    about a whole patch or series, or on a line of its message

A line that must get a finding ends in ``//= rule severity confidence``, with
``preexisting`` behind it where it is an old fault that merely moved.  The mark is no
part of the code, and every finding that is not so marked fails the case, whichever
rule it is of.  ``//= none`` beside other marks does nothing but document.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct, field

from reviewer.mail import series_from_messages
from reviewer.mail.postings import older_than, revisions
from reviewer.models import Address, Headers, Patch, Series
from reviewer.patch.diff import parse_diff
from reviewer.patterns import regex

_MARK = regex(r"[ \t]*//= ?(.*)$")
_SECTION = regex(r"@@ (before|after|edit|from|to|mail)(?: (\S+))?(?: as (\S+))?\Z")
AUTHOR = Address("Ann Author", "ann@example.org")

Read = Callable[[str], bytes | None]


class CaseError(Exception):
    """A case file is not written as it must be, or does not fit its tree."""


class Expected(Struct, frozen=True, order=True):
    """A finding that a case must get."""

    file: str
    line: int
    rule: str
    severity: str
    confidence: str
    preexisting: bool = False


class Case(Struct):
    """A case as it stands in its file."""

    name: str
    about: str
    trees: tuple[str, ...] = ()
    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)  # marks included
    edits: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    moves: dict[str, str] = field(default_factory=dict)  # of edited files: old to new
    mails: list[str] = field(default_factory=list)  # marks included

    @property
    def clean(self) -> bool:
        """Whether nothing may be found."""
        return self.name.startswith("clean-")

    def post(self, read: Read) -> dict[str, str]:
        """Returns the files after the patch, marks included.

        ``read`` gives the files of the tree.  Raises CaseError where an edit does
        not fit.
        """
        result = dict(self.after)
        for path, pairs in self.edits.items():
            data = read(path)
            if data is None:
                raise CaseError(f"{self.name}: no file {path} in the tree")
            text = data.decode("utf-8", "surrogateescape")
            for old, new in pairs:
                if text.count(old) != 1:
                    times = text.count(old)
                    raise CaseError(f"{self.name}: {old!r} is {times} times in {path}")
                text = text.replace(old, new)
            result[self.moves.get(path, path)] = text
        return result

    def expected(self, read: Read) -> list[Expected]:
        """Returns what must be found, sorted."""
        if self.mails:
            return sorted(_marks_in_mails(self))
        return sorted(
            wanted
            for path, text in self.post(read).items()
            for wanted in _marks(path, text)
        )


def load(path: Path) -> Case:
    """Read one case; raises CaseError."""
    head, *sections = re.split(r"(?m)^(?=@@ (?!-))", path.read_text(encoding="utf-8"))
    about, trees = _head(head)
    case = Case(path.stem, about, trees)
    edited = old = None
    for section in sections:
        title, _, text = section.partition("\n")
        match = _SECTION.match(title)
        if match is None:
            raise CaseError(f"{path.name}: {title!r} is no section")
        kind, file, moved = match.groups()
        if kind == "edit":
            edited = file
            if file is not None and moved is not None:
                case.moves[file] = moved
        elif kind == "from":
            old = text
        elif kind == "to" and edited is not None and old is not None:
            case.edits.setdefault(edited, []).append((old, text))
            old = None
        elif kind == "before" and file is not None:
            case.before[file] = text
        elif kind == "after" and file is not None:
            case.after[file] = text
        elif kind == "mail":
            case.mails.append(text)
        else:
            raise CaseError(f"{path.name}: {title!r} is out of place")
    if not case.edits and not case.after and not case.mails:
        raise CaseError(f"{path.name}: changes nothing")
    return case


def _head(text: str) -> tuple[str, tuple[str, ...]]:
    trees: tuple[str, ...] = ()
    about = []
    for line in text.splitlines():
        if line.startswith("tree:"):
            trees = tuple(line.removeprefix("tree:").split())
        else:
            about.append(line)
    return " ".join(" ".join(about).split()), trees


def _marks(path: str, text: str) -> Iterator[Expected]:
    for number, line in enumerate(text.split("\n"), 1):
        match = _MARK.search(line)
        if match is None or match[1] == "none":
            continue
        yield from _marked(path, number, match[1])


def _marked(path: str, line: int, marks: str) -> Iterator[Expected]:
    for mark in marks.split(","):
        words = mark.split()
        if len(words) not in (3, 4):
            raise CaseError(f"{path}: a mark is: rule severity confidence")
        rule, severity, confidence = words[:3]
        old = words[3:] == ["preexisting"]
        yield Expected(path, line, rule, severity, confidence, old)


def _marks_in_mails(case: Case) -> Iterator[Expected]:
    """The marks, at the lines of the commit message, or 0 where it is no such line.

    One on a line that the patch adds stands for that line of the file.
    """
    patches = series_in_mails(case).patches
    messages = [patch.message.split("\n") for patch in patches]
    for mail in case.mails:
        for line in mail.split("\n"):
            match = _MARK.search(line)
            if match is None:
                continue
            text = without_marks(line)
            places = [place for patch in patches for place in _added(text, patch)]
            if places:
                yield from _marked(*places[0], match[1])
                continue
            found = [m.index(text) + 1 for m in messages if text in m]
            if not found and not text.startswith("Subject:"):
                raise CaseError(f"{case.name}: {text!r} is in no commit message")
            yield from _marked("", found[0] if found else 0, match[1])


def _added(text: str, patch: Patch) -> Iterator[tuple[str, int]]:
    """Where a patch adds that line."""
    for file in parse_diff(patch.diff):
        for hunk in file.hunks:
            for line in hunk.lines:
                if line.kind == "+" and f"+{line.text}" == text and line.new:
                    yield file.path, line.new


def series_in_mails(case: Case) -> Series:
    """Returns the series in the mails of a case."""
    return series_from_messages(_messages(case))


def earlier_series(case: Case) -> tuple[Series, ...]:
    """Returns the earlier revisions in the mails of a case, oldest first."""
    return (
        older_than(series_in_mails(case), revisions(_messages(case)))
        if case.mails
        else ()
    )


def _messages(case: Case) -> list[bytes]:
    return [without_marks(mail).lstrip("\n").encode() for mail in case.mails]


def without_marks(text: str) -> str:
    """Returns the code without the marks."""
    return "\n".join(_MARK.sub("", line) for line in text.split("\n"))


def series(case: Case, read: Read) -> Series:
    """Returns the case as a series, of one patch as if it came by mail, or of its
    mails."""
    if case.mails:
        return series_in_mails(case)
    diffs = []
    origins = {new: old for old, new in case.moves.items()}
    for path, text in case.post(read).items():
        after = without_marks(text).encode("utf-8", "surrogateescape")
        old = origins.get(path, path)
        before = read(old)
        if before is None:
            diffs.append(_added_file(path, after))
        else:
            diffs.append(_git_line(old, path) + _changed_file(old, path, before, after))
    diff = "".join(diffs)
    headers = Headers(
        message_id=f"{case.name}@example.org",
        subject=f"[PATCH] {case.about}",
        date="Mon, 4 Mar 2024 10:00:00 +0000",
        sender=AUTHOR,
    )
    patch = Patch(1, headers, AUTHOR, case.about, "", (), "", diff, diff)
    return Series(headers.message_id, case.about, 1, (patch,), 1)


def _git_line(old: str, new: str) -> str:
    line = f"diff --git a/{old} b/{new}\n"
    return line if old == new else f"{line}rename from {old}\nrename to {new}\n"


def _changed_file(path: str, new_path: str, before: bytes, after: bytes) -> str:
    from difflib import unified_diff

    old, new = (
        re.findall(r"[^\n]*\n", data.decode("utf-8", "surrogateescape"))
        for data in (before, after)
    )
    return "".join(unified_diff(old, new, f"a/{path}", f"b/{new_path}"))


def _added_file(path: str, after: bytes) -> str:
    lines = after.decode("utf-8", "surrogateescape").splitlines()
    head = _git_line(path, path) + "new file mode 100644\n--- /dev/null\n"
    body = "".join(f"+{line}\n" for line in lines)
    return head + f"+++ b/{path}\n@@ -0,0 +1,{len(lines)} @@\n" + body


def reader(files: Mapping[str, str]) -> Read:
    """Reads from the files that a case brings."""
    return lambda path: files[path].encode() if path in files else None
