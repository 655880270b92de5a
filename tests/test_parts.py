# SPDX-License-Identifier: GPL-2.0-or-later
"""How tests are run by people: on all cores, and with what their machine has."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

TOP = Path(__file__).parent.parent
OPTIONS = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
    "pytest"
]["ini_options"]


@pytest.fixture
def conftest(pytestconfig: pytest.Config) -> ModuleType:
    """The conftest.py beside this file, as pytest has loaded it."""
    plugins = pytestconfig.pluginmanager.get_plugins()
    (found,) = [one for one in plugins if hasattr(one, "LACKING_PART")]
    return found


@pytest.fixture
def program(tmp_path: Path):
    """A program that says something on stderr and ends with a status."""

    def make(said: str, status: int) -> str:
        path = tmp_path / "program"
        path.write_text(f"#!/bin/sh\ncat >&2 <<'END'\n{said}\nEND\nexit {status}\n")
        path.chmod(0o755)
        return str(path)

    return make


def test_all_cores_are_used_unless_somebody_says_otherwise() -> None:
    words = OPTIONS["addopts"].split()
    assert words[words.index("-n") + 1] == "auto"
    contributing = (TOP / ".github/CONTRIBUTING.md").read_text(encoding="utf-8")
    assert "-n 0" in contributing
    assert 'not kernel"' in contributing


@pytest.mark.parametrize(
    ("said", "part"),
    [
        ("Can't locate Mail/Address.pm in @INC (you may need to)", "Mail/Address.pm"),
        ("fatal error: stdio.h: No such file or directory", "stdio.h"),
        ("/usr/bin/ld: cannot find crt1.o: No such file", "crt1.o"),
    ],
)
def test_a_program_without_a_part_skips_and_says_what_to_install(
    conftest, program, said: str, part: str, monkeypatch
) -> None:
    monkeypatch.setitem(os.environ, "KPF_REQUIRE_REAL", "0")
    with pytest.raises(pytest.skip.Exception, match=part) as skipped:
        conftest.need_part((program(said, 1),), "some-package")
    assert "some-package" in str(skipped.value)
    monkeypatch.setitem(os.environ, "KPF_REQUIRE_REAL", "1")
    with pytest.raises(pytest.fail.Exception, match=part):
        conftest.need_part((program(said, 1), "again"), "some-package")


@pytest.mark.parametrize(("said", "status"), [("no such option", 1), ("stdio.h", 0)])
def test_a_program_that_fails_otherwise_is_the_tests_affair(
    conftest, program, said: str, status: int
) -> None:
    conftest.need_part((program(said, status),), "some-package")


def test_a_real_kernel_is_for_marked_tests_only(conftest) -> None:
    with pytest.raises(AssertionError, match="mark as kernel"):
        conftest.kernel_tree("6.12")


@pytest.mark.parametrize("version", ["6.1"])
def test_a_parameter_that_is_a_kernel_marks_its_test(request, version: str) -> None:
    assert request.node.get_closest_marker("kernel")
