# SPDX-License-Identifier: GPL-2.0-or-later
"""Which sentences say that nothing changes: all of it, not a part."""

from __future__ import annotations

import pytest

from reviewer.rules.no_functional_change.promises import promise_in

CLAIMS = [
    "No functional change.",
    "No functional\nchange intended.",
    "There are no functional changes.",
    "-- no functional change intended.",
    "No functional change is intended.",
    "No functionality change in this patch.",
    "No functional change -- the code was right already.",
    "No functional change intended: foo() still returns NULL\nwhere it did.",
    "This does not bring functional changes to the code\nbase.",
    "This doesn't introduce any functional change.",
    "This patch should not change any behaviour.",
    "No change in behavior.",
    "no behavioural changes intended",
    "Without any functional change, just renames.",
    "No functional change\nSigned-off-by: A <a@b>",
    "mm: foo: rename bar (NFC)",
    "mm: foo: rename bar, NFCI\n\nBecause.",
    "Rename it.\n\nNFC\n\nSigned-off-by: A <a@b>",
]
NO_CLAIMS = [
    "No functional changes for software modes.",
    "No functional change to any other subsystem is intended.",
    "No functional change\nfor order-0 pages.",
    "No functional change except that the lock is taken earlier.",
    "No functional change -- except for the lock.",
    "This does not cause any functional change. Also replace all instances.",
    "This does not change the behaviour of foo().",
    "PCIe for WiFi, USB for BT and I2C for NFC.\n\nAnother paragraph.",
    "NFC: port100: rename bar",
    "nfc: hci: Save a few bytes",
    "Do a few non-functional style fixes.",
    "We want no functional regressions.",
]


@pytest.mark.parametrize("text", CLAIMS)
def test_a_claim(text: str) -> None:
    assert promise_in(f"mm: something\n\n{text}")


@pytest.mark.parametrize("text", NO_CLAIMS)
def test_no_claim(text: str) -> None:
    assert promise_in(f"mm: something\n\n{text}") is None
