# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixes of findings as ``fixup!`` commits, or as a patch: never by rewriting.

A fix goes on top of the branch, into a commit that ``git rebase --autosquash`` puts
where it belongs.  It is made without checking anything out: objects and trees by
git's plumbing with an index of its own, then the file, its index entry and the branch
are moved to the new state together.  A file with a change that is not committed is
left alone, and its fix goes into a patch file.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from msgspec import Struct, field

from reviewer import git, repository
from reviewer.check.branch_move import BranchMove
from reviewer.errors import OutputError
from reviewer.files import exchange, new_files, private
from reviewer.models import Confidence, Edit, Judged, Report
from reviewer.patch.write import unified_diff
from reviewer.tree.on_disk import read_regular
from reviewer.utf8 import decode, encode

REGULAR = ("100644", "100755")
UNFINISHED = (
    "rebase-merge",
    "rebase-apply",
    "MERGE_HEAD",
    "CHERRY_PICK_HEAD",
    "REVERT_HEAD",
)
PATCH_NAME = "kpf-review-fixes.patch"


class _Wanted(Struct, frozen=True):
    """The fixes of one file in one patch of the series."""

    commit: str
    path: str
    before: bytes  # the file as that patch leaves it
    after: bytes
    findings: tuple[Judged, ...]


class Fixed(Struct):
    """What was done, for the notes."""

    commits: list[tuple[str, str]] = field(default_factory=list)  # id, subject
    refused: list[tuple[str, str]] = field(default_factory=list)  # path, why
    patch: Path | None = None  # where the rest of the fixes is


def safe_fixes(findings: Sequence[Judged]) -> list[Judged]:
    """Returns those that may be fixed unasked: proved, with edits that silence the
    rule."""
    return [
        finding
        for finding in findings
        if finding.confidence is Confidence.PROVED
        and finding.fix is not None
        and finding.edits
        and finding.patch is not None
        and not finding.preexisting
        and finding.fixed_later_by is None
    ]


def fix(report: Report, repo: Path, *, patch_file: Path | None = None) -> Fixed:
    """Fixes what is safe to fix in the commits that were checked.

    Args:
        report: of a series of commits of the branch checked out.
        repo: the top folder of the worktree.
        patch_file: write all fixes there, and commit nothing.

    Raises OutputError where git or the file system refuses; then nothing has changed.
    """
    checkout = _Checkout(repo)
    with exchange.one_run_at_a_time(checkout.git_dir):
        return _fix(report, checkout, patch_file)


def _fix(report: Report, repository: _Checkout, patch_file: Path | None) -> Fixed:
    fixed = Fixed()
    repository.look()
    as_committed: dict[str, bytes] = {}
    now: dict[str, bytes] = {}
    why_not: dict[str, str] = {}
    steps: list[tuple[_Wanted, bytes]] = []  # and the file as it is to be
    for wanted in _wanted(report, fixed):
        path = wanted.path
        if path not in now:
            data = repository.committed(path)
            if data is None:
                fixed.refused.append((path, "is not in the last commit"))
                continue
            as_committed[path] = now[path] = data
            why_not[path] = "" if patch_file else repository.why_not(path)
        merged = _merged(wanted, now[path])
        if merged is None:
            fixed.refused.append((path, "is changed again there by a later commit"))
            continue
        if merged == now[path]:
            fixed.refused.append((path, "has the fix already"))
            continue
        now[path] = merged
        if not (patch_file or why_not[path]):
            steps.append((wanted, merged))
    fixed.refused += [(path, why) for path, why in why_not.items() if why]
    left = [path for path in now if patch_file or why_not[path]]
    diff = "".join(unified_diff(p, as_committed[p], now[p]) or "" for p in left)
    if diff:
        fixed.patch = _write_patch(patch_file, diff)
    if steps:
        fixed.commits = repository.commit(steps)
    return fixed


