# SPDX-License-Identifier: GPL-2.0-or-later
"""Signals, full disks, closed folders: said in a line, nothing left, nothing lost."""

from __future__ import annotations

import fcntl
import os
import resource
import signal
import subprocess
import time
from pathlib import Path

import pytest

import reviewer

DEMO = Path(reviewer.__file__).parent / "demo" / "series.mbox"


def test_a_signal_in_the_middle_removes_the_private_folder(
    here, world, monkeypatch
) -> None:
    """At the very place where files lie about: while git applies."""
    from reviewer.tree.copies import Copies

    def interrupted(self, parts, *, quiet: bool = False):
        assert list((world.top / "tmp").iterdir())
        raise KeyboardInterrupt

    monkeypatch.setattr(Copies, "git_apply", interrupted)
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
    alive = tmp / f"kpf-review-apply-{dead.pid}-alive"
    again = tmp / f"kpf-review-apply-{os.getpid()}-abc"  # its number has come again
    link = tmp / f"kpf-review-apply-{dead.pid}-link"
    for folder in (left, fresh, alive, again):
        (folder / "fs").mkdir(parents=True)
        (folder / "fs/page.c").write_text("x")
    link.symlink_to(world.top / "home")
    for folder in (left, alive, again):
        os.utime(folder, (0, 0))
    held = os.open(alive, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    assert here(str(DEMO), "--tree", str(world.tree))[0] == 1
    os.close(held)
    assert not left.exists()
    assert not again.exists()
    assert fresh.exists()
    assert alive.exists()
    assert link.is_symlink()
    assert (world.top / "home/.gitconfig").exists()


def test_a_draft_half_written_by_a_killed_run_goes(here, world) -> None:
    dead = 2**22 + 1  # over PID_MAX_LIMIT: that of a process may come again
    out = world.top / "out"
    status, _, said = here(str(DEMO), "--tree", str(world.tree), "--output", str(out))
    assert status == 1, said
    draft, *others = sorted(out.glob("*.eml"))
    left = out / f".{draft.name}.{dead}.part"
    fresh = out / f".{draft.name}.{dead}0.part"
    own = out / f".{draft.name}.{os.getpid()}.part"
    alive = out / f".{draft.name}.{os.getppid()}.part"
    other = out / f".mine.{dead}.part"
    for place in (left, own, fresh, alive, other):
        place.write_text("half")
    for place in (left, alive, other):
        os.utime(place, (0, 0))
    for one in (draft, *others):
        one.unlink()
    status, _, said = here(str(DEMO), "--tree", str(world.tree), "--output", str(out))
    assert status == 1, said
    assert sorted(out.iterdir()) == sorted((draft, *others, fresh, alive, other))
    assert "half" not in draft.read_text()


def test_sigkill_loses_nothing(world) -> None:
    arguments = (str(DEMO), "--tree", str(world.tree), "--output")
    process = world.start(*arguments, str(world.top / "out"))
    time.sleep(0.4)
    process.kill()
    process.communicate()
    assert not world.living()
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


def test_a_folder_that_is_closed_to_us(world) -> None:
    out = world.top / "closed"
    out.mkdir(mode=0o500)
    status, _, said = world.run(
        *(str(DEMO), "--tree", str(world.tree), "--output", str(out)),
        preexec_fn=world.without_root,
    )
    assert status == 2
    assert "Permission denied" in said
    assert len(said.splitlines()) == 1
    assert list(out.iterdir()) == []


@pytest.mark.parametrize("what", ["mail", "tree", "file", "tmp"])
def test_what_we_may_not_read(what: str, world) -> None:
    """EACCES: said in a line, with the name, where nothing can be done without it."""
    mail = world.mail(DEMO.read_bytes())
    places = {
        "mail": mail,
        "tree": world.tree,
        "file": world.tree / "fs/proc/page.c",
        "tmp": world.top / "tmp",
    }
    before = world.files(without="home/.cache")
    places[what].chmod(0)
    try:
        status, shown, said = world.run(
            str(mail), "--tree", str(world.tree), preexec_fn=world.without_root
        )
    finally:
        places[what].chmod(0o700)
    assert "Traceback" not in said
    if what == "tmp":  # then another folder is taken
        assert status == 1, said
        return
    assert status in (2, 3), said
    if what != "file":  # of which the other files are reviewed all the same
        assert shown == b""
        (line,) = said.splitlines()
        assert "Permission denied" in line or "not a kernel tree" in line
    assert world.files(without="home/.cache") == before


def test_two_runs_side_by_side(world) -> None:
    arguments = (str(DEMO), "--tree", str(world.tree), "--output")
    runs = [world.start(*arguments, str(world.top / f"out{n}")) for n in range(2)]
    results = [run.communicate(timeout=120)[0] for run in runs]
    assert [run.returncode for run in runs] == [1, 1]
    assert results[0] == results[1]
    both = [sorted((world.top / f"out{n}").iterdir()) for n in range(2)]
    assert [p.name for p in both[0]] == [p.name for p in both[1]]
