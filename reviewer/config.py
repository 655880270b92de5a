# SPDX-License-Identifier: GPL-2.0-or-later
"""Settings: git config ``[kpf]`` of the user and the repository, as b4 does.

``[kpf "mm/"] ignore = rule`` is a profile: it holds for files below that path (see
``profiles``). Every setting knows where its value came from, for ``kpf-review config``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import fields

from reviewer import git, profiles, repository
from reviewer.errors import TreeError, UsageError
from reviewer.limits import Limits
from reviewer.profiles import Profile

# name -> (default, what it does); the one place where settings are declared.
KNOWN: dict[str, tuple[str, str]] = {
    "select": ("", "rules to run, comma-separated; empty: all stable ones"),
    "ignore": ("", "rules not to run, comma-separated"),
    "preview": ("false", "run preview rules too"),
    "preexisting": ("false", "show what was there before the series"),
    "behaviour": ("never", "always: a review compares the changed functions as well"),
    "tree": ("", "kernel tree to look for the base in; may stand there several times"),
    "dismissed": (
        "",
        "file of dismissed remarks that the repository keeps, relative to its top",
    ),
    "color": ("auto", "auto, always or never"),
    "info": ("false", "put info findings into drafts too"),
    "reviewer": (
        "kpf-review <kpf-review@localhost>",
        "under which 'kpf-review agent' comments in b4 review",
    ),
}
LARGEST = 1 << 31  # of a number: no clock and no solver takes much more
# Every bound of limits.Limits is a setting of its own: mailbox_bytes is
# kpf.mailboxBytes, which git reports in lower case.
BOUNDS = {bound.name.replace("_", ""): bound for bound in fields(Limits)}
_BOUND = {
    "mailboxbytes": "largest mailbox, folder or thread, in bytes",
    "messagebytes": "largest mail, in bytes",
    "headerbytes": "largest header of a mail, in bytes",
    "linebytes": "longest line of a mail, in bytes",
    "messages": "most mails in one mailbox",
    "patches": "most patches in one series",
    "mimedepth": "deepest nesting of MIME parts",
    "mimeparts": "most MIME parts in one mail",
    "difffiles": "most files in one patch",
    "diffhunks": "most hunks in one patch",
    "difflines": "most lines in one patch",
    "difflinebytes": "longest line of a patch, in bytes",
    "fuzzlines": "most lines compared to place hunks that do not apply",
    "fetchtime": "longest time to fetch a thread, in seconds",
    "codedepth": "deepest nesting of C that rules look at, in syntax nodes",
    "codemarks": "most punctuation in one C file, in characters",
    "parsetime": "longest time to parse one C file, in seconds of processor time",
    "ruletime": "longest time of one rule in one file, in seconds of processor time",
    "filetime": "longest time of all rules in one file, the same",
    "reviewtime": "longest time of all rules for a megabyte or four patches, the same",
    "behaviourtime": "longest time of all proofs about a series, the same, as steps",
    "solvertime": "longest time for one question of a proof, in milliseconds",
}


KNOWN.update(
    (name, (str(bound.default), _BOUND[name])) for name, bound in BOUNDS.items()
)


class Setting(Struct, frozen=True):
    """A value and where it came from."""

    name: str
    value: str
    origin: str  # "default", "command line" or the file git names


class Settings(Struct, frozen=True):
    """All settings of a run."""

    values: Mapping[str, Setting]
    # what subsystems want, as it was written: "drivers/iio/.ignore"
    profile_settings: tuple[Setting, ...] = ()
    unknown: tuple[Setting, ...] = ()
    # of a profile, and in the repository's configuration, which is not asked for it
    not_taken: tuple[Setting, ...] = ()
    trees: tuple[Setting, ...] = ()  # every kpf.tree, in git's order
    repository: str | None = None  # how the origin of the repository's own is named

    def text(self, name: str) -> str:
        """Returns a setting's value as git gives it, "" where it is not set."""
        return self.values[name].value

    def flag(self, name: str) -> bool:
        """Returns a boolean as git reads it. Raises UsageError for anything else."""
        value = self.text(name).lower()
        if value in ("true", "yes", "on", "1"):
            return True
        if value in ("false", "no", "off", "0", ""):
            return False
        raise UsageError(f"kpf.{name} is {value!r}: neither true nor false")

    def number(self, name: str) -> int:
        """Returns a number as git writes it (k, m, g allowed). Raises UsageError."""
        value = self.text(name).strip().lower()
        factor = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}.get(value[-1:], 1)
        digits = value[:-1] if factor > 1 else value
        if not digits.isascii() or not digits.isdigit():
            raise UsageError(f"kpf.{name} is {value!r}: not a number")
        if len(digits) > 18 or int(digits) * factor > LARGEST:
            raise UsageError(f"kpf.{name} is {value!r}: at most {LARGEST} is possible")
        return int(digits) * factor

    def limits(self) -> Limits:
        """Returns the bounds on what is read. Raises UsageError."""
        return Limits(**{b.name: self.number(name) for name, b in BOUNDS.items()})

    def names(self, name: str) -> tuple[str, ...]:
        """Returns the names in a comma-separated list."""
        parts = self.text(name).replace(",", " ").split()
        return tuple(parts)

    def profiles(self, *, own: bool = False) -> dict[str, Profile]:
        """Returns what subsystems want, by the path below which it holds.

        ``own``: without what the repository's own settings want.  Raises UsageError
        where a value is none.
        """
        found: dict[str, Profile] = {}
        for one in self.profile_settings:
            if own and one.origin == self.repository:
                continue
            path, _, key = one.name.rpartition(".")
            before = found.get(path, Profile())
            found[path] = profiles.with_setting(
                before, key, one.value, f"kpf.{one.name}"
            )
        return found


