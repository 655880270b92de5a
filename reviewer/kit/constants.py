# SPDX-License-Identifier: GPL-2.0-or-later
"""Constants of the tree, as rules ask for them."""

from __future__ import annotations

from reviewer.api import FileImage
from reviewer.kit.expressions import CONSTANT_NAME
from reviewer.patterns import regex

_WORD = regex(r"(?<![\w.])[A-Za-z_]\w*")


def constant(image: FileImage, text: str) -> int | None:
    """Returns the value of a constant expression as the file sees its names.

    None where a name is unknown or spelled as a variable, or where the value depends
    on the configuration.
    """
    if not all(CONSTANT_NAME.match(word) for word in _WORD.findall(text)):
        return None
    from reviewer.facts.constant_values import constant_value

    return constant_value(image.facts, image.source.path, text)
