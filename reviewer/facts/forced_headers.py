# SPDX-License-Identifier: GPL-2.0-or-later
"""The headers that the build puts before every file of the kernel.

The top Makefile (USERINCLUDE) and scripts/Makefile.lib (c_flags) have ``-include`` for
them: include/linux/compiler-version.h, kconfig.h and compiler_types.h today.
"""

from __future__ import annotations

from functools import lru_cache

from reviewer.facts.header import header
from reviewer.patterns import regex
from reviewer.tree.view import View

MAKEFILES = ("Makefile", "scripts/Makefile.lib")
# Of a tree whose makefiles do not say: of 6.12.
DEFAULT = (
    "include/linux/compiler-version.h",
    "include/linux/kconfig.h",
    "include/linux/compiler_types.h",
)
_INCLUDE = regex(rb"[ \t]-include[ \t]+\$\(src(?:tree)?\)/([\w./-]+\.h)")


def forced_headers(view: View) -> tuple[str, ...]:
    """Returns the paths of the headers that each file includes first, in their order.

    Those that the makefiles of the tree name; where they name none, those of today's
    kernels.  Paths that are not there are left out.
    """
    named: dict[str, None] = {}
    for path in MAKEFILES:
        named.update(dict.fromkeys(_named_in(view.read(path) or b"")))
    return tuple(path for path in named or DEFAULT if view.exists(path))


@lru_cache(maxsize=16)
def _named_in(makefile: bytes) -> tuple[str, ...]:
    found = _INCLUDE.findall(makefile)
    return tuple(one.decode("ascii", "replace") for one in found)


def always_defined(view: View) -> frozenset[str]:
    """Returns the macros that the forced headers define in every configuration."""
    paths = forced_headers(view)
    read = (_always_defined_in(path, view.read(path) or b"") for path in paths)
    return frozenset().union(*read)


@lru_cache(maxsize=16)
def _always_defined_in(path: str, data: bytes) -> frozenset[str]:
    source = header(path, data)
    return frozenset(
        define.name
        for define in source.defines
        if source.condition(define.line).kind == "true"
    )
