# SPDX-License-Identifier: GPL-2.0-or-later
"""A tree that a stranger packed: its git configuration, its commits, its files.

Its contents may mislead a review; nothing of it may run, hang the program or reach
outside, and nothing may change.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

import reviewer

# What a template would make of {{ 7 * 191 }}, and not a part of a commit id.
MADE = re.compile(r"(?<![0-9a-f]{4})1337(?![0-9a-f]{4})")

DEMO = Path(reviewer.__file__).parent / "demo/series.mbox"
SECRET = b"TOP-SECRET-OF-THE-REVIEWER"
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)
# Whatever git is known to start, by the name of the setting; {} is what must not run.
RUNS = """
[core]
\tfsmonitor = {}
\thooksPath = {top}/hooks
\tpager = {}
\teditor = {}
\tsshCommand = {}
\taskPass = {}
\tgitProxy = {}
\talternateRefsCommand = {}
\tattributesFile = {top}/attributes
[alias]
\tcat-file = !{}
\tformat-patch = !{}
\trev-parse = !{}
\tgrep = !{}
[pager]
\tlog = {}
\tgrep = {}
\tformat-patch = {}
[diff]
\texternal = {}
\torderFile = {top}/secret
\tsubmodule = diff
[diff "x"]
\tcommand = {}
\ttextconv = {}
[filter "x"]
\tclean = {}
\tsmudge = {}
\tprocess = {}
\trequired = true
[merge "x"]
\tdriver = {}
[gpg]
\tprogram = {}
[gpg "ssh"]
\tprogram = {}
\tdefaultKeyCommand = {}
[log]
\tshowSignature = true
[credential]
\thelper = !{}
[interactive]
\tdiffFilter = {}
[trailer "Reviewed-by"]
\tcommand = {}
\tcmd = {}
[uploadpack]
\tpackObjectsHook = {}
[sequence]
\teditor = {}
[include]
\tpath = {top}/included
[includeIf "gitdir:**"]
\tpath = {top}/included
[protocol]
\tallow = always
[protocol "ext"]
\tallow = always
[extensions]
\tpartialClone = origin
[remote "origin"]
\turl = "ext::sh -c touch% {top}/ran"
\tpromisor = true
[remote "other"]
\tvcs = ext
\tuploadpack = {}
"""


@pytest.fixture
def repo(world) -> Path:
    """The world's tree as a repository of two commits."""
    (world.tree / "fs/secret.c").unlink()
    git(world, "init", "-q")
    git(world, "add", "-A")
    git(world, "commit", "-qm", "the kernel")
    page = world.tree / "fs/proc/page.c"
    wrong = "if (((unsigned long)page->mapping) & PAGE_MAPPING_KSM)"
    page.write_text(page.read_text().replace("if (PageKsm(page))", wrong))
    git(world, "commit", "-qam", "fs/proc: look\n\nSigned-off-by: R <rita@example.org>")
    return world.tree


def git(world, *words: str, stdin: bytes | None = None) -> str:
    """Git without the settings of the reviewer's home, which are traps."""
    environment = dict(world.environment, GIT_CONFIG_GLOBAL=os.devnull)
    return (
        subprocess.run(
            [
                "git",
                "-C",
                str(world.tree),
                "-c",
                "user.name=Rita",
                "-c",
                "user.email=rita@example.org",
                *words,
            ],
            check=True,
            capture_output=True,
            env=environment,
            input=stdin,
        )
        .stdout.decode()
        .strip()
    )


