# SPDX-License-Identifier: GPL-2.0-or-later
"""What holds below a path, and for what is about several files."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from reviewer import profiles
from reviewer.commands import options
from reviewer.config import Setting, Settings
from reviewer.models import Confidence, Judged, Report, Severity, TreeInfo


def remark(file: str, patch: int | None, rule: str = "r") -> Judged:
    return Judged(rule, Severity.LOW, Confidence.LIKELY, file, 1, patch=patch)


def left(found: Judged, **settings: str) -> list[Judged]:
    """What is heard of a remark on a series of two patches: fs/, and fs/ with mm/."""
    changes = ((1, ("fs/a.c",)), (2, ("fs/b.c", "mm/c.c")))
    states: Any = tuple(
        SimpleNamespace(
            patch=SimpleNamespace(index=index),
            changes=[SimpleNamespace(path=path) for path in paths],
        )
        for index, paths in changes
    )
    report = Report(None, TreeInfo("none", None, "none", None), states, (found,))
    written = tuple(
        Setting(f"fs/.{key}", value, "x") for key, value in settings.items()
    )
    wanted = Settings({}, profile_settings=written).profiles()
    return list(options.as_wanted(wanted, report))


@pytest.mark.parametrize(
    ("found", "heard"),
    [
        (remark("fs/a.c", 1), False),
        (remark("fsx/a.c", 1), True),
        (remark("mm/c.c", 2), True),
        (remark("", 1), False),  # the message of a patch that is below it as a whole
        (remark("", 2), True),
        (remark("", None), True),  # the series is not
        (remark("fs/a.c", 1, "other"), True),
    ],
)
def test_what_a_remark_is_about_decides(found: Judged, heard: bool) -> None:
    assert bool(left(found, ignore="r")) is heard


def test_severity_and_sentence() -> None:
    (told,) = left(remark("fs/a.c", 1), severity="r=high, x=low", say="r: Thus.")
    assert (told.severity, told.added) == (Severity.HIGH, "Thus.")
    (plain,) = left(remark("mm/c.c", 2), severity="r=high", say="r: Thus.")
    assert (plain.severity, plain.added) == (Severity.LOW, "")


def test_the_longer_path_wins_and_rules_ignored_add_up() -> None:
    short = profiles.Profile(frozenset({"a"}), severity={"r": Severity.HIGH})
    long = profiles.Profile(frozenset({"b"}), severity={"r": Severity.INFO})
    found = profiles.profile_for({"fs/proc/": long, "fs": short}, ["fs/proc/page.c"])
    assert found.ignore == {"a", "b"}
    assert found.severity == {"r": Severity.INFO}
    assert profiles.profile_for({"fs": short}, []) == profiles.Profile()


def test_nothing_is_left_that_no_profile_selects() -> None:
    assert left(remark("fs/a.c", 1), select="r")
    assert not left(remark("fs/a.c", 1), select="s")
