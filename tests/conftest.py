# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures for the real parts: kernel trees, git, public-inbox, b4.

A real part that is absent makes its tests skip and say why; with KPF_REQUIRE_REAL=1
(as in CI) it makes them fail instead.
"""

from __future__ import annotations

import fcntl
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import tempfile
from functools import cache
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


# A program without a part of its own: what the probe says of it, and what brings it.
LACKING_PART = re.compile(
    r"Can't locate (\S+) in @INC|(\S+\.h): No such file|cannot find (\S+):"
    r"|You may need to install the (\S+) module"
)


@cache
def need_part(command: tuple[str, ...], packages: str, data: str = "") -> None:
    """Skip or fail where a program runs and says that a part of it is not there.

    A probe that fails for any other reason is left to the test to find out.
    """
    done = subprocess.run(
        command, input=data, capture_output=True, text=True, timeout=60, check=False
    )
    found = LACKING_PART.search(done.stderr)
    if done.returncode and found:
        part = next(filter(None, found.groups()))
        absent(f"{command[0]} has no {part} here (Debian packages {packages})")


def need_compiler() -> str:
    """The path of a gcc that makes programs: it needs a C library's headers too."""
    path = need_program("gcc", "gcc")
    program = "#include <stdio.h>\n#include <stdint.h>\nint main(void) { return 0; }\n"
    build = (path, "-x", "c", "-o", "/dev/null", "-")
    need_part(build, "gcc libc6-dev", program)
    return path


def need_send_email() -> str:
    """The path of a git whose send-email runs: it needs modules of Perl."""
    git = need_program("git", "git")
    core = subprocess.check_output([git, "--exec-path"], text=True).strip()
    if not (Path(core) / "git-send-email").exists():
        absent("git send-email is not installed (Debian package git-email)")
    with tempfile.TemporaryDirectory() as folder:
        mail = Path(folder) / "probe.eml"
        mail.write_text("From: a <a@example.org>\nSubject: probe\n\nprobe\n")
        dry = "send-email --dry-run --quiet --confirm=never --from=a@example.org"
        to = "--to=b@example.org --smtp-server=/bin/true"
        command = (git, "-C", folder, *dry.split(), *to.split(), str(mail))
        need_part(command, "git-email libmailtools-perl")
    return git


@pytest.fixture(scope="session")
def compiler() -> str:
    """A gcc that makes programs, else skip (fail in CI)."""
    return need_compiler()


@pytest.fixture(scope="session")
def send_email() -> str:
    """A git whose send-email runs, else skip (fail in CI)."""
    return need_send_email()


# A value of a parameter that stands for a kernel: "6.1", "6_12", "linux_6_1".
KERNEL = re.compile(r"(?:linux_|facts_)?6[._]\d+\Z")
_running: list[pytest.Item] = []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests on real kernels: ``-m 'not kernel'`` leaves them out."""
    for item in items:
        if on_a_kernel(item):
            item.add_marker(pytest.mark.kernel)


def on_a_kernel(item: pytest.Item) -> bool:
    """Whether a fixture that a test takes, or a parameter of it, is a real kernel."""
    call = getattr(item, "callspec", None)
    values = [str(value) for value in call.params.values()] if call else []
    return any(KERNEL.match(one) for one in (*item.fixturenames, *values))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item):
    _running[:] = [item]
    return (yield)


def kernel_tree(version: str) -> Path:
    """The unpacked tree of a Debian linux-source package, a git repository.

    $KPF_TREES/VERSION if it is there, else unpacked once from the installed package
    into $KPF_TREES (default: the user's cache folder).
    """
    for item in _running:
        assert item.get_closest_marker("kernel"), f"mark as kernel: {item.nodeid}"
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
