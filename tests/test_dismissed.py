# SPDX-License-Identifier: GPL-2.0-or-later
"""A remark that was dismissed is not made again, and that it was is said."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from reviewer import dismissed
from reviewer.cli import main

FILE = "lib/ours.c"
BEFORE = """\
int open_it(unsigned int how);

int set(unsigned int how)
{
	return open_it(how);
}
"""
TEST = "\tif (how & 3 == 3)\n\t\treturn -1;\n"
FAULTY = BEFORE.replace("\treturn open", TEST + "\treturn open")
OTHER = FAULTY.replace("& 3 == 3", "& 7 == 7")
TWO = FAULTY + FAULTY.replace("set(", "other(").split("\n\n", 1)[1]


def git(folder: Path, *words: str) -> str:
    command = ["git", "-C", folder, *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def work(tmp_path, monkeypatch):
    """A repository with a small tree, and a home of nobody's."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    (tmp_path / "home").mkdir()
    top = tmp_path / "linux"
    (top / "lib").mkdir(parents=True)
    (top / "include/linux").mkdir(parents=True)
    (top / "include/linux/ours.h").write_text("int ours(void);\n")
    (top / "Kbuild").write_text("obj-y += lib/\n")
    (top / "Kconfig").write_text("config OURS\n\tbool\n")
    (top / "Makefile").write_text("VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 0\n")
    (top / FILE).write_text(BEFORE)
    git(top, "init", "-q", "-b", "main")
    git(top, "config", "user.name", "Nadia Newcomer")
    git(top, "config", "user.email", "nadia@example.org")
    git(top, "add", ".")
    git(top, "commit", "-qm", "the tree")
    monkeypatch.chdir(top)
    return top


def mail(work: Path, after: str, *, version: int = 1, title: str = "lib: test") -> Path:
    """The mail of one patch that leaves the file so."""
    place = work / FILE
    place.write_text(after)
    diff = git(work, "diff", "--", FILE)
    git(work, "checkout", "-q", "--", FILE)
    prefix = f"PATCH v{version}" if version > 1 else "PATCH"
    found = work.parent / f"v{version}-{abs(hash((after, title)))}.eml"
    found.write_text(
        "From: Nadia Newcomer <nadia@example.org>\n"
        f"Subject: [{prefix}] {title}\nDate: Thu, 2 May 2024 10:00:00 +0000\n"
        f"Message-ID: <{version}@example.org>\n\nSay what it does.\n\n"
        f"Signed-off-by: Nadia Newcomer <nadia@example.org>\n---\n\n{diff}"
    )
    return found


def run(capsys, *words: str | Path) -> tuple[int, str, str]:
    capsys.readouterr()
    status = main([str(word) for word in words])
    shown = capsys.readouterr()
    assert "Traceback" not in shown.err
    return status, shown.out, shown.err


def report(capsys, *words: str | Path) -> dict:
    _, out, _ = run(capsys, *words, "--format", "json", "--select", "mask-precedence")
    return json.loads(out)


def found(capsys, *words: str | Path) -> list[str]:
    return [one["fingerprint"] for one in report(capsys, *words)["findings"]]


def dismiss(capsys, *words: str | Path) -> None:
    status, _, err = run(capsys, "dismiss", *words)
    assert status == 0, err


# --- what is said again and what is not -----------------------------------------------


def test_a_dismissed_remark_is_not_made_again_and_that_is_said(work, capsys):
    one = mail(work, FAULTY)
    (code,) = found(capsys, one)
    dismiss(capsys, code, "--why", "how is never 3 here")
    status, out, err = run(capsys, one, "--select", "mask-precedence")
    assert (status, out) == (0, "")
    assert "nothing to say; 1 dismissed by you" in err


@pytest.mark.parametrize(
    "later",
    [
        "/* a line above moves it */\n" + FAULTY,
        FAULTY.replace("int set", "int first(void)\n{\n\treturn 1;\n}\n\nint set"),
        FAULTY.replace(TEST, "\tif (how &\n\t    3 == 3)\n\t\treturn -1;\n"),
    ],
    ids=["moved", "behind another function", "on two lines"],
)
def test_it_stays_dismissed_in_the_next_versions(work, capsys, later):
    (code,) = found(capsys, mail(work, FAULTY))
    dismiss(capsys, code, "--why", "read")
    second = report(capsys, mail(work, later, version=2))
    assert second["findings"] == []
    assert [one["fingerprint"] for one in second["dismissed"]] == [code]
    assert found(capsys, mail(work, later, version=3)) == []


