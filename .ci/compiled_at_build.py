# SPDX-License-Identifier: GPL-2.0-or-later
"""Puts the compiled form of our regular expressions and templates into the wheel.

Python compiles a regular expression each time that a program starts, and jinja2 a
template.  That is a sixth of the time of an ordinary review, a third of one with five
remarks, and is the same each time: it is done here, for the Python and the jinja2 that
build.  Others find another number in the files and compile.
"""

from __future__ import annotations

import ast
import json
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FILTERS = ("table", "code", "listed")  # of reviewer/output/words.py


class Compiled(BuildHookInterface):  # type: ignore[type-arg]
    """The step of the build; ``[tool.hatch.build.targets.wheel.hooks.custom]``."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the files, unless the install is one that reads the sources in place."""
        if version == "editable":
            return
        self.folder = tempfile.TemporaryDirectory()
        top = Path(self.root)
        files = {"compiled_patterns.py": source(top)} | template_modules(top)
        for number, (name, text) in enumerate(files.items()):
            made = Path(self.folder.name) / str(number)
            made.write_text(text, encoding="utf-8")
            build_data["force_include"][str(made)] = f"reviewer/{name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact: str) -> None:
        """Remove what only the build needed."""
        if version != "editable":
            self.folder.cleanup()


def source(top: Path) -> str:
    """Returns the text of the module that ``reviewer.patterns`` looks into."""
    import _sre

    lines = [
        "# SPDX-License-Identifier: GPL-2.0-or-later",
        '"""Regular expressions as compiled by one Python at the build."""',
        f"MADE_BY = {(*sys.version_info[:2], sys.byteorder, _sre.MAGIC)!r}",
        "PATTERNS = {",
    ]
    found = {(type(text), text, flags): None for text, flags in patterns(top)}
    lines += [f"    {key[1:]!r}: {compiled(*key[1:])!r}," for key in found]
    return "\n".join([*lines, "}", ""])


def compiled(text: str | bytes, flags: int) -> tuple[object, ...]:
    """Returns what ``_sre.compile`` wants beside the text; the code as bytes."""
    import re._compiler as compiler  # type: ignore[import-not-found]
    import re._parser as parser  # type: ignore[import-not-found]
    from array import array

    parsed = parser.parse(text, flags)
    code = array("I", compiler._code(parsed, flags)).tobytes()
    names = parsed.state.groupdict
    by_number: list[str | None] = [None] * parsed.state.groups
    for name, number in names.items():
        by_number[number] = name
    all_flags = flags | parsed.state.flags
    return all_flags, code, parsed.state.groups - 1, names, tuple(by_number)


def template_modules(top: Path) -> dict[str, str]:
    """Returns the modules that ``reviewer.output.words`` loads, by their paths."""
    import jinja2
    from jinja2.sandbox import SandboxedEnvironment

    environment = SandboxedEnvironment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= dict.fromkeys(FILTERS, _of_the_run)
    licence = "# SPDX-License-Identifier: GPL-2.0-or-later\n"
    head = f'{licence}"""Templates compiled by one jinja2, at the build."""\n'
    folder = "compiled_templates"
    made = {f"{folder}/__init__.py": f"{head}MADE_BY = {jinja2.__version__!r}\n"}
    for path in sorted((top / "templates/findings").glob("*.j2")):
        text = path.read_text(encoding="utf-8")
        code = environment.compile(
            text, path.name, path.name, raw=True, defer_init=True
        )
        made[f"{folder}/{path.stem.replace('-', '_')}.py"] = licence + code
    return made


def _of_the_run(*_given: object) -> str:
    """Stands for a filter that only the program has."""
    raise LookupError("a filter is not for the build")


def patterns(top: Path) -> Iterator[tuple[str | bytes, int]]:
    """Yields the (text, flags) of our modules, and of what rules declare."""
    for folder in ("reviewer", "rules"):
        for path in sorted((top / folder).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            if "regex(" in text:
                yield from _of_module(ast.parse(text))
    for rule in json.loads((top / "rules/index.json").read_text()).values():
        for one in (*rule.get("needs", ()), *rule.get("shapes", ())):
            yield one.encode("utf-8", "surrogateescape"), 0
        if "trigger" in rule:
            yield rule["trigger"].encode("utf-8", "surrogateescape"), 0


def _of_module(module: ast.Module) -> Iterator[tuple[str | bytes, int]]:
    """Those whose text can be told from the constants of the module alone."""
    names: dict[str, object] = {}
    for statement in module.body:
        for node in ast.walk(statement):
            yield from _of_call(node, names)
        if isinstance(statement, ast.Assign) and isinstance(
            statement.targets[0], ast.Name
        ):
            names[statement.targets[0].id] = _value(statement.value, names)


def _of_call(
    node: ast.AST, names: dict[str, object]
) -> Iterator[tuple[str | bytes, int]]:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return
    if node.func.id == "regex" and node.args:
        text, *flags = (_value(one, names) for one in node.args)
        flag = flags[0] if flags else 0
        if isinstance(text, (str, bytes)) and isinstance(flag, int):
            yield text, int(flag)


def _value(node: ast.expr, names: dict[str, object]) -> object:
    """What a constant expression is; None for one that is not constant."""
    try:
        code = compile(ast.Expression(node), "", "eval")
        return eval(code, {"__builtins__": {}, "re": re}, dict(names))
    except Exception:  # noqa: BLE001 - whatever it is, it is compiled at run time
        return None
