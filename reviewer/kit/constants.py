# SPDX-License-Identifier: GPL-2.0-or-later
"""Constants of the tree, as rules ask for them."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from msgspec import Struct, field

from reviewer.api import FileImage
from reviewer.facts import Facts
from reviewer.kit.expressions import CONSTANT_NAME
from reviewer.patterns import regex

_WORD = regex(r"(?<![\w.])[A-Za-z_]\w*")


def constant(image: FileImage, text: str) -> int | None:
    """Returns the value of a constant expression as the file sees its names.

    None where a name is unknown or spelled as a variable, or where the value depends
    on the configuration.
    """
    known = _asked(image)
    if text not in known:
        known[text] = _evaluated(image, text)
    return known[text]


def _evaluated(image: FileImage, text: str) -> int | None:
    if not all(CONSTANT_NAME.match(word) for word in _WORD.findall(text)):
        return None
    from reviewer.facts.constant_values import constant_value

    return constant_value(image.facts, image.source.path, text)


class _Known(Struct):
    """The values that the latest file was asked for."""

    path: str = ""
    reading: object = None
    values: dict[str, int | None] = field(default_factory=dict)


_known: WeakKeyDictionary[Facts, _Known] = WeakKeyDictionary()


def _asked(image: FileImage) -> dict[str, int | None]:
    """What is known of the file's constants: several rules ask for each."""
    facts, path = image.facts, image.source.path
    known = _known.get(facts)
    if known is None or known.path != path or known.reading is not facts.reading:
        known = _known[facts] = _Known(path, facts.reading)
    return known.values
