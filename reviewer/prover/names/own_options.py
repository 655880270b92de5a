# SPDX-License-Identifier: GPL-2.0-or-later
"""Options that a file or one of its headers sets itself: ``#define CONFIG_FOO 1``.

All other options are what the configuration says, the same before and after a change.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.patterns import regex

if TYPE_CHECKING:
    from reviewer.prover.names.definitions import Definitions

_OPTION = regex(r"\bCONFIG_\w+")
# include/linux/kconfig.h; CONFIG_FOO elsewhere may be a register of a driver
_ASKS = regex(
    r"^[ \t]*#[ \t]*(?:el)?if(?:[^\n\\]|\\.)*"
    r"|\bIS_(?:ENABLED|BUILTIN|MODULE|REACHABLE)\s*\([^()]*\)",
    re.MULTILINE | re.DOTALL,
)


def own_option(known: Definitions, text: str) -> str:
    """Returns an option that a piece of code asks for and that is not up to the
    configuration alone, "" for none."""
    if "CONFIG_" not in text:
        return ""
    options = dict.fromkeys(_OPTION.findall(" ".join(_ASKS.findall(text))))
    return next((one for one in options if _is_set(known, one)), "")


def _is_set(known: Definitions, option: str) -> bool:
    if known.may_be_defined(option):
        return True
    name = option.encode("ascii", "replace")
    undone = rb"^[ \t]*#[ \t]*undef[ \t]+" + re.escape(name) + rb"\b"
    data = known.here.data
    return name in data and re.search(undone, data, re.MULTILINE) is not None
