# SPDX-License-Identifier: GPL-2.0-or-later
"""Makefiles, Kconfig files and documents that name files, or fail to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import basename, dirname

from reviewer.api import SeriesView
from reviewer.facts.kbuild import build_gate
from reviewer.facts.makefile import read_makefile
from reviewer.patterns import regex
from reviewer.rules.stale_reference.moved_files import MovedFiles, Reference
from reviewer.tree.view import View

MAKEFILES = ("Kbuild", "Makefile")
# Parts whose makefiles have rules of their own, or that are no part of the kernel.
OWN_RULES = regex(
    r"(?:arch|tools|scripts|samples|usr|rust|Documentation|certs)/|.*/(?:vdso|purgatory)/"
)
_BY_PATTERN = regex(r"%\.|\$\(wildcard|\$\(patsubst|\$\(shell|\$\(foreach|\binclude\b")
_SOURCE = regex(r"\s*o?r?source\s+\"?([^\"\n]+)")
_KERNEL_DOC = regex(r"\s*\.\. kernel-doc::\s*(\S+)\s*\Z")


def objects_left_behind(view: SeriesView, moved: MovedFiles) -> Iterator[Reference]:
    """Yields the entries of a makefile whose source the series takes away."""
    assert view.after is not None
    after = view.after.view
    for path, patch in moved.gone.items():
        stem, dot, suffix = basename(path).rpartition(".")
        if not dot or suffix not in ("c", "S") or OWN_RULES.match(path):
            continue
        if _has_another_source(after, dirname(path), stem):
            continue
        for file, text in _makefiles(after, dirname(path)):
            if _is_made(text, stem):
                continue
            named = f"{stem}.o"
            entries = read_makefile(text.encode("utf-8", "replace"))
            lines = {one.line for one in entries if one.element == named}
            for line in sorted(lines):
                code = text.split("\n")[line - 1]
                yield Reference("object", file, line, code, patch, path, named)


def _has_another_source(view: View, folder: str, stem: str) -> bool:
    """Whether the folder still has what the object can be made of."""
    names = [basename(name) for name in view.files(folder) if dirname(name) == folder]
    return any(
        name.startswith(f"{stem}.") and not name.endswith(".h") for name in names
    )


def _is_made(text: str, stem: str) -> bool:
    """Whether a makefile says itself what an object is made of."""
    name = re.escape(stem)
    composite = rf"(?m)^\s*{name}-(?:y|m|objs|\$)"
    rule = rf"\b{name}\.[a-zA-Z]+\b[^\n=]*:(?!=)"
    return bool(
        re.search(composite, text) or re.search(rule, text) or _BY_PATTERN.search(text)
    )


def _makefiles(view: View, folder: str) -> Iterator[tuple[str, str]]:
    for name in MAKEFILES:
        path = f"{folder}/{name}" if folder else name
        data = view.read(path)
        if data is not None:
            yield path, data.decode("utf-8", "replace")


def not_built(view: SeriesView, moved: MovedFiles) -> Iterator[Reference]:
    """Yields the C files that the series brings and no makefile builds."""
    assert view.after is not None
    after = view.after.view
    for path, patch in moved.come.items():
        if not path.endswith(".c") or OWN_RULES.match(path) or "/" not in path:
            continue
        gate = build_gate(path, after)
        if gate.known or not (gate.reason or "").startswith("no makefile"):
            continue
        if _is_named(after, path) or _is_included(after, path):
            continue
        yield Reference("not-built", path, 1, _first_line(after, path), patch, path)


def _is_named(view: View, path: str) -> bool:
    """Whether a makefile around has the name, or names that cannot be read from it.

    Without any makefile around there is nothing that could have it.
    """
    stem = re.escape(basename(path).removesuffix(".c"))
    folder = dirname(path)
    seen = False
    while folder:
        for _, text in _makefiles(view, folder):
            seen = True
            if re.search(rf"(?<![\w-]){stem}(?![\w-])", text):
                return True
            if folder == dirname(path) and _BY_PATTERN.search(text):
                return True
        folder = dirname(folder)
    return not seen


def _is_included(view: View, path: str) -> bool:
    name = basename(path)
    top = "/".join(dirname(path).split("/")[:2])
    hits = view.grep([name], [top], whole_words=False, limit=1000)
    return any("include" in hit.text and f"{name}" in hit.text for hit in hits)


def _first_line(view: View, path: str) -> str:
    data = view.read(path) or b""
    return data.split(b"\n", 1)[0].decode("utf-8", "replace")


def not_sourced(view: SeriesView, moved: MovedFiles) -> Iterator[Reference]:
    """Yields the Kconfig files of drivers that the series brings and nothing reads."""
    assert view.after is not None
    after = view.after.view
    for path, patch in moved.come.items():
        of_drivers = path.startswith(("drivers/", "sound/"))
        if of_drivers and basename(path) == "Kconfig" and not _is_sourced(after, path):
            code = _first_line(after, path)
            yield Reference("not-sourced", path, 1, code, patch, path)


def _is_sourced(view: View, path: str) -> bool:
    """Whether a Kconfig file of a folder above reads it, or one that make names."""
    folder = dirname(dirname(path))
    seen = False
    while True:
        for name in view.files(folder) if folder else ("Kconfig",):
            if dirname(name) != folder or not basename(name).startswith("Kconfig"):
                continue
            text = (view.read(name) or b"").decode("utf-8", "replace")
            seen = seen or bool(text)
            for line in text.split("\n"):
                match = _SOURCE.match(line[:500])
                if match is not None and _reads(match[1], path, folder):
                    return True
        if not folder:
            return not seen
        folder = dirname(folder)


def _reads(named: str, path: str, folder: str) -> bool:
    if "$" in named or "*" in named:
        return True
    relative = path.removeprefix(f"{folder}/") if folder else path
    return named.strip() in (path, relative)


def documents_left_behind(view: SeriesView, moved: MovedFiles) -> Iterator[Reference]:
    """Yields the ``.. kernel-doc::`` lines of a file that the series takes away."""
    assert view.after is not None
    sources = [path for path in moved.gone if path.endswith((".c", ".h"))]
    if not sources:
        return
    hits = view.after.view.grep(
        sources, ["Documentation"], suffixes=(".rst",), whole_words=False, limit=1000
    )
    for hit in hits:
        match = _KERNEL_DOC.match(hit.text)
        if match is not None and match[1] in moved.gone:
            patch = moved.gone[match[1]]
            yield Reference(
                "document", hit.path, hit.line, hit.text, patch, match[1], match[1]
            )
