# SPDX-License-Identifier: GPL-2.0-or-later
"""The course as somebody takes it: in a terminal, through a pipe, with an editor."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reviewer.learn.course import chapter, chapters

TOP = Path(__file__).parent.parent.parent


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "PYTHONPATH": str(TOP),
        "LC_ALL": "C.UTF-8",
    }


def learn(*arguments: str, environ: dict[str, str], stdin: str = "", cwd=None):
    command = [sys.executable, "-m", "reviewer.cli", "learn", *arguments]
    return subprocess.run(
        command,
        env=environ,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=180,
        cwd=cwd or environ["HOME"],
    )


def state(environ: dict[str, str]) -> dict[str, list[str]]:
    path = Path(environ["XDG_STATE_HOME"]) / "kpf-review/learn.json"
    return json.loads(path.read_text())["done"] if path.exists() else {}


def test_the_mistakes_of_the_story_get_their_own_counter_example(environ) -> None:
    """Chapter 2 through a pipe: the mask, the parentheses, the guard."""
    answers = [
        "ksm",
        "anon movable ksm",
        "mapping & PAGE_MAPPING_KSM",
        "mapping & PAGE_MAPPING_KSM == PAGE_MAPPING_KSM",
        "hint",
        "(mapping & PAGE_MAPPING_FLAGS) == PAGE_MAPPING_KSM",
        "quit",
    ]
    done = learn("2", environ=environ, stdin="\n".join(answers) + "\n")
    assert done.returncode == 0, done.stderr
    told = " ".join(done.stdout.split())
    assert "true for an order-0 page (mapping says movable (10))" in told
    assert "01 anon 0 1 <--" in told
    assert "true for an order-0 page (mapping says anon (01))" in told
    assert "this computes mapping & 1" in told
    assert told.count("Right.") == 2
    assert state(environ) == {"values-are-not-flags": ["question", "1"]}


def test_it_goes_on_where_it_stopped(environ) -> None:
    right = "(mapping & PAGE_MAPPING_FLAGS) == PAGE_MAPPING_KSM"
    assert learn("2", "--answer", right, environ=environ).returncode == 0
    again = learn("2", environ=environ, stdin="quit\n")
    assert "Question" in again.stdout
    assert "Exercise 1" not in again.stdout
    listed = learn("--list", environ=environ)
    assert re.search(r"^2 +1/4 +values-are-not-flags", listed.stdout, re.M)
    learn("--reset", environ=environ)
    assert state(environ) == {}


def test_one_answer_is_judged_by_its_status(environ, tmp_path: Path) -> None:
    wrong = learn("2", "--answer", "mapping & PAGE_MAPPING_KSM", environ=environ)
    assert wrong.returncode == 1
    assert "Not yet." in wrong.stdout
    code = tmp_path / "answer.c"
    code.write_text(chapter("4").exercises[0].right[0] + "\n")
    assert learn("4", "--answer", str(code), environ=environ).returncode == 0
    code.write_text(chapter("4").exercises[0].start)
    bad = learn("4", "--answer", str(code), environ=environ)
    assert bad.returncode == 1
    told = " ".join(bad.stdout.split())
    assert "an order-0 page (no PG_head) reports COMPOUND_HEAD" in told
    assert learn("99", environ=environ).returncode == 2
    assert learn("4", "--answer", "x", "--step", "9", environ=environ).returncode == 2


def test_the_editor_gets_a_file_and_nothing_of_it_is_run(environ, tmp_path) -> None:
    """EDITOR replaces the code; what it wrote is judged, never executed."""
    canary = tmp_path / "canary"
    solution = tmp_path / "solution.c"
    text = chapter("4").exercises[0].right[0]
    run = f"/* $(touch {canary}) `touch {canary}` */\n"
    solution.write_text(run + text + "\n")
    environ["EDITOR"] = f"cp {shlex.quote(str(solution))}"
    done = learn("4", environ=environ, stdin="b\nedit\nquit\n")
    assert done.returncode == 0, done.stderr
    assert state(environ)["head-tail-neither"] == ["question", "1"]
    assert not canary.exists()
    environ["EDITOR"] = "/no/such/editor"
    failed = learn("5", environ=environ, stdin="b\nedit\nquit\n")
    assert "No editor could be started" in failed.stdout


def test_broken_progress_is_no_progress(environ) -> None:
    folder = Path(environ["XDG_STATE_HOME"]) / "kpf-review"
    folder.mkdir(parents=True)
    for text in ("", "{", "[]", '{"done": {"x": 1}}', '{"done": 3}', "\x00"):
        (folder / "learn.json").write_text(text)
        listed = learn("--list", environ=environ)
        assert listed.returncode == 0, listed.stderr
        assert "0/4" in listed.stdout


def test_nobody_can_be_hurt_by_a_state_that_cannot_be_written(environ) -> None:
    Path(environ["XDG_STATE_HOME"]).write_text("a file, no folder")
    right = "folio_test_ksm(folio)"
    done = learn("2", "--answer", right, environ=environ)
    assert done.returncode == 2
    assert "cannot write" in done.stderr
    assert "Traceback" not in done.stderr


class Tmux:
    """A terminal with somebody in front of it."""

    def __init__(self, tmux: str, folder: Path, environ: dict[str, str]) -> None:
        self.command = [tmux, "-S", str(folder / "tmux.sock"), "-f", "/dev/null"]
        start = ["new-session", "-d", "-x", "110", "-y", "5000"]
        subprocess.run(
            [*self.command, *start, "sh"], check=True, env=environ, cwd=environ["HOME"]
        )

    def type(self, text: str) -> None:
        subprocess.run([*self.command, "send-keys", "-l", text], check=True)
        subprocess.run([*self.command, "send-keys", "Enter"], check=True)

    def screen(self) -> str:
        shown = subprocess.check_output(
            [*self.command, "capture-pane", "-p"], text=True
        )
        return shown.rstrip()

    def wait(self, until: str, times: int = 1, *, reason: str = "") -> str:
        """The screen once it shows ``until`` so many times, and the reason.

        A screen may be taken in the middle of an answer, so what comes after its
        first line has to be waited for, too.
        """
        end = time.monotonic() + 90
        while time.monotonic() < end:
            text = self.screen()
            if text.count(until) >= times and reason in " ".join(text.split()):
                return text
            time.sleep(0.2)
        pytest.fail(f"never saw {until!r} {reason!r}:\n{self.screen()[-3000:]}")

    def close(self) -> None:
        subprocess.run([*self.command, "kill-server"], check=False)


@pytest.fixture
def terminal(need, tmp_path: Path, environ):
    (tmp_path / "answers").mkdir()
    opened = Tmux(need("tmux", "tmux"), tmp_path, environ | {"TERM": "screen"})
    yield opened
    opened.close()


@pytest.mark.slow
def test_a_whole_course_by_someone_who_makes_the_mistakes(
    terminal: Tmux, tmp_path: Path, environ
) -> None:
    """Every chapter in a terminal; each wrong answer is answered before the right."""
    import importlib.util

    place = Path(__file__).with_name("answers.py")
    spec = importlib.util.spec_from_file_location("answers", place)
    recipes = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(recipes)
    from reviewer.learn.judge import facts_of
    from reviewer.learn.workbench import Workbench

    terminal.type(f"PS1=; {shlex.quote(sys.executable)} -m reviewer.cli learn")
    right = wrong = 0
    with Workbench.open() as bench:
        for one in chapters():
            terminal.wait(f"{one.number}. {one.title}")
            for answer in _question(one.question, facts_of, bench):
                terminal.type(answer[0])
                right, wrong = right + answer[1], wrong + (not answer[1])
                terminal.wait(
                    "Right." if answer[1] else "Not yet.", right if answer[1] else wrong
                )
            for number, exercise in enumerate(one.exercises, 1):
                for recipe, good in ((exercise.wrong[0][0], 0), (exercise.right[0], 1)):
                    text = recipes.written_out(bench, exercise, recipe)
                    typed = text
                    if exercise.kind in ("function", "files", "v4", "reply"):
                        file = tmp_path / f"answers/{one.number}-{number}-{good}"
                        file.write_text(text)
                        typed = str(file)
                    terminal.type(typed)
                    right, wrong = right + good, wrong + (not good)
                    if good:
                        terminal.wait("Right.", right)
                    else:
                        reason = exercise.wrong[0][1]
                        terminal.wait("Not yet.", wrong, reason=reason)
    screen = terminal.wait("Go and review something.")
    if os.environ.get("KPF_SHOTS"):
        Path(os.environ["KPF_SHOTS"], "learn-transcript.txt").write_text(screen)
    assert "Traceback" not in screen
    assert wrong >= len(chapters()) * 2
    done = state(environ)
    assert all(done[one.name] == list(one.steps) for one in chapters())


def _question(question, facts_of, bench) -> list[tuple[str, int]]:
    """A wrong answer and the right one."""
    if question.kind != "choice":
        return [
            (question.wrong[0], 0),
            (" ".join(sorted(facts_of(bench, question))), 1),
        ]
    letters = "abcdefgh"
    places = [n for n, option in enumerate(question.options) if option.right]
    other = next(n for n in range(len(question.options)) if n not in places)
    return [(letters[other], 0), (letters[places[0]], 1)]
