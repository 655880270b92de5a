# SPDX-License-Identifier: GPL-2.0-or-later
"""What the real command says of the pairs, against what gcc's code did."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .draft import EQUAL, Files, Pair
from .harness import KCONFIG, TYPES, Row, Run, observed

MINIATURE = {
    "Makefile": "VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 0\n",
    "Kbuild": "obj-y += kernel/\n",
    "Kconfig": (
        'mainmenu "pairs"\nconfig MODULES\n\tbool "m"\n\tmodules\n'
        'config KPF_B\n\tbool "b"\nconfig KPF_M\n\ttristate "m"\n'
    ),
    "kernel/Makefile": "obj-y += kpf.o\n",
    "include/linux/kconfig.h": KCONFIG,
    "include/linux/compiler_types.h": "#define __must_check\n",
    "include/linux/types.h": TYPES,
}
ONE_CPU = "equal for one CPU"
RIGHT, UNDECIDED, ABSENT = "right", "not decided", "not compared"
WRONG_EQUAL, WRONG_DIFFERS = "wrong equal", "wrong differs"
FALSE_WITNESS = "right, false witness"
RULE = "no-functional-change"
PROMISE = "kpf: pair {0}\n\nNo functional change intended.\n"
NOT_SEEN = "differs, not seen"  # by us, for what the maker calls another function
Answer = dict[str, Any]
Ask = Callable[[Path, str], list[Answer]]


@dataclass(frozen=True)
class Judged:
    """A pair, what gcc's code did, what the prover said and what that makes it."""

    pair: Pair
    run: Run
    answer: Answer | None
    mark: str

    @property
    def truth(self) -> str:
        """What is known of the pair: seen to differ, the same by how it was made."""
        if self.run.differs:
            return "differs"
        return "equal" if self.pair.draft.claim == EQUAL else "unknown"

    @property
    def said(self) -> str:
        if self.answer is None:
            return "nothing"
        differing = [o for o in self.answer["outputs"] if o["verdict"] == "differs"]
        told = [
            f"{o['output']}: {o['before']} -> {o['after']} when "
            f"{(o['witness'] or {}).get('when')}"
            for o in differing[:2]
        ]
        said = [self.answer["verdict"], *told, self.answer["why"]]
        return "; ".join(filter(None, said))

    def shown(self) -> str:
        """The pair and what was said, for a person to read."""
        lines = [f"{self.mark}: {self.pair.kind}/{self.pair.maker} {self.pair.number}"]
        lines.append(f"truth: {self.truth}; the prover: {self.said}")
        sides = [self.pair.files(after) for after in (False, True)]
        for path in sorted({*sides[0], *sides[1]}):
            one, two = (
                side.get(path, "").partition("take(void *);\n") for side in sides
            )
            texts = [s[2] or s[0] for s in (one, two)]
            lines.append(f"--- {path}\n{texts[0].strip()}")
            if texts[0] != texts[1]:
                lines.append(f"+++ {path}\n{texts[1].strip()}")
        return "\n".join(lines)


@dataclass
class Campaign:
    """A folder to work in, and the tree that the pairs are put on top of."""

    work: Path
    tree: Path | None = None  # default: a miniature
    ask: Ask = field(default=lambda git, span: command(git, span))
    each: bool = False  # a patch a pair
    made: int = 0

    def repository(self) -> Path:
        """The scratch repository, made once."""
        git = self.work / "tree.git"
        if git.exists():
            return git
        if self.tree is None:
            run("git", "init", "-q", "--bare", "-b", "main", str(git))
            fast_import(git, [("main", "miniature", MINIATURE)], start=None)
        else:
            run("git", "clone", "-q", "-s", "--bare", str(self.tree), str(git))
        return git

    def judge(self, pairs: list[Pair]) -> list[Judged]:
        """Observe and ask about these pairs, all in one series."""
        git = self.repository()
        self.made += 1
        folder = self.work / f"gcc{self.made}"
        runs = observed(folder, pairs)
        span = commit(git, pairs, self.each)
        answers = {(a["file"], a["name"]): a for a in self.ask(git, span)}
        judged = [one(pair, runs[pair.number], answers) for pair in pairs]
        return self.replayed(folder, judged)

    def replayed(self, folder: Path, judged: list[Judged]) -> list[Judged]:
        """Run the witnesses of what the prover says differs, where they can be run."""
        rows = {
            j.pair.number: found
            for j in judged
            if j.answer is not None and (found := witnesses(j.pair, j.answer))
        }
        if not rows:
            return judged
        pairs = [j.pair for j in judged if j.pair.number in rows]
        again = observed(folder / "again", pairs, rows)
        return [
            after_replay(j, again[j.pair.number], len(rows[j.pair.number]))
            if j.pair.number in rows
            else j
            for j in judged
        ]