def _wanted(report: Report, fixed: Fixed) -> Iterator[_Wanted]:
    """The fixes by patch and file, in the order of the patches."""
    findings = safe_fixes(report.findings)
    for state in report.patches:
        for change in state.changes:
            mine = [
                finding
                for finding in findings
                if finding.patch == state.patch.index and finding.file == change.path
            ]
            if not change.applied and _is_proved_in(change.path, report.findings):
                why = f"is not looked at as a whole ({change.why})"
                fixed.refused.append((change.path, why))
            if not mine or change.post is None or state.patch.commit is None:
                continue
            edits = [edit for finding in mine for edit in finding.edits]
            after = _edited(change.post, edits)
            if after is None:
                fixed.refused.append((change.path, "two fixes touch the same text"))
                continue
            yield _Wanted(
                state.patch.commit, change.path, change.post, after, tuple(mine)
            )


def _is_proved_in(path: str, findings: Sequence[Judged]) -> bool:
    proved = Confidence.PROVED
    return any(one.file == path and one.confidence is proved for one in findings)


def _edited(data: bytes, edits: Sequence[Edit]) -> bytes | None:
    """The data with all edits made; None where they overlap."""
    end = len(data)
    for edit in sorted(set(edits), key=lambda edit: (-edit.start, -edit.end)):
        if edit.end > end:
            return None
        data = data[: edit.start] + edit.text + data[edit.end :]
        end = edit.start
    return data


def _merged(wanted: _Wanted, now: bytes) -> bytes | None:
    """The fix made in the file as it is at the tip; None where it cannot be."""
    if now == wanted.before:
        return wanted.after
    with private.folder("fix") as folder:
        for name, data in (
            ("ours", now),
            ("base", wanted.before),
            ("theirs", wanted.after),
        ):
            Path(folder, name).write_bytes(data)
        words = ["merge-file", "-p", "--quiet", "ours", "base", "theirs"]
        done = git.run(words, cwd=folder)
    return done.stdout if done.returncode == 0 else None


def _write_patch(path: Path | None, diff: str) -> Path:
    """Write a new file; an existing one is never overwritten."""
    names = [path] if path else [Path(PATCH_NAME)]
    names += [] if path else [Path(f"{PATCH_NAME}.{n}") for n in range(1, 100)]
    for name in names:
        if not os.path.lexists(name):
            new_files.write({name: encode(diff)})
            return name
    raise OutputError(f"{names[0]}: exists already")


