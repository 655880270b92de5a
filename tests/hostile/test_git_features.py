# SPDX-License-Identifier: GPL-2.0-or-later
"""What git can be made to follow: LFS, submodules, includes, worktrees, alternates.

A tree brings them, and each could start a program, lead elsewhere or wait for ever.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import doors as made
import pytest
from doors import Doors

from reviewer import git
from reviewer.errors import TreeError

# What a template would make of {{ 7 * 191 }}, and not a part of a commit id.
MADE = re.compile(r"(?<![0-9a-f]{4})1337(?![0-9a-f]{4})")

POINTER = (
    "version https://git-lfs.github.com/spec/v1\n"
    "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\n"
    "size 12345\n"
)
PACK = "pack/pack-1234567890123456789012345678901234567890"
Armed = Callable[[Doors], None]


@pytest.fixture
def doors(world) -> Doors:
    one = Doors(world)
    one.make()
    return one


def lfs_of_the_user(doors: Doors) -> None:
    """``git lfs install`` has made the filter the user's own: not ours to start."""
    home = doors.world.top / "home/.gitconfig"
    lines = [f"\t{key} = {doors.canary}\n" for key in ("clean", "smudge", "process")]
    home.write_text(
        f'{home.read_text()}[filter "lfs"]\n\trequired = true\n{"".join(lines)}'
        f'[diff "lfs"]\n\ttextconv = {doors.canary}\n'
        f'[merge "lfs"]\n\tdriver = {doors.canary}\n'
    )
    text = (
        "*.c filter=lfs diff=lfs merge=lfs working-tree-encoding=UTF-16 ident -text\n"
    )
    doors.write(".gitattributes", text)
    (doors.top / ".git/info/attributes").write_text(text)


def submodules(doors: Doors) -> None:
    """Those of CVE-2018-11235 and after: names, urls, paths and commands."""
    doors.write(
        ".gitmodules",
        f'[submodule "../../x"]\n\tpath = lib\n\turl = ext::sh -c "{doors.canary}"\n'
        f"\tupdate = !{doors.canary}\n\tignore = none\n\tfetchRecurse = true\n"
        f'[submodule "a"]\n\tpath = ../../home\n\turl = --upload-pack={doors.canary}\n'
        f'[submodule "b\\nc"]\n\tpath = -x\n\turl = {doors.top}\n'
        '[submodule "{{ 7 * 191 }}"]\n\tpath = include\n\turl = ./.git\n',
    )
    (doors.top / ".git/modules/x").mkdir(parents=True)
    (doors.top / ".git/modules/x/config").write_text(
        f"[core]\n\tfsmonitor = {doors.canary}\n\tworktree = ../../../lib\n"
    )
    with (doors.top / ".git/config").open("a") as config:
        config.write(
            "[submodule]\n\trecurse = true\n\tactive = .\n[diff]\n\tsubmodule = diff\n"
            f'[submodule "a"]\n\tactive = true\n\tupdate = !{doors.canary}\n'
        )


def conditional_includes(doors: Doors) -> None:
    """Each kind, one of them of itself, one of a pipe."""
    evil = doors.world.top / "evil"
    keys = ("fsmonitor", "pager", "sshCommand", "hooksPath", "alternateRefsCommand")
    lines = "".join(f"\t{key} = {doors.canary}\n" for key in keys)
    evil.write_text(
        f"[core]\n{lines}[gpg]\n\tprogram = {doors.canary}\n[log]\n\tshowSignature=1\n"
        "[kpf]\n\tignore = mask-precedence\n[include]\n\tpath = evil\n"
    )
    os.mkfifo(doors.world.top / "pipe")
    conditions = (
        "gitdir:**",
        "gitdir/i:**",
        "onbranch:**",
        "hasconfig:remote.*.url:**",
    )
    with (doors.top / ".git/config").open("a") as config:
        config.write('[remote "x"]\n\turl = https://example.org/\n')
        for condition in conditions:
            config.write(f'[includeIf "{condition}"]\n\tpath = {evil}\n')
        config.write(f"[include]\n\tpath = {doors.world.top}/pipe\n\tpath = config\n")


