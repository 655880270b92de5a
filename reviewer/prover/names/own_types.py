# SPDX-License-Identifier: GPL-2.0-or-later
"""Files that give a type of the kernel another meaning: ``typedef char pid_t;``."""

from __future__ import annotations

import re

from reviewer.prover.names.definitions import Definitions
from reviewer.prover.names.own_files import own_files


def names_own_type(definitions: Definitions, name: str) -> bool:
    """Says whether the file, or a header of its own, has a macro or a typedef with the
    name of one of the kernel's types."""
    known = definitions.own_types
    if name not in known:
        known[name] = name.isidentifier() and _is_own(definitions, name)
    return known[name]


def _is_own(definitions: Definitions, name: str) -> bool:
    if definitions.is_local(name):
        return True
    # its letters first: looked for fastest
    word = re.compile(rf"typedef(?<!\wtypedef)\b[^;{{}}]*\b{re.escape(name)}\s*;")
    files = own_files(definitions.here, definitions.headers, name)
    return any(name in one.code and word.search(one.code) for one in files)
