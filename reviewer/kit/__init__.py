# SPDX-License-Identifier: GPL-2.0-or-later
"""What two rules or more share: expressions, truth contexts, guards, test cases.

What one rule alone uses lives in that rule's folder.
"""
