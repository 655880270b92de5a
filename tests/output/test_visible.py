# SPDX-License-Identifier: GPL-2.0-or-later
"""What a stranger's text looks like once it is safe to show."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer import visible_text
from reviewer.output import escaping


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain\tcode();\n", "plain\tcode();\n"),
        (
            "\x1b]8;;http://x.invalid\x07click\x1b]8;;\x07",
            "^[]8;;http://x.invalid^Gclick^[]8;;^G",
        ),
        ("a\rb", "a^Mb"),
        ("a\x7fb\x9bc", "a^?b⟨U+009B⟩c"),
        ("if (x\u202e)} /* ", "if (x⟨U+202E⟩)} /* "),
        ("zero\u200bwidth\ufeff", "zero⟨U+200B⟩width⟨U+FEFF⟩"),
        ("tag\U000e0041", "tag⟨U+E0041⟩"),
        ("two\u00a0words", "two⟨U+00A0⟩words"),
        ("Latin-1 \udce9", "Latin-1 ⟨0xE9⟩"),
        ("\u0441apable(CAP_SYS_ADMIN)", "⟨U+0441⟩apable(CAP_SYS_ADMIN)"),
        ("5 μs, 3 µs, 10 kΩ, naïve, Größe", "5 μs, 3 µs, 10 kΩ, naïve, Größe"),
        ("Матвей Иванов, 日本語, Ελλάδα", "Матвей Иванов, 日本語, Ελλάδα"),
    ],
)
def test_what_cannot_be_seen_is_spelt_out(raw: str, shown: str) -> None:
    assert visible_text.spelt_out(raw) == shown


@settings(deadline=None)
@given(st.text(st.characters(codec=None)))
def test_nothing_invisible_is_left(raw: str) -> None:
    for char in visible_text.spelt_out(raw):
        assert char in "\t\n" or unicodedata.category(char) not in ("Cc", "Cf", "Cs")


@settings(deadline=None)
@given(st.text(st.characters(codec=None)))
def test_spelling_out_twice_is_spelling_out_once(raw: str) -> None:
    once = visible_text.spelt_out(raw)
    assert visible_text.spelt_out(once) == once
    once.encode("utf-8")  # no surrogate is left


@settings(deadline=None)
@given(st.text(st.characters(codec=None)))
def test_a_header_stays_one_line(raw: str) -> None:
    assert not set("\r\n\0\u2028\u0085") & set(visible_text.header(raw))
    assert visible_text.header(raw).splitlines() in ([], [visible_text.header(raw)])


@pytest.mark.parametrize(
    "email",
    [
        "a@b\nBcc: c@d",
        "a b@c",
        "a@b>, <c@d",
        "",
        "no-at",
        "a@b\u202e",
        '"x y"@z',
        "a@" + "b" * 300,
    ],
)
def test_odd_addresses_are_no_recipients(email: str) -> None:
    assert visible_text.address(email) is None


@pytest.mark.parametrize("odd", ["a@b\nX: y", "a b@c", "a@b> <c@d", "", None, "é@x"])
def test_odd_message_ids_are_not_answered(odd: str | None) -> None:
    assert visible_text.message_id(odd) is None


def test_a_long_word_takes_no_time() -> None:
    begun = time.process_time()
    visible_text.spelt_out("a" * 200_000 + "é")
    visible_text.spelt_out("\u0441" * 200_000 + "a")
    assert time.process_time() - begun < 5


def test_workflow_commands_cannot_be_begun_or_ended() -> None:
    assert escaping.github_message("a\n::error::b%") == "a%0A::error::b%25"
    assert escaping.github_property("f,x:1\r") == "f%2Cx%3A1%0D"


def test_html_is_escaped_in_text_and_attributes() -> None:
    assert escaping.html('<a b="\x1b\'">') == "&lt;a b=&quot;^[&#x27;&quot;&gt;"


def test_json_data_is_plain_all_the_way_down() -> None:
    value = {"k\x1b": [b"\xff\x1b", ("\u202e",), {1}, None, True, 1.5]}
    assert escaping.data(value) == {
        "k^[": ["⟨0xFF⟩^[", ["⟨U+202E⟩"], [1], None, True, 1.5]
    }
