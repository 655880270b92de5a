# SPDX-License-Identifier: GPL-2.0-or-later
"""Which Kconfig files of a tree may define, select or source a name.

Only these files are read in full.  The index of a commit is kept on disk; of an edited
view only the edited files are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from posixpath import basename
from typing import Annotated
from weakref import WeakKeyDictionary

from msgspec import Meta, Struct

from reviewer import disk_cache
from reviewer.patterns import regex
from reviewer.tree.view import View
from reviewer.tree.views import FolderView, GitView, edits_of

_DEFINES = regex(rb"^[ \t]*(?:menu)?config[ \t]+(\w+)", re.MULTILINE)
_SELECTS = regex(rb"^[ \t]*(?:select|imply)[ \t]+(\w+)", re.MULTILINE)
_SOURCES = regex(
    rb"^[ \t]*o?r?source[ \t]+[\"']*([^\s\"']+)[\"']*[ \t]*$", re.MULTILINE
)
_VERSION = 2  # of the patterns above and of what is kept
_KIND = "kconfig index"

Places = Mapping[str, list[str]]
_Number = Annotated[int, Meta(ge=0)]
_Numbers = dict[str, list[_Number]]
_Kept = tuple[list[str], _Numbers, _Numbers, _Numbers]


class KconfigIndex(Struct, frozen=True):
    """The Kconfig files, and for each name those that may say something of it."""

    paths: frozenset[str]
    defines: Places  # an option -> files that may define it
    selects: Places  # an option -> files that may select or imply it
    sources: Places  # a file as it is named there -> files that source it

    def changed(self, edits: Mapping[str, bytes | None]) -> KconfigIndex:
        """Returns the index when some Kconfig files are replaced, added or (None)
        deleted."""
        gone = frozenset(edits)
        added = _indexed((path, data) for path, data in edits.items() if data)
        return KconfigIndex(
            (self.paths - gone) | {path for path in edits if edits[path] is not None},
            _merged(self.defines, gone, added.defines),
            _merged(self.selects, gone, added.selects),
            _merged(self.sources, gone, added.sources),
        )


_known: WeakKeyDictionary[View, KconfigIndex] = WeakKeyDictionary()


def index_of(view: View) -> KconfigIndex:
    """Returns the index of all Kconfig files of a view but those of tools/."""
    base, ours = kconfig_edits_of(view)
    if base not in _known:
        _known[base] = _index_of(base)
    return _known[base].changed(ours) if ours else _known[base]


def kconfig_edits_of(view: View) -> tuple[View, dict[str, bytes | None]]:
    """Returns the unedited view below a view, and the edits of its Kconfig files."""
    base, edits = edits_of(view)
    return base, {path: data for path, data in edits.items() if _is_kconfig(path)}


def _is_kconfig(path: str) -> bool:
    return basename(path).startswith("Kconfig") and not path.startswith("tools/")


def _index_of(view: View) -> KconfigIndex:
    if not isinstance(view, GitView):
        return _read(view)
    kept = _index_from(disk_cache.recall(_KIND, _VERSION, view.commit, _Kept))
    if kept is None:
        kept = _read(view)
        disk_cache.keep(_KIND, _VERSION, view.commit, _data_of(kept))
    return kept


def _read(view: View) -> KconfigIndex:
    # of a folder, for each of its 80,000 files would be looked up on disk
    named = view.named("Kconfig") if isinstance(view, FolderView) else view.files("")
    paths = [path for path in named if _is_kconfig(path)]
    texts = ((path, view.read(path)) for path in paths)
    return _indexed((path, data) for path, data in texts if data is not None)


def _indexed(files: Iterable[tuple[str, bytes]]) -> KconfigIndex:
    paths = set()
    found: tuple[dict[str, list[str]], ...] = ({}, {}, {})
    for path, data in files:
        paths.add(path)
        for places, pattern in zip(found, (_DEFINES, _SELECTS, _SOURCES), strict=True):
            for name in dict.fromkeys(pattern.findall(data)):
                places.setdefault(name.decode("ascii", "replace"), []).append(path)
    return KconfigIndex(frozenset(paths), *found)


def _merged(old: Places, gone: frozenset[str], new: Places) -> Places:
    """The places without the files that are gone, and with new ones; each sorted."""
    found = {}
    for name, paths in old.items():
        left = paths if gone.isdisjoint(paths) else [p for p in paths if p not in gone]
        if left:
            found[name] = left
    for name, paths in new.items():
        found[name] = sorted([*found.get(name, []), *paths])
    return found


def _data_of(index: KconfigIndex) -> _Kept:
    """As JSON: paths once, and their numbers after each name."""
    paths = sorted(index.paths)
    number = {path: at for at, path in enumerate(paths)}
    defines, selects, sources = (
        {name: [number[path] for path in where] for name, where in places.items()}
        for places in (index.defines, index.selects, index.sources)
    )
    return paths, defines, selects, sources


def _index_from(kept: _Kept | None) -> KconfigIndex | None:
    """The index from what was kept; None where a number is that of no path."""
    if kept is None:
        return None
    paths, *rest = kept
    most = max(
        (max(where, default=0) for one in rest for where in one.values()), default=0
    )
    if most >= len(paths) > 0:
        return None
    return KconfigIndex(frozenset(paths), *(_Places(paths, one) for one in rest))


class _Places(Places):
    """Files by name, of which most are never asked for."""

    def __init__(self, paths: list[str], numbers: _Numbers) -> None:
        self._paths = paths
        self._numbers = numbers

    def __getitem__(self, name: str) -> list[str]:
        return [self._paths[at] for at in self._numbers[name]]

    def __contains__(self, name: object) -> bool:
        return name in self._numbers

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)
