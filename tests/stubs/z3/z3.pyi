# SPDX-License-Identifier: GPL-2.0-or-later
from typing import Any

Z3_DEBUG: bool

def _to_expr_ref(made: Any, context: Any) -> Any: ...
