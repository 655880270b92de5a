# SPDX-License-Identifier: GPL-2.0-or-later
"""A rule that begins: ``kpf-review rules --new NAME``, and what is made of all rules.

``reviewer/skeleton`` holds the files of a rule that works and says TODO wherever a
person has to say something; a test fails for as long as one is left.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable
from pathlib import Path

from reviewer import rulebook
from reviewer.api import Rule, Status
from reviewer.errors import OutputError, UsageError
from reviewer.files import new_files
from reviewer.patterns import regex

PACKAGE = Path(__file__).parent.parent
SKELETON = PACKAGE / "skeleton"
LONGEST_NAME = 40  # characters: the longest that a table shows well
_NAME = regex(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")
_TABLE = regex(
    r"(<!-- kpf-review rules --format markdown -->\n).*?(<!-- end -->)", re.S
)


def checkout() -> Path:
    """Returns the top of the checkout that this program runs from.

    Raises UsageError where it runs from an installed package, which has none.
    """
    top = PACKAGE.parent
    if not (PACKAGE / "rules").is_symlink() or not (top / "pyproject.toml").is_file():
        raise UsageError(
            "this kpf-review is an installed package; rules are written in a clone of"
            " its repository, after: pip install -e '.[dev]'"
        )
    return top


def begin(name: str) -> tuple[Path, ...]:
    """Writes the files of a rule of that name into the checkout; returns their paths.

    What is made of all rules is made anew.  Raises UsageError for a name that cannot be
    one, or is taken, and OutputError where a file is there already or cannot be
    written.
    """
    top = checkout()
    _check(name)
    files = _files(top, name)
    for path in files:
        if path.exists() or path.is_symlink():
            raise OutputError(f"{path.relative_to(top)} is there: not overwritten")
    new_files.write({path: text.encode() for path, text in files.items()}, folders=True)
    return (*files, *write())


def _check(name: str) -> None:
    if not _NAME.match(name) or len(name) > LONGEST_NAME:
        raise UsageError(
            f"{name!r} is no name for a rule: words of small letters and digits with"
            f" '-' between them, at most {LONGEST_NAME} characters"
        )
    if keyword.iskeyword(name) or name == "index":
        raise UsageError(f"{name!r} means something else in Python or in rules/")
    if name in rulebook.names():
        raise UsageError(f"there is a rule {name!r} already: kpf-review explain {name}")


def _files(top: Path, name: str) -> dict[Path, str]:
    folder = top / "rules" / name.replace("-", "_")
    places = {
        "rule.py.txt": folder / "rule.py",
        "lesson.md": folder / "lesson.md",
        "flagged.case": folder / "cases/flagged.case",
        "clean.case": folder / "cases/clean-other-name.case",
        "words.j2.txt": top / "templates/findings" / f"{name}.j2",
    }
    licence = "# SPDX-License-Identifier: GPL-2.0-or-later\n"
    made = {folder / "__init__.py": licence}
    for source, target in places.items():
        text = (SKELETON / source).read_text(encoding="utf-8")
        text = text.replace("@NAME@", name).replace("@FOLDER@", folder.name)
        made[target] = text
    return made


# --- what is made of all rules ------------------------------------------------------


def write() -> tuple[Path, ...]:
    """Makes anew what repeats the rules' declarations; returns what has changed.

    That is ``rules/index.json``, the table of README.md and the manual page.  Raises
    UsageError outside of a checkout, OutputError where a file cannot be written.
    """
    from reviewer.commands import manual, surface

    top = checkout()
    readme = (top / "README.md").read_text(encoding="utf-8")
    table = markdown([rulebook.declared(name) for name in rulebook.folders()])
    made = {
        top / "rules/index.json": rulebook.index_source(),
        top / "README.md": _TABLE.sub(lambda m: m[1] + table + m[2], readme),
        PACKAGE / "man/kpf-review.1": manual.page(surface.commands()),
    }
    changed = []
    for path, text in made.items():
        if path.read_text(encoding="utf-8") != text:
            changed.append(path)
    if changed:
        new_files.write({path: made[path].encode() for path in changed}, force=True)
    return tuple(changed)


def markdown(rules: Iterable[Rule]) -> str:
    """Returns the table of README.md: a row a rule, with its severity and summary."""
    rows = ["| rule | severity | what it catches |", "|---|---|---|"]
    for rule in rules:
        about = rule.summary.replace("|", "\\|")
        about += " (preview)" if rule.status is Status.PREVIEW else ""
        rows.append(f"| `{rule.name}` | {rule.severity.value} | {about} |")
    return "\n".join(rows) + "\n"
