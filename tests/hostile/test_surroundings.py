# SPDX-License-Identifier: GPL-2.0-or-later
"""What lies around a run: its environment, its folders, the kind of repository.

No door is listed by name in an issue; each was tried by hand first.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import doors as made
import pytest

import reviewer

PACKAGE = Path(reviewer.__file__).parent
DEMO = PACKAGE / "demo" / "series.mbox"
FOUND = "mask-precedence"


@pytest.fixture
def doors(world):
    one = made.Doors(world)
    one.make()
    return one


def rules(shown: str) -> list[str]:
    return [finding["rule"] for finding in json.loads(shown)["findings"]]


def checked(doors, *words: str) -> list[str]:
    """What a check finds, whatever it is that lies around."""
    status, shown, said = doors.kpf("check", "--format", "json", *words)
    assert status == 1, said
    assert "Traceback" not in said
    return rules(shown)


# --- variables ------------------------------------------------------------------------

ELSEWHERE = dict.fromkeys(
    [
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_COMMON_DIR",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_SHALLOW_FILE",
        "GIT_GRAFT_FILE",
        "GIT_EXEC_PATH",
        "GIT_TEMPLATE_DIR",
        "GIT_ATTR_SOURCE",
        "GIT_NAMESPACE",
        "GIT_REPLACE_REF_BASE",
        "GIT_PREFIX",
        "GIT_CEILING_DIRECTORIES",
    ],
    "/nowhere",
)
LOUD = {
    "GIT_TRACE": "1",
    "GIT_TRACE2": "1",
    "GIT_TRACE_SETUP": "1",
    "GIT_CURL_VERBOSE": "1",
    "GIT_DEFAULT_HASH": "sha256",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NOGLOB_PATHSPECS": "1",
    "GIT_FLUSH": "0",
    "GIT_DIFF_OPTS": "-u0",
    "GIT_REF_PARANOIA": "1",
    "GIT_DEFAULT_REF_FORMAT": "reftable",
}
FOLDERS = ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME")
STARTERS = (
    *("GIT_EXTERNAL_DIFF", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_PROXY_COMMAND"),
    *("GIT_EDITOR", "GIT_SEQUENCE_EDITOR", "GIT_PAGER", "GIT_ASKPASS", "SSH_ASKPASS"),
    *("PAGER", "EDITOR", "VISUAL", "BROWSER", "MANPAGER", "LESSOPEN", "GPG"),
)


@pytest.mark.parametrize("kind", ["elsewhere", "loud", "starters"])
def test_variables_of_git_change_nothing(kind: str, doors) -> None:
    starters = dict.fromkeys(STARTERS, str(doors.canary))
    doors.world.environment |= {
        "elsewhere": ELSEWHERE,
        "loud": LOUD,
        "starters": starters,
    }[kind]
    assert checked(doors, "base..main") == [FOUND]
    status, _, said = doors.kpf("check", "--fix")
    assert status == 1, said
    assert "(x & 0x10) == 0x10" in (doors.top / "lib/one.c").read_text()
    assert not doors.ran.exists()


@pytest.mark.parametrize(
    "variables",
    [
        {"HOME": None},
        {"HOME": "relative", "LC_ALL": "C"},
        {"HOME": "/nowhere", "LC_ALL": "no_SUCH", "LANGUAGE": "de"},
        {"TMPDIR": "/nowhere", "PYTHONIOENCODING": "ascii"},
        {"TMPDIR": "/dev/null", "TERM": "\x1b[2J", "COLUMNS": "-1", "LINES": "x"},
        {"COLUMNS": "9" * 30, "NO_COLOR": "\x1b", "CLICOLOR_FORCE": "1"},
        dict.fromkeys(FOLDERS, "/dev/null"),
        {**dict.fromkeys(FOLDERS, "relative"), "SUDO_UID": "x", "TZ": "../../etc/x"},
        {"PATH": ""},
    ],
    ids=str,
)
def test_an_odd_environment(variables: dict[str, str | None], doors) -> None:
    """The same findings, or one line that says what is missing."""
    for name, value in variables.items():
        doors.world.environment.pop(name, None)
        if value is not None:
            doors.world.environment[name] = value
    before = doors.world.files(without="home/.cache")
    for words in (("check", "--format", "json", "base..main"), ("setup", "b4")):
        status, shown, said = doors.kpf(*words)
        assert "Traceback" not in said
        assert "internal error" not in said
        if "PATH" in variables:
            assert (status, said) == (3, "kpf-review: git is not installed\n")
        elif words[0] == "check":
            assert status == 1, said
            assert rules(shown) == [FOUND]
    assert doors.world.files(without="home/.cache") == before
    assert not Path("/nowhere").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("setup", "b4"),
        ("setup", "b4", "--write"),
        ("learn", "1", "--answer", "x"),
        ("cache",),
        ("config",),
        ("x@example.org", "--offline"),
        (str(DEMO),),
    ],
    ids=" ".join,
)
def test_a_user_that_nobody_knows(words, here, monkeypatch) -> None:
    """No HOME and no entry in passwd, as in a container: said in a line."""
    import pwd

    def unknown(number: int) -> None:
        raise KeyError(f"getpwuid(): uid not found: {number}")

    monkeypatch.setenv("HOME", "")
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    status, _, said = here(*words)
    assert status in (0, 1, 2, 3)
    assert "internal error" not in said
    assert "uid not found" not in said


def test_a_folder_for_temporary_files_that_is_full(doors, small_disk) -> None:
    small = small_disk(doors.world.top / "small", "size=4k,nr_inodes=4")
    for number in range(9):
        try:
            (small / f"x{number}").write_bytes(b"x" * 4096)
        except OSError:
            break
    doors.world.environment["TMPDIR"] = str(small)
    for words in (("check",), ("check", "--fix"), ("setup", "b4", "--write")):
        before = (doors.top / "lib/one.c").read_bytes()
        status, shown, said = doors.kpf(*words)
        assert "Traceback" not in said
        assert "internal error" not in said
        if status > 1:  # else Python has taken another folder
            assert shown == ""
            (line,) = said.splitlines()
            assert "space" in line or "disk" in line
            assert (doors.top / "lib/one.c").read_bytes() == before


def test_the_folder_that_we_are_in_is_gone(doors) -> None:
    gone = doors.world.top / "gone"
    gone.mkdir()
    script = 'cd "$1" && rmdir "$1" && shift && exec "$@"'
    command = [sys.executable, "-m", "reviewer.cli"]
    for words in (("check",), (str(DEMO),), ("setup", "b4"), ("config",)):
        gone.mkdir(exist_ok=True)
        done = subprocess.run(
            ["sh", "-c", script, "sh", str(gone), *command, *words],
            env=doors.world.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stderr, words
        assert "internal error" not in done.stderr, words
        assert "git is not installed" not in done.stderr, words
        assert done.returncode in (0, 1, 2, 3)


# --- programs and modules of the tree -------------------------------------------------

MODULES = ("jinja2", "z3", "tree_sitter", "b4", "rules", "templates", "re", "unidiff")


def plant(top: Path, ran: Path) -> None:
    """Modules and programs of names that a run looks for."""
    for name in MODULES:
        (top / name).mkdir(exist_ok=True)
        (top / name / "__init__.py").write_text(f"open({str(ran)!r}, 'w')\n")
    for name in ("sitecustomize.py", "usercustomize.py", "conftest.py"):
        (top / name).write_text(f"open({str(ran)!r}, 'w')\n")
    for name in ("git", "b4", "perl", "sh", "gpg", "kpf-review"):
        place = top / f"bin-{name}" / name
        place.parent.mkdir(exist_ok=True)
        place.write_text(f"#!/bin/sh\ntouch {ran}\n")
        place.chmod(0o755)
        if not (top / name).exists():
            shutil.copy(place, top / name)


COMMANDS = (
    ("check", "base..main"),
    ("check", "--fix"),
    ("scan", "lib"),
    ("behaviour", "base..main"),
    ("setup", "b4"),
    (str(DEMO), "--format", "mail"),
)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_modules_and_programs_of_the_tree_are_not_ours(words, doors) -> None:
    """Rules and templates are none that lie about, and modules no files of the tree."""
    plant(doors.top, doors.ran)
    status, _, said = doors.kpf(*words)
    assert status in (0, 1, 3), said
    assert not doors.ran.exists()


def test_what_b4_is_told_to_call_does_not_look_for_modules_in_the_tree(
    doors, tmp_path, monkeypatch
) -> None:
    """Where no program lies beside Python it is called as a module, from the tree."""
    from reviewer.b4 import starters

    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    (tmp_path / "python").symlink_to(Path(sys.prefix) / "bin/python")
    command = starters.program()
    (doors.top / "reviewer").mkdir()
    for name in ("__init__", "cli"):
        (doors.top / f"reviewer/{name}.py").write_text(
            f"open({str(doors.ran)!r}, 'w')\n"
        )
    done = subprocess.run(
        [Path(sys.prefix) / "bin/python", *command[1:], "--version"],
        cwd=doors.top,
        env=doors.world.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not doors.ran.exists()
    assert done.stdout.startswith("kpf-review "), done.stderr


# --- kinds of repository --------------------------------------------------------------


def bare(doors) -> Path:
    there = doors.world.top / "bare.git"
    doors.git("clone", "-q", "--bare", str(doors.top), str(there))
    return there


def shallow(doors) -> Path:
    there = doors.world.top / "shallow"
    doors.git("clone", "-q", "--depth", "2", f"file://{doors.top}", str(there))
    return there


def linked(doors) -> Path:
    there = doors.world.top / "linked"
    doors.git("worktree", "add", "-q", "--detach", str(there), "main")
    doors.git("config", "extensions.worktreeConfig", "true")
    doors.git("config", "--worktree", "core.fsmonitor", str(doors.canary))
    return there


def borrowed(doors) -> Path:
    there = doors.world.top / "borrowed"
    doors.git("clone", "-q", "-s", str(doors.top), str(there))
    return there


def elsewhere(doors) -> Path:
    """A .git file, as submodules have it."""
    there = doors.world.top / "apart"
    words = ("--separate-git-dir", str(doors.world.top / "git dir"))
    doors.git("clone", "-q", *words, str(doors.top), str(there))
    return there


def sha256(doors) -> Path:
    return converted(doors, "--object-format=sha256")


def reftable(doors) -> Path:
    return converted(doors, "--ref-format=reftable")


def converted(doors, option: str) -> Path:
    there = doors.world.top / "converted"
    there.mkdir()
    doors.top, old = there, doors.top
    try:
        doors.git("init", "-q", "-b", "main", option, ".")
    except subprocess.CalledProcessError:
        pytest.skip(f"this git has no {option}")
    for name, text in made.KERNEL.items():
        doors.write(name, text)
    doors.git("add", "-A")
    doors.git("commit", "-qm", "the kernel")
    doors.git("branch", "base")
    doors.write("lib/one.c", made.KERNEL["lib/one.c"] + made.BAD)
    doors.git("commit", "-qam", made.MESSAGE)
    doors.top = old
    return there


KINDS = (bare, shallow, linked, borrowed, elsewhere, sha256, reftable)


@pytest.mark.parametrize("kind", KINDS, ids=lambda one: one.__name__)
def test_a_kind_of_repository(kind, doors) -> None:
    """The same findings in each; a fix where there is a worktree and a branch."""
    doors.top = kind(doors)
    if kind is bare:
        status, _, said = doors.kpf("scan", "--base", "HEAD", "lib")
        assert status == 1, said
        return
    assert checked(doors, "HEAD~1..HEAD") == [FOUND]
    status, _, said = doors.kpf("check", "--fix", "HEAD~1..HEAD")
    assert status == 1, said
    assert "(x & 0x10) == 0x10" in (doors.top / "lib/one.c").read_text(), said
    assert doors.git("diff-index", "--cached", "HEAD") == ""
    assert not doors.ran.exists()


def test_replaced_and_grafted_commits(doors) -> None:
    tree = doors.git("rev-parse", "base^{tree}").strip()
    other = doors.git("commit-tree", tree, "-m", "other").strip()
    doors.git("replace", "main", other)
    (doors.top / ".git/info/grafts").write_text(f"{other} {other}\n")
    for words in (("check", "base..main"), ("check", "--fix"), ("scan", "lib")):
        status, _, said = doors.kpf(*words)
        assert status in (0, 1, 2, 3)
        assert "Traceback" not in said
        assert "internal error" not in said


def test_a_repository_that_cannot_be_written(doors) -> None:
    before = doors.world.files(without="home/.cache")
    for folder, _, _ in os.walk(doors.top):
        os.chmod(folder, 0o555)
    done = subprocess.run(
        [sys.executable, "-m", "reviewer.cli", "check", "--fix"],
        cwd=doors.top,
        env=doors.world.environment,
        capture_output=True,
        text=True,
        preexec_fn=doors.world.without_root,
        check=False,
    )
    for folder, _, _ in os.walk(doors.top):
        os.chmod(folder, 0o755)
    assert done.returncode == 2, done.stderr
    (line,) = done.stderr.splitlines()
    assert "ermission" in line
    assert doors.world.files(without="home/.cache") == before


def test_a_repository_of_somebody_else(doors) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    os.chown(doors.top / ".git", 4711, 4711)
    status, shown, said = doors.kpf("check")
    assert (status, shown) == (3, "")
    assert "dubious ownership" in said
    doors.world.environment["GIT_CONFIG_GLOBAL"] = str(doors.world.top / "safe")
    (doors.world.top / "safe").write_text(f"[safe]\n\tdirectory = {doors.top}\n")
    assert checked(doors) == [FOUND]


# --- links and pipes of the tree ------------------------------------------------------

PLACES = (
    *("MAINTAINERS", "Makefile", "Kbuild", "include/linux/one.h", "lib/one.c"),
    *("lib", "include", "include/linux", "scripts", "Documentation", "Kconfig"),
    *("arch", ".b4-config", ".mailmap", ".gitmodules", "scripts/get_maintainer.pl"),
)
TARGETS = ("/etc", "/dev/zero", "..", "loop", "pipe", "secret")


@pytest.mark.parametrize("target", TARGETS)
def test_what_stands_in_the_place_of_a_file_of_the_tree(
    target: str, world, here, monkeypatch
) -> None:
    """A plain folder, so that the files are read where they lie."""
    doors = made.Doors(world)
    for name, text in made.KERNEL.items():
        doors.write(name, text)
    doors.write("lib/other.c", "#include <linux/one.h>\n" + made.BAD)
    copy = world.top / "copy"
    shutil.copytree(doors.top, copy)
    for number, place in enumerate(PLACES):
        shutil.rmtree(doors.top)
        shutil.copytree(copy, doors.top)
        put(doors.top / place, target, world)
        monkeypatch.chdir(doors.top)
        words = (("scan", "lib"), ("facts", "flags"), (str(DEMO), "--tree", "."))
        status, shown, said = here(*words[number % 3])
        assert status in (0, 1, 2, 3), (place, said)
        assert "Traceback" not in said, place
        assert "internal error" not in said, place
        assert "TOP-SECRET" not in shown.decode() + said, place


def put(place: Path, target: str, world) -> None:
    if place.is_dir():
        shutil.rmtree(place)
    place.unlink(missing_ok=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    if target == "pipe":
        os.mkfifo(place)
    elif target == "secret":
        place.symlink_to(world.top / "secret")
    else:
        place.symlink_to(place.name if target == "loop" else target)


# --- settings that a stranger has written ---------------------------------------------

VALUES = ("", "-1", "9" * 40, "\x1b[2J", "/dev/zero")


@pytest.mark.parametrize("value", VALUES, ids=ascii)
def test_settings_of_the_tree_are_names_and_numbers(
    value: str, doors, here, monkeypatch
) -> None:
    from reviewer.config import KNOWN

    monkeypatch.chdir(doors.top)

    config = doors.top / ".git/config"
    text = config.read_text()
    for name in KNOWN:
        config.write_text(f'{text}[kpf]\n\t{name} = "{value}"\n')
        status, shown, said = here("check")
        assert status in (0, 1, 2, 3), (name, said)
        assert "Traceback" not in said, name
        assert "internal error" not in said, name
        assert "\x1b" not in said + shown.decode(), name
    assert not doors.ran.exists()


# --- output ---------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 100, 1500, 4096])
def test_a_disk_that_fills_up_keeps_all_drafts_or_none(size: int, doors) -> None:
    """Whatever of the drafts fits: one that is there already is never lost."""
    out = doors.world.top / "out"
    out.mkdir()
    words = [str(DEMO), "--tree", str(doors.world.tree), "--output", str(out)]
    status, _, said = doors.kpf(*words)
    assert status == 1, said
    drafts = {file.name: file.read_bytes() for file in out.iterdir()}
    assert len(drafts) > 1
    first = out / min(drafts)
    first.write_bytes(b"what I have typed")

    def limited() -> None:
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    for more in ([], ["--force"]):
        done = subprocess.run(
            [sys.executable, "-m", "reviewer.cli", *words, *more],
            cwd=doors.top,
            env=doors.world.environment,
            capture_output=True,
            preexec_fn=limited,
            check=False,
        )
        assert done.returncode in (1, 2, 3), done.stderr
        if done.returncode != 1:
            assert first.read_bytes() == b"what I have typed"
        assert {file.name for file in out.iterdir()} == set(drafts)


def test_a_folder_for_drafts_that_is_a_link(doors) -> None:
    real = doors.world.top / "real"
    real.mkdir()
    (doors.world.top / "out").symlink_to(real)
    (doors.world.top / "dangling").symlink_to(doors.world.top / "nowhere")
    words = (str(DEMO), "--tree", str(doors.world.tree), "--output")
    status, _, said = doors.kpf(*words, "../out")
    assert status == 1, said
    assert list(real.glob("*.eml"))
    status, _, said = doors.kpf(*words, "../dangling")
    assert status == 2, said
    assert len(said.splitlines()) == 1
    assert not (doors.world.top / "nowhere").exists()


@pytest.mark.parametrize("words", ["check", "rules", f"{DEMO} --format mail"])
def test_a_reader_that_goes(words: str, doors) -> None:
    command = f'"$1" -m reviewer.cli {words} | true'
    done = subprocess.run(
        ["sh", "-c", command, "sh", sys.executable],
        cwd=doors.top,
        env=doors.world.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert "Broken pipe" not in done.stderr