def after_replay(judged: Judged, run_: Run, many: int) -> Judged:
    """The last runs are those of the witnesses: each must show a difference."""
    shown = [
        a != b for a, b in zip(run_.before[-many:], run_.after[-many:], strict=True)
    ]
    mark = judged.mark
    if mark == NOT_SEEN and any(shown):
        mark = RIGHT
    if mark == RIGHT and not all(shown):
        mark = FALSE_WITNESS
    return Judged(judged.pair, run_, judged.answer, mark)


def one(pair: Pair, run_: Run, answers: dict[tuple[str, str], Answer]) -> Judged:
    """What the prover's answer for a pair makes it."""
    answer = answers.get((pair.text("kernel/kpf_@.c"), pair.function))
    verdict = answer["verdict"] if answer is not None else None
    if verdict is None:
        mark = ABSENT
    elif verdict in ("equal", ONE_CPU):
        right = RIGHT if verdict == "equal" else ONE_CPU
        mark = WRONG_EQUAL if run_.differs else right
    elif verdict == "differs":
        same = pair.draft.claim == EQUAL
        mark = RIGHT if run_.differs else WRONG_DIFFERS if same else NOT_SEEN
    else:
        mark = UNDECIDED
    return Judged(pair, run_, answer, mark)


def witnesses(pair: Pair, answer: Answer) -> list[Row]:
    """The witnesses that hang on parameters and plain memory alone, as inputs."""
    found = []
    for output in answer["outputs"]:
        given = output["witness"] or {"relies_on": ["nothing"]}
        if output["verdict"] == "differs" and not given["relies_on"]:
            row = as_row(pair, given["values"])
            if row is not None:
                found.append(row)
    return found


def as_row(pair: Pair, values: list[tuple[str, int]]) -> Row | None:
    """The input that a witness names, or None where it names something else."""
    given = [a.strip() for a in pair.draft.args.split(",")]
    names = [re.split(r"[\s*]+", a)[-1] for a in given]
    pointers = {n for n, a in zip(names, given, strict=True) if "*" in a}
    shared = [pair.text(name) for name in pair.draft.shared]
    words, statements = [0, 0, 0, 0], []
    for text, value in values:
        parameter = re.fullmatch(r"input (\w+)", text)
        member = re.fullmatch(r"memory (\w+):\d+\[input (\w+)\]", text)
        of_file = re.fullmatch(
            r"memory global (\w+):\d+\[&(\w+)\|\|BitVec\(64\)\]", text
        )
        if parameter and parameter[1] in names and parameter[1] not in pointers:
            words[names.index(parameter[1]) % 4] = int(value) & (1 << 64) - 1
        elif (
            member and member[2] in pointers and has_member(pair, member[2], member[1])
        ):
            statements.append(f"{member[2]}->{member[1]} = {value}ULL;")
        elif of_file and of_file[1] in shared:
            statements.append(f"{of_file[1]} = {value}ULL;")
        else:
            return None
    return Row(tuple(words), 0, " ".join(statements))


def has_member(pair: Pair, pointer: str, member: str) -> bool:
    """Whether what the parameter points at has this member in both states."""
    kind = re.search(rf"(struct \w+@) \*{pointer}\b", pair.draft.args)
    if kind is None:
        return False
    texts = ["".join(pair.draft.before.values()), "".join(pair.draft.after.values())]
    lines = [re.search(rf"^{kind[1]} {{(.*)", text, re.MULTILINE) for text in texts]
    return all(line and re.search(rf"\b{member}\b", line[1]) for line in lines)


