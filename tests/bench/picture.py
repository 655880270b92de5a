#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the picture of README.md, ``.github/demo.svg``, from the demo as it is.

usage: picture.py [--write]

Prints the picture, or writes it.  rich draws what the terminal would show; the letters
stay text, so that they can be read aloud and searched, and nothing is fetched: of
rich's own page only the drawing is kept, without its fonts from the network.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from html import unescape
from pathlib import Path

TOP = Path(__file__).parent.parent.parent
PICTURE = TOP / ".github/demo.svg"
COMMAND = "kpf-review demo --select mask-vs-equality"
WIDTH = 80  # columns
PAGE = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" \
xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="kpf-title">
<!-- SPDX-License-Identifier: GPL-2.0-or-later; made by tests/bench/picture.py -->
<title id="kpf-title">A terminal: {about}</title>
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", \
monospace; font-size: {char_height}px; line-height: {line_height}px; \
font-variant-east-asian: full-width; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" \
clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def shown() -> str:
    """What the demo prints in a terminal, up to the draft, colours included."""
    start = "import sys; from reviewer.cli import main; sys.exit(main(sys.argv[1:]))"
    words = COMMAND.split()[1:]
    done = subprocess.run(
        [sys.executable, "-c", start, *words, "--color", "always"],
        cwd=TOP,
        env={**os.environ, "COLUMNS": str(WIDTH), "GIT_CONFIG_GLOBAL": os.devnull},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    return done.stdout.split("\n-- the draft reply", 1)[0].rstrip() + "\n"


def drawn(text: str) -> str:
    """The SVG of a terminal that shows the command and its output."""
    from rich.console import Console
    from rich.text import Text

    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        console = Console(width=WIDTH, record=True, file=nowhere, force_terminal=True)
        console.print(Text(f"$ {COMMAND}\n", style="bold"))
        console.print(Text.from_ansi(f"{text}\n"))
    page = PAGE.replace("{about}", f"what {COMMAND} prints")
    return console.export_svg(title="kpf-review", code_format=page, unique_id="kpf")


def text_of(svg: str) -> list[str]:
    """The words that a picture shows, line by line."""
    matrix = svg.split('-matrix">', 1)[1]
    rows: dict[float, str] = {}
    for place, text in re.findall(r'<text [^>]*\by="([\d.]+)"[^>]*>([^<]*)', matrix):
        rows[float(place)] = rows.get(float(place), "") + unescape(text)
    return [" ".join(rows[place].split()) for place in sorted(rows)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"write {PICTURE.name}")
    if parser.parse_args().write:
        PICTURE.write_text(drawn(shown()), encoding="utf-8")
    else:
        print(drawn(shown()), end="")


if __name__ == "__main__":
    main()
