# SPDX-License-Identifier: GPL-2.0-or-later
"""The git repository around a folder, seen without the settings of its own.

A tree that was unpacked from somewhere brings a ``.git/config``, and dozens of its
keys start a program: filters, fsmonitor, gpg, textconv, hooks, and those of a git that
is not written yet.  So git is not told which keys to ignore, it is not shown the file:
``GIT_COMMON_DIR`` names a private folder with links to refs and objects and a
configuration that holds the keys of ``_KEPT`` only, which are names and numbers.
HEAD and the index are the repository's own (``GIT_DIR``), and the user's configuration
holds, with what it includes for this repository.

Where git reads a file without looking, a pipe would hold it for ever: what stands in
the place of a file has to be one.
"""

from __future__ import annotations

import atexit
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from reviewer.errors import TreeError
from reviewer.files import private
from reviewer.files.plain_files import open_plain
from reviewer.patterns import regex
from reviewer.utf8 import decode

SHARED = ("refs", "objects", "logs", "packed-refs", "shallow", "reftable")
_FILES = (
    *("HEAD", "index", "config", "config.worktree", "packed-refs", "shallow"),
    "info/sparse-checkout",
)
_MOST_BORROWED = 100  # folders; git follows alternates five times
_LARGEST_CONFIG = 4 << 20  # bytes
_LOOSE_FOLDER = regex(r"[0-9a-f]{2}")
_LOOSE = regex(r"[0-9a-f]{38}|[0-9a-f]{62}")
_GITFILE = regex(rb"gitdir: ([^\0\n\r]+)[\r\n]*")
_KEPT = regex(
    r"core\.(?:repositoryformatversion|filemode|symlinks|ignorecase|logallrefupdates"
    r"|sharedrepository|abbrev|sparsecheckout|sparsecheckoutcone)"
    r"|extensions\.(?!worktreeconfig$|partialclone$)[a-z0-9]+"
    r"|(?:user|author|committer)\.(?:name|email)"
    r"|sendemail\.from"
    r"|branch\..*\.(?:remote|merge|pushremote|description|b4-[a-z-]+)"
    r"|remote\..*\.(?:fetch|push)"
    r"|remote\.pushdefault|push\.default"
    r"|kpf\..*"
    # of b4, what says where mail is and how it is judged: nothing that is run
    r"|b4\.(?:midmask|linkmask|searchmask|listid-preference|cache-expire"
    r"|attestation-(?:policy|staleness-days|check-dkim|dns-resolvers)|keyringsrc)",
    re.DOTALL,
)


class Repository(Struct, frozen=True):
    """Where the parts of a repository are."""

    git_dir: Path  # HEAD and the index of this worktree
    common: Path  # what all its worktrees share
    top: Path | None  # the top of the worktree, None for a bare one

    @property
    def config(self) -> Path:
        """The file with the settings of the repository."""
        return self.common / "config"

    def entries(self) -> tuple[tuple[str, str], ...]:
        """Returns every setting of the repository itself, as
        (key, value); includes are not.

        Raises TreeError where the file is no configuration.
        """
        return _view(self).entries

    def environment(self) -> dict[str, str]:
        """Returns what lets git see the repository without its settings.

        Raises TreeError where something in it is no file, or no configuration.
        """
        return {
            "GIT_DIR": os.fspath(self.git_dir),
            "GIT_COMMON_DIR": os.fspath(_view(self).folder),
        }

    def named(self, origin: str) -> str:
        """Says where a setting comes from, by the name that the user knows."""
        shown = f"file:{_view(self).folder / 'config'}"
        return f"file:{self.config}" if origin == shown else origin


def around(folder: Path | str) -> Repository | None:
    """Returns the repository that git would find from a folder, None if there is none.

    Raises TreeError where git would refuse it: it belongs to somebody else and is in
    no ``safe.directory`` of the user's, or it is damaged.
    """
    start = Path(os.path.realpath(folder))
    device = _device(start)
    for place in (start, *start.parents):
        if _device(place) != device:
            return None
        found = _at(place)
        if found is not None:
            _check_owner(found, place)
            return found
    return None


def _device(place: Path) -> int | None:
    try:
        return place.stat().st_dev
    except OSError:
        return None