def run(*arguments: str, feed: bytes = b"") -> str:
    done = subprocess.run(arguments, input=feed, capture_output=True, timeout=600)
    if done.returncode:
        raise RuntimeError(f"{arguments[:3]}: {done.stderr.decode()[-500:]}")
    return done.stdout.decode()


def fast_import(
    git: Path, states: Iterable[tuple[str, dict[str, str]]], start: str | None
) -> None:
    """Commit each state of files on top of the one before."""
    feed, last = b"", start
    for number, (branch, message, files) in enumerate(states, 1):
        feed += f"commit refs/heads/{branch}\nmark :{number}\n".encode()
        feed += b"committer A <a@example.org> 1700000000 +0000\n"
        feed += b"data %d\n%s\n" % (len(message.encode()), message.encode())
        if last is not None:
            feed += f"from {last}\n".encode()
        for path, text in files.items():
            data = text.encode()
            feed += b"M 100644 inline %s\ndata %d\n%s\n" % (
                path.encode(),
                len(data),
                data,
            )
        last = f":{number}"
    run("git", "-C", str(git), "fast-import", "--quiet", "--force", feed=feed)


def commit(git: Path, pairs: list[Pair], each: bool = False) -> str:
    """Commit the pairs before and after; the range of the second commit.

    ``each``: one commit a pair, whose message says that nothing changes.
    """
    before: Files = {}
    for pair in pairs:
        before.update(pair.files(False))
    states = [("before", "kpf: before", before)]
    if each:
        states += [("after", PROMISE.format(p.number), p.files(True)) for p in pairs]
    else:
        after: Files = {}
        for pair in pairs:
            after.update(pair.files(True))
        states.append(("after", "kpf: after", after))
    head = run("git", "-C", str(git), "rev-parse", "HEAD").strip()
    fast_import(git, states, head)
    ends = run("git", "-C", str(git), "rev-parse", "before", "after").split()
    return "..".join(ends)


def command(
    git: Path, span: str, program: tuple[str, ...] = ("kpf-review",)
) -> list[Answer]:
    """The answers of ``kpf-review behaviour`` for a range."""
    options = ["--offline", "--format", "json", "--tree", str(git)]
    done = subprocess.run(
        [*program, "behaviour", *options, span], capture_output=True, timeout=1800
    )
    if done.returncode not in (0, 1):
        raise RuntimeError(f"rc {done.returncode}: {done.stderr.decode()[-500:]}")
    functions: list[Answer] = json.loads(done.stdout)["functions"]
    return functions


def by_the_rule(
    git: Path, span: str, program: tuple[str, ...] = ("kpf-review",)
) -> list[Answer]:
    """What no-functional-change says of each patch of a range, as answers."""
    place = git.parent / "checkout"  # ``check`` looks at a worktree's own commits
    if not place.exists():
        add = ["worktree", "add", "-q", "--no-checkout", "--detach"]
        run("git", "-C", str(git), *add, str(place))
    options = ["--offline", "--format", "json", "--select", RULE]
    done = subprocess.run(
        [*program, "check", *options, span],
        cwd=place,
        capture_output=True,
        timeout=1800,
    )
    if done.returncode not in (0, 1):
        raise RuntimeError(f"rc {done.returncode}: {done.stderr.decode()[-500:]}")
    data = json.loads(done.stdout)
    said: dict[int, set[str]] = {}
    for finding in data["findings"]:
        if finding["rule"] == RULE:
            verdict = "equal" if finding["severity"] == "info" else "differs"
            said.setdefault(finding["patch"], set()).add(verdict)
    answers = []
    for patch in data["series"]["patches"]:
        number = int(patch["subject"].rpartition(" ")[2])
        found = said.get(patch["index"], {"not decided"})
        verdict = "differs" if "differs" in found else next(iter(found))
        place = {"file": f"kernel/kpf_{number}.c", "name": f"f{number}"}
        answers.append({**place, "verdict": verdict, "outputs": [], "why": ""})
    return answers
