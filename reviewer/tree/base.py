"""Which state of the tree a series was made for.

In this order: what the user asked for; the base-commit that the mail names; the
state whose files have the blob ids of the diff's ``index`` lines; HEAD; the files
as they lie there.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping

from reviewer import git
from reviewer.tree import Tree
from reviewer.tree.view import View
from reviewer.tree.views import GitView

_MOST_PATHS = 50  # the history search looks at
_MOST_COMMITS = 500  # that touch those paths
_MOST_TRIED = 60  # states compared with the diff
_SECONDS = 4.0
_COMMIT_ID = re.compile(r"[0-9a-f]{7,64}", re.I)
_RAW_LINE = re.compile(r":\d+ \d+ ([0-9a-f]+) ([0-9a-f]+) [A-Z]\d*\t(.*)")


def candidates(
    tree: Tree,
    base: str | None,
    base_commit: str | None,
    wanted: Mapping[str, str],
) -> Iterator[tuple[str | None, str]]:
    """States to try, best first, as (revision or None for the files, how found).

    Args:
        tree: the kernel tree.
        base: the revision the user asked for: then there is no other candidate.
        base_commit: the id in the mail's base-commit trailer.
        wanted: for each file that the series changes the id, maybe abbreviated, of
            the blob its first diff was made from.

    How is one of those of ``TreeInfo``: option, base-commit, blobs, head, worktree.

    Raises TreeError if the revision asked for is not there.
    """
    if base is not None:
        tree.view(base)  # says clearly if it is unknown
        yield base, "option"
        return
    head = tree.commit("HEAD") if tree.is_git else None
    if tree.is_git and base_commit and _COMMIT_ID.fullmatch(base_commit):
        commit = tree.commit(base_commit)
        if commit is not None:
            yield commit, "base-commit"
    if head is not None and _has_blobs(tree.view(head), wanted):
        yield head, "blobs"
    elif tree.has_files and _has_blobs(tree.view(None), wanted):
        yield None, "blobs"
    elif head is not None:
        found = _in_history(tree, wanted)
        if found is not None:
            yield found, "blobs"
    if head is not None:
        yield head, "head"
    if tree.has_files:
        yield None, "worktree"


def _has_blobs(view: View, wanted: Mapping[str, str]) -> bool:
    """Whether every file has the blob id that the diff names."""
    return bool(wanted) and all(
        (_blob(view, path) or "").startswith(blob) for path, blob in wanted.items()
    )


def _blob(view: View, path: str) -> str | None:
    data = view.read(path)
    if data is None:
        return None
    if isinstance(view, GitView):
        return view.blob(path)
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def _in_history(tree: Tree, wanted: Mapping[str, str]) -> str | None:
    """A commit whose files have the wanted blobs, among those that touch them."""
    blobs = list(wanted.values())[:_MOST_PATHS]
    if not wanted or any(tree.objects.get(blob) is None for blob in blobs):
        return None  # a blob that is not in the repository is in none of its commits
    tried: set[str] = set()
    for revision in _states_with(tree, wanted):
        if revision in tried or len(tried) >= _MOST_TRIED:
            continue
        tried.add(revision)
        commit = tree.commit(revision)
        if commit is not None and _has_blobs(tree.view(commit), wanted):
            return commit
    return None


def _states_with(tree: Tree, wanted: Mapping[str, str]) -> Iterator[str]:
    """Commits after which, or before which, some file has its wanted blob."""
    paths = [f":(top,literal){path}" for path in list(wanted)[:_MOST_PATHS]]
    arguments = ["log", "--format=commit %H", "--raw", "--no-abbrev", "--no-renames"]
    arguments += [f"--max-count={_MOST_COMMITS}", "--no-color", "--no-ext-diff"]
    arguments += ["--no-textconv", "--exclude=refs/stash", "--all", "HEAD", "--"]
    commit = ""
    records = git.stream([*arguments, *paths], cwd=tree.path, seconds=_SECONDS)
    for record in records:
        line = record.decode("utf-8", "surrogateescape")
        if line.startswith("commit "):
            commit = line.removeprefix("commit ")
        elif match := _RAW_LINE.fullmatch(line):
            before, after, path = match.groups()
            blob = wanted.get(path)
            if blob and after.startswith(blob):
                yield commit
            elif blob and before.startswith(blob):
                yield f"{commit}^"