def test_it_stays_dismissed_where_the_next_version_does_not_apply(work, capsys):
    """The function is then known by git's words behind the place of the hunk only."""
    longer = FAULTY.replace("{\n\tif", "{\n\tint a;\n\tint b;\n\tint c;\n\n\tif")
    before = longer.replace(TEST, "")
    (work / FILE).write_text(before)
    git(work, "commit", "-qam", "longer")
    one = mail(work, longer)
    (code,) = found(capsys, one)
    git(work, "checkout", "-q", "--orphan", "other")
    (work / FILE).write_text(before.replace("int c;", "int d;").replace("how);", "1);"))
    git(work, "commit", "-qam", "another tree")
    git(work, "branch", "-qD", "main")
    git(work, "reflog", "expire", "--expire=now", "--all")
    git(work, "gc", "-q", "--prune=now")
    said = report(capsys, one)
    assert said["series"]["patches"][0]["how"] == "hunks"
    assert [item["fingerprint"] for item in said["findings"]] == [code]


def test_it_comes_back_when_the_statement_changes(work, capsys):
    (code,) = found(capsys, mail(work, FAULTY))
    dismiss(capsys, code, "--why", "read")
    assert len(found(capsys, mail(work, OTHER, version=2))) == 1


def test_the_same_statement_of_another_function_is_another_remark(work, capsys):
    codes = found(capsys, mail(work, TWO))
    assert len(set(codes)) == 2
    dismiss(capsys, codes[0], "--why", "read")
    assert found(capsys, mail(work, TWO, version=2)) == codes[1:]


@pytest.mark.parametrize(
    "twice",
    [
        FAULTY.replace("3 == 3)", "3 == 3 || how & 5 == 5)"),
        FAULTY.replace(TEST, TEST + TEST.replace("-1", "-2")),
    ],
    ids=["two in one statement", "two statements that read the same"],
)
def test_of_two_remarks_on_one_statement_one_is_dismissed(work, capsys, twice):
    codes = found(capsys, mail(work, twice))
    assert len(set(codes)) == len(codes) == 2
    (work / FILE).write_text(twice)
    assert found(capsys, "scan", FILE) == codes
    dismiss(capsys, codes[0], "--why", "read")
    assert found(capsys, mail(work, twice, version=2)) == codes[1:]
    # the one that is left has its plain name: it was never dismissed
    (code,) = found(capsys, mail(work, FAULTY, version=3))
    assert code not in codes


def test_a_remark_on_a_message_is_of_that_patch_alone(work, capsys):
    """Every message is the file "", and one v2 without changelog like another."""

    def codes(title: str, version: int) -> list[str]:
        words = (mail(work, FAULTY, version=version, title=title), "--format", "json")
        _, out, _ = run(capsys, *words, "--select", "submission-changelog")
        return [one["fingerprint"] for one in json.loads(out)["findings"]]

    (code,) = codes("lib: one", 2)
    assert codes("lib: one", 3) == [code]
    assert codes("lib: another", 2) != [code]
    dismiss(capsys, code, "--why", "told in the cover letter")
    assert codes("lib: one", 3) == []
    assert len(codes("lib: another", 2)) == 1


def test_forgotten_it_is_made_again(work, capsys):
    one = mail(work, FAULTY)
    (code,) = found(capsys, one)
    dismiss(capsys, code, "--why", "read")
    assert found(capsys, one) == []
    dismiss(capsys, code, "--forget")
    assert found(capsys, one) == [code]
    status, _, err = run(capsys, "dismiss", code, "--forget")
    assert status == 2
    assert "not dismissed" in err


def test_check_scan_and_batch_leave_it_out_too(work, capsys):
    (work / FILE).write_text(FAULTY)
    git(work, "commit", "-qam", "lib: test")
    words = ("check", "HEAD~..HEAD")
    (code,) = found(capsys, *words)
    assert found(capsys, "scan", FILE) == [code]
    dismiss(capsys, code, "--why", "read")
    assert found(capsys, *words) == []
    assert found(capsys, "scan", FILE) == []
    git(work, "checkout", "-q", "HEAD~")
    one = mail(work, FAULTY)
    # a worker is forked from this process, which other tests may have made large
    words = ("batch", one, "--select", "mask-precedence", "--worker-memory", "9000")
    _, out, _ = run(capsys, *words)
    (series,) = json.loads(out)["series"]
    assert series["report"]["findings"] == []
    assert len(series["report"]["dismissed"]) == 1


