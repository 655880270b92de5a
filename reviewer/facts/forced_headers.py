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


@lru_cache(maxsize=16)
def forced_headers(view: View) -> tuple[str, ...]:
    """Returns the paths of the headers that each file includes first, in their order.

    Those that the makefiles of the tree name; where they name none, those of today's
    kernels.  Paths that are not there are left out.
    """
    named: dict[str, None] = {}
    for path in MAKEFILES:
        found = _INCLUDE.findall(view.read(path) or b"")
        named.update(dict.fromkeys(one.decode("ascii", "replace") for one in found))
    return tuple(path for path in named or DEFAULT if view.exists(path))


@lru_cache(maxsize=16)
def always_defined(view: View) -> frozenset[str]:
    """Returns the macros that the forced headers define in every configuration."""
    found: set[str] = set()
    for path in forced_headers(view):
        source = header(path, view.read(path) or b"")
        for define in source.defines:
            if source.condition(define.line).kind == "true":
                found.add(define.name)
    return frozenset(found)
