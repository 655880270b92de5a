# SPDX-License-Identifier: GPL-2.0-or-later
"""Under which configuration the build compiles a C file.

Read from the makefiles of the tree, the way scripts/Makefile.build and
scripts/Makefile.lib read them: Kbuild before Makefile in a folder, ``obj-``, ``lib-``
and ``extra-`` lists, composite objects (``proc-y``, ``proc-objs``), folders up to the
top.  What cannot be read is unknown with its reason, never guessed.
"""

from __future__ import annotations

from posixpath import basename, dirname

from msgspec import Struct
from msgspec.structs import replace

from reviewer.c.conditions import FALSE, TRUE, Condition, all_of, atom
from reviewer.facts.makefile import MakefileEntry, read_makefile, variable_of
from reviewer.models import Evidence
from reviewer.patterns import regex
from reviewer.tree.view import View

_ROOTS = regex(r"(?:obj|lib|extra)-([ym])\Z")
# what the top Makefile and arch/*/Makefile name folders in, by full path
_TOP_ROOTS = regex(r"(?:init|core|drivers|net|libs|virt|head)-([ym])\Z")
_COMPOSITE = regex(r"(.+)-(y|m|objs)\Z")
_DEEPEST = 12  # lists in lists, and folders


class Gate(Struct, frozen=True):
    """The build condition of a file; without one, ``reason`` says why.

    ``condition`` is TRUE where it is not known: check ``known`` first.
    """

    condition: Condition
    reason: str | None = None
    evidence: tuple[Evidence, ...] = ()
    inside: Condition = TRUE  # when it is part of the kernel and of no module

    @property
    def known(self) -> bool:
        """Whether the makefiles could be read all the way up."""
        return self.reason is None


class _Built(Struct, frozen=True):
    """When an object or folder is built in, and when as (part of) a module."""

    inside: Condition = FALSE
    module: Condition = FALSE
    evidence: tuple[Evidence, ...] = ()

    def __or__(self, other: _Built) -> _Built:
        evidence = tuple(dict.fromkeys((*self.evidence, *other.evidence)))
        inside, module = self.inside | other.inside, self.module | other.module
        return _Built(inside, module, evidence)

    @property
    def ever(self) -> bool:
        return not (self.inside.is_false and self.module.is_false)


def build_gate(path: str, view: View) -> Gate:
    """Returns when the kernel build compiles ``path``, a .c or .S file of the tree."""
    stem, dot, suffix = path.rpartition(".")
    if suffix not in ("c", "S") or not dot:
        return Gate(TRUE, "not compiled by itself")
    if path.split("/", 1)[0] in ("tools", "scripts", "Documentation"):
        return Gate(TRUE, "not part of the kernel image")
    built = _Reader(view).object(f"{stem}.o")
    if not built.ever:
        return Gate(TRUE, f"no makefile that can be read builds {basename(stem)}.o")
    return Gate(built.inside | built.module, None, built.evidence, built.inside)


def kept_gate(path: str, view: View) -> Gate:
    """Returns what ``build_gate`` does, or did in an earlier run.

    The answer hangs on the makefiles, and not on the file itself.
    """
    from reviewer.facts.kept_proofs import edits_beside, proved_once
    from reviewer.tree.views import edits_of

    base, edits = edits_of(view)
    others = edits_beside(edits, path)
    if others is None:
        return build_gate(path, view)
    return proved_once(
        "gate", Gate, base, others, [path], lambda: build_gate(path, view)
    )