def a_config_of_the_worktree(doors: Doors) -> None:
    """b4's and git's programs where only a worktree's own settings are."""
    from reviewer.repository import is_kept

    doors.git("config", "extensions.worktreeConfig", "true")
    keys = [*made.b4_keys(), *made.git_keys(), *made.MORE]
    place = doors.top / ".git/config.worktree"
    for key in keys:
        section, _, name = key.rpartition(".")
        first, dot, middle = section.partition(".")
        if is_kept(key) or made.TYPED.fullmatch(key.lower()):
            continue
        head = f'[{first} "{middle}"]' if dot else f"[{first}]"
        with place.open("a") as config:
            config.write(f"{head}\n\t{name} = {doors.canary}\n")


def a_worktree_elsewhere(doors: Doors) -> None:
    doors.git("config", "core.worktree", str(doors.world.top / "home"))


def a_broken_commit_graph(doors: Doors) -> None:
    doors.git("commit-graph", "write", "--reachable")
    (place,) = (doors.top / ".git/objects/info").rglob("*graph*")
    place.chmod(0o644)
    data = bytearray(place.read_bytes())
    data[40::37] = bytes(len(data[40::37]))
    place.write_bytes(data)


def refs_without_end(doors: Doors) -> None:
    heads = doors.top / ".git/refs/heads"
    (heads / "a").write_text("ref: refs/heads/b\n")
    (heads / "b").write_text("ref: refs/heads/a\n")
    heads.joinpath(*["d"] * 100).mkdir(parents=True)
    lines = "".join(f"{n:040x} refs/tags/t{n:05}\n" for n in range(1, 9999))
    header = "# pack-refs with: peeled fully-peeled sorted\n"
    (doors.top / ".git/packed-refs").write_text(header + lines)


def borrowed_from_everywhere(doors: Doors) -> None:
    info = doors.top / ".git/objects/info"
    info.mkdir(exist_ok=True)
    (info / "alternates").write_text('../objects\n/\n/proc\n/dev\n"/x\\0"\n#\n\n-x\n')


def replaced(doors: Doors) -> None:
    """A commit without the mistake in the place of the one that has it."""
    head, clean = (doors.git("rev-parse", n).strip() for n in ("main", "base"))
    doors.git("update-ref", f"refs/replace/{head}", clean)
    (doors.top / ".git/info/grafts").write_text(f"{head}\n")


STILL_FOUND = (
    lfs_of_the_user, submodules, conditional_includes, a_config_of_the_worktree,
    a_worktree_elsewhere, a_broken_commit_graph, refs_without_end,
    borrowed_from_everywhere, replaced,
)  # fmt: skip
WORDS = (("check", "--format", "json"), ("check", "--fix"), ("scan", "lib"))


def outcome(doors: Doors, words: tuple[str, ...]) -> tuple[int, str, str]:
    """A run that starts nothing, waits for nothing and reaches no file elsewhere."""
    home = {name: (doors.world.top / name).stat() for name in ("home", "secret")}
    status, shown, said = doors.kpf(*words)
    assert not doors.ran.exists(), doors.ran.read_text()
    assert "internal error" not in said
    assert "Traceback" not in said
    assert not MADE.search(shown)
    assert status < 2 or shown or len(said.splitlines()) == 1, said
    changed = [n for n, was in home.items() if (doors.world.top / n).stat() != was]
    assert changed in ([], ["home"])  # the cache
    assert {one.name for one in (doors.world.top / "home").iterdir()} <= {
        ".gitconfig",
        ".cache",
    }
    return status, shown, said


@pytest.mark.parametrize("arm", STILL_FOUND, ids=lambda one: one.__name__)
def test_the_mistake_is_found_all_the_same(arm: Armed, doors) -> None:
    arm(doors)
    status, shown, said = outcome(doors, WORDS[0])
    assert status == 1, said
    assert [f["rule"] for f in json.loads(shown)["findings"]] == ["mask-precedence"]
    assert outcome(doors, WORDS[1])[0] == 1
    assert outcome(doors, WORDS[2])[0] in (0, 1)


