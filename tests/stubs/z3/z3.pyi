# SPDX-License-Identifier: GPL-2.0-or-later
from typing import Any

from z3 import Context

Z3_DEBUG: bool
_main_ctx: Context | None

def _to_expr_ref(made: Any, context: Any) -> Any: ...
