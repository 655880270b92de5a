# SPDX-License-Identifier: GPL-2.0-or-later
"""Options that a file or one of its headers sets itself: ``#define CONFIG_FOO 1``.

All other options are what the configuration says, the same before and after a change.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewer.c.preprocessor import undefs
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
    return next((one for one in options if is_set_by_code(known, one)), "")


def is_set_by_code(known: Definitions, option: str) -> bool:
    """Says whether the file, or a header that it sees, defines or undefines an
    option."""
    if known.may_be_defined(option):
        return True
    name = option.encode("ascii", "replace")
    if name in known.taken_away:
        return True
    data = known.here.data
    return name in data and any(undef.name == option for undef in undefs(data))
