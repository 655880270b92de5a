# SPDX-License-Identifier: GPL-2.0-or-later
"""Chromium without network, and axe in it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

PACKAGES = ("playwright-core@1.65.1", "axe-core@4.14.1")


@pytest.fixture(scope="session")
def modules(need) -> Path:
    """playwright-core and axe-core, installed once into the user's cache."""
    npm = need("npm", "npm")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = Path(os.environ.get("KPF_NODE") or cache / "kpf-review-node")
    found = folder / "node_modules"
    if not all((found / name.split("@")[0]).is_dir() for name in PACKAGES):
        folder.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder)]
        done = subprocess.run([*command, *PACKAGES], capture_output=True, text=True)
        if done.returncode and os.environ.get("KPF_REQUIRE_REAL") == "1":
            pytest.fail(f"npm install: {done.stderr[-500:]}")
        if done.returncode:
            pytest.skip("the browser tests need playwright-core and axe-core from npm")
    return found


@pytest.fixture(scope="session")
def browse(need, modules: Path):
    """browse(pages, looks): what Chromium met, one record a page and look.

    With KPF_SHOTS=FOLDER it leaves screenshots there.
    """
    shots = os.environ.get("KPF_SHOTS", "-")
    node, chromium = need("node", "nodejs"), need("chromium", "chromium")

    def visit(pages: list[Path], looks: str) -> list[dict]:
        script = Path(__file__).with_name("browser.cjs")
        command = [node, script, modules, chromium, shots, looks, *pages]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    return visit


@pytest.fixture(scope="session")
def press(need, modules: Path):
    """press(page, keys): after each key the page, what has the focus, what is seen."""
    node, chromium = need("node", "nodejs"), need("chromium", "chromium")

    def play(page: Path, keys: list[str]) -> list[dict]:
        script = Path(__file__).with_name("keys.cjs")
        command = [node, script, modules, chromium, page, *keys]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    return play