def _at(place: Path) -> Repository | None:
    dot = place / ".git"
    try:
        mode = dot.stat().st_mode
    except OSError:
        mode = 0
    if stat.S_ISREG(mode):
        return _repository(_target(dot), place)
    if stat.S_ISDIR(mode):
        return _repository(dot, place) if _is_git_dir(dot, dot) else None
    if mode:
        raise TreeError(f"{dot}: neither a file nor a folder")
    if _is_git_dir(place, place):
        top = place.parent if place.name == ".git" else None
        return _repository(place, top)
    return None


def _target(gitfile: Path) -> Path:
    match = _GITFILE.fullmatch(read_small(gitfile) or b"")
    if match is None:
        raise TreeError(f"{gitfile}: not a file as git makes it")
    return gitfile.parent / os.fsdecode(match[1])


def _repository(git_dir: Path, top: Path | None) -> Repository:
    git_dir = Path(os.path.realpath(git_dir))
    text = read_small(git_dir / "commondir")
    common = git_dir
    if text is not None:
        common = Path(os.path.realpath(git_dir / os.fsdecode(text.rstrip(b"\r\n"))))
    if not _is_git_dir(git_dir, common):
        raise TreeError(f"{git_dir}: not a git repository")
    return Repository(git_dir, common, top)


def _is_git_dir(git_dir: Path, common: Path) -> bool:
    """As git looks at it (setup.c, is_git_directory)."""
    return os.path.lexists(git_dir / "HEAD") and all(
        (common / name).is_dir() for name in ("objects", "refs")
    )


def read_small(place: Path) -> bytes | None:
    """Returns the content of a regular file of some size, None for all else."""
    try:
        with open_plain(place) as file:
            data = file.read(_LARGEST_CONFIG + 1)
    except (OSError, ValueError):
        return None
    return data if len(data) <= _LARGEST_CONFIG else None


def _check_owner(found: Repository, place: Path) -> None:
    """Let git judge what is not all the user's own (safe.directory)."""
    parts = [found.git_dir] if found.top is None else [found.git_dir, place]
    if (place / ".git").is_file():
        parts.append(place / ".git")
    if all(_is_own(part) for part in parts):
        return
    from reviewer import git

    done = git.run_on_any_repository(["rev-parse", "--git-dir"], cwd=place)
    if done.returncode != 0:
        lines = done.stderr.decode("utf-8", "replace").splitlines()
        why = lines[0].removeprefix("fatal: ") if lines else "git does not open it"
        raise TreeError(f"{place}: {why}")


def _is_own(place: Path) -> bool:
    try:
        owner = place.lstat().st_uid
    except OSError:
        return False
    sudo = os.environ.get("SUDO_UID", "") if os.geteuid() == 0 else ""
    return owner == os.geteuid() or (sudo.isdigit() and owner == int(sudo))


# --- the private folder ---------------------------------------------------------------


class _View(Struct, frozen=True):
    """A private folder, and what it was made from."""

    folder: Path
    entries: tuple[tuple[str, str], ...]
    made_from: tuple[object, ...]
    process: int


_views: dict[Path, _View] = {}


def _view(repository: Repository) -> _View:
    state = _state(repository)
    known = _views.get(repository.git_dir)
    if known and known.made_from == state and known.folder.is_dir():
        return known
    if known and known.process == os.getpid():
        private.remove(known.folder)
    entries = tuple(_read_config(repository))
    _check_files(repository)
    try:
        folder = private.make("git")
    except OSError as error:
        where = tempfile.gettempdir()
        raise TreeError(f"cannot work in {where}: {error.strerror}") from None
    for name in SHARED:
        (folder / name).symlink_to(repository.common / name)
    (folder / "config").write_text(
        "".join(_written(key, value) for key, value in entries if is_kept(key)),
        encoding="utf-8",
        errors="surrogateescape",
    )
    # for b4, which looks for .git in the folder that it is given as the top
    (folder / ".git").write_bytes(b"gitdir: %s\n" % os.fsencode(repository.git_dir))
    made = _View(folder, entries, state, os.getpid())
    _views[repository.git_dir] = made
    return made


def is_kept(key: str) -> bool:
    """Says whether a key of a repository's own settings is shown to git."""
    section, _, name = key.rpartition(".")
    first, dot, middle = section.partition(".")
    return _KEPT.fullmatch(f"{first.lower()}{dot}{middle}.{name.lower()}") is not None