class _Reader:
    """Follows lists and folders upwards."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.pending: set[tuple[str, str]] = set()

    def object(self, target: str) -> _Built:
        """``fs/proc/page.o``, or a folder ``fs/proc/``, from any folder above it."""
        found = _Built()
        folder = dirname(target.rstrip("/"))
        while True:
            element = target[len(folder) + 1 :] if folder else target
            makefile = self.makefile(folder)
            if makefile:
                here = self.listed(makefile, element)
                if here.ever:
                    if target.endswith("/"):  # entered for what is m below it
                        here = replace(here, module=here.inside | here.module)
                    found |= self.within(folder, here)
            if not folder:
                break
            folder = dirname(folder)
        if target.endswith("/"):
            found |= self.from_top(target)
        return found

    def makefile(self, folder: str) -> str | None:
        """Kbuild if there is one, else Makefile (scripts/Makefile.build)."""
        for name in ("Kbuild", "Makefile"):
            path = f"{folder}/{name}" if folder else name
            if self.view.exists(path):
                return path
        return None

    def within(self, folder: str, built: _Built) -> _Built:
        """What is built in this folder, given when the folder is entered."""
        if not folder:
            return built
        around = self.folder(folder)
        return _Built(
            built.inside & around.inside,
            built.module & (around.inside | around.module),
            built.evidence + around.evidence,
        )

    def folder(self, folder: str) -> _Built:
        parts = folder.split("/")
        if len(parts) == 2 and parts[0] == "arch":
            return _Built(inside=atom(f"SRCARCH == {parts[1]}"))
        key = ("", folder)
        if key in self.pending or len(self.pending) > _DEEPEST:
            return _Built()
        self.pending.add(key)
        try:
            return self.object(f"{folder}/")
        finally:
            self.pending.discard(key)

    def from_top(self, target: str) -> _Built:
        """Folders that the top Makefile or an architecture's names by full path."""
        found = _Built()
        parts = target.split("/")
        makefiles = ["Makefile"]
        if parts[0] == "arch" and len(parts) > 3:
            makefiles.append(f"arch/{parts[1]}/Makefile")
        for path in makefiles:
            around = atom(f"SRCARCH == {parts[1]}") if "/" in path else TRUE
            for entry in self.entries(path):
                if entry.element == target and _TOP_ROOTS.match(entry.variable):
                    condition = _of_options(entry.condition) & around
                    found |= _Built(condition, FALSE, (_evidence(path, entry),))
        return found

    def entries(self, path: str) -> tuple[MakefileEntry, ...]:
        data = self.view.read(path)
        return read_makefile(data) if data else ()

    def listed(self, makefile: str, element: str) -> _Built:
        """When a list of this makefile brings ``element`` into the build."""
        key = (makefile, element)
        if key in self.pending or len(self.pending) > _DEEPEST:
            return _Built()
        self.pending.add(key)
        try:
            found = _Built()
            for entry in self.entries(makefile):
                if _names(entry.element, element):
                    found |= self.by_variable(makefile, entry)
            return found
        finally:
            self.pending.discard(key)

    def by_variable(self, makefile: str, entry: MakefileEntry) -> _Built:
        """When what stands in the entry's variable is built."""
        evidence = (_evidence(makefile, entry),)
        if match := _ROOTS.match(entry.variable):
            inside = entry.condition if match[1] == "y" else FALSE
            as_module = entry.condition if match[1] == "m" else FALSE
            return _Built(inside, as_module, evidence)
        used = self.listed(makefile, f"$({entry.variable})")
        if match := _COMPOSITE.match(entry.variable):
            whole = self.listed(makefile, f"{match[1]}.o")
            if match[2] == "m":  # a =m part does not go into a built-in object
                whole = _Built(FALSE, whole.module, whole.evidence)
            used |= whole
        return _Built(
            used.inside & entry.condition,
            used.module & entry.condition,
            evidence + used.evidence if used.ever else (),
        )


def _of_options(condition: Condition) -> Condition:
    """Without what the top Makefiles ask about how make was called."""
    parts = condition.parts if condition.kind == "and" else (condition,)
    return all_of(part for part in parts if not part.opaque)


def _names(listed: str, wanted: str) -> bool:
    if listed == wanted:
        return True
    variable = variable_of(listed)
    return variable is not None and wanted == f"$({variable})"


def _evidence(path: str, entry: MakefileEntry) -> Evidence:
    return Evidence(path, entry.line, " ".join(entry.text.split())[:120])
