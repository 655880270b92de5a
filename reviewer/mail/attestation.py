# SPDX-License-Identifier: GPL-2.0-or-later
"""What b4 says of the signatures of the patches that were fetched."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from reviewer import repository
from reviewer.models import Patch, Series

SIGNATURE_HEADERS = ("X-Developer-Signature", "DKIM-Signature")


def with_attestation(series: Series, raw: list[bytes]) -> Series:
    """Returns the series with the attestation that b4 finds on its signed patches.

    Only after ``fetch_thread``, whose configuration of b4 holds.  A patch without a
    signature stays "not checked" (None): b4 reports no difference between unsigned
    and unchecked.  DKIM asks the DNS for each patch, so it is checked only where the
    user's configuration asks for it by ``b4.attestation-check-dkim = yes``.
    """
    import b4
    import liblore.utils

    by_id = {liblore.utils._clean_msgid_raw(mail): mail for mail in raw}

    def with_attestation(patch: Patch) -> Patch:
        mail = by_id.get(patch.headers.message_id)
        if mail is None:
            return patch
        return replace(patch, attestation=_attestation(b4, mail))

    with repository.shown_to_b4(None):
        patches = tuple(with_attestation(patch) for patch in series.patches)
    return replace(series, patches=patches)


def _attestation(b4: Any, raw: bytes) -> str | None:
    """``signed ed25519/dev@example.org``, or None where nothing was checked."""
    head = raw.partition(b"\n\n")[0].lower()
    if not any(name.lower().encode() + b":" in head for name in SIGNATURE_HEADERS):
        return None
    config = b4.get_main_config()
    policy = str(config.get("attestation-policy", "softfail"))
    days = str(config.get("attestation-staleness-days", "0"))
    try:
        message = b4.LoreMessage(b4.liblore.utils.parse_message(raw))
        found, _, _ = message.get_attestation_status(
            policy, int(days) if days.isdigit() else 0
        )
    except (Exception, SystemExit):  # noqa: BLE001 - a check that breaks is no check
        return None
    told = [_attestation_in_words(attestation) for attestation in found]
    return ", ".join(told) or None


def _attestation_in_words(attestation: dict[str, Any]) -> str:
    text = f"{attestation['status']} {attestation['identity']}"
    mismatch = attestation.get("mismatch")
    return f"{text} (From is {mismatch})" if mismatch else text
