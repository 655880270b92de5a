# SPDX-License-Identifier: GPL-2.0-or-later
"""At home in b4: its check commands, its review branches, its review agent.

Formats and protocols are those of b4 0.16, read in its source and seen in its
terminal interface; nothing here imports b4 but the proof of ``setup b4 --check``.
"""