def test_an_extension_that_git_does_not_know_is_said(doors) -> None:
    doors.git("config", "core.repositoryformatversion", "1")
    doors.git("config", "extensions.evil", str(doors.canary))
    status, _, said = outcome(doors, WORDS[0])
    assert status == 3
    assert said.endswith("unknown repository extension found: evil\n")


def test_a_pointer_of_lfs_is_no_code(doors) -> None:
    doors.git("checkout", "-q", "main")
    doors.write("lib/one.c", POINTER)
    doors.write("lib/blob.bin", POINTER)
    doors.git("add", "-A")
    doors.git("commit", "-qm", made.MESSAGE)
    lfs_of_the_user(doors)
    status, shown, said = outcome(doors, ("check", "HEAD~1..HEAD", "--format=json"))
    assert status in (0, 1), said
    assert "mask-precedence" not in shown


def test_a_gitlink_in_the_place_of_a_folder(doors) -> None:
    """A patch that turns lib/ into a submodule, and one that moves a submodule."""
    head = doors.git("rev-parse", "HEAD").strip()
    doors.git("rm", "-rq", "--cached", "lib")
    for path in ("lib", "tools/x", "include/linux/sub"):
        doors.git("update-index", "--add", "--cacheinfo", f"160000,{head},{path}")
    doors.git("commit", "-qm", made.MESSAGE)
    submodules(doors)
    for words in (*WORDS, ("behaviour", "HEAD~1..HEAD"), ("scan", "--base", "HEAD")):
        assert outcome(doors, words)[0] in (0, 1, 2, 3)
    patch = doors.world.top / "mails/link.patch"
    patch.write_text(doors.git("format-patch", "-1", "--stdout", "--no-binary"))
    for base in ("base", "HEAD"):
        words = (str(patch), "--base", base, "--format", "json")
        assert outcome(doors, words)[0] in (0, 1, 3)


def test_names_of_settings_paint_no_terminal(doors) -> None:
    """Also where the setting itself is one that a repository may have."""
    with (doors.top / ".git/config").open("a") as config:
        config.write('[kpf "lib/\x1b[31m\u202e"]\n\tignore = mask-precedence\n')
    status, shown, said = outcome(doors, ("config",))
    assert status == 0, said
    assert "kpf.lib/^[[31m⟨U+202E⟩.ignore" in shown
    assert "\x1b" not in shown + said


# --- pipes where git opens a file -----------------------------------------------------


def loose(doors: Doors, name: str) -> Path:
    found = doors.git("rev-parse", name).strip()
    return doors.top / ".git/objects" / found[:2] / found[2:]


def a_pack_that_is_borrowed(doors: Doors) -> Path:
    objects = doors.world.top / "borrowed"
    (objects / "pack").mkdir(parents=True)
    (objects / f"{PACK}.pack").write_bytes(b"x")
    info = doors.top / ".git/objects/info"
    info.mkdir(exist_ok=True)
    (info / "alternates").write_text(f"# lent\n../../../borrowed\n{objects}\n")
    return objects / f"{PACK}.idx"


PIPES: dict[str, Callable[[Doors], Path]] = {
    "a commit": lambda doors: loose(doors, "main"),
    "a file": lambda doors: loose(doors, "main:lib/one.c"),
    "the base": lambda doors: loose(doors, "base^{tree}"),
    "a pack": a_pack_that_is_borrowed,
    "a graph": lambda doors: doors.top / ".git/objects/info/commit-graph",
}


