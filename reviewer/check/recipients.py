# SPDX-License-Identifier: GPL-2.0-or-later
"""Who should get a series: what MAINTAINERS says, and who really reviews the files.

scripts/get_maintainer.pl is code of the tree.  It is run only for one's own commits,
as it is committed below them, never as a patch leaves it.
"""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from reviewer import git
from reviewer.errors import InputError
from reviewer.files import private
from reviewer.mail.people import are_same, is_robot, person_of
from reviewer.models import Series
from reviewer.patterns import regex
from reviewer.tree.paths import is_safe

SCRIPT = "scripts/get_maintainer.pl"
NEEDED = (SCRIPT, "MAINTAINERS", ".get_maintainer.conf", ".get_maintainer.ignore")
SECONDS = 60
LATEST = 100  # commits on the files, of which the reviewers count
OFTEN = 2  # reviews that make somebody one who reviews these files
MOST = 5  # of those
TRAILERS = "%(trailers:key=Reviewed-by,valueonly)%(trailers:key=Acked-by,valueonly)"
NAMED = regex(r"^(?:to|cc):[ \t]*(\S.*)$", re.IGNORECASE | re.MULTILINE)


def recipients(
    series: Series, top: Path, base: str, paths: Sequence[str]
) -> tuple[tuple[str, str], ...]:
    """Returns addresses and why each of them; those that
    the cover letter names are marked.

    Args:
        series: one's own commits.
        top: the worktree they are in.
        base: the commit below them: its script and its MAINTAINERS are used.
        paths: the files that they change; those that lead elsewhere are left out.

    Raises InputError where the tree has no such script, or it fails.
    """
    paths = [path for path in paths if is_safe(path)]
    named = [person_of(one) for one in NAMED.findall(_cover(series))]
    found: dict[str, str] = {}
    for line in _from_maintainers(top, base, paths):
        found.setdefault(line, "MAINTAINERS")
    for person, count in _reviewers(top, base, paths):
        if not any(are_same(person_of(person), person_of(one)) for one in found):
            found[person] = f"{count} reviews of these files"
    author = series.patches[0].headers.sender

    def why(line: str) -> str:
        known = any(are_same(person_of(line), one) for one in named)
        return found[line] + (", in the cover letter" if known else "")

    return tuple(
        (line, why(line)) for line in found if not are_same(person_of(line), author)
    )


def _cover(series: Series) -> str:
    return series.cover.body if series.cover else ""


def _from_maintainers(top: Path, base: str, paths: Sequence[str]) -> list[str]:
    """What the base's script prints, run in a folder that holds the base's files."""
    with private.folder("maintainers") as folder:
        for name in NEEDED:
            done = git.run(["cat-file", "blob", f"{base}:{name}"], cwd=top)
            if done.returncode == 0:
                place = Path(folder, name)
                place.parent.mkdir(exist_ok=True)
                place.write_bytes(done.stdout)
        if not Path(folder, SCRIPT).exists():
            raise InputError(f"{base[:12]} has no {SCRIPT}")
        for path in paths:  # the script wants them to be there
            place = Path(folder, path)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.touch()
        command = ["perl", SCRIPT, "--no-tree", "--no-git", "--no-git-fallback"]
        command += ["--no-rolestats", "--no-roles", "-f", "--", *paths]
        try:
            done = subprocess.run(
                command, cwd=folder, capture_output=True, timeout=SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise InputError(f"{SCRIPT}: {type(error).__name__}") from None
    if done.returncode != 0:
        raise InputError(f"{SCRIPT}: {git.last_line(done.stderr)}")
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    return [line.strip() for line in lines if "@" in line]


def _reviewers(top: Path, base: str, paths: Sequence[str]) -> list[tuple[str, int]]:
    """Who gave the most tags to the latest commits on these files."""
    words = ["--literal-pathspecs", "log", f"--max-count={LATEST}"]
    words += [f"--format={TRAILERS}", base, "--", *paths]
    done = git.run(words, cwd=top)
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    people = Counter(
        line.strip() for line in lines if "@" in line and not is_robot(person_of(line))
    )
    return [(who, n) for who, n in people.most_common(MOST) if n >= OFTEN]
