# SPDX-License-Identifier: GPL-2.0-or-later
"""The layers import in one direction, and a wheel holds what it must."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Container, Iterable
from pathlib import Path

import pytest

TOP = Path(__file__).parent.parent
# From the user's side to the data's.  A package imports what stands in a later row, or
# in its own; what stands beside another in one row is one layer with it.
LAYERS = """
    cli
    commands
    learn
    inbox
    b4 batch explain library
    kept_reviews config check
    profiles precedents
    output
    factcheck
    engine
    rulebook measured
    rules
    kit
    api fragment
    prover
    facts
    c
    dismissed
    tree
    followup
    mail
    patch
    git repository
    files disk_cache process_setup
    deadline doubts errors limits models patterns utf8 visible_text
"""
RANK = {name: n for n, row in enumerate(LAYERS.split("\n")) for name in row.split()}
# Where a library offers no public way, and a test of ours feels its private one.
PRIVATE_OF_LIBRARIES = {
    "_actions", "_option_string_actions",  # argparse
    "_cache_key", "_cache_read", "_clean_msgid_raw", "_user_agent",  # liblore
    "_content", "_content_consumed",  # requests
    "_to_expr_ref",  # z3
    "_exit", "_replace",  # of the standard library, and public there
}  # fmt: skip


def layer_of(module: str) -> str | None:
    parts = module.split(".")
    if parts[0] == "rules":  # reviewer/rules is a link to it
        return "rules"
    if parts[0] != "reviewer" or len(parts) < 2 or parts[1] == "__version__":
        return None
    return parts[1]


def sources() -> dict[str, Path]:
    """Every module of ours by its dotted name."""
    files = [*(TOP / "reviewer").rglob("*.py"), *(TOP / "rules").rglob("*.py")]
    return {
        ".".join(path.relative_to(TOP).with_suffix("").parts): path
        for path in sorted(files)
        if path.relative_to(TOP).parts[:2] != ("reviewer", "rules")
    }


def imports_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def test_every_package_has_its_layer() -> None:
    layers = {layer_of(name) for name in sources()} - {"__init__"}
    assert layers == set(RANK)


@pytest.mark.parametrize("layer", sorted(RANK))
def test_imports_point_one_way(layer: str) -> None:
    files = [(n, path) for n, path in sources().items() if layer_of(n) == layer]
    assert files
    for name, path in files:
        for module in imports_of(path):
            target = layer_of(module)
            if target is not None:
                assert RANK[target] >= RANK[layer], f"{name} imports {module}"


# The floors of the prover, in the same way.  The last two rows are what stands
# beside the folders: records, limits, pieces of C as trees.
PROVER = """
    callers
    judge
    structure
    ask
    interpret
    assume
    memory
    values
    changes
    names
    kept_verdicts own_process
    limits series_budget syntax term_types two_processes verdict work_done
