# SPDX-License-Identifier: GPL-2.0-or-later
"""What a change does to a struct, and what only another attribute does to a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass

from reviewer.c.text import IDENTIFIER, closing_bracket, declarations, normalised
from reviewer.patterns import regex
from reviewer.prover.changes.changed_names import ChangedNames
from reviewer.prover.changes.name_users import add_users
from reviewer.prover.names.definitions import Definitions

# Another layout shows in data that others lay out: __packed, __be32, __le16
_OF_OTHERS = regex(r"\b__[bl]e(?:16|32|64)\b|:\s*\d")
_LEADS = regex(r"[{;] ?struct \w+ \* ?\w+ ?;")
# What says nothing of a value, and what it stands for: include/linux/
# compiler_attributes.h, cache.h. Others do: __packed, __weak, __section, __initdata.
_SAYS_NOTHING = {
    "__maybe_unused": r"__attribute__\(\(__unused__\)\)",
    "__always_unused": r"__attribute__\(\(__unused__\)\)",
    "__used": r"__attribute__\(\(__used__\)\)",
    "__read_mostly": r"__section\(\"\.data\.\.read_mostly\"\)",
    "__ro_after_init": r"__section\(\"\.data\.\.ro_after_init\"\)|__read_mostly",
}
_LATER = "__ro_after_init"
_SAID = regex(rf"\b(?:const|{'|'.join(_SAYS_NOTHING)})\b")
_POINTER = regex(r"\b(?:struct|union)\s+\w+\s*\*")  # to what is not looked into
_ENDIFS = regex(r"(?:# ?endif\b ?)++")
_LAST_ENDIF = regex(r"\s*(?:#\s*endif\s*)+\Z")
_CONDITIONAL = regex(r"# ?(if|el|endif)")
_UNSET = regex(r"(?!typedef\b)[A-Za-z_][\w *]*+(?:\[[^\[\]]*+\] ?)*+(?:__\w++ ?)*+\Z")
KEYWORDS = frozenset(
    ["int", "struct", "static", "const", "void", "extern", "unsigned", "return", "if",
     "else", "do", "while", "for", "sizeof", "typeof", "char", "long", "union", "enum",
     "bool", "u8", "u16", "u32", "u64", "size_t", "NULL"]
)  # fmt: skip

# include/linux/container_of.h, list.h: the object is the same one on both sides;
# stddef.h, bitfield.h, minmax.h, array_size.h, irqflags.h: numbers; build_bug.h: 0, or
# it does not compile
CONTAINERS = frozenset(["container_of", "container_of_const", "typeof", "BUILD_BUG_ON",
                         "BUILD_BUG_ON_MSG", "BUILD_BUG_ON_ZERO", "static_assert",
                         "__same_type",
                         "__is_constexpr", "bitop",
                         "WARN_ON", "WARN_ON_ONCE", "WARN", "WARN_ONCE", "BUG_ON",
                         "BUG", "READ_ONCE", "WRITE_ONCE", "NULL", "FIELD_GET",
                         "FIELD_PREP", "min", "max", "min_t", "max_t", "clamp",
                         "clamp_t", "clamp_val", "ARRAY_SIZE", "local_irq_save",
                         "local_irq_restore"])  # fmt: skip


@dataclass(frozen=True, slots=True)
class StructChange:
    """``members``: the names whose declarations differ, are gone, or lie in a part
    that differs; None where more than members changed. ``kept``: the words of all that
    both sides have."""

    members: frozenset[str] | None
    kept: frozenset[str] = frozenset()


def struct_change(old: str, new: str) -> StructChange:
    """Returns what changed between two texts of a struct."""
    if _is_of_others(old) or _is_of_others(new):
        return StructChange(None)
    sides = [members_of(text) for text in (old, new)]
    if sides[0] is None or sides[1] is None:
        return StructChange(None)
    (head, *_), (head_2, *_) = sides[0], sides[1]
    if head != head_2:
        return StructChange(None)
    one, two = (_under_conditions(side[1]) for side in (sides[0], sides[1]))
    gone, come = Counter(one) - Counter(two), Counter(two) - Counter(one)
    before = frozenset(IDENTIFIER.findall(old))
    changed = {word for text, _if in gone for word in IDENTIFIER.findall(text)}
    for text, _if in come:
        words = frozenset(IDENTIFIER.findall(text))
        name = declared_member(text)
        if name is None or name in before:  # not a plain new member
            changed |= words
    kept = [head, *(text for text, around in one if (text, around) not in gone)]
    both = {word for text in kept for word in IDENTIFIER.findall(text)}
    return StructChange(frozenset(changed - KEYWORDS), frozenset(both))


def _is_of_others(text: str) -> bool:
    """Whether a struct may be one that a device or a file lays out: these have numbers
    of a byte order or a width in them, and no pointers."""
    if "packed" in text:
        return True
    return bool(_OF_OTHERS.search(text)) and not _LEADS.search(text)


_NAMED = regex(r"(\w+)\s*(?:\[[^\]]*\]\s*)*(?:\b__\w+\s*\([\w\s()]*\))?\Z")
_POINTED = regex(r"\(\s*\*\s*(\w+)\s*\)\s*\([^{}]*\)\Z")


def declared_member(text: str) -> str | None:
    """Returns the name of a member declared alone, None for anything else."""
    if "{" in text or "#" in text or "," in text.partition("(")[0]:
        return None
    found = _POINTED.search(text) or _NAMED.search(text)
    return found[1] if found else None


def members_of(text: str) -> tuple[str, list[str]] | None:
    """Returns what a struct says before and behind its braces, and its declarations."""
    start = text.find("{")
    end = closing_bracket(text, start) if start >= 0 else -1
    if end < 0 or " | " in text:
        return None
    head = text[:start] + text[end + 1 :]
    found, rest = declarations(text[start + 1 : end])
    if rest and not _LAST_ENDIF.match(rest):
        return None
    return head, [normalised(one) for one in (*found, *([rest] if rest else ()))]


def _under_conditions(texts: list[str]) -> list[tuple[str, tuple[str, ...]]]:
    """The declarations of a struct, each with the text at the #if and #else around it.

    Where a condition ends and a declaration begins is not known any more, so that what
    stands first under an #if is a part of it.
    """
    around: list[str] = []
    found = []
    for text in texts:
        for directive in _CONDITIONAL.findall(text):
            if directive == "endif":
                del around[-1:]
            elif directive == "if":
                around.append(text)
            elif around:
                around[-1] += text
        plain = _ENDIFS.sub("", text)
        if plain:
            found.append((plain, tuple(around)))
    return found


def type_words(text: str) -> set[str]:
    """Returns the words of a struct but for the names of members that stand alone."""
    found = members_of(text)
    if found is None:
        return set(IDENTIFIER.findall(text))
    words = IDENTIFIER.findall(found[0])
    for one in found[1]:
        said = IDENTIFIER.findall(one)
        name = declared_member(one.partition(":")[0])  # what follows is a width
        if name in said:
            said.remove(name)
        words += said
    return set(words)


def is_only_said(names: ChangedNames, name: str, sides: Sequence[Definitions]) -> bool:
    """Says whether nothing but words that change no value is new or gone in the
    declaration of a variable or a struct: const, or what ``_SAYS_NOTHING`` holds."""
    old, new = names.texts.get(name, ("", ""))
    if not old or name in names.functions | names.first | names.macros:
        return False
    is_variable = name in names.tables or _UNSET.match(old.partition(": ")[2])
    if not is_variable and _struct_text(name, old) is None:
        return False
    found = (Counter(_SAID.findall(text)) for text in (old, new))
    one, two = found
    words = {word for word in one | two if one[word] != two[word]}
    if not all(_says_nothing(word, sides) for word in words):
        return False
    if _LATER in words and _is_written_late(name, old, sides[-1]):
        return False
    one_text, two_text = map(_without_what_is_said, (old, new))
    return one_text == two_text


def _without_what_is_said(text: str) -> str:
    """A declaration without those words; ``* const p`` is ``*p`` then."""
    head, equals, value = " ".join(_SAID.sub(" ", text).split()).partition("=")
    return head.replace("* ", "*") + equals + value


def _says_nothing(word: str, sides: Sequence[Definitions]) -> bool:
    """Whether the tree defines a word as it is known."""
    if word == "const":
        return True
    bodies = [one.body for side in sides for one in side.macros(word)]
    wanted = regex(rf"{_SAYS_NOTHING[word]}|\s*")
    return all(wanted.fullmatch(body) for body in bodies)


def _is_written_late(name: str, text: str, side: Definitions) -> bool:
    """Whether a function may write to a variable, or hand it to one that does, when
    nothing may be written to it any more: behind the functions that are __init."""
    if "static" not in text.split():
        return True
    on = r"(?:\[[^\]]*\]|(?:\.|->)\w+)*\s*"
    writes = regex(
        rf"&\s*{name}\b|\b{name}\b{on}(?:[-+*/%|&^]|<<|>>)?=(?!=)|(?:\+\+|--)\s*{name}\b"
        rf"|\b{name}\b{on}(?:\+\+|--)"
        + (rf"|\b{name}\s*[-+,;)]" if "[" in text else "")
    )
    return any(
        "__init" not in one.returns.split() and writes.search(one.body)
        for texts in side.here.functions.values()
        for one in texts
    )


def holders_of(
    laid_out: Set[str],
    through: Set[str],
    names: ChangedNames,
    sides: Sequence[Definitions],
) -> set[str]:
    """Returns the structs with another layout and what holds one: of ``through``, all
    that lead to one, a struct that only points to it is laid out as it was."""
    uses = dict(names.uses)
    for name in through - names.functions - names.tables.keys():
        texts = [
            _POINTER.sub(" ", normalised(text))
            for side in sides
            for kind in ("struct", "union")
            for text, *_ in side.structs(kind, name)
        ]
        others = any(
            side.is_macro(name) or side.typedefs(name) or side.variable(name)
            for side in sides
        )
        if texts and not others:
            uses[name] = frozenset(IDENTIFIER.findall(" ".join(texts)))
    return add_users(set(laid_out), uses)


def without_tags(
    names: ChangedNames, sides: Sequence[Definitions]
) -> dict[str, frozenset[str]]:
    """Returns what names are used by, without those that only use the tag of a struct
    that has the name of a function: where the function changes, the struct does not."""
    uses = dict(names.uses)
    for twin in names.functions & names.changed:
        inside = struct_of_both(twin, sides)
        if twin in names.macros or not inside:
            continue
        called = regex(rf"(?<!\bstruct )(?<!\bunion )\b{twin}\b")
        for name, words in uses.items():
            if twin in words and name != twin and name not in names.functions:
                texts = _texts_of(name, sides)
                if texts and not any(called.search(text) for text in texts):
                    uses[name] = words - {twin} | inside
    return uses


def struct_of_both(tag: str, sides: Sequence[Definitions]) -> frozenset[str]:
    """Returns the words of a struct that is the same on both sides, none of another."""
    both = [
        [normalised(text) for text, *_ in side.structs("struct", tag)] for side in sides
    ]
    same = both[0] == both[-1]
    words = {word for text in both[0] for word in IDENTIFIER.findall(text)}
    return frozenset(words - {tag}) if same else frozenset()


def _texts_of(name: str, sides: Sequence[Definitions]) -> list[str]:
    """The texts of a struct or a macro, none for what is something else, too."""
    found: list[str] = []
    for side in sides:
        structs = [normalised(text) for text, *_ in side.structs("struct", name)]
        macros = [normalised(one.body) for one in side.macros(name)]
        others = side.typedefs(name) or side.variable(name) or side.functions(name)
        if others or side.enum(name) is not None or bool(structs) == bool(macros):
            return []
        found += [*structs, *macros]
    return found


def struct_change_of(name: str, old: str, new: str) -> StructChange | None:
    """Returns what changed of a struct that both sides define once, else None."""
    sides = [_struct_text(name, text) for text in (old, new)]
    if sides[0] is None or sides[1] is None:
        return None
    return struct_change(sides[0], sides[1])


def _struct_text(name: str, text: str) -> str | None:
    condition, _, rest = text.partition(": ")
    found = regex(r"struct\s+(?:__\w+\s+)*(\w+)\s*").match(rest)
    if found is None or found[1] != name:
        return None
    return f"{condition} {rest}"
