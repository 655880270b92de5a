# SPDX-License-Identifier: GPL-2.0-or-later
"""Pre-images and post-images of a series, and what is left untouched by it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewer import repository
from reviewer.errors import InputError, TreeError
from reviewer.tree import open_tree, step
from reviewer.tree.apply import apply_series
from reviewer.utf8 import decode

PAGE = "--- a/mm/page.c\n+++ b/mm/page.c\n"
CHANGE_20 = PAGE + "@@ -19,3 +19,3 @@\n line 19\n-line 20\n+LINE 20\n line 21\n"
# made for a tree with five lines less above
AT_OFFSET = PAGE + "@@ -14,3 +14,4 @@\n line 19\n+new\n line 20\n line 21\n"
WRONG = PAGE + "@@ -9,3 +9,3 @@\n line 9\n-line ten\n+LINE 10\n line 11\n"
CREATE = (
    "diff --git a/mm/new.c b/mm/new.c\nnew file mode 100644\n"
    "--- /dev/null\n+++ b/mm/new.c\n@@ -0,0 +1,2 @@\n+one\n+two\n"
)
CHANGE_NEW = "--- a/mm/new.c\n+++ b/mm/new.c\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n"
RENAME = (
    "diff --git a/mm/page.c b/mm/folio.c\nsimilarity index 100%\n"
    "rename from mm/page.c\nrename to mm/folio.c\n"
)
DELETE = (
    "diff --git a/mm/util.c b/mm/util.c\ndeleted file mode 100644\n"
    "--- a/mm/util.c\n+++ /dev/null\n@@ -1,2 +0,0 @@\n"
    "-int PG_one_more;\n-int x = PG_one;\n"
)


@pytest.fixture(params=["folder", "repo"])
def tree(request):
    with open_tree(request.getfixturevalue(request.param)) as opened:
        yield opened


def only(applied):
    (step,) = applied.patches
    (change,) = step.changes
    return change


def test_one_patch(tree, series):
    applied = apply_series(series(CHANGE_20), tree, base=None)
    change = only(applied)
    assert change.applied
    assert change.pre == tree.view(None).read("mm/page.c")
    assert change.post == change.pre.replace(b"line 20\n", b"LINE 20\n")
    assert (change.added, change.removed) == ({20}, {20})
    (step,) = applied.patches
    assert step.applied
    assert step.pre_view.read("mm/page.c") == change.pre
    assert step.post_view.read("mm/page.c") == change.post
    assert applied.info.kernel == "6.12.7"


def test_an_offset_is_followed_and_fuzz_is_told_apart(tree, series):
    change = only(apply_series(series(AT_OFFSET), tree, base=None))
    assert change.added == {20}
    assert change.removed == frozenset()
    assert change.diff.hunks[0].old_start == 14  # as the patch states it
    first, second = (change.diff.hunks[0].lines[at] for at in (1, 3))
    assert first.new == 20
    assert (second.old, second.new) == (21, 22)
    fuzzy = AT_OFFSET.replace("line 21", "another")
    near = apply_series(series(fuzzy), tree, base=None)
    assert (only(near).applied, only(near).how) == (True, "fuzz")
    assert (near.patches[0].applied, near.patches[0].nearly) == (False, True)
    assert not only(apply_series(series(fuzzy), tree, base=None, fit=False)).applied


def test_hunks_at_different_offsets(tree, series):
    diff = (
        PAGE
        + "@@ -2,3 +2,3 @@\n line 4\n-line 5\n+FIVE\n line 6\n"
        + "@@ -20,3 +20,5 @@\n line 30\n+a\n+b\n line 31\n line 32\n"
    )
    change = only(apply_series(series(diff), tree, base=None))
    assert (change.added, change.removed) == ({5, 31, 32}, {5})
    post = change.post.split(b"\n")
    assert [post[n - 1] for n in sorted(change.added)] == [b"FIVE", b"a", b"b"]


def test_each_patch_stands_on_those_before_it(tree, series):
    again = PAGE + "@@ -19,3 +19,2 @@\n line 19\n-LINE 20\n line 21\n"
    diffs = (CHANGE_20, again, CREATE, CHANGE_NEW, RENAME, DELETE)
    applied = apply_series(series(*diffs), tree, base=None)
    assert [step.applied for step in applied.patches] == [True] * 6
    changes = [step.changes[0] for step in applied.patches]
    assert changes[1].pre == changes[0].post
    assert (changes[2].pre, changes[2].post) == (None, b"one\ntwo\n")
    assert changes[3].pre == b"one\ntwo\n"
    assert changes[4].path == "mm/folio.c"
    assert changes[4].pre == changes[4].post == changes[1].post
    assert changes[5].post is None
    assert changes[5].removed == {1, 2}
    last = applied.patches[-1].post_view
    assert list(last.files("mm")) == ["mm/folio.c", "mm/new.c"]
    assert [hit.path for hit in last.grep(["PG_one"])] == ["include/linux/page.h"]
    first = applied.patches[0].pre_view
    assert list(first.files("mm")) == ["mm/page.c", "mm/util.c"]


def test_what_does_not_apply_is_said_and_the_rest_applied(tree, series):
    applied = apply_series(series(WRONG + DELETE), tree, base=None)
    wrong, deleted = applied.patches[0].changes
    assert not applied.patches[0].applied
    assert wrong.why == (
        'hunk 1 of 1 does not apply: line 10 is "line 10", the patch expects "line ten"'
    )
    assert (wrong.pre, wrong.post) == (None, None)
    assert deleted.applied
    assert not applied.patches[0].post_view.exists("mm/util.c")


REFUSED = {
    "absolute": ("--- a//etc/x\n+++ b//etc/x\n@@ -0,0 +1 @@\n+x\n", "absolute path"),
    "parent": ("--- a/../x\n+++ b/../x\n@@ -1 +1 @@\n-a\n+x\n", "leaves the tree"),
    "git folder": (
        "--- a/.git/config\n+++ b/.git/config\n@@ -1 +1 @@\n-a\n+x\n",
        ".git",
    ),
    "control": ('--- "a/x\\033y"\n+++ "b/x\\033y"\n@@ -1 +1 @@\n-a\n+x\n', "control"),
    "not there": ("--- a/no.c\n+++ b/no.c\n@@ -1 +1 @@\n-a\n+x\n", "no.c is not in"),
    "already there": (CREATE.replace("new.c", "page.c"), "already in the tree"),
    "long": (CREATE.replace("new.c", "n" * 300), "too long"),
    "folder is a file": (
        CREATE.replace("mm/new.c", "Kbuild/new.c"),
        "Kbuild is a file",
    ),
    "file is a folder": (CREATE.replace("mm/new.c", "include/linux"), None),
}


@pytest.mark.parametrize(("diff", "why"), REFUSED.values(), ids=REFUSED)
def test_refused_files(tree, series, diff, why, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    applied = apply_series(series(diff + CHANGE_20), tree, base=None)
    refused, other = applied.patches[0].changes
    assert other.applied
    if why is not None:
        assert not refused.applied
        assert not applied.patches[0].applied
        assert why in refused.why
        assert "\n" not in refused.why
    assert sorted(tmp_path.rglob("*")) == before


def test_links_submodules_and_binaries_are_left_out(tree, series):
    link = CREATE.replace("100644", "120000")
    module = CREATE.replace("100644", "160000").replace("new.c", "sub")
    binary = "diff --git a/l.gif b/l.gif\nnew file mode 100644\nindex 0..1\n"
    binary += "Binary files /dev/null and b/l.gif differ\n"
    applied = apply_series(series(link + module + binary + CHANGE_20), tree, base=None)
    (step,) = applied.patches
    assert [change.applied for change in step.changes] == [False, False, False, True]
    assert [change.why.split(":")[0] for change in step.changes[:3]] == [
        "symbolic link",
        "submodule",
        "binary file",
    ]
    assert step.applied
    assert not step.post_view.exists("mm/new.c")


def test_a_link_is_not_written_through(tree, series, tmp_path):
    link = (
        "diff --git a/out b/out\nnew file mode 120000\n--- /dev/null\n+++ b/out\n"
        f"@@ -0,0 +1 @@\n+{tmp_path}\n\\ No newline at end of file\n"
    )
    through = CREATE.replace("mm/new.c", "out/escaped")
    apply_series(series(link, through), tree, base=None)
    assert not (tmp_path / "escaped").exists()


def test_of_thousands_of_pieces_in_turn_the_first_are_applied(
    tree, series, monkeypatch
):
    """Each is a call of git."""
    monkeypatch.setattr(step, "MOST_IN_TURN", 1)
    twice = CHANGE_20 + PAGE + "@@ -1,2 +1,2 @@\n-line 1\n+first\n line 2\n"
    with apply_series(series(twice), tree, base=None) as applied:
        first, second = applied.patches[0].changes
    assert first.applied
    assert not second.applied
    assert second.why == "refused: over 1 pieces, to be applied in turn"


def test_a_file_twice_in_one_patch(tree, series):
    twice = CHANGE_20 + PAGE + "@@ -1,2 +1,2 @@\n-line 1\n+first\n line 2\n"
    applied = apply_series(series(twice), tree, base=None)
    first, second = applied.patches[0].changes
    assert second.pre == first.post
    assert second.added == {1}


def test_swapped_files(tree, series):
    def move(old, new):
        return (
            f"diff --git a/mm/{old} b/mm/{new}\nsimilarity index 100%\n"
            f"rename from mm/{old}\nrename to mm/{new}\n"
        )

    swap = move("page.c", "util.c") + move("util.c", "page.c")
    (step,) = apply_series(series(swap), tree, base=None).patches
    assert step.applied
    base = tree.view(None)
    assert step.post_view.read("mm/page.c") == base.read("mm/util.c")
    assert step.post_view.read("mm/util.c") == base.read("mm/page.c")


def test_without_a_tree(series):
    applied = apply_series(series(CHANGE_20), None, base=None)
    change = only(applied)
    assert (change.applied, change.why) == (False, "no kernel tree")
    assert applied.info.kind == "none"
    assert applied.patches[0].post_view is None


def test_a_corrupt_patch_ends_a_series_of_one_only(tree, series):
    corrupt = CHANGE_20[:-3]
    with pytest.raises(InputError, match="corrupt patch"):
        apply_series(series(corrupt), tree, base=None)
    bad, good = apply_series(series(corrupt, CHANGE_20), tree, base=None).patches
    assert not bad.applied
    assert "corrupt patch" in bad.why
    assert good.applied


# --- the base -------------------------------------------------------------------


def commit(git, repo, text):
    (repo / "mm/page.c").write_text(text)
    git("-C", repo, "commit", "-q", "-a", "-m", "change")
    return git("-C", repo, "rev-parse", "HEAD").strip()


def diff_between(git, repo, old, new):
    return git("-C", repo, "diff", "--full-index", old, new)


@pytest.fixture
def history(repo, git):
    """Three commits; the diff of the second one; HEAD has moved on."""
    first = git("-C", repo, "rev-parse", "HEAD").strip()
    text = (repo / "mm/page.c").read_text()
    commit(git, repo, text.replace("line 20", "LINE 20"))
    diff = diff_between(git, repo, "HEAD~1", "HEAD")
    last = commit(git, repo, "all is new\n")
    return first, last, diff


def test_the_base_is_the_one_asked_for(repo, series, history):
    first, last, diff = history
    with open_tree(repo) as tree:
        found = apply_series(series(diff, base_commit=first), tree, base="main~2")
        assert (found.info.how, found.info.base) == ("option", first)
        wrong = apply_series(series(diff, base_commit=first), tree, base="main")
        assert (wrong.info.base, wrong.patches[0].applied) == (last, False)
        with pytest.raises(TreeError, match="no commit"):
            apply_series(series(diff), tree, base="nowhere")


def test_the_base_is_the_base_commit(repo, series, history):
    first, _, diff = history
    with open_tree(repo) as tree:
        found = apply_series(series(diff, base_commit=first), tree, base=None)
    assert (found.info.how, found.info.base) == ("base-commit", first)


def test_the_base_is_found_by_blobs_in_the_history(repo, series, history):
    first, _, diff = history
    with open_tree(repo) as tree:
        found = apply_series(series(diff, base_commit="f" * 40), tree, base=None)
    assert (found.info.how, found.info.base) == ("blobs", first)
    assert found.patches[0].applied


def test_the_base_is_the_worktree_by_its_blobs(repo, git, series):
    text = (repo / "mm/page.c").read_text()
    (repo / "mm/page.c").write_text(text + "local\n")
    git("-C", repo, "stash", "-q")  # so that the blob is known to git diff
    diff = diff_between(git, repo, "stash@{0}", "HEAD")
    git("-C", repo, "stash", "apply", "-q")
    git("-C", repo, "stash", "drop", "-q")
    with open_tree(repo) as tree:
        found = apply_series(series(diff), tree, base=None)
    assert (found.info.how, found.info.base) == ("blobs", None)


def test_the_base_is_head_where_the_diff_names_no_blob(repo, series):
    with open_tree(repo) as tree:
        found = apply_series(series(CHANGE_20), tree, base=None)
    assert found.info.how == "head"


def test_the_base_is_the_worktree_where_head_does_not_take_it(repo, series):
    page = repo / "mm/page.c"
    page.write_text(page.read_text().replace("line 10", "line ten"))
    with open_tree(repo) as tree:
        found = apply_series(series(WRONG), tree, base=None)
    assert (found.info.how, found.patches[0].applied) == ("worktree", True)


def test_the_base_of_a_folder(folder, series):
    with open_tree(folder) as tree:
        assert apply_series(series(CHANGE_20), tree, base=None).info.how == "worktree"
        with pytest.raises(TreeError, match="plain folder"):
            apply_series(series(CHANGE_20), tree, base="HEAD")


# --- nothing is touched ---------------------------------------------------------


def state(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    return {
        str(place.relative_to(folder)): (
            place.stat().st_mtime_ns,
            place.stat().st_mode,
            place.read_bytes(),
        )
        for place in sorted(folder.rglob("*"))
        if place.is_file()
    }


def test_the_repository_is_as_it_was(repo, git, series):
    (repo / "mm/page.c").write_text("dirty\n")
    git("-C", repo, "stash", "-q")
    (repo / "mm/util.c").write_text("dirty\n")
    (repo / "mm/staged.c").write_text("staged\n")
    git("-C", repo, "add", "mm/staged.c")
    before = state(repo)
    diffs = (CHANGE_20, CREATE, RENAME, DELETE, WRONG)
    with open_tree(repo) as tree:
        apply_series(series(*diffs), tree, base=None)
        for revision in (None, "HEAD"):
            list(tree.view(revision).grep(["PG_one"]))
            tree.view(revision).files()
    assert state(repo) == before


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    place = tmp_path / "tmp"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


def left(temporary):
    """What is there besides what git sees instead of a repository's settings."""
    return [p for p in temporary.iterdir() if not p.name.startswith("kpf-review-git-")]


