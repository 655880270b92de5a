# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the members of a struct lie of which nothing but C's own rules say it.

An attribute, a macro, a pragma or CONFIG_RANDSTRUCT may say otherwise: then nothing is
said here.  Numbers are those of a 64-bit machine.
"""

from __future__ import annotations

from reviewer.patterns import regex
from reviewer.prover.names.definition_texts import UP_TO_ITS_END
from reviewer.prover.values.c_types import Types
from reviewer.prover.values.integers import UNKNOWN
from reviewer.prover.values.struct_layout import Layout, Span

_BOUNDS = regex(r"\[[^\]]*\]")
# what says otherwise where a member lies, or may be a macro that does
_ODD = regex(
    r"\b__(?!(?:[us](?:8|16|32|64)|[lb]e(?:16|32|64)|kernel_s?size_t)\b)\w+"
    r"|\b_?[Aa]lignas\b|\b[A-Z_][A-Z0-9_]*\b|\b\w+\s*\((?!\s*\*)"
)
_WORDS = regex(r"[A-Za-z_]\w*")


def size(types: Types, struct: str) -> int | None:
    """Returns the size of a struct, None where it is not known."""
    whole = types.whole(struct) if _layouts(types, struct) else None
    return None if whole is None else whole[0]


def least_size(types: Types, struct: str) -> int:
    """Returns a number of bytes that a struct has at least."""
    layouts = _layouts(types, struct)
    return min((0 if kept is None else kept.known for kept in layouts), default=0)


def span(types: Types, struct: str, name: str) -> tuple[int, int] | None:
    """Returns where a member lies, first byte and the one behind it, None where that
    is not known."""
    found: set[Span | None] = set()
    for kept in _layouts(types, struct):
        found.add(None if kept is None else kept.spans.get(name))
    member = (types.fields(struct) or {}).get(name)
    first, end = (len(found) == 1 and found.pop()) or (0, None)
    if end is None or member is None or member.bits:
        return None
    return (first, end) if (end - first) * 8 == member.ctype.bits else None


def _layouts(types: Types, struct: str) -> list[Layout | None]:
    """What the definitions of a struct say of it, nothing where that is not all."""
    if struct not in types.plain:
        types.plain[struct] = False
        types.plain[struct] = _is_plain(types, struct)
    return types.layouts.get(struct, []) if types.plain[struct] else []


def _is_plain(types: Types, struct: str) -> bool:
    known = types.definitions
    kind, _, tag = struct.partition(" ")
    texts = [tag] if tag.startswith("<") else []
    for text, source, start in known.structs(kind, tag):
        end = UP_TO_ITS_END.search(source.clean, start + len(text))
        texts.append(source.clean[start : end.start() if end else None])
        if b"ragma" in source.data or b"ragma" in known.here.data:
            return False
    inner = [member.ctype for member in (types.fields(struct) or {}).values()]
    while any(one.array for one in inner):
        inner = [(one.to or UNKNOWN) if one.array else one for one in inner]
    for text in texts:
        bare = _BOUNDS.sub("", text)
        if _ODD.search(bare) or any(map(known.is_macro, set(_WORDS.findall(bare)))):
            return False
    return (
        bool(inner and texts)
        and any(one.kind != "pointer" for one in inner)  # CONFIG_RANDSTRUCT
        and all(bool(_layouts(types, c.name)) for c in inner if c.kind == "struct")
    )
