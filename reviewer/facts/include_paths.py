# SPDX-License-Identifier: GPL-2.0-or-later
"""Which files an #include line may mean, by how the kernel is built."""

from __future__ import annotations

from functools import lru_cache

from reviewer.patterns import regex
from reviewer.utf8 import decode

_INCLUDED = regex(rb"\n[ \t]*#[ \t]*include(?:_next)?[ \t]*([<\"])([^>\"\n]+)[>\"]")


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
