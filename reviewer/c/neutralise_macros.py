"""Macros that stand where C has no place for a call, made into C of one length.

Each pass takes the code (comments and directives already spaces) and gives it back
with every byte outside the construct untouched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reviewer.c.neutralise_text import blank, fill
from reviewer.c.neutralise_words import ALONE, CALLED

_PARENTHESIS = re.compile(rb"[()]")
_LONGEST_CALL = 65_536  # bytes between ( and ): what is longer is left alone
_DEEPEST = 24
_SPACE = b" \t\n"


@dataclass(frozen=True, slots=True)
class MacroCall:
    """A macro call at top level that the parser is not shown (bytes)."""

    name: str
    start: int
    end: int


# Four levels deep in one match; possessive, so that nothing is tried twice
_BALANCED = re.compile(
    rb"\([^()]*+(?:\([^()]*+(?:\([^()]*+(?:\([^()]*+\)[^()]*+)*+\)[^()]*+)*+\)[^()]*+)*+\)"
)


def closing(code: bytes, opening: int) -> int:
    """Just behind the ``)`` that closes the ``(`` at ``opening``, 0 if none does."""
    limit = opening + _LONGEST_CALL
    match = _BALANCED.match(code, opening, limit)
    if match is not None:
        return match.end()
    depth = 0
    for mark in _PARENTHESIS.finditer(code, opening, limit):
        depth += 1 if mark[0] == b"(" else -1
        if depth == 0:
            return mark.end()
        if depth > _DEEPEST:
            break
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

_ANNOTATION = re.compile(rb"__\w+")
_NO_WORD = re.compile(rb"no(?:inline|trace|kprobe|instr)\w*")
_LINKAGE = re.compile(rb"asmlinkage\w*")
_OTHERS = tuple(
    name for name in sorted(ALONE) if not name.startswith((b"__", b"no", b"asmlinkage"))
)
_BRACKETED = re.compile(rb"(?<![\w)\]])\[\[[a-z_][^\[\]]*\]\]")
_GATED_SECTION = re.compile(rb"__(?:mem|net_)?(?:init|exit)(?:data|const)?_or_\w+\Z")
# By form: a word that the tree defines somewhere out of sight.
_LAST_WORD = re.compile(rb"__[a-z]\w*(?=\s*[;={])")
_BEFORE_LAST_WORD = re.compile(
    rb"(?:(?<![\w.])(?!(?:struct|union|enum|const|volatile|static|extern|unsigned|signed"
    rb"|long|short|register|return|goto|case|else|typedef|inline|sizeof)\b)"
    rb"[A-Za-z_]\w*[ \t*]+[A-Za-z_]\w*(?:\[[^\]\n]*\])*|\])\s+\Z"
)
_FIRST_WORD = re.compile(
    rb"^(?:(?:static|extern|inline|const)[ \t]+)+"
    rb"(?!__[usbl]e?\d|__wsum|__sum16|__poll_t|__kernel_|\w+_t\b)(__[a-z]\w*)"
    rb"(?=\s+(?:(?:struct|union|enum|unsigned)\s+)?[A-Za-z_]\w*[ \t\n*]+\w+\s*\()",
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
    finders = [_ANNOTATION, _NO_WORD, _LINKAGE]
    odd = [name for name in own if not name.startswith(b"__")]
    odd += [name for name in _OTHERS if name in text]
    if odd:
        words = b"|".join(re.escape(name) for name in odd)
        finders.append(re.compile(rb"\b(?:" + words + rb")\b"))
    for finder in finders:
        for match in finder.finditer(text):
            name, (start, end) = match[0], match.span()
            if name in ALONE:
                pass
            elif name in CALLED or name in known:
                after = next_mark(text, end)
                if text[after : after + 1] == b"(":
                    end = closing(text, after) or end
                elif name not in known:
                    continue
            elif not _GATED_SECTION.match(name):
                continue
            if start == 0 or text[start - 1] not in _GLUED:
                code[start:end] = blank(text[start:end])
    if b"[[" in text:
        for match in _BRACKETED.finditer(text):
            code[match.start() : match.end()] = blank(match[0])


_GLUED = frozenset(
    b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789.>#"
)


def unknown_annotations(code: bytearray) -> None:
    """Blank words that only an annotation can be, by where they stand."""
    text = bytes(code)
    for match in _LAST_WORD.finditer(text):
        start = match.start()
        if _BEFORE_LAST_WORD.search(text, max(0, start - 200), start):
            code[start : match.end()] = blank(match[0])
    for match in _FIRST_WORD.finditer(text):
        code[match.start(1) : match.end(1)] = blank(match[1])
    _words_before_keywords(code)


_KEYWORD = re.compile(
    rb"(?<=[\w])[ \t\n]+(?:unsigned|signed|int|long|short|char|void|struct|union|enum"
    rb"|static|inline|extern|typedef|if|while|for|switch|return|goto|break|continue|case"
    rb"|default|(?:bool|u8|u16|u32|u64|s32|s64|size_t|ssize_t)(?=[ \t\n*]+[A-Za-z_]))\b"
)
_WORD_BEFORE = re.compile(rb"(?<![\w#.>])[A-Za-z_]\w*\Z")
_MAY_PRECEDE = frozenset(
    b"unsigned signed int long short char void struct union enum static inline extern "
    b"typedef const volatile register else do return sizeof case goto __inline "
    b"__signed__ _Thread_local auto double float restrict typeof __typeof__ default "
    b"__extension__ _Noreturn __inline__ bool _Bool".split()
)


def _words_before_keywords(code: bytearray) -> None:
    """Blank a word that stands before a keyword: C has no place for a name there."""
    text = bytes(code)
    for match in _KEYWORD.finditer(text):
        at = match.start()
        word = _WORD_BEFORE.search(text, max(0, at - 64), at)
        if word is not None and word[0] not in _MAY_PRECEDE:
            code[word.start() : at] = blank(word[0])


# --- assembler --------------------------------------------------------------------

_ASM_WORD = re.compile(rb"asm")
_ASM = re.compile(
    rb"(?:__asm__|__asm|asm_inline|asm_volatile_goto|asm_goto_output|asm)\b"
    rb"(?:\s+(?:__volatile__|__volatile|volatile|goto|inline|__inline__|__inline))*"
    rb"\s*(?=\()"
)
_DECLARED_IN = re.compile(rb"[\w)\]]")


def assembler(code: bytearray) -> None:
    """Leave ``asm ("")`` of an asm statement; a register or symbol name vanishes."""
    text = bytes(code)
    for word in _ASM_WORD.finditer(text):
        start = word.start()
        if text[start - 2 : start] == b"__":
            start -= 2
        match = _ASM.match(text, start)
        if match is None or (start and text[start - 1] in _GLUED):
            continue
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

_TYPEOF = re.compile(rb"(?:typeof|TYPEOF)\w*[ \t]*(?=\()")
_TYPEOF_NAME = re.compile(
    rb"(?:__|__builtin_|__unqual_scalar_)?typeof(?:__|_unqual|_unqual__)?\Z"
    rb"|TYPEOF_UNQUAL\Z"
)
_ATOMIC = re.compile(rb"\b_Atomic[ \t]*(?=\()")
_PRIMITIVE = rb"(?:(?:unsigned|signed|long|short|int|char|double|float|void|bool|_Bool)\b[ \t]*)+"
_TYPE_ARGUMENT = re.compile(
    rb"(?:,|(?<=\w)\(|(?<=\w )\()"
    rb"(\s*+)((?:(?:const|volatile)[ \t]++)*+"
    rb"(?:(?:struct|union|enum)\s++\w++|" + _PRIMITIVE + rb")"
    rb"(?:[ \t]*(?:const\b)?[ \t]*\*)*(?:[ \t]*\[[\w ]*\])?)(?=\s*[,)])"
)
_POINTER_ARGUMENT = re.compile(rb"(?:,|(?<=\w)\()\s*\w+([ \t]*\*+)(?=[ \t]*[,)])")
_TAKES_TYPE = re.compile(
    rb"\b(?:sizeof|_Alignof|alignof|if|while|for|switch|return|case|else)[ \t]*\($"
)
_OFFSETOF = re.compile(
    rb"(?:offsetof|_Alignof|__alignof__|alignof|__alignof)(?=[ \t]*\()"
)
_NO_TYPE_WORD = re.compile(rb"\W")


def types(code: bytearray) -> None:
    """One word for each type that is an argument, and for each ``typeof(...)``."""
    text = bytes(code)
    done = 0
    for match in _typeofs(text):
        end = closing(text, match.end())
        if not end or match.start() < done:
            continue
        done = end
        start = match.start()
        while start and text[start - 1] in _GLUED:
            start -= 1
        if (
            _TYPEOF_NAME.match(text[start : match.end()].rstrip())
            or match.re is _ATOMIC
        ):
            code[start:end] = _one_word(text[start:end])
    if b"offsetof" in text or b"lignof" in text:
        for match in _OFFSETOF.finditer(text):
            if not match.start() or text[match.start() - 1] not in _GLUED:
                code[match.start()] = ord("O")
    text = bytes(code)
    for match in _TYPE_ARGUMENT.finditer(text):
        line = text.rfind(b"\n", 0, match.start()) + 1
        if text[match.start() : match.start() + 1] == b"(" and _TAKES_TYPE.search(
            text, max(line, match.start() - 12), match.start() + 1
        ):
            continue
        word = _NO_TYPE_WORD.sub(b"_", match[2].rstrip())
        if (
            word in (b"void", b"bool")
            and text[match.start() : match.start() + 1] == b"("
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


def pointer_types(code: bytearray) -> None:
    """``va_arg(ap, foo *)``: the star goes."""
    for match in _POINTER_ARGUMENT.finditer(bytes(code)):
        code[match.start(1) : match.end(1)] = blank(match[1])


def _typeofs(text: bytes) -> Iterator[re.Match[bytes]]:
    if b"typeof" in text or b"TYPEOF" in text:
        yield from _TYPEOF.finditer(text)
    if b"_Atomic" in text:
        yield from _ATOMIC.finditer(text)


def _one_word(text: bytes) -> bytes:
    head, newline, rest = text.partition(b"\n")
    return fill(head) + newline + blank(rest)


# --- iterators ----------------------------------------------------------------------

_KEYWORDS = frozenset(
    b"if while for switch return sizeof else do case goto asm defined typeof "
    b"__typeof__ static_assert _Static_assert _Generic while".split()
)
_ITERATOR = re.compile(
    rb"\w*for_each\w*\Z|scoped_guard\Z|scoped_cond_guard\Z|scoped_\w+\Z|"
    rb"\w*_iterate_\w+\Z|\w*foreach\w*\Z|with_\w+\Z"
)
_STARTS_STATEMENT = re.compile(rb"[A-Za-z_{}*(]|\+\+|--")


def iterators(code: bytearray) -> None:
    """``list_for_each_entry(...)`` and ``macro(...) {`` become ``while (...)``.

    A call that stands alone on its line, without a semicolon, is one too if the next
    line is its body by the indentation; else it holds statements of its own and goes.
    """
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
        if text[after : after + 1] == b";":
            continue
        if text[after : after + 1] != b"{":
            if not _STARTS_STATEMENT.match(text, after) or b"\n" not in text[end:after]:
                continue
            if not _ITERATOR.match(name) and not _indented(text, match, after):
                before = last_mark(code, match.start(2))
                if before and before in b"{};,:":
                    code[match.start(2) : end] = blank(text[match.start(2) : end])
                continue
        before = last_mark(code, match.start(2))
        if not before or before not in b";{}):":
            words = text[max(0, match.start(2) - 200) : match.start(2)].rstrip()
            if not words.endswith((b"else", b"do")):
                continue
        _iterate(code, match.start(2), match.end(2), opening, end)
    for match in _DO_ITERATOR.finditer(text):
        end = closing(text, match.end())
        if text[end : end + 1] == b";":
            _iterate(code, match.start(1), match.end(1), match.end(), end)


def _iterate(code: bytearray, start: int, stop: int, opening: int, end: int) -> None:
    word = b"while" if stop - start > 4 else b"if"
    code[start:stop] = word.ljust(stop - start)
    if end - opening > 2 and not code[opening + 1 : end - 1].strip():
        code[opening + 1] = ord("1")
    elif end - opening == 2 and stop - start > 6:
        # for_each_x(): while  x(), a call in the condition's place
        code[start:end] = b"while (1)".ljust(end - start)


def _indented(text: bytes, call: re.Match[bytes], after: int) -> bool:
    """Whether what stands at ``after`` is indented more than the call's line."""
    line = text.rfind(b"\n", 0, after) + 1
    here = text[line:after].expandtabs(8)
    there = text[call.start(1) : call.end(1)]
    margin = there[: len(there) - len(there.lstrip(b" \t"))].expandtabs(8)
    return len(here) > len(margin)


_CALL_LINE = re.compile(
    rb"\n([ \t]++(?:\}?[ \t]*else[ \t]++|do[ \t]++"
    rb"|(?:if|while|for)[ \t]*\([^;{}\n]*\)[ \t]++)?)"
    rb"(?!(?:if|for|while|switch|return|sizeof)\b)"
    rb"([A-Za-z_]\w++)[ \t]*+\((?![^\n]*;[ \t]*\n)"
)
_DO_ITERATOR = re.compile(rb"\}[ \t]*(\w*(?:for|while)_each\w*)[ \t]*(?=\()")

# --- small things -------------------------------------------------------------------

_CASE_RANGE = re.compile(rb"case\b[^;{}?:]*?(\.\.\.)[^;{}?]*?:")
_COMPUTED_GOTO = re.compile(rb"goto([ \t]*)\*")
_LAST_COLON = re.compile(rb":(\s*)\}")
_BITMAP = re.compile(rb"\bDECLARE_BITMAP[ \t]*\(\s*([\w.]+)\s*,")
_CALLED_STRING = re.compile(rb"(?<=\")(\s*)([A-Za-z_]\w*)[ \t]*(?=\()")
_CALL_THEN_STRING = re.compile(rb"\)(?=\s*\")")


def oddities(code: bytearray) -> None:
    """GNU C that the grammar lacks."""
    text = bytes(code)
    if b"..." in text:
        # case A ... B: is read as case A | B, both values stay visible
        for match in _CASE_RANGE.finditer(text):
            code[match.start(1) : match.end(1)] = b" | "
    if b"goto" in text and b"&&" in text:
        for match in _COMPUTED_GOTO.finditer(text):
            code[match.end() - 1] = 0x20
            target = next_mark(text, match.end())
            semicolon = text.find(b";", target)
            if semicolon > 0:
                code[match.start() : semicolon] = _one_word_goto(
                    text[match.start() : semicolon]
                )
    for match in _LAST_COLON.finditer(text):
        room = re.search(rb"[ \t]", match[1])
        if room is not None:
            code[match.start(1) + room.start()] = 0x3B
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


_TWO_WORDS = re.compile(rb"(?<![\w.])([A-Z][A-Z0-9_]+)(?=[ \t]+[A-Z][A-Z0-9_]+\s*\")")


def pasted_words(code: bytearray) -> None:
    """``KERN_ERR DRV_NAME ": text"``: one word before a string is enough."""
    for match in _TWO_WORDS.finditer(bytes(code)):
        code[match.start() : match.end()] = blank(match[0])


def string_pasting(code: bytearray) -> None:
    """Blank ``MACRO(x)`` between strings that are pasted together."""
    text = bytes(code)
    if b'"' not in text:
        return
    for match in _CALLED_STRING.finditer(text):
        end = closing(text, match.end())
        if end:
            code[match.start(2) : end] = blank(text[match.start(2) : end])
    for match in _CALL_THEN_STRING.finditer(text):
        opening = _opening(text, match.start())
        name = _NAME_BEFORE.search(text, max(0, opening - 80), opening)
        if name is not None and name[1] not in _KEYWORDS:
            code[name.start() : match.end()] = blank(text[name.start() : match.end()])


_NAME_BEFORE = re.compile(rb"\b([A-Za-z_]\w*)[ \t]*\Z")


def _opening(text: bytes, closing_at: int) -> int:
    """The ``(`` that the ``)`` at ``closing_at`` closes, 0 if it is far."""
    depth = 0
    for at in range(closing_at, max(0, closing_at - 400), -1):
        if text[at] == 0x29:
            depth += 1
        elif text[at] == 0x28:
            depth -= 1
            if depth == 0:
                return at
    return 0


# Digits that are no number (1k, 0_9): only macros that paste take them
_NUMBER_LIKE = re.compile(
    rb"(?<![\w.])(?!0[xXbB][0-9a-fA-F]+[uUlL]*\b)(?!\d[\d']*\.?\d*(?:[eE]\d+)?[uUlLfF]*\b)"
    rb"\d\w+"
)


def numbers(code: bytearray) -> None:
    """``MACRO(1024, 1k)``: what only looks like a number becomes a name."""
    for match in _NUMBER_LIKE.finditer(bytes(code)):
        if not re.fullmatch(rb"0[xX][0-9a-fA-F]*[uUlL]*", match[0]):
            code[match.start()] = ord("_")


# --- arguments that are no expressions ------------------------------------------------

_OPERATOR = re.compile(
    rb",(\s*(?:==|!=|<=|>=|<<|>>|&&|\|\||[<>&|+*/^-])\s*),(?=\s*[^\s,)])"
)
_EMPTY = re.compile(rb"([(,])(\s*),(?=\s*[,)])|(\w[ \t]*\()(\s*),|,(\s*)\)")
_STATEMENT_ARGUMENT = re.compile(rb";(?=\s*\))")
_DECLARED_BY_CALL = re.compile(
    rb"^([ \t]+)([A-Z][A-Z0-9_]+)[ \t]*\([^()\n]*\)(?=[ \t]+[A-Za-z_]\w*[ \t]*[;=])",
    re.MULTILINE,
)


def arguments(code: bytearray) -> None:
    """``ASSERTCMP(a, ==, b)`` as ``ASSERTCMP(a  ==  b)``, no empty arguments."""
    text = bytes(code)
    for match in _OPERATOR.finditer(text):
        code[match.start()] = 0x20
        code[match.end() - 1] = 0x20
    for match in _EMPTY.finditer(text):
        comma = text.index(b",", match.end(1) if match[1] else match.start())
        code[comma] = 0x20
    for match in _STATEMENT_ARGUMENT.finditer(text):
        opening = _opening(text, text.index(b")", match.end()))
        name = _NAME_BEFORE.search(text, max(0, opening - 80), opening)
        if opening and name is not None and name[1] not in (b"for", b"while"):
            inner = text[opening : match.start()]
            if b"{" not in inner and b"for" not in inner:
                code[opening : match.start()] = inner.replace(b";", b",")
                code[match.start()] = 0x20
    for match in _DECLARED_BY_CALL.finditer(text):
        code[match.end(2) : match.end()] = blank(text[match.end(2) : match.end()])
