# SPDX-License-Identifier: GPL-2.0-or-later
"""Numbers that Python does not read, wherever a tree or a patch has one.

``int()`` refuses over 4,300 digits, ``08`` where the prefix decides, and ``²``, which
``str.isdigit()`` takes for a digit.
"""

from __future__ import annotations

from pathlib import Path

import growing
import pytest

import reviewer

DEMO = Path(reviewer.__file__).parent / "demo" / "series.mbox"
NUMBERS = ("9" * 5000, "08", "\u00b2", "0x" + "f" * 5000, "0b2")
IN_A_TREE = {
    "include/uapi/linux/kernel-page-flags.h": "#define KPF_ODD {}\n",
    "include/linux/page-flags.h": "#define PG_odd {}\nenum odd {{ ODD = {}, ODDER }};\n"
    "#define PGTY_odd {}\nint odd(int a) {{ return a >> {}; }}\n",
    "Documentation/admin-guide/mm/pagemap.rst": "\n {}. ODD\n\n{} - ODD\n   odd\n",
    "mm/Kconfig": "config ODD\n\tint\n\trange 1 {}\n\tdepends on A > {}\n",
    "fs/proc/page.c": "struct odd {{ int a : {}; int b[{}]; }};\n"
    "#if ODD > {}\nint odd(int a) {{ return a & {}; }}\n#endif\n",
}
COMMANDS = (
    (str(DEMO), "--preview", "--preexisting"),
    ("scan", "fs", "include", "--preview"),
    ("facts", "flags"),
    ("facts", "kpf"),
    ("facts", "fields"),
    ("behaviour", str(DEMO)),
)


@pytest.mark.parametrize("number", NUMBERS, ids=lambda n: n[:3])
def test_of_a_tree(number: str, world, here) -> None:
    for name, text in IN_A_TREE.items():
        place = world.tree / name
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("a", encoding="utf-8") as file:
            file.write(text.replace("{}", number).replace("{{", "{").replace("}}", "}"))
    for words in COMMANDS:
        status, _, said = here(*words, "--tree", str(world.tree))
        assert status in (0, 1, 3), said
        assert "internal error" not in said


@pytest.mark.parametrize("number", NUMBERS, ids=lambda n: n[:3])
def test_of_a_patch(number: str, world, here) -> None:
    kinds = ("a &= {};", "a = 1 << {};", "if (a & {} == {}) a++;", "int b[{}] = {{1}};")
    body = [k.replace("{}", number).replace("{{1}}", "{1}") for k in kinds]
    diff = growing.new_file("mm/odd.c", growing.function(body)) + growing.new_file(
        "include/uapi/linux/kernel-page-flags.h", [f"#define KPF_ODD {number}"]
    )
    data = growing.mail(diff, f"Fixes: {number}\n\npatch #{number}, a.c:{number}")
    mail = world.mail(data.replace(b"[PATCH]", f"[PATCH v{number} 1/2]".encode()))
    for command in ((), ("factcheck",), ("behaviour",)):
        words = (*command, str(mail), "--tree", str(world.tree))
        status, _, said = here(*words)
        assert status in (0, 1, 3), said
        assert "internal error" not in said
