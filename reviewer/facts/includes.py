# SPDX-License-Identifier: GPL-2.0-or-later
"""One step of the way from a file to the headers that it includes, for all who go it.

Whoever asks decides how far to go: ``Lookup`` until a name is found, the prover to
the end, with what the build includes by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import islice
from posixpath import dirname, normpath
from typing import Any
from weakref import WeakKeyDictionary

from msgspec import Struct

from reviewer.patterns import regex
from reviewer.tree.view import View
from reviewer.tree.views import edits_of
from reviewer.utf8 import decode

File = tuple[str, bytes]  # path, content
_INCLUDED = regex(rb"\n[ \t]*#[ \t]*include(?:_next)?[ \t]*([<\"])([^>\"\n]+)[>\"]")
_FOLDER = regex(rb"-I[ \t]*+([^\s#]++)")
# scripts/Makefile.build: the folder of the makefile, and where its objects go
_HERE = regex(r"(?:\$[({]srctree[)}]/)?\$[({](?:src|obj)[)}](?=/|\Z)")
_TOP = regex(r"\$[({](?:srctree|objtree)[)}]/")
_MOST_FOLDERS = 40  # of one makefile
_MOST_LEVELS = 8  # of folders above a file
_MOST_HEADERS = 3000  # that one file includes; linux/mm.h brings in some 700
# What is kept of the files asked about: a scan asks about tens of thousands
_FILES_KEPT = 100
_HEADERS_KEPT = 3000


def headers_included(
    read: Callable[[str], bytes | None],
    sources: Iterable[File],
    seen: set[str],
    arch: str = "",
) -> list[File]:
    """Returns the headers that some files include, and adds them to ``seen``.

    Of the places that an #include may mean (``included_paths``) the first that is
    there counts; those that were seen are left out.  ``arch``: whose asm/ is meant.
    """
    found: list[File] = []
    for including, text in sources:
        for one in includes_of(read, including, text, arch):
            if one[0] not in seen:
                seen.add(one[0])
                found.append(one)
    return found


def includes_of(
    read: Callable[[str], bytes | None], including: str, text: bytes, arch: str = ""
) -> Iterator[File]:
    """Yields the headers that the #include lines of one file mean, in order."""
    for places in included_paths(including, text, arch):
        for path in places:
            data = read(path)
            if data is not None:
                yield path, data
                break
        else:
            named = _by_makefiles(read, including, places[-1])
            if named is not None:
                yield named


def _by_makefiles(
    read: Callable[[str], bytes | None], including: str, place: str
) -> File | None:
    """What an #include means by the ``-I`` of the makefiles at and above its file.

    ``place`` is the last that it may mean by itself, below include/uapi.
    """
    name = place.removeprefix("include/uapi/")
    if name.startswith(("asm-generic/", "generated/", "../")):
        return None  # made by the build
    folder = dirname(including)
    for _ in range(_MOST_LEVELS):
        if folder in ("", "include"):
            break
        makefile = read(f"{folder}/Makefile") or read(f"{folder}/Kbuild") or b""
        for added in (folder, *_added_folders(folder, makefile)):
            path = normpath(f"{added}/{name}")
            data = None if path.startswith("..") else read(path)
            if data is not None:
                return path, data
        folder = dirname(folder)
    return None


@lru_cache(maxsize=2048)
def _added_folders(folder: str, makefile: bytes) -> tuple[str, ...]:
    """The folders that a makefile has the compiler look into; those that it names by a
    variable of its own are left out.

    Source: ccflags-y, subdir-ccflags-y (Documentation/kbuild/makefiles.rst).
    """
    found = []
    for word in islice(_FOLDER.findall(makefile), _MOST_FOLDERS):
        named = _TOP.sub("", _HERE.sub(lambda _: folder, decode(word)))
        if "$" not in named and not named.startswith("/"):
            found.append(normpath(named))
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=8192)
def included_paths(
    including: str, data: bytes, arch: str = ""
) -> tuple[tuple[str, ...], ...]:
    """Returns for each #include line the paths that it may mean, most likely first.

    ``arch`` is the architecture that is built, where it is not that of the file.
    """
    return tuple(
        _include_paths(including, kind.decode(), decode(name), arch)
        for kind, name in _INCLUDED.findall(b"\n" + data)
    )


def _include_paths(including: str, kind: str, name: str, arch: str) -> tuple[str, ...]:
    """Where the kernel's build looks for an include, most likely first.

    Source: LINUXINCLUDE in the top Makefile (arch/$(SRCARCH)/include, include,
    the uapi folders of both); asm/ falls back to include/asm-generic.
    """
    folder = including.rpartition("/")[0]
    beside = f"{folder}/{name}" if folder else name
    if kind == '"':
        parts: list[str] = []
        for part in beside.split("/"):
            if part == ".." and parts:
                parts.pop()
            elif part not in (".", "", ".."):
                parts.append(part)
        beside = "/".join(parts)
    paths = [f"include/{name}", f"include/uapi/{name}"]
    if name.startswith("asm/"):
        rest = name.removeprefix("asm/")
        built = arch or architecture(including)
        own = f"arch/{built}/include"
        paths = [f"{own}/{name}", f"{own}/uapi/{name}"] if built else []
        paths += [f"include/asm-generic/{rest}", f"include/uapi/asm-generic/{rest}"]
    return (beside, *paths) if kind == '"' else tuple(paths)


