# SPDX-License-Identifier: GPL-2.0-or-later
"""How far somebody has come: one small file a user, written whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct, field

from reviewer.errors import OutputError
from reviewer.files import exchange, new_files, xdg
from reviewer.learn.course import Chapter, chapters

FILE = "learn.json"
_LARGEST = 1_000_000  # bytes; ours has a few hundred


class Progress(Struct):
    """The steps that are done, by chapter."""

    path: Path
    done: dict[str, list[str]] = field(default_factory=dict)

    def is_done(self, chapter: Chapter, step: str) -> bool:
        """Says whether a step was answered rightly."""
        return step in self.done.get(chapter.name, ())

    def finished(self, chapter: Chapter) -> bool:
        """Says whether all steps of a chapter are done."""
        return all(self.is_done(chapter, step) for step in chapter.steps)

    def mark(self, chapter: Chapter, step: str) -> None:
        """Remember a step, on disk as well.  Raises OutputError."""
        if step not in self.done.get(chapter.name, []):
            self.done.setdefault(chapter.name, []).append(step)
            self._write()

    def next_chapter(self) -> Chapter | None:
        """Returns the first chapter that is not finished."""
        return next((one for one in chapters() if not self.finished(one)), None)

    def reset(self) -> None:
        """Forgets which lessons and exercises were done. Raises OutputError."""
        self.done.clear()
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise OutputError(f"cannot remove {self.path}: {error.strerror}") from error

    def _write(self) -> None:
        """Write what is done, and what another run has written meanwhile."""
        folder = self.path.parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with exchange.one_run_at_a_time(folder):
                for name, steps in load(folder).done.items():
                    mine = self.done.setdefault(name, [])
                    mine += [step for step in steps if step not in mine]
                data = json.dumps({"schema": 1, "done": self.done}, indent=1) + "\n"
                new_files.write({self.path: data.encode()}, force=True)
        except OSError as error:
            raise OutputError(f"cannot write {self.path}: {error.strerror}") from error


def state_folder(environ: Mapping[str, str]) -> Path:
    """Returns $XDG_STATE_HOME/kpf-review, ~/.local/state/kpf-review without it."""
    return xdg.folder("STATE", environ)


def load(folder: Path) -> Progress:
    """Returns what was reached so far; a file that cannot be read counts as no
    progress."""
    progress = Progress(folder / FILE)
    known = {one.name: one.steps for one in chapters()}
    try:
        with progress.path.open("rb") as file:
            data = json.loads(file.read(_LARGEST))
        for name, steps in data["done"].items():
            if name in known:
                kept = [step for step in steps if step in known[name]]
                progress.done[name] = list(dict.fromkeys(kept))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        progress.done.clear()
    return progress
