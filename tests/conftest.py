# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures for the real parts: kernel trees, git, public-inbox, b4.

A real part that is absent makes its tests skip and say why; with KPF_REQUIRE_REAL=1
(as in CI) it makes them fail instead.
"""

from __future__ import annotations

import fcntl
import importlib.util
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

# The shell starts what it runs in the background with SIGINT ignored, and the tests'
# processes would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

PACKAGES = Path("/usr/src")  # where Debian's linux-source packages put their tarball


def absent(reason: str) -> None:
    """Skip, or fail where real parts are required."""
    if os.environ.get("KPF_REQUIRE_REAL") == "1":
        pytest.fail(f"required for this run: {reason}")
    pytest.skip(reason)


@pytest.fixture(autouse=True)
def signals_as_they_were():
    """A run that a signal ended heeds no other; those of later tests do."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGVTALRM)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def need_program(name: str, package: str) -> str:
    """The path of a program, else skip or fail."""
    path = shutil.which(name)
    if path is None:
        absent(f"{name} is not installed (Debian package {package})")
    assert path is not None
    return path


def kernel_tree(version: str) -> Path:
    """The unpacked tree of a Debian linux-source package, a git repository.

    $KPF_TREES/VERSION if it is there, else unpacked once from the installed package
    into $KPF_TREES (default: the user's cache folder).
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    top = Path(os.environ.get("KPF_TREES") or cache / "kpf-review-trees")
    tree = top / version
    if is_unpacked(tree):
        return tree
    tarball = PACKAGES / f"linux-source-{version}.tar.xz"
    if not tarball.exists():
        absent(f"no kernel tree {version} (Debian package linux-source-{version})")
    top.mkdir(parents=True, exist_ok=True)
    with (top / f"{version}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one test process unpacks, the others wait
        if not is_unpacked(tree):
            unpack(tarball, tree)
    return tree


def is_unpacked(tree: Path) -> bool:
    return (tree / ".git/kpf-ready").exists() or (tree / ".unpacked").exists()


def unpack(tarball: Path, tree: Path) -> None:
    """Unpack and commit everything, so that the tree is a real repository."""
    part = tree.with_name(f"{tree.name}.part{os.getpid()}")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    run = subprocess.check_call
    run(["tar", "-xf", tarball, "-C", part, "--strip-components=1"])
    git = ["git", "-C", str(part)]
    run([*git, "init", "-q", "-b", "main"])
    for key, value in (
        ("user.name", "tree"),
        ("user.email", "tree@invalid"),
        ("gc.auto", "0"),  # packing the fresh objects would cost minutes
        ("core.looseCompression", "1"),
    ):
        run([*git, "config", key, value])
    # -f: the package's own .gitignore hides every file
    run([*git, "-c", "core.autocrlf=false", "add", "-Af"])
    run([*git, "commit", "-q", "-m", tarball.name])
    (part / ".git/kpf-ready").touch()
    part.rename(tree)


@pytest.fixture(scope="session")
def linux_6_1() -> Path:
    return kernel_tree("6.1")


@pytest.fixture(scope="session")
def linux_6_12() -> Path:
    return kernel_tree("6.12")


@pytest.fixture(scope="session")
def need():
    """need("mutt", "mutt"): the program's path, else skip (fail in CI)."""
    return need_program


@pytest.fixture(scope="session")
def need_module():
    """need_module("atheris", "how to get it"): skip without it (fail in CI)."""

    def need(name: str, how: str) -> None:
        if importlib.util.find_spec(name) is None:
            absent(f"the module {name} is not installed ({how})")

    return need


def load_beside(name: str):
    """A module next to this file: importmode=importlib has no sys.path for it."""
    spec = importlib.util.spec_from_file_location(
        name, Path(__file__).with_name(name + ".py")
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def new_inbox(tmp_path_factory):
    """new_inbox(mails=()): a public-inbox of its own on loopback, started."""
    Inbox = load_beside("inbox_server").Inbox
    started = []

    def start(mails=()):
        inbox = Inbox(tmp_path_factory.mktemp("inbox") / "archive", need_program)
        inbox.start(mails)
        started.append(inbox)
        return inbox

    yield start
    for inbox in started:
        inbox.stop()


@pytest.fixture(scope="session")
def inbox(new_inbox):
    """The public-inbox that tests share: .add(mails), .url, .env, .use(monkeypatch)."""
    return new_inbox()


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable():
    """A report may quote bytes that are no UTF-8; xdist's workers die of them."""
    return _spelt((yield))


def _spelt(value):
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {key: _spelt(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_spelt(item) for item in value)
    return value
