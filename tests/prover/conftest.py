# SPDX-License-Identifier: GPL-2.0-or-later
"""The modules beside the tests: with importmode=importlib no folder is in sys.path."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