@pytest.mark.parametrize("name", PIPES)
def test_git_does_not_wait_for_a_pipe(name: str, doors) -> None:
    pipe = PIPES[name](doors)
    pipe.unlink(missing_ok=True)
    pipe.parent.mkdir(exist_ok=True)
    os.mkfifo(pipe)
    status, shown, said = doors.kpf("check")
    assert (status, shown) == (3, "")
    assert said.endswith("not a file, and git would wait for it\n")
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("where", ["the folder", "an identity", "an entry"])
def test_what_lies_where_the_agent_writes(where: str, doors) -> None:
    import kill_states as states

    doors.git("branch", "-D", "base", check=False)
    doors.git("branch", "base", "main~1")
    record = states.record_of(doors)
    assert record
    home = doors.top / ".git/b4-review"
    before = doors.world.files()
    if where == "the folder":
        home.symlink_to(doors.world.top / "home")
    else:
        stale = home / ("0" * 40)
        stale.mkdir(parents=True)
        if where == "an identity":
            os.mkfifo(stale / "identity.txt")
        else:
            stale.rmdir()
            os.mkfifo(stale)
    status, _, said = doors.kpf("agent")
    assert "internal error" not in said
    if where == "the folder":
        assert (status, said.count("\n")) == (2, 1)
        assert "is a symbolic link: nothing is written there" in said
        (doors.top / ".git/b4-review").unlink()
        assert doors.world.files() == before
    else:
        assert status == 0, said


def test_a_damaged_repository_is_no_lack_of_an_upstream(doors) -> None:
    pack = doors.top / ".git/objects/pack"
    pack.mkdir(exist_ok=True)
    (pack / "multi-pack-index").write_bytes(b"MIDX" + b"\xff" * 4000)
    status, _, said = doors.kpf("check")
    assert status == 3, said
    assert "multi-pack-index" in said


def a_tree_without_end(doors: Doors) -> str:
    """Ten files in ten folders in ten folders, ten times: eleven objects of git's."""
    tree = doors.git("rev-parse", "main:lib").strip()
    for _ in range(10):
        entries = "".join(f"040000 tree {tree}\td{n}\n" for n in range(10))
        tree = doors.git("mktree", stdin=entries.encode()).strip()
    commit = doors.git("commit-tree", tree, "-p", "main", "-m", "lib: x").strip()
    doors.git("update-ref", "refs/heads/endless", commit)
    return "endless"


def test_a_list_without_end_is_cut(doors, here, monkeypatch) -> None:
    """It took ten gigabytes a minute."""
    base = a_tree_without_end(doors)
    monkeypatch.chdir(doors.top)
    monkeypatch.setattr(git, "MOST_RECORDS", 1 << 20)
    status, shown, said = here("scan", "--base", base, ".")
    assert (status, shown) == (3, b"")
    assert said == "kpf-review: git ls-tree says more than 1 MB\n"
    monkeypatch.setattr(git, "MOST", 1 << 20)
    monkeypatch.setattr(git, "LOOK", 0.05)
    with pytest.raises(TreeError, match="says more than 1 MB"):
        git.run(["ls-tree", "-r", base], cwd=doors.top)


# --- the hooks that we print ----------------------------------------------------------

FOLDERS = ("with blanks in it", "a\nb", "$(touch ran)`touch ran`", "quote'\"s", "-x")


@pytest.mark.parametrize("name", FOLDERS)
def test_a_hook_of_ours_in_a_folder_of_any_name(name: str, doors) -> None:
    place = doors.world.top / "folders" / name
    place.parent.mkdir()
    doors.top.rename(place)
    doors.top = place
    status, hook, said = doors.kpf("check", "--print-hook", "sendemail-validate")
    assert status == 0, said
    script = doors.world.top / "hook"
    script.write_text(hook)
    patch = place / "the patch\n.patch"
    patch.write_text(doors.git("format-patch", "-1", "--stdout"))
    done = subprocess.run(
        ["sh", str(script), str(patch)],
        cwd=place,
        env=doors.world.environment,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert b"precedence" in done.stderr
    assert not list(doors.world.top.rglob("ran"))


@pytest.mark.parametrize("size", [0, 1, 3_000_000])
def test_what_git_reads_is_given_to_it_whole(size: int, monkeypatch) -> None:
    """However often it is looked at: a diff of thousands of files takes a while."""
    monkeypatch.setattr(git, "LOOK", 0.0005)
    given = ("hash-object", "--stdin", "--no-filters")
    done = git.run(given, cwd=None, stdin=b"x" * size, configured=False)
    assert done.returncode == 0
    blob = b"blob %d\0%s" % (size, b"x" * size)
    assert done.stdout.strip().decode() == hashlib.sha1(blob).hexdigest()
