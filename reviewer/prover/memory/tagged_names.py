# SPDX-License-Identifier: GPL-2.0-or-later
"""What the names of memories and of the solver's functions are put together from."""

from __future__ import annotations

FIELD = "&->"  # prefix of the functions that give the address of a member
LOCAL = "&local "  # prefix of the addresses of locals
OF = "@"  # between a member and the struct it is of


def field_name(key: str) -> str:
    """Returns the name of the member that a key is of."""
    name, _, rest = key.partition(OF)
    return name + ("[]" if rest.endswith("[]") else "")