def arm(world) -> None:
    """Set every trap."""
    top = world.top
    text = RUNS.replace("{}", f"touch {top}/ran; false").replace("{top}", str(top))
    with (world.tree / ".git/config").open("a") as config:
        config.write(text)
    (top / "included").write_text(f"[core]\n\tpager = touch {top}/ran\n")
    (top / "attributes").write_text("* diff=x filter=x merge=x\n")
    (world.tree / ".gitattributes").write_text("* diff=x filter=x merge=x\n")
    (world.tree / ".git/info/attributes").write_text("* diff=x filter=x merge=x\n")
    for folder in (top / "hooks", world.tree / ".git/hooks"):
        folder.mkdir(exist_ok=True)
        for name in HOOKS:
            (folder / name).write_text(f"#!/bin/sh\ntouch {top}/ran\n")
            (folder / name).chmod(0o755)
    (world.tree / ".b4-config").write_text(
        "[b4]\n\tmidmask = http://127.0.0.1:9/%s\n\tgpgbin = touch\n"
        f"\tprep-perpatch-check-cmd = touch {top}/ran\n"
        f"\tam-perpatch-check-cmd = touch {top}/ran\n"
        f"\tsend-auto-to-cmd = touch {top}/ran\n"
    )


def commands(world) -> list[tuple[str, ...]]:
    """Every subcommand that looks at a tree."""
    tree = ("--tree", str(world.tree))
    return [
        (str(DEMO), *tree, "--base", "HEAD~1"),
        (str(DEMO), *tree, "--format", "json"),
        ("check", "HEAD~1..HEAD"),
        ("check",),
        ("behaviour", "HEAD~1..HEAD", *tree),
        ("scan", *tree, "fs"),
        ("scan", *tree, "--base", "HEAD", "fs"),
        ("facts", *tree),
        ("explain", "PG_lru", *tree),
        ("followup", str(DEMO)),
        ("factcheck", str(DEMO), *tree),
        ("report", str(DEMO), *tree, "--html", "-"),
        ("config",),
        ("agent", *tree),
    ]


HOOKS = (
    "post-checkout",
    "applypatch-msg",
    "fsmonitor-watchman",
    "reference-transaction",
    "post-index-change",
    "pre-commit",
)
NAMES = range(14)


@pytest.mark.parametrize("number", NAMES)
def test_nothing_that_the_repository_is_configured_for_runs(
    number: int, world, here, repo, monkeypatch
) -> None:
    arm(world)
    monkeypatch.chdir(world.tree)
    before = world.files()
    status, out, said = here(*commands(world)[number])
    assert not (world.top / "ran").exists()
    assert status in (0, 1, 2, 3)
    assert "Traceback" not in said
    assert "internal error" not in said
    assert SECRET not in out
    after = world.files()
    after.pop(str(world.tree / "-"), None)  # report --html -: a file of that name
    kept = str(world.top / "home/.cache")  # what SECURITY.md says is kept of a tree
    after = {path: what for path, what in after.items() if not path.startswith(kept)}
    before = {path: what for path, what in before.items() if not path.startswith(kept)}
    assert after == before


@pytest.mark.parametrize("number", NAMES)
def test_an_object_that_is_not_there_is_not_fetched(
    number: int, world, here, repo, monkeypatch
) -> None:
    """A partial clone fetches what it lacks, by a transport that is a shell line."""
    blobs = {git(world, "rev-parse", f"HEAD{n}:fs/proc/page.c") for n in ("", "~1")}
    arm(world)
    for blob in blobs:
        (world.tree / f".git/objects/{blob[:2]}/{blob[2:]}").unlink()
    monkeypatch.chdir(world.tree)
    status, _, said = here(*commands(world)[number])
    assert not (world.top / "ran").exists()
    assert status in (0, 1, 2, 3)
    assert "Traceback" not in said


def test_every_command_is_tried(world) -> None:
    assert len(commands(world)) == len(NAMES)


