# SPDX-License-Identifier: GPL-2.0-or-later
# ruff: noqa: E501
"""Edit real functions by rule and see what the prover says of each edit.

    python tests/bench/behaviour_campaign.py TREE [--under mm fs/proc] [--functions N]
        [--each N] [--seed N] [--log FILE] [--kernel BUILD] [--mode concurrent]

An edit that keeps the behaviour must never be refuted; one that may change it must
never be proved equal, unless gcc makes the same code of both (``--kernel``: a folder
where this tree was configured and prepared with ``make O=BUILD``).  What is wrong, or
for a person to read, goes to the log, one JSON object a line.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from behaviour_edits import CHANGING, KEEPING, Editor, applied

from reviewer.c.source import parse
from reviewer.errors import KpfError
from reviewer.facts import Facts
from reviewer.prover.judge.compare import compare_functions
from reviewer.prover.limits import Limits
from reviewer.tree import open_tree


def chosen(
    view: Any, folders: list[str], many: int, longest: int, rng: random.Random
) -> Any:
    """(path, bytes, names of functions) of a random choice of functions."""
    files = [
        p for folder in folders for p in view.files(folder) if p.endswith((".c", ".h"))
    ]
    rng.shuffle(files)
    left = many
    for path in files:
        data = view.read(path) or b""
        if left <= 0:
            return
        if len(data) > 200_000:
            continue
        try:
            functions = parse(path, data).functions
        except KpfError:
            continue
        names = [
            f.name for f in functions
            if not f.broken and f.body is not None and 4 <= f.last_line - f.first_line <= longest
        ]  # fmt: skip
        names = [n for n in names if names.count(n) == 1]
        rng.shuffle(names)
        names = names[: max(1, min(left, 4))]
        left -= len(names)
        yield path, data, names


class Compiler:
    """gcc as the kernel's build calls it: the assembly of one function."""

    def __init__(self, tree: Path, build: Path) -> None:
        self.tree, self.build = tree, build
        self.command: list[str] = []

    def flags(self) -> list[str]:
        if not self.command:
            saved = next(self.build.glob("**/.bounds.s.cmd"))
            line = saved.read_text().split(":=", 1)[1].split("\n", 1)[0]
            words = re.findall(
                r"(?:[^\s\"']|\"[^\"]*\"|'[^']*')+", line.split("gcc", 1)[1]
            )
            keep = [
                w.replace('"', "").replace("'", "").replace("\\", "") for w in words
            ]
            drop = {"-S", "-o", "-c"}
            self.command = [w for w in keep if w not in drop and not w.endswith((".s", ".c"))
                            and not w.startswith(("-Wp,-MMD", "-DKBUILD", "-D__GENERATING", "-Werror"))]  # fmt: skip
        return self.command

    def assembly(self, path: str, data: bytes, name: str) -> str | None:
        """The code of the file, without what tells lines and names apart."""
        with tempfile.TemporaryDirectory() as folder:
            source = self.tree / path
            copy = Path(folder) / source.name
            copy.write_bytes(data)
            out = Path(folder) / "out.s"
            stem = source.stem.replace("-", "_")
            defines = [f'-DKBUILD_MODFILE="{stem}"', f'-DKBUILD_BASENAME="{stem}"', f'-DKBUILD_MODNAME="{stem}"',
                       f"-D__KBUILD_MODNAME=kmod_{stem}"]  # fmt: skip
            done = subprocess.run(
                ["gcc", *self.flags(), *defines, f"-I{source.parent}", "-w", "-fno-inline-functions-called-once",
                 "-g0", "-S", "-o", str(out), str(copy)],
                cwd=self.build, capture_output=True, timeout=120,
            )  # fmt: skip
            if done.returncode:
                return None
            text = re.sub(
                r"\t\.(?:file|loc|ident)[^\n]*\n|#[^\n]*", "", out.read_text()
            )
            numbers: dict[str, str] = {}
            text = re.sub(
                r"\.L\w+", lambda m: numbers.setdefault(m[0], f".L{len(numbers)}"), text
            )
            part = re.search(
                rf"^{name}:\n.*?^\t\.size\t{name},", text, re.MULTILINE | re.DOTALL
            )
            return part[0] if part else None


