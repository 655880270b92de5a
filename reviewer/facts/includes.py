# SPDX-License-Identifier: GPL-2.0-or-later
"""One step of the way from a file to the headers that it includes, for all who go it.

Whoever asks decides how far to go: ``Lookup`` until a name is found, the prover to
the end, with what the build includes by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from reviewer.facts.header import included_paths

File = tuple[str, bytes]  # path, content


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
        for places in included_paths(including, text, arch):
            for path in places:
                if path in seen:
                    break
                data = read(path)
                if data is not None:
                    seen.add(path)
                    found.append((path, data))
                    break
    return found
