# SPDX-License-Identifier: GPL-2.0-or-later
"""Many mails of tests/mail/shapes.py: where do we and git differ?

    python tests/bench/mail_shapes.py FIRST LAST [-v]

Prints a table by what is odd about the mail, each disagreement with -v; ends with 1
if there is one.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "mail"))
import shape_git
import shapes


def main() -> int:
    """Run it; see the module's text."""
    first, last = int(sys.argv[1]), int(sys.argv[2])
    verbose = "-v" in sys.argv
    total: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    mails = 0
    with tempfile.TemporaryDirectory(prefix="kpf-bench-") as folder:
        for seed in range(first, last):
            raw, twists = shapes.make(seed)
            found = shape_git.disagreements(raw, Path(folder))
            total.update(set(twists))
            if not found:
                continue
            mails += 1
            wrong.update(set(twists))
            if verbose:
                print(f"{seed} {' '.join(twists)}")
                for field, (git, ours) in found.items():
                    print(f"    {field}: git {git!r:.300}")
                    print(f"    {' ' * len(field)} us  {ours!r:.300}")
    for twist, count in sorted(total.items()):
        print(f"{twist:22}{count - wrong[twist]:7} of {count:6}")
    print(f"{'all':22}{last - first - mails:7} of {last - first:6}")
    return 1 if mails else 0


if __name__ == "__main__":
    sys.exit(main())
