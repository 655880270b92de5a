# SPDX-License-Identifier: GPL-2.0-or-later
"""An inbox from a real archive: ended between, gone on with, listed once.

usage: inbox_evening.py FILE... --tree DIR [--tree DIR] [--mails N] [--kpf COMMAND]

The first N mails of the files (mailboxes, mails) go into a public-inbox on loopback.
``inbox --search`` is ended with SIGKILL when a quarter of the threads is done, run
again, and run once more; the list of series is compared with those that the mails hold.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from inbox_server import Inbox

from reviewer import mail
from reviewer.mail.local import read_local


def kept(home: Path) -> int:
    """How many threads a run has kept."""
    file = home / ".local/state/kpf-review/inbox.sqlite"
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as state:
            return int(state.execute("SELECT count(*) FROM done").fetchone()[0])
    except sqlite3.Error:
        return 0


def run(command: list[str], env: dict[str, str], end_at: int = 0) -> str:
    """Run it, or end it when it has kept as many threads; what it printed."""
    began = time.monotonic()
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        command, env=env, stdout=pipe, stderr=subprocess.DEVNULL, text=True
    )
    while end_at and process.poll() is None:
        if kept(Path(env["HOME"])) >= end_at:
            os.kill(process.pid, signal.SIGKILL)
            break
        time.sleep(0.2)
    out, _ = process.communicate()
    seconds = time.monotonic() - began
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    what = "ended" if process.returncode < 0 else f"status {process.returncode}"
    lines = len(out.splitlines())
    print(f"{what}: {lines} lines, {seconds:.1f} s, at most {most} MB until now")
    return out


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--tree", action="append", required=True)
    parser.add_argument("--mails", type=int, default=200)
    parser.add_argument("--kpf", default=shutil.which("kpf-review"))
    args = parser.parse_args()
    mails = [raw for file in args.files for raw in read_local(file)][: args.mails]
    meant = {series.message_id for series, _ in mail.open_mails(mails, ["mails"])}
    with tempfile.TemporaryDirectory() as folder:
        inbox = Inbox(
            Path(folder) / "archive", lambda name, _: shutil.which(name) or ""
        )
        inbox.start(mails)
        env = {n: v for n, v in inbox.env.items() if n != "XDG_STATE_HOME"}
        trees = [word for tree in args.tree for word in ("--tree", tree)]
        command = [args.kpf, "inbox", "--search", "z:1..", *trees]
        print(f"{len(mails)} mails, {len(meant)} series")
        run(command, env, end_at=max(1, len(meant) // 4))
        run(command, env)
        run(command, env)
        listed = json.loads(run([*command, "--again", "--format", "json"], env))
        inbox.stop()
    found = [row["message_id"] for row in listed["series"]]
    print(f"listed {len(found)}, twice {len(found) - len(set(found))}")
    print(f"missing {sorted(meant - set(found))}, others {sorted(set(found) - meant)}")


if __name__ == "__main__":
    main()
