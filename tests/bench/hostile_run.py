"""Every mail of a folder through the whole command line, in the formats that matter.

    python tests/bench/hostile_run.py CORPUS TREE [--seconds 10] [--formats text,json]

A breach is a traceback, an exit status that is not documented, a run that needs more
processor time (children included, so that a busy machine does not matter) or ten
times as long by the clock,
anything on stdout or stderr that a terminal would act on or a reader would not see,
a result that is no JSON, or a file that is there afterwards and was not before.
Prints a table; ends with 1 if there was a breach.
"""

from __future__ import annotations

import argparse
import collections
import hashlib
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve()
FORMATS = ("text", "mail", "json", "sarif")
DOCUMENTED = (0, 1, 2, 3)
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)


def main() -> int:
    """Run it; see the module's text."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("tree", type=Path)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--formats", default=",".join(FORMATS))
    args = parser.parse_args()
    formats = args.formats.split(",")
    mails = sorted(path for path in args.corpus.rglob("*") if path.is_file())
    breaches: list[str] = []
    statuses: collections.Counter[tuple[str, int]] = collections.Counter()
    slowest: dict[str, tuple[float, str]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        world = World(Path(scratch))
        for mail in mails:
            for form in formats:
                status, seconds, wrong = world.review(
                    mail, args.tree, form, args.seconds
                )
                statuses[form, status] += 1
                slowest[form] = max(slowest.get(form, (0.0, "")), (seconds, mail.name))
                breaches += [f"{mail.name} [{form}]: {what}" for what in wrong]
    print(f"{len(mails)} mails of {args.corpus.name}")
    print(f"{'format':<8} " + " ".join(f"exit {s}" for s in DOCUMENTED) + "  slowest")
    for form in formats:
        row = " ".join(f"{statuses[form, status]:6}" for status in DOCUMENTED)
        seconds, name = slowest.get(form, (0.0, "-"))
        print(f"{form:<8} {row}  {seconds:.2f} s {name}")
    for breach in breaches:
        print(f"BREACH {breach}")
    print(f"breaches: {len(breaches)}")
    return 1 if breaches else 0


def _used() -> float:
    """Processor time of all processes that have ended, in seconds."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class World:
    """A home, a temporary folder and a current folder of our own, watched."""

    def __init__(self, top: Path) -> None:
        self.top = top
        for name in ("home", "tmp", "cwd"):
            (top / name).mkdir()
        (top / "home/.gitconfig").write_text(
            "[user]\nname = Rita Reviewer\nemail = rita@example.org\n"
            "[safe]\ndirectory = *\n"
        )
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(top / "home"),
            "TMPDIR": str(top / "tmp"),
            "PYTHONPATH": str(HERE.parents[2]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "LC_ALL": "C.UTF-8",
        }
        self.before = self._files()

    def review(
        self, mail: Path, tree: Path, form: str, limit: float
    ) -> tuple[int, float, list[str]]:
        """Exit status, seconds, and what was wrong."""
        command = [sys.executable, "-m", "reviewer.cli", str(mail.resolve())]
        command += ["--tree", str(tree.resolve()), "--format", form]
        begun = _used()
        try:
            done = subprocess.run(
                command,
                cwd=self.top / "cwd",
                env=self.environment,
                capture_output=True,
                stdin=subprocess.DEVNULL,
                timeout=limit * 10,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return -1, limit * 10, [f"not done after {limit * 10:.0f} s"]
        seconds = _used() - begun
        return done.returncode, seconds, list(self._wrong(done, form, seconds, limit))

    def _wrong(self, done, form: str, seconds: float, limit: float):  # type: ignore[no-untyped-def]
        if seconds > limit:
            yield f"{seconds:.1f} s"
        if done.returncode not in DOCUMENTED:
            yield f"exit status {done.returncode}"
        said = done.stderr.decode("utf-8", "surrogateescape")
        if "Traceback" in said or "internal error" in said:
            yield f"internal error: {said.strip().splitlines()[-1]}"
        for name, data in (("stdout", done.stdout), ("stderr", done.stderr)):
            found = UNSEEN.search(data.decode("utf-8", "surrogateescape"))
            if found:
                yield f"{found[0]!a} on {name}"
        if form in ("json", "sarif") and done.stdout:
            try:
                json.loads(done.stdout)
            except ValueError as error:
                yield f"not JSON: {error}"
        if self._files() != self.before:
            yield f"files changed: {sorted(set(self._files()) ^ set(self.before))}"
            self.before = self._files()

    def _files(self) -> dict[str, str]:
        return {
            str(path.relative_to(self.top)): hashlib.sha256(
                path.read_bytes()
            ).hexdigest()
            if path.is_file()
            else ""
            for path in self.top.rglob("*")
        }


if __name__ == "__main__":
    sys.exit(main())
