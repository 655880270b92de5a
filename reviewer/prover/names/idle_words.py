# SPDX-License-Identifier: GPL-2.0-or-later
"""Words of a declaration or a cast that a compiler makes nothing of: ``__user``.

What such a word stands for is read from the tree, as include/linux/compiler_types.h.
"""

from __future__ import annotations

from reviewer.patterns import regex
from reviewer.prover.names.definition_texts import MacroText
from reviewer.prover.names.definitions import Definitions

# Read by sparse alone (Documentation/dev-tools/sparse.rst); ``user`` by a plugin that
# looks at the members of structs (scripts/gcc-plugins/structleak_plugin.c); ``unused``
# is about warnings.
_ATTRIBUTE = (
    r"(?:noderef|force|bitwise|nocast|user|unused|__unused__"
    r"|address_space\((?:0|[A-Za-z_]\w*)\))"
)
_TAG = "BTF_TYPE_TAG"
_IDLE = regex(  # both without blanks
    rf"(?:__attribute__\(\({_ATTRIBUTE}(?:,{_ATTRIBUTE})*\)\)|{_TAG}\(\w+\))?\Z"
)
_MAKES_A_TAG = regex(r"(?:__attribute__\(\(btf_type_tag\(#\w+\)\)\))?\Z")
_WORDS = regex(r""""(?:\\.|[^"\\])*+"|'(?:\\.|[^'\\])*+'|\b__\w++""")


def is_idle(known: Definitions, word: str) -> bool:
    """Says whether a word is a macro that says nothing to a compiler."""
    return bool(known.macros(word)) and all(
        macro.parameters is None
        and _IDLE.match(_squeezed(macro)) is not None
        and (_TAG not in macro.body or _is_a_tag(known))
        for macro in known.macros(word)
    )


def _is_a_tag(known: Definitions) -> bool:
    return all(_MAKES_A_TAG.match(_squeezed(one)) for one in known.macros(_TAG))


def _squeezed(macro: MacroText) -> str:
    return "".join(macro.body.split())


def without_idle_words(known: Definitions, text: str) -> str:
    """Returns a text without such words; those in strings stay."""
    if "__" not in text:
        return text
    return _WORDS.sub(
        lambda word: "" if word[0][0] == "_" and is_idle(known, word[0]) else word[0],
        text,
    )
