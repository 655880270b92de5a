# SPDX-License-Identifier: GPL-2.0-or-later
"""Names of the kernel whose meaning no text of theirs tells, each with its header.

What is no more than a macro or an inline is read in the tree; here stand the names
whose contract counts: what never returns, what gives back its argument, what asserts,
what asks for an option, what never fails.  A rule that needs another name adds it here.
"""

from __future__ import annotations

from reviewer.patterns import regex


def _names(*rows: tuple[str, str]) -> dict[str, str]:
    """Each name with the header that declares or defines it."""
    return {name: header for header, names in rows for name in names.split()}


# The words of C that are no names: ISO/IEC 9899:1999, 6.4.1
STATEMENT_WORDS = frozenset(
    ["break", "case", "continue", "default", "do", "else", "for", "goto", "if",
     "return", "switch", "while"]
)  # fmt: skip
INTEGER_WORDS = frozenset(["char", "int", "long", "short", "signed", "unsigned"])
_OTHER_WORDS = """
auto const double enum extern float inline register restrict sizeof static struct
typedef union void volatile
"""
KEYWORDS = STATEMENT_WORDS | INTEGER_WORDS | frozenset(_OTHER_WORDS.split())
# Words of code that need no header, whatever defines them.
NO_NAMES = KEYWORDS | frozenset(
    ["bool", "true", "false", "NULL", "u8", "u16", "u32", "u64", "s8", "s16", "s32",
     "s64", "size_t", "defined"]
)  # fmt: skip

# Calls that end the path that they stand on.
NEVER_RETURN = _names(
    ("include/linux/panic.h", "panic nmi_panic"),
    ("include/linux/kernel.h", "do_exit"),
    ("include/linux/sched/task.h", "do_group_exit make_task_dead"),
    ("include/linux/compiler.h", "unreachable __builtin_unreachable"),
    ("include/asm-generic/bug.h", "BUG"),
)

# Calls that always give 0, whatever their result looks like.
NEVER_FAIL = _names(("include/linux/fs.h", "nonseekable_open stream_open simple_open"))

# Functions that look at what they are handed and change nothing; an architecture may
# have them in assembly.
LOOK_ONLY = _names(
    ("include/linux/string.h", "strcmp strncmp strcasecmp strncasecmp strlen strnlen"),
    ("include/linux/string.h", "strchr strchrnul strnchr strrchr strspn strcspn"),
    ("include/linux/string.h", "strpbrk strstr strnstr memcmp bcmp memchr memchr_inv"),
)

# Functions that give back their argument, and NULL for NULL.
GIVE_BACK_THEIR_ARGUMENT = _names(
    ("include/linux/of.h", "of_node_get"),
    ("include/linux/property.h", "fwnode_handle_get"),
)

# Macros whose value is that of their argument, read in a certain way.
READ_THEIR_ARGUMENT = _names(
    ("include/asm-generic/rwonce.h", "READ_ONCE READ_ONCE_NOCHECK"),
    ("include/linux/compiler.h", "data_race ACCESS_ONCE"),
)
ACQUIRE = _names(("include/asm-generic/barrier.h", "smp_load_acquire"))

# Macros whose value is the truth of their argument.
TRUTH_OF_ARGUMENT = _names(("include/linux/compiler.h", "likely unlikely"))

# Calls that a reader of values looks through.
TRANSPARENT = {**READ_THEIR_ARGUMENT, **ACQUIRE, **TRUTH_OF_ARGUMENT}

# Macros that warn where their argument is true, and give back its truth.
WARN_IF_TRUE = _names(
    ("include/asm-generic/bug.h", "WARN_ON WARN_ON_ONCE"),
    ("include/linux/mmdebug.h", "VM_WARN_ON VM_WARN_ON_ONCE"),
)

# Macros behind which their first argument is false.
BUG_IF_TRUE = _names(
    ("include/asm-generic/bug.h", "BUG_ON"),
    ("include/linux/mmdebug.h", "VM_BUG_ON VM_BUG_ON_PAGE VM_BUG_ON_FOLIO"),
)

# include/linux/mmdebug.h, lockdep.h: nothing without CONFIG_DEBUG_VM and the like
RUN_TIME_ASSERTION = regex(r"(?:VM_(?:BUG|WARN)_ON\w*|lockdep_assert\w*)\Z")
# include/linux/build_bug.h, compiler_types.h: the build ends where they are false
BUILD_TIME_ASSERTION = regex(r"(?:BUILD_BUG_ON\w*|static_assert|compiletime_assert)\Z")

# Whether an option is y or m (or one of both, or for this module).
OPTION_TESTS = _names(
    ("include/linux/kconfig.h", "IS_ENABLED IS_BUILTIN IS_MODULE IS_REACHABLE")
)


def is_assertion(name: str) -> bool:
    """Says whether a call of this name only asserts something, at run or build time."""
    return bool(RUN_TIME_ASSERTION.match(name) or BUILD_TIME_ASSERTION.match(name))
