# SPDX-License-Identifier: GPL-2.0-or-later
"""What became of the comments on one version of a series in the next one."""