"""
FLOOR = {name: n for n, row in enumerate(PROVER.split("\n")) for name in row.split()}
# The one circle: what runs expressions, calls and statements recurses, as C does.
RECURSES = "interpret"
LARGEST_CIRCLE = 20  # modules; it may only shrink


def imported_at_run_time(path: Path, ours: Container[str]) -> set[str]:
    """Which of our modules a module imports, signatures (TYPE_CHECKING) left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in ours:
            names = (f"{node.module}.{alias.name}" for alias in node.names)
            found |= {name if name in ours else node.module for name in names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = (f"{node.module}.{alias.name}" for alias in node.names)
            found |= {name for name in names if name in ours}
    return found


def modules_of_the_prover() -> dict[str, set[str]]:
    """Each module of a folder of the prover, with those of them that it imports."""
    inside = {
        name: path
        for name, path in sources().items()
        if name.startswith("reviewer.prover.") and path.name != "__init__.py"
    }
    return {n: imported_at_run_time(path, inside) for n, path in inside.items()}


def in_circles(modules: dict[str, set[str]]) -> set[str]:
    """The modules that import themselves, by way of others."""

    def reached(name: str) -> set[str]:
        found: set[str] = set()
        waiting = [name]
        while waiting:
            new = modules[waiting.pop()] - found
            found |= new
            waiting += new
        return found

    return {name for name in modules if name in reached(name)}


# git.py asks repository.py where it is to run, which has git say whose a folder is; a
# formula is shown as spelling.py writes it.  The list may only shrink.
CIRCLES = {"c.deciding", "c.formula", "c.spelling", "git", "repository"}


def test_nothing_beside_the_prover_recurses() -> None:
    inside = {
        name.removesuffix(".__init__"): path
        for name, path in sources().items()
        if not name.startswith("reviewer.prover.")
    }
    modules = {n: imported_at_run_time(path, inside) for n, path in inside.items()}
    found = in_circles({n: imported - {n} for n, imported in modules.items()})
    assert {name.removeprefix("reviewer.") for name in found} == CIRCLES


def floor_of(module: str) -> str:
    return module.split(".")[2]


def test_the_prover_has_floors() -> None:
    modules = modules_of_the_prover()
    assert {floor_of(name) for name in modules} == FLOOR.keys()
    for name, imported in modules.items():
        for other in imported:
            one, two = FLOOR[floor_of(name)], FLOOR[floor_of(other)]
            assert one <= two, f"{name} imports {other}"


def test_only_the_interpreter_of_the_prover_recurses() -> None:
    left = in_circles(modules_of_the_prover())
    assert {floor_of(name) for name in left} == {RECURSES}, sorted(left)
    assert len(left) <= LARGEST_CIRCLE, sorted(left)


# What is asked of the prover from outside: its eight names, and records of verdicts.
# Beside them, for now, these; the list may only shrink.
ASKED_FROM_OUTSIDE = {
    "assume.assumptions",
    "changes.judging_order",
    "changes.moved_functions",
    "judge.predicates",
}


def test_the_prover_is_asked_by_its_public_names() -> None:
    found = set()
    for name, path in sources().items():
        if not name.startswith("reviewer.prover"):
            inside = imports_of(path) & sources().keys()
            found |= {one for one in inside if one.startswith("reviewer.prover.")}
    asked = {one.removeprefix("reviewer.prover.") for one in found}
    assert asked - {"verdict"} == ASKED_FROM_OUTSIDE


def test_its_public_names_are_there_and_load_no_solver() -> None:
    code = (
        "import sys; import reviewer.prover as prover; print('z3' in sys.modules);"
        "print(*(getattr(prover, name).__name__ for name in prover.__all__))"
    )
    out = subprocess.check_output([sys.executable, "-c", code], cwd=TOP, text=True)
    names = (
        "FileQuestion FunctionVerdict ProverLimits SeriesBudget Verdict "
        "compare_files compare_functions judged_files"
    )
    assert out.split("\n")[:2] == ["False", names]


def private_names_from_elsewhere(path: Path) -> set[str]:
    """The private names that a module uses and does not define."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    used, own = set(), set()
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom():
                used.update(alias.name for alias in node.names)
            case ast.Attribute(attr=name, ctx=ast.Load()):
                used.add(name)
            case ast.Attribute(attr=name):
                own.add(name)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                own.add(name)
            case ast.Name(id=name, ctx=ast.Store()):
                own.add(name)
    private = {n for n in used if n.startswith("_") and not n.startswith("__")}
    return private - own


def test_no_private_name_crosses_modules() -> None:
    for name, path in sources().items():
        found = private_names_from_elsewhere(path) - PRIVATE_OF_LIBRARIES
        assert not found, f"{name} uses {found} of another module"


# Classes of the program that still share a name; the list may only shrink.
HOMONYMS = {"Edit", "Step"}


def classes_of(paths: Iterable[Path]) -> list[str]:
    """The public classes at the top of these files, one entry for each."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in paths]
    return [
        node.name
        for tree in trees
        for node in tree.body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]


def test_a_class_has_its_name_for_itself() -> None:
    """A rule may call its own things as another rule does, not as the program does."""
    rules = {p for name, p in sources().items() if name.startswith("rules.")}
    ours = classes_of(p for p in sources().values() if p not in rules)
    assert {name for name in ours if ours.count(name) > 1} == HOMONYMS
    assert set(classes_of(rules)) & set(ours) <= {"Left", "Slip"}


# Who reads the environment beside the command line: for git and b4, for the folders of
# XDG, and to put right what is missing.  The list may only shrink.
READS_THE_ENVIRONMENT = {
    "b4.gitconfig", "b4.starters", "cli", "files.xdg", "git", "inbox.state",
    "mail.fetch", "process_setup", "repository",
}  # fmt: skip


def test_few_modules_read_the_environment() -> None:
    found = {
        name.removeprefix("reviewer.")
        for name, path in sources().items()
        if re.search(r"\bos\.(?:environ|getenv)\b", path.read_text(encoding="utf-8"))
    }
    assert found == READS_THE_ENVIRONMENT


def test_only_the_command_line_prints_or_exits() -> None:
    for path in (TOP / "reviewer").rglob("*.py"):
        if path.name == "cli.py":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id != "print", f"{path} prints"
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                where = f"{node.value.id}.{node.attr}"
                assert where != "sys.exit", f"{path} exits"


def test_starting_up_is_lean() -> None:
    """--version loads none of the heavy modules."""
    heavy = "b4 jinja2 z3 tree_sitter email.message argparse dataclasses"
    code = (
        "import sys; from reviewer.cli import main; main(['--version']);"
        f"print([m for m in {heavy.split()!r} if m in sys.modules])"
    )
    out = subprocess.check_output([sys.executable, "-c", code], cwd=TOP, text=True)
    assert out.splitlines()[-1] == "[]"


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps"]
    subprocess.check_call([*command, "--no-build-isolation", "-w", folder, TOP])
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_one_top_level_module(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    top = {name.split("/")[0] for name in names}
    assert {name for name in top if not name.endswith((".dist-info", ".data"))} == {
        "reviewer"
    }
    assert any(name.endswith("data/share/man/man1/kpf-review.1") for name in names)
    assert "reviewer/rules/mask_vs_equality/rule.py" in names
    assert "reviewer/rules/mask_vs_equality/lesson.md" in names
    assert any(name.startswith("reviewer/templates/") for name in names)
    assert "reviewer/demo/tree/fs/proc/page.c" in names
    assert "reviewer/docs/architecture.md" in names
    assert "reviewer/skeleton/rule.py.txt" in names
    assert "reviewer/compiled_patterns.py" in names


def test_the_wheel_works_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    """Unpacked into an empty folder, with the dependencies of this environment."""
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r});"
        "import reviewer; assert 'site' in reviewer.__file__, reviewer.__file__;"
        "from reviewer.cli import main; sys.exit(main(['demo', '--format', 'mail']))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 1, done.stderr
    assert "In-Reply-To: <20240304100500.1-1-nadia@example.org>" in done.stdout


