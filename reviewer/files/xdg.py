# SPDX-License-Identifier: GPL-2.0-or-later
"""The user's folders of ours, by the XDG Base Directory Specification."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

_WITHOUT = {"CACHE": ".cache", "DATA": ".local/share", "STATE": ".local/state"}


def folder(kind: str, environ: Mapping[str, str] | None = None) -> Path:
    """Returns ``$XDG_<kind>_HOME/kpf-review``, below $HOME where that is not set.

    ``kind`` is CACHE, DATA or STATE.  A relative path counts as not set, as the
    specification wants it.  Raises RuntimeError where there is no home either.
    """
    environ = os.environ if environ is None else environ
    home = environ.get(f"XDG_{kind}_HOME", "")
    if not home.startswith("/"):
        home = os.path.join(environ.get("HOME") or "~", _WITHOUT[kind])
    return Path(home).expanduser() / "kpf-review"