@pytest.mark.parametrize(
    "kind", ["file", "to-etc", "link", "fifo", "zero", "empty", "worktree", "bare"]
)
def test_a_git_folder_that_is_none(kind: str, world, here) -> None:
    place = world.tree / ".git"
    if kind == "file":
        place.write_text("gitdir: ../../../../etc\n")
    elif kind == "to-etc":
        place.write_text("gitdir: /etc\n")
    elif kind == "link":
        place.symlink_to("/proc/self")
    elif kind == "fifo":
        os.mkfifo(place)
    elif kind == "zero":
        place.symlink_to("/dev/zero")
    elif kind == "empty":
        place.mkdir()
    else:
        git(world, "init", "-q")
        with (place / "config").open("a") as config:
            config.write(
                f"[core]\n\tworktree = {world.top}\n"
                if kind == "worktree"
                else "[core]\n\tbare = true\n"
            )
    status, out, said = here(str(DEMO), "--tree", str(world.tree))
    assert status in (1, 2, 3)
    assert "Traceback" not in said
    assert SECRET not in out
    if status == 2:
        assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    "kind", ["fifo", "zero", "loop", "outside", "folder", "binary", "huge", "socket"]
)
@pytest.mark.parametrize("command", ["review", "scan", "behaviour"])
def test_a_file_of_the_tree_that_is_none(kind: str, command: str, world, here) -> None:
    place = world.tree / "fs/proc/page.c"
    text = place.read_bytes()
    place.unlink()
    if kind == "fifo":
        os.mkfifo(place)
    elif kind == "zero":
        place.symlink_to("/dev/zero")
    elif kind == "loop":
        place.symlink_to("page.c")
    elif kind == "outside":
        place.symlink_to(world.top / "secret")
    elif kind == "folder":
        place.mkdir()
    elif kind == "binary":
        place.write_bytes(bytes(range(256)) * 400)
    elif kind == "huge":
        place.write_bytes(text + b"/* x */\n" * (9 << 20))
    else:
        import socket

        server = socket.socket(socket.AF_UNIX)
        try:
            server.bind(str(place))
        except OSError:
            pytest.skip("too long a name for a socket")
    words = {
        "review": (str(DEMO),),
        "scan": ("scan", "fs"),
        "behaviour": ("behaviour", str(DEMO)),
    }[command]
    status, out, said = here(*words, "--tree", str(world.tree))
    assert status in (0, 1, 2, 3)
    assert "Traceback" not in said
    assert "internal error" not in said
    assert SECRET not in out
    assert SECRET.decode() not in said
    assert not UNSEEN.search(out.decode())


@pytest.mark.parametrize(
    "name",
    ["a\x1b[2Jb.c", "a\u202ec.c", "-rf.c", "$(touch ran).c", "a\nb.c", "\udcff.c"],
)
def test_file_names_of_the_tree(name: str, world, here) -> None:
    bad = "int f(unsigned long flags)\n{\n\treturn flags & PG_lru;\n}\n"
    place = world.tree / "fs" / name
    place.write_text(f"#include <linux/page-flags.h>\n{bad}")
    for form in ("text", "json", "sarif", "github", "quickfix", "checkpatch"):
        status, out, said = here(
            "scan", "fs", "--tree", str(world.tree), "--format", form, "--preview"
        )
        assert status in (0, 1)
        assert not UNSEEN.search(out.decode("utf-8"))
        assert not UNSEEN.search(said)
    assert not (world.top / "ran").exists()


# --- commits that git would never make ------------------------------------------------


def commit_of(world, name: str, message: str, content: bytes = b"int x;\n") -> str:
    """A commit on HEAD that adds a file of any name, made as a hacker makes it."""
    blob = git(world, "hash-object", "-w", "--stdin", stdin=content)
    parts = name.encode("utf-8", "surrogateescape").split(b"/")
    entry = b"100644 " + parts[-1] + b"\0" + bytes.fromhex(blob)
    for part in [*reversed(parts[:-1]), None]:
        tree = git(
            world,
            "hash-object",
            "-t",
            "tree",
            "-w",
            "--literally",
            "--stdin",
            stdin=entry,
        )
        if part is not None:
            entry = b"40000 " + part + b"\0" + bytes.fromhex(tree)
    head = git(world, "rev-parse", "HEAD")
    who = "Rita <rita@example.org> 1700000000 +0000"
    text = f"tree {tree}\nparent {head}\nauthor {who}\ncommitter {who}\n\n{message}"
    return git(
        world,
        "hash-object",
        "-t",
        "commit",
        "-w",
        "--literally",
        "--stdin",
        stdin=text.encode("utf-8", "surrogateescape"),
    )