def test_no_folder_is_left_behind(tree, series, temporary, monkeypatch):
    apply_series(series(CHANGE_20, WRONG), tree, base=None)
    assert left(temporary) == []
    from reviewer import git as program

    def interrupted(*_arguments, **_options):
        assert [p.name.startswith("kpf-review-apply-") for p in left(temporary)] == [
            True
        ]
        raise KeyboardInterrupt

    monkeypatch.setattr(program, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        apply_series(series(CHANGE_20), tree, base=None)
    assert left(temporary) == []
    repository.forget()  # as at the end of every run
    assert list(temporary.iterdir()) == []


def test_no_room_for_the_copies_is_said(tree, series, temporary):
    temporary.rmdir()
    with pytest.raises(TreeError, match=r"cannot (apply|work) in"):
        apply_series(series(CHANGE_20), tree, base=None)


def test_git_ends_with_a_killed_reader(repo):
    program = (
        "import sys, time\nfrom pathlib import Path\n"
        "from reviewer.tree import open_tree\n"
        "tree = open_tree(Path(sys.argv[1])); tree.view('HEAD').read('Kbuild')\n"
        "print(tree.objects._process.pid, flush=True); time.sleep(60)\n"
    )
    source = Path(__file__).resolve().parents[2]
    reader = subprocess.Popen(
        [sys.executable, "-c", program, str(repo)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(source)},
    )
    child = int(reader.stdout.readline())
    reader.send_signal(signal.SIGKILL)
    reader.wait()
    for _ in range(400):
        time.sleep(0.05)
        try:
            state = Path(f"/proc/{child}/stat").read_text().split()[2]
        except OSError:
            return
        if state == "Z":
            return
    pytest.fail("git cat-file is still there")


# --- round trip -----------------------------------------------------------------

LINE = st.sampled_from([b"", b"a", b"b", b"}", b"\tint x;", b"-- x", b"++ y", b"x\r"])
TEXT = st.builds(
    lambda lines, end: b"\n".join(lines) + end,
    st.lists(
        LINE | st.binary(max_size=3).filter(lambda b: b"\0" not in b), max_size=40
    ),
    st.sampled_from([b"", b"\n"]),
)


@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(old=TEXT, new=TEXT, shift=st.sampled_from([b"", b"0\n", b"0\n1\n2\n3\n4\n"]))
def test_the_post_image_is_gits_byte_for_byte(folder, series, old, new, shift):
    names = [folder / "old", folder / "new"]
    for name, data in zip(names, (old, new), strict=True):
        name.write_bytes(data)
    diff = subprocess.run(
        ["git", "diff", "--no-index", "--text", "old", "new"],
        cwd=folder,
        capture_output=True,
        check=False,
    ).stdout
    if not diff:
        return
    diff = diff.replace(b"a/old", b"a/mm/z.c").replace(b"b/new", b"b/mm/z.c")
    (folder / "mm/z.c").write_bytes(shift + old)
    with open_tree(folder) as tree:
        change = only(apply_series(series(decode(diff)), tree, base=None))
    plain = folder / "plain"
    (plain / "mm").mkdir(parents=True, exist_ok=True)
    (plain / "mm/z.c").write_bytes(shift + old)
    done = subprocess.run(
        ["git", "apply", "--whitespace=nowarn", "-"],
        input=diff,
        cwd=plain,
        capture_output=True,
        check=False,
        env={**os.environ, "GIT_CEILING_DIRECTORIES": str(folder)},
    )
    assert change.is_exact == (done.returncode == 0), change.why
    if not change.is_exact:
        return
    assert change.post == (plain / "mm/z.c").read_bytes()
    # pre, less what is removed, plus what is added, is post: nothing else moved
    pre, post = change.pre.split(b"\n"), change.post.split(b"\n")
    kept = [line for n, line in enumerate(pre, 1) if n not in change.removed]
    same = [line for n, line in enumerate(post, 1) if n not in change.added]
    assert kept == same or [x for x in kept if x] == [x for x in same if x]


# --- the real one ---------------------------------------------------------------


def test_a_series_on_a_real_kernel(linux_6_12, series):
    with open_tree(linux_6_12) as tree:
        data = tree.view("HEAD").read("fs/proc/page.c")
        lines = data.decode().splitlines()
        middle = len(lines) // 2
        context = lines[middle - 3 : middle + 3]
        hunk = f"@@ -{middle - 12},6 +{middle - 12},7 @@\n"
        body = [f" {x}" for x in context[:3]] + ["+\tkpf_test();"]
        body += [f" {x}" for x in context[3:]]
        diff = "--- a/fs/proc/page.c\n+++ b/fs/proc/page.c\n" + hunk
        applied = apply_series(series(diff + "\n".join(body) + "\n"), tree, base=None)
        change = only(applied)
        assert change.added == {middle + 1}
        assert applied.info.how == "head"
