# SPDX-License-Identifier: GPL-2.0-or-later
"""``inbox`` lists every series once, the newest version, whatever ends it between."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import evening
from evening import TREE, kpf, maildir


@pytest.fixture
def box(tmp_path: Path) -> Path:
    mails = [*evening.two_versions(), evening.TALK, *evening.demo()]
    return maildir(tmp_path / "box", mails)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def rows(text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(text)["series"]
    return found


def test_one_line_a_series_the_worst_first(box: Path, home: Path) -> None:
    done = kpf(home, "inbox", str(box), *TREE)
    assert done.returncode == 1, done.stderr
    first, second = done.stdout.splitlines()
    for part in ("3 high", "v3", "kpageflags: follow the folio", "Nadia", "miniature"):
        assert part in first
    for part in ("v2", evening.TITLE, "Nora", "v1: none of 1 open", "1 Reviewed"):
        assert part in second
    assert "1 robot mail" in second
    assert done.stderr.splitlines()[-1] == (
        "kpf-review: 2 series, 1 with remarks, 1 thread without a patch"
    )


def test_only_what_is_new_is_listed_again(box: Path, home: Path) -> None:
    assert kpf(home, "inbox", str(box), *TREE).returncode == 1
    silent = kpf(home, "inbox", str(box), *TREE)
    assert (silent.returncode, silent.stdout) == (0, "")
    assert "0 series, 3 threads listed before; --again" in silent.stderr
    again = kpf(home, "inbox", str(box), "--again", *TREE)
    assert len(again.stdout.splitlines()) == 2
    late = evening.mail("c2", "Re: x", "Hm?\n", sender=evening.MAX, parent="v2")
    maildir(box, [late])
    new = kpf(home, "inbox", str(box), "--format", "json", *TREE)
    (row,) = rows(new.stdout)
    assert (row["title"], row["version"]) == (evening.TITLE, 2)
    assert (row["new"], row["mails"]) == (1, 4)
    every = kpf(home, "inbox", str(box), "--all", *TREE)
    assert len(every.stdout.splitlines()) == 2
    assert len(kpf(home, "inbox", str(box), "--again", *TREE).stdout.splitlines()) == 2


def test_json_tells_all_of_a_series(box: Path, home: Path) -> None:
    done = kpf(home, "inbox", str(box), "--format", "json", *TREE)
    worst, second = rows(done.stdout)
    assert worst["remarks"]["high"] == 3
    assert worst["patches"] == [2, 2]
    assert len(worst["report"]["findings"]) == sum(worst["remarks"].values())
    assert second["author"] == {"name": "Nora Newcomer", "email": "nora@example.org"}
    assert second["message_id"] == "v2@example.org"
    assert second["applies"]["exact"] == 1
    assert second["last"]["version"] == 1
    assert (second["last"]["comments"], second["last"]["changed"]) == (1, 1)
    assert second["tags"] == {"Reviewed-by": ["Max Maintainer"]}
    assert second["robots"] == {"sashiko-bot@kernel.org": 1}
    assert second["error"] is None


def test_the_functions_are_compared_when_it_is_asked_for(box: Path, home: Path) -> None:
    done = kpf(home, "inbox", str(box), "--behaviour", "--format", "json", *TREE)
    worst, second = rows(done.stdout)
    assert second["behaviour"]["functions"] == 0
    assert worst["behaviour"]["functions"] > 0
    assert worst["behaviour"]["same"] < worst["behaviour"]["functions"]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_run_that_was_ended_is_gone_on_with(
    how: int, box: Path, home: Path, tmp_path: Path
) -> None:
    """What was reviewed is not reviewed again, and nothing counts as listed."""
    stalls = tmp_path / "stall.py"
    stalls.write_text(
        "import os, sys, time\n"
        "from reviewer import cli\n"
        "from reviewer.commands import inbox_series\n"
        "real = inbox_series._Thread.record\n"
        "def record(self):\n"
        "    slow = 'v2@example.org' in self._item.job.ids\n"
        "    if slow and os.path.exists(sys.argv[1]):\n"
        "        time.sleep(60)\n"
        "    with open(sys.argv[1] + '.log', 'a') as file:\n"
        "        file.write(min(self._item.job.ids) + '\\n')\n"
        "    return real(self)\n"
        "inbox_series._Thread.record = record\n"
        "sys.exit(cli.main(sys.argv[2:]))\n"
    )
    mark, log = tmp_path / "mark", tmp_path / "mark.log"
    mark.write_text("")
    command = [sys.executable, str(stalls), str(mark), "inbox", str(box), *TREE]
    command += ["--workers", "2"]
    env = evening.environment(home)
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE) as run:
        kept = home / ".local/state/kpf-review/inbox.sqlite"
        wait_for(lambda: log.exists() and len(log.read_text().splitlines()) == 2)
        wait_for(lambda: kept_records(kept) == 2)
        os.kill(run.pid, how)
        out, _ = run.communicate(timeout=30)
    assert out == b""
    mark.unlink()
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert len(done.stdout.splitlines()) == 2, done.stderr
    assert len(log.read_text().splitlines()) == 3, "each thread was reviewed once"
    assert kpf(home, "inbox", str(box), *TREE).stdout == ""


def kept_records(file: Path) -> int:
    import sqlite3
    from contextlib import closing

    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as found:
            (count,) = found.execute("SELECT count(*) FROM done").fetchone()
    except sqlite3.Error:
        return 0
    return int(count)


def wait_for(met: Any) -> None:
    for _ in range(1200):
        if met():
            return
        time.sleep(0.05)
    pytest.fail("it did not come to that")


def test_two_runs_at_a_time_do_not_disturb_each_other(box: Path, home: Path) -> None:
    command = [sys.executable, "-m", "reviewer.cli", "inbox", str(box), *TREE]
    runs = [
        subprocess.Popen(
            command, env=evening.environment(home), stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    outs = [run.communicate(timeout=120)[0] for run in runs]
    assert [run.returncode for run in runs].count(1) >= 1
    assert all(len(out.splitlines()) in (0, 2) for out in outs)
    assert kpf(home, "inbox", str(box), *TREE).stdout == ""


def test_what_cannot_be_read_costs_itself_only(box: Path, home: Path) -> None:
    broken = evening.patch("x").replace("@@ -1,3 +1,4 @@", "@@ -1,99 +1,4 @@")
    maildir(box, [evening.mail("bad", "[PATCH] broken \x1b[31m", broken)])
    (box / "new/nothing").write_bytes(b"\0\0")
    done = kpf(home, "inbox", str(box), *TREE)
    assert done.returncode == 3
    assert len(done.stdout.splitlines()) == 3
    assert "\x1b" not in done.stdout
    assert "nothing: not a mail" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ((), "nothing to look at"),
        (("--search", "x", "--offline"), "--offline forbids it"),
        (("x", "--since", "1d"), "--since goes with --search"),
        (("--search", "x", "--since", "soon"), "12h, 1d, 2w"),
        (("x", "--workers", "0"), "at least 1"),
        (("x", "--all", "--again"), "not allowed with"),
    ],
)
def test_a_wrong_call_is_told_in_one_line(
    words: tuple[str, ...], why: str, home: Path
) -> None:
    done = kpf(home, "inbox", *words)
    assert done.returncode == 2
    assert why in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (home / ".local").exists()


def test_a_state_that_is_broken_is_said(box: Path, home: Path) -> None:
    place = home / ".local/state/kpf-review"
    place.mkdir(parents=True)
    (place / "inbox.sqlite").write_bytes(b"no database at all" * 100)
    done = kpf(home, "inbox", str(box), *TREE)
    assert done.returncode == 2
    assert "move it away to begin anew" in done.stderr
    (place / "inbox.sqlite").unlink()
    (place / "inbox.sqlite").symlink_to(home / "elsewhere")
    done = kpf(home, "inbox", str(box), *TREE)
    assert done.returncode == 2
    assert "not ours alone" in done.stderr
    assert not (home / "elsewhere").exists()


def test_what_a_robot_said_of_the_last_version_is_checked_too(
    home: Path, tmp_path: Path
) -> None:
    said = "> +/* the flags */\n\nThere is no kpf_copy_bit() in this file.\n"
    robot = evening.mail(
        "b0",
        f"Re: [PATCH] {evening.TITLE}",
        said,
        sender="sashiko-bot@kernel.org",
        parent="v1",
        day=4,
    )
    box = maildir(tmp_path / "box", [*evening.two_versions(), robot])
    out = tmp_path / "out"
    words = ("--format", "json", "--html", str(out), *TREE)
    (row,) = rows(kpf(home, "inbox", str(box), *words).stdout)
    assert {mark["message_id"] for mark in row["marked"]} == {"b0@example.org"}
    (page,) = [one for one in out.glob("*.html") if one.name != "index.html"]
    text = page.read_text(encoding="utf-8")
    assert "sashiko-bot@kernel.org, on v1" in text
    assert row["marked"][0]["marks"][0]["fact"].split()[0] in text


def test_the_guide_names_every_field_of_a_series(box: Path, home: Path) -> None:
    guide = Path(evening.reviewer.__file__).parent / "docs/json-schema.md"
    text = guide.read_text(encoding="utf-8").partition("## A series of an inbox")[2]
    found = rows(kpf(home, "inbox", str(box), "--format", "json", *TREE).stdout)
    for name in found[0]:
        assert f"`{name}`" in text, name
