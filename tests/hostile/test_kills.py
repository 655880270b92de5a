"""Signals, full disks, closed folders: said in a line, nothing left, nothing lost."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import time
from pathlib import Path

import pytest

import reviewer

DEMO = Path(reviewer.__file__).parent / "demo" / "series.mbox"


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
)
def test_a_signal_at_any_time_leaves_nothing(number, status, world) -> None:
    begun = time.monotonic()
    arguments = (str(DEMO), "--tree", str(world.tree))
    before = world.files()
    assert world.run(*arguments)[0] == 1
    takes = time.monotonic() - begun
    dice = random.Random(number)
    for _ in range(4):
        process = world.start(*arguments, "--output", str(world.top / "out"))
        time.sleep(dice.uniform(0.3, 1.0) * takes)
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
        # before our first line runs the interpreter has its own way to end
        assert process.returncode in (status, 0, 1, -number), said
        if process.returncode == status:
            assert said.decode() in (
                "kpf-review: interrupted\n",
                "kpf-review: terminated\n",
            )
        assert world.files(without="out") == before
        names = {path.name for path in (world.top / "out").glob("*")}
        names |= {path.name for path in (world.top / "out").glob(".*")}
        assert names in (set(), {"0001-bit-number-as-mask.eml"}) or all(
            name.endswith(".eml") and not name.startswith(".") for name in names
        )
        for path in (world.top / "out").glob("*.eml"):
            assert path.read_text().rstrip().splitlines()[-1].startswith("kpf-review ")
            path.unlink()


def test_a_signal_in_the_middle_removes_the_private_folder(
    here, world, monkeypatch
) -> None:
    """At the very place where files lie about: while git applies."""
    from reviewer.tree import apply

    def interrupted(self, parts, *, quiet: bool = False):
        assert list((world.top / "tmp").iterdir())
        raise KeyboardInterrupt

    monkeypatch.setattr(apply._Copies, "git_apply", interrupted)
    handlers = {n: signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)}
    before = world.files()
    try:
        status, out, said = here(str(DEMO), "--tree", str(world.tree))
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert (status, out, said) == (130, b"", "kpf-review: interrupted\n")
    assert world.files() == before


def test_what_sigkill_left_goes_with_a_later_run(here, world) -> None:
    dead = subprocess.Popen(["true"])
    dead.wait()
    tmp = world.top / "tmp"
    left = tmp / f"kpf-review-apply-{dead.pid}-abc"
    fresh = tmp / f"kpf-review-apply-{dead.pid}-new"
    alive = tmp / f"kpf-review-apply-{os.getpid()}-abc"
    link = tmp / f"kpf-review-apply-{dead.pid}-link"
    for folder in (left, fresh, alive):
        (folder / "fs").mkdir(parents=True)
        (folder / "fs/page.c").write_text("x")
    link.symlink_to(world.top / "home")
    for folder in (left, alive):
        os.utime(folder, (0, 0))
    assert here(str(DEMO), "--tree", str(world.tree))[0] == 1
    assert not left.exists()
    assert fresh.exists()
    assert alive.exists()
    assert link.is_symlink()
    assert (world.top / "home/.gitconfig").exists()


def test_sigkill_loses_nothing(world) -> None:
    arguments = (str(DEMO), "--tree", str(world.tree), "--output")
    process = world.start(*arguments, str(world.top / "out"))
    time.sleep(0.4)
    process.kill()
    process.communicate()
    status, _, said = world.run(*arguments, str(world.top / "out2"))
    assert status == 1, said
    assert list((world.top / "out2").glob("*.eml"))


def test_a_full_disk_is_said(world) -> None:
    """No byte may be written to a file: neither drafts nor git's copies."""

    def full() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    status, out, said = world.run(str(DEMO), "--tree", str(world.tree), preexec_fn=full)
    assert status in (2, 3)
    assert out == b""
    assert len(said.splitlines()) == 1
    assert "disk" in said
    assert "Traceback" not in said


def test_a_full_file_system_keeps_no_half_draft(world) -> None:
    out = world.top / "small"
    out.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4k,nr_inodes=20", "none", str(out)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("cannot mount a tmpfs here")
    try:
        (out / "there").write_bytes(b"x" * 4096)
        status, _, said = world.run(
            str(DEMO), "--tree", str(world.tree), "--output", str(out)
        )
        assert status == 2
        assert "No space left on device" in said
        assert len(said.splitlines()) == 1
        assert sorted(path.name for path in out.iterdir()) == ["there"]
        (out / "there").unlink()
        remount = ["mount", "-o", "remount,ro,size=64k", str(out)]
        subprocess.run(remount, check=True, capture_output=True)
        status, _, said = world.run(
            str(DEMO), "--tree", str(world.tree), "--output", str(out)
        )
        assert status == 2
        assert "Read-only file system" in said
    finally:
        subprocess.run(["umount", str(out)], check=True)


@pytest.mark.skipif(os.getuid() == 0, reason="nothing is closed to root")
def test_a_folder_that_is_closed_to_us(world) -> None:
    out = world.top / "closed"
    out.mkdir(mode=0o500)
    status, _, said = world.run(
        str(DEMO), "--tree", str(world.tree), "--output", str(out)
    )
    assert status == 2
    assert "Permission denied" in said
    assert len(said.splitlines()) == 1
    assert list(out.iterdir()) == []


def test_two_runs_side_by_side(world) -> None:
    arguments = (str(DEMO), "--tree", str(world.tree), "--output")
    runs = [world.start(*arguments, str(world.top / f"out{n}")) for n in range(2)]
    results = [run.communicate(timeout=120)[0] for run in runs]
    assert [run.returncode for run in runs] == [1, 1]
    assert results[0] == results[1]
    both = [sorted((world.top / f"out{n}").iterdir()) for n in range(2)]
    assert [p.name for p in both[0]] == [p.name for p in both[1]]


def test_a_damaged_repository_is_said(world, here) -> None:
    def git(*words: str) -> None:
        subprocess.run(
            ["git", "-C", str(world.tree), *words], check=True, capture_output=True
        )

    (world.tree / "fs/secret.c").unlink()
    git("init", "-q")
    git("-c", "core.fsmonitor=false", "add", "-A")
    git("-c", "user.name=x", "-c", "user.email=x@y", "commit", "-qm", "x")
    arguments = (str(DEMO), "--tree", str(world.tree), "--base", "HEAD")
    assert here(*arguments)[0] == 1
    for place in (world.tree / ".git/objects").glob("??/*"):
        place.chmod(0o644)
        place.write_bytes(b"junk")
    status, out, said = here(*arguments)
    assert status in (2, 3)
    assert out == b""
    assert len(said.splitlines()) == 1
    assert "Traceback" not in said
