# SPDX-License-Identifier: GPL-2.0-or-later
"""The ids by which git knows the content of a file."""

from __future__ import annotations


def is_blob(data: bytes | None, name: str | None) -> bool:
    """Says whether a file with this content has the blob id ``name``, which may be
    abbreviated, in a repository of either object format (SHA-1 and SHA-256)."""
    if data is None or not name:
        return False
    import hashlib  # for few series: git tells the ids of what it has read itself

    content = b"blob %d\0" % len(data) + data
    kinds = (hashlib.sha1, hashlib.sha256)
    return any(
        kind(content, usedforsecurity=False).hexdigest().startswith(name)
        for kind in kinds
    )
