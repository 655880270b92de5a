# SPDX-License-Identifier: GPL-2.0-or-later
"""A kernel repository that is damaged, locked or half gone: said, not repaired."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

import reviewer

DEMO = Path(reviewer.__file__).parent / "demo" / "series.mbox"
PAGE = "fs/proc/page.c"


@pytest.fixture
def repository(world):
    """The miniature tree as a repository with two commits, all objects loose."""
    (world.tree / "fs/secret.c").unlink()
    git(world, "init", "-q", "-b", "main")
    git(world, "add", "-A")
    git(world, "commit", "-qm", "one")
    (world.tree / "mm/new.c").write_text("int x;\n")
    git(world, "add", "-A")
    git(world, "commit", "-qm", "two")
    return world


def git(world, *words: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(world.tree), *words],
        check=True,
        capture_output=True,
        env={
            "PATH": os.environ["PATH"],
            "GIT_CONFIG_GLOBAL": os.devnull,
            **{f"GIT_{who}_NAME": "x" for who in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{who}_EMAIL": "x@y" for who in ("AUTHOR", "COMMITTER")},
        },
    )
    return done.stdout.decode().strip()


def loose(world, name: str) -> Path:
    """The file of an object."""
    found = git(world, "rev-parse", name)
    return world.tree / ".git/objects" / found[:2] / found[2:]


def overwrite(place: Path, data: bytes) -> None:
    place.chmod(0o644)
    place.write_bytes(data)


def damage_blob(world) -> None:
    overwrite(loose(world, f"HEAD:{PAGE}"), b"junk")


def cut_blob(world) -> None:
    place = loose(world, f"HEAD:{PAGE}")
    overwrite(place, place.read_bytes()[:-40])


def empty_blob(world) -> None:
    overwrite(loose(world, f"HEAD:{PAGE}"), b"")


def lose_blob(world) -> None:
    loose(world, f"HEAD:{PAGE}").unlink()


def lose_header(world) -> None:
    loose(world, "HEAD:include/linux/page-flags.h").unlink()


def damage_tree(world) -> None:
    overwrite(loose(world, "HEAD^{tree}"), b"junk")


def lose_tree(world) -> None:
    loose(world, "HEAD:fs").unlink()


def damage_commit(world) -> None:
    overwrite(loose(world, "HEAD"), b"junk")


def lose_head(world) -> None:
    (world.tree / ".git/HEAD").unlink()


def damage_ref(world) -> None:
    (world.tree / ".git/refs/heads/main").write_bytes(b"\0" * 41)


def damage_everything(world) -> None:
    for place in (world.tree / ".git/objects").glob("??/*"):
        overwrite(place, b"junk")


def cut_pack(world) -> None:
    git(world, "gc", "-q")
    (pack,) = (world.tree / ".git/objects/pack").glob("*.pack")
    overwrite(pack, pack.read_bytes()[: pack.stat().st_size // 2])


def damage_pack_index(world) -> None:
    git(world, "gc", "-q")
    (index,) = (world.tree / ".git/objects/pack").glob("*.idx")
    overwrite(index, b"junk" * 400)


def damage_config(world) -> None:
    (world.tree / ".git/config").write_bytes(b"[core\n\0")


BROKEN = (
    damage_blob, cut_blob, empty_blob, lose_blob, lose_header, damage_tree, lose_tree,
    damage_commit, lose_head, damage_ref, damage_everything, cut_pack,
    damage_pack_index, damage_config,
)  # fmt: skip


@pytest.mark.parametrize("damage", BROKEN, ids=lambda one: one.__name__)
@pytest.mark.parametrize("base", [(), ("--base", "HEAD")], ids=["found", "asked"])
def test_a_damaged_repository_is_said(damage, base, repository) -> None:
    """Never a traceback, never a bug of ours, and nothing is written to it."""
    world = repository
    arguments = (str(DEMO), "--tree", str(world.tree))
    damage(world)
    before = world.files(without="home/.cache")
    status, shown, said = world.run(*arguments, *base)
    assert "Traceback" not in said
    assert "internal error" not in said
    assert status in (1, 2, 3), said
    if status != 1:
        assert said
    if not shown:
        assert len(said.splitlines()) == 1
    if base and damage is not lose_header:
        assert status in (2, 3), said
    assert world.files(without="home/.cache") == before


def lock_index(world) -> None:
    (world.tree / ".git/index.lock").write_bytes(b"")


def damage_index(world) -> None:
    (world.tree / ".git/index").write_bytes(b"DIRCjunk" * 9)


def lose_index(world) -> None:
    (world.tree / ".git/index").unlink()


def lock_refs(world) -> None:
    (world.tree / ".git/HEAD.lock").write_bytes(b"")
    (world.tree / ".git/refs/heads/main.lock").write_bytes(b"")
    (world.tree / ".git/packed-refs.lock").write_bytes(b"")


def close_repository(world) -> None:
    for folder, _, _ in os.walk(world.tree / ".git"):
        os.chmod(folder, 0o500)


@pytest.mark.parametrize(
    "trouble",
    [lock_index, damage_index, lose_index, lock_refs, close_repository],
    ids=lambda one: one.__name__,
)
@pytest.mark.parametrize("command", ["review", "check", "scan"])
def test_what_does_not_concern_us_is_no_trouble(trouble, command, repository) -> None:
    """We only read objects: a lock is nobody's matter."""
    world = repository
    words = {
        "review": (str(DEMO), "--tree", str(world.tree), "--base", "HEAD"),
        "check": ("check", "HEAD~1..HEAD"),
        "scan": ("scan", "--tree", str(world.tree), "fs/proc"),
    }[command]
    status, whole, said = world.run(*words, cwd=world.tree)
    assert status in (0, 1), said
    trouble(world)
    before = world.files()
    status_then, shown, said = world.run(
        *words, cwd=world.tree, preexec_fn=world.without_root
    )
    if command == "scan" and trouble in (damage_index, lose_index):
        # the index says which files there are
        assert (status_then, shown) in ((2, b""), (3, b""))
        assert len(said.splitlines()) == 1
    else:
        assert (status_then, shown) == (status, whole), said
    assert world.files() == before


@pytest.mark.parametrize(
    "damage", [lose_tree, damage_commit, cut_pack], ids=lambda one: one.__name__
)
def test_checks_and_scans_of_a_damaged_repository(damage, repository) -> None:
    world = repository
    damage(world)
    for words in (
        ("check", "HEAD~1..HEAD"),
        ("scan", "--tree", str(world.tree), "--base", "HEAD"),
        ("facts", "flags", "--tree", str(world.tree)),
        ("behaviour", "HEAD~1..HEAD", "--tree", str(world.tree)),
    ):
        status, _, said = world.run(*words, cwd=world.tree)
        assert "Traceback" not in said
        assert "internal error" not in said, (words, said)
        assert status in (0, 1, 2, 3), said