def read(folder: Path | None = None) -> Settings:
    """Read git config as seen from ``folder`` (default: the current one)."""
    values = {name: Setting(name, text, "default") for name, (text, _) in KNOWN.items()}
    written, unknown, not_taken = [], [], []
    ours = _repository_file(folder)
    trees: list[Setting] = []
    for origin, key, value in _git_config(folder):
        section, _, name = key.rpartition(".")
        profile = section[len("kpf.") :] if section != "kpf" else None
        if profile is not None:
            setting = Setting(f"{profile}.{name}", value, origin)
            if name not in profiles.KEYS:
                unknown.append(setting)
            elif name in profiles.OWN_ONLY and origin == ours:
                not_taken.append(setting)
            else:
                written.append(setting)
        elif name in KNOWN:
            values[name] = Setting(name, value, origin)
            trees += [values[name]] if name == "tree" else []
        else:
            unknown.append(Setting(name, value, origin))
    # an empty value takes back those before it, as for git's own lists
    last = max((n for n, one in enumerate(trees, 1) if not one.value), default=0)
    return Settings(
        values,
        tuple(written),
        tuple(unknown),
        tuple(not_taken),
        tuple(trees[last:]),
        ours,
    )


def _repository_file(folder: Path | None) -> str | None:
    """Returns how the origin of the repository's own settings is named; None outside of
    one."""
    try:
        found = repository.around(folder or Path.cwd())
    except TreeError:
        return None
    return f"file:{found.config}" if found else None


def _git_config(folder: Path | None) -> list[tuple[str, str, str]]:
    """(origin, key, value) of every [kpf] entry, in git's order of precedence."""
    words = ["config", "--null", "--show-origin", "--get-regexp", r"^kpf\."]
    where: Path | None = folder or Path.cwd()
    try:
        found = repository.around(folder or Path.cwd())
    except TreeError:
        found, where = None, None  # whoever needs the repository will say it
    try:
        done = git.run(words, cwd=where, timeout=20)
    except TreeError:
        return []
    if done.returncode not in (0, 1):
        reason = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise UsageError(f"git config: {reason[0] if reason else 'failed'}")
    parts = done.stdout.decode("utf-8", "replace").split("\0")
    entries = []
    for origin, entry in zip(parts[::2], parts[1::2], strict=False):
        key, _, value = entry.partition("\n")
        # A key without "=" is git's short form of true.
        shown = found.named(origin) if found else origin
        entries.append((shown, key, value if "\n" in entry else "true"))
    return entries
