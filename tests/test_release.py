# SPDX-License-Identifier: GPL-2.0-or-later
"""What a release needs is there, and said in one place."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
import tomllib
from pathlib import Path

from reviewer import __version__

TOP = Path(__file__).parent.parent
PROJECT = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_the_version_stands_in_one_place() -> None:
    assert "version" not in PROJECT
    assert "version" in PROJECT["dynamic"]
    assert importlib.metadata.version("kpf-review") == __version__


def test_the_changelog_tells_of_this_version() -> None:
    text = (TOP / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {__version__}" in text


def test_the_licence_is_the_one_that_is_declared() -> None:
    assert PROJECT["license"] == "GPL-2.0-or-later"
    assert "Version 2, June 1991" in (TOP / "LICENSE").read_text(encoding="utf-8")


def test_every_source_file_names_its_licence() -> None:
    """In its first lines, as the kernel does; data and cases have none of their own."""
    tag = f"SPDX-License-Identifier: {PROJECT['license']}"
    unmarked = [
        str(path.relative_to(TOP))
        for top in ("reviewer", "rules", "templates", "tests")
        for path in sorted((TOP / top).rglob("*"))
        if path.suffix in {".py", ".j2", ".css", ".cjs", ".toml"}
        and tag not in path.read_text(encoding="utf-8")[:200]
    ]
    assert not unmarked


def test_a_grammar_or_solver_has_an_upper_bound() -> None:
    """Another grammar finds other things: it comes with a release of ours."""
    for name in ("b4", "unidiff", "tree-sitter", "tree-sitter-c", "z3-solver"):
        (pinned,) = [d for d in PROJECT["dependencies"] if d.startswith(f"{name}>=")]
        assert "<" in pinned, pinned


def test_debug_shows_the_versions_of_the_parts() -> None:
    code = "import sys; from reviewer.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "--version", "-d"]
    out = subprocess.check_output(command, cwd=TOP, text=True).splitlines()
    assert out[0] == f"kpf-review {__version__}"
    for name in ("b4", "tree-sitter-c", "z3-solver"):
        assert f"{name} {importlib.metadata.version(name)}" in out


def test_every_part_that_a_review_needs_is_declared() -> None:
    from reviewer.cli import PARTS

    declared = {d.split(">=")[0] for d in PROJECT["dependencies"]}
    assert declared == set(PARTS)
