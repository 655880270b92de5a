# SPDX-License-Identifier: GPL-2.0-or-later
"""The typed absence of a fact."""

from __future__ import annotations

from reviewer.models import NotChecked


class FactsMissing(Exception):
    """The tree does not say it, or not in a form that we can read.

    What depends on the fact cannot be judged: it becomes a ``not_checked`` line
    (``not_checked``), never a guess.
    """

    def __init__(self, what: str, why: str, file: str | None = None) -> None:
        super().__init__(what, why, file)
        self.not_checked = NotChecked(what, why, file)

    @property
    def what(self) -> str:
        """What could not be read."""
        return self.not_checked.what

    @property
    def why(self) -> str:
        """Why, in one line."""
        return self.not_checked.why

    def __str__(self) -> str:
        where = f" ({self.not_checked.file})" if self.not_checked.file else ""
        return f"{self.what}: {self.why}{where}"
