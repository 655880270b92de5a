# SPDX-License-Identifier: GPL-2.0-or-later
"""Pages, folios and encoded fields as small SVG pictures, with words for a reader.

Every text goes through ``safe.html``; sizes are in user units of the viewBox.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reviewer.output.escaping import html

KINDS = ("order-0 page", "head page", "tail page")
_LABELS = ("page", "head", "tail", "tail", "tail")
_WIDTH, _HEIGHT, _LEFT, _TOP = 84, 46, 8, 34


def folio_diagram(kind: str, details: str, number: str) -> str:
    """Returns a small page and a folio of four, the page of a witness marked.

    ``kind`` is one of KINDS; ``number`` makes the ids of one page unique.
    """
    marked = {"order-0 page": 0, "head page": 1, "tail page": 3}.get(kind)
    article = "An" if kind[:1] in "aeiou" else "A"
    words = f"{article} {kind} shows it" + (f": {details}" if details else "")
    parts = [
        _text(_LEFT, 22, "order 0", "soft"),
        _text(_x(1), 22, "one folio of four pages (order 2)", "soft"),
    ]
    for place, label in enumerate(_LABELS):
        parts += _box(_x(place), _TOP, _WIDTH, _HEIGHT, label, place == marked)
    if marked is not None:
        middle = _x(marked) + _WIDTH // 2
        tip = _TOP + _HEIGHT + 4
        parts.append(f'<path class="on" d="M{middle} {tip} l-6 10 h12 z"></path>')
    return _figure(462, 98, f"folio-{number}", words, parts)


def field_diagram(states: Sequence[Mapping[str, Any]], number: str) -> str:
    """Returns the values of a field side by side; those a
    test takes by mistake are marked.

    Each state has ``bits``, ``name``, ``wanted`` and ``now``.
    """
    parts: list[str] = []
    wrong = []
    shown = states[:5]
    for place, state in enumerate(shown):
        bad = bool(state["wanted"]) != bool(state["now"])
        if bad:
            wrong.append(str(state["name"]))
        x = _LEFT + place * 92
        parts += _box(x, 10, _WIDTH, _HEIGHT, str(state["bits"]), bad)
        parts.append(
            _text(x + 4, 74, str(state["name"])[:11], "on-text" if bad else "")
        )
        parts.append(
            _text(x + 4, 92, "true" if state["now"] else "false", "" if bad else "soft")
        )
    words = "The values of the field and what the test says for each"
    if wrong:
        words += f"; wrong for {', '.join(wrong)}"
    return _figure(16 + 92 * len(shown), 102, f"field-{number}", words, parts)


def _x(place: int) -> int:
    return _LEFT + place * _WIDTH + (24 if place else 0)


def _box(x: int, y: int, width: int, height: int, label: str, on: bool) -> list[str]:
    kind = "on" if on else "box"
    return [
        f'<rect class="{kind}" x="{x}" y="{y}" width="{width}"'
        f' height="{height}"></rect>',
        _text(x + 10, y + height // 2 + 5, label, "on-text" if on else ""),
    ]


def _text(x: int, y: int, text: str, kind: str = "") -> str:
    style = f' class="{kind}"' if kind else ""
    return f'<text x="{x}" y="{y}"{style}>{html(text)}</text>'


def _figure(width: int, height: int, name: str, words: str, parts: list[str]) -> str:
    inside = "".join(parts)
    return (
        f'<figure><svg viewBox="0 0 {width} {height}" width="{width}" role="img"'
        f' aria-labelledby="{name}"><title id="{name}">{html(words)}</title>{inside}'
        f"</svg><figcaption>{html(words)}.</figcaption></figure>"
    )
