# SPDX-License-Identifier: GPL-2.0-or-later
"""Error exits that leave what another path of the function releases.

``flow`` has the steps of a function, ``acquired`` what it acquires, ``held`` how far
that is held, ``left_behind`` the exits that leave it; ``others``, ``by_definition``
and ``undone_by_remove`` ask the code around.
"""