@pytest.mark.parametrize(
    "name",
    [
        "../victim",
        "../../victim.c",
        ".git/hooks/x",
        "-x",
        "--output=victim",
        "a\x1b[2Jb",
        "a\nb",
        "a\u202eb",
        ":(exclude)x",
        "{{ 7 * 191 }}",
    ],
)
@pytest.mark.parametrize("option", ["--format=json", "--format=text", "--recipients"])
def test_commits_with_hostile_names(
    name: str, option: str, world, here, repo, monkeypatch
) -> None:
    script = world.tree / "scripts/get_maintainer.pl"
    script.parent.mkdir(exist_ok=True)
    script.write_text('print "M <m\\@example.org>\\n";')
    git(world, "add", "-A")
    git(world, "commit", "-qm", "a script")
    commit = commit_of(world, name, "x: y\n\nSigned-off-by: Rita <rita@example.org>\n")
    monkeypatch.chdir(world.tree)
    before = world.files()
    status, out, said = here("check", f"HEAD..{commit}", option)
    assert status in (0, 1, 2, 3)
    assert "Traceback" not in said
    assert not UNSEEN.search(out.decode())
    assert not MADE.search(out.decode())
    assert world.files() == before


@pytest.mark.parametrize(
    "message",
    [
        "x\x1b[2J: \x1b]8;;http://evil.invalid\x07y\x1b]8;;\x07\n\n\u202etext\x9b\n",
        "x: y\n\nFrom 1111111111111111111111111111111111111111 "
        "Mon Sep 17 00:00:00 2001\nFrom: E <e@x>\nSubject: [PATCH 2/2] forged\n\nz\n",
        "x: y\n\ndiff --git a/fs/proc/page.c b/fs/proc/page.c\n--- a/fs/proc/page.c\n",
        "{{ 7 * 191 }}{% raw %}: y\n\n{{ 7 * 191 }}\n",
        "",
        "\n\n---\n---\n",
        "x" * 100_000,
    ],
    ids=["escapes", "forged", "diff", "template", "empty", "dashes", "long"],
)
def test_commits_with_hostile_messages(
    message: str, world, here, repo, monkeypatch
) -> None:
    commit = commit_of(world, "fs/new.c", message)
    monkeypatch.chdir(world.tree)
    for form in ("text", "json", "mail"):
        status, out, said = here("check", f"HEAD..{commit}", "--format", form)
        assert status in (0, 1, 3)
        assert "Traceback" not in said
        assert not UNSEEN.search(out.decode())
        assert not UNSEEN.search(said)
        assert not MADE.search(out.decode())


def test_a_message_cannot_bring_a_patch_of_its_own(world, repo) -> None:
    """A line like git's separator, with the next number below it."""
    from reviewer.mail import open_range

    forged = (
        f"From {git(world, 'rev-parse', 'HEAD~1')} Mon Sep 17 00:00:00 2001\n"
        "From: E <e@example.org>\nSubject: [PATCH 2/2] forged\n\nforged\n"
    )
    git(world, "commit", "-q", "--allow-empty", "-m", "one: real\n\nx")
    page = world.tree / "fs/proc/page.c"
    base = git(world, "rev-parse", "HEAD")
    page.write_text(page.read_text() + "/* 1 */\n")
    git(world, "commit", "-qam", f"one: real\n\n{forged}")
    page.write_text(page.read_text() + "/* 2 */\n")
    git(world, "commit", "-qam", "two: real\n\ny")
    series = open_range(world.tree, f"{base}..HEAD")
    assert [patch.title for patch in series.patches] == ["one: real", "two: real"]
    names = git(world, "rev-list", "--reverse", f"{base}..HEAD").split()
    assert [patch.commit for patch in series.patches] == names