def same_code(
    compiler: Compiler | None, path: str, one: bytes, two: bytes, name: str
) -> str:
    """What gcc says: same, other, or that it cannot tell."""
    if compiler is None or not path.endswith(".c"):
        return "not asked"
    try:
        first, second = (compiler.assembly(path, data, name) for data in (one, two))
    except subprocess.TimeoutExpired:
        return "too slow"
    if first is None or second is None:
        return "does not compile" if first is not None else "not compiled alone"
    return "same" if first == second else "other"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tree", type=Path)
    parser.add_argument(
        "--under", nargs="*", default=["fs/proc", "mm", "include/linux", "lib"]
    )
    parser.add_argument("--functions", type=int, default=100)
    parser.add_argument("--longest", type=int, default=60)
    parser.add_argument(
        "--each", type=int, default=1, help="edits of each kind and function"
    )
    parser.add_argument("--most", type=int, default=8, help="edits of a function")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--mode", default="quiescent")
    parser.add_argument("--only", choices=["keeping", "changing"])
    parser.add_argument("--log", type=Path, default=Path("campaign.jsonl"))
    parser.add_argument("--kernel", type=Path)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    view = open_tree(options.tree).view(None)
    facts = Facts(view)
    compiler = (
        Compiler(options.tree.resolve(), options.kernel.resolve())
        if options.kernel
        else None
    )
    table: dict[str, Counter[str]] = {}
    reasons: Counter[str] = Counter()
    log = options.log.open("w")
    for path, data, names in chosen(
        view, options.under, options.functions, options.longest, rng
    ):
        source = parse(path, data)
        for name in names:
            function = next(f for f in source.functions if f.name == name)
            editor = Editor(source, function)
            work = []
            for keeping, makers in ((True, KEEPING), (False, CHANGING)):
                if options.only == ("changing" if keeping else "keeping"):
                    continue
                here = []
                for maker in makers:
                    edits = list(maker(editor))
                    rng.shuffle(edits)
                    here += [(keeping, *edit) for edit in edits[: options.each]]
                rng.shuffle(here)
                work += here[: options.most]
            for keeping, kind, changes in work:
                edited = applied(data, changes)
                post = parse(path, edited)
                if any(f.name == name and f.broken for f in post.functions):
                    continue
                started = time.process_time()
                found = compare_functions(
                    source,
                    post,
                    facts,
                    facts,
                    name,
                    mode=options.mode,
                    limits=Limits(seconds=options.seconds),
                )[0]
                verdict = str(found.verdict)
                label = ("+ " if keeping else "- ") + kind
                row = {"path": path, "name": name, "kind": label, "verdict": verdict, "why": found.why,
                       "seconds": round(time.process_time() - started, 2),
                       "edits": [(editor.source.data[s:e].decode("utf-8", "replace")[:300], t[:300]) for s, e, t in changes]}  # fmt: skip
                if found.differing:
                    output = found.differing[0]
                    row["witness"] = (
                        f"{output.output}: {output.before} -> {output.after} when {output.witness}"
                    )
                doubt = verdict == ("differs" if keeping else "equal")
                if doubt or (verdict == "differs" and compiler is not None):
                    row["gcc"] = same_code(compiler, path, data, edited, name)
                if doubt and row.get("gcc") != "does not compile":
                    good = not keeping and row.get("gcc") == "same"
                    print(
                        "equal to gcc, too" if good else "LOOK",
                        json.dumps(row),
                        flush=True,
                    )
                if verdict == "differs" and row.get("gcc") == "same":
                    print("WITNESS?", json.dumps(row), flush=True)
                if row.get("gcc") == "does not compile":
                    verdict = "no C"
                table.setdefault(label, Counter())[verdict] += 1
                if verdict == "not decided":
                    reasons[
                        label[0] + " " + re.sub(r"[\w()]*\d\w*", "N", found.why)[:70]
                    ] += 1
                log.write(json.dumps(row) + "\n")
                log.flush()
    total: dict[str, Counter[str]] = {"+": Counter(), "-": Counter()}
    for label, counts in sorted(table.items()):
        total[label[0]] += counts
        print(
            f"{label:40}",
            *(
                f"{counts[v]:4} {v}"
                for v in ("equal", "differs", "not decided", "no C")
                if counts[v]
            ),
        )
    for sign, counts in total.items():
        print(f"{sign} in all: {dict(counts)}")
    for why, times in reasons.most_common(30):
        print(f"{times:5} {why}")


if __name__ == "__main__":
    main()
