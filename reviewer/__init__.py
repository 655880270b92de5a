# SPDX-License-Identifier: GPL-2.0-or-later
"""kpf-review: the engine of a patch-review assistant for the kernel's mailing lists.

Data flows one way: mail -> series -> change -> facts -> findings -> output.
"""

__version__ = "0.1.0"
