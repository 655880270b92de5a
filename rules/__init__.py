# SPDX-License-Identifier: GPL-2.0-or-later
"""The rules, a folder each.  A rule runs if, and only if, ``index.json`` lists it."""
