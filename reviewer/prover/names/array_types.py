# SPDX-License-Identifier: GPL-2.0-or-later
"""Types that are arrays and do not look it: ``typedef int row_t[4];``."""

from __future__ import annotations

import re

from reviewer.prover.names.definitions import Definitions


def is_array_type(known: Definitions, name: str) -> bool:
    """Says whether a name is a typedef of an array in one of the files: a variable of
    it is handed by its address, as ``cpumask_var_t`` (include/linux/cpumask.h)."""
    if not name.isidentifier():
        return False
    pattern = re.compile(rf"\btypedef\b[^;]*?\b{re.escape(name)}\s*\[")
    return any(
        pattern.search(source.code) is not None
        for source in known.files(name)
        if b"typedef" in source.data
    )
