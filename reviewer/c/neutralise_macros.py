"""Macros that stand where C has no place for a call, made into C of one length.

Each pass takes the code (comments and directives already spaces) and gives it back
with every byte outside the construct untouched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from reviewer.c.neutralise_text import blank, fill
from reviewer.c.neutralise_words import ALONE, CALLED

_PARENTHESIS = re.compile(rb"[()]")
_LONGEST_CALL = 65_536  # bytes between ( and ): what is longer is left alone
_SPACE = b" \t\n"


@dataclass(frozen=True, slots=True)
class MacroCall:
    """A macro call at top level that the parser is not shown (bytes)."""

    name: str
    start: int
    end: int


def closing(code: bytes, opening: int) -> int:
    """Just behind the ``)`` that closes the ``(`` at ``opening``, 0 if none does."""
    depth = 0
    for mark in _PARENTHESIS.finditer(code, opening, opening + _LONGEST_CALL):
        depth += 1 if mark[0] == b"(" else -1
        if depth == 0:
            return mark.end()
    return 0


_AFTER = re.compile(rb"[ \t\n]*")


def next_mark(code: bytes, at: int) -> int:
    """Where the first byte that is no space stands, from ``at`` on."""
    match = _AFTER.match(code, at)
    assert match is not None
    return match.end()


def last_mark(code: bytes, before: int) -> bytes:
    """The last byte before ``before`` that is no space, empty at the start."""
    step = 256
    while before > 0:
        tail = code[max(0, before - step) : before].rstrip(_SPACE)
        if tail:
            return tail[-1:]
        before -= step
        step *= 4
    return b""


# --- annotations ----------------------------------------------------------------

_ANNOTATION = re.compile(
    rb"(?<![\w#.>])(?:__\w+|no[it]\w+|asmlinkage\w*|[A-Z]{5,}(?:_[A-Z]+)*"
    rb"|randomized_struct\w+|compat_noinline|fastcall)\b"
)
_BRACKETED = re.compile(rb"(?<![\w)\]])\[\[[a-z_][^\[\]]*\]\]")
_GATED_SECTION = re.compile(rb"__(?:mem|net_)?(?:init|exit)(?:data|const)?_or_\w+\Z")
# By form: a word that the tree defines somewhere out of sight.
_LAST_WORD = re.compile(
    rb"(?<![\w.])(?!(?:struct|union|enum|const|volatile|static|extern|unsigned|signed"
    rb"|long|short|register|return|goto|case|else|typedef|inline|sizeof)\b)"
    rb"[A-Za-z_]\w*[ \t*]+[A-Za-z_]\w*(?:\[[^\]\n]*\])*[ \t\n]+(__[a-z]\w*)(?=\s*[;={])"
)
_FIRST_WORD = re.compile(
    rb"^(?:(?:static|extern|inline|const)[ \t]+)+(__[a-z]\w*)"
    rb"(?=\s+(?:(?:struct|union|enum|unsigned|const)\s+)?[A-Za-z_]\w*[ \t\n*]+\w+\s*\()",
    re.MULTILINE,
)


def annotations(
    code: bytearray, vocabulary: frozenset[bytes], own: frozenset[bytes]
) -> None:
    """Blank attributes: ``__init``, ``__printf(1, 2)``, ``[[fallthrough]]``.

    ``own``: the names that the file itself defines as annotations.
    """
    text = bytes(code)
    known = vocabulary | own if own else vocabulary
    finders = [_ANNOTATION]
    odd = [re.escape(name) for name in own if not _ANNOTATION.fullmatch(name)]
    if odd:
        finders.append(re.compile(rb"(?<![\w#.>])(?:" + b"|".join(odd) + rb")\b"))
    for finder in finders:
        for match in finder.finditer(text):
            name = match[0]
            alone = name in ALONE
            if alone or name in CALLED or name in known:
                start, end = match.span()
                if not alone:
                    after = next_mark(text, end)
                    if text[after : after + 1] == b"(":
                        end = closing(text, after) or end
                    elif name in CALLED and name not in known:
                        continue
                code[start:end] = blank(text[start:end])
            elif name[:2] == b"__" and _GATED_SECTION.match(name):
                code[match.start() : match.end()] = blank(name)
    if b"[[" in text:
        for match in _BRACKETED.finditer(text):
            code[match.start() : match.end()] = blank(match[0])
    for finder in (_LAST_WORD, _FIRST_WORD):
        for match in finder.finditer(bytes(code)):
            code[match.start(1) : match.end(1)] = blank(match[1])


# --- assembler --------------------------------------------------------------------

_ASM = re.compile(
    rb"(?<![\w.>])(?:__asm__|__asm|asm|asm_inline|asm_volatile_goto|asm_goto_output)\b"
    rb"(?:\s+(?:__volatile__|__volatile|volatile|goto|inline|__inline__|__inline))*"
    rb"\s*(?=\()"
)
_DECLARED_IN = re.compile(rb"[\w)\]]")


def assembler(code: bytearray) -> None:
    """Leave ``asm ("")`` of an asm statement; a register or symbol name vanishes."""
    text = bytes(code)
    if b"asm" not in text:
        return
    for match in _ASM.finditer(text):
        end = closing(text, match.end())
        if not end:
            continue
        whole = text[match.start() : end]
        before = last_mark(text, match.start())
        if _DECLARED_IN.match(before) and not _follows_condition(text, match.start()):
            code[match.start() : end] = blank(whole)
            continue
        words, inner = (
            text[match.start() : match.end()],
            text[match.end() + 1 : end - 1],
        )
        code[match.start() : end] = (
            b"asm" + blank(words[3:]) + b"(" + _empty_string(inner) + b")"
        )


def _follows_condition(text: bytes, at: int) -> bool:
    before = text[max(0, at - 400) : at].rstrip(_SPACE)
    if before.endswith((b"else", b"do")):
        return True
    line = before.rpartition(b"\n")[2].lstrip()
    return before.endswith(b")") and bool(
        re.match(rb"(?:\}?\s*else\s+)?(?:if|while|for)\b|\w*for_each", line)
    )


def _empty_string(inner: bytes) -> bytes:
    if len(inner) < 2 or b"\n" in inner[:2]:
        at = re.search(rb"[^\n]{2}", inner)
        if at is None:
            return inner
        return blank(inner[: at.start()]) + b'""' + blank(inner[at.end() :])
    return b'""' + blank(inner[2:])


# --- types where an expression is expected ----------------------------------------

_TYPEOF = re.compile(
    rb"\b(?:__typeof__|typeof|__typeof_unqual__|typeof_unqual|TYPEOF_UNQUAL|__typeof"
    rb"|__builtin_typeof|__unqual_scalar_typeof|_Atomic)[ \t]*(?=\()"
)
_PRIMITIVE = rb"(?:(?:unsigned|signed|long|short|int|char|double|float|void|bool|_Bool)\b[ \t]*)+"
_TYPE_ARGUMENT = re.compile(
    rb"(?:(?<=,)|(?<=\w\()|(?<=\w \())"
    rb"(\s*)((?:(?:const|volatile)[ \t]+)*"
    rb"(?:(?:struct|union|enum)[ \t]+\w+|"
    + _PRIMITIVE
    + rb"|\w+(?=[ \t]*\*+[ \t]*[,)]))"
    rb"(?:[ \t]*(?:const\b)?[ \t]*\*)*(?:[ \t]*\[[\w ]*\])?)(?=\s*[,)])"
)
_TAKES_TYPE = re.compile(
    rb"\b(?:sizeof|_Alignof|alignof|if|while|for|switch|return|case|else)[ \t]*\($"
)
_CONST_TYPE_ARGUMENT = re.compile(rb"\s*(?:const|volatile)\b")
_OFFSETOF = re.compile(
    rb"\b(?:offsetof|_Alignof|__alignof__|alignof|__alignof)(?=[ \t]*\()"
)
_NO_TYPE_WORD = re.compile(rb"\W")


def types(code: bytearray) -> None:
    """One word for each type that is an argument, and for each ``typeof(...)``."""
    text = bytes(code)
    if b"typeof" in text or b"_Atomic" in text or b"TYPEOF" in text:
        done = 0
        for match in _TYPEOF.finditer(text):
            end = closing(text, match.end())
            if not end or match.start() < done:
                continue
            done = end
            code[match.start() : end] = _one_word(text[match.start() : end])
        text = bytes(code)
    for match in _OFFSETOF.finditer(text):
        code[match.start()] = ord("O")
    text = bytes(code)
    for match in _TYPE_ARGUMENT.finditer(text):
        line = text.rfind(b"\n", 0, match.start()) + 1
        if text[match.start() - 1 : match.start()] == b"(" and _TAKES_TYPE.search(
            text, max(line, match.start() - 12), match.start()
        ):
            continue
        word = _NO_TYPE_WORD.sub(b"_", match[2].rstrip())
        if (
            word in (b"void", b"bool")
            and text[match.start() - 1 : match.start()] == b"("
        ):
            if word == b"void":
                continue
        if word.isalpha() and word.islower():
            word = word.upper()
        start = match.start(2)
        if b"\n" in match[2]:
            kept = match[2].rstrip(b" \t\n*")
            lines = kept.rpartition(b"\n")
            word = blank(lines[0] + lines[1]) + _NO_TYPE_WORD.sub(b"_", lines[2])
        code[start : start + len(word)] = word


def _one_word(text: bytes) -> bytes:
    head, newline, rest = text.partition(b"\n")
    return fill(head) + newline + blank(rest)


# --- iterators ----------------------------------------------------------------------

_STATEMENT_CALL = re.compile(rb"(?<![\w.>])([A-Za-z_]\w+)[ \t]*(?=\()")
_KEYWORDS = frozenset(
    b"if while for switch return sizeof else do case goto asm defined typeof "
    b"__typeof__ static_assert _Static_assert _Generic while".split()
)
_ITERATOR = re.compile(
    rb"\w*for_each\w*\Z|scoped_guard\Z|scoped_cond_guard\Z|scoped_\w+\Z|"
    rb"\w*_iterate_\w+\Z|\w*foreach\w*\Z|with_\w+\Z"
)
_STARTS_STATEMENT = re.compile(rb"[A-Za-z_{*(]|\+\+|--")
_BEFORE_STATEMENT = frozenset(b";{}):")


def iterators(code: bytearray) -> None:
    """``list_for_each_entry(...)`` and ``macro(...) {`` become ``while (...)``."""
    text = bytes(code)
    for match in _CALL_LINE.finditer(text):
        name = match[2]
        if name in _KEYWORDS:
            continue
        opening = match.end() - 1
        end = closing(text, opening)
        if not end:
            continue
        after = next_mark(text, end)
        follows = text[after : after + 1]
        if follows == b"{":
            pass
        elif not (_STARTS_STATEMENT.match(text, after) and b"\n" in text[end:after]):
            continue
        elif not _ITERATOR.match(name):
            if name.isupper():
                code[match.start(2) : end] = blank(text[match.start(2) : end])
            continue
        before = last_mark(text, match.start(2))
        if not before or before[0] not in _BEFORE_STATEMENT:
            if not text[: match.start(2)].rstrip().endswith((b"else", b"do")):
                continue
        word = b"while" if len(name) > 4 else b"if"
        code[match.start(2) : match.end(2)] = word.ljust(len(name))
        if not text[opening + 1 : end - 1].strip():
            if end - opening > 2:
                code[opening + 1] = ord("1")


_CALL_LINE = re.compile(
    rb"^([ \t]+(?:\}?[ \t]*else[ \t]+|do[ \t]+|(?:if|while|for)[ \t]*\([^;{}\n]*\)[ \t]+)?)"
    rb"([A-Za-z_]\w+)[ \t]*\(",
    re.MULTILINE,
)

# --- small things -------------------------------------------------------------------

_CASE_RANGE = re.compile(rb"(\bcase\b[^;{}?:]*?)\.\.\.([^;{}?]*?:)")
_COMPUTED_GOTO = re.compile(rb"\bgoto([ \t]*)\*")
_LAST_LABEL = re.compile(rb"(?<=[;{}\s])([A-Za-z_]\w*[ \t]*:|case\b[^;{}?:]*:)(\s*)\}")
_UNNAMED_BITS = re.compile(rb"\b(\w+)([ \t]+):[ \t]*(?=[\w(]+[^;?:{}]*;)")
_BITMAP = re.compile(rb"\bDECLARE_BITMAP[ \t]*\(\s*([\w.]+)\s*,")
_CALLED_STRING = re.compile(rb"(?<=\")(\s*)([A-Za-z_]\w*)[ \t]*(?=\()")
_CALL_THEN_STRING = re.compile(rb"\)(?=\s*\")")


def oddities(code: bytearray) -> None:
    """GNU C that the grammar lacks."""
    text = bytes(code)
    if b"..." in text:
        # case A ... B: is read as case A | B, both values stay visible
        for match in _CASE_RANGE.finditer(text):
            at = match.end(1)
            code[at : at + 3] = b" | "
    if b"goto" in text:
        for match in _COMPUTED_GOTO.finditer(text):
            code[match.end() - 1] = 0x20
            target = next_mark(text, match.end())
            semicolon = text.find(b";", target)
            if semicolon > 0:
                code[match.start() : semicolon] = _one_word_goto(
                    text[match.start() : semicolon]
                )
    for match in _LAST_LABEL.finditer(text):
        if match[2]:
            code[match.start(2)] = 0x3B if match[2][:1] != b"\n" else 0x0A
            if match[2][:1] == b"\n":
                space = match[2].find(b"\t")
                space = space if space >= 0 else match[2].find(b" ")
                if space >= 0:
                    code[match.start(2) + space] = 0x3B
    for match in _BITMAP.finditer(text):
        end = closing(text, text.index(b"(", match.start()))
        if end:
            name = match[1].ljust(len(match[1]))
            whole = text[match.start() : end]
            code[match.start() : end] = blank(whole)
            code[match.start() : match.start() + 13] = b"unsigned long"
            code[match.start(1) : match.end(1)] = name


def _one_word_goto(text: bytes) -> bytes:
    return b"goto " + re.sub(rb"[^\n]", b"_", text[5:]) if b"\n" not in text else text


def string_pasting(code: bytearray) -> None:
    """Blank ``MACRO(x)`` between strings that are pasted together."""
    text = bytes(code)
    if b'"' not in text:
        return
    for match in _CALLED_STRING.finditer(text):
        end = closing(text, match.end())
        if end:
            code[match.start(2) : end] = blank(text[match.start(2) : end])