def test_an_answer_that_is_kept_for_b4_is_made_anew(work, capsys, monkeypatch):
    one = mail(work, FAULTY)

    def lines() -> str:
        monkeypatch.setattr("sys.stdin", one.open())
        words = ("b4-check", "--format", "checkpatch", "--select", "mask-precedence")
        return run(capsys, *words)[1]

    (code,) = found(capsys, one)
    assert "MASK_PRECEDENCE" in lines()
    dismiss(capsys, code, "--why", "read")
    assert lines() == ""


# --- what is shown --------------------------------------------------------------------


def test_show_dismissed_lists_them_with_who_when_and_why(work, capsys):
    one = mail(work, FAULTY)
    (code,) = found(capsys, one)
    dismiss(capsys, code, "--why", "how is never 3\nhere")
    words = (one, "--select", "mask-precedence", "--show-dismissed")
    status, out, _ = run(capsys, *words)
    assert status == 0
    assert f"{FILE}:5" in out
    assert "[mask-precedence]" in out
    last = out.splitlines()[-1]
    assert last.strip().startswith(f"{code} by you, 20")
    assert last.endswith(": how is never 3 here")


def test_fingerprints_name_each_remark_in_the_text(work, capsys):
    one = mail(work, FAULTY)
    (code,) = found(capsys, one)
    words = (one, "--select", "mask-precedence")
    assert code in run(capsys, *words, "--fingerprints")[1]
    assert code not in run(capsys, *words)[1]


def test_the_page_has_the_command_to_copy(work, capsys):
    one = mail(work, FAULTY)
    (code,) = found(capsys, one)
    page = work.parent / "page.html"
    words = ("report", one, "--html", page, "--select", "mask-precedence", "--force")
    run(capsys, *words)
    assert f"kpf-review dismiss {code} --why" in page.read_text()
    dismiss(capsys, code, "--why", "<b>read</b>")
    run(capsys, *words)
    shown = page.read_text()
    assert "Dismissed" in shown
    assert "&lt;b&gt;read" in shown
    assert "<b>read" not in shown


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ("sarif", '"justification": "by the repository, 2026-01-02: ours"'),
        ("b4-check", "1 dismissed"),
        ("github", "1 remark dismissed by the repository"),
        ("patchwork", "nothing to say, 1 dismissed"),
        ("text", "1 remark dismissed by the repository"),
        ("json", '"by": "the repository"'),
    ],
)
def test_what_the_repository_dismisses_is_told_in_every_format(
    work, capsys, form, told
):
    one = mail(work, FAULTY)
    (code,) = found(capsys, one)
    in_the_repository(work, entry(code))
    words = (one, "--format", form, "--select", "mask-precedence", "-q")
    assert told in run(capsys, *words)[1]


# --- the repository's own file --------------------------------------------------------


def entry(code: str, why: str = "ours") -> str:
    return json.dumps({"fingerprint": code, "when": "2026-01-02", "why": why})


def in_the_repository(work: Path, *lines: str) -> Path:
    file = work / ".kpf-dismissed"
    file.write_text("".join(f"{line}\n" for line in lines))
    git(work, "config", "kpf.dismissed", file.name)
    return file


def test_a_file_that_no_setting_names_dismisses_nothing(work, capsys):
    one = mail(work, FAULTY)
    (code,) = found(capsys, one)
    in_the_repository(work, entry(code))
    git(work, "config", "--unset", "kpf.dismissed")
    assert found(capsys, one) == [code]


def test_it_is_written_there_where_that_is_asked_for(work, capsys):
    one = mail(work, FAULTY)
    (code,) = found(capsys, one)
    status, _, err = run(capsys, "dismiss", code, "--why", "ours", "--repository")
    assert status == 2
    assert "git config kpf.dismissed" in err
    file = in_the_repository(work)
    dismiss(capsys, code, "--why", "ours", "--repository")
    assert code in file.read_text()
    assert not dismissed.place(os.environ).exists()
    _, _, err = run(capsys, one, "--select", "mask-precedence")
    assert "1 dismissed by the repository" in err


