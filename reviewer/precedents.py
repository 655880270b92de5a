# SPDX-License-Identifier: GPL-2.0-or-later
"""What a part of the tree does by itself, as a profile that can be pasted.

Nothing is known of a subsystem here: how often a thing is done is counted in the tree
at hand, and the figures stand beside what follows from them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from reviewer.c.text import comments
from reviewer.errors import UsageError
from reviewer.patterns import regex
from reviewer.tree.view import View

MANY, FEW = 0.6, 0.05  # of what could be done in a way is done so
ENOUGH = 20  # times, for anything to follow from a share
MOST_FILES = 3000  # that are read to count
LARGEST = 2 << 20  # bytes of one of them
_CODE = (".c",)
_TOP = ("drivers", "fs", "net", "sound", "mm", "kernel", "block", "crypto", "arch")
_DECLARATION = rb"\t(?:[a-z]+ )?\w+[ *]+\w[^;{}()\n]*;\n"
_DECLARATIONS = regex(rb"\n\{\n((?:" + _DECLARATION + rb"){2,12})\n")
_EXPORTED = regex(rb"\n\*?EXPORT_SYMBOL(?:_GPL|_NS|_NS_GPL)?\((\w+)")
_KERNEL_DOC = regex(rb".\*\*\n \* (\w+)\(?\)? ?[-:]")  # of a comment, its beginning
_FILE_ENTRY = regex(r"^([A-Z]):\t+(.+)$", re.M)


class Share(Struct, frozen=True):
    """How often something is done, of the times that it could be."""

    done: int
    of: int
    what: str  # as a sentence has it, with both numbers before it

    @property
    def part(self) -> float:
        """Returns the share as a number, 0 where nothing was counted."""
        return self.done / self.of if self.of else 0.0

    def __str__(self) -> str:
        return f"{self.done} of {self.of} {self.what}"


def _documented(data: bytes) -> Iterator[bytes]:
    """The functions of a file that have a kernel-doc comment."""
    for comment in comments(data):
        match = _KERNEL_DOC.match(comment)
        if match is not None:
            yield match[1]


def folder_of(view: View, name: str) -> str:
    """Returns the folder that a path or a last part of one names: iio, drivers/iio.

    Of several the one with the most C files.  Raises UsageError where there is none.
    """
    name = name.strip("/")
    if name and any(path.startswith(f"{name}/") for path in view.files(name)):
        return name
    sizes: dict[str, int] = {}
    ending = f"/{name}/"
    for top in _TOP:
        for path in view.files(top):
            at = path.find(ending)
            if name and at > 0 and path.endswith(_CODE):
                folder = path[: at + len(ending) - 1]
                sizes[folder] = sizes.get(folder, 0) + 1
    if not sizes:
        raise UsageError(f"{name or '/'}: no folder with C files in this tree")
    return max(sizes, key=lambda folder: (sizes[folder], folder))


def example(view: View, folder: str, kernel: str) -> str:
    """Returns a section of git config for a folder, each line with why it is there."""
    files = [path for path in view.files(folder) if path.endswith(_CODE)]
    texts = [data for path in files[:MOST_FILES] if (data := _text(view, path))]
    lines = [
        f"# What {folder} does in Linux {kernel}, {len(texts)} files counted.",
        "# Put what you want of it into your own git configuration.",
        f'[kpf "{folder}/"]',
    ]
    for rule, share, wanted in _shares(texts):
        lines += [f"\t# {share}", f"\t{_setting(rule, share, wanted)}"]
    lines += [f"\t# {_ordered(texts)}", "\t# (no rule of ours looks at that)"]
    guide = _guide(view, folder)
    if guide:
        lines += [
            "\t# MAINTAINERS names a guide for submissions",
            f"\tsay = submission-changelog: {guide} says what is wanted here.",
        ]
    return "".join(f"{line}\n" for line in lines)


def _text(view: View, path: str) -> bytes | None:
    data = view.read(path)
    return data if data is not None and len(data) <= LARGEST else None


def _setting(rule: str, share: Share, wanted: str) -> str:
    """What follows from a share for a rule."""
    if share.of < ENOUGH:
        return f"# severity = {rule}={wanted}  (too few to tell)"
    if share.part >= MANY:
        return f"severity = {rule}={wanted}"
    if share.part <= FEW:
        return f"ignore = {rule}"
    return f"# severity = {rule}={wanted}  (neither usual nor unusual here)"


def _shares(texts: Sequence[bytes]) -> Iterator[tuple[str, Share, str]]:
    """Rule, what was counted for it, and how a remark counts where that is usual."""
    probe, plain = _calls(texts, b"dev_err_probe("), _calls(texts, b"dev_err(")
    told = "messages about errors go through dev_err_probe()"
    yield "dev-err-probe", Share(probe, probe + plain, told), "medium"
    probing = [data for data in texts if b"_probe(" in data]
    managed = sum(b"devm_" in data for data in probing)
    told = "files with a probe function let devm release what they take"
    yield "devm-mixed-release", Share(managed, len(probing), told), "medium"
    names = [{*_EXPORTED.findall(b"\n" + data)} for data in texts]
    docs = [{*_documented(data)} for data in texts]
    exported = sum(map(len, names))
    documented = sum(len(n & d) for n, d in zip(names, docs, strict=True))
    told = "exported functions have a kernel-doc comment"
    yield "kernel-doc-mismatch", Share(documented, exported, told), "medium"


def _calls(texts: Sequence[bytes], call: bytes) -> int:
    return sum(data.count(call) for data in texts)


def _ordered(texts: Sequence[bytes]) -> Share:
    """Functions whose local variables stand from the longest line to the shortest."""
    done = of = 0
    for data in texts:
        for match in _DECLARATIONS.finditer(data):
            lengths = [len(line.expandtabs(8)) for line in match[1].splitlines()]
            of += 1
            done += lengths == sorted(lengths, reverse=True)
    told = "functions declare the longest local variable first"
    return Share(done, of, told)


def _guide(view: View, folder: str) -> str:
    """The guide for submissions (P:) of the entry in MAINTAINERS for a folder."""
    data = view.read("MAINTAINERS") or b""
    for entry in data.decode("utf-8", "replace").split("\n\n"):
        fields = _FILE_ENTRY.findall(entry)
        if ("F", f"{folder}/") in fields:
            found = [value.strip() for key, value in fields if key == "P"]
            return next((one for one in found if one.startswith("Documentation/")), "")
    return ""
