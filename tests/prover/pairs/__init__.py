# SPDX-License-Identifier: GPL-2.0-or-later
"""Pairs of functions over everything that C hides, and what is true of them."""
