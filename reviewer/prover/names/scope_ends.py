# SPDX-License-Identifier: GPL-2.0-or-later
"""What runs something where a scope ends: the cleanup attribute, guard() and their kin.

A macro of another name may stand for one: that is asked of its text, by
``only_looking.Readers.cleans_up``.
"""

from __future__ import annotations

from reviewer.patterns import regex

# include/linux/compiler_attributes.h, include/linux/cleanup.h, and as gcc has it
_ATTRIBUTE = regex(
    r"\b__(?:cleanup|free)\s*\("
    r"|\b__attribute(?:__)?\s*\(\s*\([^;{}]*\b(?:__)?cleanup(?:__)?\s*\("
    r"|::\s*(?:__)?cleanup(?:__)?\s*\("
)
# include/linux/cleanup.h, and what is made of it (include/linux/irqflags.h, rcupdate.h)
_MACRO = regex(
    r"\b(?:(?:scoped_)?(?:cond_)?guard|CLASS|CLASS_INIT|ACQUIRE\w*"
    r"|\w+_scoped|scoped_\w+|DEFINE_\w*GUARD\w*)\s*\("
)
# guard(mutex)(&lock), by any name; (void (*)(int)) is a type
_CALLED_TWICE = regex(r"\w\s*\((?!\s*\*\s*\))[^()]*\)\s*\(")


def has_cleanup_attribute(text: str) -> bool:
    """Says whether a variable of a piece of code has the cleanup attribute."""
    return _ATTRIBUTE.search(text) is not None


def has_scope_end(text: str) -> bool:
    """Says whether a piece of code has the cleanup attribute, or a macro that is known
    to stand for it: guard(), CLASS() (include/linux/cleanup.h)."""
    return has_cleanup_attribute(text) or _MACRO.search(text) is not None


def may_have_scope_end(text: str) -> bool:
    """Says whether a piece of code has the cleanup attribute, or a macro for it, be it
    one of an unknown name that is used as guard() is."""
    return has_scope_end(text) or _CALLED_TWICE.search(text) is not None