class _Checkout:
    """The branch checked out in one worktree."""

    def __init__(self, top: Path) -> None:
        self.top = top
        found = repository.around(top)
        assert found is not None  # the commits that were checked are in it
        self.git_dir = found.git_dir
        self._attributes = found.common / "info/attributes"
        self.look()

    def look(self) -> None:
        """Take the tip and the index as they are now."""
        self.head = self._line("rev-parse", "--verify", "HEAD^{commit}")
        self._index = exchange.read(self.git_dir / "index")

    def committed(self, path: str) -> bytes | None:
        """A file as the tip of the branch has it."""
        done = git.run(["cat-file", "blob", f"{self.head}:{path}"], cwd=self.top)
        return done.stdout if done.returncode == 0 else None

    def why_not(self, path: str) -> str:
        """Why a file is not to be touched; "" if index and worktree are as HEAD."""
        if any((self.git_dir / name).exists() for name in UNFINISHED):
            return "a rebase or merge is under way"
        entry = self._entry(path)
        in_head = self._run(["ls-tree", "-z", self.head, "--", f":(literal){path}"])
        mode, _, rest = decode(in_head).partition(" ")
        blob = rest.split("\t")[0].removeprefix("blob ")
        if mode not in REGULAR:
            return "not a regular file"
        if entry != (mode, blob) or self._in_worktree(path) != self.committed(path):
            return "has changes that are not committed"
        return self._why_not_by_attributes(path)

    def _why_not_by_attributes(self, path: str) -> str:
        """Why a file is not to be written: git would, by way of a program."""
        for folder in PurePosixPath(path).parents:
            attributes = self.top / folder / ".gitattributes"
            if attributes.exists() and not attributes.is_file():
                return f"{folder / '.gitattributes'} is not a file"
        words = ["check-attr", "-z", "filter", "--", path]
        if self._attributes.is_file():
            words = ["-c", f"core.attributesFile={self._attributes}", *words]
        value = self._run(words, work_tree=True).split(b"\0")[2]
        if value in (b"unspecified", b"unset"):
            return ""
        return f"has the filter {value.decode('utf-8', 'replace')!r}, which is not run"

    def _entry(self, path: str) -> tuple[str, str] | None:
        """Mode and blob of a file's only index entry."""
        words = ["ls-files", "-s", "-z", "--", f":(literal){path}"]
        records = decode(self._run(words)).split("\0")[:-1]
        if len(records) != 1:
            return None
        mode, blob, rest = records[0].split(" ", 2)
        return (mode, blob) if rest.startswith("0\t") else None

    def _in_worktree(self, path: str) -> bytes | None:
        place = self.top / path
        if place.parent.resolve() != (self.top.resolve() / path).parent:
            return None  # below a symbolic link
        return read_regular(str(place))

    # --- committing ---------------------------------------------------------------

    def commit(self, steps: Sequence[tuple[_Wanted, bytes]]) -> list[tuple[str, str]]:
        """One ``fixup!`` commit for each commit touched; then file, index, branch."""
        by_commit: dict[str, list[tuple[_Wanted, bytes]]] = {}
        for wanted, data in steps:
            by_commit.setdefault(wanted.commit, []).append((wanted, data))
        parent = self.head
        made = []
        blobs: dict[str, tuple[str, str]] = {}  # path -> mode and blob at the end
        with private.folder("fix") as folder:
            apart = {"GIT_INDEX_FILE": os.path.join(folder, "index")}
            self._run(["read-tree", self.head], extra=apart)
            for commit, group in by_commit.items():
                for wanted, data in group:
                    entry = self._entry(wanted.path)
                    assert entry is not None
                    blobs[wanted.path] = (entry[0], self._blob(data))
                entries = {wanted.path: blobs[wanted.path] for wanted, _ in group}
                self._update_index(entries, extra=apart)
                tree = self._run(["write-tree"], extra=apart).strip().decode()
                parent, subject = self._commit_tree(tree, parent, commit, group)
                made.append((parent, subject))
            index = self._index_with(blobs, folder / "new-index")
            self._move_to(parent, dict(_last(steps)), index)
            self._refresh(list(blobs), folder / "refreshed")
        return made

    def _index_with(self, blobs: Mapping[str, tuple[str, str]], copy: Path) -> bytes:
        """The index as it was looked at, with other entries."""
        copy.write_bytes(self._index or b"")
        self._update_index(blobs, extra={"GIT_INDEX_FILE": os.fspath(copy)})
        return copy.read_bytes()

    def _commit_tree(
        self, tree: str, parent: str, commit: str, group: list[tuple[_Wanted, bytes]]
    ) -> tuple[str, str]:
        subject = f"fixup! {self._name_for_autosquash(commit)}"
        told = [
            f"{finding.rule}: {finding.file}:{finding.line}: {finding.message}"
            for wanted, _ in group
            for finding in wanted.findings
        ]
        text = "\n".join([subject, "", *told]) + "\n"
        made = self._run(
            ["commit-tree", tree, "-p", parent, "-F", "-"],
            stdin=encode(text),
        )
        return made.strip().decode(), subject

    def _name_for_autosquash(self, commit: str) -> str:
        """The subject, or the commit's id where the subject is there twice."""
        subject = self._line("log", "-1", "--format=%s", commit)
        others = self._line("log", "--format=%s", f"{commit}^..{self.head}").split("\n")
        return subject if others.count(subject) == 1 else commit

    def _move_to(
        self, commit: str, contents: Mapping[str, bytes], index: bytes
    ) -> None:
        """The worktree's files, their index entries and the branch, or none of them.

        No git command starts in between: the one that moves the branch waits for the
        word, and gives up if this process goes.  The index never is ahead of a file,
        and the branch never of the index: whatever ends a run between two of the steps
        leaves the fix as a change that is not committed.
        """
        committed = {path: self.committed(path) for path in contents}
        with BranchMove(self.top, commit, self.head) as branch:
            entries = exchange.Lock(self.git_dir / "index")
            files = {path: self._replacement(path) for path in contents}
            taken: list[exchange.Lock] = []
            moved: list[str] = []
            with exchange.signals_held():
                try:
                    for path, file in files.items():
                        self._check_unchanged(path, committed[path])
                        file.take(committed[path], contents[path])
                        taken.append(file)
                    branch.prepare()
                    # git's lock comes last: SIGKILL leaves what stands from here on
                    entries.take(self._index, index)
                    taken.append(entries)
                    for path in files:
                        self._check_unchanged(path, committed[path])
                    for path, file in files.items():
                        file.move()
                        moved.append(path)
                    entries.move()
                    taken = []
                    branch.commit()
                except BaseException:
                    for lock in taken:
                        lock.drop()
                    if not taken and moved:
                        exchange.exchange(entries.place, index, self._index or b"")
                    for path in moved:
                        before = committed[path] or b""
                        exchange.exchange(self.top / path, contents[path], before)
                    raise

    def _replacement(self, path: str) -> exchange.Lock:
        """What takes a file's place, without what a killed run has left of the kind."""
        place = self.top / path
        new_files.remove_parts(place.parent, [place.name])
        return exchange.Lock(place, new_files.temporary_name(place).name)

    def _check_unchanged(self, path: str, committed: bytes | None) -> None:
        if self._in_worktree(path) != committed:
            raise exchange.Changed(f"{path}: changed meanwhile")

    def _refresh(self, paths: Sequence[str], copy: Path) -> None:
        """Let the index know the new files' times; if it cannot be, git will look."""
        place = self.git_dir / "index"
        before = exchange.read(place)
        copy.write_bytes(before or b"")
        names = [f":(literal){path}" for path in paths]
        words = ["add", "--refresh", "--", *names]
        apart = {"GIT_INDEX_FILE": os.fspath(copy)}
        done = git.run(words, cwd=self.top, work_tree=True, extra=apart)
        if done.returncode == 0:
            with contextlib.suppress(OutputError):
                exchange.exchange(place, before, copy.read_bytes())

    def _blob(self, data: bytes) -> str:
        words = ["hash-object", "-w", "--no-filters", "--stdin"]
        return self._run(words, stdin=data).strip().decode()

    def _update_index(
        self,
        entries: Mapping[str, tuple[str, str]],
        *,
        extra: Mapping[str, str] | None = None,
    ) -> None:
        records = "".join(
            f"{mode} {blob}\t{path}\0" for path, (mode, blob) in entries.items()
        )
        self._run(
            ["update-index", "-z", "--index-info"],
            stdin=encode(records),
            extra=extra,
        )

    def _line(self, *words: str) -> str:
        return decode(self._run(list(words))).strip()

    def _run(
        self,
        words: list[str],
        *,
        stdin: bytes = b"",
        extra: Mapping[str, str] | None = None,
        work_tree: bool = False,
    ) -> bytes:
        done = git.run(
            words, cwd=self.top, stdin=stdin, extra=extra, work_tree=work_tree
        )
        if done.returncode != 0:
            raise OutputError(f"git {words[0]}: {git.last_line(done.stderr)}")
        return done.stdout


def _last(steps: Sequence[tuple[_Wanted, bytes]]) -> Iterator[tuple[str, bytes]]:
    """Each file as the last step leaves it."""
    for wanted, data in steps:
        yield wanted.path, data
