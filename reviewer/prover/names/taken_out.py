# SPDX-License-Identifier: GPL-2.0-or-later
"""What the parser was not shown of a piece of C, and whether that says something.

To make C readable, ``c/neutralise`` takes words out by their form or their name, as if
they were attributes.  ``CHECK return x;`` is read as ``return x;``, whatever the macro
CHECK stands for; so each of these words is asked here what it does stand for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from reviewer.c.neutralise_text import with_plain_strings
from reviewer.c.neutralise_toplevel import syscall_marks
from reviewer.c.neutralise_words import ALONE, CALLED
from reviewer.c.text import (
    LITERAL,
    STRINGS,
    closing_bracket,
    closing_parenthesis,
    split_arguments,
)
from reviewer.c.vocabulary import KEYWORDS
from reviewer.prover.names.visible_headers import is_for_all

if TYPE_CHECKING:
    from reviewer.c.source import Source
    from reviewer.prover.names.definition_texts import MacroText
    from reviewer.prover.names.definitions import Definitions


class Weight(IntEnum):
    """What a word that was taken out does: nothing, something to the declaration that
    it stands in, or anything."""

    NOTHING = 0
    DECLARES = 1
    ANYTHING = 2


class TakenOut(NamedTuple):
    """Words in a row, with what is shown of the text before and behind them."""

    text: str
    before: str
    after: str


# https://gcc.gnu.org/onlinedocs/gcc/Attributes.html, compiler_attributes.h, sparse:
# those that leave what code computes as it is.
_IDLE_TEXT = """
unused used maybe_unused fallthrough noinline always_inline gnu_inline flatten noclone
noipa hot cold section nonnull returns_nonnull warn_unused_result format format_arg
malloc alloc_size alloc_align assume_aligned access deprecated unavailable error
warning externally_visible visibility artificial leaf nothrow noreturn const pure
designated_init nonstring randomize_layout no_randomize_layout latent_entropy optimize
counted_by guarded_by capability btf_type_tag btf_decl_tag noderef force context
bitwise nocast safe diagnose_as_builtin uninitialized no_instrument_function
nocf_check no_profile_instrument_function no_stack_protector no_sanitize_address
no_sanitize_thread no_sanitize_undefined no_sanitize_coverage no_sanitize
disable_sanitizer_instrumentation patchable_function_entry address_space
no_caller_saved_registers preserve_access_index regparm syscall_linkage weak hotpatch
user noplt no_reorder no_split_stack indirect_branch
"""
_IDLE = frozenset(_IDLE_TEXT.split())
_NO_WORDS_TEXT = """
inline __inline __inline__ __extension__ const __const __const__ restrict __restrict
__restrict__ _Noreturn
"""
_NO_WORDS = frozenset(_NO_WORDS_TEXT.split())
_LINKAGE = frozenset(["static", "extern"])
_SPECIFIERS_TEXT = """
static extern register volatile __volatile __volatile__ signed unsigned long short
char int bool _Bool float double struct union enum auto typedef _Thread_local asm
__asm __asm__ typeof __typeof__
"""
_SPECIFIERS = frozenset(_SPECIFIERS_TEXT.split())
# words of C, and what the kernel adds to them; what it makes of them for all files
# counts as the same: include/linux/compiler.h has an "if" that counts branches
_KEYWORDS = (KEYWORDS - {"inline", "restrict"}) | frozenset(
    ["typeof", "__typeof__", "_Bool", "bool", "true", "false", "NULL", "fallthrough"]
)
_ATTRIBUTE = ("__attribute__", "__attribute")
_TRUSTED = frozenset(word.decode() for word in ALONE | CALLED)
# include/linux/cleanup.h, compiler_attributes.h: these count where they stand
_COUNT = frozenset(["__free", "__cleanup", "__mode", "__packed", "__alias", "__copy",
                    "__weak_alias", "__tls_model", "__target"])  # fmt: skip
_TOKEN = re.compile(rb"\w+|[^\w\s]")
_TOKENS = re.compile(r"\w+|[^\w\s]")
_ASM = re.compile(rb"\b(?:asm|__asm__|__asm|asm_inline|asm_volatile_goto"
                  rb"|asm_goto_output)\b[\s\w]*\(")  # fmt: skip
_DIRECTIVE = re.compile(rb"^[ \t]*#(?:[^\n\\]|\\.)*", re.MULTILINE | re.DOTALL)
_ENDS = frozenset(",);]?:=+-/%&|^<>.")
_OPENS = frozenset("(,=+-/%&|^<>!~?:[")
_BODY = re.compile(r"\b(?:struct|union)\b[\s\w]*\{|lignof")
DEEPEST = 12  # macros in macros


Spans = Sequence[tuple[int, int]]


def taken_out(
    source: Source, start: int, end: int, known: Spans = ()
) -> list[TakenOut]:
    """Returns what of these bytes of a file is neither a comment nor in its tree, nor
    ``known`` for what it is."""
    data, shown = source.data[start:end], source.neutral[start:end]
    if data == shown:
        return []
    plain = bytearray(with_plain_strings(data))
    for line in _DIRECTIVE.finditer(bytes(plain)):
        plain[line.start() : line.end()] = shown[line.start() : line.end()]
    for text in LITERAL.finditer(plain.decode("latin-1")):  # words of a message
        plain[text.start() : text.end()] = shown[text.start() : text.end()]
    _leave_assembler(plain, shown)
    for one, last in known:
        if start <= one and last <= end:
            plain[one - start : last - start] = b" " * (last - one)
    return list(_stretches(bytes(plain), shown))


def _leave_assembler(plain: bytearray, shown: bytes) -> None:
    """What an asm statement holds is no C; that there is one is shown."""
    whole = bytes(plain)
    for found in _ASM.finditer(whole):
        if not shown[found.start() : found.start() + 3].strip():
            continue  # the name of a register
        at = closing_parenthesis(whole, found.end() - 1) or len(whole)
        plain[found.start() : at] = shown[found.start() : at]


def _stretches(plain: bytes, shown: bytes) -> Iterator[TakenOut]:
    words: list[str] = []
    before = ""
    for token in _TOKEN.finditer(plain):
        text = token[0].decode("ascii", "replace")
        if text == ".":
            continue  # case 1 ... 5, whose values are shown
        if not shown[token.start() : token.end()].strip():
            words.append(text)
            continue
        if words:
            yield TakenOut(" ".join(words), before, text)
            words = []
        before = text
    if words:
        yield TakenOut(" ".join(words), before, "")


def taken_out_effect(
    definitions: Definitions,
    out: TakenOut,
    *,
    head: bool = False,
    idle: frozenset[str] = _IDLE,
) -> Weight:
    """Says what words that were taken out do; in the ``head`` of a function, or at file
    level, ``static`` is said of the name.  ``idle``: attributes that do not count."""
    found = _Weigher(definitions, head, idle).of(out.text)
    if found is Weight.NOTHING and out.before in _OPENS | {"return", "case"}:
        words = _TOKENS.findall(out.text)
        known = all(definitions.macros(word) for word in words if word.isidentifier())
        return Weight.ANYTHING if out.after in _ENDS and not known else found
    return found


class _Weigher:
    def __init__(
        self, definitions: Definitions, head: bool, idle: frozenset[str]
    ) -> None:
        self.definitions = definitions
        self.head = head
        self.idle = idle
        self._open: list[str] = []  # the macros that are read

    def of(self, text: str, given: tuple[str, ...] = ()) -> Weight:
        """What a text does, in which the names ``given`` stand for anything."""
        code = STRINGS.sub(" ", text)
        found, at = Weight.NOTHING, 0
        while found is not Weight.ANYTHING and (token := _TOKENS.search(code, at)):
            at = token.end()
            opening = len(code) - len(code[at:].lstrip())
            end = closing_bracket(code, opening) if code[opening:][:1] == "(" else -1
            behind = code[opening + 1 : end] if end > 0 else None
            one, whole = self._word(token[0], behind, given)
            found = max(found, one)
            at = end + 1 if whole and end > 0 else at
        return found

    def _word(
        self, word: str, behind: str | None, given: tuple[str, ...]
    ) -> tuple[Weight, bool]:
        """What a word does, and whether the parentheses behind it belong to it."""
        called = behind is not None
        if word in _ATTRIBUTE:
            return self._attributes((behind or "").strip()[1:-1]), True
        if not word.isidentifier() or word in given or len(self._open) > DEEPEST:
            return Weight.ANYTHING, False
        macros = () if word in self._open else self.definitions.macros(word)
        if any(macro.body == "#twice" for macro in macros):
            return self._by_name(word), called
        if macros:
            return self._macro(word, macros, called)
        if word in _NO_WORDS or (self.head and word in _LINKAGE):
            return Weight.NOTHING, False
        if word in _SPECIFIERS:
            return Weight.DECLARES, word.strip("_") in ("asm", "typeof")
        return self._by_name(word), called

    def _macro(
        self, word: str, macros: tuple[MacroText, ...], called: bool
    ) -> tuple[Weight, bool]:
        takes = macros[0].parameters is not None
        if any((macro.parameters is not None) != takes for macro in macros):
            return Weight.ANYTHING, False
        if takes and not called:
            return Weight.ANYTHING, False
        self._open.append(word)
        bodies = (
            self.of(macro.body, tuple(p.rstrip(". ") for p in macro.parameters or ()))
            for macro in macros
        )
        found = max(bodies)
        self._open.pop()
        return found, takes

    def _by_name(self, word: str) -> Weight:
        """What a word does whose definition is not in sight."""
        known = self.definitions
        named = word.startswith("__") and word.strip("_") in _IDLE
        if not (named or word in _TRUSTED) or known.functions(word):
            return Weight.ANYTHING
        if known.prototypes(word) or known.variable(word) is not None:
            return Weight.ANYTHING
        return Weight.DECLARES if word in _COUNT else Weight.NOTHING

    def _attributes(self, inner: str) -> Weight:
        """What ``__attribute__`` says, of which this stands in the parentheses."""
        for one in split_arguments(inner):
            word = _TOKENS.search(one)
            name = "" if word is None else word[0]
            if name and name.strip("_") not in self.idle:
                return Weight.DECLARES
            if name.strip("_") == name and self.definitions.macros(name):
                return Weight.DECLARES
        return Weight.NOTHING


def meaningful_word(
    definitions: Definitions,
    source: Source,
    start: int,
    end: int,
    body: int,
    known: Spans = (),
) -> str:
    """Returns a word of these bytes that the parser was not shown and that may change
    what the code computes, "" for none.  ``body``: where the function's body begins;
    ``known``: words whose meaning is followed."""
    another = another_keyword(definitions, source, start, end)
    outs = _with_places(definitions, source, start, end, body, known)
    if another or not outs:
        return another
    laid_out = _BODY.search(source.data[start:end].decode("utf-8", "replace"))
    idle = _IDLE if laid_out else _IDLE | {"aligned"}
    return _first_of_weight(definitions, outs, Weight.DECLARES, idle)


def does_more(
    definitions: Definitions, source: Source, start: int, end: int, body: int
) -> str:
    """Returns a word of these bytes that the parser was not shown and that is more
    than a word about a declaration, "" for none."""
    outs = _with_places(definitions, source, start, end, body)
    return _first_of_weight(definitions, outs, Weight.ANYTHING, _IDLE)


def _first_of_weight(
    definitions: Definitions,
    outs: list[tuple[TakenOut, bool]],
    least: Weight,
    idle: frozenset[str],
) -> str:
    for out, head in outs:
        if taken_out_effect(definitions, out, head=head, idle=idle) >= least:
            return out.text[:40]
    return ""


def _with_places(
    definitions: Definitions,
    source: Source,
    start: int,
    end: int,
    body: int,
    known: Spans = (),
) -> list[tuple[TakenOut, bool]]:
    """What was taken out, each with whether it stands before the body."""
    body = max(start, body)
    marks = _system_call(definitions, source, start, body)
    found = [(out, True) for out in taken_out(source, start, body, [*known, *marks])]
    return found + [(out, False) for out in taken_out(source, body, end, known)]


def _system_call(
    definitions: Definitions, source: Source, start: int, body: int
) -> list[tuple[int, int]]:
    """The marks in the head of a function that SYSCALL_DEFINE2() or the like makes of
    it: beside them its head is a declaration.  None if that is no macro of
    include/linux/syscalls.h or the kernel's other headers, but of a driver's own."""
    word, marks = syscall_marks(source.data[start:body])
    macros = definitions.macros(word) if marks else ()
    if not all(is_for_all(macro.path) for macro in macros):
        return []
    return [(start + one, start + last) for one, last in marks]


def another_keyword(
    definitions: Definitions, source: Source, start: int, end: int
) -> str:
    """Returns a word of C among these bytes that is a macro of the file or of one of
    its headers, "" for none."""
    if definitions.other_keywords is None:
        definitions.other_keywords = frozenset(
            word
            for word in _KEYWORDS
            for macro in definitions.macros(word)
            if macro.path == definitions.path or not is_for_all(macro.path)
        )
    others = definitions.other_keywords
    if not others:
        return ""
    data = with_plain_strings(source.data[start:end])
    words = (word.decode("ascii", "replace") for word in _TOKEN.findall(data))
    return next((word for word in words if word in others), "")


_PLACES = frozenset(["packed", "aligned"])  # where members lie, not what they are


def is_another_type(
    definitions: Definitions, source: Source, start: int = 0, end: int | None = None
) -> bool:
    """Says whether the parser was not shown all of what a declaration says of a type:
    ``__attribute__((mode(QI)))``."""
    outs = taken_out(source, start, len(source.data) if end is None else end)
    idle = _IDLE | _PLACES
    weights = (taken_out_effect(definitions, out, head=True, idle=idle) for out in outs)
    return Weight.DECLARES in weights


def may_move_members(
    definitions: Definitions, source: Source, start: int, end: int
) -> bool:
    """Says whether words that the parser was not shown may move the members of a
    struct, or lie between them."""
    outs = taken_out(source, start, end)
    return any(
        taken_out_effect(definitions, out, head=True) is not Weight.NOTHING
        and not (out.before == "}" and "aligned" in out.text)
        for out in outs
    )