def rules_that_reach(module: str, importers: dict[str, set[str]]) -> set[str]:
    """What uses a module of the kit, be it by way of another one: rules, packages."""
    found: set[str] = set()
    waiting, seen = [module], {module}
    while waiting:
        for importer in importers.get(waiting.pop(), set()) - seen:
            seen.add(importer)
            if importer.startswith("reviewer.kit."):
                waiting.append(importer)
            else:
                parts = importer.split(".")
                found.add(".".join(parts[:2]))  # rules.NAME, reviewer.PACKAGE
    return found


def test_a_module_of_the_kit_serves_two_rules_or_more() -> None:
    """What one rule alone uses lives in that rule's folder."""
    modules = sorted((TOP / "reviewer/kit").rglob("[a-z]*.py"))
    importers: dict[str, set[str]] = {}
    rules = (TOP / "rules").rglob("*.py")  # reviewer/rules is a link to it
    for path in sorted([*(TOP / "reviewer").rglob("*.py"), *rules]):
        name = ".".join(path.relative_to(TOP).with_suffix("").parts)
        for imported in imports_of(path):
            importers.setdefault(imported, set()).add(name)
    assert modules
    for path in modules:
        name = ".".join(path.relative_to(TOP).with_suffix("").parts)
        users = rules_that_reach(name, importers)
        assert len(users) >= 2, f"{path.name} serves {users} only"


LONGEST = 450  # lines of a file
# Files that are longer still.  The list may only shrink: a file leaves it when it is
# split by what it does, and none is put on it.
STILL_LONG: list[str] = []


def is_generated(text: str) -> bool:
    return "; made by ``kpf-review" in text[:200]


def test_no_file_is_too_long_to_be_read() -> None:
    texts = {p: p.read_text(encoding="utf-8") for p in sources().values()}
    long = {
        str(path.relative_to(TOP))
        for path, text in texts.items()
        if text.count("\n") > LONGEST and not is_generated(text)
    }
    assert not long - set(STILL_LONG), "split it by what it does"
    assert not set(STILL_LONG) - long, "no longer long: take it off the list"


def test_no_module_of_the_prover_says_any() -> None:
    """mypy refuses it there, and no module is left out."""
    config = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))
    found = {
        one["module"]: one["disallow_any_explicit"]
        for one in config["tool"]["mypy"]["overrides"]
        if "disallow_any_explicit" in one
    }
    assert found == {"reviewer.prover.*": True}