@pytest.mark.parametrize("link", ["the file", "its folder", "dots"])
def test_a_link_of_the_repository_is_not_written_through(work, capsys, link):
    outside = work.parent / "outside"
    outside.mkdir()
    (outside / "rc").write_text("mine\n")
    names = {"the file": "kept", "its folder": "below/rc", "dots": "../outside/rc"}
    named = names[link]
    if link == "the file":
        (work / "kept").symlink_to(outside / "rc")
    elif link == "its folder":
        (work / "below").symlink_to(outside)
    git(work, "config", "kpf.dismissed", named)
    words = ("dismiss", "0" * 16, "--why", "x", "--repository")
    status, _, err = run(capsys, *words)
    assert status == 2
    assert "leads elsewhere" in err
    assert (outside / "rc").read_text() == "mine\n"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xff\xfe{}\n", "line 1: no dismissal"),
        (b'{"fingerprint": "00"}\n[1]\n', "line 1 and 1 more: no dismissal"),
        (b"[" * 100_000, "line 1: no dismissal"),
        (b'{"fingerprint": ["0000000000000000"], "why": 1, "when": 2}', "line 1"),
    ],
)
def test_lines_that_are_none_are_named_and_dismiss_nothing(work, capsys, content, told):
    one = mail(work, FAULTY)
    (code,) = found(capsys, one)
    file = in_the_repository(work)
    file.write_bytes(content)
    said = report(capsys, one)
    assert [item["fingerprint"] for item in said["findings"]] == [code]
    assert told in said["not_checked"][0]["why"]


def test_a_fifo_and_a_folder_do_not_stop_a_review(work, capsys):
    one = mail(work, FAULTY)
    file = work / ".kpf-dismissed"
    git(work, "config", "kpf.dismissed", file.name)
    os.mkfifo(file)
    assert "not a plain file" in report(capsys, one)["not_checked"][0]["why"]
    file.unlink()
    file.mkdir()
    assert report(capsys, one)["not_checked"]


def test_a_reason_from_a_repository_cannot_paint_the_terminal(work, capsys):
    one = mail(work, FAULTY)
    (code,) = found(capsys, one)
    in_the_repository(work, entry(code, "\x1b[2Jgone\u202e"))
    words = (one, "--select", "mask-precedence", "--show-dismissed")
    _, out, _ = run(capsys, *words)
    assert "gone" in out
    assert "\x1b" not in out
    assert "\u202e" not in out


# --- how it is kept -------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ("xyz", "--why", "x"),
        ("0" * 15, "--why", "x"),
        ("0" * 17, "--why", "x"),
        ("0" * 16,),
        ("0" * 16, "--why", " "),
        ("0" * 16, "--why", "x" * 501),
        ("0" * 16, "--forget", "--why", "x"),
        (),
    ],
)
def test_what_is_no_dismissal_is_refused_in_one_line(work, capsys, words):
    status, out, err = run(capsys, "dismiss", *words)
    assert (status, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert not dismissed.place(os.environ).exists()


def test_dismissed_twice_there_is_one_with_the_new_reason(work, capsys):
    dismiss(capsys, "0" * 16, "--why", "first")
    dismiss(capsys, "0" * 16, "--why", "second")
    _, out, _ = run(capsys, "dismiss", "--list")
    assert out.count("\n") == 1
    assert "second" in out


def test_a_line_that_it_does_not_know_stays(tmp_path):
    """Of a later version, or of a person: a comment in the repository's file."""
    file = tmp_path / "kept"
    file.write_bytes(b"# ours\n" + entry("1" * 16).encode() + b"\n")
    dismissed.keep(file, ["2" * 16], "x")
    dismissed.forget(file, ["1" * 16])
    lines = file.read_text().splitlines()
    assert lines[0] == "# ours"
    assert len(lines) == 2
    assert "2" * 16 in lines[1]


def test_of_many_at_once_none_is_lost(tmp_path):
    script = (
        "import sys; from pathlib import Path; from reviewer import dismissed\n"
        "for n in range(5):\n"
        "    code = f'{int(sys.argv[2]) * 100 + n:016x}'\n"
        "    dismissed.keep(Path(sys.argv[1]), [code], 'x')\n"
    )
    file = tmp_path / "kept"
    each = [
        subprocess.Popen([sys.executable, "-c", script, file, str(number)])
        for number in range(1, 6)
    ]
    assert [one.wait(60) for one in each] == [0] * 5
    entries, troubles = dismissed.read_file(file, dismissed.YOU)
    assert len(entries) == 25
    assert troubles == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept"]


def test_where_it_cannot_be_written_it_is_as_it_was(tmp_path):
    from reviewer.errors import OutputError

    file = tmp_path / "kept"
    dismissed.keep(file, ["1" * 16], "x")
    before = file.read_bytes()
    many = [f"{n:016x}" for n in range(60_000)]
    with pytest.raises(OutputError, match="larger than"):
        dismissed.keep(file, many, "y" * 400)
    assert file.read_bytes() == before