def architecture(path: str) -> str:
    """Returns the architecture that a file is of: "arm64" for arch/arm64/mm/x.c, else
    ""."""
    parts = path.split("/", 2)
    return parts[1] if len(parts) == 3 and parts[0] == "arch" else ""


class MeantPaths(Struct, frozen=True):
    """The paths that #include lines mean in a state of a tree, as far as they are
    known: of the files that are ``edited`` nothing."""

    edited: frozenset[str]
    paths: dict[tuple[str, str], tuple[str, ...]]  # by including file, architecture

    def get(self, including: str, arch: str) -> tuple[str, ...] | None:
        """Returns the paths of what a file includes, None where they are not known."""
        edited = including in self.edited
        return None if edited else self.paths.get((including, arch))

    def keep(self, including: str, arch: str, paths: tuple[str, ...]) -> None:
        """Remember what the #include lines of a file mean, but for an edited one."""
        if including not in self.edited:
            self.paths[including, arch] = paths
            forget_oldest(self.paths, _MEANT_KEPT)


def meant_in(view: View) -> MeantPaths:
    """Returns what is known of the #include lines in a state of a tree: the same as in
    all others that have the same files, and makefiles; only their content differs."""
    base, edits = edits_of(view)
    same = all(
        data is not None and base.exists(path) and not path.endswith(_MAKEFILES)
        for path, data in edits.items()
    )
    return MeantPaths(frozenset(edits), _meant.setdefault(base, {}) if same else {})


_meant: WeakKeyDictionary[View, dict[tuple[str, str], tuple[str, ...]]] = (
    WeakKeyDictionary()
)
_MEANT_KEPT = 20_000
_MAKEFILES = ("/Makefile", "/Kbuild")


class IncludedLevels:
    """What files include, read a level at a time and no further than is asked for.

    Args:
        read: gives the content of a file of the tree.
        told: is given each level that was read.
        meant: what ``meant_in`` gives for the tree, where it has several states.
    """

    def __init__(
        self,
        read: Callable[[str], bytes | None],
        told: Callable[[list[File]], None],
        meant: MeantPaths | None = None,
    ) -> None:
        self._read = read
        self._told = told
        self._meant = MeantPaths(frozenset(), {}) if meant is None else meant
        self._of_file: dict[tuple[str, str], list[list[File]]] = {}
        self._of_header: dict[tuple[str, str], tuple[File, ...]] = {}

    def __len__(self) -> int:
        return len(self._of_file)

    def of(self, near: str, arch: str = "") -> Iterator[list[File]]:
        """Yields the headers that a file includes, those that it names itself first.

        Every branch of every #if counts; asm/ is that of ``arch``, else of the file's
        own architecture.
        """
        arch = arch or architecture(near)
        levels = self._of_file.pop((near, arch), [])
        self._of_file[near, arch] = levels
        forget_oldest(self._of_file, _FILES_KEPT)
        depth = 0
        while depth < len(levels) or self._next_level(near, arch, levels):
            yield levels[depth]
            depth += 1

    def _next_level(self, near: str, arch: str, levels: list[list[File]]) -> bool:
        """Read one level more; false where there is none."""
        if levels:
            sources = levels[-1]
        else:
            data = self._read(near)
            sources = [(near, data)] if data is not None else []
        seen = {near, *(path for level in levels for path, _ in level)}
        if len(seen) > _MOST_HEADERS:
            return False
        level: list[File] = []
        for source in sources:
            for one in self._includes_of(source, arch):
                if one[0] not in seen:
                    seen.add(one[0])
                    level.append(one)
        if level:
            levels.append(level)
            self._told(level)
        return bool(level)

    def _includes_of(self, source: File, arch: str) -> tuple[File, ...]:
        """What one file includes itself; found once, whoever includes that file."""
        known = self._of_header.get((source[0], arch))
        if known is None:
            known = tuple(self._read_or_found(source, arch))
            self._of_header[source[0], arch] = known
            forget_oldest(self._of_header, _HEADERS_KEPT)
        return known

    def _read_or_found(self, source: File, arch: str) -> Iterator[File]:
        """What one file includes: where the paths are known they are read again."""
        paths = self._meant.get(source[0], arch)
        if paths is None:
            found = tuple(includes_of(self._read, *source, arch))
            self._meant.keep(source[0], arch, tuple(path for path, _ in found))
            yield from found
            return
        for path in paths:
            data = self._read(path)
            if data is not None:
                yield path, data


def forget_oldest(kept: dict[Any, Any], most: int) -> None:
    """Leaves of what is remembered no more than ``most``, the latest."""
    while len(kept) > most:
        del kept[next(iter(kept))]
