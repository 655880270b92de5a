# SPDX-License-Identifier: GPL-2.0-or-later
"""Files that were read, kept as long as there is room.

Not cachetools' LRUCache, which does the same: its import costs every review 9 ms (it
loads random), a look-up takes twice as long, and a file larger than all of the room is
an error there.
"""

from __future__ import annotations

from collections import OrderedDict

_room = 96 * 1024 * 1024  # bytes of file contents a view keeps


def keep_at_most(room: int) -> None:
    """Keep contents of so many bytes a view: less than in a process alone."""
    global _room
    _room = room


class Memory:
    """The contents read last; the oldest leave when there are too many bytes."""

    def __init__(self) -> None:
        self._used = 0
        self._files: OrderedDict[str, bytes | None] = OrderedDict()

    def __contains__(self, path: str) -> bool:
        return path in self._files

    def get(self, path: str) -> bytes | None:
        """Returns what was kept for a path that is contained."""
        self._files.move_to_end(path)
        return self._files[path]

    def keep(self, path: str, data: bytes | None) -> bytes | None:
        """Keep and return what was read."""
        self._files[path] = data
        self._used += _cost(data)
        while self._used > _room and len(self._files) > 1:
            _, dropped = self._files.popitem(last=False)
            self._used -= _cost(dropped)
        return data


def _cost(data: bytes | None) -> int:
    return 200 + len(data or b"")
