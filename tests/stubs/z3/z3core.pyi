# SPDX-License-Identifier: GPL-2.0-or-later
from typing import Any

Ast: Any

def __getattr__(name: str) -> Any: ...