def _state(repository: Repository) -> tuple[object, ...]:
    found: list[object] = []
    for place in (repository.config, repository.git_dir / "config.worktree"):
        try:
            status = place.stat()
        except OSError:
            found.append(None)
        else:
            found.append((status.st_ino, status.st_size, status.st_mtime_ns))
    return tuple(found)


def _read_config(repository: Repository) -> Iterator[tuple[str, str]]:
    yield from _entries_of(repository.config)
    place = repository.git_dir / "config.worktree"
    if place.exists():
        yield from _entries_of(place)


def _entries_of(place: Path) -> Iterator[tuple[str, str]]:
    from reviewer import git

    if not os.path.lexists(place):
        return
    data = read_small(place)
    if data is None:
        raise TreeError(f"{place}: not a file that can be read")
    words = ["config", "--file", "-", "--no-includes", "--null", "--list"]
    done = git.run(words, cwd=None, stdin=data, configured=False)
    if done.returncode != 0:
        why = git.last_line(done.stderr).replace("standard input", str(place))
        raise TreeError(f"{place}: {why}")
    for entry in decode(done.stdout).split("\0")[:-1]:
        key, newline, value = entry.partition("\n")
        yield key, value if newline else "true"


def _written(key: str, value: str) -> str:
    """A setting as git reads it back."""
    section, _, name = key.rpartition(".")
    first, dot, middle = section.partition(".")
    head = f'[{first} "{_escaped(middle)}"]' if dot else f"[{first}]"
    text = _escaped(value).replace("\n", "\\n").replace("\t", "\\t")
    return f'{head}\n\t{name} = "{text}"\n'


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _check_files(repository: Repository) -> None:
    """That git finds files where it opens one; HEAD may be a link, as of old.

    Raises TreeError for a pipe, a device or a folder there.
    """
    for folder in {repository.git_dir, repository.common}:
        for name in _FILES:
            _check_file(folder / name)
        for place in (folder / "refs", folder / "logs", folder / "reftable"):
            _check_below(place)
    _check_objects(repository.common / "objects", set())


def _check_objects(folder: Path, seen: set[str]) -> None:
    """Loose objects and packs, also of the folders that this one borrows from."""
    try:
        real = os.path.realpath(folder)
        names = os.listdir(real)
    except (OSError, ValueError):  # a name with a NUL
        return
    if real in seen or len(seen) > _MOST_BORROWED:
        return
    seen.add(real)
    for place in (folder / "pack", folder / "info"):
        _check_below(place)
    for name in names:
        if _LOOSE_FOLDER.fullmatch(name):
            _check_below(folder / name, _LOOSE)
    for line in (read_small(folder / "info/alternates") or b"").splitlines():
        _check_objects(folder / os.fsdecode(line.strip(b'"')), seen)


def _check_below(folder: Path, only: re.Pattern[str] | None = None) -> None:
    """The files in a folder and below, or those in it with such a name."""
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        if only is not None and not only.fullmatch(entry.name):
            continue
        if entry.is_dir(follow_symlinks=False):
            _check_below(Path(entry.path))
        elif not entry.is_file(follow_symlinks=False):
            _check_file(Path(entry.path))


def _check_file(place: Path) -> None:
    try:
        mode = place.stat().st_mode
    except OSError:
        return
    if not stat.S_ISREG(mode):
        raise TreeError(f"{place}: not a file, and git would wait for it")


def forget() -> None:
    """Remove the private folders that this process has made."""
    for git_dir, view in list(_views.items()):
        if view.process == os.getpid():
            private.remove(view.folder)
            del _views[git_dir]


atexit.register(forget)


# --- b4's own git commands ------------------------------------------------------------


@contextmanager
def shown_to_b4(folder: Path | None = None) -> Iterator[None]:
    """Let the git that b4 starts see no more of the repository than ours does.

    Raises TreeError as ``around`` does.
    """
    found = around(folder or Path.cwd())
    names = {**found.environment(), "GIT_IMPLICIT_WORK_TREE": "0"} if found else {}
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(names)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def top_for_b4(folder: Path | None = None) -> str | None:
    """Returns a top folder that holds nothing of the tree's, no .b4-config either.

    Raises TreeError as ``around`` does.
    """
    found = around(folder or Path.cwd())
    return os.fspath(_view(found).folder) if found else None
