# SPDX-License-Identifier: GPL-2.0-or-later
"""The answers that chapters name by a recipe, because they are long: files, replies."""

from __future__ import annotations

import re

from reviewer.learn.course import Exercise
from reviewer.learn.files import patches_together
from reviewer.learn.replies import blank_reply, model_reply
from reviewer.learn.workbench import Workbench

REMARKS = {
    "ksm ok": (
        "+\tif (mapping & PAGE_MAPPING_KSM)",
        "PAGE_MAPPING_KSM is both low bits, so anon pages get here, too. Should it\n"
        "be (mapping & PAGE_MAPPING_FLAGS) == PAGE_MAPPING_KSM?",
    ),
    "ksm remedy": (
        "+\tif (mapping & PAGE_MAPPING_KSM)",
        "This is true for anon pages as well. How about\n\n"
        "  mapping & PAGE_MAPPING_KSM == PAGE_MAPPING_KSM\n\ninstead?",
    ),
    "lru ok": (
        "+\tif (PageHead(page) && (k & PG_lru))",
        "PG_lru is the number of a bit, not a mask: this tests PG_uptodate.",
    ),
    "else no": ("+\telse", "An order-0 page becomes a tail here, which it is not."),
}


def written_out(bench: Workbench, exercise: Exercise, recipe: str) -> str:
    """The whole answer that a recipe of a chapter stands for."""
    if exercise.kind == "files":
        return _files(bench, exercise, recipe)
    if exercise.kind == "reply":
        return _reply(bench, exercise, recipe)
    return recipe


def _files(bench: Workbench, exercise: Exercise, recipe: str) -> str:
    text = patches_together(bench, exercise.paths)
    number = re.match(r"\+(\d+)", recipe)[1]
    text = text.replace(
        "#define KPF_IDLE\t\t25\n",
        f"#define KPF_IDLE\t\t25\n#define KPF_WORKINGSET\t\t{number}\n",
    )
    if "+list" in recipe:
        text = text.replace(
            "    25. IDLE\n", f"    25. IDLE\n    {number}. WORKINGSET\n"
        )
    if "+text" in recipe:
        text = (
            text.rstrip("\n") + f"\n{number} - WORKINGSET\n   Refaulted not long ago.\n"
        )
    if "renumber" in recipe:
        text = text.replace("#define KPF_THP\t\t\t22", "#define KPF_THP\t\t\t23")
    return text


def _reply(bench: Workbench, exercise: Exercise, recipe: str) -> str:
    blank = blank_reply(bench, exercise)
    head, _, body = blank.partition("\n\n")
    if recipe == "model":
        return model_reply(bench, exercise)
    if recipe == "top-posted":
        return f"{head}\n\nPAGE_MAPPING_KSM is wrong here, please fix it.\n\n{body}"
    wanted = re.findall(r"@(\w+ \w+)", recipe) or ["ksm ok", "lru ok"]
    lines = body.split("\n")
    texts = dict(REMARKS[name] for name in wanted)
    kept = [lines[0]]
    for number, line in enumerate(lines):
        near = lines[number : number + 4]
        wanted_line = any(f"> {text}" in near for text in texts)
        if recipe == "untrimmed" or wanted_line or "--git" in line:
            kept.append(line)
        for text, remark in texts.items():
            if line == f"> {text}":
                kept += ["", remark, ""]
    last = max(n for n, line in enumerate(kept) if line and not line.startswith(">"))
    return f"{head}\n\n" + "\n".join(kept[: last + 1]) + "\n"
