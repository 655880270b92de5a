# SPDX-License-Identifier: GPL-2.0-or-later
"""Importing b4 changes how Python writes UTF-8 headers in the whole process."""

from __future__ import annotations


def test_names_are_encoded_words_all_the_same():
    import b4  # noqa: F401 - for what it does to email.charset

    from reviewer.models import Address
    from reviewer.output.draft.reply import _subject, address_line

    line = address_line("Cc", [Address("Zoë Löw", "zoe@example.net")])
    assert line.isascii()
    assert _subject("[PATCH] mm: Größe").isascii()
