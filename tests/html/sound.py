# SPDX-License-Identifier: GPL-2.0-or-later
"""What every page has to be, whatever stands on it."""

from __future__ import annotations


def assert_sound(met: dict, scripts: int = 0) -> None:
    """Nothing dead, nothing fetched, nothing said by axe, no sideways scrolling."""
    where = f"{met['page']} {met['look']}"
    assert met["axe"] == [], where
    assert met["troubles"] == [], where
    assert met["fetched"] == [], where
    assert met["dead"] == [], where
    assert met["doubled"] == [], where
    assert met["scripts"] == scripts, where
    assert met["wide"] <= 0, where
    assert met["first_stop"] == "Skip to the content", where
